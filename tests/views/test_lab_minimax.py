"""The lab "minimax": the value of the game against quadrature and closed forms, and answers against autograd."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from neurarium.views.laboratory import lab
from neurarium.views.labs.minimax import laws
from views.running import run_program

LOG_4 = math.log(4)


@pytest.fixture(scope="module")
def scene():
    return lab("minimax")


def densities(scene):
    weight, a, b, s, t = laws()[int(scene.values["seed"])]
    mean, spread = float(scene.values["mean"]), float(scene.values["spread"])
    return (
        lambda x: weight * norm.pdf(x, a, s) + (1 - weight) * norm.pdf(x, b, t),
        lambda x: norm.pdf(x, mean, spread),
    )


def divergence(p, q):
    """Jensen and Shannon's, by quadrature of its own definition."""

    def part(x):
        a, b = p(x), q(x)
        m = (a + b) / 2
        return sum(0.5 * each * math.log(each / m) for each in (a, b) if each > 1e-300)

    return quad(part, -14, 14, points=[-4, -2, 0, 2, 4], limit=400, epsabs=1e-11)[0]


# The lecture's own numbers.


def test_the_value_is_minus_log_4_where_the_laws_are_equal(scene):
    assert scene.set(mean=0).values["best"] == pytest.approx(-LOG_4, abs=1e-12)
    assert scene.set(mean=0).values["divergence"] == pytest.approx(0, abs=1e-12)
    assert "V = -1.386 out of it: 0.000 more than −log 4 = −1.386" in scene.set(mean=0).told()
    np.testing.assert_allclose(scene.set(mean=0).values["curves"][2], 0.5, atol=1e-12)
    assert scene.values["best"] > -LOG_4 + 0.5  # control


def test_the_value_is_0_where_the_laws_lie_apart(scene):
    apart = scene.set(mean=-4, spread=0.3, seed=2)
    assert laws()[2, 1] > -3
    weight = laws().copy()
    weight[2] = [0.5, 3.9, 4, 0.3, 0.3]
    apart.module.laws.copy_(torch.from_numpy(weight))
    try:
        values = apart.set(seed=2, offset=0.1).values
        assert values["best"] == pytest.approx(0, abs=1e-9)
        assert values["divergence"] == pytest.approx(math.log(2), abs=1e-9)
    finally:
        apart.module.laws.copy_(torch.from_numpy(laws()))


@pytest.mark.parametrize("place", [dict(), dict(mean=-3.5, spread=0.3), dict(seed=1, mean=1, spread=1.5), dict(seed=4)])
def test_the_value_is_that_of_the_divergence_by_quadrature_to_a_millionth(scene, place):
    values = scene.set(**place).values
    p, q = densities(scene.set(**place))
    assert values["divergence"] == pytest.approx(divergence(p, q), abs=1e-6)
    assert values["best"] == pytest.approx(-LOG_4 + 2 * divergence(p, q), abs=1e-6)
    np.testing.assert_allclose(values["curves"][0], p(values["x"]), atol=1e-9)
    np.testing.assert_allclose(values["curves"][1], q(values["x"]), atol=1e-6)
    np.testing.assert_allclose(values["curves"][2], p(values["x"]) / (p(values["x"]) + q(values["x"])), atol=1e-6)


def test_every_law_of_the_data_sums_to_1(scene):
    for seed in range(len(laws())):
        p, _ = densities(scene.set(seed=seed))
        assert quad(p, -14, 14, limit=200)[0] == pytest.approx(1, abs=1e-9)


# D.


def test_the_value_of_a_line_is_its_integral_and_no_line_beats_d_star(scene):
    seen = scene.set(seed=1, slope=-1.3, offset=0.4)
    p, q = densities(seen)

    def score(x):
        return -1.3 * x + 0.4

    real = quad(lambda x: -p(x) * np.logaddexp(0, -score(x)), -14, 14, limit=200)[0]
    fake = quad(lambda x: -q(x) * np.logaddexp(0, score(x)), -14, 14, limit=200)[0]
    assert seen.values["real"] == pytest.approx(real, abs=1e-6)
    assert seen.values["fake"] == pytest.approx(fake, abs=1e-6)
    chance = np.random.default_rng(0)
    for slope, offset in chance.uniform(-6, 6, (5, 2)):
        assert seen.set(slope=slope, offset=offset).values["short"] >= 0


def test_the_best_line_is_d_star_where_both_laws_are_bells_of_one_width(scene):
    # log p / q = -m x + m² / 2 for N(0, 1) and N(m, 1).
    best = scene.press("d_best").values
    assert (best["slope"], best["offset"]) == (pytest.approx(-2, abs=1e-3), pytest.approx(2, abs=1e-3))
    assert best["value"] == pytest.approx(best["best"], abs=1e-6)
    wider = scene.set(spread=0.5).press("d_best").values
    assert wider["short"] > 0.01  # a line is not enough there
    assert abs(np.array([wider["next_slope"] - wider["slope"], wider["next_offset"] - wider["offset"]])).max() < 1e-4


