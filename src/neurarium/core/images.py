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
        values = read_table(self, _one_size(name, to_array(X)), reset=reset)
        if values.ndim == 2:
            values = viewed(self, values, self.view or _likely_view(values.shape[1]))
            images = values[:, None] if values.ndim == 3 else values
        elif values.ndim == 3:
            images = values[:, None]
        elif values.ndim == 4:
            images = values.transpose(0, 3, 1, 2)
        else:
            raise ValueError(
                f"{name} reads images (n, height, width) or (n, height, width, channels); got {values.shape}."
            )
        if not reset and images.shape[1:] != tuple(self.shape_in_):
            raise ValueError(
                f"{name} was fitted on images of {_words(self.shape_in_)}; these are {_words(images.shape[1:])}."
            )
        return Batch(to_tensor(np.ascontiguousarray(images), None if reset else self._like))


def _likely_view(n_columns: int) -> tuple[int, int]:
    side = isqrt(n_columns)
    return (side, side) if side * side == n_columns else (1, n_columns)


def _one_size(name: str, X: Any) -> Any:
    """A list of images as one array, if all are of one size."""
    if not isinstance(X, list | tuple) or not X or not all(hasattr(each, "shape") for each in X):
        return X
    shapes = sorted({tuple(each.shape) for each in X})
    if len(shapes) > 1:
        sizes = ", ".join(" x ".join(map(str, shape)) for shape in shapes[:3])
        raise ValueError(f"{name} needs images of one size; these are {sizes}: resize or crop them first.")
    images: NDArray[Any] = np.stack([to_array(each) for each in X])
    return images


def _words(shape: tuple[int, ...]) -> str:
    channels, height, width = shape
    return f"{height} x {width} pixels and {channels} channel{'s' if channels > 1 else ''}"
