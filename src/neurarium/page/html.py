"""Scenes as one HTML file that keeps computing: no server, no request, nothing that is not in the file."""

import base64
import dataclasses
import hashlib
import html
import json
import zlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from neurarium.page.scene import VERSION, Scene, as_json
from neurarium.page.words import Text
from neurarium.program.operations import Input, Program, Value
from neurarium.program.page_json import packed, page_json

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
        title: Of the page; None for the first look's.
    """
    title = title or scenes[0].title
    content = json.dumps(
        {"neurarium": VERSION, "title": as_json(title), "looks": [_look(scene) for scene in scenes]},
        allow_nan=False,
        separators=(",", ":"),
    )
    script, style = _static("page.js"), _static("page.css")
    policy = (
        f"default-src 'none'; script-src '{_hash(_UNPACK)}' '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{html.escape(title.filled("en", scenes[0].values, scenes[0].lists))}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="neurarium">{_harmless(content)}</script>
<script type="text/plain" id="script">{_deflated(script)}</script>
<script>{_UNPACK}</script>
</body>
</html>
"""


def frame(scenes: Sequence[Scene]) -> str:
    """A page inside a cell of a notebook."""
    source = html.escape(document(scenes), quote=True)
    return (
        f'<iframe srcdoc="{source}" sandbox="allow-scripts allow-downloads" title="neurarium" width="100%" '
        f'height="{_HEIGHT}" style="border: 0"></iframe>'
    )


def _look(scene: Scene) -> dict[str, Any]:
    """A scene as the page reads it: its form, its constants, and the program that computes the rest."""
    constants = {name: scene.values[name] for name in scene.constants}
    program = scene.program()
    printed = None if program is None else page_json(_called(program, scene.arguments))
    return {"scene": scene.form(), **packed(constants), "program": printed}


def _called(program: Program, names: Sequence[str]) -> Program:
    """A program with inputs under the names of the scene, which no language keeps for itself here."""
    called = {value.name: name for value, name in zip(program.inputs, names, strict=True)}

    def renamed(given: Input) -> Input:
        known = isinstance(given, Value) and given.name in called
        return dataclasses.replace(given, name=called[given.name]) if known else given  # type: ignore[union-attr,type-var]

    steps = tuple(dataclasses.replace(step, inputs=tuple(map(renamed, step.inputs))) for step in program.steps)
    inputs, outputs = tuple(map(renamed, program.inputs)), {k: renamed(v) for k, v in program.outputs.items()}
    return dataclasses.replace(program, inputs=inputs, steps=steps, outputs=outputs)  # type: ignore[arg-type]


@cache
def _deflated(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _harmless(content: str) -> str:
    """JSON that a browser cannot take for the end of its element."""
    return content.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def _static(name: str) -> str:
    """A file of the page's runtime, which frontend/ builds."""
    return resources.files("neurarium.page").joinpath("static", name).read_text(encoding="utf-8")
