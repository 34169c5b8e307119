"""Ridge against refits, numpy and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, RidgeCV
from torch import nn

from neurarium.core.batches import Batch
from neurarium.rules.leave_one_out import by_gram
from neurarium.rules.ridge import Ridge, least_wrong, leave_one_out, onto_simplex, ridge_grid, search, solve_ridge

SHAPES = ((40, 6), (40, 38), (40, 39), (40, 40), (20, 50))
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
    for row in range(0, n, 3):
        B, b = refit(X, Y, ridge, w, intercept, out=row)
        torch.testing.assert_close(path.predictions[row], X[row] @ B + b, rtol=1e-6, atol=1e-6)
    B, b = refit(X, Y, ridge, w, intercept)
    torch.testing.assert_close(path.coefficients, B, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(path.intercept, b, rtol=1e-6, atol=1e-6)


def test_the_error_is_the_mean_square_of_what_was_left_out():
    X, Y, w = problem(30, 5, weighted=True)
    path = leave_one_out(X, Y, torch.tensor([1e-3]), w)
    wrong = ((path.predictions - Y) ** 2).mean(1)
    torch.testing.assert_close(path.errors[0], (w * wrong).sum() / w.sum())


@pytest.mark.parametrize(("n", "h"), SHAPES)
def test_without_a_ridge_it_is_numpys_least_squares_of_least_norm(n, h):
    X, Y, _ = problem(n, h)
    B, b = solve_ridge(X, Y, 0.0, intercept=False)
    np.testing.assert_allclose(B, np.linalg.lstsq(X.numpy(), Y.numpy(), rcond=None)[0], atol=1e-9)
    assert b.eq(0).all()
    line = LinearRegression().fit(X.numpy(), Y.numpy())
    B, b = solve_ridge(X, Y, 0.0)
    np.testing.assert_allclose(X @ B + b, line.predict(X.numpy()), atol=1e-8)


def test_the_ridge_chosen_is_the_one_scikit_learn_chooses():
    X, Y, _ = problem(60, 30, k=1)
    Y = Y + 5 * problem(60, 1, k=1, seed=1)[1]
    ridges = ridge_grid()[-7:]
    path = leave_one_out(X, Y, ridges)
    scale = float(((X - X.mean(0)) ** 2).sum() / X.shape[1])
    theirs = RidgeCV(alphas=(ridges * scale).numpy(), store_cv_results=True).fit(X.numpy(), Y[:, 0].numpy())
    assert float(path.ridge) * scale == pytest.approx(theirs.alpha_)
    np.testing.assert_allclose(path.errors, theirs.cv_results_.mean(0), rtol=1e-8)
    np.testing.assert_allclose(path.coefficients[:, 0], theirs.coef_, rtol=1e-8)


def test_a_stack_of_designs_is_solved_as_each_alone():
    stack = [problem(50, 8, seed=seed, weighted=True) for seed in range(6)]
    X, Y, w = (torch.stack([each[part] for each in stack]).unflatten(0, (2, 3)) for part in range(3))
    for ridges in (torch.tensor([0.0, 1e-12, 1e-1]), ridge_grid(torch.float32)):
        together = leave_one_out(X, Y, ridges, w)
        shared = leave_one_out(X, stack[0][1], ridges)
        for number, (x, y, v) in enumerate(stack):
            place = divmod(number, 3)
            for ours, alone in zip(together, leave_one_out(x, y, ridges, v), strict=True):
                torch.testing.assert_close(ours[place], alone)
            torch.testing.assert_close(shared.errors[place], leave_one_out(x, stack[0][1], ridges).errors)
        solved = solve_ridge(X, Y, together.ridge, w)
        torch.testing.assert_close(solved.coefficients, together.coefficients, rtol=1e-6, atol=1e-8)


def test_a_weight_of_two_is_two_rows_and_a_weight_of_zero_is_none():
    X, Y, _ = problem(24, 6)
    w = torch.tensor([0, 1, 2, 3] * 6).double()
    for ridges in (ridge_grid(), ridge_grid(torch.float32)):
        weighted = leave_one_out(X, Y, ridges, w)
        repeated = leave_one_out(*(part.repeat_interleave(w.long(), 0) for part in (X, Y)), ridges)
        torch.testing.assert_close(weighted.errors, repeated.errors)
        torch.testing.assert_close(weighted.coefficients, repeated.coefficients)
        copies = torch.arange(24).repeat_interleave(w.long())
        torch.testing.assert_close(weighted.predictions[copies], repeated.predictions)
        unseen = w == 0
        torch.testing.assert_close(weighted.predictions[unseen], X[unseen] @ repeated.coefficients + repeated.intercept)


def test_the_units_of_the_columns_and_the_number_of_rows_leave_the_ridge_a_share():
    X, Y, _ = problem(30, 6)
    small, large = (leave_one_out(factor * X, Y, ridge_grid()) for factor in (1e-3, 1e4))
    torch.testing.assert_close(small.errors, large.errors)
    torch.testing.assert_close(small.coefficients, 1e7 * large.coefficients)


def test_columns_far_from_zero_are_centred_to_the_last_digit():
    X, Y, _ = problem(40, 5)
    near, far = (leave_one_out(X + shift, Y, torch.tensor([1e-4])) for shift in (0.0, 1e8))
    torch.testing.assert_close(near.predictions, far.predictions, rtol=0, atol=1e-6)


def test_the_gram_matrix_loses_what_the_design_still_has():
    X, _, _ = problem(200, 20)
    U, _, V = torch.linalg.svd(X, full_matrices=False)
    X = U @ torch.diag(torch.logspace(0, -9, 20, dtype=torch.float64)) @ V
    truth = torch.randn(20, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ours = solve_ridge(X, X @ truth, 0.0, intercept=False).coefficients
    tiny = by_gram(X, X @ truth, torch.tensor([1e-18]).double(), intercept=False).coefficients
    assert (ours - truth).abs().max() < 1e-5
    assert (tiny - truth).abs().max() > 0.1


def test_a_wide_gram_matrix_is_put_together_from_its_blocks():
    X, Y, w = problem(1300, 1100, k=1, weighted=True)
    solution = solve_ridge(X, Y, 1e-3, w)
    left = Y - X @ solution.coefficients - solution.intercept
    centred = X - (w[:, None] * X).sum(0) / w.sum()
    penalty = 1e-3 * (w[:, None] * centred**2).sum() / 1100
    # Where the gradient is zero: centredᵀ W (what is left) = penalty · B.
    torch.testing.assert_close(centred.T @ (w[:, None] * left), penalty * solution.coefficients)


def test_features_that_do_not_vary_are_answered_with_the_mean():
    X, Y, _ = problem(10, 3)
    for ridges in (torch.tensor([0.0, 1.0]), ridge_grid(torch.float32)):
        path = leave_one_out(torch.ones_like(X), Y, ridges)
        torch.testing.assert_close(path.intercept, Y.mean(0))
        torch.testing.assert_close(path.predictions, (Y.sum(0) - Y) / 9)
    assert solve_ridge(torch.ones_like(X), Y, 1e-3).coefficients.eq(0).all()


def test_ridges_below_the_gram_matrix_are_tried_when_they_may_win():
    X, _, _ = problem(100, 10)
    X[:, 1:] = X[:, :1] + 1e-6 * X[:, 1:]
    truth = X @ torch.arange(10).double()[:, None] * 1e5
    path = search(X, truth, ridge_grid())
    torch.testing.assert_close(path.ridge, leave_one_out(X, truth, ridge_grid()).ridge)
    assert path.ridge < 1e-8
    noisy = search(X, truth + 1e6 * problem(100, 1, k=1, seed=1)[1], ridge_grid())
    assert noisy.ridge > 1e-8
    assert noisy.errors[:6].isnan().all()


def test_the_choice_with_the_least_error_is_taken_and_the_first_among_equals():
    X, Y, _ = problem(50, 4)
    noise = torch.randn(50, 4, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    assert least_wrong([("noise", noise), ("sense", X), ("twin", X * 2)], Y) == "sense"


def test_nothing_to_try_is_refused():
    X, Y, _ = problem(10, 3)
    with pytest.raises(ValueError, match="at least one ridge"):
        leave_one_out(X, Y, torch.tensor([]))


class Line(nn.Module):
    """The least module that reads out."""

    def __init__(self, h, k, dtype=torch.float64):
        super().__init__()
        self.read_out = nn.Linear(h, k, dtype=dtype)

    def features(self, inputs):
        return inputs


def test_the_rule_solves_in_one_pass_and_keeps_what_it_chose():
    X, Y, w = problem(60, 6, weighted=True)
    module = Line(6, 2)
    rule = Ridge(module, ridge_grid())
    metrics = rule.step(Batch(X, Y, w))
    assert rule.end_pass()
    scale = ((w[:, None] * (Y - (w[:, None] * Y).sum(0) / w.sum()) ** 2).sum(0) / w.sum()).sqrt()
    path = leave_one_out(X, Y / scale, ridge_grid(), w)
    assert rule.ridge == float(path.ridge)
    torch.testing.assert_close(module.read_out.weight.T, path.coefficients * scale)
    torch.testing.assert_close(metrics["loss"], path.errors.min())
    later = Ridge(module, ridge_grid())
    later.load_state_dict(rule.state_dict())
    assert vars(later)["ridge"] == rule.ridge


def test_the_rule_finds_how_many_leading_features_speak():
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(80, 64, generator=generator, dtype=torch.float64)
    Y = X[:, :8].sum(1, keepdim=True) + 0.1 * torch.randn(80, 1, generator=generator, dtype=torch.float64)
    module = Line(64, 1)
    rule = Ridge(module, ridge_grid(), widths=(4, 8, 16, 32, 64))
    rule.step(Batch(X, Y))
    assert rule.width == 8
    assert list(rule.tried) == [4, 8, 16, 32, 64]
    assert module.read_out.weight[:, 8:].eq(0).all()


def test_single_precision_gets_a_ridge_that_its_rounding_can_bear():
    x = torch.linspace(-1, 1, 300)[:, None]
    X = torch.exp(-((x - x[::3].T) ** 2) / 2)  # bumps as wide as the whole: coefficients cancel
    Y = torch.sin(6 * x.double())
    wrong = {}
    for ridges in (ridge_grid(), *ridge_grid()[:, None], torch.tensor([0.0])):
        module = Line(100, 1, torch.float32)
        Ridge(module, ridges).step(Batch(X, Y))
        wrong[tuple(ridges.tolist())] = float((module.read_out(X) - Y).square().mean().sqrt().detach())
    chosen, *others, bare = wrong.values()
    assert chosen <= 1.2 * min(others)
    assert chosen < bare


def test_classes_are_answered_as_ones_and_zeros():
    X, _, _ = problem(30, 4)
    classes = torch.arange(30) % 3
    module = Line(4, 3)
    Ridge(module, torch.tensor([1e-2]), n_classes=3).step(Batch(X, classes))
    solution = solve_ridge(X, nn.functional.one_hot(classes), 1e-2)
    torch.testing.assert_close(module.read_out(X), X @ solution.coefficients + solution.intercept)
    with pytest.raises(ValueError, match="targets"):
        Ridge(module, torch.tensor([1e-2])).step(Batch(X))


def test_the_nearest_point_of_the_simplex_keeps_the_order():
    scores = torch.randn(500, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    nearest = onto_simplex(scores)
    torch.testing.assert_close(nearest.sum(1), torch.ones(500).double())
    assert (nearest >= 0).all()
    assert nearest.argmax(1).eq(scores.argmax(1)).all()
    # No other point of the simplex is nearer: for a convex set, (s - p)·(q - p) <= 0 at every corner q.
    slope = scores - nearest
    corners = slope - (slope * nearest).sum(1, keepdim=True)
    assert corners.max() < 1e-12
