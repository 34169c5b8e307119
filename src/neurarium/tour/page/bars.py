"""Floor, ours and rival on one axis: three rows, each with a sign of its own, so that no colour is needed."""

import math
from collections.abc import Sequence

from neurarium.tour.page.markup import Markup, element

_LEFT, _RIGHT, _WIDTH, _TOP, _ROW = 64.0, 234.0, 300.0, 11.0, 20.0


Row = tuple[str, Markup, float, Markup]
"""A sign ("floor", "ours" or "rival"), its word, a share, and how it is written."""


def bars(rows: Sequence[Row], ends: tuple[float, float], end_texts: tuple[Markup, Markup], **label: object) -> Markup:
    """The drawing.

    Args:
        rows: One below the other.
        ends: Shares at both ends of the axis.
        end_texts: How they are written.
        label: What a screen reader says, as attributes.
    """
    parts: list[Markup] = []
    low, high = ends
    for place, (sign, word, value, text) in enumerate(rows):
        y = _TOP + place * _ROW
        x = _LEFT + (_RIGHT - _LEFT) * (min(max(value, low), high) - low) / (high - low)
        parts += [
            element("text", word, x=0, y=y + 4, class_=f"word {sign}"),
            element("path", d=f"M{_LEFT:g} {y:g}H{_RIGHT:g}", class_="track"),
            element("path", d=f"M{_LEFT:g} {y:g}H{x:.1f}", class_=f"reach {sign}"),
            _sign(sign, x, y),
            element("text", text, x=_WIDTH, y=y + 4, class_=f"number {sign}"),
        ]
    y = _TOP + len(rows) * _ROW - 2
    parts += [
        element("text", end_texts[0], x=_LEFT, y=y + 2, class_="end"),
        element("text", end_texts[1], x=_RIGHT, y=y + 2, class_="end high"),
    ]
    return element("svg", *parts, viewBox=f"0 0 {_WIDTH:g} {y + 5:g}", role="img", class_="bars", **label)


def strip(rows: Sequence[Row], ends: tuple[float, float]) -> Markup:
    """The same in one line, for those who see it; the numbers stand beside it."""
    low, high = ends
    signs = []
    for sign, _, value, _ in reversed(rows):
        signs.append(_sign(sign, 6 + 108 * (min(max(value, low), high) - low) / (high - low), 8))
    track = element("path", d="M6 8H114", class_="track")
    return element("svg", track, *signs, viewBox="0 0 120 16", aria_hidden="true", class_="strip")


def axis(floor: float) -> tuple[float, float]:
    """The ends of an axis: from 0, or from a little below a floor that is high itself.

    Example:
        >>> axis(0.1), axis(0.967)
        ((0.0, 1.0), (0.9, 1.0))
    """
    return (0.0 if floor < 0.5 else math.floor(floor * 10) / 10 if floor < 1 else 0.9), 1.0


def _sign(sign: str, x: float, y: float) -> Markup:
    if sign == "ours":
        return element("circle", cx=f"{x:.1f}", cy=f"{y:g}", r=5, class_="sign ours")
    shape = "M{x} {t}L{r} {y}L{x} {b}L{l} {y}Z" if sign == "rival" else "M{x} {t}V{b}"
    d = shape.format(x=f"{x:.1f}", y=f"{y:g}", t=f"{y - 6:g}", b=f"{y + 6:g}", l=f"{x - 5.5:.1f}", r=f"{x + 5.5:.1f}")
    return element("path", d=d, class_=f"sign {sign}")
