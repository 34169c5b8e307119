"""What speaks for a class: gradients, integrated gradients, relevance and occlusion of one row, as one computation.

With the score f of a class, the row x and a row b that says nothing (a blank picture, the mean row),

    gradient:               ∂f/∂x_i, times the range of the column, so that it is in units of the score too,
    gradient x input:       (x_i - b_i) ∂f/∂x_i,
    integrated gradients:   (x_i - b_i) ∫ ∂f/∂x_i (b + t (x - b)) dt, t from 0 to 1, whose sum is f(x) - f(b),
    relevance:              see `relevance.py`,
    occlusion:              f(x) - f(x with a patch taken from b), shared out evenly over the patch; the mean over the
                            patches that cover a number.

Source: "Axiomatic attribution for deep networks" (Sundararajan, Taly and Yan, 2017), https://arxiv.org/abs/1703.01365;
"Visualizing and understanding convolutional networks" (Zeiler and Fergus, 2014), https://arxiv.org/abs/1311.2901.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.fx.experimental.proxy_tensor import make_fx

from neurarium.core.roles import ProbabilisticClassifier
from neurarium.views.relevance import Relevance
from neurarium.views.relevance_rules import UnknownLayer

Shares = Callable[[Tensor], Tensor]
"""From (n, classes) scores to shares that sum to 1."""


def shares_of(fitted: Any) -> Shares:
    """What makes shares of a network's scores: its own probabilities, or softmax.

    Args:
        fitted: An estimator or a module.
    """
    return fitted._probabilities if isinstance(fitted, ProbabilisticClassifier) else _softmax


def _softmax(scores: Tensor) -> Tensor:
    return scores.softmax(-1)


class Explaining(nn.Module):
    """The explanations of one row.

    Args:
        module: Gives (n, classes) scores; in eval mode, none of its parameters asking for gradients.
        baseline: (1, ...) the row that says nothing.
        reach: (1, ...) the range of each number, as far as it is told by one.
        windows: Gives (patches, ...) 1 where a patch covers a number, from the patch's size; None for no occlusion.
        shares: From scores to shares of the classes.
        steps: Places between the baseline and the row where the gradient is taken.

    Attributes:
        methods: Names of the explanations, in the order of the first axis of "maps".
        relevance: What hands relevance back; None where a layer is not known.
        unknown: The layer that is not known.
    """

    baseline: Tensor
    reach: Tensor
    places: Tensor
    weights: Tensor

    def __init__(
        self,
        module: nn.Module,
        baseline: Tensor,
        reach: Tensor,
        windows: Callable[[Tensor], Tensor] | None,
        shares: Shares,
        *,
        steps: int = 32,
    ) -> None:
        super().__init__()
        self.network, self.windows, self.shares = module, windows, shares
        self.register_buffer("baseline", baseline)
        self.register_buffer("reach", reach)
        wide = (-1, *[1] * (baseline.dim() - 1))
        places, weights = (each.to(baseline.dtype).reshape(wide) for each in between(steps))
        self.register_buffer("places", places)
        self.register_buffer("weights", weights)
        self.relevance: Relevance | None = None
        self.unknown: UnknownLayer | None = None
        try:
            self.relevance = Relevance(module, baseline)
        except UnknownLayer as error:
            self.unknown = error
        self.methods = ["gradient", "times_input", "integrated"]
        self.methods += ["epsilon", "alpha_beta"] if self.relevance else []
        self.methods += ["occlusion"] if windows else []

    def forward(self, x: Tensor, explained: Tensor, epsilon: Tensor, alpha: Tensor, patch: Tensor) -> dict[str, Tensor]:
        """The explanations.

        Args:
            x: (1, ...) the row.
            explained: () the class, or the number of classes for that of the highest score.
            epsilon, alpha: () of the relevance rules.
            patch: () side of the patches.
        """
        blank = self.baseline
        ends = self.network(torch.cat([x, blank]))
        scores, answer = ends[:1], ends[0].argmax()
        classes = scores.shape[1]
        chosen = torch.where(explained < classes, explained, answer)
        start = (torch.arange(classes) == chosen).to(x.dtype)[None]
        score, blank_score = (ends * start).sum(1)
        slope = self._gradient(x, start)
        maps = {"gradient": slope * self.reach, "times_input": slope * (x - blank)}
        along = self._gradient(blank + self.places * (x - blank), start)
        maps["integrated"] = (x - blank) * (self.weights * along).sum(0, keepdim=True)
        more = {}
        if self.relevance is not None:
            by_epsilon, by_signs = (
                self.relevance.epsilon(x, start, epsilon),
                self.relevance.alpha_beta(x, start, alpha),
            )
            maps["epsilon"], maps["alpha_beta"] = by_epsilon.relevance, by_signs.relevance
            more = {"epsilon_layers": by_epsilon.layers, "alpha_beta_layers": by_signs.layers}
        if self.windows is not None:
            covered = self.windows(patch)
            drop = score - (self.network(x + covered * (blank - x)) * start).sum(1)
            share = (drop / covered.flatten(1).sum(1)).reshape(-1, *[1] * (x.dim() - 1))
            maps["occlusion"] = (share * covered).sum(0, keepdim=True) / covered.sum(0, keepdim=True).clamp(min=1)
        stacked = torch.cat([maps[name] for name in self.methods])
        return {
            "maps": stacked,
            "sums": stacked.flatten(1).sum(1),
            "score": score,
            "blank_score": blank_score,
            "difference": score - blank_score,
            "shares": self.shares(scores)[0],
            "said": answer,
            "chosen": chosen,
            **more,
        }

    def _gradient(self, x: Tensor, start: Tensor) -> Tensor:
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            (back,) = torch.autograd.grad((self.network(x) * start).sum(), x)
        return back


def between(steps: int) -> tuple[Tensor, Tensor]:
    """Where the gradient is taken on the way from 0 to 1, and how much each place counts: (steps,) each."""
    places, weights = np.polynomial.legendre.leggauss(steps)  # exact for polynomials of degree 2 steps - 1
    return torch.tensor((places + 1) / 2), torch.tensor(weights / 2)


def straight(module: nn.Module, *examples: Tensor) -> nn.Module:
    """A module's computation, the gradients in it too, as operations alone, which can be traced to a program."""
    return make_fx(module)(*examples)


