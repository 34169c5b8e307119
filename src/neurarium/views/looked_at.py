"""Rows as a network's module takes them, for looks that need the module itself: pictures, tables, sequences."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from neurarium.core.estimator import Estimator
from neurarium.page.words import Text
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

_LEAST_SIDE = 6
"""Columns without names are taken for a square picture from this side on."""
_NUMBERS = 25_000
"""Of the rows that a page keeps: about 100 kB."""
_ROWS = 40
_MANY = 400
_MANY_NUMBERS = 400 * 28 * 28
"""Of the rows for what is computed beforehand: large pictures would fill the memory with their maps."""


@dataclass(frozen=True, eq=False)
class LookedAt:
    """Some rows and the module that they go into.

    Attributes:
        module: A copy, in eval mode, whose parameters ask for no gradient.
        inputs: (n, ...) the rows that a page keeps; sequences filled up with zeros.
        many: (m, ...) more of them, for what is computed beforehand.
        lengths: (n,) of the sequences, or None where all are whole.
        numbers: (n,) which of the caller's rows they are.
        of: How many the caller has.
        labels: What each is called: its number, and its answer where there is one.
        answers: Its answer alone, or its number.
        classes: What the classes are called; none where the network does not answer with a score for each.
        picture: (height, width) or (channels, height, width) where a row is seen as a picture, else None.
        name: Of the network's type.
        every: Whether it answers at every step of a sequence, (n, time, classes).
    """

    module: nn.Module
    inputs: Tensor
    many: Tensor
    lengths: Tensor | None
    numbers: np.ndarray[Any, Any]
    of: int
    labels: list[str]
    answers: list[str]
    classes: list[str]
    picture: tuple[int, ...] | None
    name: str
    every: bool

    @property
    def kind(self) -> Literal["picture", "table", "sequence"]:
        """What a row is."""
        if self.picture is not None:
            return "picture"
        return "table" if self.inputs.dim() == 2 else "sequence"

    def length(self, number: int) -> int:
        """How many steps a sequence has."""
        return self.inputs.shape[1] if self.lengths is None else int(self.lengths[number])

    @property
    def pictures(self) -> np.ndarray[Any, Any]:
        """(n, ...) the rows as pictures."""
        return self.inputs.reshape(len(self.inputs), *(self.picture or ())).numpy().astype(np.float32)

    @property
    def some(self) -> Text:
        """A sentence that says so where rows were left out."""
        if len(self.numbers) == self.of:
            return Text("", "")
        return Text(
            f" {len(self.numbers)} of {self.of} rows can be chosen here.",
            f" Aquí se pueden elegir {len(self.numbers)} de {self.of} filas.",
        )


def looked_at(
    fitted: Any,
    rows: Shown,
    look: str,
    picture: Sequence[int] | None = None,
    *,
    scores: bool = True,
    every: bool = False,
) -> LookedAt:
    """Rows as the module takes them: as many as a page may keep, of every answer some.

    Args:
        fitted: An estimator or a module that gives (n, classes) numbers.
        rows: Rows, and their answers where there are any.
        look: The name of the look.
        picture: (height, width) or (channels, height, width) that a row of a table is seen as; None: a row without
            names of its own, of a square number of columns, is a picture.
        scores: Whether the look needs a score for each class.
        every: Whether it takes networks too that answer at every step of a sequence.

    Raises:
        CannotLook: There are no rows, or the module does not answer them with a number for each class.
    """
    if rows.X is None or not len(rows.X):
        raise CannotLook(f"the look {look!r} needs rows to look at: look(network, {look!r}, X).")
    chosen = _chosen(rows, len(rows.X))
    X = [rows.X[number] for number in chosen] if isinstance(rows.X, list) else np.asarray(rows.X)[chosen]
    many, lengths, module = _read(fitted, X, look)
    many = many[: max(2, _MANY_NUMBERS // max(1, many[0].numel()))]
    inputs = many[: max(2, min(_ROWS, _NUMBERS // max(1, many[0].numel())))]
    chosen = chosen[: len(inputs)]
    lengths = None if lengths is None else lengths[: len(inputs)]
    y = rows.y if rows.y is not None and rows.y.ndim == 1 else None
    answers = [f"{number + 1}" if y is None else str(y[number]) for number in chosen]
    labels = [f"{number + 1}" if y is None else f"{number + 1} ({y[number]})" for number in chosen]
    module = copy.deepcopy(module).cpu().eval().requires_grad_(False)
    answered = _answered(module, inputs, lengths, type(fitted).__name__)
    of_steps = every and inputs.dim() == 3 and len(answered) == 3 and answered[1] == inputs.shape[1]
    n_classes = answered[-1] if (len(answered) == 2 or of_steps) and answered[-1] > 1 else 0
    if scores and not n_classes:
        raise CannotLook(
            f"the look {look!r} needs a score for each class, (rows, classes) with 2 classes or more; "
            f"{type(fitted).__name__} answers otherwise."
        )
    classes = (list(rows.classes) or [str(number) for number in range(n_classes)]) if n_classes else []
    seen = _picture(tuple(inputs.shape[1:]), rows, picture, look)
    name = type(fitted).__name__
    return LookedAt(module, inputs, many, lengths, chosen, len(rows.X), labels, answers, classes, seen, name, of_steps)


def _chosen(rows: Shown, count: int) -> np.ndarray[Any, Any]:
    """At most so many rows as are looked at, the answers in turn; those without answers evenly from all."""
    if rows.y is None or rows.y.ndim != 1 or len(rows.y) != count:
        evenly = np.linspace(0, count - 1, min(count, _MANY)).astype(int)
        first = np.linspace(0, len(evenly) - 1, min(len(evenly), _ROWS)).astype(int)
        return np.concatenate([evenly[first], np.delete(evenly, first)])
    _, codes = np.unique(rows.y, return_inverse=True)
    place = np.zeros(count, int)
    for code in range(codes.max() + 1):
        place[codes == code] = np.arange((codes == code).sum())
    return np.lexsort((codes, place))[:_MANY]


def _read(fitted: Any, X: Any, look: str) -> tuple[Tensor, Tensor | None, nn.Module]:
    if isinstance(fitted, Estimator):
        data = fitted._read(X, reset=False)
        return data.inputs.cpu(), None if data.lengths is None else data.lengths.cpu(), fitted.module_
    state = [each for each in fitted.state_dict().values() if each.is_floating_point()]
    dtype = state[0].dtype if state else torch.float32
    try:
        inputs = torch.as_tensor(np.asarray(X)).to(dtype)
    except (TypeError, ValueError) as error:
        raise CannotLook(f"the look {look!r} takes rows of a module as one array of numbers: {error}") from error
    return inputs, None, fitted


def _answered(module: nn.Module, inputs: Tensor, lengths: Tensor | None, name: str) -> tuple[int, ...]:
    """The shape of the answers to the first rows; () where they are no tensor."""
    try:
        with torch.no_grad():
            answer = module(inputs[:2]) if lengths is None else module(inputs[:2], lengths[:2])
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        shape = " x ".join(map(str, inputs.shape))
        raise CannotLook(f"{name} does not take rows of the shape {shape}: {str(error).splitlines()[0]}") from error
    return tuple(answer.shape) if isinstance(answer, Tensor) else ()


def _picture(shape: tuple[int, ...], rows: Shown, asked: Sequence[int] | None, look: str) -> tuple[int, ...] | None:
    if asked is not None:
        if int(np.prod(asked)) != int(np.prod(shape)) or len(asked) not in (2, 3):
            raise CannotLook(
                f"the look {look!r} was asked for pictures of {' x '.join(map(str, asked))}; a row has "
                f"{int(np.prod(shape))} numbers."
            )
        return tuple(int(each) for each in asked)
    if len(shape) == 3:
        return shape[1:] if shape[0] == 1 else shape
    side = isqrt(shape[0])
    unnamed = list(rows.columns) == [f"x{number + 1}" for number in range(len(rows.columns))]
    if len(shape) == 1 and unnamed and side * side == shape[0] and side >= _LEAST_SIDE:
        return side, side
    return None