def test_d_answers_by_the_gradient_of_the_value(scene):
    seen = scene.set(seed=3, slope=0.7, offset=-0.2, rate=1)
    change = 1e-3
    for name, following in (("slope", "next_slope"), ("offset", "next_offset")):
        there, back = (seen.set(**{name: float(seen.values[name]) + d}).values["value"] for d in (change, -change))
        wanted = (there - back) / (2 * change)
        assert seen.values[following] - seen.values[name] == pytest.approx(wanted, abs=1e-3)


# G.


@pytest.mark.parametrize("cost", [0, 1])
def test_g_answers_by_the_gradient_of_its_own_cost(scene, cost):
    seen = scene.set(seed=1, slope=-1.2, offset=0.5, mean=1, spread=0.8, rate=1, cost=cost)

    def driven_down(mean, spread):
        sign = -1 if cost == 0 else 1  # log(1 - D), or -log D
        return quad(lambda x: norm.pdf(x, mean, spread) * sign * np.logaddexp(0, -sign * (-1.2 * x + 0.5)), -14, 14,
                    epsabs=1e-11, limit=200)[0]  # fmt: skip

    by_mean = (driven_down(1.001, 0.8) - driven_down(0.999, 0.8)) / 0.002
    by_spread = (driven_down(1, 0.801) - driven_down(1, 0.799)) / 0.002
    assert seen.values["next_mean"] == pytest.approx(1 - by_mean, abs=1e-4)
    assert seen.values["next_spread"] == pytest.approx(min(1.5, 0.8 - by_spread), abs=1e-4)
    told = seen.values["fall_game" if cost == 0 else "fall_other"]
    assert told == pytest.approx(by_mean, abs=1e-4)
    at = np.abs(seen.values["means"] - 1).argmin()
    there = seen.set(mean=float(seen.values["means"][at])).values
    assert there["slopes"][cost, at] == pytest.approx(abs(there["fall_game" if cost == 0 else "fall_other"]), abs=1e-5)


def test_where_d_is_sure_the_games_own_cost_is_flat_and_the_other_is_not(scene):
    sure = scene.set(mean=4).press("d_best").values
    assert abs(sure["fall_game"]) < 0.15
    assert abs(sure["fall_other"]) > 3.5
    unsure = scene.values
    assert unsure["fall_game"] == unsure["fall_other"] == 0


def test_both_answers_lead_round_the_end_to_a_flat_d_and_a_g_that_is_too_wide(scene):
    seen, means, slopes = scene, [], []
    for _ in range(60):
        seen = seen.press("both_step")
        means.append(float(seen.values["mean"]))
        slopes.append(float(seen.values["slope"]))
    assert min(means) < -0.1  # past the end, and back
    assert max(slopes) > 0.05
    assert (means[-1], slopes[-1]) == (pytest.approx(0, abs=0.01), pytest.approx(0, abs=0.01))
    assert seen.values["value"] == pytest.approx(-LOG_4, abs=1e-3)
    assert seen.values["best"] > -LOG_4 + 0.03
    assert seen.values["spread"] == 1.5
    np.testing.assert_allclose(seen.values["path"][-60:], np.c_[means, slopes], atol=1e-6)
    fresh = seen.press("again").values
    assert [fresh[name] for name in ("mean", "spread", "slope", "offset")] == [2, 1, 0, 0]


def test_the_valley_has_its_bottom_where_the_laws_are_equal(scene):
    values = scene.values
    assert values["means"][values["valley"].argmin()] == pytest.approx(0, abs=1e-9)
    assert values["valley"].min() == pytest.approx(-LOG_4, abs=1e-9)
    at = np.abs(values["means"] - 2).argmin()
    assert values["valley"][at] == pytest.approx(scene.set(mean=float(values["means"][at])).values["best"], abs=1e-6)


def test_the_page_computes_the_same(scene):
    moved = scene.set(seed=2, mean=-1.5, spread=0.7, slope=0.9, offset=-1, cost=1)
    for name, array in run_program(moved).items():
        np.testing.assert_allclose(array, moved.values[name], atol=1e-6, err_msg=name)


def test_a_flat_detective_has_no_slope_and_the_axis_holds_every_slope(scene):
    flat = scene.set(slope=0).values
    assert not flat["slopes"].any()
    assert flat["steepest"] == 1
    steep = scene.set(slope=-3).values
    assert steep["steepest"] == steep["slopes"].max() > 1
