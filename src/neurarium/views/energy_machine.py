"""The scene of a restricted Boltzmann machine: its dream from what is drawn, its features, and its free energies."""

from math import isqrt
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurarium.page.controls import Choice, Noise, Number, Picture
from neurarium.page.marks import Bars, Formula, Images, Matrix, Ref, Series
from neurarium.page.noise import uniform
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.energy_dream import DreamModule
from neurarium.views.energy_rows import as_pictures, shape_of
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

MOST_UNITS = 4096
TURNS = 13
_SAMPLES = 30
_FIELDS = 24
_ROWS = 1000
_DREAMS = 200
_BINS = 24


def scene_of(fitted: Any, rows: Shown, look: str) -> Scene:
    """The energy of a fitted machine.

    Args:
        fitted: With a module as `RestrictedBoltzmannMachine` has it.
        rows: Rows to start from, and to compare with; None for the machine's own dreams.
        look: The look's name.
    """
    machine = fitted.module_
    n_hidden, n_visible = machine.weight.shape
    if n_visible > MOST_UNITS:
        raise CannotLook(f"the look {look!r} draws at most {MOST_UNITS} units; this machine has {n_visible}.")
    shape = shape_of(fitted, rows, n_visible)
    dreams = np.asarray(fitted.sample(_DREAMS, random_state=0))
    given = dreams if rows.X is None else np.asarray(rows.X).reshape(len(rows.X), -1)
    if given.shape[1] != n_visible:
        raise CannotLook(f"the machine has {n_visible} visible units; these rows have {given.shape[1]} numbers.")
    chosen = _first_of_each(rows, len(given))
    shown = _strongest(machine.weight)
    module = DreamModule(machine, shape, _grid(n_hidden), TURNS, shown)
    constants, kinds, sentence = _energies(machine, None if rows.X is None else given, dreams)
    low, high = _ends(machine, given)
    picture = Picture(
        "drawn", Text("what is given", "lo que se da"), given[chosen[0]].reshape(shape).astype(np.float32), low, high,
        samples="samples", sample_labels="sample_names",
    )  # fmt: skip
    return Scene(
        look=look,
        title=Text("The energy of a machine that dreams", "La energía de una máquina que sueña"),
        sentence=sentence,
        panels=[*_dream_panels(shape), *_field_panels(shape), *_energy_panels()],
        controls=[
            Choice("view", Text("view", "vista"), _TABS, tabs=True),
            picture,
            Noise("chance", Text("another dream", "otro sueño"), (TURNS, n_hidden + n_visible)),
            Number("t", Text("turn", "turno"), TURNS, 0, TURNS, whole=True, plays=True),
            Choice("unit", Text("hidden unit", "unidad oculta"), "hidden"),
        ],
        lists={
            "hidden": [str(number + 1) for number in shown.tolist()],
            "turns": [str(number) for number in range(TURNS + 1)],
            "kinds": kinds,
            "columns": list(rows.columns),
            "sample_names": [str(each + 1 if rows.y is None else rows.y[each]) for each in chosen],
        },
        constants={
            **constants,
            "samples": as_pictures(given[chosen], shape),
            "fields": machine.weight.detach()[shown].reshape(-1, *shape).numpy().astype(np.float32),
        },
        module=module,
    )


_TABS = [Text("Dream", "Sueño"), Text("Features", "Rasgos"), Text("Energies", "Energías")]


# What there is to see.


def _first_of_each(rows: Shown, n: int) -> list[int]:
    """Rows to choose from: of each answer in turn, where there are answers."""
    if rows.y is None or len(rows.y) != n:
        return list(range(min(n, _SAMPLES)))
    _, codes = np.unique(rows.y, return_inverse=True)
    turn = np.zeros(n, int)
    for code in range(codes.max() + 1):
        turn[codes == code] = np.arange((codes == code).sum())
    return np.lexsort((codes, turn))[:_SAMPLES].tolist()


def _strongest(weight: Tensor) -> Tensor:
    """The hidden units with the largest weights, in their order."""
    return weight.detach().norm(dim=1).argsort(descending=True, stable=True)[:_FIELDS].sort().values


