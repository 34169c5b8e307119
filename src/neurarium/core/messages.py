"""What neurarium says to people, in one table: a key, and the sentence in each language.

    say("fit.kept", path="net.safetensors")

The language is asked for by name, or else the environment variable `NEURARIUM_LANG` names it, or else it is English.
This file loads nothing heavy: the command line reads it before anything else.
"""

import os
from typing import Literal, get_args

Language = Literal["en", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# fmt: off
MESSAGES: dict[str, dict[Language, str]] = {
    # The command line.
    "error": {"en": "neurarium: {text}", "es": "neurarium: {text}"},
    "bug": {"en": "{kind}: {text} (this should not happen; NEURARIUM_TRACEBACK=1 shows where it comes from)",
            "es": "{kind}: {text} (esto no debería ocurrir; con NEURARIUM_TRACEBACK=1 se ve de dónde viene)"},
    "interrupted": {"en": "interrupted; nothing was written", "es": "interrumpido; no se ha escrito nada"},
    "near": {"en": " Did you mean {words}?", "es": " ¿Quería decir {words}?"},
    "or": {"en": " or ", "es": " o "},
    "are": {"en": " There are: {words}.", "es": " Hay: {words}."},
    "unknown.card": {"en": "there is no network {name!r}.", "es": "no hay ninguna red {name!r}."},
    "unknown.estimator": {"en": "there is no estimator {name!r}.", "es": "no hay ningún estimador {name!r}."},
    "unknown.parameter": {"en": "{kind} has no parameter {name!r}.", "es": "{kind} no tiene ningún parámetro {name!r}."},
    "unknown.data": {
        "en": "{name!r} is neither a data set's name, nor a file, nor a folder.",
        "es": "{name!r} no es el nombre de un conjunto de datos, ni un archivo, ni una carpeta."},
    "unbuilt": {"en": "{name} ({code}) is on the chart, but not built yet.",
                "es": "{name} ({code}) está en el esquema, pero aún no se ha construido."},
    "set.form": {"en": "--set wants name=value; got {text!r}.", "es": "--set espera nombre=valor; se ha dado {text!r}."},
    "set.value": {"en": "{kind}: {name} must be {needs}; got {text!r}.",
                  "es": "{kind}: {name} debe ser {needs}; se ha dado {text!r}."},
    "list.missing.verb": {"en": "a verb in the tour", "es": "un verbo en el recorrido"},
    "list.missing.views": {"en": "a live look inside", "es": "una vista interior en vivo"},
    "list.missing.program": {"en": "export as ONNX", "es": "la exportación a ONNX"},
    "list.missing.all": {"en": "not built yet", "es": "aún no se ha construido"},
    "list.more": {"en": "{number} more of the chart are not built yet; --all lists them too.",
                  "es": "Otras {number} del esquema aún no se han construido; --all las muestra también."},
    "card.verb": {"en": "in the tour", "es": "en el recorrido"},
    "card.layers": {"en": "drawn as", "es": "se dibuja"},
    "card.estimators": {"en": "estimators", "es": "estimadores"},
    "card.papers": {"en": "papers", "es": "artículos"},
    "card.departs": {"en": "chart and paper", "es": "esquema y artículo"},
    "cannot": {"en": "{kind} cannot {verb}; it can {can}.", "es": "{kind} no sabe {verb}; sabe {can}."},
    "target.needed": {
        "en": "{kind} learns from answers: --target COLUMN says which column holds them. Columns: {columns}.",
        "es": "{kind} aprende de respuestas: --target COLUMNA dice qué columna las contiene. Columnas: {columns}."},
    "target.none": {"en": "{kind} learns from answers, and {data} holds none.",
                    "es": "{kind} aprende de respuestas, y {data} no contiene ninguna."},
    "target.unknown": {"en": "{data} has no column {name!r}. Columns: {columns}.",
                       "es": "{data} no tiene ninguna columna {name!r}. Columnas: {columns}."},
    "look.file": {"en": "--data is for a network of your own; {network!r} is no file.",
                  "es": "--data es para una red propia; {network!r} no es ningún archivo."},
    "look.several": {"en": "{view!r} is a file; several networks need the look behind them: A.net B.net compare.",
                     "es": "{view!r} es un archivo; tras varias redes va la vista: A.net B.net compare."},
    "look.mixed": {"en": "{network!r} is no file; several networks are all files, or all of the chart.",
                   "es": "{network!r} no es ningún archivo; varias redes son todas archivos, o todas del esquema."},
    "look.fitting": {"en": "fitting {kind} ...", "es": "ajustando {kind} ..."},
    "look.done": {"en": "looks {looks}: {path}", "es": "vistas {looks}: {path}"},
    "look.without": {"en": "without the look {look}: {why}", "es": "sin la vista {look}: {why}"},
    "look.none": {"en": "{kind} has no look on what was given; --data DATA gives it rows to show.",
                  "es": "{kind} no tiene ninguna vista con lo dado; --data DATOS le da filas que mostrar."},
    "data.extra": {"en": "reading {data} needs {package}: pip install 'neurarium[{extra}]'",
                   "es": "para leer {data} hace falta {package}: pip install 'neurarium[{extra}]'"},
    "data.kind": {"en": "{data} is of a kind that is not read; known are {kinds}, and folders of images.",
                  "es": "{data} es de un tipo que no se lee; se conocen {kinds} y carpetas de imágenes."},
    "data.text": {"en": "{data} holds text, and {kind} reads numbers.", "es": "{data} contiene texto, y {kind} lee números."},
    "data.empty": {"en": "{data} holds no rows.", "es": "{data} no contiene ninguna fila."},
    "data.damaged": {"en": "{data} cannot be read: {why}", "es": "no se puede leer {data}: {why}"},
    "data.numbers": {
        "en": "{data}: column {column!r} holds {value!r} in row {row}, which is no number; leave the column out, or make numbers of it.",
        "es": "{data}: la columna {column!r} contiene {value!r} en la fila {row}, que no es un número; quítela o conviértala en números."},
    "data.width": {"en": "{data}: row {row} has {got} columns where {needs} are needed.",
                   "es": "{data}: la fila {row} tiene {got} columnas, y hacen falta {needs}."},
    "data.images": {"en": "{data} holds no images ({kinds}).", "es": "{data} no contiene imágenes ({kinds})."},
    "data.sizes": {"en": "{data} is {got} pixels where the first image is {needs}; make all images the same size.",
                   "es": "{data} mide {got} píxeles y la primera imagen {needs}; todas deben tener el mismo tamaño."},
    "data.arrays": {"en": "{data} holds the arrays {names}: name the rows X or data, and the answers y or target.",
                    "es": "{data} contiene {names}: llame X o data a las filas, e y o target a las respuestas."},
    "data.needless": {"en": "{name} is {kind} and needs no files.", "es": "{name} es {kind} y no necesita archivos."},
    "data.absent": {"en": "{name} is not on this machine; neurarium data get {name} fetches it.",
                    "es": "{name} no está en este equipo; neurarium data get {name} lo trae."},
    "out.kind": {"en": "--out must end in .csv, .tsv or .npy; got {path!r}.",
                 "es": "--out debe terminar en .csv, .tsv o .npy; se ha dado {path!r}."},
    "out.folder": {"en": "{path} cannot be written: there is no folder {folder}.",
                   "es": "no se puede escribir {path}: no existe la carpeta {folder}."},
    "fit.done": {
        "en": "{kind} learnt from {rows} rows of {shape} numbers in {seconds} s (passes: {passes}); written to {path}",
        "es": "{kind} ha aprendido de {rows} filas de {shape} números en {seconds} s (pasadas: {passes}); escrito en {path}"},
    "fit.text": {
        "en": "{kind} learnt from {rows} characters in {seconds} s (passes: {passes}); written to {path}",
        "es": "{kind} ha aprendido de {rows} caracteres en {seconds} s (pasadas: {passes}); escrito en {path}"},
    "fit.kept": {"en": "interrupted in pass {passes}; what {kind} had learnt until then is written to {path}",
                 "es": "interrumpido en la pasada {passes}; lo que {kind} había aprendido hasta entonces está en {path}"},
    "fit.nothing": {"en": "interrupted before {kind} had learnt anything that could answer; nothing was written",
                    "es": "interrumpido antes de que {kind} aprendiera algo con que responder; no se ha escrito nada"},
    "export.ending": {"en": "--to {language} writes a file that ends in {ending}; got {path!r}.",
                      "es": "--to {language} escribe un archivo que termina en {ending}; se ha dado {path!r}."},
    "export.done": {"en": "{kind} printed to {path}; to check it: {check}",
                    "es": "{kind} escrito como programa en {path}; para comprobarlo: {check}"},
    "predict.right": {"en": "{right} of {rows} right ({share})", "es": "{right} de {rows} bien ({share})"},
    # The tour.
    "tour.begin": {"en": "{number} networks on 1,797 handwritten digits, seeds {seeds}{fast}",
                   "es": "{number} redes ante 1797 dígitos manuscritos, semillas {seeds}{fast}"},
    "tour.fast": {"en": " (fast run)", "es": " (recorrido rápido)"},
    "tour.now": {"en": "[{number}/{total}] {name}: {verb} (seed {seed})", "es": "[{number}/{total}] {name}: {verb} (semilla {seed})"},
    "tour.onlyfast": {"en": "--fast takes one split; leave out --seeds.", "es": "--fast usa una sola división; quite --seeds."},
    "tour.inside": {"en": "making what can be opened: {name} [{done}/{total}]", "es": "preparando lo que se puede abrir: {name} [{done}/{total}]"},
    "tour.page": {"en": "The page: {path}", "es": "La página: {path}"},
    "tour.trouble": {"en": "{code} failed: {text}", "es": "{code} ha fallado: {text}"},
    "tour.network": {"en": "network", "es": "red"},
    "tour.verb": {"en": "verb", "es": "verbo"},
    "tour.floor": {"en": "floor", "es": "suelo"},
    "tour.ours": {"en": "ours", "es": "nuestra"},
    "tour.rival": {"en": "rival", "es": "rival"},
    "tour.against": {"en": "against", "es": "contra"},
    "tour.seconds": {"en": "seconds", "es": "segundos"},
    "tour.verdict": {"en": "verdict", "es": "veredicto"},
    "verdict.ahead": {"en": "ahead of the rival", "es": "por delante del rival"},
    "verdict.level": {"en": "level with the rival", "es": "a la par del rival"},
    "verdict.behind": {"en": "above floor, behind the rival", "es": "sobre el suelo, tras el rival"},
    "verdict.below floor": {"en": "BELOW ITS FLOOR", "es": "BAJO SU SUELO"},
    "verdict.failed": {"en": "FAILED", "es": "HA FALLADO"},
    "verdict.no verb yet": {"en": "no verb yet", "es": "aún sin verbo"},
    "verb.classify": {"en": "classify", "es": "clasificar"},
    "verb.classify rows": {"en": "classify rows", "es": "clasificar por filas"},
    "verb.map": {"en": "map", "es": "hacer un mapa"},
    "verb.recall": {"en": "recall", "es": "recordar"},
    "verb.features": {"en": "features", "es": "extraer rasgos"},
    "verb.compress": {"en": "compress", "es": "comprimir"},
    "verb.sample": {"en": "sample", "es": "generar"},
    "verb.forecast": {"en": "forecast", "es": "pronosticar"},
    "verb.copy": {"en": "copy", "es": "copiar"},
    "verb.translate": {"en": "translate", "es": "traducir"},
    "verb.simulate": {"en": "simulate", "es": "simular"},
    "summary.above": {"en": "{above} of {asked} networks do better than their floor", "es": "{above} de {asked} redes superan su suelo"},
    "summary.rival": {"en": "level with or ahead of their rival: {even}", "es": "a la par de su rival o por delante: {even}"},
    "summary.cost": {"en": "the fits took {seconds} s in all, {seeds}", "es": "los ajustes han durado {seconds} s en total, {seeds}"},
    "summary.seed": {"en": "one split (seed {seed})", "es": "una división (semilla {seed})"},
    "summary.seeds": {"en": "medians of {number} splits", "es": "medianas de {number} divisiones"},
    "summary.below": {"en": "Not above their floor: {codes}.", "es": "No superan su suelo: {codes}."},
    "surprise.quick": {
        "en": "{quick} learnt in {quick_seconds} s and names {quick_share} of the digits: level with or above {slow} "
              "({slow_share}), which took {ratio} times as long.",
        "es": "{quick} ha aprendido en {quick_seconds} s y acierta el {quick_share} de los dígitos: a la par de {slow} "
              "({slow_share}) o por encima, que ha tardado {ratio} veces más."},
    "surprise.once": {
        "en": "In under a second and a single pass over the digits: {names}. None of the networks that went over them again and again is clearly better.",
        "es": "En menos de un segundo y una sola pasada por los dígitos: {names}. Ninguna de las redes que los repasaron una y otra vez es claramente mejor."},
    "surprise.rows": {
        "en": "{name} saw one row of pixels at a time and still names {share} of the digits; {other}, which saw them all at once, {other_share}.",
        "es": "{name} vio los píxeles fila a fila y aun así acierta el {share} de los dígitos; {other}, que los vio todos a la vez, el {other_share}."},
    "surprise.features": {
        "en": "{name} never saw a label, yet from its features a linear classifier misses {ours} of the digits, and {floor} from the pixels themselves.",
        "es": "La red {name} no vio ninguna etiqueta, pero con sus rasgos un clasificador lineal falla en el {ours} de los dígitos, y con los propios píxeles en el {floor}."},
    "surprise.map": {
        "en": "{name} was never told which digit is which, and {share} of new digits land where their own kind lives.",
        "es": "A la red {name} nunca se le dijo qué dígito es cada uno, y el {share} de los dígitos nuevos cae donde viven los suyos."},
}
# fmt: on


def language(asked: str | None = None) -> Language:
    """The language to speak.

    Args:
        asked: "en" or "es"; None for what `NEURARIUM_LANG` says, such as "es" or "es_MX.UTF-8".

    Example:
        >>> language("es")
        'es'
    """
    wanted = (asked or os.environ.get("NEURARIUM_LANG") or "en").lower()
    return next((known for known in LANGUAGES if wanted[:2] == known), "en")


def say(key: str, speech: str | None = None, **values: object) -> str:
    """A sentence.

    Args:
        key: Which.
        speech: The language, as in `language`.
        values: What to fill in.

    Example:
        >>> say("cannot", "es", kind="KohonenMap", verb="recall", can="transform")
        'KohonenMap no sabe recall; sabe transform.'
    """
    return MESSAGES[key][language(speech)].format(**values)


def share(value: float, speech: str | None = None) -> str:
    """A share as a percentage.

    Example:
        >>> share(0.9861), share(0.9861, "es")
        ('98.6 %', '98,6 %')
    """
    return decimals(100 * value, 1, speech) + " %"


def decimals(value: float, digits: int, speech: str | None = None) -> str:
    """A number with a fixed number of decimals, in the manner of the language."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language(speech) == "es" else text


def seconds(value: float, speech: str | None = None) -> str:
    """Seconds with about two figures that count.

    Example:
        >>> seconds(0.0123), seconds(0.53), seconds(12.34)
        ('0.012', '0.53', '12.3')
    """
    return decimals(value, 3 if value < 0.1 else 2 if value < 10 else 1, speech)


def listed(words: list[str], speech: str | None = None) -> str:
    """Words as people list them: a, b and c.

    Example:
        >>> listed(["ELM", "RBF", "ESN"]), listed(["Elman", "Isomap"], "es")
        ('ELM, RBF and ESN', 'Elman e Isomap')
    """
    if len(words) < 2:
        return "".join(words)
    joint = "and"
    if language(speech) == "es":
        joint = "e" if words[-1].lower().startswith(("i", "hi")) else "y"
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"
