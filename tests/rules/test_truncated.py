"""Truncated back-propagation: the slope of a window, what is carried, what lies beyond a window, and interruptions."""

import pytest
import torch
from torch import nn

from neurarium.core.batches import Batch, Batches
from neurarium.core.persistence import pack, unpack
from neurarium.rules.gradient import Gradient
from neurarium.rules.optimisers import Adam, Descent
from neurarium.rules.truncated import JoinedGradient, TruncatedGradient, side_by_side


class Carrying(nn.Module):
    """torch's own recurrent layer with a read-out: the simplest module that goes through time from any state."""

    def __init__(self, n_in=2, n_units=5, kind=nn.GRU):
        super().__init__()
        self.inner = kind(n_in, n_units, batch_first=True)
        self.outer = nn.Linear(n_units, 1)

    def initial(self, n_rows, like):
        return (like.new_zeros(1, n_rows, self.inner.hidden_size),)

    def run(self, inputs, state):
        h, state = self.inner(inputs, state[0])
        return self.outer(h), (state,)


def network(seed=0, **sizes):
    torch.manual_seed(seed)
    return Carrying(**sizes).double()


def sequences(time=12, rows=3, seed=1):
    torch.manual_seed(seed)
    return torch.randn(rows, time, 2, dtype=torch.float64), torch.randn(rows, time, 1, dtype=torch.float64)


def cut(inputs, targets, length):
    """(rows, time, ...) sequences as windows."""
    return Batch(*(torch.stack(part.split(length, 1)) for part in (inputs, targets)))


def squares(answers, batch):
    return (answers - batch.targets).square().mean(-1)


def standing(module):
    """A rule whose steps go nowhere, so that the slopes can be looked at."""
    return TruncatedGradient(module, squares, Descent(module, 1e-300))


def slope(module):
    return torch.cat([parameter.grad.flatten() for parameter in module.parameters()])


def test_the_slope_of_a_window_is_autograds_with_the_state_before_it_held_constant():
    inputs, targets = sequences()
    module, oracle = network(), network()
    rule = standing(module)
    for number, window in enumerate(Batches(cut(inputs, targets, 4), 1, shuffle=False)):
        rule.step(window)
        with torch.no_grad():  # all that was before, heard at once
            state = oracle.run(inputs[:, : 4 * number], oracle.initial(3, inputs))[1] if number else None
        oracle.zero_grad()
        now = slice(4 * number, 4 * number + 4)
        answers, _ = oracle.run(inputs[:, now], state or oracle.initial(3, inputs))
        squares(answers, Batch(inputs[:, now], targets[:, now])).mean().backward()
        torch.testing.assert_close(slope(module), slope(oracle), rtol=1e-12, atol=1e-14)


def test_one_window_over_all_is_full_back_propagation_and_shorter_ones_are_not():
    inputs, targets = sequences()
    slopes = []
    for length in (12, 4):
        module = network()
        rule = standing(module)
        total = 0
        for window in Batches(cut(inputs, targets, length), 1, shuffle=False):
            rule.step(window)
            total = total + slope(module) * length / 12
        slopes.append(total)
    whole = network()
    squares(whole.run(inputs, whole.initial(3, inputs))[0], Batch(inputs, targets)).mean().backward()
    torch.testing.assert_close(slopes[0], slope(whole), rtol=1e-12, atol=1e-14)
    assert (slopes[1] - slope(whole)).norm() > 0.01 * slope(whole).norm()


def test_truncated_slopes_add_up_to_autograds_on_a_graph_cut_between_windows():
    inputs, targets = sequences()
    module, oracle = network(), network()
    rule, total = standing(module), 0
    for window in Batches(cut(inputs, targets, 3), 1, shuffle=False):
        rule.step(window)
        total = total + slope(module) / 4
    state, loss = oracle.initial(3, inputs), 0
    for number in range(4):
        now = slice(3 * number, 3 * number + 3)
        answers, state = oracle.run(inputs[:, now], tuple(part.detach() for part in state))
        loss = loss + squares(answers, Batch(inputs[:, now], targets[:, now])).mean() / 4
    loss.backward()
    torch.testing.assert_close(total, slope(oracle), rtol=1e-12, atol=1e-14)


def left_of_a_lag(lag, window, *, carried, epochs=25):
    """What is left of the variance when each answer is the input of `lag` steps ago."""
    torch.manual_seed(0)
    bits = torch.randint(2, (800 + lag,)).double() * 2 - 1
    batch = side_by_side(bits[lag:, None].repeat(1, 2), bits[:800, None], 40, window)
    module = network(n_units=30, kind=nn.RNN)
    nn.init.orthogonal_(module.inner.weight_hh_l0)
    rule = JoinedGradient(module, squares, Adam(module, 1e-2))
    for _ in range(epochs):
        for each in Batches(batch, 1, shuffle=False):
            if not carried:
                rule._state = None
            loss = rule.step(each)["loss"]
        rule.end_pass()
    return float(loss)


