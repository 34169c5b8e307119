"""Where data sets lie, how their files are read, and what is said when they are missing or damaged."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pooch

from neurarium.datasets.card import DatasetCard, RemoteFile


def cache_folder() -> Path:
    """The folder that downloads go to: `NEURARIUM_CACHE`, else the user's cache directory."""
    chosen = os.environ.get("NEURARIUM_CACHE")
    return Path(chosen).expanduser() if chosen else Path(pooch.os_cache("neurarium"))


def search_path() -> list[Path]:
    """The folders that data sets are looked for in: those of `NEURARIUM_DATA`, then the cache."""
    chosen = os.environ.get("NEURARIUM_DATA", "").split(os.pathsep)
    return [*(Path(folder).expanduser() for folder in chosen if folder), cache_folder()]


def offline() -> bool:
    """Whether `NEURARIUM_OFFLINE` forbids downloads."""
    return os.environ.get("NEURARIUM_OFFLINE", "").lower() not in ("", "0", "false", "no")


def find(card: DatasetCard) -> Path | None:
    """The first folder that holds every file of `card`."""
    if not card.files:
        return None
    folders = (place / card.folder for place in search_path())
    return next((folder for folder in folders if all((folder / file.path).is_file() for file in card.files)), None)


@dataclass(frozen=True)
class Files:
    """The files of one data set; what `read` gives has been checked against the card.

    Args:
        card: Of the data set.
        folder: Where its files lie.
    """

    card: DatasetCard
    folder: Path

    def read(self, path: str) -> bytes:
        """The bytes of one file. The very bytes that were hashed are returned, so that nothing can slip in between.

        Args:
            path: As on the card.

        Raises:
            ValueError: If the file is not the one the card describes.
        """
        file = next(file for file in self.card.files if file.path == path)
        place = self.folder / path
        if (size := place.stat().st_size) != file.size:
            raise ValueError(damaged(self.card, file, place, f"It has {size:,} bytes instead of {file.size:,}."))
        content = place.read_bytes()
        if (found := hashlib.sha256(content).hexdigest()) != file.sha256:
            raise ValueError(damaged(self.card, file, place, f"Its sha256 is {found} instead of {file.sha256}."))
        return content

    def text(self, path: str) -> str:
        """The text of one UTF-8 file."""
        return self.read(path).decode("utf-8")


def damaged(card: DatasetCard, file: RemoteFile, place: Path, finding: str) -> str:
    """The message for a file that is there but is not the right one."""
    if file.url and place.is_relative_to(cache_folder()):
        cure = f"Run `neurarium data get {card.name}` to download it anew."
    else:
        cure = f"Delete it, or put the right one in its place; it comes from {file.url or card.address}."
    return f"{place} is damaged, or another version of the file than data set {card.name!r} needs. {finding} {cure}"


def absent(card: DatasetCard, reason: str) -> str:
    """The message for files that are not there: which, from where, into which folder."""
    width = max(len(file.path) for file in card.files)
    lines = [f"  {file.path:{width}}  {file.size:>12,} bytes  {file.url or ''}".rstrip() for file in card.files]
    return "\n".join(
        [
            f"Data set {card.name!r} is not on this machine, and {reason}.",
            "It needs these files:",
            *lines,
            f"from {card.address}" + (f" ({card.note})" if card.note else ""),
            f"in the folder {cache_folder() / card.folder},",
            f"or in a folder {card.folder!r} inside one that the environment variable NEURARIUM_DATA names.",
        ]
    )
