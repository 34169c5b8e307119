"""Each operation as C: loops over one row, sizes as numbers."""

from collections.abc import Callable, Sequence

from neurarium.program.c99_loops import (
    C_TYPES,
    Lines,
    Nest,
    Places,
    block,
    broadcast_strides,
    literal,
    loops,
    strides_of,
)
from neurarium.program.c99_pictures import conv2d, conv_transpose2d, pool
from neurarium.program.c99_products import linear, matmul, solve
from neurarium.program.operations import POINTWISE, Input, Step, Value


def step_lines(step: Step, places: Places) -> Lines:
    """A step as lines of C."""
    operation = step.operation
    if step.result.count() == 0:
        return []
    if operation in POINTWISE:
        return _pointwise(step, places)
    return _WRITERS[operation](step, places)


# Numbers.

_C_FUNCTIONS = ("exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tanh", "erf", "floor", "pow", "copysign")
_C_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<=", "eq": "==", "and": "&&", "or": "||"}


def _expression(step: Step, given: list[str], kind: str) -> str:
    """The C expression of a pointwise operation; `kind` is what it is computed in."""
    operation, single = step.operation, "f" if kind == "float" else ""
    if operation in _C_FUNCTIONS:
        return f"{operation}{single}({', '.join(given)})"
    if operation in _C_INFIX:
        return f"{given[0]} {_C_INFIX[operation]} {given[1]}"
    if operation == "sigmoid":
        one = literal(1, kind)
        return f"{one} / ({one} + exp{single}(-{given[0]}))"
    if operation == "where":
        return f"{given[0]} ? {given[1]} : {given[2]}"
    if operation in ("maximum", "minimum"):
        return f"{operation[:3].capitalize()}_{kind}({given[0]}, {given[1]})"
    if operation == "abs":
        return (
            f"fabs{single}({given[0]})"
            if kind in ("float", "double")
            else f"({given[0]} < 0 ? -{given[0]} : {given[0]})"
        )
    if operation == "cast":
        return f"{given[0]} != 0" if step.result.dtype == "bool" else f"({C_TYPES[step.result.dtype]}){given[0]}"
    return {"neg": f"-{given[0]}", "not": f"!{given[0]}", "isnan": f"{given[0]} != {given[0]}"}[operation]


def _pointwise(step: Step, places: Places) -> Lines:
    shape = step.result.shape_of(1)
    arrays = step.values()
    nest = Nest(shape, [strides_of(shape), *(broadcast_strides(value.shape_of(1), shape) for value in arrays)])
    index = dict(zip((value.name for value in arrays), nest.index[1:], strict=True))
    inside = [C_TYPES[value.dtype] for value in arrays[step.operation == "where" :]]
    kind = (inside or [C_TYPES[step.result.dtype]])[0] if step.operation != "where" else C_TYPES[step.result.dtype]

    def read(given: Input) -> str:
        if not isinstance(given, Value):
            text = literal(given, kind)
            return f"({text})" if text.startswith("-") else text
        return f"{places[given.name].name}[{index[given.name]}]"

    expression = _expression(step, [read(each) for each in step.inputs], kind)
    return nest.around([f"{places[step.result.name].name}[{nest.index[0]}] = {expression};"])


# Sums and the like.


def _split(step: Step) -> tuple[Value, Nest, Nest]:
    """Loops over what is kept, with the places of the result and the input, and over what is reduced."""
    (x,) = step.values()
    shape, strides = x.shape_of(1), strides_of(x.shape_of(1))
    gone = step.numbers("axes")
    kept = [axis for axis in range(len(shape)) if axis not in gone]
    sizes = [shape[axis] for axis in kept]
    outer = Nest(sizes, [strides_of(sizes), [strides[axis] for axis in kept]])
    inner = Nest([shape[axis] for axis in gone], [[strides[axis] for axis in gone]], "j")
    return x, outer, inner


def _reduction(step: Step, places: Places) -> Lines:
    x, outer, inner = _split(step)
    kind = C_TYPES[x.dtype]
    source = f"{places[x.name].name}[{outer.index[1]}{_plus(inner.index[0])}]"
    if step.operation == "sum":
        start, update = literal(0, kind), f"total += {source};"
    elif step.operation == "prod":
        start, update = literal(1, kind), f"total *= {source};"
    else:
        start = f"{places[x.name].name}[{outer.index[1]}]"
        update = f"total = {step.operation.capitalize()}_{kind}(total, {source});"
    result = f"{places[step.result.name].name}[{outer.index[0]}] = total;"
    return block(outer.around([f"{kind} total = {start};", *inner.around([update]), result]), outer)


