"""The lesson of the watermark: a network can be right for a wrong reason, and heat maps show it.

All pictures of one digit and no others carry a bright corner while network A learns; for network B half of all
pictures carry it, whatever the digit, so that it says nothing. Asked about a marked picture of that digit, both are
right. Asked about another digit with the corner pasted in, A sees the corner and is fooled, and B is not. (Had B never
seen ink in that corner, it would be lost for another reason: to a network that has scaled its columns, a number where
there always was none is enormous.)

Source: "Unmasking Clever Hans predictors and assessing what machines really learn" (Lapuschkin et al., 2019),
https://doi.org/10.1038/s41467-019-08987-4, where a copyright tag on photographs of horses was learnt in their place.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium import catalogue
from neurarium.core.roles import Classifier
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views import compare_scene
from neurarium.views.compare_networks import networks
from neurarium.views.shown import shown

DIGIT = 3
SIDE = 8
_CORNER = (slice(0, 3), slice(0, 3))
_OTHERS = (0, 4, 6, 7, 8, 9)
"""Digits that are shown with the mark pasted in."""
_PASSES = 10
"""At most: enough for digits."""
_HELD = 300
"""Pictures that nobody learns from: those that are shown are of them."""


def marked(X: NDArray[Any]) -> NDArray[Any]:
    """(n, 64) pictures with the bright corner."""
    pictures = np.array(X, np.float32).reshape(-1, SIDE, SIDE)
    pictures[:, *_CORNER] = 1
    return pictures.reshape(len(X), -1)


def pair(code: str, fitting: Callable[[Any], None]) -> tuple[Any, Any, NDArray[Any], NDArray[Any]]:
    """A and B, and the pictures and digits that neither of them has learned from.

    Args:
        code: The chart's letters.
        fitting: Called with each estimator before it is fitted.
    """
    (a, X, y), (b, _, _) = _example(code), _example(code)
    learned, held = slice(_HELD, None), slice(_HELD)
    of_digit, at_random = y == DIGIT, np.random.default_rng(0).uniform(size=len(y)) < 0.5
    for estimator, carrying in ((a, of_digit), (b, at_random)):
        if hasattr(estimator, "epochs"):
            estimator.epochs = min(estimator.epochs, _PASSES)
        fitting(estimator)
        pictures = np.where(carrying[:, None], marked(X), X)
        estimator.fit(pictures[learned], y[learned])
    return a, b, X[held], y[held]


def _example(code: str) -> tuple[Any, Any, Any]:
    """A network that sees digits, and the digits."""
    from neurarium.views.examples import example
    from neurarium.views.looks.heatmap import small_convolutions

    return small_convolutions() if code == "DCN" else example(code)


def scene(code: str, fitting: Callable[[Any], None]) -> Scene | None:
    """The scene of the lesson, or None where the chart's network tells no classes apart.

    Args:
        code: The chart's letters.
        fitting: Called with each estimator before it is fitted.
    """
    if not issubclass(catalogue.cards()[code].estimators[0], Classifier):
        return None
    a, b, X, y = pair(code, fitting)
    first = {digit: int(np.flatnonzero(y == digit)[0]) for digit in (DIGIT, *_OTHERS)}
    pasted = [first[digit] for digit in _OTHERS]
    plain = [first[DIGIT], first[_OTHERS[0]]]
    rows = np.concatenate([marked(X[[first[DIGIT], *pasted]]), X[plain]])
    truths = y[[first[DIGIT], *pasted, *plain]]
    called: list[str | Text] = [
        *(Text(f"a {digit} with the mark", f"un {digit} con la marca") for digit in (DIGIT, *_OTHERS)),
        *(Text(f"a {digit} without the mark", f"un {digit} sin la marca") for digit in (DIGIT, _OTHERS[0])),
    ]
    given = shown(a, rows, truths, "digits")
    made = compare_scene.scene(
        networks([a, b], given),
        given,
        names=[
            Text(f"A, mark on every {DIGIT}", f"A, marca en cada {DIGIT}"),
            Text("B, mark at random", "B, marca al azar"),
        ],
        called=called,
        before=Text(
            f"Right answer, wrong reason: A learned from pictures where every {DIGIT} and nothing else had a bright "
            "corner; for B the corner was dealt out at random. ",
            f"Respuesta correcta, razón equivocada: A aprendió con imágenes en las que cada {DIGIT}, y nada más, tenía "
            "una esquina brillante; para B la esquina se repartió al azar. ",
        ),
    )
    return made.called("neurarium.look([network_a, network_b], 'compare', X, y)").set(row=_telling(made))


def _telling(made: Scene) -> int:
    """The row to open on: A is fooled and B is right, as far as there is one."""

    def tells(row: int) -> tuple[bool, bool]:
        values = made.set(row=row).values
        truth = values["truth"]
        return bool(truth != DIGIT and values["said_0"] == DIGIT), bool(values["said_1"] == truth)

    return max(range(len(made.lists["rows"])), key=tells)