def picture_windows(height: int, width: int, step: int) -> Callable[[Tensor], Tensor]:
    """Square patches around every `step`-th pixel of each axis, from their side: (patches, height, width)."""

    def windows(patch: Tensor) -> Tensor:
        rows, columns = (_covered(size, step, patch) for size in (height, width))
        return (rows[:, None, :, None] * columns[None, :, None, :]).flatten(0, 1)

    return windows


def _covered(size: int, step: int, patch: Tensor) -> Tensor:
    """(patches, size) which places along an axis lie in a patch."""
    middle = torch.arange((size - 1) % step // 2, size, step)[:, None]
    away = torch.arange(size)[None] - middle
    return ((2 * away < patch + 1) & (2 * away >= 1 - patch)).float()


def time_windows(time: int, features: int, step: int) -> Callable[[Tensor], Tensor]:
    """Spans of one feature around every `step`-th step of time, from their length: (spans, time, features)."""
    each = torch.eye(features)[None, :, None]

    def windows(patch: Tensor) -> Tensor:
        spans = _covered(time, step, patch)
        return (spans[:, None, :, None] * each).flatten(0, 1)

    return windows


def column_windows(columns: int) -> Callable[[Tensor], Tensor]:
    """One column at a time: (columns, columns)."""
    each = torch.eye(columns)

    def windows(patch: Tensor) -> Tensor:
        return each

    return windows
