"""A program as an ONNX file, and beside it the check: Python that needs numpy and onnxruntime alone.

A file of ONNX holds one graph. The verb of a network that goes on for many turns, or else its first function, has the
name asked for, net.onnx, and each further function a file of its own, net.NAME.onnx. The graphs stand on the operations
of ONNX alone, and the numbers of a network are inside its file.
"""

import base64
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

import neurarium
from neurarium.program.onnx_drivers import Driver, driver
from neurarium.program.onnx_graph import Graph, announced
from neurarium.program.onnx_names import plain, write_names
from neurarium.program.onnx_program import write_program
from neurarium.program.onnx_text import CHECK
from neurarium.program.operations import Rows, Value
from neurarium.program.sheet import TOLERANCE, Function, Sheet

OPSET = 20


def onnx_files(sheet: Sheet, path: Path) -> dict[Path, bytes]:
    """What to write where.

    Args:
        sheet: What the files hold.
        path: "net.onnx".

    Raises:
        onnx.checker.ValidationError: A graph is none; a fault of ours.
    """
    graphs: dict[str, Driver] = {example.verb: driver(sheet, example) for example in sheet.examples}
    graphs |= {function.name: _once(sheet, function) for function in sheet.functions}
    first, *_ = graphs
    names = {name: path.name if name == first else f"{path.stem}.{name}{path.suffix}" for name in graphs}
    files = {path.with_name(names[name]): _model(sheet, name, graph) for name, graph in graphs.items()}
    return {**files, path.with_name(f"{path.stem}_check.py"): _check(sheet, names).encode()}


def _model(sheet: Sheet, name: str, content: Driver) -> bytes:
    """A graph as a whole file."""
    graph = helper.make_graph(
        content.graph.nodes,
        name,
        content.inputs,
        content.outputs,
        content.graph.numbers,
        f"{sheet.title}, as neurarium printed it: {sheet.precision}; n is the number of rows.",
        content.graph.forms,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=helper.find_min_ir_version_for([helper.make_opsetid("", OPSET)]),
        producer_name="neurarium",
        producer_version=neurarium.__version__,
    )
    helper.set_model_props(model, _named(sheet))
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def _once(sheet: Sheet, function: Function) -> Driver:
    """The graph of a function alone."""
    program = function.program
    labels = _labelled(sheet, function)
    direct = {name: value for name, value in program.outputs.items() if name != "label" or labels is None}
    g = Graph(program.inputs, reserved=[*program.outputs, "label"])
    write_program(g, program, direct)
    outputs = [announced(value, name) for name, value in direct.items()]
    if labels is not None:
        outputs.insert(0, _write_labels(g, labels, sheet.classes or ()))
    return Driver(g, [announced(value, value.name) for value in program.inputs], outputs)


def _named(sheet: Sheet) -> dict[str, str]:
    """What classes, and whole numbers that come in, are called: lists in JSON."""
    symbols = None if sheet.symbols is None else sheet.symbols.names
    lists = {"classes": sheet.classes, "symbols": symbols}
    return {name: json.dumps(plain(names)) for name, names in lists.items() if names is not None}


def _labelled(sheet: Sheet, function: Function) -> Value | None:
    """What tells the label of a row: its number among the classes, or after a step a score for each class."""
    if sheet.classes is None:
        return None
    outputs = function.program.outputs
    scores = [value for name, value in outputs.items() if value.shape == (Rows(), len(sheet.classes))]
    return outputs.get("label") or (scores[0] if function.states() and len(scores) == 1 else None)


def _write_labels(g: Graph, value: Value, classes: tuple[Any, ...]) -> onnx.ValueInfoProto:
    """Add the output "label"."""
    number = g[value]
    if value.dtype != "int64":
        value, number = Value("label", value.shape[:1], "int64"), g.node("ArgMax", number, axis=1, keepdims=0)
    return announced(value, "label", write_names(g, number, classes, "label"))


# The check.


def _check(sheet: Sheet, names: dict[str, str]) -> str:
    """The Python that compares."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    labelled: list[str] = []
    for example in sheet.examples:
        given = {name: _in(sheet, array) for name, array in example.given.items()}
        arrays |= _stored(example.verb, given, example.wanted)
        labelled += [example.verb] * ("label" in example.wanted)
    for function in sheet.functions:
        wanted = dict(function.wanted)
        value = _labelled(sheet, function)
        if value is not None:
            labelled.append(function.name)
            if "label" not in wanted:
                scores = next(name for name, each in function.program.outputs.items() if each is value)
                wanted = {"label": wanted[scores].argmax(1), **wanted}
        arrays |= _stored(function.name, function.given, wanted)
    stored = io.BytesIO()
    np.savez_compressed(stored, **arrays)  # type: ignore[arg-type]
    text = base64.b64encode(stored.getvalue()).decode()
    return (
        CHECK.strip("\n").format(
            title=sheet.title,
            rows=sheet.n_rows,
            tolerance=TOLERANCE,
            files=ascii(names),
            classes=ascii(plain(sheet.classes or ())),
            labelled=labelled,
            answers={example.verb: len(next(iter(example.wanted.values()))) for example in sheet.examples},
            numbers="\n".join(text[start : start + 116] for start in range(0, len(text), 116)),
        )
        + "\n"
    )


def _in(sheet: Sheet, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array in the precision of the files."""
    return array.astype(sheet.precision) if array.dtype.kind == "f" else array


def _stored(
    name: str, given: Mapping[str, np.ndarray[Any, Any]], wanted: Mapping[str, np.ndarray[Any, Any]]
) -> dict[str, np.ndarray[Any, Any]]:
    kinds = {"given": given, "wanted": wanted}
    return {f"{name}/{kind}/{key}": array for kind, arrays in kinds.items() for key, array in arrays.items()}
