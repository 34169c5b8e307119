"""The lattice of a map: where its units lie, how far apart they are, which touch, and how it starts in the data.

A unit is numbered row by row. On the rectangular lattice it lies at (column, row); on the hexagonal one every second
row is shifted by half a step and rows are sqrt(3)/2 apart, so that a unit inside has six neighbours at distance 1. On a
torus the last row touches the first and the last column the first, and a distance is the shortest way round.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from neurarium.core.batches import Batch

_TOUCH = {4: 1.0, 6: 1.0, 8: math.sqrt(2.0)}  # how far apart neighbours are at most
_ROUNDING = 1e-9
_PCA_WORK = 4e9  # multiplications that a start may cost; beyond, it is taken from fewer rows
_PCA_FEATURES = 1024  # up to which the covariance is written out


@dataclass(frozen=True)
class Lattice:
    """A sheet or torus of units.

    Args:
        rows, columns: Its sides, at least 1.
        hexagonal: Six neighbours a unit, not four or eight.
        torus: Opposite edges are joined; a hexagonal torus needs an even number of rows.
    """

    rows: int
    columns: int
    hexagonal: bool = False
    torus: bool = False

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return self.rows * self.columns

    @property
    def neighbours(self) -> tuple[int, ...]:
        """How many neighbours a unit inside may be said to have, the usual number first."""
        return (6,) if self.hexagonal else (8, 4)

    @property
    def _extent(self) -> tuple[float, float]:
        """Width and height, which on a torus is once around."""
        return float(self.columns), self.rows * (math.sqrt(0.75) if self.hexagonal else 1.0)

    def positions(self) -> Float[Tensor, "units 2"]:
        """Where each unit lies: x to the right, y down."""
        row = torch.arange(self.rows, dtype=torch.float64).repeat_interleave(self.columns)
        column = torch.arange(self.columns, dtype=torch.float64).repeat(self.rows)
        if not self.hexagonal:
            return torch.stack([column, row], 1)
        return torch.stack([column + row % 2 / 2, row * math.sqrt(0.75)], 1)

    def distances(self) -> Float[Tensor, "units units"]:
        """How far apart every two units are."""
        where = self.positions()
        step = (where[:, None] - where).abs()
        if self.torus:
            step = torch.minimum(step, step.new_tensor(self._extent) - step)
        return step.square().sum(-1).sqrt()

    def touching(self, neighbours: int | None = None) -> Bool[Tensor, "units units"]:
        """Which units are neighbours or the same, when a unit inside has `neighbours`; None for the usual number."""
        return self.distances() <= _TOUCH[neighbours or self.neighbours[0]] + _ROUNDING

    def links(self) -> Int[Tensor, "links 2"]:
        """Every two units side by side, once: four neighbours a unit, six on the hexagonal lattice."""
        return self.touching(self.neighbours[-1]).triu(1).nonzero()

    def spread_out(self, n_axes: int) -> Float[Tensor, "units axes"]:
        """The lattice as a figure in up to four dimensions, each coordinate between -1 and 1.

        A sheet is a rectangle; a torus the product of two circles, one in the coordinates 0 and 2, one in 1 and 3,
        which folds least in the dimensions that there are.
        """
        where, extent = self.positions(), torch.tensor(self._extent, dtype=torch.float64)
        if self.torus:
            # A quarter of a step on, so that no units coincide where circles are seen from the side (two dimensions).
            angle = 2 * torch.pi * (where + 0.25 * extent / torch.tensor([self.columns, self.rows])) / extent
            return torch.cat([angle.cos(), angle.sin()], 1)[:, :n_axes]
        far = where.amax(0)
        return (2 * where / far.where(far > 0, 1.0) - 1).where(far > 0, 0.0)[:, :n_axes]


def sides(n_units: int, deviations: Float[Tensor, "axes"], *, hexagonal: bool, torus: bool) -> tuple[int, int]:
    """Rows and columns of a map of about `n_units`, as long and as wide as the data: a chain where they have no width.

    Args:
        n_units: How many units there should be, about.
        deviations: Standard deviations of the data along their principal axes, falling.
        hexagonal, torus: The kind of lattice.

    Source: Vesanto et al., SOM Toolbox for Matlab 5, Helsinki University of Technology, report A57, 2000.
    """
    longest, second = float(deviations[0]), float(deviations[1]) if len(deviations) > 1 else 0.0
    ratio = second / longest if longest > 0 else 1.0
    rows = max(1, round(math.sqrt(n_units * ratio / (math.sqrt(0.75) if hexagonal else 1.0))))
    rows = min(rows, n_units)
    if hexagonal and torus:
        rows += rows % 2
    return rows, max(1, round(n_units / rows))


@dataclass(frozen=True)
class Principal:
    """Where data lie.

    Attributes:
        mean: (features,) of the values that are there, 0 in a column without any.
        known: (features,) which columns hold a value.
        axes: (axes, features) directions of largest variance, at most four, each with its largest number above 0.
        deviations: (axes,) standard deviations along them, falling.
    """

    mean: Tensor
    known: Tensor
    axes: Tensor
    deviations: Tensor


def principal(data: Batch) -> Principal:
    """Mean and principal axes of rows that may have weights and gaps; a gap counts as the mean of its column.

    The axes of a big table are those of evenly spaced rows of it: they are where a map starts, not what it learns.
    """
    rows, weights = data.inputs, data.weights
    known = torch.ones_like(rows[0], dtype=torch.bool)
    if torch.isnan(rows.sum()):
        there = (~torch.isnan(rows)).double()
        counts = there.sum(0) if weights is None else weights.double() @ there
        total = rows.nan_to_num(0.0).double()
        total = total.sum(0) if weights is None else weights.double() @ total
        known = counts > 0
        mean = total / counts.where(known, 1.0)
    else:
        mean = rows.mean(0) if weights is None else (weights.double() / weights.double().sum()) @ rows.double()
    mean = mean.to(rows.dtype)
    n, d = rows.shape
    most = max(1000, int(_PCA_WORK / (2 * d**2)))
    if n > most:
        some = torch.linspace(0, n - 1, most, dtype=torch.float64, device=rows.device).round().long()
        rows, weights = rows[some], None if weights is None else weights[some]
    near = (rows - mean).nan_to_num(0.0)
    if weights is not None:
        near = near * (weights * len(near) / weights.sum()).sqrt()[:, None]
    axes, variances = _axes(near / math.sqrt(len(near)))
    signs = axes.gather(1, axes.abs().argmax(1, keepdim=True)).sign()
    return Principal(mean, known, axes * signs * known, variances.clamp(min=0).sqrt())


def _axes(near: Float[Tensor, "rows features"]) -> tuple[Tensor, Tensor]:
    """The first right singular vectors, at most four, and the squares of their singular values."""
    k = min(4, near.shape[1])
    if near.shape[1] <= _PCA_FEATURES:
        values, vectors = torch.linalg.eigh((near.T @ near).double())
        return vectors[:, -k:].flip(1).T, values[-k:].flip(0)
    _, values, vectors = torch.svd_lowrank(near, q=min(12, *near.shape), niter=6)
    return vectors[:, :k].T.double(), values[:k].double().square()
