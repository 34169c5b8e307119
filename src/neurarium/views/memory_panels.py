"""What the look "memory" draws of what its modules compute."""

from typing import Any

from neurarium.page.marks import Bars, Images, Matrix, Named, Ref, Series, Tokens
from neurarium.page.scene import Axis, Panel
from neurarium.page.words import Text
from neurarium.views import memory_words as words

_STEP = Text("step t", "paso t")


def text_panels() -> list[Panel]:
    """A text in the colours of what the answer hangs on, and in those of a unit."""
    pieces = Named(Ref("symbols_there"), "pieces")
    return [
        Panel(
            words.MATTERS,
            [Tokens(pieces, Ref("strip"), "magnitude", (-3, 0), picks="t", highlight=Ref("now"))],
            note=Text(
                "The framed symbol came last; the lighter a symbol, the more the score of “{answer|seen}” moves with "
                "it: 0 as much as with the one that counts most, −1 a tenth of it, −2 a hundredth. Choose another "
                "symbol to see what follows there.",
                "El símbolo enmarcado es el último; cuanto más claro un símbolo, más mueve la puntuación de "
                "«{answer|seen}»: 0 tanto como el que más cuenta, −1 una décima parte, −2 una centésima. Elija otro "
                "símbolo para ver qué sigue allí.",
            ),
            size="wide",
        ),
        Panel(
            Text(
                "The same text in the colours of unit {chosen|units}",
                "El mismo texto con los colores de la unidad {chosen|units}",
            ),
            [Tokens(pieces, Ref("state"), limits=Ref("state_limits"), picks="first", highlight=Ref("marked"))],
            note=_told_apart(),
            size="wide",
        ),
        answers_panel(words.EXPECTED, "seen"),
        _curve(),
    ]  # fmt: skip


def rows_panels(sequence: Panel, steps: Any) -> list[Panel]:
    """A sequence with the slopes of the answer in all of its numbers."""
    slopes = Panel(
        Text("Slope of the answer in every number", "Pendiente de la respuesta en cada número"),
        [Matrix(Ref("slopes"), rows="columns", columns=steps, picks=("", "t"), highlight=(-1, Ref("now")))],
        note=Text(
            "For one spread of its column; after step {now} nothing counts.",
            "Por una desviación de su columna; tras el paso {now} nada cuenta.",
        ),
        size="wide",
    )
    return [sequence, slopes, _curve(), _unit_over_time()]


def picture_panels() -> list[Panel]:
    """A picture under the slopes of the answer in its pixels."""
    return [
        Panel(
            Text("What the answer hangs on, pixel by pixel", "De qué depende la respuesta, píxel a píxel"),
            [Images(Ref("ink"), columns=1, over=Ref("over"), over_limits=Ref("over_limits"), draws="picture")],
            note=Text(
                "It is read row by row from the top; after row {now} nothing counts. Draw on it.",
                "Se lee fila a fila desde arriba; tras la fila {now} nada cuenta. Dibuje en ella.",
            ),
        ),
        _curve(),
        _unit_over_time(),
    ]


def answers_panel(title: Text, names: str) -> Panel:
    """The likeliest answers, one of which can be chosen."""
    return Panel(title, [Bars(Ref("likely"), Named(Ref("likely_codes"), names), limits=(0, 1), picks="asked")])


def units_panels(columns: Any, note: Text | None) -> list[Panel]:
    """The units that fit the marks best."""
    return [
        Panel(
            Text("The units that fit the marks best", "Las unidades que mejor siguen las marcas"),
            [
                Bars(
                    Ref("best_fits"),
                    Named(Ref("best_units"), "units"),
                    limits=(-1, 1),
                    picks="unit",
                )
            ],
            note=words.joined(words.FITS, note),
        ),
        Panel(
            Text("Their states over time", "Sus estados en el tiempo"),
            [
                Matrix(
                    Ref("best_by_time"),
                    rows=Named(Ref("best_units"), "units"),
                    columns=columns,
                    limits=(-2.5, 2.5),
                    picks=("unit", "first"),
                )
            ],
            note=Text("In spreads from each unit's mean.", "En desviaciones desde la media de cada unidad."),
            size="wide",
        ),
    ]


def _curve() -> Panel:
    """How much each input counts."""
    return Panel(
        Text("How much each input counts", "Cuánto cuenta cada entrada"),
        [Series(Ref("connectivity"), cursor=Ref("now"), picks="t")],
        note=Text(
            "Length of the slope of the answer in the input. Half of all comes from step {since} on.",
            "Longitud de la pendiente de la respuesta en la entrada. La mitad viene desde el paso {since}.",
        ),
        x=Axis(_STEP),
        y=Axis(Text("connectivity", "conectividad"), log=True),
    )


def _unit_over_time() -> Panel:
    return Panel(
        Text("Unit {chosen|units} and the marks", "La unidad {chosen|units} y las marcas"),
        [
            Series(
                Ref("unit_and_marks"),
                names=[Text("state", "estado"), Text("marked", "marcado")],
                picks="first",
            )
        ],
        note=_told_apart(),
        x=Axis(_STEP),
        y=Axis(Text("state", "estado")),
    )


def _told_apart() -> Text:
    return Text(
        "Its correlation with the {places} marked places is {fit:.2f}: there its mean is {mean_in:.2f}, elsewhere "
        "{mean_out:.2f}. Parted at {threshold:.2f}, it is on at {on_inside:.0%} of the marked places and at "
        "{on_outside:.0%} of the others.",
        "Su correlación con los {places} pasos marcados es {fit:.2f}: allí su media es {mean_in:.2f}, en los demás "
        "{mean_out:.2f}. Con el umbral {threshold:.2f}, está activa en el {on_inside:.0%} de los marcados y en el "
        "{on_outside:.0%} del resto.",
    )
