"""Relevance through time and through Gaussian units: against loops of the formulas, conserved, and what breaks it."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.networks._echo_state import PooledEchoStateModule, PooledWholeModule
from neurarium.networks._recurrent import RecurrentModule
from neurarium.networks._recurrent_cells import GRUCell, LSTMCell, RecurrentCell, SimpleCell
from neurarium.networks._recurrent_rows import RecurrentClassifierModule
from neurarium.networks._recurrent_whole import WholeModule
from neurarium.networks.radial_basis import RadialBasisModule
from neurarium.views import relevance_rules, relevance_time
from neurarium.views.relevance import Relevance
from neurarium.views.relevance_rules import UnknownLayer
from neurarium.views.relevance_time import TimeRelevance

Array = NDArray[np.float64]
Back = tuple[Array, Array, float]
"""The relevance of every step's input, of every step's last output, and what biases have kept."""

CELLS: dict[str, RecurrentCell] = {
    "simple": SimpleCell(),
    "lstm": LSTMCell(),
    "lstm 1997": LSTMCell("1997"),
    "lstm peephole": LSTMCell("peephole"),
    "gru after": GRUCell("after"),
    "gru before": GRUCell("before"),
}
TIME, FEATURES, UNITS, CLASSES = 4, 2, 3, 2


def drawn(module: nn.Module, *, biases: bool = True) -> Any:
    """In float64, every weight drawn; biases are 0 where they are not wanted."""
    generator = torch.Generator().manual_seed(0)
    module = module.double().eval().requires_grad_(False)
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if not tensor.is_floating_point() or name.startswith("scaling"):
            continue
        bias = name.rsplit(".")[-1] in ("b", "d", "bias")
        tensor.copy_(torch.randn(tensor.shape, generator=generator, dtype=torch.float64) * (0.8 if not bias else 0.3))
        if bias and not biases:
            tensor.zero_()
    return module


def recurrent(kind: str, *, biases: bool = True, layers: int = 1) -> RecurrentClassifierModule:
    cells = RecurrentModule(CELLS[kind], FEATURES, UNITS, layers)
    module: RecurrentClassifierModule = drawn(RecurrentClassifierModule(cells, FEATURES, CLASSES), biases=biases)
    return module


def echo(*, biases: bool = True) -> PooledEchoStateModule:
    module: PooledEchoStateModule = drawn(PooledEchoStateModule(FEATURES, 5, 3, CLASSES, 2, 0), biases=biases)
    generator = torch.Generator().manual_seed(1)
    module.reservoir.sources.copy_(torch.stack([torch.randperm(5, generator=generator)[:3] for _ in range(5)]))
    for name, value in (("spectral_radius", 0.7), ("leak", 0.4), ("input_scaling", 0.5)):
        getattr(module.reservoir, name).fill_(value)
    return module


def sequence() -> Tensor:
    return torch.randn(1, TIME, FEATURES, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def through(module: Any, at_once: int = 1) -> TimeRelevance:
    kind = PooledWholeModule if isinstance(module, PooledEchoStateModule) else WholeModule
    return TimeRelevance(lambda time: kind(module, time), sequence(), CLASSES, at_once)


def at_the_end(module: Any, x: Tensor, epsilon: float) -> Tensor:
    """(classes, time, features) of the answer after the last step."""
    return through(module).epsilon(x, [x.shape[1] - 1], epsilon)[0]


# The formulas, step by step.


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def parts(W: Array, x: Array, share: Array) -> Array:
    """Each input's relevance, from the relevance of each sum as a share of it."""
    return (W * x).T @ share


def simple_back(w: dict[str, Array], x: Array, last: Array) -> Back:
    hs, sums = [np.zeros(UNITS)], []
    for each in x:
        sums.append(w["W_hidden"] @ each + w["U_hidden"] @ hs[-1] + w["b_hidden"])
        hs.append(np.tanh(sums[-1]))
    R, Rx, kept = last, np.zeros_like(x), 0.0
    for t in reversed(range(len(x))):
        share = R / sums[t]
        Rx[t], R = parts(w["W_hidden"], x[t], share), parts(w["U_hidden"], hs[t], share)
        kept += w["b_hidden"] @ share
    return Rx, hs[-1], kept


