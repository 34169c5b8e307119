"""What the tests of the printers share: printing parts, running what was printed."""

import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from neurarium.core.stages import Staged
from neurarium.program.export import Part, prepare, write

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc on this machine")
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
