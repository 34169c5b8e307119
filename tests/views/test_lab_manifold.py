"""Projection to a manifold: the nearest places are exact, the network learns as torch does and comes close to them."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from torch import nn

from neurarium.views.laboratory import lab
from neurarium.views.levels import FORMULA
from neurarium.views.manifold_module import MANY, RATE, ROWS, WIDTH, closest, fresh, sheet
from neurarium.views.projections import arc
from neurarium.views.trained_here import Room
from views.trained_in_page import trained_in_page


@pytest.fixture(scope="module")
def opened():
    return lab("manifold")


def test_the_nearest_place_is_nearest(opened):
    points = 3 * torch.rand(40, 3, generator=torch.manual_seed(0)) - 1.5
    bend = torch.tensor(1.6)
    found = closest(points, bend)
    for point, near in zip(points.double().numpy(), found.double().numpy(), strict=True):

        def away(s, point=point):
            place = torch.tensor([[float(s), float(np.clip(point[1], -1, 1))]], dtype=torch.float64)
            return float(((sheet(place, bend.double())[0].numpy() - point) ** 2).sum())

        starts = np.linspace(-1, 1, 9)
        best = min(minimize_scalar(away, bounds=(low, high), method="bounded").fun for low, high in pairwise(starts))
        assert ((near - point) ** 2).sum() == pytest.approx(best, abs=2e-4)


def test_it_opens_on_a_network_that_projects_and_a_plane_that_cannot(opened):
    values = opened.values
    assert float(values["after"]) < 0.25 * float(values["before"])
    assert float(values["after_plane"]) > 0.8 * float(values["before"])
    assert float(values["missed"]) < 0.2 * float(values["off"])
    assert float(values["off_after"]) <= float(values["missed"])


def test_a_bent_network_is_wrong_on_a_flat_sheet_until_it_is_trained(opened):
    flat = opened.set(bend=0)
    values = flat.values
    assert float(values["after_plane"]) < 0.2 * float(values["before"]), "a linear projection is enough here"
    assert float(values["after"]) > 0.7 * float(values["before"])
    for _ in range(15):
        flat = flat.press("train")
    assert float(flat.values["after"]) < 0.35 * float(values["before"])
    again = flat.press("again")
    assert again.told() == opened.set(bend=0).told()


def plain(parameters):
    W, b, V, c = Room(2, WIDTH, 3).parts(torch.from_numpy(parameters.copy()))
    built = nn.Sequential(nn.Linear(3, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 3))
    for parameter, array in zip(built.parameters(), [W[0, :, :3], b[0], W[1], b[1], V, c], strict=True):
        parameter.data = array.clone()
    return built


def test_a_hundred_steps_in_the_page_are_those_of_torch(opened, browser, tmp_path):
    made = opened.set(bend=0.8, noise=0.3)
    module = made.module
    network = plain(module.trained.numpy())
    clean = sheet(module.places[0], torch.tensor(0.8))
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    for step in range(100):
        optimiser.zero_grad()
        noisy = clean + 0.3 * fresh(module.chance, torch.tensor(step))
        nn.functional.mse_loss(network(noisy), clean).backward()
        optimiser.step()
    with torch.no_grad():
        back = network(clean + 0.3 * module.chance[:ROWS])
        expected = float(((back - closest(back, torch.tensor(0.8))) ** 2).sum(1).sqrt().mean())
    page = trained_in_page(browser, tmp_path, made, "train", 100 // MANY, ["after", "trained_steps", "parameters"])
    assert page["trained_steps"] == 100
    assert float(page["after"]) == pytest.approx(expected, abs=1e-4)
    found = plain(page["parameters"].astype(np.float32))
    for ours, theirs in zip(found.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=0)
    assert abs(float(made.values["after"]) - expected) > 0.01


def test_noise_is_fresh_at_every_step(opened):
    chance = opened.module.chance
    steps = [fresh(chance, torch.tensor(step)) for step in range(200)]
    assert len({each.numpy().tobytes() for each in steps}) == 200
    assert float(chance.std()) == pytest.approx(1, abs=0.05)


def test_the_formula_is_that_of_the_dragged_point(opened):
    made = opened.set(level=FORMULA, place=(-0.5, 0.9))
    values = made.values
    x = torch.tensor([[-0.5, 0.0, 0.9]])
    landed = plain(made.module.trained.numpy())(x)[0].detach().numpy()
    np.testing.assert_allclose([values[f"landed_{axis}"] for axis in "xyz"], landed, atol=1e-6)
    np.testing.assert_allclose([values[f"gone_{axis}"] for axis in "xyz"], landed - x[0].numpy(), atol=1e-6)
    true = closest(x, torch.tensor(1.6))[0].numpy()
    assert float(values["missed"]) == pytest.approx(float(np.linalg.norm(landed - true)), abs=1e-5)
    assert float(values["off"]) == pytest.approx(float(np.linalg.norm(x[0].numpy() - true)), abs=1e-5)


def test_the_view_turns_without_bending(opened):
    front, side = (opened.set(turn=turn).values["net_x"] for turn in (0, 90))
    along = arc(torch.linspace(-1, 1, 25), torch.tensor(1.6)).numpy()
    np.testing.assert_allclose(front[0], along[:, 0], atol=1e-6)
    np.testing.assert_allclose(side[:, 0], -np.linspace(-1, 1, 9), atol=1e-6)
