"""The look "energy": recall and dreams against loops in NumPy and against the networks' own verbs."""

import json

import matplotlib
import numpy as np
import pytest
import torch

from neurarium.core.randomness import Randomness
from neurarium.networks._hopfield_units import OneUnitModule
from neurarium.networks.autoencoder import Autoencoder
from neurarium.networks.hopfield import HopfieldNetwork, recall_against_load
from neurarium.networks.perceptron import PerceptronClassifier
from neurarium.networks.restricted_boltzmann import GibbsModule, RestrictedBoltzmannMachine
from neurarium.page.marks import Images, Series
from neurarium.page.noise import uniform
from neurarium.views.energy_memory import MOST_UNITS
from neurarium.views.looking import CannotLook, look, looks
from neurarium.views.looks import energy
from views.running import program_of, run_program

SIDE = 4
PATTERNS = np.where(uniform(3, (3, SIDE * SIDE)) < 0.5, 0.0, 1.0).astype(np.float32)
STRIPES = np.array([[0, 1, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0], [1, 1, 0, 0, 1, 1]] * 20, np.float32)
HOSTILE = ["<img onerror=1>", "$x$", "_T"]


def memory(rule="projection", patterns=PATTERNS, **settings):
    return HopfieldNetwork(rule=rule, random_state=0, **settings).fit(patterns)


@pytest.fixture(scope="module")
def linked():
    return memory()


@pytest.fixture(scope="module")
def machine():
    return RestrictedBoltzmannMachine(n_hidden=4, epochs=20, random_state=0).fit(STRIPES)


def same(page, torch_values, names=None):
    for name, wanted in torch_values.items() if names is None else ((each, torch_values[each]) for each in names):
        assert np.allclose(page[name], wanted, atol=1e-5), name


# Which networks.


def test_memories_and_binary_machines_have_the_look_and_others_have_not(linked, machine):
    assert "energy" in looks(linked)
    assert "energy" in looks(machine)
    assert energy.can(memory("modern"))
    gaussian = RestrictedBoltzmannMachine(visible="gaussian", n_hidden=2, epochs=1, random_state=0).fit(STRIPES)
    coder = Autoencoder(epochs=1, random_state=0).fit(STRIPES)
    perceptron = PerceptronClassifier(random_state=0).fit(STRIPES, STRIPES[:, 0])
    assert not any(energy.can(each) for each in (gaussian, coder, perceptron, torch.nn.Linear(2, 2), HopfieldNetwork()))


# Recall.


def damaged(pattern, places):
    row = pattern.copy()
    row[list(places)] = 1 - row[list(places)]
    return row


@pytest.mark.parametrize("update", ["random", "fixed"])
def test_units_are_asked_one_after_the_other_as_recall_asks_them(update):
    network = memory(update=update)
    row = damaged(PATTERNS[0], [0, 3, 7])
    scene = look(network, "energy").set(drawn=row.reshape(SIDE, SIDE), share=0.0)
    orders = scene.module.orders.numpy()
    W, b = network.module_.weight.numpy(), network.module_.bias.numpy()
    s = np.where(row > 0.5, 1.0, -1.0).astype(np.float32)
    turns = [s.copy()]
    for unit in orders.ravel():
        h = W[unit] @ s + b[unit]
        s[unit] = s[unit] if abs(h) < 1e-5 else np.sign(h)
        turns.append(s.copy())
    for t in (0, 1, 5, 16, 17, len(turns) - 1):
        now = scene.set(t=t).values["pictures"][1].ravel()
        assert np.array_equal(2 * now - 1, turns[t]), t
    energies = [-0.5 * each @ W @ each - b @ each for each in turns]
    assert scene.values["energies"] == pytest.approx(energies, abs=1e-4)
    assert (np.diff(scene.values["energies"]) <= 1e-5).all(), "no turn raises the energy"
    path = network.trajectory(row[None])[:, 0]
    for sweep, wanted in enumerate(path):
        got = scene.set(t=min(sweep * orders.shape[1], orders.size)).values["pictures"][1].ravel()
        assert np.array_equal(got, wanted)
    assert np.array_equal(scene.values["pictures"][1].ravel(), network.recall(row[None])[0])


