"""Rows: whatever people have, turned into tensors, with an error in their own words when it cannot be.

A table (array or DataFrame), images (n, h, w) or (n, h, w, channels), sequences (n, time, features), a ragged list of
sequences, a torch tensor: each network says which of these it reads, and a 2-D table plus `view=(...)` can stand for
any of them inside a Pipeline.

Numbers keep the precision they came in: float64 stays float64, everything that float32 holds exactly (float32,
float16, booleans, whole numbers of up to 16 bits, so images too) is computed in float32, which is up to twice as fast.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import _num_samples, check_array, validate_data
from torch import Tensor

_EXACT_IN_FLOAT32 = ("float16", "bool", "int8", "uint8", "int16", "uint16")


def to_array(X: Any) -> Any:
    """A torch tensor as the numpy array that shares its memory; anything else as it is."""
    return X.numpy(force=True) if isinstance(X, Tensor) else X


def wanted_dtypes(X: Any) -> list[type]:
    """The precision to compute in, as scikit-learn wants it said: other kinds are turned into the first entry."""
    kind = str(getattr(X, "dtype", ""))
    return [np.float32] if kind in _EXACT_IN_FLOAT32 else [np.float64, np.float32]


def read_table(
    estimator: Any, X: Any, *, reset: bool, allow_nan: bool = False, shape: tuple[int, ...] | None = None
) -> NDArray[Any]:
    """Rows of numbers, each of the same shape.

    Args:
        estimator: Whose rows they are: errors name it, and it remembers the number and names of the columns.
        X: (n, features) table, or (n, ...) array of more axes.
        reset: Whether the rows are there to be learnt from; else they must look like those that were.
        allow_nan: Whether NaN may stand for a value that is missing.
        shape: What a row must look like, None for whatever comes.

    Raises:
        ValueError: Not numbers, NaN or infinite, empty, or another shape than what was learnt from.
    """
    X = to_array(X)
    # The axes beyond the second are checked here: scikit-learn counts columns on the second alone.
    array: NDArray[Any] = validate_data(
        estimator,
        X,
        reset=reset,
        dtype=wanted_dtypes(X),
        allow_nd=True,
        ensure_all_finite="allow-nan" if allow_nan else True,
    )
    if shape is not None and array.shape[1:] != shape:
        name = type(estimator).__name__
        raise ValueError(f"{name} was fitted on rows of shape {shape}; got rows of shape {array.shape[1:]}.")
    return array


def is_ragged(X: Any) -> bool:
    """Whether X is a list of sequences, each an array of its own."""
    return isinstance(X, list | tuple) and len(X) > 0 and all(hasattr(each, "shape") and each.ndim > 0 for each in X)


def read_ragged(estimator: Any, X: Any, n_features: int | None) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """A ragged list of sequences as one padded array and the length of each.

    Args:
        estimator: Whose sequences they are, for errors.
        X: A list of (time,) or (time, features) arrays, each of any length from 1 on.
        n_features: Features each step must have, None for those of the first sequence.

    Returns:
        (n, longest, features) values, 0 where there is none, and (n,) lengths.

    Raises:
        ValueError: A sequence is empty, holds NaN, or has another number of features; the message says which.
    """
    name = type(estimator).__name__
    steps: list[NDArray[Any]] = []
    for number, each in enumerate(map(to_array, X)):
        each = each[:, None] if each.ndim == 1 else each
        try:
            each = check_array(each, dtype=wanted_dtypes(each), input_name=f"sequence {number}")
        except ValueError as error:
            raise ValueError(f"{name}: sequence {number} cannot be read: {error}") from error
        n_features = n_features or each.shape[1]
        if each.shape[1] != n_features:
            raise ValueError(
                f"{name}: sequence {number} has {each.shape[1]} features a step where {n_features} are needed."
            )
        steps.append(each)
    lengths = np.array([len(each) for each in steps])
    padded = np.zeros((len(steps), int(lengths.max()), steps[0].shape[1]), np.result_type(*steps))
    for number, each in enumerate(steps):
        padded[number, : len(each)] = each
    return padded, lengths


def viewed(estimator: Any, array: NDArray[Any], view: tuple[int, ...] | None) -> NDArray[Any]:
    """A 2-D table in the shape its rows stand for.

    Args:
        estimator: For errors.
        array: (n, features) table; an array of more axes is already what it is.
        view: Shape of a row, with product `features`.

    Raises:
        ValueError: The numbers do not multiply to the columns there are.
    """
    if array.ndim > 2 or view is None:
        return array
    if int(np.prod(view)) != array.shape[1]:
        product = " x ".join(map(str, view))
        raise ValueError(
            f"{type(estimator).__name__}: view={view} needs {product} columns; the table has {array.shape[1]}."
        )
    return array.reshape(-1, *view)


def to_tensor(array: NDArray[Any], like: Tensor | None = None) -> Tensor:
    """An array as a tensor, on the device and in the precision of `like`.

    A copy is made only where one is needed: the array may be the caller's own memory, so nothing may write into it.
    """
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = array.copy()  # torch would warn, or refuse
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor if like is None else tensor.to(like.device, like.dtype)


def count_rows(X: Any) -> int:
    """How many rows there are, as scikit-learn counts them."""
    return int(_num_samples(X))
