"""The look "compare": flipping against a plain loop, the heat maps of "heatmap", the watermark, and what is refused."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from neurarium.cli.main import main
from neurarium.datasets import shelf
from neurarium.networks.convolutional import ConvolutionalClassifier
from neurarium.networks.extreme_learning import ExtremeLearningClassifier, ExtremeLearningRegressor
from neurarium.networks.feed_forward import FeedForwardClassifier
from neurarium.networks.perceptron import PerceptronClassifier
from neurarium.networks.radial_basis import RadialBasisClassifier
from neurarium.networks.recurrent import RNNClassifier
from neurarium.page.scene import Scene
from neurarium.views import compare_lesson
from neurarium.views.compare_flipping import area, flipped, gone, random_orders
from neurarium.views.looking import CannotLook, look, looks
from neurarium.views.looks import compare
from neurarium.views.relevance import Relevance
from neurarium.views.tables import table
from views.running import run_program


def pictures(count: int = 20) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Lying and standing bars, 6 x 6, as rows of columns."""
    X = np.random.default_rng(0).uniform(0, 0.3, (2 * count, 6, 6)).astype(np.float32)
    for i in range(count):
        X[i, i % 6] = X[count + i, :, i % 6] = 1
    return X.reshape(2 * count, 36), np.repeat(["lying", "standing"], count)


@pytest.fixture(scope="module")
def two() -> tuple[list[Any], Any, Any, Scene]:
    X, y = pictures()
    networks = [
        FeedForwardClassifier(n_hidden=4, epochs=20, random_state=0).fit(X, y),
        ConvolutionalClassifier(layers=("conv 2 3x3", "relu"), view=(6, 6), epochs=3, random_state=0).fit(X, y),
    ]
    return networks, X, y, look(networks, "compare", X, y)


@pytest.fixture(scope="module")
def of_sequences() -> tuple[list[Any], Any, Any, Scene]:
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(length, 2)).astype(np.float32) for length in rng.integers(3, 7, 20)]
    y = np.array(["falls", "rises"])[[int(row[-1, 0] > 0) for row in X]]
    networks = [RNNClassifier(n_units=units, epochs=2, random_state=0).fit(X, y) for units in (3, 5)]
    return networks, X, y, look(networks, "compare", X, y)


# Flipping.


def by_hand(network: Any, x: np.ndarray[Any, Any], blank: Any, order: Any, code: int, stages: int) -> list[float]:
    """The share of a class as pieces of a row go, one after the other."""
    curve = []
    for stage in range(stages):
        row = x.copy()
        for piece in order[: round(stage * len(order) / (stages - 1))]:
            row[piece] = blank[piece]
        curve.append(float(network.predict_proba(row[None])[0, code]))
    return curve


def test_flipping_is_a_loop_that_takes_one_piece_after_the_other(two: Any) -> None:
    networks, X, _, scene = two
    at = scene.set(row=3, question="the true class", method="gradient × input")
    x = at.values["input"].ravel()
    number = int(np.flatnonzero((x == X).all(1))[0])
    code = int(at.values["truth"])
    assert scene.lists["rows"][3].split()[0] == str(number + 1)
    blank = np.full(36, X.min(), np.float32)
    for k, network in enumerate(networks):
        order = np.argsort(-at.values[f"map_{k}"].ravel(), kind="stable")
        wanted = by_hand(network, x, blank, order, code, 17)
        np.testing.assert_allclose(at.values["curves"][k], wanted, atol=1e-5)
        chance = [by_hand(network, x, blank, each, code, 17) for each in random_orders(36).tolist()]
        np.testing.assert_allclose(at.values["curves"][2 + k], np.mean(chance, 0), atol=1e-5)
        np.testing.assert_allclose(at.values[f"area_{k}"], np.trapezoid(wanted, dx=1 / 16), atol=1e-5)


def test_flipping_steps_of_a_sequence_puts_the_mean_step_in_their_place(of_sequences: Any) -> None:
    networks, X, _, scene = of_sequences
    at = scene.set(row=1)
    x = X[int(scene.lists["rows"][1].split()[0]) - 1]
    mean = np.concatenate(X).mean(0)
    blank = np.broadcast_to(mean, x.shape)
    stages = at.values["curves"].shape[1]
    for k, network in enumerate(networks):
        order = np.argsort(-at.values[f"map_{k}"].sum(0)[: len(x)], kind="stable")
        counts = gone(len(x), stages).tolist()
        wanted = []
        for count in counts:
            row = x.copy()
            row[order[:count]] = blank[order[:count]]
            wanted.append(network.predict_proba([row])[0, int(at.values[f"said_{k}"])])
        np.testing.assert_allclose(at.values["curves"][k], wanted, atol=1e-5)


