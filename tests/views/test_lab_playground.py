"""The playground: trained in the page as torch trains a plain network, and what the perceptron cannot do."""

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.views.laboratory import lab
from neurarium.views.levels import DO, FORMULA
from neurarium.views.playground_data import CIRCLES, FEATURE_SETS, OWN, SLOPE, SPIRALS, features
from neurarium.views.playground_module import LAYERS, MANY, SIDE, WIDTH
from neurarium.views.trained_here import ADAM, DESCENT, RELU, SIGMOID, Room
from views.trained_in_page import trained_in_page

FUNCTIONS = [nn.Tanh, nn.ReLU, nn.Sigmoid, nn.Identity]


@pytest.fixture(scope="module")
def opened():
    return lab("playground")


class Rival:
    """The lab's network in plain torch, trained on the same batches by torch's own optimiser."""

    def __init__(self, made):
        values = self.values = made.values
        widths = [int(values[f"units_{n}"]) for n in range(1, LAYERS + 1)][: int(values["layers"])]
        count = FEATURE_SETS[int(values["inputs"])]
        self.numbers = int(values["data"]) == SLOPE
        layers = []
        for below, width in zip([count, *widths], widths, strict=False):
            layers += [nn.Linear(below, width), FUNCTIONS[int(values["function"])]()]
        self.plain = nn.Sequential(*layers, nn.Linear([count, *widths][-1], 1))
        self.start(made, widths, count)
        xy = torch.from_numpy(np.stack([values["x"], values["y"]], 1))
        used = torch.zeros(8)
        used[:count] = 1
        self.x = features(xy, used)[:, :count]
        self.t = torch.from_numpy(values["target"])[:, None]
        there = (values["classes"] + values["values"]) > 0
        self.train = np.flatnonzero(there & ~values["test"])
        self.test = np.flatnonzero(there & values["test"])
        self.steps = 0
        weights = [each for each in self.plain.parameters() if each.dim() == 2]
        biases = [each for each in self.plain.parameters() if each.dim() == 1]
        groups = [{"params": weights, "weight_decay": float(values["decay_2"])}, {"params": biases}]
        kind = torch.optim.Adam if int(values["rule"]) == ADAM else torch.optim.SGD
        self.optimiser, self.weights = kind(groups, lr=float(values["rate"])), weights

    def start(self, made, widths, count):
        """Take the start over from one press of zero consequence: what the lab shows as links and biases."""
        room = Room(LAYERS, WIDTH, 1)
        W, b, V, c = room.parts(torch.from_numpy(made.values["weights"].copy()))
        dense = [each for each in self.plain if isinstance(each, nn.Linear)]
        for layer, each in enumerate(dense[:-1]):
            rows, columns = each.weight.shape
            each.weight.data, each.bias.data = W[layer, :rows, :columns].clone(), b[layer, :rows].clone()
        dense[-1].weight.data, dense[-1].bias.data = V[:, : dense[-1].in_features].clone(), c.clone()

    def cost(self, rows):
        kind = nn.MSELoss() if self.numbers else nn.BCEWithLogitsLoss()
        return kind(self.plain(self.x[rows]), self.t[rows])

    def learn(self, steps):
        batch = min(int(self.values["batch"]), len(self.train))
        for _ in range(steps):
            rows = self.train[(self.steps * batch + np.arange(batch)) % len(self.train)]
            self.optimiser.zero_grad()
            loss = self.cost(rows) + float(self.values["decay_1"]) * sum(each.abs().sum() for each in self.weights)
            loss.backward()
            self.optimiser.step()
            self.steps += 1
        with torch.no_grad():
            return float(self.cost(self.train)), float(self.cost(self.test))


