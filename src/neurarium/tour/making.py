"""How the tour makes and fits a network: with its defaults, a seed, and what the verb itself asks for."""

import time
import warnings
from dataclasses import fields
from typing import Any

from numpy.typing import NDArray

from neurarium.core.estimator import Estimator
from neurarium.core.interruption import FitInterrupted
from neurarium.tour.digits import Split


class CannotTour(ValueError):
    """A network lacks what its verb needs."""


_FAST = 2  # the fast run makes half of the passes


def make(kind: type[Any], rows: Split, **asked: object) -> Any:
    """An estimator with its defaults; in the fast run, with fewer passes.

    Args:
        kind: Its class.
        rows: What it will learn from; their seed is its `random_state`, where it has one.
        asked: What the verb means, such as `view=(8, 8)` for reading row by row.

    Raises:
        CannotTour: It has no such parameter.
    """
    has = {field.name: field.default for field in fields(kind)}
    for name in asked:
        if name not in has:
            raise CannotTour(f"{kind.__name__} has no parameter {name}, which its verb needs.")
    if "random_state" in has:
        asked["random_state"] = rows.seed
    epochs = has.get("epochs")
    if rows.fast and isinstance(epochs, int):
        asked["epochs"] = max(1, epochs // _FAST)
    return kind(**asked)


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
