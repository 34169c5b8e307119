"""Cells: the 13 kinds of the chart, each with its equation, its code, its dials, and the networks that have it."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from neurarium import catalogue, chart
from neurarium.core.card import Cell
from neurarium.page.controls import Choice, Control, Grid, Number
from neurarium.page.marks import Cells, Formula, Points, Ref, Series, Words
from neurarium.page.noise import uniform
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.cells_kinds import ABOUT
from neurarium.views.cells_live import KINDS, STEPS, WIDE, CellsOfTheChart
from neurarium.views.diagram import HUES
from neurarium.views.formulas import plain, tree
from neurarium.views.levels import LEVEL, seed

NAME = "cells"
TITLE = Text("The 13 kinds of cell", "Los 13 tipos de celda")
ORDER = 100

_EXAMPLES = 6
"""The first has the input that is set by hand, and a pulse for a signal."""


def scene() -> Scene:
    """The chart's legend, the hidden cell chosen."""
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "The cell “{kind|kinds}”. {kind|does} Now it says {y:.2f}. Networks of the chart that have it: "
            "{kind|counts}.",
            "La celda «{kind|kinds}». {kind|does} Ahora dice {y:.2f}. Redes del esquema que la tienen: {kind|counts}.",
        ),
        panels=[_legend(), *_curves(), *_formulas(), *_codes()],
        controls=_controls(),
        lists={
            "kinds": [ABOUT[kind].name for kind in KINDS],
            "does": [ABOUT[kind].does for kind in KINDS],
            "counts": [_counted(sum(map(len, networks(kind)))) for kind in KINDS],
            "built": [_codes_of(networks(kind)[0]) for kind in KINDS],
            "to_come": [_codes_of(networks(kind)[1]) for kind in KINDS],
        },
        module=CellsOfTheChart(*map(torch.from_numpy, examples())),
        tries=_TRIES,
        only=_ONLY,
    )


def examples() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Inputs; (examples, steps) signals, the first one a pulse; (examples, 2, steps) normal and uniform noise."""
    inputs = np.array([1, -1.5, 0.5, 2, -0.5, 1.5], np.float32)
    signals = np.zeros((_EXAMPLES, STEPS), np.float32)
    signals[0, 5:10] = 1
    for number in range(1, _EXAMPLES):  # a few steps up and down
        levels = np.round(4 * uniform(number, (STEPS // 5,)) - 2) / 2
        signals[number] = np.repeat(levels, 5)
    angle, radius, even = (uniform(each, (_EXAMPLES, STEPS)) for each in (100, 101, 102))
    normal = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
    return inputs, signals, np.stack([normal, even], 1).astype(np.float32)


_PLACES = chart.places(catalogue.cards())
"""Of the whole chart."""


def networks(kind: Cell) -> tuple[list[str], list[str]]:
    """The letters of the chart's networks that have such a cell: those that are built, and those still to come."""
    having = [place.code for place in _PLACES if any(cell is kind for cell, _ in place.layers)]
    built = catalogue.cards()
    return [code for code in having if code in built], [code for code in having if code not in built]


def _counted(n: int) -> Text:
    return Text(f"{n} of {len(_PLACES)}", f"{n} de {len(_PLACES)}")


def _codes_of(codes: Sequence[str]) -> str | Text:
    return ", ".join(codes) or Text("none", "ninguna")


_TRIES = [
    Text(
        "Choose “hidden”, then “probabilistic hidden”: the same curve, but the second one only throws a die with it.",
        "Elija «oculta» y luego «oculta probabilística»: la misma curva, pero la segunda solo lanza un dado con ella.",
    ),
    Text(
        "At “Do”, choose “recurrent”, then “memory”: after the pulse the first one forgets at once unless “own loop” "
        "is large; the second keeps as much as “keep” says.",
        "En «Hacer», elija «recurrente» y luego «memoria»: tras el pulso la primera olvida enseguida si «lazo propio» "
        "no es grande; la segunda conserva lo que diga «conservar».",
    ),
    Text(
        "Choose “spiking hidden” and raise “input” slowly: below 1 / weight it never fires, above it fires faster and "
        "faster.",
        "Elija «oculta de impulsos» y suba despacio «entrada»: por debajo de 1 / peso nunca dispara; por encima, cada "
        "vez más deprisa.",
    ),
]


