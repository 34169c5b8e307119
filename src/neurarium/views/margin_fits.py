"""A margin look's fits: what the points of the page make of a network.

Two ways of learning are a few lines, and can be had again from the points: the read-out's one solve, `rules/ridge.py`,
and the perceptron's step, `rules/perceptron.py`.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from neurarium.views.margin_modules import Margin, towards

TRACE = 240
"""Updates of the perceptron whose mistakes are kept."""


class ReadOut(Margin):
    """A network whose last layer is one ridge solve, which the points of the page can make again."""

    def __init__(self, fitted: Any, *others: Any) -> None:
        super().__init__(fitted, *others)
        self.ridge = float(fitted.ridge_)

    def weights(self, again: Tensor, places: Tensor, targets: Tensor, used: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The read-out's weights and bias, as fitted or as solved, and the features of the points."""
        network = self.placed.network
        read_out: nn.Linear = network.read_out
        features = network.features(self.placed.rows(places))
        own, level = read_out.weight, read_out.bias
        solved, bias = solve(features, targets, used, self.ridge, intercept=level is not None)
        weight = torch.where(again, solved.mT.to(own.dtype), own)
        before = torch.zeros_like(own[:, 0]) if level is None else level
        return weight, torch.where(again, bias.to(own.dtype), before), features

    def everywhere(self, weight: Tensor, bias: Tensor, *lines: Tensor) -> Tensor:
        """The scores at all places of the grid."""
        features = self.placed.network.features(self.placed.rows(self.grid(*lines)))
        return linear(features, weight, bias)


def solve(features: Tensor, targets: Tensor, used: Tensor, ridge: float, *, intercept: bool) -> tuple[Tensor, Tensor]:
    """The read-out of weighted rows, in float64: `rules.leave_one_out.solve_ridge` as one straight program.

    Args:
        features: (n, h) what the read-out sees.
        targets: (n, k) what it should answer.
        used: (n,) weights.
        ridge: Share of the mean eigenvalue of the Gram matrix.
        intercept: Whether there is one, free of penalty.

    Returns:
        (h, k) coefficients and (k,) intercepts.
    """
    X, Y, w = features.double(), targets.double(), used.double()[:, None]
    total = w.sum().clamp(min=1)
    mean, level = ((w * X).sum(0) / total, (w * Y).sum(0) / total) if intercept else (X[0] * 0, Y[0] * 0)
    X, Y = (X - mean) * w, Y - level  # w is 0 or 1, its own root
    gram = X.mT @ X
    penalty = ridge * (X * X).sum() / X.shape[1]
    count = torch.arange(X.shape[1])
    diagonal = (count[:, None] == count).to(X.dtype) * torch.where(penalty > 0, penalty, 1.0)
    coefficients = torch.linalg.solve(gram + diagonal, X.mT @ Y)
    return coefficients, level - mean @ coefficients


