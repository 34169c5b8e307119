"""The cells against torch's own and against loops written from the papers, and back-propagation against autograd."""

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.networks._recurrent import RecurrentLayer, RecurrentModule
from neurarium.networks._recurrent_cells import GRUCell, LSTMCell, SimpleCell

CELLS = [
    SimpleCell(),
    SimpleCell("relu"),
    LSTMCell(),
    LSTMCell("1997"),
    LSTMCell("peephole"),
    GRUCell(),
    GRUCell("before"),
]
every = pytest.mark.parametrize("cell", CELLS, ids=str)
TORCHS = {
    SimpleCell(): (nn.RNN, {}, ("hidden",)),
    SimpleCell("relu"): (nn.RNN, {"nonlinearity": "relu"}, ("hidden",)),
    LSTMCell(): (nn.LSTM, {}, ("input", "forget", "candidate", "output")),
    GRUCell(): (nn.GRU, {}, ("reset", "update", "candidate")),
}


def drawn(cell, n_in=3, n_units=5, n_layers=1, seed=0):
    torch.manual_seed(seed)
    module = RecurrentModule(cell, n_in, n_units, n_layers).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, 0, 0.4)
    return module


def as_torch(module, order=None):
    """torch's own network with our weights, its blocks in the order that torch gives them."""
    kind, options, blocks = TORCHS[module.cell]
    layers, first = len(module.layers), module.layers[0]
    theirs = kind(first.W.shape[1], module.n_units, layers, batch_first=True, **options).double()
    for number, layer in enumerate(module.layers):
        weights = {name: tensor.detach() for name, tensor in layer.weights().items()}
        inner = [torch.zeros(module.n_units).double() for _ in blocks]
        if "d" in weights:
            inner[2] = weights["d"]
        for name, parts in {
            "weight_ih": [weights[f"W_{block}"] for block in order or blocks],
            "weight_hh": [weights[f"U_{block}"] for block in order or blocks],
            "bias_ih": [weights[f"b_{block}"] for block in order or blocks],
            "bias_hh": inner,
        }.items():
            getattr(theirs, f"{name}_l{number}").data = torch.cat(parts)
    return theirs


def flat(states):
    return states if isinstance(states, tuple) else (states,)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", TORCHS, ids=str)
def test_outputs_states_and_slopes_are_torchs(cell, layers):
    module = drawn(cell, n_layers=layers)
    theirs = as_torch(module)
    x = torch.randn(4, 9, 3).double().requires_grad_()
    state = tuple(torch.randn(layers, 4, 5).double().requires_grad_() for _ in cell.states)
    outputs, after = module.run(x, state)
    wanted, last = theirs(x, state if len(state) > 1 else state[0])
    torch.testing.assert_close(outputs, wanted, rtol=0, atol=1e-12)
    for one, other in zip(after, flat(last), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
    direction = torch.randn_like(outputs)
    ours = torch.autograd.grad((outputs * direction).sum() + sum(map(torch.sum, after)), [x, *state])
    slopes = torch.autograd.grad((wanted * direction).sum() + sum(map(torch.sum, flat(last))), [x, *state])
    for one, other in zip(ours, slopes, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        (LSTMCell(), ("forget", "input", "candidate", "output")),
        (LSTMCell(), ("input", "forget", "output", "candidate")),
        (GRUCell(), ("update", "reset", "candidate")),
    ],
    ids=str,
)
def test_gates_in_a_wrong_order_fail_the_same_check(cell, order):
    module = drawn(cell)
    x = torch.randn(4, 9, 3).double()
    assert float((module.run(x)[0] - as_torch(module, order)(x)[0]).detach().abs().max()) > 1e-2


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def numbers(module):
    return {name: tensor.detach().numpy() for name, tensor in module.layers[0].weights().items()}


def test_the_formulas_of_the_lstm_are_the_gates_and_torchs_cell():
    """f, i, c̃, c, o and h step by step, written as they stand in the books."""
    module, x = drawn(LSTMCell()), torch.randn(4, 9, 3).double()
    w, gates = numbers(module), module.gates(x)
    theirs = as_torch(module)
    one_cell = nn.LSTMCell(3, 5).double()
    one_cell.load_state_dict({name.removesuffix("_l0"): tensor for name, tensor in theirs.state_dict().items()})
    h = c = np.zeros((4, 5))
    their_h = their_c = torch.zeros(4, 5).double()
    for t in range(9):
        seen = x[:, t].numpy()
        f = sigmoid(seen @ w["W_forget"].T + h @ w["U_forget"].T + w["b_forget"])
        i = sigmoid(seen @ w["W_input"].T + h @ w["U_input"].T + w["b_input"])
        candidate = np.tanh(seen @ w["W_candidate"].T + h @ w["U_candidate"].T + w["b_candidate"])
        c = f * c + i * candidate
        o = sigmoid(seen @ w["W_output"].T + h @ w["U_output"].T + w["b_output"])
        h = o * np.tanh(c)
        their_h, their_c = one_cell(x[:, t], (their_h, their_c))
        np.testing.assert_allclose(their_h.detach().numpy(), h, atol=1e-6)
        np.testing.assert_allclose(their_c.detach().numpy(), c, atol=1e-6)
        for name, value in {
            "forget": f,
            "input": i,
            "candidate": candidate,
            "cell": c,
            "output": o,
            "hidden": h,
        }.items():
            np.testing.assert_allclose(gates[name][:, t].numpy(), value, atol=1e-6)


