"""What an estimator's verb does with a step, as a graph of ONNX: a loop around it, with as many turns as are asked for.

A forecast, a text and a walk hear what is known, then what they have said themselves; a sequence is heard to its end.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import onnx
from onnx import TensorProto, helper

from neurarium.program.building import identifiers
from neurarium.program.examples import Example
from neurarium.program.onnx_graph import KINDS, Graph
from neurarium.program.onnx_loops import Turn
from neurarium.program.onnx_names import write_names
from neurarium.program.onnx_program import write_program
from neurarium.program.operations import Program, Rows, Step, Value
from neurarium.program.sheet import Function, Sheet

_END = np.iinfo(np.int64).max
_Hear = Callable[[Turn, str], str]
"""From a turn, and what was said in the one before: what comes in."""


@dataclass
class Driver:
    """A graph, and what goes in and comes out."""

    graph: Graph
    inputs: list[onnx.ValueInfoProto]
    outputs: list[onnx.ValueInfoProto]


def driver(sheet: Sheet, example: Example) -> Driver:
    """The graph of a verb.

    Args:
        sheet: What is printed.
        example: What the verb takes and gives.
    """
    (function,) = [each for each in sheet.functions if each.name == example.function]
    g = Graph([], reserved=[*example.given, *example.wanted, "scores", "symbols"])
    if example.verb == "forecast":
        return _forecast(g, function)
    if example.verb in ("sample", "simulate"):
        return _drawn(g, function, sheet, example)
    return _answered(g, function, sheet, example)


def _info(name: str, kind: int, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, list(shape))


def _heard(function: Function) -> Value:
    return function.heard()[0]


def _answer(function: Function) -> Value:
    return function.program.outputs[function.answers()[0]]


def _turns(g: Graph, function: Function, turns: str, hear: _Hear, kept: Value | None = None) -> list[str]:
    """A step, turn after turn: the answers of the last one, then what all of them made of a value."""
    program, states = function.program, function.states()
    answers = [program.outputs[name] for name in function.answers()]
    names = identifiers(["said"] * len(answers), program.names())
    said = [Value(name, value.shape, value.dtype) for name, value in zip(names, answers, strict=True)]
    turn = Turn([*states, *said], g)
    turn.alias(_heard(function), hear(turn, turn[said[0]]))
    new = {name: turn.name(name) for name in program.outputs}
    write_program(turn, program, {new[name]: value for name, value in program.outputs.items()})
    carried = [*(f"new_{value.name}" for value in states), *function.answers()]
    outputs = {new[name]: program.outputs[name] for name in carried}
    if kept is not None:
        outputs[turn.node("Identity", turn[kept])] = kept
    starts = {value: g.constant(function.start[value.name], f"first_{value.name}") for value in states}
    starts |= {value: g.scalar(0, value.dtype) for value in said}
    turn.close(turns, [g.node("Expand", start, g.shape(value.shape)) for value, start in starts.items()], outputs)
    return list(g.nodes[-1].output[len(states) :])


# Going on.


def _go_on(
    g: Graph, function: Function, known: str, more: str, speak: Callable[[Turn, str, str], str], beside: str = ""
) -> str:
    """Hear what is known, then what is made of each answer: the latter, (more, ...).

    Args:
        g: The graph.
        function: The step.
        known: What is heard first.
        more: How many turns come after it.
        speak: From a turn, for how long nothing more was known in it, and an answer: what is heard next.
        beside: What else is heard in each turn.
    """
    g.rows = g.whole(1)
    heard, answer = _heard(function), _answer(function)
    n_known = g.node("Shape", known, start=0, end=1)
    last = g.node("Sub", n_known, g.whole(1))
    (name,) = identifiers(["spoken"], function.program.names())
    spoken = Value(name, (1, *answer.shape[1:]) if beside else heard.shape, heard.dtype)

    def hear(turn: Turn, said: str) -> str:
        here = turn.node("Unsqueeze", turn.number, turn.whole(0))
        told = turn.node("Gather", known, turn.node("Min", here, last), axis=0)
        own = speak(turn, turn.node("Sub", here, n_known), said)
        turn.node("Where", turn.node("Less", here, n_known), told, own)
        turn.keep(spoken, None)
        if not beside:
            return turn[spoken]
        return turn.node("Concat", turn[spoken], turn.node("Gather", beside, here, axis=0), axis=1)

    *_, all_of_them = _turns(g, function, g.node("Add", g.node("Squeeze", n_known), more), hear, spoken)
    return g.node("Slice", all_of_them, n_known, g.whole(_END), g.whole(0))


def _forecast(g: Graph, function: Function) -> Driver:
    """The answers to a history: each is heard as the next value."""
    heard, n = _heard(function), _answer(function).shape_of(1)[1]
    kind, n_controls = KINDS[heard.dtype], heard.shape_of(1)[1] - n
    inputs, later = [_info("history", kind, "time", n), _info("steps", TensorProto.INT64)], ""
    if n_controls:  # with a value come the controls of the step to which it leads; to the last value none
        inputs.append(_info("control", kind, "time+steps", n_controls))
        none = g.constant(np.zeros((1, n_controls), heard.dtype))
        later = g.node("Slice", g.node("Concat", "control", none, axis=0), g.whole(1), g.whole(_END), g.whole(0))
    g.node("Reshape", _go_on(g, function, "history", "steps", lambda _, __, said: said, later), g.whole(-1, n))
    g.rename("answer")
    return Driver(g, inputs, [_info("answer", kind, "steps", n)])


def _drawn(g: Graph, function: Function, sheet: Sheet, example: Example) -> Driver:
    """Symbols that go on from others, each decided by a number of noise: by which piece of a line it falls into."""
    scored, written = bool(function.states()), example.verb == "sample"
    step = function if scored else _remembering(function)
    dtype, before = _answer(step).dtype, next(iter(example.given))

    def speak(turn: Turn, since: str, said: str) -> str:
        if written:  # the first symbol stands for unknown ones
            said = turn.node("Slice", said, turn.whole(1), turn.whole(_END), turn.whole(1))
        if scored:
            top = turn.node("ReduceMax", said, turn.whole(1), keepdims=1)
            said = turn.node("Exp", turn.node("Div", turn.node("Sub", said, top), "temperature"))
        elif written:
            said = turn.node("Pow", said, turn.node("Div", turn.scalar(1, dtype), "temperature"))
        ends = turn.node("CumSum", turn.node("Cast", said, to=TensorProto.DOUBLE), turn.scalar(1, "int64"))
        total = turn.node("Slice", ends, turn.whole(-1), turn.whole(_END), turn.whole(1))
        noise = turn.node("Gather", "noise", turn.node("Max", since, turn.whole(0)), axis=0)
        place = turn.node("Mul", turn.node("Cast", noise, to=TensorProto.DOUBLE), total)
        beyond = turn.node("Cast", turn.node("Less", place, ends), to=TensorProto.INT64)
        return turn.node("Add", turn.node("ArgMax", beyond, axis=1, keepdims=0), turn.whole(int(written)))

    known = g.node("Concat", g.whole(0 if scored else -1), before, axis=0)
    g.node("Reshape", _go_on(g, step, known, g.node("Size", "noise"), speak), g.whole(-1))
    g.rename("numbers")
    names = write_names(g, "numbers", sheet.symbols.names if sheet.symbols else (), "symbols")
    heat = [_info("temperature", KINDS[dtype])] if written else []
    inputs = [_info(before, TensorProto.INT64, before), *heat, _info("noise", KINDS[dtype], "length")]
    return Driver(g, inputs, [_info("numbers", TensorProto.INT64, "length"), _info("symbols", names, "length")])


def _remembering(function: Function) -> Function:
    """A step that hears one symbol, of a function that hears the last ones: these are its state."""
    program = function.program
    (recent,) = program.inputs
    width = recent.shape_of(1)[1]
    symbol, column, before, rest = identifiers(["symbol", "column", "before", "rest"], program.names())
    state = replace(recent, name=before)
    heard, one = Value(symbol, (Rows(),), recent.dtype), Value(column, (Rows(), 1), recent.dtype)
    kept = Value(rest, (Rows(), width - 1), recent.dtype)
    moved = (
        Step((one,), "reshape", (heard,)),
        Step((kept,), "slice", (state,), {"axis": 1, "start": 1, "stop": width, "step": 1}),
        Step((recent,), "cat", (kept, one), {"axis": 1}),
    )
    outputs = {f"new_{before}": recent, **program.outputs}
    stepped = Program((state, heard), program.constants, (*moved, *program.steps), outputs, program.stages)
    return replace(function, program=stepped, start={before: np.full((1, width), -1, recent.dtype)})


# Whole sequences.


def _answered(g: Graph, function: Function, sheet: Sheet, example: Example) -> Driver:
    """The answer at the end of a sequence, or at every step, as the verb gives it."""
    heard, answer = _heard(function), _answer(function)
    (_, n), kind = answer.shape_of(1), KINDS[answer.dtype]
    g.rows = g.node("Shape", "rows", start=0, end=1)
    steps = g.node("Shape", "rows", start=1, end=2)
    for length in function.heard()[1:]:
        count = g.node("Cast", steps, to=KINDS[length.dtype])
        g.alias(length, g.node("Expand", count, g.shape(length.shape)))
    results = _turns(
        g,
        function,
        g.node("Squeeze", steps),
        lambda turn, _: turn.node("Gather", "rows", turn.number, axis=1),
        answer if example.every else None,
    )
    said = g.node("Transpose", results[-1], perm=(1, 0, 2)) if example.every else results[0]
    shape = ("n", "time") if example.every else ("n",)
    inputs = [_info("rows", KINDS[heard.dtype], "n", "time", heard.shape_of(1)[1])]
    if sheet.classes is None:
        one = example.wanted["answer"].ndim == len(shape)
        g.node("Squeeze", said, g.whole(-1)) if one else g.node("Identity", said)
        g.rename("answer")
        return Driver(g, inputs, [_info("answer", kind, *shape, *([] if one else [n]))])
    names = write_names(g, g.node("ArgMax", said, axis=-1, keepdims=0), sheet.classes, "label")
    g.node("Identity", said)
    g.rename("scores")
    known = function.answers()[1:]  # else they are by the softmax
    g.node("Identity", results[1]) if known else g.node("Softmax", said, axis=-1)
    g.rename("probabilities")
    shares = [_info(name, kind, *shape, n) for name in ("scores", "probabilities")]
    return Driver(g, inputs, [_info("label", names, *shape), *shares])
