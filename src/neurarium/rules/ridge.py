"""Ridge: one linear read-out over features that are not learnt, solved in closed form from all rows.

    min over B, b of  sum_i w_i |y_i - φ(x_i) B - b|² + ridge · s̄ · |B|²

The ridge, and how many of the features to use, are chosen by the error on rows left out one by one. The mathematics is
in rules/leave_one_out.py; its two functions can be had from here too.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule
from neurarium.core.scaling import weighted_moments
from neurarium.rules.leave_one_out import (
    EQUAL,
    SAFE_IN_GRAM,
    RidgePath,
    Solution,
    leave_one_out,
    ridge_grid,
    solve_ridge,
)

__all__ = [
    "Ridge",
    "RidgePath",
    "Solution",
    "least_wrong",
    "leave_one_out",
    "onto_simplex",
    "ridge_grid",
    "search",
    "solve_ridge",
]

Choice = TypeVar("Choice")

_BEARABLE = 0.01  # share of the error that rounding in the module's own precision may add unheeded


def search(
    design: Float[Tensor, "rows columns"],
    targets: Float[Tensor, "rows outputs"],
    ridges: Float[Tensor, "ridges"],
    weights: Float[Tensor, "rows"] | None = None,
    *,
    intercept: bool = True,
) -> RidgePath:
    """`leave_one_out` that tries ridges too small for the Gram matrix only when the smallest of the others won.

    Args:
        design, targets, ridges, weights, intercept: As there; `errors` holds NaN for ridges that were not tried.
    """
    ridges = ridges.to(design.device, torch.float64)
    safe = ridges >= SAFE_IN_GRAM
    if bool(safe.all()) or not bool(safe.any()):
        return leave_one_out(design, targets, ridges, weights, intercept=intercept)
    path = leave_one_out(design, targets, ridges[safe], weights, intercept=intercept)
    errors = torch.full_like(ridges, torch.nan)
    errors[safe] = path.errors
    if float(path.ridge) > float(ridges[safe].min()):
        return path._replace(errors=errors)
    finer = leave_one_out(design, targets, ridges[~safe], weights, intercept=intercept)
    errors[~safe] = finer.errors
    good = float(path.errors.min()) <= EQUAL * float(finer.errors.min())
    return (path if good else finer)._replace(errors=errors)


def least_wrong(
    designs: Iterable[tuple[Choice, Float[Tensor, "rows columns"]]],
    targets: Float[Tensor, "rows outputs"],
    weights: Float[Tensor, "rows"] | None = None,
    *,
    intercept: bool = True,
) -> Choice:
    """The choice whose features answer rows left out best, each with its best ridge; the first within a thousandth.

    Args:
        designs: What there is to choose, and its features; made one after another, so that one lies in memory.
        targets, weights, intercept: As in `leave_one_out`.
    """
    ridges = ridge_grid(torch.float32, device=targets.device)
    errors = [
        (choice, float(leave_one_out(design, targets, ridges, weights, intercept=intercept).errors.min()))
        for choice, design in designs
    ]
    least = min(error for _, error in errors)
    return next(choice for choice, error in errors if error <= EQUAL * least)


class ReadsOut(Protocol):
    """A module whose answer is linear in features that are not learnt."""

    read_out: nn.Linear

    def features(self, inputs: Tensor) -> Tensor:
        """(n, h) what the read-out sees of each row."""


class Ridge(Rule):
    """One solve of the read-out from all rows; the ridge, and how many of the features, by leave-one-out.

    Args:
        module: What reads out; its read-out has a bias or none.
        ridges: Shares of the mean eigenvalue to choose among; a single one is taken as it is.
        n_classes: Targets are classes numbered from 0, of so many, answered as 0 and 1; None where they are numbers.
        widths: Numbers of leading features to choose among, rising; None for all of them. Features drawn once are thus
            tried in nested sets; the read-out's coefficients of those left over are 0.

    Attributes:
        ridge: The ridge used.
        width: The number of leading features used.
        error: Mean squared leave-one-out error in units of the targets' variances (of classes: of 0 and 1); NaN where
            nothing was to choose.
        tried: That error for each width tried.
    """

    usable_early = False

    def __init__(
        self, module: ReadsOut, ridges: Tensor, *, n_classes: int | None = None, widths: Sequence[int] | None = None
    ) -> None:
        self.module = module
        self.ridges = ridges
        self.n_classes = n_classes
        self.widths = widths
        self.ridge, self.width, self.error = float("nan"), 0, float("nan")
        self.tried: dict[int, float] = {}

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Solve; the batch holds all rows."""
        read_out = self.module.read_out
        intercept = read_out.bias is not None
        design = self.module.features(batch.inputs)
        targets, scale = targets_of(batch, self.n_classes)
        loss = None
        if len(self.ridges) == 1 and self.widths is None:
            self.ridge, self.width = float(self.ridges[0]), design.shape[-1]
            best: Solution = solve_ridge(design, targets, self.ridge, batch.weights, intercept=intercept)
        else:
            path = self._choose(design, targets, batch.weights, intercept)
            best, loss = Solution(path.coefficients, path.intercept), path.errors
        read_out.weight.zero_()
        read_out.weight[:, : self.width] = (best.coefficients * scale).mT.to(read_out.weight)
        if intercept:
            read_out.bias.copy_(best.intercept * scale)
        if loss is None:
            wrong = read_out(design) / scale - targets
            loss = weighted_moments(wrong.square(), batch.weights)[0].mean()
        return {"loss": loss}

    def _choose(self, design: Tensor, targets: Tensor, weights: Tensor | None, intercept: bool) -> RidgePath:
        """The path at the best width and ridge, `errors` that one error."""
        paths = {
            width: search(design[:, :width], targets, self.ridges, weights, intercept=intercept)
            for width in self.widths or (design.shape[-1],)
        }
        errors = {width: float(path.errors.nan_to_num(torch.inf).min()) for width, path in paths.items()}
        self.tried, self.width = (
            errors,
            next(width for width in errors if errors[width] <= EQUAL * min(errors.values())),
        )
        path, design = paths[self.width], design[:, : self.width]
        path = path._replace(errors=path.errors.new_tensor(errors[self.width]))
        dtype = self.module.read_out.weight.dtype
        rounding = _rounding(design, path, dtype)
        for ridge in self.ridges[self.ridges > float(path.ridge)].sort().values:
            if rounding <= _BEARABLE * float(path.errors):
                break
            larger = leave_one_out(design, targets, ridge[None], weights, intercept=intercept)
            less = _rounding(design, larger, dtype)
            if float(larger.errors) + less >= float(path.errors) + rounding:
                break
            path, rounding = larger._replace(errors=larger.errors[0]), less
        self.ridge, self.error = float(path.ridge), float(path.errors)
        return path

    def end_pass(self) -> bool:
        """One pass is all."""
        return True

    def state_dict(self) -> dict[str, Any]:
        """What has been chosen."""
        return {"ridge": self.ridge, "width": self.width, "error": self.error, "tried": self.tried}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.ridge, self.width, self.error = state["ridge"], state["width"], state["error"]
        self.tried = state["tried"]


