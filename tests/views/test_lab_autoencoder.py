"""The lab on autoencoders: PCA is exact, the network learns as torch does, the two examples are the lecture's."""

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.views.autoencoder_module import CURVE, LINE, MANY, RATE, WIDTH
from neurarium.views.laboratory import lab
from neurarium.views.levels import FORMULA
from neurarium.views.trained_here import Room
from views.trained_in_page import trained_in_page


@pytest.fixture(scope="module")
def opened():
    return lab("autoencoder")


def rows(made):
    return np.stack([made.values["at_x"], made.values["at_y"]], 1).astype(float)


def test_it_opens_on_the_two_examples_of_the_lecture(opened):
    assert opened.fill(opened.lists["examples"][LINE], "en") == "An example of when we do not need it"
    assert opened.fill(opened.lists["examples"][CURVE], "en") == "An example of when we do need it"
    line, curve = opened.set(example=LINE).values, opened.values
    assert float(line["missed"]) == pytest.approx(float(line["lost"]), rel=0.2), "a line is enough"
    assert float(curve["missed"]) < 0.1 * float(curve["lost"]), "a line is not"
    assert (int(line["better"]), int(curve["better"])) == (1, 2)
    assert int(opened.press("start").values["better"]) == 0, "a network that has learnt nothing is told so"


@pytest.mark.parametrize("settings", [{}, {"example": LINE}, {"bend": 0.7, "noise": 0.2, "seed": 3}])
def test_pca_is_the_singular_value_decomposition(opened, settings):
    made = opened.set(**settings)
    x = rows(made)
    _, scales, directions = np.linalg.svd(x - x.mean(0))
    back = x.mean(0) + np.outer((x - x.mean(0)) @ directions[0], directions[0])
    np.testing.assert_allclose(np.stack([made.values["line_at_x"], made.values["line_at_y"]], 1), back, atol=1e-5)
    assert float(made.values["lost"]) == pytest.approx(scales[1] ** 2 / len(x), rel=1e-4)
    assert float(made.values["kept"]) == pytest.approx(scales[0] ** 2 / (scales**2).sum(), rel=1e-5)
    ends = np.stack([made.values["line_x"][0], made.values["line_y"][0]], 1)
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    assert abs(along @ directions[0]) == pytest.approx(1, abs=1e-5)


def test_two_numbers_of_two_lose_nothing(opened):
    made = opened.set(code=2)
    assert float(made.values["lost"]) == pytest.approx(0, abs=1e-10)
    assert float(made.values["missed"]) < 0.03 * float(opened.values["missed"])
    assert np.isnan(made.values["curve_x"]).all(), "there is no curve to draw"


def plain(made):
    """The network that the lab begins with, in plain torch."""
    W, b, V, c = Room(3, WIDTH, 2).parts(torch.from_numpy(made.press("start").values["parameters"].copy()))
    built = nn.Sequential(
        nn.Linear(2, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 1), nn.Linear(1, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 2)
    )
    arrays = [W[0, :, :2], b[0], W[1, :1], b[1, :1], W[2, :, :1], b[2], V, c]
    for parameter, array in zip(built.parameters(), arrays, strict=True):
        parameter.data = array.clone()
    return built


def learnt(network, x, steps):
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.mse_loss(network(x), x).backward()
        optimiser.step()
    with torch.no_grad():
        return float(((network(x) - x) ** 2).sum(1).mean())


def test_a_hundred_steps_in_the_page_are_those_of_torch(opened, browser, tmp_path):
    made = opened.set(bend=1.1)
    expected = learnt(plain(made), torch.from_numpy(rows(made).astype(np.float32)), 100)
    ours = made.press("start")
    before = float(ours.values["missed"])
    for _ in range(100 // MANY):
        ours = ours.press("train")
    assert int(ours.values["trained"]) == 100
    assert float(ours.values["missed"]) == pytest.approx(expected, abs=1e-4)
    page = trained_in_page(browser, tmp_path, made.press("start"), "train", 100 // MANY, ["missed", "trained"])
    assert page["trained"] == 100
    assert float(page["missed"]) == pytest.approx(expected, abs=1e-4)
    assert abs(before - expected) > 0.1


@torch.no_grad()
def test_the_curve_is_all_that_the_decoder_says_of_a_code(opened):
    network = plain(opened)
    made = opened.press("start")
    codes = network[:3](torch.from_numpy(rows(made).astype(np.float32)))
    np.testing.assert_allclose(made.values["codes"], codes[:, 0], atol=1e-5)
    swept = torch.linspace(float(codes.min()), float(codes.max()), 61)[:, None]
    curve = network[3:](swept)
    np.testing.assert_allclose(made.values["curve_x"][0], curve[:, 0], atol=1e-5)
    np.testing.assert_allclose(made.values["curve_y"][0], curve[:, 1], atol=1e-5)


def test_the_formulas_are_those_of_the_chosen_point(opened):
    values = opened.set(level=FORMULA, point=17).values
    x, m = (np.array([values[f"{each}_1"], values[f"{each}_2"]]) for each in "xm")
    P = np.array([[values["p_11"], values["p_12"]], [values["p_12"], values["p_22"]]])
    back = m + P @ (x - m)
    np.testing.assert_allclose(back, [values["l_1"], values["l_2"]], atol=1e-6)
    assert float(values["line_error"]) == pytest.approx(float(((x - back) ** 2).sum()), abs=1e-6)
    np.testing.assert_allclose(x, rows(opened)[17], atol=1e-6)
