"""The cells of recurrent networks: what one of them makes of an input and of the state it was in.

A layer of cells holds, for each of its gates and for its candidate, the weights W of what comes in, the weights U of
the layer's own last output and a bias b. With σ the logistic function and ⊙ the product element by element,

    simple (Elman 1990)     h(t) = f(W x(t) + U h(t-1) + b)

    LSTM (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000; peepholes p: Gers,
    Schraudolph and Schmidhuber 2002)
                            i = σ(W_i x(t) + U_i h(t-1) [+ p_i ⊙ c(t-1)] + b_i)
                            f = σ(W_f x(t) + U_f h(t-1) [+ p_f ⊙ c(t-1)] + b_f), in 1997 f = 1
                            c̃ = tanh(W_c x(t) + U_c h(t-1) + b_c)
                            c(t) = f ⊙ c(t-1) + i ⊙ c̃
                            o = σ(W_o x(t) + U_o h(t-1) [+ p_o ⊙ c(t)] + b_o)
                            h(t) = o ⊙ tanh(c(t))

    GRU (Cho and others 2014)
                            r = σ(W_r x(t) + U_r h(t-1) + b_r)
                            z = σ(W_z x(t) + U_z h(t-1) + b_z)
                            h̃ = tanh(W_h x(t) + U_h (r ⊙ h(t-1)) + b_h), reset before the product, or
                            h̃ = tanh(W_h x(t) + r ⊙ (U_h h(t-1) + d) + b_h), reset after it, as cuDNN has it
                            h(t) = z ⊙ h(t-1) + (1 - z) ⊙ h̃
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear

from neurarium.networks._through_time import GRUBeforeRun, GRURun, LSTMRun, SimpleRun

State = tuple[Tensor, ...]
"""What is carried from step to step: the outputs h, and the cells c where there are any."""

Values = dict[str, Tensor]
"""What each part of a cell is at a step, by its name."""

See = Callable[[str, Tensor], Tensor]
"""Is told a part of a cell and its value, and gives the value that the cell goes on with."""

_OPEN = 100.0  # net input of a forget gate that is held open: its logistic function is 1 to the last bit
_PLAIN = (True, 1, 0.0, True, False, False)  # biases, layers, dropout, learning, both ways, batch first


class Weights(NamedTuple):
    """What a layer holds: block after block of rows, one for each gate.

    Attributes:
        W: (blocks * units, in) of the input.
        U: (blocks * units, units) of the layer's last output.
        b: (blocks * units,) biases.
        p: (gates, units) peepholes, or None.
        d: (units,) the bias inside the reset of a GRU, or None.
    """

    W: Tensor
    U: Tensor
    b: Tensor
    p: Tensor | None
    d: Tensor | None


def unchanged(name: str, value: Tensor) -> Tensor:
    """The value."""
    return value


@dataclass(frozen=True)
class RecurrentCell(ABC):
    """A kind of cell.

    Attributes:
        blocks: The gates and the candidate, in the order in which their weights lie.
        states: What is carried from step to step, the output first.
        seen: The parts that can be looked at.
        peepholes: Gates that see the cells.
    """

    blocks: ClassVar[tuple[str, ...]]
    states: ClassVar[tuple[str, ...]] = ("hidden",)
    seen: ClassVar[tuple[str, ...]]

    @property
    def peepholes(self) -> tuple[str, ...]:
        """Gates that see the cells."""
        return ()

    @property
    def has_inner_bias(self) -> bool:
        """Whether a bias d is added to the product with U before the reset."""
        return False

    @abstractmethod
    def turn(self, driven: Tensor, state: State, weights: Weights, see: See = unchanged) -> Values:
        """One step.

        Args:
            driven: (batch, blocks * units) W x(t) + b.
            state: (batch, units) each.
            weights: Of the layer.
            see: Passed by every part as soon as it is known: to hold one fast, and see what the others make of it.
        """

    @abstractmethod
    def run(self, x: Tensor, state: State, weights: Weights) -> Values:
        """All steps, time first: what `turn` says, by its name."""

    def fused(self, x: Tensor, state: State, weights: Weights) -> Values | None:
        """All h and the last c, (1, batch, units), by torch's own kernel, where there is one that is faster than `run`.

        It does not tell what the gates and the cells were on the way.
        """
        return None

    def _parts(self, stacked: Tensor, n_units: int) -> Values:
        """The gates, from their blocks."""
        return dict(zip(self.blocks, stacked.split(n_units, -1), strict=True))


@dataclass(frozen=True)
class SimpleCell(RecurrentCell):
    """Elman's: the last output is one more input.

    Attributes:
        activation: f: "tanh" or "relu".
    """

    activation: Literal["tanh", "relu"] = "tanh"
    blocks: ClassVar[tuple[str, ...]] = ("hidden",)
    seen: ClassVar[tuple[str, ...]] = ("hidden",)

    def turn(self, driven: Tensor, state: State, weights: Weights, see: See = unchanged) -> Values:
        """h(t)."""
        a = driven + linear(state[0], weights.U)
        return {"hidden": see("hidden", a.tanh() if self.activation == "tanh" else a.relu())}

    def run(self, x: Tensor, state: State, weights: Weights) -> Values:
        """All h."""
        return {"hidden": SimpleRun.apply(x, *state, weights.W, weights.U, weights.b, self.activation == "relu")}

    def fused(self, x: Tensor, state: State, weights: Weights) -> Values | None:
        """cuDNN's."""
        if not x.is_cuda:
            return None
        kernel = torch.rnn_tanh if self.activation == "tanh" else torch.rnn_relu
        flat = [weights.W, weights.U, weights.b, torch.zeros_like(weights.b)]
        return {"hidden": kernel(x, state[0][None], flat, *_PLAIN)[0]}


