"""What all recurrent networks share: layers of cells, one above the other, and how they start and learn."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import dropout, linear

from neurarium.core.estimator import IterativeEstimator
from neurarium.core.parameters import Bound, above, at_least
from neurarium.networks._recurrent_cells import RecurrentCell, See, State, Values, Weights, unchanged
from neurarium.rules.schedules import Cycle

Start = Literal["orthogonal", "identity"]

SCHEDULE = Cycle(rise=0.1)
"""What all recurrent networks multiply their learning rate by."""


class RecurrentLayer(nn.Module):
    """Cells side by side, all of which see the input and the outputs of all of them a step ago.

    Args:
        cell: Their kind.
        n_in: Numbers that come in at a step.
        n_units: Cells.

    Attributes:
        W: (blocks * units, in) weights of the input, gate after gate as `cell.blocks` has them.
        U: (blocks * units, units) weights of the layer's last output.
        b: (blocks * units,) biases.
        p: (gates, units) peepholes, or None.
        d: (units,) bias inside the reset of a GRU, or None.
    """

    p: nn.Parameter | None
    d: nn.Parameter | None

    def __init__(self, cell: RecurrentCell, n_in: int, n_units: int) -> None:
        super().__init__()
        self.cell, self.n_units = cell, n_units
        rows = len(cell.blocks) * n_units
        self.W = nn.Parameter(torch.zeros(rows, n_in))
        self.U = nn.Parameter(torch.zeros(rows, n_units))
        self.b = nn.Parameter(torch.zeros(rows))
        peepholes = len(cell.peepholes)
        self.p = nn.Parameter(torch.zeros(peepholes, n_units)) if peepholes else None
        self.d = nn.Parameter(torch.zeros(n_units)) if cell.has_inner_bias else None

    def start(self, start: Start = "orthogonal") -> None:
        """Draw the weights: Glorot's for W, turns without stretch for U; biases 0, those of forget gates 1.

        Args:
            start: "orthogonal", or "identity" for U = 1 and W of standard deviation .001 (Le, Jaitly and Hinton 2015).
        """
        with torch.no_grad():
            for W, U in zip(self.W.split(self.n_units), self.U.split(self.n_units), strict=True):
                if start == "identity":
                    W.normal_(0, 0.001)
                    U.copy_(torch.eye(self.n_units))
                else:
                    nn.init.xavier_uniform_(W)
                    nn.init.orthogonal_(U)
            self.b.zero_()
            if "forget" in self.cell.blocks:
                self.weights()["b_forget"].fill_(1)

    def weights(self) -> dict[str, Tensor]:
        """Each gate's weights by the paper's names: "W_input", "U_input", "b_input" ..., "p_input" ..., "d"."""
        named = {}
        for letter, stacked in (("W", self.W), ("U", self.U), ("b", self.b)):
            for block, part in zip(self.cell.blocks, stacked.split(self.n_units), strict=True):
                named[f"{letter}_{block}"] = part
        if self.p is not None:
            named |= {f"p_{gate}": part for gate, part in zip(self.cell.peepholes, self.p, strict=True)}
        return named if self.d is None else {**named, "d": self.d}

    def turn(self, x: Float[Tensor, "batch features"], state: State, see: See = unchanged) -> Values:
        """One step: every part of the cells, by name; `see` as in `RecurrentCell.turn`."""
        return self.cell.turn(linear(x, self.W, self.b), state, self._weights(), see)

    def run(self, x: Float[Tensor, "batch time features"], state: State, *, whole: bool = True) -> Values:
        """All steps: every part of the cells by name, each (batch, time, units).

        Args:
            x: What comes in.
            state: Before the first step.
            whole: Whether gates and cells are wanted at every step; else the outputs, and the cells after the last
                step, (batch, 1, units), are enough, which some machines compute faster.
        """
        x = x.transpose(0, 1)
        values = None if whole else self.cell.fused(x, state, self._weights())
        values = values or self.cell.run(x, state, self._weights())
        return {name: part.transpose(0, 1) for name, part in values.items()}

    def _weights(self) -> Weights:
        return Weights(self.W, self.U, self.b, self.p, self.d)


class RecurrentModule(nn.Module):
    """Recurrent layers, each of which sees the outputs of the one below.

    Args:
        cell: Kind of cell.
        n_in: Numbers that come in at a step.
        n_units: Cells of each layer.
        n_layers: Layers.
        dropout: Share of each layer's outputs that is dropped on the way up while learning; what is carried in time is
            whole (Zaremba, Sutskever and Vinyals 2014).
    """

    def __init__(self, cell: RecurrentCell, n_in: int, n_units: int, n_layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.cell, self.n_units, self.dropout = cell, n_units, dropout
        sizes = [n_in, *[n_units] * (n_layers - 1)]
        self.layers: Any = nn.ModuleList(RecurrentLayer(cell, size, n_units) for size in sizes)

    def start(self, start: Start = "orthogonal") -> None:
        """Draw the weights; see `RecurrentLayer.start`."""
        for layer in self.layers:
            layer.start(start)

    def initial(self, n_rows: int, like: Tensor) -> State:
        """The state before the first step, all zero: (layers, rows, units) for each of `cell.states`."""
        return tuple(like.new_zeros(len(self.layers), n_rows, self.n_units) for _ in self.cell.states)

    def run(
        self,
        inputs: Float[Tensor, "batch time features"],
        state: State | None = None,
        lengths: Int[Tensor, "batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch time units"], State]:
        """All steps.

        Args:
            inputs: What comes in.
            state: Before the first step; None for `initial`.
            lengths: Steps of each row; None for all.

        Returns:
            The outputs of the last layer at every step, and the state after each row's own last step.
        """
        # Without lengths every row ends at the last step.
        outputs, layers = self.look(inputs, state, whole=lengths is not None)
        if lengths is None:
            last = [[layer[name][:, -1] for layer in layers] for name in self.cell.states]
        else:
            rows = torch.arange(len(inputs), device=inputs.device)
            last = [[layer[name][rows, lengths - 1] for layer in layers] for name in self.cell.states]
        return outputs, tuple(map(torch.stack, last))

    def step(self, x: Float[Tensor, "batch features"], state: State) -> tuple[Float[Tensor, "batch units"], State]:
        """One step: the outputs of the last layer and the state after it."""
        after: list[list[Tensor]] = [[] for _ in state]
        for number, layer in enumerate(self.layers):
            values = layer.turn(x, tuple(part[number] for part in state))
            for parts, name in zip(after, self.cell.states, strict=True):
                parts.append(values[name])
            x = self._drop(values["hidden"])
        return x, tuple(map(torch.stack, after))

    def look(
        self, inputs: Float[Tensor, "batch time features"], state: State | None = None, *, whole: bool = True
    ) -> tuple[Float[Tensor, "batch time units"], list[Values]]:
        """All steps: the outputs of the last layer, and the parts of the cells of each; see `RecurrentLayer.run`."""
        state = state or self.initial(len(inputs), inputs)
        layers: list[Values] = []
        for number, layer in enumerate(self.layers):
            layers.append(layer.run(inputs, tuple(part[number] for part in state), whole=whole))
            inputs = self._drop(layers[-1]["hidden"])
        return inputs, layers

    def gates(self, inputs: Float[Tensor, "batch time features"], state: State | None = None) -> Values:
        """Every part of the cells at every step, (batch, time, units) by name; see `named`."""
        with torch.no_grad():
            return self.named(self.look(inputs, state)[1])

    def named(self, layers: list[Values]) -> Values:
        """The parts of the cells of all layers: "input" is of the first one, "input_2" of the second."""
        parts = [layer[name] for layer in layers for name in self.cell.seen]
        return dict(zip(self.seen_names(), parts, strict=True))

    def seen_names(self) -> list[str]:
        """The names under which the parts of the cells are seen, layer after layer."""
        suffixes = ["" if number == 0 else f"_{number + 1}" for number in range(len(self.layers))]
        return [name + suffix for suffix in suffixes for name in self.cell.seen]

    def _drop(self, outputs: Tensor) -> Tensor:
        return dropout(outputs, self.dropout) if self.training and self.dropout else outputs


@dataclass(eq=False, repr=False, kw_only=True)
class RecurrentBase(IterativeEstimator):
    """What all recurrent networks share.

    Args:
        n_units: Cells of each layer.
        n_layers: Layers.
        dropout: Share of each layer's outputs that is dropped while learning, below 1.
        learning_rate: Largest step of Adam.
    """

    n_units: Annotated[int, at_least(1)] = 64
    n_layers: Annotated[int, at_least(1)] = 1
    dropout: Annotated[float, Bound(0, 1, highest_open=True)] = 0.0
    learning_rate: Annotated[float, above(0)] = 1e-2
    epochs: Annotated[int, at_least(1)] = 30
    batch_size: Annotated[int, at_least(1)] = 32

    _mean_weight_one: ClassVar[bool] = True

    @abstractmethod
    def _cell(self) -> RecurrentCell:
        """The kind of cell."""

    def _start_of_links(self) -> Start:
        """How the weights U start."""
        return "orthogonal"

    def _recurrent(self, n_in: int) -> RecurrentModule:
        """The layers, with all of their weights allocated."""
        return RecurrentModule(self._cell(), n_in, int(self.n_units), int(self.n_layers), float(self.dropout))

    def _work(self, module: Any, rows: int) -> float:
        return super()._work(module, rows * self.shape_in_[0])
