"""L-BFGS: steps in a direction bent by the last few changes of the slope, as far as the strong Wolfe conditions say.

From the last m steps s and changes of the gradient y the two-loop recursion applies an estimate H of the inverse
curvature, d = -H ∇E, and a line search finds t with

    E(w + t d) <= E(w) + c1 t ∇E(w)·d    and    |∇E(w + t d)·d| <= c2 |∇E(w)·d|.

All rows make one step. There is nothing random in it.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule
from neurarium.rules.gradient import Loss, answer, mean_loss, put
from neurarium.rules.optimisers import is_decayed

_C1, _C2 = 1e-4, 0.9  # as Nocedal and Wright advise for quasi-Newton directions
_LOOKS = 25  # at the loss along one direction


class QuasiNewton(Rule):
    """Learn by L-BFGS with a strong Wolfe line search: one iteration a step, all rows in each.

    Args:
        module: What learns.
        loss: What an answer costs, a number a row; a row of weight two counts as two rows.
        weight_decay: Adds ½ weight_decay ‖W‖² to the mean loss; biases are left alone.
        memory: Steps that the curvature is estimated from.
        tolerance: Learning ends when no slope is steeper.

    Source: "On the limited memory BFGS method for large scale optimization" (Liu and Nocedal, 1989),
    https://doi.org/10.1007/BF01589116; the line search is algorithms 3.5 and 3.6 of Nocedal and Wright, Numerical
    Optimization, 2006.
    """

    def __init__(
        self, module: nn.Module, loss: Loss, *, weight_decay: float = 0.0, memory: int = 10, tolerance: float = 1e-5
    ) -> None:
        self.module = module
        self.loss = loss
        self.weight_decay = weight_decay
        self.memory = memory
        self.tolerance = tolerance
        self._parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
        self._pairs: list[tuple[Tensor, Tensor]] = []
        self._here: tuple[float, Tensor] | None = None
        self._resting = False

    def step(self, batch: Batch) -> Metrics:
        """One iteration: a direction, and a line search along it."""
        w = parameters_to_vector(self._parameters).detach()
        loss, slope = self._here = self._here or self._look(batch)
        self._resting = float(slope.abs().max()) <= self.tolerance
        if not self._resting:
            d = self._direction(slope)

            def along(t: float) -> Point:
                put(self._parameters, w + t * d)
                loss, slope = self._look(batch)
                return Point(t, loss, float(slope @ d), slope)

            first = 1.0 if self._pairs else min(1.0, 1.0 / float(slope.abs().sum()))
            found = wolfe(along, Point(0.0, loss, float(slope @ d), slope), first)
            put(self._parameters, w + found.t * d)
            if found.t > 0:
                self._remember(found.t * d, found.gradient - slope)
                loss, _ = self._here = found.loss, found.gradient
            else:  # rounding hides what is left of the slope; straight down is the last thing to try
                self._resting = not self._pairs
                self._pairs = []
        return {"loss": torch.tensor(loss, dtype=w.dtype, device=w.device)}

    def _look(self, batch: Batch) -> tuple[float, Tensor]:
        """The loss and its slope where the parameters are."""
        losses = self.loss(answer(self.module, batch), batch)
        weights = batch.weights
        loss = losses.mean() if weights is None else (losses * weights).sum() / weights.sum()
        if self.weight_decay:
            squares = [parameter.square().sum() for parameter in self._parameters if is_decayed(parameter)]
            loss = loss + 0.5 * self.weight_decay * torch.stack(squares).sum()
        slopes = torch.autograd.grad(loss, self._parameters, materialize_grads=True)
        return float(loss.detach()), parameters_to_vector(slopes)

    def _direction(self, slope: Tensor) -> Tensor:
        """-H ∇E, by the two-loop recursion."""
        d, shares = -slope, []
        for s, y in reversed(self._pairs):
            shares.append((s @ d) / (s @ y))
            d = d - shares[-1] * y
        if self._pairs:
            s, y = self._pairs[-1]
            d = d * ((s @ y) / (y @ y))
        for (s, y), share in zip(self._pairs, reversed(shares), strict=True):
            d = d + (share - (y @ d) / (s @ y)) * s
        return d

    def _remember(self, s: Tensor, y: Tensor) -> None:
        # Without curvature along s the estimate would no longer be positive definite.
        if float(s @ y) > torch.finfo(s.dtype).eps * float(y @ y):
            self._pairs = [*self._pairs, (s, y)][-self.memory :]

    def end_pass(self) -> bool:
        """True at the bottom: no slope is steeper than the tolerance, or no step goes lower."""
        return self._resting

    def evaluate(self, batch: Batch) -> Tensor:
        """The mean loss over rows that are not learnt from."""
        return mean_loss(self.module, self.loss, batch)

    def state_dict(self) -> dict[str, Any]:
        """What is remembered of the curvature, and the slope where the parameters are."""
        return {"pairs": self._pairs, "here": self._here, "resting": self._resting}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from that memory."""
        like = self._parameters[0]
        self._pairs = [(s.to(like), y.to(like)) for s, y in state["pairs"]]
        here = state["here"]
        self._here = None if here is None else (here[0], here[1].to(like))
        self._resting = state["resting"]


class Point(NamedTuple):
    """A place on the line that is searched.

    Attributes:
        t: How far along.
        loss: There.
        slope: Of the loss along the line.
        gradient: Of the loss.
    """

    t: float
    loss: float
    slope: float
    gradient: Tensor


def wolfe(along: Callable[[float], Point], origin: Point, t: float) -> Point:
    """A point that holds the strong Wolfe conditions, or the lowest one seen when it is not found soon.

    Args:
        along: Looks at the point at some t.
        origin: t = 0, where the slope is negative.
        t: Where to look first.
    """
    before = origin
    for looks in range(1, _LOOKS + 1):
        point = along(t)
        if not _lower(point, origin) or (looks > 1 and point.loss >= before.loss):
            return _zoom(along, origin, before, point, _LOOKS - looks)
        if abs(point.slope) <= -_C2 * origin.slope:
            return point
        if point.slope >= 0:
            return _zoom(along, origin, point, before, _LOOKS - looks)
        ahead = _valley(before, point)
        before, t = point, min(max(ahead, 2 * t), 10 * t)
    return before


def _zoom(along: Callable[[float], Point], origin: Point, low: Point, high: Point, looks: int) -> Point:
    """Narrow an interval that holds such points; `low` is the lower of its ends that falls steeply enough."""
    for _ in range(looks):
        near, far = min(low.t, high.t), max(low.t, high.t)
        edge = 0.1 * (far - near)
        point = along(min(max(_valley(low, high), near + edge), far - edge))
        if not _lower(point, origin) or point.loss >= low.loss:
            high = point
            continue
        if abs(point.slope) <= -_C2 * origin.slope:
            return point
        if point.slope * (high.t - low.t) >= 0:
            high = low
        low = point
    return low


def _lower(point: Point, origin: Point) -> bool:
    """The first Wolfe condition; a loss that is no number does not hold it."""
    return point.loss <= origin.loss + _C1 * point.t * origin.slope


def _valley(a: Point, b: Point) -> float:
    """The minimum of the cubic through two points and their slopes; half-way where there is none."""
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    inner = d1 * d1 - a.slope * b.slope
    if not math.isfinite(inner) or inner < 0:
        return (a.t + b.t) / 2
    d2 = math.copysign(math.sqrt(inner), b.t - a.t)
    divisor = b.slope - a.slope + 2 * d2
    return b.t - (b.t - a.t) * (b.slope + d2 - d1) / divisor if divisor else (a.t + b.t) / 2
