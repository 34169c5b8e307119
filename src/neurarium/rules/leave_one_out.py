"""Leave-one-out in closed form: the ridge regressions of all rows but one, from one decomposition.

Features H (n rows, h columns), targets Y (n, k) and weights w (n) ask for

    min over B, b of  sum_i w_i |y_i - h_i B - b|² + ridge · s̄ · |B|²,

where s̄ is the mean eigenvalue of the centred Gram matrix, sum_i w_i |h_i - mean(h)|² / h. A ridge is thus a share,
free
of units: the same grid serves features of any size and any number of rows. The intercept b bears no penalty; centring
H and Y by their weighted means removes it from the problem exactly.

Leaving a row out needs no refit (Allen 1974: PRESS). With the leverage a_i = x_i A⁻¹ x_iᵀ, x_i the centred row with its
intercept, A the penalised Gram matrix of all rows, the error on a row that was left out is (y_i - ŷ_i) / (1 - a_i). One
decomposition of H gives this for every ridge. A row of weight two counts as two rows, of which one is left out; of a
weight below one the whole row is left out.

Everything is computed in float64, for a stack of designs (..., n, h) at once. The design itself is decomposed (singular
values), because its Gram matrix squares the condition: 1e9, which 20 sigmoid units reach, would leave nothing of 16
digits. Only where every ridge is large enough to bound the condition, the smaller of the two Gram matrices takes its
place, several times faster.

Source: Hoerl and Kennard, Ridge regression, Technometrics 12, 1970; Allen, The relationship between variable selection
and data augmentation and a method for prediction, Technometrics 16, 1974.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

SAFE_IN_GRAM = 1e-8
"""The ridge from which the Gram matrix may stand for the design: its eigenvalues are wrong by 1e-16 of the largest."""

EQUAL = 1.001
"""Errors up to so many times the least count as equal to it: the simpler choice wins, and rounding decides nothing."""

_BLOCK = 2**22  # numbers of a design that are read at once: 32 MB
_FLAT = 1e-15  # of its mean: a spread that is rounding
_ALONE = 1e-10  # what is left of a leverage's distance to 1 when it is rounding alone


class Solution(NamedTuple):
    """A linear read-out.

    Attributes:
        coefficients: (..., h, k).
        intercept: (..., k); zeros where none was asked for.
    """

    coefficients: Tensor
    intercept: Tensor


class RidgePath(NamedTuple):
    """What leave-one-out says about each ridge, and the read-out at the best one.

    Attributes:
        ridge: (...) the largest ridge whose error is within a thousandth of the least, as it was given.
        coefficients: (..., h, k) at that ridge, from all rows.
        intercept: (..., k) likewise; zeros where none was asked for.
        errors: (..., r) mean squared error over rows left out and outputs, of each ridge.
        predictions: (..., n, k) the answer to each row of a read-out that has not seen it, at that ridge.
    """

    ridge: Tensor
    coefficients: Tensor
    intercept: Tensor
    errors: Tensor
    predictions: Tensor


class _Problem(NamedTuple):
    """Centred rows times the root of their weights, and what brings an answer back."""

    design: Tensor  # (..., n, h)
    targets: Tensor  # (..., n, k)
    mean: Tensor  # (..., 1, h)
    level: Tensor  # (..., 1, k)
    root: Tensor  # (..., n, 1) of the weights
    unit: Tensor  # (..., n, 1) direction that the intercept takes; zeros where there is none
    copy: Tensor  # (..., n, 1) share of a row that is left out
    scale: Tensor  # (..., 1, 1) mean eigenvalue of the Gram matrix


def ridge_grid(dtype: torch.dtype = torch.float64, *, device: torch.device | None = None) -> Float[Tensor, "ridges"]:
    """The ridges to choose among unless told otherwise: powers of ten that answers in `dtype` can use.

    A ridge r lets coefficients grow to about 1/sqrt(r); below 1e-8 single precision drowns the answer in rounding.
    """
    lowest = -8 if dtype == torch.float32 else -14
    return torch.tensor([float(f"1e{power}") for power in range(lowest, 2)], dtype=torch.float64, device=device)


def leave_one_out(
    design: Float[Tensor, "*stack rows columns"],
    targets: Float[Tensor, "*stack rows outputs"],
    ridges: Float[Tensor, "ridges"],
    weights: Float[Tensor, "*stack rows"] | None = None,
    *,
    intercept: bool = True,
) -> RidgePath:
    """Try every ridge on rows left out one by one, without a refit, and solve at the best.

    Args:
        design: Features; a stack of designs is solved as one.
        targets: What to answer, with the same leading axes or none. Outputs count by their own units: scale them
            alike first where these differ.
        ridges: At least 0, each a share of the mean eigenvalue of the centred Gram matrix. 0 is the least-squares
            answer of least norm.
        weights: How much each row counts, at least 0.
        intercept: Whether the read-out has one, free of penalty; its share, 1 / (sum of weights), is in the leverage.
    """
    if not len(ridges):
        raise ValueError("leave_one_out needs at least one ridge to try; got none.")
    n, h = design.shape[-2:]
    ridges = ridges.to(design.device, torch.float64)
    safe = float(ridges.min()) >= SAFE_IN_GRAM
    if safe and n > h:
        return by_gram(design, targets, ridges, weights, intercept=intercept)
    problem = _centred(design, targets, weights, intercept)
    best = _sweep(problem, (_by_kernel if safe else _by_singular_values)(problem, ridges), ridges)
    if weights is None:
        return best
    # A row without weight is unseen anyway: all the others answer it.
    answer = design.double() @ best.coefficients + best.intercept[..., None, :]
    return best._replace(predictions=torch.where(problem.root > 0, best.predictions, answer))


def solve_ridge(
    design: Float[Tensor, "*stack rows columns"],
    targets: Float[Tensor, "*stack rows outputs"],
    ridge: float | Tensor,
    weights: Float[Tensor, "*stack rows"] | None = None,
    *,
    intercept: bool = True,
) -> Solution:
    """The read-out at one ridge, in float64.

    Args:
        design, targets, weights, intercept: As in `leave_one_out`.
        ridge: As one of `ridges` there, or (*stack) one for each design.
    """
    share = torch.as_tensor(ridge, dtype=torch.float64, device=design.device)[..., None, None]
    if design.shape[-2] >= design.shape[-1] and float(share.min()) >= SAFE_IN_GRAM:
        rows = _Rows(design, targets, weights, intercept)
        gram, cross = rows.moments()
        penalty = share[..., 0] * gram.diagonal(dim1=-2, dim2=-1).mean(-1, keepdim=True)
        # A design of zeros has no scale: any penalty then gives the answer, zeros.
        gram.diagonal(dim1=-2, dim2=-1).add_(torch.where(penalty > 0, penalty, 1.0))
        coefficients = torch.cholesky_solve(cross, torch.linalg.cholesky(gram))
        return Solution(coefficients, (rows.level - rows.mean @ coefficients)[..., 0, :])
    problem = _centred(design, targets, weights, intercept)
    U, s, Vh = torch.linalg.svd(problem.design, full_matrices=False)
    kept = s > _cutoff(s, problem.design.shape)
    gain = torch.where(kept, s / torch.where(kept, s.square() + (share * problem.scale)[..., 0], 1.0), 0.0)
    return _uncentred(problem, Vh.mT @ (gain[..., None] * (U.mT @ problem.targets)))


def _centred(design: Tensor, targets: Tensor, weights: Tensor | None, intercept: bool) -> _Problem:
    X, Y = design.double(), targets.double()
    Y = Y.expand(*X.shape[:-2], *Y.shape[-2:])
    w = X.new_ones(X.shape[:-1]) if weights is None else weights.to(X).expand(X.shape[:-1])
    w = w[..., None]
    if intercept:
        shares = w / w.sum(-2, keepdim=True)
        mean, level = shares.mT @ X, shares.mT @ Y
        X, Y = X - mean, Y - level
        rounding = shares.mT @ X  # of a mean far from 0: what it leaves would pass for a direction of the design
        X, mean, unit = X - rounding, mean + rounding, shares.sqrt()
        X = torch.where(_flat((shares * X.square()).sum(-2, keepdim=True), mean), 0.0, X)
    else:
        mean, level, unit = X.new_zeros(1, X.shape[-1]), Y.new_zeros(1, Y.shape[-1]), torch.zeros_like(w)
    if weights is not None:
        X, Y = X * w.sqrt(), Y * w.sqrt()
    scale = X.square().sum((-2, -1))[..., None, None] / X.shape[-1]
    # How much of a row is left out: one copy of a heavier one, all of a lighter one.
    copy = 1 / w.clamp(min=1)
    return _Problem(X, Y, mean, level, w.sqrt(), unit, copy, scale)


def _flat(variance: Tensor, mean: Tensor) -> Tensor:
    """Whether a column does not vary: what is left of it beside its mean is rounding."""
    return variance <= (_FLAT * mean).square()


def _uncentred(problem: _Problem, coefficients: Tensor) -> Solution:
    return Solution(coefficients, (problem.level - problem.mean @ coefficients)[..., 0, :])


def _cutoff(s: Tensor, shape: torch.Size) -> Tensor:
    """Singular values up to here are rounding, as in numpy's lstsq."""
    return s[..., :1] * torch.finfo(s.dtype).eps * max(shape[-2:])


