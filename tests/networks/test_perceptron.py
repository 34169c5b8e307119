"""The perceptron finds a line where there is one, in a bounded number of mistakes, and never learns XOR."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_circles
from sklearn.linear_model import Perceptron as Rival
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import neurarium
from neurarium.datasets import shelf
from neurarium.networks.perceptron import PerceptronClassifier

SEEDS = range(5)
XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
DATA = Path(__file__).parents[3] / "shared" / "data"


def planted(seed, margin, n=200, d=20):
    """Rows no closer than `margin` to a plane through the origin, the longest of length 1."""
    chance = np.random.default_rng(seed)
    w = chance.normal(size=d)
    w /= np.linalg.norm(w)
    X = chance.normal(size=(200 * n, d))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    X = X[np.abs(X @ w) >= margin][:n]
    return X, (X @ w > 0).astype(int)


def bound(Z, y):
    """(R / gamma)² with the margin of the best plane: a hard-margin support vector machine.

    The bias is a weight on a constant 1. Each row is there with its reverse and the other label, so that the machine's
    own intercept is 0.
    """
    Z = np.c_[Z, np.ones(len(Z))]
    signed = Z * (2 * y - 1)[:, None]
    machine = SVC(kernel="linear", C=1e10, tol=1e-8).fit(
        np.r_[signed, -signed], np.r_[np.ones(len(Z)), -np.ones(len(Z))]
    )
    w = machine.coef_[0]
    return (Z**2).sum(1).max() / ((signed @ w).min() / np.linalg.norm(w)) ** 2


@pytest.mark.parametrize("seed", range(20))
def test_where_a_plane_separates_it_finds_one_within_the_mistakes_the_theorem_allows(seed):
    X, y = planted(seed, np.linspace(0.02, 0.3, 20)[seed])
    net = PerceptronClassifier(answer="last", epochs=5000, random_state=seed).fit(X, y)
    assert (net.predict(X) == y).all()
    assert net.mistakes_ <= bound(net.stages(X)["scaled"], y) * (1 + 1e-6) <= net.bound_ * (1 + 1e-5)


def test_where_no_plane_separates_the_mistakes_pass_the_bound_that_would_hold():
    for seed in SEEDS:
        X, y = planted(seed, 0.3)
        spoilt = np.where(np.arange(200) < 20, 1 - y, y)
        net = PerceptronClassifier(answer="last", epochs=60, random_state=seed).fit(X, spoilt)
        assert net.mistakes_ > bound(net.stages(X)["scaled"], y)
        assert net.bound_ is None
        assert (net.predict(X) != spoilt).any()


def test_xor_is_never_learnt_whatever_the_seed_and_the_answer():
    for seed in range(10):
        net = PerceptronClassifier(epochs=60, random_state=seed).fit(*XOR)
        assert net.score(*XOR) <= 0.75
        net.module_.averaged = False
        assert net.score(*XOR) <= 0.75
        assert net.n_iter_ == 60
        assert net.mistakes_ >= 60  # at least one in each pass
        assert net.bound_ is None


def test_on_xor_the_weights_go_round_in_a_cycle():
    net, seen = PerceptronClassifier(answer="last"), []
    for _ in range(20):
        net.partial_fit(*XOR, classes=[0, 1])
        seen.append([*net.module_.weight.tolist(), net.module_.bias.tolist()])
    assert len({str(each) for each in seen}) < 6
    assert seen[-1] in seen[:-1]


def test_and_is_learnt_and_the_fit_ends_with_the_first_pass_free_of_mistakes():
    net = PerceptronClassifier(answer="last", epochs=200, random_state=0).fit(XOR[0], [0, 0, 0, 1])
    assert net.score(XOR[0], [0, 0, 0, 1]) == 1
    assert net.n_iter_ < 30
    assert net.history_[-1]["loss"] == 0
    assert all(entry["loss"] > 0 for entry in net.history_[:-1])


@pytest.mark.parametrize("seed", SEEDS)
def test_on_the_digits_its_average_beats_scikit_learns_perceptron(seed):
    X, y = load_digits(return_X_y=True)
    X, held, y, truth = train_test_split(X, y, stratify=y, random_state=seed)
    rival = make_pipeline(StandardScaler(), Rival(random_state=seed)).fit(X, y).score(held, truth)
    assert PerceptronClassifier(random_state=seed).fit(X, y).score(held, truth) > max(rival, 0.94)


def test_do_not_use_it_when_the_classes_need_a_curve_between_them():
    for seed in SEEDS:
        X, y = make_circles(400, noise=0.05, factor=0.4, random_state=seed)
        assert PerceptronClassifier(random_state=seed).fit(X[:200], y[:200]).score(X[200:], y[200:]) < 0.7
        assert KNeighborsClassifier().fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.98


def test_the_size_of_a_batch_changes_nothing_but_the_number_of_reports():
    X, y = load_digits(return_X_y=True)
    nets = [PerceptronClassifier(batch_size=size, epochs=3, random_state=0).fit(X, y) for size in (7, 128, 1000, 10**6)]
    assert len({net.mistakes_ for net in nets}) == 1
    for net in nets[1:]:
        np.testing.assert_allclose(net.decision_function(X), nets[0].decision_function(X), rtol=0, atol=1e-9)
    assert len(list(PerceptronClassifier(batch_size=600, epochs=1).fit_steps(X, y))) == 3


def test_a_row_of_weight_zero_is_absent():
    X, y = load_digits(n_class=4, return_X_y=True)
    weights = np.ones(len(X))
    weights[::3] = 0
    net = PerceptronClassifier(random_state=0).fit(X, y, sample_weight=weights)
    other = PerceptronClassifier(random_state=0).fit(X[weights > 0], y[weights > 0])
    assert net.mistakes_ == other.mistakes_
    assert net.presented_ == other.presented_
    np.testing.assert_allclose(net.decision_function(X), other.decision_function(X), atol=1e-9)
    assert net.bound_ is None, "the theorem speaks of steps of one size"


def test_weights_of_one_size_change_no_answer():
    X, y = load_digits(n_class=5, return_X_y=True)
    net = PerceptronClassifier(random_state=0).fit(X, y)
    heavy = PerceptronClassifier(random_state=0).fit(X, y, sample_weight=np.full(len(X), 3.0))
    assert heavy.mistakes_ == net.mistakes_
    np.testing.assert_allclose(heavy.decision_function(X), 3 * net.decision_function(X), atol=1e-8)


def test_a_saved_network_goes_on_averaging_where_it_stood(tmp_path):
    X, y = load_digits(return_X_y=True)
    net = PerceptronClassifier(random_state=0).partial_fit(X[:900], y[:900], classes=np.arange(10))
    net.save(tmp_path / "p")
    loaded = neurarium.load(tmp_path / "p").partial_fit(X[900:], y[900:])
    net.partial_fit(X[900:], y[900:])
    assert loaded.presented_ == net.presented_ == len(X)
    assert loaded.mistakes_ == net.mistakes_
    assert loaded.decision_function(X).tobytes() == net.decision_function(X).tobytes()


def test_early_stopping_keeps_the_weights_that_were_best_on_the_rows_held_out():
    X, y = load_digits(return_X_y=True)
    y = np.where(np.random.default_rng(0).random(len(y)) < 0.2, 0, y)
    net = PerceptronClassifier(early_stopping=True, n_iter_no_change=3, epochs=100, random_state=0).fit(X, y)
    assert net.n_iter_ < 100
    assert 0 < min(entry["held_out"] for entry in net.history_) < 0.4


def test_the_average_moves_less_from_pass_to_pass_than_the_last_weights():
    X, y = load_digits(return_X_y=True)
    y = np.where(np.random.default_rng(0).random(len(y)) < 0.1, 0, y)
    X, held, y, truth = train_test_split(X, y, random_state=0)
    scores = {"averaged": [], "last": []}
    for answer, found in scores.items():
        for epochs in (3, 4, 5, 6, 7, 8):
            found.append(
                PerceptronClassifier(answer=answer, epochs=epochs, random_state=0).fit(X, y).score(held, truth)
            )
    assert np.std(scores["averaged"]) < np.std(scores["last"]) / 2
    assert np.median(scores["averaged"]) > np.median(scores["last"])


@pytest.mark.slow
def test_mnist_in_two_passes_is_under_twelve_per_cent_and_the_bias_must_be_averaged_too(monkeypatch):
    if not (DATA / "mnist").is_dir():
        pytest.skip("../shared/data/mnist is not there")
    monkeypatch.setenv("NEURARIUM_DATA", str(DATA))
    rows = shelf.load("mnist")
    X, held = rows.data.reshape(-1, 784), rows.test_data.reshape(-1, 784)
    worse = 0
    for seed in SEEDS:
        net = PerceptronClassifier(epochs=2, random_state=seed).fit(X, rows.target)
        error = 1 - net.score(held, rows.test_target)
        assert error <= 0.12
        net.module_.mean_bias.copy_(net.module_.bias)
        worse += 1 - net.score(held, rows.test_target) > error
        net.module_.averaged = False
        assert 1 - net.score(held, rows.test_target) > error
    assert worse >= 4
