"""The shelf: every data set by name.

A set is looked for in the folders of the environment variable `NEURARIUM_DATA` (separated like those of `PATH`), then
in the cache (`NEURARIUM_CACHE`, else the user's cache directory), then downloaded into the cache;
`NEURARIUM_OFFLINE=1` forbids that. Whatever is read is checked against the sha256 on the set's card first.
"""

import inspect
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import neurarium.datasets
from neurarium.datasets.card import Dataset, DatasetCard
from neurarium.datasets.download import download
from neurarium.datasets.places import Files, absent, cache_folder, find, offline


def names() -> list[str]:
    """The names of all data sets.

    Example:
        >>> "mnist" in names(), "mackey_glass" in names()
        (True, True)
    """
    return sorted(_modules())


def describe(name: str) -> DatasetCard:
    """The card of a data set.

    Args:
        name: One of `names()`.

    Raises:
        ValueError: If there is no such set.

    Example:
        >>> describe("mnist").shape
        '60,000 + 10,000 test images of 28 x 28 grey values'
    """
    card: DatasetCard = _module(name).CARD
    return card


def load(name: str, **options: Any) -> Dataset:
    """A data set, ready for use; downloaded first if need be.

    Args:
        name: One of `names()`.
        options: Those of the `load` function in the file of the set, such as `n_samples` or `random_state`.

    Raises:
        ValueError: If there is no such set, or its files are damaged.
        TypeError: If the set has no such option.
        FileNotFoundError: If its files are not there and may not, or cannot, be downloaded.
        ConnectionError: If the download fails.

    Example:
        >>> load("bars_and_stripes", size=4)
        Dataset('bars_and_stripes', data=float32(30, 4, 4))
    """
    module = _module(name)
    known = [option for option in inspect.signature(module.load).parameters if option != "files"]
    for option in options:
        if option not in known:
            raise TypeError(f"Data set {name!r} has no option {option!r}.{_choice(option, known, 'Its options are')}")
    if module.CARD.files:
        options["files"] = Files(module.CARD, find(module.CARD) or fetch(name))
    loaded: Dataset = module.load(**options)
    return loaded


def where(name: str) -> Path | None:
    """The folder that holds all files of a data set; None if they are absent, or if it needs none.

    Args:
        name: One of `names()`.

    Raises:
        ValueError: If there is no such set.

    Example:
        >>> where("digits") is None
        True
    """
    return find(describe(name))


def fetch(name: str, *, progress: bool = True) -> Path:
    """Make sure that the files of a data set are on this machine and undamaged.

    What lies in a folder of `NEURARIUM_DATA` is checked and never changed; a damaged file in the cache is replaced.

    Args:
        name: One of `names()`.
        progress: Whether to show how far a download is, if stderr is a terminal.

    Returns:
        The folder they lie in.

    Raises:
        ValueError: If there is no such set, it needs no files, or a file is not the right one.
        FileNotFoundError: If they are absent and may not, or cannot, be downloaded.
        ConnectionError: If the download fails.
    """
    card = describe(name)
    if not card.files:
        raise ValueError(f"Data set {name!r} is {card.kind} and needs no files: just load it.")
    cached = cache_folder() / card.folder
    folder = find(card) or cached
    if folder != cached or not card.downloadable or offline():
        if find(card) is None:
            raise FileNotFoundError(absent(card, _why_not(card)))
        for file in card.files:
            Files(card, folder).read(file.path)
        return folder
    download(
        card, [file for file in card.files if not _is_right(Files(card, cached), file.path)], cached, progress=progress
    )
    return cached


def _is_right(files: Files, path: str) -> bool:
    try:
        files.read(path)
    except (OSError, ValueError):
        return False
    return True


def _why_not(card: DatasetCard) -> str:
    if not card.downloadable:
        return "no address is known that offers its files in this form: they have to be put in place by hand"
    return "NEURARIUM_OFFLINE forbids downloading it"


def _modules() -> dict[str, ModuleType]:
    """The files of this room that describe a data set: those with a CARD."""
    room = neurarium.datasets
    found = (import_module(f"{room.__name__}.{file.name}") for file in iter_modules(room.__path__))
    return {module.CARD.name: module for module in found if hasattr(module, "CARD")}


def _module(name: str) -> ModuleType:
    modules = _modules()
    if name not in modules:
        raise ValueError(f"There is no data set {name!r}.{_choice(name, modules, 'There are')}")
    return modules[name]


def _choice(wrong: str, right: Iterable[str], intro: str) -> str:
    """The likeliest of the right words, or else all of them."""
    close = get_close_matches(str(wrong).lower(), right := sorted(right), cutoff=0.5)
    if close:
        return f" Did you mean {' or '.join(map(repr, close))}?"
    return f" {intro}: {', '.join(right)}." if right else ""
