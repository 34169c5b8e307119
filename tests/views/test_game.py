"""The look "game": a round against the estimator's own rule, the plane against autograd, the alarm, the quiz."""

import copy
import math
import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from neurarium.core.batches import Batch
from neurarium.datasets import ring
from neurarium.networks.generative_adversarial import GenerativeAdversarialNetwork
from neurarium.page.noise import uniform
from neurarium.views.game_live import ARROWS, SAMPLES, SEEN
from neurarium.views.game_modes import clusters, covered
from neurarium.views.game_pictures import normal
from neurarium.views.game_round import BOTH, FORGER, JUDGE, Pace, Player, Round
from neurarium.views.looking import CannotLook, look, looks
from paging import check_page
from views.running import run_program

CORNERS = 2 * np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], 1)


def fitted_on(rows, **parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so few passes are warned of
        return GenerativeAdversarialNetwork(epochs=2, random_state=0, **parameters).fit(rows)


@pytest.fixture(scope="module")
def rows():
    return ring.load(400, random_state=0).data


@pytest.fixture(scope="module")
def gan(rows):
    return fitted_on(rows, hidden=(12,), n_noise=2)


@pytest.fixture(scope="module")
def scene(gan, rows):
    return look(gan, "game", rows)


@pytest.fixture(scope="module")
def digits():
    return (load_digits().data[:300] / 16).astype(np.float32)


@pytest.fixture(scope="module")
def gallery(digits):
    return look(fitted_on(digits, hidden=(16,), n_noise=4), "game", digits)


# A round.


class Played:
    """Rounds of an estimator's game as a page plays them, and the rule with the same rows, noise and start."""

    def __init__(self, rows, **parameters):
        fitted = fitted_on(rows, hidden=(12,), n_noise=3, batch_size=48, **parameters)
        self.module = copy.deepcopy(fitted.module_).double()
        self.rule = fitted._rule(self.module)
        self.rows = fitted._read(rows, reset=False).inputs.double()
        chance = np.random.default_rng(1)
        self.noises, self.shares = (torch.from_numpy(chance.random((101, 3))), torch.from_numpy(chance.random(101)))
        self.pace = Pace(48, 2, 5)
        self.players = Player(self.module.discriminator), Player(self.module.generator)
        self.round = Round(*self.players, self.rule, self.pace)
        judge, forger = (player.weights() for player in self.players)
        mean = Player(self.module.averaged).weights()
        self.states = (
            torch.stack([judge, torch.zeros_like(judge)]),
            torch.stack([forger, torch.zeros_like(forger), mean]),
            torch.zeros(3, dtype=torch.int64),
            torch.zeros(2, 20).double(),
        )

    def play(self, who=BOTH, number=0, steps=1):
        given = torch.tensor(number), self.module.scale(self.rows), self.noises, self.shares, torch.arange(1, 21)
        penalty = torch.tensor(self.rule.game.penalty).double()
        game = torch.tensor(int(type(self.rule.game).__name__ == "Saturating"))
        self.states = self.round(*self.states, *given, penalty, game, torch.tensor(steps), torch.tensor(who))

    def drive(self, turn):
        def taken(table):
            return table[(48 * turn + torch.arange(48)) % len(table)]

        self.module.noise = lambda n: taken(self.noises)
        self.rule.game._shares = lambda real: taken(self.shares)[:, None, None, None]
        self.rule.step(Batch(taken(self.rows)))
        if (turn + 1) % self.pace.steps == 0:
            self.rule.end_pass()


@pytest.mark.parametrize("game", ["non-saturating", "saturating", "wasserstein"])
def test_rounds_are_the_rules_own_steps_to_the_last_digits(rows, game):
    played = Played(rows, game=game)
    for turn in range(12):  # over two ends of a pass, and beyond the last
        played.play()
        played.drive(turn)
        now = [played.rule.latest["discriminator"], played.rule.latest["generator"]]
        if turn % played.rule.game.rounds == 0:
            np.testing.assert_allclose(played.states[3][:, turn], now, atol=1e-12)
    (judge, _), (forger, _, mean), *_ = played.states
    for ours, theirs in zip((judge, forger), played.players, strict=True):
        torch.testing.assert_close(ours, theirs.weights(), atol=1e-12, rtol=0)
    torch.testing.assert_close(mean, Player(played.module.averaged).weights(), atol=1e-12, rtol=0)


@pytest.mark.parametrize(("who", "moves"), [(JUDGE, 0), (FORGER, 1)])
def test_who_plays_alone_leaves_the_other_where_it_was(rows, who, moves):
    played = Played(rows)
    before = played.states
    played.play(who)
    changed = [not torch.equal(a, b) for a, b in zip(before[:2], played.states[:2], strict=True)]
    assert changed == [moves == 0, moves == 1]
    assert played.states[2].tolist() == [1, 1 - moves, moves]


def test_rounds_beyond_those_asked_for_change_nothing(rows):
    played = Played(rows)
    before = played.states
    played.play(number=3, steps=3)
    assert all(torch.equal(a, b) for a, b in zip(before, played.states, strict=True))
    played.play(number=2, steps=3)
    assert not torch.equal(before[0], played.states[0])


# The plane.


def test_the_field_is_what_the_network_says(scene, gan, rows):
    left, right = rows.min(0) - 0.35 * np.ptp(rows, 0), rows.max(0) + 0.35 * np.ptp(rows, 0)
    side = scene.module.side
    x, y = (a + (np.arange(side) + 0.5) / side * (b - a) for a, b in zip(left, right, strict=True))
    place = np.column_stack([each.ravel() for each in np.meshgrid(x, y)]).astype(np.float32)
    np.testing.assert_allclose(scene.values["field"].ravel(), gan.discriminate(place) - 0.5, atol=1e-5)


def test_samples_are_the_networks_own_and_arrows_are_the_slope_of_its_score(scene, gan, rows):
    noise = torch.from_numpy(scene.values["noises"][:SAMPLES])
    module = copy.deepcopy(gan.module_)
    with torch.no_grad():
        mean, now = (module.finish(each(noise)).flatten(1).numpy() for each in (module.averaged, module.generator))
    seen = scene.set(averaged=True).values
    np.testing.assert_allclose(np.c_[seen["samples_x"], seen["samples_y"]], mean, atol=1e-5)
    np.testing.assert_allclose(np.c_[scene.values["samples_x"], scene.values["samples_y"]], now, atol=1e-5)
    assert abs(mean - now).max() > 1e-3  # control: they are two generators
    there = torch.from_numpy(now[:ARROWS]).reshape(-1, *module.low.shape).requires_grad_()
    module.discriminator(module.scale(there)).sum().backward()
    slope = there.grad.flatten(1).numpy()
    values = scene.values
    np.testing.assert_allclose(values["steep"], np.linalg.norm(slope, axis=1), rtol=1e-4, atol=1e-6)
    along = np.c_[values["arrow_to_x"] - values["arrow_x"], values["arrow_to_y"] - values["arrow_y"]]
    np.testing.assert_allclose(along / np.abs(along).max(), slope / np.abs(slope).max(), atol=1e-4)


def test_the_value_is_what_d_says_of_the_drawn_rows_and_samples(scene, gan):
    values = scene.values
    real = gan.discriminate(values["rows"][:SEEN].reshape(-1, 2))
    fake = gan.discriminate(np.c_[values["samples_x"], values["samples_y"]])
    assert values["value"] == pytest.approx(np.log(real).mean() + np.log(1 - fake).mean(), abs=1e-5)
    np.testing.assert_allclose(values["said"][0], np.histogram(real, 20, (0, 1))[0] / len(real), atol=0.01)
    assert values["losses"][2:, 0] == pytest.approx([math.log(4), math.log(2)])
    assert scene.set(game=1).values["losses"][3, 0] == pytest.approx(-math.log(2))


def test_buttons_start_anew_play_on_and_go_back(scene):
    new = scene.press("fresh")
    assert abs(new.values["judge"][0] - scene.values["judge"][0]).max() > 0.01
    again = new.set(steps=4).press("step_both").press("step_d")
    assert again.values["turns"].tolist() == [8, 8, 4]
    assert np.isfinite(again.values["losses"][:2, :8]).all()
    assert np.isnan(again.values["losses"][:2, 8:]).all()
    back = again.press("back").values
    np.testing.assert_allclose(back["field"], scene.values["field"], atol=1e-6)
    assert back["turn"] == 0
    assert abs(again.values["field"] - back["field"]).max() > 1e-3  # control


def test_lines_of_the_noise_are_bent_by_the_generator(scene, gan):
    lines = np.stack([scene.values["lines_x"], scene.values["lines_y"]], -1)
    with torch.no_grad():
        module = gan.module_
        bent = module.finish(module.generator(torch.from_numpy(lines.reshape(-1, 2)).float())).flatten(1).numpy()
    np.testing.assert_allclose(scene.values["weave_x"].ravel(), bent[:, 0], atol=1e-5)
    np.testing.assert_allclose(scene.values["weave_y"].ravel(), bent[:, 1], atol=1e-5)


# The alarm.


def judged(samples, rows):
    found = clusters(rows)
    given = [torch.from_numpy(np.asarray(each, float)) for each in (samples, found.centres, found.radius, found.due)]
    answer = covered(*given, torch.from_numpy(np.asarray(rows[: len(samples)], float)))
    return {name: each.numpy() for name, each in answer.items()}


def test_the_clusters_of_the_ring_are_found_and_those_of_a_cloud_are_not(rows):
    found = clusters(rows)
    assert found.found
    apart = np.linalg.norm(found.centres[:, None] - CORNERS[None], axis=2)
    np.testing.assert_allclose(apart.min(0), 0, atol=0.02)
    assert (found.radius < 0.1).all()
    cloud = clusters(np.random.default_rng(0).normal(size=(400, 2)))
    assert not cloud.found
    assert len(cloud.centres) == 8


def test_the_alarm_is_silent_for_the_rows_themselves_and_rings_for_one_point(rows):
    itself = judged(ring.load(256, random_state=7).data, rows)
    assert (itself["alarm"], itself["n_reached"]) == (0, 8)
    assert 0.5 < itself["spread"] < 2
    point = judged(np.repeat(rows[:1], 256, axis=0), rows)
    assert (point["alarm"], point["n_reached"], point["spread"]) == (1, 1, 0)
    assert point["reach"] == pytest.approx(1 / 8, abs=0.06)


def test_the_alarm_rings_where_half_of_the_clusters_is_left_out_and_where_samples_are_copies(rows):
    half = ring.load(512, random_state=7)
    few = judged(half.data[half.target < 4][:200], rows)
    assert (few["alarm"], few["n_reached"]) == (1, 4)
    copies = judged(np.repeat(CORNERS, 32, axis=0), rows)
    assert (copies["alarm"], copies["n_reached"]) == (2, 8)


def test_the_look_rings_for_a_generator_that_makes_one_point(gan, rows, scene):
    broken = copy.deepcopy(gan)
    torch.nn.init.zeros_(broken.module_.generator.out.weight)
    told = look(broken, "game", rows)
    assert told.values["alarm"] == 1
    assert "ALARM, whole kinds of rows are left out" in told.told()
    assert "ALARMA" in told.told("es")
    assert told.values["spread"] == 0


# Pictures.


def test_the_nearest_picture_is_the_nearest_and_the_walk_is_the_networks_own(gallery, digits):
    values, module = gallery.values, gallery.module.players
    noise = normal(torch.from_numpy(values["fresh"]))[None]
    with torch.no_grad():
        new = module.generate(noise).flatten(1).numpy()
    stock = values["stock"].reshape(-1, 64)
    away = np.linalg.norm(stock - new, axis=1)
    assert values["distance"] == pytest.approx(away.min(), rel=1e-5)
    assert values["nearest"] == away.argmin() + 1
    np.testing.assert_allclose(values["pair"][1].ravel(), stock[away.argmin()], atol=0.01)
    assert np.linalg.norm(digits - stock[0], axis=1).min() < 0.02  # the stock is of the rows, in 255 greys
    start, end = normal(torch.from_numpy(values["ends"]))
    with torch.no_grad():
        ends = gallery.module.pictures(module.generate(torch.stack([start, end]))).numpy()
    np.testing.assert_allclose(values["stations"][[0, -1]], ends, atol=1e-5)
    np.testing.assert_allclose(gallery.set(way=1).values["walked"][0], ends[1], atol=1e-5)


def test_noise_for_new_pictures_is_normal():
    made = normal(torch.from_numpy(uniform(0, (2, 20_000)))).numpy()
    assert abs(made.mean()) < 0.02
    assert abs(made.std() - 1) < 0.02


def test_the_quiz_counts_each_question_once_and_only_right_answers(gallery):
    place = int(gallery.values["place"]) - 1
    wrong = (place + 1) % 4
    right = gallery.press(f"pick_{place}")
    assert (right.values["asked"], right.values["right"], right.values["answered"]) == (1, 1, 1)
    assert right.values["told_place"].tolist() == [each == place for each in range(4)]
    assert not gallery.values["told_place"].any()  # nothing is given away before
    again = right.press(f"pick_{place}").press(f"pick_{wrong}")
    assert (again.values["asked"], again.values["right"]) == (1, 1)
    other = again.set(quiz=9)
    missed = other.press(f"pick_{int(other.values['place']) % 4}")
    assert (missed.values["asked"], missed.values["right"]) == (2, 1)
    scores = gallery.module.players(torch.from_numpy(_shown(gallery)))
    assert gallery.values["guess"] == int(scores.argmin()) + 1


def _shown(scene):
    """The four rows of the quiz."""
    quiz = scene.values["quiz"]
    numbers = np.floor(len(scene.values["stock"]) * quiz[1:5]).astype(int)
    shown = scene.values["stock"][numbers].copy()
    with torch.no_grad():
        made = scene.module.players.generate(normal(torch.from_numpy(quiz[5:].reshape(2, -1)))[None])
    shown[int(4 * quiz[0])] = made[0].numpy()
    return shown


def test_the_page_computes_the_same_pictures(gallery):
    scene = gallery.set(way=0.3, quiz=4, fresh=7)
    for name, array in run_program(scene).items():
        np.testing.assert_allclose(array, scene.values[name], atol=1e-5, err_msg=name)


@pytest.mark.slow
def test_pictures_are_the_same_on_the_page_and_shut_nobody_out(gallery, browser, tmp_path):
    check_page([gallery], tmp_path / "game.html", browser)


# Who has it.


def test_only_a_network_of_two_players_has_the_look(gan, rows):
    from neurarium.networks.restricted_boltzmann import RestrictedBoltzmannMachine

    assert "game" in looks(gan)
    assert "game" not in looks(RestrictedBoltzmannMachine(n_hidden=2, epochs=1, random_state=0).fit(rows > 0))
    with pytest.raises(CannotLook, match="plays against rows"):
        look(gan, "game")


def test_a_table_of_more_columns_is_compared_as_pictures_are(rows):
    table = np.column_stack([rows, rows[:, :1] ** 2])
    seen = look(fitted_on(table, hidden=(8,), game="wasserstein"), "game", table)
    assert seen.values["pair"].shape == (2, 1, 3)
    assert "gives rows" in seen.told()
