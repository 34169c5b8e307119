"""Running a program with NumPy: its own printed source, without a file."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.program.numpy_source import numpy_source
from neurarium.program.operations import Program
from neurarium.program.sheet import Function, Sheet


def run(program: Program, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What a program of fixed shapes makes of inputs, by the names of its outputs."""
    program = program.pruned()
    function = Function("forward", program, dict(inputs), {name: np.zeros(0) for name in program.outputs}, {})
    source = numpy_source(Sheet("a program", (function,), None, 1, "float32"))
    space: dict[str, Any] = {"__name__": "program"}
    exec(compile(source, "program.py", "exec"), space)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        answer = space["forward"](*(inputs[value.name] for value in program.inputs))
    answers = answer if isinstance(answer, tuple) else (answer,)
    return dict(zip(program.outputs, map(np.asarray, answers), strict=True))
