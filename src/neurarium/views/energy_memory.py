"""The scene of a memory: damage a pattern, watch it roll into a valley, and see how many valleys there is room for."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurarium.core.randomness import Randomness
from neurarium.networks.hopfield import recall_against_load
from neurarium.page.controls import Choice, Control, Noise, Number, Picture
from neurarium.page.marks import Bars, Formula, Hull, Images, Matrix, Points, Ref, Series, Words
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.views.energy_recall import LinkedRecallModule, RecallModule, TogetherRecallModule, votes
from neurarium.views.energy_rows import as_pictures, shape_of, unlike
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

MOST_UNITS = 1024
_SHOWN = 40
_SAMPLES = 40
_TURNS = 4096  # units asked at most, which a page does in less than a tenth of a second
_LOADS = (0.02, 0.05, 0.08, 0.11, 0.138, 0.17, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 0.9)
_SIZES = (32, 128)
_REPEATS = 3
_DAMAGE = 0.1
_CAPACITY = 0.138
"""Of Hebb's rule, in random patterns a unit: Amit, Gutfreund and Sompolinsky 1985."""


def scene_of(fitted: Any, rows: Shown, look: str) -> Scene:
    """The recall of a fitted memory.

    Args:
        fitted: With a module as `HopfieldNetwork` has it.
        rows: Rows to choose from; None for the stored patterns.
        look: The look's name.
    """
    network = fitted.module_
    n_patterns, n_units = network.patterns.shape
    if n_units > MOST_UNITS:
        raise CannotLook(
            f"the look {look!r} asks unit after unit, for which {n_units} are too many: at most {MOST_UNITS}."
        )
    shape = shape_of(fitted, rows, n_units)
    names = _names(network, rows)
    samples, sample_names = _samples(network, rows, names)
    module, per_step, n_steps = _live(fitted, shape, samples)
    linked = isinstance(module, LinkedRecallModule)
    curves = _load_curves(fitted.rule, fitted.units, _near(n_units))
    places = _coordinates(module, network.patterns[:_SHOWN]).numpy()
    return Scene(
        look=look,
        title=Text("The energy of a memory", "La energía de una memoria"),
        sentence=_sentence(n_units, samples.shape[0] < (0 if rows.X is None else len(rows.X))),
        panels=[
            *_recall_panels(shape, linked, votes(network), per_step),
            *(_link_panels(shape) if linked else []),
            *_load_panels(n_units, linked),
        ],
        controls=_controls(samples, shape, network, n_steps * per_step, per_step, linked),
        lists={
            "names": names,
            "shown": names[:_SHOWN],
            "columns": list(rows.columns) or [f"x{number + 1}" for number in range(n_units)],
            "outcomes": _OUTCOMES,
            "signs": _SIGNS,
            "samples": sample_names,
            "rules": list(curves),
        },
        constants={
            "stored": as_pictures(samples, shape),
            "count": np.array(n_patterns),
            "load": np.array(float(fitted.load_)),
            "capacity_x": np.array([[_CAPACITY, _CAPACITY]]),
            "capacity_y": np.array([[0, 1.02]]),
            "load_at": np.array(_LOADS, np.float32),
            "load_curves": np.stack([*curves.values()]).astype(np.float32),
            "patterns_x": places[:, 0],
            "patterns_y": places[:, 1],
        },
        module=module,
    )


_OUTCOMES = [
    Text("came to rest on the pattern", "quedó en reposo en el patrón"),
    Text("came to rest on the reverse of the pattern", "quedó en reposo en el inverso del patrón"),
    Text("came to rest where nothing was stored, nearest to", "quedó en reposo donde no se guardó nada, cerca de"),
    Text("was still moving, nearest to", "seguía en movimiento, cerca de"),
]
_SIGNS = [
    Text("−1 (off)", "−1 (apagada)"),
    Text("itself (stays)", "ella misma (se queda)"),
    Text("1 (on)", "1 (encendida)"),
]


