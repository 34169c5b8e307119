"""The curves of the lab "universal": that of the lecture's chapter, fresh ones by seed, a jump, a wild sine, one's own.

The chapter that the lecture cites (Nielsen, Neural networks and deep learning, 2015, chapter 4) builds a network for

    f(x) = 0.2 + 0.4 x² + 0.3 x sin(15 x) + 0.05 cos(50 x),    x from 0 to 1.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurarium.page.noise import uniform
from neurarium.page.words import Text

EXAMPLE, OWN, JUMP, WILD = range(4)
CURVES = [
    Text("the example", "el ejemplo"),
    Text("your own", "la suya"),
    Text("a jump", "un salto"),
    Text("a wild sine", "un seno salvaje"),
]
SEEDS = 8
PLACES = 300
"""Middles of as many equal parts, at which curves are measured."""
SIDE = PLACES + 2
"""With them the place of the jump twice, on either side of it."""
JUMP_AT, LOW, HIGH = 0.37, 0.2, 0.8
PERIODS = 12
KNOTS = [(0.0, 0.3), (0.2, 0.8), (0.4, 0.45), (0.6, 0.6), (0.8, 0.15), (1.0, 0.5)]
"""Of one's own curve at first."""
CAPACITY = 12


def lecture(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The function of the chapter."""
    return 0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.05 * np.cos(50 * x)


def places() -> NDArray[np.float64]:
    """(SIDE,) the places, from left to right."""
    middles = (np.arange(PLACES) + 0.5) / PLACES
    return np.sort(np.concatenate([middles, [JUMP_AT, JUMP_AT]]))


def counted() -> NDArray[np.float64]:
    """(SIDE,) 1 for a place that means are taken over, 0 for the two sides of the jump."""
    return (places() != JUMP_AT).astype(float)


def examples() -> NDArray[np.float64]:
    """(SEEDS, SIDE) the lecture's function, and fresh ones: sums of five sines, between 0.1 and 0.9."""
    x = places()
    made = [lecture(x)]
    for seed in range(1, SEEDS):
        strength, phase = uniform(seed, (2, 5)).astype(float)
        waves = np.arange(1, 6)[:, None]
        curve = ((strength / np.arange(1, 6) ** 0.7)[:, None] * np.sin(2 * np.pi * (waves * x + phase[:, None]))).sum(0)
        made.append(0.1 + 0.8 * (curve - curve.min()) / (curve.max() - curve.min()))
    return np.stack(made)


def jump() -> NDArray[np.float64]:
    """(SIDE,) low, and from a place on high; at that place both, one after the other."""
    made = np.where(places() < JUMP_AT, LOW, HIGH)
    made[np.flatnonzero(places() == JUMP_AT)[0]] = LOW
    return made


def wild() -> NDArray[np.float64]:
    """(SIDE,) a sine that goes up and down often."""
    return 0.5 + 0.4 * np.sin(2 * np.pi * PERIODS * places())


def through(x: Tensor, knots: Tensor, used: Tensor) -> Tensor:
    """Straight lines from knot to knot, level outside of them, and 0.5 where there is none.

    Args:
        x: (places,).
        knots: (n, 2) in any order.
        used: (n,) 1 for those that are there.
    """
    away = x[:, None] - knots[:, 0]
    there = used > 0
    behind = torch.where(there & (away >= 0), away, torch.inf)
    ahead = torch.where(there & (away < 0), -away, torch.inf)
    left, right = (knots[:, 1].index_select(0, each.argmin(1)) for each in (behind, ahead))
    before, after = behind.amin(1), ahead.amin(1)
    none_before, none_after = before == torch.inf, after == torch.inf
    span = torch.where(none_before | none_after, 1.0, before + after)
    between = left + (right - left) * torch.where(none_before | none_after, 0.0, before) / span
    one_sided = torch.where(none_before, right, torch.where(none_after, left, between))
    return torch.where(none_before & none_after, 0.5, one_sided)
