"""A round of the adversarial game with flat weights: what the rule does in a step, as operations that a page can run.

`rules/adversarial.py` is the rule; here its step is written for weights that come in and go out as arrays, so that a
page holds them as states. The game's own value, costs and penalties are those of the rule's classes. A round may be
D's alone, G's alone, or both players'.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.func import functional_call

from neurarium.rules.adversarial import Adversarial, Game, NonSaturating, Saturating, Wasserstein

GAMES: tuple[type[Game], ...] = (NonSaturating, Saturating)
"""The games of 2014, which a page can change from one into the other."""

BOTH, JUDGE, FORGER = range(3)


class Player:
    """A player whose weights are one row of numbers.

    Args:
        module: The player.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self._parameters = dict(module.named_parameters())
        self.size = sum(each.numel() for each in self._parameters.values())

    def weights(self) -> Float[Tensor, " weights"]:
        """Its weights as they are."""
        return torch.cat([each.detach().flatten() for each in self._parameters.values()])

    def parts(self, weights: Float[Tensor, " weights"]) -> list[Tensor]:
        """The weights of each layer."""
        split = weights.split([each.numel() for each in self._parameters.values()])
        return [part.reshape(each.shape) for part, each in zip(split, self._parameters.values(), strict=True)]

    def play(self, parts: list[Tensor], given: Tensor) -> Tensor:
        """What it answers with these weights."""
        answer: Tensor = functional_call(self.module, dict(zip(self._parameters, parts, strict=True)), (given,))
        return answer


class _GivenShares(Wasserstein):
    """The critic's game, with the places of its penalty from a table."""

    shares: Tensor

    def _shares(self, real: Tensor) -> Tensor:
        return self.shares


@dataclass(frozen=True)
class Pace:
    """What a fit goes by.

    Attributes:
        batch: Rows of a step.
        passes: Over the rows, in all.
        steps: Of a pass.
    """

    batch: int
    passes: int
    steps: int


