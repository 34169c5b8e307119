"""Programs: a network as a list of typed operations with constants, which the printers turn into source code.

A program is straight: each step computes values from values before it. What is done again and again is one step, a
"loop", with a program of its own. Sizes are whole numbers, or multiples of the number of rows, so that the same program
stands for any number of rows (NumPy) and for one (C99). There are few operations, and each has one meaning, written
below; whatever torch has beyond them is lowered to them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Union

import numpy as np
from numpy.typing import NDArray

Dtype = Literal["float32", "float64", "int64", "bool"]
Attribute = Union[int, float, str, tuple[int, ...], "Program"]

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
    "solve": "the (n, k) that (n, n) has to be multiplied with to give (n, k); not a number where there is none",
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
    "loop": "the program `step`, `turns` times: see `Step.body`",
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
        results: What it computes: one value, except for a loop.
        operation: A name of `POINTWISE` or `OTHERS`.
        inputs: Values before it, or plain numbers.
        attributes: As its entry there says.
    """

    results: tuple[Value, ...]
    operation: str
    inputs: tuple[Input, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    @property
    def result(self) -> Value:
        """What it computes, where that is one value."""
        (result,) = self.results
        return result

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
        if isinstance(value, Program):
            raise TypeError(f"the attribute {name} of {self.operation} is a program, not a row of whole numbers.")
        return value if isinstance(value, tuple) else (int(value),)

    def body(self) -> "Program":
        """The program of one turn of a loop.

        The first `states` inputs of the loop are where it starts; the next `sequences` have an entry for each of the
        `turns` along their first axis; the others are the same in every turn. The program takes states, entries and
        others, and gives new states and answers. The loop's results are the last states, and each answer of all turns
        along a new first axis.
        """
        body = self.attributes["step"]
        if not isinstance(body, Program):
            raise TypeError(f"the attribute step of {self.operation} is no program.")
        return body


@dataclass(frozen=True)
class Program:
    """A network as a list of operations.

    Args:
        inputs: What comes in.
        constants: Values that are given, by name; no other value has their names, in the programs of loops neither.
        steps: What is computed, in order.
        outputs: What comes out, by name.
        stages: Named places inside the network, and the value that passes each.
    """

    inputs: tuple[Value, ...]
    constants: Mapping[str, NDArray[np.generic]]
    steps: tuple[Step, ...]
    outputs: Mapping[str, Value]
    stages: Mapping[str, Value]

    def programs(self) -> Iterator["Program"]:
        """This program, and those of its loops, however deep."""
        yield self
        for step in self.steps:
            if step.operation == "loop":
                yield from step.body().programs()

    def names(self) -> set[str]:
        """The names of all values, in the programs of loops too."""
        names = {value.name for program in self.programs() for value in program.inputs}
        names |= {name for program in self.programs() for name in program.constants}
        return names | {each.name for program in self.programs() for step in program.steps for each in step.results}

    def pruned(self, *, stages: bool = False) -> "Program":
        """The same without what neither the outputs nor, if they are to stay, the stages need."""
        needed = {value.name for value in self.outputs.values()}
        needed |= {value.name for value in self.stages.values()} if stages else set()
        steps = []
        for step in reversed(self.steps):
            if any(result.name in needed for result in step.results):
                step = _pruned_loop(step, needed) if step.operation == "loop" else step
                steps.append(step)
                needed |= {value.name for value in step.values()}
        constants = {name: array for name, array in self.constants.items() if name in needed}
        places = {name: value for name, value in self.stages.items() if value.name in needed}
        return Program(self.inputs, constants, tuple(reversed(steps)), self.outputs, places)

    def operations(self) -> int:
        """Multiply-adds and single operations on numbers for one row."""
        return sum(_cost(step) for step in self.steps)


def _pruned_loop(step: Step, needed: set[str]) -> Step:
    """A loop without the answers that nobody needs, and without the inputs that its program then does not use."""
    states, sequences = step.number("states"), step.number("sequences")
    outputs = list(step.body().outputs.items())
    kept = [number for number, each in enumerate(step.results) if number < states or each.name in needed]
    body = replace(step.body(), outputs=dict(outputs[number] for number in kept)).pruned()
    used = {value.name for each in body.steps for value in each.values()}
    used |= {value.name for value in body.outputs.values()}
    taken = [number for number, value in enumerate(body.inputs) if number < states or value.name in used]
    attributes = {
        **step.attributes,
        "step": replace(body, inputs=tuple(body.inputs[number] for number in taken)),
        "sequences": sum(states <= number < states + sequences for number in taken),
    }
    results = tuple(step.results[number] for number in kept)
    return Step(results, step.operation, tuple(step.inputs[number] for number in taken), attributes)


def _cost(step: Step) -> int:
    operation = step.operation
    if operation == "loop":
        return step.number("turns") * step.body().operations()
    count = step.result.count()
    first = step.inputs[0] if step.inputs else 0
    if operation in ("matmul", "linear"):
        return count * (first.shape_of(1)[-1] if isinstance(first, Value) else 1)
    if operation in ("conv2d", "conv_transpose2d"):
        kernel, x = step.values()[1], step.values()[0]
        each = int(np.prod(kernel.shape_of(1)[1:]))
        return each * (count if operation == "conv2d" else x.count())
    if operation == "solve":
        n = step.result.shape_of(1)[0]
        return n**3 // 2 + n * count
    if operation.endswith("pool2d"):
        return count * int(np.prod(step.numbers("kernel")))
    if operation in ("sum", "prod", "max", "min", "argmax", "cumsum", "sort", "softmax"):
        return first.count() if isinstance(first, Value) else count
    return count if operation in POINTWISE else 0
