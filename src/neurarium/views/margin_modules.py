"""What the margin look computes while a person moves things: answers at a place, mistakes, fits from the points.

Two ways of learning can be had again from the points of the page, because both are a few lines: the read-out's one
solve, `rules/ridge.py`, and the perceptron's step, `rules/perceptron.py`.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from neurarium.core.estimator import Estimator
from neurarium.core.roles import ProbabilisticClassifier
from neurarium.views.margin_layers import Layers, Placed, Warp
from neurarium.views.margin_plane import Plane

TRACE = 240  # updates of the perceptron whose mistakes are kept


class Margin(nn.Module):
    """A network on a plane.

    Args:
        fitted: The estimator.
        plane: Where.
        known: Its layers.
        kept: The units that are shown.
        warp: The plane as the layers bend it, or None.
    """

    kept: Tensor
    middle: Tensor
    reach: Tensor

    def __init__(
        self, fitted: Estimator, plane: Plane, placed: Placed, known: Layers, kept: Tensor, warp: Warp | None
    ) -> None:
        super().__init__()
        self.placed, self.warp, self.known = placed, warp, known
        self.shares: Callable[[Tensor], Tensor] | None = (
            fitted._probabilities if isinstance(fitted, ProbabilisticClassifier) else None
        )
        self.register_buffer("kept", kept)
        self.register_buffer("middle", torch.from_numpy((plane.low + plane.high) / 2).to(placed.base))
        reach = plane.high - plane.low
        self.register_buffer(
            "reach", torch.from_numpy(reach * 0 + reach.max() if plane.even else reach).to(placed.base)
        )
        self.curve = len(plane.features) == 1

    def said(self, scores: Tensor) -> Tensor:
        """Probabilities where there are some, else the scores."""
        return scores if self.shares is None else self.shares(scores)

    def grid(self, *lines: Tensor) -> Tensor:
        """The places of a field: the first row of it is the lowest."""
        if self.curve:
            return lines[0][:, None]
        x, y = lines
        return torch.stack([x[None].expand(len(y), -1), y[:, None].expand(-1, len(x))], -1).flatten(0, 1)

    def field(self, scores: Tensor, *lines: Tensor) -> dict[str, Tensor]:
        """What is drawn behind the points, from the scores at all places of the grid."""
        shape = [len(each) for each in reversed(lines)]
        said = self.said(scores)
        if said.shape[-1] == 2:
            return {"surface": (said[:, 0] - said[:, 1]).reshape(shape)}  # above 0 is blue, as the first class is
        leads = [
            said[:, each] - torch.cat([said[:, :each], said[:, each + 1 :]], 1).amax(1) for each in range(said.shape[1])
        ]
        pictures = torch.stack(leads).reshape(-1, *shape)[:, ::2, ::2].flip(1)  # a picture's first row is the highest
        return {"surface": scores.argmax(-1).reshape(shape), "leads": pictures}

    def at(self, scores: Tensor) -> dict[str, Tensor]:
        """What is said at the one place that is pointed at."""
        return {"said": self.said(scores)[0], "label": scores[0].argmax(-1)}

    @staticmethod
    def places(place: Tensor, points: Tensor | None = None) -> dict[str, Tensor]:
        """The place and the points, coordinate by coordinate."""
        answer = {"place_x": place[0], "place_y": place[1]}
        return answer if points is None else {**answer, "points_x": points[:, 0], "points_y": points[:, 1]}

    def judged(self, scores: Tensor, group: Tensor, used: Tensor) -> dict[str, Tensor]:
        """Which points are answered wrongly, and how many rightly."""
        wrong = (scores.argmax(-1) != group).to(used.dtype) * used
        return {"wrong": wrong, "mistakes": wrong.sum(), "right": (used - wrong).sum(), "asked": used.sum()}

    def parts(self, seen: dict[str, Tensor], weight: Tensor | None, best: Tensor) -> dict[str, Tensor]:
        """What each unit shown says at the place, and what it adds to the answer: to the first class over the second
        where there are two, to the class answered where there are more."""
        if self.known.read is None:
            return {}
        units = seen[self.known.read][0]
        answer: dict[str, Tensor] = {"units": units[self.kept]}
        if weight is not None:
            towards = _towards(weight, best)
            answer["added"] = (units * towards)[self.kept]
        return answer

    def maps(self, *lines: Tensor) -> dict[str, Tensor]:
        """Each unit's map over the plane: as a field, whose first row is the lowest, and as a picture."""
        if self.known.read is None:
            return {}
        values = self.placed(self.grid(*lines))[self.known.read].index_select(1, self.kept)
        maps = values.mT.reshape(-1, *(len(each) for each in reversed(lines)))
        return {"maps": maps, "pictures": maps.flip(1)}

    def bent(
        self, layer: Tensor, points: Tensor | None = None, seen: dict[str, Tensor] | None = None
    ) -> dict[str, Tensor]:
        """The grid, and points with it, as a layer bends them; `seen` is what the network says of the points."""
        if self.warp is None:
            return {}
        lines = self.warp.bent(layer)
        answer = {"bent_x": lines[..., 0], "bent_y": lines[..., 1]}
        if points is None:
            return answer
        there = self.warp.points(points, self.placed(points) if seen is None else seen, layer)
        return {**answer, "there_x": there[:, 0], "there_y": there[:, 1]}


def _towards(weight: Tensor, best: Tensor) -> Tensor:
    """The weights whose sum decides."""
    if len(weight) == 1:
        return weight[0]
    return weight[0] - weight[1] if len(weight) == 2 else weight.index_select(0, best[None])[0]


def _read_by(margin: Margin) -> Tensor | None:
    """The weights that read the units."""
    reader = margin.known.reader
    return None if reader is None else margin.placed.network.get_submodule(reader).weight


class AsFitted(Margin):
    """A classifier, as its fit has left it."""

    def forward(
        self,
        place: Tensor,
        layer: Tensor,
        points_xy: Tensor,
        points_group: Tensor,
        points_used: Tensor,
        small_x: Tensor,
        small_y: Tensor,
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        seen = self.placed(place[None])
        here = self.at(seen["answer"])
        of_points = self.placed(points_xy)
        judged = self.judged(of_points["answer"], points_group, points_used)
        bent = self.bent(layer, points_xy, of_points)
        parts = {**self.parts(seen, _read_by(self), here["label"]), **self.maps(small_x, small_y)}
        return {**self.places(place, points_xy), **here, **judged, **parts, **bent}


class NumbersAsFitted(Margin):
    """A regressor on a plane, as its fit has left it."""

    def forward(self, place: Tensor, layer: Tensor, small_x: Tensor, small_y: Tensor) -> dict[str, Tensor]:
        """Everything, by name."""
        return {**self.places(place), **_number(self, place[None], layer), **self.maps(small_x, small_y)}


class CurveAsFitted(Margin):
    """A regressor along one column, as its fit has left it."""

    def forward(self, place: Tensor, layer: Tensor) -> dict[str, Tensor]:
        """Everything, by name."""
        return _number(self, place.reshape(1, 1), layer)


def _number(margin: Margin, place: Tensor, layer: Tensor) -> dict[str, Tensor]:
    """What a regressor answers at a place, and what its units add."""
    seen = margin.placed(place)
    parts = margin.parts(seen, _read_by(margin), torch.zeros((), dtype=torch.int64))
    return {"value": seen["answer"][0, 0], **parts, **margin.bent(layer)}


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
        w, level = _towards(W, best), _towards(b[:, None], best)[0]
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
