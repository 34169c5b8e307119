"""Scenes as one HTML file that keeps computing: no server, no request, nothing that is not in the file."""

import base64
import dataclasses
import hashlib
import html
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, get_args

from numpy.typing import NDArray

from neurarium.page.scene import VERSION, Scene, as_json
from neurarium.page.words import Language, Text
from neurarium.program.operations import Input, Program, Value
from neurarium.program.page_json import Block, packed, page_json

_HEIGHT = 720
_UNPACK = (
    "window.neurarium={ready:(async()=>{"
    'const packed=Uint8Array.from(atob(document.getElementById("script").textContent),letter=>letter.charCodeAt(0));'
    'const script=document.createElement("script");'
    "script.textContent=await new Response("
    'new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).text();'
    "document.head.append(script);return window.neurarium.ready})()}"
)
"""Runs the script, which puts another `neurarium` in the place of this one."""


def document(scenes: Sequence[Scene], title: Text | None = None) -> str:
    """A page with looks.

    Its own Content-Security-Policy lets it run the script and the style that it holds, and reach nothing else. The
    script comes deflated, to a third, and a line of script that unpacks it: the policy knows both by their hashes.

    Args:
        scenes: The looks, in the order of their tabs.
        title: Of the page; None for the first look's, as it is at the start.
    """
    first = scenes[0]
    called = {language: first.fill(title or first.title, language) for language in get_args(Language)}
    content = compact({"neurarium": VERSION, "title": called, "looks": [Part.of(scene).look() for scene in scenes]})
    script, style = static("page.js"), static("page.css")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy([_UNPACK, script], [style])}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{html.escape(called["en"])}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="neurarium">{_harmless(content)}</script>
<script type="text/plain" id="script">{page_script()}</script>
<script>{_UNPACK}</script>
</body>
</html>
"""


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """A Content-Security-Policy that lets a page run these scripts and styles, and reach nothing else."""
    allowed, dressed = (" ".join(f"'{_hash(each)}'" for each in texts) for texts in (scripts, styles))
    return (
        f"default-src 'none'; script-src {allowed}; style-src {dressed}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


@dataclass(frozen=True)
class Part:
    """A look before its numbers are packed: what processes hand each other.

    Attributes:
        form: Of the scene.
        constants: Of the scene.
        program: With inputs under the scene's names; None where nothing is computed.
    """

    form: dict[str, Any]
    constants: Mapping[str, NDArray[Any]]
    program: Program | None

    @classmethod
    def of(cls, scene: Scene) -> "Part":
        """A scene and the program that computes what changes in it."""
        program = scene.program()
        called = None if program is None else _called(program, scene.arguments)
        return cls(scene.form(), {name: scene.values[name] for name in scene.constants}, called)

    def look(self, block: Block | None = None) -> dict[str, Any]:
        """The look as the page reads it; with a block its numbers are put there."""
        printed = None if self.program is None else page_json(self.program, block=block)
        return {"scene": self.form, **packed(self.constants, block), "program": printed}


def together(chosen: Sequence[Part], title: Text) -> str:
    """Looks as a page inside another one opens them, deflated, in base64; what they have in common is in it once.

    Args:
        chosen: The looks, in the order of their tabs.
        title: Of all of them.
    """
    block = Block()
    looks = [each.look(block) for each in chosen]
    return deflated(compact({"neurarium": VERSION, "title": as_json(title), "looks": looks, "blob": block.text()}))


def frame(scenes: Sequence[Scene]) -> str:
    """A page inside a cell of a notebook."""
    source = html.escape(document(scenes), quote=True)
    return (
        f'<iframe srcdoc="{source}" sandbox="allow-scripts allow-downloads" title="neurarium" width="100%" '
        f'height="{_HEIGHT}" style="border: 0"></iframe>'
    )


def _called(program: Program, names: Sequence[str]) -> Program:
    """A program with inputs under the names of the scene, which no language keeps for itself here."""
    called = {value.name: name for value, name in zip(program.inputs, names, strict=True)}

    def renamed(given: Input) -> Input:
        known = isinstance(given, Value) and given.name in called
        return dataclasses.replace(given, name=called[given.name]) if known else given  # type: ignore[union-attr,type-var]

    steps = tuple(dataclasses.replace(step, inputs=tuple(map(renamed, step.inputs))) for step in program.steps)
    inputs, outputs = tuple(map(renamed, program.inputs)), {k: renamed(v) for k, v in program.outputs.items()}
    return dataclasses.replace(program, inputs=inputs, steps=steps, outputs=outputs)  # type: ignore[arg-type]


def compact(value: Any) -> str:
    """JSON without a space too much."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def deflated(text: str) -> str:
    """A text in a third of its letters, and of letters that are harmless anywhere."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


@cache
def page_script() -> str:
    """The page's script, deflated."""
    return deflated(static("page.js"))


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _harmless(content: str) -> str:
    """JSON that a browser cannot take for the end of its element."""
    return content.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def static(name: str) -> str:
    """A file of the page's runtime, which frontend/ builds."""
    return resources.files("neurarium.page").joinpath("static", name).read_text(encoding="utf-8")
