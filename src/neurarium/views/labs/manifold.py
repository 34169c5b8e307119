"""Projection to a manifold: a denoising autoencoder takes points back to a sheet, and the sheet bends."""

import functools

import numpy as np
import torch

from neurarium.page.controls import Button, Control, Number, Pad, State, Toggle
from neurarium.page.marks import Bars, Formula, Hull, Links, Plotted, Points, Ref, Words
from neurarium.page.noise import uniform
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.levels import DO, FORMULA, LEVEL, SEE, seed
from neurarium.views.manifold_module import (
    LAYERS,
    MANY,
    OUTPUTS,
    REACH,
    ROWS,
    STATE,
    WIDTH,
    Projecting,
    sheet,
    trained,
)  # fmt: skip
from neurarium.views.trained_here import Room

NAME = "manifold"
TITLE = Text("Projection to a manifold", "Proyección a una variedad")
ORDER = 70

_SEEDS = 6
_NOISES = 1024
_BEND, _NOISE = 1.6, 0.25


def scene() -> Scene:
    """The lecture's idea, "the nonlinear equivalent of a linear projection", on a sheet that bends."""
    module = _module()
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "The network brings the dragged point from {off:.2f} off the sheet to {off_after:.2f}, and {missed:.2f} "
            "from the truly nearest place; a linear projection leaves it {off_plane:.2f} off. The {rows} noisy points "
            "are {before:.2f} off on average: {after:.2f} after the network, {after_plane:.2f} after the plane.",
            "La red lleva el punto arrastrado de {off:.2f} a {off_after:.2f} de la hoja, y a {missed:.2f} del lugar "
            "realmente más cercano; una proyección lineal lo deja a {off_plane:.2f}. Los {rows} puntos con ruido están "
            "a {before:.2f} de media: a {after:.2f} tras la red, a {after_plane:.2f} tras el plano.",
        ),
        panels=_panels(),
        controls=_controls(module.room.size),
        lists={
            "ways": [
                Text("network", "red"),
                Text("linear projection", "proyección lineal"),
                Text("nearest", "más cercano"),
            ],
            "offs": [
                Text("noisy", "con ruido"),
                Text("plane", "plano"),
                Text("network", "red"),
            ],
        },
        constants={"rows": np.array(ROWS), "which": np.arange(3)},
        module=module,
        tries=[
            Text(
                "Drag the large point around the sheet: the network takes it close to the nearest place, which no "
                "plane can.",
                "Arrastre el punto grande alrededor de la hoja: la red lo lleva cerca del lugar más cercano, lo que "
                "ningún plano logra.",
            ),
            Text(
                "Move “bend of the sheet” to 0: the arrows still lead to the old sheet. Press “train” until they "
                "follow; now a linear projection does as well.",
                "Ponga «curvatura de la hoja» en 0: las flechas siguen llevando a la hoja de antes. Pulse «entrenar» "
                "hasta que la sigan; ahora una proyección lineal basta.",
            ),
            Text(
                "In “Do”, train with more noise: the arrows reach further, and become less exact where two parts of "
                "the sheet are equally near.",
                "En «Hacer», entrene con más ruido: las flechas llegan más lejos y son menos exactas donde dos partes "
                "de la hoja quedan igual de cerca.",
            ),
        ],
        only={
            **dict.fromkeys(("noise", "deep", "linear", "again"), ("level", (DO,))),
            **dict.fromkeys(("turn", "seed"), ("level", (SEE, DO))),
        },
    )


@functools.cache
def _module() -> Projecting:
    places = torch.from_numpy(2 * uniform(21, (_SEEDS, ROWS, 2)) - 1)
    u = uniform(22, (_NOISES, 6))
    chance = np.sqrt(-2 * np.log1p(-u[:, :3])) * np.cos(2 * np.pi * u[:, 3:])
    normal = torch.from_numpy(chance.astype(np.float32))
    start = torch.from_numpy(uniform(23, (Room(LAYERS, WIDTH, OUTPUTS).size,)))
    clean = sheet(places[0], torch.tensor(_BEND))
    return Projecting(places, normal, trained(clean, _NOISE, normal, start)).eval()


def _controls(size: int) -> list[Control]:
    none = np.zeros(size, np.float32)
    return [
        LEVEL,
        Number("bend", Text("bend of the sheet", "curvatura de la hoja"), _BEND, 0, 2.4, 0.1),
        seed(_SEEDS),
        Number("turn", Text("view from (degrees)", "vista desde (grados)"), 30, -90, 90, 5, plays=True),
        Number("noise", Text("noise", "ruido"), _NOISE, 0.05, 0.5, 0.05),
        Number("deep", Text("depth of the section", "profundidad de la sección"), 0, -1, 1, 0.1),
        Toggle("linear", Text("arrows of the linear projection", "flechas de la proyección lineal")),
        Pad("place", Text("dragged point", "punto arrastrado"), (0.5, 1.2), (-REACH, -REACH), (REACH, REACH)),
        State("parameters", none),
        State("first", none),
        State("second", none),
        State("steps", np.array(0)),
        Button(
            "train",
            Text(f"train: {MANY} steps", f"entrenar: {MANY} pasos"),
            {name: f"next_{name}" for name in STATE},
            plays=True,
        ),
        Button(
            "again",
            Text("as it was trained", "como estaba entrenado"),
            {"steps": "zero", "first": "nothing", "second": "nothing"},
        ),
    ]


