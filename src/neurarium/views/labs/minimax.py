"""Minimax: a forger and a detective on a line, the best detective, and the value -log 4."""

import numpy as np
import torch
from numpy.typing import NDArray

from neurarium.page.controls import Button, Choice, Control, Number, State
from neurarium.page.marks import Bars, Formula, Hull, Points, Ref, Series
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.levels import DO, FORMULA, LEVEL, SEE, seed
from neurarium.views.minimax_law import FAR, HIGH, LOW, PATH, SEEN, STEEP, Minimax

NAME = "minimax"
TITLE = Text("Minimax: play the forger or the detective", "Minimax: juegue de falsificador o de detective")
ORDER = 50

_EXAMPLES = 6
_MEAN = 2.0  # of G at first; the data's is 0


def scene() -> Scene:
    """The game min over G, max over D of E log D(x) + E log(1 - D(G(z))) on a line."""
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "G's numbers lie around {mean:.1f}. The best detective, D* = p / (p + q), gets V = {best:.3f} out of it: "
            "{above:.3f} more than −log 4 = −1.386, which is all it gets where G's law is that of the data.",
            "Los números de G están en torno a {mean:.1f}. El mejor detective, D* = p / (p + q), saca V = {best:.3f}: "
            "{above:.3f} más que −log 4 = −1.386, que es todo lo que saca si la ley de G es la de los datos.",
        ),
        panels=[*_see(), *_do(), *_formula()],
        controls=_controls(),
        constants={
            "no_slope": np.zeros((), np.float32),
            "first_mean": np.full((), _MEAN, np.float32),
            "first_spread": np.ones((), np.float32),
            "first_path": _path(),
            "end_x": np.zeros(1, np.float32),
            "end_y": np.zeros(1, np.float32),
        },
        module=Minimax(torch.from_numpy(laws())),
        tries=[
            Text(
                "Move “G's mean” to 0: the two laws lie on each other, D* is ½ everywhere, and V is −1.386 = −log 4. "
                "No place gives less; far away V comes near 0.",
                "Lleve «media de G» a 0: las dos leyes coinciden, D* vale ½ en todas partes y V es −1.386 = −log 4. "
                "En ningún lugar hay menos; lejos, V se acerca a 0.",
            ),
            Text(
                "Choose “Do”, set “G's mean” to 4 and press “D: best answer”. D is sure now, and G's game log(1 − D) "
                "has almost no slope left, while −log D has a large one: that is why G is taught by −log D.",
                "Elija «Hacer», ponga «media de G» en 4 y pulse «D: mejor respuesta». Ahora D está segura, y el juego "
                "log(1 − D) de G casi no tiene pendiente, mientras −log D sí: por eso se enseña a G con −log D.",
            ),
            Text(
                "Press “start again”, then “Keep going” beside “both answer”: G's mean and D's slope run past 0 and "
                "come back in a spiral. In the end D is flat and V is −log 4; but G is too wide, which D, a line "
                "that is bent, cannot tell, and D* can.",
                "Pulse «empezar de nuevo» y luego «Seguir» junto a «responden los dos»: la media de G y la pendiente "
                "de D pasan de 0 y vuelven en espiral. Al final D es plana y V es −log 4; pero G es demasiado ancha, "
                "lo que D, una recta doblada, no nota y D* sí.",
            ),
        ],
        only={
            **dict.fromkeys(("spread", "slope", "offset"), ("level", (DO, FORMULA))),
            **dict.fromkeys(("d_best", "d_step", "g_step", "both_step", "again", "cost", "rate"), ("level", (DO,))),
        },
    )


def laws() -> NDArray[np.float64]:
    """(examples, 5) of the data: weight of the first bump, means and spreads of both; the first one is N(0, 1)."""
    chance = np.random.default_rng(0)
    n = _EXAMPLES - 1
    drawn = [chance.uniform(0.3, 0.7, n), chance.uniform(-3, -0.5, n), chance.uniform(0.5, 3, n),
             chance.uniform(0.4, 1, n), chance.uniform(0.4, 1, n)]  # fmt: skip
    return np.vstack([[0.5, 0, 0, 1, 1], np.round(np.stack(drawn, 1), 2)])


