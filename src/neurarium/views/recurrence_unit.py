"""One hidden unit with a wire to itself, as an MLP with one wire more: what the lab "recurrence" computes.

With x(t) a frame, 1 or 0,

    h(t) = tanh(W x(t) + w h(t-1)),        y(t) = v h(t) + u x(t) + c,

and w = 0 is an MLP. The output's three weights are those that miss the task least in the mean square, on the frames of
the film in its own order; what h says beyond x is all that can tell of the past.

Source: "Finding structure in time" (Elman, 1990), whose context unit is the wire.
"""

import torch
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.views.numbers import picked

_NOTHING = 1e-9  # sum of squares below which a hidden unit says nothing beyond its input
_CHANGED = 1e-4


class _Turn(nn.Module):
    """A frame."""

    def forward(self, h: Tensor, x: Tensor, weight: Tensor, wire: Tensor) -> tuple[Tensor, Tensor]:
        """h(t), twice."""
        h = torch.tanh(weight * x + wire * h)
        return h, h


class Recurrence(nn.Module):
    """A film in its own order and in another, and the answers to both.

    Args:
        frames: Of a film.
    """

    def __init__(self, frames: int) -> None:
        super().__init__()
        self.loop = Loop(_Turn(), states=1, sequences=1, turns=frames)

    def forward(
        self,
        seed: Tensor,
        wire: Tensor,
        weight: Tensor,
        shuffle: Tensor,
        t: Tensor,
        films: Tensor,
        orders: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown.

        Args:
            seed: Which film.
            wire, weight: w and W.
            shuffle: Whether the film is shown in the other order.
            t: The frame that is looked at.
            films: (films, frames) 1 where a frame is on.
            orders: (films, frames) which frame comes when in the other order.
        """
        film, order = picked(films, seed), picked(orders, seed)
        both = torch.stack([film, film.index_select(0, order)], 1)
        h = self.loop(torch.zeros(2), both, weight, wire)[1]
        v, u, c = read_out(h[:, 0], film)
        y = v * h + u * both + c
        change = y[:, 1] - y[:, 0].index_select(0, order)
        right = ((y > 0.5) == (before(both) > 0.5))[1:].sum(0)
        now = shuffle.long()
        x_shown, h_shown, y_shown = (picked(each, now, 1) for each in (both, h, y))
        earlier = before(h_shown[:, None])[:, 0]
        numbers = {"x_now": picked(x_shown, t), "h_before": picked(earlier, t), "h_now": picked(h_shown, t),
                   "y_now": picked(y_shown, t)}  # fmt: skip
        return {
            **numbers,
            "in_cells": torch.stack(list(numbers.values())),
            "wires": torch.stack([weight, wire, v, u]),
            "v": v,
            "u": u,
            "constant": c,
            "curves": torch.stack([x_shown, h_shown]),
            "task": torch.stack([x_shown, before(x_shown[:, None])[:, 0], y_shown]),
            "right": picked(right, now),
            "right_own": right[0],
            "changed": (change.abs() > _CHANGED).sum(),
            "most_changed": change.abs().amax(),
            "own_answers": y[:, 0].index_select(0, order),
            "other_answers": y[:, 1],
            "film": film.index_select(0, order).long(),
            "left": (wire**3).clamp(max=1),
        }


def before(values: Tensor) -> Tensor:
    """(time, n) what was there a step before, 0 before the first."""
    return torch.cat([torch.zeros_like(values[:1]), values[:-1]])


def read_out(h: Tensor, film: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """v, u and c by least squares: whether the frame before was on, from h and x, over all frames that have one before.

    x is 0 or 1, so what it tells are two means; v is the slope of the task in what h says beyond them.
    """
    said, x, asked = h[1:], film[1:], film[:-1]
    means = [_means(each, x) for each in (said, asked)]
    (h_off, h_on), (asked_off, asked_on) = means
    beyond = said - h_off - (h_on - h_off) * x
    size = beyond.square().sum()
    v = torch.where(size > _NOTHING, (beyond * asked).sum() / size.clamp(min=_NOTHING), 0.0)
    c = asked_off - v * h_off
    return v, asked_on - v * h_on - c, c


def _means(values: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """The means where x is 0 and where it is 1."""
    on, off = x.sum().clamp(min=1), (1 - x).sum().clamp(min=1)
    return (values * (1 - x)).sum() / off, (values * x).sum() / on
