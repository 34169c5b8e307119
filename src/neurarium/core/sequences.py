"""Rows that are sequences: (n, time, features) arrays, ragged lists, or a table seen through `view`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import torch
from sklearn.utils.validation import check_array
from torch import Tensor

from neurarium.core.batches import Batch
from neurarium.core.estimator import Estimator
from neurarium.core.parameters import at_least
from neurarium.core.rows import is_ragged, read_ragged, read_table, to_array, to_tensor, viewed, wanted_dtypes
from neurarium.program.examples import Example
from neurarium.program.sheet import Sheet

_STEPS = 7  # of sequences that a printed file is checked by


@dataclass(eq=False, repr=False, kw_only=True)
class SequenceEstimator(Estimator):
    """Reads each row as a sequence; the module is called with (n, time, features) and, where ragged, (n,) lengths.

    Args:
        view: (time, features) that the columns of a 2-D table stand for, row by row; None reads the columns as a
            sequence of single numbers.

    Attributes:
        one_length_: Whether the sequences it was fitted on had the same number of steps.
    """

    view: Annotated[tuple[int, int], at_least(1)] | None = None

    def _read(self, X: Any, *, reset: bool) -> Batch:
        n_features = None if reset else self.shape_in_[-1]
        like = None if reset else self._like
        if is_ragged(X):
            padded, lengths = read_ragged(self, X, n_features)
            if reset:
                self.n_features_in_ = padded.shape[-1]
            one_length = bool((lengths == padded.shape[1]).all())  # then nothing is padded
            if reset:
                self.one_length_: bool = one_length
            return Batch(to_tensor(padded, like), lengths=None if one_length else torch.from_numpy(lengths))
        if reset:
            self.one_length_ = True
        X = to_array(X)
        if getattr(X, "ndim", 2) == 3:
            values = check_array(X, dtype=wanted_dtypes(X), allow_nd=True, estimator=self)
            if reset:
                self.n_features_in_ = values.shape[-1]
        else:
            table = read_table(self, X, reset=reset)
            values = viewed(self, table, self.view or (table.shape[1], 1))
        if n_features is not None and values.shape[-1] != n_features:
            name = type(self).__name__
            raise ValueError(f"{name} was fitted on {n_features} features a step; these rows have {values.shape[-1]}.")
        return Batch(to_tensor(values, like))

    def _unread(self) -> int:
        """First steps of a sequence that do not count."""
        return 0

    def _examples(self, sheet: Sheet) -> Iterable[Example]:
        """Of a network for sequences of many lengths, whose step alone is printed: what it says to whole ones."""
        step = sheet.functions[0]
        if not step.states() or not step.answers():
            return []
        rows, steps = step.rows(), np.arange(self._unread() + _STEPS)
        sequences = rows[(np.arange(len(rows))[:, None] + steps) % len(rows)]
        asked: Any = self
        said = asked.predict(list(sequences))
        every, said = isinstance(said, list), np.asarray(said)
        if sheet.classes is None:
            return [Example("predict", step.name, {"rows": sequences}, {"answer": said}, every)]
        likely = np.asarray(asked.predict_proba(list(sequences)))
        labels = np.searchsorted(sheet.classes, said)
        return [Example("classify", step.name, {"rows": sequences}, {"label": labels, "probabilities": likely}, every)]


def real_steps(data: Batch, values: Tensor) -> tuple[Tensor, Tensor | None]:
    """The steps of all sequences one below the other, without their padding, and how much each counts.

    Args:
        data: The sequences' lengths and weights.
        values: (n, time, ...) what is taken at each step: `data.inputs`, or targets of that form.

    Returns:
        (steps, ...) values, and (steps,) the weights of the sequences they are from, or None for all alike.
    """
    time = values.shape[1]
    steps, weights = values.flatten(0, 1), data.weights
    if weights is not None:
        weights = weights.repeat_interleave(time)
    if data.lengths is None:
        return steps, weights
    real = is_real(data.lengths, time).flatten()
    return steps[real], None if weights is None else weights[real]


def is_real(lengths: Tensor, time: int) -> Tensor:
    """(n, time): whether a step is one of a sequence of that length, and not padding."""
    return torch.arange(time, device=lengths.device) < lengths[:, None]
