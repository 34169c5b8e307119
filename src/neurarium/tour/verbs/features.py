"""features: turn the pixels, without labels, into codes from which a linear classifier reads the digit better."""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import BernoulliRBM

from neurarium.tour.digits import SIDE, Split, as_images
from neurarium.tour.figures import Figures, Picture, paired_chance
from neurarium.tour.making import make, need, passes, timed_fit

VERB = "features"
_SHOWN = 32


def show(kind: type[Any], rows: Split) -> Figures:
    """An encoder below a linear classifier.

    The floor is the same classifier on the raw pixels. The rival is the same classifier on the features of
    scikit-learn's BernoulliRBM, as many of them and otherwise with its defaults, or on the principal components that
    keep 95 % of the variance: whichever of the two does better.
    """
    encoder = make(kind, rows)
    need(encoder, "transform")
    seconds = timed_fit(encoder, rows.seen)
    seen, held_out = encoder.transform(rows.seen), encoder.transform(rows.held_out)
    right = _read_linearly(seen, held_out, rows)
    rival_name, rival_right = _rival(rows, seen.shape[1])
    return Figures(
        metric="accuracy of a linear classifier",
        floor=float(_read_linearly(rows.seen, rows.held_out, rows).mean()),
        ours=float(right.mean()),
        rival=float(rival_right.mean()),
        rival_name=f"{rival_name} (scikit-learn)",
        seconds=seconds,
        chance=paired_chance(right, rival_right),
        passes=passes(encoder),
        notes={"note.codes": float(seen.shape[1])},
        pictures=_receptive_fields(encoder, seen),
        fitted=encoder,
        rows=(rows.held_out, rows.held_out_labels),
    )


def _read_linearly(seen: NDArray[Any], held_out: NDArray[Any], rows: Split) -> NDArray[np.bool_]:
    """Which held-out digits a linear classifier names from these codes."""
    classifier = LogisticRegression(max_iter=2000).fit(seen, rows.seen_labels)
    return np.asarray(classifier.predict(held_out) == rows.held_out_labels)


@functools.lru_cache(maxsize=32)
def _rival(rows: Split, n_codes: int) -> tuple[str, NDArray[np.bool_]]:
    """The better rival's name, and which held-out digits are named from its features."""
    rivals = {
        f"BernoulliRBM-{n_codes}": BernoulliRBM(n_components=n_codes, random_state=rows.seed),
        "PCA": PCA(0.95, random_state=rows.seed),
    }
    right = {
        name: _read_linearly(rival.fit(rows.seen).transform(rows.seen), rival.transform(rows.held_out), rows)
        for name, rival in rivals.items()
    }
    best = max(right, key=lambda name: right[name].mean())
    return best, right[best]


def _receptive_fields(encoder: Any, codes: NDArray[Any]) -> tuple[Picture, ...]:
    """What the liveliest units look for: their weights from the pixels, where the network has such weights."""
    n_codes = codes.shape[1]
    shapes = {(n_codes, SIDE * SIDE): False, (SIDE * SIDE, n_codes): True}
    for weight in encoder.module_.state_dict().values():
        if tuple(weight.shape) in shapes:
            fields = weight.numpy(force=True)
            fields = fields.T if shapes[tuple(weight.shape)] else fields
            chosen = np.sort(np.argsort(-codes.std(0), kind="stable")[:_SHOWN])
            tiles = as_images(fields[chosen])
            tiles = (tiles / np.quantile(np.abs(tiles), 0.95, (1, 2), keepdims=True).clip(1e-12)).clip(-1, 1)
            values = {"shown": len(chosen), "codes": n_codes}
            return (Picture("picture.fields", tiles, columns=8, signed=True, values=values),)
    return ()
