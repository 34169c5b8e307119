"""Vanishing and exploding gradients: a signal multiplied a large number of times by the weight matrix."""

import numpy as np

from neurarium.page.controls import Button, Choice, Control, Number, Toggle
from neurarium.page.marks import Bars, Formula, Points, Ref, Series
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.gradients_live import EXAMPLES, HIGHEST, LINEAR, STEPS, Gradients
from neurarium.views.levels import DO, FORMULA, LEVEL, SEE, seed

NAME = "gradients"
TITLE = Text("Vanishing and exploding gradients", "Gradientes que se desvanecen y que explotan")
ORDER = 30

SENTENCE = "French is the language I am most fluent in as I was born and raised in"
_LENGTH = 15
"""The lecture's: so many words back lies "French" from the end of its sentence."""
_NAMES = [
    Text("RNN", "RNN"),
    Text("LSTM, its cell", "LSTM, su celda"),
    Text("bound r^k", "cota r^k"),
]
_LAG = Text("steps back k", "pasos atrás k")
_LEFT = Text("share of the gradient", "parte del gradiente")


def scene() -> Scene:
    """The lecture's 15 words back to "French", and small weights, which it has first; how small it does not say."""
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "With weights of radius {radius:.2f}, of the gradient {far} steps back 10^{power:.1f} is left in the RNN: "
            "it {verdict|verdicts}. In the LSTM it is 10^{cell_power:.2f}: it {cell_verdict|verdicts}.",
            "Con pesos de radio {radius:.2f}, del gradiente de {far} pasos atrás queda 10^{power:.1f} en la RNN: "
            "{verdict|verdicts}. En la LSTM es 10^{cell_power:.2f}: {cell_verdict|verdicts}.",
        ),
        panels=[*_gradient_panels(), *_step_panels(), _formula()],
        controls=_controls(),
        lists={
            "verdicts": [
                Text("vanishes", "se desvanece"),
                Text("lasts", "perdura"),
                Text("explodes", "explota"),
            ]
        },
        constants={"sizes": np.linspace(0, HIGHEST, 41)},
        module=Gradients().eval(),
        tries=_TRIES,
        only={
            "lag": ("level", (DO, FORMULA)),
            "activation": ("level", (DO, FORMULA)),
            "forget": ("level", (DO, FORMULA)),
            **dict.fromkeys(("length", "rate", "clip", "threshold", "descend"), ("level", (DO,))),
        },
    )


_TRIES = [
    Text(
        "At “See” play with the spectral radius: at 0.5 only 10^-4.5 comes back from “French”, the vanishing gradient; "
        "at 1 all of it. The LSTM keeps its own at both.",
        "En «Ver» cambie el radio espectral: en 0.5 de «French» solo vuelve 10^-4.5, el gradiente que se desvanece; en "
        "1 vuelve entero. La LSTM conserva el suyo en ambos.",
    ),
    Text(
        "Turn it to 1.6: 15 words back the gradient is 10^3.1 times as long, the exploding gradient. At “Do”, set the "
        "length and the steps back to 50: 10^10.2.",
        "Póngalo en 1.6: 15 palabras atrás el gradiente es 10^3.1 veces más largo, el gradiente que explota. En "
        "«Hacer», ponga la longitud y los pasos atrás en 50: 10^10.2.",
    ),
    Text(
        "At “Do”, radius 1.5, press “Gradient step”: learning is thrown to the edge. Put the radius back to 1.5, "
        "switch “clip the gradient” on and press again and again: it comes down to 1.",
        "En «Hacer», con radio 1.5, pulse «Paso de gradiente»: el aprendizaje sale despedido al borde. Devuelva el "
        "radio a 1.5, active «recortar el gradiente» y pulse una y otra vez: baja hasta 1.",
    ),
]


