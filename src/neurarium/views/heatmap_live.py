"""Heat maps of pictures and tables, computed anew in the page for what is drawn or chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from neurarium.page.controls import Choice, Control, Number, Picture, State, Toggle
from neurarium.page.marks import Bars, Images, Matrix, Ref
from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Text
from neurarium.views import heatmap_words as words
from neurarium.views.explaining import Explaining, Shares, column_windows, picture_windows, straight
from neurarium.views.looked_at import LookedAt
from neurarium.views.numbers import picked
from neurarium.views.shown import Shown

_OPERATIONS = 4_000_000
"""Multiplications that a method may take in a page: some ten milliseconds."""
_STEPS = 32
_PATCHES = 256
_COLUMNS = 24
"""Columns that are drawn; further ones are summed up in one."""
_MOST_COLUMNS = 512
"""Columns that are covered one by one."""


class _Live(nn.Module):
    """From a row and the controls to what the marks show.

    Args:
        explaining: The computation.
        shape: (1, ...) of a row.
    """

    def __init__(self, explaining: Explaining, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.methods, self.shape = explaining.methods, shape
        self.dtype = explaining.baseline.dtype
        x, number = torch.zeros(shape, dtype=self.dtype), torch.zeros((), dtype=self.dtype)
        self.operations = straight(explaining, x, torch.tensor(0), number + 0.1, number + 2, number + 2)

    def explained(self, x: Tensor, explained: Tensor, *settings: Tensor) -> dict[str, Tensor]:
        """The explanations, and the numbers that texts show."""
        found = self.operations(
            x.reshape(self.shape).to(self.dtype), explained, *(each.to(self.dtype) for each in settings)
        )
        found = {name: each.float() if each.is_floating_point() else each for name, each in found.items()}
        of_integrated = found["sums"][self.methods.index("integrated")]
        return {**found, "sum_integrated": of_integrated, "share": picked(found["shares"], found["chosen"])}


class _Drawn(_Live):
    def __init__(self, explaining: Explaining, shape: tuple[int, ...], high: int, wide: int) -> None:
        super().__init__(explaining, shape)
        self.high, self.wide = high, wide

    def forward(
        self, picture: Tensor, explained: Tensor, epsilon: Tensor, alpha: Tensor, patch: Tensor, alike: Tensor
    ) -> dict[str, Tensor]:
        """For a picture; maps summed over its channels."""
        found = self.explained(picture, explained, epsilon, alpha, patch)
        maps = found["maps"].reshape(len(self.methods), -1, self.high * self.wide).sum(1)
        maps, limits = _scaled(maps, alike)
        return {**found, "maps": maps.reshape(-1, self.high, self.wide), "limits": limits}


class _Chosen(_Live):
    columns: Tensor
    rest: Tensor | None

    def __init__(self, explaining: Explaining, shape: tuple[int, ...], shown: Tensor) -> None:
        super().__init__(explaining, shape)
        self.register_buffer("columns", shown)
        rest = torch.ones(shape[1])
        rest[shown] = 0
        self.register_buffer("rest", rest if bool(rest.any()) else None)

    def forward(
        self, rows: Tensor, row: Tensor, explained: Tensor, epsilon: Tensor, alpha: Tensor, alike: Tensor
    ) -> dict[str, Tensor]:
        """For a row of a table; columns that have no place of their own are summed up."""
        x = picked(rows, row)
        found = self.explained(x, explained, epsilon, alpha, torch.ones(()))
        parts = found["maps"][:, self.columns]
        if self.rest is not None:
            parts = torch.cat([parts, (found["maps"] * self.rest).sum(1, keepdim=True)], 1)
        parts, limits = _scaled(parts, alike)
        return {**found, "parts": parts.mT, "limits": limits}


def _scaled(maps: Tensor, alike: Tensor) -> tuple[Tensor, Tensor]:
    """(methods, n) maps as they are, or each on a scale of its own from -1 to 1; and the limits of the scale."""
    own = maps.abs().amax(1, keepdim=True).clamp(min=1e-9)
    most = torch.where(alike, own[1:].amax(), 1.0)  # the gradient, which is no part of the score, may go beyond it
    return torch.where(alike, maps, maps / own), torch.stack([-most, most])


@dataclass(frozen=True)
class Prepared:
    """What explains pictures and rows of tables.

    Attributes:
        explaining: The computation.
        step: How many pixels patches lie apart; 1 for tables.
        steps: Places where integrated gradients ask for the gradient.
    """

    explaining: Explaining
    step: int
    steps: int

    @property
    def patch(self) -> int:
        """The side of the patches, as long as nobody chooses another."""
        return max(self.step, 3)


def prepared(seen: LookedAt, shares: Shares, steps: int | None = None) -> Prepared:
    """What explains the pictures, or the rows of a table, that are looked at.

    Args:
        seen: They, and the network.
        shares: From scores to shares of the classes.
        steps: Places where integrated gradients ask for the gradient; None: as many as a page bears.
    """
    cost = _cost(seen)
    steps = steps or int(np.clip(_OPERATIONS // (3 * cost), 8, _STEPS))
    x, step = seen.inputs, 1
    if seen.picture is not None:
        height, width = seen.picture[-2:]
        step = _grid(height, width, cost)
        blank, reach = torch.full_like(x[:1], float(x.min())), torch.full_like(x[:1], float(x.max() - x.min()))
        windows = _pictured(picture_windows(height, width, step), tuple(x.shape[1:]), (height, width))
    else:
        blank, reach = x.mean(0, keepdim=True), x.std(0, keepdim=True, correction=0)
        windows = column_windows(x.shape[1]) if x.shape[1] <= _MOST_COLUMNS else None
    return Prepared(Explaining(seen.module, blank, reach, windows, shares, steps=steps).eval(), step, steps)


def scene(seen: LookedAt, rows: Shown, shares: Shares, steps: int | None) -> Scene:
    """The scene of pictures, or of a table."""
    made = prepared(seen, shares, steps)
    return _of_rows(seen, rows, made.explaining) if seen.picture is None else _of_pictures(seen, made)


def _cost(seen: LookedAt) -> int:
    """Multiplications that the network takes for a row."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        seen.module(seen.inputs[:1])
    return max(1, counter.get_total_flops() // 2)


def _grid(height: int, width: int, cost: int) -> int:
    """How many pixels patches lie apart, so that a page bears their number."""
    most = int(np.clip(_OPERATIONS // cost, 16, _PATCHES))
    return next(step for step in range(1, height + width) if ceil(height / step) * ceil(width / step) <= most)


def _pictured(windows: Callable[[Tensor], Tensor], shape: tuple[int, ...], sides: tuple[int, int]) -> Any:
    """Windows over a picture as windows over a row of the network."""

    def covered(patch: Tensor) -> Tensor:
        over = windows(patch)[:, None]
        channels = int(np.prod(shape)) // (sides[0] * sides[1])
        return over.expand(-1, channels, -1, -1).reshape(len(over), *shape)

    return covered


def _common(seen: LookedAt, explaining: Explaining) -> tuple[list[Control], dict[str, Any], Text]:
    """Controls, lists and the last words that pictures and tables share."""
    controls: list[Control] = [Choice("explained", words.EXPLAINED, "explainable", len(seen.classes))]
    lists: dict[str, Any] = {"classes": seen.classes, "explainable": [*seen.classes, words.THE_ANSWER]}
    if explaining.relevance is not None:
        lists["layers"] = [Text("score", "puntuación"), *explaining.relevance.layers]
    elif explaining.unknown is not None:
        lists["unknown"] = [words.layer(explaining.unknown)]
    return controls, lists, words.joined(words.unknown(explaining.unknown), seen.some)


def _settings(explaining: Explaining) -> list[Control]:
    if explaining.relevance is None:
        return [State("epsilon", np.array(0.1, np.float32)), State("alpha", np.array(2, np.float32))]
    return [
        Number("epsilon", Text("epsilon of relevance", "épsilon de la relevancia"), 0.1, 0.01, 1, 0.01),
        Number("alpha", Text("alpha of relevance", "alfa de la relevancia"), 2, 1, 3, 0.25),
    ]


def _more_panels(explaining: Explaining) -> list[Panel]:
    """The sums of the maps, and how much relevance each layer holds."""
    methods = [words.METHODS[name] for name in explaining.methods]
    note = words.SUMS_NOTE if explaining.relevance is not None else words.SUMS_NOTE_WITHOUT_RELEVANCE
    panels = [Panel(words.SUMS, [Bars(Ref("sums"), methods, threshold=Ref("difference"))], note)]
    if explaining.relevance is not None:
        note = words.NOTE_OF_LAYERS
        note = words.joined(note, words.NOTE_OF_BUMPS) if explaining.relevance.bumps else note
        title = Text("Relevance, layer by layer", "Relevancia, capa por capa")
        panels.append(Panel(title, [Bars(Ref("epsilon_layers"), "layers")], note, size="small"))
    return panels


def _of_pictures(seen: LookedAt, made: Prepared) -> Scene:
    explaining, step = made.explaining, made.step
    low, high = float(seen.inputs.min()), float(seen.inputs.max())
    controls, lists, more = _common(seen, explaining)
    height, width = seen.picture[-2:]  # type: ignore[index]
    pictures = seen.pictures
    largest = max(step, min(height, width) // 2)
    picture = Picture(
        "picture", Text("picture", "imagen"), pictures[0], low, high, samples="samples", sample_labels="samples"
    )
    lists["samples"] = seen.answers
    controls = [
        picture,
        *controls,
        *_settings(explaining),
        Number(
            "patch", Text("side of the patch", "lado del parche"), min(largest, made.patch), step, largest, whole=True
        ),
        Toggle("alike", words.ALIKE, True),
    ]
    labels = [words.METHODS[name] for name in explaining.methods]
    panels = [
        Panel(
            Text("The picture", "La imagen"),
            [Images(Ref("picture"), limits=(low, high), draws="picture")],
            Text("Draw, erase, or take one below.", "Dibuje, borre o elija una abajo."),
            size="small",
        ),
        Panel(words.CLASSES, [Bars(Ref("shares"), "classes", (0, 1), "explained", Ref("chosen"))], size="small"),
        Panel(
            words.FOR_A_CLASS,
            [Images(Ref("maps"), 6, labels, "signed", Ref("limits"))],
            Text(
                "Blue for it, orange against it, in units of the score; the gradient is that from no ink to full ink, "
                f"integrated along {made.steps} steps; what a patch takes away is shared out over what it hides.",
                "Azul a favor, naranja en contra, en unidades de la puntuación; el gradiente es el de ninguna tinta a "
                f"toda, integrado en {made.steps} pasos; lo que quita un parche se reparte en lo que tapa.",
            ),
            size="wide",
        ),
        *_more_panels(explaining),
    ]
    return Scene(
        look="heatmap",
        title=Text(f"What speaks for a class: {seen.name}", f"Lo que habla a favor de una clase: {seen.name}"),
        sentence=words.joined(words.sentence(Text("a blank picture", "una imagen vacía")), more),
        panels=panels,
        controls=controls,
        lists=lists,
        constants={"samples": pictures, "zero": np.array(0)},
        module=_Drawn(explaining, (1, *seen.inputs.shape[1:]), height, width),
    )


def _of_rows(seen: LookedAt, rows: Shown, explaining: Explaining) -> Scene:
    controls, lists, more = _common(seen, explaining)
    columns = _telling(seen, explaining)
    names: list[str | Text] = [rows.columns[number] for number in columns.tolist()]
    if len(columns) < seen.inputs.shape[1]:
        names.append(Text("all others", "todas las demás"))
    lists |= {"rows": seen.labels, "columns": names}
    controls = [
        Number("row", Text("row", "fila"), 0, 0, len(seen.inputs) - 1, whole=True, plays=True),
        *controls,
        *_settings(explaining),
        Toggle("alike", words.ALIKE, True),
    ]
    labels = [words.METHODS[name] for name in explaining.methods]
    panels = [
        Panel(
            words.FOR_A_CLASS,
            [Matrix(Ref("parts"), "columns", labels, limits=Ref("limits"))],
            words.joined(words.SIGNS, *map(words.noted, explaining.methods), space=" "),
            size="wide",
        ),
        Panel(words.CLASSES, [Bars(Ref("shares"), "classes", (0, 1), "explained", Ref("chosen"))], size="small"),
        *_more_panels(explaining),
    ]
    told = Text("Row {row|rows}: ", "Fila {row|rows}: ")
    return Scene(
        look="heatmap",
        title=Text(f"What speaks for a class: {seen.name}", f"Lo que habla a favor de una clase: {seen.name}"),
        sentence=words.joined(told, words.sentence(Text("the mean row", "la fila media")), more),
        panels=panels,
        controls=controls,
        lists=lists,
        constants={"rows": seen.inputs.numpy(), "zero": np.array(0)},
        module=_Chosen(explaining, (1, seen.inputs.shape[1]), columns),
    )


def _telling(seen: LookedAt, explaining: Explaining) -> Tensor:
    """The columns with places of their own: all, or those whose gradient times input is largest over the rows."""
    columns = seen.inputs.shape[1]
    if columns <= _COLUMNS:
        return torch.arange(columns)
    with torch.enable_grad():
        x = seen.inputs.detach().requires_grad_()
        (slope,) = torch.autograd.grad(seen.module(x).amax(1).sum(), x)
    weight = (slope * (x.detach() - explaining.baseline)).abs().sum(0)
    return weight.topk(_COLUMNS).indices.sort().values
