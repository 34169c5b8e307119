"""The panels of the look "game" on a plane, and what it says."""

from typing import Any

from neurarium.page.marks import Bars, Formula, Hull, Links, Points, Raster, Ref, Series, Words
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.game_modes import REACHED

GAME, NOISE, MODES = range(3)
TABS = [Text("the game", "el juego"), Text("the noise, folded", "el ruido, plegado"), Text("the alarm", "la alarma")]
BOTH = Text("both learn", "aprenden los dos")
D_ALONE = Text("D alone learns", "aprende solo D")
G_ALONE = Text("G alone learns", "aprende solo G")
COSTS = [
    Text("−log D(G(z)), the non-saturating cost", "−log D(G(z)), el coste que no se satura"),
    Text("log(1 − D(G(z))), the game itself", "log(1 − D(G(z))), el juego mismo"),
]
ALARMS = [
    Text("no alarm", "sin alarma"),
    Text("ALARM, whole kinds of rows are left out", "ALARMA, faltan clases enteras de filas"),
    Text("ALARM, the samples are nearly all the same", "ALARMA, las muestras son casi todas iguales"),
]
_BOTH = [Text("rows", "filas"), Text("samples of G", "muestras de G")]


def sentence(found: bool, critic: bool) -> Text:
    """What the picture says.

    Args:
        found: Whether the rows lie in clusters.
        critic: Whether D is a critic.
    """
    end = ("0", "0") if critic else ("−log 4 = −1.39", "−log 4 = −1.39")
    kinds = ("clusters", "grupos") if found else ("regions", "zonas")
    return Text(
        f"After {{turn}} steps played here the value of the game is V = {{value:.2f}}; it ends at {end[0]}, where D "
        f"can tell nothing apart. G's samples reach {{n_reached}} of {{n_clusters}} {kinds[0]} of the rows: "
        "{alarm|alarms}.",
        f"Tras {{turn}} pasos jugados aquí el valor del juego es V = {{value:.2f}}; acaba en {end[1]}, donde D no "
        f"distingue nada. Las muestras de G alcanzan {{n_reached}} de {{n_clusters}} {kinds[1]} de las filas: "
        "{alarm|alarms}.",
    )


def of_plane(live: Any, extent: tuple[float, float, float, float], found: bool) -> list[Panel]:
    """The field with the samples, the losses, what D says, and the value; the noise; the alarm."""
    left, right, low, high = extent
    x = Axis(Entry(0, "columns"), left, right)
    y = Axis(Entry(1, "columns"), low, high)
    return [_field(live, extent, x, y), _losses(live), _said(live), _value(live), *_noise(x, y), *_alarm(x, y, found)]


def _points(what: str, size: float = 3) -> Points:
    return Points(Ref(f"{what}_x"), Ref(f"{what}_y"), group=Ref(f"{what}_group"), groups=_BOTH, size=size)


def _field(live: Any, extent: tuple[float, float, float, float], x: Axis, y: Axis) -> Panel:
    if live.critic:
        colours = Text(
            "Blue: D scores higher than on average, orange: lower.",
            "Azul: D puntúa más que en promedio; naranja: menos.",
        )
    else:
        colours = Text(
            "Blue: D says real, D(x) − ½ > 0; orange: D says forged; the line is D = ½.",
            "Azul: D dice real, D(x) − ½ > 0; naranja: D dice falso; la línea es D = ½.",
        )
    arrows = Text(
        "An arrow shows where D's score rises fastest: there G is drawn.",
        "Una flecha muestra hacia dónde crece más la puntuación de D: hacia allí va G.",
    )
    limits = None if live.critic else (-0.5, 0.5)
    return Panel(
        Text("What D says of each place, and G's samples", "Lo que D dice de cada lugar, y las muestras de G"),
        [
            Raster(Ref("field"), extent, "signed", limits, levels=(0.0,)),
            _points("rows"),
            _points("samples"),
            Links(Ref("arrow_x"), Ref("arrow_y"), Ref("arrow_to_x"), Ref("arrow_to_y"), Ref("steep"), arrows=True),
        ],
        note=Text(f"{colours.en} {arrows.en}", f"{colours.es} {arrows.es}"),
        x=x,
        y=y,
        square=True,
        when=("view", (GAME,)),
    )


def _losses(live: Any) -> Panel:
    if live.critic:
        ends = ("D's ends at 0; G's has no end of its own.", "La de D acaba en 0; la de G no tiene un final propio.")
    else:
        ends = (
            "At the end of the game D's loss is log 4 = 1.39; G's cost is log 2 = 0.69, or −0.69 where G drives down "
            "the game itself.",
            "Al final del juego la pérdida de D es log 4 = 1.39; el coste de G es log 2 = 0.69, o −0.69 si G hace "
            "bajar el juego mismo.",
        )
    return Panel(
        Text("What each drives down, step by step", "Lo que cada uno hace bajar, paso a paso"),
        [Series(Ref("losses"), Ref("marks"), names=_CURVES)],
        note=Text(
            f"Now {{d_loss:.2f}} and {{g_cost:.2f}}, on the rows of the step. {ends[0]}",
            f"Ahora {{d_loss:.2f}} y {{g_cost:.2f}}, con las filas del paso. {ends[1]}",
        ),
        x=Axis(Text("step", "paso"), 0, Ref("until")),
        when=("view", (GAME,)),
    )


