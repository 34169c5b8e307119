"""The game of two players: its value against quadrature, its slopes against differences, where it ends or not."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import logsigmoid

from neurarium.core.batches import Batch
from neurarium.core.randomness import Randomness
from neurarium.rules.adversarial import Adversarial, NonSaturating, Saturating, Wasserstein
from neurarium.rules.optimisers import Adam, Descent

LOG_4 = math.log(4)


class Fixed(nn.Module):
    """A generator that has nothing to learn: noise, scaled and shifted."""

    def __init__(self, mean, std):
        super().__init__()
        self.mean, self.std = mean, std
        self.idle = nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, noise):
        return noise * self.std + self.mean + self.idle


class Quadratic(nn.Module):
    """log p / q of two Gaussians in one dimension is a quadratic function: this D can be the best one."""

    def __init__(self):
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(3, dtype=torch.float64))

    def forward(self, rows):
        x = rows[:, 0]
        return torch.stack([torch.ones_like(x), x, x * x], 1) @ self.weights


class Table(nn.Module):
    """The two players of a test: rows are seen as they are, and there is a single region."""

    def __init__(self, generator, discriminator, n_noise=1):
        super().__init__()
        self.generator, self.averaged, self.discriminator, self.n_noise = generator, generator, discriminator, n_noise

    def scale(self, rows):
        return rows

    def noise(self, n):
        return torch.randn(n, self.n_noise, dtype=torch.float64)

    def visits(self, rows):
        return torch.ones(1, dtype=torch.float64)

    def reach(self, visits):
        return visits.sum()


def normal(n, mean, std, seed=0):
    return torch.randn(n, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * std + mean


def density(x, mean, std):
    return torch.exp(-0.5 * ((x - mean) / std) ** 2) / (std * math.sqrt(2 * math.pi))


def jensen_shannon(p, q, step):
    mixture = (p + q) / 2
    return float(0.5 * (torch.xlogy(p, p / mixture) + torch.xlogy(q, q / mixture)).sum() * step)


def grid(mean, std):
    x = torch.linspace(-15, 15, 20_001, dtype=torch.float64)
    return x, density(x, 0.0, 1.0), density(x, mean, std), float(x[1] - x[0])


def mlp(inputs, hidden=8, seed=0):
    with Randomness(seed):
        return nn.Sequential(
            nn.Linear(inputs, hidden),
            nn.Tanh(),
            nn.Linear(hidden, hidden),
            nn.Softplus(),
            nn.Linear(hidden, 1),
            nn.Flatten(0),
        ).double()


# The value of the game.


def test_the_value_is_the_mean_log_probability_of_telling_rows_and_samples_right():
    real, fake = torch.tensor([0.3, -2.0, 40.0]), torch.tensor([1.0, -50.0])
    expected = logsigmoid(real).mean() + logsigmoid(-fake).mean()
    torch.testing.assert_close(NonSaturating(0.0).value(real, fake), expected)
    assert float(Saturating(0.0).value(torch.zeros(3), torch.zeros(2))) == pytest.approx(-LOG_4, abs=1e-6)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.0, 1.0), (-2.0, 0.5), (4.0, 2.0)])
def test_with_the_best_discriminator_the_value_is_minus_log_4_and_twice_the_divergence(mean, std):
    _, p, q, step = grid(mean, std)
    tiny = torch.finfo(p.dtype).tiny
    scores = (p + tiny).log() - (q + tiny).log()
    value = float((p * logsigmoid(scores) + q * logsigmoid(-scores)).sum() * step)
    assert value == pytest.approx(-LOG_4 + 2 * jensen_shannon(p, q, step), abs=1e-6)
    if (mean, std) == (0.0, 1.0):
        assert value == pytest.approx(-LOG_4, abs=1e-9)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.0, 1.0), (-1.0, 0.5)])
def test_a_discriminator_taught_against_a_fixed_generator_arrives_at_that_value(mean, std):
    x, p, q, step = grid(mean, std)
    expected = -LOG_4 + 2 * jensen_shannon(p, q, step)
    players = Table(Fixed(mean, std), Quadratic())
    rule = Adversarial(
        players,
        NonSaturating(0.0),
        discriminator=Adam(players.discriminator, 0.2),
        generator=Descent(players.generator, 0.0),
        passes=250,
    )
    with Randomness(0):
        for _ in range(250):
            rule.step(Batch(torch.randn(512, 1, dtype=torch.float64)))
            rule.end_pass()
    with torch.no_grad():
        scores = players.discriminator(x[:, None])
    found = float((p * logsigmoid(scores) + q * logsigmoid(-scores)).sum() * step)
    assert found <= expected + 1e-9, "no discriminator does better than p / (p + q)"
    assert found == pytest.approx(expected, abs=0.01)
    # The shape of the best D itself: p / (p + q).
    near = (p + q) > 1e-2
    assert (scores.sigmoid() - p / (p + q))[near].abs().max() < 0.05


@pytest.mark.parametrize("shift", [0.5, 2.0])
def test_a_critic_estimates_the_wasserstein_distance_of_two_gaussians(shift):
    # Between laws that are shifted against each other the best critic is a line. Of slope s it is paid W s and pays
    # λ (s - 1)²: the best is s = 1 + W / 2λ. So V / s is the distance W, which is the shift.
    penalty = 10.0
    players = Table(Fixed(0.0, 1.0), mlp(1, 16))
    rule = Adversarial(
        players,
        Wasserstein(penalty),
        discriminator=Adam(players.discriminator, 0.01, betas=(0.0, 0.9)),
        generator=Descent(players.generator, 0.0),
        passes=250,
    )
    values = []
    with Randomness(0):
        for _ in range(250):
            # The same noise for both sides of a batch would pair them; here each is drawn by itself.
            values.append(float(rule.step(Batch(torch.randn(128, 1, dtype=torch.float64) + shift))["value"]))
            rule.end_pass()
    slope = 1 + shift / (2 * penalty)
    assert np.mean(values[-60:]) / slope == pytest.approx(shift, rel=0.06)


# Slopes.


@pytest.mark.parametrize("game", [NonSaturating, Saturating, Wasserstein])
def test_the_slope_of_the_penalty_is_that_of_finite_differences(game):
    judge, played = mlp(2), game(3.0)
    rows, fake = (torch.randn(5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(s)) for s in (1, 2))
    share = torch.rand(5, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(7))

    def cost():
        real = rows.clone().requires_grad_()
        torch.manual_seed(7)
        return played.slope_cost(judge, real, judge(real), fake)

    def by_differences():
        """The penalty with ∂D/∂x itself taken by differences."""
        at = rows + share * (fake - rows) if game is Wasserstein else rows
        step = 1e-5
        slopes = torch.stack(
            [(judge(at + step * e) - judge(at - step * e)) / (2 * step) for e in torch.eye(2, dtype=torch.float64)], 1
        )
        if game is Wasserstein:
            return 3.0 * (slopes.norm(dim=1) - 1).square().mean()
        return 1.5 * slopes.square().sum(1).mean()

    with Randomness(0):
        torch.testing.assert_close(cost().detach(), by_differences().detach(), rtol=1e-6, atol=1e-8)
        found = torch.autograd.grad(cost(), list(judge.parameters()), allow_unused=True)
    for parameter, slope in zip(judge.parameters(), found, strict=True):
        flat = parameter.data.view(-1)
        for index in range(0, len(flat), 5):
            kept, ends = float(flat[index]), []
            for sign in (1, -1):
                flat[index] = kept + sign * 1e-5
                with Randomness(0):
                    ends.append(float(cost().detach()))
            flat[index] = kept
            got = 0.0 if slope is None else float(slope.view(-1)[index])
            assert got == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-7)


def test_where_the_discriminator_is_sure_only_the_saturating_game_has_no_slope():
    sure = torch.tensor([-12.0], dtype=torch.float64)
    slopes = {}
    for game in (Saturating, NonSaturating, Wasserstein):
        score = sure.clone().requires_grad_()
        slopes[game] = float(torch.autograd.grad(game(0.0).cost(score), score)[0])
    assert slopes[Saturating] == pytest.approx(-math.exp(-12.0), rel=1e-4)
    assert slopes[NonSaturating] == pytest.approx(-1.0, abs=1e-5)
    assert slopes[Wasserstein] == -1.0


@pytest.mark.parametrize("game", [NonSaturating, Saturating, Wasserstein])
def test_each_player_moves_itself_alone(game):
    players = Table(mlp_generator(), mlp(2, seed=1), n_noise=3)
    still = [parameter.detach().clone() for parameter in players.generator.parameters()]
    rule = play(players, game(1.0))
    rows = torch.randn(8, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with Randomness(0):
        fake = players.generator(players.noise(8))
        rule._teach_discriminator(rows, fake.detach(), 1.0)
        assert all(torch.equal(a, b) for a, b in zip(players.generator.parameters(), still, strict=True))
        slopes = [p.grad.clone() for p in players.discriminator.parameters()]
        judge = [p.detach().clone() for p in players.discriminator.parameters()]
        rule._teach_generator(fake, 1.0)
    assert all(torch.equal(p, w) for p, w in zip(players.discriminator.parameters(), judge, strict=True))
    assert all(torch.equal(p.grad, g) for p, g in zip(players.discriminator.parameters(), slopes, strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(players.generator.parameters(), still, strict=True))


def mlp_generator():
    with Randomness(0):
        return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2)).double()


def play(players, game, rate=1e-2, passes=20):
    return Adversarial(
        players,
        game,
        discriminator=Adam(players.discriminator, rate, betas=(0.0, 0.99)),
        generator=Adam(players.generator, rate, betas=(0.0, 0.99)),
        passes=passes,
    )


# Where the game ends.


class Place(nn.Module):
    """G of the Dirac game: all samples at one place."""

    def __init__(self):
        super().__init__()
        self.theta = nn.Parameter(torch.ones((), dtype=torch.float64))

    def forward(self, noise):
        return self.theta + 0 * noise


class Line(nn.Module):
    """D of the Dirac game: ψ x."""

    def __init__(self):
        super().__init__()
        self.psi = nn.Parameter(torch.ones((), dtype=torch.float64))

    def forward(self, rows):
        return self.psi * rows[:, 0]


@pytest.mark.parametrize("game", [NonSaturating, Saturating])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_the_smallest_game_circles_for_ever_without_the_penalty_and_arrives_with_it(game, penalty):
    # Mescheder and others 2018, section 2: all rows at 0, all samples at θ, D(x) = ψ x.
    players = Table(Place(), Line())
    rule = Adversarial(
        players,
        game(penalty),
        discriminator=Descent(players.discriminator, 0.1),
        generator=Descent(players.generator, 0.1),
        passes=10**9,
    )
    batch = Batch(torch.zeros(2, 1, dtype=torch.float64))
    for _ in range(300):
        value = rule.step(batch)["value"]
    distance = math.hypot(float(players.generator.theta.detach()), float(players.discriminator.psi.detach()))
    if penalty:
        assert distance < 1e-3
        assert float(value) == pytest.approx(-LOG_4, abs=1e-6)
    else:
        assert distance > 0.1, "a hundred times as far"


def test_the_critic_moves_five_times_to_each_move_of_the_generator():
    players = Table(mlp_generator(), mlp(2), n_noise=3)
    rule = play(players, Wasserstein(10.0))
    moved = []
    with Randomness(0):
        for _ in range(11):
            before = players.generator[0].weight.detach().clone()
            rule.step(Batch(torch.randn(8, 2, dtype=torch.float64)))
            moved.append(not torch.equal(players.generator[0].weight, before))
    assert moved == [step % 5 == 0 for step in range(11)]


def test_the_average_is_that_of_the_last_tenth_of_the_steps_at_first():
    players = Table(mlp_generator(), mlp(2), n_noise=3)
    players.averaged = mlp_generator()
    rule = play(players, NonSaturating(1.0))
    mean = [parameter.detach().clone() for parameter in players.averaged.parameters()]
    with Randomness(0):
        for step in range(6):
            rule.step(Batch(torch.randn(8, 2, dtype=torch.float64)))
            kept = (1 + step) / (10 + step)
            mean = [
                kept * a + (1 - kept) * b.detach() for a, b in zip(mean, players.generator.parameters(), strict=True)
            ]
    for found, expected in zip(players.averaged.parameters(), mean, strict=True):
        torch.testing.assert_close(found.detach(), expected)


def test_a_game_that_goes_on_from_its_state_ends_with_the_same_bytes():
    def run(cut):
        players = Table(mlp_generator(), mlp(2), n_noise=3)
        rule = play(players, Wasserstein(10.0))
        with Randomness(0):
            for step in range(14):
                if step == cut:
                    state = rule.state_dict()
                    rule = play(players, Wasserstein(10.0))
                    rule.load_state_dict(state)
                rule.step(Batch(torch.randn(8, 2, dtype=torch.float64)))
                if step % 4 == 3:
                    rule.end_pass()
        return torch.cat([parameter.detach().flatten() for parameter in players.parameters()])

    assert torch.equal(run(None), run(7))


def test_steps_fall_to_nothing_by_half_a_cosine():
    players = Table(mlp_generator(), mlp(2), n_noise=3)
    rule = play(players, NonSaturating(1.0), passes=4)
    factors = []
    rule.discriminator.step = factors.append
    with Randomness(0):
        for _ in range(4):
            rule.step(Batch(torch.randn(8, 2, dtype=torch.float64)))
            rule.end_pass()
    np.testing.assert_allclose(factors, 0.5 * (1 + np.cos(np.pi * np.arange(4) / 4)))
