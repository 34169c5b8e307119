"""What the lab "universal" computes: one hidden layer of sigmoid units, built by hand, by rule, or trained.

A unit σ(w x + b) with a large w is a step at s = -b / w. Two of them, with heights h and -h behind, are a bump,

    h (σ(w (x - s)) - σ(w (x - s'))),

and a sum of bumps side by side, each as high as the curve is there on average, is any curve, as near as one likes.
"""

import numpy as np
import torch
from torch import Tensor, nn

from neurarium.page.noise import uniform
from neurarium.program.loop import Loop
from neurarium.views import universal_curves as curves
from neurarium.views.levels import DO, SEE
from neurarium.views.numbers import picked
from neurarium.views.trained_here import taken

HAND, RULE, TRAINED = range(3)
MOST = 100
"""Bumps by rule at most."""
TRIED = [1, 2, 4, 7, 12, 18, 24, 36, 50, 70, 100]
"""Numbers of bumps for which the error is drawn."""
OUTSIDE = 0.1
"""How far outside the first and the last step lie, so that none is half done at the ends."""
UNITS = 32
SIZE = 3 * UNITS + 1
_EDGE = 1e-3  # of a bump: what lies on the edge of two belongs to the right one, however it is rounded
EVERY = 5
"""Of the places every fifth is learnt from."""
STEPS = 10
"""Of a press."""
TRACE = 300
FEW = 3
"""Every third place is enough to draw what each unit adds."""


def stairs(x: Tensor, w: Tensor, places: Tensor, heights: Tensor) -> Tensor:
    """(places,) the sum of heights times steps, σ(w (x - s))."""
    return (w * (x[:, None] - places)).sigmoid() @ heights


class ByRule(nn.Module):
    """Bumps of equal width side by side, each as high as the curve is on average above it."""

    x: Tensor
    counted: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("x", torch.tensor(curves.places(), dtype=torch.float32))
        self.register_buffer("counted", torch.tensor(curves.counted(), dtype=torch.float32))

    def heights(self, n: Tensor, f: Tensor) -> Tensor:
        """(MOST,) of the bumps, 0 behind the n-th."""
        bump = torch.arange(MOST, dtype=f.dtype)[:, None]
        inside = ((self.x * n + _EDGE).floor() == bump).to(f.dtype) * self.counted
        return (inside * f).sum(1) / inside.sum(1).clamp(min=1)

    def forward(self, n: Tensor, f: Tensor, w: Tensor) -> Tensor:
        """(places,) the network of n bumps; a step between two bumps is that of both of their units."""
        heights = self.heights(n, f)
        edge = torch.arange(MOST + 1, dtype=f.dtype)
        places = torch.where(edge == 0, -OUTSIDE, torch.where(edge >= n, 1 + OUTSIDE, edge / n))
        none = f[:1] * 0
        return stairs(self.x, w, places, torch.cat([heights, none]) - torch.cat([none, heights]))

    def missed(self, f: Tensor, network: Tensor) -> Tensor:
        """(2,) the mean and the largest distance of two curves."""
        away = (f - network).abs()
        return torch.stack([(away * self.counted).sum() / self.counted.sum(), away.amax()])


class Judged(nn.Module):
    """The errors of one number of bumps: a turn of the loop over those that are drawn."""

    def __init__(self, rule: ByRule) -> None:
        super().__init__()
        self.rule = rule

    def forward(self, n: Tensor, f: Tensor, w: Tensor) -> tuple[Tensor]:
        """(2,) the mean and the largest."""
        return (self.rule.missed(f, self.rule(n, f, w)),)