def lstm_back(w: dict[str, Array], x: Array, last: Array) -> Back:
    h, c, steps = np.zeros(UNITS), np.zeros(UNITS), []
    for each in x:
        a = {name[2:]: w[f"W_{name[2:]}"] @ each + w[f"U_{name[2:]}"] @ h + w[name] for name in w if name[:2] == "b_"}
        peep = {name: w.get(f"p_{name}", np.zeros(UNITS)) for name in ("input", "forget", "output")}
        i = sigmoid(a["input"] + peep["input"] * c)
        f = sigmoid(a["forget"] + peep["forget"] * c) if "forget" in a else np.ones(UNITS)
        g = np.tanh(a["candidate"])
        new = f * c + i * g
        steps.append((h, a["candidate"], f * c / new, i * g / new))
        c = new
        h = sigmoid(a["output"] + peep["output"] * c) * np.tanh(c)
    Rh, Rc, Rx, kept = last, np.zeros(UNITS), np.zeros_like(x), 0.0
    for t in reversed(range(len(x))):
        before, a, old, written = steps[t]
        Rc = Rc + Rh  # o takes nothing of o * tanh(c)
        share = written * Rc / a
        Rx[t], Rh = parts(w["W_candidate"], x[t], share), parts(w["U_candidate"], before, share)
        kept += w["b_candidate"] @ share
        Rc = old * Rc
    return Rx, h, kept


def gru_back(w: dict[str, Array], x: Array, last: Array) -> Back:
    h, steps = np.zeros(UNITS), []
    for each in x:
        r, z = (sigmoid(w[f"W_{k}"] @ each + w[f"U_{k}"] @ h + w[f"b_{k}"]) for k in ("reset", "update"))
        inner = w["U_candidate"] @ h + w["d"] if "d" in w else w["U_candidate"] @ (r * h)
        a = w["W_candidate"] @ each + w["b_candidate"] + (r * inner if "d" in w else inner)
        new = z * h + (1 - z) * np.tanh(a)
        steps.append((h, r, inner, a, z * h / new, (1 - z) * np.tanh(a) / new))
        h = new
    R, Rx, kept = last, np.zeros_like(x), 0.0
    for t in reversed(range(len(x))):
        before, r, inner, a, old, fresh = steps[t]
        share = fresh * R / a
        Rx[t] = parts(w["W_candidate"], x[t], share)
        kept += w["b_candidate"] @ share
        if "d" in w:
            inside = r * inner * share / inner
            kept += w["d"] @ inside
            R = old * R + parts(w["U_candidate"], before, inside)
        else:
            R = old * R + parts(w["U_candidate"], r * before, share)
    return Rx, h, kept


