"""Files of tensors with a JSON header: written whole or not at all, and read without running anything from them.

A file is safetensors; its header carries one entry, "neurarium", a JSON text with what the tensors mean and a sha256
over meaning and tensors together. So a file cut short, changed in one bit or made by a stranger ends in one
`DamagedFile`, and never in wrong numbers. The digest finds damage, it does not prove who wrote a file; what protects
from a hostile writer is that a header can only choose among things the reader already knows.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor

FORMAT = 1
_ENTRY = "neurarium"
_LABELS = "biufU"  # numpy kinds a header may hold: booleans, whole numbers, numbers, texts


class DamagedFile(ValueError):
    """A file that is not what neurarium wrote: cut short, changed, or of another kind."""


def write(path: str | os.PathLike[str], tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> None:
    """Write a file whole or not at all: a temporary neighbour, fsync, then one rename.

    Args:
        path: Where the file goes; an older one there is replaced in one step.
        tensors: What to keep, by name.
        header: What it means, as JSON values.

    Raises:
        OSError: The folder is missing, not writable, or the disk is full; an older file stays as it was.
    """
    path = Path(path)
    kept = {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}
    text = json.dumps(header, sort_keys=True)
    entry = json.dumps({"format": FORMAT, "sha256": _digest(text, kept), "header": text})
    content = safetensors.torch.save(kept, metadata={_ENTRY: entry})
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: the folder {path.parent} does not exist.")
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise OSError(error.errno, f"cannot write {path} ({len(content):,} bytes): {error.strerror}") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
    with contextlib.suppress(OSError):  # not every system lets a folder be synced
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and the header of a file that `write` wrote.

    Args:
        path: The file.

    Returns:
        Tensors by name, and the header.

    Raises:
        FileNotFoundError: No such file.
        DamagedFile: Anything else than what `write` wrote.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not a file.")
    damaged = f"{path} is not a neurarium file, or was damaged or cut short on its way; take a fresh copy."
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            entry = json.loads((file.metadata() or {})[_ENTRY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a mapping
        version, digest, text = entry["format"], entry["sha256"], entry["header"]
        intact = digest == _digest(text, tensors)
        header = json.loads(text)
    except Exception as error:  # whatever a hostile file provokes ends as one error
        raise DamagedFile(damaged) from error
    if not intact or not isinstance(header, dict):
        raise DamagedFile(damaged)
    if version != FORMAT:
        raise DamagedFile(f"{path} has format {version}; this version of neurarium reads format {FORMAT}.")
    # In memory of their own, which torch aligns: products of matrices that lie as they do in the file may differ in the
    # last bit from those of the network that was saved.
    return {name: tensor.clone() for name, tensor in tensors.items()}, header


def data_hash(arrays: Mapping[str, Tensor | None]) -> str:
    """A sha256 of what a network was fitted on: names, kinds, shapes and bytes."""
    return _digest("", {name: tensor.cpu().contiguous() for name, tensor in arrays.items() if tensor is not None})


def _digest(text: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"\0{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data if tensor.numel() else b"")
    return digest.hexdigest()


def _umask() -> int:
    """The process's mask for new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def pack(state: Any) -> tuple[dict[str, Tensor], Any]:
    """Split a nested state into its tensors and a JSON skeleton in which they are named.

    Args:
        state: Tensors, numbers, texts, None, numpy arrays, and dicts, lists and tuples of them, nested as one likes.

    Raises:
        TypeError: Something else lies in it.

    Example:
        >>> tensors, skeleton = pack({"rate": 0.1, "moments": [torch.zeros(2)]})
        >>> unpack(tensors, skeleton)
        {'rate': 0.1, 'moments': [tensor([0., 0.])]}
    """
    tensors: dict[str, Tensor] = {}

    def split(value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, np.generic):
            return split(value.item())
        if isinstance(value, Tensor):
            tensors[name := f"t{len(tensors)}"] = value
            return {"tensor": name}
        if isinstance(value, np.ndarray):
            return {"array": _array_to_json(value)}
        if isinstance(value, dict):
            return {"dict": [[split(key), split(each)] for key, each in value.items()]}
        if isinstance(value, list):
            return [split(each) for each in value]
        if isinstance(value, tuple):
            return {"tuple": [split(each) for each in value]}
        raise TypeError(f"a {type(value).__name__} cannot be kept in a file.")

    skeleton = split(state)
    return tensors, skeleton


def unpack(tensors: Mapping[str, Tensor], skeleton: Any) -> Any:
    """Join what `pack` split.

    Raises:
        DamagedFile: The skeleton names something that is not there, or has another form.
    """
    if skeleton is None or isinstance(skeleton, bool | int | float | str):
        return skeleton
    if isinstance(skeleton, list):
        return [unpack(tensors, each) for each in skeleton]
    if isinstance(skeleton, dict) and len(skeleton) == 1:
        ((kind, value),) = skeleton.items()
        with contextlib.suppress(KeyError, TypeError, ValueError):
            if kind == "tensor":
                return tensors[value]
            if kind == "array":
                return _array_from_json(value)
            if kind == "dict":
                return {unpack(tensors, key): unpack(tensors, each) for key, each in value}
            if kind == "tuple":
                return tuple(unpack(tensors, each) for each in value)
    raise DamagedFile("the header of this file has a form that neurarium does not write.")


def _array_to_json(array: np.ndarray) -> dict[str, Any]:
    if array.dtype.kind == "O":  # class names in a DataFrame's column come as objects
        return {
            "kind": "object",
            "shape": list(array.shape),
            "values": [_plain(each) for each in array.ravel().tolist()],
        }
    if array.dtype.kind not in _LABELS:
        raise TypeError(f"an array of {array.dtype} cannot be kept in a file.")
    return {"kind": array.dtype.str, "shape": list(array.shape), "values": array.ravel().tolist()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a label of type {type(value).__name__} cannot be kept in a file.")


def _array_from_json(value: dict[str, Any]) -> np.ndarray:
    if value["kind"] == "object":
        array = np.empty(len(value["values"]), dtype=object)
        array[:] = [_plain(each) for each in value["values"]]
    else:
        kind = np.dtype(value["kind"])
        if kind.kind not in _LABELS:
            raise ValueError(kind)
        array = np.array(value["values"], dtype=kind)
    return array.reshape(value["shape"])
