"""The noise of a page is the same in Python and TypeScript, and is noise."""

import numpy as np
import pytest

from neurarium.page.noise import uniform


def mixed(a):
    """The same hash with whole numbers of any size."""
    a ^= a >> 16
    a = a * 0x21F0AAAD % 2**32
    a ^= a >> 15
    a = a * 0xD35A2D97 % 2**32
    return a ^ a >> 15


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_each_number_is_the_hash_of_the_seed_and_of_its_place(seed):
    wanted = [(mixed((mixed(seed) + place * 0x9E3779B9) % 2**32) >> 8) / 2**24 for place in range(1000)]
    assert uniform(seed, (10, 100)).ravel().tolist() == wanted


def test_the_first_numbers_are_those_that_the_runtime_has_too():
    first = {
        0: [0, 12870416, 3785145, 7288750],
        7: [13434729, 7846231, 5082031, 7589735],
    }
    for seed, numbers in first.items():
        assert (uniform(seed, (4,)) * 2**24).astype(int).tolist() == numbers


def test_the_numbers_are_spread_evenly_and_do_not_hang_together():
    drawn = uniform(3, (100_000,))
    assert drawn.dtype == np.float32
    assert 0 <= drawn.min() <= drawn.max() < 1
    counts = np.bincount((drawn * 100).astype(int), minlength=100)
    assert ((counts - 1000) ** 2 / 1000).sum() < 150  # 99 degrees of freedom: beyond that, 1 in 1,000 fall
    other = uniform(4, (100_000,))
    for pair in ((drawn[1:], drawn[:-1]), (drawn, other)):
        assert abs(np.corrcoef(*pair)[0, 1]) < 0.01


def test_a_shape_without_axes_is_one_number():
    assert uniform(5, ()).shape == ()
    assert uniform(5, ()) == uniform(5, (3,))[0]
