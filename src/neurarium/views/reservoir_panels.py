"""The panels of the look "reservoir"."""

from typing import Any

from neurarium.page.marks import Formula, Hull, Matrix, Points, Ref, Series
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.reservoir_rows import MOST_STEPS, Heard

STATES, ECHO, MEMORY, RUN = 0, 1, 2, 3
VIEWS = [
    Text("States", "Estados"),
    Text("Echo", "Eco"),
    Text("Memory", "Memoria"),
    Text("Free run", "Marcha libre"),
]
_CURVES = 6  # inputs that are drawn as curves; more are a table of colours
_STEP = Text("step t", "paso t")
_CAME = Text("what came", "lo que vino")
_RADIUS = Text("spectral radius", "radio espectral")
_FORMULA = [
    "x_t = ( 1 - a ) · x_t-1 + a · tanh ( W_in · u_t + r · W · x_t-1 + b )",
    "x_t = {keeps:.2f} · ({state_before:.2f}) + {leak:.2f} · tanh ( {driven_now:.2f} {echo_now:+.2f} {bias_now:+.2f} )"
    " = {state_now:.3f}",
]


def state_panels(heard: Heard, drawn: int, n_units: int) -> list[Panel]:
    """What is heard, what it makes of the units, and how the state of one comes about."""
    tab = ("view", (STATES,))
    start = ("from silence on", "a partir del silencio")
    if heard.series is not None and not heard.whole:
        start = ("from the state that all earlier steps left", "desde el estado que dejaron los pasos anteriores")
    return [
        _sequence(heard),
        Panel(
            Text("States: units × time", "Estados: unidades × tiempo"),
            [Matrix(Ref("states"), limits=(-1, 1), picks=("unit", "t"), highlight=(Ref("unit"), Ref("now")))],
            note=Text(
                f"The first {drawn} of {n_units} units, {start[0]}.",
                f"Las primeras {drawn} de {n_units} unidades, {start[1]}.",
            ),
            size="wide",
            when=tab,
        ),
        Panel(
            Text("Unit {unit}: its state, and what it hears", "Unidad {unit}: su estado y lo que oye"),
            [
                Series(
                    Ref("curves"),
                    names=[
                        Text("state", "estado"),
                        Text("of the input", "de la entrada"),
                        Text("of the others (echo)", "de las demás (eco)"),
                    ],
                    cursor=Ref("now"),
                    picks="t",
                )
            ],
            x=Axis(_STEP),
            y=Axis(),
            when=tab,
        ),
        Panel(
            Text("Unit {unit} at t = {now}", "La unidad {unit} en t = {now}"),
            [Formula(tree(_FORMULA), Text(plain(_FORMULA), plain(_FORMULA)))],
            note=Text(
                "The part of the input, the echo of the other units and a constant are bent by tanh; of the old state "
                "{keeps:.0%} stays. None of these weights was learnt.",
                "La parte de la entrada, el eco de las demás unidades y una constante se curvan con tanh; del estado "
                "anterior queda el {keeps:.0%}. Ninguno de estos pesos se aprendió.",
            ),
            size="wide",
            when=tab,
        ),
    ]


def _sequence(heard: Heard) -> Panel:
    title = Text("What it hears", "Lo que oye")
    note = None
    if not heard.whole:
        part = ("last", "últimos") if heard.series is not None else ("first", "primeros")
        note = Text(f"The {part[0]} {MOST_STEPS} steps are shown.", f"Se muestran los {part[1]} {MOST_STEPS} pasos.")
    n_inputs = len(heard.columns)
    tab = ("view", (STATES,))
    if n_inputs > _CURVES:
        mark = Matrix(Ref("sequence"), rows="columns", picks=("", "t"), highlight=(-1, Ref("now")))
        return Panel(title, [mark], note=note, when=tab)
    return Panel(
        title,
        [Series(Ref("sequence"), names="columns", cursor=Ref("now"), picks="t")],
        note=note,
        x=Axis(_STEP),
        y=Axis(Entry(0, "columns")) if n_inputs == 1 else Axis(),
        when=tab,
    )


