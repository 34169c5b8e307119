"""Which units are on at some places of a sequence and off at all others, and whether chance would do as well.

With m(t) = 1 at the places that are marked and 0 elsewhere, and s(t) the state of a unit, the score is the correlation

    r = (mean of s inside - mean of s outside) · √(p (1 - p)) / (spread of s),    p the share of marked places,

so the difference of the means in spreads, brought to the range from -1 to 1. Among many units and neighbouring steps
that resemble each other, some unit always fits a little. What the best one is worth is told by the same marks shifted
along the sequence, the end going on at the beginning: a unit stands out where at most one shift in twenty, the marks
themselves counted in, finds a unit that fits as well.

Source: "LSTMVis: a tool for visual analysis of hidden state dynamics" (Strobelt and others, 2018),
https://arxiv.org/abs/1606.07461; the score by correlation and the shifts are ours.
"""

import torch
from torch import Tensor

from neurarium.views.gates_cells import likely
from neurarium.views.numbers import picked

BEST = 10
_CHANCE = 0.05
_STILL = 1e-5  # spread below which a unit is taken not to move


def standing_out(states: Tensor, marked: Tensor, there: Tensor, n_best: int) -> dict[str, Tensor]:
    """The units that fit the marks best, and how rarely shifted marks find one that fits as well.

    Args:
        states: (time, units) of the sequence.
        marked: (time,) 1 where there is a mark.
        there: (time,) 1 up to the end of the sequence.
        n_best: How many units to name.

    Returns:
        "fits" (units,) the scores; "best_units" and "best_fits" (n_best,), by the size of the score; "z" (time, units)
        the states in spreads from their mean; "shifts", how many there are, "rivals", those that find a unit as good;
        "verdict", 0 where nothing or everything is marked, 1 where no unit stands out, 2 where one does.
    """
    z, marks = _standard(states, there), _standard(marked[:, None], there)
    fits = correlations(z, marks[:, 0], there)
    _, codes = likely(fits.abs(), n_best)
    best = fits.index_select(0, codes)
    length = there.sum()
    rivals = ((_shifted(marks[:, 0], there) @ z).abs().amax(1) >= best[0].abs() * length * (1 - 1e-5)).float()
    shift = torch.arange(len(there))
    rivals = (rivals * ((shift > 0) & (shift < length)).float()).sum()
    rare = (rivals + 1) <= _CHANCE * length
    marks_differ = marks.abs().sum() > 0
    return {
        "fits": fits,
        "best_units": codes,
        "best_fits": best,
        "z": z,
        "shifts": (length - 1).long(),
        "rivals": rivals.long(),
        "verdict": torch.where(marks_differ, torch.where(rare, 2, 1), 0),
    }


def correlations(z: Tensor, marks: Tensor, there: Tensor) -> Tensor:
    """(units,) of standardised states with standardised marks."""
    return marks @ z / there.sum()


def fits_of(states: Tensor, marked: Tensor, there: Tensor) -> Tensor:
    """(units,) the scores at those places of a sequence that are there."""
    return correlations(_standard(states, there), _standard(marked[:, None], there)[:, 0], there)


def told_apart(state: Tensor, marked: Tensor, there: Tensor) -> dict[str, Tensor]:
    """The means of one unit inside and outside, and on which side of the threshold between them it is how often."""
    inside, outside = marked * there, (1 - marked) * there
    n_in, n_out = inside.sum().clamp(min=1), outside.sum().clamp(min=1)
    mean_in, mean_out = (state * inside).sum() / n_in, (state * outside).sum() / n_out
    threshold = (mean_in + mean_out) / 2
    on = torch.where(mean_in >= mean_out, state > threshold, state < threshold).to(state.dtype)
    return {
        "mean_in": mean_in,
        "mean_out": mean_out,
        "threshold": threshold,
        "on_inside": (on * inside).sum() / n_in,
        "on_outside": (on * outside).sum() / n_out,
    }


def between(symbols: Tensor, opened: Tensor, closed: Tensor) -> Tensor:
    """(time,) 1 from each symbol that opens to the one before that which closes; they may be the same."""
    opens, closes = ((symbols == each).float().cumsum(0) for each in (opened, closed))
    odd = opens - 2 * (opens / 2).floor()
    return torch.where(opened == closed, odd, (opens > closes).float())


def reach(sizes: Tensor, now: Tensor) -> dict[str, Tensor]:
    """From which step on up to now half of all sizes lies, and which single step is the largest."""
    total, steps = sizes.sum(), torch.arange(len(sizes))
    after = total - sizes.cumsum(0)
    needed = (after < 0.5 * total) & (steps <= now)
    return {"since": now + 1 - needed.sum(), "strongest": sizes.argmax()}


def _standard(values: Tensor, there: Tensor) -> Tensor:
    """Columns in spreads from their mean, 0 behind the end and where they do not move."""
    length, on = there.sum(), there[:, None]
    centred = (values - (values * on).sum(0) / length) * on
    spread = (centred.square().sum(0) / length).sqrt()
    return torch.where(spread > _STILL, centred / spread.clamp(min=_STILL), 0.0)


def _shifted(marks: Tensor, there: Tensor) -> Tensor:
    """(shifts, time) the marks moved on by 0, 1, 2 ... steps, around the end of the sequence."""
    length = there.sum().long()
    places = torch.arange(len(marks))
    to = places[:, None] + places
    to = torch.where(to >= length, to - length, to).clamp(0, len(marks) - 1)
    return marks.index_select(0, to.flatten()).view(len(marks), -1) * there


def chosen_of(choice: Tensor, best: Tensor) -> Tensor:
    """What a choice means: the first ones are the best, then come all by their numbers."""
    n = len(best)
    return torch.where(choice < n, picked(best, choice.clamp(max=n - 1)), choice - n)
