"""The pictures of the playground."""

import numpy as np

from neurarium.page.marks import Cells, Formula, Links, Plotted, Points, Raster, Ref, Series
from neurarium.page.scene import Axis, Panel
from neurarium.page.words import Text
from neurarium.views.formulas import plain, tree
from neurarium.views.playground_data import EDGE, FEATURE_SETS
from neurarium.views.playground_module import LAYERS, WIDTH

SEEN, DONE, OWN, TOLD = range(4)
"""Which pictures are there: to see, to play with, to play with own points, with formulas."""
_BETWEEN, _RADIUS = 1.9, 0.45
_PLANE = (-EDGE, EDGE, -EDGE, EDGE)


def panels() -> list[Panel]:
    """All of them, in reading order."""
    return [
        _plane(SEEN, small=False),
        _plane(DONE, small=False),
        _own(),
        _plane(TOLD, small=True),
        _cells(),
        _links(),
        _sum(),
        *_updates(),
        _curves(),
    ]


def _plane(which: int, *, small: bool) -> Panel:
    marks: list[Plotted] = [
        Raster(Ref("field"), _PLANE, limits=(-1, 1), levels=(0,)),
        Points(
            Ref("x"), Ref("y"), Ref("group"), "classes", used=Ref("classes"),
            ring=None if which == SEEN else Ref("test"),
        ),
        Points(
            Ref("x"), Ref("y"), value=Ref("target"), used=Ref("values"), scale="signed", limits=(-1, 1),
            ring=None if which == SEEN else Ref("test"),
        ),
    ]  # fmt: skip
    if which == TOLD:
        marks.append(Points(Ref("place_x"), Ref("place_y"), size=8, drags="place"))
    notes = {
        SEEN: Text(
            "The background is what the network says: blue for the first class, orange for the second.",
            "El fondo es lo que dice la red: azul para la primera clase, naranja para la segunda.",
        ),
        DONE: Text(
            "The background is what the network says. Ringed points are kept for testing: it never learns from them.",
            "El fondo es lo que dice la red. Los puntos con anillo se guardan para la prueba: de ellos no aprende "
            "nunca.",
        ),
        TOLD: Text(
            "Drag the large point: the sum beside is the one at its place.",
            "Arrastre el punto grande: la suma de al lado es la de su lugar.",
        ),
    }
    title = Text("What it says of every place", "Lo que dice de cada lugar")
    if which == DONE:
        title = Text("What it says of every place, and the test", "Lo que dice de cada lugar, y la prueba")
    return Panel(
        title,
        marks,
        note=notes[which],
        x=_axis("x₁"),
        y=_axis("x₂"),
        square=True,
        size="small" if small else "medium",
        when=("picture", (which,)),
    )


def _own() -> Panel:
    return Panel(
        Text("What it says of every place", "Lo que dice de cada lugar"),
        [
            Raster(Ref("field"), _PLANE, limits=(-1, 1), levels=(0,)),
            Points(
                Ref("x"), Ref("y"), Ref("group"), "classes", used=Ref("classes"), ring=Ref("test"), drags="points"
            ),
        ],
        note=Text(
            "Your own points: click to add one, drag to move it.",
            "Sus propios puntos: haga clic para añadir uno, arrastre para moverlo.",
        ),
        x=_axis("x₁"),
        y=_axis("x₂"),
        square=True,
        when=("picture", (OWN,)),
    )  # fmt: skip


def _axis(name: str) -> Axis:
    return Axis(Text(name, name), -EDGE, EDGE)


# The diagram.


def _places() -> tuple[list[float], list[float]]:
    """Where the cells stand: the inputs, the hidden units layer by layer, the output."""
    count = FEATURE_SETS[-1]
    x = [0.0] * count
    y = [(count - 1) / 2 - i for i in range(count)]
    for layer in range(LAYERS):
        x += [_BETWEEN * (layer + 1)] * WIDTH
        y += [(WIDTH - 1) / 2 - i for i in range(WIDTH)]
    return [*x, _BETWEEN * (LAYERS + 1)], [*y, 0.0]


def _ends() -> tuple[list[int], list[int]]:
    """The cells that every link goes from and to: within the hidden part, then from each layer to the output."""
    count = FEATURE_SETS[-1]

    def number(layer: int, unit: int) -> int:
        return min(unit, count - 1) if layer == 0 else count + (layer - 1) * WIDTH + unit

    units = range(WIDTH)
    within = [(number(layer, i), number(layer + 1, j)) for layer in range(LAYERS) for j in units for i in units]
    out = [(number(layer, i), count + LAYERS * WIDTH) for layer in range(LAYERS + 1) for i in units]
    starts, ends = zip(*within, *out, strict=True)
    return list(starts), list(ends)


