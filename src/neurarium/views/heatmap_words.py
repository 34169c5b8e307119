"""The texts that heat maps of pictures, tables and sequences share."""

from neurarium.page.words import Text
from neurarium.views.relevance_rules import UnknownLayer

METHODS = {
    "gradient": Text("gradient", "gradiente"),
    "times_input": Text("gradient × input", "gradiente × entrada"),
    "integrated": Text("integrated", "integrados"),
    "epsilon": Text("LRP ε", "LRP ε"),
    "alpha_beta": Text("LRP αβ", "LRP αβ"),
    "occlusion": Text("occlusion", "oclusión"),
}
NOTES = {
    "gradient": Text(
        "By how much the score would rise with a column higher by its usual spread.",
        "Cuánto subiría la puntuación si una columna subiera en su dispersión usual.",
    ),
    "times_input": Text("The gradient times the distance from the mean.", "El gradiente por la distancia a la media."),
    "integrated": Text(
        "The same, the gradient averaged along the way from the mean to the row.",
        "Lo mismo, con el gradiente medio en el camino de la media a la fila.",
    ),
    "epsilon": Text(
        "The score, handed back in the parts that made each sum.",
        "La puntuación, devuelta según las partes de cada suma.",
    ),
    "alpha_beta": Text(
        "The same, what speaks for and what speaks against each sum apart.",
        "Lo mismo, separando lo que habla a favor y en contra de cada suma.",
    ),
    "occlusion": Text(
        "What the score loses where a part is replaced by the mean.",
        "Lo que pierde la puntuación si una parte se sustituye por la media.",
    ),
}
NOTES_OF_TIME = {
    "epsilon": Text(
        "The score, handed back step by step. There is no LRP αβ over time, as its numbers grow at every step: use "
        "this map.",
        "La puntuación, devuelta paso a paso. No hay LRP αβ en el tiempo, pues sus números crecen a cada paso: use "
        "este mapa.",
    ),
}
SIGNS = Text("Blue for it, orange against it.", "Azul a favor, naranja en contra.")
FOR_A_CLASS = Text("What speaks for {chosen|classes}", "Lo que habla a favor de {chosen|classes}")
ALIKE = Text("one scale for all maps", "una escala para todos los mapas")
THE_ANSWER = Text("the answer", "la respuesta")
EXPLAINED = Text("class asked about", "clase por la que se pregunta")
CLASSES = Text("Shares of the classes", "Parte de cada clase")
EVERY = Text("Its answer at every step", "Su respuesta en cada paso")
EVERY_NOTE = Text(
    "Shares of the classes. Choose a cell: its class and its step are explained.",
    "Parte de cada clase. Elija una celda: se explican su clase y su paso.",
)
AT_STEP = Text("Shares of the classes at step {at}", "Parte de cada clase en el paso {at}")
OF_A_SEQUENCE = Text("Sequence {row|rows}: ", "Secuencia {row|rows}: ")
OF_A_STEP = Text("Sequence {row|rows}, step {at}: ", "Secuencia {row|rows}, paso {at}: ")
SUMS = Text("What each map sums up to", "Lo que suma cada mapa")
SUMS_NOTE = Text(
    "The line is the score less that of the baseline, {difference:+.2f}: integrated gradients sum up to it; relevance "
    "sums up to the score {score:+.2f} less what biases and epsilon have taken.",
    "La línea es la puntuación menos la de la base, {difference:+.2f}: los gradientes integrados suman eso; la "
    "relevancia suma la puntuación {score:+.2f} menos lo que se han llevado los sesgos y épsilon.",
)

NOTE_OF_LAYERS = Text(
    "From the score down to the input, by the epsilon rule: what is missing from bar to bar, biases and epsilon have "
    "taken.",
    "De la puntuación a la entrada, con la regla épsilon: lo que falta de barra a barra se lo han llevado los sesgos y "
    "épsilon.",
)
NOTE_OF_BUMPS = Text(
    " A Gaussian unit keeps what it answers to the baseline too; the rest goes to each column by how much it brings "
    "the row nearer to the unit's centre than the baseline is (a rule of ours, after DeepLIFT).",
    " Una unidad gaussiana retiene lo que responde también a la base; el resto va a cada columna según cuánto acerca "
    "la fila al centro de la unidad respecto a la base (regla nuestra, según DeepLIFT).",
)
SUMS_NOTE_WITHOUT_RELEVANCE = Text(
    "The line is the score less that of the baseline, {difference:+.2f}: integrated gradients sum up to it.",
    "La línea es la puntuación menos la de la base, {difference:+.2f}: los gradientes integrados suman eso.",
)


def sentence(baseline: Text) -> Text:
    """What is seen, with the numbers of the row."""
    return Text(
        "The network answers {said|classes}. Blue speaks for {chosen|classes} (share {share:.0%}), orange against it. "
        f"Its score is {{score:.2f}}, {{difference:+.2f}} from that of {baseline.en}; integrated gradients share out "
        "{sum_integrated:+.2f}.",
        "La red responde {said|classes}. El azul habla a favor de {chosen|classes} (parte {share:.0%}), el naranja en "
        f"contra. Su puntuación es {{score:.2f}}, {{difference:+.2f}} respecto a la de {baseline.es}; los gradientes "
        "integrados reparten {sum_integrated:+.2f}.",
    )


def noted(method: str) -> Text:
    """What a map is, behind its name."""
    name, note = METHODS[method], NOTES[method]
    return Text(f"{name.en}: {note.en[0].lower()}{note.en[1:]}", f"{name.es}: {note.es[0].lower()}{note.es[1:]}")


def unknown(error: UnknownLayer | None) -> Text:
    """The sentence about relevance where it is left out; the layer's name is the entry of a list."""
    if error is None:
        return Text("", "")
    return Text(
        " Relevance propagation is left out: it has no rule for the layer {zero|unknown}.",
        " Falta la propagación de relevancia: no tiene regla para la capa {zero|unknown}.",
    )


def left_out(count: int, of: int, apart: int) -> Text:
    """Says where there are not maps of all sequences, and not of all steps."""
    sequences, steps = Text("", ""), Text("", "")
    if count < of:
        sequences = Text(
            f" {count} of {of} sequences can be chosen here.",
            f" Aquí se pueden elegir {count} de {of} secuencias.",
        )
    if apart > 1:
        steps = Text(
            f" One step in {apart} has maps, the last one too.",
            f" Uno de cada {apart} pasos tiene mapas, también el último.",
        )
    return joined(sequences, steps)


def layer(error: UnknownLayer) -> str:
    """What a layer without a rule is called, and what it computes."""
    return error.layer if error.layer == error.operation else f"{error.layer} ({error.operation})"


def joined(*texts: Text, space: str = "") -> Text:
    """Texts one after the other."""
    return Text(space.join(text.en for text in texts), space.join(text.es for text in texts))