def test_with_a_wrong_sign_the_same_check_fails():
    module, x = drawn(LSTMCell()), torch.randn(4, 9, 3).double()
    right = module.gates(x)
    with torch.no_grad():
        module.layers[0].weights()["U_forget"].neg_()
    wrong = module.gates(x)
    assert float((right["hidden"] - wrong["hidden"]).abs().max()) > 1e-2


@pytest.mark.parametrize("variant", ["1997", "peephole"])
def test_the_first_lstm_and_the_one_with_peepholes_are_loops_written_from_the_papers(variant):
    module, x = drawn(LSTMCell(variant)), torch.randn(4, 9, 3).double()
    w, gates = numbers(module), module.gates(x)
    peep = {name: w.get(f"p_{name}", 0.0) for name in ("input", "forget", "output")}
    h = c = np.zeros((4, 5))
    for t in range(9):
        seen = x[:, t].numpy()

        def heard(gate, seen=seen, h=h):
            return seen @ w[f"W_{gate}"].T + h @ w[f"U_{gate}"].T + w[f"b_{gate}"]

        i = sigmoid(heard("input") + peep["input"] * c)
        f = sigmoid(heard("forget") + peep["forget"] * c) if variant == "peephole" else 1.0
        c = f * c + i * np.tanh(heard("candidate"))
        o = sigmoid(heard("output") + peep["output"] * c)
        h = o * np.tanh(c)
        np.testing.assert_allclose(gates["cell"][:, t].numpy(), c, atol=1e-10)
        np.testing.assert_allclose(gates["hidden"][:, t].numpy(), h, atol=1e-10)
    assert ("forget" in gates) == (variant == "peephole")


def test_the_gru_with_the_reset_before_is_the_loop_of_chos_paper_and_the_other_order_is_not():
    module, x = drawn(GRUCell("before")), torch.randn(4, 9, 3).double()
    w, h = numbers(module), np.zeros((4, 5))
    outputs = module.run(x)[0].detach().numpy()
    for t in range(9):
        seen = x[:, t].numpy()
        r = sigmoid(seen @ w["W_reset"].T + h @ w["U_reset"].T + w["b_reset"])  # equation 5
        z = sigmoid(seen @ w["W_update"].T + h @ w["U_update"].T + w["b_update"])  # equation 6
        new = np.tanh(seen @ w["W_candidate"].T + (r * h) @ w["U_candidate"].T + w["b_candidate"])  # equation 8
        h = z * h + (1 - z) * new  # equation 7
        np.testing.assert_allclose(outputs[:, t], h, atol=1e-10)
    other = drawn(GRUCell("after"))
    with torch.no_grad():
        other.layers[0].d.zero_()
    other.load_state_dict({**other.state_dict(), **module.state_dict()})
    assert float((other.run(x)[0] - module.run(x)[0]).detach().abs().max()) > 1e-2


def turn_by_turn(layer, x, state):
    turns = []
    for t in range(x.shape[1]):
        turns.append(layer.turn(x[:, t], state))
        state = tuple(turns[-1][name] for name in layer.cell.states)
    return {name: torch.stack([values[name] for values in turns], 1) for name in layer.cell.seen}


