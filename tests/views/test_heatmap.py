"""The look "heatmap": every map against an oracle, relevance conserved, page and torch alike."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from neurarium.catalogue import estimators
from neurarium.core.roles import Classifier
from neurarium.networks.convolutional import ConvolutionalClassifier, ConvolutionalRegressor
from neurarium.networks.feed_forward import FeedForwardClassifier
from neurarium.networks.lstm import LSTMClassifier
from neurarium.networks.radial_basis import RadialBasisClassifier
from neurarium.page.scene import Scene
from neurarium.views.explaining import Explaining, column_windows, picture_windows, time_windows
from neurarium.views.looking import CannotLook, look
from neurarium.views.looks import heatmap
from neurarium.views.relevance import Relevance
from neurarium.views.relevance_rules import UnknownLayer
from neurarium.views.relevance_time import TimeRelevance
from neurarium.views.tables import table
from views.running import program_of, run_program

HOSTILE = "<img onerror=alert(1)>"


def bars(count: int = 20) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Pictures of lying and of standing bars."""
    pictures = np.zeros((2 * count, 8, 8), np.float32)
    for i in range(count):
        pictures[i, i % 8] = pictures[count + i, :, i % 8] = 1
    return pictures + np.random.default_rng(0).uniform(0, 0.2, pictures.shape).astype(np.float32), np.repeat(
        ["lying", HOSTILE], count
    )


def softmax(scores: Tensor) -> Tensor:
    return scores.softmax(-1)


def seeded(*layers: nn.Module) -> nn.Sequential:
    """A network with drawn weights and biases, and with drawn means and variances."""
    network = nn.Sequential(*layers).eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(0)
    for part in network.modules():
        for parameter in part.parameters(recurse=False):
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.4)
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(generator=generator)  # type: ignore[union-attr]
            part.running_var.uniform_(0.5, 2, generator=generator)  # type: ignore[union-attr]
    return network


def small() -> nn.Sequential:
    return seeded(
        nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 2), nn.BatchNorm2d(4), nn.Tanh(), nn.AvgPool2d(2, 1),
        nn.Flatten(), nn.Dropout(), nn.Linear(16, 3),
    )  # fmt: skip


def without_biases(network: nn.Sequential) -> nn.Sequential:
    for part in network:
        if getattr(part, "bias", None) is not None:
            part.bias.zero_()
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.zero_()  # type: ignore[union-attr]
    return network


def picture() -> Tensor:
    return torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(1))


def chosen(number: int, of: int = 3) -> Tensor:
    return torch.eye(of)[number][None]


# Which networks.


def test_every_classifier_and_every_module_has_heat_maps_and_nothing_else() -> None:
    for kind in estimators().values():
        assert heatmap.can(kind()) == issubclass(kind, Classifier), kind.__name__
    assert heatmap.can(nn.Linear(2, 2))
    assert not heatmap.can("a text")
    assert heatmap.can(LSTMClassifier(output="every"))


# The maps.


@pytest.fixture(scope="module")
def found() -> dict[str, Tensor]:
    """The explanations of a picture's class 1."""
    return explaining(small())(picture(), torch.tensor(1), torch.tensor(0.1), torch.tensor(2.0), torch.tensor(3))


def explaining(network: nn.Module, steps: int = 64) -> Explaining:
    windows = picture_windows(8, 8, 2)
    blank, reach = torch.full((1, 1, 8, 8), 0.1), torch.full((1, 1, 8, 8), 2.0)
    return Explaining(network, blank, reach, lambda patch: windows(patch)[:, None], softmax, steps=steps).eval()


def slope(network: nn.Module, x: Tensor, number: int) -> Tensor:
    x = x.clone().requires_grad_()
    network(x)[:, number].sum().backward()
    assert x.grad is not None
    return x.grad


