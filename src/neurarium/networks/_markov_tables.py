"""From counts to probabilities: the runs of every length in one sorted table, smoothed by backing off to shorter ones.

Runs of 0, 1, ..., order + 1 symbols stand in one table, the empty one first, shorter before longer, and those of one
length in the order of their symbols, the oldest first. So the runs that continue a run stand side by side, and one
sorted column of whole numbers, `key` = place of the run without its last symbol * n_symbols + last symbol, finds all of
them. A run without its first symbol is its `suffix`: that is where a context backs off to.

Interpolated back-off: with c(g) counts, the contexts h and the runs g = h s,

    p(s | h) = direct(s | h) + back_off(h) p(s | suffix of h),      p(s | nothing) = ... + back_off(nothing) / n_symbols

    none          direct = c(g) / c(h .),               back_off = 0: the counts as they are
    Witten-Bell   direct = c(g) / (c(h .) + N(h .)),    back_off = N(h .) / (c(h .) + N(h .)), N different successors
    Kneser-Ney    direct = (c(g) - D(c(g))) / c(h .),   back_off = what the discounts D leave over; of runs shorter than
                  the longest c(g) is in how many different ways they were preceded

Every p(. | h) sums to 1; a context that never was followed by anything has back_off 1.

Sources: I. Witten and T. Bell, The zero-frequency problem, IEEE Transactions on Information Theory 37, 1991 (their
method C); S. Chen and J. Goodman, An empirical study of smoothing techniques for language modeling, Computer Speech and
Language 13, 1999 (modified Kneser-Ney, equations 20 to 28).
"""

from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from neurarium.rules.counting import BREAK, Runs

Smoothing = Literal["none", "witten-bell", "kneser-ney"]
_USUAL = (0.5, 1.0, 1.5)  # discounts where there are too few runs to estimate them


class Table(NamedTuple):
    """Runs of all lengths.

    Attributes:
        key: (runs,) where to find a run; -1 for the empty one.
        suffix: (runs,) the run without its first symbol; 0 for the empty one.
        counts: (runs,) how often it occurs; the empty one as often as there are symbols.
        probability: (runs,) of the last symbol after the others.
        direct: (runs,) the part of it that does not come from backing off.
        back_off: (contexts,) of the runs of up to `order` symbols.
        first: (contexts + 1,) where the runs stand that continue a context.
        sizes: Runs of each length, from 0 to order + 1.
    """

    key: Int[NDArray[Any], "runs"]
    suffix: Int[NDArray[Any], "runs"]
    counts: Int[NDArray[Any], "runs"]
    probability: Float[NDArray[Any], "runs"]
    direct: Float[NDArray[Any], "runs"]
    back_off: Float[NDArray[Any], "contexts"]
    first: Int[NDArray[Any], "contexts_and_1"]
    sizes: tuple[int, ...]


class _Level(NamedTuple):
    """The runs of one length; `suffix` and `prefix` number those of the length before."""

    symbol: NDArray[np.int64]
    prefix: NDArray[np.int64]
    suffix: NDArray[np.int64]
    counts: NDArray[np.int64]
    preceded: NDArray[np.int64]  # in how many ways


