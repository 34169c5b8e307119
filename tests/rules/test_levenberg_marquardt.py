"""Levenberg-Marquardt goes down, to where SciPy's MINPACK goes, by the steps of the linearised network."""

import itertools

import numpy as np
import pytest
import torch
from scipy.optimize import least_squares
from torch.autograd.functional import hessian, jacobian
from torch.nn.utils import parameters_to_vector

from neurarium.core.batches import Batch
from neurarium.core.persistence import pack, unpack
from neurarium.networks.feed_forward import FeedForwardModule
from neurarium.rules.gradient import put
from neurarium.rules.levenberg_marquardt import CrossEntropy, LevenbergMarquardt, SquaredError, _Few, _Many


def net(seed=0, outputs=1, hidden=3, dtype=torch.float64):
    torch.manual_seed(seed)
    module = FeedForwardModule(2, hidden, outputs)
    for parameter in module.parameters():
        torch.nn.init.uniform_(parameter, -1, 1)
    return module.to(dtype)


def rows(n=40, dtype=torch.float64):
    torch.manual_seed(7)
    x = torch.randn(n, 2, dtype=dtype)
    return Batch(x, torch.sin(2 * x[:, :1]) * x[:, 1:] + 0.1 * torch.randn(n, 1, dtype=dtype))


def classes(n=40):
    torch.manual_seed(7)
    x = torch.randn(n, 2, dtype=torch.float64)
    return Batch(x, (x[:, 0] * x[:, 1] > 0).long() + (x[:, 0] > 1))


def learn(rule, batch, steps=300):
    losses = []
    for _ in range(steps):
        losses.append(float(rule.step(batch)["loss"]))
        if rule.end_pass():
            break
    return losses


def weights_of(module):
    return parameters_to_vector(module.parameters()).detach()


ONE = SquaredError(torch.ones(1, dtype=torch.float64))


@pytest.mark.parametrize("seed", range(5))
def test_it_goes_to_the_bottom_that_minpacks_levenberg_marquardt_goes_to(seed):
    ours, theirs, batch = net(seed), net(seed), rows()
    found = learn(LevenbergMarquardt(ours, ONE, weight_decay=1e-3, tolerance=1e-13), batch, 1000)[-1]
    matrices = torch.cat([torch.full((each.numel(),), float(each.dim() > 1)) for each in theirs.parameters()])
    pull = np.sqrt(40 * 1e-3 * matrices.double().numpy())  # decay, as residuals of its own

    def residuals(vector):
        put(theirs.parameters(), torch.from_numpy(vector))
        return np.r_[(theirs(batch.inputs) - batch.targets).detach().numpy().ravel(), pull * vector]

    def jacobian(vector):
        put(theirs.parameters(), torch.from_numpy(vector))
        return np.r_[theirs.linearise(batch.inputs)[1][:, 0].detach().numpy(), np.diag(pull)]

    start, end = weights_of(theirs).numpy(), weights_of(ours).numpy()
    tight = {"method": "lm", "xtol": 1e-14, "ftol": 1e-14, "gtol": 1e-14, "max_nfev": 1000}
    assert found == pytest.approx(least_squares(residuals, end, jacobian, **tight).cost / 40, rel=1e-9)
    # Another damping may lead into another valley; ours is no worse in any of the five.
    assert found <= least_squares(residuals, start, jacobian, **tight).cost / 40 * (1 + 1e-9)


def test_least_squares_without_hidden_units_take_one_undamped_step():
    class Line(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1, 2, dtype=torch.float64))

        def forward(self, x):
            return x @ self.weight.T

        def linearise(self, x):
            return self(x), x[:, None]

    line, batch = Line(), rows()
    learn(LevenbergMarquardt(line, ONE, tolerance=1e-14), batch)
    torch.testing.assert_close(line.weight.detach().T, torch.linalg.lstsq(batch.inputs, batch.targets).solution)