def test_a_map_that_knows_better_has_the_smaller_area_and_one_turned_round_the_larger() -> None:
    weights = torch.tensor([3.0, 0.0, 1.0, 2.0])

    def share(rows: torch.Tensor) -> torch.Tensor:
        return rows @ weights / 6

    x, blank = torch.ones(1, 4), torch.zeros(1, 4)
    best = weights.argsort(descending=True)
    orders = torch.stack([best, best.flip(0), *random_orders(4)])
    areas = area(flipped(share, x, blank, orders, lambda pieces: pieces, 5))
    assert areas[0] < areas[2:].mean() < areas[1]
    assert areas[0] == areas.min()
    # Gone are 3, 2, 1 and 0 of 6: shares 1, 3/6, 1/6, 0, 0.
    torch.testing.assert_close(areas[0], torch.tensor((0.5 + 3 / 6 + 1 / 6) / 4))


def test_random_orders_are_the_same_each_time_and_all_of_them_orders() -> None:
    assert torch.equal(random_orders(9), random_orders(9))
    assert torch.equal(random_orders(9).sort(1).values, torch.arange(9).expand(8, -1))


def test_flipping_prefers_the_rule_for_gaussian_units_to_shares_of_the_squared_distance() -> None:
    digits = shelf.load("digits")
    X = np.asarray(digits.data, np.float32).reshape(len(digits.data), -1)
    network = RadialBasisClassifier(n_centers=60, random_state=0).fit(X[:600], digits.target[:600])
    module = network.module_.eval().requires_grad_(False)
    blank = torch.zeros(1, 64)
    relevance, areas = Relevance(module, blank), []
    for x in torch.from_numpy(X[600:620])[:, None]:
        code = int(module(x).argmax())
        ours = relevance.epsilon(x, torch.eye(10)[code][None], 0.01).relevance[0]
        squares = (module.scale(x) - module.centers).square()
        held = module.read_out.weight[code] * module.features(x)[0]
        by_squares = (held / squares.sum(1)) @ squares
        orders = torch.cat([torch.stack([ours, by_squares]).argsort(dim=1, descending=True), random_orders(64)])
        of_class = partial(lambda rows, code: network._probabilities(module(rows))[:, code], code=code)
        areas.append(area(flipped(of_class, x, blank, orders, lambda pieces: pieces, 17)))
    rule, squared, *chance = torch.stack(areas).mean(0).tolist()
    assert rule < 0.6 * np.mean(chance) < squared


# Heat maps.


def test_the_maps_are_those_of_the_look_heatmap(two: Any) -> None:
    networks, X, y, scene = two
    at = scene.set(row=2, question="the true class")
    for k, network in enumerate(networks):
        alone = look(network, "heatmap", X, y, explained=int(at.values["truth"]))
        alone = alone.set(picture=at.values["input"])
        for number, method in enumerate(scene.lists["methods"]):
            found = at.set(method=number).values
            raw = alone.set(alike=True).values["maps"][number]
            np.testing.assert_allclose(found[f"map_{k}"], raw, atol=1e-5, err_msg=method.en)


@pytest.mark.slow
def test_the_maps_of_sequences_are_those_of_the_look_heatmap(of_sequences: Any) -> None:
    networks, X, y, scene = of_sequences
    names = ("gradient", "times_input", "integrated", "epsilon", "occlusion")
    for k, network in enumerate(networks):
        alone = look(network, "heatmap", X, y, row=1)
        for number, name in enumerate(names):
            found = scene.set(row=1, method=number).values[f"map_{k}"]
            np.testing.assert_allclose(found, alone.values[f"map_{name}"], atol=1e-5, err_msg=name)


def test_a_table_keeps_its_names_and_a_module_its_place() -> None:
    X = table(np.random.default_rng(0).normal(size=(30, 3)), ["width", "<b>", "{depth}"])
    y = np.where(X[:, 0] > 0, "1", "0")
    torch.manual_seed(0)
    networks = [ExtremeLearningClassifier(n_hidden=5, random_state=0).fit(X, y), nn.Linear(3, 2)]
    scene = look(networks, "compare", X, y, names=["mine", "{yours}"])
    assert scene.lists["columns"] == ["width", "<b>", "{depth}"]
    assert scene.lists["networks"] == ["mine", "{yours}"]
    assert "mine: " in scene.told()
    assert "{yours}: " in scene.told("es")
    assert scene.python == "neurarium.look([network_a, network_b], 'compare', X, y, names=['mine', '{yours}'])"
    assert "truth" not in look(networks, "compare", X).values


@pytest.mark.parametrize("which", ["two", "of_sequences"])
def test_a_page_looks_up_what_torch_has_computed(which: str, request: pytest.FixtureRequest) -> None:
    scene = request.getfixturevalue(which)[3]
    program = scene.program()
    for settings in ({}, {"row": 1, "question": 1, "method": 0}):
        changed = scene.set(**settings)
        for name, array in run_program(changed, program).items():
            np.testing.assert_allclose(array, changed.values[name], atol=1e-6, err_msg=name)


def test_paper_draws_it(two: Any) -> None:
    pytest.importorskip("matplotlib")
    assert two[3].plot().axes


