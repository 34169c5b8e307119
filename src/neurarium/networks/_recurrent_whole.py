"""Recurrent networks from the first step to the last as one module that runs straight through, for what is printed."""

from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from neurarium.networks._recurrent import RecurrentModule
from neurarium.networks._recurrent_cells import State
from neurarium.program.loop import Loop


class HiddenTurnModule(nn.Module):
    """One step of layers that carry their outputs alone: h(t) and y(t) from h(t-1) and x(t).

    Args:
        recurrent: The layers.
        scaling: From the caller's units to those of the layers.
    """

    def __init__(self, recurrent: RecurrentModule, scaling: nn.Module) -> None:
        super().__init__()
        self.recurrent, self.scaling = recurrent, scaling

    def forward(
        self, hidden: Float[Tensor, "layers batch units"], inputs: Float[Tensor, "batch features"]
    ) -> tuple[Tensor, ...]:
        """The state at t, and the outputs of the last layer."""
        return self._turned((hidden,), inputs)

    def _turned(self, state: State, inputs: Tensor) -> tuple[Tensor, ...]:
        y, after = self.recurrent.step(self.scaling(inputs), state)
        return (*after, y)


class CellTurnModule(HiddenTurnModule):
    """The same of layers that carry cells as well."""

    def forward(  # type: ignore[override]
        self,
        hidden: Float[Tensor, "layers batch units"],
        cell: Float[Tensor, "layers batch units"],
        inputs: Float[Tensor, "batch features"],
    ) -> tuple[Tensor, ...]:
        """The states at t, and the outputs of the last layer."""
        return self._turned((hidden, cell), inputs)


class WholeModule(nn.Module):
    """Hears sequences of one length from the first step to the last, and answers as the network does.

    Args:
        module: The network, a `RecurrentAnswerModule`.
        time: Steps of a sequence.
    """

    def __init__(self, module: Any, time: int) -> None:
        super().__init__()
        states = len(module.recurrent.cell.states)
        turn = (HiddenTurnModule, CellTurnModule)[states - 1](module.recurrent, module.scaling)
        self.turns = Loop(turn, states=states, sequences=1, turns=time)
        self.recurrent, self.read_out = module.recurrent, module.read_out
        self.units, self.answers_at = getattr(module, "units", None), module.answers_at

    def forward(self, inputs: Float[Tensor, "batch time features"]) -> Float[Tensor, "batch ..."]:
        """The answers, from the last outputs or at every step."""
        *states, outputs = self.turns(*self.before(inputs))
        return self.after(*states) if self.answers_at == "last" else self._say(outputs.transpose(0, 1))

    def before(self, inputs: Float[Tensor, "batch time features"]) -> tuple[Tensor, ...]:
        """What the loop is given: the states before the first step, and all steps."""
        return (*self.recurrent.initial(len(inputs), inputs), inputs.transpose(0, 1))

    def after(self, hidden: Float[Tensor, "layers batch units"], *more: Tensor) -> Float[Tensor, "batch k"]:
        """The answers from the states after the last step."""
        return self._say(hidden[-1])

    def _say(self, h: Tensor) -> Tensor:
        y = self.read_out(h)
        return y if self.units is None else self.units.inverse(y)
