"""Choosing a reservoir: the read-out against least squares and refits, the search against brute force."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from neurarium.core.batches import Batch
from neurarium.networks._echo_state import EchoStateModule, PooledEchoStateModule
from neurarium.networks._reservoir import ReservoirModule
from neurarium.rules import reservoir as rules
from neurarium.rules.reservoir import Grid, ReservoirReadout, SeriesReadout, Settings, at_one_ridge

GRID = Grid((0.5, 1.0), (0.5, 1.0), (0.3,), (1e-6, 1e-3, 1.0))


@pytest.fixture
def problem():
    generator = np.random.default_rng(0)
    X, Y = generator.normal(size=(60, 5)) * [1, 2, 3, 4, 5] + 7, generator.normal(size=(60, 2))
    return X, Y, generator.uniform(0.1, 3, 60)


def pooled(n_rows=30, n_units=6):
    torch.manual_seed(0)
    module = PooledEchoStateModule(2, n_units, 3, 1, 2, 0).double()
    module.reservoir.draw(0.5)
    trial = ReservoirModule(2, n_units, 3).double()
    trial.draw(0.5)
    inputs = torch.randn(n_rows, 7, 2, dtype=torch.float64)
    module.scaling.fit(inputs.flatten(0, 1))
    return module, trial, Batch(inputs, (inputs[:, 2, :1] * inputs[:, 4, 1:]).sin())


@pytest.mark.parametrize("ridge", [1e-9, 1e-2, 3.0])
def test_one_ridge_gives_the_solution_of_the_penalised_least_squares(problem, ridge):
    X, Y, w = problem
    mean = np.average(X, axis=0, weights=w)
    penalty = ridge * (w[:, None] * (X - mean) ** 2).sum() / X.shape[1]
    theirs = Ridge(alpha=penalty).fit(X, Y, sample_weight=w)
    ours = at_one_ridge(*map(torch.tensor, (X, Y)), ridge, torch.tensor(w))
    np.testing.assert_allclose(ours.coefficients.T, theirs.coef_, rtol=1e-9)
    np.testing.assert_allclose(ours.intercept, theirs.intercept_, rtol=1e-9)


def test_no_ridge_gives_the_solution_of_least_norm_even_where_columns_repeat(problem):
    X, Y, _ = problem
    X = np.column_stack([X, X[:, 0]])
    centred = X - X.mean(0)
    theirs = np.linalg.lstsq(centred, Y - Y.mean(0), rcond=None)[0]
    np.testing.assert_allclose(at_one_ridge(torch.tensor(X), torch.tensor(Y), 0.0).coefficients, theirs, atol=1e-10)


@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_the_error_at_one_ridge_is_that_of_generalised_cross_validation(problem, ridge):
    X, Y, _ = problem
    design = np.column_stack([np.ones(len(X)), X - X.mean(0)])
    penalty = ridge * ((X - X.mean(0)) ** 2).sum() / X.shape[1]
    hat = design @ np.linalg.inv(design.T @ design + penalty * np.diag([0.0] + [1.0] * X.shape[1])) @ design.T
    expected = (((Y - hat @ Y) / (1 - np.trace(hat) / len(X))) ** 2).mean()
    assert float(at_one_ridge(torch.tensor(X), torch.tensor(Y), ridge).errors) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("ridge", [1e-13, 1e-10, 1e-4])
def test_a_corrected_cholesky_solution_is_that_of_the_triangle(ridge):
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(300, 10, generator=generator, dtype=torch.float64) * 10.0 ** -torch.arange(10)
    X = X @ torch.linalg.qr(torch.randn(10, 10, generator=generator, dtype=torch.float64))[0]
    Y = torch.randn(300, 1, generator=generator, dtype=torch.float64)
    penalty = ridge * X.square().sum() / 10
    (corrected, freedom), (exact, theirs) = rules._corrected(X, Y, penalty), rules._triangular(X, Y, penalty)
    answers = X @ exact
    assert float((X @ corrected - answers).norm() / answers.norm()) < 1e-8
    assert float(freedom) == pytest.approx(float(theirs), rel=0.01)


def test_the_triangle_keeps_digits_that_the_normal_equations_lose():
    generator = np.random.default_rng(0)
    Q = np.linalg.qr(generator.normal(size=(200, 8)))[0]
    X = Q * 10.0 ** -np.arange(8) @ np.linalg.qr(generator.normal(size=(8, 8)))[0]  # condition 1e7
    X -= X.mean(0)
    B = generator.normal(size=(8, 1))
    ours = at_one_ridge(torch.tensor(X), torch.tensor(X @ B), 0.0).coefficients.numpy()
    normal = np.linalg.solve(X.T @ X, X.T @ (X @ B))
    assert abs(ours - B).max() < 1e-8
    assert abs(normal - B).max() > 100 * abs(ours - B).max()


def test_the_error_of_the_choice_is_what_refits_without_each_row_would_make():
    module, trial, batch = pooled()
    rule = ReservoirReadout(module, trial, GRID)
    rule.step(batch)
    with torch.no_grad():
        u = module.scaling(batch.inputs)
        X = module.see(module.reservoir(u)[None], u, None)[0].numpy()
    Y = batch.targets.numpy()
    penalty = rule.ridge * ((X - X.mean(0)) ** 2).sum() / X.shape[1]
    wrong = []
    for row in range(len(X)):
        others = np.arange(len(X)) != row
        # The penalty of all rows: leave-one-out holds it fixed.
        wrong.append(Y[row] - Ridge(alpha=penalty).fit(X[others], Y[others]).predict(X[row : row + 1]).ravel())
    assert rule.error == pytest.approx(np.square(wrong).mean() / Y.var(), rel=1e-6)


def test_the_choice_is_the_best_of_the_grid_when_all_of_it_meets_at_full_size(monkeypatch):
    module, trial, batch = pooled()
    monkeypatch.setattr(ReservoirReadout, "n_finalists", 4)
    rule = ReservoirReadout(module, trial, GRID)
    rule.step(batch)
    errors = {}
    for settings in GRID.settings():
        alone = Grid((settings.spectral_radius,), (settings.leak,), (settings.input_scaling,), GRID.ridge)
        one = ReservoirReadout(module, trial, alone)
        one.step(batch)
        errors[settings] = one.error
    assert rule.chosen == min(errors, key=errors.__getitem__)
    assert rule.error == pytest.approx(min(errors.values()))
    assert rule.tried.shape == (4, 4)


def test_reservoirs_that_advance_together_are_each_what_they_are_alone():
    _, trial, batch = pooled()
    settings = [Settings(0.0, 1.0, 0.2), Settings(0.7, 0.3, 1.0), Settings(1.5, 0.6, 2.0)]
    together = trial.each(batch.inputs, settings)
    for each, states in zip(settings, together, strict=True):
        trial.set(each)
        torch.testing.assert_close(states, trial(batch.inputs), rtol=0, atol=1e-13)


def test_little_memory_changes_nothing(monkeypatch):
    answers = []
    for numbers in (2**25, 200):
        monkeypatch.setattr(rules, "_NUMBERS_AT_ONCE", numbers)
        module, trial, batch = pooled()
        rule = ReservoirReadout(module, trial, GRID)
        rule.step(batch)
        answers.append((rule.tried, module.read_out.weight.detach().clone()))
    torch.testing.assert_close(answers[0][0], answers[1][0])
    torch.testing.assert_close(answers[0][1], answers[1][1], rtol=1e-6, atol=1e-9)


def test_answers_at_every_step_are_learnt_from_real_steps_after_the_washout_only():
    torch.manual_seed(0)
    module = EchoStateModule(1, 5, 2, 1).double()
    module.reservoir.draw(0.5)
    inputs, lengths = torch.randn(3, 9, 1, dtype=torch.float64), torch.tensor([9, 4, 7])
    rule = SeriesReadout(module, module.reservoir, Grid((0.9,), (1.0,), (1.0,), (1e-4,)), washout=2)
    targets = inputs.roll(1, 1)
    targets[1, 4:], targets[2, 7:], targets[:, :2] = 1e6, 1e6, 1e6
    rows = rule._rows(Batch(inputs, targets, torch.tensor([1.0, 2.0, 3.0]), lengths))
    assert rows.n_rows == 7 + 2 + 5
    assert float(rows.inputs.abs().max()) < 1e6
    assert rows.weights.tolist() == [1.0] * 7 + [2.0] * 2 + [3.0] * 5


def test_what_was_chosen_can_be_kept_and_taken_up():
    module, trial, batch = pooled()
    rule, other = ReservoirReadout(module, trial, GRID), ReservoirReadout(module, trial, GRID)
    rule.step(batch)
    other.load_state_dict(rule.state_dict())
    assert (other.chosen, other.ridge, other.error) == (rule.chosen, rule.ridge, rule.error)
    assert rule.end_pass()
