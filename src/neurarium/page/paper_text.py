"""Text on paper: measured, cut to lines, and never read as mathematics."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from matplotlib.font_manager import FontProperties, fontManager, get_font

MM = 25.4
SMALL, PLAIN, LARGE = 7.0, 8.0, 11.0
"""Sizes in points: names and numbers, sentences, the title."""
LEADING = 1.3
"""The distance of lines over the size of their letters."""


def height(lines: int, size: float) -> float:
    """The height of lines in millimetres."""
    return lines * size * LEADING * MM / 72


def clean(text: str) -> str:
    """A name on one line: what breaks it or cannot be seen becomes a space."""
    return "".join(" " if unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp", "Cs") else each for each in text)


def font(text: str, size: float, bold: bool = False) -> FontProperties:
    """The font for a text: the one that comes with matplotlib, then installed ones for signs that it lacks."""
    families = ["DejaVu Sans", *_families(frozenset(text) - _signs())]
    return FontProperties(family=families, size=size, weight="bold" if bold else "normal")


@lru_cache(1)
def _signs() -> frozenset[str]:
    own = fontManager.findfont(FontProperties(family=["DejaVu Sans"]))
    return frozenset(map(chr, get_font(own).get_charmap()))


@lru_cache(256)
def _families(missing: frozenset[str]) -> tuple[str, ...]:
    """The first installed fonts that have signs which are missing."""
    found: list[str] = []
    left = {each for each in missing if ord(each) > 127}
    for entry in fontManager.ttflist if left else ():
        if entry.name.startswith(("DejaVu", "STIX", "cm", "Last")):
            continue
        held = left & {chr(code) for code in get_font(entry.fname).get_charmap()}
        if held:
            found.append(entry.name)
            left -= held
        if not left:
            break
    return tuple(found)


@lru_cache(4096)
def width(text: str, size: float, bold: bool = False) -> float:
    """The width of a text in millimetres."""
    chosen = get_font(fontManager.findfont(font("", size, bold)))
    chosen.set_size(size, 72)
    known = "".join(each if each in _signs() else "M" for each in text)
    chosen.set_text(known, 0.0)
    return chosen.get_width_height()[0] / 64 * MM / 72


def wrap(text: str, room: float, size: float, bold: bool = False) -> list[str]:
    """The lines of a text that are at most `room` millimetres wide; a longer word is broken, a no-break space stays.

    Example:
        >>> wrap("one two three", 10, 7)
        ['one two', 'three']
    """
    lines: list[str] = []
    now = ""
    for word in re.findall(r"[^ \t\n]+", clean(text)):
        longer = f"{now} {word}" if now else word
        if width(longer, size, bold) <= room:
            now = longer
            continue
        lines += [now] if now else []
        while width(word, size, bold) > room and len(word) > 1:
            count = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or width(word[:n], size, bold) <= room)
            lines.append(word[:count])
            word = word[count:]
        now = word
    return [*lines, now] if now else lines


def shorten(text: str, room: float, size: float) -> str:
    """A name that is at most `room` millimetres wide, with an ellipsis where something is left out."""
    text = clean(text)
    if width(text, size) <= room:
        return text
    count = next((n for n in range(len(text) - 1, 0, -1) if width(text[:n] + "…", size) <= room), 0)
    return text[:count] + "…"


def words(size: float, text: str = "", bold: bool = False) -> dict[str, Any]:
    """How a text is drawn: in which font, and letter for letter."""
    return {"fontproperties": font(text, size, bold), "parse_math": False, "usetex": False}
