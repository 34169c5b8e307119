"""LSTM step by step: the lecture's model of language, whose cell holds gender and number of the present subject."""

import numpy as np
import torch
from numpy.typing import NDArray

from neurarium.networks._recurrent import RecurrentModule
from neurarium.page.controls import Choice, Control, Number, Toggle, Typed
from neurarium.page.marks import Bars, Formula, Matrix, Named, Ref, Tokens
from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.gates_cells import parts_of
from neurarium.views.gates_words import called, equations, held, step_parts, steps
from neurarium.views.levels import DO, FORMULA, LEVEL, SEE, seed
from neurarium.views.lstm_by_hand import LENGTH, Read
from neurarium.views.lstm_words import SENTENCES, WORDS, codes

NAME = "lstm"
TITLE = Text("LSTM step by step", "LSTM paso a paso")
ORDER = 40

_NEW_SUBJECT = 9
"""The word "boys" of the first sentence: the gender of the old subject is to be forgotten."""


def scene() -> Scene:
    """The lecture's case: a girl, and then a new subject."""
    sentences, lengths = examples()
    module = Read(torch.from_numpy(sentences), torch.from_numpy(lengths)).eval()
    recurrent = module.recurrent
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "After “{word|words}” the model expects a form like “{next_word|words}” ({form_chance:.0%}): its cell "
            "“gender” holds "
            "{gender:+.2f} (+ feminine, − masculine) and its cell “number” {plural:+.2f} (+ plural, − singular). "
            "{n_right} of {n_asked} verbs, pronouns and other forms of this text are as expected.",
            "Tras «{word|words}» el modelo espera una forma como «{next_word|words}» ({form_chance:.0%}): su celda "
            "«género» tiene "
            "{gender:+.2f} (+ femenino, − masculino) y su celda «número» {plural:+.2f} (+ plural, − singular). "
            "{n_right} de {n_asked} verbos, pronombres y demás formas de este texto son los esperados.",
        ),
        panels=_panels(recurrent),
        controls=_controls(recurrent),
        lists={
            "words": [word.text for word in WORDS],
            "units": [Text("gender", "género"), Text("number", "número")],
            "parts": called(recurrent),
            "steps": ["", *(text for _, text in steps(recurrent))],
        },
        constants={"step_parts": step_parts(recurrent)},
        module=module,
        tries=_TRIES,
        only=_ONLY,
    )


