"""Operations on numbers, one by one."""

import math
from typing import Any

from neurarium.program.building import Builder, Constant, Form, Operand, UnsupportedOperation, shape_of
from neurarium.program.lowering.common import Lowering, Table, alike, entering
from neurarium.program.lowering.shapes import expand
from neurarium.program.operations import Value

TABLE: Table = {}
lowers = entering(TABLE)


def _pointwise(operation: str) -> Lowering:
    def lower(b: Builder, form: Form, *operands: Operand) -> Value:
        return b.emit(operation, [b.cast(each, form.dtype) for each in operands], form)

    return lower


def _comparison(operation: str, *, swapped: bool = False) -> Lowering:
    def lower(b: Builder, form: Form, x: Operand, y: Operand) -> Value:
        x, y = alike(b, x, y)
        return b.emit(operation, [y, x] if swapped else [x, y], form)

    return lower


_UNARY = ("neg", "abs", "exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tanh", "sigmoid", "erf", "floor")
for _name in _UNARY:
    TABLE[_name] = _pointwise(_name)
for _name in ("mul", "maximum", "minimum", "copysign"):
    TABLE[_name] = _pointwise(_name)
for _name in ("lt", "le", "eq"):
    TABLE[_name] = _comparison(_name)
TABLE |= {"gt": _comparison("lt", swapped=True), "ge": _comparison("le", swapped=True)}
TABLE |= {"logical_and": _pointwise("and"), "logical_or": _pointwise("or"), "logical_not": _pointwise("not")}


@lowers("add", "sub")
def _add(b: Builder, form: Form, x: Operand, y: Operand, *, alpha: float = 1) -> Value:
    return _sum(b, "add", form, x, y, alpha)


@lowers("sub")
def _sub(b: Builder, form: Form, x: Operand, y: Operand, *, alpha: float = 1) -> Value:
    return _sum(b, "sub", form, x, y, alpha)


def _sum(b: Builder, operation: str, form: Form, x: Operand, y: Operand, alpha: float) -> Value:
    x, y = b.cast(x, form.dtype), b.cast(y, form.dtype)
    if alpha != 1:
        y = b.emit("mul", [y, alpha], Form(shape_of(y), form.dtype))
    return b.emit(operation, [x, y], form)


@lowers("rsub")
def _rsub(b: Builder, form: Form, x: Operand, y: Operand, alpha: float = 1) -> Value:
    return _sum(b, "sub", form, y, x, alpha)


@lowers("div")
def _div(b: Builder, form: Form, x: Operand, y: Operand, *, rounding_mode: str | None = None) -> Value:
    if rounding_mode == "trunc":
        raise UnsupportedOperation("division that rounds towards 0 is not known.")
    quotient = b.emit("div", [b.cast(x, form.dtype), b.cast(y, form.dtype)], form)
    return quotient if rounding_mode is None else b.emit("floor", [quotient], form)


@lowers("pow")
def _pow(b: Builder, form: Form, x: Operand, exponent: Operand) -> Value:
    if exponent == 2:
        x = b.cast(x, form.dtype)
        return b.emit("mul", [x, x], form)
    if exponent == 0.5:
        return b.emit("sqrt", [b.cast(x, form.dtype)], form)
    return b.emit("pow", [b.cast(x, form.dtype), b.cast(exponent, form.dtype)], form)


@lowers("reciprocal")
def _reciprocal(b: Builder, form: Form, x: Operand) -> Value:
    return b.emit("div", [1.0, b.cast(x, form.dtype)], form)


@lowers("rsqrt")
def _rsqrt(b: Builder, form: Form, x: Operand) -> Value:
    return b.emit("div", [1.0, b.emit("sqrt", [b.cast(x, form.dtype)], form)], form)


@lowers("relu")
def _relu(b: Builder, form: Form, x: Operand) -> Value:
    return b.emit("maximum", [x, 0.0 if form.dtype.startswith("float") else 0], form)


