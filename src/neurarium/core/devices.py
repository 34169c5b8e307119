"""Where a fit computes, and with how many threads: decided by the arithmetic of one step.

Two threads on a small network cost more in waiting for each other than they save; beside another busy process a
step of a third of a millisecond was measured at 14 to 117 ms. So small work takes one thread, whatever the caller's
setting is, and the caller's setting is put back afterwards. The number depends on the work and the machine alone, so
that the same seed gives the same bytes under every setting of the caller's.
"""

import functools
import os
from types import TracebackType
from typing import Self

import torch
from threadpoolctl import ThreadpoolController

WORTH_SHARING = 2e11
"""Floating-point operations of a step (about 2 s of one core) from which more than one thread pays.

On an idle machine two threads would pay from a hundredth of that. Beside another busy process they cost ten times what
one thread costs: a step of 4e10 in many pieces took 28 s instead of 3. What is lost below is at most a second a step.
"""

WORTH_MOVING = 1e9
"""Floating-point operations of a step from which a GPU pays for its launches and copies."""


@functools.cache
def _numpys_threads() -> ThreadpoolController:
    """The thread pools of numpy, SciPy and scikit-learn; finding them takes 5 ms, so it is done once."""
    return ThreadpoolController()


def place(device: str, work: float) -> torch.device:
    """The device a fit runs on.

    Args:
        device: "auto", or a name torch knows ("cpu", "cuda", "cuda:1").
        work: Floating-point operations of one step.

    Raises:
        ValueError: torch knows no such device, or it is not on this machine.

    Example:
        >>> place("cpu", work=1e12)
        device(type='cpu')
    """
    if device == "auto":
        return torch.device("cuda" if work >= WORTH_MOVING and torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"device {device!r} cannot be used here; 'auto' and 'cpu' always can.") from error
    return chosen


def thread_count(work: float) -> int:
    """Threads for steps of `work` floating-point operations; NEURARIUM_THREADS overrides the choice."""
    if told := os.environ.get("NEURARIUM_THREADS"):
        return max(1, int(told))
    if work < WORTH_SHARING:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Threads:
    """The right number of threads inside `with Threads(work):`, the caller's own outside.

    Args:
        work: Floating-point operations of one step.
        numpy_too: Whether numpy, SciPy or scikit-learn compute inside, not torch alone.
    """

    def __init__(self, work: float, *, numpy_too: bool = False) -> None:
        self._ours = thread_count(work)
        self._numpy_too = numpy_too

    def __enter__(self) -> Self:
        self._callers = torch.get_num_threads()
        if self._callers != self._ours:
            torch.set_num_threads(self._ours)
        if self._numpy_too:
            self._limit = _numpys_threads().limit(limits=self._ours)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._numpy_too:
            self._limit.restore_original_limits()
        if self._callers != self._ours:
            torch.set_num_threads(self._callers)
