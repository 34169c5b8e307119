"""What the tests of the printers share: printing parts, running what was printed."""

import io
import runpy
import shutil
import subprocess
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from found import NAMES
from neurarium.catalogue import cards
from neurarium.core.stages import Staged
from neurarium.program.export import Part, prepare, write

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc on this machine")
_FIRST = {card.estimators[0].__name__ for card in cards().values()}
EACH = [pytest.param(name, marks=() if name in _FIRST else pytest.mark.slow) for name in NAMES]
"""The first estimator of each card, and the others of the same network, which are slow only for being many."""
STRICT = ["gcc", "-Wall", "-Wextra", "-Werror", "-std=c99", "-DNET_CHECK"]


def part(module: nn.Module, *inputs: torch.Tensor) -> Part:
    return Part(module.eval(), inputs, Staged(module))


def printed(path: Path, module: nn.Module, *inputs: torch.Tensor, **more: Any) -> Path:
    write(path, prepare({"forward": part(module, *inputs)}, title="Test", **more))
    return path


def loaded(path: Path) -> dict[str, Any]:
    """A printed NumPy file as a module that is not run as a script."""
    return runpy.run_path(str(path))


def built_and_run(path: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Build a printed C file with its check, without a warning, and run it."""
    program = path.with_suffix(".run")
    subprocess.run([*STRICT, *flags, str(path), "-lm", "-o", str(program)], check=True, capture_output=True, text=True)
    return subprocess.run([str(program)], capture_output=True, text=True)


def checked(path: Path) -> str:
    """What the check of a printed NumPy file says, or the one beside an ONNX file."""
    told = io.StringIO()
    with redirect_stdout(told):
        loaded(path.with_name(f"{path.stem}_check.py") if path.suffix == ".onnx" else path)["check"]()
    return told.getvalue()
