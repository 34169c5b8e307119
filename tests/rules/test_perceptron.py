"""Rosenblatt's rule, block by block, is the row-by-row loop of the paper."""

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.core.batches import Batch
from neurarium.rules import perceptron
from neurarium.rules.perceptron import Perceptron, solve_block


class Scores(nn.Module):
    """The least that the rule can teach."""

    def __init__(self, n_inputs, n_classes, dtype=torch.float64):
        super().__init__()
        self.scale = nn.Identity()
        for name, shape in (("weight", (n_classes, n_inputs)), ("bias", (n_classes,))):
            setattr(self, name, torch.zeros(shape, dtype=dtype))
            setattr(self, f"mean_{name}", torch.zeros(shape, dtype=dtype))

    def forward(self, rows):
        return rows @ self.weight.T + self.bias


def loop(X, y, w, n_classes, passes):
    """The rule as the paper writes it: one row after the other."""
    X = np.c_[X, np.ones(len(X))]
    W, total, shown, mistakes = np.zeros((n_classes, X.shape[1])), 0.0, 0.0, 0
    for _ in range(passes):
        for x, c, size in zip(X, y, w, strict=True):
            predicted = (W @ x).argmax()
            if predicted != c:
                W[c] += size * x
                W[predicted] -= size * x
                mistakes += 1
            total, shown = total + size * W, shown + size
    return W, total / shown, mistakes


def problem(seed, n=700, d=12, n_classes=4):
    chance = np.random.default_rng(seed)
    X = chance.normal(size=(n, d))
    y = (X @ chance.normal(size=(d, n_classes)) + chance.normal(size=(n, n_classes)) * 2).argmax(1)
    return X, y, chance.uniform(0.2, 2, size=n)


def taught(X, y, w, n_classes, passes, size=None):
    module = Scores(X.shape[1], n_classes)
    rule = Perceptron(module)
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    w = None if w is None else torch.from_numpy(w)
    for _ in range(passes):
        for rows in torch.arange(len(X)).split(size or len(X)):
            rule.step(Batch(X, y, w).select(rows))
        rule.end_pass()
    return module, rule


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_classes", [2, 4])
def test_blocks_make_the_mistakes_the_steps_and_the_averages_of_the_plain_loop(seed, n_classes):
    X, y, w = problem(seed, n_classes=n_classes)
    for weights in (None, w):
        module, rule = taught(X, y, weights, n_classes, passes=3)
        W, mean, mistakes = loop(X, y, np.ones(len(X)) if weights is None else weights, n_classes, passes=3)
        assert rule.mistakes == mistakes > 200
        np.testing.assert_allclose(module.weight, W[:, :-1], rtol=0, atol=1e-10)
        np.testing.assert_allclose(module.bias, W[:, -1], rtol=0, atol=1e-10)
        np.testing.assert_allclose(module.mean_weight, mean[:, :-1], rtol=0, atol=1e-10)
        np.testing.assert_allclose(module.mean_bias, mean[:, -1], rtol=0, atol=1e-10)


def test_whole_numbers_give_the_same_bits_whatever_the_block(monkeypatch):
    chance = np.random.default_rng(0)
    X = chance.integers(-3, 4, size=(500, 6)).astype(float)
    y = chance.integers(0, 3, size=500)
    W, _, mistakes = loop(X, y, np.ones(500), 3, passes=2)
    for block in (1, 7, 128, 500):
        monkeypatch.setattr(perceptron, "_BLOCK", block)
        module, rule = taught(X, y, None, 3, passes=2)
        assert np.array_equal(module.weight, W[:, :-1])
        assert np.array_equal(module.bias, W[:, -1])
        assert rule.mistakes == mistakes


def test_rows_that_each_depend_on_the_one_before_are_still_solved_exactly():
    X = np.ones((128, 1))  # each mistake turns the answer to the next row
    y = np.arange(128) % 2
    rows, steps = solve_block(
        torch.from_numpy(X), torch.from_numpy(y), torch.ones(128, dtype=torch.float64), torch.zeros(128, 2).double()
    )
    assert int((steps != 0).any(1).sum()) == loop(X, y, np.ones(128), 2, 1)[2] == 127
    assert len(rows.unique()) == len(rows)


def test_with_two_classes_the_difference_of_the_weights_is_rosenblatts_one_unit():
    X, y, _ = problem(3, n_classes=2)
    module, rule = taught(X, y, None, 2, passes=2)
    v, mistakes = np.zeros(X.shape[1] + 1), 0
    for _ in range(2):
        for x, sign in zip(np.c_[X, np.ones(len(X))], 2 * y - 1, strict=True):
            if (v @ x > 0) != (sign > 0):
                v, mistakes = v + sign * x, mistakes + 1
    assert rule.mistakes == mistakes
    np.testing.assert_allclose((module.weight[1] - module.weight[0]) / 2, v[:-1], rtol=0, atol=1e-10)


def test_mistakes_never_exceed_the_bound_of_any_separator_between_classes():
    for seed in range(3):
        chance = np.random.default_rng(seed)
        planted = chance.normal(size=(4, 10)) / 2
        X = chance.normal(size=(1000, 10))
        scores = np.sort(X @ planted.T, axis=1)
        X = X[scores[:, -1] - scores[:, -2] > 0.5]
        y = (X @ planted.T).argmax(1)
        _, rule = taught(X, y, None, 4, passes=60)
        assert rule.margin > 0
        assert rule.provable
        radius2 = (X**2).sum(1).max() + 1
        assert rule.radius**2 == pytest.approx(radius2)
        assert rule.mistakes <= 2 * radius2 / (0.5 / np.linalg.norm(planted)) ** 2
        assert rule.mistakes <= 2 * radius2 / rule.margin**2


def test_a_rule_goes_on_from_its_state_with_the_same_bits():
    X, y, w = problem(1)
    module, rule = taught(X, y, w, 4, passes=1)
    other = Scores(12, 4)
    for name in ("weight", "bias", "mean_weight", "mean_bias"):
        getattr(other, name).copy_(getattr(module, name))
    follower = Perceptron(other)
    follower.load_state_dict(rule.state_dict())
    batch = Batch(torch.from_numpy(X), torch.from_numpy(y), torch.from_numpy(w))
    for each in (rule, follower):
        each.step(batch)
        each.end_pass()
    assert torch.equal(module.mean_weight, other.mean_weight)
    assert rule.state_dict() == follower.state_dict()


def test_the_measure_for_held_out_rows_is_the_weighted_share_of_wrong_answers():
    module = Scores(1, 2)
    module.weight += torch.tensor([[-1.0], [1.0]])
    batch = Batch(torch.tensor([[1.0], [2.0], [-1.0]]).double(), torch.tensor([1, 0, 0]))
    assert float(Perceptron(module).evaluate(batch)) == pytest.approx(1 / 3)
    assert float(Perceptron(module).evaluate(batch._replace(weights=torch.tensor([1.0, 2.0, 1.0])))) == 0.5