def test_the_gradient_is_autograds_in_units_of_the_range(found: dict[str, Tensor]) -> None:
    there = slope(small(), picture(), 1)
    torch.testing.assert_close(found["maps"][0], 2 * there[0])
    torch.testing.assert_close(found["maps"][1], ((picture() - 0.1) * there)[0])


def test_integrated_gradients_are_the_mean_gradient_on_the_way(found: dict[str, Tensor]) -> None:
    t = (torch.arange(4000) + 0.5).reshape(-1, 1, 1, 1) / 4000
    mean = slope(small(), 0.1 + t * (picture() - 0.1), 1).mean(0)
    torch.testing.assert_close(found["maps"][2], (picture()[0] - 0.1) * mean, atol=5e-3, rtol=0)


def test_integrated_gradients_sum_up_to_what_the_score_differs_by(found: dict[str, Tensor]) -> None:
    network = small()
    difference = (network(picture()) - network(torch.full((1, 1, 8, 8), 0.1)))[0, 1]
    torch.testing.assert_close(found["difference"], difference)
    assert abs(found["sums"][2] - difference) < 0.02 * abs(difference)


def test_they_do_so_to_the_last_digits_where_nothing_bends_sharply() -> None:
    network = seeded(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    x, blank = torch.tensor([[1.0, -0.5, 0.3, 2.0]]), torch.zeros(1, 4)
    explained = Explaining(network, blank, blank + 1, column_windows(4), softmax, steps=32)
    settings = (torch.tensor(0.1), torch.tensor(2.0), torch.tensor(1.0))
    answer = explained(x, torch.tensor(3), *settings)
    torch.testing.assert_close(answer["sums"][2], answer["difference"])
    assert answer["chosen"] == network(x).argmax()


def test_occlusion_is_what_each_patch_takes_away_shared_out(found: dict[str, Tensor]) -> None:
    network, x = small(), picture()
    total, count = np.zeros((8, 8)), np.zeros((8, 8))
    for i in range(0, 8, 2):
        for j in range(0, 8, 2):
            hidden = x.clone()
            middle = i, j
            rows, columns = (slice(max(0, each - 1), each + 2) for each in middle)
            hidden[..., rows, columns] = 0.1
            drop = (network(x) - network(hidden))[0, 1].item()
            total[rows, columns] += drop / count[rows, columns].size
            count[rows, columns] += 1
    np.testing.assert_allclose(found["maps"][5][0].numpy(), total / count, atol=1e-5)


@pytest.mark.parametrize("side", [1, 2, 3, 4])
def test_a_patch_has_the_side_that_it_is_given(side: int) -> None:
    windows = picture_windows(9, 9, 1)(torch.tensor(side))
    assert windows[40].sum() == side**2
    assert windows.shape == (81, 9, 9)


def test_spans_of_time_hide_one_feature() -> None:
    spans = time_windows(6, 2, 1)(torch.tensor(3))
    assert spans.shape == (12, 6, 2)
    assert spans[4][1:4, 0].tolist() == [1, 1, 1]
    assert spans[4].sum() == 3


# Relevance.


@pytest.fixture(scope="module")
def unbiased() -> Relevance:
    return Relevance(without_biases(small()), torch.zeros(1, 1, 8, 8))


def test_relevance_by_hand() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)).eval().requires_grad_(False)
    network[0].weight.copy_(torch.tensor([[1.0, 2.0], [-1.0, 1.0]]))
    network[0].bias.copy_(torch.tensor([0.0, 1.0]))
    network[2].weight.copy_(torch.tensor([[2.0, 3.0]]))
    network[2].bias.zero_()
    relevance, x = Relevance(network, torch.zeros(1, 2)), torch.tensor([[1.0, 2.0]])
    # hidden 5 and 2; score 2 * 5 + 3 * 2 = 16; the first unit holds 10, the second 6, of which its bias keeps half.
    by_epsilon = relevance.epsilon(x, torch.ones(1, 1), 0.0)
    torch.testing.assert_close(by_epsilon.relevance, torch.tensor([[10 / 5 - 6 / 2, 20 * 2 / 10 * 2 + 6 * 2 / 2]]))
    torch.testing.assert_close(by_epsilon.layers, torch.tensor([16.0, 16.0, 13.0]))
    # alpha 2, beta 1: parts above 1 + 4 and, with the bias, 2 + 1; below none and -1.
    by_signs = relevance.alpha_beta(x, torch.ones(1, 1), 2.0)
    torch.testing.assert_close(by_signs.relevance, torch.tensor([[10 / 5 - 6.0, 10 * 4 / 5 + 2 * 6 * 2 / 3]]))