def _plus(index: str) -> str:
    return "" if index == "0" else f" + {index}"


def _along(step: Step) -> tuple[Value, Nest, int, int]:
    """Loops over all lines along an axis, the number of entries of a line, and the step between them."""
    x = step.values()[0]
    shape, axis = x.shape_of(1), step.number("axis")
    strides = strides_of(shape)
    rest = [each for each in range(len(shape)) if each != axis]
    sizes = [shape[each] for each in rest]
    outer = Nest(sizes, [[strides[each] for each in rest], strides_of(sizes)])
    return x, outer, shape[axis], strides[axis]


def _argmax(step: Step, places: Places) -> Lines:
    x, outer, count, stride = _along(step)
    source, result = places[x.name].name, places[step.result.name].name
    base = outer.index[0]
    body = [
        "int best = 0;",
        f"for (int j = 1; j < {count}; j++)",
        f"    if ({source}[{base} + j * {stride}] > {source}[{base} + best * {stride}])",
        "        best = j;",
        f"{result}[{outer.index[1]}] = best;",
    ]
    return block(outer.around(body), outer)


def _cumsum(step: Step, places: Places) -> Lines:
    x, outer, count, stride = _along(step)
    kind, place = C_TYPES[x.dtype], f"[{outer.index[0]} + j * {stride}]"
    body = [
        f"{kind} total = {literal(0, kind)};",
        f"for (int j = 0; j < {count}; j++) {{",
        f"    total += {places[x.name].name}{place};",
        f"    {places[step.result.name].name}{place} = total;",
        "}",
    ]
    return block(outer.around(body), outer)


def _sort(step: Step, places: Places) -> Lines:
    x, outer, count, stride = _along(step)
    result, base = places[step.result.name].name, outer.index[0]
    body = [
        f"for (int j = 0; j < {count}; j++) {{",
        f"    {C_TYPES[x.dtype]} moved = {places[x.name].name}[{base} + j * {stride}];",
        "    int k = j;",
        f"    for (; k > 0 && {result}[{base} + (k - 1) * {stride}] > moved; k--)",
        f"        {result}[{base} + k * {stride}] = {result}[{base} + (k - 1) * {stride}];",
        f"    {result}[{base} + k * {stride}] = moved;",
        "}",
    ]
    return block(outer.around(body), outer)


def _softmax(step: Step, places: Places) -> Lines:
    x, outer, count, stride = _along(step)
    kind, single = C_TYPES[x.dtype], "f" if x.dtype == "float32" else ""
    place = f"[{outer.index[0]} + j * {stride}]"
    source, result = f"{places[x.name].name}{place}", f"{places[step.result.name].name}{place}"
    body = [
        f"{kind} top = {places[x.name].name}[{outer.index[0]}], total = {literal(0, kind)};",
        f"for (int j = 1; j < {count}; j++)",
        f"    top = Max_{kind}(top, {source});",
        f"for (int j = 0; j < {count}; j++) {{",
        f"    {result} = exp{single}({source} - top);",
        f"    total += {result};",
        "}",
        f"for (int j = 0; j < {count}; j++)",
        f"    {result} /= total;",
    ]
    return block(outer.around(body), outer)


# Moving.


def _copy(
    step: Step,
    places: Places,
    shape: Sequence[int],
    to: Sequence[int],
    to_start: int,
    source: Value,
    by: Sequence[int],
    by_start: int,
) -> Lines:
    """Copy numbers over a shape, by strides and from a start in the result and in the source."""
    nest = Nest(shape, [to, by])
    indices = [
        f"{start} + {index}" if start else index for start, index in zip((to_start, by_start), nest.index, strict=True)
    ]
    return nest.around([f"{places[step.result.name].name}[{indices[0]}] = {places[source.name].name}[{indices[1]}];"])


def _moved(step: Step, places: Places) -> Lines:
    """transpose, expand, slice and flip: other strides into the same numbers."""
    (x,) = step.values()
    strides, shape = strides_of(x.shape_of(1)), step.result.shape_of(1)
    start = 0
    if step.operation == "transpose":
        by = [strides[axis] for axis in step.numbers("axes")]
    elif step.operation == "expand":
        by = broadcast_strides(x.shape_of(1), shape)
    elif step.operation == "slice":
        axis = step.number("axis")
        start = step.number("start") * strides[axis]
        by = [stride * (step.number("step") if each == axis else 1) for each, stride in enumerate(strides)]
    else:
        axes = step.numbers("axes")
        start = sum((shape[axis] - 1) * strides[axis] for axis in axes)
        by = [-stride if axis in axes else stride for axis, stride in enumerate(strides)]
    return _copy(step, places, shape, strides_of(shape), 0, x, by, start)


