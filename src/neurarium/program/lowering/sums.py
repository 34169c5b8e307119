"""Products, sums and the like."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from neurarium.program.building import Builder, Constant, Form, Operand, UnsupportedOperation, dtype_of, shape_of
from neurarium.program.lowering.common import NOT_KNOWN, Table, axes_of, entering
from neurarium.program.lowering.shapes import reshape
from neurarium.program.operations import Dtype, Size, Value

TABLE: Table = {}
lowers = entering(TABLE)


@lowers("mm", "bmm")
def _matmul(b: Builder, form: Form, x: Operand, y: Operand) -> Value:
    # Weights that go one way and, in a gradient, the other are kept once.
    if isinstance(y, Constant) and y.tensor.dim() == 2 and b.held(y.tensor) is None:
        return b.emit("linear", [x, Constant(y.tensor.T, y.name)], form)
    return b.emit("matmul", [x, y], form)


@lowers("addmm", "baddbmm")
def _addmm(
    b: Builder, form: Form, bias: Operand, x: Operand, y: Operand, *, beta: float = 1, alpha: float = 1
) -> Value:
    if isinstance(y, Constant) and y.tensor.dim() == 2:
        weight = Constant(y.tensor.T if alpha == 1 else alpha * y.tensor.T, y.name)
        if isinstance(bias, Constant) and beta == 1 and bias.tensor.shape == weight.tensor.shape[:1]:
            return b.emit("linear", [x, weight, bias], form)
        product = b.emit("linear", [x, weight], form)
    else:
        product = b.emit("matmul", [x, y], form)
        product = product if alpha == 1 else b.emit("mul", [product, alpha], form)
    if beta != 1:
        bias = b.emit("mul", [bias, beta], Form(shape_of(bias), form.dtype))
    return b.emit("add", [product, bias], form)


@dataclass(frozen=True, eq=False)
class Factor:
    """The triangle that a matrix is the square of: known only to solve with.

    Args:
        of: The matrix.
    """

    of: Operand


@lowers("linalg_cholesky_ex")
def _cholesky(b: Builder, forms: list[Form], x: Operand, **_: Any) -> list[Any]:
    return [Factor(x), NOT_KNOWN]


@lowers("cholesky_solve")
def _cholesky_solve(b: Builder, form: Form, x: Operand, triangle: Any, upper: bool = False) -> Value:
    if not isinstance(triangle, Factor):
        raise UnsupportedOperation("it solves with what torch.linalg.cholesky gives alone; try torch.linalg.solve.")
    return _solved(b, form, triangle.of, x)


@lowers("_linalg_solve_ex")
def _solve(b: Builder, forms: list[Form], a: Operand, x: Operand, *, left: bool = True, **_: Any) -> list[Any]:
    if not left:
        raise UnsupportedOperation("the unknown is known on the right of the matrix alone: left=True.")
    return [_solved(b, forms[0], a, x), NOT_KNOWN, NOT_KNOWN, NOT_KNOWN]


@lowers("linalg_inv_ex")
def _inverse(b: Builder, forms: list[Form], a: Operand, **_: Any) -> list[Any]:
    size = shape_of(a)[-1]
    if not isinstance(size, int):
        raise UnsupportedOperation("the rows of a program do not see each other: no matrix of them.")
    one = Constant(torch.eye(size, dtype=getattr(torch, forms[0].dtype)), "one")
    return [_solved(b, forms[0], a, one), NOT_KNOWN]


def _solved(b: Builder, form: Form, a: Operand, x: Operand) -> Value:
    """One column or several; a matrix for each row would be another operation."""
    sizes = [*shape_of(a), *shape_of(x)]
    if len(shape_of(a)) != 2 or len(shape_of(x)) > 2 or not all(isinstance(size, int) for size in sizes):
        raise UnsupportedOperation("one system of equations can be solved, (n, n) and (n,) or (n, k), not one a row.")
    if len(form.shape) == 2:
        return b.emit("solve", [a, x], form)
    column = Form((*form.shape, 1), form.dtype)
    return reshape(b, form, b.emit("solve", [a, reshape(b, column, x)], column))


def reduced(x: Operand, axes: Sequence[int], keep: bool, dtype: Dtype) -> Form:
    sizes = enumerate(shape_of(x))
    shape = [1 if axis in axes else size for axis, size in sizes if keep or axis not in axes]
    return Form(tuple(shape), dtype)


def reduce(b: Builder, operation: str, x: Operand, axes: tuple[int, ...], keep: bool) -> Value:
    if not axes:
        return b.value(x)
    return b.emit(operation, [x], reduced(x, axes, keep, dtype_of(x)), axes=axes, keep=keep)


@lowers("sum")
def _sum_over(b: Builder, form: Form, x: Operand, dim: Any = None, keepdim: bool = False, **_: Any) -> Value:
    return reduce(b, "sum", b.cast(x, form.dtype), axes_of(x, dim), keepdim)


@lowers("mean")
def _mean(b: Builder, form: Form, x: Operand, dim: Any = None, keepdim: bool = False, **_: Any) -> Value:
    x = b.cast(x, form.dtype)
    return b.emit("div", [reduce(b, "sum", x, axes_of(x, dim), keepdim), count_over(x, axes_of(x, dim))], form)


def count_over(x: Operand, axes: Sequence[int]) -> float:
    sizes = [shape_of(x)[axis] for axis in axes]
    if not all(isinstance(size, int) for size in sizes):
        raise UnsupportedOperation("the rows of a program do not see each other: no mean over them.")
    return float(math.prod(size for size in sizes if isinstance(size, int)))


@lowers("prod")
def _prod(b: Builder, form: Form, x: Operand, dim: Any = None, keepdim: bool = False, **_: Any) -> Value:
    return reduce(b, "prod", b.cast(x, form.dtype), axes_of(x, dim), keepdim)


@lowers("linalg_vector_norm")
def _norm(
    b: Builder, form: Form, x: Operand, ord: float = 2, dim: Any = None, keepdim: bool = False, **_: Any
) -> Value:
    if ord != 2:
        raise UnsupportedOperation("only the length of vectors, ord=2, is known.")
    squares = b.emit("mul", [x, x], Form(shape_of(x), form.dtype))
    return b.emit("sqrt", [reduce(b, "sum", squares, axes_of(x, dim), keepdim)], form)


@lowers("sort")
def _sort(b: Builder, forms: list[Form], x: Operand, dim: int = -1, descending: bool = False, **_: Any) -> list[Any]:
    (axis,) = axes_of(x, dim)
    upwards = b.emit("sort", [x], forms[0], axis=axis)
    return [b.emit("flip", [upwards], forms[0], axes=(axis,)) if descending else upwards, NOT_KNOWN]


@lowers("var")
def _var(b: Builder, form: Form, x: Operand, dim: Any = None, correction: float = 1, keepdim: bool = False) -> Value:
    axes = axes_of(x, dim)
    wide, kept = Form(shape_of(x), form.dtype), reduced(x, axes, True, form.dtype)
    mean = b.emit("div", [reduce(b, "sum", x, axes, True), count_over(x, axes)], kept)
    away = b.emit("sub", [x, mean], wide)
    squares = reduce(b, "sum", b.emit("mul", [away, away], wide), axes, keepdim)
    return b.emit("div", [squares, count_over(x, axes) - correction], form)


@lowers("amax", "max.default")
def _amax(b: Builder, form: Form, x: Operand, dim: Any = None, keepdim: bool = False) -> Value:
    return reduce(b, "max", x, axes_of(x, dim), keepdim)


@lowers("amin", "min.default")
def _amin(b: Builder, form: Form, x: Operand, dim: Any = None, keepdim: bool = False) -> Value:
    return reduce(b, "min", x, axes_of(x, dim), keepdim)


@lowers("max.dim", "min.dim")
def _max_and_where(b: Builder, forms: list[Form], x: Operand, dim: int, keepdim: bool = False) -> list[Value]:
    return [_amax(b, forms[0], x, dim, keepdim), _argmax(b, forms[1], x, dim, keepdim)]


@lowers("min.dim")
def _min_and_where(b: Builder, forms: list[Form], x: Operand, dim: int, keepdim: bool = False) -> list[Value]:
    return [_amin(b, forms[0], x, dim, keepdim), _argmin(b, forms[1], x, dim, keepdim)]


@lowers("argmax")
def _argmax(b: Builder, form: Form, x: Operand, dim: int | None = None, keepdim: bool = False) -> Value:
    if dim is None:
        x = b.emit("reshape", [x], Form((_count_of(shape_of(x)),), dtype_of(x)))
    (axis,) = axes_of(x, dim or 0)
    return b.emit("argmax", [x], form, axis=axis, keep=keepdim)


@lowers("argmin")
def _argmin(b: Builder, form: Form, x: Operand, dim: int | None = None, keepdim: bool = False) -> Value:
    return _argmax(b, form, b.emit("neg", [x], Form(shape_of(x), dtype_of(x))), dim, keepdim)


def _count_of(shape: tuple[Size, ...]) -> int:
    if not all(isinstance(size, int) for size in shape):
        raise UnsupportedOperation("the rows of a program do not see each other: name the axis to look along.")
    return math.prod(size for size in shape if isinstance(size, int))


@lowers("any", "all")
def _any(b: Builder, form: Form, x: Operand, dim: Any = None, keepdim: bool = False) -> Value:
    return _truth(b, "max", x, dim, keepdim)


@lowers("all")
def _all(b: Builder, form: Form, x: Operand, dim: Any = None, keepdim: bool = False) -> Value:
    return _truth(b, "min", x, dim, keepdim)


def _truth(b: Builder, operation: str, x: Operand, dim: Any, keepdim: bool) -> Value:
    numbers = b.cast(b.cast(x, "bool"), "int64")
    return b.value(b.cast(reduce(b, operation, numbers, axes_of(x, dim), keepdim), "bool"))


@lowers("cumsum")
def _cumsum(b: Builder, form: Form, x: Operand, dim: int, **_: Any) -> Value:
    return b.emit("cumsum", [b.cast(x, form.dtype)], form, axis=axes_of(x, dim)[0])


@lowers("_softmax")
def _softmax(b: Builder, form: Form, x: Operand, dim: int, half_to_float: bool = False) -> Value:
    return b.emit("softmax", [x], form, axis=axes_of(x, dim)[0])


@lowers("_log_softmax")
def _log_softmax(b: Builder, form: Form, x: Operand, dim: int, half_to_float: bool = False) -> Value:
    axes = axes_of(x, dim)
    shifted = b.emit("sub", [x, reduce(b, "max", x, axes, True)], form)
    total = reduce(b, "sum", b.emit("exp", [shifted], form), axes, True)
    return b.emit("sub", [shifted, b.emit("log", [total], Form(total.shape, form.dtype))], form)
