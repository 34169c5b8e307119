"""Levenberg-Marquardt that chooses its own weight decay: the one under which the rows are likeliest.

Each weight matrix g has a Gaussian prior of precision α_g, and the rows are told with noise precision β. At the bottom
the posterior is Gaussian with curvature A = β Jᵀ J + α, and the evidence for α and β is greatest where

    α_g = γ_g / ‖W_g‖²,        β = (N - γ) / Σ r²,        γ_g = Σ_(i in g) (1 - α_g (A⁻¹)_ii),

γ being how many parameters the rows decide. J is there already, so a look at the evidence costs an inverse, and no rows
have to be held out to choose the decay. Cross-entropy has no noise of its own: β = 1.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

from neurarium.core.batches import Batch
from neurarium.rules.gradient import put
from neurarium.rules.levenberg_marquardt import LevenbergMarquardt, ResidualLoss, SquaredError, System
from neurarium.rules.optimisers import is_decayed

_FIRST = 0.01  # the decay of the first step, per row: weak enough to let every unit find work
_ATTEMPTS = 2
_SLOW = 0.01  # the share of the loss that a step takes off, below which a bottom is near and the evidence tells
_LEAST, _MOST = 1e-9, 1e3


class EvidenceLevenbergMarquardt(LevenbergMarquardt):
    """Levenberg-Marquardt whose weight decay is chosen anew before each step, for each weight matrix.

    Args:
        module, loss, tolerance: See `LevenbergMarquardt`.

    Source: "A practical Bayesian framework for backpropagation networks" (MacKay, 1992),
    https://doi.org/10.1162/neco.1992.4.3.448; inside Levenberg-Marquardt: "Gauss-Newton approximation to Bayesian
    learning" (Foresee and Hagan, 1997), https://doi.org/10.1109/ICNN.1997.614194.
    """

    def __init__(self, module: nn.Module, loss: ResidualLoss, *, tolerance: float = 1e-3) -> None:
        super().__init__(module, loss, weight_decay=_FIRST, tolerance=tolerance)
        self._origin = parameters_to_vector(self._exact.parameters()).detach()
        self._begun = False
        self._known = 0.0
        self._falls_flat = 0

    @property
    def weight_decay(self) -> list[float]:
        """The decay of each weight matrix, per row of the mean loss."""
        return [float(part[0]) for part, each in self._matrices(self._decay) if is_decayed(each)]

    @property
    def effective_parameters(self) -> float:
        """γ: how many parameters the rows decide."""
        return self._known

    def _matrices(self, vector: Tensor) -> list[tuple[Tensor, Tensor]]:
        """A vector over all parameters cut into those of each tensor, with the tensor."""
        parameters = list(self._exact.parameters())
        return list(zip(vector.split([each.numel() for each in parameters]), parameters, strict=True))

    def _weigh(self, system: System, batch: Batch) -> bool:
        """To the decay of the greatest evidence, were this the bottom."""
        self._begun = self._begun or self._fall < _SLOW
        if not self._begun:
            return False
        outputs = self._exact(batch.inputs[:1]).shape[-1]
        rows = float(batch.n_rows if batch.weights is None else batch.weights.sum())
        # Biases are free; a hair of decay keeps the inverse finite where no row depends on one.
        hair = 1e-8 * system.curvature()
        decided = 1 - self._decay * system.spread(torch.where(self._decay > 0, self._decay, hair))
        self._known = float(decided.sum())
        learnt = sum(float(share.sum()) for share, each in self._matrices(decided) if is_decayed(each))
        if learnt < 1 and self._falls_flat < _ATTEMPTS:
            self._start_again()
            return True
        noise = 1.0
        if isinstance(self.loss, SquaredError):
            noise = 2 * rows * float(self._mean_loss(batch)) / max(rows * outputs - self._known, 1.0)
        for (decay, weights), (share, _) in zip(self._matrices(self._decay), self._matrices(decided), strict=True):
            if is_decayed(weights):
                best = noise * float(share.sum()) / (rows * float(weights.square().sum()) + 1e-300)
                decay.fill_(min(max(best, _LEAST), _MOST))
        return False

    def _start_again(self) -> None:
        """From the first weights with a weaker decay: this one let them all go before they found work."""
        self._falls_flat += 1
        self._begun, self._damping, self._calm, self._fall = False, None, 0, 1.0
        for decay, weights in self._matrices(self._decay):
            if is_decayed(weights):
                decay.fill_(_FIRST * 10.0**-self._falls_flat)
        put(self._exact.parameters(), self._origin)

    def state_dict(self) -> dict[str, Any]:
        """As `LevenbergMarquardt`, and what is known."""
        return {**super().state_dict(), "begun": self._begun, "known": self._known}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        super().load_state_dict(state)
        self._begun, self._known = state["begun"], state["known"]
