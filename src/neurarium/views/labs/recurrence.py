"""Simplest recurrence: an MLP considers only what it sees now; one wire more, and it remembers."""

import numpy as np
from numpy.typing import NDArray

from neurarium.page.controls import Control, Number, Toggle
from neurarium.page.marks import Cells, Formula, Hull, Links, Matrix, Points, Ref, Series, Words
from neurarium.page.noise import uniform
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.levels import DO, FORMULA, LEVEL, SEE, seed
from neurarium.views.recurrence_unit import Recurrence

NAME = "recurrence"
TITLE = Text("Simplest recurrence", "La recurrencia más simple")
ORDER = 80

FRAMES = 16
FILM = [0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0]
"""The first film; the lecture gives none."""
_FILMS = 8
_FRAME = Text("frame t", "cuadro t")


def scene() -> Scene:
    """A film, since the lecture speaks of frames; one hidden unit; and its wire at 0.5."""
    films, orders = examples()
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "With the wire at w = {wire:.2f} it says for {right} of 15 frames rightly whether the frame before was on. "
            "The same frames in another order: {changed} of 16 get another answer, by {most_changed:.2f} at most.",
            "Con el cable en w = {wire:.2f} acierta en {right} de 15 cuadros si el cuadro anterior estaba encendido. "
            "Los mismos cuadros en otro orden: {changed} de 16 reciben otra respuesta, con {most_changed:.2f} de "
            "diferencia como mucho.",
        ),
        panels=[_network(), _film(), _task(), _shuffled(), _formula()],
        controls=_controls(),
        lists={"order": [Text("off", "apagado"), Text("on", "encendido")]},
        constants={"films": films, "orders": orders},
        module=Recurrence(FRAMES),
        tries=_TRIES,
        only={"weight": ("level", (DO, FORMULA)), "t": ("level", (DO, FORMULA)), "seed": ("level", (DO, FORMULA))},
    )


