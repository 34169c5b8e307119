"""The look "memory": slopes are autograd's, scores are numpy's, and a planted unit is found where chance finds none."""

import numpy as np
import pytest
import torch

from neurarium.networks.feed_forward import FeedForwardClassifier
from neurarium.networks.gru import GRUClassifier, GRUForecaster, GRURegressor
from neurarium.networks.lstm import LSTMClassifier, LSTMForecaster, LSTMLanguageModel
from neurarium.networks.recurrent import RNNClassifier, RNNLanguageModel
from neurarium.views.looking import CannotLook, look
from neurarium.views.looks import memory
from neurarium.views.memory_rank import between, reach, standing_out, told_apart
from neurarium.views.memory_story import story
from views.running import program_of, run_program

HOSTILE = "<img onerror=alert(1)>"
SAID = "a dog. «a cat runs». the cat. «the dog waits». a cat sleeps. «a dog». the dog runs by. " * 12
READ = SAID[:300]


@pytest.fixture(scope="module")
def rows():
    X = np.random.default_rng(0).normal(size=(30, 9, 3)).astype(np.float32)
    return X, np.where(X[:, 2, 0] > 0, "up", HOSTILE)


@pytest.fixture(scope="module")
def series():
    draw = np.random.default_rng(0)
    return np.c_[np.sin(np.arange(150) / 3), np.cos(np.arange(150) / 5)] + 0.1 * draw.normal(size=(150, 2))


@pytest.fixture(scope="module")
def writer():
    return LSTMLanguageModel(n_units=6, n_embedding=4, n_layers=2, epochs=1, random_state=0).fit(SAID)


@pytest.fixture(scope="module")
def planted():
    """Unit 2 is 1 from « to the symbol before », exactly; the others hear other numbers, and nobody hears it."""
    fitted = RNNLanguageModel(n_units=8, n_embedding=5, activation="relu", epochs=1, random_state=0).fit(SAID)
    layer, embed = fitted.module_.recurrent.layers[0], fitted.module_.embed.weight
    vocabulary = list(fitted.vocabulary_)
    with torch.no_grad():
        embed[:, 0] = 0
        embed[vocabulary.index("«"), 0], embed[vocabulary.index("»"), 0] = 1, -1
        layer.W[:, 0], layer.W[2] = 0, torch.tensor([1.0, 0, 0, 0, 0])
        layer.U[:, 2], layer.U[2], layer.b[2], layer.U[2, 2] = 0, 0, 0, 1
    return fitted


def _between_quotes(fitted, scene):
    symbols = list(fitted.vocabulary_)
    return scene.set(marking=1, opened=symbols.index("«"), closed=symbols.index("»"))


