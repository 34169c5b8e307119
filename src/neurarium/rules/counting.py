"""Counting: how often each run of symbols occurs, which is all that a Markov chain learns.

What is counted at place t is the longest run of symbols that ends there, order + 1 of them at most (fewer where a
sequence has just begun); the counts of all shorter runs are sums of these. A run of symbols is a whole number, its
symbols written one after the other in bits, so that counting is sorting; where 63 bits are too few it is several.

Parts of a sequence are counted one after the other and their tables joined, so the memory that counting takes grows
with the number of different runs, not with the length of what is read.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule

BREAK = -1
"""Stands between sequences, and for what came before the first symbol."""

_BITS = 63  # of a whole number that can hold symbols
_FEW = 2**12


class Runs(NamedTuple):
    """Different runs of symbols, and how often each occurs.

    Attributes:
        codes: (n, length) symbols, oldest first; `BREAK` in front where a run is shorter.
        counts: (n,) how often.
    """

    codes: Int[NDArray[Any], "n length"]
    counts: Int[NDArray[Any], "n"]


class Counting(Rule):
    """Count the runs of order + 1 symbols in rows of codes.

    Each row of a batch is `order` codes that have been counted before (or `BREAK`), and new ones after them.

    Args:
        order: Symbols that the next one may depend on.
        n_symbols: How many different symbols there are, numbered from 0.
    """

    def __init__(self, order: int, n_symbols: int) -> None:
        self.order = order
        self.bits = max(1, int(n_symbols).bit_length())  # 0 is kept for BREAK
        self._packed = np.zeros((_n_words(order + 1, self.bits), 0), np.int64)
        self._counts = np.zeros(0, np.int64)
        self.n_seen = 0

    def step(self, batch: Batch) -> Metrics:
        """Count some rows; say which share of their symbols ended a run that was not known before."""
        packed = self._pack(batch.inputs.numpy(force=True))
        known = len(self._counts)
        new, counts = _distinct(packed, None)
        joined = np.concatenate((self._packed, new), 1), np.concatenate((self._counts, counts))
        self._packed, self._counts = (new, counts) if known == 0 else _distinct(*joined)
        self.n_seen += packed.shape[1]
        return {"loss": torch.tensor((len(self._counts) - known) / max(1, packed.shape[1]))}

    def end_pass(self) -> bool:
        """One pass counts everything."""
        return True

    def runs(self) -> Runs:
        """What has been counted so far, in the order of the codes."""
        codes = np.empty((self._packed.shape[1], self.order + 1), np.int32)
        for column, (word, shift) in enumerate(_places(self.order + 1, self.bits)):
            codes[:, column] = ((self._packed[word] >> shift) & ((1 << self.bits) - 1)) - 1
        return Runs(codes, self._counts)

    def _pack(self, rows: Int[NDArray[Any], "rows codes"]) -> Int[NDArray[Any], "words n"]:
        """The run that ends at each new symbol of each row."""
        length = rows.shape[1] - self.order
        packed = np.zeros((_n_words(self.order + 1, self.bits), len(rows), length), np.int64)
        places = _places(self.order + 1, self.bits)
        written = rows.astype(np.int64) + 1  # BREAK is 0
        ends = written[:, self.order :] > 0
        # With nothing missing but in front, what is missing counts for nothing by itself.
        whole = ends.all() and not ((rows[:, 1:] == BREAK) & (rows[:, :-1] != BREAK)).any()
        alive = ends.copy()
        for back in range(self.order + 1):  # from the newest symbol to the oldest
            first = self.order - back
            codes = written[:, first : first + length]
            if not whole:
                alive &= codes > 0
                codes = codes * alive
            word, shift = places[self.order - back]
            packed[word] |= codes << shift
        if whole:
            return packed.reshape(len(packed), -1)
        return packed[:, ends]

    def state_dict(self) -> dict[str, Any]:
        """The table so far."""
        return {
            "packed": torch.from_numpy(self._packed),
            "counts": torch.from_numpy(self._counts),
            "n_seen": self.n_seen,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on counting from that table."""
        packed, counts = state["packed"].numpy(), state["counts"].numpy()
        if packed.shape != (len(self._packed), len(counts)):
            raise ValueError("a table of other runs.")
        self._packed, self._counts, self.n_seen = packed, counts, int(state["n_seen"])


def _n_words(length: int, bits: int) -> int:
    return -(-length // (_BITS // bits))


def _places(length: int, bits: int) -> list[tuple[int, int]]:
    """In which number, and how far to the left, each symbol of a run is written; the oldest comes first."""
    a_word = _BITS // bits
    n_words = _n_words(length, bits)
    places = []
    for column in range(length):
        back = length - 1 - column
        places.append((n_words - 1 - back // a_word, (back % a_word) * bits))
    return places


def _distinct(
    packed: Int[NDArray[Any], "words n"], counts: Int[NDArray[Any], "n"] | None
) -> tuple[Int[NDArray[Any], "words m"], Int[NDArray[Any], "m"]]:
    """Each run once, sorted, with the sum of its counts (None: each counts once)."""
    if len(packed) == 1 and counts is None:
        if packed.size and int(packed[0].max()) < max(
            _FEW, packed.size // 4
        ):  # so few that a tally is faster than sorting
            tally = np.bincount(packed[0])
            runs = np.flatnonzero(tally)
            return runs[None], tally[runs]
        runs, times = np.unique(packed[0], return_counts=True)
        return runs[None], times.astype(np.int64)
    order = np.argsort(packed[0], kind="stable") if len(packed) == 1 else np.lexsort(packed[::-1])
    sorted_ = packed[:, order]
    new = np.ones(sorted_.shape[1], bool)
    new[1:] = (sorted_[:, 1:] != sorted_[:, :-1]).any(0)
    starts = new.nonzero()[0]
    counts = np.ones(len(order), np.int64) if counts is None else counts[order]
    return np.ascontiguousarray(sorted_[:, starts]), np.add.reduceat(counts, starts) if len(starts) else counts[:0]
