"""The live modules of the look "gates": what a text, a row or a series is to the cells, and what comes of it."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from neurarium.networks._recurrent_cells import State
from neurarium.program.loop import Loop
from neurarium.views.gates_cells import Cells, Hold, likely
from neurarium.views.numbers import picked

_LIKELY = 10


class GatesModule(nn.Module):
    """What all of them share.

    Args:
        network: The fitted module, copied, in eval mode and float32.
        turns: Steps.
        units: The units that can be looked at.
    """

    def __init__(self, network: Any, turns: int, units: Sequence[int]) -> None:
        super().__init__()
        self.network, self.turns = network, turns
        self.cells = Cells(network.recurrent, turns, units)

    def watched(
        self, x: Tensor, start: State, hold: Hold, *, layer: Tensor, unit: Tensor, t: Tensor, part: Tensor, last: Tensor
    ) -> tuple[dict[str, Tensor], Tensor]:
        """What is shown of the cells, and every part of them; nothing behind the last step."""
        seen = self.cells.read(x, start, hold)
        now = torch.minimum(t, last)
        shown = self.cells.look(x, start, seen, layer=layer, unit=unit, t=now, part=part)
        there = torch.arange(self.turns) <= last
        for name, beyond in (("units_by_time", 0.0), ("curves", torch.nan), ("coloured", 0.0)):
            shown[name] = torch.where(there, shown[name], beyond)
        return {**shown, "now": now, "last": last}, seen


class TextGates(GatesModule):
    """The cells of a language model that hears a text.

    Args:
        network: A `RecurrentTextModule`.
        turns: Symbols at most.
        units: The units that can be looked at.
    """

    def __init__(self, network: Any, turns: int, units: Sequence[int]) -> None:
        super().__init__(network, turns, units)
        # Before the first symbol it has heard the unknown one.
        _, start = network.step(torch.zeros(1, dtype=torch.long), network.initial(1, network.read_out.weight))
        for number, each in enumerate(start):
            self.register_buffer(f"start_{number}", each.detach().clone())
        self.n_likely = min(_LIKELY, len(network.read_out.bias))

    def forward(
        self,
        text: Tensor,
        text_length: Tensor,
        t: Tensor,
        unit: Tensor,
        layer: Tensor,
        part: Tensor,
        hold: Tensor,
        held_at: Tensor,
        everywhere: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown."""
        x, start = self.network.embed(text), tuple(self.buffers_of_start())
        last = (text_length - 1).clamp(min=0)
        held = self.cells.hold(hold, held_at, everywhere, layer, unit)
        shown, seen = self.watched(x, start, held, layer=layer, unit=unit, t=t, part=part, last=last)
        free = self.cells.read(x, start, self.cells.free())
        probability, otherwise = (self.says(each, shown["now"]) for each in (seen, free))
        best, codes = likely(probability, self.n_likely)
        there = torch.arange(self.turns) < text_length
        return {
            **shown,
            "symbols_there": torch.where(there, text, -1),
            "likely": best,
            "likely_codes": codes,
            "probability": probability,
            "best": codes[0],
            "best_share": best[0],
            "free_best": otherwise.argmax(),
            "free_share": otherwise.amax(),
            "symbol_now": picked(text, shown["now"]),
        }

    def buffers_of_start(self) -> list[Tensor]:
        """The state before the first symbol."""
        return [each for name, each in self.named_buffers(recurse=False) if name.startswith("start_")]

    def says(self, seen: Tensor, now: Tensor) -> Tensor:
        """(symbols,) how likely each is to follow the symbol at a step."""
        h: Tensor = picked(self.cells.outputs(seen), now)
        return (self.network.read_out.weight @ h + self.network.read_out.bias).softmax(0)


