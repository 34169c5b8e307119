"""A program as an ONNX file, and beside it the check: Python that needs numpy and onnxruntime alone.

A file of ONNX holds one graph, so the first function of a network has the name asked for, net.onnx, and each other
one a file of its own, net.NAME.onnx. The graphs stand on the operations of ONNX alone, and the numbers of a network are
inside its file.
"""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

import neurarium
from neurarium.program.onnx_graph import Graph, announced
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
    names = {function.name: _file_name(sheet, function, path) for function in sheet.functions}
    files = {path.with_name(names[function.name]): _model(sheet, function) for function in sheet.functions}
    return {**files, path.with_name(f"{path.stem}_check.py"): _check(sheet, names).encode()}


def _file_name(sheet: Sheet, function: Function, path: Path) -> str:
    return path.name if function is sheet.functions[0] else f"{path.stem}.{function.name}{path.suffix}"


def _model(sheet: Sheet, function: Function) -> bytes:
    """A function as a whole file."""
    program = function.program
    labels = _labelled(sheet, function)
    direct = {name: value for name, value in program.outputs.items() if name != "label" or labels is None}
    g = Graph(program.inputs, reserved=[*program.outputs, "label"])
    write_program(g, program, direct)
    outputs = [announced(value, name) for name, value in direct.items()]
    if labels is not None:
        outputs.insert(0, _write_labels(g, labels, sheet.classes or ()))
    graph = helper.make_graph(
        g.nodes,
        function.name,
        [announced(value, value.name) for value in program.inputs],
        outputs,
        g.numbers,
        f"{sheet.title}, as neurarium printed it: {sheet.precision}; n is the number of rows.",
        g.forms,
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


def _named(sheet: Sheet) -> dict[str, str]:
    """What classes, and whole numbers that come in, are called: lists in JSON."""
    symbols = None if sheet.symbols is None else sheet.symbols.names
    lists = {"classes": sheet.classes, "symbols": symbols}
    return {name: json.dumps(_plain(names)) for name, names in lists.items() if names is not None}


# Labels.


def _labelled(sheet: Sheet, function: Function) -> Value | None:
    """What tells the label of a row: its number among the classes, or after a step a score for each class."""
    if sheet.classes is None:
        return None
    outputs = function.program.outputs
    scores = [value for name, value in outputs.items() if value.shape == (Rows(), len(sheet.classes))]
    return outputs.get("label") or (scores[0] if function.states() and len(scores) == 1 else None)


def _write_labels(g: Graph, value: Value, classes: tuple[Any, ...]) -> onnx.ValueInfoProto:
    """Add the output "label": the name of the class, as text, whole number, number or truth."""
    number = g[value]
    if value.dtype != "int64":
        value, number = Value("label", value.shape[:1], "int64"), g.node("ArgMax", number, axis=1, keepdims=0)
    plain = _plain(classes)
    kinds = {bool: TensorProto.BOOL, int: TensorProto.INT64, float: TensorProto.DOUBLE}
    kind = kinds.get(type(plain[0]), TensorProto.STRING)
    texts = [each.encode() for each in plain] if kind == TensorProto.STRING else plain
    g.numbers.append(helper.make_tensor(name := g.name("classes"), kind, [len(plain)], texts))
    g.node("Gather", name, number)
    g.rename("label")
    return announced(value, "label", kind)


def _plain(classes: tuple[Any, ...]) -> list[Any]:
    """Labels as plain values of one type: as texts where they are of several."""
    plain = [each.item() if isinstance(each, np.generic) else each for each in classes]
    kinds = {type(each) for each in plain}
    if len(kinds) == 1 and kinds <= {bool, int, float}:
        return plain
    return [str(each).encode("utf-8", "replace").decode() for each in plain]


# The check.


def _check(sheet: Sheet, names: dict[str, str]) -> str:
    """The Python that compares."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    labelled = []
    for function in sheet.functions:
        arrays |= {f"{function.name}/given/{name}": array for name, array in function.given.items()}
        wanted = dict(function.wanted)
        value = _labelled(sheet, function)
        if value is not None:
            labelled.append(function.name)
            if "label" not in wanted:
                scores = next(name for name, each in function.program.outputs.items() if each is value)
                wanted = {"label": wanted[scores].argmax(1), **wanted}
        arrays |= {f"{function.name}/wanted/{name}": array for name, array in wanted.items()}
    stored = io.BytesIO()
    np.savez_compressed(stored, **arrays)  # type: ignore[arg-type]
    text = base64.b64encode(stored.getvalue()).decode()
    return (
        CHECK.strip("\n").format(
            title=sheet.title,
            rows=sheet.n_rows,
            tolerance=TOLERANCE,
            files=ascii(names),
            classes=ascii(_plain(sheet.classes or ())),
            labelled=labelled,
            numbers="\n".join(text[start : start + 116] for start in range(0, len(text), 116)),
        )
        + "\n"
    )
