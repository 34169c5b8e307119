"""The look "chain": walks bit for bit those of the estimator, laws against powers of the matrix."""

import numpy as np
import pytest
import torch

from neurarium.networks._markov_walk import Walker
from neurarium.networks.markov_chain import MarkovChain
from neurarium.networks.perceptron import PerceptronClassifier
from neurarium.page.noise import uniform
from neurarium.views import chain_tables, chain_walk
from neurarium.views.gates_story import story
from neurarium.views.looking import CannotLook, look, looks
from neurarium.views.looks import chain as file
from views.running import program_of, run_program

WEATHER = ["sun", "sun", "rain", "fog", "sun", "sun", "sun", "rain", "rain", "fog", "fog", "sun", "rain", "sun"] * 3
TEXT = story(60)


def chain_with(P):
    """An order-1 chain whose matrix is P, of whole tenths."""
    return MarkovChain().fit([[i, j] for i, j in np.ndindex(P.shape) for _ in range(round(10 * P[i, j]))])


@pytest.fixture(scope="module")
def weather():
    return MarkovChain().fit(WEATHER)


@pytest.fixture(scope="module")
def letters():
    return MarkovChain(order=2).fit(TEXT)


@pytest.fixture(scope="module")
def written(letters):
    return look(letters, "chain")


def walked(fitted, seed, steps, recent=()):
    """The walk of the estimator, one step after the other, from the numbers of a seed."""
    walker = Walker(fitted.module_, silent=int(fitted.unit_ != "symbol"))
    context = np.array([walker.context_of(list(recent))])
    symbols = []
    for u in np.minimum(uniform(seed, (steps,)).astype(float), walker.most):
        before, context = context, walker.step(context, np.array([u]))
        if fitted.order:
            symbols.append(walker.symbol[context[0]])
        else:
            piece = walker.drawn[walker._piece(before + u)]
            symbols.append(walker.symbol[piece[0]] if piece[0] else walker._back_off(before, np.array([u]))[0])
    return np.array(symbols)


def test_markov_chains_have_the_look_and_others_have_not(weather):
    assert "chain" in looks(weather)
    perceptron = PerceptronClassifier(random_state=0).fit([[0.0], [1.0]], [0, 1])
    assert not any(file.can(each) for each in (MarkovChain(), perceptron, torch.nn.Linear(2, 2)))


# Walks.


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("smoothing", ["none", "witten-bell", "kneser-ney"])
def test_a_walk_is_bit_for_bit_the_estimators_own(order, smoothing):
    for X in (WEATHER, TEXT):
        fitted = MarkovChain(order=order, smoothing=smoothing).fit(X)
        scene = look(fitted, "chain")
        for seed in (0, 7):
            path = scene.set(noise=seed).values["walked"]
            assert np.array_equal(path, walked(fitted, seed, len(path)))
        assert not np.array_equal(path, walked(fitted, 1, len(path))), "other numbers, another walk"


def test_all_at_once_or_one_by_one_the_walk_is_the_same(weather, monkeypatch):
    quick = look(weather, "chain").values["walked"]
    assert len(quick) == 400
    monkeypatch.setattr(chain_walk, "_GRID", 0)
    slow = look(weather, "chain").values["walked"]
    assert len(slow) == 100
    assert np.array_equal(slow, quick[:100])


def test_what_is_written_out_is_a_part_of_the_walk_around_the_step(weather):
    scene = look(weather, "chain")
    for t, first in ((0, 0), (19, 0), (30, 10), (399, 360)):
        shown = scene.set(t=t).values
        assert np.array_equal(shown["written"], shown["walked"][first : first + 40])
        assert shown["written_now"] == t - first


def test_a_walk_may_start_from_a_state(weather):
    scene = look(weather, "chain").set(start=2)
    assert [str(each) for each in scene.lists["begins"][1:]] == ["fog", "rain", "sun"]
    assert np.array_equal(scene.values["walked"], walked(weather, 0, 400, [1]))
    first = scene.set(t=0).values
    assert first["standing"].tolist() == [0, 1, 0]
    assert first["best_shares"].sum() == pytest.approx(1)
    assert first["flow"].reshape(3, 3)[1] == pytest.approx(weather.transition_matrix_[1])
    assert not first["flow"].reshape(3, 3)[[0, 2]].any()


def test_the_walk_visits_states_as_often_as_the_long_run_says():
    fitted = chain_with(np.array([[0.9, 0.1], [0.4, 0.6]]))
    scene = look(fitted, "chain")
    shares = np.mean([scene.set(noise=seed, t=399).values["occupancy"] for seed in range(12)], axis=0)
    assert shares == pytest.approx([0.8, 0.2], abs=0.03)


