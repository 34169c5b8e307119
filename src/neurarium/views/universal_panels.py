"""The pictures of the lab "universal"."""

from neurarium.page.marks import Formula, Plotted, Points, Ref, Series
from neurarium.page.scene import Axis, Panel
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.levels import FORMULA, SEE
from neurarium.views.universal_module import HAND, RULE, TRAINED, TRIED

BOTH = [Text("the curve", "la curva"), Text("the network", "la red")]
_X = Axis(Text("x", "x"), 0, 1)
_Y = Axis(Text("f(x)", "f(x)"), -0.2, 1.2)


def panels() -> list[Panel]:
    """All of them, in reading order."""
    return [*_see(), *_do(), *_formula()]


def _pair(name: str) -> Series:
    return Series(Ref(name), x=Ref("x"), names=BOTH)


def _see() -> list[Panel]:
    return [
        Panel(
            Text("Any curve, from bumps", "Cualquier curva, hecha de montículos"),
            [_pair("by_rule")],
            Text(
                "{n} bumps side by side, each made by two hidden units.",
                "{n} montículos uno al lado del otro, cada uno hecho por dos unidades ocultas.",
            ),
            x=_X,
            y=_Y,
            size="wide",
            when=("level", (SEE,)),
        )
    ]


def _do() -> list[Panel]:
    return [*_drawn(), *_by_hand(), *_by_rule(), *_trained()]


def _drawn() -> list[Panel]:
    """One's own curve."""
    own: list[Plotted] = [
        Series(Ref("own"), x=Ref("x")),
        Points(Ref("knots_x"), Ref("knots_y"), used=Ref("knots_used"), size=7, drags="knots"),
    ]
    return [
        Panel(
            Text("Draw your curve", "Dibuje su curva"),
            own,
            Text(
                "Drag the points; click to add one: the curve goes through all of them.",
                "Arrastre los puntos; haga clic para añadir uno: la curva pasa por todos.",
            ),
            x=_X,
            y=_Y,
            when=("drawing", (1,)),
        ),
    ]


def _by_hand() -> list[Panel]:
    hand = ("part", (HAND,))
    tops = Points(Ref("tops_x"), Ref("tops_y"), used=Ref("bumps_used"), size=7, drags="bumps")
    return [
        Panel(
            Text("Built by hand", "Hecha a mano"),
            [_pair("by_hand"), tops],
            Text(
                "Each large point is the top of a bump: drag it, or click to add another.",
                "Cada punto grande es la cima de un montículo: arrástrelo, o haga clic para añadir otro.",
            ),
            x=_X,
            y=_Y,
            when=hand,
        ),
        Panel(
            Text("The bumps one by one", "Los montículos uno por uno"),
            [Series(Ref("each"), x=Ref("x"))],
            Text(
                "Each is made by two units; the network is their sum.",
                "Cada uno lo hacen dos unidades; la red es su suma.",
            ),
            x=_X,
            y=_Y,
            when=hand,
        ),
    ]


def _by_rule() -> list[Panel]:
    rule = ("part", (RULE,))
    return [
        Panel(
            Text("{n} bumps by rule", "{n} montículos por regla"),
            [_pair("by_rule")],
            Text(
                "Side by side, each as high as the curve is there on average.",
                "Uno al lado del otro, cada uno tan alto como la curva ahí en promedio.",
            ),
            x=_X,
            y=_Y,
            when=rule,
        ),
        Panel(
            Text("What more bumps bring", "Lo que aportan más montículos"),
            [
                Series(
                    Ref("errors"),
                    x=[float(each) for each in TRIED],
                    names=[
                        Text("mean error", "error medio"),
                        Text("largest error", "error máximo"),
                        Text("half of the jump", "mitad del salto"),
                    ],
                    cursor=Ref("n"),
                )
            ],
            x=Axis(Text("bumps", "montículos"), 1, TRIED[-1], log=True),
            y=Axis(Text("error", "error"), 0),
            when=rule,
        ),
    ]


def _trained() -> list[Panel]:
    trained = ("part", (TRAINED,))
    return [
        Panel(
            Text("Trained: {units} units, {number:.0f} steps", "Entrenada: {units} unidades, {number:.0f} pasos"),
            [_pair("trained")],
            Text(
                "Heights, places and steepness are all learnt.",
                "Se aprenden las alturas, los lugares y las pendientes.",
            ),
            x=_X,
            y=_Y,
            when=trained,
        ),
        Panel(
            Text("What each unit adds", "Lo que añade cada unidad"),
            [Series(Ref("adds"), x=Ref("few_x"))],
            x=_X,
            y=Axis(Text("height times step", "altura por escalón")),
            when=trained,
        ),
        Panel(
            Text("Loss: {loss:.5f}", "Pérdida: {loss:.5f}"),
            [Series(Ref("kept"), x=Ref("press_steps"), cursor=Ref("pressed"))],
            Text("The mean squared error.", "El error cuadrático medio."),
            x=Axis(Text("step", "paso"), 0, Ref("last_step")),
            y=Axis(log=True),
            when=trained,
        ),
    ]


def _formula() -> list[Panel]:
    when = ("level", (FORMULA,))
    names = [Text("first unit", "primera unidad"), Text("second unit", "segunda unidad"), Text("bump", "montículo")]
    return [
        Panel(
            Text("A bump is two steps", "Un montículo son dos escalones"),
            [Series(Ref("pair"), x=Ref("x"), names=names)],
            x=_X,
            y=Axis(Text("height times step", "altura por escalón"), -1.1, 1.1),
            when=when,
        ),
        Panel(Text("In numbers", "En números"), [_bump()], when=when),
        Panel(
            Text("The whole network, at x = {place:.2f}", "La red entera, en x = {place:.2f}"),
            [Series(Ref("by_rule"), x=Ref("x"), names=BOTH, cursor=Ref("place"))],
            x=_X,
            y=_Y,
            size="small",
            when=when,
        ),
        Panel(Text("Its sum", "Su suma"), [_sum()], when=when),
    ]


def _bump() -> Formula:
    return _written(
        "h ( σ ( w x + b_1 ) - σ ( w x + b_2 ) )",
        "b_1 = - w s_1 = - {steepness:.0f} · {left:.2f} = {b_left:.1f}",
        "b_2 = - w s_2 = - {steepness:.0f} · {right:.2f} = {b_right:.1f}",
        "x = {place:.2f} : {h:.2f} ( {first_here:.3f} - {second_here:.3f} ) = {bump_here:.3f}",
    )


def _sum() -> Formula:
    return _written(
        "N ( x ) = ∑_j h_j B_j ( x ) , j = 1 … {n}",
        "B_j ( x ) = σ ( w ( x - s_j ) ) - σ ( w ( x - s_j+1 ) )",
        "N ( {place:.2f} ) = {n_here:.3f} , f ( {place:.2f} ) = {f_here:.3f}",
        "| f - N | = {missed_here:.3f}",
    )


def _written(*lines: str) -> Formula:
    letters = plain(list(lines))
    return Formula(tree(list(lines)), Text(letters, letters))
