"""Contrastive divergence against enumeration: what it should climb, what it climbs on average, where dreams go."""

import itertools
from functools import partial

import pytest
import torch

from neurarium.core.batches import Batch
from neurarium.core.randomness import Randomness
from neurarium.networks._partition import enumerated
from neurarium.networks._visible_units import BernoulliUnits, GaussianUnits, SoftmaxUnits
from neurarium.networks.restricted_boltzmann import RBMModule
from neurarium.rules.contrastive_divergence import ContrastiveDivergence, PersistentContrastiveDivergence

SEEN = torch.tensor([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 1, 0]], dtype=torch.float64)


def machine(units=None, n_hidden=3, *, seed=0, spread=1.0):
    made = RBMModule(units or BernoulliUnits(4), n_hidden).double()
    with torch.no_grad(), Randomness(seed):
        for parameter in made.parameters():
            parameter.copy_(torch.randn_like(parameter) * spread)
    return made


def listed(n):
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=n)), dtype=torch.float64)


def everything(kind):
    """Units, all that they can show, and log of how much each counts in the sum or integral."""
    if kind is BernoulliUnits:
        return BernoulliUnits(4), listed(4), 0.0
    if kind is SoftmaxUnits:
        eyes = [torch.eye(k, dtype=torch.float64) for k in (3, 2)]
        return SoftmaxUnits((3, 2)), torch.stack([torch.cat(pair) for pair in itertools.product(*eyes)]), 0.0
    axis = torch.linspace(-8, 8, 321, dtype=torch.float64)
    return GaussianUnits(2), torch.cartesian_prod(axis, axis), float(2 * (axis[1] - axis[0]).log())


def changes(made, act):
    """What `act` adds to each parameter."""
    before = [parameter.detach().clone() for parameter in made.parameters()]
    with torch.no_grad():
        act()
    return [after.detach() - was for after, was in zip(made.parameters(), before, strict=True)]


def slope_of_the_likelihood(made, seen, world, log_measure):
    """By autograd, through a partition function that is the plain sum over all that can be shown."""
    log_z = (made.log_weight(world) + log_measure).logsumexp(0)
    return torch.autograd.grad((made.log_weight(seen) - log_z).mean(), list(made.parameters()))


def side(made, visible, share):
    return made.features(visible), visible, share


