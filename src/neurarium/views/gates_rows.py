"""What the look "gates" lets a recurrent network read, and how its answer is drawn: rows that are sequences."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurarium.core.roles import Classifier
from neurarium.page.controls import Choice, Control, Picture
from neurarium.page.marks import Bars, Images, Matrix, Ref, Series
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text
from neurarium.views.choosing import chosen_rows
from neurarium.views.gates_modules import PictureGates, SampleGates
from neurarium.views.gates_reading import MOST_STEPS, Reading, copied, units_of
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

_SAMPLES = 24
_LAG_ROWS = 32
_CURVES = 6  # columns that are drawn as curves; more are a table of colours


def read_rows(fitted: Any, rows: Shown) -> Reading:
    """A classifier or regressor reads a sequence: a picture row by row, where the rows are pictures."""
    if rows.X is None:
        raise CannotLook("this look needs sequences to read: pass them as X, or a file on the command line.")
    data = fitted._read(rows.X, reset=False)
    sequences = data.inputs.float().cpu()
    n, time = sequences.shape[:2]
    lengths = torch.full((n,), time) if data.lengths is None else data.lengths.cpu()
    y = rows.y if rows.y is not None and len(rows.y) == n else None
    chosen = chosen_rows(y, n, _SAMPLES)
    network, classifies = copied(fitted), isinstance(fitted, Classifier)
    x = network.scaling(sequences[:_LAG_ROWS])
    units, _ = units_of(network, x)
    labels = [f"#{number}" if y is None or y.ndim != 1 else f"{y[number]} (#{number})" for number in chosen]
    shared = {"x": x, "lengths": lengths[:_LAG_ROWS], "classifies": classifies}
    lists: dict[str, Any] = {"rows": labels, "classes": list(rows.classes)}
    after, sentence = _answers(classifies)
    if _are_pictures(fitted, rows, sequences):
        low, high = float(sequences.min()), float(sequences.max())
        drawn = sequences[chosen].numpy()
        return Reading(
            module=PictureGates(network, time, units, classifies=classifies, low=low, high=high),
            controls=[
                Picture(
                    "picture",
                    Text("Picture", "Imagen"),
                    drawn[0],
                    low=low,
                    high=high,
                    samples="samples",
                    sample_labels="rows",
                )
            ],
            before=[_picture()],
            after=after,
            sentence=sentence,
            first=time - 1,
            constants={"samples": drawn},
            lists=lists,
            **shared,
        )
    drawn, steps, starts = _windows(network, sequences[chosen], lengths[chosen])
    turns = drawn.shape[1]
    names, times = _names(rows, sequences)
    controls: list[Control] = [Choice("sample", Text("Row", "Fila"), "rows")]
    return Reading(
        module=SampleGates(network, turns, units, classifies=classifies),
        controls=controls,
        before=[_sequence(drawn.shape[2], skipped=max(0, time - turns))],
        after=after,
        sentence=sentence,
        first=int(steps[0]) - 1,
        steps=None if times is None else "times",
        constants={"samples": drawn, "sample_steps": steps, "sample_starts": starts},
        lists={**lists, "columns": names, **({} if times is None else {"times": times})},
        **shared,
    )


def _are_pictures(fitted: Any, rows: Shown, sequences: Tensor) -> bool:
    """Whether rows were said to be `view` of something with paper and ink: all of one range, without names."""
    _, time, features = sequences.shape
    named = any(name != f"x{number + 1}" and "pixel" not in name for number, name in enumerate(rows.columns))
    alike = min(time, features) >= 4 and float(sequences.min()) >= 0
    return fitted.view is not None and alike and time <= MOST_STEPS and not named


def _names(rows: Shown, sequences: Tensor) -> tuple[list[str], list[str] | None]:
    """What the features are called, and the steps where each is a column of a table."""
    _, time, features = sequences.shape
    if len(rows.columns) == features:
        return list(rows.columns), None
    if features == 1 and len(rows.columns) == time:
        return ["x"], list(rows.columns)[-MOST_STEPS:]
    return [str(number + 1) for number in range(features)], None


def _windows(network: Any, sequences: Tensor, lengths: Tensor) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The last steps of sequences, how many they are, and the states before them, (n, states, layers, 1, units)."""
    turns = min(sequences.shape[1], MOST_STEPS)
    windows, states = [], []
    for row, length in zip(sequences, lengths.tolist(), strict=True):
        first = max(0, length - turns)
        start = network.recurrent.initial(1, row)
        if first:
            with torch.no_grad():
                start = network.recurrent.run(network.scaling(row[None, :first]), start)[1]
        window = row[first : first + turns]
        windows.append(torch.nn.functional.pad(window, (0, 0, 0, turns - len(window))))
        states.append(torch.stack(start))
    return torch.stack(windows).numpy(), lengths.clamp(max=turns).numpy().astype(np.int64), torch.stack(states).numpy()


