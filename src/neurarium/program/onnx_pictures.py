"""Convolutions and pooling as nodes of ONNX.

onnxruntime convolves in float32. In float64 all windows are laid out as columns, by a table of places, and multiplied
with the kernel as a matrix.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.program.onnx_graph import Graph
from neurarium.program.operations import Step

Table = NDArray[np.int64]
"""(kernel's places, windows) numbers of the places in a picture, row by row; the number after the last is outside."""


def _conv(g: Graph, step: Step, given: list[str]) -> str:
    stride, (top, left), dilation = (step.numbers(name) for name in ("stride", "padding", "dilation"))
    if step.result.dtype == "float64":
        _, weight, *_ = step.values()
        rows, columns = weight.shape_of(1)[2:]
        kernel = g.node("Reshape", given[1], g.whole(step.number("groups"), -1, _inside(step) * rows * columns))
        table = _windows(step, (rows, columns), stride, (top, left), dilation)
        return _product(g, step, given, kernel, table)
    return g.node(
        "Conv",
        *given,
        strides=stride,
        pads=(top, left, top, left),
        dilations=dilation,
        group=step.number("groups"),
    )


def _conv_transpose(g: Graph, step: Step, given: list[str]) -> str:
    x, weight, *_ = step.values()
    stride, padding, dilation = (step.numbers(name) for name in ("stride", "padding", "dilation"))
    size, kernel, out = x.shape_of(1)[2:], weight.shape_of(1)[2:], step.result.shape_of(1)[2:]
    if step.result.dtype == "float64":
        groups, inside, places = step.number("groups"), _inside(step), math.prod(kernel)
        split = g.node("Reshape", given[1], g.whole(groups, inside, -1, places))
        turned = g.node("Transpose", split, perm=(0, 2, 1, 3))
        flat = g.node("Reshape", turned, g.whole(groups, -1, inside * places))
        return _product(g, step, given, flat, _sources(size, kernel, out, stride, padding, dilation))
    more = [
        out[axis] - ((size[axis] - 1) * stride[axis] - 2 * padding[axis] + dilation[axis] * (kernel[axis] - 1) + 1)
        for axis in (0, 1)
    ]
    return g.node(
        "ConvTranspose",
        *given,
        strides=stride,
        pads=(*padding, *padding),
        dilations=dilation,
        output_padding=more,
        group=step.number("groups"),
    )


def _inside(step: Step) -> int:
    """How many channels come into each group."""
    return step.values()[0].shape_of(1)[1] // step.number("groups")


def _pool(g: Graph, step: Step, given: list[str]) -> str:
    kernel, stride, dilation = (step.numbers(name) for name in ("kernel", "stride", "dilation"))
    top, bottom, left, right = step.numbers("padding")
    places: dict[str, Any] = {"kernel_shape": kernel, "strides": stride, "pads": (top, left, bottom, right)}
    if step.operation == "max_pool2d":
        return g.node("MaxPool", *given, **places, dilations=dilation)
    divisor = step.number("divisor")
    if step.result.dtype == "float64":
        table = _windows(step, kernel, stride, (top, left), dilation)
        outside = math.prod(step.values()[0].shape_of(1)[2:])
        counts = (table < outside).sum(0) if divisor == 0 else np.full(table.shape[1], divisor)
        total = g.node("ReduceSum", _columns(g, step, given[0], table), g.whole(2), keepdims=0)
        mean = g.node("Div", total, g.constant(counts.astype(float)))
        return g.node("Reshape", mean, g.whole(0, *step.result.shape_of(1)[1:]))
    if divisor in (0, math.prod(kernel)):
        return g.node("AveragePool", *given, **places, count_include_pad=int(divisor > 0))
    mean = g.node("AveragePool", *given, **places, count_include_pad=1)
    return g.node("Mul", mean, g.scalar(math.prod(kernel) / divisor, step.result.dtype))


# Windows as columns.


def _windows(
    step: Step, kernel: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...], dilation: tuple[int, ...]
) -> Table:
    """Which place of the picture each place of the kernel sees, at each place of the result."""
    size, out = step.values()[0].shape_of(1)[2:], step.result.shape_of(1)[2:]
    seen = [
        np.arange(kernel[axis])[:, None] * dilation[axis] + np.arange(out[axis]) * stride[axis] - padding[axis]
        for axis in (0, 1)
    ]
    return _table(seen, [(each >= 0) & (each < size[axis]) for axis, each in enumerate(seen)], size)


def _sources(
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    out: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Table:
    """Which place of the picture each place of the kernel takes to each place of the result."""
    steps = [
        np.arange(out[axis]) + padding[axis] - np.arange(kernel[axis])[:, None] * dilation[axis] for axis in (0, 1)
    ]
    seen = [each // stride[axis] for axis, each in enumerate(steps)]
    inside = [
        (each % stride[axis] == 0) & (seen[axis] >= 0) & (seen[axis] < size[axis]) for axis, each in enumerate(steps)
    ]
    return _table(seen, inside, size)


def _table(seen: list[Table], inside: list[NDArray[np.bool_]], size: tuple[int, ...]) -> Table:
    down, across = seen[0][:, None, :, None], seen[1][None, :, None, :]
    known = inside[0][:, None, :, None] & inside[1][None, :, None, :]
    places = np.where(known, down * size[1] + across, math.prod(size))
    return places.reshape(places.shape[0] * places.shape[1], -1).astype(np.int64)


def _columns(g: Graph, step: Step, x: str, table: Table) -> str:
    """(n, channels, kernel's places, windows): what each window holds, 0 outside of the picture."""
    flat = g.node("Reshape", x, g.whole(0, 0, math.prod(step.values()[0].shape_of(1)[2:])))
    return g.node("Gather", g.node("Pad", flat, g.whole(0, 0, 0, 0, 0, 1)), g.constant(table, "places"), axis=2)


def _product(g: Graph, step: Step, given: list[str], kernel: str, table: Table) -> str:
    """A kernel (groups, out / groups, in / groups x places) times the windows, plus what is added to each channel."""
    x, _, *bias = given
    wide = (0, step.number("groups"), _inside(step) * table.shape[0], table.shape[1])
    columns = g.node("Reshape", _columns(g, step, x, table), g.whole(*wide))
    shape = step.result.shape_of(1)[1:]
    answer = g.node("Reshape", g.node("MatMul", kernel, columns), g.whole(0, *shape))
    return g.node("Add", answer, g.node("Reshape", bias[0], g.whole(-1, 1, 1))) if bias else answer


PICTURES: dict[str, Callable[[Graph, Step, list[str]], str]] = {
    "conv2d": _conv,
    "conv_transpose2d": _conv_transpose,
    "max_pool2d": _pool,
    "avg_pool2d": _pool,
}