def _sentence(n_units: int, some: bool) -> Text:
    english = (
        f"With {{flipped}} of {n_units} numbers reversed, the memory {{outcome|outcomes}} {{nearest|names}}; "
        "sweeps that changed something: {sweeps}; energy from {energy_first:.1f} to {energy_last:.1f}."
    )
    spanish = (
        f"Con {{flipped}} de {n_units} números invertidos, la memoria {{outcome|outcomes}} {{nearest|names}}; "
        "barridos que cambiaron algo: {sweeps}; energía de {energy_first:.1f} a {energy_last:.1f}."
    )
    if some:
        english += f" The first {_SAMPLES} rows can be chosen here."
        spanish += f" Aquí se pueden elegir las primeras {_SAMPLES} filas."
    return Text(english, spanish)


# What there is to see.


def _names(network: Any, rows: Shown) -> list[str]:
    """What the patterns are called: by their answers, where the rows are the patterns; else by number."""
    n_patterns, n_units = network.patterns.shape
    same = rows.X is not None and np.shape(rows.X) == (n_patterns, n_units)
    if same and rows.y is not None and len(rows.y) == n_patterns:
        return unlike([str(each) for each in rows.y])
    return [str(number + 1) for number in range(n_patterns)]


def _samples(network: Any, rows: Shown, names: list[str]) -> tuple[NDArray[np.float32], list[str]]:
    """Rows to choose from in the caller's numbers: those given, or the patterns."""
    if rows.X is None:
        with torch.no_grad():
            return network.answer(network.patterns[:_SAMPLES]).numpy().astype(np.float32), names[:_SAMPLES]
    given = np.asarray(rows.X, np.float32).reshape(len(rows.X), -1)[:_SAMPLES]
    if given.shape[1] != network.patterns.shape[1]:
        raise CannotLook(f"the memory has {network.patterns.shape[1]} units; these rows have {given.shape[1]} numbers.")
    same = len(rows.X) == len(names)
    return given, names[:_SAMPLES] if same else [str(number + 1) for number in range(len(given))]