def _picture() -> Panel:
    return Panel(
        Text("What it reads, row by row from the top", "Lo que lee, fila a fila desde arriba"),
        [Images(Ref("ink"), columns=1, over=Ref("reading"), over_limits=(-3, 3), draws="picture")],
        note=Text("Draw on it. At t = {now} it hears row {now}.", "Dibuje en ella. En t = {now} oye la fila {now}."),
    )


def _sequence(features: int, skipped: int) -> Panel:
    title = Text("What it reads", "Lo que lee")
    note = None
    if skipped:
        note = Text(
            f"The last {MOST_STEPS} steps are drawn; those before them it has heard.",
            f"Se dibujan los últimos {MOST_STEPS} pasos; los anteriores ya los ha oído.",
        )
    if features > _CURVES:
        mark = Matrix(Ref("sequence"), rows="columns", picks=("", "t"), highlight=(-1, Ref("now")))
        return Panel(title, [mark], note=note, size="wide")
    return Panel(
        title,
        [Series(Ref("sequence"), names="columns", cursor=Ref("now"), picks="t")],
        note=note,
        x=Axis(Text("step t", "paso t")),
        y=Axis(Entry(0, "columns")) if features == 1 else Axis(),
        size="wide",
    )


def _answers(classifies: bool) -> tuple[list[Panel], Text]:
    """The panel of the answer, and the sentence."""
    if not classifies:
        panel = Panel(
            Text("The answer so far", "La respuesta hasta aquí"),
            [Series(Ref("said"), cursor=Ref("now"), picks="t")],
            note=Text(
                "At the end it answers {end:.3f}; left free, {free_end:.3f}.",
                "Al final responde {end:.3f}; sin fijar nada, {free_end:.3f}.",
            ),
            x=Axis(Text("step t", "paso t")),
        )
        sentence = Text(
            "At t = {now} its answer would be {first:.3f}; at the end it is {end:.3f}.",
            "En t = {now} su respuesta sería {first:.3f}; al final es {end:.3f}.",
        )
        return [panel], sentence
    panel = Panel(
        Text("Classes, by what it has read so far", "Clases, por lo leído hasta aquí"),
        [Bars(Ref("said_now"), "classes", limits=(0, 1), highlight=Ref("best"))],
        note=Text(
            "At the end: {final|classes}, {final_share:.0%}. Left free: {free_final|classes}, {free_share:.0%}.",
            "Al final: {final|classes}, {final_share:.0%}. Sin fijar nada: {free_final|classes}, {free_share:.0%}.",
        ),
    )
    sentence = Text(
        "At t = {now} it would say {best|classes} ({best_share:.0%}); at the end of the sequence it says "
        "{final|classes} ({final_share:.0%}).",
        "En t = {now} diría {best|classes} ({best_share:.0%}); al final de la secuencia dice {final|classes} "
        "({final_share:.0%}).",
    )
    return [panel], sentence
