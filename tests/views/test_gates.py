"""The look "gates": its numbers are the module's own stages, torch's own cells, and what autograd says."""

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.networks.echo_state import EchoStateRegressor
from neurarium.networks.feed_forward import FeedForwardClassifier
from neurarium.networks.gru import GRUClassifier, GRUForecaster, GRULanguageModel
from neurarium.networks.lstm import LSTMClassifier, LSTMForecaster, LSTMLanguageModel, LSTMRegressor
from neurarium.networks.recurrent import RNNClassifier, RNNLanguageModel
from neurarium.page.marks import Formula
from neurarium.page.scene import Scene
from neurarium.views.gates_cells import parts_of
from neurarium.views.gates_lag import lag_curve
from neurarium.views.gates_story import OPENING, story
from neurarium.views.gates_words import equations, steps
from neurarium.views.looking import CannotLook, look
from neurarium.views.looks import gates
from views.running import program_of, run_program

TEXT = "the cat sat on the mat. the dog ran to the cat. " * 20
HOSTILE = "<img onerror=alert(1)>"


def _numbers(scene: Scene, name: str) -> float:
    return float(scene.values[name])


@pytest.fixture(scope="module")
def rows():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(60, 7, 3)).astype(np.float32)
    return X, np.where(X[:, 2, 0] > 0, "up", HOSTILE)


@pytest.fixture(scope="module")
def series():
    draw = np.random.default_rng(0)
    return np.sin(np.arange(150) / 3) + 0.1 * draw.normal(size=150)


@pytest.fixture(scope="module")
def writer():
    return LSTMLanguageModel(unit="word", n_units=6, n_embedding=4, epochs=2, random_state=0).fit(TEXT)


@pytest.fixture(scope="module")
def reader(rows):
    return LSTMClassifier(n_units=5, epochs=2, random_state=0).fit(*rows)


CELLS = [
    (LSTMClassifier, {"variant": "forget"}),
    (LSTMClassifier, {"variant": "1997"}),
    (LSTMClassifier, {"variant": "peephole"}),
    (LSTMClassifier, {"n_layers": 2}),
    (GRUClassifier, {"reset": "after"}),
    (GRUClassifier, {"reset": "before", "n_layers": 2}),
    (RNNClassifier, {"activation": "tanh"}),
    (RNNClassifier, {"activation": "relu"}),
]


@pytest.fixture(scope="module", params=CELLS, ids=lambda each: f"{each[0].__name__} {each[1]}")
def fitted(request, rows):
    kind, settings = request.param
    return kind(n_units=5, epochs=1, random_state=0, **settings).fit(*rows)


def test_networks_with_known_cells_have_the_look_and_others_do_not(writer, reader, rows):
    X, y = rows
    assert gates.can(writer)
    assert gates.can(reader)
    assert not gates.can(FeedForwardClassifier(epochs=1).fit(X[:, 0], y))
    assert not gates.can(EchoStateRegressor(random_state=0).fit(X, X[:, :, 0].sum(1)))
    assert not gates.can(LSTMClassifier())
    assert not gates.can(nn.LSTM(2, 3))


def test_every_part_of_the_cells_is_the_stage_of_its_name(fitted, rows):
    X, y = rows
    scene = look(fitted, "gates", X, y)
    stages = fitted.stages(X)
    sample = int(scene.lists["rows"][0].split("#")[1][:-1])
    layers = fitted.n_layers
    for part, name in enumerate(scene.module.cells.parts):
        for layer in range(layers):
            stage = stages[name + ("" if layer == 0 else f"_{layer + 1}")][sample]
            shown = scene.set(part=part, **({"layer": layer} if layers > 1 else {})).values["units_by_time"]
            np.testing.assert_allclose(shown, stage.T, atol=1e-5)


