"""Names in a graph of ONNX: what a class or a symbol is called, for each number of one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from neurarium.program.onnx_graph import Graph

_KINDS = {bool: TensorProto.BOOL, int: TensorProto.INT64, float: TensorProto.DOUBLE}


def write_names(g: Graph, numbers: str, names: Sequence[Any], output: str) -> int:
    """Add an output: the names of numbers.

    Args:
        g: The graph.
        numbers: What those are called in it.
        names: By number.
        output: What the result is to be called.

    Returns:
        The kind of the names in ONNX: texts, whole numbers, numbers or truths.
    """
    given = plain(names)
    kind = _KINDS.get(type(given[0]), TensorProto.STRING)
    texts = [each.encode() for each in given] if kind == TensorProto.STRING else given
    g.numbers.append(helper.make_tensor(table := g.name("names"), kind, [len(given)], texts))
    g.node("Gather", table, numbers)
    g.rename(output)
    return int(kind)


def plain(names: Sequence[Any]) -> list[Any]:
    """Names as plain values of one type: as texts where they are of several."""
    given = [each.item() if isinstance(each, np.generic) else each for each in names]
    kinds = {type(each) for each in given}
    if len(kinds) == 1 and kinds <= {bool, int, float}:
        return given
    return [str(each).encode("utf-8", "replace").decode() for each in given]
