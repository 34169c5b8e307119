"""recall: store digits, and complete them again from damaged ones."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.tour.digits import Split, as_images
from neurarium.tour.figures import Figures, Picture, paired_chance
from neurarium.tour.making import make, need, passes, timed_fit

VERB = "recall"
OF_EACH = 2
"""Two of each digit: 20 patterns on 64 units, a load of 0.31, more than twice the 0.138 at which Hebb's rule drowns."""
FLIPPED = 0.1
"""The share of the bits of each probe that are flipped."""
_PROBES = 20
_SHOWN = 8


def show(kind: type[Any], rows: Split) -> Figures:
    """A memory: the share of damaged patterns that are recalled without a wrong bit.

    The floor leaves the damage as it is. The rival looks up the stored pattern with the fewest bits that differ, which
    needs all the patterns kept in a list: it is the best that can be done.
    """
    stored = _patterns(rows)
    draw = np.random.default_rng(rows.seed)
    truth = np.repeat(stored, _PROBES, axis=0)
    probes = _damage(truth, draw)
    memory = make(kind, rows)
    need(memory, "recall")
    seconds = timed_fit(memory, stored)
    recalled = (np.asarray(memory.recall(probes)) > 0.5).astype(stored.dtype)
    right = (recalled == truth).all(1)
    differing = (probes[:, None, :] != stored[None, :, :]).sum(2)
    rival_right = (stored[differing.argmin(1)] == truth).all(1)
    return Figures(
        metric="exact recall",
        floor=float((probes == truth).all(1).mean()),
        ours=float(right.mean()),
        rival=float(rival_right.mean()),
        rival_name="nearest stored pattern (numpy)",
        seconds=seconds,
        chance=paired_chance(right, rival_right),
        passes=passes(memory),
        notes={"note.load": len(stored) / stored.shape[1], "note.bits": float((recalled == truth).mean())},
        pictures=(_picture(truth, probes, recalled, right),),
        fitted=memory,
        rows=(stored, None),
    )


def _patterns(rows: Split) -> NDArray[Any]:
    """The first digits of each class that were drawn into this split, in black and white."""
    first = [np.flatnonzero(rows.seen_labels == label)[:OF_EACH] for label in np.unique(rows.seen_labels)]
    return (rows.seen[np.concatenate(first)] >= 0.5).astype(np.float32)


def _damage(patterns: NDArray[Any], draw: np.random.Generator) -> NDArray[Any]:
    """The patterns with a tenth of their bits flipped, others in each."""
    flips = round(FLIPPED * patterns.shape[1])
    order = draw.random(patterns.shape).argsort(1)
    return np.where(order < flips, 1 - patterns, patterns)


def _picture(truth: NDArray[Any], probes: NDArray[Any], recalled: NDArray[Any], right: NDArray[np.bool_]) -> Picture:
    """Stored, damaged and recalled, one below the other."""
    chosen = np.linspace(0, len(truth) - 1, _SHOWN).astype(int)
    tiles = np.concatenate([as_images(part[chosen]) for part in (truth, probes, recalled)])
    marked = frozenset(2 * len(chosen) + place for place, probe in enumerate(chosen) if not right[probe])
    values = {"right": int(right.sum()), "asked": len(right), "flipped": round(FLIPPED * truth.shape[1])}
    return Picture("picture.recall", tiles, columns=len(chosen), marked=marked, values=values)
