"""Files of numbers: .csv and .tsv, .parquet, .npy, .npz and .txt, with errors that name the column and the row."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from neurarium.core.messages import say

_MISSING = ("", "na", "nan", "null", "none", "?")
_ROWS, _ANSWERS = ("X", "x", "data", "images"), ("y", "target", "labels")


@dataclass(frozen=True, eq=False)
class Rows:
    """What DATA holds.

    Attributes:
        name: As the caller wrote it.
        X: Rows: an array, a list of arrays, or a text.
        y: The answers, None where there are none.
        columns: Names of the columns of a table, those that may be chosen by --target.
        features: What the numbers of a row are called; none where the file says no names.
    """

    name: str
    X: Any
    y: Any = None
    columns: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


def read_csv(path: Path, target: str | None) -> Rows:
    """A table with or without a line of names; empty fields are missing values."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(say("data.damaged", data=path, why=error)) from error
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text)
    lines = [line for line in csv.reader(text.splitlines(), delimiter=delimiter) if line]
    if not lines:
        raise ValueError(say("data.empty", data=path))
    named = not any(map(_is_number, lines[0]))
    columns = tuple(name.strip() for name in lines[0]) if named else tuple(str(i) for i in range(len(lines[0])))
    body = lines[1:] if named else lines
    for number, line in enumerate(body, 1):
        if len(line) != len(columns):
            raise ValueError(say("data.width", data=path, row=number, got=len(line), needs=len(columns)))
    return _from_columns(
        path, columns, {name: [line[i].strip() for line in body] for i, name in enumerate(columns)}, target
    )


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def read_parquet(path: Path, target: str | None) -> Rows:
    """A table of columns."""
    try:
        import pandas as pd
        import pyarrow  # noqa: F401  # what pandas reads the file with
    except ImportError as error:
        raise ImportError(say("data.extra", data=path, package="pandas + pyarrow", extra="tables")) from error
    try:
        frame = pd.read_parquet(path)
    except Exception as error:  # whatever a damaged file makes of its reader
        raise ValueError(say("data.damaged", data=path, why=error)) from error
    names = tuple(map(str, frame.columns))
    return _from_columns(path, names, {name: frame.iloc[:, i].tolist() for i, name in enumerate(names)}, target)


def _from_columns(path: Path, columns: tuple[str, ...], table: dict[str, list[Any]], target: str | None) -> Rows:
    column = None if target is None else _chosen(path, columns, target)
    features = [name for name in columns if name != column]
    X = np.array([_numbers(path, name, table[name]) for name in features]).T.reshape(-1, len(features))
    named = () if all(name.isdigit() for name in columns) else tuple(features)
    return Rows(str(path), X, None if column is None else _answers(table[column]), columns, named)


def _chosen(path: Path, columns: tuple[str, ...], target: str) -> str:
    """The column of a name, or of a number counted from 0, or from the end if negative."""
    if target in columns:
        return target
    if target.lstrip("-").isdigit() and -len(columns) <= int(target) < len(columns):
        return columns[int(target)]
    raise click.UsageError(say("target.unknown", data=path, name=target, columns=", ".join(columns)))


def _is_number(text: object) -> bool:
    try:
        float(str(text))
    except ValueError:
        return False
    return True


def _numbers(path: Path, column: str, values: list[Any]) -> list[float]:
    found = []
    for row, value in enumerate(values, 1):
        if value is None or (isinstance(value, str) and value.lower() in _MISSING):
            found.append(np.nan)
        elif _is_number(value):
            found.append(float(value))
        else:
            raise ValueError(say("data.numbers", data=path, column=column, value=value, row=row))
    return found


def _answers(values: list[Any]) -> NDArray[Any]:
    """Whole numbers, numbers or texts, whatever all of them are."""
    if all(map(_is_number, values)):
        numbers = np.array([float(value) for value in values])
        whole = np.isfinite(numbers).all() and (numbers == np.round(numbers)).all()
        return numbers.astype(int) if whole else numbers
    return np.array([str(value) for value in values])


def _load(path: Path) -> Any:
    try:
        return np.load(path, allow_pickle=False)
    except Exception as error:  # whatever a damaged file makes of numpy
        raise ValueError(say("data.damaged", data=path, why=error)) from error


def read_npy(path: Path, target: str | None) -> Rows:
    """One array of rows; --target takes a column of a table as the answers."""
    array = _load(path)
    if target is None or array.ndim != 2:
        return Rows(str(path), array)
    columns = tuple(map(str, range(array.shape[1])))
    column = int(_chosen(path, columns, target))
    answers = array[:, column]
    return Rows(str(path), np.delete(array, column, axis=1), _answers(answers.tolist()), columns)


def read_npz(path: Path, target: str | None) -> Rows:
    """Arrays by name: X or data, and y or target or whatever --target names."""
    loaded = _load(path)
    if isinstance(loaded, np.ndarray):
        raise ValueError(say("data.damaged", data=path, why="it is an .npy file"))
    with loaded as archive:
        names = archive.files
        try:
            arrays = {name: archive[name] for name in names}
        except Exception as error:  # an array of objects, or cut short
            raise ValueError(say("data.damaged", data=path, why=error)) from error
    if target is not None and target not in names:
        raise click.UsageError(say("target.unknown", data=path, name=target, columns=", ".join(names)))
    answers = target or next((name for name in _ANSWERS if name in names), None)
    others = [name for name in names if name != answers]
    rows = next((name for name in _ROWS if name in others), others[0] if len(others) == 1 else None)
    if rows is None:
        raise ValueError(say("data.arrays", data=path, names=", ".join(names)))
    return Rows(str(path), arrays[rows], None if answers is None else arrays[answers], tuple(names))


def read_text(path: Path, target: str | None) -> Rows:
    """Numbers between blanks as a table without names; anything else as a text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(say("data.damaged", data=path, why=error)) from error
    lines = [line.split() for line in text.splitlines() if line.split()]
    width = len(lines[0]) if lines else 0
    if not lines or not all(len(line) == width and all(map(_is_number, line)) for line in lines):
        return Rows(str(path), text)
    columns = tuple(map(str, range(width)))
    return _from_columns(path, columns, {name: [line[i] for line in lines] for i, name in enumerate(columns)}, target)
