"""The recurrent networks that answer sequences, all six; and Elman's findings, on which the first was founded."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from adding_problem import error_at_adding
from neurarium.core.batches import Batch
from neurarium.core.learning import Learning
from neurarium.core.sequences import real_steps
from neurarium.datasets import elman_letters, temporal_xor
from neurarium.networks.gru import GRUClassifier, GRURegressor
from neurarium.networks.lstm import LSTMClassifier, LSTMRegressor
from neurarium.networks.recurrent import RNNClassifier, RNNRegressor
from neurarium.tour.digits import split

CLASSIFIERS = [RNNClassifier, LSTMClassifier, GRUClassifier]
REGRESSORS = [RNNRegressor, LSTMRegressor, GRURegressor]
SMALL = {"n_units": 8, "epochs": 3, "batch_size": 16, "random_state": 0}
every_classifier = pytest.mark.parametrize("kind", CLASSIFIERS)
every_regressor = pytest.mark.parametrize("kind", REGRESSORS)


def ragged(n=40, seed=0, longest=12):
    """Sequences of 1 to `longest` steps of two numbers; what has been heard of the first number so far is asked."""
    draw = np.random.default_rng(seed)
    X = [draw.normal(size=(draw.integers(1, longest + 1), 2)) for _ in range(n)]
    return X, [np.cumsum(steps[:, 0]) for steps in X]


@every_classifier
def test_what_a_sequence_is_answered_does_not_hang_on_its_company(kind):
    X, sums = ragged()
    network = kind(**SMALL).fit(X, [int(each[-1] > 0) for each in sums])
    together = network.predict_proba(X)
    alone = np.concatenate([network.predict_proba([steps]) for steps in X])
    np.testing.assert_allclose(together, alone, atol=1e-12)


@every_regressor
def test_at_every_step_a_sequence_is_answered_as_if_it_were_alone_and_before_its_end(kind):
    X, sums = ragged()
    network = kind(output="every", **SMALL).fit(X, sums)
    together = network.predict(X)
    assert [len(each) for each in together] == [len(each) for each in X]
    for steps, answers in zip(X, together, strict=True):
        half = (len(steps) + 1) // 2
        np.testing.assert_allclose(network.predict([steps[:half]])[0], answers[:half], atol=1e-12)


@pytest.mark.parametrize("output", ["last", "every"])
@every_regressor
def test_more_padding_changes_nothing_that_is_learnt(kind, output, monkeypatch):
    X, sums = ragged()
    y = sums if output == "every" else [each[-1] for each in sums]
    plain = kind(output=output, **SMALL).fit(X, y)
    read = kind._data

    def padded_further(self, X, y, sample_weight, *, reset):
        data = read(self, X, y, sample_weight, reset=reset)
        more = torch.nn.functional.pad(data.inputs, (0, 0, 0, 9), value=77.0)
        wide = data.targets.dim() == 3
        return data._replace(
            inputs=more, targets=torch.nn.functional.pad(data.targets, (0, 0, 0, 9)) if wide else data.targets
        )

    monkeypatch.setattr(kind, "_data", padded_further)
    again = kind(output=output, **SMALL).fit(X, y)
    for name, tensor in plain.module_.state_dict().items():
        assert torch.equal(tensor, again.module_.state_dict()[name]), name


def test_a_ragged_fit_cut_short_in_a_pass_ends_with_the_same_bytes(tmp_path, monkeypatch):
    X, sums = ragged()
    whole = GRURegressor(output="every", **SMALL).fit(X, sums)
    plain, lives = Learning.__iter__, iter([1, 3, 2])

    def dying(self):
        life = next(lives, None)
        for number, report in enumerate(plain(self), 1):
            yield report
            if number == life:
                raise MemoryError

    monkeypatch.setattr(Learning, "__iter__", dying)
    monkeypatch.setattr("neurarium.core.checkpoints._SHARE", 1e9)  # a checkpoint at every step
    for _ in range(3):
        with pytest.raises(MemoryError):
            GRURegressor(output="every", **SMALL).fit(X, sums, checkpoint=tmp_path)
    resumed = GRURegressor(output="every", **SMALL).fit(X, sums, checkpoint=tmp_path)
    for name, tensor in whole.module_.state_dict().items():
        assert torch.equal(tensor, resumed.module_.state_dict()[name]), name


@every_regressor
def test_a_list_of_sequences_of_one_length_is_an_array(kind):
    X = np.random.default_rng(0).normal(size=(30, 6, 2))
    y = X[:, :, 0].cumsum(1)
    listed = kind(output="every", **SMALL).fit(list(X), list(y))
    stacked = kind(output="every", **SMALL).fit(X, y)
    assert isinstance(listed.predict(list(X)), list)
    np.testing.assert_array_equal(np.stack(listed.predict(list(X))), stacked.predict(X))
    assert stacked.predict(X).shape == (30, 6)
    assert kind(output="every", **SMALL).fit(X, X).predict(X).shape == (30, 6, 2)
    assert listed.score(list(X), list(y)) == pytest.approx(stacked.score(X, y))


@every_classifier
def test_labels_at_every_step_are_learnt_and_answered_in_the_form_they_came(kind):
    X, sums = ragged(80)
    y = [np.where(each > 0, "above", "below") for each in sums]
    network = kind(output="every", n_units=16, random_state=0).fit(X, y)
    assert network.score(X, y) > 0.9
    labels, shares = network.predict(X), network.predict_proba(X)
    for steps, label, share in zip(X, labels, shares, strict=True):
        assert label.shape == (len(steps),)
        assert share.shape == (len(steps), 2)
        np.testing.assert_allclose(share.sum(1), 1)
        assert (network.classes_[share.argmax(1)] == label).all()


def test_steps_without_an_answer_are_refused_by_number():
    X, sums = ragged()
    with pytest.raises(ValueError, match=r"sequence 3 has \d+ steps but \d+ answers"):
        RNNRegressor(output="every").fit(X, [*sums[:3], sums[3][:-1].repeat(2), *sums[4:]])
    with pytest.raises(ValueError, match="output='every' y needs an answer for each step"):
        RNNRegressor(output="every").fit(X, np.zeros(len(X)))
    with pytest.raises(ValueError, match="for which output='every' asks"):
        RNNRegressor().fit(X, sums)
    with pytest.raises(ValueError, match="40 rows but 39 targets"):
        RNNRegressor(output="every").fit(X, sums[:-1])


@pytest.mark.parametrize("kind", CLASSIFIERS + REGRESSORS)
def test_the_gates_of_every_step_and_layer_are_stages_and_add_up_to_the_answer(kind):
    X, sums = ragged(20)
    y = [int(each[-1] > 0) for each in sums]
    network = kind(n_layers=2, **SMALL).fit(X, y)
    seen = network.stages(X)
    gates = network.module_.recurrent.seen_names()
    assert [name for name in seen if name in gates] == gates
    longest = max(map(len, X))
    assert all(seen[name].shape == (20, longest, 8) for name in gates)
    last = seen["hidden_2"][np.arange(20), [len(steps) - 1 for steps in X]]
    state = {name: tensor.numpy() for name, tensor in network.module_.state_dict().items()}
    answer = last @ state["read_out.weight"].T + state["read_out.bias"]
    if "units.mean" in state:
        answer = answer * state["units.scale"] + state["units.mean"]
    np.testing.assert_allclose(seen["answer"], answer, atol=1e-12)


def test_a_padded_step_counts_neither_for_the_scaling_nor_for_the_loss():
    draw = torch.Generator().manual_seed(0)
    data = Batch(torch.randn(5, 4, 2, generator=draw), lengths=torch.tensor([4, 1, 2, 4, 3]), weights=torch.arange(5.0))
    steps, weights = real_steps(data, data.inputs)
    assert len(steps) == len(weights) == 14
    assert torch.equal(steps[4], data.inputs[1, 0])
    assert weights.tolist() == [0.0] * 4 + [1.0] + [2.0] * 2 + [3.0] * 4 + [4.0] * 3
    X, sums = ragged()
    network = RNNRegressor(output="every", n_units=4, epochs=1, batch_size=1000, learning_rate=1e-12, random_state=0)
    network.fit(X, sums)
    steps, truths = np.concatenate(X), np.concatenate(sums)
    np.testing.assert_allclose(network.module_.scaling.mean.numpy(), steps.mean(0))
    np.testing.assert_allclose(network.module_.units.scale.numpy(), [truths.std()])
    errors = (np.concatenate(network.predict(X)) - truths) / truths.std()
    assert network.history_[0]["loss"] == pytest.approx((errors**2).mean(), rel=1e-6)


def test_a_sequence_of_weight_two_weighs_as_two_in_the_loss():
    X, sums = ragged(16)
    y, weights = [each[-1] for each in sums], np.arange(16) % 3
    settings = {"n_units": 4, "epochs": 5, "batch_size": 1000, "random_state": 0}
    weighted = GRURegressor(**settings).fit(X, y, sample_weight=weights)
    repeated = GRURegressor(**settings).fit(
        [steps for steps, weight in zip(X, weights, strict=True) for _ in range(weight)], np.repeat(y, weights)
    )
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-6, atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "wanted"), [(RNNClassifier, 0.96), (LSTMClassifier, 0.97), (GRUClassifier, 0.97)])
def test_the_digits_untuned_read_row_by_row(kind, wanted):
    scores = []
    for seed in range(5):
        parts = split(seed)
        network = kind(view=(8, 8), random_state=seed).fit(parts.seen, parts.seen_labels)
        scores.append(network.score(parts.held_out, parts.held_out_labels))
    assert min(scores) > 0.93
    assert np.median(scores) >= wanted


def windows(stream, steps):
    """A stream cut into sequences, (n, steps, features)."""
    return stream[: len(stream) // steps * steps].reshape(-1, steps, stream.shape[1])


def letters_foretold(seed, *, shuffled=False):
    """RMSE at vowels and at consonants of another stream, and that of always answering the mean letter."""
    errors, streams = [], []
    for number, syllables in ((seed, 1000), (100 + seed, 300)):
        drawn = elman_letters.load(syllables, random_state=number)
        stream = np.concatenate([drawn.data, drawn.target[-1:]])
        streams.append(np.random.default_rng(number).permutation(stream) if shuffled else stream)
    learn, ask = streams
    network = RNNRegressor(n_units=20, output="every", batch_size=4, learning_rate=0.01, random_state=seed)
    network.fit(windows(learn[:-1], 100), windows(learn[1:], 100))
    consonant = ask[1:, 0] == 1
    for answers in (network.predict(ask[None, :-1])[0], learn.mean(0)):
        squares = ((answers - ask[1:]) ** 2).mean(1)
        errors.append(np.sqrt([squares[~consonant].mean(), squares[consonant].mean()]))
    return errors


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
def test_elmans_letters_the_vowels_are_foretold_and_the_consonants_cannot_be(seed):
    """Back-propagation through 100 steps; a consonant error below .2 would mean that the order had been seen."""
    (vowels, consonants), _ = letters_foretold(seed)
    assert vowels <= 0.05
    assert consonants >= 0.2


def test_in_shuffled_letters_nothing_is_foretold():
    """The control: without the order, the network answers the mean letter."""
    (vowels, consonants), (mean_at_vowels, mean_at_consonants) = letters_foretold(0, shuffled=True)
    assert vowels > 0.9 * mean_at_vowels
    assert consonants > 0.9 * mean_at_consonants


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_in_a_stream_of_bits_every_third_is_foretold_from_the_two_before_and_the_others_cannot_be(seed):
    """Elman's temporal XOR: the error dips every third bit; guessing costs 1/4."""
    learn, ask = temporal_xor.load(1000, random_state=seed), temporal_xor.load(300, random_state=100 + seed)
    network = RNNRegressor(n_units=20, output="every", epochs=100, batch_size=8, learning_rate=0.01, random_state=seed)
    network.fit(windows(learn.data, 30), windows(learn.target, 30))
    squares = (network.predict(ask.data[None])[0] - ask.target) ** 2
    first, third, second = (squares[phase::3].mean() for phase in range(3))
    assert third <= 0.05
    assert min(first, second) >= 0.2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_an_identity_start_solves_the_adding_problem_over_100_steps(seed):
    """The claim of Le, Jaitly and Hinton; tanh units learn nothing from the same sequences (test_lstm.py)."""
    assert error_at_adding(RNNRegressor, seed, activation="relu", start="identity") < 0.01


def test_do_not_use_it_when_the_order_of_the_steps_says_nothing():
    """A noisy sum of 20 numbers decides: logistic regression on the sum knows better, from 60 sequences."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(360, 20))
    y = (X.sum(1) + draw.normal(0, 2, 360) > 0).astype(int)
    learn, ask = slice(0, 60), slice(60, None)
    ours = np.median(
        [RNNClassifier(random_state=seed).fit(X[learn], y[learn]).score(X[ask], y[ask]) for seed in range(3)]
    )
    sums = X.sum(1, keepdims=True)
    assert LogisticRegression().fit(sums[learn], y[learn]).score(sums[ask], y[ask]) > ours + 0.05
