"""Gates: what the cells of a recurrent network keep, write and tell, step by step, with the numbers in the formulas."""

from typing import Any

import numpy as np

from neurarium.networks._recurrent import RecurrentModule
from neurarium.page.controls import Choice, Control, Number, Toggle
from neurarium.page.marks import Bars, Formula, Matrix, Ref, Series
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.gates_cells import parts_of
from neurarium.views.gates_reading import MOST_UNITS, Reading, reading, units_of
from neurarium.views.gates_story import story
from neurarium.views.gates_words import DOES, LETTERS, called, equations, held, kind_of, step_parts, steps
from neurarium.views.shown import Shown

NAME = "gates"
TITLE = Text("Gates", "Compuertas")
ORDER = 40

_FEW_STEPS = 12


def can(fitted: Any) -> bool:
    """Whether it has recurrent cells whose parts are known."""
    recurrent = getattr(getattr(fitted, "module_", None), "recurrent", None)
    return isinstance(recurrent, RecurrentModule) and set(recurrent.cell.seen) <= set(LETTERS)


def example(code: str) -> Any:
    """A language model on a text in which the subject of a sentence decides what comes some words later."""
    from neurarium.networks.gru import GRULanguageModel
    from neurarium.networks.lstm import LSTMLanguageModel
    from neurarium.networks.recurrent import RNNLanguageModel

    kinds: dict[str, Any] = {"RNN": RNNLanguageModel, "LSTM": LSTMLanguageModel, "GRU": GRULanguageModel}
    if code not in kinds:
        return None
    settings = {"n_units": 24, "n_embedding": 8, "epochs": 30, "window": 30, "batch_size": 16, "learning_rate": 2e-2}
    return kinds[code](unit="word", random_state=0, **settings), story(), None


def scene(fitted: Any, rows: Shown) -> Scene:
    """The parts of the cells while the network reads.

    Args:
        fitted: A recurrent network.
        rows: Sequences, a series or a text to read; a language model writes its own where there is none.
    """
    read = reading(fitted, rows)
    recurrent = read.module.network.recurrent
    units, best = units_of(read.module.network, read.x)
    names, lags = called(recurrent), read.lags()
    layers = len(recurrent.layers)
    constants: dict[str, Any] = {**read.constants, "lags": lags, **_lag_numbers(lags)}
    controls = [*read.controls, *_controls(read, recurrent, names, best, len(units))]
    if layers == 1:
        constants["layer"] = np.array(0)
    if explained := steps(recurrent):
        constants["step_parts"] = step_parts(recurrent)
    kind = kind_of(recurrent)
    pictures = read.before[0].size == "medium"
    first = [*read.before, *read.after] if pictures else read.before
    return Scene(
        look=NAME,
        title=Text(
            f"The gates of an {kind}" if kind != "GRU" else "The gates of a GRU", f"Las compuertas de una {kind}"
        )
        if kind != "RNN"
        else Text("The states of an RNN", "Los estados de una RNN"),
        sentence=_sentence(kind, recurrent.n_units, layers, read.sentence),
        panels=[
            *first,
            *_formulas(recurrent),
            _bars_panel(recurrent),
            *([] if pictures else read.after),
            *_cell_panels(recurrent, read),
            _lag_panel(),
        ],
        controls=controls,
        lists={
            **read.lists,
            "units": list(map(str, units)),
            "parts": names,
            "steps": ["", *(text for _, text in explained)],
        },
        constants=constants,
        module=read.module,
    )


def _controls(read: Reading, recurrent: Any, names: list[Text], best: int, n_units: int) -> list[Control]:
    layers = len(recurrent.layers)
    own: list[Control] = [
        Number("t", Text("step t", "paso t"), read.first, 0, read.module.turns - 1, whole=True, plays=True),
        Choice("unit", Text("cell", "celda"), "units", best),
    ]
    if explained := steps(recurrent):
        own.append(Number("step", Text("explain", "explicar"), 1, 1, len(explained), whole=True, plays=True))
    if layers > 1:
        own.append(Choice("layer", Text("layer", "capa"), [str(number + 1) for number in range(layers)], layers - 1))
    return [
        *own,
        Choice("part", Text("part of the cells", "parte de las celdas"), "parts", _first_part(recurrent), tabs=True),
        Choice("hold", Text("hold fast", "fijar"), [Text("nothing", "nada"), *names]),
        Number("held_at", Text("hold it at", "fijarla en"), 0, -1, 1, 0.05),
        Toggle("everywhere", Text("in all cells of the layer", "en todas las celdas de la capa")),
    ]


def _first_part(recurrent: Any) -> int:
    parts = parts_of(recurrent)
    return parts.index("cell" if "cell" in parts else "hidden")