def test_each_turn_is_the_one_that_the_network_exports(linked):
    scene = look(linked, "energy").set(noise=5, share=0.3)
    one = OneUnitModule(linked.module_)
    orders = scene.module.orders
    state = torch.as_tensor(2 * scene.set(t=0).values["pictures"][1].reshape(1, -1) - 1)
    for t in range(SIDE * SIDE):
        state = one(state, orders[0, t : t + 1])
        assert np.array_equal(2 * scene.set(t=t + 1).values["pictures"][1].reshape(1, -1) - 1, state.numpy())


def test_the_orders_are_those_of_the_fits_seed_and_many_rows_end_where_recall_ends():
    network = memory("hebb", np.where(uniform(8, (2, 16)) < 0.5, 0.0, 1.0).astype(np.float32))
    scene = look(network, "energy")
    with Randomness(network.seed_):
        assert np.array_equal(scene.module.orders[0], torch.randperm(16))
    rows = np.where(uniform(9, (20, 16)) < 0.5, 0.0, 1.0)
    ends = [scene.set(drawn=row.reshape(4, 4), share=0.0).values["pictures"][1].ravel() for row in rows]
    assert np.array_equal(ends, network.recall(rows))


def test_so_many_numbers_are_reversed_as_noise_lies_below_the_share(linked):
    scene = look(linked, "energy").set(noise=2, share=0.25, t=0)
    reversed_ones = uniform(2, (SIDE * SIDE,)) < 0.25
    assert np.array_equal(scene.values["pictures"][0].ravel() != PATTERNS[0], reversed_ones)
    assert scene.values["flipped"] == reversed_ones.sum()
    assert f"With {reversed_ones.sum()} of 16" in scene.told()


def test_overlap_field_and_links_are_those_of_the_network(linked):
    scene = look(linked, "energy").set(noise=2, share=0.25, t=7, unit=5)
    now = 2 * scene.values["pictures"][1].ravel() - 1
    W, b, patterns = (getattr(linked.module_, name).numpy() for name in ("weight", "bias", "patterns"))
    assert scene.values["overlap"] == pytest.approx(patterns @ now / len(now), abs=1e-6)
    assert scene.values["field"] == pytest.approx(W[5] @ now + b[5], abs=1e-6)
    assert np.array_equal(scene.values["weight"], W)
    assert scene.values["links"].reshape(2, -1) == pytest.approx(np.stack([W[5], W[5] * now]), abs=1e-7)
    assert scene.values["energy"] == scene.values["energies"][7]
    assert scene.values["astray"][1].ravel() == pytest.approx((now - patterns[scene.values["nearest"]]) / 2)


def test_the_sentence_tells_a_pattern_its_reverse_and_a_false_memory_apart(linked):
    def told(network, row):
        return (
            look(network, "energy", PATTERNS, np.array(["a", "b", "c"]))
            .set(drawn=row.reshape(SIDE, SIDE), share=0)
            .told()
        )

    assert "came to rest on the pattern b;" in told(linked, damaged(PATTERNS[1], [0]))
    assert "on the reverse of the pattern c;" in told(linked, 1 - PATTERNS[2])
    crowded = np.where(uniform(4, (12, 16)) < 0.5, 0.0, 1.0).astype(np.float32)
    with pytest.warns(match="patterns"):
        network = memory("hebb", crowded)
    lost = next(row for row in crowded if network.spurious(row[None])[0])
    scene = look(network, "energy").set(drawn=lost.reshape(4, 4), share=0)
    assert "where nothing was stored, nearest to" in scene.told()
    assert "donde no se guardó nada" in scene.told("es")
    assert scene.values["left_over"] > 0


def test_units_asked_together_may_swing_and_the_sentence_says_so():
    network = memory("hebb", np.array([[0.0, 1.0, 0.0, 1.0]], np.float32), update="synchronous")
    rows = np.array(np.meshgrid(*[[0.0, 1.0]] * 4)).reshape(4, -1).T
    paths = network.trajectory(rows)
    swinging = rows[(paths[-1] != paths[-2]).any(1)]
    assert len(swinging), "some start of these swings"
    scene = look(network, "energy").set(drawn=swinging[:1], share=0)
    assert "was still moving" in scene.told()
    steps = [scene.set(t=t).values["pictures"][1] for t in range(5)]
    assert np.array_equal(steps[-1], steps[-3])
    assert not np.array_equal(steps[-1], steps[-2])


