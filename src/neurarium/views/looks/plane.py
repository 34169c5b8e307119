"""Plane: the codes of rows as places of a plane, and every place of it as a row."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurarium.page.controls import Choice, Control, Noise, Number, Pad, Picture
from neurarium.page.scene import Axis, Scene
from neurarium.page.words import Text
from neurarium.views import plane_module as modules
from neurarium.views.looking import CannotLook
from neurarium.views.plane_coding import Coding, Straight, coding, has_plane, straight
from neurarium.views.plane_panels import TABS, draw_panels, error_panels, plane_panels, row_panels
from neurarium.views.plane_rows import MOST_ERRORS, Rows, rows_of
from neurarium.views.shown import Shown

NAME = "plane"
TITLE = Text("Plane of codes", "Plano de códigos")
ORDER = 50

_GRID = 20
_MOSAIC = 180  # numbers along a side of the manifold
_BINS = 30
_WORST = 12
_ELLIPSES = 80
_CORNERS = 24
_MARGIN = 0.04


def can(fitted: Any) -> bool:
    """Whether rows can be coded and codes turned back into rows."""
    return has_plane(fitted)


def example(code: str) -> Any:
    """The digits, coded by two numbers where the network can be asked for them."""
    from neurarium import catalogue
    from neurarium.datasets import shelf

    if code not in catalogue.cards():
        return None
    kind = catalogue.cards()[code].estimators[0]
    if not (hasattr(kind, "inverse_transform") or hasattr(kind, "quantise")) or not hasattr(kind, "transform"):
        return None
    digits = shelf.load("digits")
    asked = {"n_components": 2, "hidden": (128, 64), "epochs": 30} if hasattr(kind, "n_components") else {}
    rows = np.asarray(digits.data, np.float32).reshape(len(digits.data), -1)
    return kind(random_state=0, **asked), rows, digits.target


def scene(fitted: Any, rows: Shown, *, codes: tuple[int, int] | None = None) -> Scene:
    """The plane of codes.

    Args:
        fitted: A network that turns rows into codes and back, or a map.
        rows: Rows to code.
        codes: The two numbers of the code to draw, where it has more; None for the axes along which they vary most.
    """
    if rows.X is None:
        raise CannotLook("the look 'plane' needs rows to code: pass them as X, or a file on the command line.")
    if len(rows.X) < 3:
        raise CannotLook(f"the look 'plane' needs 3 rows or more to draw a plane; got {len(rows.X)}.")
    coded = coding(fitted, rows.X, codes)
    seen, lines = rows_of(fitted, rows, coded.rows), straight(coded.rows, coded.codes.shape[1])
    spread = coded.rows.std(0)
    spread = torch.from_numpy(np.where(spread > 0, spread, 1)).float()
    low, high = _range(coded.places)
    axes = _axes(coded)
    draws = coded.posterior is not None
    n_codes = coded.codes.shape[1]
    panels = [
        *plane_panels(seen, axes, (low[0], high[0], low[1], high[1]), n_codes),
        *row_panels(seen, n_codes, axes),
        *error_panels(seen),
        *(draw_panels(seen, n_codes, axes) if draws else []),
    ]
    constants = {**_points(coded, lines, seen), **_errors(coded, lines, seen), **_manifold(coded, seen, low, high)}
    if draws:
        constants |= _posteriors(coded, seen)
    return Scene(
        look=NAME,
        title=Text("The plane of codes", "El plano de los códigos"),
        sentence=_sentence(coded, lines),
        panels=panels,
        controls=_controls(coded, seen, constants, low, high),
        lists=_lists(coded, seen, constants),
        constants={name: array for name, array in constants.items() if not name.startswith("_")},
        module=_module(coded, lines, seen, spread),
    )


def _module(coded: Coding, lines: Straight, seen: Rows, spread: torch.Tensor) -> nn.Module:
    kinds = {
        (True, True): modules.DrawingPicturePlane,
        (True, False): modules.PicturePlane,
        (False, True): modules.DrawingTablePlane,
        (False, False): modules.TablePlane,
    }
    kind = kinds[bool(seen.shape), coded.posterior is not None]
    return kind(coded, lines, seen.shape, seen.low, seen.high, spread).eval()


def _range(places: NDArray[Any]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The corners of the plane: those of the rows, and a margin."""
    low, high = places.min(0).astype(float), places.max(0).astype(float)
    margin = np.where(high > low, _MARGIN * (high - low), 1)
    low, high = low - margin, high + margin
    return (float(low[0]), float(low[1])), (float(high[0]), float(high[1]))


