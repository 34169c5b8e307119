"""Writing the files: a fitted network as source code in another language, with its own check."""

import contextlib
import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils import _pytree

from neurarium.program.building import identifiers
from neurarium.program.c99_source import c99_source
from neurarium.program.numpy_source import numpy_source
from neurarium.program.operations import Program, Value
from neurarium.program.sheet import TOLERANCE, Function, Sheet, rows_axis, scale
from neurarium.program.trace import input_names, trace

N_ROWS = 100
_SAFE = TOLERANCE / 5  # a printed file adds up in another order than torch does: so much less may float32 lose


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
    parts: Mapping[str, Part], *, title: str, classes: Sequence[Any] | None = None, rows: Tensor | None = None
) -> Sheet:
    """Trace functions, and ask the network for the answers that what is printed has to give.

    Args:
        parts: The functions by name.
        title: Whose they are.
        classes: The labels that an output "label" counts.
        rows: Rows to check the first input of each function by, where they are of its shape; None draws some.

    Raises:
        UnsupportedOperation: A function does what programs cannot.
    """
    programs = {name: _program(part, torch.float32) for name, part in parts.items()}
    given = {name: _rows_to_check_by(part, programs[name], rows) for name, part in parts.items()}
    wanted = {name: _answers(part, given[name], torch.float32) for name, part in parts.items()}
    precise = {name: _answers(part, given[name], torch.float64) for name, part in parts.items()}
    dtype = torch.float32
    if not all(_near(wanted[name], precise[name]) for name in parts):
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
    return Sheet(title, tuple(functions.values()), labels, N_ROWS, str(dtype).removeprefix("torch."))


def write(path: str | os.PathLike[str], sheet: Sheet) -> list[Path]:
    """Print functions to files.

    Args:
        path: "net.py" for NumPy; "net.c" for C99, which writes net.h beside it.
        sheet: What to print.

    Returns:
        The files written.

    Raises:
        ValueError: The path ends in something else.
        OSError: A file cannot be written; older ones stay as they were.
    """
    path = Path(path)
    check_ending(path)
    if path.suffix == ".py":
        files = {path: numpy_source(sheet)}
    else:
        source, header = c99_source(sheet, path.stem)
        files = {path: source, path.with_suffix(".h"): header}
    for each, text in files.items():
        _write(each, text)
    return list(files)


def check_ending(path: str | os.PathLike[str]) -> None:
    """Refuse a path that says no language that can be printed."""
    path = Path(path)
    if path.suffix not in (".py", ".c"):
        more = " (ONNX is not there yet)" if path.suffix == ".onnx" else ""
        raise ValueError(
            f"a network is exported as NumPy source, to a path that ends in .py, or as C99 source, to one that ends in "
            f".c; got {str(path)!r}{more}."
        )


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


def _near(quick: Mapping[str, NDArray[Any]], precise: Mapping[str, NDArray[Any]]) -> bool:
    """Whether float32 says the same as float64 to a fifth of the tolerance, and to the bit where it counts."""
    for name, one in quick.items():
        other = precise[name]
        if one.dtype.kind != "f" and not np.array_equal(one, other):
            return False
        with np.errstate(invalid="ignore"):
            away = np.where(one == other, 0, np.abs(one.astype(float) - other))
        if not np.nanmax(away, initial=0) <= _SAFE * scale(other):
            return False
    return True


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
        return rows.cpu()[torch.arange(N_ROWS) % len(rows)].float().double()
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
        if isinstance(mean, Tensor) and isinstance(scale, Tensor) and mean.shape == shape[1:]:
            return (drawn * scale.cpu() + mean.cpu()).float().double()
    return drawn.double()


def _bound(program: Program, value: Value, example: Tensor) -> int:
    """One more than the largest whole number that an input may be: what it picks from has so many entries."""
    same, sizes = {value.name}, []
    for step in program.steps:
        names = [each.name for each in step.values()]
        if step.operation in ("reshape", "transpose", "expand", "slice") and names[0] in same:
            same.add(step.result.name)
        if step.operation in ("take", "gather", "put") and names[1] in same:
            sizes.append(step.values()[0].shape_of(1)[step.number("axis")])
    (*_, answers) = next(iter(program.outputs.values())).shape_of(1)  # else what comes in is taken for what comes out
    return min(sizes, default=max(int(example.max()) + 1, answers))


# Files.


def _write(path: Path, text: str) -> None:
    """All of a file or nothing."""
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: the folder {path.parent} does not exist.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