CELLS = [
    (LSTMClassifier, {"variant": "forget", "n_layers": 2}),
    (GRUClassifier, {"reset": "after"}),
    (RNNClassifier, {"activation": "tanh"}),
    pytest.param((LSTMClassifier, {"variant": "1997"}), marks=pytest.mark.slow),
    pytest.param((LSTMClassifier, {"variant": "peephole"}), marks=pytest.mark.slow),
    pytest.param((GRUClassifier, {"reset": "before", "n_layers": 2}), marks=pytest.mark.slow),
    pytest.param((RNNClassifier, {"activation": "relu", "n_layers": 2}), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("cells", CELLS, ids=str)
def test_slopes_are_those_of_autograd(cells, rows):
    kind, settings = cells
    fitted = kind(n_units=5, epochs=1, random_state=0, **settings).fit(*rows)
    opened, module = look(fitted, "memory", *rows), fitted.module_.eval()
    for t, asked in ((8, 0), (5, 2), (0, 3)):
        scene = opened.set(t=t, asked=asked)
        answer = int(scene.values["answer"])
        assert asked < 2 or answer == asked - 2
        x = module.scaling(torch.from_numpy(opened.constants["samples"][0])).detach().requires_grad_()
        score = module.read_out(module.recurrent.look(x[None, : t + 1])[0][0, -1])[answer]
        score.backward()
        np.testing.assert_allclose(scene.values["slopes"], x.grad.T.numpy(), atol=1e-5)
        sizes = x.grad.norm(dim=1).numpy()
        np.testing.assert_allclose(scene.values["connectivity"][: t + 1], sizes[: t + 1], atol=1e-5)
        assert np.isnan(scene.values["connectivity"][t + 1 :]).all()
        assert sizes[t] > 0 or getattr(fitted, "activation", "") == "relu"  # which may be dead


def test_slopes_of_a_text_are_those_of_autograd(writer):
    opened = look(writer, "memory", READ)
    codes = torch.from_numpy(opened.values["text"][: int(opened.values["text_length"])])
    module = writer.module_.eval()
    for t, symbol in ((len(codes) - 1, "."), (20, "d")):
        number = list(writer.vocabulary_).index(symbol)
        scene = opened.set(t=t, asked=int(opened.module.n_likely) + number)
        e = module.embed(torch.cat([torch.zeros(1, dtype=torch.long), codes])).detach().requires_grad_()
        module.read_out(module.recurrent.look(e[None, : t + 2])[0][0, -1])[number].backward()
        np.testing.assert_allclose(scene.values["slopes"][:, : len(codes)], e.grad[1:].T.numpy(), atol=1e-5)
        assert f"“{symbol}”" in scene.told()
        assert f"«{symbol}»" in scene.told("es")


def test_slopes_of_a_forecast_are_those_of_autograd(series):
    fitted = GRUForecaster(n_units=4, epochs=1, random_state=0).fit(series)
    opened, module = look(fitted, "memory", series), fitted.module_
    x = module.scaling(torch.tensor(series[:-1]).to(fitted._like)).detach()
    for feature in (0, 1):
        scene, heard = opened.set(t=70, feature=feature), x.clone().requires_grad_()
        last = len(x) - 100 + 70
        h = module.recurrent.look(heard[None, : last + 1])[0][0, -1]
        (module.direct(heard[last]) + module.read_out(h))[feature].backward()
        np.testing.assert_allclose(scene.values["slopes"], heard.grad[-100:].T.numpy(), atol=1e-5)


def test_scores_are_correlations():
    draw = np.random.default_rng(0)
    states, marked = draw.normal(size=(40, 6)).astype(np.float32), draw.uniform(size=40) < 0.3
    states[:, 3] = 5  # a unit that never moves
    there = np.arange(40) < 33
    found = standing_out(*(torch.tensor(each, dtype=torch.float32) for each in (states, marked, there)), 4)
    fits = [np.corrcoef(states[:33, unit], marked[:33])[0, 1] if unit != 3 else 0 for unit in range(6)]
    np.testing.assert_allclose(found["fits"], fits, atol=1e-5)
    order = np.argsort(-np.abs(fits), kind="stable")[:4]
    assert found["best_units"].tolist() == order.tolist()
    shifted = [
        max(abs(np.corrcoef(states[:33, unit], np.roll(marked[:33], k))[0, 1]) for unit in (0, 1, 2, 4, 5))
        for k in range(1, 33)
    ]
    assert int(found["rivals"]) == sum(each >= np.abs(fits).max() for each in shifted)
    assert int(found["shifts"]) == 32


def test_a_unit_is_on_where_it_lies_on_the_marked_side():
    state = torch.tensor([3.0, 4, 0, 1, 3.5, 0])
    told = told_apart(state, torch.tensor([1.0, 1, 1, 0, 0, 0]), torch.tensor([1.0, 1, 1, 1, 1, 0]))
    told = {name: each.item() for name, each in told.items()}
    assert told["mean_in"] == pytest.approx(7 / 3)
    assert told["mean_out"] == pytest.approx(2.25)
    assert (told["on_inside"], told["on_outside"]) == (pytest.approx(2 / 3), 0.5)


def test_what_lies_between_two_symbols_is_marked():
    symbols = torch.tensor([1, 5, 2, 2, 6, 3, 5, 6, 5, 1])
    assert between(symbols, torch.tensor(5), torch.tensor(6)).tolist() == [0, 1, 1, 1, 0, 0, 1, 0, 1, 1]
    assert between(symbols, torch.tensor(5), torch.tensor(5)).tolist() == [0, 1, 1, 1, 1, 1, 0, 0, 1, 1]


def test_half_of_all_lies_in_the_last_steps():
    found = reach(torch.tensor([1.0, 4, 1, 2, 1, 0]), torch.tensor(4))
    assert {name: each.item() for name, each in found.items()} == {"since": 1, "strongest": 1}
    assert reach(torch.tensor([0.0, 1, 9]), torch.tensor(2))["since"].item() == 2


def test_a_planted_unit_is_found_first(planted):
    scene = _between_quotes(planted, look(planted, "memory", READ))
    values = scene.values
    assert values["best_units"][0] == 2
    assert values["best_fits"][0] == pytest.approx(1, abs=1e-5)
    assert (int(values["rivals"]), int(values["verdict"])) == (0, 2)
    assert (float(values["on_inside"]), float(values["on_outside"])) == (1, 0)
    np.testing.assert_array_equal(values["state"], values["marked"])
    assert float(values["fit_further"]) == pytest.approx(1, abs=1e-5)
    assert int(values["best_further"]) == 2
    assert "it stands out" in scene.told()
    assert "destaca" in scene.told("es")
    assert np.abs(values["best_fits"][1:]).max() < 0.9


def test_at_random_places_nothing_stands_out(planted):
    opened = look(planted, "memory", READ)
    n, found = int(opened.values["text_length"]), []
    for first in np.random.default_rng(0).choice(n - 12, 4, replace=False):
        values = opened.set(marking=0, first=int(first), length=12).values
        found.append(int(values["verdict"]))
        assert abs(values["best_fits"][0]) < 0.9
    assert found.count(2) <= 1
    scattered = torch.from_numpy(np.random.default_rng(1).uniform(size=n) < 0.2).float()
    with torch.no_grad():
        heard = planted.module_.embed(torch.from_numpy(opened.values["text"][None, :n]))
        states = planted.module_.recurrent.look(heard)[0][0]
    values = standing_out(states, scattered, torch.ones(n), 4)
    assert int(values["verdict"]) == 1
    assert abs(values["best_fits"][0]) < 0.5


def test_chance_stands_out_as_rarely_as_promised():
    """Slow units fit a random span well by their correlation alone; the shifts know it."""
    draw, alarms, high = np.random.default_rng(0), 0, 0
    for _ in range(100):
        states = np.zeros((100, 30), np.float32)
        for t in range(1, 100):
            states[t] = 0.95 * states[t - 1] + draw.normal(size=30)
        marked = np.zeros(100, np.float32)
        first = draw.integers(80)
        marked[first : first + 20] = 1
        found = standing_out(*map(torch.from_numpy, (states, marked, np.ones_like(marked))), 1)
        alarms += int(found["verdict"]) == 2
        high += abs(found["best_fits"].item()) > 0.5
    assert alarms <= 10  # 5 on average
    assert high >= 80


def test_nothing_or_everything_marked_says_so(planted):
    opened = look(planted, "memory", READ)
    for first, length in ((len(opened.values["text"]) - 1, 1), (0, len(opened.values["text"]))):
        scene = opened.set(marking=0, first=first, length=length)
        assert int(scene.values["verdict"]) == 0
        assert "mark some places, and not all" in scene.told()


def test_a_unit_is_chosen_by_its_rank_or_by_its_number(writer):
    opened = look(writer, "memory", READ)
    assert opened.lists["units"][6:8] == ["2.0", "2.1"]
    n, module = int(opened.values["text_length"]), writer.module_.eval()
    codes = torch.from_numpy(opened.values["text"][None, :n])
    with torch.no_grad():
        heard = module.embed(torch.nn.functional.pad(codes, (1, 0)))
        layers = module.recurrent.look(heard)[1]
    for part, name in enumerate(("hidden", "cell")):
        states = torch.cat([layer[name] for layer in layers], 2)[0, 1:].numpy()
        values = opened.set(part=part, unit=(3, opened.module.n_best + 7)[part]).values
        assert values["chosen"] == (values["best_units"][3], 7)[part]
        np.testing.assert_allclose(values["state"][:n], states[:, values["chosen"]], atol=1e-5)


def test_a_shorter_text_ends_where_it_ends(writer):
    opened = look(writer, "memory", READ)
    short = opened.set(text=writer._vocabulary().encode("«a cat»"), first=1, length=2)
    assert int(short.values["now"]) == 6
    assert np.isnan(short.values["connectivity"][7:]).all()
    assert (short.values["state"][7:] == 0).all()
    assert int(short.values["shifts"]) == 6
    assert int(short.values["verdict"]) == 1  # no seven steps can be rarer than one in twenty


def test_a_text_opens_where_its_first_quotes_are():
    text = "x y z. " * 60 + 'then "no" she says, and "yes". ' * 20
    fitted = RNNLanguageModel(n_units=4, epochs=1, random_state=0).fit(text)
    scene = look(fitted, "memory", text)
    read = fitted._vocabulary().decode(scene.values["text"][: int(scene.values["text_length"])].tolist())
    assert read in text
    assert '"no"' in read
    assert int(scene.values["marking"]) == 1
    marked = [symbol for symbol, on in zip(read, scene.values["marked"], strict=False) if on]
    assert "".join(marked).startswith('"no"yes')


def test_without_a_text_a_model_reads_what_it_writes(writer):
    assert int(look(writer, "memory").values["text_length"]) > 48


def test_pictures_are_read_row_by_row():
    X = np.random.default_rng(0).uniform(0, 16, size=(20, 30)).astype(np.float32)
    fitted = LSTMClassifier(view=(6, 5), n_units=4, epochs=1, random_state=0).fit(X, np.arange(20) % 3)
    scene = look(fitted, "memory", X, np.arange(20) % 3).set(picture=X[7].reshape(6, 5), t=2)
    np.testing.assert_array_equal(scene.values["over"][0], scene.values["slopes"].T)
    assert (scene.values["over"][0][3:] == 0).all()
    assert (np.abs(scene.values["over"][0][:3]).sum(1) > 0).all()
    assert scene.set(t=5).values["likely"][0] == pytest.approx(fitted.predict_proba(X[7:8]).max(), abs=1e-5)


def test_regressors_answer_with_numbers(rows):
    X, _ = rows
    one = GRURegressor(n_units=4, epochs=1, random_state=0).fit(X, X[:, 0, 0])
    scene = look(one, "memory", X)
    assert float(scene.values["answer_share"]) == pytest.approx(float(one.predict(X[:1])[0]), abs=1e-5)
    two = GRURegressor(n_units=4, epochs=1, random_state=0).fit(X, X[:, 0, :2])
    scene = look(two, "memory", X).set(asked=1)
    assert float(scene.values["answer_share"]) == pytest.approx(float(two.predict(X[:1])[0, 1]), abs=1e-5)
    assert "y2" in scene.told()


def test_the_users_own_names_are_shown_letter_for_letter(rows):
    scene = look(GRUClassifier(n_units=4, epochs=1, random_state=0).fit(*rows), "memory", *rows)
    assert HOSTILE in scene.lists["classes"]
    assert HOSTILE not in str(scene.form()["panels"])
    assert HOSTILE not in str(scene.form()["sentence"])


def test_networks_without_known_cells_do_not_have_the_look(rows):
    X, y = rows
    assert not memory.can(FeedForwardClassifier(epochs=1).fit(X[:, 0], y))
    assert not memory.can(LSTMClassifier())
    with pytest.raises(CannotLook, match="needs a series"):
        look(LSTMForecaster(n_units=3, epochs=1, random_state=0).fit(X[0]), "memory")


@pytest.mark.slow
def test_the_page_computes_what_torch_does(rows):
    opened = look(GRUClassifier(n_units=4, epochs=1, random_state=0).fit(*rows), "memory", *rows)
    _check_program(opened, [{}, {"t": 3, "asked": 3, "first": 1, "length": 4, "unit": 2}])


@pytest.mark.slow
def test_the_page_computes_what_torch_does_with_a_text(writer):
    opened = look(writer, "memory", READ)
    _check_program(opened, [{}, {"t": 9, "asked": 14, "marking": 1, "part": 0}, {"text": [3, 4, 5, 6], "unit": 12}])


@pytest.mark.slow
def test_the_page_computes_what_torch_does_with_a_series(series):
    opened = look(LSTMForecaster(n_units=4, variant="peephole", epochs=1, random_state=0).fit(series), "memory", series)
    _check_program(opened, [{}, {"t": 30, "feature": 1, "part": 0}])


def _check_program(opened, settings):
    program = program_of(opened)
    for options in settings:
        scene = opened.set(**options)
        for name, array in run_program(scene, program).items():
            np.testing.assert_allclose(array, scene.values[name], atol=1e-5, rtol=1e-5, err_msg=name)


@pytest.mark.slow
def test_scenes_can_be_printed(writer, rows, series):
    import matplotlib.pyplot as plt

    for scene in (
        look(writer, "memory", READ),
        look(GRUClassifier(n_units=4, epochs=1, random_state=0).fit(*rows), "memory", *rows),
        look(GRUForecaster(n_units=4, epochs=1, random_state=0).fit(series), "memory", series),
    ):
        assert scene.plot().axes
        plt.close("all")


def test_the_story_closes_what_it_opens_and_its_examples_are_unfitted():
    text = story(200)
    assert text.count('"') % 2 == 0
    assert text == story(200) != story(200, seed=1)
    for code in ("RNN", "LSTM", "GRU"):
        estimator, read, answers = memory.example(code)
        assert not hasattr(estimator, "module_")
        assert '"' in read
        assert answers is None
    assert memory.example("P") is None


@pytest.mark.slow
def test_an_lstm_of_the_story_has_a_quote_cell():
    estimator, text, _ = memory.example("LSTM")
    scene = look(estimator.fit(text), "memory", text)
    assert abs(scene.values["best_fits"][0]) > 0.75
    assert int(scene.values["verdict"]) == 2
    assert abs(scene.values["fit_further"]) > 0.75
    assert int(scene.values["best_further"]) == int(scene.values["best_units"][0])
