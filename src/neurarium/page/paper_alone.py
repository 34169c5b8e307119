"""The marks that stand alone, on paper: tables of cells, pictures, bars, running texts and formulas."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from neurarium.page import paper_colours as palette
from neurarium.page.marks import Alone, Bars, Formula, Images, Matrix, Scale, Tokens
from neurarium.page.paper_pen import Look, Pen
from neurarium.page.paper_text import MM, PLAIN, SMALL, clean, height, shorten, width, words, wrap

_NAMES = 28.0  # millimetres at most for a name beside a row or a bar
_LINE = height(1, SMALL)
_MINUS = 12 * MM / 96  # cells from this size on carry a minus where they are negative


def room(pen: Pen, mark: Alone, wide: float) -> float:
    """How high a mark wants to be, in millimetres, if it is so wide."""
    match mark:
        case Matrix():
            return _Table(pen, mark, wide).high
        case Images():
            return _Grid(pen, mark, wide).high
        case Bars():
            n = len(pen.row(mark.value))
            return min(max(3.7 * n, 12.0), 110.0) + _LINE + 2
        case Tokens():
            return _flow(pen, mark, wide)[1]
        case Formula():
            return height(len(_formula(pen, mark, wide)), PLAIN + 1) + 2


def breadth(pen: Pen, mark: Alone, wide: float, high: float) -> float:
    """How much of a width a mark takes if it is so high, in millimetres."""
    if isinstance(mark, Matrix):
        return min(wide, _Table(pen, mark, wide).wide)
    return min(wide, _Grid(pen, mark, wide, high).broad) if isinstance(mark, Images) else wide


def draw(pen: Pen, mark: Alone, wide: float, high: float) -> None:
    """Draw a mark on axes of a size in millimetres.

    A table and bars have axes that count their entries; the others count millimetres from the upper left corner.
    """
    if isinstance(mark, Matrix):
        _matrix(pen, mark, wide)
    elif isinstance(mark, Bars):
        _bars(pen, mark, wide, high)
    else:
        pen.ax.set(xlim=(0, breadth(pen, mark, wide, high)), ylim=(high, 0))
        pen.ax.axis("off")
        if isinstance(mark, Images):
            _images(pen, mark, wide, high)
        elif isinstance(mark, Tokens):
            _tokens(pen, mark, wide)
        else:
            for number, line in enumerate(_formula(pen, mark, wide)):
                pen.write(0, 1 + height(number, PLAIN + 1), line, PLAIN + 1, ha="left", va="top")


def valued(pen: Pen, mark: Alone) -> tuple[Scale, tuple[float, float]] | None:
    """The scale of numbers that a mark shows by colour, with its ends; None for none."""
    if isinstance(mark, Images) and mark.over is not None:
        given = None if mark.over_limits is None else pen.numbers(mark.over_limits)
        return "signed", palette.limits("signed", pen.numbers(mark.over), given)
    value = mark.value if isinstance(mark, Tokens) else getattr(mark, "data", None)
    if isinstance(mark, Bars | Formula) or value is None or mark.scale in ("classes", "ink"):
        return None
    values = pen.numbers(value)
    if isinstance(mark, Images) and values.ndim == 4:
        return None
    return mark.scale, pen.limits(mark, values)


# Tables.


class _Table:
    """A table's names and sizes, in millimetres."""

    def __init__(self, pen: Pen, mark: Matrix, wide: float) -> None:
        self.whole = np.atleast_2d(pen.numbers(mark.data)).shape
        self.data = _ended(np.atleast_2d(pen.numbers(mark.data)))
        n, m = self.data.shape
        self.rows, self.columns = pen.texts(mark.rows), pen.texts(mark.columns)
        left = min(max((width(each, SMALL) for each in self.rows), default=0), _NAMES) + 3
        self.cell = min((wide - left) / m, 9.0)
        lines = 2.9 if self.rows and n <= 40 else 40 / n
        self.line = min(max(self.cell, lines), 9.0, 110 / n)
        self.upright = bool(self.columns) and max(width(each, SMALL) for each in self.columns) > self.cell - 0.5
        longest = max((width(each, SMALL) for each in self.columns), default=0)
        below = (min(longest, _NAMES) if self.upright else _LINE) if self.columns else 0
        self.high = n * self.line + below + 2
        self.wide = left + m * self.cell


