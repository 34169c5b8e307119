"""Counts, what follows from them, and walks: held against enumeration, and against Markov's lecture of 1913."""

import io
import itertools
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import chisquare, ks_2samp

import neurarium
from neurarium.networks import _markov_reading, _markov_walk
from neurarium.networks.markov_chain import MarkovChain
from neurarium.rules.counting import BREAK

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SEEDS = range(5)
SMOOTHINGS = ("none", "witten-bell", "kneser-ney")


def text_of(name, file):
    path = DATA / name / file
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path.read_text(encoding="utf-8-sig")


def shakespeare():
    text = text_of("tiny_shakespeare", "input.txt")
    cut = int(len(text) * 0.9)
    return text[:cut], text[cut:]


def walk_of(P, n, seed):
    """One step after the other."""
    chance, cumulative = np.random.default_rng(seed), np.cumsum(P, 1)
    states = [0]
    for u in chance.random(n - 1):
        states.append(min(len(P) - 1, int(np.searchsorted(cumulative[states[-1]], u, side="right"))))
    return np.array(states)


def chain_with(P):
    """An order-1 chain whose matrix is P, of whole hundredths, from sequences of two steps."""
    pairs = [[i, j] for i, j in np.ndindex(P.shape) for _ in range(round(100 * P[i, j]))]
    return MarkovChain().fit(pairs)


# Markov, 1913.


def onegin(seed):
    """20,000 letters with the counts that Markov gives; True for a vowel."""
    chance = np.random.default_rng(seed)
    vowels = np.bincount(chance.integers(0, 7534, 1104), minlength=7534) + 1
    consonants = np.bincount(chance.integers(0, 7535, 3827), minlength=7535) + 1
    runs = [np.zeros(consonants[0], bool)]
    for v, c in zip(vowels, consonants[1:], strict=True):
        runs += [np.ones(v, bool), np.zeros(c, bool)]
    return np.concatenate(runs)


@pytest.mark.parametrize("seed", SEEDS)
def test_markov_1913_vowels_and_consonants_of_onegin(seed):
    letters = onegin(seed)
    assert len(letters) == 20_000
    assert letters.sum() == 8_638
    chain = MarkovChain().fit(letters)
    assert chain.counts_[1, 1] == 1_104
    assert chain.counts_[0, 0] == 3_827
    P = chain.transition_matrix_
    assert P[1, 1] == pytest.approx(0.128, abs=5e-4)
    assert P[0, 1] == pytest.approx(0.663, abs=5e-4)
    assert chain.stationary_[1] == pytest.approx(0.432, abs=5e-4)
    assert chain.independence_test().p < 1e-10
    # Markov's own coefficient of dispersion, (1 + d) / (1 - d) with d = -0.535: he gives 0.3.
    np.testing.assert_allclose(chain.dispersion(), (1 + P[1, 1] - P[0, 1]) / (1 - P[1, 1] + P[0, 1]))
    assert chain.dispersion()[1] == pytest.approx(0.3, abs=0.01)
    shuffled = MarkovChain().fit(np.random.default_rng(seed).permutation(letters))
    assert shuffled.independence_test().p > 1e-10, "control: shuffled letters depend on nothing"
    assert abs(shuffled.transition_matrix_[1, 1] - shuffled.transition_matrix_[0, 1]) < 0.03
    assert shuffled.dispersion()[1] == pytest.approx(1, abs=0.06)


def test_markov_1913_holds_for_a_text_of_our_own_and_not_for_its_letters_shuffled():
    text = text_of("war_and_peace", "warandpeace.txt")
    letters = [letter for letter in text[:200_000].lower() if letter.isalpha()][:20_000]
    vowels = np.isin(letters, list("aeiouy"))
    chain = MarkovChain().fit(vowels)
    assert chain.transition_matrix_[1, 1] < chain.stationary_[1] < chain.transition_matrix_[0, 1]
    assert chain.independence_test().p < 1e-10
    for seed in SEEDS:
        shuffled = MarkovChain().fit(np.random.default_rng(seed).permutation(vowels))
        assert shuffled.independence_test().p > 1e-10
        assert abs(np.diff(shuffled.transition_matrix_[:, 1])) < 0.03