def examples() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The sentences, filled up with zeros, and their lengths."""
    texts = [codes(sentence) for sentence in SENTENCES]
    rows = np.array([text + [0] * (LENGTH - len(text)) for text in texts], np.int64)
    return rows, np.array([len(text) for text in texts], np.int64)


_TRIES = [
    Text(
        "Let “word” run from 0: at “girl” the gender goes to +1 and stays until “boys”, where the old subject is "
        "forgotten and the new one written.",
        "Deje correr «palabra» desde 0: en «girl» el género sube a +1 y se queda hasta «boys», donde se olvida el "
        "sujeto anterior y se escribe el nuevo.",
    ),
    Text(
        "At “Do”, hold the forget gate at 1 (“completely keep this”): the girl stays in the cell, and what the model "
        "expects after “boys” is wrong.",
        "En «Hacer», fije la compuerta de olvido en 1 («conservarlo por completo»): la niña sigue en la celda y lo que "
        "el modelo espera tras «boys» está mal.",
    ),
    Text(
        "Now hold it at 0 (“completely get rid of this”): the verb is right, as it comes at once, but the pronoun "
        "after “because” is not.",
        "Ahora fíjela en 0 («deshacerse de ello por completo»): el verbo está bien, porque viene enseguida, pero el "
        "pronombre tras «because» no.",
    ),
]


def _panels(recurrent: RecurrentModule) -> list[Panel]:
    columns = Named(Ref("words_shown"), "words")
    return [
        Panel(
            Text("The text", "El texto"),
            [Tokens(columns, Ref("verdict"), limits=(-2, 2), picks="t", highlight=Ref("now"))],
            note=Text(
                "Blue: the form that was expected; orange: another form; without colour: nothing to agree with.",
                "Azul: la forma que se esperaba; naranja: otra forma; sin color: nada que concordar.",
            ),
            size="wide",
        ),
        Panel(
            Text("What the two cells hold, C", "Lo que tienen las dos celdas, C"),
            [
                Matrix(Ref("held"), "units", columns, limits=(-2, 2), numbers=True, picks=("unit", "t"),
                       highlight=(Ref("unit"), Ref("now")))
            ],
            size="wide",
        ),
        Panel(
            Text("Expected after “{word|words}”", "Lo que se espera tras «{word|words}»"),
            [Bars(Ref("chances"), Named(Ref("next_words"), "words"), limits=(0, 1))],
            when=("level", (SEE, DO)),
        ),
        Panel(
            Text("{part|parts}", "{part|parts}"),
            [Matrix(Ref("units_by_time"), "units", columns, limits=(-1, 1), numbers=True, picks=("unit", "t"),
                    highlight=(Ref("unit"), Ref("now")))],
            size="wide",
            when=("level", (DO,)),
        ),
        *_formulas(recurrent),
        Panel(
            Text("Step by step: {step}", "Paso a paso: {step}"),
            [Bars(Ref("in_the_cell"), "parts", limits=(-2, 2), highlight=Ref("step_parts", at=("step",)))],
            note=Text("{step|steps}", "{step|steps}"),
            when=("level", (FORMULA,)),
        ),
    ]  # fmt: skip


def _formulas(recurrent: RecurrentModule) -> list[Panel]:
    """The lecture's formulas with the numbers of the chosen cell, and the same for each gate that may be held."""
    lines, names = equations(recurrent), parts_of(recurrent)
    panels = []
    for number, fast in enumerate(["", *_HELD]):
        shown = [held(name, recurrent) if name == fast else lines[name] for name in names]
        text = plain(shown)
        panels.append(
            Panel(
                Text("The cell “{unit|units}” at “{word|words}”", "La celda «{unit|units}» en «{word|words}»"),
                [Formula(tree(shown), Text(text, text))],
                size="wide",
                when=("shown_hold", (number,)),
            )
        )
    return panels


_HELD = ("forget", "input", "output")


def _controls(recurrent: RecurrentModule) -> list[Control]:
    names = dict(zip(parts_of(recurrent), called(recurrent), strict=True))
    return [
        LEVEL,
        Number("t", Text("word", "palabra"), _NEW_SUBJECT, 0, LENGTH - 1, whole=True, plays=True),
        seed(len(SENTENCES), Text("example (0: the lecture's case)", "ejemplo (0: el caso de la clase)")),
        Choice("unit", Text("cell", "celda"), "units"),
        Number(
            "step", Text("step to explain", "paso que se explica"), 1, 1, len(steps(recurrent)), whole=True, plays=True
        ),
        Choice("part", Text("part of the cells", "parte de las celdas"), "parts"),
        Choice("hold", Text("hold fast", "fijar"), [Text("nothing", "nada"), *(names[name] for name in _HELD)]),
        Number("held_at", Text("hold it at", "fijarla en"), 1, 0, 1, 0.05),
        Toggle("everywhere", Text("in both cells", "en las dos celdas"), True),
        Typed("text", Text("text (example 0)", "texto (ejemplo 0)"), codes(SENTENCES[0]), "words", LENGTH, "words"),
    ]


_ONLY = {
    **dict.fromkeys(("unit", "hold", "held_at"), ("level", (DO, FORMULA))),
    **dict.fromkeys(("part", "everywhere"), ("level", (DO,))),
    "step": ("level", (FORMULA,)),
    "text": ("editable", (1,)),
}