def _matrix(pen: Pen, mark: Matrix, wide: float) -> None:
    table, ax = _Table(pen, mark, wide), pen.ax
    n, m = table.data.shape
    rgba = pen.fill(mark, mark.data).reshape(*table.whole, 4)[:n, :m]
    ax.imshow(rgba, aspect="auto", interpolation="nearest")
    ax.set_xticks(*_names(table.columns, m, table.cell))
    ax.set_yticks(*_names(table.rows, n, table.line))
    for label in ax.get_xticklabels():
        label.set_rotation(90 if table.upright else 0)
    for label in [*ax.get_xticklabels(), *ax.get_yticklabels()]:
        label.set(**words(SMALL, label.get_text()), color=palette.INK)
    ax.tick_params(length=0, pad=2)
    ax.spines[:].set_visible(False)
    _signs(pen, mark, table)
    framed = [] if mark.marked is None else np.argwhere(pen.numbers(mark.marked).reshape(table.whole)[:n, :m]).tolist()
    if mark.highlight is not None:
        framed.append([int(pen.numbers(each)) for each in mark.highlight])
    for row, column in framed:
        across = (-0.5, m) if column == -1 else (column - 0.5, 1)
        down = (-0.5, n) if row == -1 else (row - 0.5, 1)
        frame = Rectangle((across[0], down[0]), across[1], down[1], fill=False, edgecolor=palette.INK, linewidth=1.8)
        frame.set(zorder=5, clip_on=False)
        ax.add_patch(frame)


def _ended(data: NDArray[Any]) -> NDArray[Any]:
    """A table without its last rows and columns in which none is a number."""
    rows, columns = (np.flatnonzero(~np.isnan(data).all(axis)) for axis in (1, 0))
    return data[: rows.max(initial=0) + 1, : columns.max(initial=0) + 1]


def _names(names: Sequence[str], n: int, size: float) -> tuple[list[int], list[str]]:
    """Which of n entries are named, if each has so much room, and how."""
    every = ceil(2.7 / size)
    places = list(range(0, min(n, len(names)), every))
    return places, [shorten(names[place], _NAMES, SMALL) for place in places]


def _signs(pen: Pen, mark: Matrix, table: _Table) -> None:
    """The numbers in the cells, or the minus of those that are negative."""
    ends = pen.limits(mark, table.data)
    decimals = _decimals(table) if mark.numbers else None
    minus = mark.scale == "signed" and min(table.cell, table.line) >= _MINUS
    for (row, column), value in np.ndenumerate(table.data):
        if not np.isfinite(value):
            continue
        text = number(value, decimals) if decimals is not None else "−" if minus and value < 0 else ""
        if text:
            (rgba,) = palette.colours(mark.scale, np.array([value]), ends)
            pen.write(column, row, text, ha="center", va="center", color=palette.ink_on(rgba))


def _decimals(table: _Table) -> int | None:
    """How many decimals have room in the cells; None where no number has."""
    known = table.data[np.isfinite(table.data)]
    for decimals in (2, 1) if table.line >= 2.9 and known.size <= 2000 else ():
        if max((width(number(each, decimals), SMALL) for each in known), default=0) <= table.cell - 0.3:
            return decimals
    return None


def number(value: float, decimals: int = 2) -> str:
    """A number as short as it may be.

    Example:
        >>> number(-0.1234), number(1234.5), number(3.0), number(0.96, 1)
        ('−0.12', '1234', '3', '1.0')
    """
    whole = value == round(value) or abs(value) >= 100
    return f"{value:.{0 if whole else decimals}f}".replace("-", "−")


# Pictures.


