"""The playground of multilayer perceptrons: points on a plane, layers and units by click, trained in the page."""

import numpy as np
import torch

from neurarium.page.controls import Button, Choice, Control, Number, Pad, PointSet, State
from neurarium.page.noise import uniform
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views.levels import DO, FORMULA, LEVEL, seed
from neurarium.views.playground_data import FEATURES, KINDS, ROWS, example
from neurarium.views.playground_learning import BATCH
from neurarium.views.playground_module import LAYERS, MANY, PRESSES, STATE, WIDTH, Playground
from neurarium.views.playground_panels import OWN, panels
from neurarium.views.trained_here import ADAM, FUNCTIONS, RULES, TANH, Room

NAME = "playground"
TITLE = Text("The playground of multilayer perceptrons", "El patio de juegos de los perceptrones multicapa")
ORDER = 110

_SEEDS = 6
_WIDTHS = [f"units_{n}" for n in range(1, LAYERS + 1)]
_LEVELS = {
    **dict.fromkeys(("noise", "share", "inputs", "function", "decay_1", "decay_2", "batch", *_WIDTHS), (DO,)),
    **dict.fromkeys(("data", "rule", "rate", "step"), (DO, FORMULA)),
    **dict.fromkeys(("place", "link"), (FORMULA,)),
}
"""The levels at which a control is there, where that is not all."""
_CROSS = [(-1, -1), (1, 1), (-1, 1), (1, -1)]
"""The four points of XOR itself, which "your own points" begin with."""


def scene() -> Scene:
    """The network of the lectures, one hidden layer, on the task that the perceptron of the chart cannot do."""
    module = Playground(
        [example(torch.from_numpy(uniform(1 + 2 * number, (ROWS, 4)))) for number in range(_SEEDS)],
        torch.from_numpy(uniform(2, (_SEEDS, Room(LAYERS, WIDTH, outputs=1).size))),
        torch.from_numpy(uniform(3, (ROWS,))),
    )
    controls = _controls(module.room.size)
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "After {trained} steps this network of {hidden} hidden units and {count} weights has the loss {loss:.3f} "
            "on the {trains} points that it learns from, and {test_loss:.3f} on the {tests} that it has never seen; "
            "{right} of {asked} points have the right colour behind them.",
            "Tras {trained} pasos, esta red de {hidden} unidades ocultas y {count} pesos tiene la pérdida {loss:.3f} "
            "en los {trains} puntos de los que aprende, y {test_loss:.3f} en los {tests} que no ha visto nunca; "
            "{right} de {asked} puntos tienen detrás el color correcto.",
        ),
        panels=panels(),
        controls=controls,
        lists={
            "classes": [Text("class 0: blue", "clase 0: azul"), Text("class 1: orange", "clase 1: naranja")],
            "cells": [*FEATURES, *[""] * (LAYERS * WIDTH), Text("y", "y")],
        },
        constants={"blank": np.full(len(FEATURES) + LAYERS * WIDTH + 1, np.nan, np.float32)},
        module=module.eval(),
        tries=[
            Text(
                "Set “hidden layers” to 0: that is the perceptron of the chart. Press “train” and keep going: the loss "
                "stays near 0.69, for no line parts these colours.",
                "Ponga «capas ocultas» en 0: es el perceptrón del esquema. Pulse «entrenar» y siga: la pérdida se "
                "queda cerca de 0.69, pues ninguna recta separa estos colores.",
            ),
            Text(
                "Set “hidden layers” to 1 and train again: each hidden cell draws a line, the output puts them "
                "together, and the loss falls towards 0.",
                "Ponga «capas ocultas» en 1 y entrene de nuevo: cada celda oculta traza una recta, la salida las "
                "junta, y la pérdida baja hacia 0.",
            ),
            Text(
                "Go to “Do”, choose the two spirals and the inputs “and their sines”, click the eighth circle of the "
                "first two layers, and train: the loss of training goes to 0, that of the test does not.",
                "Vaya a «Hacer», elija las dos espirales y las entradas «y sus senos», haga clic en el octavo círculo "
                "de las dos primeras capas y entrene: la pérdida del entrenamiento llega a 0, la de la prueba no.",
            ),
        ],
        only={**{name: ("level", levels) for name, levels in _LEVELS.items()}, "points": ("picture", (OWN,))},
    )


def _controls(size: int) -> list[Control]:
    return [
        LEVEL,
        Choice("data", Text("points", "puntos"), KINDS),
        seed(_SEEDS),
        Number("noise", Text("noise", "ruido"), 0.1, 0, 0.5, 0.05),
        Number("share", Text("share kept for testing", "parte para la prueba"), 0.3, 0, 0.8, 0.1),
        Choice(
            "inputs",
            Text("inputs", "entradas"),
            [
                Text("x₁, x₂", "x₁, x₂"),
                Text("and their product", "y su producto"),
                Text("and their squares", "y sus cuadrados"),
                Text("and their sines", "y sus senos"),
            ],
        ),
        Number("layers", Text("hidden layers", "capas ocultas"), 1, 0, LAYERS, whole=True),
        *[
            Number(name, Text(f"units of layer {n}", f"unidades de la capa {n}"), 4, 1, WIDTH, whole=True)
            for n, name in enumerate(_WIDTHS, 1)
        ],
        Choice("function", Text("activation", "activación"), FUNCTIONS, TANH),
        Choice("rule", Text("rule", "regla"), RULES, ADAM),
        Number("rate", Text("learning rate", "tasa de aprendizaje"), 0.03, 0.001, 1, 0.001),
        Number("decay_1", Text("L1 penalty", "penalización L1"), 0, 0, 0.1, 0.001),
        Number("decay_2", Text("L2 penalty", "penalización L2"), 0, 0, 0.1, 0.001),
        Number("batch", Text("rows of a batch", "filas de un lote"), 16, 1, BATCH, whole=True),
        PointSet(
            "points", Text("your own points", "sus propios puntos"), np.array(_CROSS, np.float32),
            np.array([0, 0, 1, 1]), "classes", ROWS,
        ),
        Pad("place", Text("place", "lugar"), (1, 1), (-2, -2), (2, 2)),
        Number("link", Text("link", "enlace"), 0, 0, LAYERS * WIDTH**2 + (LAYERS + 1) * WIDTH - 1, whole=True),
        *_states(size),
        Button("train", Text(f"train: {MANY} steps", f"entrenar: {MANY} pasos"), _taken("many"), plays=True),
        Button("step", Text("one step", "un paso"), _taken("once")),
        Button("reset", Text("start again", "empezar de nuevo"), {"trained_for": "nobody"}),
    ]  # fmt: skip


def _states(size: int) -> list[Control]:
    none = np.zeros(size, np.float32)
    return [
        State("parameters", none),
        State("first", none),
        State("second", none),
        State("steps", np.array(0)),
        State("curve", np.full((3, PRESSES), -1, np.float32)),
        State("trained_for", np.full(8, -1)),
    ]


def _taken(many: str) -> dict[str, str]:
    return {**{name: f"{many}_{name}" for name in STATE}, "curve": "next_curve", "trained_for": "now"}
