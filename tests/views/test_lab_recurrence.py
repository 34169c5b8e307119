"""The lab "recurrence": the unit is torch's own, the output misses least, and an MLP does not notice the order."""

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.views.labs import recurrence
from views.running import program_of, run_program

WIRES = (0.0, 0.25, 0.5, 1.0, 1.5)


def _states(film, weight, wire):
    network = nn.RNN(1, 1, batch_first=True)
    with torch.no_grad():
        network.weight_ih_l0.fill_(weight)
        network.weight_hh_l0.fill_(wire)
        network.bias_ih_l0.zero_()
        network.bias_hh_l0.zero_()
        return network(torch.tensor(film, dtype=torch.float32)[None, :, None])[0][0, :, 0].numpy()


@pytest.mark.parametrize("wire", WIRES)
def test_the_unit_is_torchs_own(wire):
    scene = recurrence.scene().set(wire=wire, weight=1.3)
    np.testing.assert_allclose(scene.values["curves"][1], _states(recurrence.FILM, 1.3, wire), atol=1e-6)
    shuffled = scene.set(shuffle=True)
    film = np.array(recurrence.FILM)[scene.constants["orders"][0]]
    assert shuffled.values["curves"][0].tolist() == film.tolist()
    np.testing.assert_allclose(shuffled.values["curves"][1], _states(film, 1.3, wire), atol=1e-6)


@pytest.mark.parametrize("wire", WIRES[1:])
def test_the_output_misses_the_task_least(wire):
    for seed in range(8):
        values = recurrence.scene().set(wire=wire, seed=seed).values
        x, h = values["curves"].astype(float)
        found, *_ = np.linalg.lstsq(np.c_[h, x, np.ones(16)][1:], x[:-1], rcond=None)
        ours = np.array([values["v"], values["u"], values["constant"]])
        told = np.c_[h, x, np.ones(16)] @ found
        np.testing.assert_allclose(values["task"][2], told, atol=2e-3)
        np.testing.assert_allclose(ours, found, rtol=1e-2, atol=1e-2)
        assert int(values["right"]) == ((told > 0.5)[1:] == (x[:-1] > 0.5)).sum()


def test_an_mlp_does_not_notice_the_order_and_one_wire_more_does():
    for seed in range(8):
        opened = recurrence.scene().set(seed=seed)
        mlp, wired = opened.set(wire=0).values, opened.set(wire=0.5).values
        assert int(mlp["changed"]) == 0
        assert float(mlp["most_changed"]) == 0
        np.testing.assert_array_equal(mlp["own_answers"], mlp["other_answers"])
        assert int(wired["changed"]) >= 8
        assert float(wired["most_changed"]) > 0.3
        assert int(wired["right_own"]) > int(mlp["right_own"]) or seed == 1


def test_an_mlp_gives_the_same_answer_to_the_same_frame():
    values = recurrence.scene().set(wire=0).values
    for frame in (0, 1):
        answers = values["task"][2][values["curves"][0] == frame]
        assert len(set(answers.tolist())) == 1
        assert answers[0] == pytest.approx(
            np.mean(np.array(recurrence.FILM)[:-1][np.array(recurrence.FILM)[1:] == frame])
        )
    assert set(np.round(values["curves"][1], 4)) == {0, np.float32(0.7616)}


def test_it_opens_on_a_film_that_the_wire_solves():
    scene = recurrence.scene()
    assert "w = 0.50" in scene.told()
    assert "15 of 15" in scene.told()
    assert "acierta en 15 de 15" in scene.told("es")
    assert "8 of 15" in scene.set(wire=0).told()


def test_a_pulse_is_forgotten_fades_or_stays():
    opened = recurrence.scene().set(seed=1)
    assert opened.values["curves"][0].sum() == 1
    ends = [opened.set(wire=wire).values["curves"][1][-1] for wire in (0, 0.5, 1.5)]
    assert ends[0] == 0
    assert 0 < ends[1] < 1e-3
    assert ends[2] == pytest.approx(0.8586, abs=1e-3)  # h = tanh(1.5 h)
    for wire in (0.3, 0.5, 0.9):
        h = opened.set(wire=wire).values["curves"][1]
        assert h[5] <= h[2] * wire**3
        assert float(opened.set(wire=wire).values["left"]) == pytest.approx(wire**3)


def test_the_formulas_numbers_add_up():
    for t in (0, 3, 9):
        v = {name: float(each) for name, each in recurrence.scene().set(level=2, t=t).values.items() if each.ndim == 0}
        assert v["h_now"] == pytest.approx(np.tanh(v["weight"] * v["x_now"] + v["wire"] * v["h_before"]), abs=1e-6)
        assert v["y_now"] == pytest.approx(v["v"] * v["h_now"] + v["u"] * v["x_now"] + v["constant"], abs=1e-5)
        assert v["x_now"] == recurrence.FILM[t]


def test_another_order_has_the_same_frames():
    films, orders = recurrence.examples()
    assert set(np.unique(films)) == {0, 1}
    for order in orders:
        assert sorted(order.tolist()) == list(range(16))
        assert order.tolist() != list(range(16))


@pytest.mark.slow
def test_the_page_computes_what_torch_does():
    opened = recurrence.scene()
    program = program_of(opened)
    for options in ({}, {"wire": 0, "shuffle": True}, {"wire": 1.2, "seed": 4, "t": 9, "weight": 2}):
        scene = opened.set(**options)
        for name, array in run_program(scene, program).items():
            np.testing.assert_allclose(array, scene.values[name], atol=1e-5, err_msg=name)
