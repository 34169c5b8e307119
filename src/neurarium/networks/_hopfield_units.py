"""The units of a Hopfield network: linked ones that are asked in turn or together, and patterns that vote."""

from collections.abc import Iterator
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from neurarium.core.stages import Stage

_BLOCK = 128  # units whose turns are worked out together: speed alone depends on it

Update = Literal["random", "fixed", "synchronous"]


class CodingModule(nn.Module):
    """The caller's numbers as -1 and 1, and back."""

    low: Tensor
    high: Tensor
    threshold: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, value in (("low", -1.0), ("high", 1.0), ("threshold", 0.0)):
            self.register_buffer(name, torch.tensor(value))

    @torch.no_grad()
    def learn(self, rows: Tensor, threshold: float | None) -> None:
        """Take the lowest and the highest number of the table for off and on."""
        low, high = rows.min(), rows.max()
        if bool(low == high):  # one value: the other is 0, or 1
            other = torch.where(low == 0, torch.ones_like(low), torch.zeros_like(low))
            low, high = torch.minimum(low, other), torch.maximum(low, other)
        self.low.copy_(low)
        self.high.copy_(high)
        self.threshold.fill_(float(low / 2 + high / 2) if threshold is None else threshold)

    def forward(self, rows: Tensor) -> Tensor:
        """-1 up to the threshold, 1 above."""
        return torch.where(rows > self.threshold, 1.0, -1.0).to(rows.dtype)

    def grey(self, rows: Tensor) -> Tensor:
        """Shifted and scaled, so that the table's lowest number is -1 and its highest 1."""
        return (rows - self.low) / (self.high - self.low) * 2 - 1

    def back(self, state: Tensor) -> Tensor:
        """From the states -1 to 1 to the caller's numbers, -1 and 1 to the bit."""
        return torch.where(state >= 1, self.high, torch.lerp(self.low, self.high, (state + 1) / 2))


