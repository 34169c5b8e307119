"""Looks: finds the files in looks/, and makes the scene of a fitted network."""

import dataclasses
import functools
import inspect
import warnings
from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from types import ModuleType
from typing import Any

from neurarium.page.scene import Scene
from neurarium.views import looks as room
from neurarium.views import rooms
from neurarium.views.shown import as_vectors, shown


class CannotLook(ValueError):
    """This look is not for this network, or lacks what it needs."""


@functools.cache
def found_looks() -> Mapping[str, ModuleType]:
    """Every look's file by its name, in the order in which a page shows them.

    A look's file has `NAME`, `TITLE`, `ORDER` (its place among the looks), `can(fitted)` (whether the network has what
    it needs) and `scene(fitted, rows, **options)`; it may have `example(code)`, which gives an estimator to fit, rows
    and answers, where the chart's network `code` is best seen on data of the look's own, or None; or
    `example_scene(code, fitting)`, which makes such a scene itself. With `SEVERAL` it takes a list of networks.

    Example:
        >>> list(found_looks())[0]
        'network'
    """
    return rooms.found(room)


def looks(fitted: Any) -> list[str]:
    """The names of the looks that a network has, by what it can do.

    Args:
        fitted: A fitted estimator, or an `nn.Module`.
    """
    return [name for name, file in found_looks().items() if file.can(fitted)]


def look(
    fitted: Any,
    view: str,
    X: Any = None,
    y: Any = None,
    *,
    data: str = "",
    columns: Sequence[str] | None = None,
    **options: Any,
) -> Scene:
    """A look inside a network: a scene that `plot` draws and `save` writes as a picture or as a living page.

    Args:
        fitted: A fitted estimator, or an `nn.Module` of one's own; for the look "compare" a list of them.
        view: The look's name; `looks(fitted)` says which there are.
        X: Rows to look at, as the network's own verb takes them; a pandas table brings the names of its columns.
        y: (n,) their answers, where there are any.
        data: What to call the rows.
        columns: What to call the features, where neither a pandas table nor the fit says it.
        **options: Of the look, such as `features=(0, 2)`, or any control of its scene, such as `unit=3`.

    Raises:
        CannotLook: The network has not what the look shows, or the look needs rows and got none.
        ValueError: An option is not known, or not of its range.
    """
    files = found_looks()
    if view not in files:
        raise CannotLook(rooms.unknown("look", view, files))
    several = isinstance(fitted, list | tuple)
    if several and not getattr(files[view], "SEVERAL", False):
        raise CannotLook(
            f"the look {view!r} is for one network; got a list of {len(fitted)}. The look 'compare' shows several."
        )
    if not files[view].can(fitted):
        able = looks(fitted)
        raise CannotLook(
            f"the look {view!r} is not for a {type(fitted).__name__}, which has not what it shows; "
            + (f"it has the looks {', '.join(able)}." if able else "it has none.")
        )
    size: tuple[int, ...] = getattr(X, "shape", ())[1:]
    if not several:
        fitted, X = as_vectors(fitted, X)
    first = fitted[0] if several and fitted else fitted
    own = set(inspect.signature(files[view].scene).parameters)
    structure = {name: value for name, value in options.items() if name in own}
    with warnings.catch_warnings():  # the columns of a table are those of the fit: `shown` takes them by name
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        rows = dataclasses.replace(shown(first, X, y, data, columns), size=size)
        made: Scene = files[view].scene(fitted, rows, **structure)
    return made.called(_call(len(fitted) if several else 1, view, X, y, structure)).set(
        **{name: value for name, value in options.items() if name not in own}
    )


def _call(networks: int, view: str, X: Any, y: Any, structure: Mapping[str, Any]) -> str:
    """The call that makes a scene, as a person would write it."""
    letters = ascii_lowercase[:networks]
    fitted = "network" if networks == 1 else f"[{', '.join(f'network_{letter}' for letter in letters)}]"
    rows = [name for name, each in (("X", X), ("y", y)) if each is not None]
    options = [f"{name}={value!r}" for name, value in structure.items()]
    return f"neurarium.look({', '.join([fitted, repr(view), *rows, *options])})"
