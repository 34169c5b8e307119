"""An autoencoder, needed or not: linear data, where principal components do as well, against a curve."""

import functools

import numpy as np
import torch

from neurarium.page.controls import Button, Choice, Control, Number, State
from neurarium.page.marks import Bars, Formula, Hull, Links, Points, Ref
from neurarium.page.noise import uniform
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.autoencoder_module import CURVE, LAYERS, LINE, MANY, OUTPUTS, ROWS, STATE, WIDTH, Coding, trained
from neurarium.views.formulas import plain, tree
from neurarium.views.levels import DO, FORMULA, LEVEL, SEE, seed
from neurarium.views.trained_here import Room

NAME = "autoencoder"
TITLE = Text("An autoencoder: needed or not?", "Un autocodificador: ¿hace falta o no?")
ORDER = 60

_SEEDS = 6
_BEND, _NOISE = 2.2, 0.08
_BOUNDS = (-1.8, 1.8)


def scene() -> Scene:
    """The two examples of the lecture, beside each other's ways: the best line, and what a network learns."""
    module = _module()
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "{example|examples}: PCA misses the points by {lost:.4f} on average (squared), the autoencoder by "
            "{missed:.4f}: {better|verdicts}",
            "{example|examples}: PCA falla por {lost:.4f} de media (al cuadrado), el autocodificador por "
            "{missed:.4f}: {better|verdicts}",
        ),
        panels=_panels(),
        controls=_controls(module.room.size),
        lists={
            "examples": [
                Text("An example of when we do not need it", "Un ejemplo de cuándo no lo necesitamos"),
                Text("An example of when we do need it", "Un ejemplo de cuándo sí lo necesitamos"),
            ],
            "ways": [Text("PCA", "PCA"), Text("network", "red")],
            "verdicts": [
                Text("it has not learnt these points yet.", "todavía no ha aprendido estos puntos."),
                Text("a line is enough, no network is needed.", "basta una recta, no hace falta ninguna red."),
                Text("no line can do this, the network is needed.", "ninguna recta lo logra, la red hace falta."),
            ],
        },
        module=module,
        tries=[
            Text(
                "Look at both examples: on the line the two errors are nearly the same, on the curve only the "
                "autoencoder's stays small.",
                "Mire los dos ejemplos: en la recta los dos errores son casi iguales, en la curva solo el del "
                "autocodificador sigue siendo pequeño.",
            ),
            Text(
                "In “Do”, take the curve and move “bend”: the network still gives back the old curve. Keep training: "
                "it bends after the points; PCA cannot.",
                "En «Hacer», tome la curva y mueva «curvatura»: la red sigue devolviendo la curva de antes. Siga "
                "entrenando: se dobla tras los puntos; PCA no puede.",
            ),
            Text(
                "Set “numbers of the code” to 2: nothing is compressed any more, and PCA's error is 0 on every curve.",
                "Ponga «números del código» en 2: ya no se comprime nada, y el error de PCA es 0 en cualquier curva.",
            ),
        ],
        only={
            **dict.fromkeys(("bend", "noise", "code", "start", "again"), ("level", (DO,))),
            "point": ("level", (FORMULA,)),
            "train": ("level", (DO, FORMULA)),
        },
    )  # fmt: skip


@functools.cache
def _module() -> Coding:
    along = torch.from_numpy(2 * uniform(11, (_SEEDS, ROWS)) - 1)
    radius = np.sqrt(-2 * np.log1p(-uniform(12, (_SEEDS, ROWS))))
    angle = 2 * np.pi * uniform(13, (_SEEDS, ROWS))
    offsets = torch.from_numpy(np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1).astype(np.float32))
    room = Room(LAYERS, WIDTH, OUTPUTS)
    chance = torch.from_numpy(uniform(14, (room.size,)))
    bare = Coding(along, offsets, chance, torch.zeros(2, 2, room.size))
    zero, noise = torch.tensor(0), torch.tensor(_NOISE)
    examples = [bare.points(torch.tensor(each), zero, torch.tensor(_BEND), noise)[1] for each in (LINE, CURVE)]
    return Coding(along, offsets, chance, trained(room, examples, chance)).eval()


