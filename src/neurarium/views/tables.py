"""Tables that know what their columns are called, without pandas."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Table(np.ndarray):
    """An array of rows with names for its columns, where a table of pandas would do as well.

    Example:
        >>> table([[5.1, 3.5]], ["sepal length", "sepal width"]).columns
        ('sepal length', 'sepal width')
    """

    columns: tuple[str, ...]


def table(rows: Any, columns: Sequence[str]) -> NDArray[Any]:
    """Rows with names for their columns.

    Args:
        rows: (n, columns) numbers.
        columns: What the columns are called.
    """
    made = np.asarray(rows).view(Table)
    made.columns = tuple(columns)
    return made
