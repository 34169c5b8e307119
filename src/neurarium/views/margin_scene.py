"""The scenes of the margin look: of a classifier on a plane, of a regressor on a plane or along one column."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurarium.core.estimator import Estimator
from neurarium.page.controls import Button, Control, Number, Pad, PointSet, State, Toggle
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views import margin_panels as panels
from neurarium.views import margin_words as words
from neurarium.views.margin_fits import TRACE, CurveAgain, ReadOutAgain, Taught
from neurarium.views.margin_modules import AsFitted, CurveAsFitted, Margin, NumbersAsFitted
from neurarium.views.margin_plane import CAPACITY, Plane
from neurarium.views.margin_seen import CURVE, FINE, Seen
from neurarium.views.shown import Shown


def of_classes(fitted: Estimator, rows: Shown, shown: Plane) -> Scene:
    """A classifier on a plane."""
    seen = Seen(fitted, rows, shown)
    changes = seen.teaches or seen.solves
    lines = shown.lines(seen.side(changes=changes))
    constants = seen.base_constants()
    module = seen.margin(Taught if seen.teaches else ReadOutAgain if seen.solves else AsFitted)
    if changes:
        constants |= {"grid_x": lines[0], "grid_y": lines[1]}
    else:
        constants |= _field(module, lines)
    controls: list[Control] = [
        PointSet("points", Text("points", "puntos"), shown.xy, shown.targets, "classes", CAPACITY),
        _place(shown),
    ]
    if isinstance(module, Taught):
        controls += _teaching(module)
        constants |= _starts(module)
    else:
        controls += [Toggle("again", words.AGAIN)] if seen.solves else []
        controls += seen.looking_controls()
        if seen.warp is None:
            constants["layer"] = np.array(0, np.float32)
    constants["right_in_full"] = _right(fitted, shown)
    made = panels.of_classes(seen, rows, shown)
    return Scene(
        look="margin",
        title=Text("Where it answers what", "Dónde responde qué"),
        sentence=words.told(fitted, shown, rows, changes=changes),
        panels=made,
        controls=controls,
        lists=seen.lists(),
        constants={**constants, **seen.constants},
        module=module,
    )


def _place(shown: Plane) -> Pad:
    """The place that is asked about: at first in the middle of the rows."""
    (x, y), (left, low), (right, high) = np.median(shown.xy, 0), shown.low, shown.high
    ends = (float(left), float(low)), (float(right), float(high))
    return Pad("place", Text("the place", "el lugar"), (float(x), float(y)), *ends)


@torch.no_grad()
def _field(module: Margin, lines: tuple[NDArray[np.float32], ...]) -> dict[str, NDArray[Any]]:
    """The surface of a network that does not change, as constants."""
    there = [torch.from_numpy(each) for each in lines]
    field = module.field(module.placed(module.grid(*there))["answer"], *there)
    return {
        name: (value.to(torch.float32) if value.is_floating_point() else value).numpy() for name, value in field.items()
    }


def _teaching(module: Taught) -> list[Control]:
    """The perceptron's states, and its steps."""
    starts = _starts(module)
    names = [name.removeprefix("blank_") for name in starts if name.startswith("blank_")]
    fitted = {name: f"fitted_{name}" if f"fitted_{name}" in starts else f"blank_{name}" for name in names}
    return [
        *(State(name, starts[start]) for name, start in fitted.items()),
        Button("step", Text("next mistake", "siguiente error"), {name: f"next_{name}" for name in names}, True, "done"),
        Button("fresh", Text("forget all", "olvidar todo"), {name: f"blank_{name}" for name in names}),
        Button("back", Text("as fitted", "como se ajustó"), fitted),
    ]


def _starts(module: Taught) -> dict[str, NDArray[Any]]:
    """The perceptron's states where it has learnt nothing, and those that its fit has left."""
    weight, bias = module.own_weight.numpy(), module.own_bias.numpy()
    return {
        "blank_weight": np.zeros_like(weight),
        "blank_bias": np.zeros_like(bias),
        "blank_cursor": np.array(0, np.int64),
        "blank_updates": np.array(0, np.int64),
        "blank_trace": np.zeros(TRACE, np.float32),
        "fitted_weight": weight,
        "fitted_bias": bias,
    }


