"""The way of a sequence through a network, and the way back: which inputs an answer hangs on.

With a(T) = v·h(T) the answer, δ(t) = ∂a/∂state(t) and F the step state(t) = F(state(t-1), x(t)),

    δ(T) = v,    δ(t-1) = (∂F/∂state(t-1))ᵀ δ(t),    ∂a/∂x(t) = (∂F/∂x(t))ᵀ δ(t),

and the length of ∂a/∂x(t) is called the connectivity of x(t).

Source: "Visualizing memorization in RNNs" (Madsen, 2019), https://distill.pub/2019/memorization-in-rnns/.
"""

import torch
from torch import Tensor, nn

from neurarium.networks._recurrent import RecurrentModule
from neurarium.networks._recurrent_cells import State
from neurarium.program.loop import Loop
from neurarium.views.explaining import straight


class _StepBack(nn.Module):
    """A step of the way back, through all layers."""

    def __init__(self, recurrent: RecurrentModule) -> None:
        super().__init__()
        self.recurrent = recurrent

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """The slopes in the state before and in the input, from those in the state after.

        Args:
            given: The slopes, (layers, 1, units) each; the state before the step; x, (1, in); and (1, units) what the
                answer adds to the slope in the last layer's output.
        """
        n = len(self.recurrent.cell.states)
        slopes, before, x, added = given[:n], given[n : 2 * n], given[-2], given[-1]
        with torch.enable_grad():
            leaves = [each.detach().requires_grad_() for each in (*before, x)]
            h, after = self.recurrent.step(leaves[-1], tuple(leaves[:n]))
            return torch.autograd.grad((h, *after), leaves, (added, *slopes))


class _Step(nn.Module):
    """A step of all layers, whose answer is the state after it."""

    def __init__(self, recurrent: RecurrentModule) -> None:
        super().__init__()
        self.recurrent = recurrent

    def forward(self, *given: Tensor) -> State:
        """The state after the step, twice, from (layers, 1, units) each of that before and x, (1, in)."""
        _, after = self.recurrent.step(given[-1], given[:-1])
        return (*after, *after)


class Forth(nn.Module):
    """The way through a sequence.

    Args:
        recurrent: The layers.
        turns: Steps.
    """

    def __init__(self, recurrent: RecurrentModule, turns: int) -> None:
        super().__init__()
        self.n = len(recurrent.cell.states)
        self.loop = Loop(_Step(recurrent), states=self.n, sequences=1, turns=turns)

    def forward(self, x: Tensor, start: State) -> State:
        """(time, layers, 1, units) the states after each step, from (time, in) inputs."""
        return self.loop(*start, x[:, None])[self.n :]


class Back(nn.Module):
    """The way back through a sequence.

    Args:
        recurrent: The layers, none of whose weights ask for gradients.
        n_in: Numbers that come in at a step.
        turns: Steps.
    """

    def __init__(self, recurrent: RecurrentModule, n_in: int, turns: int) -> None:
        super().__init__()
        n, like = len(recurrent.cell.states), recurrent.layers[0].W
        slopes, state = recurrent.initial(1, like), recurrent.initial(1, like)
        x, added = like.new_zeros(1, n_in), like.new_zeros(1, recurrent.n_units)
        step = straight(_StepBack(recurrent), *slopes, *state, x, added)
        self.turns = turns
        self.loop = Loop(step, states=n, sequences=n + 2, turns=turns)

    def forward(self, x: Tensor, start: State, after: State, now: Tensor, weights: Tensor) -> Tensor:
        """(time, in) the slopes of weights·h(now) in the inputs; 0 after `now`.

        Args:
            x: (time, in) inputs of the first layer.
            start: (layers, 1, units) the state before the first step.
            after: (time, layers, 1, units) the states after each step.
            now: Where the answer is given.
            weights: (units,) of the answer.
        """
        states = [torch.cat([first[None], each[:-1]]) for first, each in zip(start, after, strict=True)]
        added = (torch.arange(self.turns) == now)[:, None, None] * weights
        none = [torch.zeros_like(each) for each in start]
        *_, slopes = self.loop(*none, *(each.flip(0) for each in (*states, x[:, None], added)))
        return slopes[:, 0].flip(0)
