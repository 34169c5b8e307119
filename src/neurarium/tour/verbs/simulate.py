"""simulate: read digits pixel by pixel, from left to right and from top to bottom, and walk on as they do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from neurarium.tour.digits import SIDE, Split
from neurarium.tour.figures import Figures, Picture, paired_chance
from neurarium.tour.making import make, need, passes, timed_fit

VERB = "simulate"
ORDER = SIDE + 1
"""Pixels that are remembered: a row and one more, so that the pixel above and the one before that are among them."""
_SHOWN = 16


def show(kind: type[Any], rows: Split) -> Figures:
    """A chain: how likely the next pixel of a held-out digit, ink or none, was to it.

    The mean is geometric: two to the power of minus the bits a pixel. The floor knows how much ink there is; the rival
    is scikit-learn's logistic regression on the same last pixels.
    """
    chain = make(kind, rows, order=ORDER)
    need(chain, "score", "simulate")
    seen, held_out = ((part >= 0.5).astype(np.int64) for part in (rows.seen, rows.held_out))
    seconds = timed_fit(chain, seen)
    ours = np.array([chain.score(digit) for digit in held_out])
    ink = seen.mean()
    floor = np.where(held_out == 1, np.log(ink), np.log1p(-ink)).mean()
    rival = _rival(seen, held_out)
    likely = float(np.exp(ours.mean()))
    walks = chain.simulate(SIDE * SIDE, n_chains=_SHOWN, random_state=rows.seed)
    return Figures(
        metric="likelihood of the next pixel",
        floor=float(np.exp(floor)),
        ours=likely,
        rival=float(np.exp(rival.mean())),
        rival_name=f"LogisticRegression on {ORDER} pixels (scikit-learn)",
        seconds=seconds,
        chance=likely * paired_chance(ours, rival),  # of the logarithms, carried over to first order
        passes=passes(chain),
        notes={"note.remembered": float(ORDER)},
        pictures=(Picture("picture.simulate", walks.reshape(-1, SIDE, SIDE).astype(float), columns=8),),
        fitted=chain,
    )


def _rival(seen: NDArray[Any], held_out: NDArray[Any]) -> NDArray[Any]:
    """The mean logarithm of what the rival gives to the pixels of each held-out digit."""
    # A context is one number here, and equal ones are counted: 512 rows in place of 90,000.
    counts = np.bincount(2 * _contexts(seen).ravel() + seen.ravel(), minlength=2 ** (ORDER + 1))
    contexts, following = np.divmod(np.arange(len(counts)), 2)
    reader = LogisticRegression().fit(_bits(contexts), following, sample_weight=counts)
    known = reader.predict_log_proba(_bits(np.arange(2**ORDER)))
    return np.asarray(known[_contexts(held_out), held_out].mean(1))


def _contexts(digits: NDArray[Any]) -> NDArray[Any]:
    """(digits, pixels) the pixels before each as a number, none before the first."""
    framed = np.pad(digits, ((0, 0), (ORDER, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(framed[:, :-1], ORDER, axis=1)
    return np.asarray(windows @ (1 << np.arange(ORDER)))


def _bits(contexts: NDArray[Any]) -> NDArray[Any]:
    """(contexts, ORDER) the pixels that such numbers stand for."""
    return contexts[:, None] >> np.arange(ORDER) & 1