def _axes(coded: Coding) -> tuple[Axis, Axis]:
    if coded.map:
        return Axis(Text("columns of the map", "columnas del mapa")), Axis(
            Text("rows of the map, from below", "filas del mapa, desde abajo")
        )
    if coded.chosen is not None:
        first, second = (
            Text(f"number {each + 1} of the code", f"número {each + 1} del código") for each in coded.chosen
        )
        return Axis(first), Axis(second)
    if coded.codes.shape[1] == 1:
        return Axis(Text("the code", "el código")), Axis()
    return (
        Axis(Text("main axis of the codes", "eje principal de los códigos")),
        Axis(Text("second axis of the codes", "segundo eje de los códigos")),
    )


def _sentence(coded: Coding, lines: Straight) -> Text:
    n_codes, n = coded.codes.shape[1], coded.rows.shape[1]
    if coded.map:
        code = Text("a place on the map", "un lugar del mapa")
    elif n_codes == 1:
        code = Text("1 number", "1 número")
    else:
        code = Text(f"{n_codes} numbers", f"{n_codes} números")
    return Text(
        f"Each row of {n} numbers becomes {code.en}, and comes back from it with a mean squared error of "
        "{error_mean:.2f}; {n_lines} straight axes leave {straight_mean:.2f}. {above} of {n_errors} rows lie above "
        "the threshold of {threshold:.2f}.",
        f"Cada fila de {n} números se convierte en {code.es} y vuelve de ahí con un error cuadrático medio de "
        "{error_mean:.2f}; {n_lines} ejes rectos dejan {straight_mean:.2f}. {above} de {n_errors} filas superan el "
        "umbral de {threshold:.2f}.",
    )


def _points(coded: Coding, lines: Straight, seen: Rows) -> dict[str, Any]:
    drawn = seen.drawn
    places = coded.places[drawn]
    if coded.map:
        places = places + _beside(len(places))
    by_lines = lines.places(coded.rows[drawn])
    points: dict[str, Any] = {
        "code_places_x": places[:, 0],
        "code_places_y": places[:, 1],
        "line_places_x": by_lines[:, 0],
        "line_places_y": by_lines[:, 1],
        "drawn_rows": np.array(len(drawn)),
        "all_rows": np.array(len(coded.rows)),
        "n_lines": np.array(lines.n_codes),
        "samples": coded.rows[seen.samples].astype(np.float32).reshape(-1, *_picture_of(seen), *_columns_of(seen)),
    }
    if seen.codes is not None:
        points["points_class"] = seen.codes[drawn]
    return {name: np.ascontiguousarray(array) for name, array in points.items()}


def _picture_of(seen: Rows) -> tuple[int, ...]:
    """The shape of the control's pictures: channels come first."""
    return (3, *seen.shape[:2]) if len(seen.shape) == 3 else seen.shape


def _columns_of(seen: Rows) -> tuple[int, ...]:
    return () if seen.shape else (seen.values.shape[1],)


def _beside(n: int) -> NDArray[np.float32]:
    """(n, 2) small steps aside, so that the rows of one unit do not hide each other: a sunflower's seeds."""
    number = np.arange(n) % 89
    angle, radius = number * np.pi * (3 - np.sqrt(5)), 0.38 * np.sqrt(number / 89)
    return np.c_[radius * np.cos(angle), radius * np.sin(angle)].astype(np.float32)


def _errors(coded: Coding, lines: Straight, seen: Rows) -> dict[str, Any]:
    errors = coded.errors
    straight_errors = np.square(coded.rows - lines.back(coded.rows)).sum(1)
    top = float(max(errors.max(), straight_errors.max())) or 1.0
    counts, edges = zip(*(np.histogram(each, _BINS, (0, top)) for each in (errors, straight_errors)), strict=True)
    worst = np.argsort(-errors, kind="stable")[:_WORST]
    kept = np.linspace(0, len(errors) - 1, min(len(errors), MOST_ERRORS)).round().astype(int)
    found: dict[str, Any] = {
        "errors": errors[kept],
        "n_errors": np.array(len(kept)),
        "error_mean": np.array(errors.mean(), np.float32),
        "straight_mean": np.array(straight_errors.mean(), np.float32),
        "counts": np.stack(counts).astype(np.float32),
        "edges": edges[0][:-1].astype(np.float32),
        "worst_errors": errors[worst],
        "_worst": worst,
        "_top": np.array(top),
    }
    if seen.shape:
        pictures = [_drawn(each[worst], seen) for each in (coded.rows, coded.back)]
        found |= {"worst_rows": pictures[0], "worst_back": pictures[1]}
    return found


def _drawn(rows: NDArray[Any], seen: Rows) -> NDArray[np.float32]:
    """Rows as pictures from 0 to 1."""
    ink = ((rows - seen.low) / (seen.high - seen.low)).clip(0, 1).astype(np.float32)
    pictures = ink.reshape(-1, *_picture_of(seen))
    return np.ascontiguousarray(np.moveaxis(pictures, 1, -1)) if len(seen.shape) == 3 else pictures


