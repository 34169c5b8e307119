"""Colours on paper: the light half of the visual language. Each says without colour what it says by colour too."""

from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, LinearSegmentedColormap
from numpy.typing import NDArray

from neurarium.page.marks import Scale

INK, FAINT, GROUND = "#1a1a1a", "#8a8a8a", "#ffffff"
HUES = {"input": "#ffe849", "hidden": "#33c094", "output": "#a44906", "recurrent": "#476aa1", "kernel": "#5f2053"}
"""The families of the chart's cells."""
NEGATIVE, POSITIVE = "#903500", "#0053a5"
CLASSES = ("#0501f7", "#ffb83d", "#a80000", "#409992", "#b675ff", "#e65700", "#aecae1", "#741495")
"""Found by search: at least 15.6 (OKLab × 100) apart in normal, protan, deutan and tritan sight."""
SHAPES = ("o", "s", "^", "D", "v", "P", "X", "*")
_GAPS = ((4, 1.5), (1, 1.2), (5, 1.2, 1, 1.2), (7, 2), (3, 1, 1, 1, 1, 1))
DASHES: tuple[Any, ...] = ("-", *((0, gaps) for gaps in _GAPS))

_SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#903500", "#c18154", "#e9ccba", "#f5f5f5", "#c1d5ee", "#6794ce", "#0053a5"], N=511
)
_INK = LinearSegmentedColormap.from_list("ink", [GROUND, INK], N=256)


def class_colour(group: int) -> str:
    """The colour of a class; the ninth has that of the first, and another shape."""
    return CLASSES[group % len(CLASSES)]


def class_shape(group: int) -> str:
    """The shape of a class."""
    return SHAPES[(group + group // len(CLASSES)) % len(SHAPES)]


def colour_map(scale: Scale) -> Colormap:
    """The colours of a scale of numbers."""
    return {"signed": _SIGNED, "ink": _INK}.get(scale) or matplotlib.colormaps["cividis"]


def limits(scale: Scale, values: NDArray[Any], given: NDArray[Any] | None) -> tuple[float, float]:
    """The ends of a scale.

    Args:
        scale: Which.
        values: What is to be shown.
        given: Its ends, or None for those of the values.
    """
    if given is not None:
        low, high = map(float, given.ravel())
        return low, high if high > low else low + 1
    finite = values[np.isfinite(values)]
    if scale == "ink":
        return 0.0, 1.0
    if scale == "signed":
        most = float(np.abs(finite).max(initial=0)) or 1.0
        return -most, most
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return low, high if high > low else low + 1


def colours(scale: Scale, values: NDArray[Any], ends: tuple[float, float]) -> NDArray[Any]:
    """(..., 4) colours of numbers or classes; nothing at all for what is no number."""
    values = np.asarray(values, float)
    known = np.isfinite(values)
    if scale == "classes":
        table = np.array([matplotlib.colors.to_rgba(each) for each in CLASSES])
        rgba = table[np.where(known, values, 0).astype(int) % len(CLASSES)]
    else:
        rgba = colour_map(scale)(np.clip((np.where(known, values, 0) - ends[0]) / (ends[1] - ends[0]), 0, 1))
    rgba[~known] = 0
    return np.asarray(rgba)


def ink_on(fill: Any) -> str:
    """The colour of a text that can be read on a colour."""
    red, green, blue, alpha = matplotlib.colors.to_rgba(fill)
    return GROUND if alpha > 0.5 and 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45 else INK
