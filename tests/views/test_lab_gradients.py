"""The lab "gradients": the way back through time against autograd of torch.nn.RNNCell and torch.nn.LSTMCell."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.views.gradients_live import INPUTS, UNITS, examples
from neurarium.views.laboratory import lab
from neurarium.views.labs.gradients import SENTENCE
from views.running import program_of, run_program

KINDS = ("linear", "tanh", "ReLU")


@pytest.fixture(scope="module")
def scene():
    return lab("gradients")


def plain(radius, kind, length, seed=0):
    """Lengths of the gradients in all states of a cell of torch, the last first; of r, and the loss by r."""
    tables = examples()
    Q, U, x = tables["matrices"][seed, 0], tables["inputs"][seed, 0], torch.from_numpy(tables["heard"][seed, -length:])
    r = torch.tensor(float(np.float32(radius)), dtype=torch.float64, requires_grad=True)
    if kind == "linear":
        turn = lambda h, u, r: (r * torch.from_numpy(Q) @ h.T).T + u @ torch.from_numpy(U).T  # noqa: E731
    else:
        cell = nn.RNNCell(INPUTS, UNITS, bias=False, nonlinearity=kind.lower()).double()
        with torch.no_grad():
            cell.weight_ih.copy_(torch.from_numpy(U))

        def turn(h, u, r):
            weights = {"weight_ih": cell.weight_ih, "weight_hh": r * torch.from_numpy(Q)}
            return torch.func.functional_call(cell, weights, (u, h))

    def run(r):
        states = [torch.zeros(1, UNITS, dtype=torch.float64, requires_grad=True)]
        for u in x:
            states.append(turn(states[-1], u[None], r))
        return states

    states = run(r)
    asked = torch.from_numpy(tables["asked"][seed])
    back = torch.autograd.grad(states[-1] @ asked, states, retain_graph=True)
    target = run(torch.tensor(1.0, dtype=torch.float64))[-1].detach()
    loss = (states[-1] - target).square().sum() / 2
    (slope,) = torch.autograd.grad(loss, r)
    return np.array([float(each.norm()) for each in reversed(back)]), float(slope), float(loss.detach())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("radius", "length", "seed"), [(0.5, 50, 0), (1.3, 37, 2)])
def test_the_gradient_of_each_step_is_that_of_autograd(scene, kind, radius, length, seed):
    shown = scene.set(radius=radius, activation=kind, length=length, seed=seed).values
    wanted, slope, loss = plain(radius, kind, length, seed)
    assert shown["all_curves"][0, : length + 1] == pytest.approx(wanted, rel=1e-6)
    assert np.isnan(shown["all_curves"][:, length + 1 :]).all()
    assert shown["slope_power"] == pytest.approx(np.log10(abs(slope)), abs=1e-6)
    assert shown["at_y"][0] == pytest.approx(loss, rel=1e-6)
    assert (shown["all_curves"][0] <= shown["all_curves"][2] * (1 + 1e-9))[: length + 1].all(), "r^k is a bound"


def test_a_linear_network_keeps_exactly_r_to_the_k(scene):
    for radius in (0.5, 1.0, 1.5):
        shown = scene.set(radius=radius, length=50, lag=50).values
        assert shown["curves"][0, :51] == pytest.approx(radius ** np.arange(51), rel=1e-9)
        assert shown["each"] == pytest.approx(radius)
        assert shown["slope"] == 1
    bent = scene.set(radius=1.5, activation="tanh").values
    assert bent["each"] < 1.5 * 0.8, "its slopes are below 1"


@pytest.mark.parametrize(("radius", "forget", "length"), [(0.8, 4.0, 50), (1.2, 0.0, 20)])
def test_the_cell_of_the_lstm_has_the_gradient_of_autograd(scene, radius, forget, length):
    tables = examples()
    r = float(np.float32(radius))
    cell = nn.LSTMCell(INPUTS, UNITS).double()
    with torch.no_grad():
        cell.weight_ih.copy_(torch.from_numpy(tables["inputs"][0, 1:].reshape(-1, INPUTS)))
        cell.weight_hh.copy_(torch.from_numpy(r * tables["matrices"][0, 1:].reshape(-1, UNITS)))
        cell.bias_ih.zero_()
        cell.bias_hh.zero_()
        cell.bias_ih[UNITS : 2 * UNITS] = forget
    h, c = torch.zeros(1, UNITS, dtype=torch.float64), torch.zeros(1, UNITS, dtype=torch.float64, requires_grad=True)
    cells = [c]
    for x in torch.from_numpy(tables["heard"][0, -length:]):
        h, c = cell(x[None], (h, c))
        cells.append(c)
    back = torch.autograd.grad(h @ torch.from_numpy(tables["asked"][0]), cells)
    wanted = np.array([float(each.norm()) for each in reversed(back)])
    shown = scene.set(radius=radius, forget=forget, length=length).values
    assert shown["all_curves"][1, : length + 1] == pytest.approx(wanted / wanted[0], rel=1e-6)


def test_forget_gates_near_1_keep_the_gradient_and_open_ones_lose_it(scene):
    assert scene.set(radius=0.5, forget=6, length=50, lag=50).values["cell_power"] > -1
    assert scene.set(radius=0.5, forget=-2, length=50, lag=50).values["cell_power"] < -10
    assert scene.set(radius=0.5, forget=6).values["forget_mean"] > 0.99


# Words and steps.


def test_it_opens_on_the_lectures_sentence_15_words_back_to_french(scene):
    """ "Here the most important information for the prediction, "French", is 15 words ahead"."""
    words = SENTENCE.split()
    assert len(words) - 1 - words.index("French") == 15
    assert int(scene.values["far"]) == int(scene.values["length"]) == 15
    assert scene.values["power"] == pytest.approx(15 * np.log10(0.5))
    assert f"“{SENTENCE} …”: what comes next hangs on “French”, 15 words back." in scene.fill(
        scene.shown()[0].note, "en"
    )


def test_small_weights_vanish_and_large_ones_explode(scene):
    assert "10^-4.5 is left in the RNN: it vanishes. In the LSTM it is 10^-0.25: it lasts." in scene.told()
    assert "10^3.1 is left in the RNN: it explodes" in scene.set(radius=1.6).told()
    assert "of the gradient 50 steps back 10^10.2 is left" in scene.set(radius=1.6, length=50, lag=50).told()
    assert "it lasts" in scene.set(radius=1).told().split("In the LSTM")[0]
    assert "explota" in scene.set(radius=1.6).told("es")
    notes = " ".join(panel.note.en for panel in scene.panels)
    assert "the gradient signal can be multiplied a large number of times by the weight matrix" in notes
    assert "the gradient signal becomes smaller at every training step" in notes
    assert len(scene.tries) == 3


def test_a_whole_step_throws_learning_out_and_clipped_steps_come_down(scene):
    steep = scene.set(radius=1.5)
    assert steep.press("descend").values["radius"] == 0
    clipped = steep.set(clip=True)
    radii = []
    for _ in range(10):
        clipped = clipped.press("descend")
        radii.append(float(clipped.values["radius"]))
    assert np.diff([1.5, *radii]) == pytest.approx(np.full(10, -0.05), abs=1e-6), "rate 0.1 times the threshold 0.5"
    assert radii[-1] == pytest.approx(1, abs=1e-5)


def test_a_step_is_that_of_sgd_with_torchs_clipping(scene):
    for radius, kind, threshold in ((1.2, "tanh", 0.3), (0.9, "tanh", 5.0), (1.1, "ReLU", 1.0)):
        _, slope, _ = plain(radius, kind, 15)
        parameter = nn.Parameter(torch.tensor([np.float32(radius)]).double())
        parameter.grad = torch.tensor([slope], dtype=torch.float64)
        nn.utils.clip_grad_norm_([parameter], float(np.float32(threshold)))
        torch.optim.SGD([parameter], lr=float(np.float32(0.2))).step()
        shown = scene.set(radius=radius, activation=kind, threshold=threshold, rate=0.2, clip=True).values
        assert shown["next_radius"] == pytest.approx(np.clip(parameter.item(), 0, 2), abs=1e-5)
        plainly = scene.set(radius=radius, activation=kind, threshold=threshold, rate=0.2).values["next_radius"]
        assert plainly == pytest.approx(np.clip(np.float32(radius) - 0.2 * slope, 0, 2), abs=1e-5)


def test_the_curve_of_the_loss_is_the_loss_at_each_size(scene):
    shown = scene.set(activation="tanh").values
    for number in (0, 12, 35):
        assert shown["loss"][number] == pytest.approx(plain(shown["sizes"][number], "tanh", 15)[2], rel=1e-5)
    assert shown["loss"][20] == 1e-9, "at r = 1 nothing is wrong"
    reached = scene.set(activation="tanh", radius=float(shown["at_x"][1])).values
    assert shown["at_y"][1] == pytest.approx(reached["at_y"][0], rel=1e-4)


def test_each_seed_is_another_network(scene):
    curves = [scene.set(seed=seed, activation="tanh").values["curves"][0] for seed in range(6)]
    assert all(np.nanmax(np.abs(np.log(one / other))) > 0.1 for one, other in pairwise(curves))


def test_the_page_computes_what_python_computes(scene):
    program = program_of(scene)
    for settings in ({}, {"radius": 0.66, "activation": "ReLU", "length": 23, "lag": 9, "seed": 4, "clip": True}):
        turned = scene.set(**settings)
        page = run_program(turned, program)
        for name, wanted in turned.computed.items():
            assert np.allclose(page[name], wanted, rtol=1e-9, atol=1e-9, equal_nan=True), name