@pytest.mark.parametrize("rule", ["epsilon", "alpha 1", "alpha 2", "alpha 3"])
def test_relevance_is_conserved_from_layer_to_layer(unbiased: Relevance, rule: str) -> None:
    assert unbiased.layers == ["9 Linear", "6 AvgPool2d", "3 Conv2d", "0 Conv2d"]
    x, start = picture(), chosen(1)
    passed = unbiased.epsilon(x, start, 0.0) if rule == "epsilon" else unbiased.alpha_beta(x, start, float(rule[-1]))
    assert passed.layers[0].abs() > 0.01
    torch.testing.assert_close(passed.layers, passed.layers[0].expand(5), atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(passed.relevance.sum(), passed.layers[0], atol=1e-4, rtol=1e-3)


def test_what_is_missing_is_the_share_of_the_biases() -> None:
    network = small()
    passed = Relevance(network, torch.zeros(1, 1, 8, 8)).epsilon(picture(), chosen(1), 0.0)
    # In the last layer one unit holds all, so its bias has exactly itself of the score.
    torch.testing.assert_close(passed.layers[0] - passed.layers[1], network[9].bias[1])


def test_epsilon_takes_relevance_away(unbiased: Relevance) -> None:
    sums = [unbiased.epsilon(picture(), chosen(1), epsilon).layers[-1].abs() for epsilon in (0.0, 0.1, 1.0)]
    assert sums[0] > sums[1] > sums[2]


def test_without_biases_relevance_of_a_relu_network_is_gradient_times_input() -> None:
    network = without_biases(
        seeded(
            nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 8), nn.ReLU(), nn.Linear(8, 3)
        )
    )
    passed = Relevance(network, torch.zeros(1, 1, 8, 8)).epsilon(picture(), chosen(2), 0.0)
    torch.testing.assert_close(passed.relevance, picture() * slope(network, picture(), 2), atol=1e-4, rtol=1e-3)


def test_alpha_beta_of_one_layer_is_the_papers_sum() -> None:
    network = seeded(nn.Linear(5, 3))
    x = torch.tensor([[1.0, -2.0, 0.5, 0.0, -1.0]])
    passed = Relevance(network, torch.zeros(1, 5)).alpha_beta(x, chosen(0), 1.5)
    parts = x * network[0].weight[0]
    bias, score = network[0].bias[0], network(x)[0, 0]
    above, below = parts.clamp(min=0), parts.clamp(max=0)
    wanted = 1.5 * above / (above.sum() + bias.clamp(min=0)) - 0.5 * below / (below.sum() + bias.clamp(max=0))
    torch.testing.assert_close(passed.relevance, wanted * score)


def test_rescaling_the_input_hands_all_relevance_on() -> None:
    class Scaled(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: Tensor) -> Tensor:
            return self.inner((x - 0.3) / torch.tensor([2.0, 0.5, 1.0, 1.0]))

    inner = seeded(nn.Linear(4, 3))
    x = torch.tensor([[1.0, 0.2, -0.3, 0.0]])
    outside = Relevance(Scaled(inner), torch.zeros(1, 4)).epsilon(x, chosen(1), 0.0)
    inside = Relevance(inner, torch.zeros(1, 4)).epsilon((x - 0.3) / torch.tensor([2.0, 0.5, 1, 1]), chosen(1), 0.0)
    torch.testing.assert_close(outside.relevance, inside.relevance)


