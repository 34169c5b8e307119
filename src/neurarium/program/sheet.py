"""What a printed file holds: functions, each a program with the rows it is checked by, and the names of classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neurarium.program.examples import Example
from neurarium.program.operations import Program, Rows, Value

TOLERANCE = 1e-5
"""How far a printed file's answers may be from the network's, as a share of the largest answer."""


@dataclass(frozen=True)
class Function:
    """A program to print, and how to know that it was printed right.

    Args:
        name: An identifier.
        program: Without stages that only a look inside needs.
        given: What comes in for the check, by the name of the input: all rows along the input's axis of rows.
        wanted: What the network says to that, by the name of the output.
        start: One row of what the network gave as an example, by the name of the input: where a step starts.
    """

    name: str
    program: Program
    given: Mapping[str, NDArray[Any]]
    wanted: Mapping[str, NDArray[Any]]
    start: Mapping[str, NDArray[Any]]

    def states(self) -> list[Value]:
        """The inputs that come back as outputs called "new_..."."""
        return [value for value in self.program.inputs if f"new_{value.name}" in self.program.outputs]

    def heard(self) -> list[Value]:
        """The other inputs."""
        states = self.states()
        return [value for value in self.program.inputs if value not in states]

    def rows(self) -> NDArray[Any]:
        """What the first of them is checked by."""
        return self.given[self.heard()[0].name]

    def answers(self) -> list[str]:
        """The other outputs."""
        states = {f"new_{value.name}" for value in self.states()}
        return [name for name in self.program.outputs if name not in states]


@dataclass(frozen=True)
class Symbols:
    """What the whole numbers of a language model or a chain stand for.

    Args:
        names: Of each number; of a text the first stands for whatever has no number.
        unit: Whether they are the characters or the words of a text, or the states of a chain.
    """

    names: tuple[Any, ...]
    unit: Literal["character", "word", "symbol"]


@dataclass(frozen=True)
class Sheet:
    """What a file holds.

    Args:
        title: Whose network it is.
        functions: What can be called.
        classes: The labels that the output "label" counts, or None.
        n_rows: Rows of each check.
        precision: What is computed in: "float32", or "float64" where that would lose too much.
        symbols: What whole numbers that come in stand for, or None.
        examples: What the estimator's own verbs say that ask a function turn after turn.
    """

    title: str
    functions: tuple[Function, ...]
    classes: tuple[Any, ...] | None
    n_rows: int
    precision: str
    symbols: Symbols | None = None
    examples: tuple[Example, ...] = ()

    def constants(self, taken: set[str]) -> tuple[dict[str, NDArray[Any]], dict[tuple[str, str], str]]:
        """The constants of all functions, each once.

        Args:
            taken: Names that something else has.

        Returns:
            The arrays by their name in the file, and that name by function and name in its program.
        """
        arrays: dict[str, NDArray[Any]] = {}
        names: dict[tuple[str, str], str] = {}
        for function in self.functions:
            programs = function.program.programs()
            for name, array in (entry for program in programs for entry in program.constants.items()):
                wanted, number = name, 1
                while wanted in taken or (wanted in arrays and not _same(arrays[wanted], array)):
                    number += 1
                    wanted = f"{name}_{number}"
                arrays[wanted] = array
                names[function.name, name] = wanted
        return arrays, names


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def rows_axis(value: Value) -> int | None:
    """The axis along which the rows lie, None for a value that all rows share."""
    return next((axis for axis, size in enumerate(value.shape) if isinstance(size, Rows)), None)


def row(value: Value, array: NDArray[Any], number: int) -> NDArray[Any]:
    """One row of an array of many."""
    axis = rows_axis(value)
    if axis is None:
        return array
    size = value.shape[axis]
    times = size.times if isinstance(size, Rows) else 1
    return np.take(array, range(number * times, (number + 1) * times), axis)


def scale(array: NDArray[Any]) -> float:
    """The largest finite number, 1 where there is none but 0."""
    finite = np.abs(array[np.isfinite(array)]) if array.dtype.kind == "f" else np.abs(array)
    return float(finite.max(initial=0)) or 1.0
