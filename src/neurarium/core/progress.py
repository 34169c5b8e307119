"""The progress bar of a long fit: on a terminal, when asked for, and only once there is something to wait for."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from neurarium.core.learning import Report

_WAIT = 0.5  # seconds a fit may take before it owes anybody a bar
_BEAT = 0.1  # seconds between two looks at the metrics: each look is a read from the device


class ProgressBar:
    """A bar on stderr: `with ProgressBar("LSTMClassifier", epochs) as bar: ... bar.show(report)`.

    Args:
        name: What is being fitted.
        epochs: Passes at most.
        shown: Whether the caller asked for it; without a terminal nothing is drawn all the same.
    """

    def __init__(self, name: str, epochs: int, *, shown: bool) -> None:
        self._name = name
        self._epochs = epochs
        self._progress: Progress | None = None
        self._shown = shown and sys.stderr.isatty()
        self._next = time.monotonic() + _WAIT

    def __enter__(self) -> Self:
        return self

    def show(self, report: Report) -> None:
        """Draw where the fit stands."""
        if not self._shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _BEAT
        if self._progress is None:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("pass {task.fields[epoch]} of {task.total}  {task.fields[metrics]}"),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
            )
            self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._progress.add_task(self._name, total=self._epochs, epoch=1, metrics="")
            self._progress.start()
        done = report.epoch + (report.step % report.steps_a_pass) / report.steps_a_pass
        metrics = "  ".join(f"{name} {float(value):.4g}" for name, value in report.metrics.items())
        self._progress.update(self._task, completed=done, epoch=report.epoch + 1, metrics=metrics)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
