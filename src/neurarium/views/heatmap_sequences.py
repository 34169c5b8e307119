"""Heat maps of sequences: computed once for some rows and every class, and looked up in the page."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import pad

from neurarium.page.controls import Choice, Number
from neurarium.page.marks import Bars, Matrix, Ref
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views import heatmap_words as words
from neurarium.views.explaining import Explaining, Shares, time_windows
from neurarium.views.looked_at import LookedAt
from neurarium.views.numbers import picked
from neurarium.views.relevance import Relevance
from neurarium.views.relevance_rules import UnknownLayer
from neurarium.views.relevance_time import EPSILON, TimeRelevance
from neurarium.views.shown import Shown

Handing = Callable[[Tensor], Tensor]
"""From (1, time, features) a sequence to (classes, time, features) the relevance for each class."""

_NUMBERS = 30_000
"""Of all maps together: about 120 kB."""
_PER_CLASS = ("score", "difference")
_SPANS = 256
"""Spans that are covered, one after the other."""
_STEPS = 32


class _Frames(nn.Module):
    """What was computed, looked up.

    Args:
        frames: (rows, classes, ...) each, by name; those of `whole` are (rows, ...).
        whole: Names of what is the same for all classes.
        methods: Names of the maps.
    """

    def __init__(self, frames: dict[str, NDArray[Any]], whole: Sequence[str], methods: Sequence[str]) -> None:
        super().__init__()
        self.names, self.whole, self.methods = list(frames), whole, methods
        for name, array in frames.items():
            self.register_buffer(name, torch.from_numpy(array))

    def forward(self, row: Tensor, explained: Tensor) -> dict[str, Tensor]:
        """For a sequence and a class, or the number of classes for the answer."""
        of_row = {name: picked(self.get_buffer(name), row) for name in self.names}
        shares = of_row["shares"]
        said = shares.argmax()
        chosen = torch.where(explained < len(shares), explained, said)
        found = {name: each if name in self.whole else picked(each, chosen) for name, each in of_row.items()}
        most = found["maps"].abs().amax().clamp(min=1e-9)
        maps = {name: found["maps"][number] for number, name in enumerate(self.methods)}
        return {
            **{name: each for name, each in found.items() if name != "maps"},
            **{f"map_{name}": each for name, each in maps.items()},
            "limits": torch.stack([-most, most]),
            "said": said,
            "chosen": chosen,
            "share": picked(shares, chosen),
            "sum_integrated": found["sums"][self.methods.index("integrated")],
        }


def scene(
    seen: LookedAt, rows: Shown, shares: Shares, steps: int | None, whole: Callable[[int], nn.Module] | None = None
) -> Scene:
    """The scene of sequences.

    Args:
        seen, rows, shares, steps: As for pictures and tables.
        whole: From a number of steps to the network as a loop of so many; None for a module that offers none.
    """
    maps = SequenceMaps(seen, shares, steps, whole)
    methods, unknown = maps.methods, maps.unknown
    time, features = seen.inputs.shape[1:]
    count = min(len(seen.inputs), max(1, _NUMBERS // (len(seen.classes) * len(methods) * time * features)))
    found = [maps.of(number, range(len(seen.classes))) for number in range(count)]
    frames = {name: np.stack([row[name] for row in found]) for name in found[0]}
    lists = {"unknown": [words.layer(unknown)]} if unknown is not None else {}
    some = Text("", "")
    if count < seen.of:
        some = Text(
            f" {count} of {seen.of} sequences can be chosen here.",
            f" Aquí se pueden elegir {count} de {seen.of} secuencias.",
        )
    names = rows.columns if len(rows.columns) == features else tuple(f"x{n + 1}" for n in range(features))
    return Scene(
        look="heatmap",
        title=Text(f"What speaks for a class: {seen.name}", f"Lo que habla a favor de una clase: {seen.name}"),
        sentence=words.joined(
            Text("Sequence {row|rows}: ", "Secuencia {row|rows}: "),
            words.sentence(Text("the mean of all steps", "la media de todos los pasos")),
            words.unknown(unknown),
            some,
        ),
        panels=_panels(methods),
        controls=[
            Number("row", Text("sequence", "secuencia"), 0, 0, count - 1, whole=True, plays=True),
            Choice("explained", words.EXPLAINED, "explainable", len(seen.classes)),
        ],
        lists={
            "classes": seen.classes,
            "explainable": [*seen.classes, words.THE_ANSWER],
            "columns": list(names),
            "rows": seen.labels[:count],
            **lists,
        },
        constants={"zero": np.array(0)},
        module=_Frames(frames, ("sequence", "shares"), methods).eval(),
    )


def _panels(methods: Sequence[str]) -> list[Panel]:
    step = Axis(Text("step", "paso"))
    sequence = [Matrix(Ref("sequence"), rows="columns", scale="magnitude")]
    return [
        Panel(Text("The sequence", "La secuencia"), sequence, x=step),
        Panel(words.CLASSES, [Bars(Ref("shares"), "classes", (0, 1), "explained", Ref("chosen"))], size="small"),
        *(
            Panel(
                words.METHODS[name],
                [Matrix(Ref(f"map_{name}"), rows="columns", limits=Ref("limits"))],
                words.NOTES[name],
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


class SequenceMaps:
    """The explanations of sequences, one sequence at a time.

    Args:
        seen, shares, steps, whole: As for `scene`.

    Attributes:
        methods: Names of the maps.
        blank: (features,) the mean of all steps: what a step is replaced by.
        unknown: The layer that relevance has no rule for, or None.
    """

    def __init__(
        self, seen: LookedAt, shares: Shares, steps: int | None = None, whole: Callable[[int], nn.Module] | None = None
    ) -> None:
        self.seen, self.shares, self.steps = seen, shares, steps or _STEPS
        self._handing, self.unknown = _handing(seen, whole)
        known = self._handing is not None
        self.methods = [name for name in words.METHODS if name != "alpha_beta" and (known or name != "epsilon")]
        real = torch.cat([seen.inputs[number, : seen.length(number)] for number in range(len(seen.inputs))])
        self.blank, self._reach = real.mean(0), real.std(0, correction=0)

    def of(self, number: int, codes: Sequence[int]) -> dict[str, NDArray[Any]]:
        """The explanations of a sequence for some classes, filled up with zeros behind its end.

        Args:
            number: Of the sequence.
            codes: Of the classes.
        """
        x = self.seen.inputs[number : number + 1, : self.seen.length(number)]
        length, features = x.shape[1:]
        blank, reach = (each.expand_as(x).contiguous() for each in (self.blank, self._reach))
        step = -(-length * features // _SPANS)
        windows = time_windows(length, features, step)
        explaining = Explaining(
            self.seen.module, blank, reach, windows, self.shares, steps=self.steps, relevance=False
        ).eval()
        none = torch.tensor(0.0)
        patch = torch.tensor(float(max(step, 1 if length < 16 else 3)))
        each = [explaining(x, torch.tensor(code), none, none, patch) for code in codes]
        after = self.seen.inputs.shape[1] - length
        maps = torch.stack([found["maps"].mT for found in each])
        sums = torch.stack([found["sums"] for found in each])
        if self._handing is not None:  # before the last, which is occlusion
            relevance = self._handing(x)[torch.tensor(codes)]
            maps = torch.cat([maps[:, :-1], relevance.mT[:, None], maps[:, -1:]], 1)
            sums = torch.cat([sums[:, :-1], relevance.sum((1, 2))[:, None], sums[:, -1:]], 1)
        return {
            "sequence": pad(x[0].T, (0, after)).float().numpy(),
            "shares": each[0]["shares"].float().numpy(),
            "maps": pad(maps, (0, after)).float().numpy(),
            "sums": sums.float().numpy(),
            **{name: torch.stack([found[name].squeeze() for found in each]).float().numpy() for name in _PER_CLASS},
        }


def _handing(seen: LookedAt, whole: Callable[[int], nn.Module] | None) -> tuple[Handing | None, UnknownLayer | None]:
    """What hands relevance back, or the layer that is not known."""
    classes = len(seen.classes)
    try:
        if whole is not None:
            return TimeRelevance(whole, seen.inputs[:1].expand(classes, -1, -1)).epsilon, None
        relevance = Relevance(seen.module, seen.inputs[:1])
    except UnknownLayer as error:
        return None, error

    def each(x: Tensor) -> Tensor:
        return torch.cat([relevance.epsilon(x, start[None], EPSILON).relevance for start in torch.eye(classes).to(x)])

    return each, None
