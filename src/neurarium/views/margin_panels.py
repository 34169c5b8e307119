"""The panels of the margin look."""

import dataclasses
from typing import Any

import numpy as np

from neurarium.core.roles import ProbabilisticClassifier
from neurarium.page.marks import Bars, Formula, Hull, Images, Links, Mark, Points, Raster, Ref, Series
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text
from neurarium.views.margin_plane import Plane
from neurarium.views.margin_seen import BENT, UNITS, Seen
from neurarium.views.margin_words import join
from neurarium.views.shown import Shown

_CORNERS = 33
_RINGS = 60
_PALE = 1.6  # where a lead of 1, the largest, leaves the ground light enough for points


# What several panels share.


def _axes(shown: Plane) -> tuple[Axis, Axis]:
    """The axes of the plane, with the user's names."""
    ends = list(zip(map(float, shown.low), map(float, shown.high), strict=True))
    x = Axis(Entry(Ref("first"), "columns"), *ends[0])
    return x, Axis(Entry(Ref("second"), "columns"), *ends[1]) if len(ends) == 2 else Axis()


def _extent(shown: Plane) -> tuple[float, float, float, float]:
    (left, bottom), (right, top) = map(float, shown.low), map(float, shown.high)
    return left, right, bottom, top


def _points(x: str = "points_x", y: str = "points_y", **more: Any) -> Points:
    """The points in the colours and shapes of their classes, mistakes ringed."""
    return Points(Ref(x), Ref(y), Ref("points_group"), "classes", used=Ref("points_used"), ring=Ref("wrong"), **more)


_PLACE = Points(Ref("place_x"), Ref("place_y"), size=7, drags="place")


def _lower(seen: Seen, panels: list[Panel | None], part: int) -> list[Panel]:
    """Panels that are there while their part is chosen, where there is a choice."""
    both = len(seen.kept) > 0 and seen.warp is not None
    made = [each for each in panels if each is not None]
    return [dataclasses.replace(each, when=("inside", (part,))) for each in made] if both else made


# A classifier.


def of_classes(seen: Seen, rows: Shown, shown: Plane) -> list[Panel]:
    """All panels of a classifier."""
    answer = [_surface(seen, rows, shown), _answer(seen, rows)]
    if seen.teaches:
        return [*answer, _sum(rows, shown), _mistakes()]
    leads = [_leads()] if len(rows.classes) > 2 else []
    marks = [_points(size=3)]
    return [
        *answer,
        *leads,
        *_lower(seen, _units(seen, shown, marks, len(rows.classes)), UNITS),
        *_lower(seen, [_bent(seen, [_points("there_x", "there_y", size=3)])], BENT),
    ]


def _surface(seen: Seen, rows: Shown, shown: Plane) -> Panel:
    """Who wins where, the points, the place, and what the network has of its own there."""
    two = len(rows.classes) == 2
    limits = (-_PALE, _PALE) if two and isinstance(seen.fitted, ProbabilisticClassifier) else None
    field = Raster(
        Ref("surface"), _extent(shown), "signed" if two else "classes", limits, (0,) if two else (), "classes"
    )
    arrows: list[Mark] = []
    if seen.teaches:
        ends = Ref("from_x"), Ref("from_y"), Ref("to_x"), Ref("to_y")
        arrows = [Links(*ends, Ref("length"), arrows=True)]
    rings = _rings(seen)
    marks = [field, *arrows, *rings, _points(drags="points"), _PLACE]
    note = join(_ground(two), _arrow(two) if arrows else None, _CIRCLES if rings else None)
    return Panel(Text("The plane", "El plano"), marks, note, *_axes(shown), square=shown.even)


_CIRCLES = Text(
    "The loops are the bumps, one width around each centre.",
    "Los lazos son las campanas, a una anchura de cada centro.",
)


def _ground(two: bool) -> Text:
    """What the colours of the ground mean."""
    if two:
        return Text(
            "The stronger the colour, the further {zero|classes} (blue) or {one|classes} (orange) leads.",
            "Cuanto más fuerte el color, más aventaja {zero|classes} (azul) o {one|classes} (naranja).",
        )
    return Text(
        "The ground has the colour of the class that is answered there.",
        "El fondo tiene el color de la clase que se responde allí.",
    )


def _arrow(two: bool) -> Text:
    """What the arrows mean."""
    if two:
        return Text(
            "The arrow is the weights: across the line, to where {zero|classes} gains.",
            "La flecha son los pesos: cruza la línea hacia donde gana {zero|classes}.",
        )
    return Text(
        "An arrow for each class: its weights, to where it gains.",
        "Una flecha por clase: sus pesos, hacia donde gana.",
    )


