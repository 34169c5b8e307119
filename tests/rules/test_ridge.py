"""Ridge against refits, numpy and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, RidgeCV
from torch import nn

from neurarium.core.batches import Batch
from neurarium.rules.ridge import Ridge, leave_one_out, ridge_grid, solve_ridge

SHAPES = ((40, 6), (40, 25), (40, 38), (40, 39), (40, 40), (20, 50))
RIDGES = (0.0, 1e-12, 1e-6, 1e-2, 10.0)


def problem(n, h, k=2, seed=0, weighted=False):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, h, generator=generator, dtype=torch.float64) + 3
    Y = torch.randn(n, k, generator=generator, dtype=torch.float64) + X[:, :1]
    w = torch.randint(1, 4, (n,), generator=generator).double() if weighted else None
    return X, Y, w


def refit(X, Y, ridge, w, intercept, out=None):
    """The read-out without one copy of row `out`, by plain least squares on centred rows and rows of the penalty."""
    n, h = X.shape
    weight = torch.ones(n, dtype=X.dtype) if w is None else w.clone()
    mean = (weight[:, None] * X).sum(0) / weight.sum() if intercept else torch.zeros(h, dtype=X.dtype)
    penalty = ridge * (weight[:, None] * (X - mean) ** 2).sum() / h
    if out is not None:
        weight[out] -= min(1.0, float(weight[out]))
    mean = (weight[:, None] * X).sum(0) / weight.sum() if intercept else torch.zeros(h, dtype=X.dtype)
    level = (weight[:, None] * Y).sum(0) / weight.sum() if intercept else torch.zeros(Y.shape[1], dtype=X.dtype)
    A = torch.cat([weight.sqrt()[:, None] * (X - mean), penalty.sqrt() * torch.eye(h, dtype=X.dtype)])
    b = torch.cat([weight.sqrt()[:, None] * (Y - level), torch.zeros(h, Y.shape[1], dtype=X.dtype)])
    B = torch.from_numpy(np.linalg.lstsq(A.numpy(), b.numpy(), rcond=None)[0])
    return B, level - mean @ B


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize(("n", "h"), SHAPES)
@pytest.mark.parametrize("ridge", RIDGES)
def test_leaving_a_row_out_in_closed_form_equals_refitting_without_it(n, h, ridge, intercept, weighted):
    X, Y, w = problem(n, h, weighted=weighted)
    path = leave_one_out(X, Y, torch.tensor([ridge]), w, intercept=intercept)
    for row in range(n):
        B, b = refit(X, Y, ridge, w, intercept, out=row)
        torch.testing.assert_close(path.predictions[row], X[row] @ B + b, rtol=1e-6, atol=1e-6)
    B, b = refit(X, Y, ridge, w, intercept)
    torch.testing.assert_close(path.coefficients, B, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(path.intercept, b, rtol=1e-6, atol=1e-6)
