"""The lab "directions": what reaches an output is what autograd of torch's own RNN says, one way and two ways."""

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.page.marks import Words
from neurarium.views.directions_strip import DEPTH, FEATURES, FEW, LAYOUTS, STEPS, UNITS
from neurarium.views.labs import directions
from views.running import program_of, run_program


def _torchs(scene, seed, depth, two, strength=1.0):
    """torch.nn.RNN with the weights of a seed, and those of the output."""
    network = nn.RNN(FEATURES, UNITS, depth, bidirectional=two, batch_first=True)
    W, U, b, v = (torch.from_numpy(scene.constants[name][seed]) for name in ("W", "U", "b", "v"))
    with torch.no_grad():
        for layer in range(depth):
            for way, suffix in enumerate(("", "_reverse")[: 1 + two]):
                n_in = FEATURES if layer == 0 else UNITS * (1 + two)
                getattr(network, f"weight_ih_l{layer}{suffix}").copy_(W[layer, way, :, :n_in])
                getattr(network, f"weight_hh_l{layer}{suffix}").copy_(strength * U[layer, way])
                getattr(network, f"bias_ih_l{layer}{suffix}").copy_(b[layer, way])
                getattr(network, f"bias_hh_l{layer}{suffix}").zero_()
    return network, v[: UNITS * (1 + two)]


def _slopes(scene, seed, depth, two, t, length, strength=1.0):
    """The output at t, and the length of its slope in each input, by autograd."""
    network, v = _torchs(scene, seed, depth, two, strength)
    x = torch.from_numpy(scene.constants["inputs"][seed]).clone().requires_grad_()
    y = network(x[None, :length])[0][0, t] @ v
    y.backward()
    return y.item(), x.grad.norm(dim=1).numpy()


@pytest.mark.parametrize("two", [False, True])
@pytest.mark.parametrize("depth", range(1, DEPTH + 1))
def test_slopes_are_those_of_torchs_own_rnn(depth, two):
    opened = directions.scene()
    for seed, t, length, strength in ((0, 4, 8, 1.0), (1, 0, 8, 1.0), (2, 7, 8, 0.5), (3, 2, 5, 1.5), (4, 0, 1, 1.0)):
        scene = opened.set(seed=seed, depth=depth, ways=int(two), t=t, length=length, strength=strength)
        y, slopes = _slopes(scene, seed, depth, two, t, length, strength)
        np.testing.assert_allclose(np.nan_to_num(scene.values["sizes"]), slopes, atol=1e-6, rtol=1e-5)
        assert float(scene.values["y"]) == pytest.approx(y, abs=1e-6)
        assert np.isnan(scene.values["sizes"]).tolist() == (slopes == 0).tolist()


def test_lit_states_are_those_that_torchs_own_states_move_the_output_through():
    scene = directions.scene().set(ways=1, depth=2, t=3, length=STEPS)
    layers = [_torchs(scene, 0, 2, True)[0]]
    first = nn.RNN(FEATURES, UNITS, bidirectional=True, batch_first=True)
    second = nn.RNN(2 * UNITS, UNITS, bidirectional=True, batch_first=True)
    for name, parameter in layers[0].named_parameters():
        of = first if "l0" in name else second
        getattr(of, name.replace("l1", "l0")).data.copy_(parameter.data)
    x = torch.from_numpy(scene.constants["inputs"][:1])
    below = first(x)[0]
    told = torch.stack([second(below)[0][0, 3].sum()])  # a layer's states, in all of the lower one's, not through time
    (slope,) = torch.autograd.grad(told.sum(), below)
    code = int(scene.values["layout"])
    lit = scene.values[f"cells_{code}"].reshape(-1, STEPS)
    assert lit.shape[0] == 1 + 2 * 2 + 1
    assert ((slope[0].reshape(STEPS, 2, UNITS).abs().sum(2) > 0).T.numpy() == lit[1:3]).all()
    assert lit[3].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]  # f of the last layer: up to the output
    assert lit[4].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]  # g: from there on
    assert lit[5].tolist() == [0, 0, 0, 1, 0, 0, 0, 0]


def test_one_way_hears_the_past_and_two_ways_hear_all():
    opened = directions.scene().set(length=STEPS)
    for t in range(STEPS):
        one, two, masked = (opened.set(t=t, **each).values for each in ({}, {"ways": 1}, {"ways": 1, "masked": True}))
        assert (int(one["past"]), int(one["future"])) == (t, 0)
        assert (int(two["past"]), int(two["future"])) == (t, STEPS - 1 - t)
        assert (int(masked["past"]), int(masked["future"])) == (t, 0)


