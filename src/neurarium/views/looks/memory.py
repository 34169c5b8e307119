"""Memory: which past inputs an answer hangs on, and which unit holds what somebody is looking for."""

from typing import Any

import numpy as np

from neurarium.networks._recurrent import RecurrentModule
from neurarium.page.controls import Choice, Control, Number
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views import memory_words as words
from neurarium.views.gates_cells import parts_of
from neurarium.views.gates_words import called, kind_of
from neurarium.views.looks import gates
from neurarium.views.memory_panels import units_panels
from neurarium.views.memory_reading import PAIRS, SPAN, Remembering, remembering
from neurarium.views.memory_story import story
from neurarium.views.shown import Shown

NAME = "memory"
TITLE = Text("Memory", "Memoria")
ORDER = 80

can = gates.can


def example(code: str) -> Any:
    """A language model by characters on a text in which some speak, between quotation marks."""
    words_model = gates.example(code)
    if words_model is None:
        return None
    settings: dict[str, Any] = {
        "n_units": 32,
        "n_embedding": 8,
        "epochs": 30,
        "window": 60,
        "batch_size": 16,
        "learning_rate": 1e-2,
    }
    return type(words_model[0])(random_state=0, **settings), story(), None


def scene(fitted: Any, rows: Shown) -> Scene:
    """Connectivity, a unit over the input, and the units that fit marked steps.

    Args:
        fitted: A recurrent network.
        rows: Sequences, a series or a text to read; a language model writes its own where there is none.
    """
    read = remembering(fitted, rows)
    recurrent = read.module.network.recurrent
    units = _units(len(recurrent.layers), recurrent.n_units)
    text = "marking" in [control.name for control in read.controls]
    kind = kind_of(recurrent)
    return Scene(
        look=NAME,
        title=Text(f"What a network remembers: {kind}", f"Lo que una red recuerda: {kind}"),
        sentence=read.sentence,
        panels=[*read.panels, *units_panels(read.columns, read.note)],
        controls=[*read.controls, *_controls(read, recurrent)],
        lists={
            **read.lists,
            "units": units,
            "choice": [*words.best(read.module.n_best), *units],
            "verdicts": words.VERDICTS,
        },
        constants={**read.constants, **({} if len(recurrent.cell.states) > 1 else {"part": np.array(0)})},
        module=read.module.eval(),
        only={
            "opened": ("marking", (PAIRS,)),
            "closed": ("marking", (PAIRS,)),
            "first": ("marking", (SPAN,)),
            "length": ("marking", (SPAN,)),
        }
        if text
        else {},
    )


def _controls(read: Remembering, recurrent: RecurrentModule) -> list[Control]:
    """Those of the step, of the marks and of the unit."""
    turns, (start, length) = read.module.turns, read.span
    states = recurrent.cell.states
    parts = dict(zip(parts_of(recurrent), called(recurrent), strict=True))
    more = len(states) > 1
    part = Choice("part", Text("part of the cells", "parte de las celdas"), [parts[name] for name in states], int(more))
    return [
        Number("t", Text("step t", "paso t"), read.first, 0, turns - 1, whole=True, plays=True),
        Number("first", Text("marks from step", "marcas desde el paso"), start, 0, turns - 1, whole=True),
        Number("length", Text("marked steps", "pasos marcados"), length, 1, turns, whole=True),
        *([part] if more else []),
        Choice("unit", Text("colours of the unit", "colores de la unidad"), "choice"),
    ]


def _units(layers: int, n: int) -> list[str]:
    """What units are called: by their number, behind that of their layer where there are several."""
    if layers == 1:
        return [str(unit) for unit in range(n)]
    return [f"{layer + 1}.{unit}" for layer in range(layers) for unit in range(n)]
