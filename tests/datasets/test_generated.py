"""Each generated data set is held to its mathematics."""

import itertools
import re

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from neurarium.datasets import (
    adding,
    adding_1997,
    bars_and_stripes,
    copy,
    digits,
    elman_letters,
    mackey_glass,
    moving_digits,
    narma,
    parity,
    ring,
    shelf,
    sinc,
    temporal_xor,
)
from neurarium.datasets.card import Dataset

GENERATED = [name for name in shelf.names() if shelf.describe(name).kind != "real"]
SEEDED = [name for name in GENERATED if name not in ("digits", "parity", "bars_and_stripes")]


def parts(dataset: Dataset) -> list[np.ndarray]:
    found = [dataset.data, dataset.target, dataset.test_data, dataset.test_target]
    return [np.concatenate(part) if isinstance(part, list) else part for part in found if part is not None]


@pytest.mark.parametrize("name", SEEDED)
def test_a_seed_decides_the_data_and_spares_the_callers_stream(name):
    before = str(np.random.get_state())
    first, again, other = (shelf.load(name, random_state=seed) for seed in (0, 0, 1))
    assert str(np.random.get_state()) == before
    assert all(np.array_equal(a, b) for a, b in zip(parts(first), parts(again), strict=True))
    assert not np.array_equal(parts(first)[0], parts(other)[0])


@pytest.mark.parametrize("name", GENERATED)
def test_examples_and_targets_are_as_many(name):
    dataset = shelf.load(name)
    assert dataset.name == name
    assert all(np.isfinite(part).all() for part in parts(dataset))
    if dataset.target is not None:
        assert len(dataset.data) == len(dataset.target)


class TestMackeyGlass:
    def test_its_variance_is_the_published_one(self):
        assert mackey_glass.load(20_000, random_state=0).data.var() == pytest.approx(0.051, abs=0.001)

    def test_it_follows_the_delay_equation(self):
        y = mackey_glass.load(2_000, tau=17, random_state=0).data.ravel()
        slope = CubicSpline(np.arange(len(y)), y)(np.arange(len(y)), 1)
        late, now = y[:-17], y[17:]
        error = slope[17:] - (0.2 * late / (1 + late**10) - 0.1 * now)
        assert np.abs(error[10:-10]).max() < 0.05 * np.abs(slope).max()

    def test_without_chaos_it_comes_to_rest_where_the_equation_says(self):
        # 0.2 y / (1 + y^10) = 0.1 y at y = 1, which is stable for a short delay
        assert mackey_glass.load(100, tau=2, random_state=0).data == pytest.approx(1)

    def test_neighbouring_histories_drift_apart(self):
        first, second = (mackey_glass.load(2_000, random_state=seed).data for seed in (0, 1))
        assert np.abs(first - second).max() > 0.5

    @pytest.mark.parametrize("options", [{"n_steps": 0}, {"tau": 0}, {"tau": 0.25}])
    def test_impossible_options_are_refused(self, options):
        with pytest.raises(ValueError, match="Expected n_steps >= 1 and tau"):
            mackey_glass.load(**options)


class TestNarma:
    def test_the_recursion_computed_anew_gives_the_target(self):
        dataset = narma.load(500, random_state=0)
        u, y = dataset.data.ravel(), dataset.target  # y[t] is y(t + 1)
        for t in range(10, 500):
            total = sum(y[t - 1 - i] for i in range(10))
            expected = 0.3 * y[t - 1] + 0.05 * y[t - 1] * total + 1.5 * u[t - 9] * u[t] + 0.1
            assert y[t] == pytest.approx(expected, rel=1e-12)

    def test_the_input_is_uniform_and_the_output_bounded(self):
        dataset = narma.load(4_000, random_state=0)
        assert dataset.data.min() >= 0
        assert dataset.data.max() < 0.5
        assert dataset.data.mean() == pytest.approx(0.25, abs=0.01)
        assert dataset.target.max() < 1.3

    def test_an_input_that_drives_it_to_infinity_is_drawn_anew(self):
        seed = next(
            s for s in range(200) if max(narma._respond(np.random.default_rng(s).uniform(0, 0.5, 4_100).tolist())) >= 10
        )
        assert narma.load(4_000, random_state=seed).target.max() < 1.3


