# ruff: noqa: E501  # a table reads best a row a line
"""What the page says, in the form of `neurarium.core.messages`: a key, and the sentence in each language."""

from neurarium.core.messages import Language, language

# fmt: off
TEXTS: dict[str, dict[Language, str]] = {
    "title": {"en": "The neurarium tour", "es": "El recorrido de neurarium"},
    "skip": {"en": "Skip to the networks", "es": "Ir a las redes"},
    "lead.fast": {"en": "This is the fast run: one split, half of the digits to learn from, for the rivals too, and half of the passes.", "es": "Este es el recorrido rápido: una sola división, la mitad de los dígitos para aprender, también para los rivales, y la mitad de las pasadas."},
    "how": {
        "en": "Each network did what it is for on the same 1,797 handwritten digits of 8 × 8 pixels, with its defaults: it learnt from {seen} of them and was asked about {asked} others, which it had never seen (a memory is asked about damaged copies of what it stored). Its floor is the trivial answer, its rival a well-known method that met the same digits in the same run.",
        "es": "Cada red hizo aquello para lo que sirve con los mismos 1797 dígitos manuscritos de 8 × 8 píxeles, con sus valores por defecto: aprendió de {seen} y se le preguntó por otros {asked}, que nunca había visto (a una memoria se le pregunta por copias dañadas de lo que guardó). Su suelo es la respuesta trivial; su rival, un método conocido que se enfrentó a los mismos dígitos en la misma ejecución."},
    "surprises": {"en": "Surprises", "es": "Sorpresas"},
    "surprises.how": {"en": "Computed from this run.", "es": "Calculadas a partir de esta ejecución."},
    "networks": {"en": "What each network did", "es": "Qué hizo cada red"},
    "unbuilt": {"en": "Not built yet", "es": "Aún sin construir"},
    "unbuilt.one": {"en": "not built yet", "es": "aún sin construir"},
    "unbuilt.how": {
        "en": "The other networks of the chart, and around it. Their tiles stay grey until they train, are tested against their paper and can be looked into.",
        "es": "Las demás redes del esquema y de su entorno. Sus casillas siguen en gris hasta que se entrenen, se comprueben con su artículo y se pueda mirar en su interior."},
    "cells": {"en": "The cells", "es": "Las células"},
    "cells.how": {
        "en": "Yellow with a heavy lower rim takes in, green works inside, brown with an outer ring gives out, blue with a loop remembers, purple with a dashed rim slides over a picture.",
        "es": "El amarillo con borde inferior grueso recibe, el verde trabaja dentro, el marrón con anillo exterior responde, el azul con lazo recuerda y el morado de borde discontinuo se desliza sobre una imagen."},
    "cell.backfed input": {"en": "backfed input", "es": "entrada realimentada"},
    "cell.input": {"en": "input", "es": "entrada"},
    "cell.noisy input": {"en": "noisy input", "es": "entrada con ruido"},
    "cell.hidden": {"en": "hidden", "es": "oculta"},
    "cell.probabilistic hidden": {"en": "probabilistic hidden", "es": "oculta probabilística"},
    "cell.spiking hidden": {"en": "spiking hidden", "es": "oculta de impulsos"},
    "cell.output": {"en": "output", "es": "salida"},
    "cell.match input output": {"en": "match input output", "es": "salida igual a la entrada"},
    "cell.recurrent": {"en": "recurrent", "es": "recurrente"},
    "cell.memory": {"en": "memory", "es": "memoria"},
    "cell.different memory": {"en": "different memory", "es": "otra memoria"},
    "cell.kernel": {"en": "kernel", "es": "núcleo"},
    "cell.convolution or pool": {"en": "convolution or pool", "es": "convolución o agrupación"},
    "drawn": {"en": "{name}, drawn as {layers}", "es": "{name}, dibujada así: {layers}"},
    "numbers": {"en": "All numbers", "es": "Todos los números"},
    "numbers.caption": {"en": "Every figure of this page", "es": "Todas las cifras de esta página"},
    "numbers.per_seed": {"en": "of each split", "es": "de cada división"},
    "metric": {"en": "counted", "es": "se cuenta"},
    "metric.accuracy": {"en": "held-out digits named right", "es": "dígitos reservados que acierta"},
    "metric.majority label of the cell": {"en": "held-out digits that land among their own kind", "es": "dígitos reservados que caen entre los suyos"},
    "metric.exact recall": {"en": "damaged patterns recalled without a wrong bit", "es": "patrones dañados que recuerda sin un solo bit erróneo"},
    "metric.accuracy of a linear classifier": {"en": "held-out digits that a linear classifier names from its features", "es": "dígitos reservados que un clasificador lineal acierta con sus rasgos"},
    "metric.variance kept": {"en": "how much of what tells held-out digits apart comes back", "es": "cuánto de lo que distingue a los dígitos reservados se recupera"},
    "metric.classes covered": {"en": "digits of ten found among 1,000 samples that look real", "es": "dígitos de diez que aparecen entre 1000 muestras que parecen reales"},
    "metric.likelihood of the next pixel": {"en": "how likely the next pixel of a held-out digit was to it, in the geometric mean", "es": "cuán probable le parecía el siguiente píxel de un dígito reservado, en media geométrica"},
    "floor.likelihood of the next pixel": {"en": "know only how much ink there is", "es": "saber solo cuánta tinta hay"},
    "floor.variance kept": {"en": "always draw the mean digit", "es": "dibujar siempre el dígito medio"},
    "floor.classes covered": {"en": "draw each pixel by itself", "es": "sortear cada píxel por separado"},
    "floor.accuracy": {"en": "always say the most frequent digit", "es": "decir siempre el dígito más frecuente"},
    "floor.majority label of the cell": {"en": "always say the most frequent digit", "es": "decir siempre el dígito más frecuente"},
    "floor.exact recall": {"en": "leave the damage as it is", "es": "dejar el daño como está"},
    "floor.accuracy of a linear classifier": {"en": "the same classifier on the pixels themselves", "es": "el mismo clasificador con los propios píxeles"},
    "picture.answers": {"en": "It named {right} of {asked} right. Shown are mistakes first (framed, with what it said), then digits it got right.", "es": "Acertó {right} de {asked}. Primero se ven errores (enmarcados, con lo que dijo) y después aciertos."},
    "picture.allright": {"en": "It named all {asked} right; here are some.", "es": "Acertó los {asked}; aquí hay algunos."},
    "picture.map": {"en": "What the {height} × {width} cells of the map stand for: neighbours are alike.", "es": "Lo que representa cada una de las {height} × {width} células del mapa: las vecinas se parecen."},
    "picture.recall": {"en": "Stored, damaged ({flipped} bits flipped) and recalled, from top to bottom. Without a wrong bit: {right} of {asked}.", "es": "De arriba abajo: guardado, dañado ({flipped} bits invertidos) y recordado. Sin un solo bit erróneo: {right} de {asked}."},
    "picture.reading": {"en": "The {shown} liveliest of {units} units while it read one digit: a column a unit, a line a row of pixels, from top to bottom; blue is active, orange the opposite.", "es": "Las {shown} unidades más activas de {units} mientras leía un dígito: una columna por unidad, una línea por fila de píxeles, de arriba abajo; azul es activa, naranja lo contrario."},
    "picture.fields": {"en": "What the {shown} liveliest of {codes} units look for: blue wants ink, orange wants none.", "es": "Lo que buscan las {shown} unidades más activas de {codes}: azul quiere tinta, naranja no la quiere."},
    "picture.compress": {"en": "Digits, what came back from {codes} numbers, and what the rival gave back, from top to bottom.", "es": "De arriba abajo: dígitos, lo que vuelve de {codes} números y lo que devuelve el rival."},
    "picture.simulate": {"en": "Walks of 64 pixels, line after line: it knows what a stroke does next, and no digit.", "es": "Paseos de 64 píxeles, línea tras línea: sabe cómo sigue un trazo, pero ningún dígito."},
    "picture.sample": {"en": "The first samples, with the digit a classifier taught on real ones sees in them; {real} of {drawn} look real, and those framed do not.", "es": "Las primeras muestras, con el dígito que ve en ellas un clasificador enseñado con dígitos reales; {real} de {drawn} parecen reales, y las enmarcadas no."},
    "note.kept": {"en": "numbers kept of 64: {value:.0f}", "es": "números que se guardan de 64: {value:.0f}"},
    "note.remembered": {"en": "pixels it remembers: {value:.0f}", "es": "píxeles que recuerda: {value:.0f}"},
    "note.real": {"en": "samples that look real: {share}", "es": "muestras que parecen reales: {share}"},
    "note.reached": {"en": "held-out digits with a sample near: {share}", "es": "dígitos reservados con una muestra cerca: {share}"},
    "note.codes": {"en": "features: {value:.0f}", "es": "rasgos: {value:.0f}"},
    "note.cells": {"en": "cells: {value:.0f}", "es": "células: {value:.0f}"},
    "note.topographic": {"en": "topographic error: {share}", "es": "error topográfico: {share}"},
    "note.load": {"en": "load: {decimals} patterns a unit", "es": "carga: {decimals} patrones por unidad"},
    "note.bits": {"en": "bits right after recall: {share}", "es": "bits correctos tras recordar: {share}"},
    "learnt": {"en": "learnt in {seconds} s", "es": "aprendió en {seconds} s"},
    "rival": {"en": "Rival: {name}. Floor: {floor}.", "es": "Rival: {name}. Suelo: {floor}."},
    "alone": {"en": "Run it alone:", "es": "Para ejecutarla sola:"},
    "more": {"en": "When to use it, and when not", "es": "Cuándo usarla y cuándo no"},
    "best": {"en": "Best when", "es": "Conviene cuando"},
    "avoid": {"en": "Do not use when", "es": "No conviene cuando"},
    "paper": {"en": "Paper", "es": "Artículo"},
    "departs": {"en": "Chart and paper", "es": "Esquema y artículo"},
    "trouble": {"en": "It failed:", "es": "Ha fallado:"},
    "noverb": {"en": "Its verb, “{verb}”, has no place in the tour yet.", "es": "Su verbo, «{verb}», aún no tiene sitio en el recorrido."},
    "made": {"en": "Made by neurarium {version} with torch {torch}, numpy {numpy} and scikit-learn {sklearn}; seeds {seeds}. This file needs no network.", "es": "Hecho por neurarium {version} con torch {torch}, numpy {numpy} y scikit-learn {sklearn}; semillas {seeds}. Este archivo no necesita red."},
}
# fmt: on


def text(key: str, speech: str, **values: object) -> str:
    """A sentence of the page.

    Example:
        >>> text("learnt", "es", seconds="0,12")
        'aprendió en 0,12 s'
    """
    return TEXTS[key][language(speech)].format(**values)


def text_or(key: str, otherwise: str, speech: str) -> str:
    """A sentence of the page, or another where a verb has brought none."""
    return TEXTS[key][language(speech)] if key in TEXTS else otherwise
