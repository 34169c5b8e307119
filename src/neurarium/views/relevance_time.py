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

All of it comes back but for what biases and ε keep, and the state before the first step, 0, has no part in any sum.
What an answer at some step hands back reaches that step and those before it; later ones have no part in it.

Use the epsilon rule: the two papers below know no other for sums in recurrent networks, and the alpha-beta rule, made
for rectified layers, is left out. At every sum it makes of a relevance of 1 one of α and one of -β, so that after t
steps of two sums each, maps for α = 2 may be 9^t times as large as the score which they sum up to: after 32 steps of an
LSTM with drawn weights they were 10^4 times as large with three units and 10^8 times with eight, those of the epsilon
rule 10 times. For α = 1 they stay small, but then nothing speaks against a class.

Source: "Explaining recurrent neural network predictions in sentiment analysis" (Arras, Montavon, Müller and Samek,
2017), https://arxiv.org/abs/1706.07206, whose ε = 0.001 it takes; "Explaining and interpreting LSTMs" (Arras et al.,
2019), https://arxiv.org/abs/1909.12114. Leaky units are treated as the cells of an LSTM are.
"""

import copy
from collections.abc import Callable, Sequence
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
        example: (1, time, features) a sequence.
        classes: Scores of an answer.
        at_once: Steps whose answers are asked for together, at most.

    Raises:
        UnknownLayer: A step has a layer that no rule is known for.
    """

    def __init__(self, whole: Callable[[int], Any], example: Tensor, classes: int, at_once: int = 1) -> None:
        self._whole, self.classes, self._rows = whole, classes, classes * at_once
        module = self._at(example.shape[1])
        loop = module.turns
        given = turn(module.before(example.expand(self._rows, -1, -1)), loop.states, loop.sequences, 0)
        # What comes in is the first of the sequences; others, such as the shares of steps, are given like weights.
        self._graph = Graph(_Turn(module), *given, carrying=loop.states + 1)

    def epsilon(self, x: Tensor, steps: Sequence[int], epsilon: float = EPSILON) -> Tensor:
        """The relevance for the scores after some steps, by the epsilon rule: (steps, classes, time, features).

        Args:
            x: (1, time, features) the sequence.
            steps: Whose scores are handed back, at most `at_once`; the last of a network that answers at the end.
            epsilon: As a share of the root mean square of the sums of a step, at least 0.
        """
        module, graph = self._at(x.shape[1]), self._graph
        loop = module.turns
        given = module.before(x.expand(self._rows, -1, -1))  # a row for each step and class: all hear the same
        now, values, answers = list(given), [], []
        for number in range(x.shape[1]):
            values.append(graph.run(*turn(now, loop.states, loop.sequences, number)))
            answer, *now[: loop.states] = graph.answers(values[-1])
            answers.append(answer.reshape(-1, self.classes, self.classes).diagonal(dim1=1, dim2=2).diag_embed())
        relevance: list[Tensor | None] = [None] * (loop.states + 1)
        found = []
        for number in reversed(range(x.shape[1])):
            asked = torch.zeros(len(answers[number]), 1, 1).to(x)
            asked[[place for place, step in enumerate(steps) if step == number]] = 1
            relevance[0] = (answers[number] * asked).flatten(0, 1)
            *states, here = graph.back(values[number], relevance, lambda step: by_epsilon(step, epsilon))
            found.append(here)
            relevance[1:] = states
        return torch.stack(found[::-1], 1).unflatten(0, (-1, self.classes))[: len(steps)]

    def _at(self, time: int) -> Any:
        return copy.deepcopy(self._whole(time)).cpu().eval().requires_grad_(False)
