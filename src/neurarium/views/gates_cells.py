"""What the look "gates" computes: every part of the cells at every step, the sums behind it, and what follows."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from neurarium.networks._recurrent import RecurrentModule
from neurarium.networks._recurrent_cells import State
from neurarium.program.loop import Loop
from neurarium.views.numbers import picked

ORDER = ("forget", "input", "candidate", "cell", "output", "reset", "update", "hidden")
"""Parts of cells in the order in which the lecture explains them."""


def parts_of(recurrent: RecurrentModule) -> list[str]:
    """The parts of its cells, in the lecture's order; for a GRU the candidate stands behind its gates."""
    order = ("reset", "update", "candidate", "hidden") if "reset" in recurrent.cell.seen else ORDER
    return [name for name in order if name in recurrent.cell.seen]


class Turn(nn.Module):
    """One step of all layers, in which one part of some cells is held fast.

    Args:
        recurrent: The layers.
    """

    def __init__(self, recurrent: RecurrentModule) -> None:
        super().__init__()
        self.recurrent, self.parts = recurrent, parts_of(recurrent)

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """The state after the step, and (layers, parts, units) every part of the cells.

        Args:
            given: The state, (layers, 1, units) each; x(t), (1, in); the number of the part that is held, -1 for none;
                what it is held at; and (layers, units) whose.
        """
        n = len(self.recurrent.cell.states)
        state, (x, part, value, whose) = given[:n], given[n:]
        after: list[list[Tensor]] = [[] for _ in state]
        seen = []
        for number, layer in enumerate(self.recurrent.layers):

            def held(name: str, free: Tensor, number: int = number) -> Tensor:
                return torch.where(whose[number] & (part == self.parts.index(name)), value, free)

            values = layer.turn(x, tuple(each[number] for each in state), held)
            for parts, name in zip(after, self.recurrent.cell.states, strict=True):
                parts.append(values[name])
            seen.append(torch.cat([values[name] for name in self.parts]))
            x = values["hidden"]
        return (*map(torch.stack, after), torch.stack(seen))


class Hold:
    """Which part of which cells is held, and at what.

    Args:
        part: The number of the part, -1 for none.
        value: What it is held at.
        whose: (layers, units) the cells.
    """

    def __init__(self, part: Tensor, value: Tensor, whose: Tensor) -> None:
        self.part, self.value, self.whose = part, value, whose

    @property
    def shared(self) -> tuple[Tensor, Tensor, Tensor]:
        """What all turns of a loop are given."""
        return self.part, self.value, self.whose


