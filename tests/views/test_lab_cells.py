"""The lab "cells": every kind of the chart against its code as it is shown, and against torch's own modules."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from neurarium import catalogue
from neurarium.chart import CHART
from neurarium.core.card import Cell
from neurarium.views.cells_kinds import ABOUT
from neurarium.views.cells_live import KINDS, STEPS
from neurarium.views.laboratory import lab
from neurarium.views.labs import cells
from neurarium.views.levels import DO, FORMULA, SEE
from views.running import program_of, run_program

LECTURE = [
    "backfed input", "input", "noisy input", "hidden", "probabilistic hidden", "spiking hidden", "output",
    "match input output", "recurrent", "memory", "different memory", "kernel", "convolution or pool",
]  # fmt: skip
SETTINGS = [
    {},
    {"seed": 2, "t": 23, "w": 1.5, "b": -0.5, "keep": 0.6, "write": 0.7, "tell": 0.8, "reset": 0.4, "loop": -1.2},
    {"x": 2.4, "t": 39, "w": -3, "b": 1, "noise": 1.5, "weights": [[0.5, -2, 1]], "loop": 1.9},
    {"seed": 5, "t": 0, "w": 0.35, "keep": 0, "loop": 0.5, "weights": [[1, 1, 1]]},
]


@pytest.fixture(scope="module")
def scene():
    return lab("cells")


@pytest.fixture(scope="module")
def program(scene):
    return program_of(scene)


def code_of(shown):
    """The code as it stands on the page."""
    (panel,) = [panel for panel in shown.shown() if panel.title.en == "Its code, in PyTorch"]
    return shown.fill(panel.marks[0].plain, "en").replace("\N{NO-BREAK SPACE}", " ")


def given(scene):
    """What the code is told."""
    values = scene.values
    numbers = ("w", "b", "noise", "loop", "keep", "write", "tell", "reset")
    normal, even = cells.examples()[2][int(values["seed"])]
    return {
        **{name: torch.tensor(values[name]) for name in numbers},
        "torch": torch,
        "F": F,
        "x": torch.tensor(values["x_now"]),
        "t": int(values["t"]),
        "signal": torch.tensor(values["signal"]),
        "weights": torch.tensor(values["weights"])[0],
        "epsilon": torch.tensor(normal),
        "u": torch.tensor(even),
    }


def test_they_are_the_thirteen_of_the_lecture_in_its_order(scene):
    assert [kind.value for kind in KINDS] == LECTURE == [name.en for name in scene.lists["kinds"]]
    assert set(ABOUT) == set(Cell)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("settings", SETTINGS)
def test_the_code_that_is_shown_gives_what_the_lab_gives(scene, program, kind, settings):
    shown = scene.set(kind=kind.value, level=FORMULA, **settings)
    space = given(shown)
    exec(code_of(shown), space)
    wanted = float(space["y"])
    assert run_program(shown, program)["y"] == pytest.approx(wanted, abs=1e-5)
    assert shown.values["y"] == pytest.approx(wanted, abs=1e-5)
    if kind is Cell.MATCH_INPUT_OUTPUT:
        assert shown.values["error"] == pytest.approx(float(space["error"]), abs=1e-5)


def test_the_code_of_another_cell_would_be_noticed(scene):
    answers = set()
    for kind in KINDS:
        space = given(scene.set(**SETTINGS[1]))
        exec(code_of(scene.set(kind=kind.value, level=FORMULA)), space)
        answers.add(round(float(space["y"]), 4))
    assert len(answers) >= 10  # two of them are on or off, and so may agree


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_recurrent_cell_is_torchs(scene, settings):
    values = scene.set(**settings).values
    cell = nn.RNNCell(1, 1, bias=False)
    cell.weight_ih.data.fill_(float(values["w"]))
    cell.weight_hh.data.fill_(float(values["loop"]))
    h, wanted = torch.zeros(1, 1), []
    for x in torch.tensor(values["signal"]):
        h = cell(x.reshape(1, 1), h)
        wanted.append(h.item())
    np.testing.assert_allclose(values["time_recurrent"][1], wanted, atol=1e-5)


def logit(p):
    return np.log(p / (1 - p))


def test_the_memory_cell_is_torchs_with_gates_that_are_set(scene):
    values = scene.set(keep=0.8, write=0.6, tell=0.7, w=1.2, seed=3).values
    cell = nn.LSTMCell(1, 1)
    for weights in cell.parameters():
        weights.data.zero_()
    cell.weight_ih.data[2] = 1.2
    cell.bias_ih.data = torch.tensor([logit(0.6), logit(0.8), 0, logit(0.7)], dtype=torch.float32)
    state, wanted = (torch.zeros(1, 1), torch.zeros(1, 1)), []
    for x in torch.tensor(values["signal"]):
        state = cell(x.reshape(1, 1), state)
        wanted.append([state[1].item(), state[0].item()])
    np.testing.assert_allclose(values["time_memory"][1:].T, wanted, atol=1e-5)


def test_the_different_memory_cell_is_torchs_with_gates_that_are_set(scene):
    values = scene.set(keep=0.8, reset=0.3, loop=-1.5, w=1.2, seed=4).values
    cell = nn.GRUCell(1, 1)
    for weights in cell.parameters():
        weights.data.zero_()
    cell.weight_ih.data[2], cell.weight_hh.data[2] = 1.2, -1.5
    cell.bias_ih.data = torch.tensor([logit(0.3), logit(0.8), 0], dtype=torch.float32)
    h, wanted = torch.zeros(1, 1), []
    for x in torch.tensor(values["signal"]):
        h = cell(x.reshape(1, 1), h)
        wanted.append(h.item())
    np.testing.assert_allclose(values["time_different"][1], wanted, atol=1e-5)


def test_the_spiking_cell_fires_as_often_as_its_equation_says(scene):
    """From 0 driven by d > 1 the voltage d (1 - 0.9ⁿ) passes 1 first at n = ceil(log(1 - 1 / d) / log(0.9))."""
    for x in (-1.0, 0.3, 0.55, 1.0, 2.5):
        values = scene.set(x=x, w=2, kind="spiking hidden").values
        driven = 2 * np.float32(x)
        period = np.ceil(np.log(1 - 1 / driven) / np.log(0.9)) if driven > 1 else np.inf
        assert values["rate"] == pytest.approx((STEPS // period) / STEPS)
    assert scene.set(x=0.45, w=2).values["rate"] == 0


def test_the_probabilistic_cell_is_on_as_often_as_its_chance(scene):
    shares = [scene.set(seed=seed, x=0.5).values for seed in range(1, 6)]
    for values in shares:
        deviation = np.sqrt(values["p"] * (1 - values["p"]) / STEPS)
        assert abs(values["share"] - values["p"]) < 3 * deviation
    assert len({float(values["share"]) for values in shares}) > 1


def test_curves_over_the_input_pass_through_the_answer(scene):
    values = scene.set(x=0.7, w=1.3, b=-0.4).values
    at = int(np.argmin(abs(values["over"] - 0.7)))
    for curve, answer in (
        ("curve_input", "y_input"),
        ("curve_hidden", "y_hidden"),
        ("curve_output", "y_output"),
        ("curve_rate", "rate"),
    ):
        assert values[curve][at] == pytest.approx(float(values[answer]), abs=1e-5)
    assert values["curve_match"][:, at].tolist() == pytest.approx(
        [float(values["y_output"]), float(values["error"])], abs=1e-5
    )


def test_a_backfed_input_comes_to_rest_where_tanh_does(scene):
    values = scene.set(x=0.1, w=2).values
    rest = values["time_backfed"][-1]
    assert np.tanh(2 * rest) == pytest.approx(float(rest), abs=1e-6)
    assert rest > 0.9
    assert abs(scene.set(x=0.1, w=0.5).values["time_backfed"][-1]) < 1e-6


def test_the_networks_are_those_of_the_whole_chart_and_the_built_ones_are_told_apart(scene):
    cards = catalogue.cards()
    for kind in KINDS:
        built = {code for code, card in cards.items() if kind in dict(card.layers)}
        to_come = {code for code, place in CHART.items() if code not in cards and kind in dict(place.layers)}
        assert [set(each) for each in cells.networks(kind)] == [built, to_come]
        shown = scene.set(kind=kind.value)
        legend = shown.shown()[0].note
        named = ", ".join(cells.networks(kind)[0]) or "none", ", ".join(cells.networks(kind)[1]) or "none"
        assert shown.fill(legend, "en") == f"Networks that have it, built: {named[0]}. Still to come: {named[1]}."
        assert shown.told().endswith(f"Networks of the chart that have it: {len(built | to_come)} of 37.")
        assert shown.told("es").endswith(f"Redes del esquema que la tienen: {len(built | to_come)} de 37.")


def test_no_kind_of_cell_is_without_a_network():
    every = {kind: [*built, *to_come] for kind in KINDS for built, to_come in [cells.networks(kind)]}
    assert all(every.values())
    assert "LSTM" in every[Cell.MEMORY]
    assert "GRU" in every[Cell.DIFFERENT_MEMORY]
    assert every[Cell.NOISY_INPUT] == ["DAE"]
    assert every[Cell.SPIKING_HIDDEN] == ["LSM"]


def test_only_the_dials_of_the_chosen_cell_are_there(scene):
    def dials(**settings):
        shown = scene.set(**settings)
        return {name for name, (by, numbers) in shown.only.items() if int(shown.values[by]) in numbers}

    assert dials(level=SEE) == dials(level=FORMULA) == set()
    assert dials(level=DO) == {"x", "w", "b"}
    assert dials(level=DO, seed=1) == {"w", "b"}
    assert dials(level=DO, kind="memory") == {"w", "keep", "write", "tell", "t"}
