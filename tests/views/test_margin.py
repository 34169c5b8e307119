"""The margin look: its numbers against the estimators', and its fits against theirs."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris, make_moons
from sklearn.linear_model import Ridge

from neurarium.catalogue import estimators
from neurarium.core.batches import Batch
from neurarium.page.controls import Button
from neurarium.rules.perceptron import Perceptron
from neurarium.views.looking import CannotLook, look
from neurarium.views.looks import margin
from neurarium.views.margin_plane import CAPACITY
from views.running import program_of, run_program

KINDS = estimators()
NAMES = np.array(["<img onerror=alert(1)>", "lower {moon}"])


@pytest.fixture(scope="module")
def moons():
    X, y = make_moons(60, noise=0.2, random_state=0)
    return X, NAMES[y]


@pytest.fixture(scope="module")
def flowers():
    iris = load_iris()
    return iris.data, iris.target_names[iris.target]


@pytest.fixture(scope="module")
def fitted(moons, flowers):
    (X, y), (F, f) = moons, flowers
    apart = f != "virginica"
    return {
        "FF": KINDS["FeedForwardClassifier"](n_hidden=4, epochs=20, random_state=0).fit(X, y),
        "ELM": KINDS["ExtremeLearningClassifier"](n_hidden=12, random_state=0).fit(X, y),
        "RBF": KINDS["RadialBasisClassifier"](n_centers=8, random_state=0).fit(F[:, :2], f),
        "P": KINDS["PerceptronClassifier"](answer="last", random_state=0, epochs=1000).fit(F[apart, :2], f[apart]),
        "P3": KINDS["PerceptronClassifier"](random_state=0).fit(F, f),
        "numbers": KINDS["FeedForwardRegressor"](n_hidden=4, epochs=10, random_state=0).fit(F[:, :3], F[:, 3]),
        "curve": KINDS["ExtremeLearningRegressor"](n_hidden=10, random_state=0).fit(X[:, :1], X[:, 1]),
        "deaf curve": KINDS["FeedForwardRegressor"](n_hidden=3, epochs=10, random_state=0).fit(X[:, :1], X[:, 1]),
    }


@pytest.fixture(scope="module")
def scenes(fitted, moons, flowers):
    (X, y), (F, f) = moons, flowers
    apart = f != "virginica"
    shown = {
        "FF": (X, y), "ELM": (X, y), "RBF": (F[:, :2], f), "P": (F[apart, :2], f[apart]), "P3": (F, f),
        "numbers": (F[:, :3], F[:, 3]), "curve": (X[:, :1], X[:, 1]), "deaf curve": (X[:, :1], X[:, 1]),
    }  # fmt: skip
    return {name: look(fitted[name], "margin", *rows) for name, rows in shown.items()}


def places(scene):
    """The places of the surface, the lowest row first."""
    raster = next(mark for panel in scene.panels for mark in panel.marks if type(mark).__name__ == "Raster")
    n = len(scene.values["surface"])
    left, right, low, high = raster.extent
    steps = (np.arange(n) + 0.5) / n
    x, y = np.meshgrid(left + steps * (right - left), low + steps * (high - low))
    return np.column_stack([x.ravel(), y.ravel()])


def press(scene, name):
    """The scene after a button."""
    button = next(each for each in scene.controls if isinstance(each, Button) and each.name == name)
    return scene.set(**{state: scene.values[array] for state, array in button.sets.items()})


def moved(scene, seed=1):
    """The scene with its points shaken, one taken away and one added."""
    xy, group, used = (scene.values[f"points_{each}"] for each in ("xy", "group", "used"))
    n = int(used.sum())
    shaken = xy[1:n] + np.random.default_rng(seed).normal(0, 0.1, (n - 1, 2)).astype(np.float32)
    return scene.set(points=(np.vstack([shaken, [[0.3, 0.1]]]), np.append(group[1:n], 0)))


def points(scene):
    """The points that are there and their classes."""
    used = scene.values["points_used"] > 0
    return scene.values["points_xy"][used], scene.values["points_group"][used]


def test_it_is_for_classifiers_and_regressors_of_tables(fitted, moons, flowers):
    assert all(margin.can(each) for each in fitted.values())
    assert not margin.can(KINDS["KohonenMap"](random_state=0, epochs=1).fit(moons[0]))
    assert not margin.can(KINDS["FeedForwardClassifier"]())
    assert not margin.can(KINDS["ExtremeLearningClassifier"](n_hidden=4).fit(moons[0][:, :1], moons[1]))
    sequences = flowers[0][:, :, None]
    assert not margin.can(KINDS["EchoStateClassifier"](random_state=0).fit(sequences, flowers[1]))


@pytest.mark.parametrize("name", ["FF", "ELM"])
def test_of_two_classes_the_surface_is_the_lead_of_the_first(scenes, fitted, name):
    shares = fitted[name].predict_proba(places(scenes[name]))
    np.testing.assert_allclose(scenes[name].values["surface"].ravel(), shares[:, 0] - shares[:, 1], atol=1e-5)


def test_of_three_classes_the_surface_is_the_answer_and_the_leads_are_pictures(scenes, fitted):
    scene, network = scenes["RBF"], fitted["RBF"]
    answers = np.searchsorted(network.classes_, network.predict(places(scene)))
    assert (scene.values["surface"].ravel() == answers).mean() > 0.999  # a place on the border may fall either way
    shares = network.predict_proba(places(scene)).T.reshape(3, *scene.values["surface"].shape)
    lead = shares[1] - np.maximum(shares[0], shares[2])
    np.testing.assert_allclose(scene.values["leads"][1], lead[::2, ::2][::-1], atol=1e-5)


def test_mistakes_are_the_points_that_predict_gets_wrong(scenes, fitted):
    for name in ("FF", "ELM", "RBF", "P"):
        scene = moved(scenes[name])
        xy, group = points(scene)
        wrong = np.searchsorted(fitted[name].classes_, fitted[name].predict(xy)) != group
        np.testing.assert_array_equal(scene.values["wrong"][: len(xy)], wrong)
        assert scene.values["mistakes"] == wrong.sum()
        assert scene.values["asked"] == len(xy)
        assert str(int((~wrong).sum())) in scene.told()
        assert str(int((~wrong).sum())) in scene.told("es")


def test_the_answer_at_the_place_is_the_networks(scenes, fitted):
    for name in ("FF", "RBF"):
        scene = scenes[name].set(place=(1.0, 0.5) if name == "FF" else (5.0, 3.0))
        np.testing.assert_allclose(
            scene.values["said"], fitted[name].predict_proba(scene.values["place"][None])[0], atol=1e-5
        )


def test_what_the_units_add_is_the_score(scenes, fitted):
    scene = scenes["FF"].set(place=(0.5, 0.25))
    outer = fitted["FF"].module_.outer
    scores = fitted["FF"].module_(torch.tensor([[0.5, 0.25]], dtype=torch.float64))[0].detach().numpy()
    bias = outer.bias.detach().numpy()
    np.testing.assert_allclose(scene.values["added"].sum() + bias[0] - bias[1], scores[0] - scores[1], atol=1e-5)


def test_a_units_map_is_what_its_stage_says(scenes, fitted, moons):
    n = len(scenes["FF"].values["small_x"])
    x, y = np.meshgrid(scenes["FF"].values["small_x"], scenes["FF"].values["small_y"])
    hidden = fitted["FF"].stages(np.column_stack([x.ravel(), y.ravel()]))["hidden"]
    np.testing.assert_allclose(scenes["FF"].values["maps"][2].ravel(), hidden[:, 2], atol=1e-5)
    np.testing.assert_array_equal(scenes["FF"].values["pictures"][:, 0], scenes["FF"].values["maps"][:, n - 1])


def test_the_bent_grid_is_a_layer_along_its_two_main_axes(scenes, fitted):
    scene = scenes["FF"]
    names = list(scene.lists["layers"])
    hidden = [getattr(each, "en", each) for each in names].index("hidden units")
    bent = scene.set(layer=hidden).values
    xy = points(scene)[0]
    there = np.column_stack([bent["there_x"], bent["there_y"]])[: len(xy)]
    values = fitted["FF"].stages(np.vstack([xy, scene_grid(scene)]))["hidden"]
    grid = values[len(xy) :] - values[len(xy) :].mean(0)
    axes = np.linalg.svd(grid, full_matrices=False)[2][:2]
    flat = (values[: len(xy)] - values[len(xy) :].mean(0)) @ axes.T
    np.testing.assert_allclose(
        distances(there) / distances(there).max(), distances(flat) / distances(flat).max(), atol=1e-4
    )
    start = scene.set(layer=0).values
    assert np.abs(start["bent_x"]).max() == pytest.approx(1)
    assert np.ptp(start["bent_y"][0]) < 1e-6


def scene_grid(scene):
    """The places of the lines of the grid."""
    low, high = (np.array(getattr(scene.controls[1], end)) for end in ("low", "high"))
    along, across = np.linspace(0, 1, 25), np.linspace(0, 1, 13)
    one = np.array([(a, b) for b in across for a in along])
    return low + np.vstack([one, one[:, ::-1]]) * (high - low)


def distances(xy):
    return np.linalg.norm(xy[:, None] - xy, axis=-1)


@pytest.mark.parametrize("name", ["ELM", "RBF"])
def test_fitting_again_from_the_rows_themselves_gives_the_fit(scenes, name):
    before, after = scenes[name].values, scenes[name].set(again=True).values
    for each in ("said", "surface"):
        np.testing.assert_allclose(after[each], before[each], atol=1e-4)


@pytest.mark.parametrize("name", ["ELM", "RBF"])
def test_fitting_again_from_moved_points_is_ridge_regression(scenes, fitted, name):
    scene = moved(scenes[name]).set(again=True)
    xy, group = points(scene)
    network, asked = fitted[name].module_, torch.from_numpy(places(scene))
    with torch.no_grad():
        features, there = (network.features(each.double()).numpy() for each in (torch.from_numpy(xy), asked))
    penalty = fitted[name].ridge_ * ((features - features.mean(0)) ** 2).sum() / features.shape[1]
    scores = Ridge(penalty).fit(features, np.eye(len(fitted[name].classes_))[group]).predict(there)
    shares = fitted[name]._probabilities(torch.from_numpy(scores)).numpy()
    if name == "ELM":
        np.testing.assert_allclose(scene.values["surface"].ravel(), shares[:, 0] - shares[:, 1], atol=1e-4)
    else:
        assert (scene.values["surface"].ravel() == scores.argmax(1)).mean() > 0.999


def test_a_curve_is_fitted_again_from_its_points(scenes, fitted, moons):
    scene = scenes["curve"]
    line = scene.values["grid_x"][:, None]
    np.testing.assert_allclose(scene.values["curve"], fitted["curve"].predict(line), atol=1e-5)
    np.testing.assert_allclose(scene.set(again=True).values["curve"], scene.values["curve"], atol=1e-4)
    terms = scene.values["terms"].sum(0) + fitted["curve"].module_.read_out.bias.item()
    np.testing.assert_allclose(terms, scene.values["curve"], atol=1e-4)
    scene = moved(scene).set(again=True)
    xy, _ = points(scene)
    with torch.no_grad():
        features, there = (
            fitted["curve"].module_.features(torch.from_numpy(each).double()).numpy() for each in (xy[:, :1], line)
        )
    penalty = fitted["curve"].ridge_ * ((features - features.mean(0)) ** 2).sum() / features.shape[1]
    np.testing.assert_allclose(scene.values["curve"], Ridge(penalty).fit(features, xy[:, 1]).predict(there), atol=1e-4)


def test_with_no_points_left_a_fit_answers_evenly(scenes):
    scene = scenes["ELM"].set(points=(np.zeros((0, 2)), np.zeros(0)), again=True)
    assert np.isfinite(scene.values["surface"]).all()
    assert np.ptp(scene.values["surface"]) == 0


def test_the_perceptrons_steps_are_those_of_its_rule(scenes, fitted):
    scene = press(scenes["P"], "fresh")
    xy, group = points(scene)
    pressed = 0
    while not scene.values["done"]:
        scene, pressed = press(scene, "step"), pressed + 1
    module = type(fitted["P"].module_)(2, 2, averaged=False).double()
    module.scale.load_state_dict(fitted["P"].module_.scale.state_dict())
    rule = Perceptron(module)
    batch = Batch(torch.from_numpy(xy).double(), torch.from_numpy(group))
    while True:
        rule.step(batch)
        if rule.end_pass():
            break
    np.testing.assert_allclose(scene.values["weight"], module.weight.numpy(), atol=1e-4)
    np.testing.assert_allclose(scene.values["bias"], module.bias.numpy(), atol=1e-4)
    assert pressed == rule.mistakes == scene.values["updates"] <= scene.values["bound"] < np.inf
    assert scene.values["mistakes"] == 0
    assert scene.values["kept_trace"][pressed:].max() == 0 < scene.values["kept_trace"][:pressed].min()
    again = press(scene, "step")
    assert (again.values["weight"] == scene.values["weight"]).all()
    assert again.values["updates"] == pressed
    back = press(scene, "back")
    np.testing.assert_array_equal(back.values["weight"], fitted["P"].module_.weight.numpy())


def test_the_weights_point_across_the_line_to_the_first_class(scenes, fitted):
    values = scenes["P"].values
    start = np.array([values["from_x"][0], values["from_y"][0]])
    end = np.array([values["to_x"][0], values["to_y"][0]])
    lead = -fitted["P"].decision_function([start, end])
    assert abs(lead[0]) < 1e-5 < lead[1]
    assert values["s"] == pytest.approx(-fitted["P"].decision_function(values["place"][None])[0], abs=1e-5)
    across = np.array([start[1] - end[1], end[0] - start[0]])  # both columns have one scale here
    assert abs(fitted["P"].decision_function([start + across])[0]) < 1e-5


def test_of_many_columns_those_that_move_the_answer_most_are_shown(fitted, scenes, flowers):
    X, y = flowers
    rows = np.repeat(np.median(X, 0)[None], 9, 0)
    moved = []
    for column in range(4):
        asked = rows.copy()
        asked[:, column] = np.linspace(*np.percentile(X[:, column], [5, 95]), 9)
        moved.append(fitted["P3"].decision_function(asked).var(0).sum())
    assert {int(scenes["P3"].values["first"]), int(scenes["P3"].values["second"])} == set(np.argsort(moved)[2:])
    assert "held at the median" in scenes["P3"].told()
    assert "en la mediana" in scenes["P3"].told("es")
    chosen = look(fitted["P3"], "margin", X, y, features=(0, "x3"))
    assert (chosen.values["first"], chosen.values["second"]) == (0, 2)
    asked = np.repeat(np.median(X, 0)[None], 2, 0)
    asked[:, [0, 2]] = chosen.values["place"]
    np.testing.assert_allclose(chosen.values["said"], fitted["P3"].decision_function(asked)[0], atol=1e-4)
    assert str((fitted["P3"].predict(X) == y).sum()) in chosen.told()


def test_numbers_are_shown_on_a_plane_or_along_a_column(scenes, fitted, flowers):
    scene = scenes["numbers"]
    columns = [int(scene.values["first"]), int(scene.values["second"])]
    asked = np.repeat(np.median(flowers[0][:, :3], 0)[None], scene.values["surface"].size, 0)
    asked[:, columns] = places(scene)
    np.testing.assert_allclose(scene.values["surface"].ravel(), fitted["numbers"].predict(asked), atol=1e-4)
    one = look(fitted["numbers"], "margin", flowers[0][:, :3], flowers[0][:, 3], features="x3")
    asked = np.repeat(np.median(flowers[0][:, :3], 0)[None], len(one.values["grid_x"]), 0)
    asked[:, 2] = one.values["grid_x"]
    np.testing.assert_allclose(one.values["curve"], fitted["numbers"].predict(asked), atol=1e-4)


MORE = [pytest.param(name, marks=pytest.mark.slow) for name in ("FF", "ELM", "P3", "numbers", "curve", "deaf curve")]


@pytest.mark.parametrize("name", ["RBF", "P", *MORE])
def test_the_page_computes_what_torch_does(scenes, name):
    scene = scenes[name]
    program = program_of(scene)
    settings = [{}]
    names = {control.name for control in scene.controls}
    if "again" in names:
        settings += [{"again": True}]
    if "layer" in names:
        settings += [{"layer": 0.5}]
    for setting in settings:
        changed = scene.set(**setting)
        changed = changed if "points" not in names else moved(changed)
        computed = run_program(changed, program)
        for each, array in computed.items():
            close = {"rtol": 1e-5, "atol": 1e-5} if array.dtype.kind == "f" else {}
            np.testing.assert_allclose(array, changed.values[each], err_msg=each, **close)


@pytest.mark.parametrize(
    "name", ["RBF", *(pytest.param(each, marks=pytest.mark.slow) for each in ("FF", "P", "curve"))]
)
def test_it_is_drawn_on_paper(scenes, name):
    scene = scenes[name]
    assert len(scene.plot().axes) >= len(scene.shown())
    for control in scene.controls:
        if control.name == "inside":
            other = scene.set(inside=1)
            assert len(other.plot().axes) >= len(other.shown())


def test_names_are_shown_letter_for_letter_and_stand_in_lists_alone(scenes):
    scene = scenes["FF"]
    assert scene.lists["classes"] == list(NAMES)
    without = {name: part for name, part in scene.form().items() if name != "lists"}
    assert "onerror" not in str(without)
    assert "<img onerror=alert(1)>" in scene.fill(scene.panels[0].note, "en")


def test_many_rows_are_drawn_in_part_and_the_sentence_says_so(fitted):
    X, y = make_moons(1000, noise=0.2, random_state=0)
    scene = look(fitted["FF"], "margin", X, NAMES[y])
    assert scene.values["points_used"].sum() < CAPACITY == len(scene.values["points_used"])
    assert "of the 1000 rows" in scene.told()
    assert "de las 1000 filas" in scene.told("es")


def test_without_answers_points_have_the_networks_own(fitted, moons):
    scene = look(fitted["FF"], "margin", moons[0])
    assert scene.values["mistakes"] == 0
    assert "its own answers" in scene.told()


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ({}, CannotLook, "give them"),
        ({"X": np.zeros((4, 3))}, CannotLook, "fitted on 2 columns; these are 4 rows of 3"),
        ({"X": np.zeros((0, 2))}, CannotLook, "0 rows"),
        ({"X": np.zeros((3, 2)), "y": ["other"] * 3}, CannotLook, "y holds other"),
        ({"X": np.zeros((3, 2)), "y": NAMES}, CannotLook, "3 rows but 2 answers"),
        ({"X": np.zeros((3, 2)), "features": ("x1", "x9")}, ValueError, "no column 'x9'; there are x1, x2"),
        ({"X": np.zeros((3, 2)), "features": (0, 2)}, ValueError, "0 to 1; got 2"),
        ({"X": np.zeros((3, 2)), "features": (0, 0)}, ValueError, "one or two different columns"),
        ({"X": np.zeros((3, 2)), "features": (0,)}, ValueError, "two columns for a classifier"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(fitted, rows, error, message):
    with pytest.raises(error, match=message):
        look(fitted["FF"], "margin", **rows)


def test_rows_that_are_all_alike_are_shown(fitted):
    scene = look(fitted["FF"], "margin", np.zeros((3, 2)), NAMES[[0, 0, 1]])
    assert np.isfinite(scene.values["surface"]).all()
    assert np.isfinite(scene.values["bent_x"]).all()


@pytest.mark.parametrize("code", ["P", "FF", "RBF", "ELM"])
def test_the_example_is_answered_mostly_rightly(code):
    estimator, X, y = margin.example(code)
    scene = look(estimator.fit(X, y), "margin", X, y)
    assert scene.values["right"] >= 0.9 * scene.values["asked"]
    assert margin.example("LSTM") is None
