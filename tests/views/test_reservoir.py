"""The look "reservoir": states, eigenvalues, echoes, memory, votes and free runs against loops in NumPy."""

import numpy as np
import pytest
import torch

from neurarium.datasets import mackey_glass
from neurarium.networks.echo_state import EchoStateClassifier, EchoStateForecaster, EchoStateRegressor
from neurarium.networks.perceptron import PerceptronClassifier
from neurarium.page.noise import uniform
from neurarium.views import reservoir_memory
from neurarium.views.looking import CannotLook, look, looks
from neurarium.views.looks import reservoir as file
from neurarium.views.reservoir_live import FADED
from neurarium.views.reservoir_memory import eigenvalues, free_runs
from views.running import program_of, run_program

SERIES = mackey_glass.load(400, random_state=0).data[:, 0]
FIXED = {"spectral_radius": 0.9, "leak": 0.5, "input_scaling": 0.3, "random_state": 0}
WAVES = np.stack([np.sin((1 + number % 2) * 0.5 * np.arange(12) + number)[:, None] for number in range(30)])
KINDS = np.array(["slow", "fast"] * 15)


@pytest.fixture(scope="module")
def forecaster():
    return EchoStateForecaster(n_units=30, n_links=5, **FIXED).fit(SERIES)


@pytest.fixture(scope="module")
def scene(forecaster):
    return look(forecaster, "reservoir", SERIES)


@pytest.fixture(scope="module")
def classifier():
    return EchoStateClassifier(n_units=20, n_links=4, segments=3, washout=2, **FIXED).fit(WAVES, KINDS)


def parts(fitted):
    module = fitted.module_
    reservoir = module.reservoir
    radius = float(reservoir.spectral_radius)
    W = reservoir.matrix().numpy().astype(float) / (radius or 1)
    W_in, b = reservoir.input_weight.numpy().astype(float), reservoir.bias.numpy().astype(float)
    return W, W_in, b, module.scaling.mean.numpy().astype(float), module.scaling.scale.numpy().astype(float)


def run(fitted, series, radius, leak, strength, start=None):
    """The loop that the docstring of the network writes."""
    W, W_in, b, mean, scale = parts(fitted)
    x = np.zeros(len(b)) if start is None else start
    states = []
    for u in (np.reshape(series, (len(series), -1)) - mean) / scale:
        x = (1 - leak) * x + leak * np.tanh(strength * W_in @ u + radius * W @ x + b)
        states.append(x)
    return np.array(states)


def test_echo_state_networks_have_the_look_and_others_have_not(forecaster, classifier):
    assert "reservoir" in looks(forecaster)
    assert "reservoir" in looks(classifier)
    perceptron = PerceptronClassifier(random_state=0).fit([[0.0], [1.0]], [0, 1])
    assert not any(file.can(each) for each in (perceptron, EchoStateForecaster(), torch.nn.Linear(2, 2)))


def test_states_are_those_of_a_plain_loop_over_the_whole_series(forecaster, scene):
    states = run(forecaster, SERIES[:-1], 0.9, 0.5, 0.3)[-100:]
    assert scene.values["states"] == pytest.approx(states.T, abs=1e-6)
    assert np.abs(scene.values["states"] - run(forecaster, SERIES[:-1], 0.8, 0.5, 0.3)[-100:].T).max() > 1e-3


def test_dials_change_the_reservoir_that_runs(forecaster, scene):
    start = run(forecaster, SERIES[:-101], 0.9, 0.5, 0.3)[-1]
    turned = scene.set(radius=1.1, leak=0.8, strength=0.6)
    wanted = run(forecaster, SERIES[-101:-1], 1.1, 0.8, 0.6, start)
    assert turned.values["states"] == pytest.approx(wanted.T, abs=1e-5)
    assert scene.set(radius=0).values["curves"][2] == pytest.approx(np.zeros(100), abs=0), "no radius, no echo"
    assert scene.set(strength=0).values["curves"][1] == pytest.approx(np.zeros(100), abs=0)


