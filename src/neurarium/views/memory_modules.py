"""The live modules of the look "memory": what an answer hangs on, and which units are on where marks are."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from neurarium.networks._recurrent_cells import State
from neurarium.views.gates_cells import likely
from neurarium.views.gates_modules import GatesModule, PictureGates, SampleGates, SeriesGates, TextGates
from neurarium.views.memory_back import Back, Forth
from neurarium.views.memory_rank import BEST, between, chosen_of, fits_of, reach, standing_out, told_apart
from neurarium.views.numbers import picked

LIKELY = 10
_TEN = math.log(10)
_SMALLEST = 1e-12  # what a logarithmic axis shows at least


class MemoryModule(nn.Module):
    """What all of them share.

    Args:
        gates: The same network as the look "gates" reads with it.
    """

    def __init__(self, gates: GatesModule) -> None:
        super().__init__()
        self.network: Any = gates.network
        self.turns = gates.turns
        recurrent = self.network.recurrent
        self.forth = Forth(recurrent, self.turns)
        self.back = Back(recurrent, recurrent.layers[0].W.shape[1], self.turns)
        self.n_best = min(BEST, recurrent.n_units * len(recurrent.layers))
        self.n_likely = min(LIKELY, len(self.network.read_out.weight))

    def there(self, last: Tensor) -> Tensor:
        """(time,) 1 up to the last step."""
        return (torch.arange(self.turns) <= last).float()

    def slopes(self, x: Tensor, start: State, after: State, now: Tensor, answer: Tensor) -> Tensor:
        """(time, in) the slopes of what the read-out says at a step in the inputs of the first layer."""
        return self.back(x, start, after, now, picked(self.network.read_out.weight, answer))

    def hidden(self, after: State) -> Tensor:
        """(time, units) h of the last layer."""
        return after[0][:, -1, 0]

    def hangs_on(self, slopes: Tensor, now: Tensor) -> dict[str, Tensor]:
        """The connectivity of every input, and how far back it goes."""
        sizes = slopes.square().sum(1).sqrt()
        later = torch.arange(self.turns) > now
        return {
            "slopes": slopes.T,
            "connectivity": torch.where(later, torch.nan, sizes.clamp(min=_SMALLEST)),
            "strip": torch.where(later, -3.0, (sizes / sizes.amax().clamp(min=_SMALLEST)).clamp(min=1e-3).log() / _TEN),
            **reach(sizes, now),
        }

    def states(self, after: State, part: Tensor) -> Tensor:
        """(time, layers * units) one of the states that are carried from step to step."""
        return picked(torch.stack(after), part).flatten(1)

    def marked_units(self, states: Tensor, marked: Tensor, last: Tensor, unit: Tensor) -> dict[str, Tensor]:
        """The units that fit the marks, and the one that is chosen."""
        there = self.there(last)
        found = standing_out(states, marked, there, self.n_best)
        chosen = chosen_of(unit, found["best_units"])
        state = picked(states, chosen, 1)
        most = (state * there).abs().amax().clamp(min=1e-6)
        fits, z = found.pop("fits"), found.pop("z").index_select(1, found["best_units"])
        return {
            **found,
            **told_apart(state, marked, there),
            "chosen": chosen,
            "fit": picked(fits, chosen),
            "first_unit": found["best_units"][0],
            "first_fit": found["best_fits"][0],
            "state": torch.where(there > 0, state, 0.0),
            "state_limits": torch.stack([-most, most]),
            "unit_and_marks": torch.where(there > 0, torch.stack([state, marked * most]), torch.nan),
            "best_by_time": z.T,
            "marked": marked,
            "places": marked.sum().long(),
        }

    def span(self, first: Tensor, length: Tensor, last: Tensor) -> Tensor:
        """(time,) 1 from a step on."""
        steps = torch.arange(self.turns)
        return ((steps >= first) & (steps < first + length)).float() * self.there(last)


class TextMemory(MemoryModule):
    """A language model that hears a text.

    Args:
        gates: As the look "gates" reads it.
        shown, further: Symbols of the text that are shown at first, and those with the ones on which what was found
            is checked; 0 for none.
    """

    def __init__(self, gates: TextGates, shown: int, further: int) -> None:
        super().__init__(gates)
        self.shown = shown
        self.gates = gates
        self.further = Forth(self.network.recurrent, further) if further else None

    def forward(
        self,
        text: Tensor,
        text_length: Tensor,
        further_text: Tensor,
        t: Tensor,
        asked: Tensor,
        marking: Tensor,
        first: Tensor,
        length: Tensor,
        opened: Tensor,
        closed: Tensor,
        part: Tensor,
        unit: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown."""
        x, start = self.network.embed(text), tuple(self.gates.buffers_of_start())
        last = (text_length - 1).clamp(min=0)
        now = torch.minimum(t, last)
        after = self.forth(x, start)
        probability = self.network.read_out(picked(self.hidden(after), now)).softmax(0)
        best, codes = likely(probability, self.n_likely)
        answer = chosen_of(asked, codes)
        by_span, by_pairs = self.span(first, length, last), between(text, opened, closed) * self.there(last)
        marked = torch.where(marking == 0, by_span, by_pairs)
        found = self.marked_units(self.states(after, part), marked, last, unit)
        shown = self.hangs_on(self.slopes(x, start, after, now, answer), now)
        there = self.there(last) > 0
        return {
            **shown,
            **found,
            **self.checked(further_text, start, opened, closed, part, found["chosen"]),
            "now": now,
            "symbols_there": torch.where(there, text, -1),
            "symbol_now": picked(text, now),
            "strongest_symbol": picked(text, shown["strongest"]),
            "likely": best,
            "likely_codes": codes,
            "answer": answer,
            "answer_share": picked(probability, answer),
        }

    def checked(
        self, text: Tensor, start: State, opened: Tensor, closed: Tensor, part: Tensor, chosen: Tensor
    ) -> dict[str, Tensor]:
        """How units fit the pairs of symbols in what comes later: the chosen one, and the one that fits best there."""
        if self.further is None:
            return {}
        later = (torch.arange(len(text)) >= self.shown).float()
        after = self.further(self.network.embed(text), start)
        inside = between(text, opened, closed)
        fits = fits_of(self.states(after, part), inside, later)
        best = fits.abs().argmax()
        return {
            "fit_further": picked(fits, chosen),
            "best_further": best,
            "best_fit_further": picked(fits, best),
            "inside_further": (inside * later).sum() / later.sum(),
        }


