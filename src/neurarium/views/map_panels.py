"""The panels and the sentence of the map look."""

from typing import Any

from neurarium.page.marks import Bars, Hull, Images, Labels, Mark, Matrix, Named, Points, Ref, Series
from neurarium.page.scene import Axis, Entry, Panel
from neurarium.page.words import Text
from neurarium.views.map_lattice import Sheet, View
from neurarium.views.shown import Shown

NAMED = 40
"""Columns up to which each is shown with its name."""

_FEW = 200  # rows up to which points are large
_OVER, _CELLS, _COLUMNS, _ASKED = range(4)


def parts(laid: Sheet) -> list[Text]:
    """What the tabs are called."""
    return [
        Text("over the data", "sobre los datos"),
        Text("hits and cells", "visitas y celdas"),
        Text("columns", "columnas"),
        Text("ask with a picture", "preguntar con una imagen") if laid.picture else Text("ask with a row",
                                                                                        "preguntar con una fila"),
    ]  # fmt: skip


def told(fitted: Any, laid: Sheet, rows: Shown) -> Text:
    """What is seen, with both errors."""
    hexagonal = getattr(fitted, "lattice", "") == "hexagonal"
    kind = ("hexagonal ", " hexagonales") if hexagonal else ("", "")
    of = (" of {zero|data}", " de {zero|data}") if rows.data else ("", "")
    joined = (
        (", opposite edges joined,", ", con los bordes opuestos unidos,")
        if getattr(fitted, "torus", False)
        else ("", "")
    )
    en = (
        f"{fitted.rows_} x {fitted.columns_} {kind[0]}cells{joined[0]} over {laid.n_rows} rows{of[0]}: a row is "
        "{quantisation:.3f} from its cell on average (quantisation error), and for {topographic:.1%} of the rows the "
        "two nearest cells do not touch (topographic error)."
    )
    es = (
        f"{fitted.rows_} x {fitted.columns_} celdas{kind[1]}{joined[1]} sobre {laid.n_rows} filas{of[1]}: una fila "
        "está en promedio a {quantisation:.3f} de su celda (error de cuantificación), y para el {topographic:.1%} de "
        "las filas las dos celdas más cercanas no se tocan (error topográfico)."
    )
    if len(laid.rows) < laid.n_rows:
        en += f" Drawn are {len(laid.rows)} rows, of each cell the nearest first."
        es += f" Se dibujan {len(laid.rows)} filas, de cada celda primero las más cercanas."
    if laid.filled:
        en += " Missing values are shown as the map fills them in."
        es += " Los valores que faltan se muestran como el mapa los completa."
    return Text(en, es)


def panels(fitted: Any, laid: Sheet, seen: View, rows: Shown, frames: int) -> list[Panel]:
    """All panels, in reading order."""
    return [
        _walls(),
        *_over(seen, laid, frames),
        *_cells(laid),
        _columns(rows),
        *_asked(laid),
    ]


def _cells_of(value: str, **more: Any) -> Hull:
    return Hull(Ref("cell_x"), Ref("cell_y"), value=Ref(value), picks="unit", highlight=Ref("unit"), **more)


def _walls() -> Panel:
    note = Text(
        "The colour of a cell is its mean distance to the cells beside it: dark ground is alike, bright ridges divide. "
        "Chosen: cell {unit:d}.",
        "El color de una celda es su distancia media a las vecinas: el fondo oscuro se parece, las crestas claras "
        "separan. Elegida: la celda {unit:d}.",
    )
    title = Text("Walls between cells (U-matrix)", "Muros entre celdas (matriz U)")
    return Panel(title, [_cells_of("walls")], note, square=True, when=("part", (_OVER, _CELLS, _COLUMNS)))


def _points(laid: Sheet, x: str, y: str) -> Points:
    """Rows, in the colours and shapes of their classes where they have some."""
    size = 3.0 if len(laid.rows) <= _FEW else 2.0
    if not laid.names:
        return Points(Ref(x), Ref(y), size=size)
    return Points(Ref(x), Ref(y), Ref("row_classes"), "classes", size=size)


def _over(seen: View, laid: Sheet, frames: int) -> list[Panel]:
    """The lattice as a net over the rows, pass by pass, and both errors."""
    net: list[Mark] = [
        _points(laid, "place_x", "place_y"),
        Hull(Ref("net_x"), Ref("net_y"), closed=False),
        Points(Ref("knot_x"), Ref("knot_y"), size=2.5, picks="unit"),
    ]
    if seen.features is None:
        x = Axis(
            Text(
                "first main axis ({share_x:.0%} of the variance)", "primer eje principal ({share_x:.0%} de la varianza)"
            )
        )
        y = Axis(Text("second main axis ({share_y:.0%})", "segundo eje principal ({share_y:.0%})"))
    else:
        x, y = Axis(Entry(Ref("first"), "columns")), Axis(Entry(Ref("second"), "columns"))
    note = Text(
        "Each knot is a cell where it lies among the rows; lines join cells side by side.",
        "Cada nudo es una celda donde está entre las filas; las líneas unen celdas vecinas.",
    )
    if frames == 1:
        return [
            Panel(Text("The net over the rows", "La red sobre las filas"), net, note, x, y, when=("part", (_OVER,)))
        ]
    more = Text(
        " The slider goes through the fit, from the start to the last pass.",
        " El control recorre el ajuste, del comienzo a la última pasada.",
    )
    note = Text(note.en + more.en, note.es + more.es)
    unfolded = Panel(Text("The net over the rows", "La red sobre las filas"), net, note, x, y, when=("part", (_OVER,)))
    return [unfolded, _errors("quantisation"), _errors("topographic")]


