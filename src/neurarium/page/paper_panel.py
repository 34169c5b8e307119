"""One panel on paper: its axes, its legend and colour bar, and its marks, in a box of the figure."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.legend import Legend
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from neurarium.page import paper_alone, paper_marks
from neurarium.page import paper_colours as palette
from neurarium.page.marks import Alone, Bars, Matrix, Plotted, Raster, Scale, Series
from neurarium.page.paper_pen import Pen
from neurarium.page.paper_text import MM, PLAIN, SMALL, font, height, shorten, width, words, wrap
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text, entry

Box = tuple[float, float, float, float]
"""Left and lower edge, width and height, in shares of the figure."""

_HIGH = {"small": 44.0, "medium": 54.0, "wide": 56.0}
_TALLEST = 80.0
_BAR = 14.0  # millimetres for a colour bar with its numbers


def room(pen: Pen, panel: Panel, wide: float) -> float:
    """How high a panel wants to be without its title, in millimetres, if it is so wide."""
    mark = panel.marks[0]
    inner = wide - (_BAR if _scale(pen, panel) else 0)
    if isinstance(mark, Alone):
        return paper_alone.room(pen, mark, inner) + (height(1, SMALL) + 3 if panel.x is not None else 0)
    if not panel.square:
        return _HIGH[panel.size]
    (left, right), (low, high) = _across(pen, panel, inner), _range(pen, panel, 1)
    decoration = 13.0 if panel.x is not None else 0.0
    return min((inner - decoration) * (high - low) / (right - left) + decoration, _TALLEST)


def draw_panel(pen: Pen, panel: Panel, box: Box | None = None) -> None:
    """Draw a panel.

    Args:
        pen: What draws, with the axes.
        panel: What is drawn.
        box: What the axes must keep to with all that belongs to them; None where they stay, and carry the title.
    """
    if box is not None:
        pen.ax.set_position(box)
    else:
        _title(pen, panel)
    mark = panel.marks[0]
    aside = _BAR if box and _scale(pen, panel) else 0.0
    if isinstance(mark, Alone):
        _alone(pen, panel, mark, aside, box)
    else:
        _plot(pen, panel, aside, box)


def _plot(pen: Pen, panel: Panel, aside: float, box: Box | None) -> None:
    """Marks with common axes; `aside` millimetres are the colour bar's."""
    ax = pen.ax
    wide, _ = _size(ax)
    ax.set(xlim=_across(pen, panel, wide - aside), ylim=_range(pen, panel, 1))
    _scales(pen, panel)
    _axis(pen, panel.x, 0, whole=any(isinstance(mark, Series) and mark.x is None for mark in panel.marks))
    _axis(pen, panel.y, 1)
    _legend(pen, panel, wide - 12 if box else wide)
    ax.apply_aspect()
    _bar(pen, panel, _size(ax)[0])
    _fit(ax, box)
    limits = ax.get_xlim(), ax.get_ylim()
    for depth, each in enumerate(_plotted(panel)):
        paper_marks.draw(pen, each, 2 + depth)
    ax.set(xlim=limits[0], ylim=limits[1])


def _alone(pen: Pen, panel: Panel, mark: Alone, aside: float, box: Box | None) -> None:
    """A mark that stands alone, at the left of its box."""
    wide, high = _size(pen.ax)
    inner = paper_alone.breadth(pen, mark, wide - aside, high)
    paper_alone.draw(pen, mark, wide - aside, high)
    _bar(pen, panel, inner)
    if isinstance(mark, Matrix | Bars):
        _axis(pen, panel.x, 0, named=isinstance(mark, Bars) or mark.columns is not None)
        _axis(pen, panel.y, 1, named=isinstance(mark, Bars) or mark.rows is not None)
        _fit(pen.ax, box and (*box[:2], box[2] * (inner + aside) / wide, box[3]))
    elif box is not None:
        pen.ax.set_position((*box[:2], box[2] * inner / wide, box[3]))


def _plotted(panel: Panel) -> list[Plotted]:
    """The marks of a plot; none of a panel with a mark that stands alone."""
    return [mark for mark in panel.marks if not isinstance(mark, Alone)]


def _size(ax: Axes) -> tuple[float, float]:
    """The size of axes in millimetres."""
    box = ax.get_window_extent()
    dpi = ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    return box.width / dpi * MM, box.height / dpi * MM


