"""What the look "memory" lets a recurrent network read: as in the look "gates", with room for a longer text."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.core.roles import Forecaster, LanguageModel
from neurarium.core.text import read_texts
from neurarium.page.controls import Choice, Control
from neurarium.page.marks import Images, Named, Ref
from neurarium.page.scene import Panel
from neurarium.page.words import Text
from neurarium.views import memory_words as words
from neurarium.views.gates_reading import Reading, read_series, read_text
from neurarium.views.gates_rows import read_rows
from neurarium.views.memory_modules import (
    LIKELY,
    MemoryModule,
    PictureMemory,
    RowsMemory,
    SampleMemory,
    SeriesMemory,
    TextMemory,
)
from neurarium.views.memory_panels import answers_panel, picture_panels, rows_panels, text_panels
from neurarium.views.shown import Shown

_PRODUCTS = 2e6
"""Multiplications of one way through a shown text, and half of those through the text it is checked on."""
_SHORTEST, _LONGEST, _FURTHEST = 48, 160, 600
_FEWEST = 20  # symbols worth checking on
_QUOTE = '"'

SPAN, PAIRS = 0, 1
"""What is marked: numbers of `memory_words.MARKINGS`."""


@dataclass
class Remembering:
    """What is read, and what is drawn of it.

    Attributes:
        module: The live module.
        controls: Those of the input, the answer and the marks.
        panels: Of the input and the answer.
        sentence: What the answer hangs on.
        first, span: Where the step and the marks are at first: a step, and the first and the number of those marked.
        note: What a longer text says of the units; None where there is none.
        columns: What the columns of time are called, or None for numbers.
    """

    module: MemoryModule
    controls: list[Control]
    panels: list[Panel]
    sentence: Text
    first: int
    span: tuple[int, int]
    note: Text | None = None
    columns: Any = None
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)
    lists: dict[str, Sequence[str | Text]] = field(default_factory=dict)


def remembering(fitted: Any, rows: Shown) -> Remembering:
    """How a network reads, by its role."""
    if isinstance(fitted, LanguageModel):
        return _text(fitted, rows)
    if isinstance(fitted, Forecaster):
        return _series(read_series(fitted, rows))
    return _rows(read_rows(fitted, rows), rows)


def _text(fitted: Any, rows: Shown) -> Remembering:
    """A language model hears a text; what stands between two symbols can be marked, quotation marks at first."""
    step = sum(layer.W.numel() + layer.U.numel() for layer in fitted.module_.recurrent.layers)
    turns = int(min(max(_PRODUCTS / step, _SHORTEST), _LONGEST))
    text, vocabulary = _from_a_quote(fitted, rows, turns), fitted._vocabulary()
    read = read_text(fitted, dataclasses.replace(rows, X=text), turns)
    codes, shown = vocabulary.encode(text), read.first + 1
    further = min(len(codes), shown + int(min(max(2 * _PRODUCTS / step, turns), _FURTHEST)))
    checked = further - shown >= _FEWEST
    typed = codes[:shown]
    symbols = list(vocabulary.symbols)
    quote = symbols.index(_QUOTE) if _QUOTE in symbols else int(np.bincount(codes).argmax())
    places = np.flatnonzero(typed == quote)
    pairs = _QUOTE in symbols and len(places) > 1
    span = (int(places[0]), int(places[1] - places[0])) if pairs else (len(typed) // 3, max(1, len(typed) // 5))
    module = TextMemory(read.module, shown, further if checked else 0)  # type: ignore[arg-type]
    return Remembering(
        module=module,
        controls=[
            *read.controls,
            Choice("asked", words.ASKED_SYMBOL, "asked"),
            Choice("marking", words.MARKING, words.MARKINGS, PAIRS if pairs else SPAN),
            Choice("opened", words.OPENED, "seen", quote),
            Choice("closed", words.CLOSED, "seen", quote),
        ],
        panels=text_panels(),
        sentence=words.OF_A_TEXT,
        first=read.first,
        span=span,
        note=words.checked(further - shown) if checked else None,
        columns=Named(Ref("symbols_there"), "seen"),
        constants={"further_text": np.asarray(codes[: further if checked else 1], np.int64)},
        lists={**read.lists, "asked": [*words.likeliest(min(LIKELY, len(symbols))), *read.lists["seen"]]},
    )


def _from_a_quote(fitted: Any, rows: Shown, turns: int) -> str:
    """The text from shortly before its first quotation mark, or from its beginning; without one, what it writes."""
    if rows.X is None:
        return str(fitted.sample(turns + _FURTHEST, random_state=0))
    text = "\n".join(read_texts(type(fitted).__name__, rows.X))
    before = text[: max(0, text.find(_QUOTE) - turns // 5)]
    return text[max(before.rfind(end) for end in ". \n") + 1 :]


def _rows(read: Reading, rows: Shown) -> Remembering:
    """A classifier or regressor reads a sequence, or a picture row by row."""
    pictures = isinstance(read.before[0].marks[0], Images)
    module: RowsMemory = (PictureMemory if pictures else SampleMemory)(read.module)  # type: ignore[arg-type]
    n_answers = len(module.network.read_out.weight)
    controls, constants, lists = list(read.controls), dict(read.constants), dict(read.lists)
    if module.classifies:
        lists["asked"] = [*words.likeliest(min(LIKELY, n_answers)), *rows.classes]
        controls.append(Choice("asked", words.ASKED_CLASS, "asked"))
        answer = [answers_panel(words.CLASSES, "classes")]
    else:
        lists["asked"] = lists["classes"] = [f"y{number + 1}" for number in range(n_answers)]
        answer = []
        if n_answers > 1:
            controls.append(Choice("asked", words.ASKED_ANSWER, "asked"))
        else:
            constants["asked"] = np.array(0)
    sequence = picture_panels() if pictures else rows_panels(read.before[0], read.steps)
    turns = module.turns
    return Remembering(
        module=module,
        controls=controls,
        panels=[sequence[0], *answer, *sequence[1:]],
        sentence=words.OF_A_CLASS if module.classifies else words.OF_AN_ANSWER,
        first=read.first,
        span=(turns // 3, max(1, turns // 4)),
        columns=read.steps,
        constants=constants,
        lists=lists,
    )


def _series(read: Reading) -> Remembering:
    """A forecaster hears a series."""
    turns = read.module.turns
    return Remembering(
        module=SeriesMemory(read.module),  # type: ignore[arg-type]
        controls=read.controls,
        panels=rows_panels(read.before[0], read.steps),
        sentence=words.OF_A_SERIES,
        first=read.first,
        span=(turns // 3, max(1, turns // 5)),
        constants=dict(read.constants),
        lists=dict(read.lists),
    )