@pytest.mark.parametrize("kind", ["squares", "classes"])
def test_residuals_and_their_jacobian_have_the_slope_and_the_curvature_of_the_loss(kind):
    torch.manual_seed(0)
    k = 3
    answer, by_weights = torch.randn(4, k, dtype=torch.float64), torch.randn(4, k, 6, dtype=torch.float64)
    if kind == "squares":
        loss, targets = SquaredError(torch.rand(k, dtype=torch.float64) + 0.5), torch.randn(4, k, dtype=torch.float64)
    else:
        loss, targets = CrossEntropy(), torch.tensor([0, 2, 1, 2])
    r, J = loss.residuals(answer, by_weights, Batch(answer, targets))
    for i in range(4):

        def cost(y, i=i):
            return loss(y[None], Batch(y[None], targets[i : i + 1]))[0]

        slope, curvature = jacobian(cost, answer[i]), hessian(cost, answer[i])
        torch.testing.assert_close(J[i].T @ r[i], by_weights[i].T @ slope)
        torch.testing.assert_close(J[i].T @ J[i], by_weights[i].T @ curvature @ by_weights[i])


def test_a_class_told_with_certainty_gives_no_residual_that_is_no_number():
    answer = torch.tensor([[800.0, -800.0], [-800.0, 800.0]], dtype=torch.float64)
    r, J = CrossEntropy().residuals(
        answer, torch.ones(2, 2, 3, dtype=torch.float64), Batch(answer, torch.tensor([0, 0]))
    )
    assert torch.isfinite(r).all()
    assert torch.isfinite(J).all()


def test_the_system_is_the_same_by_parameters_and_by_residuals():
    torch.manual_seed(0)
    J, r, theta = torch.randn(5, 8).double(), torch.randn(5).double(), torch.randn(8).double()
    decay, damping = torch.rand(8).double(), 0.3
    A = J.T @ J + torch.diag(decay + damping)
    step = -torch.linalg.solve(A, J.T @ r + decay * theta)
    for system in (_Many(theta, [(r[:2], J[:2]), (r[2:], J[2:])]), _Few(theta, [(r[:2], J[:2]), (r[2:], J[2:])])):
        torch.testing.assert_close(system.solve(decay, damping), step)
        torch.testing.assert_close(system.gradient(decay), J.T @ r + decay * theta)
        torch.testing.assert_close(system.spread(decay + damping), torch.linalg.inv(A).diagonal())
        assert system.curvature() == pytest.approx(float((J * J).sum(0).max()))


