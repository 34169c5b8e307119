"""Pages that learn end where Python's own rules end, from the same start.

For each look and lab with a button that learns: a hundred presses in Chromium against the rule or the optimiser of
torch that it stands for. The loss agrees to 1e-4; where a step is exact, so do the weights.
"""

import copy
import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris

from neurarium.catalogue import estimators
from neurarium.core.batches import Batch
from neurarium.datasets import shelf
from neurarium.rules.perceptron import Perceptron
from neurarium.rules.ridge import Ridge
from neurarium.views.looking import look
from views.trained_in_page import trained_in_page

STEPS = 100
KINDS = estimators()


@pytest.fixture(scope="module")
def flowers():
    """Two kinds of flowers that no line parts, so that a perceptron never rests."""
    iris = load_iris()
    hard = iris.target > 0
    return iris.data[hard, :2], iris.target_names[iris.target[hard]]


def shaken(scene):
    """The scene with its points moved: no longer those of the fit."""
    xy, group, used = (scene.values[f"points_{each}"] for each in ("xy", "group", "used"))
    n = int(used.sum())
    moved = xy[:n] + np.random.default_rng(1).normal(0, 0.1, (n, 2)).astype(np.float32)
    return scene.set(points=(moved, group[:n]))


def points(scene):
    """The rows and classes of the scene's points."""
    used = scene.values["points_used"] > 0
    return torch.from_numpy(scene.values["points_xy"][used]), torch.from_numpy(scene.values["points_group"][used])


def test_margin_taught_by_mistakes_is_the_perceptrons_rule(browser, tmp_path, flowers):
    fitted = KINDS["PerceptronClassifier"](answer="last", random_state=0, epochs=5).fit(*flowers)
    scene = look(fitted, "margin", *flowers).press("fresh")
    page = trained_in_page(
        browser, tmp_path, scene, "step", STEPS, ["weight", "bias", "updates", "mistakes", "kept_trace"]
    )
    module = type(fitted.module_)(2, 2, averaged=False).double()
    module.scale.load_state_dict(fitted.module_.scale.state_dict())
    rule, (xy, group), place, wrong = Perceptron(module), points(scene), 0, []
    while rule.mistakes < STEPS:  # row after row, as the page goes; a step is a mistake
        left, before = int((module(xy.double()).argmax(1) != group).sum()), rule.mistakes
        rule.step(Batch(xy[place : place + 1].double(), group[place : place + 1]))
        wrong += [left] * (rule.mistakes - before)
        place = (place + 1) % len(xy)
    assert page["updates"] == STEPS
    np.testing.assert_allclose(page["weight"], module.weight.numpy(), atol=1e-4)
    np.testing.assert_allclose(page["bias"], module.bias.numpy(), atol=1e-4)
    left = int((module(xy.double()).argmax(1) != group).sum())
    assert page["mistakes"] == left > 0
    np.testing.assert_array_equal(page["kept_trace"][:STEPS], wrong)
    assert abs(page["weight"] - fitted.module_.weight.numpy()).max() > 1e-2  # control: not those of the fit


@pytest.mark.parametrize(
    "kind", ["ExtremeLearningClassifier", pytest.param("RadialBasisClassifier", marks=pytest.mark.slow)]
)
def test_margin_fitted_again_is_the_ridge_rule(browser, tmp_path, flowers, kind):
    size = {"n_hidden": 12} if kind == "ExtremeLearningClassifier" else {"n_centers": 8}
    fitted = KINDS[kind](random_state=0, **size).fit(*flowers)
    scene = shaken(look(fitted, "margin", *flowers))
    page = trained_in_page(browser, tmp_path, scene, "", 0, ["surface", "mistakes"], {"again": True})
    again = copy.deepcopy(fitted)
    xy, group = points(scene)
    batch = Batch(xy.to(fitted._like.dtype), group)
    Ridge(again.module_, torch.tensor([fitted.ridge_], dtype=torch.float64), n_classes=2).step(batch)
    x, y = np.meshgrid(scene.values["grid_x"], scene.values["grid_y"])
    shares = again.predict_proba(np.column_stack([x.ravel(), y.ravel()]))
    np.testing.assert_allclose(page["surface"].ravel(), shares[:, 0] - shares[:, 1], atol=1e-4)
    assert page["mistakes"] == (np.searchsorted(again.classes_, again.predict(xy.numpy())) != group.numpy()).sum()
    assert abs(page["surface"] - scene.values["surface"]).max() > 1e-2  # control: the points did move the fit


