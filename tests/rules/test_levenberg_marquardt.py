"""Levenberg-Marquardt against SciPy's, and its system against one put together by hand."""

import itertools

import numpy as np
import pytest
import torch
from scipy.optimize import least_squares, minimize
from torch.nn.functional import cross_entropy
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from neurarium.core.batches import Batch
from neurarium.networks.feed_forward import FeedForwardModule
from neurarium.rules.evidence import EvidenceLevenbergMarquardt
from neurarium.rules.levenberg_marquardt import CrossEntropy, LevenbergMarquardt, SquaredError
from neurarium.rules.quasi_newton import QuasiNewton


def net(n_in=1, n_hidden=3, n_out=1):
    torch.manual_seed(3)
    return FeedForwardModule(n_in, n_hidden, n_out).double()


def sine(n=40):
    x = torch.linspace(-2, 2, n).double()[:, None]
    return Batch(x, torch.sin(2 * x))


def run(rule, batch, most=500):
    for _ in range(most):
        loss = float(rule.step(batch)["loss"])
        if rule.end_pass():
            break
    return loss


def test_where_it_ends_scipy_finds_nothing_lower():
    module, batch, decay = net(), sine(), 1e-3
    matrices = torch.cat([torch.full((p.numel(),), float(p.dim() > 1)) for p in module.parameters()]).double().numpy()

    def residuals(theta):
        """Whose half squared length is the objective: the mean loss and the decay."""
        vector_to_parameters(torch.from_numpy(theta.copy()), module.parameters())
        with torch.no_grad():
            errors = (module(batch.inputs) - batch.targets).numpy().ravel() / len(batch.inputs) ** 0.5
        return np.concatenate([errors, (decay * matrices) ** 0.5 * theta])

    begun = parameters_to_vector(module.parameters()).detach().numpy().copy()
    ours = run(
        LevenbergMarquardt(module, SquaredError(torch.ones(1).double()), weight_decay=decay, tolerance=1e-10), batch
    )
    ended = parameters_to_vector(module.parameters()).detach().numpy().copy()
    assert ours == pytest.approx(0.5 * float((residuals(ended) ** 2).sum()), rel=1e-9)
    further = least_squares(residuals, ended, method="lm", xtol=1e-14, ftol=1e-14, max_nfev=5_000)
    assert further.cost >= ours * (1 - 1e-6)
    assert ours < 0.1 * 0.5 * float((residuals(begun) ** 2).sum())


def test_every_step_lowers_the_loss():
    module, batch = net(), sine()
    rule = LevenbergMarquardt(module, SquaredError(torch.ones(1).double()), weight_decay=1e-3)
    losses = [float(rule.step(batch)["loss"]) for _ in range(30)]
    assert all(after <= before for before, after in itertools.pairwise(losses))


@pytest.mark.parametrize("n", [4, 60])
def test_the_step_solves_the_damped_system_whichever_side_it_is_solved_from(n):
    module, batch = net(2, 3, 2), Batch(torch.randn(n, 2).double(), torch.randn(n, 2).double())
    rule = LevenbergMarquardt(module, SquaredError(torch.ones(2).double()), weight_decay=0.1)
    theta = parameters_to_vector(module.parameters()).detach()
    with torch.no_grad():
        system = rule._linearised(batch, theta)
        answers, J = module.linearise(batch.inputs)
    J, r = J.flatten(0, 1) / n**0.5, (answers - batch.targets).flatten() / n**0.5
    decay, damping = rule._decay, 0.3
    wanted = -torch.linalg.solve(J.T @ J + torch.diag(decay + damping), J.T @ r + decay * theta)
    torch.testing.assert_close(system.solve(decay, damping), wanted.detach(), rtol=1e-8, atol=1e-10)


def test_the_rows_of_cross_entropy_have_its_slope_and_its_curvature():
    """Against autograd: Jᵀ r is the gradient by the scores, Jᵀ J their Hessian."""
    scores = torch.randn(1, 4).double()
    target = torch.tensor([2])
    r, B = CrossEntropy().residuals(scores, torch.eye(4).double()[None], Batch(scores, target))
    slope = torch.autograd.functional.jacobian(lambda s: cross_entropy(s, target), scores)
    hessian = torch.autograd.functional.hessian(lambda s: cross_entropy(s[None], target), scores[0])
    torch.testing.assert_close(B[0].T @ r[0], slope[0], rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(B[0].T @ B[0], hessian, rtol=1e-10, atol=1e-12)


def test_l_bfgs_ends_as_low_as_scipys_from_the_same_start():
    torch.manual_seed(0)
    module = net(3, 4, 2)
    batch = Batch(torch.randn(50, 3).double(), torch.randint(2, (50,)))
    decay = 0.01
    start = parameters_to_vector(module.parameters()).detach().numpy()

    def objective(theta):
        vector_to_parameters(torch.from_numpy(theta.copy()), module.parameters())
        module.zero_grad()
        weights = sum((p**2).sum() for p in module.parameters() if p.dim() > 1)
        value = cross_entropy(module(batch.inputs), batch.targets) + 0.5 * decay * weights
        value.backward()
        return float(value.detach()), torch.cat([p.grad.flatten() for p in module.parameters()]).numpy()

    theirs = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 2_000, "ftol": 1e-14})
    vector_to_parameters(torch.from_numpy(start.copy()), module.parameters())
    run(QuasiNewton(module, CrossEntropy(), weight_decay=decay), batch, 2_000)
    ours, _ = objective(parameters_to_vector(module.parameters()).detach().numpy())
    assert ours <= theirs.fun * (1 + 1e-3)


def test_the_evidence_finds_the_noise_of_a_linear_law():
    """With a straight law the residuals have the variance of the noise put in, and few parameters are decided."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(300, 1))
    batch = Batch(torch.from_numpy(x), torch.from_numpy(2 * x + draw.normal(0, 0.5, x.shape)))
    module = net(1, 8, 1)
    rule = EvidenceLevenbergMarquardt(module, SquaredError(torch.ones(1).double()))
    for _ in range(300):
        rule.step(batch)
        if rule.end_pass():
            break
    loss = float(rule.evaluate(batch))
    assert 2 * loss == pytest.approx(0.25, rel=0.15)
    assert rule.effective_parameters < 25 / 2  # of the 25 parameters there are
