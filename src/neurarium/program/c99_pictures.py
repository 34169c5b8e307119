"""Convolutions and pooling as C."""

import math

from neurarium.program.c99_loops import C_TYPES, Lines, Places, literal, loops
from neurarium.program.operations import Step


def conv2d(step: Step, places: Places) -> Lines:
    x, weight, *bias = step.values()
    n, channels, h, w = x.shape_of(1)
    _, outs, oh, ow = step.result.shape_of(1)
    _, inside, kh, kw = weight.shape_of(1)
    stride, padding, dilation = (step.numbers(name) for name in ("stride", "padding", "dilation"))
    per_group = outs // step.number("groups")
    kind = C_TYPES[step.result.dtype]
    first = "c" if per_group == outs else f"o / {per_group} * {inside} + c"
    body = [
        f"{kind} total = {f'{places[bias[0].name].name}[o]' if bias else literal(0, kind)};",
        f"for (int c = 0; c < {inside}; c++)",
        f"    for (int i = 0; i < {kh}; i++)",
        f"        for (int j = 0; j < {kw}; j++) {{",
        f"            int down = p * {stride[0]} + i * {dilation[0]} - {padding[0]};",
        f"            int across = q * {stride[1]} + j * {dilation[1]} - {padding[1]};",
        f"            if (down >= 0 && down < {h} && across >= 0 && across < {w})",
        f"                total += {places[weight.name].name}[((o * {inside} + c) * {kh} + i) * {kw} + j]",
        f"                         * {places[x.name].name}[((r * {channels} + {first}) * {h} + down) * {w} + across];",
        "        }",
        f"{places[step.result.name].name}[((r * {outs} + o) * {oh} + p) * {ow} + q] = total;",
    ]
    return loops([("r", n), ("o", outs), ("p", oh), ("q", ow)], body)


def conv_transpose2d(step: Step, places: Places) -> Lines:
    x, weight, *bias = step.values()
    n, channels, h, w = x.shape_of(1)
    _, outs, oh, ow = step.result.shape_of(1)
    _, per_group, kh, kw = weight.shape_of(1)
    stride, padding, dilation = (step.numbers(name) for name in ("stride", "padding", "dilation"))
    group = channels // step.number("groups")
    kind, result = C_TYPES[step.result.dtype], places[step.result.name].name
    start = f"{places[bias[0].name].name}[o]" if bias else literal(0, kind)
    target = "o" if per_group == outs else f"(c / {group} * {per_group} + o)"
    fill = loops([("r", n), ("o", outs), ("p", oh * ow)], [f"{result}[(r * {outs} + o) * {oh * ow} + p] = {start};"])
    body = [
        f"int down = p * {stride[0]} + i * {dilation[0]} - {padding[0]};",
        f"int across = q * {stride[1]} + j * {dilation[1]} - {padding[1]};",
        f"if (down >= 0 && down < {oh} && across >= 0 && across < {ow})",
        f"    {result}[((r * {outs} + {target}) * {oh} + down) * {ow} + across]",
        f"        += {places[weight.name].name}[((c * {per_group} + o) * {kh} + i) * {kw} + j]",
        f"           * {places[x.name].name}[((r * {channels} + c) * {h} + p) * {w} + q];",
    ]
    variables = [("r", n), ("c", channels), ("o", per_group), ("p", h), ("q", w), ("i", kh), ("j", kw)]
    return [*fill, *loops(variables, body)]


def pool(step: Step, places: Places) -> Lines:
    (x,) = step.values()
    n, channels, h, w = x.shape_of(1)
    _, _, oh, ow = step.result.shape_of(1)
    kernel, stride, padding, dilation = (step.numbers(name) for name in ("kernel", "stride", "padding", "dilation"))
    kind, largest = C_TYPES[x.dtype], step.operation == "max_pool2d"
    source = f"{places[x.name].name}[(c * {h} + down) * {w} + across]"
    divisor = step.attributes.get("divisor")
    counted = not largest and divisor == 0
    update = [f"total = Max_{kind}(total, {source});"] if largest else [f"total += {source};"]
    body = [
        f"{kind} total = {literal(-math.inf if largest else 0, kind)};",
        *(["int count = 0;"] if counted else []),
        f"for (int i = 0; i < {kernel[0]}; i++)",
        f"    for (int j = 0; j < {kernel[1]}; j++) {{",
        f"        int down = p * {stride[0]} + i * {dilation[0]} - {padding[0]};",
        f"        int across = q * {stride[1]} + j * {dilation[1]} - {padding[2]};",
        f"        if (down >= 0 && down < {h} && across >= 0 && across < {w}) {{",
        *(f"            {line}" for line in [*update, *(["count++;"] if counted else [])]),
        "        }",
        "    }",
        f"{places[step.result.name].name}[(c * {oh} + p) * {ow} + q] = total"
        + ("" if largest else f" / {f'({kind})count' if counted else literal(divisor, kind)}")
        + ";",
    ]
    return loops([("c", n * channels), ("p", oh), ("q", ow)], body)
