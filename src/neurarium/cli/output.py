"""Answers: arrays to a .csv, .tsv or .npy file, or as .csv to stdout."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neurarium.core.messages import say
from neurarium.program.files import write_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = (".csv", ".tsv", ".npy")


def check_out(path: str | None) -> None:
    """Refuse what could not be written before anything is computed.

    Raises:
        click.UsageError: Another ending than those known.
        FileNotFoundError: No such folder.
    """
    if path is not None and Path(path).suffix.lower() not in _KINDS:
        raise click.UsageError(say("out.kind", path=path))
    check_folder(path)


def check_folder(path: str | None) -> None:
    """Refuse a file whose folder is not there.

    Raises:
        FileNotFoundError: No such folder.
    """
    if path is not None and not Path(path).resolve().parent.is_dir():
        raise FileNotFoundError(say("out.folder", path=path, folder=Path(path).resolve().parent))


def put(array: "NDArray[Any]", path: str | None, columns: list[str]) -> None:
    """Write an answer.

    Args:
        array: (n,) or (n, ...).
        path: Where to, None for stdout.
        columns: What the columns of a table are called.
    """
    import numpy as np

    kind = ".csv" if path is None else Path(path).suffix.lower()
    if kind == ".npy" and path is not None:
        block = io.BytesIO()
        np.save(block, array, allow_pickle=False)
        write_whole(path, block.getvalue())
        return
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t" if kind == ".tsv" else ",", lineterminator="\n")
    writer.writerow(columns)
    table = array.reshape(len(array), -1)
    writer.writerows(
        table.tolist() if table.dtype.kind in "iubUO" else [[f"{x:.9g}" for x in row] for row in table.tolist()]
    )
    if path is None:
        click.echo(text.getvalue(), nl=False)
    else:
        write_whole(path, text.getvalue().encode())


def put_text(text: str, path: Path | None) -> None:
    """Write a text, to stdout where no path is given."""
    if path is None:
        click.echo(text)
    else:
        write_whole(path, text.encode())
