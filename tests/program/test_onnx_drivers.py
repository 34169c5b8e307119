"""ONNX files of verbs that go on for many turns: forecasts, texts, walks, and sequences of any length."""

import json

import numpy as np
import onnx
import pytest

from neurarium.networks.echo_state import EchoStateClassifier, EchoStateForecaster, EchoStateRegressor
from neurarium.networks.gru import GRUForecaster, GRURegressor
from neurarium.networks.lstm import LSTMClassifier
from neurarium.networks.recurrent import RNNClassifier
from neurarium.program.export import write
from program.printing import checked, loaded
from program.test_onnx import session
from program.test_verbs import MAKERS as TOLD
from program.test_verbs import control, series, two_series

chance = np.random.default_rng(0)
RAGGED = [chance.normal(3, 2, (4 + number % 5, 2)) for number in range(40)]
SUMS = np.array([each.sum() for each in RAGGED])
LABELS = np.where(SUMS > 36, "high", "low")
FEW = {"n_units": 5, "epochs": 3, "random_state": 0}

MAKERS = {
    **{name: TOLD[name] for name in ("characters", "words", "chain", "chain_of_words", "weather")},
    **{name: TOLD[name] for name in ("series", "two_series")},
    "echo": lambda: EchoStateForecaster(n_units=60, random_state=0).fit(series(300)),
    "deep": lambda: GRUForecaster(n_layers=2, **FEW).fit(two_series(150).astype(np.float32)),
    "label": lambda: LSTMClassifier(**FEW).fit(RAGGED, LABELS),
    "labels": lambda: RNNClassifier(output="every", **FEW).fit(RAGGED, [each.cumsum(0).sum(1) > 18 for each in RAGGED]),
    "number": lambda: GRURegressor(**FEW).fit(RAGGED, SUMS),
    "two": lambda: GRURegressor(**FEW).fit(RAGGED, np.stack([SUMS, -SUMS], 1)),
    "numbers": lambda: GRURegressor(output="every", **FEW).fit(RAGGED, [each.sum(1) for each in RAGGED]),
    "shares": lambda: EchoStateClassifier(n_units=30, segments=3, washout=1, random_state=0).fit(RAGGED, LABELS),
    "means": lambda: EchoStateRegressor(n_units=30, random_state=0).fit(RAGGED, SUMS),
    "echoes": lambda: EchoStateRegressor(n_units=30, washout=1, random_state=0).fit(RAGGED, [e + 1 for e in RAGGED]),
}


def some(*names):
    """Names, those after the first two only where there is time."""
    return [*names[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in names[2:])]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """An estimator, and its printed files, each only once."""
    known = {}

    def export(name):
        if name not in known:
            estimator, folder = MAKERS[name](), tmp_path_factory.mktemp(name)
            sheet = estimator._printable()
            for ending in (".py", ".onnx"):
                write(folder / f"net{ending}", sheet)
            known[name] = estimator, folder
        return known[name]

    return export


def answers(runner, **given):
    """What a file says, numbers in its own precision."""
    kinds = {"tensor(float)": np.float32, "tensor(double)": float, "tensor(int64)": np.int64}
    wants = {each.name: kinds[each.type] for each in runner.get_inputs()}
    assert set(given) == set(wants)
    said = runner.run(None, {name: np.asarray(array, wants[name]) for name, array in given.items()})
    return dict(zip((each.name for each in runner.get_outputs()), said, strict=True))


# Files.


@pytest.mark.parametrize("name", ["two_series", "characters", "weather", "label"])
def test_the_verb_has_the_name_asked_for_and_is_checked_by_the_estimators_own_answers(name, exported, capfd):
    _, folder = exported(name)
    verb = {"two_series": "forecast", "characters": "sample", "weather": "simulate", "label": "classify"}[name]
    onnx.checker.check_model(str(folder / "net.onnx"), full_check=True)
    assert onnx.load(folder / "net.onnx").graph.name == verb
    told = checked(folder / "net.onnx")
    assert f"{verb}, " in told
    assert "DO NOT AGREE" not in told
    assert not capfd.readouterr().err  # where onnxruntime would warn