def test_patterns_that_vote_take_the_steps_of_the_modern_network():
    network = memory("modern")
    row = damaged(PATTERNS[0], [0, 3, 7])
    scene = look(network, "energy").set(drawn=row.reshape(SIDE, SIDE), share=0)
    beta, patterns = float(network.module_.beta), network.module_.patterns.numpy()
    s = 2 * row - 1
    for t in range(4):
        shown = scene.set(t=t).values
        assert 2 * shown["pictures"][1].ravel() - 1 == pytest.approx(s, abs=1e-5)
        votes = np.exp(beta * (patterns @ s - (patterns**2).sum(1) / 2))
        assert shown["votes"] == pytest.approx(votes / votes.sum(), abs=1e-5)
        assert shown["energy"] == pytest.approx(s @ s / 2 - np.log(votes.sum()) / beta, abs=1e-3)
        s = votes / votes.sum() @ patterns
    assert "on the pattern 1;" in scene.told()


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["projection", "modern"])
def test_the_page_computes_what_python_computes_for_a_memory(rule):
    scene = look(memory(rule), "energy", PATTERNS)
    program = program_of(scene)
    for settings in (
        {},
        {"share": 0.5, "noise": 3, "t": 2},
        {"drawn": np.ones((SIDE, SIDE)), "share": 0.2, "t": 0},
        {"drawn": PATTERNS[2].reshape(SIDE, SIDE), "share": 0.35, "noise": 9},
    ):
        one = scene.set(**settings)
        same(run_program(one, program), {name: one.values[name] for name in program.outputs})


def test_the_load_curve_is_measured_with_fixed_seeds_and_the_memory_stands_on_it(linked):
    scene = look(linked, "energy").set(view="Load")
    values = scene.values
    assert scene.lists["rules"] == ["projection", "hebb"]
    again = [
        recall_against_load(values["load_at"].tolist(), n_units=32, flipped=0.1, random_state=seed, rule="hebb").overlap
        for seed in range(3)
    ]
    assert values["load_curves"][1] == pytest.approx(np.mean(again, 0), abs=1e-6)
    assert values["load"] == 3 / 16
    (panel,) = scene.shown()
    told = scene.fill(panel.note, "en")
    assert "32 units" in told
    assert "load 0.188" in told
    drowned = values["load_at"] >= 0.3
    assert values["load_curves"][1][drowned].max() < 0.8 < values["load_curves"][1][0]


def test_the_way_ends_where_its_pattern_stands(linked):
    values = look(linked, "energy").set(noise=2, share=0.1).values
    assert values["outcome"] == 0
    end = values["way_x"][0, -1], values["way_y"][0, -1]
    nearest = values["nearest"]
    assert end == pytest.approx((values["patterns_x"][nearest], values["patterns_y"][nearest]), abs=1e-5)


def test_patterns_are_called_as_their_owner_calls_them_and_rows_of_a_table_are_no_picture():
    class Rows(np.ndarray):
        columns = ("warm", "$wet$", "<b>", "loud", "_dark")

    X = np.array([[1, 0, 1, 0, 1], [0, 0, 1, 1, 1], [1, 1, 0, 0, 1]], np.float32).view(Rows)
    scene = look(memory("projection", np.asarray(X)), "energy", X, np.array(HOSTILE))
    assert scene.lists["names"] == HOSTILE
    assert scene.lists["columns"] == list(Rows.columns)
    assert scene.values["drawn"].shape == (1, 5)
    drawn = scene.set(view="Links", unit="$wet$").plot()
    assert any("$wet$" in text.get_text() for text in drawn.findobj(matplotlib.text.Text))
    shown = scene.plot()
    assert {each.get_text() for each in shown.findobj(matplotlib.text.Text)} >= set(HOSTILE)


