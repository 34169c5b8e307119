"""Writing the files: a fitted network as source code in another language, with its own check."""

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils import _pytree

from neurarium.program.building import identifiers
from neurarium.program.c99_source import c99_source
from neurarium.program.files import write_whole
from neurarium.program.numpy_source import numpy_source
from neurarium.program.operations import Program, Value
from neurarium.program.precision import near
from neurarium.program.sheet import Function, Sheet, Symbols, rows_axis
from neurarium.program.trace import input_names, trace

N_ROWS = 100


@dataclass(frozen=True)
class Part:
    """One function to print.

    Args:
        module: What it computes: a dict of named outputs, or anything that `trace` takes.
        inputs: Examples, two rows of them; a step's are where it starts.
        staged: The same with its stages, for their names; the module itself where it has none.
    """

    module: nn.Module
    inputs: tuple[Tensor, ...]
    staged: nn.Module


def prepare(
    parts: Mapping[str, Part],
    *,
    title: str,
    classes: Sequence[Any] | None = None,
    symbols: Symbols | None = None,
    rows: Tensor | None = None,
    single: bool = True,
) -> Sheet:
    """Trace functions, and ask the network for the answers that what is printed has to give.

    Args:
        parts: The functions by name.
        title: Whose they are.
        classes: The labels that an output "label" counts.
        symbols: What whole numbers that come in stand for.
        rows: Rows to check the first input of each function by, where they are of its shape; None draws some.
        single: Whether float32 may be enough, which is measured; False where it is known not to be.

    Raises:
        UnsupportedOperation: A function does what programs cannot.
    """
    programs = {name: _program(part, torch.float32) for name, part in parts.items()}
    given = {name: _rows_to_check_by(part, programs[name], rows) for name, part in parts.items()}
    wanted = {name: _answers(part, given[name], torch.float32) for name, part in parts.items()}
    try:
        precise = {name: _answers(part, given[name], torch.float64) for name, part in parts.items()}
    except RuntimeError:  # a module that asks for float32 by name: there is nothing more precise to compare it with
        precise = wanted
    dtype = torch.float32
    if not single or not all(near(wanted[name], precise[name]) for name in parts):
        dtype, wanted = torch.float64, precise
        programs = {name: _program(part, dtype) for name, part in parts.items()}
    functions: dict[str, Function] = {}
    for name, part in parts.items():
        program = programs[name]
        inputs, starts = _as(given[name], dtype), _as(part.inputs, dtype)
        right = wanted[name]
        called = identifiers([name], {*functions, *(value.name for value in program.inputs)})[0]
        functions[called] = Function(
            called,
            program,
            {value.name: each.numpy(force=True) for value, each in zip(program.inputs, inputs, strict=True)},
            {each: right[each if each in right else str(number)] for number, each in enumerate(program.outputs)},
            {value.name: _first(value, each) for value, each in zip(program.inputs, starts, strict=True)},
        )
    labels = None if classes is None else tuple(classes)
    precision = str(dtype).removeprefix("torch.")
    return Sheet(title, tuple(functions.values()), labels, N_ROWS, precision, symbols)


