"""compress: keep of each digit a few numbers only, and draw it again from these."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from neurarium.tour.digits import Split, as_images
from neurarium.tour.figures import Figures, Picture, paired_chance
from neurarium.tour.making import make, need, passes, timed_fit

VERB = "compress"
CODES = 8
"""Numbers that are kept of the 64 pixels of a digit."""
_SHOWN = 8


def show(kind: type[Any], rows: Split) -> Figures:
    """A coder: the share of the held-out digits' variance that comes back from the code.

    The floor draws the mean digit whatever it is asked. The rival keeps as many principal components, the best that
    can be done with straight lines.
    """
    coder = make(kind, rows, n_components=CODES)
    need(coder, "transform", "inverse_transform")
    seconds = timed_fit(coder, rows.seen)
    rival = PCA(CODES, random_state=rows.seed).fit(rows.seen)
    again = [np.asarray(each.inverse_transform(each.transform(rows.held_out))) for each in (coder, rival)]
    ours, theirs, floor = (_kept(drawn, rows) for drawn in (*again, rows.seen.mean(0)))
    return Figures(
        metric="variance kept",
        floor=float(floor.mean()),
        ours=float(ours.mean()),
        rival=float(theirs.mean()),
        rival_name=f"PCA-{CODES} (scikit-learn)",
        seconds=seconds,
        chance=paired_chance(ours, theirs),
        passes=passes(coder),
        notes={"note.kept": float(CODES)},
        pictures=(_picture(rows.held_out, *again),),
        fitted=coder,
        rows=(rows.held_out, rows.held_out_labels),
    )


def _kept(drawn: NDArray[Any], rows: Split) -> NDArray[Any]:
    """How well each held-out digit came back; the mean over all is the share of the variance that is kept."""
    lost = ((drawn - rows.held_out) ** 2).sum(1)
    spread = ((rows.held_out - rows.held_out.mean(0)) ** 2).sum(1).mean()
    return np.asarray(1 - lost / spread)


def _picture(digits: NDArray[Any], ours: NDArray[Any], theirs: NDArray[Any]) -> Picture:
    """Digits, what came back, and what the rival gave back, one below the other."""
    chosen = np.linspace(0, len(digits) - 1, _SHOWN).astype(int)
    tiles = np.concatenate([as_images(part[chosen]).clip(0, 1) for part in (digits, ours, theirs)])
    return Picture("picture.compress", tiles, columns=len(chosen), values={"codes": CODES})