def _controls() -> list[Control]:
    return [
        LEVEL,
        Number(
            "radius", Text("spectral radius r of the weights", "radio espectral r de los pesos"), 0.5, 0, HIGHEST, 0.01
        ),
        Choice(
            "activation",
            Text("activation of the RNN", "activación de la RNN"),
            [Text("linear", "lineal"), "tanh", "ReLU"],
            LINEAR,
        ),
        Number("length", Text("length T, in words", "longitud T, en palabras"), _LENGTH, 5, STEPS, whole=True),
        Number("lag", _LAG, _LENGTH, 0, STEPS, whole=True),
        Number(
            "forget",
            Text("bias of the LSTM's forget gates", "sesgo de las compuertas de olvido de la LSTM"),
            4,
            -2,
            8,
            0.5,
        ),
        Number("rate", Text("learning rate", "tasa de aprendizaje"), 0.1, 0.01, 1, 0.01),
        Toggle("clip", Text("clip the gradient", "recortar el gradiente")),
        Number("threshold", Text("longest gradient that passes", "mayor gradiente que pasa"), 0.5, 0.05, 5, 0.05),
        Button("descend", Text("Gradient step", "Paso de gradiente"), {"radius": "next_radius"}, plays=True),
        seed(EXAMPLES),
    ]


def _gradient_panels() -> list[Panel]:
    """How much of the gradient is left: the RNN beside the LSTM; and with the bound."""
    title = Text("What is left of the gradient, k steps back", "Lo que queda del gradiente, k pasos atrás")
    told = Text(
        f"“{SENTENCE} …”: what comes next hangs on “French”, {_LENGTH} words back. “In traditional RNNs the gradient "
        "signal can be multiplied a large number of times by the weight matrix.” The LSTM multiplies by its forget "
        "gates: {forget_mean:.3f} on average.",
        f"«{SENTENCE} …»: lo que sigue depende de «French», {_LENGTH} palabras atrás. «En las RNN tradicionales la "
        "señal del gradiente puede multiplicarse muchas veces por la matriz de pesos». La LSTM la multiplica por sus "
        "compuertas de olvido: {forget_mean:.3f} de media.",
    )
    y = Axis(_LEFT, log=True)
    return [
        Panel(
            title,
            [Series(Ref("curves"), names=_NAMES[:2])],
            note=told,
            size="wide",
            when=("level", (SEE,)),
            x=Axis(_LAG, 0, Ref("length")),
            y=y,
        ),
        Panel(
            title,
            [Series(Ref("all_curves"), names=_NAMES, cursor=Ref("far"), picks="lag")],
            note=Text(
                "The RNN's weights are r times a rotation: a step back makes the gradient r times as long, times the "
                "slopes of the activation, {slope:.2f} on average and 1 at most.",
                "Los pesos de la RNN son r veces una rotación: un paso atrás alarga el gradiente r veces, por las "
                "pendientes de la activación, {slope:.2f} de media y 1 como mucho.",
            ),
            when=("level", (DO, FORMULA)),
            x=Axis(_LAG, 0, Ref("length")),
            y=y,
        ),
    ]


def _step_panels() -> list[Panel]:
    """The loss by the size of the weights, with the step that is taken."""
    when = ("level", (DO,))
    return [
        Panel(
            Text("The loss, by the size of the weights", "La pérdida, según el tamaño de los pesos"),
            [
                Series(Ref("loss"), x=Ref("sizes")),
                Points(
                    Ref("at_x"),
                    Ref("at_y"),
                    group=[0, 1, 2],
                    groups=[
                        Text("now", "ahora"),
                        Text("after the whole step", "tras el paso entero"),
                        Text("after the clipped step", "tras el paso recortado"),
                    ],
                    size=6,
                ),
            ],
            note=Text(
                "The answer to learn is that of the same RNN with r = 1; r is what is learnt, and stays between 0 and "
                "2.",
                "La respuesta que se aprende es la de la misma RNN con r = 1; se aprende r, que queda entre 0 y 2.",
            ),
            x=Axis(Text("size r of the weights", "tamaño r de los pesos")),
            y=Axis(Text("loss", "pérdida"), log=True),
            when=when,
        ),
        Panel(
            Text(
                "Size of the loss's gradient, as a power of ten",
                "Tamaño del gradiente de la pérdida, potencia de 10",
            ),
            [
                Bars(
                    Ref("steps_back"),
                    [Text("as it is", "tal cual"), Text("clipped", "recortado")],
                )
            ],
            note=Text(
                "It is 10^{slope_power:.1f}; clipped, a longer one than {threshold:.2f} is shortened to "
                "{threshold:.2f} and keeps its direction.",
                "Es 10^{slope_power:.1f}; recortado, uno mayor que {threshold:.2f} se acorta a {threshold:.2f} y "
                "conserva su dirección.",
            ),
            when=when,
        ),
    ]


