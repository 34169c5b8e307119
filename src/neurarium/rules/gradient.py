"""Gradient descent: any module, any loss, one step down the slope a batch.

The loss gives one number a row, and a step lowers their mean, w ← w + Δw(∂E/∂w); autograd has the slope. How far a step
goes is the optimiser's business: see `optimisers.py`.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule
from neurarium.rules.optimisers import Optimiser
from neurarium.rules.schedules import Schedule

Loss = Callable[[Any, Batch], Tensor]
"""What the module's answer to a batch costs: (n,) numbers, one a row."""

_CHUNK = 2**22  # numbers that pass the module at once when it is only judged


class Gradient(Rule):
    """Learn by steps down the slope of the mean loss.

    Args:
        module: What learns. Called with a batch's inputs, and with its lengths where rows are padded.
        loss: What an answer costs, a number a row. Rows count by `batch.weights`, whose mean over all rows, not over
            the batch, should be 1: then the mean over random batches is the mean over all rows.
        optimiser: Over the module's parameters: `Adam(module, 1e-3)`, `Descent(module, 0.1, momentum=0.9)`.
        schedule: Multiplies the optimiser's learning rate, where it is known how many steps will come; None leaves it
            as it is.
        clip: Longest gradient, all parameters taken as one vector: a longer one is shortened to it.
        wait: Passes to wait for the mean loss of a pass to fall by `tolerance`, before learning rests; None for ever.
        tolerance: Fall of the loss that counts.

    Source: "Learning representations by back-propagating errors" (Rumelhart, Hinton and Williams, 1986),
    https://doi.org/10.1038/323533a0. Clipping: "On the difficulty of training recurrent neural networks" (Pascanu,
    Mikolov and Bengio, 2013).
    """

    def __init__(
        self,
        module: nn.Module,
        loss: Loss,
        optimiser: Optimiser,
        *,
        schedule: Schedule | None = None,
        clip: float | None = None,
        wait: int | None = None,
        tolerance: float = 0.0,
    ) -> None:
        self.module = module
        self.loss = loss
        self.optimiser = optimiser
        self.schedule = schedule
        self._planned: int | None = None
        self.clip = clip
        self.wait = wait
        self.tolerance = tolerance
        self._steps = self._passes = self._waited = 0
        self._best = math.inf
        self._sum: Tensor | None = None
        self._steps_of_pass = 0

    def step(self, batch: Batch) -> Metrics:
        """One step down the slope at this batch."""
        loss = weighted_mean(self.loss(self._answer(batch), batch), batch.weights)
        self.optimiser.zero_grad()
        loss.backward()
        if self.clip is not None:
            nn.utils.clip_grad_norm_(self.optimiser.parameters, self.clip)
        self.optimiser.step(self._factor())
        self._steps += 1
        self._steps_of_pass += 1
        value = loss.detach()
        self._sum = value if self._sum is None else self._sum + value
        return {"loss": value}

    def plan(self, steps: int) -> None:
        """The steps that the schedule is spread over."""
        self._planned = steps

    def _factor(self) -> float:
        if self.schedule is None or self._planned is None:
            return 1.0
        return self.schedule((self._steps + 1) / (self._planned + 1))

    def _answer(self, batch: Batch) -> Any:
        """What the module says to the batch that is learnt from."""
        return answer(self.module, batch)

    def end_pass(self) -> bool:
        """Rest when the loss of a pass has not fallen for a while."""
        self._passes += 1
        total, steps = self._sum, self._steps_of_pass
        self._sum, self._steps_of_pass = None, 0
        if self.wait is None or total is None:
            return False
        mean = float(total) / steps
        self._waited = 0 if mean < self._best - self.tolerance else self._waited + 1
        self._best = min(self._best, mean)
        return self._waited >= self.wait

    def evaluate(self, batch: Batch) -> Tensor:
        """The mean loss over rows that are not learnt from."""
        return mean_loss(self.module, self.loss, batch)

    def state_dict(self) -> dict[str, Any]:
        """The optimiser's memory, and how far learning has come."""
        return {
            "optimiser": self.optimiser.state_dict(),
            "counts": [self._steps, self._passes, self._waited, self._steps_of_pass],
            "best": self._best,
            "sum": self._sum,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from that memory."""
        self.optimiser.load_state_dict(state["optimiser"])
        self._steps, self._passes, self._waited, self._steps_of_pass = state["counts"]
        self._best, self._sum = state["best"], state["sum"]


def answer(module: nn.Module, batch: Batch) -> Any:
    """What a module says to a batch."""
    return module(batch.inputs) if batch.lengths is None else module(batch.inputs, batch.lengths)


def weighted_mean(losses: Tensor, weights: Tensor | None) -> Tensor:
    """The mean of what rows cost, each counted by its weight; weights have mean 1 over all rows."""
    return losses.mean() if weights is None else (losses * weights).mean()


@torch.no_grad()
def mean_loss(module: nn.Module, loss: Loss, batch: Batch) -> Tensor:
    """The mean loss of a module that answers, without dropout and the like, over rows however many."""
    learning = module.training
    module.eval()
    rows = max(1, _CHUNK // max(1, batch.inputs[0].numel()))
    blocks = [batch.select(chunk) for chunk in torch.arange(batch.n_rows, device=batch.inputs.device).split(rows)]
    losses = torch.cat([loss(answer(module, block), block) for block in blocks])
    module.train(learning)
    if batch.weights is None:
        return losses.mean()
    return (losses * batch.weights).sum() / batch.weights.sum().clamp(min=torch.finfo(losses.dtype).tiny)


@torch.no_grad()
def put(parameters: Iterable[Tensor], vector: Tensor) -> None:
    """One vector, cut into the parameters it is made of, in the memory they have."""
    parameters = list(parameters)
    for parameter, values in zip(parameters, vector.split([each.numel() for each in parameters]), strict=True):
        parameter.copy_(values.view_as(parameter))
