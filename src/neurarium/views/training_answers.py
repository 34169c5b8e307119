"""What a network that learns answers: over a plane, along a column, by class, against what is right."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.marks import Mark, Matrix, Points, Raster, Ref, Series
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text
from neurarium.views.choosing import chosen_rows
from neurarium.views.shown import Shown
from neurarium.views.training_sight import MANY, NOW, SOME, Sight, reach, taken

_SIDE = 32  # of the plane


class Border(Sight):
    """What it answers over the plane of its two columns."""

    def __init__(self, rows: Shown, *, classes: bool) -> None:
        super().__init__()
        X, y = np.asarray(rows.X, float), np.asarray(rows.y)
        (left, right), (low, high) = (reach(X[:, each]) for each in (0, 1))
        self.extent, self.classes = (left, right, low, high), classes
        steps = (np.arange(_SIDE) + 0.5) / _SIDE
        x, y_ = np.meshgrid(left + steps * (right - left), low + steps * (high - low))
        self.grid = np.column_stack([x.ravel(), y_.ravel()])
        some = chosen_rows(y if classes else None, len(X), SOME)
        self.names, codes = np.unique(y, return_inverse=True)
        self.constants = {"row_x": X[some, 0].astype(np.float32), "row_y": X[some, 1].astype(np.float32)}
        self.constants["row_class" if classes else "row_value"] = (
            codes[some].astype(np.int64) if classes else y.reshape(len(y), -1)[some, 0].astype(np.float32)
        )
        both = y.reshape(len(y), -1)[:, 0] if not classes else codes
        self.limits = (float(both.min()), float(both.max()))
        self.lists = {"classes": [str(each) for each in self.names]} if classes else {}

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """The answers at the places of a grid."""
        said = np.asarray(network.predict(self.grid))
        if self.classes:
            return {"field": np.searchsorted(self.names, said).reshape(_SIDE, _SIDE)}
        return {"field": said.reshape(len(said), -1)[:, 0].reshape(_SIDE, _SIDE)}

    def panel(self) -> Panel:
        """The plane, and the rows on it."""
        field, x, y = Ref("field", NOW), Ref("row_x"), Ref("row_y")
        if self.classes:
            marks: list[Mark] = [
                Raster(field, self.extent, scale="classes", groups="classes"),
                Points(x, y, Ref("row_class"), "classes"),
            ]
        else:
            marks = [
                Raster(field, self.extent, scale="magnitude", limits=self.limits),
                Points(x, y, value=Ref("row_value"), limits=self.limits),
            ]
        return Panel(
            Text("What it answers where", "Qué responde dónde"),
            marks,
            x=Axis(Entry(0, "columns")),
            y=Axis(Entry(1, "columns")),
        )


class Curve(Sight):
    """What it answers along its one column."""

    def __init__(self, rows: Shown) -> None:
        super().__init__()
        X, y = np.asarray(rows.X, float), np.asarray(rows.y, float).reshape(len(rows.X), -1)
        some = chosen_rows(None, len(X), SOME)
        self.line = np.linspace(*reach(X), 120)
        self.constants = {
            "line": self.line.astype(np.float32),
            "row_x": X[some, 0].astype(np.float32),
            "row_y": y[some, 0].astype(np.float32),
        }

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """The answers along a line."""
        return {"curve": np.asarray(network.predict(self.line[:, None])).reshape(len(self.line), -1)[:, 0]}

    def panel(self) -> Panel:
        """The curve, and the rows."""
        marks: list[Mark] = [Points(Ref("row_x"), Ref("row_y"), size=3), Series(Ref("curve", NOW), x=Ref("line"))]
        return Panel(Text("What it answers where", "Qué responde dónde"), marks, x=Axis(Entry(0, "columns")))


class Confusion(Sight):
    """Which classes it takes for which."""

    def __init__(self, rows: Shown) -> None:
        super().__init__()
        y = np.asarray(rows.y)
        some = chosen_rows(y, len(y), MANY)
        self.rows = taken(rows.X, some)
        self.names, self.codes = np.unique(y[some], return_inverse=True)
        self.lists = {"classes": [str(each) for each in self.names]}
        self.count = len(some)

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """Of each class the shares of the answers."""
        said = np.searchsorted(self.names, network.predict(self.rows)).clip(max=len(self.names) - 1)
        table = np.zeros((len(self.names), len(self.names)))
        np.add.at(table, (self.codes, said), 1)
        return {"confusion": table / table.sum(1, keepdims=True)}

    def panel(self) -> Panel:
        """The table."""
        matrix = Matrix(Ref("confusion", NOW), "classes", "classes", "magnitude", (0, 1), numbers=len(self.names) <= 5)
        return Panel(
            Text("What it takes for what", "Qué confunde con qué"),
            [matrix],
            Text(
                f"Row: the right class; column: the answer; the share among {self.count} rows of the fit.",
                f"Fila: la clase correcta; columna: la respuesta; la proporción entre {self.count} filas del ajuste.",
            ),
        )


class Against(Sight):
    """What it answers against what it should."""

    def __init__(self, rows: Shown) -> None:
        super().__init__()
        some = chosen_rows(None, len(rows.X), SOME)
        self.rows = taken(rows.X, some)
        right = np.asarray(rows.y, float).reshape(len(rows.X), -1)[some, 0]
        self.ends = (float(right.min()), float(right.max()))
        self.constants = {"right": right.astype(np.float32)}

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """The answers to some rows."""
        return {"said": np.asarray(network.predict(self.rows)).reshape(len(self.rows), -1)[:, 0]}

    def panel(self) -> Panel:
        """Points, which should lie on the line."""
        ends = list(self.ends)
        return Panel(
            Text("Said against right", "Lo dicho frente a lo correcto"),
            [Series(ends, x=ends), Points(Ref("right"), Ref("said", NOW), size=3)],
            Text("On the line the answer is right.", "Sobre la línea la respuesta es correcta."),
            x=Axis(Text("right", "correcto")),
            y=Axis(Text("said", "dicho")),
        )
