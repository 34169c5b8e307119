"""The radial basis network: its mathematics, its founding results with their controls, and where it does badly."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from neurarium.core import persistence
from neurarium.datasets import shelf
from neurarium.networks.radial_basis import (
    RadialBasisClassifier,
    RadialBasisModule,
    RadialBasisRegressor,
    bumps,
    spacing,
    squared_distances,
)

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"


def waves(n=60, seed=0):
    x = np.random.default_rng(seed).uniform(-1, 1, (n, 2))
    return x, np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1])


def split_of_digits(seed):
    X, y = load_digits(return_X_y=True)
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)


def test_every_stage_is_what_a_loop_over_rows_and_centres_computes():
    x, y = waves()
    network = RadialBasisRegressor(n_centers=7, random_state=0).fit(x, y)
    module, seen = network.module_, network.stages(x[:5])
    centers = module.scale.inverse(module.centers).numpy()
    scale = module.scale.scale.numpy()
    for i in range(5):
        d = np.array([math.dist(x[i] / scale, c / scale) for c in centers])
        phi = np.exp(-(d**2) / (2 * network.width_**2))
        np.testing.assert_allclose(seen["distances"][i], d, atol=1e-7)
        np.testing.assert_allclose(seen["activations"][i], phi, atol=1e-12)
        np.testing.assert_allclose(seen["shares"][i], phi / phi.sum(), atol=1e-10)
        answer = phi @ module.read_out.weight.detach().numpy()[0] + module.read_out.bias.detach().numpy()[0]
        np.testing.assert_allclose(seen["output"][i, 0], answer, atol=1e-10)
    np.testing.assert_allclose(seen["answer"][:, 0], network.predict(x[:5]))


def test_the_width_is_the_distance_to_the_nearest_neighbour_times_the_factor():
    x, y = waves()
    network = RadialBasisRegressor(n_centers=9, width_factor=1.5, random_state=0).fit(x, y)
    d = torch.cdist(network.module_.centers, network.module_.centers) + torch.diag(torch.full((9,), torch.inf))
    assert network.width_ == pytest.approx(1.5 * float(d.min(1).values.mean()))
    lone = torch.zeros(1, 2)
    assert spacing(lone, torch.tensor([[3.0, 4.0], [0.0, 0.0]])) == pytest.approx(math.sqrt(12.5))
    assert spacing(torch.zeros(3, 2), torch.zeros(3, 2)) == 1.0


def test_distances_are_never_negative_and_bumps_never_denormal():
    rows = torch.randn(50, 30) * 100
    assert squared_distances(rows, rows).min() >= 0
    torch.testing.assert_close(
        squared_distances(rows, rows[:9]).sqrt(), torch.cdist(rows, rows[:9]), rtol=1e-3, atol=0.5
    )
    assert bumps(torch.tensor([0.0, 1e9]), 1.0).min() > 1e-30


@pytest.mark.parametrize("seed", range(5))
def test_with_every_row_as_a_centre_it_passes_through_every_target(seed):
    x, _ = waves(100, seed)
    y = np.random.default_rng(seed).normal(size=(100, 2))
    network = RadialBasisRegressor(n_centers=100, width_factor=1.0, ridge=0.0).fit(x, y)
    assert network.n_centers_ == 100
    assert np.abs(network.predict(x) - y).max() < 1e-8
    fewer = RadialBasisRegressor(n_centers=50, width_factor=1.0, ridge=0.0, random_state=seed).fit(x, y)
    assert np.abs(fewer.predict(x) - y).max() > 0.1


@pytest.mark.parametrize("centers", ["k-means", "orthogonal"])
def test_it_learns_xor_where_one_centre_cannot(centers):
    corners, xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 5), np.array([0, 1, 1, 0] * 5)
    assert RadialBasisClassifier(centers=centers, random_state=0).fit(corners, xor).score(corners, xor) == 1
    one = RadialBasisClassifier(n_centers=1, centers=centers, random_state=0).fit(corners, xor)
    assert one.score(corners, xor) <= 0.75


@pytest.mark.parametrize("seed", range(5))
def test_it_predicts_the_next_step_of_broomhead_and_lowes_maps(seed):
    generator = np.random.default_rng(seed)
    x, unseen = generator.uniform(0, 1, (2, 250, 1))
    logistic, doubling = (lambda v: 4 * v[:, 0] * (1 - v[:, 0])), (lambda v: 2 * v[:, 0] % 1)
    network = RadialBasisRegressor(n_centers=30, random_state=seed).fit(x, logistic(x))
    assert np.sqrt(np.mean((network.predict(unseen) - logistic(unseen)) ** 2)) < 1e-4
    line = LinearRegression().fit(x, logistic(x))
    assert np.sqrt(np.mean((line.predict(unseen) - logistic(unseen)) ** 2)) > 0.2
    network = RadialBasisRegressor(n_centers=100, random_state=seed).fit(x, doubling(x))
    off_the_jump = (np.abs(unseen[:, 0] - 0.5) > 0.05) & (np.abs(unseen[:, 0] - 0.5) < 0.48)
    assert np.median(np.abs(network.predict(unseen) - doubling(unseen))[off_the_jump]) < 0.02


@pytest.mark.slow
def test_the_digits_untuned():
    scores = []
    for seed in range(5):
        learn, unseen, labels, truth = split_of_digits(seed)
        scores.append(RadialBasisClassifier(random_state=seed).fit(learn, labels).score(unseen, truth))
    assert min(scores) >= 0.985


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_digits_with_centres_by_orthogonal_least_squares(seed):
    learn, unseen, labels, truth = split_of_digits(seed)
    network = RadialBasisClassifier(centers="orthogonal", random_state=seed).fit(learn, labels)
    assert network.n_centers_ <= 200
    assert network.score(unseen, truth) >= 0.98


def test_bumps_far_too_narrow_or_far_too_wide_fail():
    learn, unseen, labels, truth = split_of_digits(0)
    right, narrow, wide = (
        RadialBasisClassifier(n_centers=200, width_factor=factor, ridge=1e-4, random_state=0)
        .fit(learn, labels)
        .score(unseen, truth)
        for factor in (1.5, 0.1, 300.0)
    )
    assert right >= 0.97
    assert narrow < 0.6
    assert wide < 0.96


def test_single_precision_without_a_ridge_fails_where_double_holds():
    x = np.linspace(-1, 1, 200)[:, None]
    y = np.sin(6 * x[:, 0])
    between = (x[1:] + x[:-1]) / 2
    wrong = [
        np.abs(
            RadialBasisRegressor(n_centers=60, width_factor=3.0, ridge=0.0, random_state=0)
            .fit(x.astype(kind), y)
            .predict(between.astype(kind))
            - np.sin(6 * between[:, 0])
        ).max()
        for kind in (np.float64, np.float32)
    ]
    assert wrong[0] < 1e-4
    assert wrong[1] > 10 * wrong[0]


def test_orthogonal_least_squares_needs_fewer_centres_for_the_same_error():
    x, y = waves(200)
    unseen, truth = waves(500, seed=1)
    few, means = (
        RadialBasisRegressor(centers=centers, n_centers=15, random_state=0).fit(x, y).score(unseen, truth)
        for centers in ("orthogonal", "k-means")
    )
    assert few > 0.99
    assert few > means - 0.005
    free = RadialBasisRegressor(centers="orthogonal", random_state=0).fit(
        x, y + np.random.default_rng(0).normal(0, 0.1, 200)
    )
    assert free.n_centers_ < 100
    rows = free.module_.scale.inverse(free.module_.centers).numpy()
    assert all(np.abs(x - row).sum(1).min() < 1e-9 for row in rows)


def test_columns_of_unlike_units_are_scaled_each_and_pixels_together():
    x, y = waves(300)
    unlike = RadialBasisRegressor(random_state=0).fit(x * [1, 1e5], y)
    assert unlike.scaling_ == "columns"
    assert unlike.score(x * [1, 1e5], y) > 0.999
    assert RadialBasisRegressor(random_state=0, scaling="none").fit(x * [1, 1e5], y).score(x * [1, 1e5], y) < 0.9
    learn, _, labels, _ = split_of_digits(0)
    assert RadialBasisClassifier(random_state=0).fit(learn, labels).scaling_ == "common"


def test_a_weight_of_two_is_two_rows_where_every_row_is_a_centre():
    x, y = waves(40)
    w = np.random.default_rng(0).integers(0, 4, 40)
    weighted = RadialBasisRegressor(random_state=0).fit(x, y, sample_weight=w)
    repeated = RadialBasisRegressor(random_state=0).fit(np.repeat(x, w, 0), np.repeat(y, w))
    assert weighted.n_centers_ == repeated.n_centers_ == (w > 0).sum()
    np.testing.assert_allclose(weighted.predict(x), repeated.predict(x), atol=1e-6)


def test_probabilities_are_the_nearest_ones_to_the_scores_and_agree_with_the_answer():
    learn, unseen, labels, _ = split_of_digits(0)
    network = RadialBasisClassifier(n_centers=50, random_state=0).fit(learn, labels)
    shares = network.predict_proba(unseen)
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)
    np.testing.assert_array_equal(network.classes_[shares.argmax(1)], network.predict(unseen))


def test_a_saved_network_answers_with_the_same_bytes(tmp_path):
    x, y = waves()
    network = RadialBasisRegressor(n_centers=7, random_state=0).fit(x, y)
    network.save(tmp_path / "bumps.safetensors")
    again = RadialBasisRegressor._restore(*persistence.read(tmp_path / "bumps.safetensors"))
    np.testing.assert_array_equal(again.predict(x), network.predict(x))
    assert again.width_factor_ == network.width_factor_


def test_the_network_can_be_traced():
    module = RadialBasisModule(3, 4, 2)
    module.centers.normal_()
    rows = torch.randn(6, 3)
    traced = torch.export.export(module, (rows,)).module()
    torch.testing.assert_close(traced(rows), module(rows))


def test_it_is_lost_among_columns_that_have_nothing_to_do_with_the_labels():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(600, 100))
    y = (x[:, 0] > 0) ^ (x[:, 1] > 0.5)
    network = RadialBasisClassifier(random_state=0).fit(x[:300], y[:300])
    tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(x[:300, :2], y[:300])
    assert network.score(x[300:], y[300:]) < 0.75 < tree.score(x[300:, :2], y[300:])


def test_outside_the_rows_it_falls_back_to_its_bias_where_a_line_goes_on():
    x = np.linspace(0, 1, 50)[:, None]
    network, line = (each.fit(x, 3 * x[:, 0]) for each in (RadialBasisRegressor(), LinearRegression()))
    assert abs(line.predict([[50.0]])[0] - 150) < 1e-6
    np.testing.assert_allclose(network.predict([[1e3]]), network.predict([[1e4]]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_thousand_bumps_read_handwriting(seed, monkeypatch):
    if not MNIST.exists():
        pytest.skip(f"{MNIST} is not there")
    monkeypatch.setenv("NEURARIUM_DATA", str(MNIST.parent))
    data = shelf.load("mnist")
    network = RadialBasisClassifier(n_centers=1000, random_state=seed).fit(data.data, data.target)
    assert network.score(data.test_data, data.test_target) >= 1 - 0.038