def tabulate(runs: Runs, n_symbols: int, smoothing: Smoothing) -> Table:
    """The table of all runs, with their probabilities.

    Args:
        runs: The longest runs that end at each place.
        n_symbols: How many different symbols there are.
        smoothing: How to back off.
    """
    levels = _levels(runs)
    sizes = (1, *(len(level.symbol) for level in levels))
    offsets = np.cumsum((0, *sizes))
    n_contexts = int(offsets[len(levels)])
    key = np.concatenate(
        ([-1], *((offsets[j] + level.prefix) * n_symbols + level.symbol for j, level in enumerate(levels)))
    )
    suffix = np.concatenate(([0], *(offsets[j] + level.suffix for j, level in enumerate(levels))))
    count = np.concatenate(([runs.counts.sum()], *(level.counts for level in levels)))
    direct, probability = np.ones(len(key)), np.ones(len(key))
    back_off = np.ones(n_contexts)
    for j, level in enumerate(levels):
        lower = np.full(len(level.symbol), 1 / n_symbols) if j == 0 else probability[offsets[j] + level.suffix]
        effective = level.preceded if smoothing == "kneser-ney" and j < len(levels) - 1 else level.counts
        part, rest = _shares(effective, level.prefix, sizes[j], smoothing)
        here = slice(offsets[j + 1], offsets[j + 2])
        direct[here], probability[here] = part, part + rest[level.prefix] * lower
        back_off[offsets[j] : offsets[j + 1]] = rest
    first = np.searchsorted(key, np.arange(n_contexts + 1) * n_symbols)
    return Table(key, suffix, count, probability, direct, back_off, first, sizes)


def _levels(runs: Runs) -> list[_Level]:
    """The runs of each length from 1 on, found by taking one more symbol at a time, from the newest to the oldest."""
    codes, counts = runs
    rows = np.arange(len(codes))
    row_id = np.zeros(len(codes), np.int64)  # the run of the length before that each row ends in
    levels: list[_Level] = []
    keys = np.zeros(0, np.int64)
    for length in range(1, codes.shape[1] + 1):
        oldest = codes[rows, -length].astype(np.int64)
        whole = oldest != BREAK
        at_start = row_id[~whole]
        rows, oldest, row_id = rows[whole], oldest[whole], row_id[whole]
        n_before = len(levels[-1].symbol) if levels else 1
        if levels:
            # Ways to be preceded: the different longer runs, and the start of a sequence as one more.
            begins = np.zeros(n_before, np.int64)
            begins[at_start] = 1
        previous_keys = keys
        keys, member = np.unique(oldest * n_before + row_id, return_inverse=True)
        suffix, first_symbol = keys % n_before, keys // n_before
        if levels:
            before = levels[-1]
            levels[-1] = before._replace(preceded=begins + np.bincount(suffix, minlength=n_before))
            symbol = before.symbol[suffix]
            n_two_before = len(levels[-2].symbol) if len(levels) > 1 else 1
            prefix = np.searchsorted(previous_keys, first_symbol * n_two_before + before.prefix[suffix])
        else:
            symbol, prefix = first_symbol, np.zeros(len(keys), np.int64)
        count = np.bincount(member, weights=counts[rows], minlength=len(keys)).astype(np.int64)
        levels.append(_Level(symbol, prefix, suffix, count, count))
        row_id = member.astype(np.int64)
    return levels


def _shares(
    counts: NDArray[np.int64], prefix: NDArray[np.int64], n_contexts: int, smoothing: Smoothing
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """direct(s | h) of each run and back_off(h) of each context."""
    total = np.bincount(prefix, weights=counts, minlength=n_contexts)
    kinds = np.bincount(prefix, minlength=n_contexts)
    safe = np.maximum(total, 1)
    if smoothing == "none":
        return counts / safe[prefix], np.where(total > 0, 0.0, 1.0)
    if smoothing == "witten-bell":
        return counts / (safe + kinds)[prefix], np.where(total > 0, kinds / (safe + kinds), 1.0)
    discount = _discounts(counts)[np.minimum(counts, 3)]
    left = np.bincount(prefix, weights=discount, minlength=n_contexts)
    return (counts - discount) / safe[prefix], np.where(total > 0, left / safe, 1.0)


def _discounts(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is taken from a count of 0, 1, 2, and 3 or more: estimated from how many runs occur once to four times."""
    n1, n2, n3, n4 = (int((counts == times).sum()) for times in (1, 2, 3, 4))
    if min(n1, n2, n3, n4) == 0:
        return np.array([0.0, *_USUAL])
    y = n1 / (n1 + 2 * n2)
    found = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
    sound = all(0 <= each < times for times, each in enumerate(found, 1))
    return np.array([0.0, *(found if sound else _USUAL)])