class _Grid:
    """Where pictures stand, in millimetres."""

    def __init__(self, pen: Pen, mark: Images, wide: float, high: float = np.inf) -> None:
        data = pen.numbers(mark.data)
        if mark.draws is not None and data.ndim == 3 and len(data) == 3:  # the colours of one picture
            data = np.moveaxis(data, 0, -1)[None]
        self.data = data[None] if data.ndim == 2 else data
        n, h, w = self.data.shape[:3]
        self.names = pen.texts(mark.labels)
        named = min(max((width(each, SMALL) for each in self.names), default=0) + 1, 16.0)
        columns = max(1, min(mark.columns, n, int(wide / max(named, 3.0))))
        self.gap = 0.5 if columns > 12 else 1.2
        self.wide = min(wide / columns - self.gap, 34.0 if n == 1 else 18.0)
        self.columns, rows = columns, ceil(n / columns)
        between = self.gap + (_LINE if self.names else 0)
        self.wide = max(min(self.wide, ((high - 0.99) / rows - between) * w / h), 0.5)
        self.tall = self.wide * h / w
        self.line = self.tall + between
        self.high = rows * self.line + 1
        self.broad = columns * (self.wide + self.gap) + 0.8

    def corner(self, place: int) -> tuple[float, float]:
        """The upper left corner of a picture."""
        return place % self.columns * (self.wide + self.gap) + 0.4, place // self.columns * self.line + 0.4


def _images(pen: Pen, mark: Images, wide: float, high: float) -> None:
    grid = _Grid(pen, mark, wide, high)
    n = len(grid.data)
    if grid.data.ndim == 4:
        shown = np.clip(grid.data, 0, 1)
    else:
        shown = palette.colours(mark.scale, grid.data, pen.limits(mark, grid.data))
    over = None
    if mark.over is not None:
        _, ends = valued(pen, mark) or ("signed", (-1.0, 1.0))
        above = np.nan_to_num(pen.numbers(mark.over).reshape(grid.data.shape[:3]))
        over = palette.colours("signed", np.sign(above), (-1, 1))
        over[..., 3] = np.clip(np.abs(above) / max(map(abs, ends)), 0, 1) ** 0.6  # so that faint ones can be seen
    marked = pen.marked(mark.highlight, n)
    for place in range(n):
        left, top = grid.corner(place)
        extent = (left, left + grid.wide, top + grid.tall, top)
        how: Look = {"extent": extent, "aspect": "auto", "interpolation": "nearest"}
        pen.ax.imshow(shown[place], zorder=1, **how)
        if over is not None:
            pen.ax.imshow(over[place], zorder=2, **how)
        rim = 1.8 if place in marked else 0.3
        colour = palette.INK if place in marked else palette.FAINT
        frame = Rectangle((left, top), grid.wide, grid.tall, fill=False, edgecolor=colour, linewidth=rim)
        frame.set(zorder=3 + (place in marked), clip_on=False)
        pen.ax.add_patch(frame)
        if place < len(grid.names):
            name = shorten(grid.names[place], grid.wide + grid.gap, SMALL)
            pen.write(left + grid.wide / 2, top + grid.tall + 0.4, name, ha="center", va="top")
    pen.ax.set(xlim=(0, min(grid.broad, wide)), ylim=(high, 0))  # imshow had set its own


# Bars.