def _right(fitted: Any, shown: Plane) -> NDArray[Any]:
    """How many of the rows drawn the network answers rightly with all of their columns."""
    said = np.searchsorted(fitted.classes_, fitted.predict(shown.rows))
    return np.array((said == shown.targets).sum())


def of_numbers(fitted: Estimator, rows: Shown, shown: Plane) -> Scene:
    """A regressor on a plane of two columns."""
    seen = Seen(fitted, rows, shown)
    module = seen.margin(NumbersAsFitted)
    lines = shown.lines(FINE)
    constants = seen.base_constants()
    with torch.no_grad():
        there = [torch.from_numpy(each) for each in lines]
        surface = module.placed(module.grid(*there))["answer"][:, 0].reshape(FINE, FINE)
    both = np.concatenate([surface.numpy().ravel(), shown.targets])
    constants |= {
        "surface": surface.numpy().astype(np.float32),
        "target": shown.targets.astype(np.float32),
        "ends": np.array([both.min(), both.max()], np.float32),
        "error": np.array(_error(fitted, shown)),
    }
    if seen.warp is None:
        constants["layer"] = np.array(0, np.float32)
    made = panels.of_numbers(seen, shown)
    return Scene(
        look="margin",
        title=Text("What it answers where", "Qué responde dónde"),
        sentence=words.told_numbers(fitted, shown, rows),
        panels=made,
        controls=[_place(shown), *seen.looking_controls()],
        lists=seen.lists(),
        constants={**constants, **seen.constants},
        module=module,
    )


def _error(fitted: Any, shown: Plane) -> float:
    """Root mean squared error over the rows drawn, with all of their columns."""
    said = fitted.predict(shown.rows).reshape(len(shown.rows), -1)[:, 0]
    return float(np.sqrt(np.mean((said - shown.targets) ** 2)))


def of_a_curve(fitted: Estimator, rows: Shown, shown: Plane) -> Scene:
    """A regressor along one column."""
    seen = Seen(fitted, rows, shown)
    (line,) = shown.lines(CURVE)
    constants = {**seen.base_constants(), "grid_x": line}
    controls: list[Control] = []
    module: Margin
    step = float((shown.high[0] - shown.low[0]) / 100)
    place = Number(
        "place",
        Text("the place", "el lugar"),
        float(np.median(shown.xy)),
        float(shown.low[0]),
        float(shown.high[0]),
        step,
    )
    if seen.solves:
        module = seen.margin(CurveAgain)
        xy = np.column_stack([shown.xy[:, 0], shown.targets])
        none = np.zeros(len(xy), np.int64)
        controls = [PointSet("points", Text("points", "puntos"), xy, none, "rows", CAPACITY), place]
        controls.append(Toggle("again", words.AGAIN))
    else:
        module = seen.margin(CurveAsFitted)
        with torch.no_grad():
            curve = module.placed(torch.from_numpy(line)[:, None])["answer"][:, 0]
        constants |= {
            "curve": curve.numpy().astype(np.float32),
            "error": np.array(_error(fitted, shown)),
            "points_x": shown.xy[:, 0].astype(np.float32),
            "points_y": shown.targets.astype(np.float32),
        }
        controls = [place]
    if seen.warp is None:
        constants["layer"] = np.array(0, np.float32)
    made = panels.of_a_curve(seen, shown)
    return Scene(
        look="margin",
        title=Text("What it answers where", "Qué responde dónde"),
        sentence=words.told_numbers(fitted, shown, rows),
        panels=made,
        controls=[*controls, *seen.looking_controls()],
        lists={**seen.lists(), "rows": [Text("row", "fila")]},
        constants={**constants, **seen.constants},
        module=module,
    )
