"""The linear side of the labs on autoencoders: principal directions, and sheets that a dial bends."""

import torch
from torch import Tensor, nn

from neurarium.program.loop import Loop

_SQUARINGS = 30


class Squared(nn.Module):
    """A matrix times itself, its trace being 1 again."""

    def forward(self, matrix: Tensor) -> tuple[Tensor]:
        """The largest eigenvalue's share grows."""
        square = matrix @ matrix
        return (square / _trace(square),)


class Leading(nn.Module):
    """The projection onto the direction in which rows vary most; `Leading.least` onto all but the least.

    It is the limit of C^(2^n) / tr C^(2^n), in float64.
    """

    def __init__(self) -> None:
        super().__init__()
        self.squared = Loop(Squared(), states=1, sequences=0, turns=_SQUARINGS)

    def forward(self, rows: Tensor) -> Tensor:
        """(d, d) onto the first principal direction of (n, d) rows of mean 0."""
        (projection,) = self.squared(_spread(rows))
        return projection.float()

    def all_but_least(self, rows: Tensor) -> Tensor:
        """(d, d) onto all principal directions but the last one."""
        spread, one = _spread(rows), torch.eye(rows.shape[1], dtype=torch.float64)
        (least,) = self.squared((one - spread) / (rows.shape[1] - 1))
        return (one - least).float()


def _spread(rows: Tensor) -> Tensor:
    """The covariance of rows of mean 0, its trace being 1."""
    covariance = rows.double().mT @ rows.double()
    return covariance / _trace(covariance)


def _trace(matrix: Tensor) -> Tensor:
    return (matrix * torch.eye(len(matrix), dtype=matrix.dtype)).sum()


def arc(along: Tensor, bend: Tensor) -> Tensor:
    """A line that is bent to an arc of a circle around its middle, and grows with it, so that it stays as large.

    Args:
        along: (n,) places on it, from -1 to 1.
        bend: () the angle in radians by which it turns on half of its length; 0 for a straight line.

    Returns:
        (n, 2) how far across and how far up each place is.
    """
    bend = bend.clamp(min=1e-3)
    half = (bend / 2).sin() ** 2
    up = 2 * ((bend * along / 2).sin() ** 2 - half / 2) / bend
    return torch.stack([(bend * along).sin() / bend, up], 1) * (1 + bend / 3)
