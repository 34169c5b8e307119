"""The map look: its numbers against the map's own and against plain loops."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA

from neurarium.catalogue import estimators
from neurarium.views.looking import CannotLook, look
from neurarium.views.looks import map as room
from neurarium.views.map_lattice import cells, passes
from neurarium.views.tables import table
from views.running import program_of, run_program

KINDS = estimators()
COLUMNS = ["sepal <b>length</b>", "sepal {width}", "petal length", "petal width"]


@pytest.fixture(scope="module")
def flowers():
    iris = load_iris()
    return table(iris.data, COLUMNS), iris.target_names[iris.target]


@pytest.fixture(scope="module")
def digits():
    digits = load_digits()
    return digits.data[:300] / 16, digits.target[:300]


@pytest.fixture(scope="module")
def fitted(flowers, digits):
    return {
        "flowers": KINDS["KohonenMap"](size=(5, 6), random_state=0, epochs=8).fit(flowers[0]),
        "squares": KINDS["KohonenMap"](
            size=(4, 6), lattice="rectangular", torus=True, training="online", random_state=0, epochs=4
        ).fit(flowers[0]),
        "digits": KINDS["KohonenMap"](size=(6, 5), random_state=0, epochs=5).fit(digits[0]),
    }


@pytest.fixture(scope="module")
def scenes(fitted, flowers, digits):
    shown = {"flowers": flowers, "squares": flowers, "digits": digits}
    return {name: look(fitted[name], "map", *rows) for name, rows in shown.items()}


def test_it_is_for_maps_alone(fitted, flowers):
    assert room.can(fitted["flowers"])
    assert not room.can(KINDS["KohonenMap"]())
    assert not room.can(KINDS["PerceptronClassifier"](random_state=0).fit(*flowers))


@pytest.mark.parametrize("name", ["flowers", "squares"])
def test_walls_are_mean_distances_to_the_cells_beside(scenes, fitted, name):
    network = fitted[name]
    where, codebook = network.positions_, network.codebook_.reshape(-1, 4)
    around = np.array([6, 4]) if name == "squares" else np.array([np.inf, np.inf])
    walls = []
    for unit in range(len(where)):
        beside = []
        for other in range(len(where)):
            step = np.abs(where[unit] - where[other])
            if 0 < np.hypot(*np.minimum(step, around - step)) < 1.01:
                beside.append(np.linalg.norm(codebook[unit] - codebook[other]))
        walls.append(np.mean(beside))
    np.testing.assert_allclose(scenes[name].values["walls"], walls, rtol=1e-5)


@pytest.mark.parametrize("hexagonal", [True, False])
def test_cells_fill_the_lattice_without_gaps(fitted, hexagonal):
    where = fitted["flowers" if hexagonal else "squares"].positions_
    x, y = cells(where, hexagonal=hexagonal)
    np.testing.assert_allclose(np.stack([x.mean(1), -y.mean(1)], 1), where, atol=1e-12)
    area = 0.5 * np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(1))
    np.testing.assert_allclose(area, np.sqrt(0.75) if hexagonal else 1)
    columns = 6
    shared = sum(np.hypot(x[0] - a, y[0] - b).min() < 1e-9 for a, b in zip(x[1], y[1], strict=True))
    below = sum(np.hypot(x[0] - a, y[0] - b).min() < 1e-9 for a, b in zip(x[columns], y[columns], strict=True))
    assert shared == below == 2


def test_hits_majorities_and_rows_in_cells_are_those_of_the_winners(scenes, fitted, flowers):
    X, y = flowers
    scene, winners = scenes["flowers"], fitted["flowers"].winners(flowers[0])
    np.testing.assert_array_equal(scene.values["hits"], np.bincount(winners, minlength=30))
    for unit in range(30):
        mine = list(y[winners == unit])
        drawn = np.ptp(scene.values["won_x"][unit]) > 0
        assert drawn == bool(mine)
        if mine:
            most = scene.lists["classes"][scene.values["majority"][unit]]
            assert mine.count(most) == max(map(mine.count, mine))
    places = np.stack([scene.values["scattered_x"], scene.values["scattered_y"]], 1)
    centres = np.stack([scene.values["cell_x"].mean(1), scene.values["cell_y"].mean(1)], 1)
    assert (np.linalg.norm(places[:, None] - centres, axis=-1).argmin(1) == winners).all()
    assert len(np.unique(places, axis=0)) == len(X)


@pytest.mark.parametrize("name", ["flowers", "digits"])
def test_a_cell_shows_what_it_holds_and_its_own_rows(scenes, fitted, flowers, digits, name):
    X, y = {"flowers": flowers, "digits": digits}[name]
    network = fitted[name]
    for unit in (0, int(scenes[name].values["hits"].argmax()), int(scenes[name].values["hits"].argmin())):
        values = scenes[name].set(unit=unit).values
        np.testing.assert_allclose(values["held"], network.codebook_.reshape(30, -1)[unit], atol=1e-6)
        members = network.members(X, unit)[: values["own_classes"].size]
        own = values["own_classes"][: len(members)]
        assert [scenes[name].lists["classes"][each] for each in own] == [str(each) for each in y[members]]
        assert (values["own_classes"][len(members) :] == -1).all()
        if name == "digits":
            np.testing.assert_allclose(values["own"].reshape(-1, 64)[: len(members)], X[members], atol=1e-6)
            assert values["own"].shape[1:] == (8, 8)
            assert not values["own"][len(members) :].any()
        else:
            away = (np.asarray(X)[members] - np.asarray(X).mean(0)) / np.asarray(X).std(0)
            np.testing.assert_allclose(values["own_away"][1 : 1 + len(members)], away, atol=1e-5)


def test_a_row_lies_at_its_distances_and_its_winner_is_the_maps(scenes, fitted, flowers, digits):
    for row in (0, 77, 149):
        values = scenes["flowers"].set(row=row).values
        np.testing.assert_allclose(values["distances"], fitted["flowers"].transform(flowers[0][[row]])[0], atol=1e-5)
        assert values["winner"] == fitted["flowers"].winners(flowers[0][[row]])[0]
    drawn = np.zeros((8, 8), np.float32)
    drawn[:, 3] = 1
    values = scenes["digits"].set(picture=drawn).values
    np.testing.assert_allclose(values["distances"], fitted["digits"].transform(drawn.reshape(1, -1))[0], atol=1e-5)
    np.testing.assert_allclose(
        values["winner_picture"].ravel(), fitted["digits"].quantise(drawn.reshape(1, -1))[0], atol=1e-6
    )


def test_a_column_over_the_map_is_its_component_plane(scenes, fitted):
    values = scenes["flowers"].set(column="sepal {width}").values
    np.testing.assert_allclose(values["component"], fitted["flowers"].component_planes_[1].ravel(), rtol=1e-6)


@pytest.mark.parametrize("name", ["flowers", "squares"])
def test_the_fit_is_shown_pass_by_pass(scenes, fitted, flowers, name):
    X, network = np.asarray(flowers[0]), fitted[name]
    frames = passes(network, flowers[0])
    assert len(frames) == network.n_iter_ + 1
    for number, held in enumerate(frames):
        nearest = np.linalg.norm(X[:, None] - held, axis=-1).min(1).mean()
        if name == "flowers":  # in batch training a pass sees the map as it was
            assert scenes[name].values["quantisation_by_pass"][number] == pytest.approx(nearest, rel=1e-4)
    plane = PCA(2).fit(X)
    scene = scenes[name].set(frame=2)
    seen = plane.transform(frames[2])
    for axis, coordinates in zip(seen.T, (scene.values["knot_x"], scene.values["knot_y"]), strict=True):
        np.testing.assert_allclose(np.abs(coordinates), np.abs(axis), atol=1e-4)
    pairs, lengths = network.links()
    last = scenes[name].values
    ends = np.stack([last["net_x"], last["net_y"]], -1)
    np.testing.assert_allclose(ends[:, 0], np.stack([last["knot_x"], last["knot_y"]], 1)[pairs[:, 0]])
    assert (np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1) <= lengths + 1e-5).all()
    assert last["share_x"] == pytest.approx(plane.explained_variance_ratio_[0], rel=1e-4)


def test_of_other_rows_the_end_of_the_fit_is_shown_alone(fitted, flowers):
    scene = look(fitted["flowers"], "map", flowers[0][::2], flowers[1][::2])
    assert "frame" not in {control.name for control in scene.controls}
    assert fitted["flowers"].n_iter_ == 8
    assert len(passes(fitted["flowers"], flowers[0][::2])) == 1


def test_the_sentence_tells_both_errors(scenes, fitted, flowers):
    errors = fitted["flowers"].errors(flowers[0])
    for language in ("en", "es"):
        told = scenes["flowers"].told(language)
        assert f"{errors.quantisation:.3f}" in told
        assert f"{100 * errors.topographic:.1f} %" in told
    assert "opposite edges joined" in scenes["squares"].told()
    assert "bordes opuestos" in scenes["squares"].told("es")


def test_two_columns_can_be_seen_over(fitted, flowers):
    scene = look(fitted["flowers"], "map", *flowers, features=("petal width", 0))
    np.testing.assert_allclose(scene.values["place_x"], flowers[0][:, 3], rtol=1e-6)
    np.testing.assert_allclose(scene.values["knot_y"], fitted["flowers"].codebook_.reshape(30, -1)[:, 0], rtol=1e-5)
    assert (scene.values["first"], scene.values["second"]) == (3, 0)
    for features, message in (
        (("petal",), "no column 'petal'; there are sepal"),
        ((0, 9), "0 to 3; got 9"),
        ((1, 1), "two different columns"),
    ):
        with pytest.raises(ValueError, match=message):
            look(fitted["flowers"], "map", *flowers, features=features)


MORE = [pytest.param(name, marks=pytest.mark.slow) for name in ("squares", "digits")]


@pytest.mark.parametrize("name", ["flowers", *MORE])
def test_the_page_computes_what_torch_does(scenes, name):
    program = program_of(scenes[name])
    for setting in ({}, {"unit": 3, "column": 2, "frame": 1}):
        changed = scenes[name].set(**setting)
        for each, array in run_program(changed, program).items():
            np.testing.assert_allclose(array, changed.values[each], rtol=1e-5, atol=1e-5, err_msg=each)


@pytest.mark.parametrize("name", ["digits", pytest.param("flowers", marks=pytest.mark.slow)])
def test_it_is_drawn_on_paper(scenes, name):
    for part in range(4):
        scene = scenes[name].set(part=part)
        assert len(scene.plot().axes) >= len(scene.shown())


def test_names_are_shown_letter_for_letter_and_stand_in_lists_alone(scenes):
    scene = scenes["flowers"].set(column=0)
    without = {name: part for name, part in scene.form().items() if name != "lists"}
    assert "<b>" not in str(without)
    assert scene.lists["columns"] == COLUMNS
    titles = [scene.fill(panel.title, "es") for panel in scene.panels]
    assert "sepal <b>length</b> en el mapa" in titles


def test_without_classes_there_are_no_colours_of_classes(fitted, flowers):
    scene = look(fitted["flowers"], "map", flowers[0])
    assert scene.lists["classes"] == []
    assert all(getattr(mark, "group", None) is None for panel in scene.panels for mark in panel.marks)
    scene.set(part=1).plot()


def test_missing_values_are_shown_as_the_map_has_them(flowers):
    X = np.array(flowers[0])
    X[::7, 2] = np.nan
    network = KINDS["KohonenMap"](size=(3, 4), random_state=0, epochs=2).fit(X)
    scene = look(network, "map", X, flowers[1])
    assert np.isfinite(scene.values["rows"]).all()
    assert "as the map fills them in" in scene.told()
    assert scene.values["rows"][7, 2] == pytest.approx(network.quantise(X)[7, 2])
    values = scene.set(row=7).values
    assert values["winner"] == network.winners(X)[7]


def test_of_many_rows_each_cell_shows_its_nearest(flowers):
    chance = np.random.default_rng(0)
    X = chance.normal(size=(2000, 3))
    network = KINDS["KohonenMap"](size=(5, 5), random_state=0, epochs=2).fit(X)
    scene = look(network, "map", X)
    assert len(scene.values["rows"]) < 2000
    assert "Drawn are" in scene.told()
    for unit in (0, 12, 24):
        own = scene.set(unit=unit).values["own"][0, 0]
        np.testing.assert_allclose(own, X[network.members(X, unit)[0]], rtol=1e-6)


@pytest.mark.parametrize("columns", [1, 2, 60])
def test_few_and_many_columns_are_shown(columns):
    X = np.random.default_rng(0).normal(size=(20, columns))
    network = KINDS["KohonenMap"](size=(2, 3), random_state=0, epochs=2).fit(X)
    scene = look(network, "map", X)
    for part in (1, 3):
        assert len(scene.set(part=part).plot().axes) >= len(scene.set(part=part).shown())


def test_it_says_what_it_needs(fitted, flowers):
    with pytest.raises(CannotLook, match="give them"):
        look(fitted["flowers"], "map")
    with pytest.raises(CannotLook, match="150 rows but 3 classes"):
        look(fitted["flowers"], "map", flowers[0], flowers[1][:3])


def test_the_example_has_columns_with_names():
    estimator, X, y = room.example("KN")
    scene = look(estimator.fit(X), "map", X, y)
    assert scene.lists["columns"][2] == "petal length (cm)"
    assert room.example("FF") is None
