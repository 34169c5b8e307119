"""Batches: rows chosen from tensors that already lie where they are computed on."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor


class Batch(NamedTuple):
    """Rows to learn from.

    Attributes:
        inputs: (n, ...) what the network sees.
        targets: (n, ...) what it should answer, None where nothing is asked; classes are numbered from 0.
        weights: (n,) how much each row counts, or None for all alike.
        lengths: (n,) steps of each sequence before its padding, or None where no row is padded.
    """

    inputs: Tensor
    targets: Tensor | None = None
    weights: Tensor | None = None
    lengths: Tensor | None = None

    def select(self, rows: Tensor) -> "Batch":
        """The rows of these numbers."""
        return self._each(lambda part: part.index_select(0, rows))

    def trimmed(self, time: int) -> "Batch":
        """The first steps alone, of the inputs and of targets at every step (those of as many axes as the inputs)."""
        every = self.targets is not None and self.targets.dim() == self.inputs.dim()
        targets = self.targets[:, :time] if every and self.targets is not None else self.targets
        return self._replace(inputs=self.inputs[:, :time], targets=targets)

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.inputs)

    def to(self, device: torch.device) -> "Batch":
        """The same rows on another device."""
        return self._each(lambda part: part.to(device))

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        targets, weights, lengths = (None if part is None else change(part) for part in self[1:])
        return Batch(change(self.inputs), targets, weights, lengths)


_NEARLY = 0.1  # lengths that differ by such a share may meet in a batch


class Batches:
    """A pass over the rows at each iteration, in a new random order, `size` rows at a time.

    Sequences of different lengths come in batches of nearly one length, cut to the longest of them, so that hardly any
    step is computed that is padding; the batches come in a random order, rows too few for a whole one last.

    Iteration goes on where the last one was left: that is how an interrupted fit resumes in the middle of a pass.

    Args:
        data: All rows.
        size: Rows of a batch; at least as many as there are rows means one batch, in the given order.
        shuffle: Whether each pass draws a new order.
    """

    def __init__(self, data: Batch, size: int, *, shuffle: bool = True) -> None:
        self.data = data
        self.size = size
        self._shuffle = shuffle and size < data.n_rows
        self._order: Tensor | None = None
        self._position = 0
        self._lengths = None if data.lengths is None else data.lengths.cpu()

    def __len__(self) -> int:
        """Batches in a pass."""
        return -(-self.data.n_rows // self.size)

    def __iter__(self) -> Iterator[Batch]:
        n, device = self.data.n_rows, self.data.inputs.device
        if self._shuffle and self._order is None:
            # Drawn on the CPU, so that a seed orders the rows alike on every device.
            self._order = torch.randperm(n).to(device) if self._lengths is None else self._of_one_length(self._lengths)
        while self._position < n:
            first, self._position = self._position, self._position + self.size
            if self._order is not None:
                yield self._rows(self._order[first : self._position])
            elif len(self) == 1:
                yield self.data
            else:
                yield self._rows(torch.arange(first, min(self._position, n), device=device))
        self._order, self._position = None, 0

    def _rows(self, rows: Tensor) -> Batch:
        """The rows of these numbers, without steps that are padding in all of them."""
        data = self.data if self._lengths is None else self.data.trimmed(int(self._lengths[rows.cpu()].max()))
        return data.select(rows)

    def _of_one_length(self, lengths: Tensor) -> Tensor:
        """An order in which the rows of each batch are of nearly one length."""
        drawn = torch.randperm(len(lengths))
        whole, rest = drawn.split([len(drawn) - len(drawn) % self.size, len(drawn) % self.size])
        nearly = lengths[whole] * (1 + _NEARLY * torch.rand(len(whole)))
        batches = whole[nearly.argsort()].unflatten(0, (-1, self.size))
        return torch.cat([batches[torch.randperm(len(batches))].flatten(), rest]).to(self.data.inputs.device)

    def state_dict(self) -> dict[str, Any]:
        """The order of this pass and how far it has come."""
        return {"order": self._order, "position": self._position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        order = state["order"]
        self._order = None if order is None else order.to(self.data.inputs.device)
        self._position = state["position"]
