"""How the tour makes and fits a network: with its defaults, a seed, and what the verb itself asks for."""

import time
import warnings
from dataclasses import fields
from typing import Any

from numpy.typing import NDArray

from neurarium.core.estimator import Estimator
from neurarium.core.interruption import FitInterrupted


class CannotTour(ValueError):
    """A network lacks what its verb needs."""


def make(kind: type[Any], seed: int, **asked: object) -> Any:
    """An estimator with its defaults.

    Args:
        kind: Its class.
        seed: Its `random_state`, where it has one.
        asked: What the verb means, such as `view=(8, 8)` for reading row by row.

    Raises:
        CannotTour: It has no such parameter.
    """
    has = {field.name for field in fields(kind)}
    for name in asked:
        if name not in has:
            raise CannotTour(f"{kind.__name__} has no parameter {name}, which its verb needs.")
    return kind(**asked, **({"random_state": seed} if "random_state" in has else {}))


def need(estimator: Any, *methods: str) -> None:
    """Check that it can do what its verb is.

    Raises:
        CannotTour: A method is missing.
    """
    for method in methods:
        if not callable(getattr(estimator, method, None)):
            raise CannotTour(f"{type(estimator).__name__} cannot {method}, which its verb needs.")


def timed_fit(estimator: Estimator, *rows: NDArray[Any]) -> float:
    """Fit, and say how many seconds it took.

    Raises:
        KeyboardInterrupt: Ctrl-C ends the tour, not only this fit.
    """
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        start = time.perf_counter()
        estimator.fit(*rows)
        seconds = time.perf_counter() - start
    if any(issubclass(warning.category, FitInterrupted) for warning in heard):
        raise KeyboardInterrupt
    return seconds


def passes(estimator: Estimator) -> int:
    """Passes over the rows that its fit made."""
    return int(getattr(estimator, "n_iter_", 1))
