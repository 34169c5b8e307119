"""Map: a lattice of units over its rows, the walls between them, the columns, and what each cell holds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.controls import Choice, Control, Number, Picture
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views import map_panels as panels
from neurarium.views.map_lattice import Sheet, View, passes, sheet, view
from neurarium.views.map_module import OfPictures, OfTables
from neurarium.views.shown import Shown
from neurarium.views.tables import table

NAME = "map"
TITLE = Text("Map", "Mapa")
ORDER = 60


def can(fitted: Any) -> bool:
    """Whether it has a lattice of units that each hold a point of the rows' space."""
    return all(hasattr(fitted, each) for each in ("codebook_", "positions_", "u_matrix", "links", "winners"))


def scene(fitted: Any, rows: Shown, *, features: Sequence[str | int] | None = None) -> Scene:
    """A map, unfolded over its rows.

    Args:
        fitted: A fitted map.
        rows: Rows, and their classes where there are any.
        features: Names or numbers of the two columns to see it over; None for the rows' two main axes.

    Raises:
        CannotLook: There are no rows, or not one class for each.
        ValueError: `features` names no two columns.
    """
    laid = sheet(fitted, rows)
    seen = view(laid.rows, rows.columns, features)
    frames = seen.seen(passes(fitted, rows.X))
    columns, widest = laid.codebook.shape[1], int(laid.codebook.var(0).argmax())
    constants = _constants(fitted, rows, laid, seen)
    spread = np.stack([laid.rows.mean(0), np.where(laid.rows.std(0) > 0, laid.rows.std(0), 1.0)])
    module = (OfPictures if laid.picture else OfTables)(laid, frames, fitted.links()[0], spread).eval()
    controls: list[Control] = [
        Choice("part", Text("what is seen", "qué se ve"), panels.parts(laid), 0, True),
        Number("unit", Text("cell", "celda"), int(laid.hits.argmax()), 0, len(laid.hits) - 1, 1, whole=True),
        _asked(laid),
        Number("column", Text("column", "columna"), widest, 0, columns - 1, 1, whole=True),
    ]
    if columns <= panels.NAMED:
        controls[-1] = Choice("column", Text("column", "columna"), "columns", widest)
    if len(frames) > 1:
        last = len(frames) - 1
        controls.append(Number("frame", Text("pass", "pasada"), last, 0, last, 1, whole=True, plays=True))
    else:
        constants["frame"] = np.array(0, np.int64)
    return Scene(
        look="map",
        title=Text("The map and its rows", "El mapa y sus filas"),
        sentence=panels.told(fitted, laid, rows),
        panels=panels.panels(fitted, laid, seen, rows, len(frames)),
        controls=controls,
        lists={"columns": list(rows.columns), "classes": list(laid.names), "data": [rows.data]},
        constants=constants,
        module=module,
    )


def _asked(laid: Sheet) -> Control:
    """The row that is asked about: drawn, or one of those shown."""
    if laid.picture is None:
        return Number("row", Text("row", "fila"), 0, 0, len(laid.rows) - 1, 1, whole=True)
    pictures = laid.rows.reshape(-1, *laid.picture)
    low, high = float(laid.rows.min()), float(laid.rows.max())
    names = [laid.names[each] for each in laid.classes] if laid.names else None
    label = Text("a picture to ask about", "una imagen para preguntar")
    return Picture("picture", label, pictures[0].astype(np.float32), low, max(high, low + 1e-6), "rows", names)


def _constants(fitted: Any, rows: Shown, laid: Sheet, seen: View) -> dict[str, NDArray[Any]]:
    """All that marks show and nothing changes."""
    errors = fitted.errors(rows.X)
    x, y = laid.corners
    centre = np.stack([x.mean(1), y.mean(1)], 1)
    empty = (laid.majority < 0)[:, None]
    scattered = _scattered(centre, laid.winners)
    places = seen.seen(laid.rows)
    history = getattr(fitted, "history_", [])
    pictures = laid.rows.reshape(-1, *laid.picture) if laid.picture else laid.rows
    real = {
        "cell_x": x, "cell_y": y,
        "won_x": np.where(empty, centre[:, :1], x), "won_y": np.where(empty, centre[:, 1:], y),
        "scattered_x": scattered[:, 0], "scattered_y": scattered[:, 1],
        "walls": fitted.u_matrix().ravel(), "hits": laid.hits,
        "rows": pictures, "place_x": places[:, 0], "place_y": places[:, 1],
        "quantisation": errors.quantisation, "topographic": errors.topographic,
        "quantisation_by_pass": [*(each["loss"] for each in history), errors.quantisation],
        "topographic_by_pass": [*(each.get("topographic_error", 0.0) for each in history), errors.topographic],
        "share_x": seen.shares[0], "share_y": seen.shares[1],
        "range": [laid.rows.min(), laid.rows.max()],
    }  # fmt: skip
    first, second = seen.features or (0, 0)
    whole = {
        "majority": laid.majority.clip(min=0), "row_classes": laid.classes,
        "first": first, "second": second, "zero": 0,
    }  # fmt: skip
    return {
        **{name: np.asarray(array, np.float32) for name, array in real.items()},
        **{name: np.asarray(array, np.int64) for name, array in whole.items()},
    }


def _scattered(centres: NDArray[Any], winners: NDArray[np.int64]) -> NDArray[np.float64]:
    """(rows, 2) rows in their cells, each cell's on a spiral, so that none covers another."""
    order = np.zeros(len(winners), int)
    for unit in np.unique(winners):
        mine = np.flatnonzero(winners == unit)
        order[mine] = np.arange(len(mine))
    most = np.bincount(winners)[winners]
    turn, far = order * np.pi * (3 - np.sqrt(5)), 0.38 * np.sqrt(order / np.maximum(most, 4))
    return centres[winners] + np.stack([far * np.cos(turn), far * np.sin(turn)], 1)


def example(code: str) -> tuple[Any, Any, Any] | None:
    """Flowers with named columns, for a map; None for networks that are none."""
    if code != "KN":
        return None
    from sklearn.datasets import load_iris  # not at the top: listing the looks stays cheap

    from neurarium.catalogue import cards

    iris = load_iris()
    X = table((iris.data - iris.data.mean(0)) / iris.data.std(0), iris.feature_names)
    return cards()[code].estimators[0](random_state=0), X, iris.target_names[iris.target]
