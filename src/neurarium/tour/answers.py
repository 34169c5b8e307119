"""Classifiers on tour: floor, rival and picture, the same whether all pixels are seen at once or row by row."""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from neurarium.tour.digits import Split, as_images
from neurarium.tour.figures import Figures, Picture, paired_chance
from neurarium.tour.making import need, passes, timed_fit

RIVAL = "SVC (scikit-learn)"
_SHOWN = 16


def show_classifier(estimator: Any, rows: Split) -> Figures:
    """Fit a classifier and count the held-out digits it names.

    The floor always says the most frequent digit. The rival is scikit-learn's support vector classifier with its
    defaults: on these digits the strongest of the methods that everybody has at hand.
    """
    need(estimator, "predict")
    seconds = timed_fit(estimator, rows.seen, rows.seen_labels)
    answers = np.asarray(estimator.predict(rows.held_out))
    right = answers == rows.held_out_labels
    rival_right = _rival_right(rows)
    return Figures(
        metric="accuracy",
        floor=rows.most_frequent(),
        ours=float(right.mean()),
        rival=float(rival_right.mean()),
        rival_name=RIVAL,
        seconds=seconds,
        chance=paired_chance(right, rival_right),
        passes=passes(estimator),
        pictures=(_picture(rows, answers, right),),
        fitted=estimator,
        rows=(rows.held_out, rows.held_out_labels),
    )


@functools.lru_cache(maxsize=32)
def _rival_right(rows: Split) -> NDArray[np.bool_]:
    """Which held-out digits the rival names; it is fitted once a split, for all the networks that meet it."""
    answers = SVC(random_state=rows.seed).fit(rows.seen, rows.seen_labels).predict(rows.held_out)
    return np.asarray(answers == rows.held_out_labels)


def _picture(rows: Split, answers: NDArray[Any], right: NDArray[np.bool_]) -> Picture:
    """The digits it got wrong, and as many more as there is room for."""
    wrong = np.flatnonzero(~right)[: _SHOWN // 2]
    chosen = np.concatenate([wrong, np.flatnonzero(right)[: _SHOWN - len(wrong)]])
    return Picture(
        caption="picture.answers",
        values={"right": int(right.sum()), "asked": len(right)},
        tiles=as_images(rows.held_out[chosen]),
        columns=8,
        labels=tuple(str(answers[row]) for row in chosen),
        marked=frozenset(range(len(wrong))),
    )
