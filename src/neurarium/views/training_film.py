"""The film of a fit: the same fit once more, step by step, and at some of its steps what is to be seen.

However long the fit is, the film is short: frames at steps 1, 2, 3 ... that grow apart as the logarithm goes, and the
metrics averaged between as many places. What is kept of a frame has a size that does not depend on the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from torch import Tensor

from neurarium.core.estimator import Estimator
from neurarium.core.interruption import Interruption
from neurarium.core.learning import Learning, Report
from neurarium.core.progress import ProgressBar
from neurarium.views.training_layers import Layers

FRAMES = 36
PLACES = 160

Sight = Callable[[Estimator], dict[str, NDArray[Any]]]
"""What is to be seen of a network that is learning: arrays of the same shapes at every frame."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A moment of a fit.

    Attributes:
        step: After which step; 0 is the start.
        epoch: Passes that were complete.
        values: (metrics,) of that step; none at the start.
        slopes: (layers,) lengths of the gradients of that step, NaN where the rule takes none.
        moved: (layers,) how far the weights went since the frame before, a step; NaN at the start.
        spread: (layers, quantiles) of the weights.
        seen: What was seen, by name.
    """

    step: int
    epoch: int
    values: list[float]
    slopes: NDArray[np.float64]
    moved: NDArray[np.float64]
    spread: NDArray[np.float64]
    seen: dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Film:
    """A fit, as it went.

    Attributes:
        frames: Its moments, the start the first of them and what the fit has left the last.
        layers: What the layers are called.
        metrics: What the rule's metrics are called.
        places: Steps up to which metrics were averaged.
        courses: (places, metrics) their means since the place before.
        same: Whether it ended with the weights of the network that was given, bit for bit.
        ending: Why it ended.
    """

    frames: list[Frame]
    layers: list[str]
    metrics: list[str]
    places: list[int]
    courses: list[list[float]]
    same: bool
    ending: str

    @property
    def by_gradient(self) -> bool:
        """Whether the rule went by gradients that can be read; else there are the moves of the weights."""
        return any(bool(np.isfinite(each.slopes).any()) for each in self.frames)


def spaced(last: int, most: int) -> list[int]:
    """At most so many whole numbers from 1 to the last, whose logarithms lie evenly.

    Example:
        >>> spaced(1000, 8), spaced(3, 8)
        ([1, 3, 7, 19, 52, 139, 373, 1000], [1, 2, 3])
    """
    return sorted({round(each) for each in np.geomspace(1, last, most)})


def film(fitted: Any, X: Any, y: Any, sight: Sight) -> Film:
    """Fit a network's like once more on these rows, and record it.

    Ctrl-C ends it after the step, as it does a fit; the film then ends there too.

    Args:
        fitted: The estimator, which stays as it is.
        X, y: Rows and answers.
        sight: What is to be seen.
    """
    again = clone(fitted).set_params(random_state=fitted.seed_)
    learning, _ = again._learning(X, y, None, None)
    again._adopt(learning)
    camera = _Camera(again, learning, sight)
    with (
        Interruption() as interruption,
        ProgressBar(type(fitted).__name__, learning.epochs, shown=bool(fitted.verbose)) as bar,
    ):
        for report in learning:
            camera.watch(report)
            bar.show(report)
            if interruption.asked:
                break
    again._conclude(learning)
    return camera.end(same=_alike(again, fitted))


def _alike(one: Any, other: Any) -> bool:
    """Whether two networks hold the same numbers, bit for bit."""
    ours, theirs = (each.module_.state_dict() for each in (one, other))
    return ours.keys() == theirs.keys() and all(
        np.array_equal(ours[name].numpy(force=True), theirs[name].numpy(force=True), equal_nan=True) for name in ours
    )


class _Camera:
    """Looks at a fit from step to step.

    Args:
        again: What learns.
        learning: Its fit.
        sight: What is to be seen.
    """

    def __init__(self, again: Estimator, learning: Learning, sight: Sight) -> None:
        self.again, self.learning, self.sight = again, learning, sight
        self.layers = Layers(learning.module)
        last = learning.epochs * len(learning.batches)
        self.wanted, self.stops = set(spaced(last, FRAMES - 1)), set(spaced(last, PLACES))
        self.frames: list[Frame] = []
        self.places: list[int] = []
        self.courses: list[list[float]] = []
        self.metrics: dict[str, Tensor] = {}
        self._sums: dict[str, Tensor] = {}
        self._counted = 0
        self._held: list[list[Tensor]] = []  # the weights of the last two frames
        self._take(0)

    def watch(self, report: Report) -> None:
        """Note a step, and take a frame where one is wanted."""
        self.metrics = dict(report.metrics)
        self._sums = {name: value + self._sums.get(name, 0) for name, value in self.metrics.items()}
        self._counted += 1
        if report.step in self.stops:
            self._note(report.step)
        if report.step in self.wanted:
            self._take(report.step)

    def _note(self, step: int) -> None:
        """The means of the metrics since the last place."""
        self.places.append(step)
        self.courses.append([float(each) / self._counted for each in self._sums.values()])
        self._sums, self._counted = {}, 0

    @torch.no_grad()
    def _take(self, step: int) -> None:
        """A frame; of the step of the last one, in its place. Weights that are no numbers any more are not shown."""
        module, now = self.learning.module, self.layers.held()
        if not all(bool(each.isfinite().all()) for each in now):
            return
        if self.frames and self.frames[-1].step == step:
            self.frames.pop()
            self._held.pop()
        moved = np.full(len(now), np.nan)
        if self._held:
            pairs = zip(now, self._held[-1], strict=True)
            moved = np.array([float((a - b).norm()) for a, b in pairs]) / (step - self.frames[-1].step)
        self._held = [*self._held[-1:], now]
        module.eval()
        self.frames.append(
            Frame(
                step=step,
                epoch=step // len(self.learning.batches),
                values=[float(each) for each in self.metrics.values()],
                slopes=self.layers.slopes(),
                moved=moved,
                spread=self.layers.spread(),
                seen=self.sight(self.again),
            )
        )
        module.train()

    def end(self, *, same: bool) -> Film:
        """The film; its last frame is the network as the fit has left it, a pass's end and all."""
        if self._counted:
            self._note(self.learning.steps)
        self._take(self.learning.steps)
        self.learning.module.eval()
        return Film(
            frames=self.frames,
            layers=self.layers.names,
            metrics=list(self.metrics),
            places=self.places,
            courses=self.courses,
            same=same,
            ending=self.learning.ending or "",
        )