class HopfieldModule(nn.Module):
    """Units linked to each other.

    Args:
        n_units: Units.
        n_patterns: Patterns to hold.
    """

    patterns: Tensor
    strength: Tensor
    weight: Tensor
    bias: Tensor
    slack: Tensor

    def __init__(self, n_units: int, n_patterns: int = 0) -> None:
        super().__init__()
        self.coding = CodingModule()
        self.register_buffer("patterns", torch.zeros(n_patterns, n_units))
        self.register_buffer("strength", torch.zeros(n_patterns))
        self.register_buffer("weight", torch.zeros(n_units, n_units))
        self.register_buffer("bias", torch.zeros(n_units))
        self.register_buffer("slack", torch.tensor(torch.finfo(torch.float32).tiny))
        self.state, self.field, self.energy, self.overlap = Stage(), Stage(), Stage(), Stage()

    def forward(self, rows: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """All units asked together once, from the caller's numbers to the caller's numbers."""
        s = self.state(self.code(rows))
        h = self.field(self.fields(s))
        self.energy(self.energies(s))
        self.overlap(self.overlaps(s))
        return self.coding.back(_signs(h, s, self.slack))

    def code(self, rows: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """The states that rows stand for."""
        coded: Tensor = self.coding(rows)
        return coded

    def answer(self, state: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """What states stand for."""
        return self.coding.back(state)

    def fields(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """h = W s + b."""
        return torch.addmm(self.bias, s, self.weight)

    def energies(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, "batch"]:
        """E = -1/2 s·W s - b·s."""
        return -(s * (self.fields(s) + self.bias)).sum(1) / 2

    def overlaps(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, "batch patterns"]:
        """m = s·xi / N, the share of units that agree less the share that do not."""
        return s @ self.patterns.T / s.shape[1]

    def once(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """All units asked together."""
        return _signs(self.fields(s), s, self.slack)

    def in_turn(self, s: Float[Tensor, "batch units"], order: Int[Tensor, "units"]) -> Float[Tensor, "batch units"]:
        """Every unit asked once, one after the other, each seeing what those before it have become.

        Inside a block of units the fields are F + L (s' - s), with F from the states before the block, s' the states
        after it and L the links from earlier units to later ones. L is strictly triangular, so putting s' into the
        fields and the fields into s' until nothing changes ends at the one answer, that of asking in turn.
        """
        s = s.T.clone(
            memory_format=torch.contiguous_format
        )  # one row turned is the same memory: it must stay as it was
        for units in order.split(_BLOCK):
            links = self.weight.index_select(0, units)
            old = s.index_select(0, units)
            fields = torch.addmm(self.bias.index_select(0, units)[:, None], links, s)
            earlier = links.index_select(1, units).tril(-1)
            stay, one, new = old * self.slack, old.new_ones(()), old
            while True:
                asked = torch.copysign(one, torch.addmm(fields, earlier, new - old).add_(stay))  # as `_signs`
                if torch.equal(asked, new):
                    break
                new = asked
            s.index_copy_(0, units, new)
        return s.T

    def settle(self, s: Tensor, update: Update, max_sweeps: int) -> Iterator[Float[Tensor, "batch units"]]:
        """The states after each sweep, until none of them changes, or each swings between two."""
        n_units = s.shape[1]
        before, moving = s, torch.arange(len(s), device=s.device)
        for _ in range(max_sweeps):
            now = s.index_select(0, moving)
            if update == "synchronous":
                new = self.once(now)
                # The same as two sweeps ago: the row has come to rest, or will swing for ever.
                going = (new != now).any(1) & (new != before.index_select(0, moving)).any(1)
            else:
                # Drawn on the CPU, so that a seed orders the units alike on every device.
                order = torch.randperm(n_units) if update == "random" else torch.arange(n_units)
                new = self.in_turn(now, order.to(s.device))
                going = (new != now).any(1)
            if bool((new == now).all()):
                return
            before, s = s, s.index_copy(0, moving, new)
            yield s
            moving = moving[going]
            if not len(moving):
                return


class DenseHopfieldModule(nn.Module):
    """Patterns that vote.

    Args:
        n_units: Numbers of a pattern.
        n_patterns: Patterns to hold.
    """

    patterns: Tensor
    strength: Tensor
    beta: Tensor
    grey: Tensor

    def __init__(self, n_units: int, n_patterns: int = 0) -> None:
        super().__init__()
        self.coding = CodingModule()
        self.register_buffer("patterns", torch.zeros(n_patterns, n_units))
        self.register_buffer("strength", torch.zeros(n_patterns))
        self.register_buffer("beta", torch.ones(()))
        self.register_buffer("grey", torch.zeros(()))
        self.state, self.attention, self.field = Stage(), Stage(), Stage()
        self.energy, self.overlap = Stage(), Stage()

    def forward(self, rows: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """One step, from the caller's numbers to the caller's numbers."""
        s = self.state(self.code(rows))
        p = self.attention(self.votes(s).softmax(1))
        h = self.field(p @ self.patterns)
        self.energy(self.energies(s))
        self.overlap(self.overlaps(s))
        return self.answer(h)

    def code(self, rows: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """The states that rows stand for: two-valued where two values were stored, grey where grey was."""
        return torch.where(self.grey > 0, self.coding.grey(rows), self.coding(rows))

    def answer(self, state: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """What states stand for."""
        two_valued = torch.where(state > 0, 1.0, -1.0).to(state.dtype)
        return self.coding.back(torch.where(self.grey > 0, state, two_valued))

    def votes(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, "batch patterns"]:
        """beta (xi·s - |xi|² / 2), and the logarithm of how often a pattern was stored."""
        return (s @ self.patterns.T - self.patterns.square().sum(1) / 2) * self.beta + self.strength.log()

    def energies(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, "batch"]:
        """E = -1/beta ln sum exp(votes) + |s|² / 2."""
        return s.square().sum(1) / 2 - self.votes(s).logsumexp(1) / self.beta

    def overlaps(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, "batch patterns"]:
        """The cosine of the angle to each pattern; for states of -1 and 1, s·xi / N."""
        lengths = s.norm(dim=1)[:, None] * self.patterns.norm(dim=1)
        return s @ self.patterns.T / lengths.clamp(min=torch.finfo(s.dtype).tiny)

    def once(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, "batch units"]:
        """One step, the states then made two-valued where the patterns are."""
        return self.code(self.answer(self.votes(s).softmax(1) @ self.patterns))

    def settle(self, s: Tensor, update: Update, max_sweeps: int) -> Iterator[Float[Tensor, "batch units"]]:
        """The states after each step, until none moves by more than rounding."""
        for _ in range(max_sweeps):
            new = self.votes(s).softmax(1) @ self.patterns
            still = bool((new - s).abs().max() <= 16 * torch.finfo(s.dtype).eps)
            s = new
            yield s
            if still:
                return


class OneUnitModule(nn.Module):
    """One turn of the asynchronous network: a unit asked, the others left.

    Args:
        network: The network.
    """

    def __init__(self, network: HopfieldModule) -> None:
        super().__init__()
        self.network = network

    def forward(self, state: Float[Tensor, "batch units"], unit: Int[Tensor, "1"]) -> Float[Tensor, "batch units"]:
        """States of -1 and 1 in, the same states out but for that unit."""
        network = self.network
        links, old = network.weight.index_select(1, unit), state.index_select(1, unit)
        field = state @ links + network.bias.index_select(0, unit)
        return state.index_copy(1, unit, _signs(field, old, network.slack))


def _signs(fields: Tensor, states: Tensor, slack: Tensor) -> Tensor:
    """The sign of each field; where it is no more than rounding, the state as it was."""
    return torch.copysign(torch.ones_like(fields), fields + slack * states)
