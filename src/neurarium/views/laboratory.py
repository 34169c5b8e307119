"""Labs: finds the files in labs/, and makes their scenes."""

import functools
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from neurarium.page.scene import Scene
from neurarium.views import labs as room
from neurarium.views import rooms


@functools.cache
def found_labs() -> Mapping[str, ModuleType]:
    """Every lab's file by its name, in the order in which a page shows them.

    A lab's file has `NAME`, `TITLE`, `ORDER` (its place among the labs) and `scene()`, which opens on the lecture's own
    numbers where it gives any, and has the three levels of `levels.LEVEL`, three steps to try, and `levels.seed`.
    """
    return rooms.found(room)


def labs() -> list[str]:
    """The names of the labs.

    Example:
        >>> "convolution" in labs()
        True
    """
    return list(found_labs())


def lab(name: str, **controls: Any) -> Scene:
    """A lab of the lectures: a scene that `plot` draws and `save` writes as a picture or as a living page.

    Args:
        name: Which; `labs()` says which there are.
        **controls: Any control of its scene, such as `seed=3` for another example or `level="Formula"`.

    Raises:
        ValueError: There is no such lab, or a control is not known or not of its range.

    Example:
        >>> lab("convolution", seed=1).look
        'convolution'
    """
    files = found_labs()
    if name not in files:
        raise ValueError(rooms.unknown("lab", name, files))
    return _opened(name).set(**controls)


@functools.cache
def _opened(name: str) -> Scene:
    """A lab as it opens: always the same, so made once."""
    made: Scene = found_labs()[name].scene()
    return made.called(f"neurarium.lab({name!r})")
