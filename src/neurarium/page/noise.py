"""Chance that a page and Python share: numbers that depend on a seed and a count alone."""

import numpy as np
from numpy.typing import NDArray


def uniform(seed: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Numbers in [0, 1), in steps of 2**-24, bit for bit those of the page's runtime.

    Each is a hash of the seed and of its own number (the finaliser "lowbias32" of Chris Wellons and TheIronBorn,
    twice), so that the order in which they are asked for does not matter.

    Args:
        seed: From 0 to 2**32 - 1.
        shape: Of the array.

    Example:
        >>> uniform(0, (2,)).shape, bool((uniform(1, (1000,)).mean() - 0.5) ** 2 < 0.001)
        ((2,), True)
    """
    count = np.arange(int(np.prod(shape, dtype=np.int64)), dtype=np.uint32)
    with np.errstate(over="ignore"):
        mixed = _mix(_mix(np.array([seed], np.uint32)) + count * np.uint32(0x9E3779B9))
    return ((mixed >> np.uint32(8)).astype(np.float32) / np.float32(2**24)).reshape(shape)


def _mix(a: NDArray[np.uint32]) -> NDArray[np.uint32]:
    a = (a ^ (a >> np.uint32(16))) * np.uint32(0x21F0AAAD)
    a = (a ^ (a >> np.uint32(15))) * np.uint32(0xD35A2D97)
    return a ^ (a >> np.uint32(15))