# What is behind a step.


def test_candidates_have_the_probabilities_and_counts_of_the_estimator(letters, written):
    symbols = letters.states_.tolist()
    for t in (0, 1, 2, 17, 60):
        scene = written.set(t=t)
        path = scene.values["walked"][:t].tolist()
        recent = "".join(symbols[code] for code in path[-2:])
        chance = letters.next_probabilities(recent or None)
        codes = scene.values["best_codes"]
        assert scene.values["best_shares"] == pytest.approx(chance[codes], abs=1e-12)
        assert scene.values["best_shares"] == pytest.approx(np.sort(chance)[::-1][:10], abs=1e-12)
        assert scene.values["best_counts"].tolist() == [letters.count(recent + symbols[code]) for code in codes]
        chosen = scene.values["walked"][t]
        assert scene.values["chosen_share"] == pytest.approx(chance[chosen], abs=1e-12)
        assert scene.values["chosen_count"] == letters.count(recent + symbols[chosen])
        assert codes[scene.values["chosen_place"]] == chosen or chosen not in codes
        spelled = [symbols[code] for code in scene.values["spelled"] if code >= 0]
        assert "".join(spelled) == recent
        assert f"chose “{scene.lists['symbols'][chosen]}”" in scene.told()
        assert f"eligió «{scene.lists['symbols'][chosen]}»" in scene.told("es")


def test_a_context_that_was_never_followed_gives_way_to_a_shorter_one():
    fitted = MarkovChain(order=2, smoothing="none").fit([["a", "b", "a", "a"], ["a", "b", "c"], ["c", "b", "b"]])
    scene = look(fitted, "chain").set(start=3)
    assert str(scene.lists["begins"][3]) == "c"
    tables = scene.module.tables
    bc = torch.tensor([Walker(fitted.module_).context_of([1, 2])])
    assert tables.spelled(bc).tolist() == [[1, 2]]
    assert tables.spelled(tables.used(bc)).tolist() == [[-1, 2]]
    assert tables.likely(bc)[0].numpy() == pytest.approx(fitted.next_probabilities(["b", "c"]))


@pytest.mark.parametrize("temperature", [0.5, 1.7])
def test_temperature_raises_probabilities_as_sample_does(letters, written, temperature):
    scene = written.set(temperature=temperature)
    symbols, context = letters.states_.tolist(), ""
    for u, code in zip(uniform(0, (100,)).astype(float), scene.values["walked"], strict=True):
        raised = letters.next_probabilities(context[-2:] or None) ** (1 / np.float64(np.float32(temperature)))
        raised[0] = 0
        assert code == np.searchsorted(np.cumsum(raised) / raised.sum(), u, side="right")
        context += symbols[code]
    assert not np.array_equal(scene.values["walked"], written.values["walked"])
    assert "temperature" not in look(MarkovChain().fit(WEATHER), "chain").inputs


# The long run.


def test_the_long_run_is_the_eigenvector_and_what_powers_of_the_matrix_come_to(weather):
    scene = look(weather, "chain")
    P = weather.transition_matrix_
    values, vectors = np.linalg.eig(P.T)
    vector = np.real(vectors[:, np.argmax(values.real)])
    assert scene.values["law"][0] == pytest.approx(vector / vector.sum())
    assert scene.values["law"][0] == pytest.approx(np.linalg.matrix_power(P, 200)[0])
    assert scene.values["eigenvalue"] == pytest.approx(np.sort(np.abs(values))[-2])
    law = scene.values["law"][0]
    for start in range(3):
        for t in (0, 1, 5, 9):
            far = np.abs(np.linalg.matrix_power(P, t) - law).sum(1) / 2
            assert scene.values["distance"][1 + start, :, t] == pytest.approx([far[start], far.max()])
    first = weather.next_probabilities()
    assert scene.values["distance"][0, 0, 3] == pytest.approx(
        np.abs(first @ np.linalg.matrix_power(P, 3) - law).sum() / 2
    )
    assert "settles to one long run" in scene.told()


def test_the_gap_is_the_total_variation_of_the_walk_so_far(weather):
    scene = look(weather, "chain").set(t=49)
    path, law = scene.values["walked"], scene.values["law"][0]
    for t in (0, 10, 49, 399):
        share = np.bincount(path[: t + 1], minlength=3) / (t + 1)
        assert scene.values["gap"][t] == pytest.approx(np.abs(share - law).sum() / 2)
    assert scene.values["both"] == pytest.approx(np.stack([np.bincount(path[:50], minlength=3) / 50, law]))


