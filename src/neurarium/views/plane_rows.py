"""What the rows of the look "plane" are: pictures or lines of a table, with classes or without, and which are drawn."""

from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.views.choosing import chosen_rows
from neurarium.views.shown import Shown

MOST_POINTS = 800
MOST_SAMPLES = 24
MOST_ERRORS = 5000
_MOST_CLASSES = 64
_LEAST_SIDE = 3


@dataclass(eq=False)
class Rows:
    """Rows as they are drawn.

    Attributes:
        values: (n, columns).
        shape: (h, w) or (h, w, 3) of the pictures that they are; () for lines of a table.
        low, high: What is paper and ink.
        classes: What the classes are called; none where rows have none.
        codes: (n,) the class of each, or None.
        names: (n,) what each row is called.
        columns: What the columns are called.
        drawn: The rows that are drawn as points.
        samples: Those that can be chosen.
    """

    values: NDArray[Any]
    shape: tuple[int, ...]
    low: float
    high: float
    classes: list[str]
    codes: NDArray[np.int64] | None
    names: list[str]
    columns: list[str]
    drawn: list[int]
    samples: list[int]


def rows_of(fitted: Any, rows: Shown, values: NDArray[Any]) -> Rows:
    """What the rows are.

    Args:
        fitted: The network, for the shape that it reads.
        rows: As they came.
        values: (n, columns) as the network reads them.
    """
    n, d = values.shape
    y = rows.y if rows.y is not None and rows.y.ndim == 1 and len(rows.y) == n else None
    names, codes = (np.unique(y, return_inverse=True)) if y is not None else (np.array([]), None)
    few = codes is not None and len(names) <= _MOST_CLASSES
    columns = list(rows.columns) if len(rows.columns) == d else [f"x{number + 1}" for number in range(d)]
    shape = _picture_shape(fitted, rows, values, columns)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    labels = [f"#{number}" if y is None else f"{y[number]} (#{number})" for number in range(n)]
    by_class = y if few else None
    return Rows(
        values=values,
        shape=shape,
        low=low,
        high=high if high > low else low + 1,
        classes=[str(each) for each in names] if few else [],
        codes=codes.astype(np.int64) if few and codes is not None else None,
        names=labels,
        columns=columns,
        drawn=sorted(chosen_rows(by_class, n, MOST_POINTS)),
        samples=chosen_rows(by_class, n, MOST_SAMPLES),
    )


def _picture_shape(fitted: Any, rows: Shown, values: NDArray[Any], columns: list[str]) -> tuple[int, ...]:
    """The shape of the pictures that rows are, where they are some."""
    shape_in = tuple(fitted.shape_in_)
    if len(shape_in) == 3:
        return shape_in[1:] if shape_in[0] == 1 else (*shape_in[1:], 3) if shape_in[0] == 3 else ()
    given = np.shape(rows.X)
    if len(given) == 3 and min(given[1:]) >= _LEAST_SIDE:
        return given[1:]
    view = getattr(fitted, "view", None)
    if view is not None and len(view) == 2:
        return tuple(view)
    named = any(name != f"x{number + 1}" and "pixel" not in name for number, name in enumerate(columns))
    side = isqrt(values.shape[1])
    square = side * side == values.shape[1] and side >= _LEAST_SIDE and float(values.min()) >= 0
    return (side, side) if square and not named else ()