@dataclass(frozen=True)
class LSTMCell(RecurrentCell):
    """Long short-term memory: a cell that holds on to its value, and gates that write, keep and read it.

    Attributes:
        variant: "forget" (with forget gates), "1997" (without) or "peephole" (with forget gates, and all gates see the
            cells).
    """

    variant: Literal["forget", "1997", "peephole"] = "forget"
    states: ClassVar[tuple[str, ...]] = ("hidden", "cell")

    @property
    def blocks(self) -> tuple[str, ...]:  # type: ignore[override]
        """Without the forget gate in 1997."""
        return ("output", "input", *(() if self.variant == "1997" else ("forget",)), "candidate")

    @property
    def seen(self) -> tuple[str, ...]:  # type: ignore[override]
        """In the order in which they are computed."""
        gates = ("input",) if self.variant == "1997" else ("input", "forget")
        return (*gates, "candidate", "cell", "output", "hidden")

    @property
    def peepholes(self) -> tuple[str, ...]:
        """All three gates, or none."""
        return ("input", "forget", "output") if self.variant == "peephole" else ()

    def turn(self, driven: Tensor, state: State, weights: Weights, see: See = unchanged) -> Values:
        """i, f, c̃, c(t), o and h(t)."""
        h, c = state
        a = dict(zip(self.blocks, (driven + linear(h, weights.U)).chunk(len(self.blocks), -1), strict=True))
        p = dict(zip(self.peepholes, () if weights.p is None else weights.p, strict=True))
        values: Values = {}
        for gate in ("input", "forget"):
            if gate in a:
                values[gate] = see(gate, torch.sigmoid(a[gate] + p[gate] * c if p else a[gate]))
        values["candidate"] = see("candidate", torch.tanh(a["candidate"]))
        written = values["input"] * values["candidate"]
        values["cell"] = see("cell", written + (values["forget"] * c if "forget" in a else c))
        told = a["output"] + p["output"] * values["cell"] if p else a["output"]
        values["output"] = see("output", torch.sigmoid(told))
        values["hidden"] = see("hidden", values["output"] * torch.tanh(values["cell"]))
        return values

    def run(self, x: Tensor, state: State, weights: Weights) -> Values:
        """All of it."""
        h, c, gates = LSTMRun.apply(x, *state, weights.W, weights.U, weights.b, weights.p)
        return {**self._parts(gates, h.shape[-1]), "cell": c, "hidden": h}

    def fused(self, x: Tensor, state: State, weights: Weights) -> Values | None:
        """oneDNN's for float32, or cuDNN's: both know the gates in another order, and always the forget gate."""
        if self.peepholes or not (x.is_cuda or x.dtype == torch.float32):
            return None
        n = state[0].shape[-1]
        flat = [self._reordered(part, n) for part in (weights.W, weights.U)]
        bias = self._reordered(weights.b, n, open_gate=_OPEN)
        h, _, c = torch.lstm(x, [part[None] for part in state], [*flat, bias, torch.zeros_like(bias)], *_PLAIN)
        return {"hidden": h, "cell": c}

    def _reordered(self, stacked: Tensor, n_units: int, open_gate: float = 0.0) -> Tensor:
        """i, f, c̃, o, as torch has them."""
        parts = self._parts_of_rows(stacked, n_units)
        forget = parts.get("forget", torch.full_like(parts["input"], open_gate))
        return torch.cat([parts["input"], forget, parts["candidate"], parts["output"]])

    def _parts_of_rows(self, stacked: Tensor, n_units: int) -> Values:
        return dict(zip(self.blocks, stacked.split(n_units), strict=True))