@pytest.mark.parametrize("kind", [BernoulliUnits, SoftmaxUnits, GaussianUnits])
def test_seen_less_dreamt_statistics_are_the_slope_of_the_log_likelihood(kind):
    units, world, log_measure = everything(kind)
    made = machine(units, 3, spread=0.5)
    seen = world[torch.tensor([0, 1, len(world) // 3])]
    law = (made.log_weight(world) + log_measure).softmax(0).detach()
    rule = ContrastiveDivergence(made, learning_rate=1.0)
    even = torch.full((3,), 1 / 3, dtype=torch.float64)
    with torch.no_grad():
        sides = side(made, seen, even), side(made, world, law)
    expected = slope_of_the_likelihood(made, seen, world, log_measure)
    for change, slope in zip(changes(made, lambda: rule._climb(*sides)), expected, strict=True):
        torch.testing.assert_close(change, slope, atol=1e-7, rtol=1e-6)


def law_after_gibbs_steps(made, start, k):
    """The law of the visible layer after k steps, all transitions listed."""
    v, h = listed(4), listed(3)
    up = made.features(v)
    up = torch.stack([(h * p + (1 - h) * (1 - p)).prod(1) for p in up])  # (v, h)
    down = made.visible_field(h).sigmoid()
    down = torch.stack([(v * p + (1 - v) * (1 - p)).prod(1) for p in down])  # (h, v)
    return start @ torch.linalg.matrix_power(up @ down, k)


def expected_change(made, dream_law):
    v = listed(4)
    p, q = made.features(SEEN), made.features(v)
    weight = p.T @ SEEN / 3 - (q * dream_law[:, None]).T @ v
    return weight, SEEN.mean(0) - dream_law @ v, p.mean(0) - dream_law @ q


def law_of(rows):
    number = (rows @ torch.tensor([8.0, 4.0, 2.0, 1.0], dtype=torch.float64)).long()
    return torch.bincount(number, minlength=16).double() / len(rows)


@pytest.mark.parametrize("k", [1, 3])
def test_cd_k_climbs_in_expectation_what_listing_k_steps_gives(k):
    made = machine(spread=1.5)
    many = SEEN.repeat(20_000, 1)
    with torch.no_grad():
        expected = expected_change(made, law_after_gibbs_steps(made, law_of(SEEN), k))
        likelihood = expected_change(made, made.log_weight(listed(4)).softmax(0))
    rule = ContrastiveDivergence(made, learning_rate=1.0, gibbs_steps=k)
    with Randomness(0):
        found = changes(made, lambda: rule.step(Batch(many)))
    for change, slope in zip(found, expected, strict=True):
        assert (change - slope).abs().max() < 0.01  # five standard errors of 60,000 chains
    if k == 1:
        off = max(float((a - b).abs().max()) for a, b in zip(found, likelihood, strict=True))
        assert off > 0.05, "one step is not yet the slope of the likelihood; were it so, the test would show nothing"


def test_many_gibbs_steps_climb_the_likelihood_itself():
    made = machine()
    with torch.no_grad():
        expected = expected_change(made, made.log_weight(listed(4)).softmax(0))
    rule = ContrastiveDivergence(made, learning_rate=1.0, gibbs_steps=60)
    with Randomness(0):
        found = changes(made, lambda: rule.step(Batch(SEEN.repeat(20_000, 1))))
    for change, slope in zip(found, expected, strict=True):
        assert (change - slope).abs().max() < 0.01


def test_persistent_chains_reach_the_machines_law_over_many_short_steps():
    made = machine()
    rule = PersistentContrastiveDivergence(made, learning_rate=1e-12, n_chains=20_000)
    with Randomness(0):
        for _ in range(60):
            rule.step(Batch(SEEN))
    with torch.no_grad():
        expected = made.log_weight(listed(4)).softmax(0) @ made.features(listed(4))
    assert (rule._chains.mean(0) - expected).abs().max() < 0.01
    one_step = ContrastiveDivergence(made, learning_rate=1.0)
    with Randomness(0), torch.no_grad():
        hidden = torch.bernoulli(made.features(SEEN.repeat(20_000, 1)))
        dreamt = made.features(one_step._show(made.visible_field(hidden)))
    assert (dreamt.mean(0) - expected).abs().max() > 0.03, "chains begun at the rows must not be there already"


def test_momentum_decay_weights_and_the_falling_rate_are_the_textbooks_loop():
    made, weights = machine(), torch.tensor([2.0, 0.0, 1.0], dtype=torch.float64)
    twin = machine()
    rule = ContrastiveDivergence(made, learning_rate=0.3, momentum=0.8, weight_decay=0.1, gibbs_steps=2, passes=4)
    with Randomness(7):
        for _ in range(3):
            rule.step(Batch(SEEN, weights=weights))
            rule.end_pass()
    w, b, c = (p.detach().clone() for p in (twin.weight, twin.visible_bias, twin.hidden_bias))
    dw, db, dc = torch.zeros_like(w), torch.zeros_like(b), torch.zeros_like(c)
    with Randomness(7):
        for t in range(3):
            rate = 0.3 * (1 - t / 4)
            p0 = q = (SEEN @ w.T + c).sigmoid()
            for _ in range(2):
                h = (torch.rand_like(q) < q).double()
                f = (h @ w + b).sigmoid()
                v = (torch.rand_like(f) < f).double()
                q = (v @ w.T + c).sigmoid()
            gw = sum(weights[i] * (torch.outer(p0[i], SEEN[i]) - torch.outer(q[i], v[i])) for i in range(3)) / 3
            dw = 0.8 * dw + rate * (gw - 0.1 * w)
            db = 0.8 * db + rate * (weights[:, None] * (SEEN - v)).mean(0)
            dc = 0.8 * dc + rate * (weights[:, None] * (p0 - q)).mean(0)
            w, b, c = w + dw, b + db, c + dc
    for ours, theirs in zip((made.weight, made.visible_bias, made.hidden_bias), (w, b, c), strict=True):
        torch.testing.assert_close(ours.detach(), theirs, atol=1e-12, rtol=1e-12)


def test_the_rate_falls_to_its_last_step_and_stays_there():
    rule = ContrastiveDivergence(machine(), learning_rate=1.0, passes=4)
    rates = []
    for _ in range(6):
        rates.append(rule.rate)
        rule.end_pass()
    assert rates == [1.0, 0.75, 0.5, 0.25, 0.25, 0.25]


def test_grey_rows_are_used_as_they_are_by_cd_and_drawn_anew_by_pcd():
    grey = torch.tensor([[0.5, 0.0, 1.0, 0.25]] * 4000, dtype=torch.float64)
    made = machine()
    made.units.grey.fill_(True)
    field = made.visible_field(torch.zeros(1, 3, dtype=torch.float64))
    with Randomness(0), torch.no_grad():
        plain = ContrastiveDivergence(made, learning_rate=0.1)
        assert torch.equal(plain._see(grey), grey)
        assert torch.equal(plain._show(field), field.sigmoid())
        persistent = PersistentContrastiveDivergence(made, learning_rate=0.1, n_chains=2)
        drawn = persistent._see(grey)
        assert set(drawn.unique().tolist()) == {0.0, 1.0}
        assert set(persistent._show(field).unique().tolist()) <= {0.0, 1.0}
    torch.testing.assert_close(drawn.mean(0), grey[0], atol=0.03, rtol=0)


@pytest.mark.parametrize(
    "kind", [ContrastiveDivergence, partial(PersistentContrastiveDivergence, n_chains=5)], ids=["cd", "pcd"]
)
def test_a_fit_goes_on_from_its_state_to_the_bit(kind):
    made, other = machine(), machine()
    rule, resumed = (kind(each, learning_rate=0.1, momentum=0.9, passes=3) for each in (made, other))
    randomness = Randomness(0)
    with randomness:
        for _ in range(3):
            rule.step(Batch(SEEN))
        rule.end_pass()
    other.load_state_dict(made.state_dict())
    resumed.load_state_dict(rule.state_dict())
    for each in (rule, resumed):
        with Randomness(1):
            each.step(Batch(SEEN))
            each.step(Batch(SEEN))
    assert all(torch.equal(a, b) for a, b in zip(made.parameters(), other.parameters(), strict=True))


def test_held_out_binary_rows_are_judged_by_the_exact_pseudo_likelihood():
    made = machine(spread=1.5)
    rule = ContrastiveDivergence(made, learning_rate=0.1)
    total = 0.0
    with torch.no_grad():
        for i in range(4):
            flipped = SEEN.clone()
            flipped[:, i] = 1 - flipped[:, i]
            here, there = made.log_weight(SEEN), made.log_weight(flipped)
            total += float((torch.logaddexp(here, there) - here).mean())
        assert float(rule.evaluate(Batch(SEEN))) == pytest.approx(total, rel=1e-10)


def test_held_out_softmax_rows_are_judged_by_the_exact_pseudo_likelihood():
    units, world, _ = everything(SoftmaxUnits)
    made = machine(units, spread=1.5)
    rule = ContrastiveDivergence(made, learning_rate=0.1)
    with torch.no_grad():
        log_p = made.log_weight(world).reshape(3, 2)
        given_second, given_first = log_p.log_softmax(0), log_p.log_softmax(1)
        expected = -(given_first + given_second).flatten().mean()
        assert float(rule.evaluate(Batch(world))) == pytest.approx(float(expected), rel=1e-10)


def test_held_out_real_rows_are_judged_by_score_matching():
    made = machine(GaussianUnits(3), 4)
    rows = torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(2, 3)
    expected = 0.0

    def log_p(row):
        return made.log_weight(row[None])[0]

    for row in rows:
        slope = torch.autograd.functional.jacobian(log_p, row)
        curvature = torch.autograd.functional.hessian(log_p, row)
        expected += float(0.5 * (slope**2).sum() + curvature.trace()) / 2
    rule = ContrastiveDivergence(made, learning_rate=0.1)
    assert float(rule.evaluate(Batch(rows))) == pytest.approx(expected, rel=1e-10)


def test_the_exact_likelihood_rises_under_the_rule():
    made = machine(spread=0.01)
    before = float(made.log_weight(SEEN).detach().mean()) - enumerated(made)
    rule = ContrastiveDivergence(made, learning_rate=0.1, gibbs_steps=5)
    with Randomness(0):
        for _ in range(300):
            rule.step(Batch(SEEN.repeat(10, 1)))
    after = float(made.log_weight(SEEN).detach().mean()) - enumerated(made)
    assert after > before + 0.5
