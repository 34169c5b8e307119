"""Gradients: what a convolution and a pooling send back.

torch says most gradients by other operations of core ATen; these few it leaves whole. The largest of a window is found
again from what came in: kernels that hold a single 1 take each place of the window, and others of that kind put back
what is sent there.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from neurarium.program.building import Builder, Constant, Form, Operand, UnsupportedOperation, dtype_of, shape_of
from neurarium.program.lowering.common import NOT_KNOWN, Table, entering
from neurarium.program.lowering.layers import convolution, pair
from neurarium.program.lowering.shapes import reshape
from neurarium.program.operations import Size, Value

TABLE: Table = {}
lowers = entering(TABLE)


@lowers("convolution_backward")
def _convolution(
    b: Builder,
    forms: list[Any],
    gradient: Operand,
    x: Operand,
    weight: Operand,
    bias_sizes: Any,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
    output_mask: Sequence[bool],
) -> list[Any]:
    """To what came in, through the same kernels the other way; what the kernels themselves would get is not known."""
    if not output_mask[0]:
        return [NOT_KNOWN] * 3
    form, there = forms[0], (stride, padding, dilation, not transposed, output_padding, groups)
    return [convolution(b, form, gradient, weight, None, *there), NOT_KNOWN, NOT_KNOWN]


@lowers("max_pool2d_with_indices_backward")
def _max_pool(
    b: Builder,
    form: Form,
    gradient: Operand,
    x: Operand,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    indices: Any,
) -> Value:
    """To the first largest number of each window."""
    kernel, padding, dilation = pair(kernel_size), pair(padding), pair(dilation)
    stride, places = pair(stride) if stride else kernel, math.prod(kernel)
    *rows, channels, _, _ = shape_of(x)
    high, wide = (_whole(size) for size in shape_of(gradient)[-2:])
    many, count = rows[0] if rows else 1, _whole(channels)
    whole = reshape(b, Form((many, channels, *form.shape[-2:]), form.dtype), x)
    reach = [
        (out - 1) * each + step * (size - 1) + 1
        for out, each, step, size in zip((high, wide), stride, dilation, kernel, strict=True)
    ]
    framed = _framed(b, whole, padding, reach)
    ones = torch.eye(places, dtype=getattr(torch, form.dtype)).reshape(places, 1, *kernel).repeat(count, 1, 1, 1)
    steps = {"stride": stride, "dilation": dilation, "groups": count}
    flat, windows = (many, count * places, high, wide), (many, count, places, high, wide)
    one_of = (many, count, 1, high, wide)
    taken = b.emit("conv2d", [framed, Constant(ones, "place")], Form(flat, form.dtype), padding=(0, 0), **steps)
    largest = b.emit("argmax", [reshape(b, Form(windows, form.dtype), taken)], Form(one_of, "int64"), axis=2, keep=1)
    numbers = Constant(torch.arange(places).reshape(1, 1, places, 1, 1), "places")
    there = b.emit("eq", [largest, numbers], Form(windows, "bool"))
    sent = b.emit("where", [there, reshape(b, Form(one_of, form.dtype), gradient), 0.0], Form(windows, form.dtype))
    back = b.emit(
        "conv_transpose2d",
        [reshape(b, Form(flat, form.dtype), sent), Constant(ones, "place")],
        Form((many, channels, *form.shape[-2:]), form.dtype),
        padding=padding,
        **steps,
    )
    return reshape(b, form, back)


def _framed(b: Builder, x: Value, padding: Sequence[int], reach: Sequence[int]) -> Value:
    """A picture in a frame of the lowest number there is, as wide as its windows reach."""
    lowest = float(torch.finfo(getattr(torch, x.dtype)).min)  # not -inf: 0 times that is no number
    sides = [_whole(size) for size in x.shape[2:]]
    more = [max(0, all_of_it - size - p) for all_of_it, size, p in zip(reach, sides, padding, strict=True)]
    framed = (size + sum(ends) for size, *ends in zip(sides, padding, more, strict=True))
    ends = {"before": (0, 0, *padding), "after": (0, 0, *more)}
    return b.emit("pad", [x], Form((*x.shape[:2], *framed), x.dtype), value=lowest, **ends)


@lowers("avg_pool2d_backward")
def _avg_pool(
    b: Builder,
    form: Form,
    gradient: Operand,
    x: Operand,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Value:
    """The same share to each number of a window."""
    kernel, padding = pair(kernel_size), pair(padding)
    stride = pair(stride) if stride else kernel
    return _shared(b, form, gradient, kernel, stride, padding, (ceil_mode, count_include_pad, divisor_override))


@lowers("_adaptive_avg_pool2d_backward")
def _adaptive(b: Builder, form: Form, gradient: Operand, x: Operand) -> Value:
    sizes = zip(form.shape[-2:], shape_of(gradient)[-2:], strict=True)
    high, wide = (_whole(size) // _whole(out) for size, out in sizes)
    return _shared(b, form, gradient, (high, wide), (high, wide), (0, 0), (False, True, None))


def _shared(
    b: Builder,
    form: Form,
    gradient: Operand,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    counting: tuple[bool, bool, int | None],
) -> Value:
    dtype = getattr(torch, dtype_of(gradient))
    *rows, channels, _, _ = form.shape
    many, count, sides = rows[0] if rows else 1, _whole(channels), [_whole(size) for size in form.shape[-2:]]
    # What torch makes of ones divided by what it makes of them undivided is what it divides by, in every window.
    picture = torch.ones(1, *sides, dtype=dtype)
    whole = avg_pool2d(picture, kernel, stride, padding, counting[0], True, 1)
    shares: Tensor = avg_pool2d(picture, kernel, stride, padding, *counting) / whole
    share = Constant(shares.flatten()[0] if bool((shares == shares.flatten()[0]).all()) else shares, "share")
    sent = b.emit("mul", [gradient, share], Form(shape_of(gradient), form.dtype))
    back = b.emit(
        "conv_transpose2d",
        [
            reshape(b, Form((many, channels, *shape_of(gradient)[-2:]), form.dtype), sent),
            Constant(torch.ones(count, 1, *kernel, dtype=dtype), "window"),
        ],
        Form((many, channels, *sides), form.dtype),
        stride=stride,
        padding=padding,
        dilation=(1, 1),
        groups=count,
    )
    return reshape(b, form, back)


def _whole(size: Size) -> int:
    if not isinstance(size, int):
        raise UnsupportedOperation("a picture's sides and channels must not depend on the number of rows.")
    return size


@lowers("upsample_nearest2d_backward")
def _upsample(b: Builder, form: Form, gradient: Operand, output_size: Any, input_size: Any, *_: Any) -> Value:
    """The sum over the copies of each number."""
    channels = _whole(form.shape[1])
    sizes = [(_whole(size), _whole(out)) for size, out in zip(form.shape[2:], shape_of(gradient)[2:], strict=True)]
    if any(out % size for size, out in sizes):
        raise UnsupportedOperation("copies must be equally many for each pixel: enlarge by a whole number.")
    times = tuple(out // size for size, out in sizes)
    ones = Constant(torch.ones(channels, 1, *times, dtype=getattr(torch, form.dtype)), "window")
    return b.emit("conv2d", [gradient, ones], form, stride=times, padding=(0, 0), dilation=(1, 1), groups=channels)


@lowers("silu_backward")
def _silu(b: Builder, form: Form, gradient: Operand, x: Operand) -> Value:
    """s (1 + x (1 - s)), s the sigmoid of x."""
    s = b.emit("sigmoid", [x], form)
    slope = b.emit("mul", [x, b.emit("sub", [1.0, s], form)], form)
    slope = b.emit("mul", [s, b.emit("add", [slope, 1.0], form)], form)
    return b.emit("mul", [gradient, slope], form)


@lowers("scatter")
def _scatter(b: Builder, form: Form, x: Operand, dim: int, index: Operand, source: Operand) -> Value:
    """Where one number along the axis is named: that of the largest, which `max` sends its gradient to."""
    axis = dim % len(form.shape)
    whole = [size for place, size in enumerate(form.shape) if place != axis]
    if shape_of(index) != (*whole[:axis], 1, *whole[axis:]):
        raise UnsupportedOperation("numbers can be put to one place along an axis, not to several at a time.")
    wide = [_whole(size) if place == axis else 1 for place, size in enumerate(form.shape)]
    numbers = Constant(torch.arange(wide[axis]).reshape(wide), "places")
    there = b.emit("eq", [index, numbers], Form(form.shape, "bool"))
    return b.emit("where", [there, b.cast(source, form.dtype), b.cast(x, form.dtype)], form)