def test_the_callers_numbers_and_his_kind_of_rows_are_kept():
    patterns = np.where(PATTERNS > 0, 16.0, 4.0).astype(np.float32)
    scene = look(memory("projection", patterns), "energy", patterns.reshape(3, 2, 8))
    control = next(each for each in scene.controls if each.name == "drawn")
    assert (control.low, control.high, control.value.shape) == (4, 16, (2, 8))
    assert scene.values["ink"].min() == 0
    assert scene.values["ink"].max() == 1


def test_what_a_memory_cannot_show_is_said():
    with pytest.raises(CannotLook, match="16 units; these rows have 9 numbers"):
        look(memory(), "energy", np.zeros((2, 9)))
    large = memory("hebb", np.where(uniform(1, (1, MOST_UNITS + 1)) < 0.5, 0.0, 1.0))
    with pytest.raises(CannotLook, match=f"at most {MOST_UNITS}"):
        look(large, "energy")


# Dreams.


def test_the_dream_is_gibbs_sampling_with_the_noise_of_the_page(machine):
    scene = look(machine, "energy", STRIPES).set(chance=4)
    chance = torch.from_numpy(scene.values["chance"])
    gibbs = GibbsModule(machine.module_)
    v = torch.from_numpy(STRIPES[:1])
    W, b, c = (getattr(machine.module_, name).detach().numpy() for name in ("weight", "visible_bias", "hidden_bias"))
    own = STRIPES[0]
    for t, film in enumerate(scene.values["film"].reshape(-1, 6)):
        assert np.array_equal(film, v[0].detach().numpy()), t
        assert np.array_equal(film, own), t
        if t < len(chance):
            v = gibbs(v, chance[t : t + 1, :4], chance[t : t + 1, 4:])
            h = (chance[t, :4].numpy() < 1 / (1 + np.exp(-(W @ own + c)))).astype(np.float32)
            own = (chance[t, 4:].numpy() < 1 / (1 + np.exp(-(b + h @ W)))).astype(np.float32)


def test_free_energy_features_and_the_sum_are_those_of_the_machine(machine):
    scene = look(machine, "energy", STRIPES).set(chance=1, t=5, unit=2)
    values = scene.values
    film = values["film"].reshape(-1, 6)
    assert values["free_energy"] == pytest.approx(-machine.score_samples(film), abs=1e-4)
    p = machine.transform(film[5:6])[0]
    assert values["hidden"].ravel() == pytest.approx(p, abs=1e-6)
    assert values["awake"] == (p > 0.5).sum()
    again = machine.inverse_transform(p[None])[0]
    assert values["again"][1].ravel() == pytest.approx(again, abs=1e-6)
    assert values["error"] == pytest.approx(np.sqrt(((again - film[5]) ** 2).mean()), abs=1e-6)
    unit = int(scene.lists["hidden"][2]) - 1
    W, c = machine.module_.weight.detach().numpy(), machine.module_.hidden_bias.detach().numpy()
    assert values["from_visible"] == pytest.approx(W[unit] @ film[5], abs=1e-5)
    assert values["p"] == pytest.approx(1 / (1 + np.exp(-(W[unit] @ film[5] + c[unit]))), abs=1e-6)
    assert np.array_equal(values["fields"].reshape(-1, 6), W[[int(each) - 1 for each in scene.lists["hidden"]]])


def test_histograms_hold_all_rows_and_all_dreams(machine):
    values = look(machine, "energy", STRIPES).values
    assert values["shares"].sum(1) == pytest.approx([1, 1])
    assert values["rows_mean"] == pytest.approx(-machine.score_samples(STRIPES).mean(), abs=1e-4)
    dreams = machine.sample(200, random_state=0)
    assert values["dreams_mean"] == pytest.approx(-machine.score_samples(dreams).mean(), abs=1e-4)
    means = values["shares"] @ values["bins"]
    width = np.diff(values["bins"])[0]
    assert abs(means - [values["rows_mean"], values["dreams_mean"]]).max() <= width / 2 + 1e-6


