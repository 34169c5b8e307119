"""Networks that are compared: what each makes of the same rows, and what its heat maps are worth."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neurarium.views.compare_flipping import area, flipped, random_orders
from neurarium.views.explaining import Shares, shares_of
from neurarium.views.heatmap_live import prepared
from neurarium.views.heatmap_maps import SequenceMaps
from neurarium.views.looked_at import LookedAt, looked_at
from neurarium.views.looking import CannotLook
from neurarium.views.looks import heatmap
from neurarium.views.shown import Shown, as_vectors

STAGES = 17
"""Points of a curve, at most."""
_EPSILON, _ALPHA = 0.1, 2.0
"""Of relevance: what the look "heatmap" opens on."""


@dataclass(frozen=True, eq=False)
class Network:
    """One of them.

    Attributes:
        seen: It, and the rows that are looked at.
        shares: From its scores to shares of the classes.
        methods: Names of its heat maps.
        maps: From the number of a row and a class to (methods, ...) maps of what the row is shown as.
        blank: What says nothing, of the shape of a row or of a step.
    """

    seen: LookedAt
    shares: Shares
    methods: Sequence[str]
    maps: Callable[[int, int], Tensor]
    blank: Tensor

    def row(self, number: int) -> Tensor:
        """(1, ...) a row; of a sequence as many steps as it has."""
        x = self.seen.inputs[number : number + 1]
        return x[:, : self.seen.length(number)] if self.seen.kind == "sequence" else x

    def answers(self, rows: Tensor) -> Tensor:
        """(n, classes) the shares of the classes."""
        with torch.no_grad():
            return self.shares(self.seen.module(rows))

    def spread(self, pieces: Tensor) -> Tensor:
        """From (n, pieces), pixels, columns or steps, to all numbers of n rows."""
        if self.seen.kind == "sequence":
            return pieces[..., None].expand(-1, -1, self.seen.inputs.shape[-1])
        if self.seen.picture is None:
            return pieces
        shape = self.seen.inputs.shape[1:]
        channels = int(np.prod(shape)) // pieces.shape[1]
        return pieces[:, None].expand(-1, channels, -1).reshape(len(pieces), *shape)

    def weights(self, maps: Tensor, number: int) -> Tensor:
        """(methods, pieces) the relevance of each piece."""
        return maps.sum(1)[:, : self.seen.length(number)] if self.seen.kind == "sequence" else maps.flatten(1)

    def curves(self, number: int, code: int, weights: Tensor, stages: int) -> tuple[Tensor, Tensor]:
        """The share of a class as pieces go: (methods, stages) the most relevant first, and (stages,) at random.

        Args:
            number, code: Of the row and of the class.
            weights: (methods, pieces) what is relevant.
            stages: Points of a curve.
        """
        x = self.row(number)
        orders = torch.cat([weights.argsort(dim=1, descending=True, stable=True), random_orders(weights.shape[1])])
        found = flipped(
            lambda rows: self.answers(rows)[:, code], x, self.blank.expand_as(x), orders, self.spread, stages
        )
        return found[: len(weights)], found[len(weights) :].mean(0)


def comparable(fitted: Any) -> bool:
    """Whether it answers a row with one score for each class."""
    return heatmap.can(fitted) and getattr(fitted, "output", "last") == "last"


def networks(fitted: Sequence[Any], rows: Shown) -> list[Network]:
    """The networks, once it is sure that they can be compared.

    Raises:
        CannotLook: There are fewer than two, one is no classifier, or they know other classes or read other rows.
    """
    if len(fitted) < 2:
        raise CannotLook(
            "the look 'compare' needs two networks or more: look([network_a, network_b], 'compare', X, y), or "
            "`neurarium look A.net B.net compare --data DATA -o page.html`."
        )
    for number, each in enumerate(fitted, 1):
        if not comparable(each):
            raise CannotLook(
                f"the look 'compare' is for classifiers; network {number} is a {type(each).__name__}, which gives no "
                "score for each class of a whole row."
            )
    given = [as_vectors(each, rows.X) for each in fitted]
    seen = [_seen(each, X, rows) for each, X in given]
    for number, other in enumerate(seen[1:], 2):
        _check_alike(seen[0], other, number)
    return [_network(each, one) for (each, _), one in zip(given, seen, strict=True)]


def _seen(fitted: Any, X: Any, rows: Shown) -> LookedAt:
    classes = tuple(map(str, getattr(fitted, "classes_", rows.classes)))
    return looked_at(fitted, dataclasses.replace(rows, X=X, classes=classes), "compare")


def _network(fitted: Any, seen: LookedAt) -> Network:
    shares = shares_of(fitted)
    if seen.kind == "sequence":
        sequences = SequenceMaps(seen, shares, whole=getattr(fitted, "_whole", None))

        def of_steps(number: int, code: int) -> Tensor:
            return torch.from_numpy(sequences.of(number, [code])["maps"][0, 0])

        return Network(seen, shares, sequences.methods, of_steps, sequences.blank)
    made = prepared(seen, shares)
    settings = [torch.tensor(each, dtype=seen.inputs.dtype) for each in (_EPSILON, _ALPHA, float(made.patch))]

    def maps(number: int, code: int) -> Tensor:
        found = made.explaining(seen.inputs[number : number + 1], torch.tensor(code), *settings)["maps"]
        return found if seen.picture is None else found.reshape(len(found), -1, *seen.picture[-2:]).sum(1)

    return Network(seen, shares, made.explaining.methods, maps, made.explaining.baseline)


def _check_alike(first: LookedAt, other: LookedAt, number: int) -> None:
    if first.classes != other.classes:
        raise CannotLook(
            f"the look 'compare' needs networks that know the same classes; network 1 ({first.name}) knows "
            f"{', '.join(first.classes)}, network {number} ({other.name}) knows {', '.join(other.classes)}."
        )
    if _form(first) != _form(other):
        raise CannotLook(
            f"the look 'compare' needs networks that read the same rows; network 1 ({first.name}) reads "
            f"{_form(first)}, network {number} ({other.name}) reads {_form(other)}."
        )


def _form(seen: LookedAt) -> str:
    """What a network reads, in words."""
    if seen.picture is not None:
        return f"pictures of {' x '.join(map(str, seen.picture))}"
    sizes = seen.inputs.shape[1:]
    return f"rows of {sizes[0]} columns" if len(sizes) == 1 else f"sequences of {sizes[1]} numbers a step"


@dataclass(frozen=True)
class Findings:
    """What all networks make of all rows, the first axis being the rows and the second the question.

    The first question is after the class that a network answers itself, the second, where it is known, after the true
    one.

    Attributes:
        shown: (rows, ...) what the rows are.
        shares: (rows, networks, classes).
        said: (rows, networks) answers.
        maps: (rows, questions, networks, methods, ...) heat maps.
        curves: (rows, questions, networks, methods + 1, stages) the last is that of random orders.
        areas: (rows, questions, networks, methods + 1) below them.
    """

    shown: Tensor
    shares: Tensor
    said: Tensor
    maps: Tensor
    curves: Tensor
    areas: Tensor


def findings(compared: Sequence[Network], methods: Sequence[str], truths: Sequence[int] | None, count: int) -> Findings:
    """What the networks make of the first rows.

    Args:
        compared: The networks.
        methods: Names of heat maps that all of them have.
        truths: The true class of each row, or None where it is not known.
        count: How many rows.
    """
    seen = compared[0].seen
    longest = max(seen.length(number) for number in range(count)) if seen.kind == "sequence" else 0
    pieces = longest or int(np.prod(seen.picture[-2:] if seen.picture is not None else seen.inputs.shape[1:]))
    stages = min(pieces + 1, STAGES)
    shares = torch.stack([torch.cat([each.answers(each.row(n)) for each in compared]) for n in range(count)])
    said = shares.argmax(-1)
    maps, curves = [], []
    for n in range(count):
        asked = [said[n].tolist()] + ([] if truths is None else [[truths[n]] * len(compared)])
        for codes in asked:
            for network, code in zip(compared, codes, strict=True):
                chosen = [list(network.methods).index(name) for name in methods]
                maps.append(network.maps(n, code)[chosen].float())
                ranked, chance = network.curves(n, code, network.weights(maps[-1], n), stages)
                curves.append(torch.cat([ranked, chance[None]]).float())
    of = (count, 1 if truths is None else 2, len(compared))
    all_curves = torch.stack(curves).unflatten(0, of)
    if seen.picture is not None:
        shown = seen.inputs[:count].reshape(count, *seen.picture)
    else:
        shown = seen.inputs[:count].mT if seen.kind == "sequence" else seen.inputs[:count]
    return Findings(
        shown.float(), shares.float(), said, torch.stack(maps).unflatten(0, of), all_curves, area(all_curves)
    )
