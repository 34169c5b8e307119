"""sample: draw new digits, like those it has seen and yet none of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

from neurarium.tour.digits import Split, as_images
from neurarium.tour.figures import Figures, Picture
from neurarium.tour.making import make, need, passes, timed_fit

VERB = "sample"
_DRAWN = 1000
_DUE = 0.02
"""The share of the samples that a class needs in order to count as covered: a fifth of its due."""
_LOOKS_REAL = 0.95
"""A sample looks real when its nearest seen digit is as near as that of this share of the held-out digits."""
_SHOWN = 16


def show(kind: type[Any], rows: Split) -> Figures:
    """A forger: how many of the ten digits are among 1,000 samples.

    A sample counts for the class that a judge names, scikit-learn's support vector classifier that was taught with real
    digits, and only if it looks real. The floor draws each pixel by itself; the rival is scikit-learn's mixture of ten
    Gaussians.
    """
    forger = make(kind, rows)
    need(forger, "sample")
    seconds = timed_fit(forger, rows.seen)
    judge = Judge(rows)
    ours = np.asarray(forger.sample(_DRAWN, random_state=rows.seed)).reshape(_DRAWN, -1)
    mixture = GaussianMixture(10, reg_covar=1e-3, random_state=rows.seed).fit(rows.seen)
    theirs = mixture.sample(_DRAWN)[0].clip(0, 1)
    draw = np.random.default_rng(rows.seed)
    single = draw.permuted(rows.seen, axis=0)[draw.integers(len(rows.seen), size=_DRAWN)]
    floor, found, rival = (judge.covered(drawn) for drawn in (single, ours, theirs))
    return Figures(
        metric="classes covered",
        floor=floor,
        ours=found,
        rival=rival,
        rival_name="GaussianMixture-10 (scikit-learn)",
        seconds=seconds,
        chance=0.0,
        passes=passes(forger),
        notes={"note.real": float(judge.real(ours).mean()), "note.reached": judge.reached(ours)},
        pictures=(_picture(ours, judge),),
        fitted=forger,
        rows=(rows.seen, rows.seen_labels),
    )


class Judge:
    """Says of a sample which digit it is, and whether it looks like one."""

    def __init__(self, rows: Split) -> None:
        self.rows = rows
        self._namer = SVC(random_state=rows.seed).fit(rows.seen, rows.seen_labels)
        self._seen = NearestNeighbors(n_neighbors=1).fit(rows.seen)
        self._far = float(np.quantile(self._seen.kneighbors(rows.held_out)[0], _LOOKS_REAL))

    def names(self, drawn: NDArray[Any]) -> NDArray[Any]:
        """(n,) the digit each sample is nearest to being."""
        return np.asarray(self._namer.predict(drawn))

    def real(self, drawn: NDArray[Any]) -> NDArray[np.bool_]:
        """(n,) whether each sample looks real."""
        return np.asarray(self._seen.kneighbors(drawn)[0][:, 0] <= self._far)

    def covered(self, drawn: NDArray[Any]) -> float:
        """The share of the classes that a fair number of samples belong to."""
        counts = np.bincount(self.names(drawn)[self.real(drawn)], minlength=len(np.unique(self.rows.seen_labels)))
        return float((counts >= _DUE * len(drawn)).mean())

    def reached(self, drawn: NDArray[Any]) -> float:
        """The share of the held-out digits that have a sample as near as real digits have one another."""
        distances = NearestNeighbors(n_neighbors=1).fit(drawn).kneighbors(self.rows.held_out)[0]
        return float((distances <= self._far).mean())


def _picture(drawn: NDArray[Any], judge: Judge) -> Picture:
    """The first samples as they came, with the name the judge gives them; framed are those that look like no digit."""
    first = drawn[:_SHOWN]
    real = judge.real(first)
    values = {"real": int(judge.real(drawn).sum()), "drawn": len(drawn)}
    return Picture(
        "picture.sample",
        as_images(first).clip(0, 1),
        columns=8,
        labels=tuple(map(str, judge.names(first))),
        marked=frozenset(np.flatnonzero(~real).tolist()),
        values=values,
    )
