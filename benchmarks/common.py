"""What the benchmarks share: MNIST, and a clock around the part that is compared."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from neurarium.datasets import shelf


def mnist() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """60,000 and 10,000 rows of 784 numbers in [0, 1], float32, with their classes."""
    data = shelf.load("mnist")
    return data.data.reshape(-1, 784), data.target, data.test_data.reshape(-1, 784), data.test_target


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = act()
    return time.perf_counter() - begun, result


def accuracy(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    return float((model.predict(X) == y).mean())