@pytest.mark.parametrize("n", [4, 60])
def test_a_step_solves_the_system_of_the_network_it_is_taken_from(n):
    module, batch = net(outputs=2), Batch(torch.randn(n, 2).double(), torch.randn(n, 2).double())
    rule = LevenbergMarquardt(module, SquaredError(torch.ones(2).double()), weight_decay=0.1)
    theta = weights_of(module)
    with torch.no_grad():
        system = rule._linearised(batch, theta)
        answers, J = module.linearise(batch.inputs)
    J, r = J.flatten(0, 1) / n**0.5, (answers - batch.targets).flatten() / n**0.5
    decay, damping = rule._decay, 0.3
    wanted = -torch.linalg.solve(J.T @ J + torch.diag(decay + damping), J.T @ r + decay * theta)
    torch.testing.assert_close(system.solve(decay, damping), wanted.detach(), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("hidden", [3, 40])
def test_no_step_raises_the_loss_and_decay_is_part_of_it(hidden):
    for module, loss, batch in (
        (net(hidden=hidden), ONE, rows()),
        (net(outputs=3, hidden=hidden), CrossEntropy(), classes()),
    ):
        rule = LevenbergMarquardt(module, loss, weight_decay=1e-2, tolerance=1e-12)
        losses = learn(rule, batch, 600)
        assert all(after <= before for before, after in itertools.pairwise(losses))
        squares = sum(float(each.detach().square().sum()) for each in module.parameters() if each.dim() > 1)
        assert losses[-1] == pytest.approx(float(loss(module(batch.inputs), batch).mean().detach()) + 0.005 * squares)
        slopes = torch.autograd.grad(loss(module(batch.inputs), batch).mean(), list(module.parameters()))
        decay = [0.01 * (each.dim() > 1) * each.detach() for each in module.parameters()]
        assert max(float((g + d).abs().max()) for g, d in zip(slopes, decay, strict=True)) < 1e-4


def test_float32_rows_are_learnt_in_float64_and_answered_in_float32():
    batch, exact, rough = rows(), net(), net(dtype=torch.float32)
    put(exact.parameters(), weights_of(rough).double())
    rounded = Batch(batch.inputs.float(), batch.targets.float())
    in_full = Batch(rounded.inputs.double(), rounded.targets.double())
    there = learn(LevenbergMarquardt(exact, ONE, weight_decay=1e-3), in_full, 30)
    here = learn(LevenbergMarquardt(rough, SquaredError(torch.ones(1)), weight_decay=1e-3), rounded, 30)
    assert here == pytest.approx(there, rel=1e-12)
    assert rough.outer.weight.dtype == torch.float32
    torch.testing.assert_close(weights_of(rough), weights_of(exact).float())


def test_a_row_of_weight_two_is_two_rows_and_one_of_weight_zero_is_none():
    batch, counts = rows(12), torch.tensor([2.0, 0, 1, 3] * 3, dtype=torch.float64)
    weighted, repeated = net(), net()
    learn(LevenbergMarquardt(weighted, ONE, weight_decay=1e-2), batch._replace(weights=counts), 20)
    whole = batch.select(torch.arange(12).repeat_interleave(counts.long()))
    learn(LevenbergMarquardt(repeated, ONE, weight_decay=1e-2), whole, 20)
    torch.testing.assert_close(weights_of(weighted), weights_of(repeated), rtol=1e-7, atol=1e-9)


def test_blocks_of_rows_change_nothing_but_the_memory(monkeypatch):
    whole, blocks = net(), net()
    learn(LevenbergMarquardt(whole, ONE), rows(), 5)
    monkeypatch.setattr("neurarium.rules.levenberg_marquardt._CHUNK", 50)
    learn(LevenbergMarquardt(blocks, ONE), rows(), 5)
    torch.testing.assert_close(weights_of(whole), weights_of(blocks), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_state_put_away_and_fetched_goes_on_bit_for_bit(dtype):
    whole, batch, loss = net(dtype=dtype), rows(dtype=dtype), SquaredError(torch.ones(1, dtype=dtype))
    rule = LevenbergMarquardt(whole, loss)
    learn(rule, batch, 5)
    kept, weights = unpack(*pack(rule.state_dict())), {name: each.clone() for name, each in whole.state_dict().items()}
    learn(rule, batch, 5)
    resumed = net(seed=3, dtype=dtype)
    resumed.load_state_dict(weights)
    fetched = LevenbergMarquardt(resumed, loss)
    fetched.load_state_dict(kept)
    learn(fetched, batch, 5)
    assert torch.equal(weights_of(whole), weights_of(resumed))


def test_a_loss_that_needs_targets_says_so():
    with pytest.raises(ValueError, match="compares answers with targets"):
        ONE(torch.zeros(2, 1), Batch(torch.zeros(2, 2)))


def test_a_net_at_the_bottom_rests_at_once():
    module = net()
    batch = rows()
    batch = batch._replace(targets=module(batch.inputs).detach())
    before = weights_of(module).clone()
    rule = LevenbergMarquardt(module, ONE)
    assert len(learn(rule, batch)) == 1
    assert torch.equal(weights_of(module), before)
    assert np.isclose(float(rule.evaluate(batch)), 0)
