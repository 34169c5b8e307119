"""The training look: the film of a fit against the fit itself, stopped where the film stands."""

import signal
import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, make_moons
from sklearn.metrics import confusion_matrix
from torch.nn.functional import cross_entropy

from found import FOUND, NAMES, rows_for
from neurarium.catalogue import load
from neurarium.core.interruption import FitInterrupted, FitStopped
from neurarium.page.html import document
from neurarium.views.looking import CannotLook, look, looks
from neurarium.views.looks import training
from neurarium.views.training_film import FRAMES, PLACES, film, spaced
from neurarium.views.training_layers import Layers, histograms
from tiny import LineRegressor

BY_STEPS = [name for name in NAMES if hasattr(FOUND[name](), "epochs")]


def nothing(network):
    return {}


def weights(network):
    return {name: each.numpy(force=True).copy() for name, each in network.module_.state_dict().items()}


def fit(kind, X, y=None, **parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on fits that are too short
        estimator = FOUND[kind](random_state=0, **parameters)
        return estimator.fit(X) if y is None else estimator.fit(X, y)


def stopped(kind, step, X, y=None, **parameters):
    """The same fit, left after a step."""
    estimator = FOUND[kind](random_state=0, **parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for report in (steps := estimator.fit_steps(X, y)):
            if report.step == step:
                break
        steps.close()
    return estimator


@pytest.fixture(scope="module")
def moons():
    X, y = make_moons(80, noise=0.2, random_state=0)
    return X, np.array(["upper {moon}", "<b>lower"])[y]


ADAM = {"trainer": "adam", "epochs": 60, "n_hidden": 5, "learning_rate": 0.05, "weight_decay": 0.0}


@pytest.fixture(scope="module")
def adam(moons):
    return fit("FeedForwardClassifier", *moons, **ADAM)


@pytest.fixture(scope="module")
def scene(adam, moons):
    return look(adam, "training", *moons)


@pytest.mark.parametrize("name", BY_STEPS)
def test_every_fit_by_steps_has_a_film_that_ends_with_the_very_weights(name, monkeypatch):
    X, y = rows_for(FOUND[name], n=40)
    fitted = fit(name, X, y, epochs=2)
    before = weights(fitted)
    stream = torch.get_rng_state()
    last = {}

    def watched(fitted, X, y, sight):
        def see(network):
            last.update(weights(network))
            return sight(network)

        return film(fitted, X, y, see)

    monkeypatch.setattr(training, "film", watched)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scene = look(fitted, "training", X, y)
    assert last.keys() == before.keys()
    for key, array in before.items():
        np.testing.assert_array_equal(last[key], array)
        np.testing.assert_array_equal(weights(fitted)[key], array)  # the network given stays as it is
    assert "bit for bit" in scene.told()
    assert torch.equal(torch.get_rng_state(), stream)
    assert 4 <= len(scene.shown()) <= 5
    assert len(scene.values["spread"]) <= FRAMES
    assert np.isfinite(scene.values["now"])
    assert len(scene.lists["layers"]) == scene.values["slopes"].shape[0]


def test_the_end_is_what_the_fit_keeps_of_early_stopping_and_of_a_file(tmp_path):
    X, y = rows_for(FOUND["LSTMClassifier"], n=80)
    fitted = fit("LSTMClassifier", X, y, epochs=8, n_units=4, early_stopping=True, n_iter_no_change=1, tol=0.5)
    assert fitted.n_iter_ < 8
    made = film(fitted, X, y, nothing)
    assert made.same
    assert made.frames[-1].epoch == fitted.n_iter_
    fitted.save(tmp_path / "net.nrm")
    assert film(load(tmp_path / "net.nrm"), X, y, nothing).same


def test_of_a_fit_that_breaks_off_there_is_what_it_kept(moons):
    X, far = moons[0], np.full(len(moons[0]), 1e30)
    wild = FOUND["FeedForwardRegressor"](random_state=0, trainer="adam", epochs=3, learning_rate=1e308)
    with pytest.warns(FitStopped):
        wild.fit(X, X[:, 0])
    with pytest.warns(FitStopped):
        made = film(wild, X, X[:, 0], nothing)
    assert (made.ending, made.same) == ("diverged", True)
    assert all(np.isfinite(frame.spread).all() for frame in made.frames)
    line, X = LineRegressor(epochs=2, random_state=0), X.astype(np.float32)
    with pytest.warns(FitStopped):
        line.fit(X, far)
    with pytest.warns(FitStopped), pytest.raises(CannotLook, match="breaks off in its first step"):
        look(line, "training", X, far)


def test_what_is_solved_in_one_go_has_no_film(moons):
    for name in set(NAMES) - set(BY_STEPS):
        assert not training.can(FOUND[name]())
    solved = fit("ExtremeLearningClassifier", *moons, n_hidden=4)
    assert "training" not in looks(solved)
    with pytest.raises(CannotLook, match="not for a ExtremeLearningClassifier"):
        look(solved, "training", *moons)
    assert not training.can(FOUND["FeedForwardClassifier"]())


def test_it_needs_the_rows_of_the_fit(adam, moons):
    with pytest.raises(CannotLook, match="needs its rows and their answers"):
        look(adam, "training", moons[0])
    with pytest.raises(CannotLook, match="KohonenMap needs its rows: look"):
        look(fit("KohonenMap", moons[0], epochs=1), "training")


def test_other_rows_are_told(adam, moons):
    other = look(adam, "training", moons[0] + 0.1, moons[1])
    assert "other weights than the network has" in other.told()
    assert "otros pesos" in other.told("es")
    assert not film(adam, moons[0] + 0.1, moons[1], nothing).same
    assert film(adam, *moons, nothing).same


def test_however_long_a_fit_is_its_film_is_short():
    for most in (FRAMES - 1, PLACES):
        steps = spaced(10**8, most)
        assert (steps[0], steps[-1]) == (1, 10**8)
        assert len(steps) <= most
    assert spaced(1, 40) == [1]


def test_gradients_are_those_of_autograd_at_the_step(adam, moons):
    X, y = moons
    made = film(adam, X, y, nothing)
    assert made.by_gradient
    assert made.layers == ["inner", "outer"]
    codes = torch.from_numpy(np.searchsorted(adam.classes_, y))
    for number in (3, 12, len(made.frames) - 1):
        step = made.frames[number].step
        module = stopped("FeedForwardClassifier", step - 1, X, y, **ADAM).module_
        loss = cross_entropy(module(torch.from_numpy(X)), codes)
        assert made.frames[number].values[0] == pytest.approx(loss.item(), rel=1e-9)
        for layer, name in enumerate(made.layers):
            part = list(module.get_submodule(name).parameters())
            slopes = torch.cat([each.flatten() for each in torch.autograd.grad(loss, part, retain_graph=True)])
            assert made.frames[number].slopes[layer] == pytest.approx(float(slopes.norm()), rel=1e-9)
            assert made.frames[number - 1].slopes[layer] != pytest.approx(float(slopes.norm()), rel=1e-6)


def test_where_there_are_no_gradients_the_moves_of_the_weights_are_told(moons):
    fitted = fit("PerceptronClassifier", *moons, epochs=30, batch_size=20)
    made = film(fitted, *moons, nothing)
    assert not made.by_gradient
    two = [stopped("PerceptronClassifier", made.frames[n].step, *moons, epochs=30, batch_size=20) for n in (8, 9)]
    span = made.frames[9].step - made.frames[8].step
    moved = torch.cat(
        [(getattr(two[1].module_, each) - getattr(two[0].module_, each)).flatten() for each in ("weight", "bias")]
    )
    assert made.frames[9].moved[0] == pytest.approx(float(moved.norm()) / span)
    titles = [panel.title.en for panel in look(fitted, "training", *moons).panels]
    assert "How far the weights move, by layer" in titles


def test_the_loss_is_the_mean_of_the_steps_between(adam, moons):
    made = film(adam, *moons, nothing)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        losses = [
            float(report.metrics["loss"])
            for report in FOUND["FeedForwardClassifier"](random_state=0, **ADAM).fit_steps(*moons)
        ]
    assert len(losses) == made.frames[-1].step == made.places[-1]
    edges = [0, *made.places]
    means = [np.mean(losses[low:high]) for low, high in zip(edges, made.places, strict=False)]
    np.testing.assert_allclose(np.ravel(made.courses), means, rtol=1e-6)


def test_a_frame_is_the_network_as_it_was_then(scene, moons):
    n = len(scene.values["field"])
    raster = next(mark for panel in scene.panels for mark in panel.marks if type(mark).__name__ == "Raster")
    left, right, low, high = raster.extent
    side = scene.values["field"].shape[1]
    steps = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(left + steps * (right - left), low + steps * (high - low))
    grid = np.column_stack([x.ravel(), y.ravel()])
    fields = []
    for t in (4, n - 1):
        at = scene.set(t=t).values
        network = stopped("FeedForwardClassifier", int(at["step"]), *moons, **ADAM)
        said = np.searchsorted(network.classes_, network.predict(grid))
        np.testing.assert_array_equal(scene.values["field"][t].ravel(), said)
        inner = network.module_.inner.weight.detach().numpy()
        np.testing.assert_allclose(scene.values["weights_0"][t], inner[:16, :16], atol=np.abs(inner).max() / 60)
        fields.append(said)
    assert (fields[0] != fields[1]).any()


def test_confusion_is_sklearns(moons):
    X, y = rows_for(FOUND["PerceptronClassifier"])
    fitted = fit("PerceptronClassifier", X, y, epochs=3)
    table = look(fitted, "training", X, y).values["confusion"][-1]
    np.testing.assert_allclose(table, confusion_matrix(y, fitted.predict(X), normalize="true"), atol=1e-3)


def test_what_is_seen_at_the_end_is_what_the_fitted_network_says():
    X = np.random.default_rng(0).normal(size=(40, 4)) @ np.diag([3.0, 1, 1, 1])
    back = fit("Autoencoder", X, epochs=2)
    rows = X[:6]
    missed = look(back, "training", X).values["back"][-1]
    np.testing.assert_allclose(missed, back.reconstruct(rows) - rows, atol=5e-3)
    net = fit("KohonenMap", X[:, :2], epochs=2, size=(3, 4))
    shown = look(net, "training", X[:, :2])
    np.testing.assert_allclose(shown.values["knot_x"], net.codebook_.reshape(-1, 2)[:, 0], atol=1e-5)
    one, other = net.links()[0].T
    lines = net.codebook_.reshape(-1, 2)[np.stack([one, other], 1)][..., 1]
    np.testing.assert_allclose(shown.values["net_y"].reshape(-1, 3)[:, :2], lines, atol=1e-5)
    assert np.isnan(shown.values["net_y"][2::3]).all()


def test_numbers_are_seen_along_a_column_over_a_plane_and_against_what_is_right():
    chance = np.random.default_rng(0)
    for columns, name in ((1, "curve"), (2, "field"), (3, "said")):
        X = chance.normal(size=(40, columns))
        fitted = fit("FeedForwardRegressor", X, X.sum(1) ** 2, n_hidden=3, epochs=4)
        scene = look(fitted, "training", X, X.sum(1) ** 2)
        asked = {1: scene.values.get("line", X)[:, None], 3: X}.get(columns)
        if columns == 2:
            raster = next(mark for panel in scene.panels for mark in panel.marks if type(mark).__name__ == "Raster")
            left, right, low, high = raster.extent
            n = scene.values["field"].shape[1]
            steps = (np.arange(n) + 0.5) / n
            asked = np.stack(np.meshgrid(left + steps * (right - left), low + steps * (high - low)), -1).reshape(-1, 2)
        said = fitted.predict(asked)
        np.testing.assert_allclose(scene.values[name][-1].ravel(), said, atol=2e-3 * np.abs(said).max())


def test_weights_of_rows_that_are_pictures_are_pictures():
    digits = load_digits()
    images = digits.images[:60] / 16
    fitted = fit("Autoencoder", images, epochs=1)
    scene = look(fitted, "training", images)
    first = fitted.module_.encoder.maps[0].weight.detach().numpy().reshape(-1, 8, 8)
    shown = scene.values["weights_0"][-1]
    units = np.linspace(0, len(first) - 1, len(shown)).round().astype(int)
    np.testing.assert_allclose(shown, first[units], atol=np.abs(scene.values["limits_0"]).max() / 250)
    back = scene.values["back"][-1]
    np.testing.assert_allclose(back[:6], images[:6], atol=1e-3)
    np.testing.assert_allclose(back[6:], fitted.reconstruct(images[:6]), atol=5e-3)


def test_samples_forecasts_and_texts_are_those_of_the_networks_verbs():
    X = np.random.default_rng(0).normal(size=(40, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        players = fit("GenerativeAdversarialNetwork", X, epochs=2)
        drawn = look(players, "training", X).values["drawn"][-1]
        np.testing.assert_allclose(drawn.T, players.sample(120, random_state=0).reshape(120, 2), atol=2e-3)
    series = np.sin(np.arange(120) / 3)
    going = fit("GRUForecaster", series, epochs=2)
    ahead = look(going, "training", series).values["ahead"][-1]
    np.testing.assert_allclose(ahead, [series[-48:], going.forecast(48, history=series[:-48])], atol=2e-3)
    text = "the cat sat on the mat. " * 20
    writer = fit("RNNLanguageModel", text, epochs=2)
    shown = look(writer, "training", text)
    letters = [shown.lists["letters"][code] for code in shown.values["written"][-1]]
    assert "".join(letters) == writer.sample(60, random_state=0)


def test_histograms_are_numpys_and_hold_all_weights():
    chance = np.random.default_rng(0)
    weights = [chance.normal(size=4000), np.zeros(10), chance.uniform(-1, 1, 300)]
    spread = np.stack([np.quantile(each, np.linspace(0, 1, 65)) for each in weights])[None]
    middles, shares = histograms(spread)
    np.testing.assert_allclose(shares.sum(-1), 1)
    width = middles[1] - middles[0]
    edges = np.append(middles - width / 2, middles[-1] + width / 2)
    for number in (0, 2):
        counted = np.histogram(weights[number].clip(edges[0], edges[-1]), edges)[0] / len(weights[number])
        np.testing.assert_allclose(shares[0, number], counted, atol=0.012)
    assert shares[0, 1].max() == 1


def test_of_deep_networks_layers_evenly_from_first_to_last_are_drawn():
    deep = torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(11)])
    assert Layers(deep).names == ["0", "2", "4", "6", "8", "10"]
    assert list(Layers(deep).shown) == ["0.weight", "4.weight", "10.weight"]


def test_ctrl_c_ends_the_film_after_the_step(adam, moons):
    frames = []

    def see(network):
        frames.append(network)
        if len(frames) == 5:
            signal.raise_signal(signal.SIGINT)
        return {}

    with pytest.warns(FitInterrupted):
        made = film(adam, *moons, see)
    assert made.ending == "interrupted"
    assert not made.same
    assert made.frames[-1].step < adam.n_iter_
    assert "interrupted" in training.panels.told(adam, made).en


def test_it_is_drawn_on_paper_and_its_page_is_small(scene):
    assert len(scene.plot().axes) >= len(scene.shown())
    assert len(document([scene])) < 300_000
    assert "<b>lower" not in str(scene.form()["panels"]) + str(scene.form()["sentence"])