def test_without_wires_in_time_only_the_present_is_heard():
    for ways in (0, 1):
        values = directions.scene().set(ways=ways, strength=0, depth=3).values
        assert int(values["reached"]) == 1
        assert float(values["far_share"]) == 1
    assert int(directions.scene().set(strength=0.1, length=STEPS, t=4).values["reached"]) == 5


def test_an_output_behind_the_end_is_the_last_one():
    values = directions.scene().set(t=7).values
    assert int(values["now"]) == 2
    assert int(values["reached"]) == 3


def test_the_formulas_numbers_add_up():
    opened = directions.scene().set(level=2, ways=1, length=STEPS)
    for t in (0, 4, 7):
        v = {name: float(array) for name, array in opened.set(t=t).values.items() if array.ndim == 0}
        network, weights = _torchs(opened, 0, 1, True)
        h = network(torch.from_numpy(opened.constants["inputs"][:1]))[0][0, t]
        assert np.tanh(v["f_heard"] + v["f_kept"]) == pytest.approx(h[0].item(), abs=1e-5)
        assert np.tanh(v["g_heard"] + v["g_kept"]) == pytest.approx(h[UNITS].item(), abs=1e-5)
        assert (v["f_now"], v["g_now"]) == pytest.approx((h[0].item(), h[UNITS].item()), abs=1e-5)
        assert v["part_f"] + v["part_g"] == pytest.approx((h @ weights).item(), abs=1e-5)
        assert v["slope"] == pytest.approx(_slopes(opened, 0, 1, True, t, 8)[1][2], abs=1e-5)


def test_wires_lead_where_states_go():
    assert {drawn.steps for drawn in LAYOUTS} == {FEW, STEPS}
    for code, drawn in enumerate(LAYOUTS):
        steps, depth, two = drawn.steps, code % DEPTH + 1, code % (2 * DEPTH) >= DEPTH
        assert len(drawn.nodes) == steps * (2 + depth * (1 + two)) == len(set(drawn.nodes))
        in_time = depth * (1 + two) * (steps - 1)
        between = steps * (1 + two) * (2 + (depth - 1) * (1 + two))
        assert len(drawn.starts) == len(drawn.ends) == in_time + between
        assert [name for _, name in drawn.rows] == ["f →", "g ←"][: 1 + two] * depth


def words_of(scene):
    """What stands below the inputs and above the outputs."""
    inputs, outputs = [mark for mark in scene.shown()[0].marks if isinstance(mark, Words)][:2]
    return scene.entries(inputs.text, "en"), scene.entries(outputs.text, "en")


def test_it_opens_on_the_lectures_sentence_whose_second_word_needs_the_third():
    """The lecture: “I like icecream” ⇒ “Watashi wa aisukurīmu ga suki”."""
    opened = directions.scene()
    heard, told = words_of(opened)
    assert (" ".join(heard), " ".join(told)) == ("I like icecream", "Watashi wa aisukurīmu ga suki")
    assert told[int(opened.values["now"])] == "aisukurīmu ga"
    assert opened.told().startswith("“aisukurīmu ga” is to be said, and “icecream” is not heard. The output of step 1 ")
    assert opened.set(ways=1).told("es").startswith("Se puede decir «aisukurīmu ga», porque se oye «icecream». ")
    assert "is not heard" in opened.set(ways=1, masked=True).told()
    for other in (opened.set(seed=1), opened.set(length=2), opened.set(t=0), opened.set(length=STEPS)):
        assert other.told().startswith("The output of step ")


def test_other_examples_and_longer_ones_have_letters_for_words():
    assert words_of(directions.scene().set(seed=2)) == (["x(0)", "x(1)", "x(2)"], ["y(0)", "y(1)", "y(2)"])
    longer = directions.scene().set(length=FEW + 1)
    assert words_of(longer)[0] == [f"x({step})" for step in range(STEPS)]


def test_short_strips_and_long_ones_light_the_same():
    for ways in (0, 1):
        values = directions.scene().set(ways=ways, depth=2, t=1).values
        assert int(values["layout"]) == ways * DEPTH + 1
        long = values[f"cells_{int(values['layout']) + 2 * DEPTH}"].reshape(-1, STEPS)
        np.testing.assert_array_equal(values[f"cells_{int(values['layout'])}"].reshape(-1, FEW), long[:, :FEW])
        assert not long[:, FEW:].any()


@pytest.mark.slow
def test_the_page_computes_what_torch_does():
    opened = directions.scene()
    program = program_of(opened)
    for options in ({}, {"ways": 1, "depth": 3, "t": 2, "length": 6, "seed": 3}, {"masked": True, "ways": 1}):
        scene = opened.set(**options)
        for name, array in run_program(scene, program).items():
            np.testing.assert_allclose(array, scene.values[name], atol=1e-6, err_msg=name)
