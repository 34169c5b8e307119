"""Recall of a Hopfield network as a live module: the states on the way to rest, their energy, and where they end."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.views.numbers import picked

CLOSE = 1e-3
"""How far an overlap may be from 1 for the pattern itself: as `HopfieldNetwork.spurious` has it."""


class AskingModule(nn.Module):
    """One unit asked: s_i <- sign h_i."""

    weight: Tensor
    bias: Tensor
    slack: Tensor

    def __init__(self, network: Any) -> None:
        super().__init__()
        for name in ("weight", "bias", "slack"):
            self.register_buffer(name, getattr(network, name).detach().clone())

    def forward(self, s: Tensor, unit: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The next state, the field of the unit, and what it was."""
        i = unit.reshape(1)
        old = s.index_select(0, i)
        field = self.weight.index_select(0, i) @ s + self.bias.index_select(0, i)
        return s.index_copy(0, i, self.asked(field, old)), field, old

    def asked(self, field: Tensor, old: Tensor) -> Tensor:
        """What units of these fields become; as they were, where the field is no more than rounding."""
        return torch.copysign(torch.ones_like(field), field + self.slack * old)


class TogetherModule(nn.Module):
    """All units at once: linked units asked together, or patterns that vote."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, s: Tensor) -> tuple[Tensor, Tensor]:
        """The next state, twice."""
        rows = s[None]
        network = self.network
        (new,) = network.votes(rows).softmax(1) @ network.patterns if votes(network) else network.once(rows)
        return new, new


def votes(network: Any) -> bool:
    """Whether the patterns vote, instead of units that are linked."""
    return hasattr(network, "votes")


class RecallModule(nn.Module):
    """What is drawn, damaged and recalled.

    Args:
        network: A module of `HopfieldNetwork`.
        shape: Height and width of a picture.
        n_shown: Patterns whose overlap is shown.
        plane: (units, 2) and (2,): where a state stands in the picture of its way.
    """

    middle: Tensor
    plane: Tensor

    def __init__(self, network: Any, shape: tuple[int, int], n_shown: int, plane: Tensor, middle: Tensor) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).cpu().eval()
        self.shape, self.n_shown = shape, n_shown
        self.register_buffer("plane", plane)
        self.register_buffer("middle", middle)

    def started(self, drawn: Tensor, noise: Tensor, share: Tensor) -> Tensor:
        """The state that the units set out from: what is drawn, so large a share of it reversed."""
        patterns = self.network.patterns
        (s,) = self.network.code(drawn.reshape(1, -1).to(patterns.dtype))
        return torch.where(noise < share, -s, s)

    def given(self, drawn: Tensor, noise: Tensor, share: Tensor) -> dict[str, Tensor]:
        """What is drawn, as ink, and how many of its numbers are reversed."""
        coding = self.network.coding
        return {
            "ink": (drawn - coding.low) / (coding.high - coding.low),
            "flipped": (noise < share).to(torch.int64).sum(),
        }

    def told(self, s: Tensor, path: Tensor, energies: Tensor, now: Tensor, before: Tensor) -> dict[str, Tensor]:
        """What is shown of a way to rest.

        Args:
            s: The state at the start.
            path: (steps + 1, units) states.
            energies: Of the way, as finely as they are shown.
            now: The state that is looked at.
            before: The state before the last of the path: another one where it did not come to rest.
        """
        network = self.network
        end = path[-1]
        two_valued = network.code(network.answer(path[-1:]))
        m = network.overlaps(two_valued)[0]
        reverse = -m.min() > m.max()
        nearest = torch.where(reverse, (-m).argmax(), m.argmax())
        moved = ((path[1:] - path[:-1]).abs().amax(1) > CLOSE).to(torch.int64)
        going = (end - before).abs().amax() > CLOSE
        outcome = torch.where(m.max() >= 1 - CLOSE, 0, torch.where(m.min() <= -1 + CLOSE, 1, 2))
        target = torch.where(reverse, -1.0, 1.0) * picked(network.patterns, nearest)
        three = torch.stack([s, now, target])
        (there,) = network.overlaps(now[None])
        return {
            "pictures": ((three + 1) / 2).reshape(3, *self.shape),
            "astray": ((three - target) / 2).reshape(3, *self.shape),
            "energies": energies,
            "energy_first": energies[0],
            "energy_last": energies[-1],
            "overlap": there[: self.n_shown],
            "nearest": nearest,
            "outcome": torch.where(going, 3, outcome),
            "sweeps": moved.sum(),
            "left_over": ((two_valued[0] - target).abs() > CLOSE).to(torch.int64).sum(),
            **self._way(path, now),
        }

    def _way(self, path: Tensor, now: Tensor) -> dict[str, Tensor]:
        way, here = (path - self.middle) @ self.plane, (now - self.middle) @ self.plane
        return {"way_x": way[None, :, 0], "way_y": way[None, :, 1], "here_x": here[:1], "here_y": here[1:]}


class LinkedRecallModule(RecallModule):
    """Linked units, asked in turn.

    Args:
        network, shape, n_shown, plane, middle: See `RecallModule`.
        orders: (sweeps, units) in which order the units are asked.
    """

    orders: Tensor
    places: Tensor

    def __init__(self, *given: Any, orders: Tensor) -> None:
        super().__init__(*given)
        n_sweeps, n_units = orders.shape
        self.register_buffer("orders", orders)
        self.register_buffer("places", orders.argsort(1))
        self.asking = AskingModule(self.network)
        self.turns = Loop(self.asking, states=1, sequences=1, turns=n_sweeps * n_units)

    def forward(self, drawn: Tensor, noise: Tensor, share: Tensor, t: Tensor, unit: Tensor) -> dict[str, Tensor]:
        """What is shown.

        Args:
            drawn: (h, w) the caller's numbers.
            noise: (units,) uniform numbers.
            share: () of the units that are reversed.
            t: () how many units were asked.
            unit: () the unit that is looked at.
        """
        network = self.network
        n_sweeps, n_units = self.orders.shape
        s = self.started(drawn, noise, share)
        energy = network.energies(s[None])[0]
        _, fields, olds = self.turns(s, self.orders.flatten())
        news = self.asking.asked(fields, olds)
        path = torch.cat([s[None], news.reshape(n_sweeps, n_units).gather(1, self.places)])
        # A unit that goes from s_i to s_i' under the field h_i takes (s_i' - s_i) h_i from the energy.
        energies = energy - ((news - olds) * fields).flatten().cumsum(0)
        # So many whole sweeps, and in the next the units whose turn has been.
        sweep = (t / n_units).floor().to(torch.int64).clamp(max=n_sweeps - 1)
        asked = picked(self.places, sweep) < t - sweep * n_units
        now = torch.where(asked, picked(path, sweep + 1), picked(path, sweep))
        links = picked(network.weight, unit)
        field = links @ now + picked(network.bias, unit)
        told = self.told(s, path, torch.cat([energy[None], energies]), now, path[-2])
        return {
            **self.given(drawn, noise, share),
            **told,
            "energy": picked(told["energies"], t),
            "weight": network.weight,
            "links": torch.stack([links, links * now]).reshape(2, *self.shape),
            "from_links": links @ now,
            "bias": picked(network.bias, unit),
            "field": field,
            "sign": 1 + (field > 0).to(torch.int64) - (field < 0).to(torch.int64),
        }


class TogetherRecallModule(RecallModule):
    """All units at once, step by step.

    Args:
        network, shape, n_shown, plane, middle: See `RecallModule`.
        steps: How many.
    """

    def __init__(self, *given: Any, steps: int) -> None:
        super().__init__(*given)
        self.steps = Loop(TogetherModule(self.network), states=1, sequences=0, turns=steps)

    def forward(self, drawn: Tensor, noise: Tensor, share: Tensor, t: Tensor) -> dict[str, Tensor]:
        """What is shown; as `LinkedRecallModule`, `t` counting steps."""
        s = self.started(drawn, noise, share)
        _, states = self.steps(s)
        path = torch.cat([s[None], states])
        now = picked(path, t)
        told = self.told(s, path, self.network.energies(path), now, path[-2])
        shown = {**self.given(drawn, noise, share), **told, "energy": picked(told["energies"], t)}
        if votes(self.network):
            shown["votes"] = self.network.votes(now[None]).softmax(1)[0][: self.n_shown]
        return shown
