"""What the tests of programs share: running a program by its NumPy source."""

from typing import Any

import numpy as np
import torch

from neurarium.program.numpy_source import numpy_source
from neurarium.program.operations import Program
from neurarium.program.sheet import Function, Sheet


def computed(program: Program, *inputs: torch.Tensor) -> dict[str, np.ndarray]:
    """What a program says, by the name of the output."""
    given = {value.name: each.numpy() for value, each in zip(program.inputs, inputs, strict=True)}
    function = Function("program", program, given, {}, {})
    known: dict[str, Any] = {"__name__": "printed"}
    exec(numpy_source(Sheet("Test", (function,), None, 1, "float32")), known)
    answers = known["program"](**given)
    return dict(zip(program.outputs, answers if isinstance(answers, tuple) else (answers,), strict=True))
