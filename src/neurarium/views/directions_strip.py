"""A strip of recurrent layers, one way or two ways, and the slopes of one output in everything below it.

With f the states that go on with time and g those that come back from the end,

    f_l(t) = tanh(W x(t) + U f_l(t-1) + b),    g_l(t) = tanh(P x(t) + Q g_l(t+1) + c),    y(t) = v·[f(t), g(t)],

x being the input for the first layer and [f, g] of the layer below for the others, as in torch.nn.RNN. One way there is
no g. What does not move y(t) at all, slope 0, does not reach it.

Source: "Bidirectional recurrent neural networks" (Schuster and Paliwal, 1997).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.views.numbers import picked

STEPS, DEPTH, UNITS, FEATURES = 8, 3, 3, 2
FEW = 3
"""Steps of the lecture's sentence, "I like icecream"."""
_WIDE, _ASIDE = 1.6, 0.5  # from step to step; how far the cells on the way back stand aside
_FAINT = 0.08  # how strongly a wire is drawn that is not lit


class _Turn(nn.Module):
    """A step of both ways of a layer."""

    def forward(self, h: Tensor, driven: Tensor, there: Tensor, U: Tensor) -> tuple[Tensor, Tensor]:
        """(2, 1, units) the states after it, twice; 0 outside of the sequence."""
        h = torch.tanh(driven + h @ U.mT) * there
        return h, h


class _TurnBack(nn.Module):
    """The same step on the way back from the output."""

    def forward(self, carried: Tensor, added: Tensor, h: Tensor, there: Tensor, U: Tensor) -> tuple[Tensor, ...]:
        """(2, 1, units) the slopes in the states before it; those in the states after it, and in what drove them."""
        slope = (carried + added) * there
        driven = slope * (1 - h * h)
        return driven @ U, slope, driven