def test_margin_of_a_curve_fitted_again_has_the_loss_of_the_ridge_rule(browser, tmp_path, flowers):
    X = flowers[0]
    fitted = KINDS["ExtremeLearningRegressor"](n_hidden=10, random_state=0).fit(X[:, :1], X[:, 1])
    scene = shaken(look(fitted, "margin", X[:, :1], X[:, 1]))
    page = trained_in_page(browser, tmp_path, scene, "", 0, ["error", "curve"], {"again": True})
    again = copy.deepcopy(fitted)
    xy, _ = points(scene)
    xy = xy.to(fitted._like.dtype)
    Ridge(again.module_, torch.tensor([fitted.ridge_], dtype=torch.float64)).step(Batch(xy[:, :1], xy[:, 1:]))
    missed = again.predict(xy[:, :1].numpy()) - xy[:, 1].numpy()
    assert page["error"] == pytest.approx(np.sqrt((missed**2).mean()), abs=1e-4)
    np.testing.assert_allclose(page["curve"], again.predict(scene.values["grid_x"][:, None]), atol=1e-4)
    assert abs(page["error"] - scene.values["error"]) > 1e-4  # control


@pytest.mark.parametrize(
    "game",
    [
        "non-saturating",
        pytest.param("saturating", marks=pytest.mark.slow),
        pytest.param("wasserstein", marks=pytest.mark.slow),
    ],
)
def test_the_game_is_played_as_its_rule_plays_it(browser, tmp_path, game):
    rows = shelf.load("ring", n_samples=300, random_state=0).data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two passes are few
        fitted = KINDS["GenerativeAdversarialNetwork"](
            hidden=(16,), n_noise=2, batch_size=32, epochs=20, game=game, random_state=0
        ).fit(rows[:64])
    fitted.epochs = 40
    scene = look(fitted, "game", rows).press("fresh")
    most = scene.module.most
    page = trained_in_page(browser, tmp_path, scene, "step_both", STEPS // most, ["curves", "turns", "judge"])
    assert page["turns"][0] == STEPS == most * (STEPS // most)
    ours = {kind: _played(fitted, scene, kind) for kind in (torch.float64, torch.float32)}
    turns = slice(0, STEPS, 5 if game == "wasserstein" else 1)  # where the critic alone learns, G's cost stays
    np.testing.assert_allclose(page["curves"][:, :STEPS][:, turns], ours[torch.float64][:, turns], atol=1e-9)
    np.testing.assert_allclose(page["curves"][:, STEPS - 5], ours[torch.float32][:, STEPS - 5], atol=1e-4)
    fitted.penalty = 5.0
    assert abs(_played(fitted, scene, torch.float64) - page["curves"][:, :STEPS]).max() > 1e-2  # control


def _played(fitted, scene, dtype):
    """What D and G drive down in each step of the estimator's rule, with the page's rows, noise and start."""
    values, module = scene.values, copy.deepcopy(fitted.module_).to(dtype)
    rows, noises, shares = (torch.from_numpy(values[name]).to(dtype) for name in ("rows", "noises", "shares"))
    starts = values["new_judge"], values["new_forger"][0], values["new_forger"][1]
    for player, start in zip((module.discriminator, module.generator, module.averaged), starts, strict=True):
        torch.nn.utils.vector_to_parameters(torch.from_numpy(start).to(dtype), player.parameters())
    rule, size, found = fitted._rule(module), fitted._batch_size(len(rows)), []
    for step in range(STEPS):
        taken = [each[(size * step + torch.arange(size)) % len(each)] for each in (rows, noises, shares)]
        module.noise = lambda n, noise=taken[1]: noise
        rule.game._shares = lambda real, share=taken[2]: share[:, None, None, None]
        rule.step(Batch(taken[0]))
        found.append([float(rule.latest["discriminator"]), float(rule.latest["generator"])])
        if (step + 1) % -(-len(rows) // size) == 0:
            rule.end_pass()
    return np.array(found).T
