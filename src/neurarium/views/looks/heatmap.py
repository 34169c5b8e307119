"""heatmap: what in a row speaks for a class and what against it, by six ways of asking.

Of a network that answers at every step of a sequence, the answer at a chosen step is explained. Sequences have five
maps: relevance is handed back through time by the epsilon rule alone (see `relevance_time.py`).
"""

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
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

NAME = "heatmap"
TITLE = Text("Heat maps", "Mapas de calor")
ORDER = 30


def can(fitted: Any) -> bool:
    """Whether it gives a score for each class, which its inputs move smoothly: a classifier, or a module."""
    if isinstance(fitted, Estimator):
        return isinstance(fitted, Classifier)
    return isinstance(fitted, nn.Module)


def scene(
    fitted: Any,
    rows: Shown,
    *,
    picture: Sequence[int] | None = None,
    steps: int | None = None,
    alpha: float | None = None,
) -> Scene:
    """Gradient, gradient times input, integrated gradients, relevance by two rules, and occlusion.

    Args:
        fitted: A fitted classifier, or a module that gives (n, classes) scores, or (n, time, classes) scores at every
            step of sequences.
        rows: Rows, and their classes where they are known.
        picture: (height, width) or (channels, height, width) that the columns of a table are seen as.
        steps: Places where integrated gradients ask for the gradient, 2 to 256; None for 32, fewer where the network is
            large.
        alpha: Of the alpha-beta rule, 1 to 3, None for 2; not for sequences, which have the epsilon rule instead.

    Raises:
        CannotLook: There are no rows, the module does not answer with a score for each class, or `alpha` was given for
            sequences.
        ValueError: `steps` is out of its range.
    """
    if steps is not None and not 2 <= steps <= 256:
        raise ValueError(f"heatmap: steps is a whole number from 2 to 256; got {steps!r}.")
    seen = looked_at(fitted, rows, NAME, picture, every=True)
    shares = shares_of(fitted)
    if seen.kind == "sequence":
        if alpha is not None:
            raise CannotLook(
                "heatmap: alpha is not for sequences: by the alpha-beta rule numbers grow at every step of time. Leave "
                "it out and go by the map 'LRP ε'."
            )
        return heatmap_sequences.scene(seen, rows, shares, steps, getattr(fitted, "_whole", None))
    made = heatmap_live.scene(seen, rows, shares, steps)
    return made if alpha is None else made.set(alpha=alpha)


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
