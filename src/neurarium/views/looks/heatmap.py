"""heatmap: what in a row speaks for a class and what against it, by six ways of asking, on one scale."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from neurarium.core.estimator import Estimator
from neurarium.core.roles import Classifier
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views import heatmap_live, heatmap_sequences
from neurarium.views.explaining import shares_of
from neurarium.views.looked_at import looked_at
from neurarium.views.shown import Shown

NAME = "heatmap"
TITLE = Text("Heat maps", "Mapas de calor")
ORDER = 30


def can(fitted: Any) -> bool:
    """Whether it gives a score for each class, which its inputs move smoothly: a classifier, or a module."""
    if isinstance(fitted, Estimator):
        return isinstance(fitted, Classifier) and getattr(fitted, "output", "last") == "last"
    return isinstance(fitted, nn.Module)


def scene(
    fitted: Any,
    rows: Shown,
    *,
    picture: Sequence[int] | None = None,
    steps: int | None = None,
) -> Scene:
    """Gradient, gradient times input, integrated gradients, relevance by two rules, and occlusion.

    Args:
        fitted: A fitted classifier, or a module that gives (n, classes) scores.
        rows: Rows, and their classes where they are known.
        picture: (height, width) or (channels, height, width) that the columns of a table are seen as.
        steps: Places where integrated gradients ask for the gradient, 2 to 256; None for 32, fewer where the network is
            large.

    Raises:
        CannotLook: There are no rows, or the module does not answer with a score for each class.
        ValueError: `steps` is out of its range.
    """
    if steps is not None and not 2 <= steps <= 256:
        raise ValueError(f"heatmap: steps is a whole number from 2 to 256; got {steps!r}.")
    seen = looked_at(fitted, rows, NAME, picture)
    shares = shares_of(fitted)
    if seen.kind == "sequence":
        return heatmap_sequences.scene(seen, rows, shares, steps, getattr(fitted, "_whole", None))
    return heatmap_live.scene(seen, rows, shares, steps)


def example(code: str) -> tuple[Any, Any, Any] | None:
    """Digits for the convolutional network, a small one that answers a page at once; a table for those of tables."""
    if code == "DCN":
        return small_convolutions()
    if code not in ("P", "FF", "RBF", "ELM"):
        return None
    from sklearn.datasets import load_wine  # not at the top: listing the looks stays cheap

    from neurarium.catalogue import cards
    from neurarium.views.tables import table

    wine = load_wine()
    names = [name.replace("_", " ") for name in wine.feature_names]
    return cards()[code].estimators[0](random_state=0), table(wine.data, names), wine.target_names[wine.target]


def small_convolutions() -> tuple[Any, Any, Any]:
    """A convolutional network with two layers of kernels, and the digits."""
    import numpy as np

    from neurarium.datasets import shelf
    from neurarium.networks.convolutional import ConvolutionalClassifier

    layers = ("conv 8 3x3 padding 1", "relu", "max pool 2x2", "conv 16 3x3 padding 1", "relu", "max pool 2x2")
    digits = shelf.load("digits")
    X = np.asarray(digits.data, np.float32).reshape(len(digits.data), -1)
    return ConvolutionalClassifier(layers=layers, view=(8, 8), epochs=8, random_state=0), X, digits.target