def test_the_formula_adds_up(forecaster, scene):
    now = scene.set(unit=7, t=33).values
    heard = now["driven_now"] + now["echo_now"] + now["bias_now"]
    assert now["state_now"] == pytest.approx(0.5 * now["state_before"] + 0.5 * np.tanh(heard), abs=1e-7)
    states = run(forecaster, SERIES[:-1], 0.9, 0.5, 0.3)[-100:]
    assert now["state_now"] == pytest.approx(states[33, 7], abs=1e-6)
    assert now["echo_now"] == pytest.approx(0.9 * parts(forecaster)[0][7] @ states[32], abs=1e-6)


# Echo.


def test_eigenvalues_are_those_of_numpy_and_follow_both_dials(forecaster, scene):
    W = parts(forecaster)[0]
    for radius, leak in ((0.9, 0.5), (1.5, 1.0), (0.4, 0.1)):
        step = np.sort_complex(np.linalg.eigvals((1 - leak) * np.eye(30) + leak * radius * W))
        turned = scene.set(radius=radius, leak=leak).values
        assert np.sort_complex(turned["eigen_x"] + 1j * turned["eigen_y"]) == pytest.approx(step, abs=1e-6)
        assert turned["eigen_largest"] == pytest.approx(np.abs(step).max(), abs=1e-6)
        assert turned["eigen_outside"] == (np.abs(step) > 1).sum()
    assert np.abs(scene.values["eigen_x"]).max() < 1 < scene.set(radius=2, leak=1).values["eigen_largest"]


def test_the_largest_eigenvalues_of_a_large_reservoir_are_found():
    network = EchoStateForecaster(n_units=640, n_links=3, **FIXED).fit(SERIES[:60])
    found = np.sort(np.abs(eigenvalues(network.module_.reservoir)))
    every = np.sort(np.abs(np.linalg.eigvals(parts(network)[0])))
    assert len(found) == 60
    assert found[-40:] == pytest.approx(every[-40:], abs=1e-6)


def test_two_starts_come_together_below_the_edge_and_stay_apart_above_it(forecaster, scene):
    starts = 2 * uniform(0, (2, 30)).astype(float) - 1
    assert not scene.module.links.sparse
    for radius in (0.9, 2.0):
        paths = [run(forecaster, SERIES[-101:-1], radius, 0.5, 0.3, start) for start in starts]
        wanted = np.sqrt(((paths[0] - paths[1]) ** 2).mean(1))
        shown = scene.set(radius=radius).values
        assert shown["distance"][1:20] == pytest.approx(wanted[:19], rel=1e-4)
        assert shown["distance"][0] == pytest.approx(np.sqrt(((starts[0] - starts[1]) ** 2).mean()))
        assert bool(shown["fades"]) == (wanted[-1] < FADED * shown["distance"][0]) == (radius < 1)
    assert "the echo has faded" in scene.told()
    assert "the echo has not faded" in scene.set(radius=2.0).told()
    assert "el eco no se ha apagado" in scene.set(radius=2.0).told("es")
    assert scene.set(noise=1).values["distance"][0] != scene.values["distance"][0]


def test_the_curve_over_the_radius_is_what_the_dial_shows(scene):
    for radius, left in zip(scene.values["fading_radii"], scene.values["fading"], strict=True):
        if 0.8 <= radius <= 1:  # beyond, rounding of the dial to 32 bits grows; below, nothing but rounding is left
            assert np.log10(left) == pytest.approx(scene.set(radius=radius).values["power"], abs=0.01)
    edge = float(scene.values["edge"])
    assert 0.9 < edge < 2
    assert scene.set(radius=edge - 0.1).values["fades"]


# Memory.


def test_the_memory_at_the_radius_of_the_fit_is_the_estimators_own(forecaster, scene):
    assert scene.values["frame_radius"] == 0.9
    assert scene.values["memory"][scene.values["frame"]] == pytest.approx(forecaster.memory_curve(60), abs=1e-12)
    assert scene.values["frame_capacity"] == pytest.approx(forecaster.memory_capacity(60))
    assert (scene.values["capacity"] <= 30).all()
    assert scene.set(radius=0.32).values["frame_radius"] == pytest.approx(0.3)
    assert scene.set(radius=0.32).values["frame_capacity"] < scene.values["frame_capacity"]
    assert float(forecaster.module_.reservoir.spectral_radius) == 0.9, "the network itself is left as it is"