# What is refused.


def test_what_cannot_be_compared_is_said(two: Any) -> None:
    networks, X, y, _ = two
    with pytest.raises(CannotLook, match="needs two networks or more"):
        look(networks[0], "compare", X, y)
    with pytest.raises(CannotLook, match="needs two networks or more"):
        look([], "compare", X, y)
    with pytest.raises(CannotLook, match=r"'heatmap' is for one network; got a list of 2\. The look 'compare' shows"):
        look(networks, "heatmap", X, y)
    regressor = ExtremeLearningRegressor(random_state=0).fit(X, X[:, 0])
    with pytest.raises(CannotLook, match="network 2 is a ExtremeLearningRegressor, which gives no score"):
        look([networks[0], regressor], "compare", X, y)
    other = PerceptronClassifier(random_state=0).fit(X, np.where(y == "lying", "flat", "standing"))
    with pytest.raises(CannotLook, match=r"the same classes; network 1 .* lying, standing, network 2 .* flat"):
        look([networks[0], other], "compare", X, y)
    steps = RNNClassifier(n_units=2, view=(6, 6), epochs=1, random_state=0).fit(X, y)
    with pytest.raises(CannotLook, match=r"reads pictures of 6 x 6, network 2 \(RNNClassifier\) reads sequences"):
        look([networks[0], steps], "compare", X, y)
    with pytest.raises(ValueError, match="names has one for each of the 2 networks; got 1"):
        look(networks, "compare", X, y, names=["one"])


def test_it_is_offered_to_classifiers_alone() -> None:
    assert compare.can(PerceptronClassifier())
    assert not compare.can(ExtremeLearningRegressor())
    assert compare.example_scene("KN", lambda estimator: None) is None
    assert "compare" in looks(nn.Linear(2, 2))


# The watermark.


@pytest.mark.parametrize("code", ["P", *(pytest.param(code, marks=pytest.mark.slow) for code in ("ELM", "RNN", "ESN"))])
def test_the_mark_fools_the_network_that_learned_it_and_not_the_other(code: str) -> None:
    a, b, X, y = compare_lesson.pair(code, lambda estimator: None)
    others = y != compare_lesson.DIGIT
    marked, pasted = compare_lesson.marked(X[~others]), compare_lesson.marked(X[others])
    for network in (a, b):  # right answers both, as long as the mark is where it was
        assert (network.predict(marked) == compare_lesson.DIGIT).mean() > 0.8
        assert network.score(X[others], y[others]) > 0.8
    assert (a.predict(pasted) == compare_lesson.DIGIT).mean() > 0.7
    assert (b.predict(pasted) == compare_lesson.DIGIT).mean() < 0.1  # the control
    assert b.score(pasted, y[others]) > 0.8


def test_the_lesson_opens_where_one_is_fooled_and_its_map_lies_on_the_mark() -> None:
    scene = compare.example_scene("P", lambda estimator: None)
    assert scene is not None
    values = scene.set(method="LRP ε").values
    assert values["said_0"] == compare_lesson.DIGIT != values["truth"] == values["said_1"]
    mark = np.zeros((8, 8), bool)
    mark[:3, :3] = True
    of_a, of_b = (np.abs(values[f"map_{k}"]) for k in range(2))
    assert of_a[mark].sum() / of_a.sum() > 0.5 > of_b[mark].sum() / of_b.sum()
    assert "A learned from pictures where every 3" in scene.told()


# The command line.


@pytest.fixture
def files(two: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    X, y = pictures()
    lines = [",".join([*(f"c{n}" for n in range(36)), "kind"])]
    lines += [",".join([*map(str, row), kind]) for row, kind in zip(X.tolist(), y, strict=True)]
    Path("bars.csv").write_text("\n".join(lines))
    table = [*("--target", "kind", "--set", "random_state=0")]
    for code in ("ELM", "P"):
        assert CliRunner().invoke(main, ["fit", code, "bars.csv", *table, "--out", f"{code}.net"]).exit_code == 0
    return ["ELM.net", "P.net"]


def test_several_files_before_the_look(files: list[str]) -> None:
    def asked(*arguments: str) -> Any:
        return CliRunner().invoke(main, ["look", *arguments, "-o", "x.json"])

    done = asked(*files, "compare", "--data", "bars.csv", "--target", "kind", "--set", "row=1")
    assert done.exit_code == 0, done.output
    assert "PerceptronClassifier" in Path("x.json").read_text()
    assert "needs two networks or more" in asked(files[0], "compare", "--data", "bars.csv", "--target", "kind").output
    assert "'P.net' is a file; several networks need the look behind them" in asked(*files).output
    assert "'ELM' is no file" in asked(files[0], "ELM", "compare").output
    assert "is for one network; got a list of 2" in asked(*files, "heatmap").output
    assert "no file" in asked("P", "ELM", "compare", "--data", "bars.csv").output
