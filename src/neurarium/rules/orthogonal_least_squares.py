"""Orthogonal least squares: pick features one at a time, each time the one that explains most of what is left.

With the features picked so far made orthonormal, q_1 ... q_m, the part of a candidate p_j that is not theirs has the
squared length |p_j|² - sum_m (q_m·p_j)² and the share p_j·e in what is left of the targets, e; adding it lowers the
error by (p_j·e)² over that length. The same columns give the leave-one-out error after each pick for nothing: leverages
grow by q², residuals shrink by q (q·y). Where that error is least, picking has gone far enough.

Source: Chen, Cowan and Grant, Orthogonal least squares learning algorithm for radial basis function networks, IEEE
Transactions on Neural Networks 2, 1991; the stopping by leave-one-out: Hong, Sharkey and Warwick, Automatic nonlinear
predictive model-construction algorithm using forward regression and the PRESS statistic, IEE Proceedings - Control
Theory and Applications 150, 2003.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

_SPENT = 1e-10  # of a candidate's squared length: what remains of it beside the others is rounding


class Picked(NamedTuple):
    """Features in the order in which they were picked.

    Attributes:
        columns: (m,) their numbers.
        errors: (m,) mean squared leave-one-out error with the features up to each, without a ridge.
        explained: (m,) share of the targets' variance that each pick explains.
    """

    columns: Tensor
    errors: Tensor
    explained: Tensor

    @property
    def n_best(self) -> int:
        """How many of them have the least leave-one-out error."""
        return int(self.errors.argmin()) + 1


def pick(
    candidates: Float[Tensor, "rows columns"],
    targets: Float[Tensor, "rows outputs"],
    most: int,
    weights: Float[Tensor, "rows"] | None = None,
) -> Picked:
    """Pick up to `most` columns, fewer where the candidates or the rows are used up; a constant is always there.

    Args:
        candidates: Features of each row.
        targets: What they are to explain, several outputs together.
        most: How many columns at most.
        weights: How much each row counts, at least 0.
    """
    P, E = candidates.double(), targets.double()
    w = P.new_ones(len(P)) if weights is None else weights.to(P)
    seen = w > 0
    w = w[seen, None]
    shares = w / w.sum()
    P, E = ((each[seen] - (shares * each[seen]).sum(0)) * w.sqrt() for each in (P, E))
    left_out = w.clamp(max=1) / w  # one copy of a heavier row, all of a lighter one
    slack = 1 - left_out * shares
    length, part, total = P.square().sum(0), P.mT @ E, E.square().sum()
    spent = _SPENT * length
    most = min(most, P.shape[1], len(P) - 1)
    Q = P.new_zeros(len(P), most)
    columns, errors, explained = [], [], []
    for m in range(most):
        gain = torch.where(length > spent, part.square().sum(1) / length, -1.0)
        best = int(gain.argmax())
        if not gain[best] > 0:
            break
        q = P[:, best]
        for _ in range(2):  # once more for what rounding has left
            q = q - Q[:, :m] @ (Q[:, :m].mT @ q)
        Q[:, m] = q = q / q.norm()
        along, told = q @ P, q @ E
        length, part, E = length - along.square(), part - torch.outer(along, told), E - torch.outer(q, told)
        length[best] = 0
        slack = slack - left_out * q[:, None].square()
        wrong = torch.where(slack > 1e-12, E / slack, torch.inf)
        columns.append(best)
        errors.append((shares * wrong.square() / w).sum(0).mean())
        explained.append(told.square().sum() / total)
    if not columns:  # nothing varies: one column is as good as another
        return Picked(torch.zeros(1, dtype=torch.long, device=P.device), total[None] / len(P), P.new_zeros(1))
    return Picked(torch.tensor(columns, device=P.device), torch.stack(errors), torch.stack(explained))
