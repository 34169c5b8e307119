"""What a sight of a network that learns is, and what all sights share."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.scene import Panel

SOME, MANY = 120, 400
"""Rows that are drawn as points: few, and many."""
NOW = ("t",)
"""The entry of a film's arrays that is shown."""
_ROOM = 0.08  # beyond the rows, as a share of their range


class Sight(ABC):
    """What is seen of a network.

    Attributes:
        constants: Arrays that stay as they are throughout the film.
        lists: Names that its marks use.
    """

    def __init__(self) -> None:
        self.constants: dict[str, NDArray[Any]] = {}
        self.lists: dict[str, list[str]] = {}

    @abstractmethod
    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """What is seen now."""

    @abstractmethod
    def panel(self) -> Panel:
        """The picture of it."""


def taken(X: Any, numbers: list[int]) -> Any:
    """Some of the rows, which may be sequences of different lengths."""
    return [X[number] for number in numbers] if isinstance(X, list) else np.asarray(X)[numbers]


def reach(values: NDArray[Any]) -> tuple[float, float]:
    """The range of numbers, with some room around them."""
    low, high = float(values.min()), float(values.max())
    room = _ROOM * (high - low) if high > low else 0.5
    return low - room, high + room
