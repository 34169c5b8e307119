"""The extreme learning machine: its mathematics, its founding result with its controls, and where it does badly."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import LassoCV, LinearRegression
from sklearn.model_selection import train_test_split

from neurarium.core import persistence
from neurarium.datasets import sinc
from neurarium.networks.extreme_learning import (
    ExtremeLearningClassifier,
    ExtremeLearningModule,
    ExtremeLearningRegressor,
)
from neurarium.rules.ridge import leave_one_out, ridge_grid

# Huang, Zhu and Siew 2006, section 4.1, to the letter.
AS_IN_2006 = {
    "n_hidden": 20,
    "activation": "sigmoid",
    "weights": "uniform",
    "input_scale": 1.0,
    "scaling": "none",
    "ridge": 0.0,
    "output_bias": False,
}


def rmse(a, b):
    return float(np.sqrt(np.mean((a - b) ** 2)))


def split_of_digits(seed):
    X, y = load_digits(return_X_y=True)
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)


def fifty_trials(**changes):
    """Root mean square errors on noisy training points and clean test points, one row a trial."""
    errors = []
    for trial in range(50):
        data = sinc.load(random_state=trial)
        kind, scale = changes.get("kind", np.float64), changes.get("inputs", 1.0)
        settings = {**AS_IN_2006, "n_hidden": changes.get("n_hidden", 20)}
        machine = ExtremeLearningRegressor(**settings, random_state=trial)
        machine.fit((scale * data.data).astype(kind), data.target)
        learnt, unseen = (machine.predict((scale * x).astype(kind)) for x in (data.data, data.test_data))
        errors.append((rmse(learnt, data.target), rmse(unseen, data.test_target)))
    return np.array(errors)


def test_the_founding_result_on_sinc():
    train, test = fifty_trials().mean(0)
    assert test <= 0.012
    assert abs(train - 0.115) <= 0.003


def test_inputs_scaled_to_one_leave_the_sigmoids_linear_and_fail():
    assert fifty_trials(inputs=0.1)[:, 1].mean() > 0.012


def test_single_precision_breaks_above_twenty_units():
    double, single = (fifty_trials(n_hidden=50, kind=kind)[:, 1].mean() for kind in (np.float64, np.float32))
    assert double <= 0.012
    assert single > 0.012


def test_it_is_numpys_least_squares_on_random_units():
    data = sinc.load(500, random_state=0)
    machine = ExtremeLearningRegressor(**{**AS_IN_2006, "n_hidden": 8}, random_state=0).fit(data.data, data.target)
    W, b = machine.module_.weight.numpy(), machine.module_.bias.numpy()
    assert (np.abs(W) <= 1).all()
    assert (b >= 0).all()
    assert (b <= 1).all()
    H = 1 / (1 + np.exp(-(data.data @ W.T + b)))
    B = np.linalg.lstsq(H, data.target, rcond=None)[0]
    np.testing.assert_allclose(machine.predict(data.data), H @ B, atol=1e-8)
    np.testing.assert_allclose(machine.stages(data.data)["hidden"], H, atol=1e-12)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "sine"])
def test_the_error_it_reports_is_that_of_rows_left_out(activation):
    data = sinc.load(80, random_state=0)
    machine = ExtremeLearningRegressor(n_hidden=30, activation=activation, random_state=0).fit(data.data, data.target)
    H = machine.module_.features(torch.from_numpy(data.data))
    y = torch.from_numpy(data.target)[:, None]
    path = leave_one_out(H, y / y.std(correction=0), ridge_grid())
    assert machine.leave_one_out_error_ == pytest.approx(float(path.errors.min()), rel=1e-3)
    assert machine.ridge_ == float(path.ridge)


def test_the_number_of_units_is_chosen_among_nested_sets_of_one_draw():
    data = sinc.load(60, noise=0.4, random_state=0)
    machine = ExtremeLearningRegressor(random_state=0).fit(data.data, data.target)
    errors = dict(machine.tried_)
    assert list(errors) == [16, 32, 64, 128, 256, 512, 1024]
    assert errors[machine.n_hidden_] <= 1.001 * min(errors.values())
    assert len(machine.module_.weight) == machine.n_hidden_ == machine.module_.read_out.in_features


def test_a_cut_network_is_the_whole_one_without_its_last_units():
    module = ExtremeLearningModule(3, 10, 2, activation="tanh", direct_links=True, bias=True)
    module.weight.normal_()
    with torch.no_grad():
        module.read_out.weight[:, 3 + 4 :] = 0
    rows = torch.randn(5, 3)
    torch.testing.assert_close(module.cut(4)(rows), module(rows))


def test_direct_links_carry_the_linear_part():
    generator = np.random.default_rng(0)
    x = generator.uniform(-1, 1, (200, 3))
    y = x @ [100.0, -50.0, 20.0] + np.sin(5 * x[:, 0])
    far = np.array([[30.0, 0.0, 0.0]])
    linked, plain = (
        ExtremeLearningRegressor(direct_links=links, n_hidden=100, input_scale=2.0, random_state=0).fit(x, y)
        for links in (True, False)
    )
    assert linked.score(x, y) > 0.999
    assert linked.module_.read_out.in_features == 103
    assert abs(linked.predict(far)[0] - 3000) < 500
    assert abs(plain.predict(far)[0] - 3000) > 2000


@pytest.mark.slow
def test_the_digits_untuned():
    scores = []
    for seed in range(5):
        learn, unseen, labels, truth = split_of_digits(seed)
        scores.append(ExtremeLearningClassifier(random_state=seed).fit(learn, labels).score(unseen, truth))
    assert np.median(scores) >= 0.985
    assert min(scores) >= 0.98


def test_tables_of_unlike_units_untuned():
    X, y = load_wine(return_X_y=True)
    scores = []
    for seed in range(5):
        learn, unseen, labels, truth = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
        machine = ExtremeLearningClassifier(random_state=seed).fit(learn, labels)
        assert machine.scaling_ == "columns"
        scores.append(machine.score(unseen, truth))
    assert np.median(scores) >= 0.97


def test_a_weight_of_two_is_two_rows():
    data = sinc.load(60, random_state=0)
    w = np.random.default_rng(0).integers(0, 4, 60)
    weighted = ExtremeLearningRegressor(random_state=0).fit(data.data, data.target, sample_weight=w)
    repeated = ExtremeLearningRegressor(random_state=0).fit(np.repeat(data.data, w, 0), np.repeat(data.target, w))
    np.testing.assert_allclose(weighted.predict(data.data), repeated.predict(data.data), atol=1e-8)
    assert weighted.n_hidden_ == repeated.n_hidden_


def test_outputs_of_unlike_units_count_alike():
    x = np.linspace(-3, 3, 100)[:, None]
    y = np.column_stack([np.sin(2 * x[:, 0]), 1e6 * np.cos(x[:, 0]), x[:, 0] * 0 + 7])
    machine = ExtremeLearningRegressor(random_state=0).fit(x, y)
    assert (np.abs(machine.predict(x) - y).max(0) < [1e-2, 1e4, 1e-9]).all()


def test_probabilities_agree_with_the_answer():
    learn, unseen, labels, _ = split_of_digits(0)
    machine = ExtremeLearningClassifier(n_hidden=50, random_state=0).fit(learn, labels)
    shares = machine.predict_proba(unseen)
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)
    np.testing.assert_array_equal(machine.classes_[shares.argmax(1)], machine.predict(unseen))


def test_a_saved_network_answers_with_the_same_bytes(tmp_path):
    data = sinc.load(60, random_state=0)
    machine = ExtremeLearningRegressor(random_state=0).fit(data.data, data.target)
    machine.save(tmp_path / "machine.safetensors")
    again = ExtremeLearningRegressor._restore(*persistence.read(tmp_path / "machine.safetensors"))
    np.testing.assert_array_equal(again.predict(data.data), machine.predict(data.data))
    assert again.tried_ == machine.tried_


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "sine"])
def test_the_network_can_be_traced(activation):
    module = ExtremeLearningModule(3, 4, 2, activation=activation, direct_links=True, bias=True)
    rows = torch.randn(6, 3)
    torch.testing.assert_close(torch.export.export(module, (rows,)).module()(rows), module(rows))


def test_it_mixes_in_columns_of_noise_that_a_lasso_leaves_out():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(200, 150))
    y = x[:, 0] - 2 * x[:, 1] + 0.1 * generator.normal(size=200)
    machine = ExtremeLearningRegressor(random_state=0).fit(x[:100], y[:100])
    lasso = LassoCV().fit(x[:100], y[:100])
    assert machine.score(x[100:], y[100:]) < 0.8 < lasso.score(x[100:], y[100:])


def test_far_outside_the_rows_a_line_goes_on_and_it_does_not():
    x = np.linspace(-1, 1, 50)[:, None]
    machine, line = (each.fit(x, x[:, 0]) for each in (ExtremeLearningRegressor(random_state=0), LinearRegression()))
    assert abs(line.predict([[100.0]])[0] - 100) < 1e-6
    assert abs(machine.predict([[100.0]])[0] - 100) > 50
