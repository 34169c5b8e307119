"""Scenes on paper: a figure of matplotlib, 180 mm wide, that shows the panels as the controls stand.

A name of the user's own is shown letter for letter, whatever is in it, and nothing of matplotlib's own state is
changed: not its settings, not its list of figures.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Language

try:
    from matplotlib import rc_context, style
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
except ModuleNotFoundError as error:
    raise ImportError("drawing on paper needs matplotlib. Install it: pip install 'neurarium[plot]'.") from error

from neurarium.page import paper_colours as palette
from neurarium.page.paper_panel import draw_panel, room
from neurarium.page.paper_pen import Pen
from neurarium.page.paper_text import LARGE, MM, PLAIN, SMALL, height, words, wrap

WIDTH = 180.0
_EDGE, _BETWEEN = 2.0, 6.0
_FULL = 4.5  # a row with fewer shares is not filled, or a lone small panel would become a large one
_SHARES = {"small": 2, "medium": 3, "wide": 6}


def figure(scene: Scene, ax: Axes | None = None, language: Language = "en") -> Figure:
    """Draw the panels of a scene that are shown as its controls stand.

    Args:
        scene: The scene.
        ax: Axes for a scene that shows one panel; None for a figure of its own.
        language: "en" or "es".

    Returns:
        The figure; it belongs to nobody else, so that nothing has to be closed.

    Raises:
        ValueError: One pair of axes is given for several panels.
    """
    panels = scene.shown()
    with settings():
        if ax is None:
            return _page(scene, panels, language)
        if len(panels) != 1:
            raise ValueError(
                f"axes hold one panel, and this scene shows {len(panels)}: "
                + ", ".join(repr(scene.fill(each.title, language)) for each in panels)
                + ". Leave ax out, or set a choice of the scene that shows one."
            )
        draw_panel(Pen(scene, language, ax), panels[0])
        return ax.get_figure(root=True)  # type: ignore[return-value]


@contextmanager
def settings() -> Iterator[None]:
    """matplotlib's own settings for as long as something is drawn or written, whatever the caller's are."""
    with style.context("default"), rc_context({"svg.hashsalt": "neurarium", "pdf.fonttype": 42}):
        yield


def _page(scene: Scene, panels: list[Panel], language: Language) -> Figure:
    """All panels in rows, below the title and the sentence."""
    inner = WIDTH - 2 * _EDGE
    title = wrap(scene.fill(scene.title, language), inner, LARGE, bold=True)
    told = wrap(scene.told(language), inner, PLAIN)
    for number, step in enumerate(scene.tries):
        told += wrap(f"{number + 1}. {scene.fill(step, language)}", inner, PLAIN)
    head = height(len(title), LARGE) + height(len(told), PLAIN) + 3
    made = Figure(figsize=(WIDTH / MM, 100 / MM), dpi=150, facecolor=palette.GROUND)
    FigureCanvasAgg(made)
    rows = [_Row([_Placed(scene, language, made, *each) for each in row]) for row in _rows(panels)]
    high = _EDGE + head + sum(row.high + _BETWEEN for row in rows)
    made.set_size_inches(WIDTH / MM, high / MM)
    sheet = _Sheet(made, high)
    sheet.write(_EDGE, _EDGE, title, LARGE, bold=True)
    sheet.write(_EDGE, _EDGE + height(len(title), LARGE) + 1, told, PLAIN)
    top = _EDGE + head
    for row in rows:
        for placed in row.placed:
            placed.draw(sheet, top)
        top += row.high + _BETWEEN
    return made


def _rows(panels: list[Panel]) -> list[list[tuple[Panel, float, float]]]:
    """Panels in rows, each with its left edge and its width in millimetres."""
    rows: list[list[Panel]] = []
    for panel in panels:
        used = sum(_SHARES[each.size] for each in rows[-1]) if rows else 6
        if used + _SHARES[panel.size] > 6:
            rows.append([])
        rows[-1].append(panel)
    placed = []
    for row in rows:
        shares = np.array([_SHARES[panel.size] for panel in row], float)
        room = WIDTH - 2 * _EDGE - _BETWEEN * (len(row) - 1)
        wide = room * shares / max(shares.sum(), _FULL)
        left = _EDGE + np.concatenate([[0], np.cumsum(wide + _BETWEEN)[:-1]])
        placed.append(list(zip(row, left.tolist(), wide.tolist(), strict=True)))
    return placed


@dataclass(frozen=True)
class _Sheet:
    """A figure in millimetres from its upper left corner."""

    figure: Figure
    high: float

    def write(self, left: float, top: float, lines: list[str], size: float, bold: bool = False) -> None:
        for number, line in enumerate(lines):
            y = 1 - (top + height(number, size)) / self.high
            self.figure.text(left / WIDTH, y, line, ha="left", va="top", color=palette.INK, **words(size, line, bold))

    def box(self, left: float, top: float, wide: float, high: float) -> tuple[float, float, float, float]:
        return left / WIDTH, 1 - (top + high) / self.high, wide / WIDTH, high / self.high


class _Placed:
    """A panel with its place in a row, and the height that it wants."""

    def __init__(self, scene: Scene, language: Language, made: Figure, panel: Panel, left: float, wide: float) -> None:
        self.panel, self.left, self.wide = panel, left, wide
        self.pen = Pen(scene, language, made.add_axes((0, 0, 1, 1)))
        self.title = wrap(scene.fill(panel.title, language), wide, PLAIN, bold=True)
        self.note = [] if panel.note is None else wrap(scene.fill(panel.note, language), wide, SMALL)
        self.above = height(len(self.title), PLAIN) + 1
        self.below = height(len(self.note), SMALL) + (1.5 if self.note else 0)
        self.body = room(self.pen, panel, wide)
        self.high = self.above + self.body + self.below

    def draw(self, sheet: _Sheet, top: float) -> None:
        """Draw it below a place of the sheet."""
        sheet.write(self.left, top, self.title, PLAIN, bold=True)
        sheet.write(self.left, top + self.above + self.body + 1.5, self.note, SMALL)
        draw_panel(self.pen, self.panel, sheet.box(self.left, top + self.above, self.wide, self.body))


@dataclass(frozen=True)
class _Row:
    placed: list[_Placed]

    @property
    def high(self) -> float:
        return max(each.high for each in self.placed)