@dataclass(frozen=True)
class GRUCell(RecurrentCell):
    """Gated recurrent unit: one gate forgets the state for the candidate, the other mixes the two.

    Attributes:
        reset: Whether the reset gate works "before" the product with U (Cho and others 2014) or "after" it (cuDNN).
    """

    reset: Literal["after", "before"] = "after"
    blocks: ClassVar[tuple[str, ...]] = ("reset", "update", "candidate")
    seen: ClassVar[tuple[str, ...]] = ("reset", "update", "candidate", "hidden")

    @property
    def has_inner_bias(self) -> bool:
        """With the reset after the product."""
        return self.reset == "after"

    def turn(self, driven: Tensor, state: State, weights: Weights, see: See = unchanged) -> Values:
        """r, z, h̃ and h(t)."""
        (h,), n = state, state[0].shape[-1]
        after = self.reset == "after"
        a = linear(h, weights.U if after else weights.U[: 2 * n])
        r, z = torch.sigmoid(driven[..., : 2 * n] + a[..., : 2 * n]).chunk(2, -1)
        r, z = see("reset", r), see("update", z)
        if after:
            heard = r * (a[..., 2 * n :] if weights.d is None else a[..., 2 * n :] + weights.d)
        else:
            heard = linear(r * h, weights.U[2 * n :])
        candidate = see("candidate", torch.tanh(driven[..., 2 * n :] + heard))
        hidden = see("hidden", z * h + (1 - z) * candidate)
        return {"reset": r, "update": z, "candidate": candidate, "hidden": hidden}

    def run(self, x: Tensor, state: State, weights: Weights) -> Values:
        """All of it."""
        given = (x, *state, weights.W, weights.U, weights.b)
        h, gates = GRUBeforeRun.apply(*given) if weights.d is None else GRURun.apply(*given, weights.d)
        return {**self._parts(gates, h.shape[-1]), "hidden": h}

    def fused(self, x: Tensor, state: State, weights: Weights) -> Values | None:
        """cuDNN's, which knows the reset after the product."""
        if weights.d is None or not x.is_cuda:
            return None
        n = state[0].shape[-1]
        inner = torch.cat([weights.b.new_zeros(2 * n), weights.d])
        return {"hidden": torch.gru(x, state[0][None], [weights.W, weights.U, weights.b, inner], *_PLAIN)[0]}