def _drawn(picks: str | None = None) -> Links:
    """The links, from rim to rim."""
    x, y = map(np.array, _places())
    starts, ends = map(np.array, _ends())
    way = np.stack([x[ends] - x[starts], y[ends] - y[starts]])
    way *= _RADIUS / np.hypot(*way)
    from_x, from_y, to_x, to_y = x[starts] + way[0], y[starts] + way[1], x[ends] - way[0], y[ends] - way[1]
    return Links(from_x.tolist(), from_y.tolist(), to_x.tolist(), to_y.tolist(), Ref("links"), picks=picks)


def _kinds() -> list[str]:
    return ["input"] * FEATURE_SETS[-1] + ["hidden"] * LAYERS * WIDTH + ["output"]


def _grown() -> list[dict[str, float]]:
    """What a click on each cell makes: the inputs as far as this one, the layer as wide as this unit."""
    inputs: list[dict[str, float]] = [
        {"inputs": next(i for i, count in enumerate(FEATURE_SETS) if number < count)}
        for number in range(FEATURE_SETS[-1])
    ]
    hidden: list[dict[str, float]] = [
        {"layers": layer + 1, f"units_{layer + 1}": unit + 1} for layer in range(LAYERS) for unit in range(WIDTH)
    ]
    return [*inputs, *hidden, {"layers": 0}]


def _cells() -> Panel:
    x, y = _places()
    maps = [*range(FEATURE_SETS[-1]), *range(WIDTH, WIDTH * (LAYERS + 1) + 1)]
    return Panel(
        Text("The network, and what each cell says of every place", "La red, y lo que cada celda dice de cada lugar"),
        [
            _drawn(),
            *[
                Raster(
                    Ref("maps", (number,)),
                    (px - _RADIUS, px + _RADIUS, py - _RADIUS, py + _RADIUS),
                    limits=(-1, 1),
                )
                for number, px, py in zip(maps, x, y, strict=True)
            ],
            Cells(x, y, _kinds(), Ref("blank"), labels="cells", radius=_RADIUS, limits=(-1, 1), sets=_grown()),
        ],
        note=Text(
            "Every circle is the plane as that cell sees it. Click an empty circle and its layer grows to it; click a "
            "full one and the layer ends there; click the output and no hidden layer is left.",
            "Cada círculo es el plano como lo ve esa celda. Haga clic en un círculo vacío y su capa crece hasta él; en "
            "uno lleno y la capa acaba ahí; en la salida y no queda ninguna capa oculta.",
        ),
        square=True,
        when=("picture", (SEEN, DONE, OWN)),
    )


def _links() -> Panel:
    x, y = _places()
    return Panel(
        Text("Choose a link", "Elija un enlace"),
        [
            _drawn(picks="link"),
            Cells(x, y, _kinds(), Ref("at_place"), labels="cells", radius=_RADIUS),
        ],
        note=Text(
            "Cells are filled with what they say at the large point.",
            "Las celdas muestran lo que dicen en el punto grande.",
        ),
        square=True,
        when=("picture", (TOLD,)),
    )


# The numbers.


def _curves() -> Panel:
    return Panel(
        Text("Loss", "Pérdida"),
        [Series(Ref("curves"), Ref("at"), [Text("training", "entrenamiento"), Text("test", "prueba")])],
        x=Axis(Text("steps", "pasos"), Ref("since"), Ref("until")),
        y=Axis(Text("loss", "pérdida"), 0),
        size="small",
        when=("picture", (SEEN, DONE, OWN)),
    )


def _sum() -> Panel:
    lines = [
        "z = w · a_0 + Σ + b",
        "= {w:.3f} · {from_a:.3f} {rest:+.3f} {b:+.3f}",
        "= {z:.3f}",
        "a = f ( z ) = {a:.3f}",
    ]
    return _formula(
        Text("Forward: the sum that the chosen link goes into", "Hacia delante: la suma a la que va el enlace elegido"),
        lines,
    )


def _updates() -> list[Panel]:
    """What the next step does to the chosen weight, by each rule."""
    title = Text("Update: what the next step does to it", "Actualización: lo que el próximo paso hace con él")
    slope, change = "g = ∂L / ∂w = {g:.5f}", "w − Δw = {w:.4f} − ({step:.4f}) = {next_w:.4f}"
    descent = [slope, "Δw = η g = {rate:.3f} · {g:.5f}", change]
    means = ["m = 0.9 m_0 + 0.1 g = {m:.5f}", "v = 0.999 v_0 + 0.001 g² = {v:.9f}"]
    right = "Δw = η m / {known:.3f} / √ ( v / {known_squares:.3f} )"
    return [_formula(title, descent, "update", 1), _formula(title, [slope, *means, right, change], "update", 2)]


def _formula(title: Text, lines: list[str], there: str = "picture", number: int = TOLD) -> Panel:
    said = plain(lines)
    return Panel(title, [Formula(tree(lines), Text(said, said))], when=(there, (number,)))
