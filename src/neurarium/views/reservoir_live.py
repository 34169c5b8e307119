"""The live modules of the look "reservoir": a reservoir whose radius, leak and strength of input can be turned."""

import math
from typing import Any

import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.networks._reservoir import ReservoirModule, segment_means
from neurarium.program.loop import Loop
from neurarium.views.numbers import picked
from neurarium.views.reservoir_rows import Heard

FADED = 1e-3
"""Of the first distance of two states: below it their starts count as forgotten."""
_SMALLEST = 1e-17
_DENSE = 20_000  # products of a step with a whole matrix: a hundred steps from two starts take a page 10 ms
_SPARSE = 5_000  # of a step that picks the units that are heard: fifty steps from two starts take as long
_DEARER = 16  # times a picked product is dearer


class Links(nn.Module):
    """The links of a reservoir as a page can afford them, at radius 1.

    Args:
        reservoir: Whose links. Those of one with too many are replaced by those among its first units, scaled to
            radius 1.

    Attributes:
        n_units: How many units there are.
    """

    weight: Tensor
    sources: Tensor

    def __init__(self, reservoir: ReservoirModule) -> None:
        super().__init__()
        n, k = reservoir.link_weight.shape
        self.sparse = n * k <= _SPARSE and n * n > min(_DENSE, _DEARER * n * k)
        self.n_units = n
        if self.sparse:
            self.register_buffer("sources", reservoir.sources.long())
            self.register_buffer("weight", reservoir.link_weight.double())
            return
        whole = torch.zeros(n, n, dtype=torch.float64).scatter(
            1, reservoir.sources.long(), reservoir.link_weight.double()
        )
        if n * n > _DENSE:
            self.n_units = int(_DENSE**0.5)
            whole = whole[: self.n_units, : self.n_units]
            largest = torch.linalg.eigvals(whole).abs().max()
            whole = whole / torch.where(largest > 0, largest, 1)
        self.register_buffer("weight", whole.contiguous())

    def forward(self, states: Float[Tensor, "batch units"], weight: Tensor) -> Float[Tensor, "batch units"]:
        """What the units hear of each other; `weight` are the links times the radius."""
        return (states[:, self.sources] * weight).sum(-1) if self.sparse else states @ weight.T

    def one(self, states: Float[Tensor, "time units"], unit: Tensor) -> Float[Tensor, "time"]:
        """What one unit hears of the others, at radius 1."""
        heard = states.index_select(1, picked(self.sources, unit)) if self.sparse else states
        return heard @ picked(self.weight, unit)


class Turn(nn.Module):
    """One step of a reservoir from several states under the same input.

    Args:
        links: Between its units.
    """

    def __init__(self, links: Links) -> None:
        super().__init__()
        self.links = links

    def forward(self, x: Tensor, driven: Tensor, weight: Tensor, leak: Tensor) -> tuple[Tensor, Tensor]:
        """The states after it, twice: to go on from, and as an answer."""
        x = (1 - leak) * x + leak * torch.tanh(driven + self.links(x, weight))
        return x, x