def _rings(seen: Seen) -> list[Mark]:
    """Bumps as rings of one width around their centres, where the whole plane is shown."""
    network = seen.placed.network
    if not (
        hasattr(network, "centers") and hasattr(network, "width") and seen.plane.whole and len(seen.plane.base) == 2
    ):
        return []
    scale = network.scale
    centres = scale.inverse(network.centers).numpy()[seen.kept][:_RINGS]
    radius = (network.width * scale.scale).numpy()
    turn = np.linspace(0, 2 * np.pi, _CORNERS)
    x = centres[:, :1] + radius[0] * np.cos(turn)
    y = centres[:, 1:] + radius[1] * np.sin(turn)
    seen.constants |= {"ring_x": x.astype(np.float32), "ring_y": y.astype(np.float32)}
    return [Hull(Ref("ring_x"), Ref("ring_y"), closed=False, picks="unit", highlight=Ref("unit"))]


def _answer(seen: Seen, rows: Shown) -> Panel:
    """What is answered at the place."""
    shares = isinstance(seen.fitted, ProbabilisticClassifier)
    bars = Bars(Ref("said"), "classes", (0.0, 1.0) if shares else None, highlight=Ref("label"))
    note = Text(
        "At ({place_x:.2f}, {place_y:.2f}) it answers {label|classes}.",
        "En ({place_x:.2f}, {place_y:.2f}) responde {label|classes}.",
    )
    title = Text("How likely each class is", "Qué probabilidad tiene cada clase")
    if not shares:
        title = Text("The score of each class", "La puntuación de cada clase")
    return Panel(title, [bars], note, size="small")


def _leads() -> Panel:
    """Each class against the best of the others."""
    note = Text(
        "Blue where the class leads the best of the others, orange where it trails.",
        "Azul donde la clase aventaja a la mejor de las otras, naranja donde va detrás.",
    )
    images = Images(Ref("leads"), 4, "classes", "signed", highlight=Ref("label"))
    return Panel(Text("The lead of each class", "La ventaja de cada clase"), [images], note, size="small")


# Units and layers, of whatever answers.


def _units(seen: Seen, shown: Plane, points: list[Points], outputs: int) -> list[Panel | None]:
    """The units' maps over the plane, the chosen one's, and what each says or adds at the place."""
    if not len(seen.kept):
        return []
    scale: Any = "signed" if seen.signed else "magnitude"
    fixed = hasattr(seen.placed.network, "features") and not hasattr(seen.placed.network, "centers")
    note = Text("Each picture is the plane as one unit sees it.", "Cada imagen es el plano como lo ve una unidad.")
    if fixed:
        note = join(
            note,
            Text("They were drawn at random and never learn.", "Se sortearon al azar y nunca aprenden."),
        )
    read = seen.placed_count
    if len(seen.kept) < read:
        note = join(
            note,
            Text(f"Shown are the {len(seen.kept)} of {read} with the largest part in the answer.",
                 f"Se muestran las {len(seen.kept)} de {read} con mayor parte en la respuesta."),
        )  # fmt: skip
    maps = Panel(
        Text("Each unit's map", "El mapa de cada unidad"),
        [Images(Ref("pictures"), 8, "units", scale, picks="unit", highlight=Ref("unit"))],
        note,
    )
    one = Panel(
        Text("Unit {unit|units}", "La unidad {unit|units}"),
        [Raster(Ref("maps", ("unit",)), _extent(shown), scale), *points],
        None,
        *_axes(shown),
        size="small",
    )
    return [maps, one, _added(seen, outputs)]


def _added(seen: Seen, outputs: int) -> Panel:
    """What each unit says or adds at the place."""
    if seen.reader is None:
        bars = Bars(Ref("units"), "units", picks="unit", highlight=Ref("unit"))
        title = Text("What each unit says at the place", "Lo que dice cada unidad en el lugar")
        return Panel(title, [bars], size="small")
    bars = Bars(Ref("added"), "units", picks="unit", highlight=Ref("unit"))
    if outputs == 2:
        note = Text(
            "To the right what speaks for {zero|classes}, to the left for {one|classes}: unit times weight.",
            "A la derecha lo que habla por {zero|classes}, a la izquierda por {one|classes}: unidad por peso.",
        )
    elif outputs > 2:
        note = Text("Unit times its weight to {label|classes}.", "Unidad por su peso hacia {label|classes}.")
    else:
        note = Text("Unit times its weight.", "Unidad por su peso.")
    title = Text("What each unit adds at the place", "Lo que aporta cada unidad en el lugar")
    return Panel(title, [bars], note, size="small")


def _bent(seen: Seen, points: list[Points]) -> Panel | None:
    """The plane as the layers bend it."""
    if seen.warp is None:
        return None
    reach = seen.warp.reach
    note = Text(
        "The lines of the plane after each layer, seen along the two axes in which the layer spreads them most; "
        "nearest to the slider: {layer|layers}.",
        "Las líneas del plano tras cada capa, vistas en los dos ejes en los que la capa más las extiende; "
        "lo más cercano al control: {layer|layers}.",
    )
    return Panel(
        Text("The plane as the layers bend it", "El plano como lo doblan las capas"),
        [Hull(Ref("bent_x"), Ref("bent_y"), closed=False), *points],
        note,
        x=Axis(low=-reach, high=reach),
        y=Axis(low=-reach, high=reach),
        square=True,
    )


