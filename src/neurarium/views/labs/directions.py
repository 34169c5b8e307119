"""Past and future: which inputs reach an output of a recurrent network, one way and two ways."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.controls import Choice, Control, Number, Toggle
from neurarium.page.marks import Cells, Formula, Links, Named, Ref, Series, Words
from neurarium.page.noise import uniform
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.directions_strip import DEPTH, FEATURES, FEW, LAYOUTS, STEPS, UNITS, Directions, Drawing
from neurarium.views.formulas import plain, tree
from neurarium.views.levels import DO, FORMULA, LEVEL, OF_THE_LECTURE, seed

NAME = "directions"
TITLE = Text("Past and future", "Pasado y futuro")
ORDER = 90

_SEEDS = 6
_STEP = Text("step", "paso")


def scene() -> Scene:
    """The lecture's sentence, one layer, one way, and the output that needs the word which is still to come."""
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "{story|stories}The output of step {now} hears {reached} of {length} inputs: {past} of the past, its own "
            "and {future} of the future. The farthest, that of step {far}, moves it {far_share:.2%} as much as its "
            "own.",
            "{story|stories}La salida del paso {now} oye {reached} de {length} entradas: {past} del pasado, la suya y "
            "{future} del futuro. La más lejana, la del paso {far}, la mueve un {far_share:.2%} de lo que la mueve la "
            "suya.",
        ),
        panels=[*(_strip(code, each) for code, each in enumerate(LAYOUTS)), _sizes(), *_formulas()],
        controls=_controls(),
        lists={"ways": _WAYS, "heard": _HEARD, "told": _TOLD, "stories": _STORIES},
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

_HEARD = ["I", "like", "icecream", *(f"x({step})" for step in range(FEW))]
_TOLD = ["Watashi wa", "aisukurīmu ga", "suki", *(f"y({step})" for step in range(FEW))]
"""The lecture's sentence and its Japanese, and what stands there for other examples."""
_STORIES: list[str | Text] = [
    "",
    Text(
        "“aisukurīmu ga” is to be said, and “icecream” is not heard. ",
        "Hay que decir «aisukurīmu ga» y no se oye «icecream». ",
    ),
    Text(
        "“aisukurīmu ga” can be said, for “icecream” is heard. ",
        "Se puede decir «aisukurīmu ga», porque se oye «icecream». ",
    ),
]

_TRIES = [
    Text(
        "One way, move the output t from 0 to 2: the light reaches all words up to t and none after it. In Japanese "
        "the second word is already “icecream”.",
        "En un sentido, mueva la salida t de 0 a 2: la luz llega a todas las palabras hasta t y a ninguna posterior. "
        "En japonés la segunda palabra ya es «icecream».",
    ),
    Text(
        "Choose two ways: states that come back from the end bring the future, and all words are lit for every t.",
        "Elija dos sentidos: los estados que vuelven desde el final traen el futuro y todas las palabras se iluminan "
        "para cualquier t.",
    ),
    Text(
        "At “Do” make the sequence 8 long and mask the future: two ways reach no more than one. Then set the strength "
        "of the wires in time to 0: an MLP, which hears the present input alone.",
        "En «Hacer» alargue la secuencia a 8 y oculte el futuro: dos sentidos no alcanzan más que uno. Luego ponga la "
        "fuerza de los cables en el tiempo en 0: un MLP, que solo oye la entrada presente.",
    ),
]


def _controls() -> list[Control]:
    return [
        LEVEL,
        Choice("ways", Text("direction", "sentido"), "ways"),
        Number("t", Text("output t", "salida t"), 1, 0, STEPS - 1, whole=True, plays=True),
        Number("length", Text("length of the sequence", "longitud de la secuencia"), FEW, 1, STEPS, whole=True),
        Number("depth", Text("layers", "capas"), 1, 1, DEPTH, whole=True),
        Number("strength", Text("strength of the wires in time", "fuerza de los cables en el tiempo"), 1, 0, 2, 0.1),
        Toggle("masked", Text("mask the future", "ocultar el futuro")),
        Number("asked", Text("input s", "entrada s"), 2, 0, STEPS - 1, whole=True),
        seed(_SEEDS, OF_THE_LECTURE),
    ]


def _strip(code: int, drawn: Drawing) -> Panel:
    x, y = np.array(drawn.x), np.array(drawn.y)
    short, steps = drawn.steps == FEW, range(drawn.steps)
    heard = Named(Ref("words"), "heard") if short else [f"x({step})" for step in steps]
    told = Named(Ref("words"), "told") if short else [f"y({step})" for step in steps]
    x0, y0, x1, y1 = (axis[each].tolist() for each in (drawn.starts, drawn.ends) for axis in (x, y))
    return Panel(
        Text("What reaches output {now}", "Lo que llega a la salida {now}"),
        [
            Links(x0, y0, x1, y1, Ref(f"wires_{code}"), limits=(-1, 1)),
            Cells(drawn.x, drawn.y, drawn.kinds, Ref(f"cells_{code}"), radius=0.25, limits=(-1, 1),
                  sets=[{"t": node % STEPS} for node in drawn.nodes]),
            Words(drawn.x[: drawn.steps], [-0.6] * drawn.steps, heard),
            Words(drawn.x[-drawn.steps :], [drawn.y[-1] + 0.6] * drawn.steps, told),
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
            "Length of the slope of y({now}) in x; none is drawn where it is 0. What reaches it may still be faint.",
            "Longitud de la pendiente de y({now}) en x; no se dibuja donde es 0. Lo que llega puede oírse apenas.",
        ),
        x=Axis(_STEP, 0, Ref("last")),
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
