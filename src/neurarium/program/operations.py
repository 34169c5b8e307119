"""Programs: a network as a list of typed operations with constants, which the printers turn into source code.

A program is straight: each step computes one value from values before it. Sizes are whole numbers, or multiples of the
number of rows, so that the same program stands for any number of rows (NumPy) and for one (C99). There are few
operations, and each has one meaning, written below; whatever torch has beyond them is lowered to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Dtype = Literal["float32", "float64", "int64", "bool"]
Attribute = int | float | str | tuple[int, ...]

POINTWISE = {
    "neg": "-x",
    "abs": "|x|",
    "exp": "e to the x",
    "log": "natural logarithm",
    "log1p": "log(1 + x), exact near 0",
    "expm1": "exp(x) - 1, exact near 0",
    "sqrt": "square root",
    "sin": "sine",
    "cos": "cosine",
    "tanh": "hyperbolic tangent",
    "sigmoid": "1 / (1 + exp(-x))",
    "erf": "error function",
    "floor": "the whole number below",
    "isnan": "whether x is no number",
    "not": "whether x is false",
    "add": "x + y",
    "sub": "x - y",
    "mul": "x y",
    "div": "x / y",
    "pow": "x to the y",
    "maximum": "the larger; no number where either is none",
    "minimum": "the smaller; no number where either is none",
    "copysign": "|x| with the sign of y",
    "lt": "whether x < y",
    "le": "whether x <= y",
    "eq": "whether x = y",
    "and": "whether both",
    "or": "whether either",
    "where": "y where x, else z",
    "cast": "x as another dtype: towards 0 for whole numbers, not 0 for truth",
}
"""Operations on numbers, one result for each; values of different shapes broadcast as in NumPy."""

OTHERS = {
    "sum": "sum over `axes`, which stay as 1 if `keep`",
    "prod": "product over `axes`, as there",
    "max": "largest over `axes`, as there",
    "min": "smallest over `axes`, as there",
    "argmax": "number of the first largest along `axis`, as there",
    "cumsum": "sums up to each place along `axis`",
    "sort": "from the smallest to the largest along `axis`",
    "matmul": "(..., n, k) times (..., k, m)",
    "linear": "(n, k) times the transpose of (m, k), plus (m,) if there is a third input",
    "conv2d": "(n, in, h, w) with (out, in / groups, kh, kw), plus (out,): `stride`, `padding`, `dilation`, `groups`",
    "conv_transpose2d": "its transpose, with (in, out / groups, kh, kw): the attributes as there",
    "max_pool2d": "largest of windows `kernel`, `stride`, `dilation`; `padding` is top, bottom, left, right",
    "avg_pool2d": "sum of windows, as there, over `divisor`, or over the numbers that are no padding where it is 0",
    "softmax": "exp(x) over its sum, along `axis`",
    "reshape": "the same numbers in the shape of the result",
    "transpose": "axes in the order `axes`",
    "expand": "repeated along axes of size 1 to the shape of the result",
    "slice": "numbers `start` to `stop`, every `step`-th, along `axis`",
    "flip": "backwards along `axes`",
    "cat": "one after the other along `axis`",
    "pad": "`before` and `after` numbers of `value` put to each axis",
    "take": "the entries along `axis` that whole numbers name; their axes come in its place",
    "gather": "along `axis` at each place the entry that its whole number names",
    "searchsorted": "in (k,) rising numbers, how many are below each of a second value",
    "put": "x with the entries along `axis` that (k,) whole numbers name replaced by those of a third value",
    "full": "`value` throughout",
}
"""Operations on whole arrays, with their attributes."""


@dataclass(frozen=True)
class Rows:
    """A size that is so many times the number of rows."""

    times: int = 1


Size = int | Rows


@dataclass(frozen=True)
class Value:
    """An array of a program.

    Args:
        name: An identifier, the only one of its name in the program.
        shape: Its sizes.
        dtype: Of its numbers.
    """

    name: str
    shape: tuple[Size, ...]
    dtype: Dtype

    def shape_of(self, rows: int) -> tuple[int, ...]:
        """The shape with so many rows."""
        return tuple(size.times * rows if isinstance(size, Rows) else size for size in self.shape)

    def count(self, rows: int = 1) -> int:
        """How many numbers it holds with so many rows."""
        return int(np.prod(self.shape_of(rows), dtype=np.int64))


Input = Value | float | int | bool


@dataclass(frozen=True)
class Step:
    """One operation.

    Args:
        result: What it computes.
        operation: A name of `POINTWISE` or `OTHERS`.
        inputs: Values before it, or plain numbers.
        attributes: As its entry there says.
    """

    result: Value
    operation: str
    inputs: tuple[Input, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    def values(self) -> list[Value]:
        """The inputs that are no plain numbers."""
        return [each for each in self.inputs if isinstance(each, Value)]

    def number(self, name: str) -> int:
        """An attribute that is a whole number."""
        (number,) = self.numbers(name)
        return number

    def numbers(self, name: str) -> tuple[int, ...]:
        """An attribute that is a row of whole numbers; a single one is a row of one."""
        value = self.attributes[name]
        return value if isinstance(value, tuple) else (int(value),)


@dataclass(frozen=True)
class Program:
    """A network as a list of operations.

    Args:
        inputs: What comes in.
        constants: Values that are given, by name; no other value has their names.
        steps: What is computed, in order.
        outputs: What comes out, by name.
        stages: Named places inside the network, and the value that passes each.
    """

    inputs: tuple[Value, ...]
    constants: Mapping[str, NDArray[np.generic]]
    steps: tuple[Step, ...]
    outputs: Mapping[str, Value]
    stages: Mapping[str, Value]

    def pruned(self) -> "Program":
        """The same without stages, and without what only they need."""
        needed = {value.name for value in self.outputs.values()}
        steps = []
        for step in reversed(self.steps):
            if step.result.name in needed:
                steps.append(step)
                needed |= {value.name for value in step.values()}
        constants = {name: array for name, array in self.constants.items() if name in needed}
        stages = {name: value for name, value in self.stages.items() if value.name in needed}
        return Program(self.inputs, constants, tuple(reversed(steps)), self.outputs, stages)

    def operations(self) -> int:
        """Multiply-adds and single operations on numbers for one row."""
        return sum(_cost(step) for step in self.steps)


def _cost(step: Step) -> int:
    count = step.result.count()
    first = step.inputs[0] if step.inputs else 0
    operation = step.operation
    if operation in ("matmul", "linear"):
        return count * (first.shape_of(1)[-1] if isinstance(first, Value) else 1)
    if operation in ("conv2d", "conv_transpose2d"):
        kernel, x = step.values()[1], step.values()[0]
        each = int(np.prod(kernel.shape_of(1)[1:]))
        return each * (count if operation == "conv2d" else x.count())
    if operation.endswith("pool2d"):
        return count * int(np.prod(step.numbers("kernel")))
    if operation in ("sum", "prod", "max", "min", "argmax", "cumsum", "sort", "softmax"):
        return first.count() if isinstance(first, Value) else count
    return count if operation in POINTWISE else 0
