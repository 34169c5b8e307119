"""What the map look knows of a map: its cells as polygons, its rows, and its fit pass by pass."""

import contextlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

_NUMBERS = 48_000  # of rows that a page holds
_ROWS = 600  # of them at most
_OF_A_CELL = 12
_PASSES = 30  # pictures of the fit at most
_WORK = 5e9  # multiplications that it may cost to repeat the fit
_PICTURE = 49  # columns from which on a square table without names of its own is taken for pictures


@dataclass(frozen=True, eq=False)
class Sheet:
    """A map with its rows.

    Attributes:
        codebook: (units, features) what the units hold.
        corners: (2, units, corners) the cells, as polygons with the first row of units on top.
        rows: (n, features) the rows that are drawn, complete: of many those nearest to their cells.
        classes: (n,) their classes by number; -1 where none were given.
        winners: (n,) the unit of each.
        hits: (units,) how many of all rows each unit wins.
        majority: (units,) the most frequent class of a unit's rows, -1 where there are none.
        members: (units, some) the numbers of the drawn rows that each unit wins, nearest first, -1 behind the last.
        picture: Height and width of a row, or None.
        names: The classes, as a list.
        filled: Whether values were missing, and are shown as the map has them.
        n_rows: How many rows there were.
    """

    codebook: NDArray[Any]
    corners: NDArray[np.float64]
    rows: NDArray[Any]
    classes: NDArray[np.int64]
    winners: NDArray[np.int64]
    hits: NDArray[np.int64]
    majority: NDArray[np.int64]
    members: NDArray[np.int64]
    picture: tuple[int, int] | None
    names: tuple[str, ...]
    filled: bool
    n_rows: int