class TestAdding:
    def test_the_target_is_the_sum_of_the_marked_numbers(self):
        dataset = adding.load(200, length=30, random_state=0)
        numbers, marks = np.moveaxis(dataset.data, -1, 0)
        assert set(np.unique(marks)) == {0, 1}
        assert (marks[:, :15].sum(1) == 1).all()
        assert (marks[:, 15:].sum(1) == 1).all()
        assert np.allclose(dataset.target, (numbers * marks).sum(1), atol=1e-6)

    def test_always_answering_one_costs_a_sixth(self):
        target = adding.load(20_000, length=2, random_state=0).target
        assert np.mean((target - 1) ** 2) == pytest.approx(1 / 6, abs=0.005)

    def test_the_papers_version_marks_as_the_paper_says(self):
        dataset = adding_1997.load(2_000, length=100, random_state=0)
        assert {len(x) for x in dataset.data} == set(range(100, 111))
        for x, target in zip(dataset.data, dataset.target, strict=True):
            marked = np.flatnonzero(x[:, 1] == 1)
            assert x[0, 1] == x[-1, 1] == -1
            assert len(marked) in (1, 2)
            assert marked[0] < 49
            assert marked[-1] < 49
            assert len(marked) == 1 or marked[0] < 10  # one only: the first number was drawn, and counts 0
            assert target == pytest.approx(0.5 + x[marked, 0].sum() / 4, abs=1e-6)
            assert np.abs(x[:, 0]).max() <= 1

    def test_a_sequence_too_short_for_its_marks_is_refused(self):
        with pytest.raises(ValueError, match="at least 2"):
            adding.load(length=1)
        with pytest.raises(ValueError, match="at least 10"):
            adding_1997.load(length=9)