def test_grey_rows_are_compared_as_states():
    grey = np.clip(STRIPES * 0.8 + 0.1 * uniform(1, STRIPES.shape), 0, 1)
    network = RestrictedBoltzmannMachine(n_hidden=3, epochs=5, random_state=0).fit(grey)
    scaled = network.module_.units.scale(torch.from_numpy(grey)).numpy()
    states = (uniform(0, scaled.shape) < scaled).astype(np.float32)
    wanted = -network.module_.log_weight(torch.from_numpy(states)).detach().numpy().mean()
    assert look(network, "energy", grey).values["rows_mean"] == pytest.approx(wanted, abs=1e-4)


def test_softmax_units_show_one_value_of_each_group():
    groups = np.zeros((40, 5), np.float32)
    groups[np.arange(40), np.arange(40) % 2] = 1
    groups[np.arange(40), 2 + np.arange(40) % 3] = 1
    network = RestrictedBoltzmannMachine(
        visible="softmax", categories=(2, 3), n_hidden=2, epochs=5, random_state=0
    ).fit(groups)
    scene = look(network, "energy", groups)
    film = scene.values["film"].reshape(-1, 5)
    assert (film[:, :2].sum(1) == 1).all()
    assert (film[:, 2:].sum(1) == 1).all()
    # Gumbel's law: over many seeds a value is as frequent as its probability.
    v = torch.from_numpy(groups[:1])
    first = np.mean([scene.set(chance=seed).values["film"][1].ravel() for seed in range(150)], 0)
    p = network.module_(v)
    hidden = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 2)
    law = (hidden * p + (1 - hidden) * (1 - p)).prod(1)
    wanted = law @ network.module_.units.mean(network.module_.visible_field(hidden))
    assert first == pytest.approx(wanted.detach().numpy(), abs=0.12)


@pytest.mark.slow
def test_the_page_computes_what_python_computes_for_a_machine(machine):
    scene = look(machine, "energy", STRIPES)
    program = program_of(scene)
    for settings in ({}, {"chance": 3, "t": 0}, {"drawn": np.full((1, 6), 0.5), "t": 7, "unit": 3}):
        one = scene.set(**settings)
        same(run_program(one, program), {name: one.values[name] for name in program.outputs})


def test_without_rows_the_machine_shows_its_own_dreams(machine):
    scene = look(machine, "energy")
    assert [each.en for each in scene.lists["kinds"]] == ["its own dreams"]
    assert "the rows" not in scene.told()
    assert len(scene.values["samples"]) == 30


def test_rows_to_choose_from_are_of_each_answer_in_turn_and_carry_its_name(machine):
    y = np.array(["a", "<b>", "a"] * 20)
    scene = look(machine, "energy", STRIPES, y)
    assert scene.lists["sample_names"][:4] == ["<b>", "a", "<b>", "a"]
    assert np.array_equal(scene.values["samples"][0].ravel(), STRIPES[1])


def test_rows_of_another_size_are_refused(machine):
    with pytest.raises(CannotLook, match="6 visible units; these rows have 5"):
        look(machine, "energy", np.zeros((2, 5)))


# Both.


@pytest.mark.parametrize("view", [0, 1, 2])
def test_every_panel_can_be_drawn_and_numbers_are_finite(linked, machine, view):
    for scene in (look(linked, "energy", PATTERNS), look(machine, "energy", STRIPES)):
        drawn = scene.set(view=view).plot()
        drawn.canvas.draw()
        assert drawn.get_size_inches()[1] * 25.4 < 260, "fits a page"
    json.dumps(scene.to_json(), allow_nan=False)


def test_a_place_on_a_curve_and_a_picture_of_the_film_choose_the_turn(machine):
    marks = [mark for panel in look(machine, "energy").panels for mark in panel.marks]
    assert any(isinstance(mark, Images) and mark.picks == "t" for mark in marks)
    assert any(isinstance(mark, Series) and mark.picks == "t" for mark in marks)


def test_the_example_of_each_is_unfitted_and_others_have_none():
    network, X, y = energy.example("HN")
    assert (len(X), len(y), network.rule) == (10, 10, "projection")
    assert set(np.unique(X)) == {0, 1}
    dreamer, X, _ = energy.example("RBM")
    assert X.shape == (1797, 64)
    assert not hasattr(network, "module_")
    assert not hasattr(dreamer, "module_")
    assert energy.example("P") is None