class RowsGates(GatesModule):
    """The cells of a classifier or regressor that reads a sequence.

    Args:
        network: A `RecurrentAnswerModule`.
        turns: Steps at most.
        units: The units that can be looked at.
        classifies: Whether it answers with classes.
    """

    def __init__(self, network: Any, turns: int, units: Sequence[int], *, classifies: bool) -> None:
        super().__init__(network, turns, units)
        self.classifies = classifies

    def answers(
        self,
        rows: Tensor,
        steps: Tensor,
        start: State,
        t: Tensor,
        unit: Tensor,
        layer: Tensor,
        part: Tensor,
        hold: Tensor,
        held_at: Tensor,
        everywhere: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown of a (time, features) sequence."""
        x = self.network.scaling(rows)
        held = self.cells.hold(hold, held_at, everywhere, layer, unit)
        shown, seen = self.watched(x, start, held, layer=layer, unit=unit, t=t, part=part, last=steps - 1)
        free = self.cells.read(x, start, self.cells.free())
        said, otherwise = (self.says(each) for each in (seen, free))
        there = (torch.arange(self.turns) < steps)[:, None]
        now, end = picked(said, shown["now"]), picked(said, steps - 1)
        found = {
            **shown,
            "said": torch.where(there, said, torch.nan).T,
            "said_now": now,
            "sequence": torch.where(there, rows, torch.nan).T,
        }
        free_end = picked(otherwise, steps - 1)
        if not self.classifies:
            return {
                **found,
                "free_said": (otherwise * there).T,
                "end": end[0],
                "free_end": free_end[0],
                "first": now[0],
            }
        return {
            **found,
            "best": now.argmax(),
            "best_share": now.amax(),
            "final": end.argmax(),
            "final_share": end.amax(),
            "free_final": free_end.argmax(),
            "free_share": free_end.amax(),
        }

    def says(self, seen: Tensor) -> Tensor:
        """(time, answers) what the read-out makes of the state at every step."""
        said: Tensor = self.network.read_out(self.cells.outputs(seen))
        return said.softmax(1) if self.classifies else self.network.units.inverse(said)


class SampleGates(RowsGates):
    """Reads one of some rows."""

    def forward(
        self,
        sample: Tensor,
        samples: Tensor,
        sample_steps: Tensor,
        sample_starts: Tensor,
        t: Tensor,
        unit: Tensor,
        layer: Tensor,
        part: Tensor,
        hold: Tensor,
        held_at: Tensor,
        everywhere: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown; `sample_starts` are the states after the steps that are not drawn, (n, states, ...)."""
        start = tuple(picked(sample_starts, sample).unbind())
        rows, steps = picked(samples, sample), picked(sample_steps, sample)
        return self.answers(rows, steps, start, t, unit, layer, part, hold, held_at, everywhere)


class PictureGates(RowsGates):
    """Reads a picture row by row.

    Args:
        network, turns, units, classifies: As in `RowsGates`.
        low, high: What stands for paper and for ink.
    """

    def __init__(
        self, network: Any, turns: int, units: Sequence[int], *, classifies: bool, low: float, high: float
    ) -> None:
        super().__init__(network, turns, units, classifies=classifies)
        self.low, self.high = low, high

    def forward(
        self,
        picture: Tensor,
        t: Tensor,
        unit: Tensor,
        layer: Tensor,
        part: Tensor,
        hold: Tensor,
        held_at: Tensor,
        everywhere: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown."""
        start = self.network.recurrent.initial(1, self.network.read_out.weight)
        steps = torch.tensor(self.turns)
        shown = self.answers(picture, steps, start, t, unit, layer, part, hold, held_at, everywhere)
        row = (torch.arange(self.turns) == shown["now"]).to(picture.dtype)[:, None]
        ink = (picture - self.low) / (self.high - self.low)
        return {**shown, "ink": ink[None], "reading": (row * torch.ones_like(picture))[None]}


class Ahead(nn.Module):
    """A step of a forecast, which hears its own answer.

    Args:
        network: A `RecurrentSeriesModule`.
        turn: A step of its layers.
    """

    def __init__(self, network: Any, turn: Any) -> None:
        super().__init__()
        self.scaling, self.direct, self.read_out = network.scaling, network.direct, network.read_out
        self.n_features, self.turn = network.n_features, turn
        self.n_states = len(network.recurrent.cell.states)

    def forward(self, value: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        """The next value and state, and the value as the answer; `given` is the state, the controls and the hold."""
        n = self.n_states
        state, control, hold = given[:n], given[n], given[n + 1 :]
        x = self.scaling(torch.cat([value, control])[None])
        *state, _ = self.turn(*state, x, *hold)
        y = (self.direct(x) + self.read_out(state[0][-1]))[0]
        y = y * self.scaling.scale[: self.n_features] + self.scaling.mean[: self.n_features]
        return (y, *state, y)


class SeriesGates(GatesModule):
    """The cells of a forecaster that hears a series.

    Args:
        network: A `RecurrentSeriesModule`.
        inputs: (time, inputs) what it hears: the values, and the controls of the next step.
        after: (time, features) what came next.
        start: The state before them.
        ahead: Steps to forecast.
        units: The units that can be looked at.
    """

    inputs: Tensor
    after: Tensor

    def __init__(
        self, network: Any, inputs: Tensor, after: Tensor, start: State, ahead: int, units: Sequence[int]
    ) -> None:
        super().__init__(network, len(inputs), units)
        self.register_buffer("inputs", inputs)
        self.register_buffer("after", after)
        for number, each in enumerate(start):
            self.register_buffer(f"start_{number}", each)
        self.ahead = ahead
        loop = self.cells.loop
        self.further = Loop(Ahead(network, loop.step), states=1 + loop.states, sequences=1, turns=ahead)

    def forward(
        self,
        t: Tensor,
        unit: Tensor,
        layer: Tensor,
        part: Tensor,
        hold: Tensor,
        held_at: Tensor,
        everywhere: Tensor,
        feature: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown."""
        start = tuple(each for name, each in self.named_buffers(recurse=False) if name.startswith("start_"))
        x, last = self.network.scaling(self.inputs), torch.tensor(self.turns - 1)
        held = self.cells.hold(hold, held_at, everywhere, layer, unit)
        shown, seen = self.watched(x, start, held, layer=layer, unit=unit, t=t, part=part, last=last)
        expected = self.network._say(x, self.cells.outputs(seen))
        error = (picked(expected - self.after, feature, 1)).square().mean().sqrt()
        free = self.network._say(x, self.cells.outputs(self.cells.read(x, start, self.cells.free())))
        free_error = picked(free - self.after, feature, 1).square().mean().sqrt()
        now = shown["now"]
        future = self._future(now, seen, expected, start, held)
        return {
            **shown,
            "expected": picked(expected, feature, 1),
            "future": picked(future, feature, 1),
            "three": self._on_one_axis(now, *(picked(each, feature, 1) for each in (self.after, expected, future))),
            "next": picked(picked(expected, now), feature),
            "next_came": picked(picked(self.after, now), feature),
            "error": error,
            "free_error": free_error,
        }

    def _on_one_axis(self, now: Tensor, came: Tensor, expected: Tensor, future: Tensor) -> Tensor:
        """(3, steps) what came, what was expected of it, and what is expected from now on."""
        steps = torch.arange(self.turns + self.ahead + 1)
        after = steps - now - 1
        there = (after >= 0) & (after <= self.ahead)
        to_come = torch.where(there, future.index_select(0, after.clamp(0, self.ahead)), torch.nan)
        heard = [nn.functional.pad(each, (1, self.ahead), value=torch.nan) for each in (came, expected)]
        return torch.stack([*heard, to_come])

    def _future(self, now: Tensor, seen: Tensor, expected: Tensor, start: State, hold: Hold) -> Tensor:
        """(ahead + 1, features) what it says next, and then from its own answers."""
        first = picked(expected, now)
        cells = self.cells
        state = [
            picked(seen[:, :, cells.parts.index(name)], now)[:, None] for name in self.network.recurrent.cell.states
        ]
        controls = self.inputs[:, self.network.n_features :]
        to_come = controls.index_select(0, (torch.arange(self.ahead) + now + 1).clamp(max=self.turns - 1))
        *_, answers = self.further(first, *state, to_come, *hold.shared)
        return torch.cat([first[None], answers])