class _Left(NamedTuple):
    """What one ridge leaves of each row's target and of its leverage's distance to 1, and the read-out."""

    coefficients: Tensor  # (..., h, k)
    residuals: Tensor  # (..., n, k), times the root of the weight
    slack: Tensor  # (..., n, 1), in the same unit as the residuals


def _by_singular_values(problem: _Problem, ridges: Tensor) -> Iterator[_Left]:
    """From X = U s Vᵀ."""
    U, s, Vh = torch.linalg.svd(problem.design, full_matrices=False)
    yield from _inside_and_outside(problem, ridges, U, s, Vh.mT)


def _by_kernel(problem: _Problem, ridges: Tensor) -> Iterator[_Left]:
    """From XXᵀ = U s² Uᵀ, when there are more columns than rows."""
    X = problem.design
    s2, U = torch.linalg.eigh(X @ X.mT)
    s2, U = s2.flip(-1), U.flip(-1)
    s = s2.clamp(min=0).sqrt()
    # Squaring has lifted rounding from 1e-16 of the largest singular value to its root.
    s = torch.where(s2 > s2[..., :1] * torch.finfo(s.dtype).eps * X.shape[-2], s, 0.0)
    yield from _inside_and_outside(problem, ridges, U, s, X.mT @ (U / torch.where(s > 0, s, 1.0)[..., None, :]))