# Probabilities.


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_every_context_seen_or_not_has_probabilities_that_sum_to_1(order, smoothing):
    chance = np.random.default_rng(0)
    X = [chance.choice(4, 60, p=[0.6, 0.3, 0.09, 0.01]), chance.choice(4, 30), [3] * 6]
    chain = MarkovChain(order=order, smoothing=smoothing).fit(X)
    for length in range(1, order + 2):
        contexts = torch.tensor(list(itertools.product(range(BREAK, 4), repeat=length)))
        p = chain.module_(contexts).numpy()
        np.testing.assert_allclose(p.sum(1), 1, atol=1e-12)
        assert (p >= 0).all()
        assert smoothing == "none" or (p > 0).all()


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_the_likelihood_of_all_sequences_of_one_length_sums_to_1(smoothing):
    X = np.random.default_rng(0).choice(3, 50, p=[0.7, 0.2, 0.1])
    chain = MarkovChain(order=2, smoothing=smoothing).fit(X)
    every = [chain.log_likelihood(list(each)) for each in itertools.product(range(3), repeat=5)]
    assert np.exp(every).sum() == pytest.approx(1, abs=1e-12)


def by_definition(X, order, n, smoothing, context, s):
    """p(s | context) by recursion over lists."""

    def followers(h):
        found = {}
        for t in range(len(h), len(X)):
            if tuple(X[t - len(h) : t]) == h:
                found[X[t]] = found.get(X[t], 0) + 1
        return found

    def continuations(h):
        """In how many ways each run h s was preceded, the start of the sequence being one."""
        found = {}
        for t in range(len(h), len(X)):
            if tuple(X[t - len(h) : t]) == h:
                before = X[t - len(h) - 1] if t > len(h) else None
                found.setdefault(X[t], set()).add(before)
        return {symbol: len(ways) for symbol, ways in found.items()}

    def counts(h):
        return continuations(h) if smoothing == "kneser-ney" and len(h) < order else followers(h)

    def p(h, s):
        lower = p(h[1:], s) if h else 1 / n
        c = counts(h)
        total, kinds = sum(c.values()), len(c)
        if not total:
            return lower
        if smoothing == "none":
            return c.get(s, 0) / total
        if smoothing == "witten-bell":
            return (c.get(s, 0) + kinds * lower) / (total + kinds)
        every = [v for g in set(itertools.product(range(n), repeat=len(h))) for v in counts(g).values()]
        n1, n2, n3, n4 = (every.count(k) for k in (1, 2, 3, 4))
        D = [0, 0.5, 1.0, 1.5]
        if min(n1, n2, n3, n4):
            y = n1 / (n1 + 2 * n2)
            found = [0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
            D = found if all(0 <= d < k for k, d in enumerate(found[1:], 1)) else D
        left = sum(D[min(v, 3)] for v in c.values())
        own = c.get(s, 0) - D[min(c.get(s, 0), 3)]
        return (own + left * lower) / total

    return p(tuple(context[-order:]) if order else (), s)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_smoothing_is_what_its_papers_say(order, smoothing):
    X = walk_of(np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.5, 0.4, 0.1]]), 80, 0).tolist()
    chain = MarkovChain(order=order, smoothing=smoothing).fit(X)
    for context in itertools.product(range(3), repeat=order):
        wanted = [by_definition(X, order, 3, smoothing, context, s) for s in range(3)]
        np.testing.assert_allclose(chain.next_probabilities(context), wanted, atol=1e-12)


def test_the_log_likelihood_is_the_sum_over_the_steps_and_impossible_ones_cost_everything():
    X = np.random.default_rng(0).choice(3, 200)
    chain = MarkovChain(order=2, smoothing="witten-bell").fit(X)
    new = np.random.default_rng(1).choice(3, 40)
    steps = [chain.next_probabilities(new[max(0, t - 2) : t])[new[t]] for t in range(40)]
    assert chain.log_likelihood(new) == pytest.approx(np.log(steps).sum(), abs=1e-10)
    assert chain.score(new) == pytest.approx(np.log(steps).mean(), abs=1e-12)
    assert chain.log_likelihood([new, new]) == pytest.approx(2 * chain.log_likelihood(new), abs=1e-10)
    assert MarkovChain().fit([0, 1, 0, 1, 0]).log_likelihood([0, 0]) == -math.inf


