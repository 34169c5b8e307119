"""Gated recurrent unit: the adding problem, what its gate keeps, how small it is, and what it is not for."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from adding_problem import error_at_adding
from neurarium.networks._recurrent import RecurrentLayer, RecurrentModule
from neurarium.networks._recurrent_cells import GRUCell, LSTMCell
from neurarium.networks.gru import GRURegressor


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_adding_problem_over_100_steps_is_solved(seed):
    """With 50,000 sequences; the criterion allows 100,000. The control, a plain RNN, is in test_lstm.py."""
    assert error_at_adding(GRURegressor, seed) < 0.01


@pytest.mark.slow
def test_in_chos_order_it_is_solved_too():
    assert error_at_adding(GRURegressor, 0, reset="before") < 0.01


@pytest.mark.parametrize("reset", ["after", "before"])
def test_over_50_steps_a_fifth_of_the_sequences_is_enough(reset):
    assert error_at_adding(GRURegressor, 0, 10_000, 50, reset=reset) < 0.02


@pytest.mark.parametrize("reset", ["after", "before"])
def test_a_closed_update_gate_keeps_the_state_and_its_error_for_300_steps(reset):
    layer = RecurrentLayer(GRUCell(reset), 2, 4).double()
    layer.start()
    layer.weights()["b_update"].data.fill_(40)
    state = torch.rand(3, 4).double().requires_grad_()
    last = layer.run(torch.randn(3, 300, 2).double(), (state,))["hidden"][:, -1]
    torch.testing.assert_close(last, state, rtol=0, atol=1e-12)
    (slope,) = torch.autograd.grad(last.sum(), state)
    torch.testing.assert_close(slope, torch.ones(3, 4).double(), rtol=0, atol=1e-12)


def test_it_has_three_quarters_of_the_weights_of_an_lstm():
    def weights(cell):
        return sum(parameter.numel() for parameter in RecurrentModule(cell, 10, 50).parameters())

    assert weights(GRUCell("before")) == 0.75 * weights(LSTMCell())


def test_do_not_use_it_when_something_must_be_counted_without_bound():
    """The sum of up to 20 steps, then of 100: its states lie between -1 and 1, and a line knows no bound."""
    draw = np.random.default_rng(0)
    short, long = (draw.choice([-1.0, 1.0], p=[0.2, 0.8], size=(300, steps, 1)) for steps in (20, 100))
    network = GRURegressor(n_units=16, random_state=0).fit(short, short.sum((1, 2)))
    assert network.score(short, short.sum((1, 2))) > 0.9
    truth = long.sum((1, 2))
    assert np.abs(network.predict(long) - truth).mean() > 20
    line = LinearRegression().fit(short.sum(1), short.sum((1, 2)))
    assert np.abs(line.predict(long.sum(1)) - truth).mean() < 1e-6