_W = ["msup", ["mi", "W"], ["mi", "T"]]
_H = ["mi", "h"]
_T_K = ["mrow", ["mi", "T"], ["mo", "−"], ["mi", "k"]]
_FIRST = ["mfrac", ["mrow", ["mo", "∂"], ["mi", "L"]], ["mrow", ["mo", "∂"], ["msub", _H, _T_K]]]
_LAST = ["mfrac", ["mrow", ["mo", "∂"], ["mi", "L"]], ["mrow", ["mo", "∂"], ["msub", _H, ["mi", "T"]]]]
_STEP = [["mo", "∏"], _W, ["mi", "diag"], ["msup", ["mi", "φ"], ["mo", "′"]],
         ["mrow", ["mtext", "("], ["msub", ["mi", "a"], ["mi", "t"]], ["mtext", ")"]]]  # fmt: skip
_TREE = ["mtable",
    ["mtr", ["mtd", ["mrow", ["mo", "‖"], _FIRST, ["mo", "‖"], ["mo", "="], ["mo", "‖"], *_STEP, _LAST, ["mo", "‖"],
                     ["mo", "≤"], ["msup", ["mi", "r"], ["mi", "k"]]]]],
    ["mtr", ["mtd", ["mrow", ["msup", ["mn", "10"], ["mn", "{power:.2f}"]], ["mo", "≤"],
                     ["msup", ["mn", "{radius:.2f}"], ["mn", "{far}"]], ["mo", "="],
                     ["msup", ["mn", "10"], ["mn", "{bound_power:.2f}"]]]]],
]  # fmt: skip
_PLAIN = (
    "‖∂L/∂h(T−k)‖ = ‖∏ Wᵀ diag φ′(a(t)) · ∂L/∂h(T)‖ ≤ r^k\n10^{power:.2f} ≤ {radius:.2f}^{far} = 10^{bound_power:.2f}"
)


def _formula() -> Panel:
    """The product of all steps with its numbers."""
    return Panel(
        Text("The product, {far} steps back", "El producto, {far} pasos atrás"),
        [Formula(_TREE, Text(_PLAIN, _PLAIN))],
        note=Text(
            "Each step back multiplies by the matrix and by the slopes of the activation, by {each:.3f} on average. "
            "“If the weights in the matrix are small, the gradient signal becomes smaller at every training step”; if "
            "they are large, it explodes. An LSTM's cell is multiplied by its forget gates instead, {forget_mean:.3f} "
            "on average, beside what comes over its outputs.",
            "Cada paso atrás multiplica por la matriz y por las pendientes de la activación, por {each:.3f} de media. "
            "«Si los pesos de la matriz son pequeños, la señal del gradiente se hace más pequeña en cada paso de "
            "entrenamiento»; si son grandes, explota. La celda de una LSTM se multiplica en cambio por sus compuertas "
            "de olvido, {forget_mean:.3f} de media, aparte de lo que llega por sus salidas.",
        ),
        size="wide",
        when=("level", (FORMULA,)),
    )
