"""Two players: a discriminator learns to tell rows from samples, and a generator to make samples it takes for rows.

Goodfellow and others 2014, equation 1: the discriminator D drives up, and the generator G drives down,

    V(D, G) = E_x log D(x) + E_z log(1 - D(G(z))),

whose best D for a fixed G is p / (p + q), p the law of the rows and q that of the samples; then
V = -log 4 + 2 JSD(p, q), so that the game ends at q = p, D = ½ and V = -log 4. What G does to drive V down is what the
games differ in:

    saturating        min E_z log(1 - D(G(z)))      the game itself; no slope where D is sure
    non-saturating    max E_z log D(G(z))           the same fixed point, steep where D is sure
    Wasserstein       V = E_x D(x) - E_z D(G(z)),   D any function of slope at most 1: the distance of the two laws

Played by steps down the slope the first two circle round their fixed point; R1 (Mescheder and others 2018), the penalty
½ γ E_x ‖∂D/∂x‖², lets them arrive. The slope of at most 1 is had by the penalty λ E (‖∂D/∂x‖ - 1)² on the lines between
rows and samples (Gulrajani and others 2017).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule
from neurarium.rules.optimisers import Optimiser
from neurarium.rules.schedules import Cycle

Judge = Callable[[Tensor], Tensor]
"""The discriminator: (n, ...) rows to (n,) scores, log D / (1 - D) in the games of 2014."""

_WINDOW = 1000  # samples of late by which what the generator reaches is judged


class Players(Protocol):
    """What the rule asks of a module."""

    @property
    def generator(self) -> nn.Module:
        """(n, noise) to rows, as the discriminator sees them."""

    @property
    def averaged(self) -> nn.Module:
        """The same network; the mean of the generators of late."""

    @property
    def discriminator(self) -> nn.Module:
        """Rows to (n,) scores."""

    def scale(self, rows: Tensor) -> Tensor:
        """Rows as the discriminator sees them."""

    def noise(self, n: int) -> Tensor:
        """(n, noise), what samples are made of."""

    def visits(self, scaled: Tensor) -> Tensor:
        """The share of these rows that lies in each region of the rows."""

    def reach(self, visits: Tensor) -> Tensor:
        """The share of the rows that lies in regions which are visited."""


class Game(ABC):
    """What is played for.

    Args:
        penalty: Weight of the penalty on the discriminator's slope; 0 for none.
    """

    rounds = 1
    """Steps of the discriminator to one of the generator."""

    def __init__(self, penalty: float) -> None:
        self.penalty = penalty

    def value(self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"]) -> Tensor:
        """V of the scores of rows and of samples."""
        # log sigmoid(s) = -softplus(-s), log(1 - sigmoid(s)) = -softplus(s)
        return -softplus(-real).mean() - softplus(fake).mean()

    @abstractmethod
    def cost(self, fake: Float[Tensor, " m"]) -> Tensor:
        """What the generator drives down, of the scores of its samples."""

    def slope_cost(self, judge: Judge, real: Tensor, real_scores: Tensor, fake: Tensor) -> Tensor:
        """What the discriminator pays for its slope: R1, ½ γ E_x ‖∂D/∂x‖²."""
        return 0.5 * self.penalty * _slopes(real_scores, real).square().sum(1).mean()


class Saturating(Game):
    """The game as it is: both players move the same V."""

    def cost(self, fake: Float[Tensor, " m"]) -> Tensor:
        """E log(1 - D(G(z)))."""
        return -softplus(fake).mean()


class NonSaturating(Game):
    """The generator maximises log D(G(z)) in place of minimising log(1 - D(G(z))): section 3 of the paper."""

    def cost(self, fake: Float[Tensor, " m"]) -> Tensor:
        """-E log D(G(z))."""
        return softplus(-fake).mean()


class Wasserstein(Game):
    """The discriminator is a critic whose best V is the Wasserstein distance of the two laws.

    Source: "Wasserstein generative adversarial networks" (Arjovsky, Chintala and Bottou, 2017),
    https://arxiv.org/abs/1701.07875; "Improved training of Wasserstein GANs" (Gulrajani, Ahmed, Arjovsky, Dumoulin and
    Courville, 2017), https://arxiv.org/abs/1704.00028.
    """

    rounds = 5

    def value(self, real: Float[Tensor, " n"], fake: Float[Tensor, " m"]) -> Tensor:
        """E D(x) - E D(G(z))."""
        return real.mean() - fake.mean()

    def cost(self, fake: Float[Tensor, " m"]) -> Tensor:
        """-E D(G(z))."""
        return -fake.mean()

    def slope_cost(self, judge: Judge, real: Tensor, real_scores: Tensor, fake: Tensor) -> Tensor:
        """λ E (‖∂D/∂x‖ - 1)² at points between a row and a sample, drawn evenly (Gulrajani's algorithm 1)."""
        between = torch.lerp(real.detach(), fake, self._shares(real)).requires_grad_()
        slopes = _slopes(judge(between), between)
        # The root has no slope at 0.
        return self.penalty * ((slopes.square().sum(1) + 1e-12).sqrt() - 1).square().mean()

    def _shares(self, real: Tensor) -> Tensor:
        """How far each point lies from its row towards its sample."""
        return torch.rand(len(real), *[1] * (real.dim() - 1), dtype=real.dtype, device=real.device)


def _slopes(scores: Tensor, rows: Tensor) -> Float[Tensor, "n numbers"]:
    """∂D/∂x of each row, itself differentiable."""
    return torch.autograd.grad(scores.sum(), rows, create_graph=True)[0].flatten(1)


class Adversarial(Rule):
    """Each step the discriminator learns from a batch of rows and as many samples, and then the generator from it.

    Args:
        module: The players.
        game: What they play for.
        discriminator, generator: How far each steps: optimisers over the parameters of `module.discriminator` and
            `module.generator`.
        passes: Over the rows, in all: steps fall to 0 by half a cosine, so that the game comes to rest.
        average: How much of the mean of the generators is kept in a step, at most; in the first steps less, so that
            the mean is over the last tenth of them.

    Attributes:
        latest: The metrics of the last step: "value" V, "discriminator" and "generator" what each drives down, "reach"
            the share of the rows which lie in regions that the generator has visited of late. 1 is good; where a
            generator collapses it falls.

    Source: "Generative adversarial nets" (Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville and
    Bengio, 2014), https://arxiv.org/abs/1406.2661; R1: "Which training methods for GANs do actually converge?"
    (Mescheder, Geiger and Nowozin, 2018), https://arxiv.org/abs/1801.04406; the mean of generators: "The unusual
    effectiveness of averaging in GAN training" (Yazici and others, 2019), https://arxiv.org/abs/1806.04498.
    """

    def __init__(
        self,
        module: Players,
        game: Game,
        *,
        discriminator: Optimiser,
        generator: Optimiser,
        passes: int,
        average: float = 0.999,
    ) -> None:
        self.module = module
        self.game = game
        self.discriminator = discriminator
        self.generator = generator
        self.passes = passes
        self.average = average
        self._averaged: list[Tensor] = list(module.averaged.parameters())
        self._steps = self._passes = 0
        self._visits: Tensor | None = None
        self._cost: Tensor | None = None
        self.latest: Metrics = {}

    def step(self, batch: Batch) -> Metrics:
        """A step of the discriminator, and one of the generator when its turn has come."""
        factor = Cycle()(self._passes / self.passes)
        fake = self.module.generator(self.module.noise(batch.n_rows))
        value, loss = self._teach_discriminator(self.module.scale(batch.inputs), fake.detach(), factor)
        if self._steps % self.game.rounds == 0 or self._cost is None:
            self._cost = self._teach_generator(fake, factor)
        self._steps += 1
        reach = self._reach(fake.detach())
        self.latest = {"value": value, "discriminator": loss, "generator": self._cost, "reach": reach}
        return self.latest

    def _teach_discriminator(self, real: Tensor, fake: Tensor, factor: float) -> tuple[Tensor, Tensor]:
        judge = self.module.discriminator
        real = real.detach().requires_grad_(self.game.penalty > 0)
        real_scores, fake_scores = judge(real), judge(fake)
        value = self.game.value(real_scores, fake_scores)
        loss = -value
        if self.game.penalty:
            loss = loss + self.game.slope_cost(judge, real, real_scores, fake)
        self.discriminator.zero_grad()
        loss.backward(inputs=self.discriminator.parameters)
        self.discriminator.step(factor)
        return value.detach(), loss.detach()

    def _teach_generator(self, fake: Tensor, factor: float) -> Tensor:
        cost = self.game.cost(self.module.discriminator(fake))
        self.generator.zero_grad()
        cost.backward(inputs=self.generator.parameters)  # the discriminator's own gradients are not even computed
        self.generator.step(factor)
        kept = min(self.average, (1 + self._steps) / (10 + self._steps))
        with torch.no_grad():
            torch._foreach_lerp_(self._averaged, self.generator.parameters, 1 - kept)
        return cost.detach()

    @torch.no_grad()
    def _reach(self, fake: Tensor) -> Tensor:
        visits = self.module.visits(fake)
        share = max(1 / self._steps, len(fake) / _WINDOW)
        self._visits = visits if self._visits is None else torch.lerp(self._visits, visits, min(1.0, share))
        return self.module.reach(self._visits)

    def end_pass(self) -> bool:
        """Slower from pass to pass."""
        self._passes += 1
        return False

    def state_dict(self) -> dict[str, Any]:
        """The optimisers' memories, and how far the game has come."""
        return {
            "discriminator": self.discriminator.state_dict(),
            "generator": self.generator.state_dict(),
            "counts": [self._steps, self._passes],
            "visits": self._visits,
            "cost": self._cost,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.discriminator.load_state_dict(state["discriminator"])
        self.generator.load_state_dict(state["generator"])
        self._steps, self._passes = state["counts"]
        self._visits, self._cost = state["visits"], state["cost"]
