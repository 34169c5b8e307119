"""classify rows: name the digit after reading it from top to bottom, a row of pixels a step."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.tour.answers import show_classifier
from neurarium.tour.digits import SIDE, Split
from neurarium.tour.figures import Figures, Picture
from neurarium.tour.making import make

VERB = "classify rows"
_SHOWN = 40


def show(kind: type[Any], rows: Split) -> Figures:
    """A classifier of sequences: eight steps of eight pixels."""
    reader = make(kind, rows, view=(SIDE, SIDE))
    found = show_classifier(reader, rows)
    return replace(found, pictures=(*found.pictures, *_reading(reader, rows.held_out[:1])))


def _reading(reader: Any, digit: NDArray[Any]) -> tuple[Picture, ...]:
    """What the units did while a digit went by, where the network lets one look."""
    if not callable(getattr(reader, "stages", None)):
        return ()
    seen = reader.stages(digit)
    # What the units give out, where there is more of them to be seen (gates), else the first of them.
    for states in (seen.get("hidden", next(iter(seen.values()))), *seen.values()):
        if states.ndim == 3 and states.shape[:2] == (1, SIDE) and states.shape[2] > SIDE:
            liveliest = np.sort(np.argsort(-states[0].std(0), kind="stable")[:_SHOWN])
            shown = states[:, :, liveliest]
            values = {"shown": len(liveliest), "units": states.shape[2]}
            return (Picture("picture.reading", shown / np.abs(shown).max().clip(1e-12), 1, signed=True, values=values),)
    return ()
