"""Orthogonal least squares against the search that tries every column."""

import numpy as np
import torch

from neurarium.rules.orthogonal_least_squares import pick
from neurarium.rules.ridge import leave_one_out


def problem(n=40, h=12, k=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, h, generator=generator, dtype=torch.float64) + 2
    Y = X[:, [3, 7]] @ torch.randn(2, k, generator=generator, dtype=torch.float64)
    return X, Y + 0.3 * torch.randn(n, k, generator=generator, dtype=torch.float64)


def left(X, Y, columns):
    """What least squares with these columns and a constant leaves of the targets."""
    A = np.column_stack([np.ones(len(X)), X[:, columns]])
    return float(((Y - A @ np.linalg.lstsq(A, Y, rcond=None)[0]) ** 2).sum())


def test_each_pick_is_the_column_that_lowers_the_error_most():
    X, Y = problem()
    picked = pick(X, Y, 6)
    taken: list[int] = []
    for column in picked.columns.tolist():
        trials = {j: left(X.numpy(), Y.numpy(), [*taken, j]) for j in range(12) if j not in taken}
        assert column == min(trials, key=trials.__getitem__)
        taken.append(column)
    explained = 1 - left(X.numpy(), Y.numpy(), taken) / left(X.numpy(), Y.numpy(), [])
    np.testing.assert_allclose(picked.explained.sum(), explained)
    assert set(picked.columns[:2].tolist()) == {3, 7}


def test_the_error_after_each_pick_is_that_of_rows_left_out():
    X, Y = problem()
    w = torch.tensor([1.0, 2.0, 0.0, 0.5] * 10, dtype=torch.float64)
    for weights in (None, w):
        picked = pick(X, Y, 6, weights)
        for m in range(1, 7):
            path = leave_one_out(X[:, picked.columns[:m]], Y, torch.tensor([0.0]), weights)
            torch.testing.assert_close(picked.errors[m - 1], path.errors[0])


def test_it_stops_where_columns_repeat_what_is_there():
    X, Y = problem()
    picked = pick(torch.cat([X, X, X[:, :2] + X[:, 2:4]], 1), Y, 26)
    assert len(picked.columns) == 12


def test_noise_is_not_worth_picking():
    X, Y = problem(n=60, h=40)
    assert 2 <= pick(X, Y, 40).n_best < 20


def test_columns_that_do_not_vary_leave_one_pick():
    picked = pick(torch.ones(10, 3), torch.arange(10.0)[:, None], 3)
    assert picked.columns.tolist() == [0]
