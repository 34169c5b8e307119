"""Which rows a look shows where there are more than it has room for."""

from typing import Any

from numpy.typing import NDArray


def chosen_rows(y: NDArray[Any] | None, n: int, most: int) -> list[int]:
    """Rows to show: of each class in turn, or the first.

    Args:
        y: (n,) classes, or None.
        n: How many rows there are.
        most: How many to show at most.

    Example:
        >>> import numpy as np
        >>> chosen_rows(np.array(["a", "a", "a", "b"]), 4, 3)
        [0, 3, 1]
    """
    if y is None or y.ndim != 1 or len(y) != n:
        return list(range(min(n, most)))
    by_class: dict[Any, list[int]] = {}
    for number, each in enumerate(y.tolist()):
        by_class.setdefault(each, []).append(number)
    turns = max(map(len, by_class.values()))
    in_turn = [numbers[place] for place in range(turns) for numbers in by_class.values() if place < len(numbers)]
    return in_turn[:most]
