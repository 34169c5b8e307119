"""Universal approximation: any curve from steps and bumps, built by hand, by rule, and trained; and what resists."""

import numpy as np

from neurarium.page.controls import Button, Choice, Control, Number, PointSet, State
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views import universal_curves as curves
from neurarium.views.levels import DO, FORMULA, LEVEL, SEE, seed
from neurarium.views.trained_here import ADAM, RULES
from neurarium.views.universal_module import FEW, HAND, MOST, SIZE, STEPS, TRACE, TRAINED, UNITS, Universal, start
from neurarium.views.universal_panels import panels

NAME = "universal"
TITLE = Text("Networks approximate any function", "Las redes aproximan cualquier función")
ORDER = 10

_ANY = Text(
    "No matter what function we want to compute, there is a network that can do the job.",
    "No importa qué función queramos calcular, hay una red que puede hacer el trabajo.",
)
_MORALS = [
    _ANY,
    _ANY,
    Text(
        "A network is continuous: a jump it misses by half of it at least, however many units it has.",
        "Una red es continua: un salto lo falla al menos por su mitad, por muchas unidades que tenga.",
    ),
    Text(
        "The wilder the curve, the more units it takes: with too few, nothing of it is seen.",
        "Cuanto más salvaje es la curva, más unidades hacen falta: con muy pocas no se ve nada de ella.",
    ),
]
_STATES = {"parameters": "start", "first": "none", "second": "none", "number": "zero", "trace": "no_trace"}
_BY_HAND, _TRAINED = ("bumps", "width"), ("units", "rule", "rate", "train", "again")
_TOLD = ("left", "right", "h", "place")


def scene() -> Scene:
    """The function of the chapter that the lecture cites, and a network of 10 bumps."""
    module = Universal()
    controls = _controls()
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "One hidden layer of {hidden_units:.0f} units misses this curve by {mean_error:.3f} on average and by "
            "{largest_error:.3f} at worst. {curve|morals}",
            "Una capa oculta de {hidden_units:.0f} unidades se aparta de esta curva {mean_error:.3f} en promedio y "
            "{largest_error:.3f} como mucho. {curve|morals}",
        ),
        panels=panels(),
        controls=controls,
        lists={
            "tops": [Text("top of a bump", "cima de un montículo")],
            "knots": [Text("point", "punto")],
            "morals": _MORALS,
        },
        constants={
            "x": curves.places().astype(np.float32),
            "few_x": curves.places()[::FEW].astype(np.float32),
            "press_steps": (np.arange(TRACE) * STEPS).astype(np.float32),
            "start": start(),
            "none": np.zeros(SIZE, np.float32),
            "zero": np.array(0, np.float32),
            "no_trace": np.zeros(TRACE, np.float32),
        },
        module=module.eval(),
        tries=[
            Text(
                "Play “bumps”: the stairs come nearer with each, and twice as many bumps make about half the error.",
                "Reproduzca «montículos»: con cada uno la escalera se acerca, y con el doble de montículos el error "
                "queda en cerca de la mitad.",
            ),
            Text(
                "Choose “a jump” and go to 100 bumps: the mean error vanishes, but the largest stays at 0.30, half of "
                "the jump, or above. Then “a wild sine”: little is gained before there are two bumps a wave, 24.",
                "Elija «un salto» y vaya a 100 montículos: el error medio se desvanece, pero el máximo queda en 0.30, "
                "la mitad del salto, o por encima. Luego «un seno salvaje»: poco se gana antes de que haya dos "
                "montículos por onda, 24.",
            ),
            Text(
                "Go to “Do”, “by hand”, and drag the five tops until the mean error is below 0.08. Then choose "
                "“trained”, press “train” and keep going: the network finds its steps by itself.",
                "Vaya a «Hacer», «a mano», y arrastre las cinco cimas hasta que el error medio baje de 0.08. Luego "
                "elija «entrenada», pulse «entrenar» y siga: la red encuentra sus escalones por sí sola.",
            ),
        ],
        only={
            "curve": ("level", (SEE, DO)),
            "built": ("level", (DO,)),
            "n": ("by_number", (1,)),
            "steepness": ("steep", (1,)),
            "knots": ("drawing", (1,)),
            **dict.fromkeys(_BY_HAND, ("part", (HAND,))),
            **dict.fromkeys(_TRAINED, ("part", (TRAINED,))),
            **dict.fromkeys(_TOLD, ("level", (FORMULA,))),
        },
    )


def _controls() -> list[Control]:
    tops = np.array([[0.1, 0.5], [0.3, 0.5], [0.5, 0.5], [0.7, 0.5], [0.9, 0.5]], np.float32)
    knots = np.array(curves.KNOTS, np.float32)
    none = np.zeros(curves.CAPACITY, np.int64)
    begun = {"start": start(), "none": np.zeros(SIZE, np.float32), "zero": np.array(0, np.float32)}
    begun["no_trace"] = np.zeros(TRACE, np.float32)
    ways = [Text("by hand", "a mano"), Text("by rule", "por regla"), Text("trained", "entrenada")]
    return [
        LEVEL,
        Choice("curve", Text("curve", "curva"), curves.CURVES),
        seed(curves.SEEDS, Text("example (0: of the lecture's chapter)", "ejemplo (0: del capítulo de la clase)")),
        Choice("built", Text("built", "hecha"), ways, HAND),
        Number("n", Text("bumps", "montículos"), 10, 1, MOST, whole=True, plays=True),
        Number("steepness", Text("steepness w", "pendiente w"), 1000, 10, 1000, 10),
        PointSet("knots", Text("points of your curve", "puntos de su curva"), knots, none[: len(knots)], "knots", 12),
        PointSet("bumps", Text("tops of the bumps", "cimas de los montículos"), tops, none[: len(tops)], "tops", 12),
        Number("width", Text("width of a bump", "anchura de un montículo"), 0.2, 0.02, 0.5, 0.01),
        Number("units", Text("units", "unidades"), 20, 1, UNITS, whole=True),
        Choice("rule", Text("rule", "regla"), RULES, ADAM),
        Number("rate", Text("learning rate", "tasa de aprendizaje"), 0.02, 0.001, 0.5, 0.001),
        *(State(name, begun[begin]) for name, begin in _STATES.items()),
        Button("train", Text(f"train: {STEPS} steps", f"entrenar: {STEPS} pasos"), _next(), plays=True),
        Button("again", Text("start again", "empezar de nuevo"), _STATES),
        Number("place", Text("place x", "lugar x"), 0.5, 0, 1, 0.01),
        Number("left", Text("first step s₁", "primer escalón s₁"), 0.4, 0, 1, 0.01),
        Number("right", Text("second step s₂", "segundo escalón s₂"), 0.6, 0, 1, 0.01),
        Number("h", Text("height h", "altura h"), 0.8, -1, 1, 0.05),
    ]


def _next() -> dict[str, str]:
    return {name: f"next_{name}" for name in _STATES}
