"""Scenes as files: a page that keeps computing, a picture, or the scene itself, as the name ends."""

import io
import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from neurarium.page.scene import Scene
from neurarium.page.words import Language
from neurarium.program.files import write_whole

_DPI = 200


def save(scenes: Sequence[Scene], path: str | os.PathLike[str], language: Language = "en") -> None:
    """Write scenes to a file, whole or not at all; the same scenes give the same bytes.

    Args:
        scenes: At least one; a .svg or .png holds a single one, the others any number.
        path: Ends in .html (keeps computing), .svg, .png, .pdf (pictures) or .json (form and numbers).
        language: Of a picture's texts, "en" or "es"; the others hold both.

    Raises:
        ValueError: The path ends in something else, or a picture is asked to hold several scenes.
        ImportError: A picture is asked for, and matplotlib is not installed.
        OSError: The file cannot be written; an older one stays as it was.
    """
    check_ending(path)
    ending = Path(path).suffix.lower()
    if not scenes or (ending in (".svg", ".png") and len(scenes) > 1):
        raise ValueError(
            f"{Path(path).name} holds one scene; got {len(scenes)}"
            + (f" ({', '.join(scene.look for scene in scenes)}). A .pdf has a page for each." if scenes else ".")
        )
    write_whole(path, _PRINTERS[ending](scenes, language))


def check_ending(path: str | os.PathLike[str]) -> None:
    """Raise a ValueError if no scene can be written to a file of this name."""
    if Path(path).suffix.lower() not in _PRINTERS:
        *most, last = _PRINTERS
        raise ValueError(f"a scene is written as {', '.join(most)} or {last}; got {Path(path).name!r}.")


def _html(scenes: Sequence[Scene], language: Language) -> bytes:
    from neurarium.page.html import document

    return document(scenes).encode()


def _json(scenes: Sequence[Scene], language: Language) -> bytes:
    content = [_strict(scene.to_json()) for scene in scenes]
    text = json.dumps(content[0] if len(content) == 1 else content, allow_nan=False, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _strict(value: Any) -> Any:
    """JSON has no numbers that are not finite: they are written as in programs, {"number": "nan"}."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    if isinstance(value, dict):
        return {name: _strict(each) for name, each in value.items()}
    return [_strict(each) for each in value] if isinstance(value, list) else value


def _svg(scenes: Sequence[Scene], language: Language) -> bytes:
    return _picture(scenes[0], "svg", language, Date=None)


def _png(scenes: Sequence[Scene], language: Language) -> bytes:
    return _picture(scenes[0], "png", language)


def _picture(scene: Scene, kind: str, language: Language, **about: None) -> bytes:
    from neurarium.page.paper import figure, settings

    block = io.BytesIO()
    drawn = figure(scene, language=language)
    with settings():
        drawn.savefig(block, format=kind, dpi=_DPI, metadata={"Title": scene.fill(scene.title, language), **about})
    return block.getvalue()


def _pdf(scenes: Sequence[Scene], language: Language) -> bytes:
    from neurarium.page.paper import figure, settings  # before matplotlib, whose absence it explains

    from matplotlib.backends.backend_pdf import PdfPages  # isort: skip

    block = io.BytesIO()
    title = scenes[0].fill(scenes[0].title, language)
    drawn = [figure(scene, language=language) for scene in scenes]
    with settings(), PdfPages(block, metadata={"Title": title, "CreationDate": None}) as pages:
        for each in drawn:
            pages.savefig(each)
    return block.getvalue()


_PRINTERS: dict[str, Callable[[Sequence[Scene], Language], bytes]] = {
    ".html": _html,
    ".svg": _svg,
    ".png": _png,
    ".pdf": _pdf,
    ".json": _json,
}