def _rounding(design: Tensor, path: RidgePath, dtype: torch.dtype) -> float:
    """Mean squared error of answering in the module's own precision: large coefficients that cancel cost most."""
    if dtype == torch.float64:
        return 0.0
    exact = design.double() @ path.coefficients + path.intercept
    rough = design.to(dtype) @ path.coefficients.to(dtype) + path.intercept.to(dtype)
    return float((rough - exact).square().mean())


def targets_of(batch: Batch, n_classes: int | None) -> tuple[Float[Tensor, "rows outputs"], Float[Tensor, "outputs"]]:
    """The targets in float64, and the unit they are in: classes as 1 in their own column and 0 in the others.

    Numbers are given in units of their standard deviation, so that outputs count alike when a ridge is chosen.
    """
    if batch.targets is None:
        raise ValueError("ridge learns from targets; the batch has none.")
    if n_classes is not None:
        targets = nn.functional.one_hot(batch.targets.long(), n_classes).double()
        return targets, targets.new_ones(n_classes)
    targets = batch.targets.double()
    scale = weighted_moments(targets, batch.weights)[1].sqrt()
    scale = torch.where(scale > 0, scale, 1.0)
    return targets / scale, scale


def onto_simplex(scores: Float[Tensor, "*rows classes"]) -> Float[Tensor, "*rows classes"]:
    """The probabilities nearest to scores that were fitted to 0 and 1 by least squares.

    Such scores estimate probabilities and sum to 1, but may leave [0, 1]. The nearest point of the simplex is
    max(s - t, 0), one t a row: it keeps the order of the scores, so the most probable class has the highest score.

    Source: Held, Wolfe and Crowder, Validation of subgradient optimization, Mathematical Programming 6, 1974.

    Example:
        >>> onto_simplex(torch.tensor([[0.6, 0.4], [1.2, -0.2], [0.7, 0.7]]))
        tensor([[0.6000, 0.4000],
                [1.0000, 0.0000],
                [0.5000, 0.5000]])
    """
    falling = scores.sort(-1, descending=True).values
    count = torch.arange(1, scores.shape[-1] + 1, device=scores.device)
    excess = falling.cumsum(-1) - 1
    kept = (falling * count > excess).sum(-1, keepdim=True).clamp(min=1)
    return (scores - excess.gather(-1, kept - 1) / kept).clamp(min=0)
