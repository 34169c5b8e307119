"""What the chart's thirteen kinds of cell compute: each one's answer, its curve over the input or over time.

Cells that are given one number answer to x; those that remember or slide answer to a signal x(0), x(1), ...
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from neurarium.core.card import Cell
from neurarium.program.loop import Loop
from neurarium.views.levels import DO, FORMULA
from neurarium.views.numbers import picked

KINDS = list(Cell)
STEPS = 40
POINTS = 61
WIDE = 3.0
"""Curves over the input go from -WIDE to WIDE."""

LEAK = 0.1
"""Of a spiking cell: what share of its voltage leaks away in a step; it fires at voltage 1."""

TAPS, POOLED = 3, 2


class _Backfed(nn.Module):
    def forward(self, s: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        after = (w * s).tanh()
        return after, torch.stack([after, s])


class _Recurrent(nn.Module):
    def forward(self, h: Tensor, x: Tensor, w: Tensor, loop: Tensor) -> tuple[Tensor, Tensor]:
        after = (w * x + loop * h).tanh()
        return after, torch.stack([after, h])


class _Memory(nn.Module):
    def forward(self, c: Tensor, x: Tensor, w: Tensor, keep: Tensor, write: Tensor) -> tuple[Tensor, Tensor]:
        after = keep * c + write * (w * x).tanh()
        return after, torch.stack([after, c])


class _Different(nn.Module):
    def forward(
        self, h: Tensor, x: Tensor, w: Tensor, loop: Tensor, keep: Tensor, reset: Tensor
    ) -> tuple[Tensor, Tensor]:
        new = (w * x + reset * loop * h).tanh()
        after = keep * h + (1 - keep) * new
        return after, torch.stack([after, h, new])


class _Spiking(nn.Module):
    """The voltage v leaks, is driven, and starts again from 0 after a spike."""

    def forward(self, v: Tensor, driven: Tensor) -> tuple[Tensor, Tensor]:
        risen = v + LEAK * (driven - v)
        fires = risen >= 1
        return torch.where(fires, 0.0, risen), torch.stack([risen, fires.float(), v])


class CellsOfTheChart(nn.Module):
    """All kinds at once; a page computes those that are shown.

    Args:
        inputs: (examples,) x; that of the first is set by hand.
        signals: (examples, steps) what cells with time are given.
        draws: (examples, 2, steps) noise: normal numbers, and uniform ones.
    """

    inputs: Tensor
    signals: Tensor
    draws: Tensor

    def __init__(self, inputs: Tensor, signals: Tensor, draws: Tensor) -> None:
        super().__init__()
        self.register_buffer("inputs", inputs)
        self.register_buffer("signals", signals)
        self.register_buffer("draws", draws)
        self.backfed = Loop(_Backfed(), states=1, sequences=0, turns=STEPS)
        self.recurrent = Loop(_Recurrent(), states=1, sequences=1, turns=STEPS)
        self.memory = Loop(_Memory(), states=1, sequences=1, turns=STEPS)
        self.different = Loop(_Different(), states=1, sequences=1, turns=STEPS)
        self.spiking = Loop(_Spiking(), states=1, sequences=0, turns=STEPS)

    def forward(
        self,
        level: Tensor,
        seed: Tensor,
        kind: Tensor,
        x: Tensor,
        w: Tensor,
        b: Tensor,
        noise: Tensor,
        t: Tensor,
        loop: Tensor,
        keep: Tensor,
        write: Tensor,
        tell: Tensor,
        reset: Tensor,
        weights: Tensor,
    ) -> dict[str, Tensor]:
        """Curves by the name of the cell, and the numbers of the chosen cell."""
        x = torch.where(seed == 0, x, picked(self.inputs, seed))
        signal, (normal, uniform) = picked(self.signals, seed), picked(self.draws, seed).unbind()
        given = {
            **self.of_one_number(x, w, b, noise, normal, uniform, t),
            **self.of_a_signal(x, w, signal, loop, keep, write, tell, reset, t),
            **self.of_a_window(signal, weights.flatten(), t),
        }
        said = {Cell(name.removeprefix("y_").replace("_", " ")): y for name, y in given.items() if name[:2] == "y_"}
        return {
            **given,
            "y": picked(torch.stack([said[each] for each in KINDS]), kind),
            "x_now": x,
            "signal": signal,
            "signal_now": picked(signal, t),
            "formula_shown": torch.where(level >= DO, kind, -1),
            "code_shown": torch.where(level == FORMULA, kind, -1),
            "dials": torch.where(level == DO, kind, -1),
            "dial_of_x": torch.where((level == DO) & (seed == 0), kind, -1),
        }

    def of_one_number(
        self, x: Tensor, w: Tensor, b: Tensor, noise: Tensor, normal: Tensor, uniform: Tensor, t: Tensor
    ) -> dict[str, Tensor]:
        """The cells that x alone decides, or x and chance."""
        over = torch.linspace(-WIDE, WIDE, POINTS)
        line, guess = w * over + b, w * x + b
        p = guess.sigmoid()
        fired = (uniform < p).float()
        noisy = x + noise * normal
        return {
            "over": over,
            "curve_input": over,
            "curve_hidden": line.sigmoid(),
            "curve_output": line,
            "curve_match": torch.stack([line, (line - over) ** 2]),
            "time_noisy": noisy,
            "time_chance": fired,
            "share": fired.mean(),
            "p": p,
            "error": (guess - x) ** 2,
            "epsilon": picked(normal, t),
            "drawn": picked(uniform, t),
            "y_input": x,
            "y_noisy_input": picked(noisy, t),
            "y_hidden": p,
            "y_probabilistic_hidden": picked(fired, t),
            "y_output": guess,
            "y_match_input_output": guess,
            **self.spikes(x, w, over, t),
        }

    def spikes(self, x: Tensor, w: Tensor, over: Tensor, t: Tensor) -> dict[str, Tensor]:
        """A voltage that leaks and fires: over time for x, and how often for every input."""
        driven = w * torch.cat([x.reshape(1), over])
        _, run = self.spiking(torch.zeros(POINTS + 1), driven)
        voltage, fires = run[:, 0], run[:, 1]
        rates = fires.mean(0)
        return {
            "time_voltage": torch.stack([voltage[:, 0], fires[:, 0]]),
            "curve_rate": rates[1:],
            "rate": rates[0],
            "voltage": picked(voltage[:, 0], t),
            "voltage_before": picked(run[:, 2, 0], t),
            "y_spiking_hidden": picked(fires[:, 0], t),
        }

    def of_a_signal(
        self,
        x: Tensor,
        w: Tensor,
        signal: Tensor,
        loop: Tensor,
        keep: Tensor,
        write: Tensor,
        tell: Tensor,
        reset: Tensor,
        t: Tensor,
    ) -> dict[str, Tensor]:
        """The cells that hear themselves, or remember."""
        zero = torch.zeros(())
        _, back = self.backfed(x, w)
        _, heard = self.recurrent(zero, signal, w, loop)
        _, held = self.memory(zero, signal, w, keep, write)
        _, mixed = self.different(zero, signal, w, loop, keep, reset)
        told = tell * held[:, 0].tanh()
        return {
            "time_backfed": back[:, 0],
            "time_recurrent": torch.stack([signal, heard[:, 0]]),
            "time_memory": torch.stack([signal, held[:, 0], told]),
            "time_different": torch.stack([signal, mixed[:, 0]]),
            "back_before": picked(back[:, 1], t),
            "heard_before": picked(heard[:, 1], t),
            "held_before": picked(held[:, 1], t),
            "held": picked(held[:, 0], t),
            "mixed_before": picked(mixed[:, 1], t),
            "mixed_new": picked(mixed[:, 2], t),
            "y_backfed_input": picked(back[:, 0], t),
            "y_recurrent": picked(heard[:, 0], t),
            "y_memory": picked(told, t),
            "y_different_memory": picked(mixed[:, 0], t),
        }

    def of_a_window(self, signal: Tensor, weights: Tensor, t: Tensor) -> dict[str, Tensor]:
        """The cells that look at a few neighbours: at one place, and at every place with the largest of each pair."""
        place = t.clamp(max=STEPS - TAPS)
        patch = torch.stack([picked(signal, place + a) for a in range(TAPS)])
        everywhere = F.conv1d(signal[None, None], weights[None, None])
        pooled = F.max_pool1d(everywhere.relu(), POOLED)[0, 0]
        pair = (place.float() / POOLED).floor().long()
        y = picked(pooled, pair)
        lit = (torch.arange(STEPS) >= place) & (torch.arange(STEPS) < place + TAPS)
        return {
            "time_kernel": torch.stack([signal, torch.where(lit, signal, torch.nan)]),
            "time_pooled": torch.stack([F.pad(everywhere[0, 0], (0, TAPS - 1), value=torch.nan),
                                        F.pad(pooled.repeat_interleave(POOLED), (0, TAPS - 1), value=torch.nan)]),
            **{f"s_{a}": number for a, number in enumerate(patch.unbind())},
            **{f"k_{a}": number for a, number in enumerate(weights.unbind())},
            "first": picked(everywhere[0, 0], POOLED * pair),
            "second": picked(everywhere[0, 0], POOLED * pair + 1),
            "y_kernel": (weights * patch).sum(),
            "y_convolution_or_pool": y,
        }  # fmt: skip
