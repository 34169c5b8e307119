"""Rooms of files that are found by crawling: those of the looks, and those of the labs."""

import importlib
import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from types import ModuleType


def found(room: ModuleType) -> dict[str, ModuleType]:
    """The files of a room that have a `NAME`, by it, in the order of their `ORDER`.

    Args:
        room: A package.
    """
    files = [importlib.import_module(f"{room.__name__}.{file.name}") for file in pkgutil.iter_modules(room.__path__)]
    return {file.NAME: file for file in sorted((each for each in files if hasattr(each, "NAME")), key=_order)}


def _order(file: ModuleType) -> tuple[int, str]:
    return file.ORDER, file.NAME


def unknown(kind: str, name: str, names: Iterable[str]) -> str:
    """What to say of a name that there is not.

    Args:
        kind: What it would be.
        name: What was asked for.
        names: What there is.

    Example:
        >>> unknown("look", "gaits", ["gates", "map"])
        "there is no look called 'gaits'; did you mean 'gates'? There are gates, map."
    """
    names = list(names)
    close = get_close_matches(name, names, cutoff=0.5)
    near = f"did you mean {close[0]!r}? " if close else ""
    return f"there is no {kind} called {name!r}; {near}There are {', '.join(names)}."
