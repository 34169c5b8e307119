"""Layers: convolutions, pooling, normalisation."""

from collections.abc import Sequence
from typing import Any

import torch

from neurarium.program.building import Builder, Constant, Form, Operand, UnsupportedOperation, shape_of
from neurarium.program.lowering.common import NOT_KNOWN, Table, entering
from neurarium.program.lowering.shapes import reshape
from neurarium.program.lowering.sums import count_over, reduce, reduced
from neurarium.program.operations import Size, Value

TABLE: Table = {}
lowers = entering(TABLE)


@lowers("convolution")
def convolution(
    b: Builder,
    form: Form,
    x: Operand,
    weight: Operand,
    bias: Operand | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
) -> Value:
    line = len(form.shape) == 3
    if len(form.shape) not in (3, 4):
        raise UnsupportedOperation("convolutions have one or two axes.")
    if line:  # a picture of one line
        stride, padding, dilation = (1, *stride), (0, *padding), (1, *dilation)
        x = reshape(b, Form(_lined(shape_of(x)), form.dtype), x)
        weight = (
            Constant(weight.tensor[:, :, None], weight.name)
            if isinstance(weight, Constant)
            else reshape(b, Form(_lined(shape_of(weight)), form.dtype), weight)
        )
    shape = _lined(form.shape) if line else form.shape
    inputs = [x, weight] if bias is None else [x, weight, b.cast(bias, form.dtype)]
    answer = b.emit(
        "conv_transpose2d" if transposed else "conv2d",
        inputs,
        Form(shape, form.dtype),
        stride=tuple(stride),
        padding=tuple(padding),
        dilation=tuple(dilation),
        groups=groups,
    )
    return reshape(b, form, answer)


def _lined(shape: tuple[Size, ...]) -> tuple[Size, ...]:
    return (*shape[:2], 1, *shape[2:])