def _inside_and_outside(problem: _Problem, ridges: Tensor, U: Tensor, s: Tensor, V: Tensor) -> Iterator[_Left]:
    """A ridge leaves of the targets their part outside U, and penalty / (s² + penalty) of each part inside.

    Where a row lies wholly inside (always, when there are as many columns as rows), its residual and its slack are both
    proportional to the penalty. There their ratio is formed without it, so that it holds down to a ridge of 0.
    """
    kept = s > _cutoff(s, problem.design.shape)
    U = U * kept[..., None, :]
    parts = U.mT @ problem.targets
    squares = U.square()
    slack = 1 - squares.sum(-1, keepdim=True) - problem.unit.square()
    alone = (slack < _ALONE) & (problem.root > 0)
    slack = torch.where(alone, 0.0, slack)
    outside = torch.where(alone, 0.0, problem.targets - U @ parts)
    free = alone & (problem.copy >= 1)  # what is left out of a heavier row leaves copies of it behind
    for share in ridges:
        penalty = share * problem.scale
        g = kept[..., None] / torch.where(kept[..., None], s[..., None].square() + penalty, 1.0)
        unit = torch.where(free, 1.0, penalty)
        copied = 1 - problem.copy * (1 - slack - penalty * (squares @ g))
        coefficients = V @ (s[..., None] * g * parts)
        yield _Left(coefficients, outside + unit * (U @ (g * parts)), torch.where(free, squares @ g, copied))


def _sweep(problem: _Problem, path: Iterator[_Left], ridges: Tensor) -> RidgePath:
    """The error of every ridge, and all about the best."""
    root = torch.where(problem.root > 0, problem.root, 1.0)
    coefficients, wrong = [], []
    for left in path:
        coefficients.append(left.coefficients)
        wrong.append(left.residuals / left.slack.clamp(min=torch.finfo(ridges.dtype).tiny) / root)
    errors_of_rows = torch.stack(wrong, -2)  # (..., n, r, k)
    errors, best = _judged(errors_of_rows, problem.root.square(), ridges)
    B = torch.stack(coefficients, -2).take_along_dim(best, -2)[..., 0, :]
    missed = errors_of_rows.take_along_dim(best, -2)[..., 0, :]
    predictions = problem.targets / root + problem.level - missed
    return RidgePath(ridges[best[..., 0, 0, 0]], *_uncentred(problem, B), errors, predictions)


def _judged(wrong: Tensor, w: Tensor, ridges: Tensor) -> tuple[Tensor, Tensor]:
    """(..., r) mean squared error of each ridge, and (..., 1, 1, 1) the number of the largest among the good."""
    shares = w / w.sum(-2, keepdim=True)
    errors = torch.nan_to_num((shares[..., None] * wrong.square()).sum(-3).mean(-1), nan=torch.inf)
    good = errors <= EQUAL * errors.min(-1, keepdim=True).values
    best = torch.where(good, ridges, -torch.inf).argmax(-1)
    return errors, best[..., None, None, None]


