"""The panels of the look "plane"."""

from neurarium.page.marks import Bars, Formula, Hull, Images, Points, Raster, Ref, Series
from neurarium.page.scene import Axis, Panel
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.plane_rows import Rows

PLANE, ROW, ERRORS, DRAWS = range(4)
TABS = [
    Text("plane", "plano"),
    Text("one row", "una fila"),
    Text("errors", "errores"),
    Text("codes that are drawn", "códigos que se sortean"),
]
MOST_BARS = 24


def plane_panels(
    rows: Rows, axes: tuple[Axis, Axis], extent: tuple[float, float, float, float], n_codes: int
) -> list[Panel]:
    """Codes, what the place stands for, the manifold, and the plane of principal components."""
    beyond = Text(
        f"In the {n_codes - 2} directions beyond the plane the code stays at its mean.",
        f"En las {n_codes - 2} direcciones fuera del plano el código queda en su media.",
    )
    when = ("view", (PLANE,))
    place = Points(Ref("place_x"), Ref("place_y"), size=8, drags="place", ring=[1.0])
    return [
        Panel(
            Text(
                "The rows, by their codes: drag the ringed point",
                "Las filas, por sus códigos: arrastre el punto con anillo",
            ),
            [_rows("code", rows), place],
            note=Text("{drawn_rows} of {all_rows} rows are drawn.", "Se dibujan {drawn_rows} de {all_rows} filas."),
            x=axes[0],
            y=axes[1],
            when=when,
        ),
        Panel(
            Text("What the decoder makes of this place", "Lo que el decodificador hace de este lugar"),
            [_seen("drawn", rows)],
            note=beyond if n_codes > 2 else None,
            size="small",
            when=when,
        ),
        _manifold(rows, axes, extent, place),
        Panel(
            Text("The same rows by principal components", "Las mismas filas por componentes principales"),
            [_rows("line", rows)],
            note=Text(
                "Mean squared error of a row: from {n_lines} straight axes {straight_mean:.2f}, from the network's "
                "code {error_mean:.2f}.",
                "Error cuadrático medio de una fila: con {n_lines} ejes rectos {straight_mean:.2f}, con el código de "
                "la red {error_mean:.2f}.",
            ),
            x=Axis(Text("first component", "primera componente")),
            y=Axis(Text("second component", "segunda componente")),
            square=True,
            when=when,
        ),
    ]


def row_panels(rows: Rows, n_codes: int, axes: tuple[Axis, Axis]) -> list[Panel]:
    """One row: what goes in, its code, what comes out, and where it lies."""
    when = ("view", (ROW,))
    code = Bars(Ref("code"), "code_names") if n_codes <= MOST_BARS else Series(Ref("code"), style="step")
    draw = Text("The row: draw on it", "La fila: dibuje en ella") if rows.shape else Text("The row", "La fila")
    missed = Images(Ref("missed"), columns=1, scale="signed") if rows.shape else _profile("missed", rows)
    return [
        Panel(draw, [_seen("row", rows, draws="picture" if rows.shape else None)], size="small", when=when),
        Panel(Text("Its code", "Su código"), [code], size="small", when=when),
        Panel(
            Text("What comes back", "Lo que vuelve"),
            [_seen("back", rows)],
            note=Text("Squared error {row_error:.2f}.", "Error cuadrático {row_error:.2f}."),
            size="small",
            when=when,
        ),
        Panel(Text("What is lost", "Lo que se pierde"), [missed], size="small", when=when),
        Panel(
            Text("From straight axes", "Con ejes rectos"),
            [_seen("straight_back", rows)],
            note=Text(
                "{n_lines} principal components: squared error {straight_error:.2f}.",
                "{n_lines} componentes principales: error cuadrático {straight_error:.2f}.",
            ),
            size="small",
            when=when,
        ),
        Panel(
            Text("Where it lies", "Dónde está"),
            [_rows("code", rows), Points(Ref("spot_x"), Ref("spot_y"), size=8, ring=[1.0])],
            x=axes[0],
            y=axes[1],
            when=when,
        ),
    ]


def error_panels(rows: Rows) -> list[Panel]:
    """How badly rows come back, and those that come back worst."""
    when = ("view", (ERRORS,))
    if rows.shape:
        worst = [
            Panel(
                Text("The rows that come back worst", "Las filas que peor vuelven"),
                [Images(Ref("worst_rows"), columns=6, labels="worst")],
                when=when,
            ),
            Panel(
                Text("What comes back of them", "Lo que vuelve de ellas"),
                [Images(Ref("worst_back"), columns=6, labels="worst")],
                when=when,
            ),
        ]
    else:
        worst = []
    return [
        Panel(
            Text("Squared errors of the rows", "Errores cuadráticos de las filas"),
            [
                Series(Ref("counts"), x=Ref("edges"), names=TWO, style="step", cursor=Ref("threshold")),
            ],
            note=Text(
                "{above} rows ({share_above:.1%}) lie above {threshold:.2f}; the chosen row has {row_error:.2f}.",
                "{above} filas ({share_above:.1%}) superan {threshold:.2f}; la fila elegida tiene {row_error:.2f}.",
            ),
            x=Axis(Text("squared error of a row", "error cuadrático de una fila")),
            y=Axis(Text("rows", "filas")),
            size="wide",
            when=when,
        ),
        Panel(
            Text("The largest errors", "Los errores mayores"),
            [Bars(Ref("worst_errors"), "worst", threshold=Ref("threshold"))],
            when=when,
        ),
        *worst,
    ]