def _grid(n: int) -> tuple[int, int]:
    """Rows and columns of n places, as square as they can be."""
    rows = next(number for number in range(isqrt(n), 0, -1) if n % number == 0)
    return rows, n // rows


def _ends(machine: Any, rows: NDArray[Any]) -> tuple[float, float]:
    """The numbers that erasing and drawing leave: the ends of the columns."""
    units = machine.units
    if hasattr(units, "minimum"):
        return float(units.minimum.min()), float((units.minimum + units.range).max())
    return float(rows.min()), float(rows.max())


def _energies(machine: Any, rows: NDArray[Any] | None, dreams: NDArray[Any]) -> tuple[dict[str, Any], list[Text], Text]:
    """Histograms of the free energies of rows and of dreams, and the sentence that compares them."""
    dreamt = _free_energies(machine, dreams)
    kinds, found = [Text("its own dreams", "sus propios sueños")], [dreamt]
    english = (
        f"In {TURNS} turns the free energy goes from {{first_energy:.1f}} to {{last_energy:.1f}}; "
        "the machine's own dreams lie at {dreams_mean:.1f}"
    )
    spanish = (
        f"En {TURNS} turnos la energía libre pasa de {{first_energy:.1f}} a {{last_energy:.1f}}; "
        "los sueños propios de la máquina están en {dreams_mean:.1f}"
    )
    constants: dict[str, Any] = {"dreams_mean": np.array(dreamt.mean())}
    if rows is not None:
        seen = _free_energies(machine, rows[np.linspace(0, len(rows) - 1, min(len(rows), _ROWS)).astype(int)])
        kinds, found = [Text("the rows", "las filas"), *kinds], [seen, *found]
        constants["rows_mean"] = np.array(seen.mean())
        english += " on average, the rows at {rows_mean:.1f}"
        spanish += " en promedio, las filas en {rows_mean:.1f}"
    edges = np.linspace(min(map(np.min, found)), max(map(np.max, found)) + 1e-6, _BINS + 1)
    shares = np.stack([np.histogram(each, edges)[0] / len(each) for each in found])
    constants |= {"bins": (edges[1:] + edges[:-1]) / 2, "shares": shares}
    return constants, kinds, Text(f"{english}.", f"{spanish}.")


def _free_energies(machine: Any, rows: NDArray[Any]) -> NDArray[Any]:
    """F of rows as states: a grey number is the probability of a 1, and is drawn, as a dream draws it."""
    with torch.no_grad():
        visible = machine.units.scale(torch.as_tensor(rows).to(machine.weight.dtype))
        if machine.units.is_grey:
            visible = (torch.from_numpy(uniform(0, tuple(visible.shape))) < visible).to(visible.dtype)
        return (-machine.log_weight(visible)).double().numpy()


# Panels.


def _dream_panels(shape: tuple[int, int]) -> list[Panel]:
    tab = ("view", (0,))
    pictures = shape[0] > 1
    return [
        Panel(
            Text("What is given: draw on it", "Lo que se da: dibuje encima"),
            [Images(Ref("ink"), columns=1, draws="drawn")],
            size="small",
            when=tab,
        ),
        Panel(
            Text("The dream, turn by turn", "El sueño, turno a turno"),
            [Images(Ref("film"), columns=7 if pictures else 1, labels="turns", picks="t", highlight=Ref("t"))],
            note=Text(
                "Each turn draws the hidden units from the visible ones, and the visible ones from those.",
                "Cada turno sortea las unidades ocultas según las visibles, y las visibles según aquellas.",
            ),
            when=tab,
        ),
        Panel(
            Text("Free energy", "Energía libre"),
            [Series(Ref("free_energy"), cursor=Ref("t"), picks="t")],
            note=Text("Turn {t}: {energy_now:.1f}.", "Turno {t}: {energy_now:.1f}."),
            x=Axis(Text("turn", "turno")),
            y=Axis(Text("free energy", "energía libre")),
            when=tab,
        ),
        Panel(
            Text("Hidden units in turn {t}", "Unidades ocultas en el turno {t}"),
            [Matrix(Ref("hidden"), scale="magnitude", limits=(0, 1))],
            note=Text(
                "p(h = 1 | v) of each; {awake} are above one half.",
                "p(h = 1 | v) de cada una; {awake} pasan de un medio.",
            ),
            size="small",
            when=tab,
        ),
        Panel(
            Text("What they make of it", "Lo que hacen de ello"),
            [
                Images(
                    Ref("again"), columns=2 if pictures else 1, labels=_AGAIN, over=Ref("missed"), over_limits=(-1, 1)
                )
            ],
            note=Text(
                "Blue: more than there was, orange: less; error {error:.2f} (root of the mean square).",
                "Azul: más de lo que había, naranja: menos; error {error:.2f} (raíz de la media de los cuadrados).",
            ),
            size="small",
            when=tab,
        ),
    ]


