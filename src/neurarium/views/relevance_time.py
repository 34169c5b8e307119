"""Relevance of sequences: from the score through the last step to the one before, and on to the first.

Forward, a network that hears a sequence makes of its state h(t-1) and of what comes in, x(t), the next state. So on the
way back the relevance of h(t) goes, by the rules of `relevance.py`, to h(t-1) and to x(t), where it stays. With weights
W, U and a bias b,

    a = W x(t) + U h(t-1) + b       shared out in proportion to the parts of the sum; b keeps its own,
    h(t) = tanh(a)                  handed on whole,
    c(t) = f ⊙ c(t-1) + i ⊙ c̃       in proportion to both products; of each the signal takes all, the gate nothing,
    h(t) = o ⊙ tanh(c(t))           so does tanh(c(t)),
    h(t) = z ⊙ h(t-1) + (1-z) ⊙ h̃   in proportion to both products, and r gets nothing of r ⊙ (U h(t-1) + d),
    x(t) = (1-a) x(t-1) + a tanh()  in proportion to what is left of the echo and to what is new.

All of it comes back but for what biases and ε keep, and the state before the first step, 0, has no part in any sum. The
alpha-beta rule is left out: at every sum it makes of a relevance of 1 one of α and one of -β, so that after t steps of
two sums each, maps for α = 2 are some 9^t times as large as the score which they sum up to.

Source: "Explaining recurrent neural network predictions in sentiment analysis" (Arras, Montavon, Müller and Samek,
2017), https://arxiv.org/abs/1706.07206, whose ε = 0.001 it takes; "Explaining and interpreting LSTMs" (Arras et al.,
2019), https://arxiv.org/abs/1909.12114. Leaky units are treated as the cells of an LSTM are.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from neurarium.program.loop import turn
from neurarium.views.relevance import Graph
from neurarium.views.relevance_rules import by_epsilon

EPSILON = 0.001
"""As a share of the root mean square of the sums of a step."""


class _Turn(nn.Module):
    """A step, and what would be answered after it."""

    def __init__(self, whole: Any) -> None:
        super().__init__()
        self.whole, self.states = whole, whole.turns.states

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """The answer and the states after a step."""
        states = self.whole.turns.step(*given)[: self.states]
        return (self.whole.after(*states), *states)


class TimeRelevance:
    """Hands relevance back through a network that takes a step after the other.

    Args:
        whole: From a number of steps to a module that hears sequences of so many, in eval mode: `turns` is its loop,
            `before(x)` what that is given, `after(*states)` the answer from its last states.
        example: (classes, time, features) sequences, as many as classes.

    Raises:
        UnknownLayer: A step has a layer that no rule is known for.
    """

    def __init__(self, whole: Callable[[int], Any], example: Tensor) -> None:
        self._whole, self.classes = whole, len(example)
        module = self._at(example.shape[1])
        loop = module.turns
        given = turn(module.before(example), loop.states, loop.sequences, 0)
        # What comes in is the first of the sequences; others, such as the shares of steps, are given like weights.
        self._graph = Graph(_Turn(module), *given, carrying=loop.states + 1)

    def epsilon(self, x: Tensor, epsilon: float = EPSILON) -> Tensor:
        """(classes, time, features) the relevance of a sequence for the score of each class, by the epsilon rule.

        Args:
            x: (1, time, features) the sequence.
            epsilon: As a share of the root mean square of the sums of a step, at least 0.
        """
        module, graph = self._at(x.shape[1]), self._graph
        loop = module.turns
        given = module.before(x.expand(self.classes, -1, -1))
        now, steps = list(given), []
        for number in range(x.shape[1]):
            steps.append(graph.run(*turn(now, loop.states, loop.sequences, number)))
            answer, *now[: loop.states] = graph.answers(steps[-1])
        relevance: list[Tensor | None] = [torch.diag(answer.diagonal()), *[None] * loop.states]
        found = []
        for values in reversed(steps):
            *states, here = graph.back(values, relevance, lambda step: by_epsilon(step, epsilon))
            found.append(here)
            relevance = [None, *states]
        return torch.stack(found[::-1], 1)

    def _at(self, time: int) -> Any:
        return copy.deepcopy(self._whole(time)).cpu().eval().requires_grad_(False)
