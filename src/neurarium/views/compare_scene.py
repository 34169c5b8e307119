"""The scene of several networks and one row: heat maps side by side, answers, and the flipping score."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from neurarium.page.controls import Choice, Control, Number
from neurarium.page.marks import Bars, Images, Mark, Matrix, Ref, Series
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views import heatmap_words as words
from neurarium.views.compare_networks import Findings, Network, findings
from neurarium.views.looked_at import LookedAt
from neurarium.views.numbers import picked
from neurarium.views.shown import Shown

_ROWS = 12
_NUMBERS = 80_000
"""Of all maps together: about 320 kB."""


_SIGNS = Text("Blue for the class, orange against it.", "Azul a favor de la clase, naranja en contra.")


class _Frames(nn.Module):
    """What was computed, looked up.

    Args:
        found: It.
        truths: The true class of each row, or None.
    """

    shown: Tensor
    shares: Tensor
    said: Tensor
    maps: Tensor
    curves: Tensor
    areas: Tensor
    truths: Tensor | None

    def __init__(self, found: Findings, truths: Sequence[int] | None) -> None:
        super().__init__()
        for name, array in vars(found).items():
            self.register_buffer(name, array)
        self.register_buffer("truths", None if truths is None else torch.tensor(truths))

    def forward(self, row: Tensor, method: Tensor, question: Tensor) -> dict[str, Tensor]:
        """For a row, a way of asking, and the class that is asked about."""
        shares, said = picked(self.shares, row), picked(self.said, row)
        maps = picked(picked(picked(self.maps, row), question), method, 1)
        curves = picked(picked(self.curves, row), question)
        chance = curves[:, -1]
        ranked = picked(curves, method, 1)
        means = picked(self.areas.mean(0), question)
        found = {"input": picked(self.shown, row), "curves": torch.cat([ranked, chance]), "areas": means.mT.flatten()}
        areas = picked(picked(self.areas, row), question)
        for k in range(len(said)):
            most = maps[k].abs().amax().clamp(min=1e-9)
            found |= {
                f"map_{k}": maps[k],
                f"limits_{k}": torch.stack([-most, most]),
                f"shares_{k}": shares[k],
                f"said_{k}": said[k],
                f"share_{k}": shares[k].amax(),
                f"area_{k}": picked(areas[k], method),
                f"chance_{k}": areas[k, -1],
            }
        return found if self.truths is None else {**found, "truth": picked(self.truths, row)}


def scene(
    compared: Sequence[Network],
    rows: Shown,
    *,
    names: Sequence[str | Text] | None = None,
    called: Sequence[str | Text] | None = None,
    before: Text | None = None,
) -> Scene:
    """The scene.

    Args:
        compared: The networks.
        rows: Their rows.
        names: What each network is called; None for its type.
        called: What the caller's rows are called; None for their numbers and answers.
        before: A sentence before that with the numbers.
    """
    seen = compared[0].seen
    methods = [name for name in words.METHODS if all(name in each.methods for each in compared)]
    truths = _truths(seen, rows)
    each = len(compared) * len(methods) * (1 if truths is None else 2) * seen.inputs[0].numel()
    count = min(len(seen.inputs), _ROWS, max(2, _NUMBERS // each))
    found = findings(compared, methods, None if truths is None else truths[:count], count)
    letters = ascii_uppercase[: len(compared)]
    labels = [called[n] if called is not None else seen.labels[place] for place, n in enumerate(seen.numbers)][:count]
    named = names or [f"{letter}: {each.seen.name}" for letter, each in zip(letters, compared, strict=True)]
    some = Text("", "")
    if count < seen.of:
        some = Text(
            f" {count} of {seen.of} rows can be chosen here.", f" Aquí se pueden elegir {count} de {seen.of} filas."
        )
    return Scene(
        look="compare",
        title=Text(f"{len(compared)} networks compared", f"Comparación de {len(compared)} redes"),
        sentence=words.joined(*([before] if before else []), _sentence(letters, truths is not None), some),
        panels=[_shown(seen), *_of_networks(seen, len(compared)), _curves(letters), _areas(letters, methods, count)],
        controls=_controls(methods, count, truths is not None),
        lists={
            "classes": seen.classes,
            "rows": labels,
            "networks": list(named),
            "columns": _columns(seen, rows),
            "methods": [words.METHODS[name] for name in methods],
        },
        constants={
            "away": np.linspace(0, 1, found.curves.shape[-1], dtype=np.float32),
            **{f"network_{k}": np.array(k) for k in range(len(compared))},
        },
        module=_Frames(found, None if truths is None else truths[:count]).eval(),
    )


def _truths(seen: LookedAt, rows: Shown) -> list[int] | None:
    """The codes of the true classes of the rows, where all are known."""
    if rows.y is None or rows.y.ndim != 1:
        return None
    true = [str(rows.y[number]) for number in seen.numbers]
    return [seen.classes.index(each) for each in true] if set(true) <= set(seen.classes) else None


def _columns(seen: LookedAt, rows: Shown) -> list[str]:
    features = seen.inputs.shape[-1]
    return list(rows.columns) if len(rows.columns) == features else [f"x{n + 1}" for n in range(features)]


def _controls(methods: Sequence[str], count: int, known: bool) -> list[Control]:
    own = Text("what each answers itself", "lo que responde cada una")
    true = [Text("the true class", "la clase verdadera")] if known else []
    return [
        Number("row", Text("row", "fila"), 0, 0, count - 1, whole=True, plays=True),
        Choice("question", words.EXPLAINED, [own, *true]),
        Choice(
            "method",
            Text("heat map", "mapa de calor"),
            "methods",
            list(methods).index("epsilon" if "epsilon" in methods else "integrated"),
            tabs=True,
        ),
    ]


def _sentence(letters: str, known: bool) -> Text:
    of = range(len(letters))
    said = [f"{{network_{k}|networks}}: {{said_{k}|classes}} ({{share_{k}:.0%}})" for k in of]
    english = [f"{letters[k]} {{area_{k}:.2f}} ({{chance_{k}:.2f}} at random)" for k in of]
    spanish = [f"{letters[k]} {{area_{k}:.2f}} ({{chance_{k}:.2f}} al azar)" for k in of]
    true = Text(" True is {truth|classes}.", " La verdadera es {truth|classes}.") if known else Text("", "")
    return words.joined(
        Text(f"Shown: {{row|rows}}. {'; '.join(said)}.", f"Se ve: {{row|rows}}. {'; '.join(said)}."),
        true,
        Text(
            f" Taking away first what {{method|methods}} calls most relevant leaves areas of {', '.join(english)}: "
            "less is better.",
            f" Quitar primero lo que {{method|methods}} llama más relevante deja áreas de {', '.join(spanish)}: "
            "menos es mejor.",
        ),
    )


def _shown(seen: LookedAt) -> Panel:
    mark: Mark
    if seen.picture is not None:
        mark, title = (
            Images(Ref("input"), limits=(float(seen.inputs.min()), float(seen.inputs.max()))),
            Text("The picture", "La imagen"),
        )
    elif seen.kind == "sequence":
        mark = Matrix(Ref("input"), rows="columns", scale="magnitude")
        return Panel(Text("The sequence", "La secuencia"), [mark], x=Axis(Text("step", "paso")), size="small")
    else:
        mark, title = Bars(Ref("input"), "columns"), Text("The row", "La fila")
    return Panel(title, [mark], size="small")


def _of_networks(seen: LookedAt, count: int) -> list[Panel]:
    """What each network goes by, and what it answers."""
    maps, answers = [], []
    for k in range(count):
        limits = Ref(f"limits_{k}")
        mark: Any = Bars(Ref(f"map_{k}"), "columns", limits)
        axis = None
        if seen.picture is not None:
            mark = Images(Ref(f"map_{k}"), scale="signed", limits=limits)
        elif seen.kind == "sequence":
            mark, axis = Matrix(Ref(f"map_{k}"), rows="columns", limits=limits), Axis(Text("step", "paso"))
        title = f"{{network_{k}|networks}}"
        maps.append(Panel(Text(title, title), [mark], _SIGNS, x=axis, size="small"))
        title = f"{{network_{k}|networks}}: {{said_{k}|classes}}"
        answers.append(
            Panel(
                Text(title, title), [Bars(Ref(f"shares_{k}"), "classes", (0, 1), None, Ref(f"said_{k}"))], size="small"
            )
        )
    return [*maps, *answers]


def _curves(letters: str) -> Panel:
    chance = [Text(f"{letter}, at random", f"{letter}, al azar") for letter in letters]
    return Panel(
        Text("The share of the class as the most relevant goes", "La parte de la clase al quitar lo más relevante"),
        [Series(Ref("curves"), x=Ref("away"), names=[*letters, *chance])],
        Text(
            "Pieces (pixels, columns or steps) are replaced by what says nothing; at random is the mean of eight fixed "
            "orders.",
            "Las piezas (píxeles, columnas o pasos) se sustituyen por lo que no dice nada; al azar es la media de ocho "
            "órdenes fijos.",
        ),
        x=Axis(Text("part taken away", "parte quitada"), 0, 1),
        y=Axis(Text("share of the class", "parte de la clase"), 0, 1),
    )


def _areas(letters: str, methods: Sequence[str], count: int) -> Panel:
    names = [*[words.METHODS[name] for name in methods], Text("random order", "orden al azar")]
    labels = [Text(f"{letter} · {name.en}", f"{letter} · {name.es}") for name in names for letter in letters]
    return Panel(
        Text("Areas below the curves", "Áreas bajo las curvas"),
        [Bars(Ref("areas"), labels, (0, 1))],
        Text(
            f"Means over {count} rows; the smaller, the better a map says what its network goes by.",
            f"Medias de {count} filas; cuanto menor, mejor dice el mapa en qué se fija su red.",
        ),
    )