@lowers("clamp", "clamp_min", "clamp_max", "hardtanh")
def _clamp(b: Builder, form: Form, x: Operand, min: Operand | None = None, max: Operand | None = None) -> Value:
    x = b.cast(x, form.dtype)
    if min is not None:
        x = b.emit("maximum", [x, b.cast(min, form.dtype)], form)
    if max is not None:
        x = b.emit("minimum", [x, b.cast(max, form.dtype)], form)
    return b.value(x)


@lowers("sign")
def _sign(b: Builder, form: Form, x: Operand) -> Value:
    truth = Form(form.shape, "bool")
    above, below = b.emit("lt", [0.0, x], truth), b.emit("lt", [x, 0.0], truth)
    return b.emit("where", [above, 1.0, b.emit("where", [below, -1.0, 0.0], form)], form)


@lowers("ne")
def _ne(b: Builder, form: Form, x: Operand, y: Operand) -> Value:
    return b.emit("not", [b.emit("eq", alike(b, x, y), form)], form)


@lowers("bitwise_not", "bitwise_and", "bitwise_or")
def _bitwise(b: Builder, form: Form, *operands: Operand) -> Value:
    if form.dtype != "bool":
        raise UnsupportedOperation("bits of whole numbers are not known; only truths can be combined.")
    return b.emit(("not", "and", "or")[0] if len(operands) == 1 else "and", operands, form)


TABLE["bitwise_or"] = _pointwise("or")


@lowers("isnan")
def _isnan(b: Builder, form: Form, x: Operand) -> Value:
    return b.emit("isnan", [x], form)


@lowers("where")
def _where(b: Builder, form: Form, condition: Operand, x: Operand, y: Operand) -> Value:
    if isinstance(condition, Constant) and condition.tensor.dim() == 0:  # what was learnt has chosen
        return expand(b, form, b.cast(x if condition.tensor else y, form.dtype), None)
    return b.emit("where", [condition, b.cast(x, form.dtype), b.cast(y, form.dtype)], form)


@lowers("_to_copy", "clone", "alias", "lift_fresh_copy", "detach")
def _same(b: Builder, form: Form, x: Operand, **_: Any) -> Operand:
    return b.cast(x, form.dtype)


@lowers("copy")
def _copy(b: Builder, form: Form, x: Operand, source: Operand, non_blocking: bool = False) -> Value:
    return expand(b, form, b.cast(source, form.dtype), None)


@lowers("gelu")
def _gelu(b: Builder, form: Form, x: Operand, *, approximate: str = "none") -> Value:
    if approximate == "none":  # x (1 + erf(x / sqrt 2)) / 2
        turned = b.emit("erf", [b.emit("mul", [x, math.sqrt(0.5)], form)], form)
    else:
        cube = b.emit("mul", [b.emit("mul", [x, x], form), x], form)
        inner = b.emit("add", [x, b.emit("mul", [cube, 0.044715], form)], form)
        turned = b.emit("tanh", [b.emit("mul", [inner, math.sqrt(2 / math.pi)], form)], form)
    return b.emit("mul", [b.emit("mul", [x, 0.5], form), b.emit("add", [turned, 1.0], form)], form)


@lowers("elu")
def _elu(b: Builder, form: Form, x: Operand, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Value:
    falling = b.emit("expm1", [b.emit("mul", [x, input_scale], form)], form)
    falling = b.emit("mul", [falling, alpha * scale], form)
    rising = x if scale == 1 else b.emit("mul", [x, scale], form)
    return b.emit("where", [b.emit("lt", [0.0, x], Form(form.shape, "bool")), rising, falling], form)


@lowers("leaky_relu")
def _leaky_relu(b: Builder, form: Form, x: Operand, negative_slope: float = 0.01) -> Value:
    above = b.emit("lt", [0.0, x], Form(form.shape, "bool"))
    return b.emit("where", [above, x, b.emit("mul", [x, negative_slope], form)], form)


@lowers("rand", "randn", "rand_like", "randn_like", "bernoulli", "randint", "native_dropout", "normal")
def _random(b: Builder, form: Any, *operands: Any, **_: Any) -> Value:
    raise UnsupportedOperation("a program draws no random numbers: give the noise as an input.")
