"""Writes `neurarium/__init__.pyi` when the package is built, so that editors know what the front door gives.

The names are read from the network files without importing them: building needs neither torch nor scikit-learn.
"""

import ast
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FUNCTIONS = {
    "neurarium.catalogue": ("cards", "estimators", "load"),
    "neurarium.program.export": ("export",),
    "neurarium.views.laboratory": ("lab", "labs"),
    "neurarium.views.looking": ("look", "looks"),
}


def estimators(file: Path) -> list[str]:
    """The estimators on the card of a network file."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "CARD":
            call = node.value
            if isinstance(call, ast.Call):
                fields = {field.arg: field.value for field in call.keywords}
                kinds = fields["estimators"]
                if isinstance(kinds, ast.Tuple):
                    return [kind.id for kind in kinds.elts if isinstance(kind, ast.Name)]
    return []


def stub(package: Path) -> str:
    """The text of the stub."""
    lines = ["# Written by hatch_build.py when the package is built.", ""]
    lines += [f"from {room} import {name} as {name}" for room, names in FUNCTIONS.items() for name in names]
    for file in sorted((package / "networks").glob("[!_]*.py")):
        lines += [f"from neurarium.networks.{file.stem} import {kind} as {kind}" for kind in estimators(file)]
    return "\n".join([*lines, "", "__version__: str", ""])


class StubHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling before it packs the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the stub beside the package's front door."""
        package = Path(self.root) / "src" / "neurarium"
        (package / "__init__.pyi").write_text(stub(package), encoding="utf-8")
