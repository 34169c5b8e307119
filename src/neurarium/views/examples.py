"""What a look shows where nobody brings a network: one of the chart's, fitted on data that need no download."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium import catalogue
from neurarium.datasets import shelf
from neurarium.page.scene import Scene
from neurarium.views.gates_story import story
from neurarium.views.looking import found_looks, look

Example = tuple[Any, Any, Any]
"""An estimator, unfitted; rows; and answers or None."""

_SIDE = 8
_OF_EACH = 2


def example(code: str) -> Example:
    """A network of the chart and the digits as its verb reads them.

    Args:
        code: The chart's letters.

    Example:
        >>> estimator, X, y = example("P")
        >>> type(estimator).__name__, X.shape, len(y)
        ('PerceptronClassifier', (1797, 64), 1797)
    """
    card = catalogue.cards()[code]
    kind = card.estimators[0]
    digits = shelf.load("digits")
    X = np.asarray(digits.data, np.float32).reshape(len(digits.data), -1)
    y = digits.target
    has = {field.name for field in fields(kind)}
    asked: dict[str, Any] = {"random_state": 0} if "random_state" in has else {}
    if card.verb == "classify rows":
        asked["view"] = (_SIDE, _SIDE)
    if card.verb == "recall":
        chosen = np.concatenate([np.flatnonzero(y == label)[:_OF_EACH] for label in np.unique(y)])
        return kind(**asked), (X[chosen] >= 0.5).astype(np.float32), None
    if card.verb == "simulate":
        return kind(**asked), story(), None
    return kind(**asked), X, y if card.verb.startswith("classify") else None


def fitted_alike(
    codes: Sequence[str], *, fitting: Callable[[Any], None] = lambda estimator: None
) -> tuple[list[Any], Any, NDArray[Any] | None]:
    """Several networks of the chart, fitted on the same digits; and these.

    Args:
        codes: The chart's letters.
        fitting: Called with each estimator before it is fitted.
    """
    made = []
    for code in codes:
        estimator, X, y = example(code)
        fitting(estimator)
        made.append(estimator.fit(X) if y is None else estimator.fit(X, y))
    return made, X, y


def scenes(
    code: str, views: Sequence[str] | None = None, *, fitting: Callable[[Any], None] = lambda estimator: None
) -> Iterator[Scene]:
    """The looks of a network of the chart, each on the data where it shows most.

    Args:
        code: The chart's letters.
        views: Which looks; None for all that the network has.
        fitting: Called with each estimator before it is fitted.

    Raises:
        CannotLook: A look that was named is not for this network, or there is none of that name.
    """
    fitted: dict[Any, tuple[Any, Any, NDArray[Any] | None]] = {}

    def network(view: str) -> tuple[Any, Any, NDArray[Any] | None]:
        own = getattr(found_looks()[view], "example", lambda code: None)(code)
        key = view if own is not None else None
        if key not in fitted:
            estimator, X, y = own or example(code)
            fitting(estimator)
            fitted[key] = estimator.fit(X) if y is None else estimator.fit(X, y), X, y
        return fitted[key]

    for view in found_looks() if views is None else views:
        if view not in found_looks():
            look(None, view)  # says which there are
        made = getattr(found_looks()[view], "example_scene", None)
        scene = None if made is None else made(code, fitting)
        if scene is not None:
            yield scene
            continue
        estimator, X, y = network(view)
        if views is not None or found_looks()[view].can(estimator):
            yield look(estimator, view, X, y)
