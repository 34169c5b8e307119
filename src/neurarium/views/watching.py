"""The network that a page runs to show every unit: its answers, its links and the sum of a chosen unit."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.views.diagram import MOST, Drawn
from neurarium.views.numbers import picked
from neurarium.views.wiring import Layer, Wiring

TOP = 10
"""Terms of a sum that are shown: those that weigh most."""
SPELT = 3
"""Terms that the formula spells out."""
MANY = 64
"""Numbers that come out beyond which they are a picture and not bars."""


class Watched(nn.Module):
    """A network with all of its layers as outputs.

    For layer l: `values_l` (units,) the units' answers, of maps those at their middle; `cells_l` those drawn; `grid_l`
    all of a large one; `maps_l` of one with maps. For the chosen unit of the chosen layer: `top` the largest products
    of a weight and what enters there, `named` which they are, `weight_k` and `enters_k` of the first of them, `rest` of
    the other products, `bias` of what is no such product, `sum` and `says`.

    Args:
        wiring: Of the network.
        drawn: Its layers as they are drawn.
        banks: For each input (rows, ...) from which the row is taken, or None for the one that is drawn by hand.
    """

    counts: Tensor
    widths: Tensor
    starts: Tensor

    def __init__(self, wiring: Wiring, drawn: Sequence[Drawn], banks: Sequence[Tensor | None]) -> None:
        super().__init__()
        self.wiring, self.drawn = wiring, list(drawn)
        self.summing = [number for number, each in enumerate(self.drawn) if each.layer.enters]
        for number, bank in enumerate(banks):
            self.register_buffer(f"bank_{number}", bank)
        for number, each in enumerate(self.drawn):
            self.register_buffer(f"units_{number}", torch.as_tensor(each.units))
        self.links: list[tuple[int, int]] = []
        for number in self.summing:
            layer = self.drawn[number].layer
            weights = wiring.weights(layer, range(layer.units))
            self.register_buffer(f"weights_{number}", weights)
            for place, source in enumerate(self.drawn):
                between = between_units(layer, source.layer, wiring, weights)
                if between is not None:
                    chosen = between[self.drawn[number].units][:, source.units]
                    self.register_buffer(f"between_{place}_{number}", chosen)
                    self.links.append((place, number))
        widths = [getattr(self, f"weights_{number}").shape[1] for number in self.summing]
        self.register_buffer("widths", torch.tensor(widths))
        self.register_buffer("starts", torch.tensor([0, *widths[:-1]]).cumsum(0))
        self.register_buffer("counts", torch.tensor([self.drawn[number].layer.units for number in self.summing]))
        self.largest = Loop(_Largest(), states=1, sequences=0, turns=min(TOP, max(widths)))

    def forward(self, row: Tensor, layer: Tensor, unit: Tensor, flow: Tensor) -> dict[str, Tensor]:
        """All that is shown, for a row of the banks."""
        given = [picked(getattr(self, f"bank_{number}"), row) for number in range(len(self.wiring.inputs))]
        return self.look(given, layer, unit, flow)

    def look(self, given: Sequence[Tensor], layer: Tensor, unit: Tensor, flow: Tensor) -> dict[str, Tensor]:
        """All that is shown, for inputs."""
        given = [one.reshape(example.shape) for one, example in zip(given, self.wiring.inputs, strict=True)]
        seen = self.wiring.watch(given)
        answer = seen[self.wiring.answer]
        values = [_values(each.layer, seen[each.layer.active]) for each in self.drawn]
        shown: dict[str, Tensor] = {"x": given[self.wiring.heard_at].reshape(-1), "answer": answer.reshape(-1)}
        if answer.numel() > MANY:
            shown["answer_grid"] = _grid(shown["answer"])
        if answer.numel() == given[0].numel():
            shown["picture_out"] = answer.reshape(given[0].shape[-2:]) if answer.dim() > 2 else _square(answer)
        for number, each in enumerate(self.drawn):
            shown[f"values_{number}"] = values[number]
            shown[f"cells_{number}"] = values[number][getattr(self, f"units_{number}")]
            if each.layer.units > 2 * MOST:
                shown[f"grid_{number}"] = _grid(values[number])
            if len(each.layer.shape) == 3:
                shown[f"maps_{number}"] = seen[each.layer.active].reshape(each.layer.shape)
        largest = torch.cat([shown[f"cells_{number}"] for number in range(len(self.drawn))]).abs().max()
        shown["scale"] = torch.stack([-largest, largest])
        for place, number in self.links:
            flowing = torch.where(flow, values[place][getattr(self, f"units_{place}")], 1.0)
            shown[f"links_{place}_{number}"] = (getattr(self, f"between_{place}_{number}") * flowing).reshape(-1)
        entering = [torch.cat([seen[node].reshape(-1) for node in self.drawn[n].layer.enters]) for n in self.summing]
        sums = [_values(self.drawn[number].layer, seen[self.drawn[number].layer.total]) for number in self.summing]
        says = [values[number] for number in self.summing]
        return shown | self._sum(entering, sums, says, layer, unit)

    def _sum(
        self, entering: list[Tensor], sums: list[Tensor], says: list[Tensor], layer: Tensor, unit: Tensor
    ) -> dict[str, Tensor]:
        """The sum of one unit of one layer, taken apart; those of other layers are padded with zeros beside it."""
        unit = torch.minimum(unit, picked(self.counts, layer) - 1)
        chosen = [unit.clamp(max=len(each) - 1) for each in sums]
        rows = [picked(getattr(self, f"weights_{n}"), each) for n, each in zip(self.summing, chosen, strict=True)]
        widest = max(len(each) for each in entering)
        x, w = (
            picked(torch.stack([nn.functional.pad(each, (0, widest - len(each))) for each in several]), layer)
            for several in (entering, rows)
        )
        products = w * x
        _, named = self.largest(products.abs())
        top = products[named]
        total = picked(torch.stack([picked(z, each) for z, each in zip(sums, chosen, strict=True)]), layer)
        answered = picked(torch.stack([picked(a, each) for a, each in zip(says, chosen, strict=True)]), layer)
        real = named < picked(self.widths, layer)
        shown = {
            "top": top,
            "named": torch.where(real, named + picked(self.starts, layer), -1),
            "rest": products.sum() - top[:SPELT].sum(),
            "bias": total - products.sum(),
            "sum": total,
            "says": answered,
            "the_unit": unit,
        }
        for term in range(min(SPELT, len(top))):
            shown[f"weight_{term}"], shown[f"enters_{term}"] = w[named][term], x[named][term]
        return shown


class WatchedPicture(Watched):
    """The same for a picture that is drawn by hand."""

    def forward(self, picture: Tensor, layer: Tensor, unit: Tensor, flow: Tensor) -> dict[str, Tensor]:
        """All that is shown, for a picture."""
        return self.look([picture], layer, unit, flow)


class _Largest(nn.Module):
    """One turn of a search for the largest numbers, one after the other."""

    def forward(self, left: Float[Tensor, "numbers"]) -> tuple[Tensor, Tensor]:
        """Those that are left, the one just found replaced by -1, and which it was."""
        best = left.argmax()
        return torch.where(torch.arange(len(left)) == best, -1.0, left), best


def between_units(layer: Layer, source: Layer, wiring: Wiring, weights: Tensor) -> Tensor | None:
    """(units, units of the source) weights between units, summed over the places of a map; None where it hears none."""
    start = 0
    for node in layer.enters:
        size = node.meta["val"].numel()
        if source in wiring.heard(node) and size % source.units == 0:
            return weights[:, start : start + size].reshape(len(weights), source.units, -1).sum(-1)
        start += size
    return None


def _values(layer: Layer, answers: Tensor) -> Tensor:
    return answers.reshape(layer.units, -1)[:, layer.middle]


def _square(answer: Tensor) -> Tensor:
    side = math.isqrt(answer.numel())
    return answer.reshape(side, side) if side**2 == answer.numel() else answer.reshape(1, -1)


def _grid(values: Tensor) -> Tensor:
    """Numbers as a nearly square matrix, row by row; free places at the end are no numbers."""
    columns = math.ceil(math.sqrt(len(values)))
    rows = math.ceil(len(values) / columns)
    free = torch.full((rows * columns - len(values),), math.nan)
    return torch.cat([values, free]).reshape(rows, columns)
