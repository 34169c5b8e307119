"""Rows come as people have them, in the precision they came in."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.core.rows import is_ragged, to_tensor
from neurarium.core.sequences import SequenceEstimator
from tiny import LineClassifier


@dataclass(eq=False, repr=False, kw_only=True)
class Reader(SequenceEstimator):
    """Reads sequences, and does nothing with them."""

    def _build(self, shape_in, shape_out):
        return nn.Identity()

    def _rule(self, module):
        raise NotImplementedError


def read(X, **parameters):
    return Reader(**parameters)._read(X, reset=True)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("float64", torch.float64),
        ("int64", torch.float64),
        ("float32", torch.float32),
        ("float16", torch.float32),
        ("uint8", torch.float32),
        ("int16", torch.float32),
        ("bool", torch.float32),
    ],
)
def test_numbers_keep_their_precision_and_float32_takes_what_it_holds_exactly(kind, wanted):
    rows = np.eye(4).astype(kind)
    assert LineClassifier(epochs=1).fit(rows, [0, 1, 0, 1]).module_.weight.dtype is wanted


def test_large_whole_numbers_are_not_rounded():
    assert float(read(np.full((2, 3), 2**40 + 1)).inputs[0, 0, 0]) == 2**40 + 1


def test_a_table_is_a_sequence_of_single_numbers_or_what_view_says():
    table = np.arange(24.0).reshape(2, 12)
    assert read(table).inputs.shape == (2, 12, 1)
    batch = read(table, view=(4, 3))
    assert torch.equal(batch.inputs[1, 2], torch.tensor([18.0, 19.0, 20.0], dtype=torch.float64))


def test_a_view_that_does_not_multiply_to_the_columns_says_so():
    with pytest.raises(ValueError, match=r"Reader: view=\(5, 3\) needs 5 x 3 columns; the table has 12"):
        read(np.zeros((2, 12)), view=(5, 3))


def test_a_ragged_list_is_padded_and_remembers_its_lengths():
    batch = read([np.ones((2, 3)), np.ones((5, 3)), torch.ones(1, 3)])
    assert batch.inputs.shape == (3, 5, 3)
    assert batch.lengths.tolist() == [2, 5, 1]
    assert float(batch.inputs.sum()) == 8 * 3


def test_a_ragged_list_of_numbers_is_one_feature_a_step():
    assert read([np.ones(2), np.ones(4)]).inputs.shape == (2, 4, 1)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        ([np.ones((2, 3)), np.ones((2, 4))], "sequence 1 has 4 features a step where 3 are needed"),
        ([np.ones((2, 3)), np.ones((0, 3))], "sequence 1 cannot be read: .*0 sample"),
        ([np.ones((2, 3)), np.full((2, 3), np.nan)], "sequence 1 cannot be read: .*NaN"),
    ],
)
def test_a_ragged_list_that_cannot_be_used_names_the_sequence(X, words):
    with pytest.raises(ValueError, match=words):
        read(X)


def test_nested_lists_are_a_table_and_lists_of_arrays_are_sequences():
    assert not is_ragged([[1, 2], [3, 4]])
    assert is_ragged([np.ones(2), np.ones(3)])


def test_images_are_rows_of_numbers_for_a_network_of_vectors():
    images = np.random.default_rng(0).random((10, 4, 4))
    estimator = LineClassifier(epochs=1).fit(images, np.arange(10) % 2)
    assert estimator.predict(images).shape == (10,)
    assert estimator.shape_in_ == (16,)
    with pytest.raises(ValueError, match="rows of 16 numbers; these have 20"):
        estimator.predict(np.zeros((3, 4, 5)))


def test_nothing_writes_into_the_callers_memory():
    rows = np.random.default_rng(0).random((20, 3))
    before = rows.copy()
    rows.setflags(write=False)
    LineClassifier(epochs=2).fit(rows, np.arange(20) % 2).predict(rows)
    assert np.array_equal(rows, before)
    assert to_tensor(rows[::-1]).shape == (20, 3)
