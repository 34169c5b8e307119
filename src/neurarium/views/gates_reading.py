"""What the look "gates" lets a recurrent network read, and how its answer is drawn: texts and series."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurarium.core.roles import Forecaster, LanguageModel
from neurarium.core.text import read_texts
from neurarium.networks._recurrent_series import driven_pairs
from neurarium.page.controls import Choice, Control, Typed
from neurarium.page.marks import Bars, Named, Ref, Series, Tokens
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text
from neurarium.views.gates_lag import lag_curve
from neurarium.views.gates_modules import GatesModule, SeriesGates, TextGates
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

MOST_STEPS = 100
MOST_UNITS = 64
_WORDS, _CHARACTERS = 24, 48
_AHEAD = 24
_LAGS = 60  # steps of a piece in which the slopes are taken
_PIECES = 32
_SEEN = {" ": "␣", "\n": "⏎", "\t": "⇥"}


@dataclass
class Reading:
    """What is read, and what is drawn of it.

    Attributes:
        module: The live module.
        x, lengths: (n, time, in) what the first layer hears of sequences of (n,) steps: for slopes, to choose units.
        controls: Those of the input.
        before, after: Panels of the input, and of the answer.
        sentence: What is seen, and of whom.
        steps: What the columns of time are called, or None for numbers.
        first: The step that is looked at at first.
    """

    module: GatesModule
    x: Tensor
    lengths: Tensor
    classifies: bool
    controls: list[Control]
    before: list[Panel]
    after: list[Panel]
    sentence: Text
    first: int
    steps: Any = None
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)
    lists: dict[str, Sequence[str | Text]] = field(default_factory=dict)

    def lags(self) -> NDArray[np.float32]:
        """The slopes by lag."""
        return lag_curve(self.module.network, self.x, self.lengths, classifies=self.classifies)


def copied(fitted: Any) -> Any:
    """The fitted module as a page has it: on the CPU, in float32."""
    return copy.deepcopy(fitted.module_).cpu().float().eval().requires_grad_(False)


def units_of(network: Any, x: Tensor) -> tuple[list[int], int]:
    """The cells to show, at most `MOST_UNITS`, and the one that says most: by how much it moves what is read out."""
    with torch.no_grad():
        h = network.recurrent.look(x)[0]
        says = h.flatten(0, 1).std(0) * network.read_out.weight.abs().sum(0)
    shown = sorted(says.argsort(descending=True)[:MOST_UNITS].tolist())
    return shown, shown.index(int(says.argmax()))


def reading(fitted: Any, rows: Shown) -> Reading:
    """How a network reads, by its role."""
    from neurarium.views.gates_rows import read_rows

    if isinstance(fitted, LanguageModel):
        return read_text(fitted, rows)
    return read_series(fitted, rows) if isinstance(fitted, Forecaster) else read_rows(fitted, rows)


def read_text(fitted: Any, rows: Shown, turns: int | None = None) -> Reading:
    """A language model hears a text of so many symbols at most, which can be typed."""
    network, vocabulary = copied(fitted), fitted._vocabulary()
    turns = turns or (_WORDS if vocabulary.unit == "word" else _CHARACTERS)
    if rows.X is None:
        text = fitted.sample(6 * turns, random_state=0)
    else:
        text = "\n".join(read_texts(type(fitted).__name__, rows.X))
    codes = torch.from_numpy(vocabulary.encode(text))
    if not len(codes):
        raise CannotLook("this look needs a text to read; this one is empty.")
    pieces = codes[: _LAGS * _PIECES].split(_LAGS)
    whole = [piece for piece in pieces if len(piece) == len(pieces[0])]
    x = network.embed(torch.stack(whole))
    units, _ = units_of(network, x)
    typed = codes[: turns * 2 // 3]
    shown = [_SEEN.get(each, each) for each in vocabulary.symbols]
    words = vocabulary.unit == "word"
    what = Text("words", "palabras") if words else Text("characters", "caracteres")
    return Reading(
        module=TextGates(network, turns, units),
        x=x,
        lengths=torch.full((len(x),), x.shape[1]),
        classifies=True,
        controls=[
            Typed(
                "text",
                Text(
                    f"Text that it hears (the last {turns} {what.en})",
                    f"Texto que oye ({what.es}: las últimas {turns})",
                )
                if words
                else Text(
                    f"Text that it hears (the last {turns} characters)",
                    f"Texto que oye (los últimos {turns} caracteres)",
                ),
                typed.tolist(),
                "pieces",
                turns,
                "words" if words else "characters",
            )
        ],
        before=[
            Panel(
                Text("What it hears, coloured by the chosen cell", "Lo que oye, con el color de la celda elegida"),
                [
                    Tokens(
                        Named(Ref("symbols_there"), "pieces"),
                        Ref("coloured"),
                        limits=Ref("units_limits"),
                        picks="t",
                        highlight=Ref("now"),
                    )
                ],
                size="wide",
            )
        ],
        after=[
            Panel(
                Text("What comes next, as it expects", "Lo que espera que siga"),
                [Bars(Ref("likely"), Named(Ref("likely_codes"), "seen"), limits=(0, 1))],
                note=Text(
                    "Left free, it expects “{free_best|seen}” with {free_share:.0%}.",
                    "Sin fijar nada, espera «{free_best|seen}» con un {free_share:.0%}.",
                ),
            )
        ],
        sentence=Text(
            "After “{symbol_now|seen}” (t = {now}) it expects “{best|seen}”, with {best_share:.0%}.",
            "Tras «{symbol_now|seen}» (t = {now}) espera «{best|seen}», con un {best_share:.0%}.",
        ),
        first=len(typed) - 1,
        steps=Named(Ref("symbols_there"), "seen"),
        lists={"pieces": list(vocabulary.symbols), "seen": shown},
    )


def read_series(fitted: Any, rows: Shown) -> Reading:
    """A forecaster hears the last steps of a series."""
    if rows.X is None:
        raise CannotLook("this look of a forecaster needs a series to hear: pass it as X, or on the command line.")
    network = copied(fitted)
    series = fitted._read(rows.X, reset=False).inputs.float().cpu()
    inputs, after = driven_pairs(series, network.n_controls)
    if not len(inputs):
        raise CannotLook("this look needs a series of 2 steps or more.")
    turns = min(len(inputs), MOST_STEPS)
    with torch.no_grad():
        start = network.initial(1, inputs)
        if len(inputs) > turns:
            start = network.run(inputs[None, :-turns], start)[1]
    x = network.scaling(inputs)
    pieces = [each for each in x[-_LAGS * _PIECES :].split(_LAGS) if len(each) == min(len(x), _LAGS)]
    heard = torch.stack(pieces)
    units, _ = units_of(network, heard)
    columns = [*rows.columns[: network.n_features], *(f"w{number + 1}" for number in range(network.n_controls))]
    drawn = inputs[-turns:, : network.n_features].T.numpy()
    module = SeriesGates(network, inputs[-turns:], after[-turns:], start, _AHEAD, units)
    controls: list[Control] = []
    constants: dict[str, NDArray[Any]] = {"series": drawn}
    if network.n_features > 1:
        controls.append(Choice("feature", Text("Column that is foretold", "Columna que se predice"), "columns"))
    else:
        constants["feature"] = np.array(0)
    first = max(0, turns - 1 - _AHEAD // 2)
    return Reading(
        module=module,
        x=heard,
        lengths=torch.full((len(heard),), heard.shape[1]),
        classifies=False,
        controls=controls,
        before=[
            Panel(
                Text("The series that it hears", "La serie que oye"),
                [Series(Ref("series"), names="columns", cursor=Ref("now"), picks="t")],
                x=Axis(Text("step t", "paso t")),
                y=Axis(Entry(0, "columns") if network.n_features == 1 else None),
                size="wide",
            )
        ],
        after=[
            Panel(
                Text("What comes next, as it expects", "Lo que espera que siga"),
                [
                    Series(
                        Ref("three"),
                        names=[
                            Text("what came", "lo que vino"),
                            Text("a step ahead", "a un paso"),
                            Text("from its own answers", "con sus propias respuestas"),
                        ],
                        cursor=Ref("now"),
                    )
                ],
                note=Text(
                    "Error of a step ahead, root of the mean square: {error:.3f}; left free, {free_error:.3f}.",
                    "Error a un paso, raíz de la media cuadrática: {error:.3f}; sin fijar nada, {free_error:.3f}.",
                ),
                x=Axis(Text("step", "paso")),
                y=Axis(Entry(Ref("feature"), "columns")),
            )
        ],
        sentence=Text(
            "At t = {now} it expects {next:.2f} of {feature|columns} next; {next_came:.2f} came.",
            "En t = {now} espera {next:.2f} de {feature|columns} a continuación; vino {next_came:.2f}.",
        ),
        first=first,
        constants=constants,
        lists={"columns": columns},
    )
