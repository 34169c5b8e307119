"""Whether float32 is enough."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.program.sheet import TOLERANCE, scale

_SAFE = TOLERANCE / 5  # a printed file adds up in another order than torch does: so much less may float32 lose


def near(quick: Mapping[str, NDArray[Any]], precise: Mapping[str, NDArray[Any]]) -> bool:
    """Whether float32 says the same as float64 to a fifth of the tolerance, and to the bit where it counts."""
    for name, one in quick.items():
        other = precise[name]
        if one.dtype.kind != "f" and not np.array_equal(one, other):
            return False
        with np.errstate(invalid="ignore"):
            away = np.where(one == other, 0, np.abs(one.astype(float) - other))
        if not np.nanmax(away, initial=0) <= _SAFE * scale(other):
            return False
    return True
