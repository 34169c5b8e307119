"""Gradient descent against torch.optim, step by step, and its manners."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from neurarium.core.batches import Batch
from neurarium.rules.gradient import Gradient, mean_loss, weighted_mean
from neurarium.rules.optimisers import Adam, Descent


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()


def loss(answer, batch):
    return cross_entropy(answer, batch.targets, reduction="none")


def batches(n=8):
    torch.manual_seed(1)
    return [Batch(torch.randn(10, 4).double(), torch.randint(3, (10,))) for _ in range(n)]


PAIRS = {
    "adam": (lambda m: Adam(m, 0.01), lambda m: torch.optim.Adam(m.parameters(), 0.01)),
    "momentum": (lambda m: Descent(m, 0.1, momentum=0.9), lambda m: torch.optim.SGD(m.parameters(), 0.1, momentum=0.9)),
    "plain": (lambda m: Descent(m, 0.1), lambda m: torch.optim.SGD(m.parameters(), 0.1)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_steps_are_those_of_torch_optim(name):
    ours, theirs = net(), net()
    rule, optimiser = Gradient(ours, loss, PAIRS[name][0](ours)), PAIRS[name][1](theirs)
    for batch in batches():
        rule.step(batch)
        optimiser.zero_grad()
        cross_entropy(theirs(batch.inputs), batch.targets).backward()
        optimiser.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_weight_decay_pulls_matrices_and_leaves_biases_alone():
    ours, theirs = net(), net()
    rule = Gradient(ours, loss, Adam(ours, 0.01, weight_decay=0.1, decoupled=True))
    groups = [
        {"params": [p for p in theirs.parameters() if p.dim() > 1], "weight_decay": 0.1},
        {"params": [p for p in theirs.parameters() if p.dim() == 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, 0.01)
    for batch in batches():
        rule.step(batch)
        optimiser.zero_grad()
        cross_entropy(theirs(batch.inputs), batch.targets).backward()
        optimiser.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_a_long_gradient_is_clipped_to_the_length_asked_for():
    module = net()
    before = [parameter.detach().clone() for parameter in module.parameters()]
    Gradient(module, loss, Descent(module, 1.0), clip=1e-3).step(batches(1)[0])
    moved = torch.cat([(p.detach() - q).flatten() for p, q in zip(module.parameters(), before, strict=True)])
    assert float(moved.norm()) == pytest.approx(1e-3, rel=1e-3)


def test_a_rule_resumed_from_its_state_makes_the_same_steps_bit_for_bit():
    whole = net()
    rule = Gradient(whole, loss, Adam(whole, 0.01), schedule=lambda steps, passes: 0.9**steps, wait=2)
    some = batches()
    for batch in some[:4]:
        rule.step(batch)
    half, state = copy.deepcopy(whole), copy.deepcopy(rule.state_dict())
    other = Gradient(half, loss, Adam(half, 0.01), schedule=lambda steps, passes: 0.9**steps, wait=2)
    other.load_state_dict(state)
    for batch in some[4:]:
        rule.step(batch)
        other.step(batch)
    assert rule.end_pass() == other.end_pass()
    for one, theirs in zip(whole.parameters(), half.parameters(), strict=True):
        assert torch.equal(one, theirs)


def test_a_schedule_multiplies_the_rate():
    fast, slow = net(), net()
    batch = batches(1)[0]
    Gradient(fast, loss, Descent(fast, 0.05)).step(batch)
    Gradient(slow, loss, Descent(slow, 0.1), schedule=lambda steps, passes: 0.5).step(batch)
    for one, other in zip(fast.parameters(), slow.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=0)


def test_it_rests_when_the_loss_of_a_pass_falls_no_more():
    module = net()
    rule = Gradient(module, loss, Descent(module, 1e-12), wait=2, tolerance=1e-4)
    ends = []
    for _ in range(4):
        rule.step(batches(1)[0])
        ends.append(rule.end_pass())
    assert ends == [False, False, True, True]


def test_a_row_of_weight_two_counts_as_two_rows():
    losses = torch.tensor([1.0, 4.0])
    weights = torch.tensor([2.0, 1.0])
    assert float(weighted_mean(losses, weights / weights.mean())) == pytest.approx(2.0)
    module, batch = net(), batches(1)[0]
    twice = Batch(torch.cat([batch.inputs, batch.inputs[:1]]), torch.cat([batch.targets, batch.targets[:1]]))
    weighted = batch._replace(weights=torch.tensor([2.0] + [1.0] * 9).double())
    assert float(mean_loss(module, loss, weighted)) == pytest.approx(float(mean_loss(module, loss, twice)), rel=1e-12)
    np.testing.assert_equal(module.training, True)
