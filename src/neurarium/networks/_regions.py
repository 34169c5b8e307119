"""Regions of rows, to see which of them a generator leaves out."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import one_hot

_REGIONS = 20
_ROWS_A_REGION = 10  # at least, on average: fewer regions are made of few rows
_VISITED = 0.2  # a region counts as visited when it gets this share of the samples that are its due
_JUDGED = 1000  # rows among which the usual gap is taken


class Regions(nn.Module):
    """The rows divided by the nearest of some centres, to see which of them a generator leaves out.

    Args:
        n_numbers: Numbers of a row.

    Source: bins of rows by clusters, "On GANs and GMMs" (Richardson and Weiss, 2018), https://arxiv.org/abs/1805.12462;
    centres are begun as in k-means++ (Arthur and Vassilvitskii, 2007).
    """

    centres: Tensor
    due: Tensor
    gap: Tensor

    def __init__(self, n_numbers: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(_REGIONS, n_numbers))
        self.register_buffer("due", torch.zeros(_REGIONS))
        self.register_buffer("gap", torch.zeros(()))

    @torch.no_grad()
    def fit(self, rows: Float[Tensor, "n numbers"]) -> None:
        """Centres by k-means++ and five turns of k-means; the share of the rows in each region; their usual gap."""
        n = len(rows)
        wanted = max(2, min(_REGIONS, n // _ROWS_A_REGION))
        centres = rows[torch.randint(n, (1,))]
        for _ in range(wanted - 1):
            squares = torch.cdist(rows, centres).amin(1).square()
            if not bool(squares.sum() > 0):
                break
            centres = torch.cat([centres, rows[torch.multinomial(squares, 1)]])
        for _ in range(5):
            nearest = one_hot(torch.cdist(rows, centres).argmin(1), len(centres)).to(rows.dtype)
            counts = nearest.sum(0)
            centres = torch.where(counts[:, None] > 0, nearest.T @ rows / counts.clamp(min=1)[:, None], centres)
        # Where there are fewer centres the last is repeated: a region that is never the nearest one.
        self.centres.copy_(torch.cat([centres, centres[-1:].expand(_REGIONS - len(centres), -1)]))
        self.due.copy_(self.visits(rows))
        self.gap.copy_(mean_gap(rows[torch.randperm(n)[:_JUDGED]]))

    def visits(self, rows: Float[Tensor, "n numbers"]) -> Float[Tensor, " regions"]:
        """The share of these rows in each region."""
        nearest = torch.cdist(rows, self.centres).argmin(1)
        return torch.bincount(nearest, minlength=_REGIONS).to(rows.dtype) / len(rows)

    def reach(self, visits: Float[Tensor, " regions"]) -> Tensor:
        """The share of the fitted rows that lies in regions which get at least a fifth of their due."""
        return (self.due * (visits >= _VISITED * self.due)).sum()

    def spread(self, rows: Float[Tensor, "n numbers"]) -> Tensor:
        """The mean distance to the nearest other row, over that of the fitted rows; 1 where those lie on each other."""
        gap = mean_gap(rows)
        return torch.where(self.gap > 0, gap / self.gap, torch.ones_like(gap))


def mean_gap(rows: Float[Tensor, "n numbers"]) -> Tensor:
    """The mean distance from a row to the nearest other one."""
    distances = torch.cdist(rows, rows)
    distances.fill_diagonal_(torch.inf)
    gaps = distances.amin(1)
    return torch.where(gaps.isfinite(), gaps, torch.zeros_like(gaps)).mean()
