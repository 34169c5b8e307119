"""Networks in cell notation: circles in five hues, each kind with a second sign that needs no colour.

Input cells have a heavy lower rim, output cells an outer ring, recurrent and memory cells a loop on top, kernels and
convolutions a dashed rim, hidden cells none of these. Inside stands the chart's own mark: nothing, a ring, a triangle.
"""

import itertools
import math

from neurarium.chart import Layers
from neurarium.core.card import Cell, Links
from neurarium.tour.page.markup import Markup, element, join

HUES: dict[Cell, str] = {
    Cell.BACKFED_INPUT: "input",
    Cell.INPUT: "input",
    Cell.NOISY_INPUT: "input",
    Cell.HIDDEN: "hidden",
    Cell.PROBABILISTIC_HIDDEN: "hidden",
    Cell.SPIKING_HIDDEN: "hidden",
    Cell.OUTPUT: "output",
    Cell.MATCH_INPUT_OUTPUT: "output",
    Cell.RECURRENT: "recurrent",
    Cell.MEMORY: "recurrent",
    Cell.DIFFERENT_MEMORY: "recurrent",
    Cell.KERNEL: "kernel",
    Cell.CONVOLUTION_OR_POOL: "kernel",
}
_RINGS = (
    Cell.BACKFED_INPUT,
    Cell.PROBABILISTIC_HIDDEN,
    Cell.MATCH_INPUT_OUTPUT,
    Cell.MEMORY,
    Cell.CONVOLUTION_OR_POOL,
)
_TRIANGLES = (Cell.NOISY_INPUT, Cell.SPIKING_HIDDEN, Cell.DIFFERENT_MEMORY)
_ECHOES = ((0, 2), (1, 4), (3, 2), (0, 1))  # the same few in every drawing
_RADIUS, _COLUMN, _ROW, _MARGIN = 8.0, 44.0, 25.0, 14.0

_TALL = 7  # cells that stand in one column

Point = tuple[float, float]


def definitions() -> Markup:
    """Every kind of cell, drawn once; the drawings use them."""
    cells = (element("g", *_cell(kind), id=_id(kind)) for kind in Cell)
    return element("svg", element("defs", *cells), width=0, height=0, aria_hidden="true", class_="definitions")


def _id(kind: Cell) -> str:
    return "cell-" + word(kind)


def word(kind: Cell) -> str:
    """A kind of cell as one word."""
    return kind.value.replace(" ", "-")


def _cell(kind: Cell) -> list[Markup]:
    hue, r = HUES[kind], _RADIUS
    parts = []
    if hue == "output":
        parts.append(element("circle", r=r + 3, class_="rim"))
    if hue == "recurrent":
        parts.append(element("path", d=f"M-4 {-r + 1}C-9 {-r - 8} 9 {-r - 8} 4 {-r + 1}", class_="rim"))
    parts.append(element("circle", r=r, class_=f"cell {hue}"))
    if hue == "input":
        parts.append(
            element("path", d=f"M{-r * 0.87:.1f} {r / 2}A{r} {r} 0 0 0 {r * 0.87:.1f} {r / 2}", class_="heavy")
        )
    if kind in _RINGS:
        parts.append(element("circle", r=3.6, class_=f"mark {hue}-mark"))
    if kind in _TRIANGLES:
        parts.append(element("path", d="M0 -4.4L4 2.8H-4Z", class_=f"mark {hue}-mark"))
    return parts


def one_cell(kind: Cell) -> Markup:
    """A single cell, for the legend."""
    return element(
        "svg", element("use", href=f"#{_id(kind)}"), viewBox="-14 -18 28 32", class_="one", aria_hidden="true"
    )


def drawing(layers: Layers, links: Links, **label: object) -> Markup:
    """A network as the chart draws it.

    Args:
        layers: Kind and number of cells of each column.
        links: How they are joined.
        label: What a screen reader says, as attributes; none where the name stands beside it.
    """
    columns = _on_a_ring(layers) if links == "complete" else _in_columns(layers)
    points = [point for _, column in columns for point in column]
    cells = [
        element("use", href=f"#{_id(kind)}", x=f"{x:.0f}", y=f"{y:.0f}") for kind, column in columns for x, y in column
    ]
    joined = element("path", d=_links(columns, links), class_="links")
    width = max(x for x, _ in points) + _RADIUS + _MARGIN / 2
    height = max(y for _, y in points) + _RADIUS + _MARGIN / 2
    seen = {"role": "img", **label} if label else {"aria_hidden": "true"}
    return element("svg", joined, join(*cells), viewBox=f"0 0 {width:.0f} {height:.0f}", class_="net", **seen)


def _in_columns(layers: Layers) -> list[tuple[Cell, list[Point]]]:
    tallest = max(_height(number) for _, number in layers)
    columns, x = [], _MARGIN
    for kind, number in layers:
        rows = _height(number)
        top = _MARGIN + _RADIUS + (tallest - rows) * _ROW / 2
        points = [(x + cell // rows * _ROW, top + cell % rows * _ROW) for cell in range(number)]
        columns.append((kind, points))
        x = points[-1][0] + _COLUMN
    return columns


def _height(number: int) -> int:
    """Rows of a layer: a tall one is folded into a block."""
    return number if number <= _TALL else math.ceil(math.sqrt(number))


def _on_a_ring(layers: Layers) -> list[tuple[Cell, list[Point]]]:
    """All cells on one circle, kind after kind."""
    total = sum(number for _, number in layers)
    radius = max(26.0, total * 5.5)
    centre = radius + _RADIUS + _MARGIN / 2
    columns, turn = [], 0
    for kind, number in layers:
        angles = [2 * math.pi * (turn + step) / total - math.pi / 2 for step in range(number)]
        columns.append((kind, [(centre + radius * math.cos(a), centre + radius * math.sin(a)) for a in angles]))
        turn += number
    return columns


def _links(columns: list[tuple[Cell, list[Point]]], links: Links) -> str:
    """The path of all links."""
    points = [point for _, column in columns for point in column]
    if links == "complete":
        return "".join(_line(a, b) for place, a in enumerate(points) for b in points[place + 1 :])
    pairs = list(itertools.pairwise(columns))
    lines = [_line(a, b) for (_, one), (_, two) in pairs for a in one for b in two]
    middle = [column for _, column in columns[1:-1]]
    if links == "self":
        lines += [_bow(a, b) for column in middle for a, b in itertools.pairwise(column)]
    if links == "random":
        lines += [_bow(column[a], column[b]) for column in middle for a, b in _ECHOES if max(a, b) < len(column)]
    if links == "direct":
        lines += [_over(a, b) for a in columns[0][1][:1] for b in columns[-1][1][:1]]
    return "".join(lines)


def _line(a: Point, b: Point) -> str:
    return f"M{a[0]:.0f} {a[1]:.0f}L{b[0]:.0f} {b[1]:.0f}"


def _bow(a: Point, b: Point) -> str:
    """A link inside a column, bent so that it does not hide behind the cells between."""
    side = 12 if b[1] > a[1] else -12
    return f"M{a[0]:.0f} {a[1]:.0f}Q{a[0] + side:.0f} {(a[1] + b[1]) / 2:.0f} {b[0]:.0f} {b[1]:.0f}"


def _over(a: Point, b: Point) -> str:
    """A link from the first column over the others to the last."""
    return f"M{a[0]:.0f} {a[1]:.0f}C{a[0] + 20:.0f} 0 {b[0] - 20:.0f} 0 {b[0]:.0f} {b[1]:.0f}"