def sheet(fitted: Any, shown: Shown) -> Sheet:
    """A map with its rows.

    Raises:
        CannotLook: There are no rows, or not one answer for each.
    """
    if shown.X is None:
        raise CannotLook('the look "map" lays rows out: give them, as in look(fitted, "map", X, y).')
    X = np.asarray(shown.X)
    picture = _picture(X, shown.columns)
    X = X.reshape(len(X), -1)
    names, codes = _classes(shown.y, len(X))
    winners = fitted.winners(X)
    n_units = fitted.rows_ * fitted.columns_
    filled = bool(np.isnan(X).any())
    held = fitted.quantise(X)
    complete = np.where(np.isnan(X), held, X)
    distances = np.linalg.norm(complete - held, axis=1)
    few = _nearest_first(winners, distances)[: min(_ROWS, max(20, _NUMBERS // X.shape[1]))]
    few.sort()
    return Sheet(
        codebook=fitted.codebook_.reshape(n_units, -1),
        corners=cells(fitted.positions_, hexagonal=getattr(fitted, "lattice", "") == "hexagonal"),
        rows=complete[few],
        classes=codes[few],
        winners=winners[few],
        hits=np.bincount(winners, minlength=n_units),
        majority=_majority(winners, codes, n_units),
        members=_members(winners[few], distances[few], n_units),
        picture=picture,
        names=names,
        filled=filled,
        n_rows=len(X),
    )


def _picture(X: NDArray[Any], columns: tuple[str, ...]) -> tuple[int, int] | None:
    """Height and width of rows that are pictures: they come as such, or as many columns without names of their own."""
    if X.ndim == 3:
        return X.shape[1], X.shape[2]
    n = int(np.prod(X.shape[1:]))
    side = round(n**0.5)
    nameless = columns == tuple(f"x{number + 1}" for number in range(n))
    return (side, side) if side * side == n >= _PICTURE and nameless else None


def _classes(y: Any, n: int) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """What the classes are called, and the class of each row."""
    if y is None:
        return (), np.full(n, -1)
    if len(y) != n:
        raise CannotLook(f"map: there are {n} rows but {len(y)} classes; each row needs one.")
    names, codes = np.unique(np.asarray(y), return_inverse=True)
    return tuple(map(str, names)), codes.astype(np.int64)


def _majority(winners: NDArray[np.int64], codes: NDArray[np.int64], n_units: int) -> NDArray[np.int64]:
    """The most frequent class of each unit's rows, the first of equals; -1 where there is none."""
    counts = np.zeros((n_units, max(1, codes.max(initial=0) + 1)), int)
    known = codes >= 0
    np.add.at(counts, (winners[known], codes[known]), 1)
    return np.where(counts.any(1), counts.argmax(1), -1)


def _nearest_first(winners: NDArray[np.int64], distances: NDArray[Any]) -> NDArray[np.int64]:
    """All rows: of each unit the nearest, then of each the next, and so on, so that a few fill all cells."""
    rank = np.zeros(len(winners), int)
    order = np.argsort(distances, kind="stable")
    for unit in np.unique(winners):
        mine = order[winners[order] == unit]
        rank[mine] = np.arange(len(mine))
    return np.lexsort((distances, rank))


def _members(winners: NDArray[np.int64], distances: NDArray[Any], n_units: int) -> NDArray[np.int64]:
    """The rows of each unit, the nearest first."""
    most = int(np.clip(np.bincount(winners).max(), 1, _OF_A_CELL))
    members = np.full((n_units, most), -1)
    order = np.argsort(distances, kind="stable")
    for unit in range(n_units):
        mine = order[winners[order] == unit][:most]
        members[unit, : len(mine)] = mine
    return members


def cells(positions: NDArray[Any], *, hexagonal: bool) -> NDArray[np.float64]:
    """(2, units, corners) the cells of a lattice around its units, y upwards.

    Args:
        positions: (units, 2) where the units lie, y downwards, in steps of the lattice.
        hexagonal: Whether cells have six corners.
    """
    if hexagonal:
        angle = np.pi / 2 + np.arange(6) * np.pi / 3
        x, y = np.cos(angle) / np.sqrt(3), np.sin(angle) / np.sqrt(3)
    else:
        x, y = np.array([-0.5, 0.5, 0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5])
    return np.stack([positions[:, :1] + x, -positions[:, 1:] + y])


# The fit, pass by pass.


def passes(fitted: Any, X: Any) -> NDArray[Any]:
    """(frames, units, features) the map at its start and after each pass, from the same fit on the same rows.

    The fitted map alone where the rows are not those that it was fitted on, where another call has taken it further, or
    where it would take long to repeat the fit.
    """
    end = fitted.codebook_.reshape(1, fitted.rows_ * fitted.columns_, -1)
    work = end.size * len(X) * getattr(fitted, "n_iter_", 1)
    if work > _WORK or not hasattr(fitted, "seed_"):
        return end
    again = clone(fitted).set_params(random_state=fitted.seed_, verbose=False)
    learning, _ = again._learning(X, None, None, None)
    if again.data_hash_ != fitted.data_hash_:
        return end
    frames = [_held(learning.module)]
    finish = learning.rule.end_pass

    def end_pass() -> bool:
        done: bool = finish()
        frames.append(_held(learning.module))
        return done

    learning.rule.end_pass = end_pass
    with contextlib.closing(iter(learning)) as steps:
        for _ in steps:
            pass
    if not np.allclose(frames[-1], end[0], atol=1e-5 * max(1.0, float(np.abs(end).max()))):
        return end
    some = np.unique(np.linspace(0, len(frames) - 1, min(_PASSES + 1, len(frames))).round().astype(int))
    return np.stack([frames[each] for each in some])


def _held(module: Any) -> NDArray[Any]:
    """A copy of what the units hold."""
    return module.codebook.detach().cpu().numpy().copy()


@dataclass(frozen=True, eq=False)
class View:
    """A plane through the rows' space.

    Attributes:
        features: The columns it shows, or None for the rows' two main axes.
        mean, axes: (features,), (features, 2): a row is seen at (row - mean) @ axes.
        shares: (2,) of the rows' variance along the axes.
    """

    features: tuple[int, ...] | None
    mean: NDArray[Any]
    axes: NDArray[Any]
    shares: NDArray[Any]

    def seen(self, rows: NDArray[Any]) -> NDArray[Any]:
        """(..., 2) where rows are seen."""
        places: NDArray[Any] = (rows - self.mean) @ self.axes
        return places


def view(rows: NDArray[Any], columns: tuple[str, ...], features: Any) -> View:
    """The plane of two columns by name or number; of the only two; else of the two main axes.

    Raises:
        ValueError: `features` names no two columns.
    """
    n = rows.shape[1]
    if features is None and n > 2:
        away = rows - rows.mean(0)
        _, sizes, axes = np.linalg.svd(away, full_matrices=False)
        axes = axes[:2] * np.where(np.abs(axes[:2]).max(1) == axes[:2].max(1), 1, -1)[:, None]
        shares = sizes**2 / max((sizes**2).sum(), 1e-30)
        wide = np.zeros((n, 2))
        wide[:, : len(axes)] = axes.T
        return View(None, rows.mean(0), wide, np.pad(shares, (0, 2))[:2])
    chosen = tuple(range(n)) if features is None else tuple(_number(each, columns) for each in features)
    if len(chosen) > 2 or len(set(chosen)) < len(chosen):
        raise ValueError(f"map: features are two different columns; got {features!r}.")
    axes = np.zeros((n, 2))
    axes[list(chosen), range(len(chosen))] = 1
    return View((chosen * 2)[:2], np.zeros(n), axes, np.zeros(2))


def _number(feature: str | int, columns: tuple[str, ...]) -> int:
    if isinstance(feature, str) and feature not in columns:
        raise ValueError(f"map: there is no column {feature!r}; there are {', '.join(columns)}.")
    number = columns.index(feature) if isinstance(feature, str) else int(feature)
    if not 0 <= number < len(columns):
        raise ValueError(f"map: the number of a column is 0 to {len(columns) - 1}; got {number}.")
    return number
