"""Long short-term memory: the carousel, the adding problem, which it was made for, and what it is not for."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from adding_problem import TorchStartRNN, error_at_adding
from neurarium.networks._recurrent import RecurrentLayer
from neurarium.networks._recurrent_cells import LSTMCell, SimpleCell
from neurarium.networks.lstm import LSTMClassifier, LSTMRegressor


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_adding_problem_over_100_steps_is_solved(seed):
    """With 50,000 sequences; the criterion allows 200,000."""
    assert error_at_adding(LSTMRegressor, seed) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_plain_rnn_learns_nothing_from_the_same_sequences(seed):
    """The control: as torch starts it, with the same scaling, Adam, schedule and clip (of chance, 1/6)."""
    assert error_at_adding(TorchStartRNN, seed) >= 0.14


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["1997", "peephole"])
def test_the_other_variants_solve_it_too(variant):
    assert error_at_adding(LSTMRegressor, 0, variant=variant) < 0.01


def test_over_50_steps_a_fifth_of_the_sequences_is_enough_for_it_and_not_for_a_plain_rnn():
    assert error_at_adding(LSTMRegressor, 0, 10_000, 50) < 0.02
    assert error_at_adding(TorchStartRNN, 0, 10_000, 50) > 0.12


def how_much_of_the_first_state_is_left(layer, state, steps=300):
    """The slope of the last state by the first one, which a single unit carries."""
    last = layer.run(torch.zeros(1, steps, 1).double(), state)[layer.cell.states[-1]][:, -1]
    return float(torch.autograd.grad(last.sum(), state[-1])[0])


def test_the_error_of_a_cell_goes_round_for_300_steps_unchanged_and_that_of_a_plain_unit_dies():
    """The constant error carousel of 1997, in its cell alone: no gate hears the unit."""
    cell = RecurrentLayer(LSTMCell("1997"), 1, 1).double()
    state = tuple(torch.full((1, 1), 0.5).double().requires_grad_() for _ in range(2))
    assert how_much_of_the_first_state_is_left(cell, state) == pytest.approx(1, abs=1e-12)
    kept = RecurrentLayer(LSTMCell(), 1, 1).double()
    kept.weights()["b_forget"].data.fill_(10)
    assert how_much_of_the_first_state_is_left(kept, state) == pytest.approx(1, abs=0.02)
    plain = RecurrentLayer(SimpleCell(), 1, 1).double()
    plain.U.data.fill_(0.95)
    assert how_much_of_the_first_state_is_left(plain, state[:1]) < 1e-6


def test_a_cell_counts_what_it_has_heard():
    """Where the sum so far is asked at every step, one of the cells follows it."""
    draw = np.random.default_rng(0)
    X = draw.choice([-1.0, 1.0], size=(300, 20, 1)).astype(np.float32)
    y = X.cumsum(1)
    network = LSTMRegressor(output="every", n_units=8, random_state=0).fit(X, y)
    assert network.score(X, y) > 0.98
    cells = network.stages(X)["cell"].reshape(-1, 8)
    assert max(abs(np.corrcoef(cell, y.ravel())[0, 1]) for cell in cells.T) > 0.9


def test_do_not_use_it_when_rows_are_few_and_the_order_says_nothing():
    """178 wines told apart by 13 measurements: columns of a table, in no order; a linear model knows better."""
    X, y = load_wine(return_X_y=True)
    learn, ask, labels, truth = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)
    ours = LSTMClassifier(random_state=0).fit(learn, labels).score(ask, truth)
    line = make_pipeline(StandardScaler(), LogisticRegression()).fit(learn, labels)
    assert line.score(ask, truth) > ours + 0.1
