"""How the playground learns: its points, one step of the rule, and how well it does."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from neurarium.views.playground_data import ROWS
from neurarium.views.trained_here import Network, Room, around, taken

BATCH = 32
"""Rows of a batch at most."""


@dataclass(frozen=True)
class Points:
    """The points that are learnt from.

    Attributes:
        places, target: (ROWS, 2) and (ROWS,) where they are, and the class or number asked for.
        used: (ROWS,) 1 for a point that is there.
        test, train: (ROWS,) whether it is kept for testing, or learnt from.
        own, numbers: Whether they are one's own; whether numbers are asked for, not classes.
    """

    places: Tensor
    target: Tensor
    used: Tensor
    test: Tensor
    train: Tensor
    own: Tensor
    numbers: Tensor


class Step(nn.Module):
    """One step of training."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.room = room

    def forward(
        self, parameters: Tensor, first: Tensor, second: Tensor, steps: Tensor, *given: Tensor
    ) -> tuple[Tensor, ...]:
        """The parameters, the means of Adam and the number of steps after it; all of them again, and the gradient."""
        rule, rate = given[5][0], given[5][1]
        gradient = self.slope(parameters, first, second, steps, *given)
        after = taken(rule, rate, steps.float(), parameters, gradient, first, second)
        new = after.parameters, after.first, after.second, steps + 1
        return *new, *new, gradient

    def slope(
        self, parameters: Tensor, first: Tensor, second: Tensor, steps: Tensor, inputs: Tensor, units: Tensor,
        depth: Tensor, function: Tensor, weights: Tensor, learning: Tensor, known: Tensor, target: Tensor,
        order: Tensor, count: Tensor, batch: Tensor, numbers: Tensor,
    ) -> Tensor:  # fmt: skip
        """The gradient of the loss of the next batch: the rows in their order, round and round."""
        place = torch.arange(BATCH)
        rows = order.index_select(0, around(steps * batch + place, count.clamp(min=1)))
        x, t = known.index_select(0, rows), target.index_select(0, rows)
        network = Network(self.room, inputs, units, depth, function)
        layers, answer = network.layers(parameters, x)
        y = answer[:, 0]
        error = torch.where(numbers, 2 * (y - t), y.sigmoid() - t)
        error = torch.where(place < batch, error, 0.0) / batch.clamp(min=1)
        pull = learning[2] * torch.sign(parameters) + learning[3] * parameters
        return network.gradient(parameters, layers, error[:, None]) + weights * pull


def lesson(
    network: Network,
    points: Points,
    known: Tensor,
    rule: Tensor,
    rate: Tensor,
    decay_1: Tensor,
    decay_2: Tensor,
    batch: Tensor,
) -> list[Tensor]:
    """All that `Step` is given beside the state: the network's shape, how it learns, and from what."""
    weights, _ = network.used()
    learning = torch.stack([rule.float(), rate, decay_1, decay_2])
    order, count = _order(points.train)
    shape = [network.inputs, network.units, network.depth, network.function]
    rows = [known, points.target, order, count, torch.minimum(batch, count), points.numbers]
    return [*shape, weights, learning, *rows]


def _order(train: Tensor) -> tuple[Tensor, Tensor]:
    """The numbers of the training rows, before those of the others, and how many there are."""
    number = torch.arange(ROWS)
    order = torch.where(train, number, number + ROWS).sort().values
    return torch.where(order < ROWS, order, order - ROWS), train.sum()


def _cost(said: Tensor, target: Tensor, numbers: Tensor) -> Tensor:
    """(n,) cross-entropy of a class, square of what misses a number."""
    return torch.where(numbers, (said - target) ** 2, softplus(said) - target * said)


def losses_of(said: Tensor, points: Points, steps: Tensor) -> Tensor:
    """(3,) after how many steps, and the mean cost of the points that are learnt from and of those for testing."""
    cost = _cost(said, points.target, points.numbers)
    return torch.stack([steps.float(), _mean(cost, points.train), _mean(cost, points.test)])


def right_of(said: Tensor, points: Points) -> Tensor:
    """(ROWS,) whether what is said of a point lies on the side of 0 that it should."""
    return ((said > 0) == (points.target > torch.where(points.numbers, 0.0, 0.5))) & (points.used > 0)


def _mean(cost: Tensor, some: Tensor) -> Tensor:
    return torch.where(some, cost, 0.0).sum() / some.sum()
