"""Loops, places and numbers of C."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

C_TYPES = {"float32": "float", "float64": "double", "int64": "int32_t", "bool": "unsigned char"}

SCRATCH = "SCRATCH_"
"""Before the name of a result: the place where what is needed on the way to it lies."""


@dataclass(frozen=True)
class Place:
    """Where the numbers of a value lie.

    Args:
        name: A pointer or an array.
        kind: The C type of a number.
    """

    name: str
    kind: str


Places = Mapping[str, Place]
Lines = list[str]


def literal(value: Any, kind: str) -> str:
    """A number as C."""
    if kind in ("int32_t", "unsigned char"):
        if not -(2**31) < int(value) < 2**31:
            raise ValueError(f"the whole number {value} does not fit into the 32 bits of the C code.")
        return str(int(value))
    value = float(value)
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    text = str(np.float32(value)) if kind == "float" else repr(value)
    text = text if any(sign in text for sign in ".e") else f"{text}.0"
    return f"{text}f" if kind == "float" else text


def strides_of(shape: Sequence[int]) -> list[int]:
    strides, size = [0] * len(shape), 1
    for axis in reversed(range(len(shape))):
        strides[axis] = size
        size *= shape[axis]
    return strides


def broadcast_strides(shape: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """The strides by which an array of a shape is read as if it had another: 0 where it is repeated."""
    strides = [0 if size == 1 else stride for size, stride in zip(shape, strides_of(shape), strict=True)]
    return [0] * (len(wanted) - len(shape)) + strides


class Nest:
    """Loops over a shape, with the place of each operand: neighbouring axes that lie one after the other in all of them
    become one loop.

    Args:
        shape: What to go over.
        strides: For each operand, its stride along each axis.
        letter: Of the loop variables.
    """

    def __init__(self, shape: Sequence[int], strides: Sequence[Sequence[int]], letter: str = "i") -> None:
        axes: list[tuple[int, list[int]]] = []
        for axis, size in enumerate(shape):
            steps = [each[axis] for each in strides]
            if size == 1:
                continue
            if axes and all(before == step * size for before, step in zip(axes[-1][1], steps, strict=True)):
                axes[-1] = (axes[-1][0] * size, steps)
            else:
                axes.append((size, steps))
        self.heads = [
            f"for (int {letter}{number} = 0; {letter}{number} < {size}; {letter}{number}++)"
            for number, (size, _) in enumerate(axes)
        ]
        self.index = [
            " + ".join(
                f"{letter}{number}" if steps[operand] == 1 else f"{letter}{number} * {steps[operand]}"
                for number, (_, steps) in enumerate(axes)
                if steps[operand]
            )
            or "0"
            for operand in range(len(strides))
        ]

    def around(self, body: Lines) -> Lines:
        """The loops around a body."""
        lines = [f"{'    ' * depth}{head}" for depth, head in enumerate(self.heads)]
        if lines and len(body) > 1:
            lines[-1] += " {"
        inner = "    " * len(lines)
        closing = [f"{'    ' * (len(lines) - 1)}}}"] if lines and len(body) > 1 else []
        return lines + [f"{inner}{line}" for line in body] + closing


def block(lines: Lines, outer: Nest) -> Lines:
    """Braces of their own for declarations that no loop stands around."""
    return lines if outer.heads else ["{", *(f"    {line}" for line in lines), "}"]


def loops(variables: list[tuple[str, int]], body: Lines) -> Lines:
    lines = [
        f"{'    ' * depth}for (int {name} = 0; {name} < {size}; {name}++)"
        for depth, (name, size) in enumerate(variables)
    ]
    lines[-1] += " {"
    inner = "    " * len(variables)
    return [*lines, *(f"{inner}{line}" for line in body), f"{'    ' * (len(variables) - 1)}}}"]
