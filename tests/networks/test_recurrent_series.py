"""Recurrent forecasters: a law that is known, controls, intervals, the laser, and what they are not for."""

from pathlib import Path

import numpy as np
import pytest
import torch

import neurarium
from neurarium.networks._recurrent_series import driven_pairs
from neurarium.networks.gru import GRUForecaster
from neurarium.networks.lstm import LSTMForecaster
from neurarium.networks.recurrent import RNNForecaster

KINDS = [RNNForecaster, LSTMForecaster, GRUForecaster]
every = pytest.mark.parametrize("kind", KINDS)


def driven(time=2400, seed=0):
    """y(t) = .8 y(t-1) + .5 w(t) + e(t), all of variance 1 (papers.md, A4)."""
    generator = np.random.default_rng(seed)
    w, e, y = generator.normal(size=time), generator.normal(size=time), np.zeros(time)
    for t in range(1, time):
        y[t] = 0.8 * y[t - 1] + 0.5 * w[t] + e[t]
    return y, w, e


def a_step_ahead(network, y, w=None):
    """What the network expects at each step but the first, hearing the series."""
    series = torch.tensor(np.column_stack([y] if w is None else [y, w]))
    module = network.module_
    with torch.no_grad():
        inputs, _ = driven_pairs(series, network.n_controls_)
        return module.run(inputs[None], module.initial(1, inputs))[0][0, :, 0].numpy()


@pytest.fixture(scope="module")
def wave():
    t = np.arange(400)
    return np.sin(0.2 * t) + 0.5 * np.sin(0.31 * t)


@pytest.fixture(scope="module")
def forecaster(wave):
    return GRUForecaster(n_units=12, epochs=20, random_state=0).fit(wave[:350])


@pytest.fixture(scope="module")
def tank():
    y, w, _ = driven(400)
    return LSTMForecaster(n_units=8, epochs=10, random_state=0).fit(y[:300], control=w[:300]), y, w


# The law: papers.md, A4.


def judged(seed, kind=LSTMForecaster):
    """Excess of the NLL over the true law's in nats, coverage of the 90 % interval, variances with w and without."""
    y, w, e = driven(8000, seed)
    network = kind(random_state=seed).fit(y[:2000], control=w[:2000])
    errors = y[2001:] - a_step_ahead(network, y[2000:], w[2000:])
    remembered = network.module_.errors[:, 0].numpy()
    variance = remembered.var()
    excess = 0.5 * np.log(variance) + 0.5 * (errors**2).mean() / variance - 0.5 * (e[2001:] ** 2).mean()
    low, high = np.quantile(remembered, [0.05, 0.95])
    blind = kind(random_state=seed).fit(y[:2000])
    left_out = y[2001:] - a_step_ahead(blind, y[2000:])
    return excess, ((low < errors) & (errors < high)).mean(), errors.var(), left_out.var()


@pytest.mark.slow
def test_the_law_of_a_driven_series_is_learnt_to_a_fiftieth_of_a_nat_and_its_intervals_hold():
    excess, covered, with_w, without_w = np.transpose([judged(seed) for seed in range(5)])
    assert np.median(excess) <= 0.02
    assert 0.88 <= np.median(covered) <= 0.92
    assert np.median(with_w) == pytest.approx(1, abs=0.05)
    # Without w its share .5² of the variance is noise.
    assert np.median(without_w) == pytest.approx(1.25, abs=0.07)


def test_an_interval_holds_what_it_promises_of_a_law_that_is_known_at_every_horizon():
    y, w, _ = driven(1000)
    network = RNNForecaster(n_units=8, random_state=0).fit(y, control=w)
    h, generator = np.arange(1, 13), np.random.default_rng(9)
    to_come = generator.normal(size=12)
    centre = 0.8**h * y[-1] + [0.5 * sum(0.8 ** (k - j) * to_come[j] for j in range(k + 1)) for k in range(12)]
    deviation = np.sqrt((1 - 0.8 ** (2 * h)) / (1 - 0.8**2))
    future = centre + deviation * generator.normal(size=(20000, 12))
    low, high = network.forecast_interval(12, control=to_come)
    share = ((low <= future) & (future <= high)).mean(0)
    assert share.mean() == pytest.approx(0.9, abs=0.03)
    assert abs(share - 0.9).max() < 0.08
    assert abs(network.forecast(12, control=to_come) - centre).max() < 0.5