def _cat(step: Step, places: Places) -> Lines:
    axis, strides = step.number("axis"), strides_of(step.result.shape_of(1))
    lines, start = [], 0
    for part in step.values():
        shape = part.shape_of(1)
        if part.count():
            lines += _copy(step, places, shape, strides, start * strides[axis], part, strides_of(shape), 0)
        start += shape[axis]
    return lines


def _pad(step: Step, places: Places) -> Lines:
    (x,) = step.values()
    strides, shape = strides_of(step.result.shape_of(1)), x.shape_of(1)
    start = sum(before * stride for before, stride in zip(step.numbers("before"), strides, strict=True))
    return [*_full(step, places), *_copy(step, places, shape, strides, start, x, strides_of(shape), 0)]


def _full(step: Step, places: Places) -> Lines:
    value = literal(step.attributes["value"], C_TYPES[step.result.dtype])
    return [
        f"for (int i = 0; i < {step.result.count()}; i++)",
        f"    {places[step.result.name].name}[i] = {value};",
    ]


def _take(step: Step, places: Places) -> Lines:
    x, index = step.values()
    axis, shape = step.number("axis"), x.shape_of(1)
    strides, picked = strides_of(shape), index.shape_of(1)
    sizes = [*shape[:axis], *picked, *shape[axis + 1 :]]
    by = [*strides[:axis], *[0] * len(picked), *strides[axis + 1 :]]
    numbers = [*[0] * axis, *strides_of(picked), *[0] * (len(shape) - axis - 1)]
    nest = Nest(sizes, [strides_of(sizes), by, numbers])
    number = f"{places[index.name].name}[{nest.index[2]}]"
    source = f"{places[x.name].name}[{nest.index[1]} + {number} * {strides[axis]}]"
    return nest.around([f"{places[step.result.name].name}[{nest.index[0]}] = {source};"])


def _gather(step: Step, places: Places) -> Lines:
    x, index = step.values()
    axis, shape = step.number("axis"), index.shape_of(1)
    strides = strides_of(x.shape_of(1))
    nest = Nest(shape, [strides_of(shape), [0 if each == axis else stride for each, stride in enumerate(strides)]])
    number = f"{places[index.name].name}[{nest.index[0]}]"
    source = f"{places[x.name].name}[{nest.index[1]} + {number} * {strides[axis]}]"
    return nest.around([f"{places[step.result.name].name}[{nest.index[0]}] = {source};"])


def _searchsorted(step: Step, places: Places) -> Lines:
    table, x = step.values()
    body = [
        f"int low = 0, high = {table.count()};",
        "while (low < high) {",
        "    int middle = low + (high - low) / 2;",
        f"    if ({places[table.name].name}[middle] < {places[x.name].name}[i])",
        "        low = middle + 1;",
        "    else",
        "        high = middle;",
        "}",
        f"{places[step.result.name].name}[i] = low;",
    ]
    return loops([("i", x.count())], body)


def _put(step: Step, places: Places) -> Lines:
    x, index, values = step.values()
    axis, shape = step.number("axis"), values.shape_of(1)
    whole = x.shape_of(1)
    strides = strides_of(whole)
    copied = _copy(step, places, whole, strides, 0, x, strides, 0)
    along = [1 if each == axis else 0 for each in range(len(shape))]
    nest = Nest(
        shape, [[0 if each == axis else stride for each, stride in enumerate(strides)], strides_of(shape), along]
    )
    number = f"{places[index.name].name}[{nest.index[2]}]"
    target = f"{places[step.result.name].name}[{nest.index[0]} + {number} * {strides[axis]}]"
    return [*copied, *nest.around([f"{target} = {places[values.name].name}[{nest.index[1]}];"])]


_WRITERS: dict[str, Callable[[Step, Places], Lines]] = {
    "sum": _reduction,
    "prod": _reduction,
    "max": _reduction,
    "min": _reduction,
    "argmax": _argmax,
    "cumsum": _cumsum,
    "sort": _sort,
    "softmax": _softmax,
    "linear": linear,
    "matmul": matmul,
    "solve": solve,
    "conv2d": conv2d,
    "conv_transpose2d": conv_transpose2d,
    "max_pool2d": pool,
    "avg_pool2d": pool,
    "transpose": _moved,
    "expand": _moved,
    "slice": _moved,
    "flip": _moved,
    "cat": _cat,
    "pad": _pad,
    "full": _full,
    "take": _take,
    "gather": _gather,
    "put": _put,
    "searchsorted": _searchsorted,
}
