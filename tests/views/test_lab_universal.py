"""The lab "universal": the chapter's numbers, numpy's networks, and torch.optim."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.views import universal_curves as curves
from neurarium.views.laboratory import lab
from neurarium.views.trained_here import ADAM, DESCENT
from neurarium.views.universal_module import OUTSIDE, STEPS, TRIED, UNITS
from views.trained_in_page import trained_in_page

X = curves.places()
MIDDLES = (np.arange(300) + 0.5) / 300


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def nielsen(x):
    return 0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.05 * np.cos(50 * x)


def by_rule(n, f, w, x):
    """n bumps, each of two units, as high as the mean of f over it."""
    made = np.zeros(len(x))
    for bump in range(n):
        inside = (np.floor(MIDDLES * n + 1e-3) == bump).nonzero()[0]
        height = np.mean([f[np.searchsorted(x, MIDDLES[each])] for each in inside])
        begin, end = (-OUTSIDE if bump == 0 else bump / n), (1 + OUTSIDE if bump == n - 1 else (bump + 1) / n)
        made += height * (sigmoid(w * (x - begin)) - sigmoid(w * (x - end)))
    return made


@pytest.fixture(scope="module")
def opened():
    return lab("universal")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the page lies that all tests open."""
    return tmp_path_factory.mktemp("universal")


def test_it_opens_on_the_function_of_the_chapter(opened):
    np.testing.assert_allclose(opened.values["f"], nielsen(X), atol=1e-6)
    assert nielsen(0.5) == pytest.approx(0.2 + 0.1 + 0.15 * np.sin(7.5) + 0.05 * np.cos(25))
    assert np.abs(opened.set(seed=1).values["f"] - nielsen(X)).max() > 0.1  # control
    assert "there is a network that can do the job" in opened.told()
    assert "hay una red que puede hacer el trabajo" in opened.told("es")


def test_a_bump_is_two_units_with_the_chapters_numbers(opened):
    """Steepness 1000, steps at 0.4 and 0.6, height 0.8: biases -400 and -600."""
    at = opened.values
    assert (at["b_left"], at["b_right"]) == pytest.approx((-400, -600))
    assert at["bump_here"] == pytest.approx(0.8)
    for left, right, w, h, place in ((0.4, 0.6, 1000, 0.8, 0.5), (0.3, 0.5, 20, -0.4, 0.33)):
        changed = opened.set(left=left, right=right, steepness=w, h=h, place=place).values
        two = [h * sigmoid(w * X - w * left), -h * sigmoid(w * X - w * right)]
        np.testing.assert_allclose(changed["pair"], [*two, two[0] + two[1]], atol=1e-4)
        here = h * (sigmoid(w * (place - left)) - sigmoid(w * (place - right)))
        assert changed["bump_here"] == pytest.approx(here, abs=1e-5)


@pytest.mark.parametrize(("n", "w", "curve"), [(10, 1000, 0), (7, 40, 0), (50, 300, 2), (24, 1000, 3), (1, 1000, 1)])
def test_bumps_by_rule_are_pairs_of_units_as_high_as_the_curve_on_average(opened, n, w, curve):
    at = opened.set(n=n, steepness=w, curve=curve).values
    network = by_rule(n, at["f"], w, X)
    np.testing.assert_allclose(at["by_rule"][1], network, atol=2e-5)
    counted = X != curves.JUMP_AT
    assert at["mean_error"] == pytest.approx(np.abs(at["f"] - network)[counted].mean(), abs=1e-5)
    assert at["largest_error"] == pytest.approx(np.abs(at["f"] - network).max(), abs=3e-5)
    assert at["hidden_units"] == 2 * n


def test_the_errors_drawn_are_those_of_each_number_of_bumps(opened):
    errors = opened.values["errors"]
    for place in (0, 4, len(TRIED) - 1):
        at = opened.set(n=TRIED[place]).values
        assert errors[0, place] == pytest.approx(at["mean_error"], abs=1e-6)
        assert errors[1, place] == pytest.approx(at["largest_error"], abs=1e-6)
    assert errors[0, -1] < errors[0, 0] / 20  # more bumps, a better network


def test_of_a_jump_the_largest_error_never_falls_below_half_of_it(opened):
    jump = opened.set(curve=curves.JUMP)
    f = jump.values["f"]
    both = f[X == curves.JUMP_AT]
    np.testing.assert_allclose(both, [0.2, 0.8], atol=1e-6)
    assert (np.diff(f) != 0).sum() == 1
    for w in (1000, 100):
        errors = jump.set(steepness=w).values["errors"]
        assert (errors[1] >= 0.3 - 1e-6).all()
        np.testing.assert_allclose(errors[2], 0.3)
    assert jump.values["errors"][0, -1] < 0.001
    smooth = opened.values["errors"]
    assert smooth[1, -1] < 0.02  # control: without a jump it falls
    assert np.isnan(smooth[2]).all()
    trained = jump.set(level="Do", built="trained")
    for _ in range(30):
        trained = trained.press("train")
    assert trained.values["largest_error"] >= 0.3 - 1e-6
    assert trained.values["mean_error"] < 0.03


def test_a_wild_sine_needs_two_bumps_a_wave(opened):
    wild = opened.set(curve=curves.WILD)
    errors = {n: float(wild.set(n=n).values["mean_error"]) for n in (6, 12, 24, 100)}
    level = 0.4 * 2 / np.pi  # the mean distance of the sine from its middle
    assert errors[6] == pytest.approx(level, abs=0.005)
    assert errors[12] == pytest.approx(level, abs=0.005)
    assert errors[24] < 0.4 * level
    assert errors[100] < 0.12 * level