def test_memory_is_the_squared_correlation_of_a_ridge_that_is_asked_for_the_past(forecaster, scene):
    chance = np.random.default_rng(1)
    heard = np.sqrt(3) * chance.uniform(-1, 1, 6000)
    _, _, _, mean, scale = parts(forecaster)
    states = run(forecaster, heard * scale + mean, 0.9, 0.5, 0.3)[200:]
    found = []
    for delay in range(1, 21):
        past = heard[200 - delay : len(heard) - delay]
        A = np.c_[states, np.ones(len(states))]
        weights = np.linalg.solve(A[:2900].T @ A[:2900] + 1e-10 * np.eye(31), A[:2900].T @ past[:2900])
        found.append(np.corrcoef(A[2900:] @ weights, past[2900:])[0, 1] ** 2)
    assert scene.values["memory"][scene.values["frame"]][:20] == pytest.approx(found, abs=0.05)


# Answers.


def test_votes_are_those_of_the_sequence_cut_off_there(classifier):
    scene = look(classifier, "reservoir", WAVES, KINDS).set(sample=1)
    row = int(scene.lists["rows"][1].split("#")[1].rstrip(")"))
    sequence = torch.from_numpy(WAVES[row : row + 1])
    for length in range(3, 13):
        with torch.no_grad():
            wanted = classifier.module_(sequence[:, :length], torch.tensor([length]))[0]
        assert scene.values["said"][:, length - 1] == pytest.approx(wanted.numpy(), abs=1e-6), length
    assert np.isnan(scene.values["said"][:, :2]).all(), "nothing is read of the washout"
    said = classifier.predict(WAVES[row : row + 1])[0]
    assert scene.lists["classes"][scene.values["winner"]] == said
    assert f"most votes go to {said}" in scene.told()
    turned = scene.set(radius=0.2).values["said"]
    assert np.nanmax(np.abs(turned - scene.values["said"])) > 0.01


def test_sequences_of_their_own_lengths_end_where_they_end():
    lengths = [5, 9, 7, 12]
    X = [np.sin(np.arange(length) + 0.3 * length)[:, None] for length in lengths]
    network = EchoStateRegressor(n_units=12, **FIXED).fit(X, [0.0, 1.0, 2.0, 3.0])
    scene = look(network, "reservoir", X).set(sample=2)
    assert scene.values["now"] == 4
    assert np.isnan(scene.values["said"][0]).tolist() == [False] * 7 + [True] * 5
    assert scene.values["end"] == pytest.approx(network.predict(X)[2], abs=1e-6)
    assert scene.set(t=11).values["now"] == 6


def test_answers_at_every_step_are_those_of_predict():
    inputs = np.random.default_rng(0).uniform(size=(2, 40, 1))
    network = EchoStateRegressor(n_units=20, washout=5, **FIXED).fit(inputs, inputs * np.roll(inputs, 1, axis=1))
    scene = look(network, "reservoir", inputs)
    assert scene.values["said"][0] == pytest.approx(network.predict(inputs)[0, :, 0], abs=1e-6)
    assert f"{network.predict(inputs)[0, 39, 0]:.3f}" in scene.told()


def test_one_step_ahead_it_expects_what_the_network_expects(forecaster, scene):
    with torch.no_grad():
        wanted = forecaster.module_(torch.from_numpy(SERIES[:-1, None]))[-100:, 0].numpy()
    came, expected = scene.values["said"][0]
    assert np.array_equal(came, SERIES[-100:])
    assert expected == pytest.approx(wanted, abs=1e-5)
    assert scene.set(radius=1.2).values["error"] > 10 * scene.values["error"], "the read-out stays as it was learnt"


def test_free_runs_and_their_bands_are_the_estimators_own(forecaster, scene):
    assert scene.lists["origins"] == ["200", "300"]
    for number, origin in enumerate((200, 300)):
        said, came = scene.values["run_both"][number, 0]
        low, high = forecaster.forecast_interval(100, history=SERIES[:origin])
        reach = np.ptp(SERIES)
        edges = SERIES.min() - reach, SERIES.max() + reach
        assert said == pytest.approx(np.clip(forecaster.forecast(100, history=SERIES[:origin]), *edges))
        assert np.array_equal(came, SERIES[origin : origin + 100])
        assert scene.values["run_low"][number, 0] == pytest.approx(np.clip(low, *edges))
        assert scene.values["run_high"][number, 0] == pytest.approx(np.clip(high, *edges))
        wrong = np.abs(forecaster.forecast(100, history=SERIES[:origin]) - came) / SERIES.std() > 0.4
        assert scene.lists["valids"][number] == str(wrong.argmax() if wrong.any() else 100)
    assert free_runs(forecaster, SERIES[:12, None]) is None
    short = look(forecaster, "reservoir", SERIES[:12])
    assert len(short.controls[0].options) == 3, "no free run, no tab for it"