def export(
    module: nn.Module,
    path: str | os.PathLike[str],
    example_inputs: Tensor | Sequence[Tensor],
    classes: Sequence[Any] | None = None,
) -> list[Path]:
    """Write a torch module of your own as a file that needs no torch, with 100 rows to check it by.

    Args:
        module: It takes tensors whose first axis is the rows, and treats each row by itself. It is traced as it is in
            eval mode, and stays as it was.
        path: "net.py" for NumPy, "net.c" for C99, "net.onnx" for ONNX: see `write`.
        example_inputs: A tensor, or several, of as many rows. If the rows of the first differ, the file is checked by
            them; else by numbers that are drawn.
        classes: The names of the k classes, if the module answers with (n, k) scores: then the file says the label of
            the highest too.

    Returns:
        The files written.

    Raises:
        ValueError: The path ends in something else, or the scores are not as many as the classes.
        NotImplementedError: The module does what cannot be printed; the message names the operation and the line.
        ImportError: ONNX is asked for, and the package onnx is not installed.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> module = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
        >>> with TemporaryDirectory() as folder:
        ...     [file.name for file in export(module, f"{folder}/net.c", torch.zeros(2, 4), classes=["no", "yes"])]
        ['net.c', 'net.h']
    """
    check_ending(path)
    inputs = (example_inputs,) if isinstance(example_inputs, Tensor) else tuple(example_inputs)
    if not isinstance(module, nn.Module) or not inputs or not all(isinstance(each, Tensor) for each in inputs):
        raise TypeError(
            f"export needs a torch module and tensors to show what goes in; got {type(module).__name__} and "
            f"{', '.join(type(each).__name__ for each in inputs) or 'nothing'}."
        )
    with torch.no_grad():
        answer = _in(module, torch.float32)(*_as(inputs, torch.float32))
    asked, name = module, "forward"
    if classes is not None:
        _check_scores(module, answer, (len(inputs[0]), len(classes)))
        asked, name = _Labelled(module), "classify"
    rows = inputs[0] if inputs[0].dim() and bool((inputs[0] != inputs[0][:1]).any()) else None
    sheet = prepare({name: Part(asked, inputs, asked)}, title=type(module).__name__, classes=classes, rows=rows)
    return write(path, sheet)


def _check_scores(module: nn.Module, answer: Any, shape: tuple[int, int]) -> None:
    got = tuple(answer.shape) if isinstance(answer, Tensor) else type(answer).__name__
    if got != shape:
        raise ValueError(
            f"with {shape[1]} classes, a module has to answer {shape} scores to {shape[0]} rows; "
            f"{type(module).__name__} answers {got}."
        )


