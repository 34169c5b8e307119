"""The look "features": maps, windows and patches are the network's own, page and torch alike."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from neurarium.catalogue import estimators
from neurarium.networks.convolutional import ConvolutionalClassifier, ConvolutionalRegressor
from neurarium.page.marks import Ref
from neurarium.page.scene import Scene
from neurarium.views.convolutions import MapLayer, map_layers, maximised, top_patches
from neurarium.views.looking import CannotLook, look
from neurarium.views.looks import features
from views.running import program_of, run_program

HOSTILE = "<img onerror=alert(1)>"


def pictures(count: int = 12, channels: int = 1, side: int = 8) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).uniform(0, 1, (count, channels, side, side)).astype(np.float32)


class Own(nn.Module):
    """A module of somebody's own: strides, groups, dilation, a frame, windows that overlap, means."""

    def __init__(self) -> None:
        super().__init__()
        self.edges = nn.Conv2d(2, 4, 3, padding=1)
        self.fold = nn.MaxPool2d(3, 2, 1)
        self.parts = nn.Conv2d(4, 6, 2, stride=2, groups=2, padding=1, bias=False)
        self.bent = nn.ReLU()
        self.wide = nn.Conv2d(6, 3, 2, dilation=2, padding="same")
        self.mean = nn.AvgPool2d(2, 1)
        self.last = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mean(self.wide(self.bent(self.parts(self.fold(self.edges(x))))))
        return self.last(x.flatten(1))


@pytest.fixture(scope="module")
def own() -> tuple[Own, Scene]:
    torch.manual_seed(0)
    network = Own().eval()
    scene = look(network, "features", pictures(channels=2), picture=None)
    return network, scene


@pytest.fixture(scope="module")
def digits() -> tuple[ConvolutionalClassifier, Any, Any, Scene]:
    X = np.zeros((32, 6, 6), np.float32)
    for i in range(16):
        X[i, i % 6] = X[16 + i, :, i % 6] = 1
    y = np.repeat(["lying", HOSTILE], 16)
    layers = ("conv 3 3x3 padding 1", "relu", "max pool 2x2", "conv 2 2x2", "relu")
    network = ConvolutionalClassifier(layers=layers, epochs=5, learning_rate=0.05, random_state=0).fit(X, y)
    return network, X, y, look(network, "features", X, y)


def layer(network: nn.Module, number: int, shape: tuple[int, ...] = (1, 2, 8, 8)) -> MapLayer:
    return map_layers(network.eval(), torch.zeros(shape))[number]


def test_networks_with_kernels_have_it_and_no_others(own: Any, digits: Any) -> None:
    assert features.can(own[0])
    assert features.can(digits[0])
    assert not features.can(ConvolutionalClassifier())
    assert not features.can(nn.Linear(2, 2))
    assert not any(features.can(kind()) for kind in estimators().values())


def test_the_maps_are_what_the_layers_say(own: Any, digits: Any) -> None:
    network, scene = own
    x = torch.from_numpy(scene.values["picture"])[None]
    edges = network.edges(x)
    bent = network.bent(network.parts(network.fold(edges)))
    np.testing.assert_allclose(scene.values["maps_0"], edges[0].detach(), atol=1e-6)
    np.testing.assert_allclose(scene.values["maps_3"], bent[0].detach(), atol=1e-6)
    assert scene.lists["layers"] == ["edges", "fold", "parts", "bent", "wide", "mean"]
    estimator, _, _, scene = digits
    stages = estimator.stages(scene.values["picture"][None])
    assert scene.lists["layers"] == ["conv1", "relu1", "pool1", "conv2", "relu2"]
    for number, name in enumerate(scene.lists["layers"]):
        np.testing.assert_allclose(scene.values[f"maps_{number}"], stages[name][0], atol=1e-6)


