"""Each storage rule against its formula."""

import numpy as np
import pytest
import torch

from neurarium.core.batches import Batch
from neurarium.networks._hopfield_units import DenseHopfieldModule, HopfieldModule
from neurarium.rules.hebbian import DenseStorage, Hebb, Projection, Storkey

SEEDS = range(5)


def patterns(seed, n=7, n_units=12):
    return np.where(np.random.default_rng(seed).random((n, n_units)) < 0.5, -1.0, 1.0)


def stored(kind, Xi, weights=None, parts=1, **options):
    network = HopfieldModule(Xi.shape[1]).double()
    rule = kind(network, **options)
    w = torch.ones(len(Xi)).double() if weights is None else torch.as_tensor(weights).double()
    for rows in np.array_split(np.arange(len(Xi)), parts):
        rule.step(Batch(torch.from_numpy(Xi[rows]), weights=w[rows]))
        assert rule.end_pass()
    return network


@pytest.mark.parametrize("seed", SEEDS)
def test_hebbs_weights_are_the_sum_of_the_outer_products(seed):
    Xi = patterns(seed)
    W = sum(np.outer(xi, xi) for xi in Xi)
    np.fill_diagonal(W, 0)
    assert np.array_equal(stored(Hebb, Xi).weight, W)
    assert np.array_equal(stored(Hebb, Xi, parts=3).weight, W)


def test_a_pattern_of_weight_two_is_to_hebb_the_pattern_twice():
    Xi = patterns(0)
    weights = np.array([2, 1, 1, 3, 1, 1, 1])
    assert torch.equal(stored(Hebb, Xi, weights).weight, stored(Hebb, Xi.repeat(weights, 0)).weight)


@pytest.mark.parametrize("seed", SEEDS)
def test_storkeys_weights_are_those_of_the_papers_double_loop(seed):
    Xi = patterns(seed)
    n = Xi.shape[1]
    W = np.zeros((n, n))
    for xi in Xi:
        new = W.copy()
        for i in range(n):
            for j in range(n):
                if i != j:
                    h_ij = sum(W[i, k] * xi[k] for k in range(n) if k not in (i, j))
                    h_ji = sum(W[j, k] * xi[k] for k in range(n) if k not in (i, j))
                    new[i, j] += (xi[i] * xi[j] - xi[i] * h_ji - h_ij * xi[j]) / n
        W = new
    np.testing.assert_allclose(stored(Storkey, Xi).weight, W, rtol=0, atol=1e-12)
    np.testing.assert_allclose(stored(Storkey, Xi, parts=4).weight, W, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [3, 7, 11])
def test_the_projections_weights_are_numpys_pseudo_inverse(seed, n):
    Xi = patterns(seed, n)
    Xi = np.r_[Xi, Xi[:1], -Xi[1:2]]  # one twice, and one reversed: the span is the same
    W = np.linalg.pinv(Xi) @ Xi
    np.fill_diagonal(W, 0)
    np.testing.assert_allclose(stored(Projection, Xi).weight, W, rtol=0, atol=1e-10)
    np.testing.assert_allclose(stored(Projection, Xi, parts=2).weight, W, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", [Hebb, Storkey, Projection])
def test_weights_are_symmetric_to_the_bit_and_no_unit_is_linked_to_itself(kind):
    W = stored(kind, patterns(0, 9, 40)).weight
    assert torch.equal(W, W.T)
    assert not W.diagonal().any()


def test_units_of_zero_and_one_have_half_the_field_that_the_bias_makes_of_minus_one_and_one():
    network = stored(Hebb, patterns(0), zero_one=True)
    V = (np.random.default_rng(1).random((20, 12)) < 0.5).astype(float)
    fields = network.fields(torch.from_numpy(2 * V - 1))
    np.testing.assert_allclose(fields, 2 * V @ network.weight.numpy(), rtol=0, atol=1e-12)
    energy = -0.5 * np.einsum("ni,ij,nj->n", V, network.weight.numpy(), V)  # of the paper of 1982
    apart = network.energies(torch.from_numpy(2 * V - 1)).numpy() / 4 - energy
    np.testing.assert_allclose(apart, apart[0], rtol=0, atol=1e-12)


def test_a_step_says_which_share_of_the_stored_numbers_would_not_stay():
    Xi = patterns(0, 9, 12)
    network = HopfieldModule(12).double()
    told = Hebb(network).step(Batch(torch.from_numpy(Xi)))["loss"]
    W = network.weight.numpy()
    moved = Xi * (Xi @ W) < 0
    assert 0 < float(told) == pytest.approx(moved.mean())


def test_dense_storage_keeps_the_patterns_and_takes_beta_from_the_closest_pair():
    Xi = patterns(0, 20, 30)
    network = DenseHopfieldModule(30).double()
    rule = DenseStorage(network)
    rule.step(Batch(torch.from_numpy(Xi[:12])))
    rule.step(Batch(torch.from_numpy(Xi[12:])))
    assert np.array_equal(network.patterns, Xi)
    gaps = ((Xi[:, None] - Xi) ** 2).sum(-1)
    closest = gaps[~np.eye(20, dtype=bool)].min() / 2
    assert float(network.beta) == pytest.approx(2 * np.log(200 * 20) / closest)
    DenseStorage(network, beta=0.7).step(Batch(torch.from_numpy(Xi[:1])))
    assert float(network.beta) == 0.7
