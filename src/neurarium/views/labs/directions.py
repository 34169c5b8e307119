"""Past and future: which inputs reach an output of a recurrent network, one way and two ways."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.controls import Choice, Control, Number, Toggle
from neurarium.page.marks import Cells, Formula, Links, Ref, Series, Words
from neurarium.page.noise import uniform
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.directions_strip import DEPTH, FEATURES, LAYOUTS, STEPS, UNITS, Directions, Drawing
from neurarium.views.formulas import plain, tree
from neurarium.views.levels import DO, FORMULA, LEVEL, seed

NAME = "directions"
TITLE = Text("Past and future", "Pasado y futuro")
ORDER = 90

_SEEDS = 6
_STEP = Text("step", "paso")


def scene() -> Scene:
    """Eight inputs, one layer, one way, and the output in the middle."""
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "The output of step {now} hears {reached} of {length} inputs: {past} of the past, its own and {future} of "
            "the future. The farthest, that of step {far}, moves it {far_share:.2%} as much as its own.",
            "La salida del paso {now} oye {reached} de {length} entradas: {past} del pasado, la suya y {future} del "
            "futuro. La más lejana, la del paso {far}, la mueve un {far_share:.2%} de lo que la mueve la suya.",
        ),
        panels=[*(_strip(code, each) for code, each in enumerate(LAYOUTS)), _sizes(), *_formulas()],
        controls=_controls(),
        lists={"ways": _WAYS},
        constants=dict(examples()),
        module=Directions(),
        tries=_TRIES,
        only={
            **dict.fromkeys(("length", "depth", "strength", "masked"), ("level", (DO,))),
            "seed": ("level", (DO, FORMULA)),
            "asked": ("level", (FORMULA,)),
        },
    )


def examples() -> dict[str, NDArray[Any]]:
    """Inputs, and weights as torch draws them: even between plus and minus one over the root of the units."""
    sizes = {
        "inputs": (STEPS, FEATURES),
        "W": (DEPTH, 2, UNITS, 2 * UNITS),
        "U": (DEPTH, 2, UNITS, UNITS),
        "b": (DEPTH, 2, UNITS),
        "v": (2 * UNITS,),
    }
    drawn = {name: 2 * uniform(7 + number, (_SEEDS, *size)) - 1 for number, (name, size) in enumerate(sizes.items())}
    return {
        name: (each if name == "inputs" else each / np.sqrt(UNITS)).astype(np.float32) for name, each in drawn.items()
    }


_WAYS = [Text("one way: with time", "un sentido: con el tiempo"), Text("two ways", "dos sentidos")]

_TRIES = [
    Text(
        "One way, move the output t from 0 to 7: the light reaches all inputs up to t and none after it.",
        "En un sentido, mueva la salida t de 0 a 7: la luz llega a todas las entradas hasta t y a ninguna posterior.",
    ),
    Text(
        "Choose two ways: states that come back from the end bring the future, and all inputs are lit for every t.",
        "Elija dos sentidos: los estados que vuelven desde el final traen el futuro y todas las entradas se iluminan "
        "para cualquier t.",
    ),
    Text(
        "At “Do” mask the future: two ways reach no more than one. Then set the strength of the wires in time to 0: an "
        "MLP, which hears the present input alone.",
        "En «Hacer» oculte el futuro: dos sentidos no alcanzan más que uno. Luego ponga la fuerza de los cables en el "
        "tiempo en 0: un MLP, que solo oye la entrada presente.",
    ),
]


def _controls() -> list[Control]:
    return [
        LEVEL,
        Choice("ways", Text("direction", "sentido"), "ways"),
        Number("t", Text("output t", "salida t"), 4, 0, STEPS - 1, whole=True, plays=True),
        Number("length", Text("length of the sequence", "longitud de la secuencia"), STEPS, 1, STEPS, whole=True),
        Number("depth", Text("layers", "capas"), 1, 1, DEPTH, whole=True),
        Number("strength", Text("strength of the wires in time", "fuerza de los cables en el tiempo"), 1, 0, 2, 0.1),
        Toggle("masked", Text("mask the future", "ocultar el futuro")),
        Number("asked", Text("input s", "entrada s"), 2, 0, STEPS - 1, whole=True),
        seed(_SEEDS),
    ]


def _strip(code: int, drawn: Drawing) -> Panel:
    x, y = np.array(drawn.x), np.array(drawn.y)
    x0, y0, x1, y1 = (axis[each].tolist() for each in (drawn.starts, drawn.ends) for axis in (x, y))
    return Panel(
        Text("What reaches output {now}", "Lo que llega a la salida {now}"),
        [
            Links(x0, y0, x1, y1, Ref(f"wires_{code}"), limits=(-1, 1)),
            Cells(drawn.x, drawn.y, drawn.kinds, Ref(f"cells_{code}"), radius=0.25, limits=(-1, 1),
                  sets=[{"t": number % STEPS} for number in range(len(drawn.nodes))]),
            Words(drawn.x[:STEPS], [-0.6] * STEPS, [f"x({step})" for step in range(STEPS)]),
            Words(drawn.x[-STEPS:], [drawn.y[-1] + 0.6] * STEPS, [f"y({step})" for step in range(STEPS)]),
            Words([-0.9] * len(drawn.rows), [height for height, _ in drawn.rows], [name for _, name in drawn.rows]),
        ],
        note=Text(
            "Lit is what moves the output at all: its slope in that cell is not 0. f goes on with time, g comes back "
            "from the end. Choose a cell to see the output of its step.",
            "Se ilumina lo que mueve la salida: su pendiente en esa celda no es 0. f avanza con el tiempo, g vuelve "
            "desde el final. Elija una celda para ver la salida de su paso.",
        ),
        square=True,
        size="wide",
        when=("layout", (code,)),
    )  # fmt: skip


def _sizes() -> Panel:
    return Panel(
        Text("How much each input moves it", "Cuánto la mueve cada entrada"),
        [Series(Ref("sizes"), cursor=Ref("now"), picks="t")],
        note=Text(
            "Length of the slope of y({now}) in x; none is drawn where it is 0. To reach it is not to be heard well.",
            "Longitud de la pendiente de y({now}) en x; no se dibuja donde es 0. Llegar aún no es oírse bien.",
        ),
        x=Axis(_STEP, 0, STEPS - 1),
        y=Axis(Text("slope", "pendiente"), log=True),
        when=("level", (DO, FORMULA)),
    )


def _formulas() -> list[Panel]:
    lines = [
        "f_t = tanh ( W · x_t + b + U · f_t-1 ) = tanh ( {f_heard:.2f} {f_kept:+.2f} ) = {f_now:.2f}",
        "g_t = tanh ( P · x_t + c + Q · g_t+1 ) = tanh ( {g_heard:.2f} {g_kept:+.2f} ) = {g_now:.2f}",
        "y_t = v · [ f_t , g_t ] = {part_f:.2f} {part_g:+.2f} = {y:.2f}",
    ]
    text = plain(lines)
    return [
        Panel(
            Text("The step at t = {now}", "El paso en t = {now}"),
            [Formula(tree(lines), Text(text, text))],
            note=Text(
                "f goes on with time, g comes back from the end; first unit of the first layer. The slope of y({now}) "
                "in x({asked}) has the length {slope:.4f}; one way, g is not heard.",
                "f avanza con el tiempo, g vuelve desde el final; primera unidad de la primera capa. La pendiente de "
                "y({now}) en x({asked}) mide {slope:.4f}; en un sentido, g no se oye.",
            ),
            size="wide",
            when=("level", (FORMULA,)),
        )
    ]
