"""A network's layers as the chart draws them: columns of circles, some for all where there are many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurarium.core.card import Card, Cell
from neurarium.views.wiring import Layer

MOST = 8
"""Cells of a layer that are drawn."""
_GAP = 1.5
_WIDEST, _NARROWEST = 6.0, 4.0

HUES: Mapping[Cell, str] = {
    Cell.BACKFED_INPUT: "input/ring",
    Cell.INPUT: "input",
    Cell.NOISY_INPUT: "input/triangle",
    Cell.HIDDEN: "hidden",
    Cell.PROBABILISTIC_HIDDEN: "hidden/ring",
    Cell.SPIKING_HIDDEN: "hidden/triangle",
    Cell.OUTPUT: "output",
    Cell.MATCH_INPUT_OUTPUT: "output/ring",
    Cell.RECURRENT: "recurrent",
    Cell.MEMORY: "recurrent/ring",
    Cell.DIFFERENT_MEMORY: "recurrent/triangle",
    Cell.KERNEL: "kernel",
    Cell.CONVOLUTION_OR_POOL: "kernel/ring",
}
"""The chart's cells as a scene draws them."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """The cells of a layer that are drawn.

    Attributes:
        layer: Whose.
        units: (n,) which.
        x, y: (n,) where.
        kind: Of the chart.
    """

    layer: Layer
    units: NDArray[np.int64]
    x: NDArray[np.floating]
    y: NDArray[np.floating]
    kind: str


def draw(layers: Sequence[Layer], liveliest: Mapping[Layer, NDArray[np.int64]], card: Card | None) -> list[Drawn]:
    """Places for cells: a column for each depth, layers of one depth below each other.

    Args:
        layers: Of the network.
        liveliest: Of each layer the units, those first that are to be drawn first.
        card: Of the chart, for the kinds of cells; None for a network that is not on it.
    """
    columns: dict[int, list[Layer]] = {}
    for layer in layers:
        columns.setdefault(layer.depth, []).append(layer)
    shown = {layer: np.sort(liveliest[layer][:MOST]) for layer in layers}
    heights = {depth: sum(len(shown[each]) + _GAP for each in column) - _GAP for depth, column in columns.items()}
    tallest = max(heights.values())
    wide = min(_WIDEST, max(_NARROWEST, 1.5 * tallest / len(columns)))  # a telephone shows three columns whole
    drawn = []
    for depth, column in sorted(columns.items()):
        y = (tallest - heights[depth]) / 2
        for layer in column:
            count = len(shown[layer])
            places = y + np.arange(count)
            x = np.full(count, depth * wide)
            drawn.append(Drawn(layer, shown[layer], x, tallest - places, _kind(layer, layers, card)))
            y += count + _GAP
    return drawn


def _kind(layer: Layer, layers: Sequence[Layer], card: Card | None) -> str:
    """The kind of a layer's cells: the chart's at that place, or by what the layer does."""
    inputs = [each for each in layers if not each.enters]
    deepest = max(each.depth for each in layers)
    kinds = [kind for kind, _ in card.layers] if card is not None else []
    if not layer.enters:
        first = kinds[0] if kinds else Cell.INPUT
        return HUES[first] if layer is inputs[0] or not any("state" in each.name for each in inputs) else "recurrent"
    if layer.depth == deepest:
        return HUES[kinds[-1]] if kinds else "output"
    if len(kinds) > 2:
        middle = kinds[1:-1]
        return HUES[middle[min(len(middle) - 1, (layer.depth - 1) * len(middle) // max(1, deepest - 1))]]
    return "kernel" if len(layer.shape) > 1 else "hidden"