class RowsMemory(MemoryModule):
    """A classifier or regressor that reads a sequence.

    Args:
        gates: As the look "gates" reads it.
    """

    def __init__(self, gates: SampleGates | PictureGates) -> None:
        super().__init__(gates)
        self.classifies = gates.classifies

    def answers(
        self,
        rows: Tensor,
        last: Tensor,
        start: State,
        t: Tensor,
        asked: Tensor,
        first: Tensor,
        length: Tensor,
        part: Tensor,
        unit: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown of a (time, features) sequence."""
        x = self.network.scaling(rows)
        now = torch.minimum(t, last)
        after = self.forth(x, start)
        scores = self.network.read_out(picked(self.hidden(after), now))
        shares = scores.softmax(0) if self.classifies else self.network.units.inverse(scores[None])[0]
        best, codes = likely(shares, self.n_likely) if self.classifies else (shares, torch.arange(len(shares)))
        answer = chosen_of(asked, codes) if self.classifies else asked
        marked = self.span(first, length, last)
        there = (self.there(last) > 0)[:, None]
        return {
            **self.hangs_on(self.slopes(x, start, after, now, answer), now),
            **self.marked_units(self.states(after, part), marked, last, unit),
            "now": now,
            "likely": best,
            "likely_codes": codes,
            "answer": answer,
            "answer_share": picked(shares, answer),
            "sequence": torch.where(there, rows, torch.nan).T,
        }


class SampleMemory(RowsMemory):
    """Reads one of some rows."""

    def forward(
        self,
        sample: Tensor,
        samples: Tensor,
        sample_steps: Tensor,
        sample_starts: Tensor,
        t: Tensor,
        asked: Tensor,
        first: Tensor,
        length: Tensor,
        part: Tensor,
        unit: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown; `sample_starts` are the states after the steps that are not drawn, (n, states, ...)."""
        start = tuple(picked(sample_starts, sample).unbind())
        rows, last = picked(samples, sample), picked(sample_steps, sample) - 1
        return self.answers(rows, last, start, t, asked, first, length, part, unit)


class PictureMemory(RowsMemory):
    """Reads a picture row by row.

    Args:
        gates: As the look "gates" reads it.
    """

    def __init__(self, gates: PictureGates) -> None:
        super().__init__(gates)
        self.low, self.high = gates.low, gates.high

    def forward(
        self,
        picture: Tensor,
        t: Tensor,
        asked: Tensor,
        first: Tensor,
        length: Tensor,
        part: Tensor,
        unit: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown."""
        start = self.network.recurrent.initial(1, self.network.read_out.weight)
        shown = self.answers(picture, torch.tensor(self.turns - 1), start, t, asked, first, length, part, unit)
        slopes = shown["slopes"].T
        most = slopes.abs().amax().clamp(min=1e-12)
        return {
            **shown,
            "ink": ((picture - self.low) / (self.high - self.low))[None],
            "over": slopes[None],
            "over_limits": torch.stack([-most, most]),
        }


class SeriesMemory(MemoryModule):
    """A forecaster that hears a series.

    Args:
        gates: As the look "gates" reads it.
    """

    def __init__(self, gates: SeriesGates) -> None:
        super().__init__(gates)
        self.gates = gates

    def forward(
        self, t: Tensor, feature: Tensor, first: Tensor, length: Tensor, part: Tensor, unit: Tensor
    ) -> dict[str, Tensor]:
        """Everything shown."""
        network, gates = self.network, self.gates
        start = tuple(each for name, each in gates.named_buffers(recurse=False) if name.startswith("start_"))
        x, last = network.scaling(gates.inputs), torch.tensor(self.turns - 1)
        now = torch.minimum(t, last)
        after = self.forth(x, start)
        slopes = self.slopes(x, start, after, now, feature)
        direct = picked(network.direct.weight, feature) * (torch.arange(self.turns) == now)[:, None]
        expected = network._say(x, self.hidden(after))
        marked = self.span(first, length, last)
        return {
            **self.hangs_on(slopes + direct, now),
            **self.marked_units(self.states(after, part), marked, last, unit),
            "now": now,
            "next": picked(picked(expected, now), feature),
        }