def echo_back(module: PooledEchoStateModule, x: Array, number: int) -> tuple[Array, float]:
    """The relevance of every step's input for a class, and what biases have kept."""
    reservoir = module.reservoir
    W, links, b = (each.numpy() for each in (reservoir.input_weight * 0.5, reservoir.matrix(), reservoir.bias))
    out = module.read_out.weight[number].numpy().reshape(2, 5 + FEATURES)
    states, sums = [np.zeros(5)], []
    for each in x:
        sums.append(W @ each + links @ states[-1] + b)
        states.append(0.6 * states[-1] + 0.4 * np.tanh(sums[-1]))
    R, Rx, kept = np.zeros(5), np.zeros_like(x), float(module.read_out.bias[number])
    for t in reversed(range(len(x))):
        read = out[2 * t // len(x)] / (len(x) / 2)  # two segments of equal length
        R = R + read[:5] * states[t + 1]
        Rx[t] = read[5:] * x[t]
        share = R / states[t + 1] * 0.4 * np.tanh(sums[t]) / sums[t]
        Rx[t] += parts(W, x[t], share)
        kept += b @ share
        R = 0.6 * states[t] * R / states[t + 1] + parts(links, states[t], share)
    return Rx, kept


def oracle(kind: str, module: RecurrentClassifierModule, number: int) -> tuple[Array, float, float]:
    """The relevance of the sequence for a class, what biases have kept, and the score."""
    w = {name: each.numpy() for name, each in module.recurrent.layers[0].weights().items()}
    back = {"simple": simple_back, "lstm": lstm_back, "gru": gru_back}[kind.split()[0]]
    x, out = sequence()[0].numpy(), module.read_out.weight[number].numpy()
    _, h, _ = back(w, x, np.zeros(UNITS))
    Rx, _, kept = back(w, x, out * h)
    bias = float(module.read_out.bias[number])
    return Rx, kept + bias, float(out @ h + bias)


@pytest.mark.parametrize("kind", CELLS)
def test_relevance_through_cells_is_that_of_a_loop_of_the_formulas(kind: str) -> None:
    module = recurrent(kind)
    found, scores = at_the_end(module, sequence(), 0.0).numpy(), module(sequence())[0].numpy()
    for number in range(CLASSES):
        wanted, kept, score = oracle(kind, module, number)
        np.testing.assert_allclose(scores[number], score, atol=1e-6)
        np.testing.assert_allclose(found[number], wanted, rtol=1e-6, atol=1e-9)
        # What does not come back is what the biases have kept, to the last digits.
        np.testing.assert_allclose(found[number].sum() + kept, score, atol=1e-6)


def test_relevance_through_a_reservoir_is_that_of_a_loop_of_the_formulas() -> None:
    module = echo()
    found, scores = at_the_end(module, sequence(), 0.0).numpy(), module(sequence())[0].numpy()
    for number in range(CLASSES):
        wanted, kept = echo_back(module, sequence()[0].numpy(), number)
        np.testing.assert_allclose(found[number], wanted, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(found[number].sum() + kept, scores[number], atol=1e-6)


@pytest.mark.parametrize("kind", ["lstm", "gru after", "echo"])
def test_without_biases_all_of_the_score_comes_back_from_any_number_of_steps(kind: str) -> None:
    module: Any = echo(biases=False) if kind == "echo" else recurrent(kind, biases=False, layers=2)
    relevance = through(module)
    for x in (sequence(), sequence()[:, 1:3]):
        scores, last = module(x)[0], [x.shape[1] - 1]
        assert scores.abs().min() > 1e-3
        torch.testing.assert_close(relevance.epsilon(x, last, 0.0)[0].sum((1, 2)), scores, rtol=1e-6, atol=0)
        assert (relevance.epsilon(x, last, 0.1)[0].sum((1, 2)) - scores).abs().min() > 1e-3  # what epsilon takes


# Answers at every step.


@pytest.mark.parametrize("kind", ["simple", "lstm", "gru after"])
def test_what_a_step_answered_comes_from_it_and_those_before_and_all_of_it_comes_back(kind: str) -> None:
    module = recurrent(kind, biases=False, layers=2)
    relevance = through(module, at_once=TIME)
    steps = [0, 2, 3]
    found = relevance.epsilon(sequence(), steps, 0.0)
    assert found.shape == (3, CLASSES, TIME, FEATURES)
    for step, of_step in zip(steps, found, strict=True):
        heard = sequence()[:, : step + 1]
        torch.testing.assert_close(of_step[:, : step + 1], at_the_end(module, heard, 0.0), rtol=1e-6, atol=1e-9)
        torch.testing.assert_close(of_step.sum((1, 2)), module(heard)[0], rtol=1e-6, atol=0)
        assert not of_step[:, step + 1 :].any()
    assert found[2][:, 3].abs().min() > 0  # the last step has a part in its own answer alone
    assert (found[2][:, :1] - found[0][:, :1]).abs().min() > 1e-3


def test_alpha_beta_is_left_out_because_its_maps_outgrow_the_score(monkeypatch: pytest.MonkeyPatch) -> None:
    module = recurrent("lstm")
    x = torch.randn(1, 32, FEATURES, dtype=torch.float64, generator=torch.Generator().manual_seed(3))

    def size() -> float:
        return float((at_the_end(module, x, 0.001).abs().sum((1, 2)) / module(x)[0].abs()).max())

    by_epsilon = size()
    monkeypatch.setattr(relevance_time, "by_epsilon", lambda step, epsilon: relevance_rules.by_signs(step, 2.0))
    assert by_epsilon < 100
    assert size() > 1e4


def test_a_gate_that_is_given_relevance_too_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(step: relevance_rules.Operation, kind: str, rule: relevance_rules.Rule) -> list[Tensor | None]:
        return [step.relevance] * 2 if kind == "gated" else ours(step, kind, rule)

    ours = relevance_rules.Operation.handed
    monkeypatch.setattr(relevance_rules.Operation, "handed", both)
    module = recurrent("lstm", biases=False)
    assert (at_the_end(module, sequence(), 0.0).sum((1, 2)) - module(sequence())[0]).abs().min() > 0.01


# Gaussian units.


def bumps(*, width: float = 1.3) -> RadialBasisModule:
    module: RadialBasisModule = drawn(RadialBasisModule(3, 4, CLASSES))
    module.width.fill_(width)
    module.scale.mean.copy_(torch.tensor([0.5, -0.2, 0.1]))
    module.scale.scale.copy_(torch.tensor([1.0, 2.0, 0.5]))
    return module


ROW = torch.tensor([[0.9, -1.0, 0.4]], dtype=torch.float64)
BASE = torch.tensor([[0.1, 0.3, 0.2]], dtype=torch.float64)


@pytest.mark.parametrize("width", [1.3, 0.05])  # also where a bound keeps exponents from denormal numbers
def test_gaussian_units_hand_on_what_the_row_has_over_the_baseline(width: float) -> None:
    module = bumps(width=width)
    relevance = Relevance(module, BASE)
    assert relevance.bumps
    passed = relevance.epsilon(ROW, torch.tensor([[0.0, 1.0]]), 0.0)
    torch.testing.assert_close(passed.relevance.sum(), (module(ROW) - module(BASE))[0, 1], rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(passed.layers[-1], passed.relevance.sum())


def test_each_column_gets_the_share_by_which_it_comes_nearer_to_the_centre() -> None:
    module = bumps()
    z, base = (module.scale(each)[0].numpy() for each in (ROW, BASE))
    centers, weights, wanted = module.centers.numpy(), module.read_out.weight[0].numpy(), np.zeros(3)
    for c, weight in zip(centers, weights, strict=True):
        nearer = ((base - c) ** 2 - (z - c) ** 2) / (2 * 1.3**2)
        grown = np.exp(-((z - c) ** 2).sum() / (2 * 1.3**2)) - np.exp(-((base - c) ** 2).sum() / (2 * 1.3**2))
        wanted += weight * grown * nearer / nearer.sum()
    passed = Relevance(module, BASE).epsilon(ROW, torch.tensor([[1.0, 0.0]]), 0.0)
    np.testing.assert_allclose(passed.relevance[0].numpy(), wanted, rtol=1e-6)


def test_the_row_that_says_nothing_gets_nothing_and_no_number_is_lost() -> None:
    relevance = Relevance(bumps(), BASE)
    assert not relevance.epsilon(BASE, torch.tensor([[1.0, 0.0]]), 0.1).relevance.any()
    near = relevance.epsilon(BASE + 1e-9, torch.tensor([[1.0, 0.0]]), 0.1).relevance
    assert near.isfinite().all()


def test_an_exponential_of_another_kind_has_no_rule() -> None:
    class Cubed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (-(x.square() * x.square())).exp() @ torch.ones(3, 2)

    class Bent(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (-x.relu()).exp() @ torch.ones(3, 2)

    for module in (Cubed(), Bent()):
        with pytest.raises(UnknownLayer, match="no rule for"):
            Relevance(module.eval(), torch.zeros(1, 3))
