"""The points of the playground: a few shapes on a plane, all made from the same uniform numbers."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from neurarium.page.words import Text

ROWS = 160
EDGE = 2.0
"""The plane goes from -EDGE to EDGE."""
KINDS = [
    Text("XOR", "XOR"),
    Text("circles", "círculos"),
    Text("two clouds", "dos nubes"),
    Text("two spirals", "dos espirales"),
    Text("a slope (numbers)", "una rampa (números)"),
    Text("your own points", "sus propios puntos"),
]
XOR, CIRCLES, CLOUDS, SPIRALS, SLOPE, OWN = range(6)
FEATURES = ["x₁", "x₂", "x₁x₂", "x₁²", "x₂²", "sin 3x₁", "sin 3x₂"]
FEATURE_SETS = [2, 3, 5, 7]
"""How many of the features each choice of inputs has."""


@dataclass(frozen=True)
class Example:
    """Rows of every kind but one's own.

    Args:
        places: (5, ROWS, 2).
        targets: (5, ROWS) 0 or 1, for `SLOPE` a number.
        offsets: (ROWS, 2) what noise of the deviation 1 adds to the places.
    """

    places: Tensor
    targets: Tensor
    offsets: Tensor


def example(chance: Tensor) -> Example:
    """The rows of a seed.

    Args:
        chance: (ROWS, 4) uniform numbers: two for the place in the shape, two for the noise.
    """
    u, v = chance[:, 0], chance[:, 1]
    number = torch.arange(ROWS)
    right, upper = (number & 1).float(), (number >> 1 & 1).float()
    signs = 2 * torch.stack([right, upper], 1) - 1
    xor = signs + 0.45 * (2 * chance[:, :2] - 1)
    turned = 2 * math.pi * v
    circles = _polar(torch.where(right > 0, 1.3 + 0.4 * u, 0.7 * u.sqrt()), turned)
    clouds = 0.8 * (2 * right[:, None] - 1) + 0.35 * _gauss(u, v)
    spirals = _polar(0.1 + 1.6 * u, 2.6 * math.pi * u + math.pi * right)
    square = 1.8 * (2 * chance[:, :2] - 1)
    places = torch.stack([xor, circles, clouds, spirals, square])
    differ = (right - upper).abs()
    targets = torch.stack([differ, right, right, right, (square[:, 0] + square[:, 1]) / 3.6])
    return Example(places, targets, _gauss(chance[:, 2], chance[:, 3]))


def features(places: Tensor, inputs: Tensor) -> Tensor:
    """(n, 8) what the network is given of (n, 2) places.

    Args:
        places: (n, 2).
        inputs: (8,) 1 for the features that it has.
    """
    x, y = places[:, 0], places[:, 1]
    return torch.stack([x, y, x * y, x * x, y * y, (3 * x).sin(), (3 * y).sin(), 0 * x], 1) * inputs


def _polar(radius: Tensor, angle: Tensor) -> Tensor:
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1)


def _gauss(u: Tensor, v: Tensor) -> Tensor:
    """Two normal numbers from two uniform ones."""
    return _polar((-2 * torch.log1p(-u)).sqrt(), 2 * math.pi * v)
