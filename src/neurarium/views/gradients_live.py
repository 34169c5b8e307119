"""Gradients through time, in the page: back through a plain recurrent network and through an LSTM, step by step.

The weight matrix is r Q with Q orthogonal, so that all its eigenvalues have modulus r and a vector becomes r times as
long: what the slopes of the activation do is not mixed up with what the matrix does, and r^k is a bound.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.views.numbers import picked

STEPS, UNITS, INPUTS, EXAMPLES = 60, 12, 3, 6
LINEAR, TANH, RELU = 0, 1, 2
_GRID = 41
HIGHEST = 2.0
_SMALLEST, _NO_LOSS = 1e-30, 1e-9


def examples() -> dict[str, NDArray[np.float64]]:
    """Random networks and what they hear.

    Returns:
        matrices: (examples, 5, units, units) orthogonal, of the plain network and of the LSTM's i, f, C~, o.
        inputs: (examples, 5, units, inputs) their weights of the inputs.
        heard: (examples, steps, inputs).
        asked: (examples, units) the direction of the last state whose gradient is followed, of length 1.
    """
    chance = np.random.default_rng(0)
    matrices = np.linalg.qr(chance.normal(size=(EXAMPLES, 5, UNITS, UNITS)))[0]
    asked = chance.normal(size=(EXAMPLES, UNITS))
    return {
        "matrices": matrices,
        "inputs": chance.normal(size=(EXAMPLES, 5, UNITS, INPUTS)) / np.sqrt(INPUTS),
        "heard": chance.normal(size=(EXAMPLES, STEPS, INPUTS)),
        "asked": asked / np.linalg.norm(asked, axis=1, keepdims=True),
    }


class Ahead(nn.Module):
    """One step of plain networks, of several sizes of weights at once."""

    def forward(
        self, h: Tensor, heard: Tensor, there: Tensor, radius: Tensor, Q: Tensor, activation: Tensor
    ) -> tuple[Tensor, Tensor]:
        """h(t) = φ(r Q h(t - 1) + U x(t)), twice; 0 before the sequence begins."""
        a = radius * (h @ Q.T) + heard
        h = there * torch.where(activation == LINEAR, a, torch.where(activation == TANH, a.tanh(), a.relu()))
        return h, h


class Back(nn.Module):
    """The same backwards, for several gradients at once."""

    def forward(self, g: Tensor, slope: Tensor, radius: Tensor, Q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The gradients in h(t - 1), twice, and in the sum a(t), from those in h(t)."""
        through = slope * g
        g = radius * (through @ Q)
        return g, g, through