class Descended(nn.Module):
    """One step of gradient descent or of Adam on the mean squared error.

    Attributes:
        x: (rows,) the places that are learnt from.
    """

    x: Tensor

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.register_buffer("x", x)

    def hidden(self, parameters: Tensor, x: Tensor, units: Tensor) -> Tensor:
        """(rows, UNITS) what the units say; those that are not there nothing."""
        w, b = parameters[:UNITS], parameters[UNITS : 2 * UNITS]
        return (x[:, None] * w + b).sigmoid() * (torch.arange(UNITS) < units).to(x.dtype)

    def answer(self, parameters: Tensor, hidden: Tensor) -> Tensor:
        """(rows,) the sum."""
        return hidden @ parameters[2 * UNITS : 3 * UNITS] + parameters[3 * UNITS]

    def forward(
        self,
        parameters: Tensor,
        first: Tensor,
        second: Tensor,
        number: Tensor,
        targets: Tensor,
        units: Tensor,
        rule: Tensor,
        rate: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The parameters after the step, the means of Adam, and how many steps there were."""
        a = self.hidden(parameters, self.x, units)
        error = 2 / len(self.x) * (self.answer(parameters, a) - targets)
        back = error[:, None] * parameters[2 * UNITS : 3 * UNITS] * a * (1 - a)
        slope = torch.cat([self.x @ back, back.sum(0), error @ a, error.sum()[None]])
        after = taken(rule, rate, number, parameters, slope, first, second)
        return after.parameters, after.first, after.second, number + 1


def start() -> np.ndarray:
    """(SIZE,) the units before training: steps spread evenly, however many of them are there, and small heights."""
    number = np.arange(UNITS)
    chance = uniform(0, (2, UNITS)).astype(float)
    s = ((number + 0.5) * (np.sqrt(5) - 1) / 2) % 1  # the golden section: the first few lie as evenly as all
    w = 20 + 40 * chance[0]
    return np.concatenate([w, -w * s, 0.4 * chance[1] - 0.2, [0.5]]).astype(np.float32)


class Universal(nn.Module):
    """A curve, and the network in three ways."""

    examples: Tensor
    others: Tensor
    tried: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.rule = ByRule()
        self.step = Descended(self.rule.x[self.rule.counted > 0][::EVERY].clone())
        self.loop = Loop(self.step, states=4, sequences=0, turns=STEPS)
        self.judge = Loop(Judged(self.rule), states=0, sequences=1, turns=len(TRIED))
        self.register_buffer("tried", torch.tensor(TRIED))
        self.register_buffer("examples", torch.tensor(curves.examples(), dtype=torch.float32))
        others = np.stack([curves.jump(), curves.wild()])
        self.register_buffer("others", torch.tensor(others, dtype=torch.float32))
        self.register_buffer("rows", torch.tensor(np.flatnonzero(curves.counted())[::EVERY]))

    rows: Tensor

    def forward(
        self,
        level: Tensor,
        curve: Tensor,
        seed: Tensor,
        built: Tensor,
        n: Tensor,
        steepness: Tensor,
        knots_xy: Tensor,
        knots_used: Tensor,
        bumps_xy: Tensor,
        bumps_used: Tensor,
        width: Tensor,
        units: Tensor,
        rule: Tensor,
        rate: Tensor,
        parameters: Tensor,
        first: Tensor,
        second: Tensor,
        number: Tensor,
        trace: Tensor,
        place: Tensor,
        left: Tensor,
        right: Tensor,
        h: Tensor,
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        x = self.rule.x
        own = curves.through(x, knots_xy, knots_used)
        f = picked(torch.cat([picked(self.examples, seed)[None], own[None], self.others]), curve)
        how = torch.where(level == DO, built, RULE)
        by_rule = self.rule(n, f, steepness)
        by_hand, bumps = self._by_hand(bumps_xy, bumps_used, width, steepness)
        hidden = self.step.hidden(parameters, x, units)
        trained = self.step.answer(parameters, hidden)
        network = picked(torch.stack([by_hand, by_rule, trained]), how)
        count = picked(torch.stack([bumps_used.sum(), n.to(x.dtype), units.to(x.dtype)]), how)
        missed = self.rule.missed(f, network)
        half = torch.where(curve == curves.JUMP, (curves.HIGH - curves.LOW) / 2, torch.nan).expand(1, len(TRIED))
        heights = parameters[2 * UNITS : 3 * UNITS]
        return {
            "f": f,
            "own": own,
            "by_rule": torch.stack([f, by_rule]),
            "by_hand": torch.stack([f, by_hand]),
            "trained": torch.stack([f, trained]),
            "each": bumps,
            "adds": (hidden * heights)[::FEW].mT,
            "mean_error": missed[0],
            "largest_error": missed[1],
            "hidden_units": torch.where(how == TRAINED, count, 2 * count),
            "part": torch.where(level == DO, built, -1),
            "by_number": torch.where((level == DO) & (built != RULE), 0, 1),
            "steep": torch.where((level == SEE) | ((level == DO) & (built == TRAINED)), 0, 1),
            "drawing": torch.where((level == DO) & (curve == curves.OWN), 1, 0),
            "tops_x": bumps_xy[:, 0],
            "tops_y": bumps_xy[:, 1],
            "knots_x": knots_xy[:, 0],
            "knots_y": knots_xy[:, 1],
            "errors": torch.cat([self.judge(self.tried, f, steepness)[0].mT, half]),
            **self._learnt(f, units, rule, rate, parameters, first, second, number, trace, trained),
            **self._told(place, f, by_rule, steepness, left, right, h),
        }

    def _by_hand(self, tops: Tensor, used: Tensor, width: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """(places,) the sum of the bumps, and each of them."""
        x = self.rule.x
        begin, end = (tops[:, 0] + side * width / 2 for side in (-1, 1))
        up, down = ((w * (x - each[:, None])).sigmoid() for each in (begin, end))
        bumps = (used * tops[:, 1])[:, None] * (up - down)
        return bumps.sum(0), bumps

    def _learnt(
        self,
        f: Tensor,
        units: Tensor,
        rule: Tensor,
        rate: Tensor,
        parameters: Tensor,
        first: Tensor,
        second: Tensor,
        number: Tensor,
        trace: Tensor,
        trained: Tensor,
    ) -> dict[str, Tensor]:
        """The loss, and where a press of the button leads."""
        loss = (trained - f).index_select(0, self.rows).square().mean()
        now = self.loop(parameters, first, second, number, f.index_select(0, self.rows), units, rule, rate)
        press = torch.arange(TRACE)
        pressed = (number / STEPS).to(torch.int64)
        return {
            "loss": loss,
            "next_parameters": now[0],
            "next_first": now[1],
            "next_second": now[2],
            "next_number": now[3],
            "next_trace": torch.where(press == pressed.clamp(max=TRACE - 1), loss, trace),
            "kept": torch.where(press < pressed, trace, torch.where(press == pressed, loss, torch.nan)),
            "pressed": pressed.clamp(max=TRACE - 1) * STEPS,
            "last_step": (2 * pressed).clamp(min=50, max=TRACE - 1) * STEPS,
        }

    def _told(
        self, place: Tensor, f: Tensor, by_rule: Tensor, w: Tensor, left: Tensor, right: Tensor, h: Tensor
    ) -> dict[str, Tensor]:
        """One bump from two units, and both curves at a place."""
        x = self.rule.x
        up, down = h * (w * x - w * left).sigmoid(), -h * (w * x - w * right).sigmoid()
        first, second = ((w * (place - each)).sigmoid() for each in (left, right))
        at = ((self.rule.x - place).abs() + (1 - self.rule.counted)).argmin()
        return {
            "pair": torch.stack([up, down, up + down]),
            "b_left": -w * left,
            "b_right": -w * right,
            "f_here": picked(f, at),
            "n_here": picked(by_rule, at),
            "missed_here": picked(f - by_rule, at).abs(),
            "first_here": first,
            "second_here": second,
            "bump_here": h * (first - second),
        }
