"""What the look "memory" says."""

from neurarium.page.words import Text

MATTERS = Text("What the answer hangs on", "De qué depende la respuesta")
CLASSES = Text("Classes, by what it has read so far", "Clases, por lo leído hasta aquí")
EXPECTED = Text("What comes next, as it expects", "Lo que espera que siga")
ASKED_SYMBOL = Text("what speaks for", "qué habla a favor de")
ASKED_CLASS = Text("what speaks for the class", "qué habla a favor de la clase")
ASKED_ANSWER = Text("what moves the answer", "qué mueve la respuesta")
MARKING = Text("mark", "marcar")
MARKINGS = [
    Text("a span of steps", "un tramo de pasos"),
    Text("all between two symbols", "todo lo que está entre dos símbolos"),
]
OPENED = Text("from the symbol", "desde el símbolo")
CLOSED = Text("to the symbol", "hasta el símbolo")

VERDICTS = [
    Text("mark some places, and not all", "marque algunos pasos, no todos"),
    Text("no unit stands out: chance does as well", "ninguna unidad destaca, el azar hace lo mismo"),
    Text("it stands out", "destaca"),
]
"""By the number "verdict"."""

_FOUND = Text(
    "Of all units, {first_unit|units} fits the {places} marked steps best (correlation {first_fit:.2f}); {rivals} of "
    "{shifts} shifts of the marks find a unit as good, so {verdict|verdicts}.",
    "De todas las unidades, la {first_unit|units} es la que mejor sigue los {places} pasos marcados (correlación "
    "{first_fit:.2f}); {rivals} de {shifts} desplazamientos de las marcas encuentran una igual de buena: "
    "{verdict|verdicts}.",
)


def joined(text: Text, more: Text | None) -> Text:
    """Two texts, one after the other."""
    return text if more is None else Text(f"{text.en} {more.en}", f"{text.es} {more.es}")


OF_A_TEXT = joined(
    Text(
        "That “{answer|seen}” comes after step {now} ({answer_share:.0%}) hangs for one half on the symbols "
        "from step {since} on, most on “{strongest_symbol|seen}” of step {strongest}.",
        "Que siga «{answer|seen}» tras el paso {now} ({answer_share:.0%}) depende, en su mitad, de los símbolos "
        "desde el paso {since}, sobre todo de «{strongest_symbol|seen}», del paso {strongest}.",
    ),
    _FOUND,
)
OF_A_CLASS = joined(
    Text(
        "Read up to step {now}, the class {answer|classes} ({answer_share:.0%}) hangs for one half on what came "
        "from step {since} on, most on step {strongest}.",
        "Leído hasta el paso {now}, la clase {answer|classes} ({answer_share:.0%}) depende, en su mitad, de lo "
        "que vino desde el paso {since}, sobre todo del paso {strongest}.",
    ),
    _FOUND,
)
OF_AN_ANSWER = joined(
    Text(
        "Read up to step {now}, its answer {answer|asked} is {answer_share:.3f}, and hangs for one half on what came "
        "from step {since} on, most on step {strongest}.",
        "Leído hasta el paso {now}, su respuesta {answer|asked} es {answer_share:.3f} y depende, en su mitad, de lo "
        "que vino desde el paso {since}, sobre todo del paso {strongest}.",
    ),
    _FOUND,
)
OF_A_SERIES = joined(
    Text(
        "What it expects of {feature|columns} after step {now} ({next:.2f}) hangs for one half on what came "
        "from step {since} on, most on step {strongest}.",
        "Lo que espera de {feature|columns} tras el paso {now} ({next:.2f}) depende, en su mitad, de lo "
        "que vino desde el paso {since}, sobre todo del paso {strongest}.",
    ),
    _FOUND,
)


FITS = Text(
    "Correlation of the unit with being marked: 1 on inside and off outside, −1 the other way round. Of the {shifts} "
    "shifts of the same marks along the sequence, {rivals} find a unit as good as the best here.",
    "Correlación de la unidad con estar marcado: 1 activa dentro y apagada fuera, −1 al revés. De los {shifts} "
    "desplazamientos de las mismas marcas, {rivals} encuentran una unidad tan buena como la mejor de aquí.",
)


def checked(further: int) -> Text:
    """What the text that comes later says of the chosen unit."""
    return Text(
        f"Checked on the {further} symbols that come later, of which {{inside_further:.0%}} lie from “{{opened|seen}}” "
        "to “{closed|seen}”: unit {chosen|units} fits them with a correlation of {fit_further:.2f}; the best one "
        "there is {best_further|units} ({best_fit_further:.2f}).",
        f"Comprobado en los {further} símbolos siguientes, de los que el {{inside_further:.0%}} está desde "
        "«{opened|seen}» hasta «{closed|seen}»: la unidad {chosen|units} los sigue con una correlación de "
        "{fit_further:.2f}; la mejor allí es la {best_further|units} ({best_fit_further:.2f}).",
    )


def likeliest(n: int) -> list[Text]:
    """What the first choices of an answer are called."""
    more = [Text(f"number {k} of the likeliest", f"n.º {k} de lo más probable") for k in range(2, n + 1)]
    return [Text("the likeliest", "lo más probable"), *more]


def best(n: int) -> list[Text]:
    """What the first choices of a unit are called."""
    more = [Text(f"number {k} of those that fit", f"n.º {k} de las que mejor siguen") for k in range(2, n + 1)]
    return [Text("the one that fits the marks best", "la que mejor sigue las marcas"), *more]