_KEPT = Text(
    "The read-out stays as it was learnt, at radius {fit_radius:.2f} and leak {fit_leak:.2f}.",
    "La lectura queda como se aprendió, con radio {fit_radius:.2f} y fuga {fit_leak:.2f}.",
)


def answer_panel(kind: str) -> Panel:
    """What the read-out says over time: "votes", "numbers", or "series"."""
    names: Any = "classes" if kind == "votes" else "outputs"
    title = {
        "votes": Text("Votes of the read-out, if it ended here", "Votos de la lectura, si acabara aquí"),
        "ends": Text("The answer, if it ended here", "La respuesta, si acabara aquí"),
        "steps": Text("The answer at each step", "La respuesta en cada paso"),
        "series": Text("One step ahead", "Un paso adelante"),
    }[kind]
    mark = Series(Ref("said"), names=names, cursor=Ref("now"), picks="t")
    y = Axis(Text("vote", "voto") if kind == "votes" else Text("answer", "respuesta"))
    if kind == "series":
        names = [_CAME, Text("what it expected", "lo que esperaba")]
        mark = Series(Ref("said", at=("feature",)), names=names, cursor=Ref("now"), picks="t")
        y = Axis(Entry(Ref("feature"), "columns"))
    return Panel(title, [mark], note=_KEPT, x=Axis(_STEP), y=y, when=("view", (STATES,)))


def echo_panels(n_eigenvalues: int, n_units: int) -> list[Panel]:
    """The eigenvalues, two starts under the same input, and the radius at which the echo no longer fades."""
    tab = ("view", (ECHO,))
    some = Text("", "")
    if n_eigenvalues < n_units:
        some = Text(f" The {n_eigenvalues} largest are drawn.", f" Se dibujan los {n_eigenvalues} mayores.")
    return [
        Panel(
            Text("Eigenvalues of a step, 1 − a + a r λ", "Valores propios de un paso, 1 − a + a r λ"),
            [
                Hull(Ref("circle_x"), Ref("circle_y"), closed=False),
                Points(Ref("eigen_x"), Ref("eigen_y"), size=2.5),
            ],
            note=Text(
                "The circle has radius 1. The largest eigenvalue has modulus {eigen_largest:.2f}; {eigen_outside} lie "
                "outside: these grow where tanh is steepest, with slope 1." + some.en,
                "El círculo tiene radio 1. El mayor valor propio tiene módulo {eigen_largest:.2f}; {eigen_outside} "
                "quedan fuera: estos crecen donde tanh es más empinada, con pendiente 1." + some.es,
            ),
            x=Axis(Text("real part", "parte real"), -2.1, 2.1),
            y=Axis(Text("imaginary part", "parte imaginaria"), -2.1, 2.1),
            square=True,
            when=tab,
        ),
        Panel(
            Text("Two starts that hear the same", "Dos inicios que oyen lo mismo"),
            [Series(Ref("distance"))],
            note=Text(
                "How far the states are apart, root mean square over the units. After {race} steps it is "
                "10^{power:.1f} of the first: {fades|fading_words}.",
                "Distancia entre los estados, media cuadrática sobre las unidades. Tras {race} pasos es 10^{power:.1f} "
                "de la primera: {fades|fading_words}.",
            ),
            x=Axis(_STEP),
            y=Axis(Text("distance", "distancia"), log=True),
            when=tab,
        ),
        Panel(
            Text("What is left of the distance, by the radius", "Lo que queda de la distancia, según el radio"),
            [Series(Ref("fading"), x=Ref("fading_radii"), cursor=Ref("radius"))],
            note=Text(
                "With this input, the first pair of starts and the leak {fit_leak:.2f} of the fit. Below radius "
                "{edge:.1f} less than a thousandth is left after {race} steps: the echo state property.",
                "Con esta entrada, el primer par de inicios y la fuga {fit_leak:.2f} del ajuste. Por debajo del radio "
                "{edge:.1f} queda menos de una milésima tras {race} pasos: la propiedad de estado de eco.",
            ),
            x=Axis(_RADIUS),
            y=Axis(Text("share that is left", "parte que queda"), log=True),
            when=tab,
        ),
    ]


