"""A program as a graph of ONNX: its steps in order, and a loop's program as the graph of a turn."""

from collections.abc import Mapping

from neurarium.program.onnx_graph import Graph
from neurarium.program.onnx_loops import Turn
from neurarium.program.onnx_steps import write_step
from neurarium.program.operations import Program, Step, Value


def write_program(g: Graph, program: Program, outputs: Mapping[str, Value]) -> None:
    """Add all that a program computes.

    Args:
        g: A graph that has its inputs.
        program: What to add.
        outputs: What is to be known by which name; reserved ones.
    """
    g.constants(program.constants)
    wanted = {value.name: name for name, value in reversed(list(outputs.items()))}
    for step in program.steps:
        (_write_loop if step.operation == "loop" else write_step)(g, step)
        for number, value in enumerate(step.results):
            g.keep(value, wanted.get(value.name), number)
    for name, value in outputs.items():
        if g[value] != name:  # an input or a constant, or it goes out under two names
            g.node("Identity", g[value])
            g.rename(name)


def _write_loop(g: Graph, step: Step) -> None:
    body, states = step.body(), step.number("states")
    given, first = g.given(step), states + step.number("sequences")
    turn = Turn(body.inputs[:states], g)
    for value, sequence in zip(body.inputs[states:first], given[states:first], strict=True):
        turn.node("Gather", sequence, turn.number, axis=0)
        turn.keep(value, None)
    for value, shared in zip(body.inputs[first:], given[first:], strict=True):
        turn.alias(value, shared)
    outputs = {turn.name(name): value for name, value in body.outputs.items()}
    write_program(turn, body, outputs)
    turn.close(g.scalar(step.number("turns"), "int64"), given[:states], outputs)