def test_a_series_that_the_fit_did_not_end_with_is_not_said_to_be_learnt(forecaster, scene):
    assert "it has seen these" in scene.panels[-1].note.en
    other = mackey_glass.load(400, random_state=5).data[:, 0]
    assert "it has seen these" not in look(forecaster, "reservoir", other).panels[-1].note.en


# Size, names, page.


def test_of_a_reservoir_too_large_for_a_page_the_first_units_run_and_the_sentence_says_so(monkeypatch):
    monkeypatch.setattr(reservoir_memory, "_RADII", ())
    network = EchoStateForecaster(n_units=150, n_links=150, **FIXED).fit(SERIES[:200])
    scene = look(network, "reservoir", SERIES[:120])
    assert "The first 141 units run here" in scene.told()
    assert "Aquí funcionan las primeras 141 unidades" in scene.told("es")
    assert "said" not in scene.values
    links = scene.module.links.weight.numpy()
    assert links.shape == (141, 141)
    assert np.abs(np.linalg.eigvals(links)).max() == pytest.approx(1)
    assert scene.values["states"].shape == (40, 100)
    assert len(scene.values["eigen_x"]) == 150, "the eigenvalues are those of all units"
    turns, pair = 100, 2
    assert turns * pair * links.size < 5e6


def test_sparse_links_are_kept_as_they_are(monkeypatch):
    monkeypatch.setattr(reservoir_memory, "_RADII", ())
    network = EchoStateForecaster(n_units=300, n_links=10, **FIXED).fit(SERIES[:200])
    scene = look(network, "reservoir", SERIES[:200])
    assert scene.module.links.sparse
    assert scene.values["race"] == 83, "two starts cost twice: they run for fewer steps"
    starts = 2 * uniform(0, (2, 300)).astype(float) - 1
    ends = [run(network, SERIES[99:182], 0.9, 0.5, 0.3, start)[-1] for start in starts]
    assert scene.values["distance"][-1] == pytest.approx(np.sqrt(((ends[0] - ends[1]) ** 2).mean()), rel=1e-3)
    assert "units run here" not in scene.told()
    states = run(network, SERIES[:199], 0.9, 0.5, 0.3)[-100:, :40]
    assert scene.values["states"] == pytest.approx(states.T, abs=1e-6)
    assert scene.values["asked"] == 200
    assert "with 200 units" in next(panel.note.en for panel in scene.panels if "capacity by" in panel.title.en)


def test_names_are_shown_letter_for_letter(classifier):
    hostile = ["<img onerror=1>", "$x$"]
    network = EchoStateClassifier(n_units=10, **FIXED).fit(WAVES, np.array(hostile * 15))
    scene = look(network, "reservoir", WAVES, np.array(hostile * 15), columns=["{x}"])
    assert scene.lists["classes"] == sorted(hostile, key=lambda name: list(network.classes_).index(name))
    assert scene.lists["columns"] == ["{x}"]
    assert scene.lists["rows"][0] == "<img onerror=1> (#0)"


def test_rows_are_asked_for_and_a_series_of_two_steps_is_refused(forecaster):
    with pytest.raises(CannotLook, match="needs what the reservoir hears"):
        look(forecaster, "reservoir")
    with pytest.raises(CannotLook, match="at least 3 steps; this one has 2"):
        look(forecaster, "reservoir", SERIES[:2])


def test_the_page_computes_what_python_computes(scene):
    program = program_of(scene)
    for settings in ({}, {"radius": 0.4, "leak": 0.3, "strength": 0.7, "t": 12, "unit": 3, "noise": 4}):
        turned = scene.set(**settings)
        page = run_program(turned, program)
        for name, wanted in turned.computed.items():
            assert np.allclose(page[name], wanted, atol=1e-5, equal_nan=True), name