def _sentence(kind: str, n_units: int, layers: int, told: Text) -> Text:
    if layers == 1:
        size = Text(f"{n_units} cells", f"{n_units} celdas")
    else:
        size = Text(f"{layers} layers of {n_units} cells", f"{layers} capas de {n_units} celdas")
    keeps = {
        "LSTM": Text(
            "Cell {unit|units} keeps {forget:.0%} of what it held and writes {input:.0%} of what is new.",
            "La celda {unit|units} conserva el {forget:.0%} de lo que tenía y escribe el {input:.0%} de lo nuevo.",
        ),
        "LSTM of 1997": Text(
            "Cell {unit|units} keeps all that it held and writes {input:.0%} of what is new.",
            "La celda {unit|units} conserva todo lo que tenía y escribe el {input:.0%} de lo nuevo.",
        ),
        "GRU": Text(
            "Cell {unit|units} keeps {update:.0%} of its state.", "La celda {unit|units} conserva el {update:.0%}."
        ),
        "RNN": Text("Cell {unit|units} says {hidden:.2f}.", "La celda {unit|units} dice {hidden:.2f}."),
    }[kind]
    return Text(
        f"{kind} of {size.en}. {told.en} {keeps.en}",
        f"{kind} de {size.es}. {told.es} {keeps.es}",
    )


def _formulas(recurrent: Any) -> list[Panel]:
    """The steps of a cell with its numbers, and the same for each part that may be held fast."""
    lines, names = equations(recurrent), parts_of(recurrent)
    panels = []
    for number, fast in enumerate(["", *names]):
        shown = [held(name, recurrent) if name == fast else lines[name] for name in names]
        text = plain(shown)
        panels.append(
            Panel(
                Text("Cell {unit|units} at t = {now}", "La celda {unit|units} en t = {now}"),
                [Formula(tree(shown), Text(text, text))],
                note=DOES[kind_of(recurrent)],
                size="wide",
                when=("hold", (number,)),
            )
        )
    return panels


def _bars_panel(recurrent: Any) -> Panel:
    explained = bool(steps(recurrent))
    return Panel(
        Text("Step by step", "Paso a paso") if explained else Text("The same as bars", "Lo mismo en barras"),
        [
            Bars(
                Ref("in_the_cell"),
                "parts",
                limits=Ref("cell_limits"),
                highlight=Ref("step_parts", at=("step",)) if explained else None,
            )
        ],
        note=Text("{step}. {step|steps}", "{step}. {step|steps}") if explained else None,
    )


def _cell_panels(recurrent: Any, read: Reading) -> list[Panel]:
    more = recurrent.n_units > MOST_UNITS
    note = Text(
        f"The {MOST_UNITS} cells of {recurrent.n_units} that say most are drawn.",
        f"Se dibujan las {MOST_UNITS} celdas de {recurrent.n_units} que más dicen.",
    )
    return [
        Panel(
            Text("{part|parts}: cells × time", "{part|parts}: celdas × tiempo"),
            [
                Matrix(
                    Ref("units_by_time"),
                    rows="units",
                    columns=read.steps,
                    limits=Ref("units_limits"),
                    picks=("unit", "t"),
                    highlight=(Ref("unit"), Ref("now")),
                )
            ],
            note=note if more else None,
            size="wide" if read.module.turns > _FEW_STEPS else "medium",
        ),
        Panel(
            Text("Cell {unit|units} over time", "La celda {unit|units} en el tiempo"),
            [Series(Ref("curves"), names="parts", cursor=Ref("now"), picks="t")],
            x=Axis(Text("step t", "paso t")),
            y=Axis(Text("value", "valor")),
        ),
    ]


def _lag_numbers(lags: Any) -> dict[str, Any]:
    """A lag to tell of, and how much of the slope is left there."""
    back = min(10, len(lags) - 1)
    return {"back": np.array(back), "left": np.array(lags[back] / lags[0], np.float32)}


def _lag_panel() -> Panel:
    return Panel(
        Text("How far back it hears", "Hasta dónde oye hacia atrás"),
        [Series(Ref("lags"))],
        note=Text(
            "What came {back} steps before moves the answer {left:.1%} as much as what came last (length of the slope "
            "of the answer in the input, mean over sequences).",
            "Lo que vino {back} pasos antes mueve la respuesta un {left:.1%} de lo que la mueve lo último (longitud de "
            "la pendiente de la respuesta en la entrada, media sobre secuencias).",
        ),
        x=Axis(Text("steps before", "pasos antes")),
        y=Axis(Text("slope", "pendiente"), log=True),
    )
