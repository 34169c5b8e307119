"""A loop is one operation however many turns it has, whatever is around it, and says what torch's own loop says."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx

from neurarium.core.stages import Stage, Staged
from neurarium.program.loop import Loop
from neurarium.program.trace import trace
from program.computing import computed
from program.printing import built_and_run, loaded, needs_gcc, printed


class Leaky(nn.Module):
    """h(t) = tanh(W x(t) + s h(t-1)), and twice of it."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 4)
        self.seen = Stage()

    def forward(self, hidden, x, share):
        h = self.seen(torch.tanh(self.inner(x) + share * hidden))
        return h, 2 * h


class Whole(nn.Module):
    def __init__(self, turns=5):
        super().__init__()
        self.turns = Loop(Leaky(), states=1, sequences=1, turns=turns)

    def forward(self, x, share):
        last, answers = self.turns(x.new_zeros(x.shape[1], 4), x, share)
        return {"last": last, "answers": answers}


@pytest.fixture(scope="module")
def whole():
    torch.manual_seed(0)
    return Whole().eval(), torch.randn(5, 2, 3), torch.tensor(0.5)


def operations(program):
    return [step.operation for each in program.programs() for step in each.steps]


def test_in_torch_it_is_a_python_loop(whole):
    module, x, share = whole
    step, h, wanted = module.turns.step, torch.zeros(2, 4), []
    for entry in x:
        h, answer = step(h, entry, share)
        wanted.append(answer)
    got = module(x, share)
    assert torch.equal(got["last"], h)
    assert torch.equal(got["answers"], torch.stack(wanted))


def test_in_a_program_it_is_one_operation_however_many_turns_it_has(whole):
    long = trace(Whole(300).eval(), (torch.zeros(300, 2, 3), torch.zeros(())), fixed=True).pruned()
    short = trace(whole[0], whole[1:], fixed=True).pruned()
    assert operations(long) == operations(short) == ["loop", "linear", "mul", "add", "tanh", "mul"]
    assert long.operations() == 60 * short.operations() == 300 * (8 * 3 + 8 * 4)


def test_a_fixed_program_says_what_torch_says_to_inputs_of_no_axis_too(whole):
    module, *inputs = whole
    program = trace(module, tuple(inputs), fixed=True)
    assert [value.shape for value in program.inputs] == [(5, 2, 3), ()]
    said = computed(program, *inputs)
    for name, right in module(*inputs).items():
        np.testing.assert_allclose(said[name], right.detach(), rtol=1e-5, atol=1e-6)


def test_what_all_turns_share_and_is_constant_goes_into_the_step(whole):
    class Around(nn.Module):
        def __init__(self):
            super().__init__()
            self.whole = whole[0]
            self.share = nn.Parameter(torch.tensor([1.0, 3.0]))

        def forward(self, x):
            return self.whole(x, self.share.mean().exp())["last"]

    program = trace(Around(), (whole[1],), fixed=True).pruned()
    (loop,) = program.steps
    assert len(loop.inputs) == len(loop.body().inputs) == 2
    (share,) = [each for step in loop.body().steps for each in step.inputs if isinstance(each, float) and each != 2]
    assert share == pytest.approx(np.exp(2))


def test_what_depends_on_no_input_is_computed_once_and_for_all(whole):
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.whole = whole[0]

        def forward(self):
            return self.whole(torch.ones(5, 2, 3), torch.tensor(0.5))["last"]

    program = trace(Constant(), ())
    assert program.inputs == program.steps == ()
    (array,) = program.constants.values()
    np.testing.assert_allclose(array, Constant()().detach(), rtol=1e-6)


def test_answers_that_nobody_needs_go_and_the_inputs_that_only_they_need():
    class Two(nn.Module):
        def forward(self, total, x, y, factor):
            return total + x, y * factor, total * x

    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.turns = Loop(Two(), states=1, sequences=2, turns=4)

        def forward(self, x, y, factor):
            return {"products": self.turns(x[0], x, y, factor)[2]}

    inputs = torch.randn(4, 2), torch.randn(4, 2), torch.ones(())
    program = trace(Sum(), inputs, fixed=True)
    loop = program.pruned().steps[-1]
    assert [len(loop.results), len(loop.inputs), loop.number("sequences")] == [2, 2, 1]
    assert [step.operation for step in loop.body().steps] == ["add", "mul"]
    np.testing.assert_allclose(computed(program.pruned(), *inputs)["products"], Sum()(*inputs)["products"], rtol=1e-6)


class Fibonacci(nn.Module):
    def forward(self, one, other):
        return other, one + other, one


class Nested(nn.Module):
    """In each turn a loop of its own, whose last state is the state."""

    def __init__(self):
        super().__init__()
        self.inner = Loop(Fibonacci(), states=2, sequences=0, turns=3)

    def forward(self, state, entry):
        last, _, all_of_them = self.inner(state, entry)
        return last / 10, all_of_them.sum(0)