def _title(pen: Pen, panel: Panel) -> None:
    wide, _ = _size(pen.ax)
    lines = wrap(pen.scene.fill(panel.title, pen.language), wide, PLAIN, bold=True)
    above = 3 + 11 * len(_rows_of_legend(pen, panel, wide))
    text = "\n".join(lines)
    pen.ax.set_title(text, loc="left", pad=above, color=palette.INK, **words(PLAIN, text, bold=True))


def _fit(ax: Axes, box: Box | None) -> None:
    """Make the axes so small that their numbers and names, legend and colour bar stay in the box."""
    ax.apply_aspect()
    if box is None:
        return
    made = ax.get_figure(root=True)
    whole = Bbox.from_bounds(*box)
    for _ in range(2):
        tight = ax.get_tightbbox().transformed(made.transFigure.inverted())  # type: ignore[union-attr]
        own = ax.get_window_extent().transformed(made.transFigure.inverted())  # type: ignore[union-attr]
        left, low = whole.x0 + max(own.x0 - tight.x0, 0), whole.y0 + max(own.y0 - tight.y0, 0)
        right, top = whole.x1 - max(tight.x1 - own.x1, 0), whole.y1 - max(tight.y1 - own.y1, 0)
        ax.set_position((left, low, max(right - left, 0.02), max(top - low, 0.02)))
        ax.apply_aspect()


# Axes.


def _range(pen: Pen, panel: Panel, along: int) -> tuple[float, float]:
    """The ends of an axis: those that are given, else those of the marks with some room around them."""
    axis = panel.y if along else panel.x
    places = np.concatenate([paper_marks.reach(pen, mark)[along] for mark in _plotted(panel)])
    log = axis is not None and axis.log
    places = places[np.isfinite(places) & ((places > 0) | (not log))]
    low, high = (float(places.min()), float(places.max())) if len(places) else (0.0, 1.0)
    if log:
        low, high = low / 1.1 if low > 0 else 0.1, high * 1.1
    elif not any(isinstance(mark, Raster) for mark in panel.marks):
        more = 0.04 * (high - low) or 0.5
        if any(isinstance(mark, Series) for mark in panel.marks) and along == 0:
            more *= 0.3
        low, high = low - more, high + more
    if axis is not None and axis.ticks is not None:
        low, high = min(low, -0.5), max(high, len(pen.texts(axis.ticks)) - 0.5)
    if axis is not None and axis.low is not None:
        low = float(pen.numbers(axis.low))
    if axis is not None and axis.high is not None:
        high = float(pen.numbers(axis.high))
    return (low, high) if high > low else (low, low + 1)


def _across(pen: Pen, panel: Panel, wide: float) -> tuple[float, float]:
    """The ends of the axis along x, with room for the names beside places if it is about so wide."""
    low, high = _range(pen, panel, 0)
    if panel.x is not None and panel.x.log:
        return low, high
    names = [each for mark in _plotted(panel) for each in paper_marks.beside(pen, mark)]
    bottom, top = _range(pen, panel, 1) if panel.square else (0.0, 0.0)
    for _ in range(12):  # room on one side takes some from the other
        unit = max((high - low) / wide, (top - bottom) / _TALLEST)  # a millimetre, in units of the plot
        within = [(place, max(min(size, 0.4 * wide), -0.4 * wide)) for place, size in names if low <= place <= high]
        low, high = (
            min([low, *(place + size * unit for place, size in within)]),
            max([high, *(place + size * unit for place, size in within)]),
        )
    return low, high


def _scales(pen: Pen, panel: Panel) -> None:
    ax = pen.ax
    if panel.x is not None and panel.x.log:
        ax.set_xscale("log")
    if panel.y is not None and panel.y.log:
        ax.set_yscale("log")
    if panel.square:
        ax.set_aspect("equal", adjustable="box", anchor="NW")
    if panel.x is None and panel.y is None:
        ax.axis("off")
    ax.spines[["top", "right"]].set_visible(False)


