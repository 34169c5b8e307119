"""Recurrent networks that learn one long sequence by truncated back-propagation: how it is cut, what is held out."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from torch import Tensor, nn

from neurarium.core.batches import Batch, Batches
from neurarium.core.learning import Learning, Patience
from neurarium.core.parameters import at_least
from neurarium.networks._recurrent import SCHEDULE, RecurrentBase
from neurarium.rules.gradient import Loss
from neurarium.rules.optimisers import Adam
from neurarium.rules.truncated import JoinedGradient, side_by_side

_AT_ONCE = 2000  # steps that are judged at once, beyond which their answers would fill the memory


@dataclass(eq=False, repr=False, kw_only=True)
class WindowsBase(RecurrentBase):
    """What all recurrent networks share that learn one long sequence, cut in pieces that lie side by side.

    Args:
        window: Steps that the slope of the loss goes back through.
        batch_size: Pieces at most.
    """

    window: Annotated[int, at_least(1)] = 50

    _windows: ClassVar[int]
    """Windows of a piece at least: a sequence too short for that is cut in fewer pieces."""
    _pieces: ClassVar[int]
    """Pieces of a sequence that is too short even for one such piece."""

    @abstractmethod
    def _pairs(self, data: Batch) -> tuple[Tensor, Tensor]:
        """What comes in at each step and what should come out, (steps, ...) each."""

    @abstractmethod
    def _loss(self, module: Any) -> Loss:
        """What the answers to a window cost, (pieces, time)."""

    def _hold_out(self, data: Batch) -> tuple[Batch, Patience | None]:
        """The end of the sequence is held out, and judged after a window that is only heard."""
        inputs, targets = self._pairs(data)
        n, window, patience = len(inputs), int(self.window), None
        if self.early_stopping:
            n = min(max(1, round(n * (1 - self.validation_fraction))), n - 1)
            heard = min(n, window)
            judged = side_by_side(inputs[n - heard :], targets[n - heard :], 1, _AT_ONCE, washout=heard)
            patience = Patience(judged, int(self.n_iter_no_change), float(self.tol))
        self._n_learnt = n
        pieces = min(int(self.batch_size), n // (self._windows * window) or self._pieces)
        return side_by_side(inputs[:n], targets[:n], pieces, window), patience

    def _batch_size(self, n_rows: int) -> int:
        return 1  # a window of all pieces

    def _work(self, module: Any, rows: int) -> float:
        return 6.0 * self.batch_size * self.window * sum(part.numel() for part in module.parameters())

    def _begin(self, data: Batch) -> Learning:
        learning = super()._begin(data)
        learning.batches = Batches(learning.batches.data, 1, shuffle=False)
        return learning

    def _start(self, module: Any, data: Batch) -> None:
        module.recurrent.start(self._start_of_links())

    def _rule(self, module: nn.Module) -> JoinedGradient:
        optimiser = Adam(module, float(self.learning_rate))
        return JoinedGradient(module, self._loss(module), optimiser, schedule=SCHEDULE, clip=1.0)
