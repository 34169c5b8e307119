"""The loop's manners, on a small network: what every fit relies on."""

import signal
import warnings

import numpy as np
import pytest
import torch

from neurarium.core.batches import Batches
from neurarium.core.interruption import FitStopped
from tiny import Descent, LineClassifier, LineEncoder, LineRegressor


@pytest.fixture
def table():
    X = np.random.default_rng(0).normal(size=(60, 3))
    return X, X @ [1.0, -2.0, 0.5] > 0


def weights(estimator):
    return estimator.module_.weight.detach().numpy().copy()


def test_a_seed_decides_the_fit_and_spares_the_callers_stream_and_threads(table):
    torch.manual_seed(1)
    np.random.seed(1)
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = LineClassifier(random_state=3, epochs=3).fit(*table)
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)
    torch.manual_seed(99)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        second = LineClassifier(random_state=3, epochs=3).fit(*table)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    other = LineClassifier(random_state=4, epochs=3).fit(*table)
    assert np.array_equal(weights(first), weights(second))
    assert not np.array_equal(weights(first), weights(other))


def test_a_fit_in_steps_is_the_same_fit_and_leaves_the_stream_to_the_caller_between_them(table):
    whole = LineClassifier(random_state=0, epochs=2).fit(*table)
    steps = LineClassifier(random_state=0, epochs=2)
    for _ in steps.fit_steps(*table):
        torch.rand(3)  # the caller draws numbers of their own
    assert np.array_equal(weights(whole), weights(steps))
    assert steps.history_ == whole.history_


def test_ctrl_c_ends_the_fit_keeps_the_model_so_far_and_says_so(table, monkeypatch):
    plain = Descent.step

    def interrupted(self, batch):
        self.count = getattr(self, "count", 0) + 1
        if self.count == 5:
            signal.raise_signal(signal.SIGINT)
        return plain(self, batch)

    monkeypatch.setattr(Descent, "step", interrupted)
    estimator = LineClassifier(epochs=1000, batch_size=30, random_state=0)
    with pytest.warns(FitStopped, match="interrupted in pass 3 of 1000; it keeps what it had learnt"):
        estimator.fit(*table)
    assert estimator.predict(table[0]).shape == (60,)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_insists_and_leaves_the_estimator_as_it_was(table, monkeypatch):
    estimator = LineClassifier(epochs=2, random_state=0).fit(*table)
    before = weights(estimator)

    def insisting(self, batch):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Descent, "step", insisting)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(*table)
    assert np.array_equal(weights(estimator), before)


def test_ctrl_c_before_a_closed_form_is_solved_raises_because_nothing_can_answer_yet(table, monkeypatch):
    monkeypatch.setattr(Descent, "usable_early", False)
    plain = Descent.step

    def interrupted(self, batch):
        signal.raise_signal(signal.SIGINT)
        return plain(self, batch)

    monkeypatch.setattr(Descent, "step", interrupted)
    estimator = LineClassifier(epochs=2)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(*table)
    assert not hasattr(estimator, "module_")


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_the_fit_with_the_last_good_weights(table, monkeypatch, bad):
    good = LineClassifier(epochs=3, batch_size=60, random_state=0).fit(*table)
    plain = Descent.step

    def diverging(self, batch):
        self.count = getattr(self, "count", 0) + 1
        metrics = plain(self, batch)
        if self.count == 4:
            with torch.no_grad():
                self.module.weight.fill_(bad)
            return {"loss": torch.tensor(bad)}
        return metrics

    monkeypatch.setattr(Descent, "step", diverging)
    estimator = LineClassifier(epochs=100, batch_size=60, random_state=0)
    with pytest.warns(FitStopped, match="in pass 4.*last good weights.*smaller learning_rate"):
        estimator.fit(*table)
    assert np.array_equal(weights(estimator), weights(good))


def test_weights_that_blow_up_behind_a_finite_loss_are_noticed_at_the_end_of_the_pass(table, monkeypatch):
    plain = Descent.step

    def diverging(self, batch):
        metrics = plain(self, batch)
        with torch.no_grad():
            self.module.weight[0, 0] = float("inf")
        return metrics

    monkeypatch.setattr(Descent, "step", diverging)
    with pytest.warns(FitStopped, match="in pass 1"):
        estimator = LineClassifier(epochs=5, random_state=0).fit(*table)
    assert np.isfinite(weights(estimator)).all()


def test_early_stopping_keeps_the_best_weights_of_the_held_out_rows(table):
    X, _ = table
    noise = np.random.default_rng(1).random(60) > 0.5  # nothing to learn: held-out rows get worse at once
    estimator = LineClassifier(
        epochs=500, early_stopping=True, validation_fraction=0.5, n_iter_no_change=3, rate=0.5, random_state=0
    ).fit(X, noise)
    scores = [entry["held_out"] for entry in estimator.history_]
    assert estimator.n_iter_ < 500
    assert len(scores) - 1 - int(np.argmin(scores)) <= 3


def test_early_stopping_on_too_few_rows_says_so():
    with pytest.raises(ValueError, match="early_stopping holds out 10% of the rows, and 1 are too few"):
        LineRegressor(early_stopping=True).fit([[1.0]], [1.0])


def test_partial_fit_twice_is_one_pass_over_the_same_batches_bit_for_bit(table):
    X, y = table[0], table[0][:, 0]
    twice = LineRegressor(random_state=0, batch_size=30)
    twice.partial_fit(X[:30], y[:30])
    twice.partial_fit(X[30:], y[30:])
    once = LineRegressor(random_state=0, batch_size=30)
    learning = once._begin(once._data(X[:30], y[:30], None, reset=True))  # the start takes its scaling from these
    learning.batches = Batches(once._data(X, y, None, reset=True), 30, shuffle=False)
    learning.epochs = 1
    assert len(list(learning)) == 2
    assert np.array_equal(weights(twice), learning.module.weight.detach().numpy())


def test_partial_fit_of_a_classifier_knows_classes_to_come_and_refuses_strangers(table):
    X, _ = table
    estimator = LineClassifier(random_state=0).partial_fit(X[:10], ["a"] * 10, classes=["a", "b"])
    estimator.partial_fit(X[10:20], ["b"] * 10)
    with pytest.raises(ValueError, match=r"labels \['c'\] that are not among the classes"):
        estimator.partial_fit(X[:10], ["c"] * 10)
    assert set(estimator.predict(X)) <= {"a", "b"}


def test_nothing_is_printed_by_default(table, capfd):
    LineClassifier(epochs=2).fit(*table)
    LineClassifier(epochs=2, verbose=True).fit(*table)  # no terminal, no bar
    assert capfd.readouterr() == ("", "")


def test_two_fits_with_a_fresh_seed_differ_and_can_be_made_again(table):
    first = LineClassifier(epochs=1).fit(*table)
    again = LineClassifier(epochs=1, random_state=first.seed_).fit(*table)
    other = LineClassifier(epochs=1).fit(*table)
    assert np.array_equal(weights(first), weights(again))
    assert not np.array_equal(weights(first), weights(other))


def test_an_encoder_gives_named_columns(table):
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame(table[0], columns=["a", "b", "c"])
    codes = LineEncoder(epochs=1, random_state=0).set_output(transform="pandas").fit(X).transform(X)
    assert list(codes.columns) == ["lineencoder0", "lineencoder1"]


def test_a_finished_fit_leaves_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LineRegressor(epochs=2).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
