"""features: all maps of a picture, the kernel where it lies with its numbers, and what each unit looks for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from neurarium.core.estimator import Estimator
from neurarium.core.roles import ProbabilisticClassifier, Regressor
from neurarium.page.controls import Choice, Control, Number, Picture
from neurarium.page.marks import Bars, Images, Ref
from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Text
from neurarium.views.convolutions import MapLayer, map_layers, maximised, top_patches, watched
from neurarium.views.features_live import Features, Shares
from neurarium.views.features_panels import layer_panels
from neurarium.views.looked_at import LookedAt, looked_at
from neurarium.views.looking import CannotLook
from neurarium.views.looks.heatmap import small_convolutions
from neurarium.views.shown import Shown

NAME = "features"
TITLE = Text("Features", "Rasgos")
ORDER = 20

_LAYERS = 16
_MAPS = 64
"""Maps of a layer that are shown."""
_PATCHES = 6
_NUMBERS = 25_000
"""Of patches and of maximised pictures each, over all layers: about 100 kB."""
_CLIMB = 2e9
"""Multiplications for climbing, over all layers: some seconds."""


def can(fitted: Any) -> bool:
    """Whether it has layers whose kernels slide over pictures."""
    module = getattr(fitted, "module_", None) if isinstance(fitted, Estimator) else fitted
    return isinstance(module, nn.Module) and any(isinstance(part, nn.Conv2d) for part in module.modules())


def scene(fitted: Any, rows: Shown, *, picture: Sequence[int] | None = None) -> Scene:
    """Activation maps, windows with their numbers, top patches and maximised pictures, and the classes' shares.

    Args:
        fitted: A network with two-dimensional convolutions: an estimator, or a module that takes
            (n, channels, height, width).
        rows: Pictures, and their classes where they are known.
        picture: (height, width) or (channels, height, width) that the columns of a table are seen as.

    Raises:
        CannotLook: There are no rows, or they are no pictures.
    """
    seen = looked_at(fitted, rows, NAME, picture, scores=False)
    if seen.inputs.dim() != 4 or seen.picture is None:
        raise CannotLook(
            f"the look {NAME!r} needs pictures, (n, channels, height, width) for a module; these rows are "
            f"{' x '.join(map(str, seen.inputs.shape))}."
        )
    layers = _some(map_layers(seen.module, seen.inputs[:1]))
    kernels = [number for number, layer in enumerate(layers) if isinstance(layer.module, nn.Conv2d)]
    if not kernels:
        raise CannotLook(f"the look {NAME!r} found no convolution that gives maps in {type(fitted).__name__}.")
    low, high = float(seen.many.min()), float(seen.many.max())
    module = Features(seen.module, layers, (1, *seen.inputs.shape[1:]), seen.inputs, _shares(fitted, seen), _MAPS)
    constants = _looked_for(seen, [(number, layers[number]) for number in kernels], low, high)
    return Scene(
        look=NAME,
        title=Text(f"What the kernels see: {seen.name}", f"Lo que ven los núcleos: {seen.name}"),
        sentence=_sentence(seen, layers),
        panels=_panels(seen, layers, low, high),
        controls=_controls(seen, layers, low, high),
        lists={
            "classes": seen.classes,
            "samples": seen.answers,
            "layers": [layer.name for layer in layers],
            "shown": [Text("all maps", "todos los mapas"), *(layer.name for layer in layers)],
        },
        constants={"samples": seen.pictures, **_counted(layers), **constants},
        module=module,
    )


def _counted(layers: list[MapLayer]) -> dict[str, Any]:
    """The numbers by which texts name layers."""
    return {f"layer_{number}": np.array(number) for number in range(len(layers))}


def _some(layers: list[MapLayer]) -> list[MapLayer]:
    """Not more layers than a page has room for, from all depths."""
    if len(layers) <= _LAYERS:
        return layers
    return [layers[number] for number in np.linspace(0, len(layers) - 1, _LAYERS).astype(int)]


def _shares(fitted: Any, seen: LookedAt) -> Shares | None:
    if isinstance(fitted, ProbabilisticClassifier):
        return fitted._probabilities
    return (lambda scores: scores.softmax(-1)) if seen.classes and not isinstance(fitted, Regressor) else None


def _looked_for(
    seen: LookedAt, kernels: list[tuple[int, MapLayer]], low: float, high: float
) -> dict[str, np.ndarray[Any, Any]]:
    """What each kernel looks for: the patches that move it most, and a picture made to move it."""
    many = seen.many
    with torch.no_grad(), watched(seen.module) as found:
        seen.module(many)
    colours = 3 if many.shape[1] == 3 else 1
    pixels = colours * sum(min(layer.maps, _MAPS) * layer.seen[0] * layer.seen[1] for _, layer in kernels)
    count = int(np.clip(_NUMBERS // pixels, 1, min(_PATCHES, len(many))))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        seen.module(many[:1])
    cost = max(1, counter.get_total_flops() // 2) * sum(layer.maps for _, layer in kernels)
    turns = int(np.clip(_CLIMB / (3 * cost), 8, 64))
    constants = {}
    for number, layer in kernels:
        patches = top_patches(layer, found[layer.path][2][:, :_MAPS], many, count, low)
        constants[f"patches_{number}"] = _shown(patches)
        largest = maximised(seen.module, layer, tuple(many.shape[1:]), low, high, turns)
        constants[f"largest_{number}"] = _shown(largest[:_MAPS, None])
    return constants


def _shown(pictures: Tensor) -> np.ndarray[Any, Any]:
    """(..., channels, h, w) pictures as marks take them: colours last, or the mean of channels that are no colours."""
    array: np.ndarray[Any, Any] = pictures.float().numpy()
    return np.moveaxis(array, -3, -1) if array.shape[-3] == 3 else array.mean(-3)


def _controls(seen: LookedAt, layers: list[MapLayer], low: float, high: float) -> list[Control]:
    kernels = [layer for layer in layers if isinstance(layer.module, nn.Conv2d)]
    sides = max(layer.sides[0] for layer in layers), max(layer.sides[1] for layer in layers)
    most = max(layer.maps for layer in layers), max(layer.inputs for layer in kernels)
    return [
        Picture("picture", Text("picture", "imagen"), seen.pictures[0], low, high, "samples", "samples"),
        Choice("shown", Text("what to look at", "qué mirar"), "shown", 0, tabs=True),
        _whole("unit", Text("map", "mapa"), min(most[0], _MAPS) - 1),
        _whole("channel", Text("map below", "mapa de abajo"), most[1] - 1),
        _whole("row", Text("row", "fila"), sides[0] - 1, sides[0] // 2, plays=True),
        _whole("column", Text("column", "columna"), sides[1] - 1, sides[1] // 2, plays=True),
    ]


def _whole(name: str, label: Text, most: int, value: int = 0, *, plays: bool = False) -> Number:
    return Number(name, label, min(value, most), 0, max(1, most), whole=True, plays=plays)


def _panels(seen: LookedAt, layers: list[MapLayer], low: float, high: float) -> list[Panel]:
    panels = [
        Panel(
            Text("The picture", "La imagen"),
            [Images(Ref("picture"), limits=(low, high), draws="picture")],
            Text("Draw, erase, or take one below.", "Dibuje, borre o elija una abajo."),
            size="small",
        )
    ]
    if seen.classes:
        before = Text(
            "Of the sample nearest to what is drawn: erase a part, and compare.",
            "Del ejemplo más parecido a lo dibujado: borre una parte y compare.",
        )
        panels += [
            Panel(
                Text("Shares of the classes", "Parte de cada clase"),
                [Bars(Ref("shares"), "classes", (0, 1), highlight=Ref("said"))],
                size="small",
            ),
            Panel(
                Text("Before", "Antes"),
                [Bars(Ref("shares_before"), "classes", (0, 1), highlight=Ref("said_before"))],
                before,
                size="small",
            ),
        ]
    for number, layer in enumerate(layers):
        panels += layer_panels(number, layer, _MAPS, low, high)
    return panels


def _sentence(seen: LookedAt, layers: list[MapLayer]) -> Text:
    maps = sum(layer.maps for layer in layers)
    more = Text(
        f"The picture becomes {maps} maps in {len(layers)} layers.",
        f"La imagen se convierte en {maps} mapas en {len(layers)} capas.",
    )
    if not seen.classes:
        return Text(more.en + seen.some.en, more.es + seen.some.es)
    return Text(
        "The network answers {said|classes} with {share:.0%}. The sample nearest to the drawing had {share_before:.0%} "
        f"for {{said_before|classes}}, which now has {{share_of_before:.0%}}. {more.en}{seen.some.en}",
        "La red responde {said|classes} con {share:.0%}. El ejemplo más parecido tenía {share_before:.0%} para "
        f"{{said_before|classes}}, que ahora tiene {{share_of_before:.0%}}. {more.es}{seen.some.es}",
    )


def example(code: str) -> tuple[Any, Any, Any] | None:
    """A small convolutional network and the digits."""
    return small_convolutions() if code == "DCN" else None