def test_ones_own_curve_goes_through_its_points_in_any_order(opened):
    rng = np.random.default_rng(0)
    for n in (1, 2, 7):
        knots = rng.uniform(0, 1, (n, 2)).astype(np.float32)
        own = opened.set(curve=curves.OWN, knots=(knots, np.zeros(n))).values
        order = knots[knots[:, 0].argsort()]
        np.testing.assert_allclose(own["own"], np.interp(X, order[:, 0], order[:, 1]), atol=1e-5)
        np.testing.assert_array_equal(own["f"], own["own"])
    empty = opened.set(knots=(np.zeros((0, 2)), np.zeros(0))).values
    np.testing.assert_array_equal(empty["own"], 0.5)


def test_bumps_built_by_hand_add_up(opened):
    tops = np.array([[0.2, 0.3], [0.5, 0.9], [0.9, -0.2]], np.float32)
    at = opened.set(level="Do", bumps=(tops, np.zeros(3)), width=0.3, steepness=60).values
    expected = sum(h * (sigmoid(60 * (X - c + 0.15)) - sigmoid(60 * (X - c - 0.15))) for c, h in tops.astype(float))
    np.testing.assert_allclose(at["by_hand"][1], expected, atol=1e-4)
    np.testing.assert_allclose(at["each"].sum(0), at["by_hand"][1], atol=1e-5)
    assert at["hidden_units"] == 6


def test_by_hand_the_mean_error_can_be_brought_below_what_the_lab_asks_for(opened):
    means = [nielsen(MIDDLES[60 * each : 60 * each + 60]).mean() for each in range(5)]
    tops = np.array([[0.1 + 0.2 * each, mean] for each, mean in enumerate(means)])
    at = opened.set(level="Do", bumps=(tops, np.zeros(5)))
    assert 0.05 < at.values["mean_error"] < 0.08
    assert "below 0.08" in at.tries[2].en
    assert "de 0.08" in at.tries[2].es


class Net(nn.Module):
    """The same network as torch has it."""

    def __init__(self, parameters, units):
        super().__init__()
        parts = torch.from_numpy(parameters[: 3 * UNITS].reshape(3, UNITS)[:, :units].copy())
        self.w, self.b, self.v = (nn.Parameter(each) for each in parts)
        self.c = nn.Parameter(torch.tensor(parameters[-1]))

    def forward(self, x):
        return torch.sigmoid(x[:, None] * self.w + self.b) @ self.v + self.c


def fitted_by_torch(scene, rule, rate, units, steps):
    """The losses of torch's own optimiser from the scene's start."""
    net = Net(scene.values["start"], units)
    optimiser = (torch.optim.Adam if rule == ADAM else torch.optim.SGD)(net.parameters(), lr=rate)
    x = torch.from_numpy(MIDDLES[::5].astype(np.float32))
    f = torch.from_numpy(nielsen(MIDDLES[::5]).astype(np.float32))
    losses = []
    for _ in range(steps + 1):
        loss = nn.functional.mse_loss(net(x), f)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        last = copy.deepcopy(net)
        optimiser.step()
    return losses, last


@pytest.mark.parametrize(("rule", "rate", "units"), [(ADAM, 0.02, 20), (DESCENT, 0.02, 32)])
def test_in_the_page_it_is_trained_as_by_torch(browser, folder, opened, rule, rate, units):
    settings = {"level": 1, "built": 2, "rule": rule, "rate": rate, "units": units}
    page = trained_in_page(
        browser, folder, opened, "train", 100 // STEPS, ["loss", "number", "kept", "parameters"], settings
    )
    losses, net = fitted_by_torch(opened, rule, rate, units, 100)
    assert page["number"] == 100
    assert page["loss"] == pytest.approx(losses[100], abs=1e-4 * losses[0])
    np.testing.assert_allclose(page["kept"][:11], losses[::STEPS], atol=1e-4 * losses[0])
    np.testing.assert_allclose(page["parameters"][:units], net.w.detach(), atol=1e-3)
    assert losses[100] < 0.5 * losses[0]
    assert abs(page["loss"] - losses[90]) > 1e-6  # control: a press less is another loss


def test_a_press_is_ten_steps_and_start_again_is_the_start(opened):
    trained = opened.set(level="Do", built="trained").press("train").press("train")
    assert trained.values["number"] == 2 * STEPS
    assert trained.values["pressed"] == 2 * STEPS
    np.testing.assert_array_equal(trained.press("again").values["parameters"], opened.values["start"])


@pytest.mark.parametrize(
    ("python", "page"),
    [
        (
            {"level": "Do", "built": "trained", "curve": curves.WILD, "rule": DESCENT, "units": 5},
            {"level": 1, "built": 2, "curve": 3, "rule": 0, "units": 5},
        ),
        (
            {"level": "Do", "curve": curves.OWN, "knots": ([[0.5, 0.25], [0.125, 0.75]], [0, 0]), "width": 0.1},
            {"level": 1, "curve": 1, "knots": {"xy": [0.5, 0.25, 0.125, 0.75], "group": [0, 0]}, "width": 0.1},
        ),
        (
            {"level": "Formula", "curve": curves.JUMP, "n": 33, "steepness": 90, "place": 0.37},
            {"level": 2, "curve": 2, "n": 33, "steepness": 90, "place": 0.37},
        ),
    ],
)
def test_the_page_computes_what_torch_does(browser, folder, opened, python, page):
    changed = opened.set(**python)
    shown = trained_in_page(browser, folder, opened, "", 0, list(changed.computed), page)
    for name, array in changed.computed.items():
        np.testing.assert_allclose(shown[name].ravel(), array.ravel(), rtol=1e-5, atol=1e-5, err_msg=name)