class TestCopy:
    def test_what_was_heard_is_to_be_said_after_the_sign(self):
        dataset = copy.load(300, max_length=5, n_bits=3, random_state=0)
        assert {len(said) for said in dataset.target} == {3, 5, 7, 9, 11}
        for heard, said in zip(dataset.data, dataset.target, strict=True):
            (sign,) = np.flatnonzero(heard[:, -1])
            assert len(heard) == 2 * sign + 1
            assert np.array_equal(heard[:sign, :-1], said[sign + 1 :])
            assert not heard[sign + 1 :].any()
            assert not said[: sign + 1].any()

    def test_the_bits_are_fair(self):
        said = np.concatenate([said[len(said) // 2 + 1 :] for said in copy.load(1_000, random_state=0).target])
        assert said.mean() == pytest.approx(0.5, abs=0.01)

    def test_impossible_lengths_are_refused(self):
        with pytest.raises(ValueError, match="min_length"):
            copy.load(min_length=5, max_length=4)


class TestParity:
    def test_all_patterns_are_there_and_counted(self):
        dataset = parity.load(n_bits=6)
        assert len(np.unique(dataset.data, axis=0)) == 64
        assert np.array_equal(dataset.target, dataset.data.sum(1) % 2)

    def test_one_changed_bit_changes_the_answer(self):
        dataset = parity.load(n_bits=5)
        apart = np.abs(dataset.data[:, None] - dataset.data).sum(-1)
        assert (dataset.target[:, None] != dataset.target)[apart == 1].all()

    def test_too_many_bits_are_refused(self):
        with pytest.raises(ValueError, match=r"1 ... 16"):
            parity.load(n_bits=17)


class TestRing:
    def test_every_mode_is_covered_and_has_the_right_place_and_width(self):
        dataset = ring.load(8_000, random_state=0)
        for mode in range(8):
            points = dataset.data[dataset.target == mode]
            assert len(points) == pytest.approx(1_000, rel=0.15)
            angle = np.pi / 4 * mode
            assert points.mean(0) == pytest.approx([2 * np.cos(angle), 2 * np.sin(angle)], abs=0.003)
            assert points.std(0) == pytest.approx([0.02, 0.02], rel=0.1)

    def test_a_ring_without_modes_is_refused(self):
        with pytest.raises(ValueError, match="at least one mode"):
            ring.load(n_modes=0)


class TestElman:
    def test_the_letters_are_whole_syllables(self):
        dataset = elman_letters.load(1_000, random_state=0)
        vectors = np.concatenate([dataset.data[:1], dataset.target])
        letter = {vector: letter for letter, vector in elman_letters.VECTORS.items()}
        text = "".join(letter[tuple(vector.astype(int))] for vector in vectors)
        syllables = re.findall("ba|dii|guuu", text)
        assert "".join(syllables) == text
        assert len(syllables) == 1_000
        assert min(syllables.count(s) for s in elman_letters.SYLLABLES) > 280

    def test_a_vowel_follows_from_its_past_and_a_consonant_does_not(self):
        dataset = elman_letters.load(1_000, random_state=0)
        futures: dict[bytes, set[bytes]] = {}
        for t in range(3, len(dataset.data)):
            futures.setdefault(dataset.data[t - 3 : t + 1].tobytes(), set()).add(dataset.target[t].tobytes())
        consonants = {v.tobytes() for v in dataset.target if v[0] == 1}
        assert all(len(future) == 1 or future == consonants for future in futures.values())

    def test_every_third_bit_is_the_xor_of_the_two_before(self):
        dataset = temporal_xor.load(500, random_state=0)
        bits = np.concatenate([dataset.data[:1], dataset.target]).ravel().astype(int)
        a, b, c = bits.reshape(-1, 3).T
        assert np.array_equal(c, a ^ b)
        assert np.bincount(2 * a + b).min() > 90
        assert np.array_equal(dataset.data[1:], dataset.target[:-1])

    def test_an_empty_stream_is_refused(self):
        with pytest.raises(ValueError, match="at least one syllable"):
            elman_letters.load(0)
        with pytest.raises(ValueError, match="at least one triple"):
            temporal_xor.load(0)


class TestSinc:
    def test_the_noise_is_uniform_and_the_test_part_clean(self):
        dataset = sinc.load(5_000, random_state=0)
        error = dataset.target - np.sin(dataset.data[:, 0]) / dataset.data[:, 0]
        assert np.abs(error).max() <= 0.2
        assert np.sqrt(np.mean(error**2)) == pytest.approx(0.2 / np.sqrt(3), abs=0.002)
        assert np.allclose(dataset.test_target * dataset.test_data[:, 0], np.sin(dataset.test_data[:, 0]))
        assert dataset.data.min() < -9.9
        assert dataset.data.max() > 9.9


class TestBarsAndStripes:
    def test_there_are_thirty_of_size_4_each_made_of_whole_lines(self):
        pictures = bars_and_stripes.load(size=4).data
        assert len(np.unique(pictures, axis=0)) == len(pictures) == 30
        bars = (pictures == pictures[:, :1, :]).all((1, 2))
        stripes = (pictures == pictures[:, :, :1]).all((1, 2))
        assert (bars | stripes).all()
        assert (bars & stripes).sum() == 2

    def test_too_large_a_picture_is_refused(self):
        with pytest.raises(ValueError, match=r"1 ... 12"):
            bars_and_stripes.load(size=13)


class TestMovingDigits:
    def test_each_frame_is_the_one_before_moved_by_a_pixel(self):
        films = moving_digits.load(60, tag="motion", random_state=0)
        steps = list(moving_digits.MOTIONS.values())
        for film, motion in zip(films.data, films.target, strict=True):
            for before, after in itertools.pairwise(film):
                assert np.array_equal(np.roll(before, steps[motion], axis=(0, 1)), after)

    def test_a_digit_never_leaves_the_picture(self):
        for n_frames, size in ((8, 15), (8, 20), (1, 8)):
            films = moving_digits.load(100, n_frames=n_frames, size=size, random_state=0).data
            ink = films.sum((2, 3))
            assert np.allclose(ink, ink[:, :1], rtol=1e-5)
            assert ink.min() > 5

    def test_test_films_show_digits_that_no_training_film_shows(self):
        films = moving_digits.load(400, n_frames=1, size=8, random_state=0)
        seen = {film.tobytes() for film in films.data}
        assert not any(film.tobytes() in seen for film in films.test_data)
        images = digits.load()
        label = {image.tobytes(): digit for image, digit in zip(images.data, images.target, strict=True)}
        assert [label[film[0].tobytes()] for film in films.data] == films.target.tolist()

    def test_impossible_options_are_refused(self):
        with pytest.raises(ValueError, match="size >= 15"):
            moving_digits.load(size=14)
        with pytest.raises(ValueError, match="tag 'digit' or 'motion'"):
            moving_digits.load(tag="colour")


def test_digits_are_scikit_learns():
    dataset = digits.load()
    assert dataset.data.dtype == np.float32
    assert dataset.data.min() == 0
    assert dataset.data.max() == 1
    assert np.bincount(dataset.target).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
