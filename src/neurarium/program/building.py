"""Building a program step by step: names, constants, and the step that comes next."""

import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurarium.program.operations import POINTWISE, Attribute, Dtype, Input, Size, Step, Value

DTYPES: dict[torch.dtype, Dtype] = {
    torch.float32: "float32",
    torch.float64: "float64",
    torch.int64: "int64",
    torch.int32: "int64",
    torch.bool: "bool",
}


class UnsupportedOperation(NotImplementedError):
    """A module uses something that programs have no operation for."""


@dataclass(frozen=True, eq=False)
class Constant:
    """A tensor that depends on no input, and what to call it."""

    tensor: Tensor
    name: str


Operand = Value | Constant | float | int | bool


@dataclass(frozen=True)
class Form:
    """What a result looks like."""

    shape: tuple[Size, ...]
    dtype: Dtype


def identifier(text: str) -> str:
    """A text as a lower-case name that Python and C allow, and that nothing else in a printed file has.

    Example:
        >>> identifier("layer.0.Hidden"), identifier("0"), identifier("*/"), identifier("lambda")
        ('layer_0_hidden', 'v0', 'value', 'vlambda')
    """
    stem = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower() or "value"
    taken = keyword.iskeyword(stem) or stem in _TAKEN.split() or re.fullmatch(r"(i|j|turn)\d*", stem)
    return f"v{stem}" if stem[0].isdigit() or taken else stem


_TAKEN = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while main
exp expm1 log log1p tanh erf sqrt fabs floor pow sin cos copysign
np n len range math base64 sys
r c o k p q row bad best across count down high low middle moved top total
"""
"""Words of C, functions and modules that printed code calls, and its own variables."""


def identifiers(texts: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Texts as names that differ from each other and from those taken.

    Example:
        >>> identifiers(["a", "A", "x"], taken=["x"])
        ['a', 'a_2', 'x_2']
    """
    known, names = set(taken), []
    for text in texts:
        name = stem = identifier(text)
        number = 1
        while name in known:
            number += 1
            name = f"{stem}_{number}"
        known.add(name)
        names.append(name)
    return names


def dtype_of(operand: Operand) -> Dtype:
    """The dtype of an operand; of a plain number, that of its Python type."""
    if isinstance(operand, Value):
        return operand.dtype
    if isinstance(operand, Constant):
        return known_dtype(operand.tensor.dtype)
    return "bool" if isinstance(operand, bool) else "int64" if isinstance(operand, int) else "float32"


def known_dtype(dtype: torch.dtype) -> Dtype:
    """A dtype of torch as ours.

    Raises:
        UnsupportedOperation: Programs do not have it.
    """
    if dtype not in DTYPES:
        raise UnsupportedOperation(f"numbers of {dtype} are not known; known are {', '.join(map(str, DTYPES))}.")
    return DTYPES[dtype]


def shape_of(operand: Operand) -> tuple[Size, ...]:
    """The shape of an operand."""
    if isinstance(operand, Value):
        return operand.shape
    return tuple(operand.tensor.shape) if isinstance(operand, Constant) else ()


class Builder:
    """A program that grows.

    Args:
        names: Those that are taken, and will be.
    """

    def __init__(self, names: set[str] | None = None) -> None:
        self.steps: list[Step] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.names: set[str] = set() if names is None else names
        self._known: list[tuple[Tensor, Value]] = []

    def name(self, wanted: str) -> str:
        """An identifier like the wanted one that nothing else has."""
        (name,) = identifiers([wanted], self.names)
        self.names.add(name)
        return name

    def value(self, operand: Operand) -> Value:
        """An operand as a value; equal constants are one."""
        if isinstance(operand, Value):
            return operand
        if not isinstance(operand, Constant):
            operand = Constant(torch.tensor(operand), "number")
        tensor = operand.tensor
        if (value := self.held(tensor)) is not None:
            return value
        dtype = known_dtype(tensor.dtype)
        array = np.array(tensor.numpy(force=True), dtype=dtype, order="C")
        value = Value(self.name(operand.name), array.shape, dtype)
        self.constants[value.name] = array
        self._known.append((tensor, value))
        return value

    def held(self, tensor: Tensor) -> Value | None:
        """The value that holds an equal constant, if there is one already."""
        for known, value in self._known:
            if known.shape == tensor.shape and known.dtype == tensor.dtype and torch.equal(known, tensor):
                return value
        return None

    def emit(self, operation: str, inputs: Sequence[Operand], form: Form, **attributes: Attribute) -> Value:
        """Add a step, and return its result; a constant that is one number is written as that number."""
        given: list[Input] = []
        for each in inputs:
            if isinstance(each, Constant) and each.tensor.dim() == 0 and operation in POINTWISE:
                given.append(each.tensor.item())
            else:
                given.append(self.value(each) if isinstance(each, Value | Constant) else each)
        result = Value(self.name(operation), form.shape, form.dtype)
        self.steps.append(Step((result,), operation, tuple(given), attributes))
        return result

    def emit_loop(
        self, inputs: Sequence[Operand], forms: Sequence[Form], names: Sequence[str], **attributes: Attribute
    ) -> list[Value]:
        """Add a loop, and return its results, called by names like those."""
        given = tuple(self.value(each) for each in inputs)
        results = [Value(self.name(name), form.shape, form.dtype) for name, form in zip(names, forms, strict=True)]
        self.steps.append(Step(tuple(results), "loop", given, attributes))
        return results

    def cast(self, operand: Operand, dtype: Dtype) -> Operand:
        """An operand as another dtype."""
        if isinstance(operand, Value):
            return operand if operand.dtype == dtype else self.emit("cast", [operand], Form(operand.shape, dtype))
        if isinstance(operand, Constant):
            return Constant(operand.tensor.to(getattr(torch, dtype)), operand.name)
        return bool(operand) if dtype == "bool" else int(operand) if dtype == "int64" else float(operand)
