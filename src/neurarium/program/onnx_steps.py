"""Each operation as nodes of ONNX.

Where ONNX has no such node, or onnxruntime computes it in float32 alone, it is made of others.
"""

from collections.abc import Callable

import numpy as np

from neurarium.program.onnx_graph import KINDS, Graph
from neurarium.program.onnx_loops import solve
from neurarium.program.onnx_pictures import PICTURES
from neurarium.program.operations import Rows, Step

Writer = Callable[[Graph, Step, list[str]], str]

_NODES = {
    "neg": "Neg",
    "abs": "Abs",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "sin": "Sin",
    "cos": "Cos",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "floor": "Floor",
    "isnan": "IsNaN",
    "not": "Not",
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "pow": "Pow",
    "maximum": "Max",
    "minimum": "Min",
    "eq": "Equal",
    "and": "And",
    "or": "Or",
    "matmul": "MatMul",
}
"""Operations that are one node, without attributes."""

_OF_TRUTHS = {"mul": "And", "minimum": "And", "add": "Or", "maximum": "Or"}
_REDUCTIONS = {"sum": "ReduceSum", "prod": "ReduceProd", "max": "ReduceMax", "min": "ReduceMin"}
_AGAINST = {"lt": "Less", "le": "LessOrEqual"}


def write_step(g: Graph, step: Step) -> None:
    """Add the nodes of a step that is no loop; the last of them gives its result."""
    given, operation = g.given(step), step.operation
    if operation in _OF_TRUTHS and step.result.dtype == "bool":
        g.node(_OF_TRUTHS[operation], *given)
    elif operation in _NODES:
        g.node(_NODES[operation], *given)
    else:
        _WRITERS[operation](g, step, given)


# Numbers.


def _log1p(g: Graph, step: Step, given: list[str]) -> str:
    """x log(u) / (u - 1) for u = 1 + x, which undoes the rounding of u (Kahan); x where u is 1."""
    (x,) = given
    one = g.scalar(1, step.result.dtype)
    u = g.node("Add", x, one)
    rest = g.node("Sub", u, one)
    log = g.node("Log", u)
    rounded = g.node("Div", g.node("Mul", log, x), rest)
    near = g.node("Where", g.node("Equal", u, one), x, rounded)
    return g.node("Where", g.node("Equal", rest, x), log, near)


def _expm1(g: Graph, step: Step, given: list[str]) -> str:
    """tanh(x / 2) (exp(x) + 1)."""
    (x,) = given
    dtype = step.result.dtype
    half = g.node("Tanh", g.node("Mul", x, g.scalar(0.5, dtype)))
    return g.node("Mul", half, g.node("Add", g.node("Exp", x), g.scalar(1, dtype)))


def _erf(g: Graph, step: Step, given: list[str]) -> str:
    """2 x / sqrt(pi) times the integral of exp(-x² t²) for t from 0 to 1, by Gauss's rule."""
    (x,) = given
    if step.result.dtype == "float32":
        return g.node("Erf", x)
    places, weights = np.polynomial.legendre.leggauss(50)
    x = g.node("Max", g.node("Min", x, g.scalar(6, "float64")), g.scalar(-6, "float64"))  # erf(6) is 1 to the bit
    wide = g.node("Unsqueeze", g.node("Mul", x, x), g.whole(-1))
    each = g.node("Exp", g.node("Mul", wide, g.constant(-(((places + 1) / 2) ** 2))))
    return g.node("Mul", x, g.node("MatMul", each, g.constant(weights / np.sqrt(np.pi))))


def _copysign(g: Graph, step: Step, given: list[str]) -> str:
    """1 / y tells 0 from -0."""
    x, y = given
    dtype = step.result.dtype
    size, zero = g.node("Abs", x), g.scalar(0, dtype)
    below = g.node("Less", g.node("Div", g.scalar(1, dtype), y), zero)
    return g.node("Where", g.node("Or", below, g.node("Less", y, zero)), g.node("Neg", size), size)


def _against(g: Graph, step: Step, given: list[str]) -> str:
    if step.values()[0].dtype == "bool":
        given = [g.node("Cast", each, to=KINDS["int64"]) for each in given]
    return g.node(_AGAINST[step.operation], *given)


