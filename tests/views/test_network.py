"""The look "network": every unit's sum and answer are the network's own."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from torch import nn

import neurarium
from neurarium.page.marks import Cells, Links, Matrix
from neurarium.views.looking import CannotLook, look, looks
from neurarium.views.wiring import Wiring
from views.running import program_of, run_program


@pytest.fixture(scope="module")
def iris():
    return load_iris(as_frame=True, return_X_y=True)


@pytest.fixture(scope="module")
def feed_forward(iris):
    X, y = iris
    return neurarium.FeedForwardClassifier(n_hidden=5, epochs=3, random_state=0).fit(X, y)


def marks(scene, kind):
    return [mark for panel in scene.panels for mark in panel.marks if isinstance(mark, kind)]


def test_layers_are_those_of_the_module_in_its_order():
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3)).eval()
    layers = Wiring(network, (torch.zeros(1, 1, 8, 8),), ["x"]).layers
    found = [(each.name, each.shape, each.activation, each.depth) for each in layers]
    assert found == [("x", (64,), "", 0), ("0", (4, 6, 6), "relu", 1), ("4", (3,), "", 2)]


def test_the_weights_of_a_convolution_are_its_kernel_at_the_middle_of_the_map():
    network = nn.Conv2d(2, 3, 3, padding=1, bias=False).eval()
    wiring = Wiring(network, (torch.zeros(1, 2, 5, 5),), ["x"])
    weights = wiring.weights(wiring.layers[1], range(3)).reshape(3, 2, 5, 5)
    torch.testing.assert_close(weights[:, :, 1:4, 1:4], network.weight.detach())
    outside = weights.clone()
    outside[:, :, 1:4, 1:4] = 0
    assert not outside.any()


def test_sums_that_are_added_to_each_other_are_one_layer_that_hears_both():
    class Step(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.back = nn.Linear(3, 4), nn.Linear(4, 4, bias=False)

        def forward(self, x, state):
            return torch.tanh(self.inner(x) + self.back(state))

    layers = Wiring(Step().eval(), (torch.zeros(1, 3), torch.zeros(1, 4)), ["x", "state"]).layers
    assert [(each.name, each.units, [source.name for source in each.sources]) for each in layers] == [
        ("x", 3, []),
        ("state", 4, []),
        ("inner", 4, ["x", "state"]),
    ]


@pytest.mark.parametrize(("layer", "unit"), [(0, 0), (0, 4), (1, 2)])
def test_the_sum_of_a_unit_is_taken_apart_without_a_rest(feed_forward, iris, layer, unit):
    X, _ = iris
    module = feed_forward.module_.requires_grad_(False)
    scene = look(feed_forward, "network", X, row=40, layer=layer, unit=unit)
    with torch.no_grad():
        x = module.scaling(torch.tensor(X.to_numpy()[40:41]))
        z = module.inner(x)
        a = torch.tanh(z) if layer == 0 else module.outer(torch.tanh(z))
        z = z if layer == 0 else a
        w = (module.inner if layer == 0 else module.outer).weight[unit]
        entering = x[0] if layer == 0 else torch.tanh(module.inner(x))[0]
        bias = (module.inner if layer == 0 else module.outer).bias[unit]
    values = scene.values
    assert values["sum"] == pytest.approx(float(z[0, unit]), abs=1e-5)
    assert values["bias"] == pytest.approx(float(bias), abs=1e-5)
    assert values["top"].sum() == pytest.approx(float((w * entering).sum()), abs=1e-5)
    largest = (w * entering).abs().argsort(descending=True)
    assert np.abs(values["top"][: len(largest)]) == pytest.approx((w * entering)[largest].abs().numpy(), abs=1e-5)
    if layer == 0:
        assert values["says"] == pytest.approx(float(a[0, unit]), abs=1e-5)


def test_links_are_the_weights_between_the_cells_that_are_drawn(feed_forward, iris):
    scene = look(feed_forward, "network", iris[0])
    np.testing.assert_allclose(
        scene.values["links_0_1"].reshape(5, 4), feed_forward.module_.inner.weight.numpy(force=True), atol=1e-6
    )
    flowing = scene.set(flow=True).values
    np.testing.assert_allclose(
        flowing["links_1_2"].reshape(3, 5),
        feed_forward.module_.outer.weight.numpy(force=True) * flowing["values_1"],
        atol=1e-5,
    )
    assert len(marks(scene, Links)) == 2


def test_cells_choose_their_layer_and_their_unit(feed_forward, iris):
    inputs, hidden, output = marks(look(feed_forward, "network", iris[0]), Cells)
    assert inputs.sets is None
    assert hidden.sets[3] == {"layer": 0, "unit": 3}
    assert output.sets[1] == {"layer": 1, "unit": 1}
    assert (inputs.kinds, hidden.kinds, output.kinds) == ("input", "hidden", "output")


def test_paper_draws_it(feed_forward, iris):
    scene = look(feed_forward, "network", iris[0])
    figure = scene.plot()
    figure.draw_without_rendering()
    assert len(figure.axes) >= len(scene.shown())


def test_names_are_those_of_the_owner(feed_forward, iris):
    scene = look(feed_forward, "network", iris[0])
    assert scene.lists["entering"][:4] == list(iris[0].columns)
    assert scene.lists["classes"] == ["0", "1", "2"]


@pytest.mark.slow
def test_a_page_computes_what_torch_computes(feed_forward, iris):
    scene = look(feed_forward, "network", iris[0])
    program = program_of(scene)
    for options in ({}, {"row": 17, "layer": 1, "unit": 2}, {"unit": 4, "flow": True}):
        chosen = scene.set(**options)
        for name, array in run_program(chosen, program).items():
            np.testing.assert_allclose(array, chosen.values[name], atol=1e-5, err_msg=name)


def test_a_unit_beyond_those_of_the_layer_is_its_last(feed_forward, iris):
    scene = look(feed_forward, "network", iris[0], layer=1, unit=4)
    assert scene.values["the_unit"] == 2


def test_a_module_of_ones_own_is_looked_into():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(216, 4))
    X = np.random.default_rng(0).random((5, 1, 8, 8), np.float32)
    scene = look(network, "network", X)
    with torch.no_grad():
        answer = network(torch.tensor(X[:1]))
    np.testing.assert_allclose(scene.values["answer"], answer[0], atol=1e-5)
    assert scene.values["maps_1"].shape == (6, 6, 6)
    with pytest.raises(CannotLook, match="give rows"):
        look(network, "network")


def test_a_recurrent_network_is_looked_into_step_by_step():
    X = np.random.default_rng(0).random((20, 6, 3))
    y = (X.sum((1, 2)) > 9).astype(int)
    network = neurarium.LSTMClassifier(n_units=4, epochs=1, random_state=0).fit(X, y)
    scene = look(network, "network", X, row=5)
    last = network.stages(X[:1])["hidden"][0, -1]
    layers = scene.lists["layers"]
    heard = scene.set(layer=len(layers) - 1, unit=0)
    with torch.no_grad():
        scores = network.module_.read_out(torch.tensor(last, dtype=torch.float64))
    np.testing.assert_allclose(heard.values["sum"], float(scores[0]), atol=1e-5)


def test_what_comes_in_is_the_row_and_not_the_state_and_much_that_comes_out_is_a_picture():
    X = np.random.default_rng(0).normal(size=(12, 5, 3))
    network = neurarium.EchoStateClassifier(n_units=70, random_state=0).fit(X, np.arange(12) % 2)
    scene = look(network, "network", X)
    np.testing.assert_allclose(scene.values["x"], X[0, 0], rtol=1e-6)
    answer = scene.values["answer"]
    assert answer.shape == (70,)
    np.testing.assert_array_equal(scene.values["answer_grid"].ravel()[:70], answer)
    assert isinstance(scene.panels[-1].marks[0], Matrix)


def test_a_chain_shows_what_follows_what():
    text = "the cat sat on the mat. the dog"
    scene = look(neurarium.MarkovChain().fit(text), "network", state="t", follows="h")
    assert (scene.values["count"], scene.values["total"]) == (3, text[:-1].count("t"))
    np.testing.assert_allclose(scene.values["law"].sum(1).clip(0.99), 1, atol=0.011)
    for name, array in run_program(scene).items():
        np.testing.assert_allclose(array, scene.values[name], atol=1e-6, err_msg=name)


def test_every_network_of_the_chart_and_any_module_has_this_look():
    assert "network" in looks(nn.Linear(2, 2))
    assert "network" not in looks("a text")
    with pytest.raises(CannotLook, match="did you mean 'network'"):
        look(nn.Linear(2, 2), "networks")