def test_counts_are_maximum_likelihood():
    X = np.random.default_rng(0).choice(3, 300, p=[0.5, 0.3, 0.2])
    chain = MarkovChain().fit(X)
    pairs = np.zeros((3, 3))
    np.add.at(pairs, (X[:-1], X[1:]), 1)
    assert np.array_equal(chain.counts_, pairs)
    np.testing.assert_allclose(chain.transition_matrix_, pairs / pairs.sum(1, keepdims=True))
    assert chain.count([0, 1]) == pairs[0, 1]
    assert chain.count(2) == (X == 2).sum()


def test_counts_of_a_text_stand_in_the_rows_of_their_own_characters():
    text = "the cat sat on the mat. the dog"  # the first state stands for what was never seen, and never occurs here
    chain = MarkovChain().fit(text)
    states = chain.states_.tolist()
    pairs = np.zeros((len(states), len(states)))
    for first, second in itertools.pairwise(text):
        pairs[states.index(first), states.index(second)] += 1
    assert np.array_equal(chain.counts_, pairs)


def test_what_a_stage_shows_is_how_far_back_the_chain_could_look():
    chain = MarkovChain(order=3, smoothing="witten-bell").fit(list("abcabcabcabd"))
    stages = chain.stages(list("abca"))
    assert stages["memory"].tolist() == [0, 1, 2, 3]
    assert chain.stages(list("bbac"))["memory"].tolist() == [0, 1, 1, 1]
    np.testing.assert_allclose(stages["probabilities"].sum(1), 1)


# What follows from a matrix.


def random_chain(seed, n=6):
    return chain_with(np.random.default_rng(seed).multinomial(100, np.full(n, 1 / n), n) / 100)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_stationary_law_mixing_and_hitting_times_are_those_of_linear_algebra(seed):
    chain = random_chain(seed)
    P, law = chain.transition_matrix_, chain.stationary_
    np.testing.assert_allclose(law @ P, law, atol=1e-14)
    np.testing.assert_allclose(law.sum(), 1)
    for epsilon in (0.25, 0.01, 1e-6):
        t = chain.mixing_time(epsilon)

        def distance(t, law=law, P=P):
            return np.abs(np.linalg.matrix_power(P, t) - law).sum(1).max() / 2

        assert distance(t) <= epsilon < distance(t - 1)
    assert chain.second_eigenvalue() == pytest.approx(np.sort(np.abs(np.linalg.eigvals(P)))[-2])
    times = chain.hitting_times(2)
    for i in range(6):
        assert times[i] == pytest.approx(0 if i == 2 else 1 + P[i] @ times)
    assert 1 + P[2] @ times == pytest.approx(1 / law[2]), "Kac: the mean return time is one over the law"