_CURVES = [
    Text("D's loss, −V + penalty", "pérdida de D, −V + castigo"),
    Text("G's cost", "coste de G"),
    Text("D's, at the end", "la de D, al final"),
    Text("G's, at the end", "el de G, al final"),
]


def _said(live: Any) -> Panel:
    what = Text("D's score", "puntuación de D") if live.critic else Text("D(x)", "D(x)")
    return Panel(
        Text("What D says of rows and of samples", "Lo que D dice de filas y de muestras"),
        [Series(Ref("said"), Ref("bins"), names=_BOTH, style="step")],
        note=Text(
            "On average {real_mean:.2f} of rows and {fake_mean:.2f} of samples.",
            "En promedio {real_mean:.2f} de las filas y {fake_mean:.2f} de las muestras.",
        ),
        x=Axis(what),
        y=Axis(Text("share", "parte"), low=0),
        when=("view", (GAME,)),
    )


def _value(live: Any) -> Panel:
    if live.critic:
        lines = ["V = ⟨ D ( x ) ⟩ - ⟨ D ( G ( z ) ) ⟩ = {mean_log_real:.3f} - {mean_log_fake:.3f} = {value:.3f}"]
    else:
        lines = [
            "V = ⟨ log D ( x ) ⟩ + ⟨ log ( 1 - D ( G ( z ) ) ) ⟩",
            "V = {mean_log_real:.3f} + {mean_log_fake:.3f} = {value:.3f}",
        ]
    return Panel(
        Text("The value of the game", "El valor del juego"),
        [Formula(tree(lines), Text(plain(lines), plain(lines)))],
        note=Text(
            "⟨ ⟩ is the mean, over rows and over samples. D drives V up, G drives it down.",
            "⟨ ⟩ es la media, de las filas y de las muestras. D hace subir V, G lo hace bajar.",
        ),
        when=("view", (GAME,)),
    )


def _noise(x: Axis, y: Axis) -> list[Panel]:
    lines = [Text("first number", "primer número"), Text("second number", "segundo número")]
    tab = ("view", (NOISE,))
    return [
        Panel(
            Text("Noise: what G is given", "Ruido: lo que recibe G"),
            [
                Hull(Ref("lines_x"), Ref("lines_y"), group=Ref("axis_of_line"), groups=lines, closed=False),
                Points(Ref("noise_x"), Ref("noise_y"), size=2),
            ],
            note=Text(
                "Between two neighbouring lines lies equally much noise; numbers of noise beyond the first two are 0 "
                "on the lines.",
                "Entre dos líneas vecinas cae siempre la misma cantidad de ruido; en las líneas, los números de ruido "
                "después del segundo son 0.",
            ),
            square=True,
            when=tab,
        ),
        Panel(
            Text("The same lines as G bends them", "Las mismas líneas, como las dobla G"),
            [
                Hull(Ref("weave_x"), Ref("weave_y"), group=Ref("axis_of_line"), groups=lines, closed=False),
                _points("rows", 2),
            ],
            note=Text(
                "Where lines lie close, samples are many; a sheet without tears cannot leave the gaps between clusters "
                "empty.",
                "Donde las líneas están juntas hay muchas muestras; una hoja sin roturas no puede dejar vacíos los "
                "huecos entre grupos.",
            ),
            x=x,
            y=y,
            square=True,
            when=tab,
        ),
    ]


def _alarm(x: Axis, y: Axis, found: bool) -> list[Panel]:
    tab = ("view", (MODES,))
    kinds = Text("cluster", "grupo") if found else Text("region", "zona")
    return [
        Panel(
            Text("Rows, samples, and the clusters by number", "Filas, muestras, y los grupos por su número"),
            [_points("rows"), _points("samples"), Words(Ref("centres_x"), Ref("centres_y"), "clusters")],
            note=Text(
                "{inside:.0%} of the samples lie inside the circle of a cluster, which holds 98 % of its rows; a "
                "sample lies {nearest:.3f} from the nearest row, on average.",
                "{inside:.0%} de las muestras caen en el círculo de un grupo, que abarca el 98 % de sus filas; una "
                "muestra dista {nearest:.3f} de la fila más cercana, en promedio.",
            ),
            x=x,
            y=y,
            square=True,
            when=tab,
        ),
        Panel(
            Text(f"Samples in each {kinds.en}, of its due", f"Muestras en cada {kinds.es}, de las debidas"),
            [Bars(Ref("of_due"), "clusters", threshold=REACHED, highlight=Ref("reached"))],
            note=Text(
                f"A {kinds.en} counts as reached from {REACHED:.0%} of the samples that are its due. Those reached "
                "hold {reach:.0%} of the rows; samples lie {spread:.2f} times as far from each other as rows. The "
                "alarm goes off below 75 % or below 0.25: {alarm|alarms}.",
                f"Cada {kinds.es} cuenta desde el {REACHED:.0%} de las muestras que le tocan. Los que cuentan tienen "
                "el {reach:.0%} de las filas; las muestras distan entre sí {spread:.2f} veces lo "
                "que las filas. La alarma salta por debajo del 75 % o de 0.25: {alarm|alarms}.",
            ),
            when=tab,
        ),
    ]
