"""The rows that a look shows, with the names that their owner gave to things."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.core.rows import is_ragged


@dataclass(frozen=True, eq=False)
class Shown:
    """Rows to look at.

    Attributes:
        X: What the network's own verb takes: (n, features) rows, sequences, texts; None where there are none.
        y: (n,) answers, or None.
        columns: What the features are called.
        classes: What the classes are called, in the network's order; none for a network without classes.
        data: What the rows are called: a data set's or a file's name, "" where nobody said.
        size: The shape of one row as its owner gave it, (height, width) for a picture that the network reads as a
            vector; () where nobody said.
    """

    X: Any = None
    y: NDArray[Any] | None = None
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    data: str = ""
    size: tuple[int, ...] = ()


def shown(fitted: Any, X: Any = None, y: Any = None, data: str = "", columns: Sequence[str] | None = None) -> Shown:
    """Rows with their names: those of a pandas table's columns, those that the network was fitted with, or x1, x2 ...

    Args:
        fitted: An estimator or a module.
        X: Rows, or None.
        y: Answers, or None.
        data: What the rows are called.
        columns: What the features are called, where neither a table nor the fit says it.

    Example:
        >>> shown(None, np.zeros((3, 2))).columns
        ('x1', 'x2')
    """
    names = getattr(fitted, "feature_names_in_", getattr(X, "columns", None))
    features = getattr(fitted, "n_features_in_", None)
    if names is None and features is None and hasattr(X, "shape") and len(X.shape) > 1:
        features = int(np.prod(X.shape[1:]))
    if names is None:
        names = columns or [f"x{number + 1}" for number in range(features or 0)]
    classes = getattr(fitted, "classes_", ())
    if hasattr(X, "to_numpy"):
        X = (X[list(names)] if hasattr(fitted, "feature_names_in_") else X).to_numpy()
    return Shown(X, _answers(y), tuple(map(str, names)), tuple(map(str, classes)), data)


def _answers(y: Any) -> NDArray[Any] | None:
    """Answers as an array; None for those at every step of sequences of several lengths, which are no row's name."""
    if y is None or (is_ragged(y) and len({len(each) for each in y}) > 1):
        return None
    return np.asarray(y)


def as_vectors(fitted: Any, X: Any) -> tuple[Any, Any]:
    """Pictures for a network that reads each as one vector: the vectors, and the network as fitted on such.

    An estimator counts the features of rows with several axes along the first of them, and would refuse the vectors.

    Args:
        fitted: An estimator or a module.
        X: Rows, or None.
    """
    size: tuple[int, ...] = getattr(fitted, "shape_in_", ())
    shape: tuple[int, ...] = getattr(X, "shape", ())
    if len(size) != 1 or len(shape) < 3 or int(np.prod(shape[1:])) != size[0]:
        return fitted, X
    fitted = copy.copy(fitted)
    fitted.n_features_in_ = size[0]
    return fitted, np.asarray(X).reshape(shape[0], -1)
