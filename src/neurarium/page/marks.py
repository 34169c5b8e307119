"""The marks of a picture: what is drawn, as data. Ten kinds, of which text comes as labels, tokens or a formula.

Numbers of a mark are plain numbers, or a `Ref` to an array of the scene. Arrays that a mark takes together have the
same length n. `picks` names the control that choosing the i-th thing sets to i; `drags` and `draws` name the control
that moving a thing or drawing on it changes. Colours come from a scale: "signed" (orange, ground at 0, blue),
"magnitude" (cividis), "classes" (eight colours and shapes), "ink" (ground to text colour). Limits are those of the
scale, None for the largest value (signed: on both sides) or the smallest and largest (magnitude); ink runs from 0 to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from neurarium.page.words import Text


@dataclass(frozen=True)
class Ref:
    """An array of the scene, or a part of it.

    Args:
        name: Of a control, of a constant of the scene, or of what its module computes.
        at: For the leading axes which entry to take: a number, or the name of an array of one number.
    """

    name: str
    at: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Named:
    """Entries of a list of the scene, by their numbers.

    Args:
        codes: (n,) whole numbers.
        of: The list's name.
    """

    codes: Ref
    of: str


Numbers = Ref | float | Sequence[float]
Labels = Named | str | Sequence[str | Text]
"""Texts: entries by their numbers, a whole list of the scene by its name, or the texts themselves."""
Scale = Literal["signed", "magnitude", "classes", "ink"]
Limits = tuple[float, float] | Ref | None

Kind = Literal["input", "hidden", "output", "recurrent", "kernel"]
"""Families of cells of the chart; with a mark in the circle: "input/ring" for noisy, "hidden/triangle" and so on."""


@dataclass(frozen=True)
class Cells:
    """Circles of the chart, at places of a plot.

    Args:
        x, y: (n,) centres.
        kinds: (n,) kinds, or one for all; "/ring" or "/triangle" behind it is the mark in the circle.
        value: (n,) numbers that fill them, None for the chart's own colours.
        labels: (n,) texts beside them.
        radius: In units of the plot.
        sets: (n,) what choosing each sets: controls' names and their numbers.
    """

    x: Numbers
    y: Numbers
    kinds: str | Sequence[str]
    value: Numbers | None = None
    labels: Labels | None = None
    radius: float = 0.4
    scale: Scale = "signed"
    limits: Limits = None
    picks: str | None = None
    sets: Sequence[Mapping[str, float]] | None = None
    highlight: Ref | None = None


@dataclass(frozen=True)
class Links:
    """Lines from place to place: as wide as the weight is large, in the colour of its sign, dashed where negative.

    Args:
        x0, y0, x1, y1: (n,) ends.
        weight: (n,) numbers.
        arrows: Whether they end in an arrow head.
    """

    x0: Numbers
    y0: Numbers
    x1: Numbers
    y1: Numbers
    weight: Numbers
    limits: Limits = None
    arrows: bool = False
    picks: str | None = None


@dataclass(frozen=True)
class Series:
    """Curves over a common axis.

    Args:
        y: (n,) one curve, or (k, n) several.
        x: (n,) where; None for 0, 1, 2 ...
        names: (k,) what the curves are called.
        style: "line", "step" or "dots".
        low, high: (n,) a band around a single curve.
        cursor: One number, where a vertical line stands.
        picks: A control that choosing a place on the axis sets to its number.
    """

    y: Numbers
    x: Numbers | None = None
    names: Labels | None = None
    style: Literal["line", "step", "dots"] = "line"
    low: Numbers | None = None
    high: Numbers | None = None
    cursor: Numbers | None = None
    picks: str | None = None


@dataclass(frozen=True)
class Points:
    """Points of a plot, in the colours and shapes of their classes or in the colour of a value.

    Args:
        x, y: (n,) places.
        group: (n,) classes, or None.
        groups: What the classes are called: for the legend.
        value: (n,) numbers, or None.
        labels: (n,) texts beside them.
        used: (n,) 1 for those that are there; None for all.
        ring: (n,) 1 for those that are ringed; None for none.
        size: Radius in pixels.
        drags: A `Pad` (a single point) or `PointSet` (all of its points) that moving them changes.
    """

    x: Numbers
    y: Numbers
    group: Numbers | None = None
    groups: Labels | None = None
    value: Numbers | None = None
    labels: Labels | None = None
    used: Numbers | None = None
    ring: Numbers | None = None
    size: float = 4
    scale: Scale = "magnitude"
    limits: Limits = None
    picks: str | None = None
    drags: str | None = None


@dataclass(frozen=True)
class Raster:
    """A field of numbers behind a plot.

    Args:
        data: (h, w) numbers, or classes for the scale "classes"; the first row is the lowest.
        extent: Left, right, bottom and top edge in units of the plot.
        levels: Values along which a line is drawn.
        groups: What the classes of the scale "classes" are called: for the legend.
    """

    data: Ref
    extent: tuple[float, float, float, float]
    scale: Scale = "signed"
    limits: Limits = None
    levels: Sequence[float] = ()
    groups: Labels | None = None


@dataclass(frozen=True)
class Hull:
    """Polygons or open paths.

    Args:
        x, y: (k, m) corners of each.
        value: (k,) numbers that fill them; None for none.
        group: (k,) classes that fill them; None for none.
        groups: What the classes are called: for the legend.
        labels: (k,) texts in their middle.
        closed: Whether they are filled and end where they began.
        scale: Of `value`.
    """

    x: Numbers
    y: Numbers
    value: Numbers | None = None
    group: Numbers | None = None
    labels: Labels | None = None
    closed: bool = True
    scale: Scale = "magnitude"
    limits: Limits = None
    picks: str | None = None
    highlight: Ref | None = None
    groups: Labels | None = None


@dataclass(frozen=True)
class Words:
    """Texts at places of a plot.

    Args:
        x, y: (n,) middles.
        text: (n,) texts.
    """

    x: Numbers
    y: Numbers
    text: Labels


@dataclass(frozen=True)
class Matrix:
    """Numbers as a table of coloured cells; a panel of its own.

    Args:
        data: (rows, columns) numbers; last rows and columns in which none is a number are left out.
        rows, columns: What they are called.
        numbers: Whether the numbers stand in the cells.
        picks: Controls that choosing a cell sets to its row and to its column; "" for none.
        highlight: Row and column whose cell is framed, -1 for a whole row or column.
        marked: (rows, columns) 1 for cells that are framed; None for none.
    """

    data: Ref
    rows: Labels | None = None
    columns: Labels | None = None
    scale: Scale = "signed"
    limits: Limits = None
    numbers: bool = False
    picks: tuple[str, str] | None = None
    highlight: tuple[Ref | int, Ref | int] | None = None
    marked: Ref | None = None


@dataclass(frozen=True)
class Images:
    """Pictures side by side; a panel of its own.

    Args:
        data: (n, h, w) or (n, h, w, 3) from 0 to 1, or on the scale; (h, w) for one.
        columns: How many stand in a row, where there is room.
        labels: (n,) what stands below them.
        over: (n, h, w) signed numbers laid over them, None for nothing.
        highlight: The number of the one that is framed, or (n,) 1 for those that are.
        draws: A `Picture` that drawing on the (one) picture changes.
    """

    data: Ref
    columns: int = 8
    labels: Labels | None = None
    scale: Scale = "ink"
    limits: Limits = None
    over: Ref | None = None
    over_limits: Limits = None
    picks: str | None = None
    highlight: Ref | None = None
    draws: str | None = None


@dataclass(frozen=True)
class Bars:
    """Bars, one below the other with their names; a panel of its own.

    Args:
        value: (n,) lengths.
        labels: (n,) names.
        highlight: The number of the one that is marked.
        threshold: A number at which a line is drawn.
    """

    value: Ref
    labels: Labels | None = None
    limits: Limits = None
    picks: str | None = None
    highlight: Ref | None = None
    threshold: Numbers | None = None


@dataclass(frozen=True)
class Tokens:
    """A running text, each piece on the colour of a number; a panel of its own.

    Args:
        text: (n,) pieces.
        value: (n,) numbers.
        picks: A control that choosing a piece sets to its number.
        highlight: The number of the one that is framed.
    """

    text: Labels
    value: Ref | None = None
    scale: Scale = "signed"
    limits: Limits = None
    picks: str | None = None
    highlight: Ref | None = None


@dataclass(frozen=True)
class Formula:
    """A formula with live numbers; a panel of its own.

    Args:
        tree: MathML as nested lists: ["mrow", ["mi", "x"], ["mo", "="], ["mn", "{x:.2f}"]]; texts may have places.
        plain: The same on one line, or on one for each formula, for paper and for reading aloud.
    """

    tree: Sequence[object]
    plain: Text


Plotted = Cells | Links | Series | Points | Raster | Hull | Words
Alone = Matrix | Images | Bars | Tokens | Formula
Mark = Plotted | Alone
