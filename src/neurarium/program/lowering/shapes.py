"""Shapes, and picking from them."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch

from neurarium.program.building import Builder, Constant, Form, Operand, UnsupportedOperation, dtype_of, shape_of
from neurarium.program.lowering.common import Table, alike, axes_of, entering
from neurarium.program.operations import Rows, Value

TABLE: Table = {}
lowers = entering(TABLE)


@lowers("view", "_unsafe_view", "reshape", "squeeze", "unsqueeze")
def reshape(b: Builder, form: Form, x: Operand, *_: Any) -> Value:
    x = b.value(x)
    return x if x.shape == form.shape else b.emit("reshape", [x], form)


@lowers("permute")
def _permute(b: Builder, form: Form, x: Operand, dims: Sequence[int]) -> Value:
    axes = tuple(axis % len(dims) for axis in dims)
    return b.value(x) if axes == tuple(range(len(axes))) else b.emit("transpose", [x], form, axes=axes)


@lowers("transpose")
def _transpose(b: Builder, form: Form, x: Operand, dim0: int, dim1: int) -> Value:
    axes = list(range(len(form.shape)))
    axes[dim0], axes[dim1] = axes[dim1], axes[dim0]
    return _permute(b, form, x, axes)


@lowers("expand")
def expand(b: Builder, form: Form, x: Operand, size: Any, *, implicit: bool = False) -> Value:
    x = b.value(x)
    return x if x.shape == form.shape else b.emit("expand", [x], form)


@lowers("repeat")
def _repeat(b: Builder, form: Form, x: Operand, repeats: Sequence[int]) -> Value:
    shape = (1,) * (len(repeats) - len(shape_of(x))) + shape_of(x)
    for axis, times in enumerate(repeats):
        if times != 1:
            size, wide = shape[axis], form.shape[axis]
            count = Rows(wide.times // size) if isinstance(wide, Rows) and isinstance(size, int) else times
            x = reshape(b, Form((*shape[:axis], 1, *shape[axis:]), form.dtype), x)
            x = expand(b, Form((*shape[:axis], count, *shape[axis:]), form.dtype), x, None)
            shape = (*shape[:axis], wide, *shape[axis + 1 :])
            x = reshape(b, Form(shape, form.dtype), x)
    return reshape(b, form, x)


@lowers("slice")
def slice_of(
    b: Builder, form: Form, x: Operand, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Value:
    x = b.value(x)
    if x.shape == form.shape:
        return x
    axis = dim % len(x.shape)
    size = x.shape[axis]
    if not isinstance(size, int):
        raise UnsupportedOperation("the rows of a program do not see each other: no slice of them.")
    first, last, every = slice(start, end, step).indices(size)
    return b.emit("slice", [x], form, axis=axis, start=first, stop=last, step=every)


@lowers("select")
def _select(b: Builder, form: Form, x: Operand, dim: int, index: int) -> Value:
    axis = dim % len(shape_of(x))
    place = slice(index, index + 1 or None)
    one = Form(tuple(1 if each == axis else size for each, size in enumerate(shape_of(x))), form.dtype)
    return reshape(b, form, slice_of(b, one, x, axis, place.start, place.stop))


@lowers("split_with_sizes", "unsafe_split", "unsafe_split_with_sizes")
def _split(b: Builder, forms: list[Form], x: Operand, sizes: int | Sequence[int], dim: int = 0) -> list[Value]:
    """Parts of so many entries each, or of these."""
    if isinstance(sizes, int):
        last = forms[-1].shape[dim]
        if not isinstance(last, int):
            raise UnsupportedOperation("rows cannot be split.")
        sizes = [*(sizes for _ in forms[1:]), last]
    ends = accumulate(sizes)
    return [slice_of(b, form, x, dim, end - size, end) for form, size, end in zip(forms, sizes, ends, strict=True)]


@lowers("unbind")
def _unbind(b: Builder, forms: list[Form], x: Operand, dim: int = 0) -> list[Value]:
    return [_select(b, form, x, dim, number) for number, form in enumerate(forms)]


@lowers("cat")
def _cat(b: Builder, form: Form, tensors: Sequence[Operand], dim: int = 0) -> Value:
    parts = [b.cast(each, form.dtype) for each in tensors if shape_of(each) != (0,) or form.shape == (0,)]
    return b.value(parts[0]) if len(parts) == 1 else b.emit("cat", parts, form, axis=dim % len(form.shape))


@lowers("stack")
def _stack(b: Builder, form: Form, tensors: Sequence[Operand], dim: int = 0) -> Value:
    axis = dim % len(form.shape)
    one = Form((*form.shape[:axis], 1, *form.shape[axis + 1 :]), form.dtype)
    return _cat(b, form, [reshape(b, one, b.cast(each, form.dtype)) for each in tensors], axis)


@lowers("flip")
def _flip(b: Builder, form: Form, x: Operand, dims: Sequence[int]) -> Value:
    return b.emit("flip", [x], form, axes=axes_of(x, list(dims)))


@lowers("constant_pad_nd")
def _pad(b: Builder, form: Form, x: Operand, pad: Sequence[int], value: float = 0.0) -> Value:
    rest = len(form.shape) - len(pad) // 2
    before = [0] * rest + [pad[-2 - 2 * each] for each in range(len(pad) // 2)]
    after = [0] * rest + [pad[-1 - 2 * each] for each in range(len(pad) // 2)]
    for axis, (first, last) in enumerate(zip(before, after, strict=True)):
        size = shape_of(x)[axis]
        if min(first, last) < 0 and isinstance(size, int):  # less than nothing is put there: some is taken off
            start, stop = max(0, -first), size - max(0, -last)
            shape = shape_of(x)
            cut = Form((*shape[:axis], stop - start, *shape[axis + 1 :]), form.dtype)
            x = slice_of(b, cut, x, axis, start, stop)
    sides = {"before": tuple(max(0, each) for each in before), "after": tuple(max(0, each) for each in after)}
    if not any(sides["before"] + sides["after"]):
        return b.value(x)
    return b.emit("pad", [x], form, value=float(value), **sides)


@lowers("full", "full_like", "zeros", "ones", "zeros_like", "ones_like", "new_zeros", "new_full", "empty")
def _full(b: Builder, form: Form, size: Any, fill_value: Operand = 0, **_: Any) -> Value:
    if isinstance(fill_value, Value):
        return expand(b, form, fill_value, None)
    number = fill_value.tensor.item() if isinstance(fill_value, Constant) else fill_value
    return b.emit("full", [], form, value=number)


@lowers("ones", "ones_like")
def _ones(b: Builder, form: Form, size: Any, **_: Any) -> Value:
    return _full(b, form, size, 1)


@lowers("embedding")
def _embedding(b: Builder, form: Form, weight: Operand, indices: Operand, *_: Any) -> Value:
    return b.emit("take", [weight, indices], form, axis=0)


@lowers("index_select")
def _index_select(b: Builder, form: Form, x: Operand, dim: int, index: Operand) -> Value:
    return b.emit("take", [x, index], form, axis=axes_of(x, dim)[0])


@lowers("gather")
def _gather(b: Builder, form: Form, x: Operand, dim: int, index: Operand, *, sparse_grad: bool = False) -> Value:
    (axis,) = axes_of(x, dim)
    for each, size in enumerate(form.shape):
        if each != axis and isinstance(size, int):  # the index may leave the end of other axes alone
            shape = shape_of(x)
            x = slice_of(b, Form((*shape[:each], size, *shape[each + 1 :]), form.dtype), x, each, 0, size)
    return b.emit("gather", [x, index], form, axis=axis)


@lowers("index")
def _index(b: Builder, form: Form, x: Operand, indices: Sequence[Operand | None]) -> Value:
    given = [axis for axis, each in enumerate(indices) if each is not None]
    index = indices[given[0]]
    if len(given) > 1 or index is None or dtype_of(index) == "bool":
        raise UnsupportedOperation("only one axis can be picked from at a time, by whole numbers: use gather.")
    return b.emit("take", [x, _from_the_front(b, index, x, given[0])], form, axis=given[0])


def _from_the_front(b: Builder, index: Operand, x: Operand, axis: int) -> Operand:
    """Whole numbers that count from the front: a negative one counts from the back."""
    size = shape_of(x)[axis]
    if isinstance(index, Constant) and isinstance(size, int):
        return Constant(index.tensor % size, index.name)
    if not isinstance(size, int):
        raise UnsupportedOperation("the rows of a program do not see each other: none can be picked.")
    shape = shape_of(index)
    below = b.emit("lt", [index, 0], Form(shape, "bool"))
    return b.emit("where", [below, b.emit("add", [index, size], Form(shape, "int64")), index], Form(shape, "int64"))


@lowers("searchsorted")
def _searchsorted(b: Builder, form: Form, table: Operand, x: Operand, *, right: bool = False, **_: Any) -> Value:
    if right or len(shape_of(table)) != 1:
        raise UnsupportedOperation("places are known in one row of numbers, and before equal ones: right=False.")
    table, x = alike(b, table, x)
    return b.emit("searchsorted", [table, x], form)


@lowers("index_copy")
def _index_copy(b: Builder, form: Form, x: Operand, dim: int, index: Operand, source: Operand) -> Value:
    return b.emit("put", [x, index, source], form, axis=axes_of(x, dim)[0])


@lowers("index_put")
def _index_put(
    b: Builder, form: Form, x: Operand, indices: Sequence[Operand | None], values: Operand, accumulate: bool = False
) -> Value:
    given = [axis for axis, each in enumerate(indices) if each is not None]
    index = indices[given[0]]
    if len(given) > 1 or accumulate or index is None or len(shape_of(index)) != 1 or dtype_of(index) == "bool":
        raise UnsupportedOperation("numbers can be put to one axis at a time, by a row of whole numbers.")
    axis = given[0]
    wanted = (*form.shape[:axis], *shape_of(index), *form.shape[axis + 1 :])
    source = expand(b, Form(wanted, form.dtype), b.cast(values, form.dtype), None)
    return b.emit("put", [x, _from_the_front(b, index, x, axis), source], form, axis=axis)


@lowers("select_scatter")
def _select_scatter(b: Builder, form: Form, x: Operand, src: Operand, dim: int, index: int) -> Value:
    axis = axes_of(x, dim)[0]
    wide = tuple(1 if each == axis else size for each, size in enumerate(form.shape))
    return _slice_scatter(b, form, x, reshape(b, Form(wide, form.dtype), src), axis, index, index + 1 or None)


@lowers("slice_scatter")
def _slice_scatter(
    b: Builder,
    form: Form,
    x: Operand,
    src: Operand,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Value:
    axis = axes_of(x, dim)[0]
    size = form.shape[axis]
    if not isinstance(size, int):
        return b.value(src)
    places = torch.arange(size)[slice(start, end, step)]
    wide = (*form.shape[:axis], len(places), *form.shape[axis + 1 :])
    source = expand(b, Form(wide, form.dtype), b.cast(src, form.dtype), None)
    return b.emit("put", [x, Constant(places, "places"), source], form, axis=axis)