@pytest.mark.parametrize(("number", "name"), [(0, "edges"), (2, "parts"), (4, "wide")])
@pytest.mark.parametrize("place", [(0, 0), (1, 2), (7, 7)])
def test_a_sum_is_made_of_its_window_the_other_maps_and_the_bias(
    own: Any, number: int, name: str, place: tuple[int, int]
) -> None:
    network, scene = own
    at = scene.set(unit=3, channel=1, row=place[0], column=place[1]).values
    row, column, unit = (int(at[f"{each}_{number}"]) for each in ("row", "column", "unit"))
    np.testing.assert_allclose(at[f"number_{number}"], at[f"maps_{number}"][unit, row, column])
    np.testing.assert_allclose(at[f"product_{number}"], at[f"patch_{number}"] * at[f"kernel_{number}"])
    parts = at[f"here_{number}"] + at[f"elsewhere_{number}"] + at[f"bias_{number}"]
    np.testing.assert_allclose(parts, at[f"number_{number}"], atol=1e-5)
    part = network.get_submodule(name)
    # The oracle: one input map at a time through the convolution itself.
    below = torch.from_numpy(at[f"below_{number}"][0])
    given = torch.zeros(1, part.in_channels, *below.shape)
    given[0, int(at[f"channel_{number}"])] = below
    alone = F.conv2d(given, part.weight, None, part.stride, part.padding, part.dilation, part.groups)
    np.testing.assert_allclose(at[f"here_{number}"], alone[0, unit, row, column].detach(), atol=1e-5)


def test_the_window_is_unfolds(digits: Any) -> None:
    network, _, _, scene = digits
    at = scene.set(unit=1, row=0, column=4).values
    scaled = torch.from_numpy(network.stages(at["picture"][None])["scaled"])
    column = F.unfold(scaled, 3, padding=1)[0, :, 4]
    np.testing.assert_allclose(at["patch_0"], column.reshape(3, 3))
    inside = at["below_0"][1]
    np.testing.assert_allclose(inside[:2, 3:6], scaled[0, 0, :2, 3:6])
    assert not inside[2:].any()


def test_the_winner_is_torchs(own: Any) -> None:
    at = own[1].set(unit=2, row=1, column=3).values
    below = torch.from_numpy(at["maps_0"][2])[None, None]
    answer, places = F.max_pool2d(below, 3, 2, 1, return_indices=True)
    np.testing.assert_allclose(at["number_1"], answer[0, 0, 1, 3])
    row, column = divmod(int(places[0, 0, 1, 3]), 8)
    assert (2 * 1 - 1 + at["winner_row_1"], 2 * 3 - 1 + at["winner_column_1"]) == (row, column)
    winners = torch.zeros(64)
    winners[places.flatten()] = 1
    np.testing.assert_allclose(at["below_1"][2], below[0, 0] * winners.reshape(8, 8))
    assert at["window_1"].max() == answer[0, 0, 1, 3]


def test_a_mean_is_that_of_its_window(own: Any) -> None:
    at = own[1].set(unit=1, row=1, column=0).values
    np.testing.assert_allclose(at["window_5"].mean(), at["number_5"], atol=1e-6)


def test_how_far_a_number_sees_is_how_far_its_gradient_reaches() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Conv2d(2, 2, (3, 2), stride=(1, 2)),
        nn.Conv2d(2, 1, 2),
    ).eval()
    found = map_layers(network, torch.zeros(1, 1, 16, 16))
    for number, each in enumerate(found):
        x = torch.rand(1, 1, 16, 16, requires_grad=True)
        row, column = each.sides[0] // 2, each.sides[1] // 2
        network[: number + 1](x)[0, 0, row, column].backward()
        assert x.grad is not None
        touched = x.grad[0, 0].nonzero()
        low, high = touched.min(0).values, touched.max(0).values
        assert tuple((high - low + 1).tolist()) == each.seen, each.name
        assert (row * each.step[0] - each.before[0], column * each.step[1] - each.before[1]) == tuple(low.tolist())