class LiveReservoir(nn.Module):
    """What is seen of a reservoir that hears a sequence, and how two starts of it come together.

    Args:
        network: A fitted module with `scaling`, `reservoir` and `read_out`.
        heard: What it hears.
        eigenvalues: (n,) complex, of its links at radius 1.
        drawn: Units that are drawn at most.
    """

    mean: Tensor
    scale: Tensor
    input_weight: Tensor
    bias: Tensor
    start: Tensor
    drive: Tensor
    real: Tensor
    imaginary: Tensor

    def __init__(self, network: Any, heard: Heard, eigenvalues: NDArray[Any], drawn: int) -> None:
        super().__init__()
        reservoir = network.reservoir
        self.links = Links(reservoir)
        self.n_units, self.turns = self.links.n_units, heard.samples.shape[1]
        self.drawn = min(drawn, self.n_units)
        self.steps = Loop(Turn(self.links), states=1, sequences=1, turns=self.turns)
        drive = heard.drive[: 50 * _SPARSE // reservoir.link_weight.numel()] if self.links.sparse else heard.drive
        self.race = Loop(Turn(self.links), states=1, sequences=1, turns=len(drive))
        n, mean, scale = self.n_units, network.scaling.mean.double(), network.scaling.scale.double()
        for name, each in (
            ("mean", mean),
            ("scale", scale),
            ("input_weight", reservoir.input_weight[:n].double()),
            ("bias", reservoir.bias[:n].double()),
            ("start", heard.start[:, :n].double()),
            ("drive", (drive - mean) / scale),
            ("real", torch.from_numpy(eigenvalues.real.copy())),
            ("imaginary", torch.from_numpy(eigenvalues.imag.copy())),
        ):
            self.register_buffer(name, each.detach().clone())

    def forward(
        self,
        sample: Tensor,
        samples: Tensor,
        sample_steps: Tensor,
        t: Tensor,
        unit: Tensor,
        radius: Tensor,
        leak: Tensor,
        strength: Tensor,
        noise: Tensor,
        memory_radii: Tensor,
        capacity: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown of one of some sequences, (n, time, inputs), of which each has so many steps."""
        rows, last = picked(samples, sample), picked(sample_steps, sample) - 1
        radius, leak, strength = radius.double(), leak.double(), strength.double()
        u = (rows - self.mean) / self.scale
        x, driven = self.run(u, radius, leak, strength)
        there = torch.arange(self.turns) <= last
        now = torch.minimum(t, last)
        return {
            "now": now,
            "sequence": torch.where(there[:, None], rows, torch.nan).T,
            "states": torch.where(there[:, None], x[:, : self.drawn], 0.0).T,
            **self.one(x, driven, unit, now, there, radius),
            **self.spectrum(radius, leak),
            **self.two(noise, radius, leak, strength),
            **self.memory(radius, memory_radii, capacity),
            **self.answers(x, u, now, last, there),
        }

    def run(
        self, u: Float[Tensor, "time inputs"], radius: Tensor, leak: Tensor, strength: Tensor
    ) -> tuple[Float[Tensor, "time units"], Float[Tensor, "time units"]]:
        """The states, and what reaches each unit of the inputs."""
        driven = strength * (u @ self.input_weight.T)
        _, states = self.steps(self.start, driven + self.bias, radius * self.links.weight, leak)
        return states[:, 0], driven

    def one(
        self, x: Tensor, driven: Tensor, unit: Tensor, now: Tensor, there: Tensor, radius: Tensor
    ) -> dict[str, Tensor]:
        """The state of one unit over time, and the sum that it comes from."""
        before = torch.cat([self.start, x[:-1]])
        parts = torch.stack([picked(x, unit, 1), picked(driven, unit, 1), radius * self.links.one(before, unit)])
        here = picked(parts, now, 1)
        return {
            "curves": torch.where(there, parts, torch.nan),
            "state_now": here[0],
            "state_before": picked(picked(before, unit, 1), now),
            "driven_now": here[1],
            "echo_now": here[2],
            "bias_now": picked(self.bias, unit),
        }

    def spectrum(self, radius: Tensor, leak: Tensor) -> dict[str, Tensor]:
        """The eigenvalues of a step where tanh has slope 1, 1 - a + a r λ; the disc that they fill; how many grow."""
        x, y = 1 - leak + leak * radius * self.real, leak * radius * self.imaginary
        size = x.square() + y.square()
        return {
            "eigen_x": x,
            "eigen_y": y,
            "eigen_largest": size.amax().sqrt(),
            "eigen_outside": (size > 1).sum(),
            "keeps": 1 - leak,
        }

    def two(self, noise: Tensor, radius: Tensor, leak: Tensor, strength: Tensor) -> dict[str, Tensor]:
        """How far two states are apart that hear the same, root mean square over the units."""
        starts = 2 * noise.double()[:, : self.n_units] - 1
        driven = strength * (self.drive @ self.input_weight.T) + self.bias
        _, states = self.race(starts, driven, radius * self.links.weight, leak)
        pairs = torch.cat([starts[None], states])
        distance = (pairs[:, 0] - pairs[:, 1]).square().mean(1).sqrt().clamp(min=_SMALLEST)
        return {
            "distance": distance,
            "power": (distance[-1] / distance[0]).log() / math.log(10),
            "fades": (distance[-1] < FADED * distance[0]).long(),
        }

    def memory(self, radius: Tensor, radii: Tensor, capacity: Tensor) -> dict[str, Tensor]:
        """Which of the radii whose memory was worked out is nearest."""
        frame = (radii - radius).abs().argmin()
        return {"frame": frame, "frame_radius": picked(radii, frame), "frame_capacity": picked(capacity, frame)}

    def answers(self, x: Tensor, u: Tensor, now: Tensor, last: Tensor, there: Tensor) -> dict[str, Tensor]:
        """What the read-out makes of the states: nothing, where some of the units that it reads are not run."""
        return {}


class PooledReservoir(LiveReservoir):
    """The same of a network that answers a whole sequence: what it would say if the sequence ended here."""

    weight: Tensor
    constant: Tensor
    shares: Tensor

    def __init__(self, network: Any, heard: Heard, eigenvalues: NDArray[Any], drawn: int) -> None:
        super().__init__(network, heard, eigenvalues, drawn)
        first, turns = network.washout, self.turns
        ends = torch.arange(1, turns + 1).clamp(min=first + 1)
        # What the means over segments make of 1 at one step and 0 at all others is the share of that step.
        steps = torch.eye(turns, dtype=torch.float64).expand(turns, turns, turns)
        self.register_buffer("shares", segment_means(steps, ends, network.n_segments, first).transpose(0, 1))
        self.register_buffer("weight", network.read_out.weight.detach().double().unflatten(1, (network.n_segments, -1)))
        self.register_buffer("constant", network.read_out.bias.detach().double())
        self.first = first

    def answers(self, x: Tensor, u: Tensor, now: Tensor, last: Tensor, there: Tensor) -> dict[str, Tensor]:
        """(answers, time) what is read from the first 1, 2, ... steps."""
        seen = torch.cat([x, u], 1)
        parts = self.shares @ torch.stack(
            [seen @ each.T for each in self.weight.unbind(1)]
        )  # (segments, time, answers)
        said = parts.sum(0) + self.constant
        end = picked(said, last)
        return {
            "said": torch.where((there & (torch.arange(self.turns) >= self.first))[:, None], said, torch.nan).T,
            "winner": end.argmax(),
            "winner_score": end.amax(),
            "end": end[0],
        }


class StepReservoir(LiveReservoir):
    """The same of a network that answers at every step."""

    weight: Tensor
    constant: Tensor

    def __init__(self, network: Any, heard: Heard, eigenvalues: NDArray[Any], drawn: int) -> None:
        super().__init__(network, heard, eigenvalues, drawn)
        self.register_buffer("weight", network.read_out.weight.detach().double())
        self.register_buffer("constant", network.read_out.bias.detach().double())

    def read(self, x: Tensor, u: Tensor) -> Tensor:
        """(time, answers) at each step."""
        return torch.cat([x, u], 1) @ self.weight.T + self.constant

    def answers(self, x: Tensor, u: Tensor, now: Tensor, last: Tensor, there: Tensor) -> dict[str, Tensor]:
        """(answers, time) at each step."""
        said = self.read(x, u)
        return {"said": torch.where(there[:, None], said, torch.nan).T, "said_now": picked(said, now)[0]}


class ForecastReservoir(StepReservoir):
    """The same of a network that says the next value of a series."""

    after: Tensor

    def __init__(self, network: Any, heard: Heard, eigenvalues: NDArray[Any], drawn: int) -> None:
        super().__init__(network, heard, eigenvalues, drawn)
        self.settled = heard.settled
        self.register_buffer("after", heard.after)

    def answers(self, x: Tensor, u: Tensor, now: Tensor, last: Tensor, there: Tensor) -> dict[str, Tensor]:
        """(features, 2, time) what came next and what was expected, and how wrong that was."""
        expected = self.read(x, u) * self.scale + self.mean
        wrong = ((expected - self.after) / self.scale)[self.settled :]
        return {"said": torch.stack([self.after.T, expected.T], 1), "error": wrong.square().mean().sqrt()}