# The perceptron.


def _sum(rows: Shown, shown: Plane) -> Panel:
    """The sum at the place, with its numbers."""
    two = len(rows.classes) == 2
    others = [] if shown.whole else ["{rest:+.2f}"]
    lines = ["{w_1:.2f} · {z_1:.2f}", "+ {w_2:.2f} · {z_2:.2f}", *others, "{b:+.2f}", "= {s:.2f}"]
    tree = ["mtable", *(["mtr", ["mtd", ["mn", line]]] for line in [f"s = {lines[0]}", *lines[1:]])]
    plain = "s = " + " ".join(lines)
    says = Text(
        "Weights times the scaled place. Above 0 the answer is {zero|classes}, below {one|classes}.",
        "Pesos por el lugar escalado. Sobre 0 la respuesta es {zero|classes}, bajo 0 {one|classes}.",
    )
    more = Text(
        "The score of {label|classes}, the largest: its weights times the scaled place.",
        "La puntuación de {label|classes}, la mayor: sus pesos por el lugar escalado.",
    )
    if not shown.whole:
        says, more = (
            join(
                each,
                Text("The third term is that of the other columns.", "El tercer término es el de las demás columnas."),
            )
            for each in (says, more)
        )
    title = Text("The sum at the place", "La suma en el lugar")
    return Panel(title, [Formula(tree, Text(plain, plain))], says if two else more, size="small")


def _mistakes() -> Panel:
    """The mistakes left after each update of the page's own perceptron."""
    note = Text(
        "After {updates:d} updates in the page {mistakes:d} of {asked:d} points are answered wrongly. By the "
        "network's own margin the theorem allows {bound:.0f} at most (0: it errs itself).",
        "Tras {updates:d} cambios en la página, {mistakes:d} de {asked:d} puntos se responden mal. Por el "
        "margen de la red misma, el teorema permite como máximo {bound:.0f} (0: ella misma yerra).",
    )
    return Panel(
        Text("Mistakes left", "Errores que quedan"),
        [Series(Ref("kept_trace"), style="step", cursor=Ref("updates"))],
        note,
        x=Axis(Text("updates", "cambios"), 0, Ref("trace_end")),
        y=Axis(Text("points answered wrongly", "puntos mal respondidos"), 0, Ref("trace_top")),
        size="small",
    )


# A regressor.


def of_numbers(seen: Seen, shown: Plane) -> list[Panel]:
    """All panels of a regressor on a plane."""
    target = Points(Ref("points_x"), Ref("points_y"), value=Ref("target"), limits=Ref("ends"))
    seen.constants |= {
        "points_x": shown.xy[:, 0].astype(np.float32),
        "points_y": shown.xy[:, 1].astype(np.float32),
    }
    note = Text(
        "At ({place_x:.2f}, {place_y:.2f}) it answers {value:.3f}. A point that stands out of its ground is missed.",
        "En ({place_x:.2f}, {place_y:.2f}) responde {value:.3f}. Un punto que resalta sobre su fondo está mal.",
    )
    surface = Raster(Ref("surface"), _extent(shown), "magnitude", Ref("ends"))
    plane = Panel(Text("The plane", "El plano"), [surface, target, _PLACE], note, *_axes(shown))
    return [
        plane,
        *_lower(seen, _units(seen, shown, [], 1), UNITS),
        *_lower(seen, [_bent(seen, [])], BENT),
    ]


def of_a_curve(seen: Seen, shown: Plane) -> list[Panel]:
    """All panels of a regressor along one column."""
    if seen.solves:
        points = Points(Ref("points_x"), Ref("points_y"), used=Ref("points_used"), size=3, drags="points")
    else:
        points = Points(Ref("points_x"), Ref("points_y"), size=3)
    note = Text("At {place:.2f} it answers {value:.3f}.", "En {place:.2f} responde {value:.3f}.")
    curve = Series(Ref("curve"), Ref("grid_x"), cursor=Ref("place"))
    main = Panel(Text("The curve", "La curva"), [curve, points], note, *_axes(shown))
    terms = None
    if seen.solves and len(seen.kept):
        terms = Panel(
            Text("The terms of the sum", "Los términos de la suma"),
            [Series(Ref("terms"), Ref("grid_x"), cursor=Ref("place"))],
            Text("Each unit times its weight: their sum, and a level, is the curve.",
                 "Cada unidad por su peso: su suma, y un nivel, es la curva."),
            *_axes(shown),
        )  # fmt: skip
    added = _added(seen, 1) if len(seen.kept) else None
    return [main, *_lower(seen, [terms, added], UNITS), *_lower(seen, [_bent(seen, [])], BENT)]
