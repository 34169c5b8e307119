"""Truncated back-propagation through time: a long sequence is learnt window by window, and its state is carried on.

With h(t) = f(x(t), h(t-1); w) and windows of k steps, the state with which a window begins is the one that the window
before it ended with, taken as a constant:

    ∂E/∂w ≈ Σ over windows of ∂E(window)/∂w with ∂h(start)/∂w = 0.

So an answer may hang on all that has been; what is learnt about why reaches back a window at most.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics
from neurarium.rules.gradient import Gradient, Loss, weighted_mean
from neurarium.rules.optimisers import Optimiser
from neurarium.rules.schedules import Schedule

State = tuple[Tensor, ...]
"""What is carried from step to step, each (layers, sequences, units)."""


class Carrying(Protocol):
    """A module that goes through time from any state."""

    def initial(self, n_rows: int, like: Tensor) -> State:
        """The state before the first step."""

    def run(self, inputs: Tensor, state: State) -> tuple[Any, State]:
        """The answers to (sequences, time, ...) inputs, and the state after them."""


class TruncatedGradient(Gradient):
    """Learn from sequences that lie side by side, a window of all of them at a step.

    A row of a batch is a window: inputs (windows, sequences, time, ...), targets likewise, and weights (windows,
    sequences, time), 0 where a sequence has ended. Windows follow one another in time, so batches hold one row each and
    are not shuffled. A pass begins with all states at zero: every sequence starts anew.

    Args:
        module: What learns, a `Carrying` one.
        loss: What an answer costs, (sequences, time) numbers.
        optimiser, schedule, clip, wait, tolerance: As in `Gradient`.

    Source: "An efficient gradient-based algorithm for on-line training of recurrent network trajectories" (Williams and
    Peng, 1990), https://doi.org/10.1162/neco.1990.2.4.490: its BPTT(h; h') with h = h'.
    """

    def __init__(
        self,
        module: nn.Module,
        loss: Loss,
        optimiser: Optimiser,
        *,
        schedule: Schedule | None = None,
        clip: float | None = None,
        wait: int | None = None,
        tolerance: float = 0.0,
    ) -> None:
        super().__init__(module, loss, optimiser, schedule=schedule, clip=clip, wait=wait, tolerance=tolerance)
        self._state: State | None = None

    def step(self, batch: Batch) -> Metrics:
        """One step down the slope at the next window."""
        (window,) = windows(batch)
        return super().step(window)

    def _answer(self, batch: Batch) -> Any:
        carrying: Any = self.module
        state = self._at_rest(batch) if self._state is None else self._state
        answers, state = carrying.run(batch.inputs, state)
        self._state = tuple(part.detach() for part in state)
        return answers

    def _at_rest(self, batch: Batch) -> State:
        carrying: Any = self.module
        return carrying.initial(batch.n_rows, self.optimiser.parameters[0])

    def end_pass(self) -> bool:
        """Go back to where the sequences begin, and rest when the loss of a pass has not fallen for a while."""
        self._state = None if self._state is None else self._anew(self._state)
        return super().end_pass()

    def _anew(self, state: State) -> State | None:
        """The states in which the next pass begins, after this one has ended in those; None for zero."""
        return None

    @torch.no_grad()
    def evaluate(self, batch: Batch) -> Tensor:
        """The mean loss over sequences that are not learnt from, from their beginning to their end."""
        carrying: Any = self.module
        learning = self.module.training
        self.module.eval()
        state: State | None = None
        costs = []
        for window in windows(batch):
            answers, state = carrying.run(window.inputs, self._at_rest(window) if state is None else state)
            costs.append(weighted_mean(self.loss(answers, window), window.weights))
        self.module.train(learning)
        return torch.stack(costs).mean()

    def state_dict(self) -> dict[str, Any]:
        """What `Gradient` remembers, and the states that are carried."""
        return {**super().state_dict(), "state": self._state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        super().load_state_dict(state)
        device = self.optimiser.parameters[0].device
        self._state = None if state["state"] is None else tuple(part.to(device) for part in state["state"])


class JoinedGradient(TruncatedGradient):
    """The same for one sequence cut in pieces that lie side by side.

    Each piece goes on where its neighbour ends, so a pass begins with the states in which the neighbours were left by
    the pass before, and only the first piece at zero. They are older than what is carried from window to window, and
    better than none.
    """

    def _anew(self, state: State) -> State | None:
        # Rolled, the last piece's end comes to the first piece, which nothing precedes.
        moved = tuple(part.roll(1, dims=1) for part in state)
        for part in moved:
            part[:, 0] = 0
        return moved


def windows(batch: Batch) -> Iterator[Batch]:
    """The rows of a batch of windows, one by one: (sequences, time, ...) each."""
    for number in range(batch.n_rows):
        targets, weights = (None if part is None else part[number] for part in (batch.targets, batch.weights))
        yield Batch(batch.inputs[number], targets, weights)


def side_by_side(inputs: Tensor, targets: Tensor, n_pieces: int, length: int, *, washout: int = 0) -> Batch:
    """One long sequence as windows of pieces of it that lie side by side.

    Args:
        inputs: (time, ...) what comes in.
        targets: (time, ...) what should come out.
        n_pieces: Pieces, at most.
        length: Steps of a window, at most; windows are made equal.
        washout: First steps that are only heard: they weigh nothing.

    Returns:
        inputs (windows, pieces, length, ...), targets likewise, and weights (windows, pieces, length) of mean 1, 0
        where the sequence has ended or does not count yet.
    """
    time = len(inputs)
    n_pieces = min(n_pieces, time)
    a_piece = -(-time // n_pieces)
    n_windows = -(-a_piece // length)
    length = -(-a_piece // n_windows)
    n_pieces = -(-time // (n_windows * length))  # rounding up may have left the last ones empty
    whole = n_pieces * n_windows * length

    def cut(values: Tensor) -> Tensor:
        padded = pad(values, (0, 0) * (values.dim() - 1) + (0, whole - time))
        return padded.unflatten(0, (n_pieces, n_windows, length)).transpose(0, 1).contiguous()

    weights = torch.full((time,), whole / (time - washout), device=inputs.device)
    weights[:washout] = 0
    return Batch(cut(inputs), cut(targets), cut(weights))
