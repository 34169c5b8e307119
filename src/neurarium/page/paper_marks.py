"""The marks of a plot on paper."""

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from neurarium.page import paper_colours as palette
from neurarium.page.marks import Cells, Hull, Links, Plotted, Points, Raster, Scale, Series, Words
from neurarium.page.paper_cells import draw_cells, draw_links
from neurarium.page.paper_pen import MANY, Look, Pen
from neurarium.page.paper_text import MM, SMALL, width, words

_PIXEL = 72 / 96


def reach(pen: Pen, mark: Plotted) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The places that a mark needs to be in view, along x and along y."""
    match mark:
        case Cells():
            x, y, r = pen.row(mark.x), pen.row(mark.y), mark.radius * 1.5
            return np.r_[x - r, x + r], np.r_[y - r, y + r]
        case Links():
            return np.r_[pen.row(mark.x0), pen.row(mark.x1)], np.r_[pen.row(mark.y0), pen.row(mark.y1)]
        case Series():
            curves, x = curves_of(pen, mark)
            bands = [pen.row(each) for each in (mark.low, mark.high) if each is not None]
            return x, np.concatenate([curves.ravel(), *bands])
        case Points():
            used = _used(pen, mark)
            return pen.row(mark.x)[used], pen.row(mark.y)[used]
        case Raster():
            left, right, bottom, top = mark.extent
            return np.array([left, right]), np.array([bottom, top])
        case Hull() | Words():
            return pen.row(mark.x), pen.row(mark.y)


def beside(pen: Pen, mark: Plotted) -> list[tuple[float, float]]:
    """The places along x that have a name beside them, with its millimetres: below 0 for a name to the left."""
    if isinstance(mark, Words):
        halves = [width(text, SMALL) / 2 + 0.5 for text in pen.texts(mark.text)]
        return [(at, side * half) for at, half in zip(pen.row(mark.x), halves, strict=False) for side in (-1, 1)]
    names = pen.texts(mark.labels) if isinstance(mark, Cells | Points) else []
    if not isinstance(mark, Cells | Points) or len(names) > MANY:
        return []
    sizes = [width(name, SMALL) + 1.5 if name else 0.0 for name in names]
    x = pen.row(mark.x)
    if isinstance(mark, Points):
        used = _used(pen, mark)
        sizes = [size + mark.size * MM / 96 if there else 0.0 for size, there in zip(sizes, used, strict=False)]
        return list(zip(x.tolist(), sizes, strict=False))
    kinds = [mark.kinds] * len(x) if isinstance(mark.kinds, str) else mark.kinds
    sides = [-1 if kind.startswith("input") else 1 for kind in kinds]
    return [(at + 1.45 * side * mark.radius, side * size) for at, side, size in zip(x, sides, sizes, strict=False)]


def draw(pen: Pen, mark: Plotted, depth: float) -> None:
    """Draw a mark, in front of those of less depth."""
    match mark:
        case Cells():
            draw_cells(pen, mark, depth)
        case Links():
            draw_links(pen, mark, depth)
        case Series():
            _series(pen, mark, depth)
        case Points():
            _points(pen, mark, depth)
        case Raster():
            _raster(pen, mark, depth)
        case Hull():
            _hull(pen, mark, depth)
        case Words():
            for x, y, text in zip(pen.row(mark.x), pen.row(mark.y), pen.texts(mark.text), strict=False):
                pen.name(x, y, text, ha="center", va="center")


def legend(pen: Pen, mark: Plotted) -> list[tuple[Any, str]]:
    """What the names of a mark's curves or classes stand for."""
    if isinstance(mark, Series) and mark.names is not None:
        curves, _ = curves_of(pen, mark)
        return [
            (Line2D([], [], **_stroke(mark, number, len(curves))), name)
            for number, name in zip(range(len(curves)), pen.texts(mark.names), strict=False)
        ]
    if isinstance(mark, Points) and mark.group is not None and mark.groups is not None:
        there = set(pen.row(mark.group)[_used(pen, mark)].astype(int))
        return [(_shape(number), name) for number, name in enumerate(pen.texts(mark.groups)) if number in there]
    return []