def test_the_numbers_of_a_formula_add_up_to_its_result(fitted, rows):
    scene = look(fitted, "gates", *rows).set(t=4, unit=2)
    squash = {"candidate": np.tanh, "hidden": np.tanh if getattr(fitted, "activation", "") != "relu" else np.float32}
    value = {name: _numbers(scene, name) for name in scene.values if scene.values[name].ndim == 0}
    for name in scene.module.network.recurrent.cell.blocks:
        total = sum(value.get(f"{name}_{each}", 0.0) for each in "xhbp")
        if name == "candidate" and "candidate_d" in value:
            total = value["candidate_x"] + value["candidate_b"]
            total += value["reset"] * (value["candidate_h"] + value["candidate_d"])
        if getattr(fitted, "activation", "") == "relu":
            total = max(total, 0.0)
        result = squash[name](total) if name in squash else 1 / (1 + np.exp(-total))
        assert result == pytest.approx(value[name], abs=1e-5), name
    if "cell" in value:
        kept = value.get("forget", 1.0) * value["cell_before"]
        assert value["cell"] == pytest.approx(kept + value["input"] * value["candidate"], abs=1e-5)
        assert value["hidden"] == pytest.approx(value["output"] * np.tanh(value["cell"]), abs=1e-5)
    if "update" in value:
        kept = value["update"] * value["hidden_before"]
        assert value["hidden"] == pytest.approx(kept + (1 - value["update"]) * value["candidate"], abs=1e-5)