def _bars(pen: Pen, mark: Bars, wide: float, high: float) -> None:
    ax, values = pen.ax, pen.row(mark.value)
    n = len(values)
    thresholds = [] if mark.threshold is None else list(pen.row(mark.threshold))
    known = [*values[np.isfinite(values)], *thresholds, 0.0]
    low, end = (min(known), max(known)) if mark.limits is None else map(float, pen.numbers(mark.limits))
    end = end if end > low else low + 1
    names = [shorten(name, min(_NAMES, 0.35 * wide), SMALL) for name in pen.texts(mark.labels)]
    beside = max((width(name, SMALL, True) for name in names), default=0) + 2
    behind = max((width(number(each), SMALL) for each in values if np.isfinite(each)), default=0) + 2
    behind *= (end - low) / max(wide - beside - behind * (1 + (low < 0)), 5)  # for the number behind the longest bar
    ax.set(xlim=(low - (behind if low < 0 else 0), end + (behind if end > 0 else 0)), ylim=(n - 0.5, -0.5))
    ax.spines[["top", "right", "left"]].set_visible(False)
    marked = pen.marked(mark.highlight, n)
    step = ceil(2.7 / (high / max(n, 1)))
    for place, value in enumerate(values):
        if not np.isfinite(value):
            continue
        colour = palette.NEGATIVE if value < 0 else palette.POSITIVE
        look: Look = {"color": colour, "alpha": 1.0 if place in marked or not marked else 0.45, "height": 0.72}
        hatch = "/////" if value < 0 else None
        ax.barh(place, np.clip(value, low, end), hatch=hatch, edgecolor=palette.GROUND, linewidth=0, **look)
        if step == 1:
            text = f"{number(value)} " if value < 0 else f" {number(value)}"
            at = float(np.clip(value, low, end))
            pen.write(at, place, text, ha="left" if value >= 0 else "right", va="center")
    for threshold in thresholds:
        ax.axvline(threshold, color=palette.INK, linewidth=1, linestyle=(0, (3, 1.5)))
    ax.axvline(0, color=palette.INK, linewidth=0.6)
    places = list(range(0, min(n, len(names)), step))
    ax.set_yticks(places, [names[place] for place in places])
    for place, label in zip(places, ax.get_yticklabels(), strict=True):
        label.set(**words(SMALL, label.get_text(), place in marked), color=palette.INK)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.tick_params(axis="x", labelsize=SMALL, labelfontfamily="DejaVu Sans", length=2.5, width=0.6, pad=2)
    ax.tick_params(axis="y", length=0, pad=2)


# Texts.


def _flow(pen: Pen, mark: Tokens, wide: float) -> tuple[list[tuple[float, float, float, str]], float]:
    """Left edge, top edge, width and text of each piece, and the height of all; in millimetres."""
    places, left, top = [], 0.5, 0.5
    line = height(1, PLAIN) + 1.4
    for piece in pen.scene.entries(mark.text, pen.language):
        text = shorten(clean(piece.replace("\n", "↵")), wide - 2, PLAIN)
        size = width(text.replace(" ", "n"), PLAIN) + 0.9 if text else 0.0  # nothing stands behind the end of a text
        if left + size > wide and left > 0.5:
            left, top = 0.5, top + line
        places.append((left, top, size, text))
        left += size
        if piece.endswith("\n"):
            left, top = 0.5, top + line
    return places, top + line + 0.5


def _tokens(pen: Pen, mark: Tokens, wide: float) -> None:
    places, _ = _flow(pen, mark, wide)
    tall = height(1, PLAIN) + 0.8
    values = None if mark.value is None else pen.row(mark.value, len(places))
    fills: NDArray[Any] | None = None if values is None else pen.fill(mark, values)
    marked = pen.marked(mark.highlight, len(places))
    for place, (left, top, size, text) in enumerate(places):
        fill = (1.0, 1.0, 1.0, 0.0) if fills is None else fills[place]
        box = Rectangle((left, top), size, tall, facecolor=fill, edgecolor=palette.INK)
        box.set(linewidth=1.6 if place in marked else 0, zorder=2 + (place in marked), clip_on=False)
        pen.ax.add_patch(box)
        ink = palette.ink_on(fill)
        pen.write(left + size / 2, top + tall / 2, text, PLAIN, ha="center", va="center", color=ink)
        if values is not None and mark.scale == "signed" and values[place] < 0:
            below = top + tall + 0.15
            line: Look = {"color": palette.NEGATIVE, "linewidth": 0.8, "linestyle": (0, (2, 1))}
            pen.ax.plot([left + 0.3, left + size - 0.3], [below, below], zorder=4, **line)


def _formula(pen: Pen, mark: Formula, wide: float) -> list[str]:
    lines = pen.scene.fill(mark.plain, pen.language).split("\n")
    return [part for line in lines for part in wrap(line, wide, PLAIN + 1)]
