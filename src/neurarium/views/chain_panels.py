"""The panels of the look "chain"."""

from neurarium.page.marks import Bars, Named, Ref, Series, Tokens
from neurarium.page.scene import Axis, Panel
from neurarium.page.words import Text
from neurarium.views.transitions import ring

WALK, LONG_RUN = 0, 1
VIEWS = [Text("Walk", "Paseo"), Text("Long run", "A la larga")]
_SYMBOL = Named(Ref("best_codes"), "symbols")


def walk_panels(n_drawn: int, n_left: int, *, text: bool, order: int, smoothing: str) -> list[Panel]:
    """The states and the walker; what could follow; what has been walked."""
    tab = ("view", (WALK,))
    left = Text("", "")
    if n_left:
        left = Text(f" {n_left} rarer states are left out.", f" Se omiten {n_left} estados más raros.")
    smooth = Text("", "")
    if smoothing != "none":
        smooth = Text(
            f" Probabilities are not these shares alone: they are smoothed ({smoothing}).",
            f" Las probabilidades no son solo estas partes: están suavizadas ({smoothing}).",
        )
    return [
        Panel(
            Text("What has been written", "Lo que se ha escrito") if text else Text("The walk", "El paseo"),
            [Tokens(Named(Ref("written"), "symbols"), highlight=Ref("written_now"))],
            note=Text("Framed: what step {t} drew.", "Con marco: lo que sacó el paso {t}."),
            size="wide",
            when=tab,
        ),
        Panel(
            Text("Where the walker stands", "Dónde está el caminante"),
            ring(n_drawn, Ref("flow"), Ref("occupancy"), highlight=Ref("standing")),
            note=Text(
                "Arrows are as wide as the next step is likely; the colour of a state is the share of the steps so far."
                + left.en,
                "Las flechas son tan anchas como probable es el paso; el color de un estado es su parte de los pasos "
                "dados." + left.es,
            ),
            square=True,
            when=tab,
        ),
        Panel(
            Text("What could come, and how likely", "Lo que puede venir, y con qué probabilidad"),
            [Bars(Ref("best_shares"), _SYMBOL, limits=(0, 1), highlight=Ref("chosen_place"))],
            note=Text(
                "u = {u:.4f} chose “{chosen|symbols}”: p = {chosen_share:.3f}.",
                "u = {u:.4f} eligió «{chosen|symbols}»: p = {chosen_share:.3f}.",
            ),
            when=tab,
        ),
        Panel(
            Text("The counts behind it", "Los recuentos que hay detrás"),
            [Bars(Ref("best_counts"), _SYMBOL, highlight=Ref("chosen_place"))],
            note=Text(
                "Followed {counted} times, {chosen_count} of them by “{chosen|symbols}”." + smooth.en,
                "Seguido {counted} veces, {chosen_count} de ellas por «{chosen|symbols}»." + smooth.es,
            ),
            when=tab,
        ),
        *([_context_panel(order)] if order > 1 else []),
    ]


def _context_panel(order: int) -> Panel:
    return Panel(
        Text("What it goes by", "Por lo que se guía"),
        [Tokens(Named(Ref("spelled"), "symbols"))],
        note=Text(
            f"The last {order} at most; fewer where more of them were never followed by anything.",
            f"Los últimos {order} como mucho; menos donde a más de ellos nunca les siguió nada.",
        ),
        size="small",
        when=("view", (WALK,)),
    )


def long_run_panels(kind: Text, *, text: bool) -> list[Panel]:
    """How the walk and the law come to the long run."""
    cold = Text("", "")
    if text:
        cold = Text(" The long run is that of temperature 1.", " El reparto a la larga es el de temperatura 1.")
    tab = ("view", (LONG_RUN,))
    variation = Text("total variation", "variación total")
    return [
        Panel(
            Text("Share of the steps so far, and in the long run", "Parte de los pasos dados, y a la larga"),
            [
                Series(
                    Ref("both"),
                    names=[Text("the walk so far", "el paseo hasta aquí"), Text("in the long run", "a la larga")],
                    style="dots",
                )
            ],
            note=Text(kind.en + cold.en, kind.es + cold.es),
            x=Axis(Text("state", "estado"), ticks="states"),
            y=Axis(Text("share", "parte"), 0),
            size="wide",
            when=tab,
        ),
        Panel(
            Text("How far this walk is from the long run", "Cuánto dista este paseo del reparto a la larga"),
            [Series(Ref("gap"), cursor=Ref("t"), picks="t")],
            note=Text(
                "Half the sum of the differences; a walk comes closer like one over the root of its steps.",
                "La mitad de la suma de las diferencias; un paseo se acerca como uno entre la raíz de sus pasos.",
            ),
            x=Axis(Text("step", "paso")),
            y=Axis(variation, log=True),
            when=tab,
        ),
        Panel(
            Text("How far the law of the t-th state is", "Cuánto dista la ley del estado t"),
            [
                Series(
                    Ref("distance", at=("start",)),
                    names=[
                        Text("from this start", "desde este inicio"),
                        Text("from the worst start", "desde el peor inicio"),
                    ],
                ),
                Series(
                    Ref("power"), names=[Text("power of the eigenvalue", "potencia del valor propio")], style="dots"
                ),
            ],
            note=Text(
                "Powers of the matrix. Its second eigenvalue has modulus {eigenvalue:.3f}: the start fades like its "
                "powers.",
                "Potencias de la matriz. Su segundo valor propio tiene módulo {eigenvalue:.3f}: el inicio se apaga "
                "como sus potencias.",
            ),
            x=Axis(Text("steps", "pasos")),
            y=Axis(variation, log=True),
            when=tab,
        ),
    ]
