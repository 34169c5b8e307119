"""Intervals of forecasts, taken from many futures: each made of errors that have been made before."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

N_PATHS = 1000
"""Futures that an interval is taken from."""

_RUN = 50  # mean length of the runs of neighbouring errors that a future is made of


def stationary_bootstrap(n: int, steps: int, n_samples: int) -> Int[Tensor, "steps samples"]:
    """Numbers of errors to draw: runs of neighbours, of random lengths, since errors of neighbouring steps are alike.

    Source: Politis and Romano, The stationary bootstrap, Journal of the American Statistical Association 89, 1994.
    """
    number = torch.randint(n, (n_samples,))
    numbers = [number]
    for _ in range(steps - 1):
        breaks = torch.rand(n_samples) < 1 / _RUN
        number = torch.where(breaks, torch.randint(n, (n_samples,)), (number + 1) % n)
        numbers.append(number)
    return torch.stack(numbers)


def ends(paths: NDArray[Any], level: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Between which values a share `level` of the futures lies at each step."""
    low, high = np.quantile(paths, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def check_level(estimator: object, level: float) -> None:
    """An interval holds some of the futures, and not all."""
    if not 0 < level < 1:
        raise ValueError(f"{type(estimator).__name__}: level must be above 0 and below 1; got {level!r}.")


def check_futures(estimator: object, n_histories: int, n_samples: int) -> None:
    """Futures go on from one history."""
    if n_histories != 1 or n_samples < 1:
        what = f"one history; got {n_histories}" if n_histories != 1 else f"n_samples of at least 1; got {n_samples!r}"
        raise ValueError(f"{type(estimator).__name__}: futures are drawn for {what}.")
