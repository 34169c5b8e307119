"""Files that are written whole or not at all."""

import os
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a temporary neighbour, and give it the file's name once it is complete.

    Args:
        path: Where the file goes; an older one there is replaced in one step.
        content: All of it.

    Raises:
        OSError: The folder is missing, not writable, or the disk is full; an older file stays as it was.
    """
    path = Path(path)
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: the folder {path.parent} does not exist.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