def _path() -> NDArray[np.float32]:
    return np.tile(np.array([_MEAN, 0], np.float32), (PATH, 1))


def _controls() -> list[Control]:
    d = {"slope": "next_slope", "offset": "next_offset"}
    g = {"mean": "next_mean", "spread": "next_spread"}
    start = {"slope": "no_slope", "offset": "no_slope", "mean": "first_mean", "spread": "first_spread"}
    best = {"slope": "best_slope", "offset": "best_offset", "path": "best_path"}
    return [
        LEVEL,
        Number("mean", Text("G's mean", "media de G"), _MEAN, LOW[0], HIGH[0], 0.1, plays=True),
        Number("spread", Text("G's spread", "dispersión de G"), 1, LOW[1], HIGH[1], 0.05),
        Number("slope", Text("D's slope", "pendiente de D"), 0, -STEEP, STEEP, 0.1),
        Number("offset", Text("D's offset", "desplazamiento de D"), 0, -FAR, FAR, 0.1),
        State("path", _path()),
        Button("d_best", Text("D: best answer", "D: mejor respuesta"), best),
        Button("d_step", Text("D answers", "responde D"), {**d, "path": "d_path"}, plays=True),
        Button("g_step", Text("G answers", "responde G"), {**g, "path": "g_path"}, plays=True),
        Button("both_step", Text("both answer", "responden los dos"), {**d, **g, "path": "both_path"}, plays=True),
        Button("again", Text("start again", "empezar de nuevo"), {**start, "path": "first_path"}),
        Choice("cost", Text("G drives down", "G hace bajar"), _COSTS),
        Number("rate", Text("step of an answer", "paso de una respuesta"), 0.5, 0.05, 2, 0.05),
        seed(_EXAMPLES),
    ]


_COSTS = [
    Text("log(1 − D), the game", "log(1 − D), el juego"),
    Text("−log D, does not saturate", "−log D, no se satura"),
]
_P, _Q = Text("p, the data", "p, los datos"), Text("q, made by G", "q, lo que hace G")
_BEST, _LINE = Text("D* = p / (p + q)", "D* = p / (p + q)"), Text("D, a bent line", "D, una recta doblada")
_X = Axis(Text("x", "x"), -SEEN, SEEN)
_ONE = Axis(None, 0, 1)


def _see() -> list[Panel]:
    tab = ("level", (SEE,))
    return [
        Panel(
            Text("Two laws, and the best detective between them", "Dos leyes, y el mejor detective entre ellas"),
            [Series(Ref("curves"), Ref("x"), names=[_P, _Q, _BEST])],
            note=Text(
                "D* says how likely a number at x is to be real. Where p and q cross it is ½.",
                "D* dice qué tan probable es que un número en x sea real. Donde p y q se cruzan vale ½.",
            ),
            x=_X,
            y=_ONE,
            size="wide",
            when=tab,
        ),
        Panel(
            Text("What the best detective gets, by G's mean", "Lo que saca el mejor detective, según la media de G"),
            [Series(Ref("valley"), Ref("means"), cursor=Ref("mean"))],
            note=Text(
                "V(D*, G) = −log 4 + 2 JSD: now {best:.3f}, with a Jensen–Shannon divergence of {divergence:.3f}. "
                "G looks for the bottom of the valley.",
                "V(D*, G) = −log 4 + 2 JSD: ahora {best:.3f}, con una divergencia de Jensen–Shannon de "
                "{divergence:.3f}. G busca el fondo del valle.",
            ),
            x=Axis(Text("G's mean", "media de G")),
            y=Axis(Text("V", "V"), -1.45, 0),
            when=tab,
        ),
    ]