def by_gram(
    design: Float[Tensor, "*stack rows columns"],
    targets: Float[Tensor, "*stack rows outputs"],
    ridges: Float[Tensor, "ridges"],
    weights: Float[Tensor, "*stack rows"] | None = None,
    *,
    intercept: bool = True,
) -> RidgePath:
    """`leave_one_out` from XᵀX = V s² Vᵀ, a block of rows at a time: the leverage of a row is |x V|² / (s² + penalty).

    Right for ridges from `SAFE_IN_GRAM` on. No second copy of the design is made.
    """
    rows = _Rows(design, targets, weights, intercept)
    gram, cross = rows.moments()
    s2, V = torch.linalg.eigh(gram)
    penalty = gram.diagonal(dim1=-2, dim2=-1).mean(-1)[..., None, None] * ridges
    gain = 1 / torch.where(penalty > 0, s2.clamp(min=0)[..., None] + penalty, 1.0)  # (..., h, r)
    parts = gain[..., None] * (V.mT @ cross)[..., None, :]  # (..., h, r, k)
    wrong = []
    for X, Y, w in rows:
        P = X @ V
        left_out = w.clamp(max=1)
        slack = 1 - left_out * (P.square() @ gain + rows.share_of_intercept)
        residuals = Y[..., None, :] - (P @ parts.flatten(-2)).unflatten(-1, parts.shape[-2:])
        wrong.append(residuals / slack[..., None])
    errors_of_rows = torch.cat(wrong, -3)  # (..., n, r, k)
    errors, best = _judged(errors_of_rows, rows.w, ridges)
    missed = errors_of_rows.take_along_dim(best, -2)[..., 0, :]
    coefficients = V @ parts.take_along_dim(best, -2)[..., 0, :]
    level = (rows.level - rows.mean @ coefficients)[..., 0, :]
    return RidgePath(ridges[best[..., 0, 0, 0]], coefficients, level, errors, targets.double() - missed)


def _squared(X: Tensor) -> Tensor:
    """XᵀX, each pair of wide blocks of columns multiplied once: towards half of the operations."""
    half = X.shape[-1] // 2
    if half < 256:
        return X.mT @ X
    left, right = X[..., :half], X[..., half:]
    corner = left.mT @ right
    rows = torch.cat([_squared(left), corner], -1), torch.cat([corner.mT, _squared(right)], -1)
    return torch.cat(rows, -2)


class _Rows:
    """Weighted rows, centred as they are read, block by block, and their moments."""

    def __init__(self, design: Tensor, targets: Tensor, weights: Tensor | None, intercept: bool) -> None:
        self.design = design
        self.targets = targets.expand(*design.shape[:-2], *targets.shape[-2:])
        w = design.new_ones(design.shape[:-1]) if weights is None else weights.to(design.device)
        self.w = w.expand(design.shape[:-1]).double()[..., None]
        self.weighted = weights is not None
        self.mean = design.new_zeros(1, design.shape[-1], dtype=torch.float64)
        self.level = design.new_zeros(1, targets.shape[-1], dtype=torch.float64)
        total = self.w.sum(-2, keepdim=True)
        self.share_of_intercept = 1 / total if intercept else torch.zeros_like(total)
        if intercept:
            self.mean, self.level = self._means()

    def _means(self) -> tuple[Tensor, Tensor]:
        """The weighted means of the columns and of the targets."""
        share = self.w / self.w.sum(-2, keepdim=True)
        mean, level = self.mean, self.level
        for (X, Y, _), part in zip(self, share.split(self._block(), -2), strict=True):
            mean, level = mean + part.mT @ X, level + part.mT @ Y
        return mean, level

    def _block(self) -> int:
        n = self.design.shape[-2]
        return max(1, _BLOCK * n // max(1, self.design.numel()))

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        size = self._block()
        for X, Y, w in zip(*(part.split(size, -2) for part in (self.design, self.targets, self.w)), strict=True):
            yield X - self.mean, Y - self.level, w  # in float64, as the means are

    def moments(self) -> tuple[Tensor, Tensor]:
        """XᵀWX and XᵀWY of the centred rows; the means are put right on the way."""
        h, k = self.design.shape[-1], self.targets.shape[-1]
        gram = self.w.new_zeros(*self.design.shape[:-2], h, h)
        cross = self.w.new_zeros(*self.design.shape[:-2], h, k)
        x, y = cross.new_zeros(*cross.shape[:-2], 1, h), cross.new_zeros(*cross.shape[:-2], 1, k)
        for X, Y, w in self:
            x, y = x + w.mT @ X, y + w.mT @ Y
            if self.weighted:
                X, Y = X * w.sqrt(), Y * w.sqrt()
            gram += _squared(X)
            cross += X.mT @ Y
        total = self.w.sum(-2, keepdim=True)
        if bool((self.share_of_intercept > 0).any()):
            # The first mean of columns far from 0 was rounded; moments about it are moved to the true one.
            x, y = x / total, y / total
            gram -= total * x.mT @ x
            cross -= total * x.mT @ y
            self.mean, self.level = self.mean + x, self.level + y
        flat = _flat(gram.diagonal(dim1=-2, dim2=-1)[..., None] / total, self.mean.mT)
        return gram.masked_fill(flat | flat.mT, 0.0), cross.masked_fill(flat, 0.0)