class Slopes(nn.Module):
    """The output at a step, and its slopes in the inputs and in all states."""

    def __init__(self) -> None:
        super().__init__()
        self.on = Loop(_Turn(), states=1, sequences=2, turns=STEPS)
        self.back = Loop(_TurnBack(), states=1, sequences=3, turns=STEPS)

    def forward(
        self, x: Tensor, W: Tensor, U: Tensor, b: Tensor, v: Tensor, there: Tensor, at: Tensor, top: Tensor, two: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What each of the two ways adds to the output, (2, steps, units) states of the first layer, and the slopes.

        Args:
            x: (steps, features) inputs.
            W, U, b: (depth, 2, units, 2 units), (depth, 2, units, units) and (depth, 2, units) weights.
            v: (2 units,) of the output.
            there: (steps,) 1 up to the end.
            at: (steps,) 1 at the step of the output.
            top: (depth,) 1 at the last layer.
            two: () 1 for two ways.
        """
        heard = torch.stack([torch.ones_like(two), two])[:, None, None]  # of each way
        inside, start = _turns(there[None, :, None].expand(2, -1, 1)), torch.zeros(2, 1, UNITS)
        below, states = x, []
        for layer in range(DEPTH):
            driven = below @ W[layer, :, :, : below.shape[1]].mT + b[layer, :, None]
            states.append(self.on(start, _turns(driven), inside, U[layer])[1])
            below = torch.cat(list(_ways(states[-1]) * heard), 1)
        asked = (v * at[:, None]).view(STEPS, 2, UNITS).transpose(0, 1) * heard
        parts = torch.stack([(_ways(h) * asked * top[layer]).sum((1, 2)) for layer, h in enumerate(states)]).sum(0)
        slopes, above = [], torch.zeros_like(asked)
        for layer in reversed(range(DEPTH)):
            added = _turns(asked * top[layer] + above).flip(0)
            _, slope, driven = self.back(start, added, states[layer].flip(0), inside.flip(0), U[layer])
            slopes.append(_ways(slope.flip(0)))
            below = (_ways(driven.flip(0)) @ W[layer]).sum(0)
            above = below.view(STEPS, 2, UNITS).transpose(0, 1) * heard
        return parts, _ways(states[0]), below[:, :FEATURES], torch.stack(slopes[::-1])


def _turns(ways: Tensor) -> Tensor:
    """(steps, 2, 1, n) what both ways meet turn by turn, from (2, steps, n) in the order of time."""
    return torch.stack([ways[0], ways[1].flip(0)], 1)[:, :, None]


def _ways(turns: Tensor) -> Tensor:
    """(2, steps, n) in the order of time again."""
    return torch.stack([turns[:, 0, 0], turns[:, 1, 0].flip(0)])


@dataclass(frozen=True)
class Drawing:
    """A strip as it is drawn: inputs below, outputs on top, time from left to right.

    Attributes:
        steps: How long it is.
        nodes: Which of inputs, states (layer, way, step) and outputs, counted through.
        x, y, kinds: Where they are, and of which kind.
        starts, ends: (links,) numbers of `nodes` that a wire leads from and to.
    """

    steps: int
    nodes: list[int]
    x: list[float]
    y: list[float]
    kinds: list[str]
    starts: list[int]
    ends: list[int]

    @property
    def rows(self) -> list[tuple[float, str]]:
        """Where the rows of states are, and what they are called with the way they go."""
        heights = dict.fromkeys(y for y, kind in zip(self.y, self.kinds, strict=True) if kind == "recurrent")
        two = len(set(self.x)) > self.steps
        return [(y, "g ←" if two and number % 2 else "f →") for number, y in enumerate(heights)]


def drawing(depth: int, two: bool, steps: int) -> Drawing:
    """The strip of so many layers and steps, one way or two ways."""
    places: dict[tuple[int, int], tuple[int, float, str]] = {(0, 0): (0, 0.0, "input")}  # by level and way
    for layer in range(depth):
        for way in range(1 + two):
            number = (1 + 2 * layer + way) * STEPS
            places[layer + 1, way] = number, (1.4 + 0.9 * two) * (layer + 1) + 0.9 * (way - two), "recurrent"
    top = max(height for _, height, _ in places.values()) + 1.4
    places[depth + 1, 0] = (1 + 2 * DEPTH) * STEPS, top, "output"
    nodes = [number + step for number, _, _ in places.values() for step in range(steps)]
    wires = []
    for (level, way), (number, _, kind) in places.items():
        below = [each for (under, _), (each, _, _) in places.items() if under == level - 1]
        wires += [(each + step, number + step) for each in below for step in range(steps)]
        if kind == "recurrent":
            on = [(number + step, number + step + 1) for step in range(steps - 1)]
            wires += on if way == 0 else [(end, start) for start, end in on]
    return Drawing(
        steps,
        nodes,
        [_WIDE * step + _ASIDE * way for _, way in places for step in range(steps)],
        [height for _, height, _ in places.values() for _ in range(steps)],
        [kind for _, _, kind in places.values() for _ in range(steps)],
        [nodes.index(start) for start, _ in wires],
        [nodes.index(end) for _, end in wires],
    )


LAYOUTS = [drawing(depth + 1, bool(two), steps) for steps in (FEW, STEPS) for two in (0, 1) for depth in range(DEPTH)]
"""By the number "layout"."""


class Directions(nn.Module):
    """What reaches an output."""

    def __init__(self) -> None:
        super().__init__()
        self.slopes = Slopes()

    def forward(
        self,
        seed: Tensor,
        ways: Tensor,
        t: Tensor,
        length: Tensor,
        depth: Tensor,
        strength: Tensor,
        masked: Tensor,
        asked: Tensor,
        inputs: Tensor,
        W: Tensor,
        U: Tensor,
        b: Tensor,
        v: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown.

        Args:
            seed: Which inputs and weights.
            ways: 0 for one way, 1 for two.
            t: Step of the output, taken to be the last one where the sequence is shorter.
            length: Steps of the sequence.
            depth: Layers.
            strength: What the wires in time are multiplied by.
            masked: Whether the network reads up to the step of the output alone.
            asked: An input whose slope is told.
            inputs, W, U, b, v: (seeds, ...) numbers of `_Slopes`.
        """
        steps = torch.arange(STEPS)
        now = torch.minimum(t, length - 1)
        end = torch.where(masked, now + 1, length)
        at, there = (steps == now).float(), (steps < end).float()
        x, W, U, b, v = (picked(each, seed) for each in (inputs, W, U, b, v))
        top = (torch.arange(DEPTH) == depth - 1).float()
        parts, first, by_input, by_state = self.slopes(x, W, strength * U, b, v, there, at, top, ways.float())
        sizes = by_input.square().sum(1).sqrt()
        reached, lit = (sizes > 0).float(), (by_state.abs().sum(3) > 0).float()
        far = ((1 + (steps - now).abs()) * reached).argmax()
        return {
            **_lit(torch.cat([reached, lit.flatten(), at])),
            **_first_unit(picked(x, now), W, strength * U, b, first, now),
            "layout": 2 * DEPTH * (length > FEW) + ways * DEPTH + depth - 1,
            "words": torch.arange(FEW) + FEW * (seed > 0),
            "story": torch.where(
                (seed == 0) & (length == FEW) & (now == 1), torch.where(end > FEW - 1, 1 + ways, 1), 0
            ),
            "last": (length - 1).clamp(min=1),
            "now": now,
            "sizes": torch.where(sizes > 0, sizes, torch.nan),
            "reached": reached.sum().long(),
            "past": (reached * (steps < now)).sum().long(),
            "future": (reached * (steps > now)).sum().long(),
            "reads": end,
            "far": far,
            "far_share": picked(sizes, far) / picked(sizes, now),
            "part_f": parts[0],
            "part_g": parts[1],
            "y": parts.sum(),
            "slope": picked(sizes, asked),
        }


def _lit(lit: Tensor) -> dict[str, Tensor]:
    """For each layout what is lit of its cells and of its wires: those between two lit cells."""
    found: dict[str, Tensor] = {}
    for code, each in enumerate(LAYOUTS):
        cells = lit.index_select(0, torch.tensor(each.nodes))
        both = cells.index_select(0, torch.tensor(each.starts)) * cells.index_select(0, torch.tensor(each.ends))
        found |= {f"cells_{code}": cells, f"wires_{code}": both.clamp(min=_FAINT)}
    return found


def _first_unit(x: Tensor, W: Tensor, U: Tensor, b: Tensor, states: Tensor, now: Tensor) -> dict[str, Tensor]:
    """What the first unit of the first layer adds up at a step, each way."""
    padded = nn.functional.pad(states, (0, 0, 1, 1))  # 0 before the start and behind the end
    found: dict[str, Tensor] = {}
    for way, name in enumerate("fg"):
        other = picked(padded[way], now + 2 * way)
        heard = (W[0, way, 0, :FEATURES] * x).sum() + b[0, way, 0]
        kept = (U[0, way, 0] * other).sum()
        found |= {f"{name}_heard": heard, f"{name}_kept": kept, f"{name}_now": torch.tanh(heard + kept)}
    return found
