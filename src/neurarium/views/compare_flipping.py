"""Flipping: how well a heat map says what a network goes by, measured by taking away what it calls most relevant.

The pieces of a row (pixels, columns, steps) are replaced by what says nothing, those of the largest relevance first,
and the share of the class is noted on the way. The better the map, the sooner the share falls, and the smaller is the
area below the curve,

    area = ∫ share(u) du,       u from 0 to 1 the part of the pieces that is gone.

A map that says nothing does no better than a random order: the control is the mean curve of a few fixed ones.

Source: "On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation" (Bach et
al., 2015), https://doi.org/10.1371/journal.pone.0130140, section "Pixel-flipping"; "Evaluating the visualization of
what a deep neural network has learned" (Samek et al., 2017), https://arxiv.org/abs/1509.06321.
"""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

ORDERS = 8
"""Random orders whose mean is the control."""


def random_orders(pieces: int) -> Int[Tensor, "orders pieces"]:
    """The same ones for every network and method."""
    chance = np.random.default_rng(0)
    return torch.from_numpy(np.stack([chance.permutation(pieces) for _ in range(ORDERS)]))


def gone(pieces: int, stages: int) -> Int[Tensor, "stages"]:
    """How many pieces are gone at each stage, from none to all.

    Example:
        >>> gone(4, 3).tolist()
        [0, 2, 4]
    """
    return torch.linspace(0, pieces, stages, dtype=torch.float64).round().long()


def flipped(
    share: Callable[[Tensor], Tensor],
    x: Float[Tensor, "1 *row"],
    blank: Float[Tensor, "1 *row"],
    orders: Int[Tensor, "orders pieces"],
    spread: Callable[[Tensor], Tensor],
    stages: int,
) -> Float[Tensor, "orders stages"]:
    """The share of a class as the pieces of a row go, in each of several orders.

    Args:
        share: From (n, ...) rows to (n,) shares.
        x: The row.
        blank: What takes its place.
        orders: Which piece goes first, second ...
        spread: From (n, pieces) to (n, ...): 1 where a piece is, at all of its numbers.
        stages: Points of a curve.
    """
    turn = orders.argsort(1)  # when each piece goes
    away = (turn[:, None] < gone(orders.shape[1], stages)[:, None]).flatten(0, 1)
    covered = spread(away.to(x.dtype))
    return share(x + covered * (blank - x)).reshape(len(orders), stages)


def area(curves: Float[Tensor, "*many stages"]) -> Float[Tensor, "*many"]:
    """Below each curve, by the trapezoid rule."""
    return torch.trapezoid(curves, dx=1 / (curves.shape[-1] - 1), dim=-1)
