"""The plane that the margin look shows: two columns, or one, with all others held at their median."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurarium.core.estimator import Estimator
from neurarium.core.roles import Classifier
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

MOST_POINTS = 160
CAPACITY = 192
_STEPS = 9  # places along a column at which the network is asked how much the column moves its answer
_ALIKE = 1.8  # ranges up to which two columns are drawn to one scale
_ROOM = 0.08  # beyond the rows, as a share of their range


@dataclass(frozen=True, eq=False)
class Plane:
    """Where the network is looked at.

    Attributes:
        features: The columns shown, one or two.
        base: (features,) a row of medians.
        low, high: The range of each column shown, with some room around the rows.
        xy: (n, shown) the rows that are drawn, in these columns.
        rows: (n, features) the same rows in full.
        targets: (n,) their classes by number, or the numbers that are asked for.
        told: Whether the answers came with the rows; else they are the network's own.
        n_rows: How many rows there were.
        chosen: Whether the columns were chosen here, as those that move the answer most.
    """

    features: tuple[int, ...]
    base: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    xy: NDArray[np.float64]
    rows: NDArray[np.float64]
    targets: NDArray[Any]
    told: bool
    n_rows: int
    chosen: bool

    @property
    def whole(self) -> bool:
        """Whether the columns shown are all that there are, so that a point is a row."""
        return len(self.features) == len(self.base)

    @property
    def even(self) -> bool:
        """Whether a unit may be as long along both axes: their ranges are alike."""
        reach = self.high - self.low
        return len(reach) == 2 and reach.max() <= _ALIKE * reach.min()

    def lines(self, n: int) -> tuple[NDArray[np.float32], ...]:
        """`n` places along each column shown, in the middle of as many equal parts."""
        places = (np.arange(n) + 0.5) / n
        return tuple(
            (low + places * (high - low)).astype(np.float32) for low, high in zip(self.low, self.high, strict=True)
        )


def plane(fitted: Estimator, shown: Shown, features: Sequence[str | int] | None) -> Plane:
    """The plane of two columns: those asked for, or those that move the network's answer most.

    Args:
        fitted: A fitted classifier or regressor of tables.
        shown: The rows.
        features: Names or numbers of one or two columns; None to choose.

    Raises:
        CannotLook: There are no rows, or they are not of the network's columns.
        ValueError: `features` names no such columns.
    """
    if shown.X is None:
        raise CannotLook('the look "margin" draws rows: give them, as in look(fitted, "margin", X, y).')
    rows = np.asarray(shown.X, np.float64)
    width, wanted = int(np.prod(rows.shape[1:])), int(fitted.shape_in_[0])
    if width != wanted or not len(rows):
        raise CannotLook(
            f"{type(fitted).__name__} was fitted on {wanted} columns; these are {len(rows)} rows of {width}."
        )
    rows = rows.reshape(len(rows), width)
    base = np.median(rows, axis=0)
    columns = _named(features, shown.columns, wanted) if features is not None else _moving(fitted, rows, base)
    if isinstance(fitted, Classifier) and len(columns) != 2:
        raise ValueError("margin: features are two columns for a classifier; got one.")
    few = np.random.default_rng(0).permutation(len(rows))[:MOST_POINTS]  # also the order in which a page learns
    xy = rows[:, columns]
    low, high = xy.min(0), xy.max(0)
    room = np.where(high > low, _ROOM * (high - low), 0.5)
    return Plane(
        features=columns,
        base=base,
        low=low - room,
        high=high + room,
        xy=xy[few],
        rows=rows[few],
        targets=_targets(fitted, shown.y, shown.X)[few],
        told=shown.y is not None,
        n_rows=len(rows),
        chosen=features is None and wanted > 2,
    )


def _named(features: Sequence[str | int], names: tuple[str, ...], n: int) -> tuple[int, ...]:
    """The numbers of columns that are given by name or by number."""
    features = [features] if isinstance(features, str | int) else features
    numbers = []
    for each in features:
        if isinstance(each, str) and each not in names:
            raise ValueError(f"margin: there is no column {each!r}; there are {', '.join(names)}.")
        number = names.index(each) if isinstance(each, str) else int(each)
        if not 0 <= number < n:
            raise ValueError(f"margin: the number of a column is 0 to {n - 1}; got {number}.")
        numbers.append(number)
    if len(numbers) not in (1, 2) or len(set(numbers)) < len(numbers):
        raise ValueError(f"margin: features are one or two different columns; got {', '.join(map(str, features))}.")
    return tuple(numbers)


def _moving(fitted: Estimator, rows: NDArray[Any], base: NDArray[Any]) -> tuple[int, ...]:
    """The two columns that move the answer most when each goes through its range alone, in their order."""
    n = rows.shape[1]
    if n <= 2:
        return tuple(range(n))
    low, high = np.percentile(rows, 5, axis=0), np.percentile(rows, 95, axis=0)
    asked = np.repeat(base[None], n * _STEPS, axis=0)
    for column in range(n):
        places = np.linspace(low[column], high[column], _STEPS)
        asked[column * _STEPS : (column + 1) * _STEPS, column] = places
    said = answers(fitted, torch.from_numpy(asked)).reshape(n, _STEPS, -1)
    moved = said.var(1).sum(1).numpy(force=True)
    return tuple(sorted(int(each) for each in np.argsort(-moved, kind="stable")[:2]))


def answers(fitted: Estimator, rows: Tensor) -> Tensor:
    """What the network says to rows: probabilities where it has some, else scores or numbers."""
    with torch.no_grad():
        said: Tensor = fitted.module_(rows.to(fitted._like))
    shares = getattr(fitted, "_probabilities", None)
    return said if shares is None else shares(said)


def _targets(fitted: Estimator, y: Any, X: Any) -> NDArray[Any]:
    """Classes by number, or numbers; what the network itself says where nothing is given."""
    y = fitted.predict(np.asarray(X)) if y is None else np.asarray(y)
    if len(y) != len(X):
        raise CannotLook(f"margin: there are {len(X)} rows but {len(y)} answers; each row needs one.")
    if not isinstance(fitted, Classifier):
        return y.reshape(len(y), -1)[:, 0].astype(np.float64)
    codes = np.searchsorted(fitted.classes_, y).clip(max=len(fitted.classes_) - 1)
    if not np.array_equal(fitted.classes_[codes], y):
        strangers = sorted({str(each) for each in y[fitted.classes_[codes] != y]})
        raise CannotLook(f"margin: y holds {', '.join(strangers[:5])}, which the network has no class for.")
    return codes.astype(np.int64)
