"""DATA: a data set's name, a file, or a folder of images, read into rows and answers."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import numpy as np

from neurarium.cli import tables
from neurarium.cli.tables import Rows
from neurarium.core.messages import say
from neurarium.datasets import shelf

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".pgm", ".ppm", ".webp")


READERS: dict[str, Callable[[Path, str | None], Rows]] = {
    ".csv": tables.read_csv,
    ".tsv": tables.read_csv,
    ".parquet": tables.read_parquet,
    ".npy": tables.read_npy,
    ".npz": tables.read_npz,
    ".txt": tables.read_text,
}


def read(data: str, target: str | None = None) -> Rows:
    """Rows, and the answers to them where there are any.

    Args:
        data: A data set's name, a file or a folder.
        target: The column of a table that holds the answers.

    Raises:
        click.UsageError: No such data set, file or folder, or no such column.
        ValueError: What is there cannot be read.
    """
    path = Path(data)
    if path.is_dir():
        return _images(path)
    if path.is_file():
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            raise click.UsageError(say("data.kind", data=data, kinds=", ".join(READERS)))
        rows = reader(path, target)
        if not isinstance(rows.X, str) and len(rows.X) == 0:
            raise ValueError(say("data.empty", data=data))
        return rows
    if data not in shelf.names():
        message = say("unknown.data", name=data)
        close = get_close_matches(data.lower(), shelf.names(), cutoff=0.6)
        raise click.UsageError(message + (say("near", words=say("or").join(close)) if close else ""))
    loaded = shelf.load(data)
    return Rows(data, loaded.data, loaded.target)


def _images(folder: Path) -> Rows:
    """Every image of a folder in alphabetical order; the sub-folder it lies in, if any, is its class."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(say("data.extra", data=folder, package="pillow", extra="images")) from error
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES and path.is_file())
    if not files:
        raise ValueError(say("data.images", data=folder, kinds=", ".join(_PICTURES)))
    pictures = []
    for file in files:
        try:
            with Image.open(file) as image:
                grey = image.mode in ("1", "L", "LA", "I", "I;16")
                pictures.append(np.asarray(image.convert("L" if grey else "RGB"), np.float32) / 255)
        except Exception as error:  # whatever a damaged picture makes of its reader
            raise ValueError(say("data.damaged", data=file, why=error)) from error
    if len({picture.ndim for picture in pictures}) > 1:
        pictures = [p if p.ndim == 3 else np.repeat(p[:, :, None], 3, axis=2) for p in pictures]
    for file, picture in zip(files, pictures, strict=True):
        if picture.shape != pictures[0].shape:
            sizes = [f"{each.shape[1]} x {each.shape[0]}" for each in (picture, pictures[0])]
            raise ValueError(say("data.sizes", data=file, got=sizes[0], needs=sizes[1]))
    within = [file.relative_to(folder).parts for file in files]
    classes = np.array([parts[0] for parts in within]) if all(len(parts) > 1 for parts in within) else None
    return Rows(str(folder), np.stack(pictures), classes)


def refuse_text(rows: Any, kind: str, data: str) -> None:
    """Refuse a text where numbers are read."""
    if isinstance(rows, str):
        raise ValueError(say("data.text", data=data, kind=kind))