def test_at_higher_orders_the_long_run_is_the_estimators_own(letters, written):
    kept = [written.lists["symbols"].index(name) for name in written.lists["states"]]
    assert written.values["law"] == pytest.approx(letters.stationary()[kept][None])
    assert written.values["distance"].shape == (1, 2, 31)
    assert written.values["distance"][0, 0, -1] < written.values["distance"][0, 0, 0] / 100


def test_a_period_is_said_and_seen():
    scene = look(chain_with(np.array([[0, 1.0], [1.0, 0]])), "chain")
    assert "comes back only every 2 steps" in scene.told()
    assert "cada 2 pasos" in scene.told("es")
    assert scene.values["distance"][1] == pytest.approx(np.full((2, 31), 0.5)), "the law never settles"
    assert scene.values["gap"][-1] < 0.01, "the share of time does"


def test_closed_sets_are_said_and_the_long_run_follows_the_start():
    P = np.array([[1.0, 0, 0], [0.5, 0, 0.5], [0, 0, 1.0]])
    scene = look(chain_with(P), "chain")
    assert "2 sets of states that the chain never leaves" in scene.told()
    assert scene.values["law"][1:] == pytest.approx(np.linalg.matrix_power(P, 50))
    assert scene.set(start=1).values["both"][1] == pytest.approx([1, 0, 0])
    assert scene.set(start=3).values["both"][1] == pytest.approx([0, 0, 1])
    left = look(chain_with(np.array([[0.5, 0.5], [0, 1.0]])), "chain")
    assert "Some states are left for ever" in left.told()


# Size, names, page.


def test_where_the_matrix_is_too_large_there_is_no_long_run():
    fitted = MarkovChain(order=3).fit(TEXT)
    scene = look(fitted, "chain")
    assert "too many for a matrix" in scene.told()
    assert "both" not in scene.values
    assert all(panel.when == ("view", (0,)) for panel in scene.panels)


def test_of_a_table_too_large_for_a_page_shorter_contexts_are_walked_and_the_sentence_says_so(monkeypatch):
    fitted = MarkovChain(order=4).fit(TEXT)
    sizes = fitted.module_.sizes
    monkeypatch.setattr(chain_tables, "_RUNS", sum(sizes[:4]))
    scene = look(fitted, "chain")
    assert "too large for a page: here it goes by the last 2" in scene.told()
    assert scene.values["spelled"].shape == (2,)
    shown = scene.set(t=31).values
    recent, codes = "".join(fitted.states_[shown["spelled"]]), shown["best_codes"]
    assert recent == "".join(fitted.states_[shown["walked"][29:31]])
    assert shown["best_shares"] == pytest.approx(fitted.next_probabilities(recent)[codes])
    assert shown["best_counts"].tolist() == [fitted.count(recent + fitted.states_[code]) for code in codes]
    monkeypatch.setattr(chain_tables, "_RUNS", 5)
    with pytest.raises(CannotLook, match="no room for 20 states"):
        look(fitted, "chain")


def test_names_are_shown_letter_for_letter_and_blanks_by_signs():
    hostile = ["<img onerror=1>", "$x$", "{chosen}"] * 4
    scene = look(MarkovChain().fit(hostile), "chain")
    assert sorted(scene.lists["symbols"]) == sorted(set(hostile))
    assert any(name in scene.told() for name in set(hostile))
    assert "␣" in look(MarkovChain().fit("a b\nb a"), "chain").lists["symbols"]


def test_smoothing_is_said_where_there_is_one(weather, written):
    notes = [
        " ".join(panel.note.en for panel in scene.panels if panel.note) for scene in (look(weather, "chain"), written)
    ]
    assert "smoothed" not in notes[0]
    assert "they are smoothed (kneser-ney)" in notes[1]


@pytest.mark.parametrize("of", ["weather", "letters"])
def test_the_page_computes_what_python_computes(of, request):
    scene = look(request.getfixturevalue(of), "chain")
    program = program_of(scene)
    settings = [{}, {"noise": 3, "t": 77, "start": 2}, *([{"temperature": 0.4, "noise": 5}] if of == "letters" else [])]
    for each in settings:
        turned = scene.set(**each)
        page = run_program(turned, program)
        assert np.array_equal(page["walked"], turned.values["walked"])
        for name, wanted in turned.computed.items():
            assert np.allclose(page[name], wanted, atol=1e-6, equal_nan=True), name