class Round(nn.Module):
    """One round.

    Args:
        judge, forger: The players.
        rule: The estimator's own, for its game and its optimisers.
        pace: What the fit goes by.
    """

    def __init__(self, judge: Player, forger: Player, rule: Adversarial, pace: Pace) -> None:
        super().__init__()
        self.judge, self.forger, self.pace = judge, forger, pace
        self.critic = isinstance(rule.game, Wasserstein)
        self.every = rule.game.rounds
        self.average = rule.average
        self.rates = rule.discriminator.learning_rate, rule.generator.learning_rate
        optimiser: Any = rule.discriminator
        _, self.beta = optimiser.betas  # no momentum: the mean of the gradients is the gradient itself
        self.epsilon = optimiser.epsilon

    def forward(
        self,
        judge: Float[Tensor, "2 weights"],
        forger: Float[Tensor, "3 forgers_weights"],
        turns: Int[Tensor, " 3"],
        curves: Float[Tensor, "2 marks"],
        number: Int[Tensor, ""],
        rows: Float[Tensor, "n ..."],
        noises: Float[Tensor, "m noise"],
        shares: Float[Tensor, " m"],
        marks: Int[Tensor, " marks"],
        penalty: Float[Tensor, ""],
        game: Int[Tensor, ""],
        steps: Int[Tensor, ""],
        who: Int[Tensor, ""],
    ) -> tuple[Tensor, ...]:
        """The states after a round.

        Args:
            judge: D's weights, and the running means of its squared gradients.
            forger: G's, and the mean of the generators of late.
            turns: Rounds that were played, D's steps and G's.
            curves: What D and G have driven down.
            number: Of this round among those that are played in one go.
            rows: Those to learn from, as the players see them.
            noises, shares: Tables of chance; a round takes the next rows of each, and begins again at their end.
            marks: The rounds at which the curves are kept.
            penalty: Weight of the penalty.
            game: Which of `GAMES`.
            steps: How many rounds are played in one go; those beyond change nothing.
            who: `BOTH`, `JUDGE` alone or `FORGER` alone.
        """
        before = judge, forger, turns, curves
        turn, step_of_judge, step_of_forger = turns.unbind()
        real = rows.index_select(0, self._next(turn, len(rows)))
        noise = noises.index_select(0, self._next(turn, len(noises)))
        share = shares.index_select(0, self._next(turn, len(noises))).reshape(-1, *[1] * (real.dim() - 1))
        so_far = turn.to(rows.dtype)
        passes = (so_far / self.pace.steps).floor()
        factor = 0.5 + 0.5 * (math.pi * (passes / self.pace.passes).clamp(max=1.0)).cos()
        fake = self.forger.play(self.forger.parts(forger[0]), noise)
        loss, gradient = self._judged(judge[0], real, fake, share, penalty)
        judges = who != FORGER
        judge = torch.where(judges, self._adam(judge, gradient, step_of_judge, self.rates[0] * factor), judge)
        cost, gradient = self._forged(judge[0], forger[0], noise, game)
        moved = self._adam(forger[:2], gradient, step_of_forger, self.rates[1] * factor)
        moved = torch.cat([moved, self._mean(turn, forger[2], moved[0])[None]])
        # A critic makes several steps to one of G's.
        forges = (who == FORGER) | ((who == BOTH) & (_rest(turn, self.every) == 0))
        forger = torch.where(forges, moved, forger)
        ahead = torch.stack([torch.ones_like(turn), judges.to(turn.dtype), forges.to(turn.dtype)])
        now = torch.arange(marks.shape[0]) == torch.searchsorted(marks, turn + 1)
        curves = torch.where(now, torch.stack([loss, cost])[:, None], curves)
        after = judge, forger, turns + ahead, curves
        return tuple(torch.where(number < steps, new, old) for new, old in zip(after, before, strict=True))

    def _next(self, turn: Tensor, n: int) -> Tensor:
        """The numbers of the rows of a table whose turn has come."""
        return _rest(turn * self.pace.batch + torch.arange(self.pace.batch), n)

    def _judged(
        self, weights: Tensor, real: Tensor, fake: Tensor, share: Tensor, penalty: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What D drives down, and its gradient."""
        kind: Any = _GivenShares if self.critic else NonSaturating
        game = kind(penalty)
        game.shares = share
        with torch.enable_grad():
            parts = [each.detach().requires_grad_() for each in self.judge.parts(weights)]
            real, fake = real.detach().requires_grad_(), fake.detach()

            def judge(rows: Tensor) -> Tensor:
                return self.judge.play(parts, rows)

            scores = judge(real)
            loss = -game.value(scores, judge(fake)) + game.slope_cost(judge, real, scores, fake)
            return loss.detach(), _gradient(loss, parts)

    def _forged(self, judge: Tensor, forger: Tensor, noise: Tensor, game: Tensor) -> tuple[Tensor, Tensor]:
        """What G drives down, and its gradient."""
        with torch.enable_grad():
            parts = [each.detach().requires_grad_() for each in self.forger.parts(forger)]
            scores = self.judge.play(self.judge.parts(judge.detach()), self.forger.play(parts, noise))
            if self.critic:
                cost = Wasserstein(0).cost(scores)
            else:
                costs = torch.stack([each(0).cost(scores) for each in GAMES])
                cost = torch.where(torch.arange(len(GAMES)) == game, costs, 0.0).sum()
            return cost.detach(), _gradient(cost, parts)

    def _adam(self, state: Tensor, gradient: Tensor, steps: Tensor, rate: Tensor) -> Tensor:
        """Weights and running squares after a step of Adam without momentum."""
        squares = self.beta * state[1] + (1 - self.beta) * gradient.square()
        due = -torch.expm1((steps + 1).to(state.dtype) * math.log(self.beta))  # 1 - beta^t, exact where it is small
        weights = state[0] - rate * gradient / ((squares / due).sqrt() + self.epsilon)
        return torch.stack([weights, squares])

    def _mean(self, turn: Tensor, mean: Tensor, weights: Tensor) -> Tensor:
        """The mean of the generators, with the newest one in it."""
        so_far = turn.to(mean.dtype)
        kept = ((1 + so_far) / (10 + so_far)).clamp(max=self.average)
        return mean + (1 - kept) * (weights - mean)


def _rest(number: Tensor, n: int) -> Tensor:
    """What division by n leaves."""
    return number - n * (number.double() / n).floor().to(number.dtype)


def _gradient(loss: Tensor, parts: list[Tensor]) -> Tensor:
    found = torch.autograd.grad(loss, parts, allow_unused=True)
    whole = [torch.zeros_like(part) if each is None else each for each, part in zip(found, parts, strict=True)]
    return torch.cat([each.flatten() for each in whole]).detach()
