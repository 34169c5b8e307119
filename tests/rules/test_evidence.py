"""The evidence chooses the decay, as in Bayesian ridge regression where the network is a line."""

import copy

import numpy as np
import pytest
import torch
from sklearn.linear_model import BayesianRidge
from torch import nn
from torch.nn.utils import parameters_to_vector

from neurarium.core.batches import Batch
from neurarium.core.persistence import pack, unpack
from neurarium.networks.feed_forward import FeedForwardModule
from neurarium.rules.evidence import EvidenceLevenbergMarquardt
from neurarium.rules.levenberg_marquardt import LevenbergMarquardt, SquaredError

ONE = SquaredError(torch.ones(1, dtype=torch.float64))


class Line(nn.Module):
    """A network without hidden units."""

    def __init__(self, n_inputs):
        super().__init__()
        self.weight = nn.Parameter(torch.full((1, n_inputs), 0.1, dtype=torch.float64))

    def forward(self, x):
        return x @ self.weight.T

    def linearise(self, x):
        return self(x), x[:, None]


def noisy(n, seed=0, noise=0.3):
    chance = np.random.default_rng(seed)
    x = chance.uniform(-3, 3, (n, 1))
    y = np.sin(2 * x) + noise * chance.normal(size=x.shape)
    return Batch(torch.from_numpy(x), torch.from_numpy(y / y.std())), y.std()


def net(hidden=20, seed=0):
    torch.manual_seed(seed)
    return FeedForwardModule(1, hidden, 1).double()


def learn(rule, batch, steps=300):
    for done in range(1, steps + 1):
        rule.step(batch)
        if rule.end_pass():
            return done
    return steps


@pytest.mark.parametrize("seed", range(5))
def test_for_a_line_it_is_bayesian_ridge_regression(seed):
    chance = np.random.default_rng(seed)
    X = chance.normal(size=(60, 8))
    y = X @ np.r_[1.0, -1.0, 0.5, np.zeros(5)] + chance.normal(size=60)
    ridge = BayesianRidge(alpha_1=0, alpha_2=0, lambda_1=0, lambda_2=0, fit_intercept=False, tol=1e-10, max_iter=1000)
    ridge.fit(X, y)
    line = Line(8)
    rule = EvidenceLevenbergMarquardt(line, ONE, tolerance=1e-13)
    learn(rule, Batch(torch.from_numpy(X), torch.from_numpy(y[:, None])))
    np.testing.assert_allclose(line.weight.detach().numpy()[0], ridge.coef_, rtol=1e-5, atol=1e-6)
    assert rule.weight_decay[0] == pytest.approx(ridge.lambda_ / ridge.alpha_ / 60, rel=1e-4)


def test_units_too_many_do_no_harm_where_they_do_without_the_evidence():
    t = torch.linspace(-3, 3, 200, dtype=torch.float64)[:, None]
    wrong = {"chosen": [], "free": []}
    for seed in range(5):
        batch, spread = noisy(40, seed)
        for name, rule in (("chosen", EvidenceLevenbergMarquardt), ("free", LevenbergMarquardt)):
            module = net(40, seed)
            learn(rule(module, ONE), batch, 100)
            wrong[name].append(float((spread * module(t) - torch.sin(2 * t)).square().mean().sqrt().detach()))
    assert np.median(wrong["chosen"]) < 0.3  # the noise of one row
    assert all(chosen < free for chosen, free in zip(wrong["chosen"], wrong["free"], strict=True))


def test_it_finds_the_noise_of_a_linear_law_and_that_few_parameters_are_decided():
    chance = np.random.default_rng(0)
    x = chance.normal(size=(300, 1))
    batch = Batch(torch.from_numpy(x), torch.from_numpy(2 * x + chance.normal(0, 0.5, x.shape)))
    rule = EvidenceLevenbergMarquardt(net(8), ONE)
    learn(rule, batch)
    assert 2 * float(rule.evaluate(batch)) == pytest.approx(0.25, rel=0.15)
    assert rule.effective_parameters < 25 / 2  # of the 25 parameters there are


def test_without_noise_the_decay_goes_away():
    batch, _ = noisy(60, noise=0.0)
    rule = EvidenceLevenbergMarquardt(net(), ONE)
    learn(rule, batch)
    assert max(rule.weight_decay) < 1e-5
    assert float(rule.evaluate(batch)) < 1e-5


def test_what_a_first_decay_flattens_is_tried_again_with_a_weaker_one():
    bits = torch.tensor([[(i >> b) & 1 for b in range(4)] for i in range(16)], dtype=torch.float64) * 2 - 1
    batch = Batch(bits, bits.prod(1, keepdim=True))  # parity: no unit finds anything alone
    solved = 0
    for seed in range(5):
        torch.manual_seed(seed)
        module = FeedForwardModule(4, 20, 1).double()
        rule = EvidenceLevenbergMarquardt(module, ONE)
        learn(rule, batch)
        solved += float(rule.evaluate(batch)) < 0.01
    assert solved >= 4


def test_where_there_is_nothing_to_learn_little_is_learnt():
    calm = 0
    for seed in range(5):
        torch.manual_seed(seed)
        batch = Batch(torch.randn(400, 3).double(), torch.randn(400, 1).double())
        unseen = Batch(torch.randn(400, 3).double(), torch.randn(400, 1).double())
        module = FeedForwardModule(3, 10, 1).double()
        rule = EvidenceLevenbergMarquardt(module, ONE)
        learn(rule, batch)
        calm += 2 * float(rule.evaluate(unseen)) < 1.15 * float(unseen.targets.var())
    assert calm >= 4


def test_a_state_put_away_and_fetched_goes_on_bit_for_bit():
    for taken in (3, 20):
        (batch, _), whole = noisy(40), net()
        rule = EvidenceLevenbergMarquardt(whole, ONE, tolerance=1e-9)
        learn(rule, batch, taken)
        kept = copy.deepcopy(unpack(*pack(rule.state_dict())))
        weights = {name: each.clone() for name, each in whole.state_dict().items()}
        learn(rule, batch, 10)
        resumed = net(seed=3)
        resumed.load_state_dict(weights)
        fetched = EvidenceLevenbergMarquardt(resumed, ONE, tolerance=1e-9)
        fetched.load_state_dict(kept)
        learn(fetched, batch, 10)
        assert torch.equal(parameters_to_vector(whole.parameters()), parameters_to_vector(resumed.parameters()))
        assert rule.weight_decay == fetched.weight_decay
        assert rule.effective_parameters == fetched.effective_parameters
