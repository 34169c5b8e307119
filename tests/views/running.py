"""What a page computes: the program of a scene's module, run by NumPy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.scene import Scene
from neurarium.program.operations import Program
from program.running import run


def program_of(scene: Scene) -> Program:
    """The program that a page runs for a scene."""
    program = scene.program()
    assert program is not None
    return program


def run_program(scene: Scene, program: Program | None = None) -> dict[str, NDArray[Any]]:
    """The arrays that a page computes for a scene, as its controls stand.

    Args:
        scene: The scene.
        program: That of the scene with other controls, which saves tracing it again; None to trace.
    """
    program = program or program_of(scene)
    given = zip(program.inputs, scene.arguments, strict=True)
    return run(program, {value.name: np.asarray(scene.values[name]) for value, name in given})
