"""Heat maps of sequences: computed once for some rows and every class, and looked up in the page."""

from collections.abc import Sequence
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
from neurarium.views.shown import Shown

METHODS = ("gradient", "times_input", "integrated", "occlusion")
_NUMBERS = 30_000
"""Of all maps together: about 120 kB."""
_PER_CLASS = ("sums", "score", "difference")
_SPANS = 256
"""Spans that are covered, one after the other."""
_STEPS = 32


class _Frames(nn.Module):
    """What was computed, looked up.

    Args:
        frames: (rows, classes, ...) each, by name; those of `whole` are (rows, ...).
        whole: Names of what is the same for all classes.
    """

    def __init__(self, frames: dict[str, NDArray[Any]], whole: Sequence[str]) -> None:
        super().__init__()
        self.names, self.whole = list(frames), whole
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
        maps = {name: found["maps"][number] for number, name in enumerate(METHODS)}
        return {
            **{name: each for name, each in found.items() if name != "maps"},
            **{f"map_{name}": each for name, each in maps.items()},
            "limits": torch.stack([-most, most]),
            "said": said,
            "chosen": chosen,
            "share": picked(shares, chosen),
            "sum_integrated": found["sums"][METHODS.index("integrated")],
        }


def scene(seen: LookedAt, rows: Shown, shares: Shares, steps: int | None) -> Scene:
    """The scene of sequences; without relevance, whose rules know neither gates nor loops."""
    time, features = seen.inputs.shape[1:]
    lengths = [time] * len(seen.inputs) if seen.lengths is None else seen.lengths.tolist()
    count = min(len(lengths), max(1, _NUMBERS // (len(seen.classes) * len(METHODS) * time * features)))
    real = torch.cat([row[:length] for row, length in zip(seen.inputs, lengths, strict=True)])
    found = [
        _explained(seen, seen.inputs[n : n + 1, : lengths[n]], real, shares, steps or _STEPS) for n in range(count)
    ]
    frames = {name: np.stack([row[name] for row in found]) for name in found[0]}
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
            some,
        ),
        panels=_panels(),
        controls=[
            Number("row", Text("sequence", "secuencia"), 0, 0, count - 1, whole=True, plays=True),
            Choice("explained", words.EXPLAINED, "explainable", len(seen.classes)),
        ],
        lists={
            "classes": seen.classes,
            "explainable": [*seen.classes, words.THE_ANSWER],
            "columns": list(names),
            "rows": seen.labels[:count],
        },
        module=_Frames(frames, ("sequence", "shares")).eval(),
    )


def _panels() -> list[Panel]:
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
            for name in METHODS
        ),
        Panel(
            words.SUMS,
            [Bars(Ref("sums"), [words.METHODS[name] for name in METHODS], threshold=Ref("difference"))],
            words.SUMS_NOTE_OF_SEQUENCES,
        ),
    ]


def _explained(seen: LookedAt, x: Tensor, real: Tensor, shares: Shares, steps: int) -> dict[str, NDArray[Any]]:
    """The explanations of one sequence for every class, filled up with zeros behind its end."""
    length, features = x.shape[1:]
    blank, reach = (each.expand_as(x).contiguous() for each in (real.mean(0), real.std(0, correction=0)))
    step = -(-length * features // _SPANS)
    windows = time_windows(length, features, step)
    explaining = Explaining(seen.module, blank, reach, windows, shares, steps=steps, relevance=False).eval()
    none = torch.tensor(0.0)
    patch = torch.tensor(float(max(step, 1 if length < 16 else 3)))
    each = [explaining(x, torch.tensor(code), none, none, patch) for code in range(len(seen.classes))]
    after = seen.inputs.shape[1] - length
    maps = torch.stack([found["maps"].mT for found in each])
    return {
        "sequence": pad(x[0].T, (0, after)).float().numpy(),
        "shares": each[0]["shares"].float().numpy(),
        "maps": pad(maps, (0, after)).float().numpy(),
        **{name: torch.stack([found[name].squeeze() for found in each]).float().numpy() for name in _PER_CLASS},
    }
