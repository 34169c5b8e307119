"""Products of matrices as C, and their undoing."""

from neurarium.program.c99_loops import (
    C_TYPES,
    SCRATCH,
    Lines,
    Nest,
    Places,
    block,
    broadcast_strides,
    literal,
    strides_of,
)
from neurarium.program.operations import Step


def linear(step: Step, places: Places) -> Lines:
    """Rows times a matrix of weights, plus a bias."""
    x, weight, *bias = step.values()
    n, k = x.shape_of(1)
    m = weight.shape_of(1)[0]
    kind = C_TYPES[step.result.dtype]
    start = f"{places[bias[0].name].name}[o]" if bias else literal(0, kind)
    row, out = ("", "") if n == 1 else (f"r * {k} + ", f"r * {m} + ")
    body = [
        f"for (int o = 0; o < {m}; o++) {{",
        f"    {kind} total = {start};",
        f"    for (int j = 0; j < {k}; j++)",
        f"        total += {places[weight.name].name}[o * {k} + j] * {places[x.name].name}[{row}j];",
        f"    {places[step.result.name].name}[{out}o] = total;",
        "}",
    ]
    return body if n == 1 else [f"for (int r = 0; r < {n}; r++) {{", *(f"    {line}" for line in body), "}"]


def matmul(step: Step, places: Places) -> Lines:
    """Stacks of matrices times each other."""
    x, y = step.values()
    *front, n, k = x.shape_of(1)
    m = y.shape_of(1)[-1]
    result = step.result.shape_of(1)
    kind = C_TYPES[step.result.dtype]
    batch = result[:-2]
    x_front = broadcast_strides([*front, n * k], [*batch, n * k])[:-1]
    y_front = broadcast_strides([*y.shape_of(1)[:-2], k * m], [*batch, k * m])[:-1]
    outer = Nest([*batch, n, m], [strides_of(result), [*x_front, k, 0], [*y_front, 0, 1]])
    names = [places[value.name].name for value in (x, y)]
    body = [
        f"{kind} total = {literal(0, kind)};",
        f"for (int j = 0; j < {k}; j++)",
        f"    total += {names[0]}[{outer.index[1]} + j] * {names[1]}[{outer.index[2]} + j * {m}];",
        f"{places[step.result.name].name}[{outer.index[0]}] = total;",
    ]
    return block(outer.around(body), outer)


def solve(step: Step, places: Places) -> Lines:
    """What a matrix has to be multiplied with, by elimination in a copy."""
    a, b = step.values()
    n, k = b.shape_of(1)
    copied, x = places[f"{SCRATCH}{step.result.name}"].name, places[step.result.name].name
    return [
        f"for (int i = 0; i < {n * n}; i++)",
        f"    {copied}[i] = {places[a.name].name}[i];",
        f"for (int i = 0; i < {n * k}; i++)",
        f"    {x}[i] = {places[b.name].name}[i];",
        f"Solve_{C_TYPES[step.result.dtype]}({n}, {k}, {copied}, {x});",
    ]