def test_behind_a_fork_a_number_is_said_to_see_all() -> None:
    class Fork(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(1, 2, 3), nn.Conv2d(1, 2, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.one(x).mean((2, 3)) + self.two(x).mean((2, 3))

    found = map_layers(Fork().eval(), torch.zeros(1, 1, 8, 8))
    assert [each.seen for each in found] == [(3, 3), (8, 8)]


def test_top_patches_are_those_of_the_largest_sums() -> None:
    torch.manual_seed(0)
    kernel = nn.Conv2d(1, 3, 3, padding=1, bias=False)
    x = torch.from_numpy(pictures())
    maps = kernel(x).detach()
    patches = top_patches(layer(kernel, 0, (1, 1, 8, 8)), maps, x, 4, ground=0.0)[:, :, 0]
    assert patches.shape == (3, 4, 3, 3)
    sums = (patches * kernel.weight.detach()).sum((2, 3))
    largest = maps.flatten(2).amax(2).T.sort(descending=True).values[:, :4]
    torch.testing.assert_close(sums, largest)
    each = F.unfold(x, 3, padding=1)  # (pictures, 9, places)
    assert all((each.transpose(1, 2) - patch.flatten()).abs().sum(2).min() < 1e-6 for patch in patches.flatten(0, 1))


def test_a_maximised_picture_moves_its_map_more_than_any_row() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.Tanh(), nn.Conv2d(4, 2, 3)).eval().requires_grad_(False)
    second = layer(network, 2, (1, 1, 8, 8))
    made = maximised(network, second, (1, 8, 8), 0.0, 1.0, turns=40)
    own = network(made).diagonal().mean((0, 1))
    rows = network(torch.from_numpy(pictures(200))).mean((2, 3)).amax(0)
    assert (own > rows).all()
    assert (made.min() >= 0) & (made.max() <= 1)
    torch.testing.assert_close(made, maximised(network, second, (1, 8, 8), 0.0, 1.0, turns=40))


@pytest.mark.slow
def test_a_page_computes_what_torch_computes(own: Any) -> None:
    _, scene = own
    program = program_of(scene)
    assert program.pruned().operations() < 5e6
    for each in ({}, {"unit": 3, "channel": 1, "row": 2, "column": 1, "picture": pictures(channels=2)[5]}):
        changed = scene.set(**each)
        for name, array in run_program(changed, program).items():
            np.testing.assert_allclose(array, changed.values[name], atol=1e-5, err_msg=f"{name} {each}")


def test_what_is_erased_is_held_against_the_sample_it_was(digits: Any) -> None:
    network, _, _, scene = digits
    erased = scene.constants["samples"][1].copy()
    erased[:, :2] = 0
    at = scene.set(picture=erased)
    before, now = network.predict_proba(np.stack([scene.constants["samples"][1], erased]))
    np.testing.assert_allclose(at.values["shares_before"], before, atol=1e-5)
    np.testing.assert_allclose(at.values["shares"], now, atol=1e-5)
    assert f"The network answers {network.classes_[now.argmax()]} with {100 * now.max():.0f} %." in at.told()


def test_names_are_entries_of_lists_letter_for_letter(digits: Any) -> None:
    assert HOSTILE in digits[3].lists["classes"]
    assert HOSTILE in digits[3].lists["samples"]


def test_what_units_look_for_is_there_for_every_kernel(own: Any) -> None:
    scene = own[1]
    assert scene.constants["patches_0"].shape[0] == 4
    assert scene.constants["largest_4"].shape == (3, 1, 8, 8)


def test_colours_stay_colours() -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2)).eval()
    scene = look(network, "features", pictures(channels=3)).set(shown="0 Conv2d")
    assert scene.number(Ref("patches_0", ("unit",))).shape[1:] == (3, 3, 3)
    assert scene.number(Ref("largest_0", ("unit",))).shape == (1, 8, 8, 3)
    pytest.importorskip("matplotlib")
    assert scene.plot().axes


def test_a_network_of_numbers_shows_no_classes() -> None:
    dots = pictures(20)[:, 0]
    network = ConvolutionalRegressor(layers=("conv 2 3x3", "tanh"), epochs=1, random_state=0).fit(dots, dots[:, 0, 0])
    scene = look(network, "features", dots)
    assert "shares" not in scene.values
    assert scene.told() == "The picture becomes 4 maps in 2 layers."


def test_what_cannot_be_looked_at_is_said() -> None:
    with pytest.raises(CannotLook, match="needs rows to look at"):
        look(Own(), "features")
    with pytest.raises(CannotLook, match="Own does not take rows of the shape 12 x 3"):
        look(Own(), "features", np.zeros((12, 3)))
    with pytest.raises(CannotLook, match="is not for a Linear"):
        look(nn.Linear(2, 2), "features", np.zeros((12, 2)))


@pytest.mark.parametrize("shown", ["all maps", "conv1", "pool1"])
def test_paper_draws_it(digits: Any, shown: str) -> None:
    pytest.importorskip("matplotlib")
    assert digits[3].set(shown=shown).plot().axes
