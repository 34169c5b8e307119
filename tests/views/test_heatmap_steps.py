"""The look "heatmap" of networks that answer at every step: each map against an oracle, and nothing from the future."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.networks.gru import GRUClassifier
from neurarium.networks.lstm import LSTMClassifier
from neurarium.networks.recurrent import RNNClassifier
from neurarium.page.scene import Scene
from neurarium.views import heatmap_sequences
from neurarium.views.looking import CannotLook, look, looks
from neurarium.views.relevance_time import TimeRelevance
from neurarium.views.shown import shown
from paging import check_page
from views.running import program_of, run_program

METHODS = ("gradient", "times_input", "integrated", "epsilon", "occlusion")
KINDS = [RNNClassifier, LSTMClassifier, GRUClassifier]
Rows = list[NDArray[Any]]


def sequences() -> tuple[Rows, Rows]:
    """Of 3 to 6 steps; a step is up where the first column has gone up so far."""
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(length, 2)).astype(np.float32) for length in rng.integers(3, 7, 30)]
    return X, [np.array(["down", "up"])[(each[:, 0].cumsum() > 0).astype(int)] for each in X]


def looked() -> Rows:
    """Some of them to look at."""
    return sequences()[0][:8]


def fitted(kind: Any = LSTMClassifier) -> Any:
    return kind(n_units=4, epochs=3, output="every", random_state=0).fit(*sequences())


@pytest.fixture(scope="module", params=KINDS)
def network(request: pytest.FixtureRequest) -> Any:
    return fitted(request.param)


@pytest.fixture(scope="module")
def scene(network: Any) -> Scene:
    return look(network, "heatmap", looked())


def sequence_of(scene: Scene, row: int) -> Tensor:
    """(1, time, features) the sequence that the row of a scene shows."""
    return torch.from_numpy(looked()[int(scene.lists["rows"][row]) - 1])[None]  # type: ignore[arg-type]


ROW, STEP, CODE = 2, 1, 1


def test_maps_are_of_the_score_of_that_step_and_class(network: Any, scene: Scene) -> None:
    values, x = scene.set(row=ROW, t=STEP, explained=CODE).values, sequence_of(scene, ROW)
    steps = torch.from_numpy(np.concatenate(looked()))
    blank, reach = steps.mean(0), steps.std(0, correction=0)
    time = x.shape[1]
    assert time > STEP + 2

    def score(rows: Tensor) -> Tensor:
        answers: Tensor = network.module_(rows)[:, STEP, CODE]
        return answers

    def slope(rows: Tensor) -> Tensor:
        rows = rows.clone().requires_grad_()
        (found,) = torch.autograd.grad(score(rows).sum(), rows)
        return found

    way = blank + ((torch.arange(500) + 0.5) / 500)[:, None, None] * (x - blank)
    occlusion = torch.zeros_like(x[0])
    for t in range(time):
        for feature in range(2):
            hidden = x.clone()
            hidden[0, t, feature] = blank[feature]
            occlusion[t, feature] = (score(x) - score(hidden)).item()
    wanted = {
        "gradient": (slope(x) * reach)[0],
        "times_input": (slope(x) * (x - blank))[0],
        "integrated": ((x - blank) * slope(way).mean(0))[0],
        "epsilon": TimeRelevance(network._whole, x, 2).epsilon(x[:, : STEP + 1], [STEP])[0, CODE],
        "occlusion": occlusion,
    }
    for name, each in wanted.items():
        shown_of_it = values[f"map_{name}"][:, : len(each)].T
        np.testing.assert_allclose(shown_of_it, each.detach(), atol=1e-5, err_msg=name)
    np.testing.assert_allclose(values["score"], score(x).item(), atol=1e-5)
    np.testing.assert_allclose(values["sums"][2], values["difference"], atol=1e-5)
    np.testing.assert_allclose(values["sums"], [values[f"map_{name}"].sum() for name in METHODS], atol=1e-5)


def test_no_answer_owes_anything_to_later_steps(scene: Scene) -> None:
    early, late = (scene.set(row=ROW, t=t, explained=CODE).values for t in (STEP, STEP + 1))
    for name in METHODS:
        assert not early[f"map_{name}"][:, STEP + 1 :].any(), name
        assert late[f"map_{name}"][:, STEP + 1].any(), name  # the control: a step later it has a part
        assert (early[f"map_{name}"][:, : STEP + 1] != late[f"map_{name}"][:, : STEP + 1]).any(), name


def test_long_patches_end_at_the_step_that_answers() -> None:
    X = np.random.default_rng(0).normal(size=(1, 20, 1)).astype(np.float32)  # patches are of three steps from 16 on
    network = LSTMClassifier(n_units=3, epochs=1, output="every", random_state=0).fit(X, [np.arange(20) % 2])
    found = look(network, "heatmap", X).set(t=7, explained=1).values["map_occlusion"]
    assert found[:, 7].any()
    assert not found[:, 8:].any()


def test_it_opens_on_the_last_step_and_shows_every_answer(network: Any, scene: Scene) -> None:
    x = looked()[int(scene.lists["rows"][ROW]) - 1]  # type: ignore[arg-type]
    at = scene.set(row=ROW)
    assert int(at.values["t"]) == 5  # of the longest sequence; a shorter one answers last at its own end
    assert int(at.values["at"]) == len(x) - 1
    assert at.told().startswith(f"Sequence {scene.lists['rows'][ROW]}, step {len(x) - 1}: The network answers ")
    assert at.told("es").startswith(f"Secuencia {scene.lists['rows'][ROW]}, paso {len(x) - 1}: La red responde ")
    (shares,) = network.predict_proba([x])
    np.testing.assert_allclose(at.values["every"][:, : len(x)], shares.T, atol=1e-6)
    for t in range(len(x)):
        now = at.set(t=t).values
        assert int(now["at"]) == t
        np.testing.assert_allclose(now["shares"], shares[t], atol=1e-6)
        assert int(now["said"]) == shares[t].argmax()


def test_where_there_is_no_room_for_every_step_the_last_one_before_is_explained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = fitted()
    whole = look(network, "heatmap", looked())
    monkeypatch.setattr(heatmap_sequences, "_NUMBERS_OF_STEPS", 2 * 3 * 2 * 6 * 6 * 2)
    scene = look(network, "heatmap", looked())
    assert "One step in 2 has maps, the last one too." in scene.told()
    assert "Uno de cada 2 pasos tiene mapas" in scene.told("es")
    row = [len(looked()[int(each) - 1]) for each in scene.lists["rows"]].index(6)  # type: ignore[arg-type]
    found = [scene.set(row=row, t=t).values for t in range(6)]
    assert [int(each["at"]) for each in found] == [1, 1, 1, 3, 3, 5]
    wanted = whole.set(row=row, t=3).values
    for name in METHODS:
        np.testing.assert_allclose(found[4][f"map_{name}"], wanted[f"map_{name}"], atol=1e-6)


def test_a_page_computes_what_torch_computes(scene: Scene) -> None:
    program = program_of(scene)
    settings: list[dict[str, Any]] = [{}, {"row": 3, "t": 0, "explained": 0}, {"row": ROW, "t": 2, "alike": True}]
    for each in settings:
        changed = scene.set(**each)
        for name, array in run_program(changed, program).items():
            np.testing.assert_allclose(array, changed.values[name], rtol=1e-5, atol=1e-5, err_msg=f"{name} {each}")


@pytest.mark.slow
def test_the_page_shows_it_to_everybody(browser: Any, tmp_path: Any) -> None:
    check_page([look(fitted(), "heatmap", looked(), sequences()[1][:8])], tmp_path / "page.html", browser)


def test_paper_draws_it() -> None:
    pytest.importorskip("matplotlib")
    assert look(fitted(), "heatmap", looked()[:2]).plot().axes


# Modules of one's own.


class TwoWays(nn.Module):
    """Answers at every step from what has come and from what will."""

    def __init__(self, *, bidirectional: bool = True) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.cells = nn.GRU(2, 3, batch_first=True, bias=False, bidirectional=bidirectional)
        self.last = nn.Linear(6 if bidirectional else 3, 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        answers: Tensor = self.last(self.cells(x)[0])
        return answers


def test_of_a_network_that_hears_both_ways_later_steps_speak_too() -> None:
    X = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
    two, one = (look(TwoWays(bidirectional=each), "heatmap", X).set(t=1, explained=1).values for each in (True, False))
    for name in METHODS:
        assert two[f"map_{name}"][:, 2:].any(), name
    for name in ("gradient", "times_input", "integrated", "epsilon"):
        assert not one[f"map_{name}"][:, 2:].any(), name
    np.testing.assert_allclose(two["sums"][3], two["score"], rtol=0.02, atol=1e-3)  # relevance, but for epsilon
    np.testing.assert_allclose(two["sums"][2], two["difference"], atol=1e-5)


# What is left out.


def test_there_is_no_alpha_beta_over_time_and_it_is_said_what_to_use(scene: Scene) -> None:
    notes = [panel.note for panel in scene.panels if panel.note is not None and "αβ" in panel.note.en]
    assert [note.en.rsplit(": ")[-1] for note in notes] == ["use this map."]
    assert "use este mapa" in notes[0].es
    with pytest.raises(CannotLook, match="alpha is not for sequences.* go by the map 'LRP ε'"):
        look(fitted(), "heatmap", looked(), alpha=2)


def test_networks_that_answer_at_every_step_are_not_compared() -> None:
    network = fitted()
    assert "heatmap" in looks(network)
    assert "compare" not in looks(network)
    with pytest.raises(CannotLook, match="network 1 is a LSTMClassifier, which gives no score for each class of a"):
        look([network, network], "compare", *sequences())


def test_answers_at_every_step_are_no_names_of_rows() -> None:
    X, y = sequences()
    assert shown(None, X, y).y is None
    whole = np.zeros((3, 4, 2), np.float32)
    network = LSTMClassifier(n_units=2, epochs=1, output="every", random_state=0)
    network.fit(whole, [[0, 1, 0, 1]] * 3)
    assert look(network, "heatmap", whole, [[0, 1, 0, 1]] * 3).lists["rows"] == ["1", "2", "3"]