def _legend() -> Panel:
    """The chart's legend, to choose from."""
    x = [3.4 * (place % 2) for place in range(len(KINDS))]
    y = [-1.5 * (place // 2) for place in range(len(KINDS))]
    return Panel(
        Text("Choose a cell", "Elija una celda"),
        [
            Cells(x, y, [HUES[kind] for kind in KINDS], radius=0.36, picks="kind", highlight=Ref("kind")),
            Words(x, [each - 0.72 for each in y], "kinds"),
        ],
        note=Text(
            "Networks that have it, built: {kind|built}. Still to come: {kind|to_come}.",
            "Redes que la tienen, construidas: {kind|built}. Aún por construir: {kind|to_come}.",
        ),
        square=True,
    )


_INPUT, _ANSWER = Text("input x", "entrada x"), Text("answer", "respuesta")
_STEP = Text("step t", "paso t")


def _over_input(kind: Cell, curve: str, at: str, names: list[str | Text] | None = None) -> Panel:
    """The answer to every input, and where x is."""
    return _panel(
        kind,
        Text("What it answers to every input", "Lo que responde a cada entrada"),
        [Series(Ref(curve), Ref("over"), names), Points(Ref("x_now"), Ref(at), size=6)],
        Axis(_INPUT, -WIDE, WIDE),
    )


def _over_time(kind: Cell, curve: str, names: list[str | Text], note: Text | None = None) -> Panel:
    """The answer at every step."""
    return _panel(
        kind,
        Text("Step by step", "Paso a paso"),
        [Series(Ref(curve), names=names, style="step", cursor=Ref("t"), picks="t")],
        Axis(_STEP),
        note,
    )


def _panel(kind: Cell, title: Text, marks: list[Series | Points], x: Axis, note: Text | None = None) -> Panel:
    return Panel(title, marks, note, x, Axis(_ANSWER), when=("kind", (KINDS.index(kind),)))


def _curves() -> list[Panel]:
    signal, answer = Text("signal x", "señal x"), _ANSWER
    return [
        _over_time(Cell.BACKFED_INPUT, "time_backfed", [answer]),
        _over_input(Cell.INPUT, "curve_input", "y_input"),
        _over_time(Cell.NOISY_INPUT, "time_noisy", [answer]),
        _over_input(Cell.HIDDEN, "curve_hidden", "y_hidden"),
        _over_input(Cell.PROBABILISTIC_HIDDEN, "curve_hidden", "p"),
        _over_time(
            Cell.PROBABILISTIC_HIDDEN,
            "time_chance",
            [answer],
            Text("It was on in {share:.0%} of the throws.", "Se encendió en el {share:.0%} de las tiradas."),
        ),
        _over_input(Cell.SPIKING_HIDDEN, "curve_rate", "rate"),
        _over_time(
            Cell.SPIKING_HIDDEN,
            "time_voltage",
            [Text("voltage", "voltaje"), Text("spikes", "impulsos")],
            Text("It fires in {rate:.0%} of the steps.", "Dispara en el {rate:.0%} de los pasos."),
        ),
        _over_input(Cell.OUTPUT, "curve_output", "y_output"),
        _over_input(Cell.MATCH_INPUT_OUTPUT, "curve_match", "y_match_input_output", ["y", "(y − x)²"]),
        _over_time(Cell.RECURRENT, "time_recurrent", [signal, "h"]),
        _over_time(Cell.MEMORY, "time_memory", [signal, "C", "h"]),
        _over_time(Cell.DIFFERENT_MEMORY, "time_different", [signal, "h"]),
        _over_time(Cell.KERNEL, "time_kernel", [signal, Text("what it sees", "lo que ve")]),
        _over_time(
            Cell.CONVOLUTION_OR_POOL,
            "time_pooled",
            [Text("kernel at every place", "núcleo en cada lugar"), Text("pooled", "agrupado")],
        ),
    ]


def _formulas() -> list[Panel]:
    title = Text("Its equation, with the numbers of now", "Su ecuación, con los números de ahora")
    return [
        Panel(title, [Formula(tree(lines), Text(text, text))], size="wide", when=("formula_shown", (number,)))
        for number, kind in enumerate(KINDS)
        for lines in [list(ABOUT[kind].lines)]
        for text in [plain(lines)]
    ]


def _codes() -> list[Panel]:
    """The code as rows of letters: a formula that is read as it stands."""
    panels = []
    for number, kind in enumerate(KINDS):
        code = ABOUT[kind].code.replace(" ", "\N{NO-BREAK SPACE}")
        rows = [["mtr", ["mtd", ["mtext", line]]] for line in code.split("\n")]
        panels.append(
            Panel(
                Text("Its code, in PyTorch", "Su código, en PyTorch"),
                [Formula(["mtable", *rows], Text(code, code))],
                when=("code_shown", (number,)),
            )
        )
    return panels


def _controls() -> list[Control]:
    def dial(name: str, english: str, spanish: str, value: float, low: float, high: float) -> Number:
        return Number(name, Text(english, spanish), value, low, high, 0.05)

    return [
        LEVEL,
        Choice("kind", Text("cell", "celda"), "kinds", KINDS.index(Cell.HIDDEN)),
        seed(_EXAMPLES),
        dial("x", "input", "entrada", 1, -WIDE, WIDE),
        dial("w", "weight", "peso", 2, -4, 4),
        dial("b", "bias", "sesgo", 0, -4, 4),
        dial("noise", "noise", "ruido", 0.5, 0, 2),
        Number("t", Text("step", "paso"), 7, 0, STEPS - 1, whole=True, plays=True),
        dial("loop", "own loop", "lazo propio", 1, -2, 2),
        dial("keep", "keep", "conservar", 0.9, 0, 1),
        dial("write", "write", "escribir", 1, 0, 1),
        dial("tell", "tell", "mostrar", 1, 0, 1),
        dial("reset", "hear the old state", "oír el estado viejo", 1, 0, 1),
        Grid("weights", Text("kernel", "núcleo"), np.array([[-1, 0, 1]]), -4, 4, 0.5),
    ]


_DIALS = {
    "x": "dial_of_x",
    **dict.fromkeys(("w", "b", "noise", "t", "loop", "keep", "write", "tell", "reset", "weights"), "dials"),
}
_ONLY = {
    dial: (shown, tuple(number for number, kind in enumerate(KINDS) if dial in ABOUT[kind].dials))
    for dial, shown in _DIALS.items()
}