FEW = [
    (GRUClassifier, {"reset": "after"}),
    pytest.param((GRUClassifier, {"reset": "before"}), marks=pytest.mark.slow),
    pytest.param((LSTMClassifier, {"variant": "peephole", "n_layers": 2}), marks=pytest.mark.slow),
    pytest.param((RNNClassifier, {"activation": "relu"}), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("cells", FEW, ids=str)
def test_the_page_computes_what_torch_does_with_any_controls(cells, rows):
    kind, settings = cells
    scene = look(kind(n_units=5, epochs=1, random_state=0, **settings).fit(*rows), "gates", *rows)
    program = program_of(scene)
    for options in ({}, {"t": 0, "unit": 3}, {"hold": 1, "held_at": 0.5, "t": 5}, {"hold": 1, "everywhere": True}):
        changed = scene.set(**options)
        for name, array in run_program(changed, program).items():
            np.testing.assert_allclose(array, changed.values[name], atol=1e-5, err_msg=name)


def test_states_are_those_of_torchs_own_lstm():
    X = np.random.default_rng(1).normal(size=(20, 6, 2)).astype(np.float32)
    fitted = LSTMRegressor(n_units=4, epochs=1, random_state=0).fit(X, X.sum((1, 2)))
    module = fitted.module_
    layer = module.recurrent.layers[0]
    theirs, ours = nn.LSTM(2, 4, batch_first=True), layer.weights()
    order = ("input", "forget", "candidate", "output")
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(torch.cat([ours[f"W_{name}"] for name in order]))
        theirs.weight_hh_l0.copy_(torch.cat([ours[f"U_{name}"] for name in order]))
        theirs.bias_ih_l0.copy_(torch.cat([ours[f"b_{name}"] for name in order]))
        theirs.bias_hh_l0.zero_()
        h, _ = theirs(module.scaling(torch.from_numpy(X[:1])))
    scene = look(fitted, "gates", X)
    last = scene.module.cells.parts.index("hidden")
    np.testing.assert_allclose(scene.set(part=last).values["units_by_time"], h[0].T, atol=1e-5)
    assert _numbers(scene, "end") == pytest.approx(float(fitted.predict(X[:1])[0]), abs=1e-5)


def test_states_are_those_of_torchs_own_gru(rows):
    X, y = rows
    fitted = GRUClassifier(n_units=4, epochs=1, random_state=0).fit(X, y)
    ours = fitted.module_.recurrent.layers[0].weights()
    theirs, order = nn.GRU(3, 4, batch_first=True), ("reset", "update", "candidate")
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(torch.cat([ours[f"W_{name}"] for name in order]))
        theirs.weight_hh_l0.copy_(torch.cat([ours[f"U_{name}"] for name in order]))
        theirs.bias_ih_l0.copy_(torch.cat([ours[f"b_{name}"] for name in order]))
        theirs.bias_hh_l0.copy_(torch.cat([torch.zeros(8), ours["d"]]))
        scene = look(fitted, "gates", X)
        h, _ = theirs(fitted.module_.scaling(torch.from_numpy(X[:1])))
    np.testing.assert_allclose(scene.set(part=3).values["units_by_time"], h[0].T, atol=1e-5)


def test_holding_a_gate_gives_what_cells_with_that_gate_would(reader, rows):
    X, y = rows
    scene = look(reader, "gates", X, y).set(hold="f: forget gate", held_at=1, everywhere=True, t=6)
    values = scene.values
    parts = scene.module.cells.parts
    seen = {name: scene.set(part=number).values["units_by_time"] for number, name in enumerate(parts)}
    assert (seen["forget"] == 1).all()
    np.testing.assert_allclose(seen["cell"], np.cumsum(seen["input"] * seen["candidate"], 1), atol=1e-5)
    h = torch.from_numpy(seen["hidden"][:, -1])
    said = (reader.module_.read_out.weight @ h + reader.module_.read_out.bias).softmax(0).numpy(force=True)
    np.testing.assert_allclose(values["said_now"], said, atol=1e-5)
    assert _numbers(scene, "free_share") == pytest.approx(reader.predict_proba(X[:1]).max(), abs=1e-5)


def test_only_the_chosen_cell_is_held_unless_all_are(reader, rows):
    scene = look(reader, "gates", *rows).set(hold=2, held_at=0, unit=3, part=1)
    held = scene.values["units_by_time"]
    assert (held[3] == 0).all()
    assert (held[:3] > 0).all()
    assert (held[4:] > 0).all()
    assert "i(t) ← 0.00" in scene.fill(
        next(each for each in scene.shown() if isinstance(each.marks[0], Formula)).marks[0].plain, "en"
    )


def test_a_text_is_expected_as_the_model_expects_it(writer):
    scene = look(writer, "gates", "the dog ran to the")
    vocabulary = writer._vocabulary()
    with torch.no_grad():
        codes = torch.tensor([[0, *vocabulary.encode("the dog ran to the")]])
        expected = writer.module_(codes)[0, -1].softmax(-1).numpy()
    np.testing.assert_allclose(scene.values["probability"], expected, atol=1e-5)
    order = np.argsort(-expected, kind="stable")[: len(scene.values["likely"])]
    np.testing.assert_allclose(scene.values["likely"], expected[order], atol=1e-5)
    assert scene.lists["seen"][scene.values["likely_codes"][0]] in scene.told()
    assert "“the”" in scene.told()
    assert "«the»" in scene.told("es")


def test_a_shorter_text_ends_where_it_ends(writer):
    scene = look(writer, "gates", "the dog ran to the")
    short = scene.set(text=writer._vocabulary().encode("the dog"))
    assert int(short.values["now"]) == 1
    assert int(short.values["text_length"]) == 2
    assert short.values["symbols_there"][2:].tolist() == [-1] * 22
    assert (short.values["units_by_time"][:, 2:] == 0).all()
    assert np.isnan(short.values["curves"][:, 2:]).all()
    np.testing.assert_allclose(short.values["units_by_time"][:, :2], scene.values["units_by_time"][:, :2], atol=1e-6)


def test_without_a_text_a_model_reads_what_it_writes(writer):
    scene = look(writer, "gates")
    assert int(scene.values["text_length"]) == 16


def test_by_characters_blanks_and_line_ends_can_be_seen():
    fitted = RNNLanguageModel(n_units=4, epochs=1, random_state=0).fit("a b\nc " * 60)
    scene = look(fitted, "gates", "a b\n")
    assert {"␣", "⏎"} <= set(scene.lists["seen"])
    assert {" ", "\n"} <= set(scene.lists["pieces"])
    assert "⏎" in scene.told()


def test_slopes_by_lag_are_those_of_autograd(rows):
    X, y = rows
    fitted = LSTMClassifier(n_units=4, epochs=1, random_state=0).fit(X, y)
    module = fitted.module_.eval()
    x = module.scaling(torch.from_numpy(X[:5]))
    curve = lag_curve(module, x, torch.tensor([7, 7, 4, 7, 7]), classifies=True)
    expected = [[] for _ in range(7)]
    for row, length in zip(x, [7, 7, 4, 7, 7], strict=True):
        row = row[None, :length].clone().requires_grad_()
        state = module.recurrent.initial(1, row)
        for step in row.unbind(1):
            h, state = module.recurrent.step(step, state)
        module.read_out(h).log_softmax(1).max().backward()
        for lag, size in enumerate(row.grad[0].norm(dim=1).flip(0).tolist()):
            expected[lag].append(size)
    np.testing.assert_allclose(curve, [np.mean(each) for each in expected], rtol=1e-4)


def test_slopes_of_several_answers_are_those_of_all(series):
    fitted = GRUForecaster(n_units=4, epochs=2, random_state=0).fit(np.c_[series, series**2])
    scene = look(fitted, "gates", np.c_[series, series**2])
    assert (scene.values["lags"] > 0).all()
    x = fitted.module_.scaling(torch.tensor(np.c_[series, series**2][:60]).to(fitted._like))
    jacobian = torch.autograd.functional.jacobian(
        lambda each: fitted.module_.read_out(fitted.module_.recurrent.look(each[None])[0][0, -1]), x
    )
    ours = lag_curve(fitted.module_, x[None], torch.tensor([60]), classifies=False)
    np.testing.assert_allclose(ours, jacobian.square().sum((0, 2)).sqrt().flip(0).clamp(min=1e-12), rtol=1e-3)


def test_a_forecast_from_any_step_is_the_forecasters_own(series):
    fitted = LSTMForecaster(n_units=5, epochs=3, random_state=0).fit(series)
    scene = look(fitted, "gates", series).set(t=60)  # the last 100 of 149 steps are drawn
    first = 149 - 100 + 60
    np.testing.assert_allclose(
        scene.values["future"], fitted.forecast(25, history=series[: first + 1]), rtol=1e-4, atol=1e-4
    )
    assert _numbers(scene, "next_came") == pytest.approx(series[first + 1], abs=1e-5)


@pytest.mark.slow
def test_the_page_forecasts_as_torch_does(series):
    scene = look(GRUForecaster(n_units=5, epochs=3, random_state=0).fit(series), "gates", series).set(t=60)
    for name, array in run_program(scene).items():
        np.testing.assert_allclose(array, scene.values[name], atol=1e-4, err_msg=name)


def test_a_forecaster_with_controls_hears_those_to_come(series):
    from neurarium.networks._recurrent_series import Driven

    control = np.cos(np.arange(150) / 5)
    fitted = GRUForecaster(n_units=4, epochs=2, random_state=0).fit(series, control=control)
    scene = look(fitted, "gates", Driven(series, control)).set(t=10)
    now = 149 - 100 + 10
    expected = fitted.forecast(25, history=series[: now + 1], control=control[: now + 26])
    np.testing.assert_allclose(scene.values["future"], expected, rtol=1e-4, atol=1e-4)


def test_long_sequences_are_heard_whole_and_drawn_at_their_end():
    X = np.random.default_rng(0).normal(size=(12, 130, 1)).astype(np.float32)
    y = np.repeat([0, 1], 6)
    fitted = GRUClassifier(n_units=70, epochs=1, random_state=0).fit(X, y)
    scene = look(fitted, "gates", X, y)
    assert scene.values["samples"].shape[1] == 100
    assert scene.values["units_by_time"].shape == (64, 100)
    np.testing.assert_allclose(scene.values["said_now"], fitted.predict_proba(X[:1])[0], atol=1e-5)
    assert any("100" in panel.note.en for panel in scene.panels if panel.note)


def test_ragged_sequences_keep_their_own_ends():
    draw = np.random.default_rng(0)
    X = [draw.normal(size=(length, 2)) for length in (4, 7, 5, 6) * 4]
    fitted = RNNClassifier(n_units=4, epochs=1, random_state=0).fit(X, [0, 1] * 8)
    scene = look(fitted, "gates", X)
    for sample in (0, 1):
        changed = scene.set(sample=sample, t=6)
        assert int(changed.values["now"]) == len(X[sample]) - 1
        np.testing.assert_allclose(
            changed.values["said_now"], fitted.predict_proba(X[sample : sample + 1])[0], atol=1e-5
        )


def test_pictures_are_read_row_by_row_and_can_be_drawn():
    X = np.random.default_rng(0).uniform(0, 16, size=(30, 30)).astype(np.float32)
    fitted = LSTMClassifier(view=(6, 5), n_units=4, epochs=1, random_state=0).fit(X, np.arange(30) % 3)
    scene = look(fitted, "gates", X, np.arange(30) % 3).set(picture=X[7].reshape(6, 5), t=2)
    assert scene.values["ink"].min() >= 0
    assert scene.values["ink"].max() <= 1
    assert scene.values["reading"][0].sum(1).tolist() == [0, 0, 5, 0, 0, 0]
    assert _numbers(scene, "final_share") == pytest.approx(fitted.predict_proba(X[7:8]).max(), abs=1e-5)


def test_the_users_own_names_are_shown_letter_for_letter(rows):
    pandas = pytest.importorskip("pandas")
    X, y = rows
    table = pandas.DataFrame(X[:, :, 0], columns=[f"day {number} {HOSTILE}" for number in range(7)])
    fitted = LSTMClassifier(n_units=4, epochs=1, random_state=0).fit(table, y)
    scene = look(fitted, "gates", table, y)
    assert scene.lists["times"][3] == f"day 3 {HOSTILE}"
    assert HOSTILE in scene.lists["classes"]
    assert HOSTILE not in str(scene.form()["panels"])
    assert HOSTILE not in str(scene.form()["sentence"])


def test_without_rows_the_error_says_what_to_give(reader, series):
    with pytest.raises(CannotLook, match="needs sequences to read: pass them as X"):
        look(reader, "gates")
    with pytest.raises(CannotLook, match="needs a series"):
        look(LSTMForecaster(n_units=3, epochs=1, random_state=0).fit(series), "gates")


def test_a_scene_of_a_text_can_be_printed(writer):
    _print(look(writer, "gates", TEXT))


@pytest.mark.slow
def test_scenes_of_rows_and_of_a_series_can_be_printed(reader, rows, series):
    _print(look(reader, "gates", *rows))
    _print(look(LSTMForecaster(n_units=3, epochs=1, random_state=0).fit(series), "gates", series))


def _print(scene):
    import matplotlib.pyplot as plt

    assert scene.plot().axes
    plt.close("all")


def test_the_story_has_its_opening_and_its_examples_are_unfitted():
    assert story(3).startswith(OPENING)
    assert story(3) == story(3) != story(3, seed=1)
    for code in ("RNN", "LSTM", "GRU"):
        estimator, text, answers = gates.example(code)
        assert not hasattr(estimator, "module_")
        assert text.startswith(OPENING)
        assert answers is None
    assert gates.example("P") is None


@pytest.mark.slow
@pytest.mark.parametrize("code", ["RNN", "LSTM", "GRU"])
def test_the_example_learns_what_the_subject_decides(code):
    estimator, text, _ = gates.example(code)
    scene = look(estimator.fit(text), "gates", text)
    names = [scene.lists["seen"][number] for number in scene.values["likely_codes"][:4]]
    assert set(names) == {"laugh", "sing", "sleep", "run"}  # the boys near the dog


def test_a_cell_is_explained_in_steps_that_name_each_part_once(fitted, rows):
    recurrent = fitted.module_.recurrent
    parts = [name for names, _ in steps(recurrent) for name in names]
    assert parts == (parts_of(recurrent) if len(recurrent.cell.seen) > 1 else [])
    if parts:
        scene = look(fitted, "gates", *rows).set(step=2)
        panel = next(each for each in scene.panels if each.title.en == "Step by step")
        assert scene.fill(panel.note, "en").startswith("2. ")
        marked = scene.number(panel.marks[0].highlight)
        assert [parts_of(recurrent)[number] for number in marked.nonzero()[0]] == list(steps(recurrent)[1][0])


def test_every_formula_names_its_own_numbers(fitted):
    for name, line in equations(fitted.module_.recurrent).items():
        assert f"{{{name}:.2f}}" in line


def test_gru_language_models_have_the_look_too():
    fitted = GRULanguageModel(n_units=4, epochs=1, random_state=0).fit("ababab" * 40)
    assert "keeps" in look(fitted, "gates", "abab").told()
