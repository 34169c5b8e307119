"""Small images as SVG: equal pixels beside each other are one run, and all runs of a grey level are one path."""

import numpy as np
from numpy.typing import NDArray

from neurarium.tour.figures import Picture
from neurarium.tour.page.markup import Markup, element, join

_LEVELS = 8
_ARMS = 3  # levels on each side of zero
_GAP = 2
_LABEL = 8  # height of a line of labels


def picture(shown: Picture, **label: object) -> Markup:
    """The tiles of a picture in rows.

    Args:
        shown: The tiles.
        label: What a screen reader says, as attributes.
    """
    count, height, width = shown.tiles.shape
    line = _LABEL if shown.labels else 0
    grid = _in_rows(count, shown.columns) if shown.places is None else shown.places
    places = [(round(x * (width + _GAP)) + 1, round(y * (height + _GAP + line)) + 1) for x, y in grid.tolist()]
    levels = _signed(shown.tiles) if shown.signed else np.rint(shown.tiles.clip(0, 1) * _LEVELS).astype(int)
    paper = element("path", d="".join(f"M{x} {y}h{width}v{height}h{-width}z" for x, y in places), class_="sheet-paper")
    ink = [_path(level, _runs(levels, level, places), signed=shown.signed) for level in np.unique(levels) if level]
    frames = [
        element("rect", x=x - 0.5, y=y - 0.5, width=width + 1, height=height + 1, class_="wrong")
        for place, (x, y) in enumerate(places)
        if place in shown.marked
    ]
    words = [
        element("text", ("✗" if place in shown.marked else "") + text, x=x + width / 2, y=y + height + 6.5)
        for place, (text, (x, y)) in enumerate(zip(shown.labels, places, strict=False))
    ]
    size = (max(x for x, _ in places) + width + 1, max(y for _, y in places) + height + line + 1)
    box = f"0 0 {size[0]} {size[1]}"
    return element("svg", paper, join(*ink, *frames, *words), viewBox=box, role="img", class_="digits", **label)


def _in_rows(count: int, columns: int) -> NDArray[np.floating]:
    return np.stack(np.divmod(np.arange(count), columns)[::-1], axis=1).astype(float)


def _signed(tiles: NDArray[np.floating]) -> NDArray[np.int_]:
    return np.rint(tiles.clip(-1, 1) * _ARMS).astype(int)


def _path(level: int, d: str, *, signed: bool) -> Markup:
    if signed:
        return element("path", d=d, class_=f"{'plus' if level > 0 else 'minus'}{abs(level)}")
    return element("path", d=d, fill_opacity=f"{level / _LEVELS:g}")


def _runs(levels: NDArray[np.int_], level: int, places: list[tuple[int, int]]) -> str:
    """Every run of a level as a rectangle of height 1."""
    # A border of False on both sides makes each run begin and end with a change.
    hit = np.pad(levels == level, ((0, 0), (0, 0), (1, 1)))
    change = np.diff(hit.astype(np.int8), axis=2)
    tile, row, begin = np.nonzero(change == 1)
    end = np.nonzero(change == -1)[2]
    return "".join(
        f"M{places[t][0] + b} {places[t][1] + r}h{e - b}v1h{b - e}z"
        for t, r, b, e in zip(tile, row, begin, end, strict=True)
    )
