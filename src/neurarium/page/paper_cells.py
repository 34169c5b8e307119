"""Cells of the chart and the links between them, on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Arc, Ellipse, FancyArrowPatch, Polygon
from numpy.typing import NDArray

from neurarium.page import paper_colours as palette
from neurarium.page.marks import Cells, Links
from neurarium.page.paper_pen import MANY, Look, Pen

_WIDEST = 3.0
_RIMS: dict[str, Any] = {"kernel": (0, (2.5, 1.5))}


def draw_cells(pen: Pen, mark: Cells, depth: float) -> None:
    """Circles, in the hue of their family or the colour of their number."""
    x, y = pen.row(mark.x), pen.row(mark.y)
    kinds = [mark.kinds] * len(x) if isinstance(mark.kinds, str) else list(mark.kinds)
    fills: Sequence[Any] = [palette.HUES[kind.split("/")[0]] for kind in kinds]
    if mark.value is not None:
        fills = list(pen.fill(mark, pen.row(mark.value, len(x))))
    stretch = pen.stretch()
    wide, high = (mark.radius, mark.radius * stretch) if stretch < 1 else (mark.radius / stretch, mark.radius)
    marked = pen.marked(mark.highlight, len(x))
    names = pen.texts(mark.labels)
    for number, (kind, fill) in enumerate(zip(kinds, fills, strict=True)):
        family, _, sign = kind.partition("/")
        rim = 2.2 if number in marked else 0.7
        place = _Place(pen, x[number], y[number], wide, high, depth)
        place.circle(1, facecolor=fill, edgecolor=palette.INK, linewidth=rim, linestyle=_RIMS.get(family, "-"))
        place.family(family)
        if sign == "ring":
            place.circle(0.55, fill=False, edgecolor=palette.INK, linewidth=0.7)
        if sign == "triangle":
            place.triangle()
        if number < len(names) and len(names) <= MANY:
            side = -1 if family == "input" else 1
            side_x = x[number] + side * 1.45 * wide
            pen.name(side_x, y[number], names[number], ha="left" if side > 0 else "right", va="center")


@dataclass(frozen=True)
class _Place:
    """A cell's place: its middle, and its half width and half height in units of the plot."""

    pen: Pen
    x: float
    y: float
    wide: float
    high: float
    depth: float

    def circle(self, share: float, **how: Any) -> None:
        size = 2 * self.wide * share, 2 * self.high * share
        self.pen.ax.add_patch(Ellipse((self.x, self.y), *size, zorder=self.depth, clip_on=False, **how))

    def family(self, family: str) -> None:
        """What tells the families apart without colour."""
        ink: Look = {"color": palette.INK, "zorder": self.depth, "clip_on": False}
        if family == "input":
            arc = Arc((self.x, self.y), 2 * self.wide, 2 * self.high, theta1=200, theta2=340, linewidth=2.4, **ink)
            self.pen.ax.add_patch(arc)
        if family == "output":
            self.circle(1.28, fill=False, edgecolor=palette.INK, linewidth=0.7)
        if family == "recurrent":
            above = self.x, self.y + 1.15 * self.high
            size = 0.9 * self.wide, 0.9 * self.high
            self.pen.ax.add_patch(Arc(above, *size, theta1=-35, theta2=215, linewidth=0.9, **ink))

    def triangle(self) -> None:
        angles = np.deg2rad([90, 210, 330])
        corners = np.c_[self.x + 0.6 * self.wide * np.cos(angles), self.y + 0.6 * self.high * np.sin(angles)]
        how: Look = {"fill": False, "edgecolor": palette.INK, "linewidth": 0.7, "clip_on": False}
        self.pen.ax.add_patch(Polygon(corners, zorder=self.depth, **how))


def draw_links(pen: Pen, mark: Links, depth: float) -> None:
    """Lines, the strongest in front."""
    weight = pen.row(mark.weight)
    ends = np.stack([pen.row(each, len(weight)) for each in (mark.x0, mark.y0, mark.x1, mark.y1)], -1)
    given = None if mark.limits is None else pen.numbers(mark.limits)
    most = max(map(abs, palette.limits("signed", weight, given)))
    drawn = [n for n in np.argsort(np.abs(weight), kind="stable") if np.isfinite(weight[n]) and weight[n]]
    widths = 0.25 + (_WIDEST - 0.25) * np.minimum(np.abs(weight) / most, 1)
    for negative in (False, True):
        some = [n for n in drawn if (weight[n] < 0) == negative]
        straight = [n for n in some if not np.array_equal(ends[n, :2], ends[n, 2:])]
        if straight and not mark.arrows:
            lines = list(ends[straight].reshape(-1, 2, 2))
            colour, dashes = _look(negative)
            how: Look = {"colors": colour, "linestyles": [dashes], "linewidths": widths[straight]}
            pen.ax.add_collection(LineCollection(lines, zorder=depth, **how))
        for n in straight if mark.arrows else []:
            _arrow(pen, ends[n], widths[n], negative, depth)
        for n in set(some) - set(straight):
            _loop(pen, ends[n], widths[n], negative, depth)


def _look(negative: bool) -> tuple[str, Any]:
    """The colour and the dashes of a sign."""
    return (palette.NEGATIVE, (0, (3, 1.6))) if negative else (palette.POSITIVE, "-")


def _arrow(pen: Pen, ends: NDArray[Any], width: float, negative: bool, depth: float) -> None:
    colour, dashes = _look(negative)
    arrow = FancyArrowPatch(
        tuple(ends[:2]), tuple(ends[2:]), arrowstyle="-|>", mutation_scale=5 + 2 * width, linewidth=width,
        linestyle=dashes, color=colour, shrinkA=0, shrinkB=0, zorder=depth,
    )  # fmt: skip
    pen.ax.add_patch(arrow)


def _loop(pen: Pen, ends: NDArray[Any], width: float, negative: bool, depth: float) -> None:
    """A link from a place to itself: a circle that stands on it."""
    stretch = pen.stretch()
    left, right = pen.ax.get_xlim()
    size = 0.07 * abs(right - left)
    colour, dashes = _look(negative)
    look: Look = {"edgecolor": colour, "linewidth": width, "fill": False}
    middle = ends[0], ends[1] + size * stretch / 2
    pen.ax.add_patch(Ellipse(middle, size, size * stretch, linestyle=dashes, zorder=depth, **look))