@every
def test_back_propagation_through_time_written_out_is_autograds(cell):
    layer = drawn(cell).layers[0]
    x = torch.randn(4, 7, 3).double().requires_grad_()
    state = tuple(torch.randn(4, 5).double().requires_grad_() for _ in cell.states)
    written, wanted = layer.run(x, state), turn_by_turn(layer, x, state)
    assert set(written) == set(wanted) == set(cell.seen)
    for name in cell.seen:
        torch.testing.assert_close(written[name], wanted[name], rtol=0, atol=1e-12)
    directions = [torch.randn_like(written[name]) for name in cell.states]
    ours, theirs = (
        torch.autograd.grad(
            sum((values[name] * each).sum() for name, each in zip(cell.states, directions, strict=True)),
            [x, *state, *layer.parameters()],
        )
        for values in (written, wanted)
    )
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("cell", [LSTMCell(), LSTMCell("1997")], ids=str)
def test_torchs_own_kernel_which_learning_takes_for_speed_says_the_same(cell):
    layer = drawn(cell).float().layers[0]
    x = torch.randn(4, 7, 3).requires_grad_()
    state = tuple(torch.randn(4, 5) for _ in cell.states)
    fused, written = layer.run(x, state, whole=False), layer.run(x, state)
    assert set(fused) == {"hidden", "cell"}
    torch.testing.assert_close(fused["hidden"], written["hidden"], rtol=0, atol=1e-5)
    torch.testing.assert_close(fused["cell"][:, -1], written["cell"][:, -1], rtol=0, atol=1e-5)
    ours, theirs = (
        torch.autograd.grad(values["hidden"].square().sum() + values["cell"][:, -1].sum(), [x, *layer.parameters()])
        for values in (written, fused)
    )
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU, whose kernels it compares with ours")
@every
def test_on_a_gpu_both_ways_say_the_same(cell):
    layer = drawn(cell).cuda().layers[0]
    x = torch.randn(4, 7, 3).double().cuda().requires_grad_()
    state = tuple(torch.randn(4, 5).double().cuda() for _ in cell.states)
    fused, written = layer.run(x, state, whole=False), layer.run(x, state)
    torch.testing.assert_close(fused["hidden"], written["hidden"], rtol=0, atol=1e-10)
    ours, theirs = (
        torch.autograd.grad(values["hidden"].square().sum(), [x, *layer.parameters()]) for values in (written, fused)
    )
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-8)


@every
def test_steps_one_by_one_and_a_run_cut_in_two_are_one_run(cell):
    module, x = drawn(cell, n_layers=2), torch.randn(4, 9, 3).double()
    outputs, last = module.run(x)
    state = module.initial(4, x)
    for t in range(9):
        said, state = module.step(x[:, t], state)
        torch.testing.assert_close(said, outputs[:, t], rtol=0, atol=1e-12)
    for one, other in zip(state, last, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
    first, carried = module.run(x[:, :4])
    second, end = module.run(x[:, 4:], carried)
    torch.testing.assert_close(torch.cat([first, second], 1), outputs, rtol=0, atol=1e-12)
    for one, other in zip(end, last, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


@every
def test_the_state_is_that_after_each_rows_own_last_step_whatever_the_padding_holds(cell):
    module, x = drawn(cell, n_layers=2), torch.randn(4, 9, 3).double()
    lengths = torch.tensor([9, 1, 4, 6])
    for row, length in enumerate(lengths):
        x[row, length:] = 1e3 * (row + 1)
    _, states = module.run(x, lengths=lengths)
    for row, length in enumerate(lengths):
        _, alone = module.run(x[row : row + 1, :length])
        for one, other in zip(states, alone, strict=True):
            torch.testing.assert_close(one[:, row : row + 1], other, rtol=0, atol=1e-12)


@every
def test_a_start_turns_without_stretch_lets_forget_gates_keep_and_draws_glorots_inputs(cell):
    torch.manual_seed(0)
    module = RecurrentModule(cell, 30, 40, 2).double()
    module.start()
    for layer in module.layers:
        for name, weights in layer.weights().items():
            tensor = weights.detach()
            if name.startswith("U"):
                torch.testing.assert_close(tensor @ tensor.T, torch.eye(40).double())
            elif name.startswith("W"):
                edge = (6 / sum(tensor.shape)) ** 0.5
                assert 0.95 * edge < float(tensor.abs().max()) <= edge
            else:
                assert bool((tensor == (1 if name == "b_forget" else 0)).all())


def test_an_identity_start_holds_what_it_has():
    layer = RecurrentLayer(SimpleCell("relu"), 2, 6)
    layer.start("identity")
    held = torch.rand(3, 6)
    torch.testing.assert_close(layer.run(torch.zeros(3, 50, 2), (held,))["hidden"][:, -1], held)


def test_dropout_is_for_learning_and_leaves_what_is_carried_whole():
    torch.manual_seed(0)
    module = RecurrentModule(SimpleCell(), 3, 50, 1, dropout=0.5)
    module.start()
    x = torch.randn(4, 9, 3)
    outputs, state = module.run(x)
    assert 0.4 < float((outputs == 0).float().mean()) < 0.6
    assert bool((state[0] != 0).all())
    module.eval()
    torch.testing.assert_close(module.run(x)[0][:, -1], state[0][0])


@every
def test_a_step_can_be_traced(cell):
    module = drawn(cell, n_layers=2)

    class Step(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = module

        def forward(self, x, *state):
            return self.network.step(x, state)

    given = (torch.randn(4, 3).double(), *module.initial(4, torch.zeros(1).double()))
    traced = torch.export.export(Step(), given).module()(*given)
    torch.testing.assert_close(traced[0], module.step(given[0], given[1:])[0])