@pytest.mark.parametrize("order", [2, 3])
def test_chains_of_higher_order_have_the_same_laws_over_their_contexts(order):
    X = np.random.default_rng(0).choice(2, 500, p=[0.7, 0.3])
    chain = MarkovChain(order=order, smoothing="witten-bell").fit(X)
    long = chain.simulate(200_000, random_state=0)
    assert (long == 1).mean() == pytest.approx(chain.stationary_[1], abs=0.01)
    times = chain.hitting_times(1)
    assert times.shape == (2,) * order
    start = (0,) * order
    walks = chain.simulate(200, start=start, n_chains=4000, random_state=1)
    assert (walks == 1).argmax(1).mean() + 1 == pytest.approx(times[start], rel=0.05)
    counted = [(w == 1).sum() for w in long[: 200_000 // 100 * 100].reshape(-1, 100)]
    share = chain.stationary_[1]
    assert np.var(counted) / (100 * share * (1 - share)) == pytest.approx(chain.dispersion()[1], rel=0.15)


def test_a_law_is_right_to_its_last_digits_however_rare_a_state_is():
    from neurarium.networks._markov_law import irreducible_law

    tiny = 1e-13
    P = np.array([[1 - tiny, tiny, 0], [0.5, 0.5 - tiny, tiny], [0, 0.5, 0.5]])
    wanted = np.array([1, 2 * tiny, 4 * tiny**2])
    np.testing.assert_allclose(irreducible_law(P), wanted / wanted.sum(), rtol=1e-12)


def test_a_chain_with_a_period_has_a_law_but_never_mixes():
    chain = MarkovChain().fit([0, 1, 2] * 20)
    np.testing.assert_allclose(chain.stationary_, 1 / 3)
    assert [each.period for each in chain.classes()] == [3]
    assert chain.mixing_time() == math.inf
    assert chain.second_eigenvalue() == pytest.approx(1)
    assert chain.hitting_times(2).tolist() == [2, 1, 0]


def test_a_chain_that_can_end_in_two_places_says_so():
    chain = MarkovChain().fit([[1, 0, 0, 0], [1, 2, 2, 2], [1, 2, 2], [1, 1]])
    with pytest.raises(ValueError, match=r"depends on the start: there are 2 classes .* Ask stationary\(start\)"):
        _ = chain.stationary_
    np.testing.assert_allclose(chain.stationary(start=0), [1, 0, 0])
    np.testing.assert_allclose(chain.stationary(start=1), [1 / 3, 0, 2 / 3])
    assert chain.mixing_time() == math.inf
    assert [(each.states, each.closed) for each in chain.classes()] == [([0], True), ([1], False), ([2], True)]
    assert chain.hitting_times(0).tolist() == [0, math.inf, math.inf], "from 1 it may end in 2"
    np.testing.assert_allclose(chain.hitting_times([0, 2]), [0, 4 / 3, 0])


# Walks.


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_short_walks_come_as_often_as_their_likelihood_says(order, smoothing):
    X = walk_of(np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.5, 0.4, 0.1]]), 60, 0)
    chain = MarkovChain(order=order, smoothing=smoothing).fit(X)
    walks = chain.simulate(4, n_chains=40_000, random_state=0)
    seen = np.bincount(walks @ [27, 9, 3, 1], minlength=81)
    p = np.exp([chain.log_likelihood(list(each)) for each in itertools.product(range(3), repeat=4)])
    assert seen[p == 0].sum() == 0
    assert chisquare(seen[p > 0], 40_000 * p[p > 0]).pvalue > 1e-4


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_in_blocks_is_to_the_bit_the_walk_one_step_after_the_other(seed, monkeypatch):
    monkeypatch.setattr(_markov_walk, "_BLOCK", 50)
    chain = MarkovChain().fit(walk_of(random_chain(seed).transition_matrix_, 2000, seed))
    walker = _markov_walk.Walker(chain.module_)
    torch.manual_seed(seed)
    path = walker._coupled(np.array([1, 2]), 1000)
    torch.manual_seed(seed)
    u = walker._uniform(50, 40)  # the same numbers
    for number, start in enumerate((1, 2)):
        context = np.array([start])
        for t in range(1000):
            context = walker.step(context, u[t % 50, number * 20 + t // 50][None])
            assert context[0] == path[number, t]


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_steps_one_by_one_are_the_steps_that_many_walks_take_together(order, smoothing):
    X = np.random.default_rng(0).choice(4, 300, p=[0.5, 0.3, 0.15, 0.05])
    walker = _markov_walk.Walker(MarkovChain(order=order, smoothing=smoothing).fit(X).module_, silent=1)
    torch.manual_seed(0)
    path = walker._one_by_one(0, 2000)
    torch.manual_seed(0)
    context = np.zeros(1, np.int64)
    for t, u in enumerate(walker._uniform(2000)):
        context = walker.step(context, u[None])
        assert context[0] == path[t]


@pytest.mark.parametrize("few", [4096, 0], ids=["in blocks", "one by one"])
@pytest.mark.parametrize("seed", SEEDS)
def test_long_walks_have_the_chains_own_law(seed, few, monkeypatch):
    monkeypatch.setattr(_markov_walk, "_FEW", few)
    chain = random_chain(seed)
    walk = chain.simulate(100_000, random_state=seed)
    pairs = np.zeros((6, 6))
    np.add.at(pairs, (walk[:-1], walk[1:]), 1)
    P = chain.transition_matrix_
    for i in range(6):
        assert chisquare(pairs[i][P[i] > 0], pairs[i].sum() * P[i][P[i] > 0]).pvalue > 1e-4
    stay = [len(list(group)) for state, group in itertools.groupby(walk.tolist()) if state == 0]
    wanted = np.random.default_rng(seed).geometric(1 - P[0, 0], len(stay))
    assert ks_2samp(stay, wanted).pvalue > 1e-4


def test_walks_that_never_meet_are_walked_all_the_same():
    chain = MarkovChain().fit(np.arange(700) % 7)
    assert (np.diff(chain.simulate(20_000, random_state=0)) % 7 == 1).all()
    two = MarkovChain().fit([[0, *np.random.default_rng(0).choice([1, 2], 500)], [0, *[3, 4] * 250]])
    ends = set()
    for seed in range(8):
        walk = two.simulate(15_000, start=0, random_state=seed)
        ends.add(int(walk[-1]) < 3)
        assert set(walk.tolist()) <= {1, 2} or (np.diff(walk) != 0).all(), "one closed class or the other"
    assert ends == {True, False}


def test_a_walk_obeys_its_seed_and_its_start():
    chain = MarkovChain(order=2).fit(np.random.default_rng(0).choice(3, 400))
    one, two, other = (chain.simulate(5000, random_state=seed) for seed in (3, 3, 4))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)
    cycle = MarkovChain(order=2).fit(list("abcb" * 30))
    assert "".join(cycle.simulate(3, start=["c", "b"], random_state=0)) in {"abc", "abb", "aba", "abd"}
    exact = MarkovChain(order=2, smoothing="none").fit(list("abcb" * 30))
    assert "".join(exact.simulate(5, start=["c", "b"], random_state=0)) == "abcba"
    assert exact.simulate(5, n_chains=3, random_state=0).shape == (3, 5)


@pytest.mark.slow
def test_five_million_steps_are_walked_and_counted_back():
    P = np.random.default_rng(0).dirichlet(np.full(100, 0.1), 100)
    chain = MarkovChain().fit(walk_of(P, 50_000, 0))
    walk = chain.simulate(5_000_000, random_state=0)
    back = MarkovChain().fit(walk)
    known = np.searchsorted(chain.states_, back.states_)
    wanted = chain.transition_matrix_[np.ix_(known, known)]
    frequent = back.counts_.sum(1) > 20_000
    assert np.abs(back.transition_matrix_ - wanted)[frequent].max() < 0.015


# Text.


@pytest.mark.slow
def test_shakespeare_costs_what_a_good_n_gram_makes_him_cost():
    text, held_out = shakespeare()
    bits = {order: MarkovChain(order=order).fit(text).bits_per_character(held_out) for order in (0, 1, 3, 5)}
    assert bits[0] > bits[1] > bits[3] > bits[5]
    assert bits[5] < 2.2
    plain = MarkovChain(order=5, smoothing="none").fit(text)
    assert plain.bits_per_character(held_out) == math.inf, "control: without smoothing something is impossible"
    witten = MarkovChain(order=5, smoothing="witten-bell").fit(text).bits_per_character(held_out)
    assert witten > bits[5]


def test_the_lines_of_a_file_are_the_text_they_come_from(tmp_path):
    text = "To be, or not to be,\nthat is the question:\nwhether 'tis nobler\n" * 20
    (tmp_path / "text").write_text(text)
    for unit in ("character", "word"):
        whole = MarkovChain(order=3, unit=unit).fit(text)
        with (tmp_path / "text").open() as lines:
            by_line = MarkovChain(order=3, unit=unit).fit(lines)
        generated = MarkovChain(order=3, unit=unit).fit(line for line in io.StringIO(text))
        for other in (by_line, generated):
            assert other.data_hash_ == whole.data_hash_
            for name, tensor in whole.module_.state_dict().items():
                assert torch.equal(tensor, other.module_.state_dict()[name]), name
    assert MarkovChain().fit(io.StringIO(text)).unit_ == "character"


def test_texts_without_a_line_end_are_texts_of_their_own():
    apart = MarkovChain(unit="character").fit(["ab", "cd"])
    assert apart.count("bc") == 0
    assert apart.count("ab") == 1
    assert MarkovChain(unit="character").fit("abcd").count("bc") == 1


@pytest.mark.parametrize("unit", ["character", "word"])
def test_a_text_in_small_pieces_and_from_a_file_gives_the_same_table(unit, monkeypatch):
    text = "".join(np.random.default_rng(0).choice(list("abc \n\u20ac"), 5000))
    whole = MarkovChain(order=3, unit=unit).fit(text)
    monkeypatch.setattr(_markov_reading, "_PIECE", 100)
    monkeypatch.setattr(_markov_reading, "_ROW", 64)
    monkeypatch.setattr(_markov_reading, "_IN_MEMORY", 200)
    parts = MarkovChain(order=3, unit=unit).fit(text)
    assert parts.data_hash_ == whole.data_hash_
    for name, tensor in whole.module_.state_dict().items():
        assert torch.equal(tensor, parts.module_.state_dict()[name]), name


@pytest.mark.slow
def test_85_000_lines_are_learnt_in_bounded_memory():
    """markovify needs 800 MB for them (its issue 142)."""
    files = [DATA / "war_and_peace" / "warandpeace.txt", DATA / "tiny_shakespeare" / "input.txt"]
    if not all(path.exists() for path in files):
        pytest.skip("the texts are not here")
    with files[0].open(encoding="utf-8-sig") as one, files[1].open() as two:
        tracemalloc.start()
        chain = MarkovChain(order=2, unit="word").fit(itertools.islice(itertools.chain(one, two), 85_000))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert chain.count("\n") == 85_000
    assert peak < 200e6


def test_text_is_written_on_from_a_prompt_more_or_less_daringly():
    chain = MarkovChain(order=7).fit("the cat sat on the mat. " * 30 + "the hat sat on the cat. " * 10)
    assert len(chain.sample(50, random_state=0)) == 50
    assert chain.sample(50, random_state=0) == chain.sample(50, random_state=0)
    tame = [chain.sample(9, prompt="on the ", temperature=0.05, random_state=seed) for seed in SEEDS]
    assert set(tame) == {"mat. the "}
    wild = chain.sample(100, temperature=50.0, random_state=0)
    assert set(wild) <= set("the casonm.")
    words = MarkovChain(order=2, unit="word").fit("the cat sat on the mat. " * 30)
    assert words.sample(6, prompt="the cat", temperature=0.05, random_state=0) == "sat on the mat. the"


def test_what_was_never_seen_costs_much_but_not_everything():
    chain = MarkovChain(order=2).fit("abab" * 50)
    assert chain.bits_per_character("abab") < 1 < 2 < chain.bits_per_character("xyz") < math.inf
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(chain.simulate(5000, random_state=0))


def test_bits_are_shared_by_characters_whatever_the_unit():
    text = "the cat sat on the mat. " * 30
    for unit in ("character", "word"):
        chain = MarkovChain(unit=unit).fit(text)
        assert chain.bits_per_character(text) == pytest.approx(
            -chain.log_likelihood(text) / math.log(2) / len(text), abs=1e-12
        )


# When not to use it.


def test_do_not_use_it_where_a_count_of_all_that_came_before_decides():
    """Brackets that must balance: a pile knows when the last one may close, no chain of a small order does."""
    chance = np.random.default_rng(0)

    def brackets(n):
        depth, made = 0, []
        for _ in range(n):
            up = depth == 0 or (depth < 12 and chance.random() < 0.5)
            depth += 1 if up else -1
            made.append("(" if up else ")")
        return "".join(made)

    seen, asked = brackets(20_000), brackets(20_000)
    depth = np.cumsum(np.where(np.array(list(asked)) == "(", 1, -1))[:-1]
    pile = ((depth > 0) & (depth < 12)).mean()  # a bit where either may come, nothing where one must
    chain = MarkovChain(order=5).fit(seen)
    assert chain.bits_per_character(asked) > pile + 0.02
    made = chain.simulate(5000, random_state=0)
    assert np.cumsum(np.where(made == "(", 1, -1)).min() < 0, "it closes what was never opened"


def test_do_not_use_it_where_the_sign_long_ago_decides():
    chance = np.random.default_rng(0)
    rows = chance.integers(0, 2, (500, 12))
    rows[:, 11] = rows[:, 0]  # the last one repeats the first one
    chain = MarkovChain(order=3).fit(rows[:400])
    likely = np.array([chain.next_probabilities(row[8:11]).argmax() for row in rows[400:]])
    assert (likely == rows[400:, 11]).mean() < 0.65 < 1 == (rows[400:, 0] == rows[400:, 11]).mean()


# Manners.


def test_states_are_whatever_people_have():
    wanted = MarkovChain().fit([0, 1, 1, 0, 1]).transition_matrix_
    text = ["no", "yes", "yes", "no", "yes"]
    for X in (
        np.array([0, 1, 1, 0, 1], np.uint8),
        [0.5, 1.5, 1.5, 0.5, 1.5],
        [False, True, True, False, True],
        torch.tensor([0, 1, 1, 0, 1]),
        pd.Series([0, 1, 1, 0, 1]),
        text,
        np.array(text),
        np.array(text, dtype=object),
        pd.Series(text),
        pd.Series(text, dtype="category"),
        tuple(text),
    ):
        chain = MarkovChain().fit(X)
        np.testing.assert_allclose(chain.transition_matrix_, wanted)
        assert len(chain.simulate(3, start=chain.states_[0], random_state=0)) == 3
    several = MarkovChain().fit([[0, 1], [1, 0, 1]])
    assert several.counts_.tolist() == [[0, 2], [1, 0]]
    assert MarkovChain().fit(np.array([[0, 1], [1, 0]])).counts_.tolist() == [[0, 1], [1, 0]]


def test_big_whole_numbers_and_negative_ones_are_states_too():
    chain = MarkovChain().fit([-(10**12), 5, 10**12, 5, -(10**12)])
    assert chain.states_.tolist() == [-(10**12), 5, 10**12]
    assert MarkovChain().fit([-3, 4, -3, 4]).states_.tolist() == [-3, 4]


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (None, "got None"),
        ([], "empty"),
        ("", "empty"),
        (b"abc", "bytes"),
        ([1.0, np.nan, 2.0], "NaN; a state must be known"),
        ([1.0, np.inf, 2.0], "infinity"),
        (["a", None, "b"], "None or NaN"),
        (["a", 1, "b"], "all of one kind"),
        ([1], "at least 2 steps in a row"),
        ([[1, 2], [1]], "sequence 1 has 1"),
        ([1, [1, 2]], "entry 0 and entry 1 differ"),
        (np.random.default_rng(0).normal(size=100), "bin them first"),
        ([["a", "b"], [1, 2]], "some sequences hold numbers and others texts"),
        (np.zeros((2, 3, 4)), "sequence 0 has shape"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(X, words):
    with pytest.raises(ValueError, match=rf"MarkovChain.*{words}"):
        MarkovChain().fit(X)


def test_what_was_not_fitted_for_is_refused_in_words():
    chain = MarkovChain().fit(["sun", "rain", "sun", "sun"])
    for ask, words in (
        (lambda: chain.score(["snow"]), "never seen the state 'snow'"),
        (lambda: chain.score([1, 2]), "fitted on states such as 'rain'"),
        (lambda: chain.simulate(0), "n_steps must be at least 1"),
        (lambda: chain.simulate(5, start="snow"), "never seen the state 'snow'"),
        (lambda: chain.bits_per_character("sun"), "fitted on states"),
        (lambda: chain.sample(5), "fitted on states"),
        (lambda: chain.mixing_time(2), "epsilon must be above 0"),
        (lambda: MarkovChain(order=2).fit([0, 1, 1, 0]).transition_matrix_, "order 2 has contexts"),
        (lambda: MarkovChain(order=30).fit([0, 1] * 40).stationary_, "1,073,741,824 contexts"),
        (lambda: MarkovChain(order=5).fit("abc"), "at least 6 characters"),
        (lambda: chain.fit(["a", "b"], [1, 2]), "without targets"),
        (lambda: MarkovChain().fit("abab").sample(5, temperature=0), "temperature must be above 0"),
        (lambda: chain.count(["sun"] * 3), "counts runs of up to 2"),
    ):
        with pytest.raises(ValueError, match=words):
            ask()


def test_a_state_that_was_never_followed_goes_on_as_any_state_comes():
    chain = MarkovChain().fit([0, 1, 0, 1, 2])
    np.testing.assert_allclose(chain.transition_matrix_[2], [0.4, 0.4, 0.2])


def test_a_text_can_be_saved_and_goes_on_the_same(tmp_path):
    chain = MarkovChain(order=4, unit="word").fit("It's late, Tom. It's never too late.\n" * 5)
    chain.save(tmp_path / "net")
    loaded = neurarium.load(tmp_path / "net")
    assert loaded.sample(30, random_state=0) == chain.sample(30, random_state=0)
    assert loaded.bits_per_character("It's too late.") == chain.bits_per_character("It's too late.")


def test_recent_symbols_that_are_missing_or_unknown_shorten_the_context():
    chain = MarkovChain(order=2).fit("abcabcabd")
    module = chain.module_
    a, b = (int(np.flatnonzero(chain.states_ == each)[0]) for each in "ab")
    rows = torch.tensor([[BREAK, b], [0, b], [a, b], [BREAK, BREAK]])
    answer = module(rows)
    assert torch.equal(answer[0], answer[1])
    assert not torch.equal(answer[0], answer[2])
    torch.testing.assert_close(answer.sum(1), torch.ones(4).double())
