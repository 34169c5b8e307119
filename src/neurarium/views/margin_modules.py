"""What the margin look computes while a person moves things: answers at a place, mistakes, what units add."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from neurarium.core.estimator import Estimator
from neurarium.core.roles import ProbabilisticClassifier
from neurarium.views.margin_layers import Layers, Placed, Warp
from neurarium.views.margin_plane import Plane


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
            deciding = towards(weight, best)
            answer["added"] = (units * deciding)[self.kept]
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


def towards(weight: Tensor, best: Tensor) -> Tensor:
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
