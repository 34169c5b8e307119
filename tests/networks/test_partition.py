"""log Z against brute force, both ways of listing against each other, and annealed importance sampling against both."""

import itertools

import pytest
import torch

from neurarium.core.randomness import Randomness
from neurarium.networks._partition import annealed, annealed_states, enumerated, log_partition
from neurarium.networks._visible_units import BernoulliUnits, GaussianUnits, SoftmaxUnits
from neurarium.networks.restricted_boltzmann import RBMModule


def machine(units, n_hidden, *, seed=0, spread=1.0):
    """Random weights; the base-rate field is the visible bias, as after a fit's start."""
    made = RBMModule(units, n_hidden).double()
    with torch.no_grad(), Randomness(seed):
        for parameter in made.parameters():
            parameter.copy_(torch.randn_like(parameter) * spread)
        made.base_field.copy_(0.5 * made.visible_bias)
    return made.requires_grad_(False)


def listed(n):
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=n)), dtype=torch.float64)


def brute_force(made):
    """log of the sum of exp(-E) over every pair of binary states, straight from the energy."""
    v, h = listed(made.weight.shape[1]), listed(made.weight.shape[0])
    minus_energy = (v @ made.visible_bias)[:, None] + (h @ made.hidden_bias)[None] + v @ made.weight.T @ h.T
    return float(minus_energy.flatten().logsumexp(0))


@pytest.mark.parametrize("shape", [(3, 4), (5, 2), (1, 1), (11, 3), (3, 11)])
def test_listing_either_layer_gives_the_sum_over_all_pairs(shape):
    n_hidden, n_visible = shape
    made = machine(BernoulliUnits(n_visible), n_hidden)
    assert enumerated(made, over="hidden") == pytest.approx(brute_force(made), abs=1e-10)
    assert enumerated(made, over="visible") == pytest.approx(brute_force(made), abs=1e-10)
    assert enumerated(made) == pytest.approx(brute_force(made), abs=1e-10)


def test_log_z_of_softmax_units_is_the_sum_over_the_values_of_each_group():
    made = machine(SoftmaxUnits((3, 2)), 4)
    eyes = [torch.eye(k, dtype=torch.float64) for k in (3, 2)]
    rows = torch.stack([torch.cat(pair) for pair in itertools.product(*eyes)])
    assert enumerated(made) == pytest.approx(float(made.log_weight(rows).logsumexp(0)), abs=1e-10)


def test_log_z_of_gaussian_units_is_the_integral_over_a_grid():
    made = machine(GaussianUnits(2), 3, spread=0.5)
    axis = torch.linspace(-12, 12, 1201, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    integral = made.log_weight(grid).logsumexp(0) + 2 * (axis[1] - axis[0]).log()
    assert enumerated(made) == pytest.approx(float(integral), abs=1e-6)


def test_listing_is_done_in_float64_whatever_the_machine_is_kept_in():
    made = machine(BernoulliUnits(30), 8)
    single = RBMModule(BernoulliUnits(30), 8)
    single.load_state_dict(made.state_dict())
    made.load_state_dict(single.state_dict())  # the same rounded weights, in float64
    assert single.weight.dtype == torch.float32
    assert enumerated(single) == enumerated(made)


def test_a_wide_machine_with_strong_weights_neither_overflows_nor_underflows():
    made = machine(BernoulliUnits(1500), 3, spread=20.0)
    h = listed(3)
    field = made.visible_field(h)
    by_logs = (h @ made.hidden_bias + torch.logaddexp(field, torch.zeros_like(field)).sum(1)).logsumexp(0)
    assert enumerated(made) == pytest.approx(float(by_logs), rel=1e-14)


@pytest.mark.parametrize(
    "units", [BernoulliUnits(30), SoftmaxUnits((3,) * 10), GaussianUnits(6)], ids=lambda u: type(u).__name__
)
@pytest.mark.parametrize("seed", range(3))
def test_annealing_comes_within_half_a_nat_of_listing_all_hidden_states(units, seed):
    made = machine(units, 20 if isinstance(units, BernoulliUnits) else 10, seed=seed, spread=0.3)
    with Randomness(seed):
        found = annealed(made, chains=100, steps=200)
    exact = enumerated(made)
    assert abs(found.value - exact) < 0.5
    assert found.low <= exact <= found.high


def test_on_average_the_way_there_is_too_low_and_the_way_back_too_high():
    made = machine(BernoulliUnits(12), 8, spread=1.5)
    exact = enumerated(made)
    with Randomness(0):
        runs = [annealed(made, chains=4, steps=8) for _ in range(200)]
    there = torch.tensor([run.forward for run in runs])
    back = torch.tensor([run.backward for run in runs])
    error = there.std() / len(runs) ** 0.5
    assert there.mean() + 3 * error < exact, "so few steps must show the bias, or the test shows nothing"
    assert back.mean() - 3 * back.std() / len(runs) ** 0.5 > exact


def test_more_steps_close_the_gap_between_there_and_back():
    made = machine(BernoulliUnits(12), 8, spread=1.5)
    with Randomness(0):
        gaps = [abs(run.backward - run.forward) for run in (annealed(made, chains=200, steps=n) for n in (5, 500))]
    assert gaps[1] < 0.2 * gaps[0]


def test_the_smaller_layer_decides_whether_log_z_is_exact():
    with Randomness(0):
        assert log_partition(machine(BernoulliUnits(40), 6), chains=2, steps=1).method == "exact"
        assert log_partition(machine(BernoulliUnits(6), 40), chains=2, steps=1).method == "exact"
        assert log_partition(machine(GaussianUnits(6), 40, spread=0.1), chains=5, steps=5).method != "exact"
        assert log_partition(machine(BernoulliUnits(26), 26), chains=5, steps=5).method != "exact"


def test_states_from_up_the_ladder_follow_the_machines_law():
    made = machine(BernoulliUnits(3), 2, spread=1.5)
    v = listed(3)
    law = (made.log_weight(v) - enumerated(made)).exp()
    with Randomness(0), torch.no_grad():
        drawn = annealed_states(made, 20_000, 50, None)
    share = torch.bincount((drawn @ torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64)).long(), minlength=8) / 20_000
    assert 0.5 * (share - law).abs().sum() < 0.015


def test_clamped_states_follow_the_conditional_law():
    made = machine(BernoulliUnits(3), 2, spread=1.5)
    v = listed(3)
    law = torch.where(v[:, 1] == 1, made.log_weight(v), -torch.inf).softmax(0)
    given = torch.tensor([torch.nan, 1.0, torch.nan], dtype=torch.float64)
    with Randomness(0), torch.no_grad():
        drawn = annealed_states(made, 20_000, 50, given)
    share = torch.bincount((drawn @ torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64)).long(), minlength=8) / 20_000
    assert 0.5 * (share - law).abs().sum() < 0.015
