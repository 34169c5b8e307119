"""The look "plane": places are the network's codes, what they stand for is its inverse, and PCA scikit-learn's."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from neurarium.networks.autoencoder import Autoencoder
from neurarium.networks.feed_forward import FeedForwardClassifier
from neurarium.networks.kohonen import KohonenMap
from neurarium.networks.restricted_boltzmann import RestrictedBoltzmannMachine
from neurarium.networks.variational_autoencoder import VariationalAutoencoder
from neurarium.views.looking import CannotLook, look
from neurarium.views.looks import plane
from neurarium.views.plane_coding import coding, straight
from views.running import program_of, run_program

HOSTILE = "<img onerror=alert(1)>"
TINY = {"epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def pictures():
    draw = np.random.default_rng(0)
    return draw.uniform(size=(90, 16)).astype(np.float32), np.arange(90) % 3


@pytest.fixture(scope="module")
def table():
    draw = np.random.default_rng(1)
    base = draw.normal(size=(80, 2))
    return np.c_[base, 10 * base[:, :1] + draw.normal(size=(80, 3))]


@pytest.fixture(scope="module")
def coder(pictures):
    return Autoencoder(n_components=2, hidden=(6,), **TINY).fit(pictures[0])


@pytest.fixture(scope="module")
def drawer(pictures):
    return VariationalAutoencoder(n_components=3, hidden=(6,), **TINY).fit(pictures[0])


@pytest.fixture(scope="module")
def machine(pictures):
    return RestrictedBoltzmannMachine(n_hidden=9, **TINY).fit(pictures[0])


@pytest.fixture(scope="module")
def sheet(pictures):
    return KohonenMap(size=(4, 5), random_state=0).fit(pictures[0])


KINDS = ["coder", "drawer", "machine", "sheet"]


@pytest.fixture(scope="module", params=KINDS)
def fitted(request):
    return request.getfixturevalue(request.param)


def test_networks_that_can_return_have_the_look_and_others_do_not(fitted, pictures):
    assert plane.can(fitted)
    assert not plane.can(FeedForwardClassifier(epochs=1).fit(*pictures))
    assert not plane.can(Autoencoder())
    assert not plane.can(torch.nn.Linear(2, 2))


def test_a_place_of_a_code_of_two_numbers_is_the_code(coder, pictures):
    scene = look(coder, "plane", *pictures)
    codes = coder.transform(pictures[0])
    np.testing.assert_allclose(scene.values["code_places_x"], codes[:, 0], atol=1e-5)
    np.testing.assert_allclose(scene.values["code_places_y"], codes[:, 1], atol=1e-5)
    place = codes[5].astype(float)
    drawn = scene.set(place=(place[0], place[1])).values["drawn"]
    np.testing.assert_allclose(drawn[0].ravel(), coder.inverse_transform(codes[5:6])[0], atol=1e-5)


def test_a_longer_code_is_seen_along_its_main_axes(drawer, pictures):
    scene = look(drawer, "plane", *pictures)
    codes = drawer.transform(pictures[0])
    found = PCA(2).fit_transform(codes)
    for axis, name in enumerate(("code_places_x", "code_places_y")):
        np.testing.assert_allclose(np.abs(scene.values[name]), np.abs(found[:, axis]), atol=1e-4)
    coded = coding(drawer, pictures[0], None)
    at = np.array([[0.3, -0.2]], np.float32)
    drawn = (
        scene.set(place=(0.3, -0.2)).values["drawn"]
        if _within(scene, (0.3, -0.2))
        else coded.decoded(coded.codes_at(at))
    )
    expected = drawer.inverse_transform(coded.centre + at @ coded.axes.T)
    np.testing.assert_allclose(drawn.ravel(), expected.ravel(), atol=1e-5)


def _within(scene, place):
    pad = next(each for each in scene.controls if each.name == "place")
    return all(low <= each <= high for low, each, high in zip(pad.low, place, pad.high, strict=True))


def test_two_numbers_of_a_code_can_be_chosen(drawer, pictures):
    scene = look(drawer, "plane", *pictures, codes=(2, 0))
    codes = drawer.transform(pictures[0])
    np.testing.assert_allclose(scene.values["code_places_x"], codes[:, 2] - codes[:, 2].mean(), atol=1e-5)
    with pytest.raises(ValueError, match="two different numbers from 0 to 2"):
        look(drawer, "plane", *pictures, codes=(1, 1))


def test_hidden_probabilities_stay_probabilities(machine, pictures):
    coded = coding(machine, pictures[0], None)
    far = coded.codes_at(np.array([[50.0, -50.0]]))
    assert coded.bounded
    assert far.min() == 0
    assert far.max() == 1
    np.testing.assert_allclose(coded.decoded(far), machine.inverse_transform(far), atol=1e-5)


def test_on_a_map_a_place_is_the_nearest_unit(sheet, pictures):
    scene = look(sheet, "plane", *pictures)
    unit = 7
    x, y = sheet.positions_[unit]
    place = (float(x), float(sheet.positions_[:, 1].max() - y))
    drawn = scene.set(place=place).values["drawn"]
    np.testing.assert_allclose(drawn.ravel(), sheet.codebook_.reshape(20, -1)[unit], atol=1e-6)
    winners = sheet.winners(pictures[0])
    near = np.hypot(
        scene.values["code_places_x"] - sheet.positions_[winners, 0],
        scene.values["code_places_y"] - (sheet.positions_[:, 1].max() - sheet.positions_[winners, 1]),
    )
    assert near.max() < 0.4


def test_rows_come_back_as_the_network_brings_them_back(fitted, pictures):
    X, y = pictures
    scene = look(fitted, "plane", X, y)
    codes = fitted.transform(X)
    back = fitted.quantise(X) if hasattr(fitted, "quantise") else fitted.inverse_transform(codes)
    errors = np.square(X - back).sum(1)
    np.testing.assert_allclose(scene.values["errors"], errors, rtol=1e-4)
    assert float(scene.values["error_mean"]) == pytest.approx(errors.mean(), rel=1e-4)
    changed = scene.set(picture=X[11].reshape(4, 4), view="one row")
    np.testing.assert_allclose(changed.values["back"].ravel(), back[11], atol=1e-5)
    assert float(changed.values["row_error"]) == pytest.approx(errors[11], rel=1e-3)
    above = scene.set(threshold=float(np.float32(errors[3])))
    assert int(above.values["above"]) == (errors.astype(np.float32) > np.float32(errors[3])).sum()


def test_straight_axes_are_scikit_learns(coder, pictures):
    X, y = pictures
    scene = look(coder, "plane", X, y)
    pca = PCA(2).fit(X.astype(float))
    places = pca.transform(X)
    np.testing.assert_allclose(scene.values["line_places_x"], places[:, 0], atol=1e-5)
    np.testing.assert_allclose(scene.values["line_places_y"], places[:, 1], atol=1e-5)
    back = pca.inverse_transform(places)
    assert float(scene.values["straight_mean"]) == pytest.approx(np.square(X - back).sum(1).mean(), rel=1e-5)
    one = scene.set(picture=X[4].reshape(4, 4))
    np.testing.assert_allclose(one.values["straight_back"].ravel(), back[4], atol=1e-5)


def test_as_many_axes_as_columns_would_say_nothing(pictures):
    assert straight(pictures[0], 40).n_codes == 2
    assert straight(pictures[0], 5).n_codes == 5


def test_the_manifold_is_what_the_decoder_makes_of_its_cells(coder, pictures):
    scene = look(coder, "plane", *pictures)
    mosaic = scene.values["manifold"]
    assert mosaic.shape == (80, 80)
    pad = next(each for each in scene.controls if each.name == "place")
    low, high = np.array(pad.low), np.array(pad.high)
    column, row = 3, 17  # counted from the left and from below
    place = low + (np.array([column, row]) + 0.5) / 20 * (high - low)
    expected = coder.inverse_transform(place[None].astype(np.float32)).reshape(4, 4).clip(0, 1)
    cell = mosaic[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4]
    np.testing.assert_allclose(cell[::-1], expected, atol=0.51 / 255)


def test_large_pictures_are_made_smaller_in_the_manifold():
    X = np.random.default_rng(0).uniform(size=(30, 20, 20)).astype(np.float32)
    scene = look(Autoencoder(n_components=2, hidden=(4,), **TINY).fit(X), "plane", X)
    assert scene.values["manifold"].shape == (180, 180)
    assert scene.values["drawn"].shape == (1, 20, 20)


def test_the_histogram_counts_every_row(fitted, pictures):
    scene = look(fitted, "plane", *pictures)
    assert scene.values["counts"].sum(1).tolist() == [90, 90]
    worst = np.argsort(-scene.values["errors"], kind="stable")[:12]
    assert [name.split("#")[1] for name in scene.lists["worst"]] == [f"{row})" for row in worst]


@pytest.mark.parametrize("kind", [pytest.param(each, marks=[pytest.mark.slow] * (each != "machine")) for each in KINDS])
def test_the_page_computes_what_torch_does_at_any_place(kind, request, pictures):
    fitted, (X, y) = request.getfixturevalue(kind), pictures
    scene = look(fitted, "plane", X, y)
    program = program_of(scene)
    pad = next(each for each in scene.controls if each.name == "place")
    middle = tuple(float(np.mean(each)) for each in zip(pad.low, pad.high, strict=True))
    for options in ({}, {"place": middle, "picture": X[8].reshape(4, 4)}, {"threshold": 0.0, "place": pad.low}):
        changed = scene.set(**options)
        for name, array in run_program(changed, program).items():
            np.testing.assert_allclose(array, changed.values[name], atol=1e-5, rtol=1e-5, err_msg=name)


def test_what_each_number_of_a_code_tells_sums_to_the_bound(drawer, pictures):
    X, y = pictures
    scene = look(drawer, "plane", X, y)
    assert float(scene.values["kl_sum"]) == pytest.approx(drawer.bound(X).divergence.mean(), rel=1e-4)
    one = scene.set(picture=X[2].reshape(4, 4)).values
    assert one["divergences"].sum() == pytest.approx(drawer.bound(X[2:3]).divergence[0], rel=1e-4)
    for number in range(2):
        assert one[f"z_{number}"] == pytest.approx(
            one[f"mean_{number}"] + one[f"deviation_{number}"] * one[f"epsilon_{number}"], abs=1e-5
        )


def test_draws_are_normal_and_stand_for_their_rows(drawer, pictures):
    X, y = pictures
    scene = look(drawer, "plane", X, y)
    epsilons = [float(scene.set(noise=seed).values[f"epsilon_{k}"]) for seed in range(40) for k in range(2)]
    assert abs(np.mean(epsilons)) < 0.3
    assert 0.8 < np.std(epsilons) < 1.2
    assert scene.values["draws"].shape == (6, 4, 4)


def test_ellipses_have_one_deviation(pictures):
    X, y = pictures
    fitted = VariationalAutoencoder(n_components=2, hidden=(6,), **TINY).fit(X)
    scene = look(fitted, "plane", X, y)
    with torch.no_grad():
        mean, log_variance = fitted.module_.posterior(torch.from_numpy(X))
    x, first = scene.values["ellipses_x"], 0  # the first row that is drawn
    assert x[0].max() == pytest.approx(float(mean[first, 0] + (log_variance[first, 0] / 2).exp()), abs=1e-4)


def test_a_table_keeps_the_names_of_its_columns(table):
    pandas = pytest.importorskip("pandas")
    names = [f"weight {HOSTILE}", "height", "a", "b", "c"]
    frame = pandas.DataFrame(table, columns=names)
    fitted = Autoencoder(n_components=1, hidden=(), scaling="columns", **TINY).fit(frame)
    scene = look(fitted, "plane", frame, np.where(table[:, 0] > 0, "tall", HOSTILE)).set(sample=3, column=1)
    assert scene.lists["columns"] == names
    assert HOSTILE in scene.lists["classes"]
    assert HOSTILE not in str(scene.form()["panels"])
    assert scene.values["manifold"].shape == (5, 20, 20)
    assert scene.values["drawn"].shape == (5,)
    row = int(scene.lists["rows"][3].split("#")[1][:-1])
    back = fitted.inverse_transform(fitted.transform(frame))
    expected = (back[row] - table.mean(0)) / table.std(0)
    np.testing.assert_allclose(scene.values["back"], expected, atol=1e-4)


def test_rows_with_gaps_on_a_map_are_filled_by_their_units(table):
    gaps = table.copy()
    gaps[3, 2] = np.nan
    scene = look(KohonenMap(size=(3, 3), random_state=0).fit(gaps), "plane", gaps)
    assert np.isfinite(scene.values["errors"]).all()


def test_colour_pictures_stay_in_colour():
    X = np.random.default_rng(0).uniform(size=(12, 8, 8, 3)).astype(np.float32)
    fitted = Autoencoder(n_components=2, architecture="convolutional", hidden=(4,), **TINY).fit(X)
    scene = look(fitted, "plane", X)
    assert scene.values["drawn"].shape == (1, 8, 8, 3)
    changed = scene.set(picture=np.moveaxis(X[5], -1, 0))
    np.testing.assert_allclose(changed.values["back"][0], fitted.reconstruct(X[5:6])[0], atol=1e-5)


def test_many_rows_are_thinned_and_the_scene_says_so(pictures):
    X = np.random.default_rng(0).uniform(size=(6000, 9)).astype(np.float32)
    scene = look(KohonenMap(size=(3, 3), epochs=2, random_state=0).fit(X), "plane", X)
    assert len(scene.values["code_places_x"]) == 800
    assert len(scene.values["errors"]) == 5000
    assert "800 of 6000" in scene.fill(scene.panels[0].note, "en")


def test_without_rows_the_error_says_what_to_give(coder, pictures):
    with pytest.raises(CannotLook, match="needs rows to code: pass them as X"):
        look(coder, "plane")
    with pytest.raises(CannotLook, match="3 rows or more"):
        look(coder, "plane", pictures[0][:2])


def test_a_scene_can_be_printed(drawer, table):
    import matplotlib.pyplot as plt

    X = np.random.default_rng(0).uniform(size=(40, 16)).astype(np.float32)
    scenes = [look(drawer, "plane", X).set(view=view) for view in (0, 3)]
    for scene in [*scenes, look(Autoencoder(n_components=2, hidden=(4,), **TINY).fit(table), "plane", table)]:
        assert scene.plot().axes
        plt.close("all")


def test_examples_are_unfitted_and_for_those_that_can_return():
    for code in ("AE", "VAE", "RBM", "KN"):
        estimator, X, y = plane.example(code)
        assert not hasattr(estimator, "module_")
        assert X.shape == (1797, 64)
        assert len(y) == 1797
    assert plane.example("FF") is None
    assert plane.example("nothing") is None