class Branched(nn.Module):
    """A block with a way around it, and a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.gate, self.two = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = self.one(x).relu()
        return self.two((h + x) * self.gate(x).sigmoid())


def test_relevance_takes_every_way_and_a_gate_says_nothing_itself() -> None:
    torch.manual_seed(0)
    network = Branched().eval().requires_grad_(False)
    network.one.bias.zero_()
    x = torch.tensor([[1.0, 0.5, -0.5, 2.0]])
    relevance = Relevance(network, torch.zeros(1, 4))
    for passed in (relevance.epsilon(x, chosen(0), 0.0), relevance.alpha_beta(x, chosen(0), 2.0)):
        torch.testing.assert_close(passed.layers, passed.layers[:1].expand(len(passed.layers)), atol=1e-4, rtol=1e-3)
    assert relevance.layers == ["two", "gate", "add", "one"]


def test_a_layer_without_a_rule_is_named() -> None:
    class Odd(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.sin()

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bending, self.last = Odd(), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.bending(x))

    with pytest.raises(UnknownLayer, match="no rule for sin in the layer bending"):
        Relevance(Network().eval(), torch.zeros(1, 4))


# Scenes.


@pytest.fixture(scope="module")
def of_pictures() -> Scene:
    X, y = bars()
    layers = ("conv 2 3x3 padding 1", "relu", "max pool 2x2")
    network = ConvolutionalClassifier(layers=layers, epochs=5, learning_rate=0.05, random_state=0).fit(X, y)
    return look(network, "heatmap", X, y)


@pytest.fixture(scope="module")
def of_rows() -> Scene:
    rng = np.random.default_rng(0)
    X = table(rng.normal(size=(60, 3)), ["width", HOSTILE, "{depth}"])
    y = np.where(X[:, 0] + X[:, 1] ** 2 > 0.5, "yes", "no")
    return look(FeedForwardClassifier(n_hidden=4, random_state=0).fit(X, y), "heatmap", X, y)


@pytest.fixture(scope="module")
def of_sequences() -> tuple[LSTMClassifier, Any, Scene]:
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(length, 2)).astype(np.float32) for length in rng.integers(3, 7, 30)]
    y = np.array(["falls", "rises"])[[int(row[-1, 0] > 0) for row in X]]
    network = LSTMClassifier(n_units=4, epochs=3, random_state=0).fit(X, y)
    return network, X, look(network, "heatmap", X, y)


def assert_alike(scene: Scene, settings: list[dict[str, Any]]) -> None:
    program = program_of(scene)
    assert program.pruned().operations() < 5e6  # what a page computes within a frame
    for each in settings:
        changed = scene.set(**each)
        for name, array in run_program(changed, program).items():
            np.testing.assert_allclose(array, changed.values[name], rtol=1e-5, atol=1e-5, err_msg=f"{name} {each}")


@pytest.mark.slow
def test_a_page_computes_what_torch_computes(of_pictures: Scene) -> None:
    other = np.random.default_rng(1).uniform(0, 1, (8, 8)).astype(np.float32)
    settings: list[dict[str, Any]] = [{}, {"picture": other, "explained": 0}, {"picture": other, "explained": "lying"}]
    assert_alike(of_pictures, [*settings, {"epsilon": 0.5, "alpha": 1, "patch": 2, "alike": False}])


@pytest.mark.slow
def test_a_page_of_rows_computes_what_torch_computes(of_rows: Scene) -> None:
    assert_alike(
        of_rows,
        [{}, {"row": 7, "explained": 1}, {"row": 3, "explained": 0, "epsilon": 0.3, "alpha": 3, "alike": False}],
    )


def test_a_page_of_sequences_looks_up_what_torch_has_computed(of_sequences: Any) -> None:
    assert_alike(of_sequences[2], [{}, {"row": 3, "explained": 0}, {"alike": True}])


def test_maps_of_sequences_have_scales_of_their_own_unless_one_is_wanted(of_sequences: Any) -> None:
    scene = of_sequences[2]
    own = {name: np.abs(scene.values[f"map_{name}"]).max() for name in ("gradient", "integrated", "epsilon")}
    common = scene.set(alike=True)
    for name, largest in own.items():
        np.testing.assert_allclose(scene.values[f"limits_{name}"], [-largest, largest])
        np.testing.assert_allclose(common.values[f"limits_{name}"], common.values["limits_gradient"])
    assert common.values["limits_gradient"][1] >= max(own.values())
    assert len({*own.values()}) == 3


def test_class_names_are_entries_of_lists_letter_for_letter(of_pictures: Scene) -> None:
    assert HOSTILE in of_pictures.lists["classes"]
    assert HOSTILE in of_pictures.lists["samples"]
    answered = of_pictures.set(picture=of_pictures.constants["samples"][1])
    assert answered.told().startswith(f"The network answers {answered.lists['classes'][int(answered.values['said'])]}.")


def test_a_table_keeps_the_names_of_its_columns(of_rows: Scene) -> None:
    assert list(of_rows.lists["columns"]) == ["width", HOSTILE, "{depth}"]
    assert of_rows.values["parts"].shape == (3, 6)
    own = of_rows.set(alike=False)
    np.testing.assert_allclose(np.abs(own.values["parts"]).max(0), np.ones(6), rtol=1e-6)
    assert own.values["limits"].tolist() == [-1, 1]
    assert of_rows.told().startswith("Row 1 (")
    assert of_rows.told("es").startswith("Fila 1 (")


def test_sequences_are_explained_at_their_own_length(of_sequences: Any) -> None:
    network, X, scene = of_sequences
    at = scene.set(row=2, explained=1)
    number = int(at.lists["rows"][2].split()[0]) - 1
    x = torch.from_numpy(X[number])[None]
    there = slope(network.module_, x, 1)
    every = torch.from_numpy(np.concatenate(X))
    length = x.shape[1]
    np.testing.assert_allclose(
        at.values["map_gradient"][:, :length], (there[0] * every.std(0, correction=0)).T, atol=1e-5
    )
    assert not at.values["map_gradient"][:, length:].any()
    relevance = TimeRelevance(network._whole, x, 2).epsilon(x, [length - 1])[0, 1]
    np.testing.assert_allclose(at.values["map_epsilon"][:, :length], relevance.T, atol=1e-5)
    np.testing.assert_allclose(at.values["sums"][3], relevance.sum(), atol=1e-5)
    np.testing.assert_allclose(at.values["sums"][2], at.values["difference"], atol=1e-4)


def test_alpha_is_asked_for_by_name_where_there_is_its_rule() -> None:
    X = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    one, two = (look(seeded(nn.Linear(3, 2)), "heatmap", X, alpha=alpha).values["parts"] for alpha in (1, 2))
    assert (one[:, 4] != two[:, 4]).any()
    np.testing.assert_array_equal(one[:, 3], two[:, 3])


@pytest.mark.slow
def test_many_columns_share_a_last_place_and_nothing_is_lost() -> None:
    rng = np.random.default_rng(0)
    X = table(rng.normal(size=(50, 30)), [f"c{n}" for n in range(30)])
    network = FeedForwardClassifier(n_hidden=3, random_state=0).fit(X, X[:, 0] > 0)
    scene = look(network, "heatmap", X)
    assert len(scene.lists["columns"]) == 25
    assert "c0" in scene.lists["columns"]
    np.testing.assert_allclose(scene.values["parts"].sum(0), scene.values["sums"], atol=1e-4)


def test_a_network_of_gaussians_says_what_its_units_keep() -> None:
    X, y = bars(10)
    X = table(X.reshape(len(X), -1)[:, :9], [f"c{n}" for n in range(9)])
    scene = look(RadialBasisClassifier(n_centers=4, random_state=0).fit(X, y), "heatmap", X, epsilon=0.01)
    assert [panel.note.en for panel in scene.panels if panel.note is not None and "Gaussian" in panel.note.en]
    assert scene.values["sums"][3] == pytest.approx(scene.values["difference"], rel=0.1, abs=0.01)


def test_a_module_without_a_rule_goes_without_relevance_and_says_so() -> None:
    class Waves(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.flatten(1)[:, :4].sin()

    for shape in ((3, 5), (3, 4, 2)):
        scene = look(Waves(), "heatmap", np.random.default_rng(0).normal(size=shape).astype(np.float32))
        assert "Relevance propagation is left out: it has no rule for the layer sin." in scene.told()
        assert len(scene.values["sums"]) == 4


def test_sequences_of_a_module_of_ones_own_have_relevance() -> None:
    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cells, self.last = nn.LSTM(2, 3, batch_first=True, bias=False), nn.Linear(3, 2, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.cells(x)[0][:, -1])

    scene = look(seeded(Recurrent()), "heatmap", np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32))
    np.testing.assert_allclose(scene.values["sums"][3], scene.values["score"], rtol=0.02, atol=1e-3)


def test_a_module_of_ones_own_has_numbered_classes_and_colours() -> None:
    network = seeded(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 4))
    X = np.random.default_rng(0).uniform(size=(5, 3, 6, 6)).astype(np.float32)
    scene = look(network, "heatmap", X, steps=16)
    assert list(scene.lists["classes"]) == ["0", "1", "2", "3"]
    assert scene.values["maps"].shape == (6, 6, 6)
    np.testing.assert_allclose(scene.values["maps"].sum((1, 2)), scene.values["sums"], atol=1e-5)
    assert list(scene.lists["layers"])[1:] == ["3 Linear", "0 Conv2d"]


@pytest.mark.slow
def test_columns_are_seen_as_the_picture_that_is_asked_for() -> None:
    X, y = bars()
    network = FeedForwardClassifier(n_hidden=3, random_state=0).fit(X.reshape(40, 64), y)
    assert look(network, "heatmap", X.reshape(40, 64), picture=(4, 16)).values["maps"].shape == (6, 4, 16)
    with pytest.raises(CannotLook, match="pictures of 3 x 3; a row has 64 numbers"):
        look(network, "heatmap", X.reshape(40, 64), picture=(3, 3))


def test_what_cannot_be_looked_at_is_said() -> None:
    with pytest.raises(CannotLook, match="needs rows to look at"):
        look(nn.Linear(2, 2), "heatmap")
    with pytest.raises(CannotLook, match="needs a score for each class"):
        look(nn.Linear(2, 1), "heatmap", np.zeros((3, 2)))
    with pytest.raises(CannotLook, match="Linear does not take rows of the shape"):
        look(nn.Linear(2, 2), "heatmap", np.zeros((3, 5)))
    with pytest.raises(CannotLook, match="is not for a ConvolutionalRegressor"):
        look(ConvolutionalRegressor(), "heatmap")
    with pytest.raises(ValueError, match="steps is a whole number from 2 to 256; got 1"):
        look(nn.Linear(2, 2), "heatmap", np.zeros((3, 2)), steps=1)


@pytest.mark.parametrize("which", ["of_pictures", "of_rows", "of_sequences"])
def test_paper_draws_it(which: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("matplotlib")
    scene = request.getfixturevalue(which)
    assert (scene if isinstance(scene, Scene) else scene[2]).plot().axes


def test_the_examples_are_of_their_networks_kind() -> None:
    estimator, X, _ = heatmap.example("DCN")  # type: ignore[misc]
    assert (type(estimator), X.shape) == (ConvolutionalClassifier, (1797, 64))
    _, X, _ = heatmap.example("FF")  # type: ignore[misc]
    assert X.columns[0] == "alcohol"
    assert heatmap.example("RBM") is None
