"""Variational learning: raise a bound on how likely the rows are, where that itself is an integral nobody can do.

    L(x) = E_q[log p(x | z)] - β KL(q(z | x) ‖ p(z))

With β = 1 it is never above log p(x); a larger β buys a simpler code with worse reconstructions (Higgins and others,
2017). The draws of z are made of the parameters and of noise that does not hang on them, so that the slope of a draw is
a draw of the slope.
"""

from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics
from neurarium.rules.gradient import Gradient, weighted_mean
from neurarium.rules.optimisers import Optimiser
from neurarium.rules.schedules import Schedule


class VariationalBound(Gradient):
    """Raise the bound by steps up its slope, and tell both of its terms.

    Args:
        module: Answers to rows with the two terms of the bound, (n,) each: E_q[log p(x | z)] by a draw, and the KL.
        optimiser: Over the parameters.
        beta: β, at least 0.
        schedule: See `Gradient`.

    Source: "Auto-encoding variational Bayes" (Kingma and Welling, 2014), https://arxiv.org/abs/1312.6114; β:
    "beta-VAE: learning basic visual concepts with a constrained variational framework" (Higgins and others, 2017).
    """

    def __init__(
        self, module: nn.Module, optimiser: Optimiser, *, beta: float = 1.0, schedule: Schedule | None = None
    ) -> None:
        super().__init__(module, self._cost, optimiser, schedule=schedule)
        self.beta = beta
        self._terms: dict[str, Tensor] = {}

    def step(self, batch: Batch) -> Metrics:
        """One step up the slope of the bound at this batch."""
        return {**super().step(batch), **self._terms}

    def _cost(self, terms: tuple[Tensor, Tensor], batch: Batch) -> Tensor:
        reconstruction, divergence = terms
        self._terms = {
            "reconstruction": weighted_mean(reconstruction.detach(), batch.weights),
            "divergence": weighted_mean(divergence.detach(), batch.weights),
        }
        return self.beta * divergence - reconstruction