def _controls(size: int) -> list[Control]:
    none = np.zeros(size, np.float32)
    return [
        LEVEL,
        Choice("example", Text("data", "datos"), "examples", CURVE),
        seed(_SEEDS),
        Number("bend", Text("bend of the curve", "curvatura"), _BEND, 0, 3, 0.1),
        Number("noise", Text("noise", "ruido"), _NOISE, 0, 0.3, 0.01),
        Number("code", Text("numbers of the code", "números del código"), 1, 1, 2, whole=True),
        Number("point", Text("point", "punto"), 0, 0, ROWS - 1, whole=True),
        State("parameters", none),
        State("first", none),
        State("second", none),
        State("steps", np.array(0)),
        State("trained_for", np.full(2, -1)),
        Button(
            "train",
            Text(f"train: {MANY} steps", f"entrenar: {MANY} pasos"),
            {**{name: f"next_{name}" for name in STATE}, "trained_for": "now"},
            plays=True,
        ),
        Button(
            "start",
            Text("start from chance", "empezar al azar"),
            {"parameters": "begin", "first": "nothing", "second": "nothing", "steps": "zero", "trained_for": "now"},
        ),
        Button("again", Text("as it was trained", "como estaba entrenado"), {"trained_for": "nobody"}),
    ]


def _panels() -> list[Panel]:
    line = Hull(Ref("line_x"), Ref("line_y"), closed=False)
    curve = Hull(Ref("curve_x"), Ref("curve_y"), closed=False)
    titles = {
        "line": Text("PCA: back to the nearest place of a line", "PCA: de vuelta al lugar más cercano de una recta"),
        "network": Text("Autoencoder: back to a curve that it learnt", "Autocodificador: de vuelta a una curva que "
                        "aprendió"),
    }  # fmt: skip
    return [
        *[
            _plane(titles[way], way, path, level)
            for level in (SEE, FORMULA)
            for way, path in (("line", line), ("network", curve))
        ],
        Panel(
            Text("Mean squared error", "Error cuadrático medio"),
            [Bars(Ref("errors"), "ways")],
            note=Text(
                "Of how the points are scattered, one number keeps {kept:.1%} by PCA and {learnt:.1%} by the network.",
                "De cómo se dispersan los puntos, un número conserva {kept:.1%} con PCA y {learnt:.1%} con la red.",
            ),
            size="small",
            when=("level", (SEE, DO)),
        ),
        Panel(
            Text("The code that it found", "El código que encontró"),
            [Points(Ref("along"), Ref("codes"), size=3)],
            note=Text(
                "One number tells where along the curve a point lies, where the dots rise or fall all the way.",
                "Un número dice en qué lugar de la curva está un punto, si los puntos suben o bajan todo el camino.",
            ),
            x=Axis(Text("place along the curve", "lugar en la curva"), -1, 1),
            y=Axis(Text("code h", "código h")),
            size="small",
            when=("level", (DO,)),
        ),
        _formula(
            Text("PCA", "PCA"),
            [
                "x = ( {x_1:.3f} , {x_2:.3f} )",
                "m = ( {m_1:.3f} , {m_2:.3f} )",
                "P = [ {p_11:.3f} , {p_12:.3f} ; {p_12:.3f} , {p_22:.3f} ]",
                "x̂ = m + P ( x − m )",
                "= ( {l_1:.3f} , {l_2:.3f} )",
                "| x − x̂ |² = {line_error:.5f}",
            ],
        ),
        _formula(
            Text("Autoencoder", "Autocodificador"),
            [
                "h = W_2 tanh ( W_1 x + b_1 ) + b_2 = {h:.3f}",
                "x̂ = W_4 tanh ( W_3 h + b_3 ) + b_4",
                "= ( {n_1:.3f} , {n_2:.3f} )",
                "| x − x̂ |² = {network_error:.5f}",
            ],
        ),
    ]


def _plane(title: Text, way: str, path: Hull, level: int) -> Panel:
    told = level == FORMULA
    links = Links(
        Ref("at_x"), Ref("at_y"), Ref(f"{way}_at_x"), Ref(f"{way}_at_y"), Ref(f"{way}_miss"), limits=Ref("most")
    )
    return Panel(
        title,
        [
            path,
            links,
            Points(
                Ref("at_x"), Ref("at_y"), size=4, ring=Ref("chosen") if told else None, picks="point" if told else None
            ),
        ],
        note=Text("Choose a point.", "Elija un punto.")
        if told
        else Text(
            "Each line leads from a point to what comes back of it.",
            "Cada línea va de un punto a lo que vuelve de él.",
        ),
        x=Axis(Text("x₁", "x₁"), *_BOUNDS),
        y=Axis(Text("x₂", "x₂"), *_BOUNDS),
        square=True,
        size="small" if told else "medium",
        when=("level", (FORMULA,) if told else (SEE, DO)),
    )


def _formula(title: Text, lines: list[str]) -> Panel:
    said = plain(lines)
    return Panel(title, [Formula(tree(lines), Text(said, said))], when=("level", (FORMULA,)))
