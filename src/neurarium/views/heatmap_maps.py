"""The heat maps of sequences: of the one answer of a network, or of its answers at some of the steps.

They are those of `explaining.py`, of all answers that are asked for from one run of the network. Where the network goes
one way, what comes after a step has no part in its answer there, and patches end at it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import pad

from neurarium.views import heatmap_words as words
from neurarium.views.explaining import Shares, between, time_windows
from neurarium.views.looked_at import LookedAt
from neurarium.views.relevance import Relevance
from neurarium.views.relevance_rules import UnknownLayer
from neurarium.views.relevance_time import EPSILON, TimeRelevance

Handing = Callable[[Tensor, Sequence[int]], Tensor]
"""From (1, time, features) a sequence and the steps to (steps, classes, time, features) the relevance."""

_SPANS = 256
"""Spans that are covered, one after the other."""
_LONG = 16
"""Steps of a sequence from which on spans are of three."""
_STEPS = 32


class SequenceMaps:
    """The explanations of sequences, one sequence at a time.

    Args:
        seen: The sequences, and the network.
        shares: From scores to shares of the classes.
        steps: Places where integrated gradients ask for the gradient; None for 32.
        whole: From a number of steps to the network as a loop of so many; None for a module that offers none.
        at_once: Steps whose answers are asked for together, at most.

    Attributes:
        methods: Names of the maps.
        blank: (features,) the mean of all steps: what a step is replaced by.
        unknown: The layer that relevance has no rule for, or None.
    """

    def __init__(
        self,
        seen: LookedAt,
        shares: Shares,
        steps: int | None = None,
        whole: Callable[[int], nn.Module] | None = None,
        at_once: int = 1,
    ) -> None:
        self.seen, self.shares = seen, shares
        self._places, self._weights = (each.to(seen.inputs.dtype)[:, None, None] for each in between(steps or _STEPS))
        self._one_way = whole is not None
        self._handing, self.unknown = _handing(seen, whole, at_once)
        known = self._handing is not None
        self.methods = [name for name in words.METHODS if name != "alpha_beta" and (known or name != "epsilon")]
        real = torch.cat([seen.inputs[number, : seen.length(number)] for number in range(len(seen.inputs))])
        self.blank, self._reach = real.mean(0), real.std(0, correction=0)

    @property
    def numbers(self) -> int:
        """Of the maps of all classes, for one answer."""
        return len(self.seen.classes) * len(self.methods) * self.seen.inputs[0].numel()

    def sequence(self, number: int) -> NDArray[Any]:
        """(features, time) a sequence, filled up with zeros behind its end."""
        return self._drawn(self._row(number)[0].mT)

    def every(self, number: int) -> NDArray[Any]:
        """(classes, time) the shares that a network gives at every step, filled up like that."""
        with torch.no_grad():
            return self._drawn(self.shares(self._scores(self._row(number)))[0].mT)

    def of(self, number: int, codes: Sequence[int], steps: Sequence[int] | None = None) -> dict[str, NDArray[Any]]:
        """The explanations of a sequence for some classes, by name: (steps, codes, ...); and (steps, classes) shares.

        Args:
            number: Of the sequence.
            codes: Of the classes.
            steps: Whose answers are explained, at most `at_once`; None for a network that gives one, after the last.
        """
        x = self._row(number)
        heard = list(steps) if steps is not None else [x.shape[1] - 1]
        answers = heard if self.seen.every else [0]
        blank = self.blank.expand_as(x)
        with torch.no_grad():
            scores = self._scores(torch.cat([x, blank]))[:, answers]
            occlusion = self._occlusion(x, blank, scores[0], answers, heard)[:, codes]
        slopes = self._slopes(torch.cat([x, blank + self._places * (x - blank)]), answers, codes)
        here, along = slopes[:, :, 0], slopes[:, :, 1:]
        maps = {
            "gradient": here * self._reach,
            "times_input": here * (x - blank),
            "integrated": (x - blank) * (self._weights * along).sum(2),
            "occlusion": occlusion,
        }
        if self._handing is not None:
            maps["epsilon"] = self._handing(x, heard)[:, codes]
        stacked = torch.stack([maps[name] for name in self.methods], 2)
        return {
            "shares": self.shares(scores[0]).float().numpy(),
            "maps": self._drawn(stacked.mT),
            "sums": stacked.sum((3, 4)).float().numpy(),
            "score": scores[0, :, codes].float().numpy(),
            "difference": (scores[0] - scores[1])[:, codes].float().numpy(),
        }

    def _row(self, number: int) -> Tensor:
        return self.seen.inputs[number : number + 1, : self.seen.length(number)]

    def _drawn(self, steps: Tensor) -> NDArray[Any]:
        """As many columns as the longest sequence has steps."""
        return pad(steps, (0, self.seen.inputs.shape[1] - steps.shape[-1])).float().numpy()

    def _scores(self, x: Tensor) -> Tensor:
        """(n, answers, classes) of sequences."""
        scores: Tensor = self.seen.module(x)
        return scores if self.seen.every else scores[:, None]

    def _slopes(self, x: Tensor, answers: Sequence[int], codes: Sequence[int]) -> Tensor:
        """(answers, codes, n, time, features) the gradient of each score."""
        x = x.detach().requires_grad_()
        scores = self._scores(x).sum(0)
        each = [
            torch.autograd.grad(scores[answer, code], x, retain_graph=True)[0] for answer in answers for code in codes
        ]
        return torch.stack(each).unflatten(0, (len(answers), -1))

    def _occlusion(
        self, x: Tensor, blank: Tensor, score: Tensor, answers: Sequence[int], heard: Sequence[int]
    ) -> Tensor:
        """(steps, classes, time, features) what each score loses where a span is replaced, shared out over the span."""
        time, features = x.shape[1:]
        apart = -(-time * features // _SPANS)
        patch = torch.tensor(float(max(apart, 3 if time >= _LONG else 1)))
        covered = time_windows(time, features, apart)(patch).to(x.dtype)
        drop = score - self._scores(x + covered * (blank - x))[:, answers]
        known = torch.arange(time) <= torch.tensor(heard)[:, None] if self._one_way else torch.ones(len(heard), time)
        kept = covered[:, None] * known[:, :, None]
        size = kept.sum((2, 3)).clamp(min=1)[:, :, None]
        return torch.einsum("psc,pstf->sctf", drop / size, kept) / kept.sum(0).clamp(min=1)[:, None]


def _handing(
    seen: LookedAt, whole: Callable[[int], nn.Module] | None, at_once: int
) -> tuple[Handing | None, UnknownLayer | None]:
    """What hands relevance back, or the layer that is not known."""
    classes = len(seen.classes)
    try:
        if whole is not None:
            return TimeRelevance(whole, seen.inputs[:1], classes, at_once).epsilon, None
        relevance = Relevance(seen.module, seen.inputs[:1])
    except UnknownLayer as error:
        return None, error

    def each(x: Tensor, steps: Sequence[int]) -> Tensor:
        starts = torch.eye(classes).to(x)[None, :, None]
        if seen.every:
            starts = torch.eye(x.shape[1]).to(x)[steps][:, None, None, :, None] * starts[..., None, :]
        found = [relevance.epsilon(x, start, EPSILON).relevance for start in starts.flatten(0, 1)]
        return torch.cat(found).unflatten(0, (len(steps), classes))

    return each, None