SETTINGS = {
    "the lecture's": {},
    "spirals": {"data": SPIRALS, "layers": 3, "units_1": 8, "units_2": 6, "inputs": 3, "decay_1": 0.001},
    "numbers": {"data": SLOPE, "layers": 2, "function": RELU, "rule": DESCENT, "rate": 0.05, "batch": 7},
    "circles": {"data": CIRCLES, "layers": 4, "function": SIGMOID, "decay_2": 0.01, "share": 0.5, "seed": 2},
    "perceptron": {"layers": 0, "rule": DESCENT, "rate": 0.3},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_training_is_that_of_torch(opened, name):
    made = opened.set(**SETTINGS[name])
    rival = Rival(made)
    for _ in range(100 // MANY):
        made = made.press("train")
    loss, test_loss = rival.learn(100)
    assert int(made.values["trained"]) == 100
    assert float(made.values["loss"]) == pytest.approx(loss, abs=1e-4)
    assert float(made.values["test_loss"]) == pytest.approx(test_loss, abs=1e-4)
    made = made.press("step")
    assert float(made.values["loss"]) == pytest.approx(rival.learn(1)[0], abs=1e-4)


def test_the_page_trains_as_torch_does(opened, browser, tmp_path):
    settings = {"data": SPIRALS, "layers": 2, "units_1": 8}
    rival = Rival(opened.set(**settings))
    names = ["loss", "test_loss", "trained", "curves"]
    page = trained_in_page(browser, tmp_path, opened, "train", 100 // MANY, names, settings)
    loss, test_loss = rival.learn(100)
    assert page["trained"] == 100
    assert float(page["loss"]) == pytest.approx(loss, abs=1e-4)
    assert float(page["test_loss"]) == pytest.approx(test_loss, abs=1e-4)
    assert page["curves"][0, -1] == page["loss"] < page["curves"][0, -1 - 100 // MANY] - 0.005
    assert abs(rival.learn(100)[0] - loss) > 1e-3  # a hundred steps more would be seen


def test_no_line_parts_xor_and_a_hidden_layer_does(opened):
    def after(made, presses):
        for _ in range(presses):
            made = made.press("train")
        return made.values

    lined = after(opened.set(layers=0), 12)
    assert float(lined["loss"]) == pytest.approx(np.log(2), abs=0.03)  # what is said without looking
    assert int(lined["right"]) < 0.8 * int(lined["asked"])
    bent = after(opened, 20)
    assert float(bent["loss"]) < 0.02
    assert int(bent["right"]) == int(bent["asked"]) == 160
    own = after(opened.set(data=OWN, share=0), 15)
    assert int(own["right"]) == int(own["asked"]) == 4, "the four points of XOR itself"


def test_spirals_are_learnt_by_heart_as_the_third_step_to_try_says(opened):
    rival = Rival(opened.set(level=DO, data=SPIRALS, inputs=3, layers=2, units_1=8, units_2=8))
    loss, test_loss = rival.learn(400)
    assert loss < 0.03
    assert test_loss > 0.4


def test_a_network_of_another_shape_starts_afresh_and_the_one_before_waits(opened):
    trained = opened.press("train").press("train")
    assert int(trained.values["trained"]) == 2 * MANY
    wider = trained.set(units_1=5)
    assert int(wider.values["trained"]) == 0
    np.testing.assert_array_equal(wider.values["field"], opened.set(units_1=5).values["field"])
    assert wider.set(units_1=4).told() == trained.told()
    assert trained.press("reset").told() == opened.told()


def test_each_cell_shows_its_own_map_and_nothing_where_there_is_none(opened):
    made = opened.set(level=DO, layers=2, units_2=3).press("train")
    there = np.isfinite(made.values["maps"]).any((1, 2))
    assert there.sum() == 2 + 4 + 3 + 1
    room = Room(LAYERS, WIDTH, 1)
    W, b, _, _ = room.parts(torch.from_numpy(made.values["weights"]))
    places = (torch.arange(SIDE) + 0.5) * (4 / SIDE) - 2
    y, x = torch.meshgrid(places[::2], places[::2], indexing="ij")
    unit = torch.tanh(W[0, 1, 0] * x + W[0, 1, 1] * y + b[0, 1]).numpy()
    shown = made.values["maps"][WIDTH + 1]
    seen = np.isfinite(shown)
    np.testing.assert_allclose(shown[seen], (unit / np.abs(unit).max())[seen], atol=1e-5)


@pytest.mark.parametrize("rule", [DESCENT, ADAM])
def test_the_formula_says_what_the_next_step_does(opened, rule):
    made = opened.set(level=FORMULA, rule=rule, link=9, place=(0.5, -1.5)).press("step")
    values, after = made.values, made.press("step").values
    assert int(values["chosen"]) == 9  # from x₂ to the second unit
    z = values["w"] * values["from_a"] + values["rest"] + values["b"]
    assert float(values["z"]) == pytest.approx(float(z), abs=1e-6)
    assert float(values["from_a"]) == -1.5
    assert float(values["a"]) == pytest.approx(np.tanh(float(values["z"])), abs=1e-6)
    assert float(values["next_w"]) == pytest.approx(float(after["w"]), abs=1e-7)
    assert float(values["next_w"]) == pytest.approx(float(values["w"] - values["step"]), abs=1e-6)
    if rule == DESCENT:
        assert float(values["step"]) == pytest.approx(0.03 * float(values["g"]), rel=1e-3)
    else:
        m, v = float(values["m"]) / (1 - 0.9**2), float(values["v"]) / (1 - 0.999**2)
        assert float(values["step"]) == pytest.approx(0.03 * m / (v**0.5 + 1e-8), rel=1e-3)