def _errors(name: str) -> Panel:
    """One of the two errors, pass by pass."""
    title = {
        "quantisation": Text("Quantisation error", "Error de cuantificación"),
        "topographic": Text("Topographic error", "Error topográfico"),
    }[name]
    curve = Series(Ref(f"{name}_by_pass"), cursor=Ref("frame"), picks="frame")
    return Panel(
        title, [curve], x=Axis(Text("passes", "pasadas")), y=Axis(low=0), size="small", when=("part", (_OVER,))
    )


def _cells(laid: Sheet) -> list[Panel]:
    """How many rows each cell has, whose they mostly are, and what is in the one that is chosen."""
    when = ("part", (_CELLS,))
    hits = Panel(
        Text("Hits", "Visitas"),
        [_cells_of("hits")],
        Text("How many rows each cell wins.", "Cuántas filas gana cada celda."),
        square=True,
        size="small",
        when=when,
    )
    outlines = Hull(Ref("cell_x"), Ref("cell_y"), picks="unit", closed=False, highlight=Ref("unit"))
    rows = _points(laid, "scattered_x", "scattered_y")
    title, note = Text("Rows in their cells", "Filas en sus celdas"), None
    marks: list[Mark] = [outlines, rows]
    if laid.names:
        marks.insert(0, Hull(Ref("won_x"), Ref("won_y"), group=Ref("majority"), groups="classes", picks="unit"))
        note = Text(
            "A cell has the colour of the class that most of its rows have.",
            "Una celda tiene el color de la clase que tienen la mayoría de sus filas.",
        )
    inside = Panel(title, marks, note, square=True, when=when)
    return [inside, hits, *_chosen(laid)]


def _chosen(laid: Sheet) -> list[Panel]:
    """What the chosen cell holds, and its rows."""
    when = ("part", (_CELLS,))
    title = Text("What cell {unit:d} holds", "Lo que contiene la celda {unit:d}")
    own = Text("Its rows, the nearest first", "Sus filas, la más cercana primero")
    names: Labels | None = Named(Ref("own_classes"), "classes") if laid.names else None
    if laid.picture:
        limits = Ref("range")
        return [
            Panel(title, [Images(Ref("held_picture"), 1, limits=limits)], size="small", when=when),
            Panel(own, [Images(Ref("own"), 6, names, limits=limits)], size="small", when=when),
        ]
    if laid.codebook.shape[1] > NAMED:
        curves = Series(Ref("own_away"))
        return [Panel(title, [curves], _STANDARD, x=Axis(Text("column", "columna")), when=when)]
    return [
        Panel(title, [Bars(Ref("held"), "columns")], size="small", when=when),
        Panel(own, [Matrix(Ref("own_away"), _first_then(laid), "columns", numbers=True)], _STANDARD, when=when),
    ]


_STANDARD = Text(
    "In standard deviations from the mean of the column; first what the cell holds.",
    "En desviaciones típicas desde la media de la columna; primero lo que contiene la celda.",
)


def _first_then(laid: Sheet) -> list[Text]:
    """The names of the lines: the cell, and its rows."""
    return [
        Text("the cell", "la celda"),
        *(Text(f"row {each}", f"fila {each}") for each in range(1, laid.members.shape[1] + 1)),
    ]


def _columns(rows: Shown) -> Panel:
    """One column over the map."""
    title = Text("{column|columns} over the map", "{column|columns} en el mapa")
    note = Text(
        "What the cells hold of this column. Columns that go together look alike.",
        "Lo que las celdas contienen de esta columna. Las columnas que van juntas se parecen.",
    )
    return Panel(title, [_cells_of("component")], note, square=True, when=("part", (_COLUMNS,)))


def _asked(laid: Sheet) -> list[Panel]:
    """A row's distances to all cells, and its winner."""
    when = ("part", (_ASKED,))
    note = Text(
        "The nearest cell is {winner:d}, at {nearest:.3f}.",
        "La celda más cercana es la {winner:d}, a {nearest:.3f}.",
    )
    distances = Hull(Ref("cell_x"), Ref("cell_y"), value=Ref("distances"), picks="unit", highlight=Ref("winner"))
    far = Panel(
        Text("Its distance to each cell", "Su distancia a cada celda"), [distances], note, square=True, when=when
    )
    if laid.picture:
        limits = Ref("range")
        picture = Images(Ref("picture"), 1, limits=limits, draws="picture")
        drawn = Panel(Text("The picture", "La imagen"), [picture], size="small", when=when)
        title = Text("What the nearest cell holds", "Lo que contiene la celda más cercana")
        held = Panel(title, [Images(Ref("winner_picture"), 1, limits=limits)], size="small", when=when)
        return [drawn, held, far]
    title = Text("The row and its cell", "La fila y su celda")
    if laid.codebook.shape[1] > NAMED:
        names = [Text("the row", "la fila"), Text("its cell", "su celda")]
        return [far, Panel(title, [Series(Ref("both_away"), names=names)], _STANDARD_ROW, when=when)]
    lines = [Text("the row", "la fila"), Text("its cell", "su celda")]
    return [far, Panel(title, [Matrix(Ref("both_away"), lines, "columns", numbers=True)], _STANDARD_ROW, when=when)]


_STANDARD_ROW = Text(
    "In standard deviations from the mean of the column.", "En desviaciones típicas desde la media de la columna."
)