class _Labelled(nn.Module):
    """A module's scores, and the number of the class with the highest.

    Args:
        module: To ask.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Tensor) -> dict[str, Tensor]:
        """The label and the scores."""
        scores = self.module(*inputs)
        return {"label": scores.argmax(1), "scores": scores}


def write(path: str | os.PathLike[str], sheet: Sheet) -> list[Path]:
    """Print functions to files.

    Args:
        path: "net.py" for NumPy; "net.c" for C99, which writes net.h beside it; "net.onnx" for ONNX, which writes
            net_check.py beside it, and net.NAME.onnx for each function but the first.
        sheet: What to print.

    Returns:
        The files written.

    Raises:
        ValueError: The path ends in something else.
        ImportError: ONNX is asked for, and the package onnx is not installed.
        OSError: A file cannot be written; older ones stay as they were.
    """
    path = Path(path)
    check_ending(path)
    files = _FILES[path.suffix](sheet, path)
    for each, content in files.items():
        write_whole(each, content)
    return list(files)


def _numpy_files(sheet: Sheet, path: Path) -> dict[Path, bytes]:
    return {path: numpy_source(sheet).encode()}


def _c99_files(sheet: Sheet, path: Path) -> dict[Path, bytes]:
    source, header = c99_source(sheet, path.stem)
    return {path: source.encode(), path.with_suffix(".h"): header.encode()}


def _onnx_files(sheet: Sheet, path: Path) -> dict[Path, bytes]:
    from neurarium.program.onnx_file import onnx_files  # needs a package that not everybody has

    return onnx_files(sheet, path)


_FILES = {".py": _numpy_files, ".c": _c99_files, ".onnx": _onnx_files}
"""What is written for each ending."""


def check_ending(path: str | os.PathLike[str]) -> None:
    """Refuse a path that says no language that can be printed.

    Raises:
        ValueError: It ends in something else.
        ImportError: It ends in .onnx, and the package onnx is not installed.
    """
    path = Path(path)
    if path.suffix not in _FILES:
        raise ValueError(
            f"a network is exported as NumPy source, to a path that ends in .py, as C99 source, to one that ends in "
            f".c, or as ONNX, to one that ends in .onnx; got {str(path)!r}."
        )
    if path.suffix == ".onnx" and find_spec("onnx") is None:
        raise ImportError("writing ONNX needs the package onnx. Install it: pip install 'neurarium[onnx]'.")


def _program(part: Part, dtype: torch.dtype) -> Program:
    names = input_names(part.module, len(part.inputs))
    return trace(_in(part.staged, dtype), _as(part.inputs, dtype), names).pruned()


def _first(value: Value, example: Tensor) -> NDArray[Any]:
    axis = rows_axis(value)
    return (example if axis is None else example.narrow(axis, 0, 1)).numpy(force=True)


def _in(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    return copy.deepcopy(module).cpu().to(dtype).eval()


def _as(inputs: tuple[Tensor, ...], dtype: torch.dtype) -> tuple[Tensor, ...]:
    return tuple(each.cpu().to(dtype) if each.is_floating_point() else each.cpu() for each in inputs)


def _answers(part: Part, inputs: tuple[Tensor, ...], dtype: torch.dtype) -> dict[str, NDArray[Any]]:
    """What the network says in a precision, by the name of the output, or its number where it has none."""
    with torch.no_grad():
        answer = _in(part.module, dtype)(*_as(inputs, dtype))
    if isinstance(answer, dict):
        taken = identifiers(input_names(part.module, len(part.inputs)))
        named = dict(zip(identifiers(answer, taken), answer.values(), strict=True))
    else:
        named = {str(number): tensor for number, tensor in enumerate(_pytree.tree_leaves(answer))}
    return {name: tensor.numpy(force=True) for name, tensor in named.items()}


# Rows to check by.


def _rows_to_check_by(part: Part, program: Program, rows: Tensor | None) -> tuple[Tensor, ...]:
    """Numbers for each input of a function, all of which float32 holds."""
    chance = torch.Generator().manual_seed(0)
    first, *others = program.inputs
    return (
        _numbers(part, program, first, part.inputs[0], chance, rows),
        *(
            _numbers(part, program, value, example, chance, None)
            for value, example in zip(others, part.inputs[1:], strict=True)
        ),
    )


def _numbers(
    part: Part, program: Program, value: Value, example: Tensor, chance: torch.Generator, rows: Tensor | None
) -> Tensor:
    shape = value.shape_of(1)
    if rows is not None and rows.shape[1:] == shape[1:] and rows_axis(value) == 0:
        rows = rows.cpu()[torch.arange(N_ROWS) % len(rows)]
        return rows.float().double() if rows.is_floating_point() else rows
    wide = value.shape_of(N_ROWS)
    if value.dtype == "int64":
        return torch.randint(_bound(program, value, example), wide, generator=chance)
    if value.dtype == "bool":
        return torch.rand(wide, generator=chance) < 0.5
    if "noise" in value.name or "uniform" in value.name:
        return torch.rand(wide, generator=chance).double()
    drawn = torch.randn(wide, generator=chance)
    for child in part.module.modules():
        mean, scale = getattr(child, "mean", None), getattr(child, "scale", None)
        if not isinstance(mean, Tensor) or not isinstance(scale, Tensor) or not mean.dim():
            continue
        if shape[1:][-mean.dim() :] == mean.shape:  # of a row, or of each step of one
            return (drawn * scale.cpu() + mean.cpu()).float().double()
    return drawn.double()


def _bound(program: Program, value: Value, example: Tensor) -> int:
    """One more than the largest whole number that an input may be: what it picks from has so many entries."""
    (*_, answers) = next(iter(program.outputs.values())).shape_of(1)  # else what comes in is taken for what comes out
    return min(_picked_from(program, {value.name}), default=max(int(example.max()) + 1, answers))


def _picked_from(program: Program, same: set[str]) -> list[int]:
    """How many entries that has from which whole numbers pick, in the program and in its loops."""
    sizes = []
    for step in program.steps:
        names = [each.name for each in step.values()]
        if step.operation in ("reshape", "transpose", "expand", "slice") and names[0] in same:
            same.add(step.result.name)
        if step.operation in ("take", "gather", "put") and names[1] in same:
            sizes.append(step.values()[0].shape_of(1)[step.number("axis")])
        if step.operation == "loop":
            inside = zip(names, step.body().inputs, strict=True)
            sizes += _picked_from(step.body(), {entry.name for name, entry in inside if name in same})
    return sizes