def test_the_check_notices_a_state_that_is_not_carried(exported, tmp_path):
    _, folder = exported("series")
    model = onnx.load(folder / "net.onnx")
    (loop,) = [node for node in model.graph.node if node.op_type == "Loop"]
    (body,) = [each.g for each in loop.attribute if each.name == "body"]
    state, carried = body.input[2].name, body.output[1].name
    for node in body.node:
        if carried in node.output:
            node.output[list(node.output).index(carried)] = "lost"
    body.node.append(onnx.helper.make_node("Identity", [state], [carried]))
    onnx.save(model, tmp_path / "net.onnx")
    for name in ("net.forecast_step.onnx", "net_check.py"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert "forecast, answer: all 10 DO NOT AGREE" in checked(tmp_path / "net.onnx")


# Forecasts.


@pytest.mark.parametrize("name", some("two_series", "echo", "series", "deep"))
def test_a_forecast_is_the_estimators_own(name, exported):
    estimator, folder = exported(name)
    runner, driven = session(folder / "net.onnx"), name == "two_series"
    for length, steps in ((1, 3), (7, 1), (40, 30)):
        history = (series if name in ("echo", "series") else two_series)(length).reshape(length, -1)
        more = {"control": control(length + steps)} if driven else {}
        wanted = estimator.forecast(steps, history=history, **more).reshape(steps, -1)
        said = answers(runner, history=history, steps=steps, **more)["answer"]
        assert said.shape == wanted.shape
        assert np.abs(said - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_a_forecast_hears_all_of_its_history_and_of_its_controls(exported):
    _, folder = exported("two_series")
    runner, history, drive = session(folder / "net.onnx"), two_series(12), control(17)
    plain = answers(runner, history=history, steps=5, control=drive)["answer"]
    for place in (1, 11):
        other = history.copy()
        other[place] += 0.3
        assert np.abs(answers(runner, history=other, steps=5, control=drive)["answer"] - plain).max() > 1e-4
    drive[14] += 0.5  # of the third step to come
    other = answers(runner, history=history, steps=5, control=drive)["answer"]
    assert np.array_equal(other[:2], plain[:2])
    assert np.abs(other[2:] - plain[2:]).max() > 1e-4


def test_controls_that_do_not_reach_to_the_last_step_are_refused(exported):
    _, folder = exported("two_series")
    with pytest.raises(Exception, match="(?i)indices|out of"):
        answers(session(folder / "net.onnx"), history=two_series(12), steps=5, control=control(16))


def test_a_network_whose_free_run_lets_errors_grow_is_printed_in_float64(exported, tmp_path, monkeypatch):
    estimator, folder = exported("echo")
    history = series(60)[:, None]
    wanted = estimator.forecast(30, history=history)[:, None]

    def away(path):
        return np.abs(answers(session(path), history=history, steps=30)["answer"] - wanted).max() / np.abs(wanted).max()

    assert away(folder / "net.onnx") < 1e-9
    monkeypatch.setattr("neurarium.core.estimator.near", lambda quick, precise: True)
    estimator.export(tmp_path / "net.onnx")
    assert away(tmp_path / "net.onnx") > 1e-5


# Texts and walks.


@pytest.mark.parametrize("name", some("characters", "words", "chain", "chain_of_words"))
@pytest.mark.parametrize("prompt", ["", "the mat - Z"])
def test_the_same_noise_draws_the_same_text_as_in_numpy(name, prompt, exported):
    _, folder = exported(name)
    runner, printed = session(folder / "net.onnx"), loaded(folder / "net.py")
    assert json.loads(runner.get_modelmeta().custom_metadata_map["symbols"]) == list(printed["SYMBOLS"])
    texts = set()
    for seed, temperature in ((0, 1.0), (0, 0.4), (1, 1.0)):
        noise = np.random.default_rng(seed).random(60).astype(np.float32)
        said = answers(runner, prompt=printed["encode"](prompt), temperature=temperature, noise=noise)
        text = printed["decode"](said["numbers"].tolist())
        assert text == printed["sample"](60, prompt, temperature, noise)
        assert said["symbols"].tolist() == [printed["SYMBOLS"][number] for number in said["numbers"]]
        texts.add(text)
    assert len(texts) == 3


@pytest.mark.parametrize("start", [[], ["fog"], ["sun", "rain", "fog"]])
def test_the_same_noise_walks_the_same_way_as_in_numpy(start, exported):
    _, folder = exported("weather")
    runner, printed = session(folder / "net.onnx"), loaded(folder / "net.py")
    noise = np.random.default_rng(2).random(60).astype(np.float32)
    said = answers(runner, start=printed["encode"](start), noise=noise)
    assert said["symbols"].tolist() == printed["simulate"](60, start, noise)
    assert said["symbols"].tolist() != printed["simulate"](60, start, 1 - noise)


# Whole sequences.


@pytest.mark.parametrize("name", some("label", "shares", "numbers", "labels", "number", "two", "means", "echoes"))
def test_a_sequence_of_any_length_is_answered_as_predict_does(name, exported):
    estimator, folder = exported(name)
    runner = session(folder / "net.onnx")
    for rows in (RAGGED[0][None], RAGGED[4][None], np.stack(RAGGED[4::5]), chance.normal(3, 2, (2, 23, 2))):
        said, wanted = answers(runner, rows=rows), np.asarray(estimator.predict(list(rows)))
        if "label" in said:
            assert said["label"].tolist() == wanted.tolist()
            likely = np.asarray(estimator.predict_proba(list(rows)))
            np.testing.assert_allclose(said["probabilities"], likely, atol=1e-5)
        else:
            assert said["answer"].shape == wanted.shape
            assert np.abs(said["answer"] - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_a_sequence_is_heard_in_its_order(exported):
    _, folder = exported("label")
    runner = session(folder / "net.onnx")
    forwards, backwards = (answers(runner, rows=RAGGED[4][None, ::step])["scores"] for step in (1, -1))
    assert np.abs(forwards - backwards).max() > 1e-3
