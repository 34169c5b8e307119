"""Loops of ONNX: a graph that is run turn after turn, inside a node."""

from collections.abc import Mapping, Sequence

import numpy as np
from onnx import TensorProto, helper

from neurarium.program.onnx_graph import Graph, announced
from neurarium.program.operations import Step, Value


class Turn(Graph):
    """The graph of one turn.

    Args:
        states: What a turn takes from the one before.
        outer: The graph around it.

    Attributes:
        number: What the number of the turn is called: a whole number from 0.
    """

    def __init__(self, states: Sequence[Value], outer: Graph) -> None:
        super().__init__(states, outer)
        self.number = self.name("turn")

    def close(self, turns: str, starts: Sequence[str], outputs: Mapping[str, Value]) -> None:
        """Add the loop to the graph around: its results are the last states, then each answer of all turns.

        Args:
            turns: What the number of turns is called around here.
            starts: What the states are at first.
            outputs: What a turn gives, by what it is called here: the new states, then answers.
        """
        outer = self.outer
        going, still = self.name("going"), self.name("still_going")  # a loop may end itself; these do not
        self.nodes.append(helper.make_node("Identity", [going], [still], still))
        graph = helper.make_graph(
            self.nodes,
            "turn",
            [
                helper.make_tensor_value_info(self.number, TensorProto.INT64, []),
                helper.make_tensor_value_info(going, TensorProto.BOOL, []),
                *(announced(value, self[value]) for value in self.inputs),
            ],
            [
                helper.make_tensor_value_info(still, TensorProto.BOOL, []),
                *(announced(value, name) for name, value in outputs.items()),
            ],
            self.numbers,
            value_info=self.forms,
        )
        if outer is not None:
            outer.node("Loop", turns, "", *starts, results=len(outputs), body=graph)


def solve(g: Graph, step: Step, given: list[str]) -> str:
    """The elimination of Gauss and Jordan: a turn for each column, around the largest number that is left in it."""
    values = step.values()
    matrix, right = (
        Value("matrix", values[0].shape, step.result.dtype),
        Value("right", values[1].shape, values[1].dtype),
    )
    (size, _) = matrix.shape_of(1)
    t = Turn([matrix, right], g)
    places, here = t.whole(*range(size)), t.node("Unsqueeze", t.number, t.whole(0))
    done = t.node("Less", places, here)
    left = t.node(
        "Where", done, t.scalar(-1, matrix.dtype), t.node("Abs", t.node("Gather", t[matrix], t.number, axis=1))
    )
    largest = t.node("ArgMax", left, axis=0)
    swap = t.node("Concat", here, largest, axis=0), t.node("Concat", largest, here, axis=0)
    order = t.node("ScatterElements", places, *swap, axis=0)
    swapped = {value.name: t.node("Gather", t[value], order, axis=0) for value in (matrix, right)}
    column = t.node("Gather", swapped["matrix"], here, axis=1)
    pivot = t.node("Gather", column, here, axis=0)
    none = t.node("Equal", pivot, t.scalar(0, matrix.dtype))
    pivot = t.node("Where", none, t.scalar(np.nan, matrix.dtype), pivot)
    at_pivot = t.node("Unsqueeze", t.node("Equal", places, here), t.whole(1))
    outputs = {}
    for value in (matrix, right):
        row = t.node("Div", t.node("Gather", swapped[value.name], here, axis=0), pivot)
        rest = t.node("Sub", swapped[value.name], t.node("Mul", column, row))
        outputs[t.node("Where", at_pivot, row, rest)] = value
    t.close(g.scalar(size, "int64"), given, outputs)
    return g.node("Identity", g.nodes[-1].output[1])
