"""The dream of a restricted Boltzmann machine as a live module: up to the hidden layer and back, turn by turn."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from neurarium.networks._visible_units import SoftmaxUnits
from neurarium.program.loop import Loop
from neurarium.views.numbers import picked

_LEAST = 2.0**-25  # below the least uniform number above 0


class TurnModule(nn.Module):
    """Hidden units drawn from the visible ones, then visible units from those."""

    def __init__(self, machine: Any) -> None:
        super().__init__()
        self.machine = machine

    def forward(self, v: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
        """The next visible states, twice; `chance` has a uniform number for each hidden and each visible unit."""
        machine = self.machine
        n_hidden = machine.weight.shape[0]
        p = (machine.weight @ v + machine.hidden_bias).sigmoid()
        h = (chance[:n_hidden] < p).to(p.dtype)
        noise = chance[n_hidden:]
        if isinstance(machine.units, SoftmaxUnits):
            noise = -(-noise.clamp(min=_LEAST).log()).log()  # Gumbel's law
        (new,) = machine.units.draw(machine.visible_field(h[None]), noise[None])
        return new, new


class DreamModule(nn.Module):
    """What is drawn, and what the machine makes of it.

    Args:
        machine: A module of `RestrictedBoltzmannMachine`.
        shape: Height and width of a picture.
        grid: Height and width of the hidden units' picture.
        turns: Of the dream.
        shown: The hidden units that can be chosen.
    """

    shown: Tensor

    def __init__(self, machine: Any, shape: tuple[int, int], grid: tuple[int, int], turns: int, shown: Tensor) -> None:
        super().__init__()
        self.machine = copy.deepcopy(machine).cpu().eval().requires_grad_(False)
        self.shape, self.grid, self.n_frames = shape, grid, turns + 1
        self.dream = Loop(TurnModule(self.machine), states=1, sequences=1, turns=turns)
        self.register_buffer("shown", shown)

    def forward(self, drawn: Tensor, chance: Tensor, t: Tensor, unit: Tensor) -> dict[str, Tensor]:
        """What is shown.

        Args:
            drawn: (h, w) the caller's numbers.
            chance: (turns, hidden + visible) uniform numbers.
            t: () the turn that is looked at.
            unit: () which of the hidden units that are shown is looked at.
        """
        machine = self.machine
        (v,) = machine.units.scale(drawn.reshape(1, -1).to(machine.weight.dtype))
        _, states = self.dream(v, chance)
        film = torch.cat([v[None], states])
        free_energy = -machine.log_weight(film)
        now = picked(film, t)
        p = (machine.weight @ now + machine.hidden_bias).sigmoid()
        mean = machine.units.mean(machine.visible_field(p[None]))[0]
        j = picked(self.shown, unit)
        weights, bias = picked(machine.weight, j), picked(machine.hidden_bias, j)
        return {
            "ink": v.reshape(self.shape),
            "film": film.reshape(self.n_frames, *self.shape),
            "free_energy": free_energy,
            "first_energy": free_energy[0],
            "last_energy": free_energy[-1],
            "energy_now": picked(free_energy, t),
            "hidden": p.reshape(self.grid),
            "awake": (p > 0.5).to(torch.int64).sum(),
            "again": torch.stack([now, mean]).reshape(2, *self.shape),
            "missed": torch.stack([torch.zeros_like(now), mean - now]).reshape(2, *self.shape),
            "error": (mean - now).square().mean().sqrt(),
            "shown_p": p.index_select(0, self.shown),
            "weights": torch.stack([weights, weights * now]).reshape(2, *self.shape),
            "from_visible": weights @ now,
            "bias": bias,
            "p": picked(p, j),
        }