def memory_panels(n_units: int, asked: int) -> list[Panel]:
    """Jaeger's memory capacity: curves by the delay, and their sums by the radius, of so many units."""
    tab = ("view", (MEMORY,))
    like = Text("", "")
    if asked < n_units:
        like = Text(
            f" Asked of a reservoir drawn like this one with {asked} units.",
            f" Se midió en un depósito sorteado como este, con {asked} unidades.",
        )
    return [
        Panel(
            Text("What is left of an input k steps ago", "Lo que queda de una entrada de hace k pasos"),
            [Series(Ref("memory", at=("frame",)), x=Ref("delays"))],
            note=Text(
                "MC_k: squared correlation of random inputs with what a linear read-out makes of the states k steps "
                "later, on inputs it was not fitted on. Radius {frame_radius:.2f}; their sum is {frame_capacity:.1f}.",
                "MC_k: correlación al cuadrado de entradas aleatorias con lo que una lectura lineal hace de los "
                "estados k pasos después, en entradas con las que no se ajustó. Radio {frame_radius:.2f}; su suma es "
                "{frame_capacity:.1f}.",
            ),
            x=Axis(Text("delay k", "retardo k")),
            y=Axis(Text("MC_k", "MC_k"), 0, 1.02),
            when=tab,
        ),
        Panel(
            Text("Memory capacity by the radius", "Capacidad de memoria según el radio"),
            [Series(Ref("capacity"), x=Ref("memory_radii"), cursor=Ref("frame_radius"))],
            note=Text(
                f"Sums over {{delays_count}} delays, everything else as fitted. No reservoir of {asked} units can "
                f"hold more than {asked} steps." + like.en,
                f"Sumas sobre {{delays_count}} retardos, todo lo demás como en el ajuste. Ningún depósito de {asked} "
                f"unidades puede retener más de {asked} pasos." + like.es,
            ),
            x=Axis(_RADIUS),
            y=Axis(Text("steps held", "pasos retenidos"), 0),
            when=tab,
        ),
    ]


def run_panels(fitted_on_it: bool) -> list[Panel]:
    """A forecast beside what came."""
    learnt = Text("", "")
    if fitted_on_it:
        learnt = Text(
            " The read-out was learnt on a series that ends as this one does: one step at a time it has seen these "
            "steps.",
            " La lectura se aprendió con una serie que acaba como esta: paso a paso ya ha visto estos valores.",
        )
    return [
        Panel(
            Text(
                "It hears its own answers from step {origin|origins} on",
                "Oye sus propias respuestas desde el paso {origin|origins}",
            ),
            [
                Series(
                    Ref("run_said", at=("origin", "feature")),
                    low=Ref("run_low", at=("origin", "feature")),
                    high=Ref("run_high", at=("origin", "feature")),
                ),
                Series(
                    Ref("run_both", at=("origin", "feature")),
                    names=[
                        Text("free run (band: 90 % of futures)", "marcha libre (banda: 90 % de los futuros)"),
                        _CAME,
                    ],
                ),
            ],
            note=Text(
                "As the network was fitted, whatever the dials say. It stays within 0.4 deviations for "
                "{origin|valids} of {ahead} steps; what leaves the picture is drawn at its edge." + learnt.en,
                "Como se ajustó la red, digan lo que digan los mandos. Se mantiene a menos de 0.4 desviaciones durante "
                "{origin|valids} de {ahead} pasos; lo que se sale se dibuja en el borde." + learnt.es,
            ),
            x=Axis(Text("steps ahead", "pasos adelante")),
            y=Axis(Entry(Ref("feature"), "columns")),
            size="wide",
            when=("view", (RUN,)),
        ),
    ]