def _axis(pen: Pen, axis: Axis | None, along: int, *, named: bool = False, whole: bool = False) -> None:
    """The label and the numbers of an axis, which may be whole; names that it has from its mark stay."""
    here = pen.ax.yaxis if along else pen.ax.xaxis
    if axis is None:
        if not named:
            here.set_ticks([])
            pen.ax.spines["left" if along else "bottom"].set_visible(False)
        return
    if axis.label is not None:
        text = _label(pen, axis.label)
        text = shorten(text, max(_size(pen.ax)[along], 20), SMALL)
        here.set_label_text(text, color=palette.INK, **words(SMALL, text))
    if axis.ticks is not None:
        names = [shorten(name, 22, SMALL) for name in pen.texts(axis.ticks)]
        here.set_ticks(range(len(names)), names)
        for tick, name in zip(here.get_ticklabels(), names, strict=True):
            tick.set(**words(SMALL, name))
    elif not named and not axis.log:
        here.set_major_locator(MaxNLocator(6, integer=whole))
    here.set_tick_params(labelcolor=palette.INK, length=2.5, width=0.6, pad=2)
    if axis.ticks is None and not named:
        here.set_tick_params(labelsize=SMALL, labelfontfamily="DejaVu Sans")


def _label(pen: Pen, label: Text | Entry) -> str:
    if isinstance(label, Text):
        return pen.scene.fill(label, pen.language)
    return entry(pen.scene.lists[label.of], int(pen.numbers(label.number)), pen.language)


# Legend and colour bar.


def _rows_of_legend(pen: Pen, panel: Panel, wide: float) -> list[list[tuple[Any, str]]]:
    """What stands in each row of a legend that is so wide."""
    rows: list[list[tuple[Any, str]]] = []
    used = wide
    for mark in _plotted(panel):
        for handle, name in paper_marks.legend(pen, mark):
            name = shorten(name, wide / 2, SMALL)
            size = width(name, SMALL) + 8.5
            if used + size > wide:
                rows, used = [*rows, []], 0.0
            rows[-1].append((handle, name))
            used += size
    return rows


def _legend(pen: Pen, panel: Panel, wide: float) -> None:
    """The names of curves and classes, in rows above the plot."""
    rows = _rows_of_legend(pen, panel, wide)
    _, high = _size(pen.ax)
    for number, row in enumerate(reversed(rows)):
        above = 1 + (1 + number * 3.6) / high
        made = Legend(
            pen.ax, [handle for handle, _ in row], ["." for _ in row], loc="lower left", bbox_to_anchor=(0, above),
            ncols=len(row), frameon=False, borderpad=0, borderaxespad=0, handlelength=2.2, handletextpad=0.4,
            columnspacing=1.2, prop=font("", SMALL),
        )  # fmt: skip
        for text, (_, name) in zip(made.get_texts(), row, strict=True):
            text.set(text=name, color=palette.INK, **words(SMALL, name))
        pen.ax.add_artist(made)
        made.set_clip_on(False)


def _scale(pen: Pen, panel: Panel) -> tuple[Scale, tuple[float, float]] | None:
    """The scale that a panel's colour bar shows: that of the foremost mark that has one."""
    for mark in reversed(panel.marks):
        found = paper_alone.valued(pen, mark) if isinstance(mark, Alone) else paper_marks.valued(pen, mark)
        if found is not None:
            return found
    return None


def _bar(pen: Pen, panel: Panel, wide: float) -> None:
    """A colour bar with its numbers, to the right of the axes."""
    shown = _scale(pen, panel)
    if shown is None:
        return
    scale, (low, high) = shown
    cax = pen.ax.inset_axes((1 + 2 / wide, 0, 2.2 / wide, 1))
    mappable = ScalarMappable(Normalize(low, high), palette.colour_map(scale))
    bar = pen.ax.get_figure(root=True).colorbar(mappable, cax=cax)  # type: ignore[union-attr]
    bar.outline.set_linewidth(0.4)
    ends = [low, (low + high) / 2, high]
    bar.set_ticks(ends, labels=[_short(each, high - low) for each in ends])
    cax.tick_params(labelsize=SMALL, labelfontfamily="DejaVu Sans", labelcolor=palette.INK)
    cax.tick_params(length=2, width=0.4, pad=1.5)


def _short(value: float, span: float) -> str:
    """A number at a scale, with as many decimals as the scale needs."""
    decimals = min(max(0, 2 - int(np.floor(np.log10(span)))), 6)
    text = f"{value:.1e}" if abs(value) >= 1e5 or span < 1e-4 else f"{value:.{decimals}f}"
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", "−")
