"""What draws on paper: the numbers, texts and colours that a mark means, and the axes that it is drawn on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from neurarium.page import paper_colours as palette
from neurarium.page.marks import Labels, Ref
from neurarium.page.paper_text import SMALL, clean, words
from neurarium.page.scene import Scene
from neurarium.page.words import Language

Look = dict[str, Any]
"""What matplotlib is told about the looks of something."""
MANY = 60
"""Texts beside things: more of them would only cover each other."""


@dataclass(frozen=True)
class Pen:
    """What draws: a scene's numbers and texts, and where they go.

    Args:
        scene: The scene.
        language: Of its texts.
        ax: Where it is drawn.
    """

    scene: Scene
    language: Language
    ax: Axes

    def numbers(self, value: Any) -> NDArray[np.float64]:
        """The numbers that a mark means."""
        return np.asarray(self.scene.number(value), float)

    def row(self, value: Any, n: int | None = None) -> NDArray[np.float64]:
        """The numbers one after the other; one number stands for n."""
        row = self.numbers(value).ravel()
        return row if n is None or len(row) == n else np.broadcast_to(row, n)

    def texts(self, labels: Labels | None) -> list[str]:
        """The texts that a mark means, each on one line."""
        return [] if labels is None else [clean(each) for each in self.scene.entries(labels, self.language)]

    def marked(self, highlight: Ref | None, n: int) -> list[int]:
        """The numbers of the things that are marked: one, or those whose number is not 0."""
        if highlight is None:
            return []
        chosen = self.numbers(highlight)
        found = np.flatnonzero(chosen) if chosen.ndim else chosen.reshape(1).astype(int)
        return [int(each) for each in found if 0 <= each < n]

    def limits(self, mark: Any, values: NDArray[Any]) -> tuple[float, float]:
        """The ends of a mark's scale."""
        return palette.limits(mark.scale, values, None if mark.limits is None else self.numbers(mark.limits))

    def fill(self, mark: Any, value: Any) -> NDArray[Any]:
        """The colours of a mark's numbers."""
        values = self.numbers(value)
        return palette.colours(mark.scale, values, self.limits(mark, values))

    def stretch(self) -> float:
        """The length of a unit along x, over that of one along y."""
        box = self.ax.get_window_extent()
        (left, right), (low, high) = self.ax.get_xlim(), self.ax.get_ylim()
        return float(box.width / abs(right - left) / (box.height / abs(high - low)))

    def name(self, x: float, y: float, text: str, **how: Any) -> None:
        """A name with a rim of the ground, which keeps it apart from what it stands on."""
        self.write(x, y, text, path_effects=[withStroke(linewidth=2, foreground=palette.GROUND)], **how)

    def write(self, x: float, y: float, text: str, size: float = SMALL, **how: Any) -> None:
        """A text, if its place is in view."""
        (left, right), (low, high) = self.ax.get_xlim(), self.ax.get_ylim()
        if text and min(left, right) <= x <= max(left, right) and min(low, high) <= y <= max(low, high):
            self.ax.text(x, y, text, **words(size, text), **{"color": palette.INK, "zorder": 30, **how})
