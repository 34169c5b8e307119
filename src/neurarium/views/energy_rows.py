"""Rows of units that are on or off, as the look "energy" shows them: as pictures where they are some."""

from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.views.shown import Shown

_LEAST_SIDE = 3


def shape_of(fitted: Any, rows: Shown, n_units: int) -> tuple[int, int]:
    """Height and width of the picture that a row is; (1, units) where it is none.

    Args:
        fitted: The network: its `view` says so where it has one.
        rows: Rows that are pictures themselves, or columns without names, a square number of them, say so as well.
        n_units: Numbers of a row.
    """
    for shape in (rows.size, tuple(getattr(fitted, "view", None) or ())):
        if len(shape) == 2 and shape[0] * shape[1] == n_units:
            return int(shape[0]), int(shape[1])
    side = isqrt(n_units)
    unnamed = all(name == f"x{number + 1}" or "pixel" in name for number, name in enumerate(rows.columns))
    return (side, side) if side * side == n_units and side >= _LEAST_SIDE and unnamed else (1, n_units)


def unlike(names: list[str]) -> list[str]:
    """Names, those that come again with a number behind them.

    Example:
        >>> unlike(["a", "b", "a"])
        ['a', 'b', 'a (2)']
    """
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def as_pictures(values: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.float32]:
    """(n, h, w) pictures of (n, units) rows."""
    return np.asarray(values, np.float32).reshape(-1, *shape)
