"""Rows that are images: (n, height, width) or (n, height, width, channels) arrays, or a table seen through `view`."""

from dataclasses import dataclass
from math import isqrt
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from neurarium.core.batches import Batch
from neurarium.core.estimator import Estimator
from neurarium.core.parameters import at_least
from neurarium.core.rows import read_table, to_array, to_tensor, viewed


@dataclass(eq=False, repr=False, kw_only=True)
class ImageEstimator(Estimator):
    """Reads each row as an image; the module is called with (n, channels, height, width).

    Args:
        view: (height, width) or (channels, height, width) that the columns of a 2-D table stand for; None reads them
            as a square image where their number is a square, else as one line of pixels.
    """

    view: Annotated[tuple[int, int], at_least(1)] | Annotated[tuple[int, int, int], at_least(1)] | None = None

    def _read(self, X: Any, *, reset: bool) -> Batch:
        name = type(self).__name__
        X = _one_size(name, to_array(X))
        # Looked at before scikit-learn counts columns, which on images it calls the rows of pixels.
        if isinstance(X, np.ndarray) and X.ndim > 2:
            self._check_size(_shape(name, X.shape), reset=reset)
        values = read_table(self, X, reset=reset)
        if values.ndim == 2:
            values = viewed(self, values, self.view or _likely_view(values.shape[1]))
            images = values[:, None] if values.ndim == 3 else values
        else:
            _shape(name, values.shape)
            images = values[:, None] if values.ndim == 3 else values.transpose(0, 3, 1, 2)
        self._check_size(images.shape[1:], reset=reset)
        return Batch(to_tensor(np.ascontiguousarray(images), None if reset else self._like))

    def _check_size(self, shape: tuple[int, ...], *, reset: bool) -> None:
        if not reset and shape != tuple(self.shape_in_):
            name = type(self).__name__
            raise ValueError(f"{name} was fitted on images of {_words(self.shape_in_)}; these are {_words(shape)}.")


def _shape(name: str, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """(channels, height, width) of the images in an array of that shape."""
    form = "(n, height, width) or (n, height, width, channels)"
    if len(shape) > 4 or 0 in shape[1:]:
        raise ValueError(f"{name} reads images {form}, each of a pixel or more; got {shape}.")
    if len(shape) == 4 and shape[1] in (1, 3) and shape[2] == shape[3] > 4:
        raise ValueError(
            f"{name} reads images {form}; {shape} looks like channels first: pass np.moveaxis(X, 1, -1) instead."
        )
    return (*shape[3:], 1)[0], shape[1], shape[2]


def _likely_view(n_columns: int) -> tuple[int, int]:
    side = isqrt(n_columns)
    return (side, side) if side * side == n_columns else (1, n_columns)


def _one_size(name: str, X: Any) -> Any:
    """A list of images - arrays, tensors, Pillow's - as one array, if all are of one size."""
    if not isinstance(X, list | tuple) or not X or not all(_is_array(each) for each in X):
        return X
    images = [np.asarray(to_array(each)) for each in X]
    shapes = sorted({each.shape for each in images})
    if len(shapes) > 1:
        sizes = ", ".join(" x ".join(map(str, shape)) for shape in shapes[:3])
        raise ValueError(f"{name} needs images of one size; these are {sizes}: resize or crop them first.")
    stacked: NDArray[Any] = np.stack(images)
    return stacked


def _is_array(each: Any) -> bool:
    return hasattr(each, "__array__") or hasattr(each, "__array_interface__")


def _words(shape: tuple[int, ...]) -> str:
    channels, height, width = shape
    return f"{height} x {width} pixels and {channels} channel{'s' if channels > 1 else ''}"