def _do() -> list[Panel]:
    tab = ("level", (DO,))
    return [
        Panel(
            Text("Two laws, and D as it is", "Dos leyes, y D como está"),
            [Series(Ref("with_line"), Ref("x"), names=[_P, _Q, _BEST, _LINE])],
            note=Text(
                "D = σ({slope:.2f} x {offset:+.2f}) gets V = {value:.3f}; the best one would get {short:.3f} more.",
                "D = σ({slope:.2f} x {offset:+.2f}) saca V = {value:.3f}; el mejor sacaría {short:.3f} más.",
            ),
            x=_X,
            y=_ONE,
            when=tab,
        ),
        Panel(
            Text("How steep G's cost is, by G's mean", "Qué tan empinado es el coste de G, según su media"),
            [Series(Ref("slopes"), Ref("means"), names=_COSTS, cursor=Ref("mean"))],
            note=Text(
                "D as it is; a flat one teaches G nothing. Now log(1 − D) changes by {fall_game:.3f} for each unit of "
                "G's mean, −log D by {fall_other:.3f}.",
                "Con D como está; una D plana no enseña nada a G. Ahora log(1 − D) cambia {fall_game:.3f} por cada "
                "unidad de la media de G, −log D {fall_other:.3f}.",
            ),
            x=Axis(Text("G's mean", "media de G")),
            y=Axis(Text("size of the slope", "tamaño de la pendiente"), 0, Ref("steepest")),
            when=tab,
        ),
        Panel(
            Text("The value of the game", "El valor del juego"),
            [Bars(Ref("values"), _VALUES, limits=(-3, 0))],
            size="small",
            when=tab,
        ),
        Panel(
            Text("How both have moved", "Cómo se movieron los dos"),
            [
                Hull(Ref("path_x"), Ref("path_y"), closed=False),
                Points(Ref("end_x"), Ref("end_y"), labels=[Text("the end", "el final")]),
                Points(Ref("now_x"), Ref("now_y"), ring=[1.0]),
            ],
            note=Text(
                f"The last {PATH} answers. A D that is a line sees where G is, and hardly how wide.",
                f"Las últimas {PATH} respuestas. Una D que es una recta ve dónde está G, y apenas qué tan ancha es.",
            ),
            x=Axis(Text("G's mean", "media de G")),
            y=Axis(Text("D's slope", "pendiente de D")),
            when=tab,
        ),
    ]


_VALUES = [Text("V of this D", "V de esta D"), Text("V of D*", "V de D*"), Text("−log 4", "−log 4")]


def _formula() -> list[Panel]:
    tab = ("level", (FORMULA,))
    game = ["min_G max_D V ( D , G ) = E_x [ log D ( x ) ] + E_z [ log ( 1 - D ( G ( z ) ) ) ]"]
    now = [
        "V ( D , G ) = ∫ p log D + ∫ q log ( 1 - D ) = {real:.4f} + {fake:.4f} = {value:.4f}",
        "V ( D* , G ) = ∫ p log D* + ∫ q log ( 1 - D* ) = {best_real:.4f} + {best_fake:.4f} = {best:.4f}",
        "V ( D* , G ) = - log 4 + 2 JSD = - 1.3863 + 2 · {divergence:.4f} = {best:.4f}",
    ]
    return [
        Panel(
            Text("The game, as the lecture writes it", "El juego, como lo escribe la clase"),
            [Formula(tree(game), Text(plain(game), plain(game)))],
            size="wide",
            when=tab,
        ),
        Panel(
            Text("Its value now", "Su valor ahora"),
            [Formula(tree(now), Text(plain(now), plain(now)))],
            note=Text(
                "JSD lies between 0, equal laws, and log 2, laws that lie apart: V(D*, G) between −log 4 and 0. The "
                "integrals are sums over 1,121 places, wrong by less than 0.000001.",
                "JSD está entre 0, leyes iguales, y log 2, leyes separadas: V(D*, G) entre −log 4 y 0. Las integrales "
                "son sumas sobre 1121 lugares, con un error menor que 0.000001.",
            ),
            size="wide",
            when=tab,
        ),
        Panel(
            Text("The laws, D* and D", "Las leyes, D* y D"),
            [Series(Ref("with_line"), Ref("x"), names=[_P, _Q, _BEST, _LINE])],
            x=_X,
            y=_ONE,
            when=tab,
        ),
    ]