def _panels() -> list[Panel]:
    return [
        _section(SEE),
        _section(FORMULA),
        Panel(
            Text("The sheet in space", "La hoja en el espacio"),
            [
                Hull(Ref("net_x"), Ref("net_y"), closed=False),
                Hull(Ref("rung_x"), Ref("rung_y"), closed=False),
                _arrows("noisy_x", "noisy_y", "back_x", "back_y", "length"),
                Words([-1.6, 1.6], [-1.3, 1.3], ["", ""]),  # the same room from every side
                Points(Ref("noisy_x"), Ref("noisy_y"), size=3),
            ],
            note=Text(
                "An arrow leads from each noisy point x to what the network makes of it, x̂.",
                "Una flecha va de cada punto con ruido x a lo que la red hace de él, x̂.",
            ),
            square=True,
            when=("level", (SEE, DO)),
        ),
        Panel(
            Text("Mean distance from the sheet", "Distancia media a la hoja"),
            [Bars(Ref("offs"), "offs")],
            note=Text(
                "By the plane of a linear projection, and by the denoising autoencoder, trained here for "
                "{trained_steps} steps more.",
                "Con el plano de una proyección lineal, y con el autocodificador contra el ruido, entrenado aquí "
                "{trained_steps} pasos más.",
            ),
            size="small",
            when=("level", (DO,)),
        ),
        _formula(
            Text("The arrow of the dragged point", "La flecha del punto arrastrado"),
            [
                "x = ( {place_x:.3f} , {place_y:.3f} , {place_z:.3f} )",
                "x̂ = W_3 tanh ( W_2 tanh ( W_1 x + b_1 ) + b_2 ) + b_3",
                "= ( {landed_x:.3f} , {landed_y:.3f} , {landed_z:.3f} )",
                "x̂ − x = ( {gone_x:.3f} , {gone_y:.3f} , {gone_z:.3f} )",
            ],
        ),
        _formula(
            Text("The nearest place, and what was learnt", "El lugar más cercano, y lo que se aprendió"),
            [
                "x_s = argmin | x − s | = ( {true_x:.3f} , {true_y:.3f} , {true_z:.3f} )",
                "| x − x_s | = {off:.3f}",
                "| x̂ − x_s | = {missed:.3f}",
                "L = E | f ( s + ε ) − s |²",
            ],
        ),
    ]


def _section(level: int) -> Panel:
    told = level == FORMULA
    marks: list[Plotted] = [
        Hull(Ref("sheet_x"), Ref("sheet_z"), closed=False),
        Links(Ref("from_x"), Ref("from_z"), Ref("to_x"), Ref("to_z"), [1, 1, 1], limits=(-2, 2)),
        Points(Ref("to_x"), Ref("to_z"), Ref("which"), "ways", size=6),
        Points(Ref("place_x"), Ref("place_z"), size=9, drags="place"),
    ]
    if not told:
        marks.insert(1, _arrows("field_x", "field_z", "tip_x", "tip_z", "way"))
    return Panel(
        Text("The sheet from its side", "La hoja de lado"),
        marks,
        note=Text("Drag the large point.", "Arrastre el punto grande.")
        if told
        else Text(
            "Arrows go a third of the way x̂ − x from every place. Drag the large point: see where it lands.",
            "Las flechas recorren un tercio del camino x̂ − x desde cada lugar. Arrastre el punto grande: vea dónde "
            "cae.",
        ),
        x=Axis(Text("across", "a lo ancho"), -REACH, REACH),
        y=Axis(Text("up", "hacia arriba"), -REACH, REACH),
        square=True,
        size="small" if told else "medium",
        when=("level", (FORMULA,) if told else (SEE, DO)),
    )


def _arrows(x0: str, y0: str, x1: str, y1: str, length: str) -> Links:
    """Arrows that are thin, so that the sheet stands out."""
    return Links(Ref(x0), Ref(y0), Ref(x1), Ref(y1), Ref(length), limits=(-2, 2), arrows=True)


def _formula(title: Text, lines: list[str]) -> Panel:
    said = plain(lines)
    return Panel(title, [Formula(tree(lines), Text(said, said))], when=("level", (FORMULA,)))
