"""What a network that learns makes: a map, codes and what comes back of them, samples, forecasts, texts."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.marks import Images, Mark, Matrix, Named, Points, Ref, Series, Tokens
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text
from neurarium.views.choosing import chosen_rows
from neurarium.views.map_lattice import view
from neurarium.views.shown import Shown
from neurarium.views.training_layers import smaller
from neurarium.views.training_sight import MANY, NOW, SOME, Sight, reach

AHEAD = 48
"""Steps of a forecast."""
_FEW, _COLUMNS, _WRITTEN = 6, 22, 60


class Net(Sight):
    """A map's units among the rows."""

    def __init__(self, fitted: Any, rows: Shown) -> None:
        super().__init__()
        X = np.asarray(rows.X, float).reshape(len(rows.X), -1)
        X = X[~np.isnan(X).any(1)]
        self.plane = view(X, rows.columns, None)
        y = rows.y if rows.y is not None and len(X) == len(rows.X) else None
        some = chosen_rows(y, len(X), MANY)
        places = self.plane.seen(X[some])
        self.constants = {"row_x": places[:, 0].astype(np.float32), "row_y": places[:, 1].astype(np.float32)}
        if y is not None:
            names, codes = np.unique(y, return_inverse=True)
            self.constants["row_class"] = codes[some].astype(np.int64)
            self.lists = {"classes": [str(each) for each in names]}
        self.pairs = fitted.links()[0]
        self.ends = (reach(places[:, 0]), reach(places[:, 1]))

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """Where the units lie."""
        return {"knots": self.plane.seen(network.codebook_.reshape(-1, self.plane.axes.shape[0]))}

    def panel(self) -> Panel:
        """The net over the rows."""
        named = self.plane.features is not None
        x = Axis(Entry(0, "columns") if named else Text("first main axis", "primer eje principal"), *self.ends[0])
        y = Axis(Entry(1, "columns") if named else Text("second main axis", "segundo eje principal"), *self.ends[1])
        rows = Points(Ref("row_x"), Ref("row_y"), size=2.5)
        if self.lists:
            rows = dataclasses.replace(rows, group=Ref("row_class"), groups="classes")
        net, knots = Series(Ref("net_y"), x=Ref("net_x")), Points(Ref("knot_x"), Ref("knot_y"), size=2.5)
        x, y = (
            dataclasses.replace(axis, low=low, high=high) for axis, (low, high) in zip((x, y), self.ends, strict=True)
        )
        return Panel(Text("The map over the rows", "El mapa sobre las filas"), [rows, net, knots], x=x, y=y)


class Back(Sight):
    """What comes back of rows that are coded and decoded."""

    def __init__(self, rows: Shown, picture: tuple[int, ...]) -> None:
        super().__init__()
        some = chosen_rows(rows.y, len(rows.X), _FEW)
        self.rows, self.picture, self.columns = np.asarray(rows.X)[some], picture, list(rows.columns)
        flat = self.rows.reshape(len(some), -1).astype(float)
        self.low, self.high = float(flat.min()), max(float(flat.max()), float(flat.min()) + 1e-6)
        self.before = self._shown(flat)

    def _shown(self, values: NDArray[Any]) -> NDArray[Any]:
        if self.picture:
            return smaller((values.reshape(-1, *self.picture) - self.low) / (self.high - self.low))
        return values[:, :_COLUMNS]

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """The rows, there and back."""
        back = np.asarray(network.inverse_transform(network.transform(self.rows)), float).reshape(len(self.rows), -1)
        shown = self._shown(back)
        return {"back": np.concatenate([self.before, shown]) if self.picture else shown - self.before}

    def panel(self) -> Panel:
        """Above what goes in, below what comes back; of tables what is missed."""
        if self.picture:
            return Panel(
                Text("What comes back", "Lo que vuelve"),
                [Images(Ref("back", NOW), _FEW)],
                Text(
                    "Above rows of the fit, below what comes back of them.",
                    "Arriba filas del ajuste, abajo lo que vuelve de ellas.",
                ),
            )
        most = self.high - self.low
        return Panel(
            Text("What comes back, less what went in", "Lo que vuelve, menos lo que entró"),
            [Matrix(Ref("back", NOW), columns=self.columns[:_COLUMNS], limits=(-most, most))],
            Text("Each line is a row of the fit.", "Cada línea es una fila del ajuste."),
        )


