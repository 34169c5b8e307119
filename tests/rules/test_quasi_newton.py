"""L-BFGS finds what SciPy's finds, along a line search that holds what it promises."""

import itertools
import math

import pytest
import torch
from scipy.optimize import minimize
from torch import nn
from torch.nn.utils import parameters_to_vector

from neurarium.core.batches import Batch
from neurarium.core.persistence import pack, unpack
from neurarium.rules.gradient import put
from neurarium.rules.quasi_newton import Point, QuasiNewton, wolfe


def net(seed=0, dtype=torch.float64):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1)).to(dtype)


def rows(seed=1, n=40, dtype=torch.float64):
    torch.manual_seed(seed)
    x = torch.randn(n, 3, dtype=dtype)
    return Batch(x, torch.sin(x.sum(1, keepdim=True)) + 0.1 * torch.randn(n, 1, dtype=dtype))


def squares(answer, batch):
    return 0.5 * (answer - batch.targets).square().sum(-1)


def learn(rule, batch, steps):
    losses = []
    for _ in range(steps):
        losses.append(float(rule.step(batch)["loss"]))
        if rule.end_pass():
            break
    return losses


def test_it_finds_the_minimum_that_scipys_l_bfgs_b_finds():
    for seed in range(5):
        ours, theirs, batch = net(seed), net(seed), rows()
        found = learn(QuasiNewton(ours, squares, weight_decay=0.01, tolerance=1e-8), batch, 2000)[-1]

        def objective(vector, theirs=theirs, batch=batch):
            put(theirs.parameters(), torch.from_numpy(vector))
            decay = theirs[0].weight.square().sum() + theirs[2].weight.square().sum()
            loss = squares(theirs(batch.inputs), batch).mean() + 0.005 * decay
            slopes = torch.autograd.grad(loss, list(theirs.parameters()))
            return float(loss.detach()), parameters_to_vector(slopes).numpy()

        start = parameters_to_vector(theirs.parameters()).detach().numpy()
        best = minimize(
            objective, start, jac=True, method="L-BFGS-B", options={"gtol": 1e-8, "ftol": 0, "maxiter": 2000}
        )
        assert found == pytest.approx(best.fun, rel=1e-9)


def test_least_squares_by_l_bfgs_are_least_squares():
    layer, batch = nn.Linear(3, 2).double(), Batch(torch.randn(30, 3).double(), torch.randn(30, 2).double())
    learn(QuasiNewton(layer, squares, tolerance=1e-12), batch, 200)
    design = torch.cat([batch.inputs, torch.ones(30, 1).double()], 1)
    solution = torch.linalg.lstsq(design, batch.targets).solution
    torch.testing.assert_close(torch.cat([layer.weight.T, layer.bias[None]]).detach(), solution, rtol=1e-8, atol=1e-8)


def test_no_step_raises_the_loss_and_the_last_one_rests_on_a_flat_place():
    for dtype in (torch.float64, torch.float32):
        ours, batch = net(dtype=dtype), rows(dtype=dtype)
        losses = learn(QuasiNewton(ours, squares, weight_decay=0.01), batch, 1000)
        assert len(losses) < 1000
        assert all(after <= before for before, after in itertools.pairwise(losses))


def test_a_row_of_weight_two_is_two_rows_and_one_of_weight_zero_is_none():
    batch = rows(n=4)
    weighted, repeated = net(), net()
    counts = torch.tensor([2.0, 0.0, 1.0, 3.0], dtype=torch.float64)
    learn(QuasiNewton(weighted, squares, weight_decay=0.1), batch._replace(weights=counts), 20)
    learn(QuasiNewton(repeated, squares, weight_decay=0.1), batch.select(torch.tensor([0, 0, 2, 3, 3, 3])), 20)
    torch.testing.assert_close(parameters_to_vector(weighted.parameters()), parameters_to_vector(repeated.parameters()))


@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 10.0, 100.0])
def test_the_line_search_holds_both_wolfe_conditions_from_any_first_look(first):
    def along(t):  # a valley with a ripple
        loss = (t - 2) ** 2 / 4 + 0.1 * math.sin(5 * t)
        return Point(t, loss, (t - 2) / 2 + 0.5 * math.cos(5 * t), torch.zeros(1))

    origin = along(0.0)
    assert origin.slope < 0
    found = wolfe(along, origin, first)
    assert found.t > 0
    assert found.loss <= origin.loss + 1e-4 * found.t * origin.slope
    assert abs(found.slope) <= 0.9 * abs(origin.slope)


def test_the_line_search_comes_back_from_where_the_loss_is_no_number():
    def along(t):
        return Point(t, -t, -1.0, torch.zeros(1)) if t < 0.5 else Point(t, math.nan, math.nan, torch.zeros(1))

    assert 0 < wolfe(along, along(0.0), 1.0).t < 0.5


def test_a_state_put_away_and_fetched_goes_on_bit_for_bit():
    whole, batch = net(), rows()
    rule = QuasiNewton(whole, squares, weight_decay=0.01, memory=3)
    learn(rule, batch, 6)
    kept, weights = unpack(*pack(rule.state_dict())), {name: each.clone() for name, each in whole.state_dict().items()}
    learn(rule, batch, 6)
    resumed = net(seed=4)
    resumed.load_state_dict(weights)
    fetched = QuasiNewton(resumed, squares, weight_decay=0.01, memory=3)
    fetched.load_state_dict(kept)
    learn(fetched, batch, 6)
    assert torch.equal(parameters_to_vector(whole.parameters()), parameters_to_vector(resumed.parameters()))


def test_held_out_rows_are_judged_by_the_loss_alone():
    ours, batch = net(), rows()
    rule = QuasiNewton(ours, squares, weight_decay=10.0)
    torch.testing.assert_close(rule.evaluate(batch), squares(ours(batch.inputs), batch).mean().detach())
