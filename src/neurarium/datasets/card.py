"""What is said of a data set, and what loading it gives."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Kind: TypeAlias = Literal["embedded", "generated", "real"]
Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set, known by its hash.

    Args:
        path: Where it lies inside the folder of its data set, with forward slashes.
        sha256: Of its bytes, 64 hexadecimal digits.
        size: In bytes.
        url: Where these very bytes can be downloaded; None if no such address is certain.
    """

    path: str
    sha256: str
    size: int
    url: str | None = None


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold; by default nothing.

    Args:
        members: Files and folders in it.
        member_bytes: Size of its largest member, unpacked.
        total_bytes: Size of all its members together, unpacked.
    """

    members: int = 0
    member_bytes: int = 0
    total_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class DatasetCard:
    """The label of a data set.

    Args:
        name: What `load` calls it.
        title: What people call it.
        kind: "embedded" comes with scikit-learn, "generated" is computed, "real" is read from files.
        task: What it is used for, in a few words.
        shape: What `data` holds, in words.
        licence: Under which its files may be used.
        citation: Whom to cite.
        address: Its home page.
        files: What must lie in its folder.
        folder: Name of that folder; its own name if not given.
        limits: What its archives may hold.
        note: What to know about its files before using them.

    Raises:
        ValueError: If files and kind contradict each other.
    """

    name: str
    title: str
    kind: Kind
    task: tuple[str, ...]
    shape: str
    licence: str
    citation: str
    address: str = ""
    files: tuple[RemoteFile, ...] = ()
    folder: str = ""
    limits: Limits = Limits()
    note: str = ""

    def __post_init__(self) -> None:
        if (self.kind == "real") != bool(self.files):
            raise ValueError(f"Data set {self.name!r} is {self.kind} and lists {len(self.files)} files.")
        object.__setattr__(self, "folder", self.folder or self.name)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def downloadable(self) -> bool:
        """Whether every file has an address."""
        return bool(self.files) and all(file.url for file in self.files)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """What `load` gives.

    Args:
        name: As on the card.
        data: One array (first axis: examples, or time), a list of arrays for sequences of different lengths, or a text.
        target: What is to be learnt about each example; None where there is nothing.
        target_names: Name of class 0, 1, ... or of each column of `target`.
        feature_names: Name of each column of `data`.
        test_data, test_target: The official test part, where there is one.
        valid_data, valid_target: The official validation part, where there is one.
    """

    name: str
    data: Any
    target: Any = None
    target_names: tuple[str, ...] | None = None
    feature_names: tuple[str, ...] | None = None
    test_data: Any = None
    test_target: Any = None
    valid_data: Any = None
    valid_target: Any = None

    def __repr__(self) -> str:
        """Name and sizes only: a repr that prints a novel helps nobody."""
        parts = ("data", "target", "valid_data", "valid_target", "test_data", "test_target")
        sizes = [f"{part}={_size(value)}" for part in parts if (value := getattr(self, part)) is not None]
        return f"Dataset({self.name!r}, {', '.join(sizes)})"


def _size(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}"
    return f"{len(value):,} characters" if isinstance(value, str) else f"{len(value):,} arrays"