def examples() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(8, 16) films, the second of one pulse alone, and another order for each."""
    films = (uniform(5, (_FILMS, FRAMES)) < 0.45).astype(np.float32)
    films[0] = FILM
    films[1] = np.arange(FRAMES) == 2
    return films, np.argsort(uniform(6, (_FILMS, FRAMES)), axis=1)


_TRIES = [
    Text(
        "Set the wire w to 0: an MLP. h is 0 or 0.76 by the frame of now, and in another order no answer changes.",
        "Ponga el cable w en 0: un MLP. h es 0 o 0.76 según el cuadro actual y en otro orden no cambia ninguna "
        "respuesta.",
    ),
    Text(
        "Turn w back to 0.5 and shuffle the frames: after a frame that is on, h fades away over some steps, and most "
        "answers change with the order.",
        "Vuelva w a 0.5 y baraje los cuadros: tras un cuadro encendido, h se apaga poco a poco y casi todas las "
        "respuestas cambian con el orden.",
    ),
    Text(
        "At “Do” choose example 1, a single pulse, and turn w from 0 to 1.5: it forgets at once, fades, and above "
        "1 never forgets.",
        "En «Hacer» elija el ejemplo 1, un solo pulso, y lleve w de 0 a 1.5: olvida al instante, se apaga y, por "
        "encima de 1, no olvida nunca.",
    ),
]


def _controls() -> list[Control]:
    return [
        LEVEL,
        Number("wire", Text("wire w to itself (0: an MLP)", "cable w a sí misma (0: un MLP)"), 0.5, 0, 1.5, 0.05),
        Toggle("shuffle", Text("shuffle the frames", "barajar los cuadros")),
        Number("t", _FRAME, 3, 0, FRAMES - 1, whole=True, plays=True),
        Number("weight", Text("weight W of the frame", "peso W del cuadro"), 1, 0.1, 3, 0.1),
        seed(_FILMS),
    ]


def _network() -> Panel:
    """The frame, what was said before, the unit and the answer; a loop leads from the unit to what was said before."""
    angle = np.linspace(0, np.pi, 13)
    loop_x, loop_y = 2 + 0.9 * np.sin(angle), 2.15 - 1.15 * np.cos(angle)
    return Panel(
        Text("An MLP and one wire more", "Un MLP y un cable más"),
        [
            Hull([(loop_x + 0.1).tolist()], [loop_y.tolist()], closed=False),
            Links([0, 2, 2, 0], [0, 3.3, 1, 0], [2, 2, 4, 4], [1, 1, 0, 0], Ref("wires"), limits=(-2, 2), arrows=True),
            Cells(
                [0, 2, 2, 4],
                [0, 3.3, 1, 0],
                ["input", "recurrent", "hidden", "output"],
                Ref("in_cells"),
                radius=0.35,
                limits=(-1, 1),
            ),
            Words([0, 0.8, 1.2, 4], [-0.6, 3.3, 1.25, -0.6], ["x(t)", "h(t−1)", "h(t)", "y(t)"]),
            Words([0.8, 1.75, 3.2, 2], [0.65, 2.2, 0.65, -0.2], ["W", "w", "v", "u"]),
        ],
        note=Text(
            "What the unit said, {h_before:.2f}, comes back a step later over the wire w. Without it the unit hears "
            "the frame alone.",
            "Lo que dijo la unidad, {h_before:.2f}, vuelve un paso después por el cable w. Sin él, la unidad solo oye "
            "el cuadro.",
        ),
        square=True,
    )


def _film() -> Panel:
    """The film and the unit over time, in the order that is shown."""
    title = Text("Frames, and what the hidden unit says", "Los cuadros y lo que dice la unidad oculta")
    names = [Text("frame x(t)", "cuadro x(t)"), Text("unit h(t)", "unidad h(t)")]
    return Panel(
        title,
        [Series(Ref("curves"), names=names, style="step", cursor=Ref("t"), picks="t")],
        note=Text(
            "While frames are off, h shrinks to w times itself or less: after three of them at most {left:.0%} of "
            "it is left, w · w · w.",
            "Mientras los cuadros están apagados, h se reduce a w veces sí misma o menos: tras tres queda como "
            "mucho el {left:.0%}, w · w · w.",
        ),
        x=Axis(_FRAME),
        y=Axis(low=0, high=1),
        when=("level", (SEE, DO)),
    )


def _task() -> Panel:
    return Panel(
        Text("The task: was the frame before on?", "La tarea: ¿estaba encendido el cuadro anterior?"),
        [
            Matrix(
                Ref("task"),
                rows=[
                    Text("frame x(t)", "cuadro x(t)"),
                    Text("before: x(t−1)", "antes: x(t−1)"),
                    Text("answer y(t)", "respuesta y(t)"),
                ],
                scale="magnitude",
                limits=(0, 1),
                picks=("", "t"),
                highlight=(-1, Ref("t")),
            )
        ],
        note=Text(
            "Above 0.5 the answer is yes: {right} of 15 are right. v, u and c miss the film in its own order least.",
            "Por encima de 0.5 la respuesta es sí: {right} de 15 aciertos. v, u y c son los que menos fallan en el "
            "orden propio.",
        ),
        size="wide",
        when=("level", (DO,)),
    )


def _shuffled() -> Panel:
    return Panel(
        Text("Does the order matter?", "¿Importa el orden?"),
        [
            Series([-0.5, 1.5], [-0.5, 1.5]),
            Points(Ref("own_answers"), Ref("other_answers"), Ref("film"), groups="order", size=6),
        ],
        note=Text(
            "A point is a frame. On the line it gets the same answer in both orders: there lie all points of an MLP. "
            "Off it: {changed} of 16.",
            "Un punto es un cuadro. En la línea recibe la misma respuesta en ambos órdenes: ahí están todos los de un "
            "MLP. Fuera: {changed} de 16.",
        ),
        x=Axis(Text("answer in its own order", "respuesta en su orden"), -0.5, 1.5),
        y=Axis(Text("answer in another order", "respuesta en otro orden"), -0.5, 1.5),
        when=("level", (DO,)),
    )


def _formula() -> Panel:
    lines = [
        "h_t = tanh ( W · x_t + w · h_t-1 ) = tanh ( {weight:.2f} · {x_now:.0f} + {wire:.2f} · ({h_before:.2f}) ) = "
        "{h_now:.2f}",
        "y_t = v · h_t + u · x_t + c = {v:.2f} · ({h_now:.2f}) {u:+.2f} · {x_now:.0f} {constant:+.2f} = {y_now:.2f}",
    ]
    text = plain(lines)
    return Panel(
        Text("Elman's step at frame t = {t}", "El paso de Elman en el cuadro t = {t}"),
        [Formula(tree(lines), Text(text, text))],
        note=Text(
            "With w = 0 the sum holds x(t) alone: same frame, same answer, whatever came before.",
            "Con w = 0 la suma solo contiene x(t): mismo cuadro, misma respuesta, venga lo que venga antes.",
        ),
        size="wide",
        when=("level", (FORMULA,)),
    )