class Rows(nn.Module):
    """Rows of sequences, (rows, time, features), as networks hear them."""

    def __init__(self):
        super().__init__()
        self.turns = Loop(Nested(), states=1, sequences=1, turns=6)

    def forward(self, x):
        last, sums = self.turns(x[:, 0], x.movedim(1, 0))
        return {"last": last, "sums": sums.movedim(0, 1)}


@needs_gcc
def test_loops_in_loops_over_any_number_of_rows_are_printed_in_both_languages(tmp_path):
    for ending in (".py", ".c"):
        printed(tmp_path / f"net{ending}", Rows(), torch.zeros(2, 6, 4))
    functions = loaded(tmp_path / "net.py")
    assert functions["check"]()
    assert [answer.shape for answer in functions["forward"](np.zeros((0, 6, 4)))] == [(0, 4), (0, 6, 4)]
    done = built_and_run(tmp_path / "net.c", "-fsanitize=address,undefined", "-fno-sanitize-recover")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "net.c").read_text().count("for (int turn = 0; turn < 6; turn++)") == 1


class Back(nn.Module):
    """One step back: the slope of a sum over the last state by a state, from that by the state after it."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def forward(self, slope, hidden, x, share):
        with torch.enable_grad():
            before = hidden.detach().requires_grad_()
            (slope,) = torch.autograd.grad(self.step(before, x, share)[0], before, slope)
        return slope, slope.norm(dim=1)


class ThroughTime(nn.Module):
    """How far the slope reaches back: a loop forwards, and one backwards."""

    def __init__(self, step, x, share):
        super().__init__()
        self.forwards = Loop(step, states=1, sequences=1, turns=len(x))
        slope, hidden = torch.zeros(2, x.shape[1], 4)
        back = make_fx(Back(step))(slope, hidden, x[0], share)  # gradients as operations alone
        self.back = Loop(back, states=1, sequences=2, turns=len(x))

    def forward(self, x, share):
        start = x.new_zeros(x.shape[1], 4)
        doubled = self.forwards(start, x, share)[1]
        before = torch.cat([start[None], doubled[:-1] / 2])
        return self.back(torch.ones_like(start), before.flip(0), x.flip(0), share)[1]


def test_back_propagation_through_time_is_a_loop_too(whole):
    module, x, share = whole
    program = trace(ThroughTime(module.turns.step, x, share), (x, share), fixed=True).pruned()
    start = torch.zeros(5, 2, 4, requires_grad=True)  # something to take the slope by at each step
    h = torch.zeros(2, 4)
    for number, entry in enumerate(x):
        h = module.turns.step(h + start[number], entry, share)[0]
    (slopes,) = torch.autograd.grad(h.sum(), start)
    np.testing.assert_allclose(computed(program, x, share)["answer"], slopes.norm(dim=2).flip(0), rtol=1e-4)


def test_who_listens_to_a_stage_inside_a_loop_is_not_told_of_tensors_without_numbers(whole):
    module, *inputs = whole
    staged = Staged(module)
    assert list(trace(staged, tuple(inputs), fixed=True).outputs) == ["last", "answers"]
    assert torch.equal(staged(*inputs)["turns.step.seen"], module(*inputs)["last"])


# What is wrong is said.


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"turns": 0}, "at least 1 turn; got states=1, sequences=1, turns=0"),
        ({"states": -1}, "no negative number of states"),
    ],
)
def test_a_loop_without_turns_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Loop(Leaky(), **{"states": 1, "sequences": 1, "turns": 3, **given})


def test_inputs_that_are_too_few_or_too_short_are_refused(whole):
    loop = whole[0].turns
    with pytest.raises(ValueError, match="needs 1 states and 1 sequences; got 1 inputs"):
        loop(torch.zeros(2, 4))
    with pytest.raises(ValueError, match=r"each of its 5 turns along its first axis; got shape \(4, 2, 3\)"):
        loop(torch.zeros(2, 4), torch.zeros(4, 2, 3), torch.zeros(()))


class Growing(nn.Module):
    def __init__(self):
        super().__init__()
        self.turns = Loop(Grow(), states=1, sequences=0, turns=2)

    def forward(self, x):
        return self.turns(x)


class Grow(nn.Module):
    def forward(self, state):
        return (torch.cat([state, state]),)


def test_a_state_that_changes_its_shape_is_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"state 1 of a loop of Grow must come back as it goes in, \(3,\).*\(6,\)"):
        trace(Growing(), (torch.zeros(3),), fixed=True)


def test_what_cannot_be_printed_inside_a_loop_is_named_with_its_line():
    class Dice(nn.Module):
        def forward(self, state):
            return (state + torch.rand_like(state),)

    class Thrown(nn.Module):
        def __init__(self):
            super().__init__()
            self.turns = Loop(Dice(), states=1, sequences=0, turns=2)

        def forward(self, x):
            return self.turns(x)

    with pytest.raises(NotImplementedError, match=r"(?s)give the noise as an input.*test_loop.py"):
        trace(Thrown(), (torch.zeros(3),), fixed=True)


def test_a_first_input_without_axes_needs_a_fixed_program(whole):
    with pytest.raises(ValueError, match="trace with fixed=True"):
        trace(nn.Tanh(), (torch.zeros(()),))