def test_a_lag_longer_than_a_window_is_not_seen_unless_the_state_is_carried():
    assert left_of_a_lag(2, 2, carried=True) < 0.3
    assert left_of_a_lag(2, 2, carried=False) > 0.8
    assert left_of_a_lag(2, 10, carried=False) < 0.3  # a longer window sees most of it without


def test_every_pass_begins_at_zero_and_joined_pieces_where_their_neighbours_ended():
    inputs, targets = sequences()
    for kind in (TruncatedGradient, JoinedGradient):
        module = network()
        rule = kind(module, squares, Descent(module, 1e-300))
        for window in Batches(cut(inputs, targets, 4), 1, shuffle=False):
            rule.step(window)
        ended = module.run(inputs, module.initial(3, inputs))[1][0]
        torch.testing.assert_close(rule._state[0], ended)
        rule.end_pass()
        if kind is TruncatedGradient:
            assert rule._state is None
        else:
            torch.testing.assert_close(rule._state[0][:, 1:], ended[:, :-1])
            assert not rule._state[0][:, 0].any()


@pytest.mark.parametrize("kind", [TruncatedGradient, JoinedGradient])
@pytest.mark.parametrize("stop", [1, 3, 5, 6])
def test_an_interrupted_rule_goes_on_bit_for_bit(kind, stop):
    batch = side_by_side(*(part[0] for part in sequences(time=30)), 3, 4)

    def rule_for(module):
        return kind(module, squares, Adam(module, 1e-2))

    def steps(rule, batches, number):
        for _ in range(number):
            window = next(batches[0], None)
            if window is None:
                rule.end_pass()
                batches[0] = iter(batches[1])
                window = next(batches[0])
            rule.step(window)

    def start(batches):
        return [iter(batches), batches]

    whole, batches = network(), Batches(batch, 1, shuffle=False)
    rule = rule_for(whole)
    steps(rule, start(batches), 8)

    first, batches = network(), Batches(batch, 1, shuffle=False)
    rule = rule_for(first)
    steps(rule, start(batches), stop)
    state = unpack(*pack({"rule": rule.state_dict(), "batches": batches.state_dict(), "module": first.state_dict()}))
    second, batches = network(seed=9), Batches(batch, 1, shuffle=False)
    second.load_state_dict(state["module"])
    rule = rule_for(second)
    rule.load_state_dict(state["rule"])
    batches.load_state_dict(state["batches"])
    steps(rule, start(batches), 8 - stop)
    for one, other in zip(whole.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_held_out_sequences_are_judged_from_end_to_end_with_the_state_carried():
    inputs, targets = sequences()
    module = network()
    score = standing(module).evaluate(cut(inputs, targets, 4))
    with torch.no_grad():
        whole = squares(module.run(inputs, module.initial(3, inputs))[0], Batch(inputs, targets)).mean()
    torch.testing.assert_close(score, whole)


@pytest.mark.parametrize(("time", "pieces", "length"), [(100, 4, 7), (3, 5, 50), (1, 1, 1), (97, 50, 3), (600, 2, 50)])
def test_a_sequence_lies_in_its_pieces_in_order_and_each_step_counts_once(time, pieces, length):
    values = torch.arange(1.0, time + 1)
    batch = side_by_side(values[:, None], values, pieces, length)
    in_order = batch.inputs.transpose(0, 1).flatten()
    torch.testing.assert_close(in_order[:time], values)
    assert not in_order[time:].any()
    torch.testing.assert_close(batch.weights > 0, batch.targets > 0)
    assert float(batch.weights.mean()) == pytest.approx(1, rel=1e-5)
    assert batch.inputs.shape[1] <= pieces
    assert batch.inputs.shape[2] <= length
    assert (batch.weights > 0).any(2).any(1).all(), "a window in which nothing counts"


def test_padding_and_steps_that_are_only_heard_change_no_slope():
    inputs, targets = (part[0] for part in sequences(time=10))
    module, oracle = network(), network()
    rule = TruncatedGradient(module, squares, Descent(module, 1e-300))
    rule.step(side_by_side(inputs, targets, 1, 16, washout=4))
    answers, _ = oracle.run(inputs[None], oracle.initial(1, inputs))
    squares(answers, Batch(inputs, targets[None]))[:, 4:].mean().backward()
    torch.testing.assert_close(slope(module), slope(oracle), rtol=1e-6, atol=1e-9)


def test_without_weights_and_in_one_window_it_is_the_gradient_rule():
    inputs, targets = sequences()
    ours, theirs = network(), network()
    rule = TruncatedGradient(ours, squares, Adam(ours, 1e-2))

    class Whole(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return self.inner.run(x, self.inner.initial(len(x), x))[0]

    wrapped = Whole(theirs)
    plain = Gradient(wrapped, squares, Adam(wrapped, 1e-2))
    for _ in range(5):
        rule.step(Batch(inputs[None], targets[None]))
        rule.end_pass()
        plain.step(Batch(inputs, targets))
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
