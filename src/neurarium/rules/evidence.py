"""Levenberg-Marquardt that chooses its own weight decay: the one under which the targets are likeliest.

Each weight matrix g has a Gaussian prior of precision α_g, and the targets are told with noise of precision β. Near the
bottom the posterior is Gaussian with curvature A = β Jᵀ J + α, and the evidence for α and β is greatest where

    α_g = γ_g / ‖W_g‖²,        β = (N - γ) / Σ r²,        γ_g = Σ_(i in g) (1 - α_g (A⁻¹)_ii),

γ being how many parameters the N targets decide. J is there already, so a look at the evidence costs an inverse, and no
rows have to be held out to choose the decay.

Weights that the first decay pulls to 0 before they have found work never come back, and the evidence agrees with itself
there. So from a bottom that explains next to nothing learning starts again with a weaker decay, and keeps what it finds
if that halves the noise 1/β.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

from neurarium.core.batches import Batch
from neurarium.rules.gradient import put
from neurarium.rules.levenberg_marquardt import LevenbergMarquardt, SquaredError, System
from neurarium.rules.optimisers import is_decayed

_FIRST = (0.01, 0.001, 0.0001)  # the decay of the first step of each start
_POOR = 0.9  # the noise, in variances of the targets, from which a bottom is not believed
_PATIENCE = 60  # steps of a later start: those that find something find it soon
_SLOW = 0.01  # the share of the loss that a step takes off, below which a bottom is near and the evidence tells
_FACTOR = 3.0  # at most, from step to step: without noise the decay would fall with the square of itself
_LEAST, _MOST = 1e-8, 1e3


class EvidenceLevenbergMarquardt(LevenbergMarquardt):
    """Levenberg-Marquardt whose weight decay is chosen anew before each step, for each weight matrix.

    Args:
        module: See `LevenbergMarquardt`.
        loss: With the spread of the targets as its scale.
        tolerance: See `LevenbergMarquardt`; the decays of layers that exchange their scales go on drifting long after
            the answers have settled.

    Source: "A practical Bayesian framework for backpropagation networks" (MacKay, 1992),
    https://doi.org/10.1162/neco.1992.4.3.448; inside Levenberg-Marquardt: "Gauss-Newton approximation to Bayesian
    learning" (Foresee and Hagan, 1997), https://doi.org/10.1109/ICNN.1997.614194.
    """

    def __init__(self, module: nn.Module, loss: SquaredError, *, tolerance: float = 1e-3) -> None:
        super().__init__(module, loss, weight_decay=_FIRST[0], tolerance=tolerance)
        self._origin = parameters_to_vector(self._exact.parameters()).detach()
        self._begun = False
        self._starts, self._steps = 1, 0
        self._decided = 0.0
        self._noise = float("inf")
        self._best: tuple[float, Tensor, Tensor, float] | None = None

    @property
    def weight_decay(self) -> list[float]:
        """The decay of each weight matrix."""
        return [float(part[0]) for part, each in self._matrices(self._decay) if is_decayed(each)]

    @property
    def effective_parameters(self) -> float:
        """γ: how many parameters the targets decide."""
        return self._decided

    def _matrices(self, vector: Tensor) -> list[tuple[Tensor, Tensor]]:
        """A vector over all parameters cut into those of each tensor, with the tensor."""
        parameters = list(self._exact.parameters())
        return list(zip(vector.split([each.numel() for each in parameters]), parameters, strict=True))

    def _weigh(self, system: System, batch: Batch) -> None:
        """To the decay of the greatest evidence, were this the bottom."""
        self._begun = self._begun or self._fall < _SLOW
        if not self._begun:
            return
        # Biases are free, and all count as decided; a hair of decay keeps the inverse finite where one does nothing.
        hair = 1e-8 * system.curvature()
        decided = 1 - self._decay * system.spread(torch.where(self._decay > 0, self._decay, hair))
        self._decided = float(decided.sum())
        rows = float(batch.n_rows if batch.weights is None else batch.weights.sum())
        targets = rows * self._exact(batch.inputs[:1]).shape[-1]
        self._noise = 2 * rows * float(self._mean_loss(batch)) / max(targets - self._decided, 1.0)
        for (decay, weights), (share, _) in zip(self._matrices(self._decay), self._matrices(decided), strict=True):
            if is_decayed(weights):
                likeliest = self._noise * float(share.sum()) / (rows * float(weights.square().sum()) + 1e-300)
                now = float(decay[0])
                decay.fill_(min(max(likeliest, now / _FACTOR, _LEAST), now * _FACTOR, _MOST))

    @torch.no_grad()
    def end_pass(self) -> bool:
        """True at a bottom that explains something, or when none does."""
        self._steps += 1
        if not self._resting and (self._starts == 1 or self._steps < _PATIENCE):
            return False
        if self._best is None or self._noise < self._best[0] / 2:
            theta = parameters_to_vector(self._exact.parameters())
            self._best = self._noise, theta, self._decay.clone(), self._decided
        if self._best[0] > _POOR and self._starts < len(_FIRST):
            self._start_again()
            return False
        self._noise, theta, self._decay, self._decided = self._best
        self._move(theta)
        return True

    def _start_again(self) -> None:
        for decay, weights in self._matrices(self._decay):
            decay.fill_(_FIRST[self._starts] * is_decayed(weights))
        self._starts, self._steps = self._starts + 1, 0
        self._begun, self._resting, self._damping, self._calm, self._fall = False, False, None, 0, 1.0
        put(self._exact.parameters(), self._origin)

    def state_dict(self) -> dict[str, Any]:
        """As `LevenbergMarquardt`, what the evidence says, and the best bottom."""
        found = {"begun": self._begun, "starts": self._starts, "steps": self._steps, "decided": self._decided}
        return {**super().state_dict(), **found, "noise": self._noise, "origin": self._origin, "best": self._best}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        super().load_state_dict(state)
        self._begun, self._starts, self._steps = state["begun"], state["starts"], state["steps"]
        self._decided, self._noise = state["decided"], state["noise"]
        self._origin, self._best = state["origin"], state["best"]