class Drawn(Sight):
    """New rows that it draws, always from the same noise."""

    def __init__(self, rows: Shown, picture: tuple[int, ...]) -> None:
        super().__init__()
        flat = np.asarray(rows.X, float).reshape(len(rows.X), -1)
        self.picture, self.low, self.high = picture, float(flat.min()), float(flat.max())
        if not picture:
            self.plane = view(flat, rows.columns, None)
            places = self.plane.seen(flat[chosen_rows(None, len(flat), MANY)])
            self.constants = {"row_x": places[:, 0].astype(np.float32), "row_y": places[:, 1].astype(np.float32)}

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """Samples."""
        drawn = np.asarray(network.sample(9 if self.picture else SOME, random_state=0), float)
        flat = drawn.reshape(len(drawn), -1)
        if self.picture:
            scaled = (flat - self.low) / max(self.high - self.low, 1e-6)
            return {"drawn": smaller(scaled.reshape(-1, *self.picture)).clip(0, 1)}
        return {"drawn": self.plane.seen(flat).T}

    def panel(self) -> Panel:
        """The samples, among the rows where these are no pictures."""
        title = Text("Samples, always from the same noise", "Muestras, siempre del mismo ruido")
        if self.picture:
            return Panel(title, [Images(Ref("drawn", NOW), 3)])
        marks: list[Mark] = [
            Points(Ref("row_x"), Ref("row_y"), size=2),
            Points(Ref("drawn", (*NOW, 0)), Ref("drawn", (*NOW, 1)), group=[1] * SOME, size=4),
        ]
        note = Text(
            "Large points are drawn, small ones are rows.", "Los puntos grandes son sorteados, los pequeños filas."
        )
        return Panel(title, marks, note)


class Ahead(Sight):
    """How it goes on from the series without its end."""

    def __init__(self, rows: Shown) -> None:
        super().__init__()
        series = np.asarray(rows.X)
        self.before, self.after = series[:-AHEAD], self._one(series[-AHEAD:])

    @staticmethod
    def _one(series: NDArray[Any]) -> NDArray[Any]:
        return series.reshape(len(series), -1)[:, 0]

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """A free run over the end, beside the truth."""
        run = self._one(np.asarray(network.forecast(AHEAD, history=self.before)))
        return {"ahead": np.stack([self.after, run])}

    def panel(self) -> Panel:
        """Both curves."""
        names = [Text("the series", "la serie"), Text("going on freely", "siguiendo sola")]
        return Panel(
            Text("The end of the series", "El final de la serie"),
            [Series(Ref("ahead", NOW), names=names)],
            x=Axis(Text("step", "paso")),
        )


class Written(Sight):
    """What it writes, always by the same chance."""

    def __init__(self) -> None:
        super().__init__()
        self.lists = {"letters": []}

    def __call__(self, network: Any) -> dict[str, NDArray[Any]]:
        """The codes of what it writes."""
        words = network.sample(_WRITTEN, random_state=0)
        pieces = words.split() if getattr(network, "unit", "") == "word" else list(words)
        known = self.lists["letters"]
        known += sorted(set(pieces) - set(known))
        codes = [known.index(piece) for piece in pieces][:_WRITTEN]
        return {"written": np.array(codes + [-1] * (_WRITTEN - len(codes)))}

    def panel(self) -> Panel:
        """The text."""
        return Panel(
            Text("What it writes, always by the same chance", "Lo que escribe, siempre con el mismo azar"),
            [Tokens(Named(Ref("written", NOW), "letters"))],
        )
