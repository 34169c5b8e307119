"""Counting by sorting is counting by hand, whatever the order, the symbols and the pieces it comes in."""

from collections import Counter

import numpy as np
import pytest
import torch

from neurarium.core.batches import Batch
from neurarium.rules.counting import BREAK, Counting


def by_hand(sequences, order):
    """The longest run of up to order + 1 symbols that ends at each place."""
    counts = Counter()
    for codes in sequences:
        for t in range(len(codes)):
            counts[tuple(codes[max(0, t - order) : t + 1])] += 1
    return counts


def as_counter(rule):
    codes, counts = rule.runs()
    return Counter({tuple(c for c in run if c != BREAK): int(n) for run, n in zip(codes.tolist(), counts, strict=True)})


def joined(sequences, order):
    parts = [np.r_[BREAK, each] for each in sequences]
    return np.concatenate([np.full(max(0, order - 1), BREAK), *parts])[0 if order else 1 :]


@pytest.mark.parametrize("order", [0, 1, 2, 5, 9])
@pytest.mark.parametrize("n_symbols", [1, 2, 30, 70_000])
def test_runs_are_counted_as_by_hand_however_many_words_a_run_takes(order, n_symbols):
    chance = np.random.default_rng(0)
    few = chance.choice(n_symbols, min(n_symbols, 3), replace=False)  # so that runs come again
    sequences = [chance.choice(few, n) for n in (1, 2, 40, 300)]
    rule = Counting(order, n_symbols)
    rule.step(Batch(torch.from_numpy(joined(sequences, order))[None]))
    assert as_counter(rule) == by_hand(sequences, order)
    assert rule.n_seen == 343
    assert rule.end_pass()


@pytest.mark.parametrize("order", [0, 1, 3, 6])
def test_pieces_in_any_order_and_a_resumed_count_give_the_same_table(order):
    chance = np.random.default_rng(1)
    codes = chance.integers(-1, 5, 1000)
    whole = Counting(order, 5)
    padded = np.r_[np.full(order, BREAK), codes]
    whole.step(Batch(torch.from_numpy(padded)[None]))
    rows = torch.from_numpy(np.lib.stride_tricks.sliding_window_view(padded, 100 + order)[::100].copy())
    parts = Counting(order, 5)
    for number in chance.permutation(10):
        other = Counting(order, 5)
        other.load_state_dict(parts.state_dict())
        parts = other
        parts.step(Batch(rows[number][None]))
    for one, two in zip(whole.runs(), parts.runs(), strict=True):
        assert np.array_equal(one, two)
    assert whole.n_seen == parts.n_seen == (codes != BREAK).sum()


def test_the_loss_is_the_share_of_symbols_that_ended_a_new_run():
    rule = Counting(1, 2)
    piece = Batch(torch.tensor([[BREAK, 0, 1, 0, 1, 0]]))
    assert rule.step(piece)["loss"].item() == pytest.approx(3 / 5)
    assert rule.step(piece)["loss"].item() == 0


def test_the_table_of_another_count_is_refused():
    with pytest.raises(ValueError, match="other runs"):
        Counting(1, 2).load_state_dict(Counting(12, 50).state_dict())
