"""Ctrl-C during a fit: the first asks it to end after the step, the second insists."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class FitStopped(UserWarning):
    """A fit ended before its time and kept what it had learnt: Ctrl-C, or a loss that was no number any more."""


class FitInterrupted(FitStopped):
    """Ctrl-C ended a fit, which kept what it had learnt."""


class Interruption:
    """Inside `with Interruption() as interruption:`, the first Ctrl-C sets `asked`, the second raises.

    Outside the main thread Python hears no signals, and nothing changes.
    """

    def __init__(self) -> None:
        self.asked = False
        self._hears = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            # A caller who ignores Ctrl-C, or has a handler of their own, keeps it.
            if self._before is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._hear)
                self._hears = True
        return self

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._hears:
            signal.signal(signal.SIGINT, self._before)