TWO = [Text("from the code", "con el código"), Text("from straight axes", "con ejes rectos")]


def draw_panels(rows: Rows, n_codes: int, axes: tuple[Axis, Axis]) -> list[Panel]:
    """Where the codes of rows may lie, what each number of the code tells, and a draw step by step."""
    when = ("view", (DRAWS,))
    lines = [
        f"z_{number + 1} = μ_{number + 1} + σ_{number + 1} · ε_{number + 1} = {{mean_{number}:.2f}} + "
        f"{{deviation_{number}:.2f}} · ( {{epsilon_{number}:.2f}} ) = {{z_{number}:.2f}}"
        for number in range(min(2, n_codes))
    ]
    told = Bars(Ref("kl"), "code_names") if n_codes <= MOST_BARS else Series(Ref("kl"), style="step")
    return [
        Panel(
            Text(
                "Where codes may lie: one deviation around each mean",
                "Dónde pueden estar los códigos: una desviación alrededor de cada media",
            ),
            [
                Hull(
                    Ref("ellipses_x"),
                    Ref("ellipses_y"),
                    group=None if rows.codes is None else Ref("ellipses_class"),
                ),
                Points(Ref("draws_x"), Ref("draws_y"), size=4, ring=Ref("all_ringed")),
            ],
            note=Text(
                "{n_ellipses} rows; the ringed points are draws of the code of the chosen row.",
                "{n_ellipses} filas; los puntos con anillo son códigos sorteados de la fila elegida.",
            ),
            x=axes[0],
            y=axes[1],
            when=when,
        ),
        Panel(
            Text("A draw: z = μ + σ ε", "Un sorteo: z = μ + σ ε"),
            [Formula(tree(lines), Text(plain(lines), plain(lines)))],
            note=Text(
                "ε is drawn from the normal law; the coder gives μ and σ, the decoder turns z into a row.",
                "ε se sortea de la ley normal; el codificador da μ y σ, y el decodificador convierte z en una fila.",
            ),
            when=when,
        ),
        Panel(
            Text("Rows from codes that were drawn", "Filas de códigos sorteados"),
            [Images(Ref("draws"), columns=6) if rows.shape else _profile("draws", rows)],
            when=when,
        ),
        Panel(
            Text("What each number of the code tells of a row", "Lo que cada número del código dice de una fila"),
            [told],
            note=Text(
                "Kullback-Leibler divergence from N(0, 1) in nats, mean over the rows: {kl_sum:.2f} in all.",
                "Divergencia de Kullback-Leibler respecto de N(0, 1) en nats, media sobre las filas: {kl_sum:.2f} en "
                "total.",
            ),
            when=when,
        ),
    ]


def _rows(name: str, rows: Rows) -> Points:
    return Points(
        Ref(f"{name}_places_x"),
        Ref(f"{name}_places_y"),
        group=None if rows.codes is None else Ref("points_class"),
        groups="classes" if rows.codes is not None else None,
        size=3,
    )


def _seen(name: str, rows: Rows, draws: str | None = None) -> Images | Bars | Series:
    return Images(Ref(name), columns=1, draws=draws) if rows.shape else _profile(name, rows)


def _profile(name: str, rows: Rows) -> Bars | Series:
    """The columns of a row, in deviations from their means."""
    if len(rows.columns) <= MOST_BARS:
        return Bars(Ref(name), "columns", limits=(-3, 3))
    return Series(Ref(name), style="step")


def _manifold(rows: Rows, axes: tuple[Axis, Axis], extent: tuple[float, float, float, float], place: Points) -> Panel:
    when = ("view", (PLANE,))
    if rows.shape:
        return Panel(
            Text("What the decoder makes of all places", "Lo que el decodificador hace de todos los lugares"),
            [Raster(Ref("manifold"), extent, scale="ink"), place],
            x=axes[0],
            y=axes[1],
            when=when,
        )
    return Panel(
        Text(
            "{column|columns}, as the decoder has it at all places",
            "{column|columns}, según el decodificador en todos los lugares",
        ),
        [Raster(Ref("manifold", at=("column",)), extent, scale="magnitude"), place],
        x=axes[0],
        y=axes[1],
        when=when,
    )
