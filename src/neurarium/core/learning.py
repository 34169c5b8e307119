"""The one loop: a rule learns from batches, pass after pass, and every step is reported to whoever listens.

A way of learning is a `Rule`: what to do with a batch, and what to do when all rows have been seen. Everything else
that a fit needs - the stream of random numbers, a look at held-out rows, the last good weights, going on after an
interruption - is here, once, for all of them, and knows no network.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from neurarium.core.batches import Batch, Batches
from neurarium.core.devices import Threads
from neurarium.core.randomness import Randomness

Metrics = Mapping[str, Tensor]
"""What a step has to say: 0-d tensors by name, left on the device. The first one is what the rule drives down."""


class Rule(ABC):
    """A way of learning.

    Attributes:
        usable_early: Whether the module can answer before the first pass has ended; closed forms cannot.
    """

    usable_early = True

    def plan(self, steps: int) -> None:  # noqa: B027  # most rules need not know
        """Hear, before a fit begins, how many steps it makes at most; who goes on with new rows is told nothing."""

    @abstractmethod
    def step(self, batch: Batch) -> Metrics:
        """Learn from one batch."""

    def end_pass(self) -> bool:
        """Decay, solve or rest when all rows have been seen; True when nothing is left to learn."""
        return False

    def evaluate(self, batch: Batch) -> Tensor:
        """How badly the module does on rows it does not learn from, for early stopping: a 0-d tensor."""
        raise NotImplementedError(f"{type(self).__name__} has no measure for held-out rows.")

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on beside the module: nested dicts, lists, numbers, texts and tensors."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:  # noqa: B027  # a rule without a state has nothing to do
        """Go on from that state."""


@dataclass(frozen=True)
class Report:
    """One step, told.

    Attributes:
        epoch: Passes over the rows that are complete.
        step: Steps so far, this one included.
        steps_a_pass: Steps that make a pass.
        metrics: What the rule measured, as 0-d tensors by name.
    """

    epoch: int
    step: int
    steps_a_pass: int
    metrics: Metrics


@dataclass
class Patience:
    """When to stop early: after `passes` passes in which the held-out rows were not answered better by `tolerance`.

    Attributes:
        held_out: Rows that are not learnt from.
        passes: Passes to wait for an improvement.
        tolerance: Improvement that counts.
    """

    held_out: Batch
    passes: int
    tolerance: float
    best: float = math.inf
    waited: int = 0
    best_weights: dict[str, Tensor] | None = None

    def look(self, score: float, module: nn.Module) -> bool:
        """Note the score of a pass; True when waiting is over."""
        self.waited = 0 if score < self.best - self.tolerance else self.waited + 1
        if score < self.best:
            self.best, self.best_weights = score, snapshot(module)
        return self.waited >= self.passes


Ending = Literal["done", "epochs", "patience", "diverged", "interrupted"]


@dataclass
class Learning:
    """One fit on its way: iterating it learns, and may be paused, watched, left or resumed between any two steps.

    Args:
        module: What learns.
        rule: How.
        batches: From what.
        epochs: Passes at most.
        randomness: The fit's own stream.
        work: Floating-point operations of a step, which decide the threads.
        numpy_too: Whether steps compute with numpy, SciPy or scikit-learn as well.
        patience: When to stop early, or None for never.

    Attributes:
        history: One entry a pass: the mean of each metric, and "held_out" where there is patience.
        ending: Why it ended, None while it has not.
    """

    module: nn.Module
    rule: Rule
    batches: Batches
    epochs: int
    randomness: Randomness
    work: float = 0.0
    numpy_too: bool = False
    patience: Patience | None = None
    epoch: int = 0
    steps: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    ending: Ending | None = None
    _sums: dict[str, Tensor] = field(default_factory=dict)
    _good: dict[str, Tensor] | None = None

    def workspace(self) -> ExitStack:
        """Our stream and our threads; between the steps the caller has theirs."""
        stack = ExitStack()
        stack.enter_context(self.randomness)
        stack.enter_context(Threads(self.work, numpy_too=self.numpy_too))
        return stack

    def __iter__(self) -> Iterator[Report]:
        self._good = self._good or snapshot(self.module)
        while self.ending is None:
            batches = iter(self.batches)
            while True:
                with self.workspace():
                    batch = next(batches, None)
                    metrics = None if batch is None else self.rule.step(batch)
                if metrics is None:
                    break
                self.steps += 1
                for name, value in metrics.items():
                    self._sums[name] = self._sums[name] + value if name in self._sums else value.clone()
                # A GPU is asked once a pass: each question would make it wait.
                if self.batches.data.inputs.device.type == "cpu" and not _all_finite(metrics):
                    self._fall_back()
                    return
                yield Report(self.epoch, self.steps, len(self.batches), metrics)
                if self.ending is not None:
                    return
            self._end_pass()

    def _end_pass(self) -> None:
        with self.workspace():
            done = self.rule.end_pass()
        entry = {name: float(total) / len(self.batches) for name, total in self._sums.items()}
        if not all(map(math.isfinite, entry.values())) or not _sound(self.module):
            self._fall_back()
            return
        self._sums = {}
        self._keep_good()
        self.epoch += 1
        if done:
            self.ending = "done"
        elif self.epoch >= self.epochs:
            self.ending = "epochs"
        if self.patience is not None:
            with self.workspace(), torch.no_grad():
                score = float(self.rule.evaluate(self.patience.held_out))
            entry["held_out"] = score
            if self.patience.look(score, self.module):
                self.ending = self.ending or "patience"
        self.history.append(entry)

    @torch.no_grad()
    def _keep_good(self) -> None:
        """Copy all that is learnt, all tensors at once and into the memory of the last copy: passes may be short."""
        now = self.module.state_dict()
        if self._good is None or any(now[name].shape != kept.shape for name, kept in self._good.items()):
            self._good = snapshot(self.module)
        else:
            torch._foreach_copy_(list(self._good.values()), [now[name] for name in self._good])

    def _fall_back(self) -> None:
        """Return to the weights of the last pass in which every number was finite."""
        self.ending = "diverged"
        if self._good is not None:
            self.module.load_state_dict(self._good)

    def finish(self) -> None:
        """Leave the module with the weights to keep, ready to answer."""
        self.ending = self.ending or "interrupted"
        if self.patience is not None and self.patience.best_weights is not None:
            self.module.load_state_dict(self.patience.best_weights)
        self.module.eval()

    def state_dict(self) -> dict[str, Any]:
        """All that the rest of the fit depends on."""
        patience = self.patience
        return {
            "module": dict(self.module.state_dict()),
            "rule": self.rule.state_dict(),
            "batches": self.batches.state_dict(),
            "randomness": self.randomness.state_dict(),
            "epoch": self.epoch,
            "steps": self.steps,
            "history": self.history,
            "ending": self.ending,
            "sums": self._sums,
            "good": self._good,
            "patience": None if patience is None else [patience.best, patience.waited, patience.best_weights],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from that state, with the same bytes as if nothing had come between."""
        self.module.load_state_dict(state["module"])
        self.rule.load_state_dict(state["rule"])
        self.batches.load_state_dict(state["batches"])
        self.randomness.load_state_dict(state["randomness"])
        self.epoch, self.steps, self.history = state["epoch"], state["steps"], state["history"]
        self.ending, self._sums, self._good = state["ending"], state["sums"], state["good"]
        if self.patience is not None:
            self.patience.best, self.patience.waited, self.patience.best_weights = state["patience"]


def snapshot(module: nn.Module) -> dict[str, Tensor]:
    """A copy of all that a module has learnt."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def _all_finite(metrics: Metrics) -> bool:
    return all(math.isfinite(value.item()) for value in metrics.values())


def _sound(module: nn.Module) -> bool:
    """Whether every weight is finite; buffers may hold infinities on purpose."""
    parameters = [parameter.detach() for parameter in module.parameters() if parameter.numel()]
    if not parameters:
        return True
    largest = torch._foreach_norm(parameters, math.inf)  # one look at all of them: a pass may be as short as a step
    return math.isfinite(sum(each.item() for each in largest))