@pytest.mark.slow
def test_noise_is_not_learnt_by_heart_because_the_end_of_the_series_is_held_out():
    y, w, _ = driven(1500)

    def error(**parameters):
        network = GRUForecaster(random_state=0, **parameters).fit(y[:500], control=w[:500])
        return (y[501:] - a_step_ahead(network, y[500:], w[500:])).var()

    assert error() < 1.15
    assert error(early_stopping=False) > 1.3  # the control


@pytest.mark.slow
@pytest.mark.parametrize("kind", [LSTMForecaster, GRUForecaster])
def test_the_laser_is_foretold_a_step_ahead(kind):
    laser = real("series/santafe_laser.npy")
    errors = []
    for seed in range(5):
        network = kind(random_state=seed).fit(laser[:1000])
        said = a_step_ahead(network, laser[:1100])[999:]
        errors.append(((laser[1000:1100] - said) ** 2).mean() / laser[1000:1100].var())
    assert np.median(errors) <= 0.02
    assert (np.diff(laser[999:1100]) ** 2).mean() > 0.5 * laser[1000:1100].var()  # the last value is no forecast


def real(path):
    file = Path(__file__).parents[3] / "shared" / "data" / path
    if not file.exists():
        pytest.skip(f"{file} is not here")
    return np.load(file).astype(float).ravel()


# Forecasts.


def test_what_is_learnt_is_what_a_line_misses():
    """y(t) = cos(3 y(t-1)) has no linear part worth the name."""
    y = np.full(500, 0.3)
    for t in range(1, 500):
        y[t] = np.cos(3 * y[t - 1])
    network = RNNForecaster(n_units=16, epochs=40, random_state=0).fit(y[:400])
    x, after = y[:359], y[1:360]  # the rest is held out
    slope, constant = np.polyfit(x, after, 1)
    direct, scaling = network.module_.direct, network.module_.scaling
    assert float(direct.weight.detach()) == pytest.approx(slope, abs=1e-6)
    said = network.module_.units(direct(scaling(torch.tensor([[0.5]]).double()))).detach()
    assert float(said) == pytest.approx(0.5 * slope + constant, abs=1e-6)
    assert ((y[401:] - a_step_ahead(network, y[400:])) ** 2).mean() < 0.1 * y.var()


@every
def test_a_free_run_is_its_own_steps_one_by_one(kind, wave):
    network = kind(n_units=6, n_layers=2, epochs=2, random_state=0).fit(wave)
    module, (step, _) = network.module_, network._programs()["step"]
    state, value = module.last_state, module.last_value[None]
    with torch.no_grad():
        for expected in network.forecast(10):
            value, state = step(value, *state)
            assert float(value) == pytest.approx(expected, abs=1e-10)


def test_the_series_it_was_fitted_on_is_the_history_it_goes_on_from(wave, forecaster):
    np.testing.assert_allclose(forecaster.forecast(20), forecaster.forecast(20, history=wave[:350]), atol=1e-8)
    several = forecaster.forecast(5, history=np.stack([wave[:300], wave[50:350]])[..., None])
    np.testing.assert_allclose(several[0, :, 0], forecaster.forecast(5, history=wave[:300]), atol=1e-9)
    assert several.shape == (2, 5, 1)
    assert forecaster.forecast(3, history=wave[:1]).shape == (3,)


def test_controls_act_on_the_step_they_stand_at(tank):
    network, y, w = tank
    np.testing.assert_allclose(
        network.forecast(20, control=w[300:320]), network.forecast(20, history=y[:300], control=w[:320]), atol=1e-8
    )
    raised = w[300:320].copy()
    raised[4] += 2
    change = network.forecast(20, control=raised) - network.forecast(20, control=w[300:320])
    assert not change[:4].any()
    assert change[4] == pytest.approx(1, abs=0.3)  # .5 times 2
    several = network.forecast(5, history=y[None, :300, None], control=w[None, :305, None])
    np.testing.assert_allclose(several[0, :, 0], network.forecast(5, control=w[300:305]), atol=1e-8)
    assert network.stages(y[:50], control=w[:50])["cell"].shape == (49, 8)


