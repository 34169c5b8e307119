"""What the lowerings share.

A lowering says what an operation of core ATen is in ours: a function of the builder, the form of the result (a list
where there are several) and the operation's own arguments, under the names that torch gives them.
"""

from collections.abc import Callable
from typing import Any

from neurarium.program.building import Builder, Constant, Operand, dtype_of, shape_of
from neurarium.program.operations import Dtype, Value

Lowering = Callable[..., Any]
Table = dict[str, Lowering]
"""Lowerings by ATen's name, with the overload where one differs from the others."""

NOT_KNOWN = object()
"""A second or third result that programs do not compute."""

FOUND_AGAIN = frozenset({"max_pool2d_with_indices_backward"})
"""Operations whose lowering does without such a result."""


def entering(table: Table) -> Callable[..., Callable[[Lowering], Lowering]]:
    """A decorator that enters a function into a table under names."""

    def lowers(*names: str) -> Callable[[Lowering], Lowering]:
        def enter(function: Lowering) -> Lowering:
            table.update(dict.fromkeys(names, function))
            return function

        return enter

    return lowers


_WIDTH: list[Dtype] = ["bool", "int64", "float32", "float64"]


def alike(b: Builder, *operands: Operand) -> list[Operand]:
    """Operands in the widest dtype among those that are no plain numbers, or else among all."""
    arrays = [dtype_of(each) for each in operands if isinstance(each, Value | Constant)]
    widest = max(arrays, key=_WIDTH.index)
    numbers = [dtype_of(each) for each in operands if not isinstance(each, Value | Constant)]
    if numbers and "float32" in numbers and not widest.startswith("float"):
        widest = "float32"
    elif numbers and widest == "bool":
        widest = max([widest, *numbers], key=_WIDTH.index)
    return [b.cast(each, widest) for each in operands]


def axes_of(x: Operand, dim: Any) -> tuple[int, ...]:
    """The axes that torch's argument names, rising and counted from the front; None and [] name all."""
    axes = range(len(shape_of(x))) if dim is None or dim == [] else [dim] if isinstance(dim, int) else dim
    return tuple(sorted(axis % max(1, len(shape_of(x))) for axis in axes))