class Cells(nn.Module):
    """The cells of a network that reads one sequence.

    Args:
        recurrent: The layers, in eval mode.
        turns: Steps.
        units: The units that can be looked at, by their numbers.
    """

    units: Tensor

    def __init__(self, recurrent: RecurrentModule, turns: int, units: Sequence[int]) -> None:
        super().__init__()
        self.recurrent, self.parts = recurrent, parts_of(recurrent)
        self.loop = Loop(Turn(recurrent), states=len(recurrent.cell.states), sequences=1, turns=turns)
        self.register_buffer("units", torch.tensor(list(units)))

    def hold(self, hold: Tensor, value: Tensor, everywhere: Tensor, layer: Tensor, unit: Tensor) -> Hold:
        """What the controls mean by it: `hold` counts the parts from 1, 0 being none."""
        layers, units = len(self.recurrent.layers), self.recurrent.n_units
        mine = torch.arange(units) == picked(self.units, unit)
        whose = (mine | everywhere) & (torch.arange(layers) == layer)[:, None]
        return Hold(hold - 1, value, whose)

    def free(self) -> Hold:
        """Nothing is held."""
        whose = torch.zeros(len(self.recurrent.layers), self.recurrent.n_units, dtype=torch.bool)
        return Hold(torch.tensor(-1), torch.tensor(0.0), whose)

    def read(self, x: Tensor, start: State, hold: Hold) -> Tensor:
        """(time, layers, parts, units) every part of the cells, from (time, in) inputs."""
        *_, seen = self.loop(*start, x[:, None], *hold.shared)
        return seen

    def outputs(self, seen: Tensor) -> Tensor:
        """(time, units) h of the last layer."""
        return seen[:, -1, self.parts.index("hidden")]

    def before(self, seen: Tensor, start: State) -> dict[str, Tensor]:
        """(time, layers, units) the states before each step, by name."""
        states = zip(self.recurrent.cell.states, start, strict=True)
        return {
            name: torch.cat([first.transpose(0, 1), seen[:-1, :, self.parts.index(name)]]) for name, first in states
        }

    def look(
        self, x: Tensor, start: State, seen: Tensor, *, layer: Tensor, unit: Tensor, t: Tensor, part: Tensor
    ) -> dict[str, Tensor]:
        """What is shown of the cells.

        Returns:
            By the name of a part what it is in the chosen cell at step t; under "NAME_x", "NAME_h", "NAME_b" and
            "NAME_p" what input, last output, bias and peephole add to its sum; under "cell_before" and "hidden_before"
            the states it came from; "cell" (parts,); "curves" (parts, time); and of the chosen part "units_by_time".
        """
        unit = picked(self.units, unit)
        here = picked(seen, layer, 1)
        mine = picked(here, unit, 2)
        now = picked(mine, t)
        states = self.before(seen, start)
        numbers = {name: now[number] for number, name in enumerate(self.parts)}
        numbers |= {
            f"{name}_before": picked(picked(picked(each, layer, 1), unit, 1), t) for name, each in states.items()
        }
        field = picked(here, part, 1).index_select(1, self.units)
        # One cell that has counted far would make all others pale.
        limit, most = (2.5 * field.square().mean().sqrt()).clamp(min=1), mine.abs().amax().clamp(min=1)
        return {
            **numbers,
            **self._sums(x, seen, states, layer, unit, t),
            "in_the_cell": now,
            "curves": mine.T,
            "units_by_time": field.T,
            "units_limits": torch.stack([-limit, limit]),
            "cell_limits": torch.stack([-most, most]),
            "coloured": picked(mine, part, 1),
        }

    def _sums(
        self, x: Tensor, seen: Tensor, states: dict[str, Tensor], layer: Tensor, unit: Tensor, t: Tensor
    ) -> dict[str, Tensor]:
        """What each gate of a cell adds up at a step, of the layer that is looked at."""
        layers = [self._layer_sums(number, x, seen, states, unit, t) for number in range(len(self.recurrent.layers))]
        return {name: picked(torch.stack([each[name] for each in layers]), layer) for name in layers[0]}

    def _layer_sums(
        self, number: int, x: Tensor, seen: Tensor, states: dict[str, Tensor], unit: Tensor, t: Tensor
    ) -> dict[str, Tensor]:
        layer, cell = self.recurrent.layers[number], self.recurrent.cell
        given = x if number == 0 else seen[:, number - 1, self.parts.index("hidden")]
        n, x_t, h = self.recurrent.n_units, picked(given, t), picked(states["hidden"][:, number], t)
        W, U = (picked(each.unflatten(0, (-1, n)), unit, 1) for each in (layer.W, layer.U))
        b = picked(layer.b.unflatten(0, (-1, n)), unit, 1)
        by_x, by_h = (W * x_t).sum(1), (U * h).sum(1)
        sums: dict[str, Tensor] = {}
        for block, name in enumerate(cell.blocks):
            sums |= {f"{name}_x": by_x[block], f"{name}_h": by_h[block], f"{name}_b": b[block]}
        if layer.p is not None:
            c = {"output": seen[:, number, self.parts.index("cell")]}
            for gate, p in zip(cell.peepholes, picked(layer.p, unit, 1).unbind(), strict=True):
                cells = c.get(gate, states["cell"][:, number])
                sums[f"{gate}_p"] = p * picked(picked(cells, unit, 1), t)
        if layer.d is not None:
            sums["candidate_d"] = picked(layer.d, unit)
        elif "reset" in cell.blocks:  # before the product with U
            r = picked(seen[:, number, self.parts.index("reset")], t)
            sums["candidate_h"] = (U[cell.blocks.index("candidate")] * r * h).sum()
        return sums


def likely(probability: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """The n largest of some probabilities, and which they are."""
    left, codes = probability, []
    for _ in range(n):
        codes.append(left.argmax())
        left = torch.where(torch.arange(len(left)) == codes[-1], -1.0, left)
    found = torch.stack(codes)
    return probability.index_select(0, found), found