def _manifold(coded: Coding, seen: Rows, low: tuple[float, float], high: tuple[float, float]) -> dict[str, Any]:
    """What the decoder makes of the middles of 20 x 20 cells of the plane, the lowest first."""
    steps = [np.linspace(a, b, 2 * _GRID + 1)[1::2] for a, b in zip(low, high, strict=True)]
    x, y = np.meshgrid(*steps)
    rows = coded.decoded(coded.codes_at(np.c_[x.ravel(), y.ravel()]))
    if not seen.shape:
        field = rows.T.reshape(-1, _GRID, _GRID)
        return {"manifold": np.ascontiguousarray(field)}
    pictures = _drawn(rows, seen)
    if pictures.ndim == 4:
        pictures = pictures.mean(3)
    pictures = _smaller(pictures)[:, ::-1]
    h, w = pictures.shape[1:]
    mosaic = pictures.reshape(_GRID, _GRID, h, w).swapaxes(1, 2).reshape(_GRID * h, _GRID * w)
    return {"manifold": np.round(mosaic * 255) / np.float32(255)}  # a page packs few different numbers well


def _smaller(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pictures of at most as many pixels a side as a cell of the mosaic has room for."""
    most = _MOSAIC // _GRID
    h, w = (min(each, most) for each in pictures.shape[1:])
    if (h, w) == pictures.shape[1:]:
        return pictures
    return nn.functional.adaptive_avg_pool2d(torch.from_numpy(pictures)[:, None], (h, w))[:, 0].numpy()


@torch.no_grad()
def _posteriors(coded: Coding, seen: Rows) -> dict[str, Any]:
    """Ellipses of one deviation, and what each number of the code tells."""
    if coded.posterior is None:
        return {}
    rows = torch.from_numpy(coded.rows).float()
    mean, log_variance = (each.numpy() for each in coded.posterior(rows))
    kl = (0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance)).mean(0)
    some = np.array(seen.drawn)[np.linspace(0, len(seen.drawn) - 1, min(_ELLIPSES, len(seen.drawn))).astype(int)]
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    circle = np.c_[np.cos(angle), np.sin(angle)]
    corners = []
    for row in some:
        spread = coded.axes.T * np.exp(log_variance[row]) @ coded.axes
        root = np.linalg.cholesky(spread + 1e-12 * np.eye(2))
        corners.append((mean[row] - coded.centre) @ coded.axes + circle @ root.T)
    outline = np.stack(corners).astype(np.float32)
    found: dict[str, Any] = {
        "ellipses_x": outline[:, :, 0].copy(),
        "ellipses_y": outline[:, :, 1].copy(),
        "n_ellipses": np.array(len(some)),
        "kl": kl.astype(np.float32),
        "kl_sum": np.array(kl.sum(), np.float32),
        "all_ringed": np.ones(modules.DRAWS, np.float32),
    }
    return found if seen.codes is None else {**found, "ellipses_class": seen.codes[some]}


def _controls(
    coded: Coding, seen: Rows, constants: dict[str, Any], low: tuple[float, float], high: tuple[float, float]
) -> list[Control]:
    top, errors = float(constants["_top"]), constants["errors"]
    step = 10.0 ** np.floor(np.log10(top / 100))
    start = float(np.round(np.quantile(errors, 0.95) / step) * step)
    place = coded.places[seen.samples[0]]
    views = TABS if coded.posterior is not None else TABS[:-1]
    controls: list[Control] = [
        Choice("view", Text("view", "vista"), views, tabs=True),
        Pad("place", Text("place in the plane", "lugar del plano"), (float(place[0]), float(place[1])), low, high),
    ]
    if seen.shape:
        controls.append(
            Picture(
                "picture",
                Text("row", "fila"),
                constants["samples"][0],
                low=seen.low,
                high=seen.high,
                samples="samples",
                sample_labels="rows",
            )
        )
    else:
        controls.append(Choice("sample", Text("row", "fila"), "rows"))
        controls.append(Choice("column", Text("column of the field", "columna del campo"), "columns"))
    threshold = Text("threshold of the squared error", "umbral del error cuadrático")
    controls.append(Number("threshold", threshold, start, 0, float(np.ceil(top / step) * step), float(step)))
    if coded.posterior is not None:
        shape = (2, modules.DRAWS, coded.codes.shape[1])
        controls.append(Noise("noise", Text("draw codes anew", "sortear códigos de nuevo"), shape))
    return controls


def _lists(coded: Coding, seen: Rows, constants: dict[str, Any]) -> dict[str, Any]:
    number = len(str(coded.codes.shape[1]))
    if coded.map:
        code_names: list[str | Text] = [Text("column", "columna"), Text("row from below", "fila desde abajo")]
    else:
        code_names = [f"z{each + 1:0{number}d}" for each in range(coded.codes.shape[1])]
    return {
        "classes": seen.classes,
        "rows": [seen.names[each] for each in seen.samples],
        "worst": [seen.names[each] for each in constants["_worst"]],
        "columns": seen.columns,
        "code_names": code_names,
    }