def _pooled(
    b: Builder,
    operation: str,
    form: Form,
    x: Operand,
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    **more: Any,
) -> Value:
    kernel, padding, dilation = pair(kernel), pair(padding), pair(dilation)
    stride = pair(stride) if stride else kernel
    flat = len(form.shape) == 3
    shape = (*shape_of(x)[:-3], *shape_of(x)[-3:])
    if flat:
        x = reshape(b, Form((1, *shape), form.dtype), x)
    sides = []
    for axis in (0, 1):
        size, out = shape_of(x)[axis + 2], form.shape[axis - 2]
        if not isinstance(size, int) or not isinstance(out, int):
            raise UnsupportedOperation("a picture's sides must not depend on the number of rows.")
        reach = (out - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1
        sides += [padding[axis], max(0, reach - size - padding[axis])]
    answer = b.emit(
        operation,
        [x],
        Form((1, *form.shape) if flat else form.shape, form.dtype),
        kernel=kernel,
        stride=stride,
        padding=tuple(sides),
        dilation=dilation,
        **more,
    )
    return reshape(b, form, answer)


def pair(value: Any) -> tuple[int, int]:
    values = [value] if isinstance(value, int) else list(value)
    return (values[0], values[-1])


@lowers("max_pool2d_with_indices")
def _max_pool2d(
    b: Builder,
    forms: list[Form],
    x: Operand,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> list[Any]:
    return [_pooled(b, "max_pool2d", forms[0], x, kernel_size, stride, padding, dilation), NOT_KNOWN]


@lowers("avg_pool2d")
def _avg_pool2d(
    b: Builder,
    form: Form,
    x: Operand,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Value:
    kernel = pair(kernel_size)
    if ceil_mode and count_include_pad and divisor_override is None:
        raise UnsupportedOperation(
            "a mean over windows that stick out is not known: pad first, or set ceil_mode=False."
        )
    divisor = divisor_override or (kernel[0] * kernel[1] if count_include_pad else 0)
    return _pooled(b, "avg_pool2d", form, x, kernel, stride, padding, 1, divisor=divisor)


@lowers("_adaptive_avg_pool2d")
def _adaptive(b: Builder, form: Form, x: Operand, output_size: Sequence[int]) -> Value:
    kernel = []
    for size, out in zip(shape_of(x)[-2:], output_size, strict=True):
        if not isinstance(size, int) or size % out:
            raise UnsupportedOperation(
                "windows of unequal size are not known: choose a size that divides the picture's."
            )
        kernel.append(size // out)
    return _pooled(b, "avg_pool2d", form, x, kernel, kernel, 0, 1, divisor=kernel[0] * kernel[1])


@lowers("upsample_nearest2d")
def _upsample(b: Builder, form: Form, x: Operand, *_: Any) -> Value:
    for axis in (2, 3):
        size, out = shape_of(x)[axis], form.shape[axis]
        if not isinstance(size, int) or not isinstance(out, int):
            raise UnsupportedOperation("a picture's sides must not depend on the number of rows.")
        places = Constant(torch.arange(out) * size // out, "places")
        wide = tuple(out if each == axis else other for each, other in enumerate(shape_of(x)))
        x = b.emit("take", [x, places], Form(wide, form.dtype), axis=axis)
    return b.value(x)


@lowers("native_batch_norm")
def _batch_norm(
    b: Builder,
    forms: list[Form],
    x: Operand,
    weight: Operand | None,
    bias: Operand | None,
    running_mean: Constant | None,
    running_var: Constant | None,
    training: bool,
    momentum: float,
    eps: float,
) -> list[Any]:
    """(x - mean) / sqrt(var + eps) weight + bias: one factor and one shift a channel where mean and var are known."""
    if training or running_mean is None or running_var is None:
        axes = tuple(axis for axis in range(len(forms[0].shape)) if axis != 1)
        normal, *rest = _normal(b, forms, x, axes, eps)
        return [_scaled_channels(b, forms[0], normal, weight, bias), *rest]
    if not isinstance(weight, Constant | None) or not isinstance(bias, Constant | None):
        raise UnsupportedOperation("its weights must not depend on the input where its mean and variance do not.")
    factor = 1 / (running_var.tensor + eps).sqrt()
    factor = factor if weight is None else factor * weight.tensor
    shift = -running_mean.tensor * factor
    shift = shift if bias is None else shift + bias.tensor
    name = running_mean.name.replace("running_", "").replace("_mean", "") + "_"
    wide = (len(factor), *(1,) * (len(forms[0].shape) - 2))
    scaled = b.emit("mul", [x, Constant(factor.reshape(wide), name + "factor")], forms[0])
    return [b.emit("add", [scaled, Constant(shift.reshape(wide), name + "shift")], forms[0]), NOT_KNOWN, NOT_KNOWN]


@lowers("native_layer_norm")
def _layer_norm(
    b: Builder,
    forms: list[Form],
    x: Operand,
    normalized_shape: Sequence[int],
    weight: Operand | None,
    bias: Operand | None,
    eps: float,
) -> list[Any]:
    form = forms[0]
    axes = tuple(range(len(form.shape) - len(normalized_shape), len(form.shape)))
    normal, *rest = _normal(b, forms, x, axes, eps)
    return [_scaled(b, form, normal, weight, bias), *rest]


@lowers("native_group_norm")
def _group_norm(
    b: Builder,
    forms: list[Form],
    x: Operand,
    weight: Operand | None,
    bias: Operand | None,
    rows: int,
    channels: int,
    places: int,
    groups: int,
    eps: float,
) -> list[Any]:
    form = forms[0]
    grouped = Form((form.shape[0], groups, channels // groups * places), form.dtype)
    normal, *rest = _normal(b, [grouped, *forms[1:]], reshape(b, grouped, x), (2,), eps)
    return [_scaled_channels(b, form, reshape(b, form, normal), weight, bias), *rest]


def _normal(b: Builder, forms: list[Form], x: Operand, axes: tuple[int, ...], eps: float) -> list[Value]:
    """(x - mean) / sqrt(var + eps) over axes, the mean, and 1 / sqrt(var + eps)."""
    form, kept = forms[0], reduced(x, axes, True, forms[0].dtype)
    mean = b.emit("div", [reduce(b, "sum", x, axes, True), count_over(x, axes)], kept)
    away = b.emit("sub", [x, mean], form)
    squares = reduce(b, "sum", b.emit("mul", [away, away], form), axes, True)
    variance = b.emit("div", [squares, count_over(x, axes)], kept)
    deviation = b.emit("sqrt", [b.emit("add", [variance, eps], kept)], kept)
    factor = b.emit("div", [1.0, deviation], kept)
    return [b.emit("mul", [away, factor], form), reshape(b, forms[1], mean), reshape(b, forms[2], factor)]


def _scaled(b: Builder, form: Form, x: Value, weight: Operand | None, bias: Operand | None) -> Value:
    x = x if weight is None else b.emit("mul", [x, weight], form)
    return x if bias is None else b.emit("add", [x, bias], form)


def _scaled_channels(b: Builder, form: Form, x: Value, weight: Operand | None, bias: Operand | None) -> Value:
    """The same with a weight and a bias for each channel: along the second axis."""
    wide = [
        each if each is None else reshape(b, Form((*shape_of(each), *(1,) * (len(form.shape) - 2)), form.dtype), each)
        for each in (weight, bias)
    ]
    return _scaled(b, form, x, *wide)
