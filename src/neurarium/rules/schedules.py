"""How the learning rate changes over a fit: what it is multiplied by, given the share of its steps that are made.

A schedule is a function of that share alone, so that an interrupted fit goes on at the same rate.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

Schedule = Callable[[float], float]


@dataclass(frozen=True)
class Cycle:
    """Up in a line, and down to nothing along half a cosine: a fit ends where it settles.

    Args:
        rise: Share of the steps in which the rate rises, at least 0 and below 1.

    Source: "Super-convergence" (Smith and Topin, 2019), https://arxiv.org/abs/1708.07120; the cosine: "SGDR"
    (Loshchilov and Hutter, 2017), https://arxiv.org/abs/1608.03983.

    Example:
        >>> [round(Cycle(rise=0.25)(done), 3) for done in (0.125, 0.25, 0.625, 1.0)]
        [0.5, 1.0, 0.5, 0.0]
    """

    rise: float = 0.0

    def __call__(self, done: float) -> float:
        """The factor when the share `done` of the steps is made."""
        if done < self.rise:
            return done / self.rise
        return 0.5 + 0.5 * math.cos(math.pi * min(1.0, (done - self.rise) / (1 - self.rise)))