def _where(g: Graph, step: Step, given: list[str]) -> str:
    condition, x, y = given
    if step.result.dtype == "bool":
        return g.node("Or", g.node("And", condition, x), g.node("And", g.node("Not", condition), y))
    return g.node("Where", condition, x, y)


def _cast(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("Cast", *given, to=KINDS[step.result.dtype])


# Sums and the like.


def _reduction(g: Graph, step: Step, given: list[str]) -> str:
    axes = g.whole(*step.numbers("axes"))
    return g.node(_REDUCTIONS[step.operation], *given, axes, keepdims=step.number("keep"))


def _argmax(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("ArgMax", *given, axis=step.number("axis"), keepdims=step.number("keep"))


def _cumsum(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("CumSum", *given, g.constant(np.int64(step.number("axis"))))


def _sort(g: Graph, step: Step, given: list[str]) -> str:
    axis = step.number("axis")
    size = g.shape(step.result.shape[axis : axis + 1])
    return g.node("TopK", *given, size, results=2, axis=axis, largest=0)


def _softmax(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("Softmax", *given, axis=step.number("axis"))


def _linear(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("Gemm", *given, transB=1)


# Moving.


def _reshape(g: Graph, step: Step, given: list[str]) -> str:
    shape = step.result.shape
    if sum(isinstance(size, Rows) for size in shape) == 1 and 0 not in shape:
        return g.node("Reshape", *given, g.whole(*(-1 if isinstance(size, Rows) else size for size in shape)))
    return g.node("Reshape", *given, g.shape(shape), allowzero=1)


def _transpose(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("Transpose", *given, perm=step.numbers("axes"))


def _expand(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("Expand", *given, g.shape(step.result.shape))


def _slice(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("Slice", *given, *(g.whole(step.number(key)) for key in ("start", "stop", "axis", "step")))


def _flip(g: Graph, step: Step, given: list[str]) -> str:
    axes = step.numbers("axes")
    last, all_of_them = g.whole(*[-1] * len(axes)), g.whole(*[np.iinfo(np.int64).min] * len(axes))
    return g.node("Slice", *given, last, all_of_them, g.whole(*axes), last)


def _cat(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("Concat", *given, axis=step.number("axis"))


def _pad(g: Graph, step: Step, given: list[str]) -> str:
    value = g.constant(np.array(step.attributes["value"], step.result.dtype))
    return g.node("Pad", *given, g.whole(*step.numbers("before"), *step.numbers("after")), value)


def _take(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("Gather", *given, axis=step.number("axis"))


def _gather(g: Graph, step: Step, given: list[str]) -> str:
    return g.node("GatherElements", *given, axis=step.number("axis"))


def _searchsorted(g: Graph, step: Step, given: list[str]) -> str:
    table, x = given
    last = g.whole(len(step.result.shape))  # not -1: where there are no rows, onnxruntime would leave the axis
    below = g.node("Less", table, g.node("Unsqueeze", x, last))
    return g.node("ReduceSum", g.node("Cast", below, to=KINDS["int64"]), last, keepdims=0)


def _put(g: Graph, step: Step, given: list[str]) -> str:
    x, index, values = given
    axis, shape = step.number("axis"), step.values()[-1].shape
    along = g.node("Reshape", index, g.whole(*(-1 if each == axis else 1 for each in range(len(shape)))))
    return g.node("ScatterElements", x, g.node("Expand", along, g.shape(shape)), values, axis=axis)


def _full(g: Graph, step: Step, given: list[str]) -> str:
    value = g.constant(np.array(step.attributes["value"], step.result.dtype))
    return g.node("Expand", value, g.shape(step.result.shape))


_WRITERS: dict[str, Writer] = {
    "log1p": _log1p,
    "expm1": _expm1,
    "erf": _erf,
    "copysign": _copysign,
    "lt": _against,
    "le": _against,
    "where": _where,
    "cast": _cast,
    **dict.fromkeys(_REDUCTIONS, _reduction),
    "argmax": _argmax,
    "cumsum": _cumsum,
    "sort": _sort,
    "softmax": _softmax,
    "linear": _linear,
    "solve": solve,
    "reshape": _reshape,
    "transpose": _transpose,
    "expand": _expand,
    "slice": _slice,
    "flip": _flip,
    "cat": _cat,
    "pad": _pad,
    "take": _take,
    "gather": _gather,
    "searchsorted": _searchsorted,
    "put": _put,
    "full": _full,
    **PICTURES,
}
