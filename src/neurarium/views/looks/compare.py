"""compare: several classifiers on the same rows: what each answers, what it goes by, and how well heat maps say so."""

from collections.abc import Callable, Sequence
from typing import Any

from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views import compare_lesson, compare_scene
from neurarium.views.compare_networks import comparable, networks
from neurarium.views.shown import Shown

NAME = "compare"
TITLE = Text("Networks compared", "Redes comparadas")
ORDER = 120
SEVERAL = True
"""It takes a list of networks."""


def can(fitted: Any) -> bool:
    """Whether it is several networks, or one that could be one of them."""
    return isinstance(fitted, list | tuple) or comparable(fitted)


def scene(fitted: Any, rows: Shown, *, names: Sequence[str] | None = None) -> Scene:
    """Heat maps side by side, answers, and the areas below the curves of flipping.

    Args:
        fitted: Two fitted classifiers or more, or modules that give (n, classes) scores.
        rows: Rows that all of them read, and their classes where they are known.
        names: What the networks are called; None for their types.

    Raises:
        CannotLook: There are fewer than two networks, or they know other classes or read other rows.
        ValueError: There are not as many names as networks.
    """
    compared = networks(fitted if isinstance(fitted, list | tuple) else [fitted], rows)
    if names is not None and len(names) != len(compared):
        raise ValueError(f"compare: names has one for each of the {len(compared)} networks; got {len(names)}.")
    return compare_scene.scene(compared, rows, names=names)


def example_scene(code: str, fitting: Callable[[Any], None]) -> Scene | None:
    """Right answer, wrong reason: a network of the chart that learned from marked pictures, beside one that did not."""
    return compare_lesson.scene(code, fitting)