class ReadOutAgain(ReadOut):
    """A classifier of that kind."""

    def forward(
        self,
        place: Tensor,
        layer: Tensor,
        points_xy: Tensor,
        points_group: Tensor,
        points_used: Tensor,
        again: Tensor,
        grid_x: Tensor,
        grid_y: Tensor,
        small_x: Tensor,
        small_y: Tensor,
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        classes = self.placed.network.read_out.out_features
        targets = (points_group[:, None] == torch.arange(classes)).to(torch.float64)
        weight, bias, features = self.weights(again, points_xy, targets, points_used)
        field = self.field(self.everywhere(weight, bias, grid_x, grid_y), grid_x, grid_y)
        seen = self.placed(place[None])
        here = self.at(self.everywhere(weight, bias, *place[:, None]))
        judged = self.judged(linear(features, weight, bias), points_group, points_used)
        parts = {**self.parts(seen, weight, here["label"]), **self.maps(small_x, small_y)}
        places = self.places(place, points_xy)
        return {**places, **field, **here, **judged, **parts, **self.bent(layer, points_xy)}


class CurveAgain(ReadOut):
    """A regressor of that kind, of one column: points are (x, y)."""

    def forward(
        self, place: Tensor, layer: Tensor, points_xy: Tensor, points_used: Tensor, again: Tensor, grid_x: Tensor
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        weight, bias, features = self.weights(again, points_xy[:, :1], points_xy[:, 1:], points_used)
        curve = self.everywhere(weight, bias, grid_x)[:, 0]
        missed = (linear(features, weight, bias)[:, 0] - points_xy[:, 1]) * points_used
        error = (missed.square().sum() / points_used.sum().clamp(min=1)).sqrt()
        value = self.everywhere(weight, bias, place.reshape(1))[0, 0]
        parts = self.parts(self.placed(place.reshape(1, 1)), weight, torch.zeros((), dtype=torch.int64))
        hidden = self.placed.network.features(self.placed.rows(grid_x[:, None]))
        terms = (hidden * weight[0])[:, self.kept].mT
        answer = {"curve": curve, "error": error, "value": value, "terms": terms}
        points = {"points_x": points_xy[:, 0], "points_y": points_xy[:, 1]}
        return {**answer, **points, **parts, **self.bent(layer)}


class Taught(Margin):
    """A perceptron, as its fit has left it, and as the points of the page teach it on, one update at a time."""

    def __init__(self, fitted: Any, *others: Any) -> None:
        super().__init__(fitted, *others)
        network = self.placed.network
        averaged = getattr(network, "averaged", False)
        self.own_weight: Tensor = network.mean_weight if averaged else network.weight
        self.own_bias: Tensor = network.mean_bias if averaged else network.bias

    def scaled(self, places: Tensor) -> Tensor:
        """The rows as the weights see them."""
        return self.placed.network.scale(self.placed.rows(places))

    def forward(
        self,
        place: Tensor,
        points_xy: Tensor,
        points_group: Tensor,
        points_used: Tensor,
        weight: Tensor,
        bias: Tensor,
        cursor: Tensor,
        updates: Tensor,
        trace: Tensor,
        grid_x: Tensor,
        grid_y: Tensor,
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        field = self.field(linear(self.scaled(self.grid(grid_x, grid_y)), weight, bias), grid_x, grid_y)
        z = self.scaled(points_xy)
        judged = self.judged(linear(z, weight, bias), points_group, points_used)
        here = self.at(linear(self.scaled(place[None]), weight, bias))
        step = self._step(z, points_group, points_used, weight, bias, cursor)
        left = judged["mistakes"]
        count = torch.arange(TRACE)
        kept = torch.where(count < updates, trace, left)  # from here on as it is now
        traced = {
            "kept_trace": kept,
            "next_trace": torch.where(count == updates, left, trace),
            "next_updates": updates + step["taken"].to(torch.int64),
            "trace_top": kept.amax().clamp(min=1),
            "trace_end": (updates + 5).clamp(min=20, max=TRACE),
        }
        sums = self._sum(self.scaled(place[None])[0], weight, bias, here["label"])
        bound = self._bound(z, points_group, points_used)
        arrows = self._arrows(weight, bias)
        places = self.places(place, points_xy)
        return {**places, **field, **here, **judged, **step, **traced, **sums, **arrows, "bound": bound}

    def _step(
        self, z: Tensor, group: Tensor, used: Tensor, weight: Tensor, bias: Tensor, cursor: Tensor
    ) -> dict[str, Tensor]:
        """The rule at the next point, from `cursor` on, that these weights answer wrongly."""
        label = linear(z, weight, bias).argmax(-1)
        order, n = torch.arange(len(z)), len(z)
        waits = torch.where(order < cursor, order + n - cursor, order - cursor)
        waits = torch.where((label != group) & (used > 0), waits, n)
        next_wrong, some = waits.argmin(), (waits.amin() < n).to(weight.dtype)
        classes = torch.arange(len(weight))
        one = next_wrong[None]
        step = (classes == group.index_select(0, one)).to(weight.dtype) - (classes == label.index_select(0, one)).to(
            weight.dtype
        )
        return {
            "next_weight": weight + some * step[:, None] * z.index_select(0, one),
            "next_bias": bias + some * step,
            "next_cursor": torch.where(some > 0, next_wrong + 1, cursor),
            "taken": some,
            "done": 1 - some,
        }

    def _bound(self, z: Tensor, group: Tensor, used: Tensor) -> Tensor:
        """2 R² / gamma² by the margin of the network's own weights; 0 where they answer some point wrongly."""
        scores = linear(z, self.own_weight, self.own_bias)
        own = group[:, None] == torch.arange(scores.shape[1])
        right = torch.where(own, scores, -torch.inf).amax(1)
        lead = torch.where(used > 0, right - torch.where(own, -torch.inf, scores).amax(1), torch.inf).amin()
        longest = ((z * z).sum(1) + 1) * used
        size = (self.own_weight * self.own_weight).sum() + (self.own_bias * self.own_bias).sum()
        return torch.where(lead > 0, 2 * longest.amax() * size / lead.clamp(min=1e-12).square(), 0.0)

    def _sum(self, z: Tensor, W: Tensor, b: Tensor, best: Tensor) -> dict[str, Tensor]:
        """The sum at the place: of the first class over the second where there are two, else of the class answered."""
        w, level = towards(W, best), towards(b[:, None], best)[0]
        onto = self.placed.onto
        first, second = onto @ w
        at_first, at_second = onto @ z
        shown = first * at_first + second * at_second
        rest = (w * z).sum() - shown
        return {
            "w_1": first, "w_2": second, "z_1": at_first, "z_2": at_second,
            "rest": rest, "b": level, "s": shown + rest + level,
        }  # fmt: skip

    def _arrows(self, W: Tensor, b: Tensor) -> dict[str, Tensor]:
        """The weights as arrows in the caller's units.

        Of two classes one arrow, the first's weights less the second's, from the border to where the first gains.
        Of more, each class's own from the middle. The longest has the length of a fifth of the plane.
        """
        scale = self.placed.network.scale
        reach = self.reach
        w = (W[:1] - W[1:] if len(W) == 2 else W) / scale.scale
        w = w @ self.placed.onto.mT  # (arrows, 2), in units of a score per unit of the plane
        level = linear(self.scaled(self.middle[None]), W, b)[0]
        tall = w * reach  # per width of the plane, so that both directions count alike
        length = (tall * tall).sum(1, keepdim=True).sqrt().clamp(min=1e-12)
        to_border = (level[1] - level[0]) * tall / length.square() if len(W) == 2 else tall * 0
        start = self.middle + (to_border.clamp(-0.5, 0.5)) * reach
        end = start + 0.2 * tall / length.amax() * reach
        return {"from_x": start[:, 0], "from_y": start[:, 1], "to_x": end[:, 0], "to_y": end[:, 1],
                "length": length[:, 0]}  # fmt: skip
