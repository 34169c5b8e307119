"""What the look "reservoir" lets a network hear: rows that are sequences, or the end of a series."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neurarium.core.devices import Threads
from neurarium.core.roles import Forecaster
from neurarium.views.choosing import chosen_rows
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

MOST_STEPS = 100
_SAMPLES = 24
_NUMBERS = 20_000  # of the sequences that a page keeps


@dataclass(frozen=True, eq=False)
class Heard:
    """Sequences in the caller's units.

    Attributes:
        samples: (n, time, inputs) those to choose from, filled up behind their ends.
        steps: (n,) of each, at most `MOST_STEPS`.
        names: What they are called.
        columns: What the inputs are called.
        drive: (steps, inputs) what is heard from two starts.
        whole: Whether the sequences are shown from beginning to end.
        start: (1, units) the states before it.
        settled: First step from which the answers count.
        after: (time, features) of a series, what came next; None for rows.
        series: (length, features) all of it; None for rows.
    """

    samples: Tensor
    steps: Tensor
    names: list[str]
    columns: list[str]
    drive: Tensor
    whole: bool
    start: Tensor
    settled: int = 0
    after: Tensor | None = None
    series: Tensor | None = None


def heard(fitted: Any, rows: Shown, look: str) -> Heard:
    """What a network hears.

    Args:
        fitted: With a reservoir.
        rows: Its sequences, or its series.
        look: The name of the look.

    Raises:
        CannotLook: There are no rows, or a series is too short.
    """
    if rows.X is None or not len(rows.X):
        raise CannotLook(f"the look {look!r} needs what the reservoir hears: look(network, {look!r}, X).")
    data = fitted._read(rows.X, reset=False)
    inputs = data.inputs.cpu()
    columns = list(rows.columns)
    columns = columns if len(columns) == inputs.shape[-1] else [str(number + 1) for number in range(inputs.shape[-1])]
    if isinstance(fitted, Forecaster):
        return _series(fitted, inputs.double(), columns, look)
    n, time = inputs.shape[:2]
    lengths = torch.full((n,), time) if data.lengths is None else data.lengths.cpu()
    y = rows.y if rows.y is not None and len(rows.y) == n and rows.y.ndim == 1 else None
    turns = min(time, MOST_STEPS)
    most = max(2, min(_SAMPLES, _NUMBERS // (turns * inputs.shape[2])))
    chosen = chosen_rows(y, n, most)
    labels = [f"#{number}" if y is None else f"{y[number]} (#{number})" for number in chosen]
    parts, missing = [], MOST_STEPS
    for number in np.resize(chosen, MOST_STEPS).tolist():
        parts.append(inputs[number, : int(lengths[number])][:missing])
        missing -= len(parts[-1])
        if not missing:
            break
    return Heard(
        inputs[chosen, :turns].double(),
        lengths[chosen].clamp(max=turns),
        labels,
        columns,
        torch.cat(parts).double(),
        whole=bool((lengths[chosen] <= turns).all()),
        start=torch.zeros(1, fitted.module_.reservoir.n_units, dtype=torch.float64),
    )


def _series(fitted: Any, series: Tensor, columns: list[str], look: str) -> Heard:
    """The last steps of a series, and the states that those before them leave."""
    if len(series) < 3:
        raise CannotLook(f"the look {look!r} needs a series of at least 3 steps; this one has {len(series)}.")
    turns = min(len(series) - 1, MOST_STEPS)
    window, before = series[-turns - 1 : -1], series[: -turns - 1]
    network, whole = fitted.module_, not len(before)
    start = torch.zeros(1, network.reservoir.n_units, dtype=torch.float64)
    if not whole:
        with torch.inference_mode(), Threads(0.0):
            scaled = network.scaling(before.to(network.last_value)[None])
            start = network.reservoir(scaled)[:, -1].double()
    return Heard(
        window[None],
        torch.tensor([turns]),
        ["0"],
        columns,
        window,
        whole=whole,
        start=start.clone(),
        settled=min(fitted.washout_, turns // 2) if whole else 0,
        after=series[-turns:],
        series=series,
    )
