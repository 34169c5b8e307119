"""The rows of the tour: 1,797 handwritten digits, split in the same way for a network and for its rival."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from neurarium.datasets import shelf

SIDE = 8
"""Pixels along each edge of a digit."""


@dataclass(frozen=True, eq=False)
class Split:
    """Four fifths to learn from and one fifth to be asked about, each digit equally often on both sides.

    Attributes:
        seed: What decided it.
        seen, held_out: (n, 64) ink from 0 to 1.
        seen_labels, held_out_labels: (n,) which digit.
        fast: Whether half of the digits are left out, and networks make fewer passes.
    """

    seed: int
    seen: NDArray[np.float32]
    held_out: NDArray[np.float32]
    seen_labels: NDArray[Any]
    held_out_labels: NDArray[Any]
    fast: bool = False

    def most_frequent(self) -> float:
        """The share that is right for whoever always answers with the most frequent digit."""
        values, counts = np.unique(self.seen_labels, return_counts=True)
        return float(np.mean(self.held_out_labels == values[counts.argmax()]))


@functools.lru_cache(maxsize=32)
def split(seed: int, *, fast: bool = False) -> Split:
    """The split of a seed.

    Args:
        seed: What decides it.
        fast: Whether only half of the digits are there to be learnt from; those asked about are the same.

    Example:
        >>> split(0).seen.shape, split(0, fast=True).seen.shape, split(0).held_out.shape
        ((1437, 64), (718, 64), (360, 64))
    """
    digits = shelf.load("digits")
    rows = np.asarray(digits.data, np.float32).reshape(len(digits.data), -1)
    parts = train_test_split(rows, digits.target, test_size=0.2, stratify=digits.target, random_state=seed)
    seen, held_out, seen_labels, held_out_labels = parts
    if fast:
        half = train_test_split(seen, seen_labels, train_size=0.5, stratify=seen_labels, random_state=seed)
        seen, _, seen_labels, _ = half
    return Split(seed, seen, held_out, seen_labels, held_out_labels, fast)


def as_images(rows: NDArray[Any]) -> NDArray[Any]:
    """(n, 64) rows as (n, 8, 8) pictures."""
    return np.asarray(rows).reshape(-1, SIDE, SIDE)
