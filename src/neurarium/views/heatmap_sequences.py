"""Heat maps of sequences: computed once for some rows and every class, and looked up in the page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.page.controls import Choice, Control, Number, Toggle
from neurarium.page.marks import Bars, Matrix, Ref
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views import heatmap_words as words
from neurarium.views.explaining import Shares
from neurarium.views.heatmap_maps import SequenceMaps
from neurarium.views.looked_at import LookedAt
from neurarium.views.numbers import picked
from neurarium.views.shown import Shown

Frames = dict[str, NDArray[Any]]

_NUMBERS = 30_000
"""Of all maps together: about 120 kB."""
_NUMBERS_OF_STEPS = 120_000
"""The same where each step has maps of its own; zeros, half of them, are packed to nearly nothing."""
_OF_ROW = ("sequence", "steps", "every")
"""What is the same for all classes, and for all steps that are asked about."""


class _Frames(nn.Module):
    """What was computed, looked up.

    Args:
        frames: (rows, classes, ...) each, by name; "sequence" and "shares" are (rows, ...).
        methods: Names of the maps.
    """

    def __init__(self, frames: Frames, methods: Sequence[str]) -> None:
        super().__init__()
        self.names, self.methods = list(frames), methods
        for name, array in frames.items():
            self.register_buffer(name, torch.from_numpy(array))

    def forward(self, row: Tensor, explained: Tensor, alike: Tensor) -> dict[str, Tensor]:
        """For a sequence and a class, or the number of classes for the answer; maps on one scale where wanted."""
        return self._of_class(self._of_row(row), explained, alike)

    def _of_row(self, row: Tensor) -> dict[str, Tensor]:
        return {name: picked(self.get_buffer(name), row) for name in self.names}

    def _of_class(self, of_row: Mapping[str, Tensor], explained: Tensor, alike: Tensor) -> dict[str, Tensor]:
        shares = of_row["shares"]
        said = shares.argmax()
        chosen = torch.where(explained < len(shares), explained, said)
        same = (*_OF_ROW, "shares")
        found = {name: each if name in same else picked(each, chosen) for name, each in of_row.items()}
        maps = found.pop("maps")
        own = maps.abs().amax((1, 2)).clamp(min=1e-9)
        most = torch.where(alike, own.amax(), own)
        limits = torch.stack([-most, most], 1)
        return {
            **found,
            **{f"map_{name}": maps[number] for number, name in enumerate(self.methods)},
            **{f"limits_{name}": limits[number] for number, name in enumerate(self.methods)},
            "said": said,
            "chosen": chosen,
            "share": picked(shares, chosen),
            "sum_integrated": found["sums"][self.methods.index("integrated")],
        }


class _StepFrames(_Frames):
    """The same of a network that answers at every step: (rows, steps, classes, ...)."""

    def forward(  # type: ignore[override]
        self, row: Tensor, t: Tensor, explained: Tensor, alike: Tensor
    ) -> dict[str, Tensor]:
        """For a sequence, for the last step up to t that has maps, and for a class."""
        of_row = self._of_row(row)
        steps = of_row.pop("steps")
        number = ((steps <= t).sum() - 1).clamp(min=0)
        found = {name: each if name in _OF_ROW else picked(each, number) for name, each in of_row.items()}
        return {**self._of_class(found, explained, alike), "at": picked(steps, number)}


def scene(
    seen: LookedAt, rows: Shown, shares: Shares, steps: int | None, whole: Callable[[int], nn.Module] | None = None
) -> Scene:
    """The scene of sequences.

    Args:
        seen, rows, shares, steps: As for pictures and tables.
        whole: From a number of steps to the network as a loop of so many; None for a module that offers none.
    """
    time, features = seen.inputs.shape[1:]
    apart = _apart(seen) if seen.every else 1
    maps = SequenceMaps(seen, shares, steps, whole, at_once=-(-time // apart) if seen.every else 1)
    frames = _of_steps(maps, apart) if seen.every else _of_answers(maps)
    count = len(frames["sequence"])
    names = rows.columns if len(rows.columns) == features else tuple(f"x{n + 1}" for n in range(features))
    told = words.OF_A_STEP if seen.every else words.OF_A_SEQUENCE
    return Scene(
        look="heatmap",
        title=Text(f"What speaks for a class: {seen.name}", f"Lo que habla a favor de una clase: {seen.name}"),
        sentence=words.joined(
            told,
            words.sentence(Text("the mean of all steps", "la media de todos los pasos")),
            words.unknown(maps.unknown),
            words.left_out(count, seen.of, apart),
        ),
        panels=_panels(maps.methods, every=seen.every),
        controls=_controls(count, time if seen.every else None, len(seen.classes)),
        lists={
            "classes": seen.classes,
            "explainable": [*seen.classes, words.THE_ANSWER],
            "columns": list(names),
            "rows": seen.labels[:count],
            **({} if maps.unknown is None else {"unknown": [words.layer(maps.unknown)]}),
        },
        constants={"zero": np.array(0)},
        module=(_StepFrames if seen.every else _Frames)(frames, maps.methods).eval(),
    )


def _apart(seen: LookedAt) -> int:
    """How many steps those lie apart that have maps of their own, so that two sequences have room."""
    most = _NUMBERS_OF_STEPS // (2 * len(seen.classes) * len(words.METHODS) * seen.inputs[0].numel())
    return -(-seen.inputs.shape[1] // max(1, most))


def _of_answers(maps: SequenceMaps) -> Frames:
    """The explanations of as many sequences as a page bears."""
    seen, found = maps.seen, []
    for row in range(min(len(seen.inputs), max(1, _NUMBERS // maps.numbers))):
        of_row = {name: each[0] for name, each in maps.of(row, range(len(seen.classes))).items()}
        found.append({**of_row, "sequence": maps.sequence(row)})
    return _stacked(found)


def _of_steps(maps: SequenceMaps, apart: int) -> Frames:
    """The same, of the answers at each step, or at one step in so many."""
    seen, time = maps.seen, maps.seen.inputs.shape[1]
    most, found = -(-time // apart), []
    for row in range(min(len(seen.inputs), max(1, _NUMBERS_OF_STEPS // (most * maps.numbers)))):
        length = seen.length(row)
        steps = range((length - 1) % apart, length, apart)  # the last step is one of them
        room = most - len(steps)
        of_row = maps.of(row, range(len(seen.classes)), steps)
        of_row = {name: np.pad(each, [(0, room)] + [(0, 0)] * (each.ndim - 1)) for name, each in of_row.items()}
        of_row |= {"sequence": maps.sequence(row), "every": maps.every(row)}
        found.append({**of_row, "steps": np.array([*steps, *[time] * room])})
    return _stacked(found)


def _stacked(found: Sequence[Frames]) -> Frames:
    return {name: np.stack([each[name] for each in found]) for name in found[0]}


def _controls(count: int, time: int | None, n_classes: int) -> list[Control]:
    """Those of the sequence, of the step where there are several answers, and of the class."""
    at = Text("answer at step t", "respuesta en el paso t")
    steps = [] if time is None else [Number("t", at, time - 1, 0, time - 1, whole=True, plays=True)]
    return [
        Number("row", Text("sequence", "secuencia"), 0, 0, count - 1, whole=True, plays=True),
        *steps,
        Choice("explained", words.EXPLAINED, "explainable", n_classes),
        Toggle("alike", words.ALIKE),
    ]


def _panels(methods: Sequence[str], *, every: bool) -> list[Panel]:
    step = Axis(Text("step t", "paso t") if every else Text("step", "paso"))
    framed = (-1, Ref("at")) if every else None
    picks = ("", "t") if every else None
    shares = Bars(Ref("shares"), "classes", (0, 1), "explained", Ref("chosen"))
    answers = Matrix(
        Ref("every"),
        "classes",
        scale="magnitude",
        limits=(0, 1),
        picks=("explained", "t"),
        highlight=(Ref("chosen"), Ref("at")),
    )
    return [
        Panel(
            Text("The sequence", "La secuencia"),
            [Matrix(Ref("sequence"), rows="columns", scale="magnitude", picks=picks, highlight=framed)],
            x=step,
        ),
        *([Panel(words.EVERY, [answers], words.EVERY_NOTE, x=step)] if every else []),
        Panel(words.AT_STEP if every else words.CLASSES, [shares], size="small"),
        *(
            Panel(
                words.METHODS[name],
                [Matrix(Ref(f"map_{name}"), rows="columns", limits=Ref(f"limits_{name}"), highlight=framed)],
                words.NOTES_OF_TIME.get(name, words.NOTES[name]),
                x=step,
            )
            for name in methods
        ),
        Panel(
            words.SUMS,
            [Bars(Ref("sums"), [words.METHODS[name] for name in methods], threshold=Ref("difference"))],
            words.SUMS_NOTE if "epsilon" in methods else words.SUMS_NOTE_WITHOUT_RELEVANCE,
        ),
    ]
