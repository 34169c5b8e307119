"""What the margin look says, and what it calls layers."""

from typing import Any

from neurarium.page.words import Text
from neurarium.views.margin_plane import Plane
from neurarium.views.shown import Shown

NAMES = (Text("its units", "sus unidades"), Text("the bent grid", "la cuadrícula doblada"))
AGAIN = Text("fit again from the points", "ajustar otra vez con los puntos")
LAYERS = {
    "scaled": Text("scaled", "escalado"),
    "sum": Text("weighted sums", "sumas ponderadas"),
    "hidden": Text("hidden units", "unidades ocultas"),
    "distances": Text("distances to the centres", "distancias a los centros"),
    "activations": Text("bumps", "campanas"),
    "shares": Text("shares of the bumps", "partes de las campanas"),
    "score": Text("scores", "puntuaciones"),
    "output": Text("output", "salida"),
    "probability": Text("probabilities", "probabilidades"),
}
"""What stages are called; a name that is not here is shown as it stands in the code."""


def join(*parts: Text | None) -> Text:
    """Sentences one after another; None is none."""
    there = [each for each in parts if each is not None]
    return Text(" ".join(each.en for each in there), " ".join(each.es for each in there))


def _on(rows: Shown) -> tuple[str, str]:
    return (" of {zero|data}", " de {zero|data}") if rows.data else ("", "")


def _columns(shown: Plane) -> Text | None:
    """Which columns are shown, and where the others are."""
    if shown.whole:
        return None
    n = len(shown.base) - len(shown.features)
    both = len(shown.features) == 2
    en = "{first|columns} and {second|columns}" if both else "{first|columns}"
    es = "{first|columns} y {second|columns}" if both else "{first|columns}"
    others = (f"the other {n} columns are", f"las otras {n} columnas están") if n > 1 else (
        "the other column is", "la otra columna está")  # fmt: skip
    chosen = (", the two columns that move the answer most", ", las dos columnas que más mueven la respuesta")
    return Text(
        f"It is shown along {en}{chosen[0] * shown.chosen}; {others[0]} held at the median.",
        f"Se muestra a lo largo de {es}{chosen[1] * shown.chosen}; {others[1]} en la mediana.",
    )


def _subset(shown: Plane) -> Text | None:
    n = len(shown.xy)
    if n == shown.n_rows:
        return None
    return Text(
        f"Drawn are {n} of the {shown.n_rows} rows, taken at random.",
        f"Se dibujan {n} de las {shown.n_rows} filas, tomadas al azar.",
    )


def told(fitted: Any, shown: Plane, rows: Shown, *, changes: bool) -> Text:
    """What is seen of a classifier."""
    of = _on(rows)
    name = type(fitted).__name__
    right = Text(
        f"{name} answers {{right:d}} of {{asked:d}} points{of[0]} rightly on this plane; mistakes are ringed.",
        f"{name} responde bien a {{right:d}} de {{asked:d}} puntos{of[1]} en este plano; los errores llevan un anillo.",
    )
    if not shown.told:
        right = Text(
            f"{name} was asked about {{asked:d}} points{of[0]}; their classes are its own answers, as none were given.",
            f"A {name} se le preguntó por {{asked:d}} puntos{of[1]}; sus clases son sus propias respuestas.",
        )
    full = None
    if not shown.whole and shown.told:
        n = len(shown.xy)
        full = Text(
            f"With all columns as they are it answers {{right_in_full:d}} of the {n} rows rightly.",
            f"Con todas las columnas como son responde bien a {{right_in_full:d}} de las {n} filas.",
        )
    return join(right, _columns(shown), full, _subset(shown))


def told_numbers(fitted: Any, shown: Plane, rows: Shown) -> Text:
    """What is seen of a regressor."""
    of, name = _on(rows), type(fitted).__name__
    n = len(shown.xy)
    wrong = Text(
        f"{name} misses the {n} points{of[0]} by {{error:.3f}} (root of the mean square).",
        f"{name} se aparta de los {n} puntos{of[1]} en {{error:.3f}} (raíz de la media de los cuadrados).",
    )
    return join(wrong, _columns(shown), _subset(shown))