_AGAIN = [Text("turn", "turno"), Text("rebuilt", "rehecha")]


def _field_panels(shape: tuple[int, int]) -> list[Panel]:
    tab = ("view", (1,))
    pictures = shape[0] > 1
    fields = Images(
        Ref("fields"), columns=6 if pictures else 1, labels="hidden", scale="signed", picks="unit",
        highlight=Ref("unit"),
    )  # fmt: skip
    plain = "p(h = 1 | v) = σ(w·v + c) = σ({from_visible:.2f} + {bias:.2f}) = {p:.2f}"
    tree = [
        "mrow", ["mi", "p"], ["mo", "("], ["mi", "h"], ["mo", "="], ["mn", "1"], ["mo", "|"], ["mi", "v"], ["mo", ")"],
        ["mo", "="], ["mi", "σ"], ["mo", "("], ["mn", "{from_visible:.2f}"], ["mo", "+"], ["mn", "{bias:.2f}"],
        ["mo", ")"], ["mo", "="], ["mn", "{p:.2f}"],
    ]  # fmt: skip
    return [
        Panel(
            Text("Receptive fields: the weights of each unit", "Campos receptivos: los pesos de cada unidad"),
            [fields],
            note=Text(
                f"The {_FIELDS} units with the largest weights, or all there are. Choose one.",
                f"Las {_FIELDS} unidades de mayores pesos, o todas las que hay. Elija una.",
            ),
            when=tab,
        ),
        Panel(
            Text("How likely each of them is on", "Con qué probabilidad está encendida cada una"),
            [Bars(Ref("shown_p"), labels="hidden", limits=(0, 1), picks="unit", highlight=Ref("unit"))],
            when=tab,
        ),
        Panel(
            Text("Unit {unit|hidden} in turn {t}", "Unidad {unit|hidden} en el turno {t}"),
            [Images(Ref("weights"), columns=2 if pictures else 1, labels=_WEIGHTS, scale="signed")],
            when=tab,
        ),
        Panel(Text("Its sum", "Su suma"), [Formula(tree, Text(plain, plain))], when=tab),
    ]


_WEIGHTS = [Text("w", "w"), Text("w times v", "w por v")]


def _energy_panels() -> list[Panel]:
    return [
        Panel(
            Text("Free energies", "Energías libres"),
            [Series(Ref("shares"), Ref("bins"), names="kinds", style="step", cursor=Ref("energy_now"))],
            note=Text(
                "Low is likely. The cursor: turn {t} of this dream, {energy_now:.1f}. Where the two curves lie apart, "
                "the machine has not learnt the rows' law. Grey rows are drawn as states first.",
                "Baja es probable. El cursor: el turno {t} de este sueño, {energy_now:.1f}. Donde las dos curvas "
                "se separan, la máquina no aprendió la ley de las filas. Las filas grises se sortean antes "
                "como estados.",
            ),
            x=Axis(Text("free energy", "energía libre")),
            y=Axis(Text("share", "parte"), low=0),
            size="wide",
            when=("view", (2,)),
        )
    ]
