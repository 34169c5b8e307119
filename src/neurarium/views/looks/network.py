"""network: the diagram of a fitted network in the chart's cells, down to the sum of a single unit with its numbers."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils import _pytree

from neurarium import catalogue
from neurarium.chart import place_of
from neurarium.core.card import Card
from neurarium.core.estimator import Estimator
from neurarium.page.controls import Choice, Control, Number, Picture, Toggle
from neurarium.page.marks import Bars, Cells, Formula, Images, Links, Mark, Matrix, Named, Ref, Words
from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Text
from neurarium.program.trace import input_names
from neurarium.views.diagram import MOST, Drawn, draw
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown
from neurarium.views.transitions import chain_scene
from neurarium.views.watching import MANY, SPELT, Watched, WatchedPicture
from neurarium.views.wiring import Layer, Wiring

NAME = "network"
TITLE = Text("The network", "La red")
ORDER = 0

_ROWS = 60
"""Rows that can be chosen."""
_MANY = 4096
"""Numbers that enter a unit, each with a name of its own."""


def can(fitted: Any) -> bool:
    """Any fitted estimator and any module."""
    return isinstance(fitted, nn.Module) or (isinstance(fitted, Estimator) and hasattr(fitted, "module_"))


def scene(fitted: Any, rows: Shown, part: str | None = None) -> Scene:
    """The layers, their units' answers to a row, the weights between them, and the sum of a chosen unit.

    Args:
        fitted: An estimator or a module.
        rows: Rows to put in; an estimator does without.
        part: Which of the programs of the network, such as "generate"; None for the first that has layers.

    Raises:
        CannotLook: No layer was found, or a module came without rows.
    """
    if hasattr(fitted, "states_"):
        return chain_scene(fitted, NAME)
    wiring, banks = _program(fitted, rows, part)
    card = _card(fitted)
    spread = {layer: _liveliest(wiring, layer, banks) for layer in wiring.layers}
    drawn = draw(wiring.layers, spread, card)
    side = _side(wiring, rows)
    watched = (WatchedPicture if side else Watched)(wiring, drawn, [None] if side else banks).eval()
    summing = [number for number, each in enumerate(drawn) if each.layer.enters]
    entering = [_entering(drawn[number].layer, wiring, rows.columns, side) for number in summing]
    lists: dict[str, Sequence[str | Text]] = {
        "layers": [_called(drawn, number) for number in summing],
        "entering": [entry for entries in entering for entry in entries],
        "activations": [_answering(drawn[number].layer.activation) for number in summing],
        "columns": list(rows.columns),
        "classes": list(rows.classes),
    }
    place = None if card is None else place_of(card)
    lists["network"] = [type(fitted).__name__ if place is None else Text(place.name, place.spanish)]
    facts = {"cells": np.array(sum(each.layer.units for each in drawn)), "sums": np.array(len(summing))}
    facts["zero"] = np.array(0)
    one = len(summing) == 1
    return Scene(
        look=NAME,
        title=Text("The network: {zero|network}", "La red: {zero|network}"),
        sentence=Text(
            f"{{cells}} cells, {'one layer' if one else '{sums} layers'} of sums. "
            "Unit {the_unit} of layer {layer|layers} adds up to {sum:.3f} and "
            "answers {says:.3f}.",
            f"{{cells}} celdas, {'una capa' if one else '{sums} capas'} de sumas. "
            "La unidad {the_unit} de la capa {layer|layers} suma {sum:.3f} y "
            "responde {says:.3f}.",
        ),
        panels=[
            _diagram(drawn, watched),
            _comes_in(wiring, rows, side),
            *_zoom(drawn, summing, watched),
            _comes_out(wiring, rows, side),
        ],
        controls=_controls(drawn, summing, banks, side),
        lists=lists,
        constants=facts | ({"samples": banks[0].reshape(len(banks[0]), *side).numpy()} if side else {}),
        module=watched,
    )


# The network's program, and the rows it is shown.


def _program(fitted: Any, rows: Shown, part: str | None) -> tuple[Wiring, list[Tensor]]:
    """The layers of the part that is looked at, and for each of its inputs rows to choose from."""
    if isinstance(fitted, nn.Module):
        if rows.X is None:
            raise CannotLook("a module says nothing of what it takes: give rows, look(module, 'network', X).")
        bank = torch.as_tensor(np.asarray(rows.X[:_ROWS]), dtype=torch.float32)
        module = copy.deepcopy(fitted).cpu().float().eval()
        return _wired(module, (bank[:1],)), [bank]
    programs = fitted._programs()
    if part is not None and part not in programs:
        raise CannotLook(f"{type(fitted).__name__} has no part {part!r}; it has {', '.join(programs)}.")
    for name, (module, examples) in sorted(programs.items(), key=lambda each: each[0] != "step"):
        if part not in (None, name) or not all(each.is_floating_point() for each in examples):
            continue
        module = copy.deepcopy(module).cpu().float().eval()
        one = tuple(_one(each.cpu().float()) for each in examples)
        wiring = _wired(module, one)
        if len([layer for layer in wiring.layers if layer.enters]):
            return wiring, _banks(fitted, module, wiring, rows)
    raise CannotLook(f"{type(fitted).__name__} has no layer that adds up numbers times weights.")


def _one(example: Tensor) -> Tensor:
    """One row of an example of two, along whichever axis they lie."""
    axis = next(axis for axis, size in enumerate(example.shape) if size == 2)
    return example.narrow(axis, 0, 1).clone()


def _wired(module: nn.Module, inputs: tuple[Tensor, ...]) -> Wiring:
    with torch.no_grad():
        return Wiring(module, inputs, input_names(module, len(inputs)))


def _banks(fitted: Any, module: nn.Module, wiring: Wiring, rows: Shown) -> list[Tensor]:
    """For each input what it can be: rows where they fit; steps in time with the states they meet; else chance."""
    one = wiring.inputs
    chance = torch.Generator().manual_seed(0)
    heard = wiring.heard_at
    read = None if rows.X is None else fitted._read(rows.X, reset=False).inputs.float().cpu()
    if read is not None and read.dim() == 3 and read.shape[2:] == one[heard].shape[1:] and len(one) > 1:
        return _in_time(module, one, heard, read[0][:_ROWS])
    if read is not None and read.shape[1:] == one[heard].shape[1:]:
        first = read[:_ROWS]
    else:
        first = torch.randn(_ROWS, *one[heard].shape[1:], generator=chance)
    banks = [torch.rand(len(first), *each.shape, generator=chance) for each in one]
    return [*banks[:heard], first, *banks[heard + 1 :]]


def _in_time(module: nn.Module, one: tuple[Tensor, ...], heard: int, sequence: Tensor) -> list[Tensor]:
    """The steps of a sequence, and the states that each of them meets."""
    now = [torch.zeros_like(each) for each in one]
    met = []
    for step in sequence:
        now[heard] = step[None]
        met.append([each.clone() for each in now])
        with torch.no_grad():
            said = _pytree.tree_leaves(module(*now))
        states = said[: len(now) - 1] if heard else said[len(said) - len(now) + 1 :]
        for place, state in zip((each for each in range(len(now)) if each != heard), states, strict=True):
            now[place] = state
    return [torch.stack(each) for each in zip(*met, strict=True)]


def _liveliest(wiring: Wiring, layer: Layer, banks: Sequence[Tensor]) -> NDArray[np.int64]:
    """A layer's units, those first whose answers differ most from row to row."""
    if layer.units <= MOST:
        return np.arange(layer.units)
    answers = []
    with torch.no_grad():
        for row in range(0, len(banks[0]), max(1, len(banks[0]) // 12)):
            given = [bank[row].reshape(each.shape) for bank, each in zip(banks, wiring.inputs, strict=True)]
            answers.append(wiring.watch(given)[layer.active].reshape(layer.units, -1)[:, layer.middle])
    return np.argsort(-torch.stack(answers).std(0).numpy(), kind="stable")


def _side(wiring: Wiring, rows: Shown) -> tuple[int, ...] | None:
    """The shape of what comes in where that is a picture to draw: of a single input, square and large enough."""
    if len(wiring.inputs) > 1:
        return None
    shape = tuple(wiring.inputs[0].shape[1:])
    if len(shape) == 3 and shape[0] in (1, 3) and min(shape[1:]) > 3:
        return shape[1:] if shape[0] == 1 else shape
    square = round(shape[0] ** 0.5) if len(shape) == 1 else 0
    named = any(not name.startswith("x") for name in rows.columns)
    return (square, square) if square > 5 and square**2 == shape[0] and not named else None


def _card(fitted: Any) -> Card | None:
    found = [card for card in catalogue.cards().values() if type(fitted) in card.estimators]
    return found[0] if found else None


# Names.


def _called(drawn: Sequence[Drawn], number: int) -> str:
    """The name of a layer, without what the names of all layers begin with, and the how many-th of those that sum."""
    summing = [each for each in drawn if each.layer.enters]
    if drawn[number] not in summing:
        return drawn[number].layer.name
    names = [each.layer.name.split(".") for each in summing]
    common = 0
    while all(len(name) > common + 1 for name in names) and len({name[common] for name in names}) == 1:
        common += 1
    place = summing.index(drawn[number])
    return f"{place + 1} {'.'.join(names[place][common:])}"


def _answering(activation: str) -> str:
    return f"{activation}(z)" if activation else "z"


def _entering(layer: Layer, wiring: Wiring, columns: Sequence[str], side: tuple[int, ...] | None) -> list[str]:
    """What each number is called that enters a layer."""
    names: list[str] = []
    for node in layer.enters:
        shape = tuple(node.meta["val"].shape[1:]) or (1,)
        count = int(np.prod(shape))
        (source, *_) = wiring.heard(node) or [layer]
        if count > _MANY:
            names += [str(each) for each in range(count)]
        elif not source.enters and count == len(columns) and len(wiring.inputs) == 1 and not side:
            names += list(columns)
        else:
            inner = side if not source.enters and side else shape
            places = np.ndindex(*inner)
            names += [f"{source.name} {' '.join(map(str, place))}" for place in places]
    return names


# Panels and controls.


def _diagram(drawn: Sequence[Drawn], watched: Watched) -> Panel:
    marks: list[Mark] = []
    for start, number in watched.links:
        one, two = drawn[start], drawn[number]
        x1, x0 = (axis.ravel().tolist() for axis in np.meshgrid(two.x, one.x, indexing="ij"))
        y1, y0 = (axis.ravel().tolist() for axis in np.meshgrid(two.y, one.y, indexing="ij"))
        marks.append(Links(x0, y0, x1, y1, Ref(f"links_{start}_{number}")))
    layer = -1
    for number, each in enumerate(drawn):
        layer += bool(each.layer.enters)
        sets = [{"layer": layer, "unit": int(unit)} for unit in each.units] if each.layer.enters else None
        x, y = each.x.tolist(), each.y.tolist()
        marks.append(
            Cells(
                x,
                y,
                each.kind,
                Ref(f"cells_{number}"),
                [str(unit) for unit in each.units],
                limits=Ref("scale"),
                sets=sets,
            )
        )
    marks.append(_captions(drawn))
    return Panel(
        Text("Cells and weights", "Celdas y pesos"),
        marks,
        note=Text(
            "Of a layer with many cells those are drawn whose answers change most. Choose a cell to see its sum.",
            "De una capa con muchas celdas se dibujan las que más cambian su respuesta. Elija una celda para ver su "
            "suma.",
        ),
        square=True,
        size="wide",
    )


def _captions(drawn: Sequence[Drawn]) -> Words:
    """Names below the columns, every second one lower, so that long ones do not meet."""
    texts: list[str | Text] = []
    for number, each in enumerate(drawn):
        name, units, count = _called(drawn, number), each.layer.units, len(each.units)
        texts.append(name if units == count else f"{name} ({count}/{units})")
    depths = [each.layer.depth % 2 for each in drawn]
    y = [float(each.y.min()) - 0.9 - 0.6 * odd for each, odd in zip(drawn, depths, strict=True)]
    return Words([float(each.x[0]) for each in drawn], y, texts)


def _comes_in(wiring: Wiring, rows: Shown, side: tuple[int, ...] | None) -> Panel:
    title = Text("What comes in", "Lo que entra")
    if side:
        picture = Ref("picture") if len(side) == 2 else Ref("picture", (0,))
        return Panel(title, [Images(picture, 1, draws="picture")], size="small")
    named = len(rows.columns) == wiring.inputs[wiring.heard_at].numel()
    return Panel(title, [Bars(Ref("x"), "columns" if named else None)], size="small")


def _zoom(drawn: Sequence[Drawn], summing: Sequence[int], watched: Watched) -> list[Panel]:
    terms = Panel(
        Text("The largest terms of its sum", "Los mayores términos de su suma"),
        [Bars(Ref("top"), Named(Ref("named"), "entering"))],
        note=Text("Each bar is a weight times what enters there.", "Cada barra es un peso por lo que entra por él."),
    )
    title = Text("Unit {the_unit} of {layer|layers} in numbers", "La unidad {the_unit} de {layer|layers} en números")
    formula = Panel(title, [_formula(min(SPELT, watched.largest.turns))])
    layers = [_whole_layer(number, drawn[number].layer, place) for place, number in enumerate(summing)]
    return [formula, terms, *layers]


def _formula(spelt: int) -> Formula:
    """z = w x + w x + ... + rest + b, and the answer."""
    terms = [(f"{{weight_{term}:.3f}}", f"{{enters_{term}:.3f}}") for term in range(spelt)]
    rows: list[list[object]] = []
    for weight, enters in terms:
        rows.append([*_fenced(weight), ["mo", "·"], *_fenced(enters)])
    rows += [_fenced("{rest:.3f}"), _fenced("{bias:.3f}"), [["mn", "{sum:.3f}"]], [["mn", "{says:.3f}"]]]
    names: list[object] = [["mi", "z"], *[["mtext", ""]] * (len(rows) - 2), ["mi", "{layer|activations}"]]
    signs = ["=", *["+"] * (len(rows) - 3), "=", "="]
    lines = zip(names, signs, rows, strict=True)
    table = [["mtr", ["mtd", name], ["mtd", ["mo", sign]], ["mtd", ["mrow", *row]]] for name, sign, row in lines]
    spelt_out = " + ".join(f"({weight})({enters})" for weight, enters in terms)
    plain = f"z = {spelt_out} + ({{rest:.3f}}) + ({{bias:.3f}}) = {{sum:.3f}}; {{layer|activations}} = {{says:.3f}}"
    return Formula(["mtable", *table], Text(plain, plain))


def _fenced(number: str) -> list[object]:
    return [["mo", "("], ["mn", number], ["mo", ")"]]


def _whole_layer(number: int, layer: Layer, place: int) -> Panel:
    when = ("layer", (place,))
    if len(layer.shape) == 3:
        mark: Mark = Images(Ref(f"maps_{number}"), 8, scale="signed", picks="unit", highlight=Ref("unit"))
        return Panel(Text("All maps of the layer", "Todos los mapas de la capa"), [mark], when=when)
    title = Text("All units of the layer", "Todas las unidades de la capa")
    if layer.units <= 2 * MOST:
        return Panel(title, [Bars(Ref(f"values_{number}"), picks="unit", highlight=Ref("unit"))], when=when)
    return Panel(title, [Matrix(Ref(f"grid_{number}"))], when=when)


def _comes_out(wiring: Wiring, rows: Shown, side: tuple[int, ...] | None) -> Panel:
    count = wiring.answer.meta["val"].numel()
    title = Text("What comes out", "Lo que sale")
    pixels = int(np.prod(side)) if side else 0
    if side and len(side) == 2 and count == pixels:
        return Panel(title, [Images(Ref("picture_out"), 1)], size="small")
    if count > MANY:
        return Panel(title, [Matrix(Ref("answer_grid"))])
    labels = "classes" if len(rows.classes) == count else None
    return Panel(title, [Bars(Ref("answer"), labels)], size="small")


def _controls(
    drawn: Sequence[Drawn],
    summing: Sequence[int],
    banks: Sequence[Tensor],
    side: tuple[int, ...] | None,
) -> list[Control]:
    most = max(drawn[number].layer.units for number in summing)
    controls: list[Control] = [
        Choice("layer", Text("layer", "capa"), "layers", tabs=True),
        Number("unit", Text("unit", "unidad"), 0, 0, most - 1, whole=True),
        Toggle("flow", Text("lines show weight times answer", "las líneas muestran peso por respuesta")),
    ]
    if side:
        bank = banks[0].reshape(len(banks[0]), *side).numpy()
        low, high = float(bank.min()), float(bank.max())
        label = Text("picture", "imagen")
        return [Picture("picture", label, bank[0], low, high, "samples"), *controls]
    last = len(banks[0]) - 1
    return [Number("row", Text("row", "fila"), 0, 0, last, whole=True, plays=True), *controls]