def test_a_table_has_a_step_in_each_row(wave):
    table = np.column_stack([wave, np.roll(wave, 7), np.cos(0.2 * np.arange(400))])
    network = RNNForecaster(n_units=8, epochs=5, random_state=0).fit(table)
    assert network.forecast(30).shape == (30, 3)
    low, high = network.forecast_interval(4)
    assert low.shape == high.shape == (4, 3)
    assert network.stages(table[:9])["hidden"].shape == (9, 8)


def test_futures_are_the_same_at_each_call_and_leave_the_callers_stream_alone(forecaster):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    first = forecaster.sample_futures(5, 4)
    assert torch.rand(1) == expected
    np.testing.assert_array_equal(first, forecaster.sample_futures(5, 4))
    assert first.shape == (5, 4)


def test_driven_forecasters_are_kept_in_files_and_go_on_from_checkpoints(tank, tmp_path):
    network, _, w = tank
    network.save(tmp_path / "tank")
    loaded = neurarium.load(tmp_path / "tank")
    assert loaded.forecast(5, control=w[300:305]).tobytes() == network.forecast(5, control=w[300:305]).tobytes()

    y, w, _ = driven(200)
    make = lambda: RNNForecaster(n_units=4, epochs=3, random_state=0)  # noqa: E731
    whole = make().fit(y, control=w)
    watched = make()
    assert len(list(watched.fit_steps(y, control=w))) == sum(1 for _ in make().fit_steps(y, control=w)) > 0
    again = make().fit(y, control=w, checkpoint=tmp_path / "fit")
    for other in (watched, again):
        assert other.forecast(3, control=w[:3]).tobytes() == whole.forecast(3, control=w[:3]).tobytes()
    with pytest.raises(ValueError, match="another fit"):
        make().fit(y, control=-w, checkpoint=tmp_path / "fit")


def test_a_growing_series_is_better_continued_by_its_last_slope():
    """Do not use when: the series drifts to where it never was."""
    y = np.cumsum(1 + 0.1 * np.random.default_rng(0).normal(size=500))
    ours = LSTMForecaster(n_units=8, epochs=20, random_state=0).fit(y[:300]).forecast(200)
    drift = y[299] + np.arange(1, 201) * np.diff(y[:300]).mean()
    assert abs(ours - y[300:]).mean() > 3 * abs(drift - y[300:]).mean()


def test_mistakes_with_series_and_controls_are_named(tank, forecaster, wave):
    network, y, w = tank
    with pytest.raises(ValueError, match="control has 99 rows where 100 are needed"):
        RNNForecaster().fit(y[:100], control=w[:99])
    with pytest.raises(ValueError, match="fitted with 1 controls; control must give 5 rows"):
        network.forecast(5)
    with pytest.raises(ValueError, match="control has 4 rows where 5 are needed"):
        network.forecast(5, control=w[:4])
    with pytest.raises(ValueError, match="control has 2 columns"):
        network.forecast(5, control=np.zeros((5, 2)))
    with pytest.raises(ValueError, match="2 histories, but controls of 1"):
        network.forecast(1, history=np.zeros((2, 9, 1)), control=np.zeros((1, 10, 1)))
    with pytest.raises(ValueError, match="control.*NaN"):
        RNNForecaster().fit(y[:100], control=np.full(100, np.nan))
    with pytest.raises(ValueError, match="takes the series alone"):
        RNNForecaster().fit(np.arange(400), wave)
    with pytest.raises(ValueError, match="at least 3 steps"):
        RNNForecaster().fit([1.0, 2.0])
    with pytest.raises(ValueError, match="steps must be at least 1"):
        forecaster.forecast(0)
    with pytest.raises(ValueError, match="level must be above 0"):
        forecaster.forecast_interval(5, level=1.0)
    with pytest.raises(ValueError, match="2 features"):
        forecaster.forecast(5, history=np.zeros((10, 2)))
    with pytest.raises(ValueError, match="one history; got 2"):
        forecaster.forecast_interval(5, history=np.zeros((2, 10, 1)))


@every
def test_the_shortest_series_and_a_constant_one_are_continued(kind):
    assert np.isfinite(kind(epochs=3, random_state=0).fit([1.0, 2.0, 4.0]).forecast(2)).all()
    np.testing.assert_allclose(kind(epochs=3, random_state=0).fit(np.full(40, 7.0)).forecast(3), 7, atol=1e-6)