def valued(pen: Pen, mark: Any) -> tuple[Scale, tuple[float, float]] | None:
    """The scale of numbers that a mark shows by colour, with its ends; None for none."""
    value = mark.data if isinstance(mark, Raster) else getattr(mark, "value", None)
    if isinstance(mark, Series | Links | Words) or value is None or mark.scale in ("classes", "ink"):
        return None
    return mark.scale, pen.limits(mark, pen.numbers(value))


# Curves and points.


def curves_of(pen: Pen, mark: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The curves, (k, n), and their places, (n,)."""
    curves = np.atleast_2d(pen.numbers(mark.y))
    return curves, np.arange(curves.shape[1], dtype=float) if mark.x is None else pen.row(mark.x, curves.shape[1])


def _stroke(mark: Series, number: int, of: int) -> Look:
    """How one of several curves is drawn: in colour and dash, or in colour and shape."""
    colour = palette.POSITIVE if of == 1 else palette.class_colour(number)
    if mark.style == "dots":
        shape = palette.class_shape(number)
        return {"color": colour, "linestyle": "none", "marker": shape, "markersize": 3.5, "markeredgewidth": 0}
    dashes = palette.DASHES[(number + number // len(palette.CLASSES)) % len(palette.DASHES)]
    return {"color": colour, "linestyle": dashes, "linewidth": 1.2}


def _series(pen: Pen, mark: Series, depth: float) -> None:
    curves, x = curves_of(pen, mark)
    if mark.low is not None and mark.high is not None:
        band = pen.row(mark.low, len(x)), pen.row(mark.high, len(x))
        look: Look = {"step": "mid"} if mark.style == "step" else {}
        pen.ax.fill_between(x, *band, color=palette.POSITIVE, alpha=0.18, linewidth=0, zorder=depth, **look)
    for number, curve in enumerate(curves):
        drawstyle = "steps-mid" if mark.style == "step" else "default"
        pen.ax.plot(x, curve, drawstyle=drawstyle, zorder=depth, **_stroke(mark, number, len(curves)))
    if mark.cursor is not None:
        at = float(pen.numbers(mark.cursor).item())
        pen.ax.axvline(at, color=palette.INK, linewidth=0.9, linestyle=(0, (1, 1)), zorder=depth)


def _used(pen: Pen, mark: Points) -> NDArray[np.bool_]:
    n = len(pen.row(mark.x))
    return np.ones(n, bool) if mark.used is None else pen.row(mark.used, n) != 0


def _shape(group: int) -> Line2D:
    look: Look = {"markeredgecolor": palette.INK, "markeredgewidth": 0.4, "markersize": 5}
    return Line2D(
        [], [], color=palette.class_colour(group), marker=palette.class_shape(group), linestyle="none", **look
    )


def _points(pen: Pen, mark: Points, depth: float) -> None:
    used = _used(pen, mark)
    n = len(used)
    x, y = pen.row(mark.x, n), pen.row(mark.y, n)
    size = (2 * mark.size * _PIXEL) ** 2
    rim: Look = {"edgecolors": palette.INK, "linewidths": 0.4 if mark.size >= 3 else 0.15}
    groups = np.zeros(n, int) if mark.group is None else pen.row(mark.group, n).astype(int)
    fills = np.array([[*map(float, (0.25, 0.25, 0.25, 1))]] * n)
    if mark.value is not None:
        fills = pen.fill(mark, pen.row(mark.value, n))
    elif mark.group is not None:
        fills = palette.colours("classes", groups, (0, 1))
    for group in np.unique(groups[used]):
        some = used & (groups == group)
        shape = palette.class_shape(group) if mark.group is not None else "o"
        pen.ax.scatter(x[some], y[some], s=size, marker=shape, c=fills[some], zorder=depth, **rim)
    if mark.ring is not None:
        some = used & (pen.row(mark.ring, n) != 0)
        wider = (2 * (mark.size + 3) * _PIXEL) ** 2
        pen.ax.scatter(x[some], y[some], s=wider, facecolors="none", edgecolors=palette.INK, linewidths=1, zorder=depth)
    names = pen.texts(mark.labels)
    away = (mark.size + 2) / 96 * 72
    for number in np.flatnonzero(used)[:MANY] if len(names) <= MANY or used.sum() <= MANY else []:
        if number < len(names):
            _beside(pen, x[number], y[number], names[number], away)


def _beside(pen: Pen, x: float, y: float, text: str, away: float) -> None:
    (left, right), (low, high) = pen.ax.get_xlim(), pen.ax.get_ylim()
    if text and left <= x <= right and low <= y <= high:
        how: Look = {"xytext": (away, 0), "textcoords": "offset points", "va": "center", "zorder": 30}
        rim = [withStroke(linewidth=2, foreground=palette.GROUND)]
        pen.ax.annotate(text, (x, y), color=palette.INK, path_effects=rim, **how, **words(SMALL, text))


# Fields and shapes.


def _raster(pen: Pen, mark: Raster, depth: float) -> None:
    data = pen.numbers(mark.data)
    rgba = pen.fill(mark, mark.data)
    if mark.scale == "classes":
        rgba = _paler(rgba)
    pen.ax.imshow(rgba, extent=mark.extent, origin="lower", aspect="auto", interpolation="nearest", zorder=depth)
    if mark.levels:
        left, right, bottom, top = mark.extent
        h, w = data.shape
        x = left + (np.arange(w) + 0.5) * (right - left) / w
        y = bottom + (np.arange(h) + 0.5) * (top - bottom) / h
        within = [level for level in sorted(mark.levels) if np.nanmin(data) < level < np.nanmax(data)]
        if within and min(h, w) > 1:
            styles = ["--" if level < 0 else "-" for level in within]
            pen.ax.contour(
                x, y, data, levels=within, colors=palette.INK, linestyles=styles, linewidths=0.8, zorder=depth
            )


def _paler(rgba: NDArray[Any]) -> NDArray[Any]:
    """Half way to the ground, so that what stands before it can be seen."""
    return np.concatenate([0.5 + rgba[..., :3] / 2, rgba[..., 3:]], -1)


def _hull(pen: Pen, mark: Hull, depth: float) -> None:
    corners = np.stack([np.atleast_2d(pen.numbers(mark.x)), np.atleast_2d(pen.numbers(mark.y))], -1)
    shapes = [each[np.isfinite(each).all(1)] for each in corners]
    fills: list[Any] = ["none" if mark.closed else palette.INK] * len(shapes)
    if mark.value is not None:
        fills = list(pen.fill(mark, pen.row(mark.value, len(shapes))))
    elif mark.group is not None:
        groups = palette.colours("classes", pen.row(mark.group, len(shapes)), (0, 1))
        fills = list(_paler(groups) if mark.closed else groups)
    marked = pen.marked(mark.highlight, len(shapes))
    order = [n for n in [*(n for n in range(len(shapes)) if n not in marked), *marked] if len(shapes[n])]
    widths = [2.0 if n in marked else 0.5 if mark.closed else 0.8 for n in order]
    how: Look = {"linewidths": widths, "zorder": depth}
    drawn, colours = [shapes[n] for n in order], [fills[n] for n in order]
    if mark.closed:
        pen.ax.add_collection(PolyCollection(drawn, facecolors=colours, edgecolors=palette.INK, **how))
    else:
        pen.ax.add_collection(LineCollection(drawn, colors=colours, **how))
    for number, name in zip(range(len(shapes)), pen.texts(mark.labels), strict=False):
        if len(shapes[number]):
            x, y = shapes[number].mean(0)
            ink = palette.INK if isinstance(fills[number], str) else palette.ink_on(fills[number])
            pen.write(x, y, name, ha="center", va="center", color=ink)