def _live(fitted: Any, shape: tuple[int, int], samples: NDArray[Any]) -> tuple[RecallModule, int, int]:
    """The live module, how many turns a sweep has, and how many sweeps there are."""
    network = fitted.module_
    n_units = network.patterns.shape[1]
    middle = network.patterns.mean(0)
    axes = torch.linalg.svd(network.patterns - middle, full_matrices=False).Vh[:2]
    plane = torch.cat([axes, axes.new_zeros(2 - len(axes), n_units)]).T.contiguous()
    given = (network, shape, _SHOWN, plane, middle)
    longest = len(fitted.trajectory(samples)) + 1  # one more for damage
    if votes(network) or fitted.update == "synchronous":
        steps = min(max(longest, 4), 12)
        return TogetherRecallModule(*given, steps=steps), 1, steps
    n_sweeps = min(max(longest, 3), max(2, _TURNS // n_units), 8)
    with Randomness(fitted.seed_):  # the very orders in which `recall` asks
        asked = [
            torch.randperm(n_units) if fitted.update == "random" else torch.arange(n_units) for _ in range(n_sweeps)
        ]
    return LinkedRecallModule(*given, orders=torch.stack(asked)), n_units, n_sweeps


def _coordinates(module: RecallModule, states: torch.Tensor) -> torch.Tensor:
    return (states - module.middle) @ module.plane


def _near(n_units: int) -> int:
    """The size for which the curves are computed."""
    return int(min(max(n_units, _SIZES[0]), _SIZES[1]))


@lru_cache(16)
def _load_curves(rule: str, units: str, n_units: int) -> dict[str, NDArray[Any]]:
    """The share of random patterns that come back to the bit, by the load, for the rule and for Hebb's."""
    found = {}
    for each in dict.fromkeys([rule, "hebb"]):
        coded = {"units": units} if each != "modern" else {}
        curves = [
            recall_against_load(_LOADS, n_units=n_units, flipped=_DAMAGE, random_state=seed, rule=each, **coded)
            for seed in range(_REPEATS)
        ]
        found[each] = np.mean([curve.overlap for curve in curves], axis=0)
    return found


# Panels and controls.


def _recall_panels(shape: tuple[int, int], linked: bool, voting: bool, per_step: int) -> list[Panel]:
    tab = ("view", (0,))
    turns = (
        Text(f"units asked ({per_step} are a sweep)", f"unidades preguntadas ({per_step} son un barrido)")
        if linked
        else Text("steps", "pasos")
    )
    bars = Bars(Ref("overlap"), labels="shown", limits=(-1, 1), highlight=Ref("nearest"))
    return [
        Panel(
            Text("What is given: draw on it", "Lo que se da: dibuje encima"),
            [Images(Ref("ink"), columns=1, draws="drawn")],
            size="small",
            when=tab,
        ),
        Panel(
            Text("From the start to the memory", "Del inicio al recuerdo"),
            [
                Images(
                    Ref("pictures"),
                    columns=3 if shape[0] > 1 else 1,
                    labels=_THREE,
                    over=Ref("astray"),
                    over_limits=(-1, 1),
                )
            ],
            note=Text(
                "Coloured: what differs from {nearest|names} (blue on, orange off); at the end {left_over}.",
                "En color: lo que difiere de {nearest|names} (azul encendido, naranja apagado); al final {left_over}.",
            ),
            when=tab,
        ),
        Panel(
            Text("Energy", "Energía"),
            [Series(Ref("energies"), cursor=Ref("t"), picks="t")],
            note=Text("Here: {energy:.2f}.", "Aquí: {energy:.2f}."),
            x=Axis(turns),
            y=Axis(Text("energy", "energía")),
            when=tab,
        ),
        Panel(
            Text("Overlap with each pattern", "Coincidencia con cada patrón"),
            [bars],
            note=Text(
                "1: the same, −1: the reverse, 0: no more alike than by chance.",
                "1: igual, −1: el inverso, 0: no más parecido que por azar.",
            ),
            when=tab,
        ),
        *([_votes_panel(tab)] if voting else []),
        _way_panel(tab),
    ]


_THREE = [Text("start", "inicio"), Text("now", "ahora"), Text("pattern", "patrón")]


def _votes_panel(tab: tuple[str, tuple[int, ...]]) -> Panel:
    return Panel(
        Text("How the patterns vote", "Cómo votan los patrones"),
        [Bars(Ref("votes"), labels="shown", limits=(0, 1), highlight=Ref("nearest"))],
        note=Text(
            "p = softmax β (ξ·s − |ξ|² / 2): the next state is the mean of the patterns, each weighed by its p.",
            "p = softmax β (ξ·s − |ξ|² / 2): el estado siguiente es la media de los patrones, cada uno con peso p.",
        ),
        when=tab,
    )


def _way_panel(tab: tuple[str, tuple[int, ...]]) -> Panel:
    """States in the plane in which the patterns differ most."""
    return Panel(
        Text("The way, among the patterns", "El camino, entre los patrones"),
        [
            Points(Ref("patterns_x"), Ref("patterns_y"), labels="shown", size=3),
            Hull(Ref("way_x"), Ref("way_y"), closed=False),
            Points(Ref("here_x"), Ref("here_y"), ring=[1], size=5),
        ],
        note=Text(
            "Each point is a state of all units, in the two directions in which the patterns differ most.",
            "Cada punto es un estado de todas las unidades, en las dos direcciones en que más difieren los patrones.",
        ),
        square=True,
        when=tab,
    )


def _link_panels(shape: tuple[int, int]) -> list[Panel]:
    tab = ("view", (1,))
    total = "h = Σ w s + b = {from_links:.2f} + {bias:.2f} = {field:.2f}"
    told = Text(
        f"{total}, so {{unit|columns}} becomes {{sign|signs}}", f"{total}: {{unit|columns}} pasa a {{sign|signs}}"
    )
    tree = [
        "mrow", ["mi", "h"], ["mo", "="], ["mo", "∑"], ["mi", "w"], ["mi", "s"], ["mo", "+"], ["mi", "b"], ["mo", "="],
        ["mn", "{from_links:.2f}"], ["mo", "+"], ["mn", "{bias:.2f}"], ["mo", "="], ["mn", "{field:.2f}"],
        ["mo", "⇒"], ["mi", "s"], ["mo", "="], ["mtext", "{sign|signs}"],
    ]  # fmt: skip
    return [
        Panel(
            Text("All links w", "Todos los enlaces w"),
            [Matrix(Ref("weight"), picks=("unit", ""), highlight=(Ref("unit"), -1))],
            note=Text(
                "Blue: the two units want to be alike; orange: to differ. Choose a row.",
                "Azul: las dos unidades quieren ser iguales; naranja: distintas. Elija una fila.",
            ),
            when=tab,
        ),
        Panel(
            Text("The links of {unit|columns}", "Los enlaces de {unit|columns}"),
            [Images(Ref("links"), columns=2 if shape[0] > 1 else 1, labels=_LINKS, scale="signed")],
            when=tab,
        ),
        Panel(
            Text("If it is asked now", "Si se le pregunta ahora"),
            [Formula(tree, told)],
            when=tab,
        ),
    ]


_LINKS = [Text("w", "w"), Text("w times the state", "w por el estado")]


def _load_panels(n_units: int, linked: bool) -> list[Panel]:
    size = _near(n_units)
    note = Text(
        f"Measured on {size} units with random patterns, {_DAMAGE:.0%} of the bits reversed, mean of {_REPEATS}: the "
        "overlap of what comes back. The cursor: this memory, {count} patterns, load {load:.3f}. Beyond 0.138 Hebb's "
        "memories drown; patterns that are alike drown sooner.",
        f"Medido en {size} unidades con patrones al azar, {_DAMAGE:.0%} de los bits invertidos, media de {_REPEATS}: "
        "la coincidencia de lo que vuelve. El cursor: esta memoria, {count} patrones, carga {load:.3f}. Más allá de "
        "0.138 los recuerdos de Hebb se ahogan; los patrones parecidos, antes.",
    )
    return [
        Panel(
            Text("Recall against load", "Recuerdo según la carga"),
            [
                Hull(Ref("capacity_x"), Ref("capacity_y"), closed=False),
                Words([_CAPACITY + 0.07], [1.04], ["0.138 N"]),
                Series(Ref("load_curves"), Ref("load_at"), names="rules", cursor=Ref("load")),
            ],
            note=note,
            x=Axis(Text("patterns a unit", "patrones por unidad"), low=0),
            y=Axis(Text("overlap", "coincidencia"), low=0, high=1.1),
            size="wide",
            when=("view", (2 if linked else 1,)),
        )
    ]


def _controls(
    samples: NDArray[Any], shape: tuple[int, int], network: Any, turns: int, per_step: int, linked: bool
) -> list[Control]:
    low, high = float(network.coding.low), float(network.coding.high)
    n_units = samples.shape[1]
    tabs = [Text("Recall", "Recuerdo"), *([Text("Links", "Enlaces")] if linked else []), Text("Load", "Carga")]
    step = max(1, per_step // 64)
    controls: list[Control] = [
        Choice("view", Text("view", "vista"), tabs, tabs=True),
        Picture(
            "drawn", Text("what is given", "lo que se da"), samples[0].reshape(shape), low, high, samples="stored",
            sample_labels="samples",
        ),
        Number("share", Text("share reversed", "parte invertida"), _DAMAGE, 0, 0.5, 0.01),
        Noise("noise", Text("which ones", "cuáles"), (n_units,)),
        Number("t", Text("turn", "turno"), turns, 0, turns, step, whole=True, plays=True),
    ]  # fmt: skip
    if linked:
        controls.append(Choice("unit", Text("unit", "unidad"), "columns", n_units // 2))
    return controls