class CellAhead(nn.Module):
    """One step of an LSTM."""

    def forward(
        self, h: Tensor, c: Tensor, heard: Tensor, there: Tensor, radius: Tensor, Q: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """h and c after it, then c and the four gates i, f, C~, o, (4, units); 0 before the sequence begins."""
        z = heard + radius * (Q @ h)
        gates = there * torch.stack([z[0].sigmoid(), z[1].sigmoid(), z[2].tanh(), z[3].sigmoid()])
        c = gates[1] * c + gates[0] * gates[2]
        return gates[3] * c.tanh(), c, c, gates


class CellBack(nn.Module):
    """The same backwards."""

    def forward(
        self, dh: Tensor, dc: Tensor, gates: Tensor, c: Tensor, before: Tensor, radius: Tensor, Q: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The gradients in h(t - 1) and C(t - 1) along the way back, and the whole one in C(t)."""
        i, f, new, o = gates.unbind()
        told = c.tanh()
        dc = dc + dh * o * (1 - told.square())
        dz = torch.stack(
            [dc * new * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - new.square()), dh * told * o * (1 - o)]
        )
        return radius * (dz[:, None] @ Q).sum((0, 1)), dc * f, dc


class Gradients(nn.Module):
    """How much of a gradient is left k steps back, and what a step against it does."""

    matrices: Tensor
    inputs: Tensor
    heard: Tensor
    asked: Tensor
    grid: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, each in examples().items():
            self.register_buffer(name, torch.from_numpy(each))
        self.register_buffer("grid", torch.linspace(0, HIGHEST, _GRID, dtype=torch.float64))
        self.ahead = Loop(Ahead(), states=1, sequences=2, turns=STEPS)
        self.back = Loop(Back(), states=1, sequences=1, turns=STEPS)
        self.cell_ahead = Loop(CellAhead(), states=2, sequences=2, turns=STEPS)
        self.cell_back = Loop(CellBack(), states=2, sequences=3, turns=STEPS)

    def forward(
        self,
        seed: Tensor,
        radius: Tensor,
        activation: Tensor,
        length: Tensor,
        lag: Tensor,
        forget: Tensor,
        rate: Tensor,
        clip: Tensor,
        threshold: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown."""
        r, last = radius.double(), torch.minimum(lag, length)
        Q, U, x = picked(self.matrices, seed), picked(self.inputs, seed), picked(self.heard, seed)
        there = (torch.arange(STEPS) >= STEPS - length).double()
        heard = there[:, None, None] * (x[:, None, :, None] * U.transpose(1, 2)).sum(2)  # (steps, 5, units)
        sizes = torch.cat([r.reshape(1), torch.ones(1, dtype=torch.float64), self.grid])
        states = self.run(sizes, heard[:, 0], there, Q[0], activation)
        plain, h = self.plain(states[:, 0], states[-1, 1], r, Q[0], activation, seed)
        cell, gates = self.cell(heard[:, 1:], there, r, Q[1:], seed, forget)
        kept = torch.arange(STEPS + 1) <= length
        bound = r ** torch.arange(STEPS + 1)
        curves = torch.stack([plain, cell, bound]).clamp(min=_SMALLEST)
        left = picked(curves, last, 1)
        loss = (states[-1] - states[-1, 1]).square().sum(1) / 2
        return {
            "curves": torch.where(kept, curves, torch.nan)[:2],
            "all_curves": torch.where(kept, curves, torch.nan),
            "far": last,
            "power": _power(left[0]),
            "cell_power": _power(left[1]),
            "bound_power": _power(left[2]),
            "verdict": _verdict(left[0]),
            "cell_verdict": _verdict(left[1]),
            "slope": (there[:, None] * _slopes(states[:, 0], activation)).sum() / (length * UNITS),
            "each": left[0] ** (1 / last.clamp(min=1)),
            "forget_mean": gates[:, 1].sum() / (length * UNITS),
            **self.step(h, loss, r, rate.double(), clip, threshold.double(), heard[:, 0], there, Q[0], activation),
        }

    def run(self, sizes: Tensor, heard: Tensor, there: Tensor, Q: Tensor, activation: Tensor) -> Tensor:
        """(steps, sizes, units) the states of plain networks whose weights have these sizes."""
        start = torch.zeros(len(sizes), UNITS, dtype=torch.float64)
        _, states = self.ahead(start, heard, there, sizes[:, None], Q, activation)
        return states

    def plain(
        self, h: Tensor, target: Tensor, r: Tensor, Q: Tensor, activation: Tensor, seed: Tensor
    ) -> tuple[Tensor, Tensor]:
        """(steps + 1,) how long the gradient of what is asked is k steps back; the loss's slope in r."""
        starts = torch.stack([picked(self.asked, seed), h[-1] - target])
        _, back, through = self.back(starts, _slopes(h, activation).flip(0), r, Q)
        lengths = torch.cat([starts[None, 0], back[:, 0]]).square().sum(1).sqrt()
        before = torch.cat([torch.zeros(1, UNITS, dtype=torch.float64), h[:-1]])
        return lengths, (through[:, 1].flip(0) * (before @ Q.T)).sum()

    def cell(
        self, heard: Tensor, there: Tensor, r: Tensor, Q: Tensor, seed: Tensor, forget: Tensor
    ) -> tuple[Tensor, Tensor]:
        """(steps + 1,) how much of the gradient in the last cell is left k steps back; the gates at each step."""
        nothing = torch.zeros(UNITS, dtype=torch.float64)
        bias = torch.tensor([[0.0], [1.0], [0.0], [0.0]], dtype=torch.float64) * forget.double()
        _, _, c, gates = self.cell_ahead(nothing, nothing, heard + bias, there, r, Q)
        before = torch.cat([nothing[None], c[:-1]])
        flipped = (each.flip(0) for each in (gates, c, before))
        _, first, back = self.cell_back(picked(self.asked, seed), nothing, *flipped, r, Q)
        lengths = torch.cat([back, first[None]]).square().sum(1).sqrt()
        return lengths / lengths[0], gates

    def step(
        self,
        slope: Tensor,
        loss: Tensor,
        r: Tensor,
        rate: Tensor,
        clip: Tensor,
        threshold: Tensor,
        heard: Tensor,
        there: Tensor,
        Q: Tensor,
        activation: Tensor,
    ) -> dict[str, Tensor]:
        """The loss by the size of the weights, and where a step against its slope leads, clipped or not."""
        size = slope.abs().clamp(min=_SMALLEST)
        clipped = slope * (threshold / size).clamp(max=1)
        ends = (r - rate * torch.stack([slope, clipped])).clamp(0, HIGHEST)
        states = self.run(ends, heard, there, Q, activation)
        losses = (states[-1] - self.run(torch.ones_like(ends), heard, there, Q, activation)[-1]).square().sum(1) / 2
        return {
            "loss": loss[2:].clamp(min=_NO_LOSS),
            "at_x": torch.cat([r.reshape(1), ends]),
            "at_y": torch.cat([loss[:1], losses]).clamp(min=_NO_LOSS),
            "slope_power": _power(size),
            "clipped_size": clipped.abs(),
            "steps_back": torch.stack([_power(size), _power(clipped.abs().clamp(min=_SMALLEST))]),
            "next_radius": torch.where(clip, ends[1], ends[0]).float(),
        }


def _slopes(h: Tensor, activation: Tensor) -> Tensor:
    """φ'(a), from h = φ(a)."""
    bent = torch.where(activation == TANH, 1 - h.square(), (h > 0).double())
    return torch.where(activation == LINEAR, 1.0, bent)


def _power(number: Tensor) -> Tensor:
    return number.log() / math.log(10)


def _verdict(left: Tensor) -> Tensor:
    """0 where less than a thousandth is left, 2 where there is a thousand times more, 1 between."""
    return (left > 1e-3).long() + (left > 1e3).long()
