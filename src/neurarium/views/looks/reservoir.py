"""Reservoir: units that nobody trained echo what they hear: how long, how much, and what a read-out makes of it."""

from typing import Any

import numpy as np

from neurarium.core.roles import Classifier
from neurarium.networks._echo_state import EchoStateForecastModule, EchoStateModule, PooledEchoStateModule
from neurarium.networks._reservoir import ReservoirModule
from neurarium.page.controls import Choice, Control, Noise, Number
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views.reservoir_live import ForecastReservoir, LiveReservoir, PooledReservoir, StepReservoir
from neurarium.views.reservoir_memory import eigenvalues, fading, free_runs, memories
from neurarium.views.reservoir_panels import (
    ECHO,
    MEMORY,
    RUN,
    STATES,
    VIEWS,
    answer_panel,
    echo_panels,
    memory_panels,
    run_panels,
    state_panels,
)
from neurarium.views.reservoir_rows import Heard, heard
from neurarium.views.shown import Shown

NAME = "reservoir"
TITLE = Text("Reservoir", "Depósito")
ORDER = 100

_DRAWN = 40
_HIGHEST = 2.0
_ONLY: dict[str, tuple[int, ...]] = {
    "radius": (STATES, ECHO, MEMORY),
    **dict.fromkeys(("leak", "strength"), (STATES, ECHO)),
    **dict.fromkeys(("sample", "t", "unit"), (STATES,)),
    "feature": (STATES, RUN),
    "noise": (ECHO,),
    "origin": (RUN,),
}
"""Where a control changes what is seen."""


def can(fitted: Any) -> bool:
    """Whether what it learnt is how to read units that are linked at random."""
    module = getattr(fitted, "module_", None)
    return isinstance(module, EchoStateModule) and isinstance(module.reservoir, ReservoirModule)


def example(code: str) -> Any:
    """A reservoir that hears a chaotic series, the one of Jaeger's report."""
    from neurarium.datasets import mackey_glass
    from neurarium.networks.echo_state import EchoStateForecaster

    if code != "ESN":
        return None
    settings: dict[str, Any] = {"spectral_radius": 0.95, "leak": 0.8, "input_scaling": 0.2, "ridge": 1e-9}
    return (
        EchoStateForecaster(n_units=100, random_state=0, **settings),
        mackey_glass.load(1500, random_state=0).data[:, 0],
        None,
    )


def scene(fitted: Any, rows: Shown) -> Scene:
    """A reservoir at work.

    Args:
        fitted: An echo state network.
        rows: Its sequences, or its series.
    """
    sound = heard(fitted, rows, NAME)
    values = eigenvalues(fitted.module_.reservoir)
    live, kind = _live(fitted, sound, values)
    n_units = int(fitted.module_.reservoir.n_units)
    series = sound.series
    runs = None if series is None else free_runs(fitted, series.numpy())
    constants, lists = _numbers(fitted, sound, live, rows)
    panels = [*state_panels(sound, live.drawn, n_units)]
    if kind:
        panels.insert(1, answer_panel(kind))
    panels += [*echo_panels(len(values), n_units), *memory_panels(n_units, int(constants["asked"]))]
    if series is not None and runs is not None:
        constants, lists = constants | runs[0], {**lists, **{name: [*each] for name, each in runs[1].items()}}
        panels += run_panels(bool(np.allclose(series[-1], fitted.module_.last_value.numpy(force=True))))
    controls = _controls(fitted, sound, live, runs is not None)
    return Scene(
        look=NAME,
        title=Text("The echoes in a reservoir", "Los ecos en un depósito"),
        sentence=_sentence(kind, n_units, live.n_units),
        panels=panels,
        controls=controls,
        lists=lists,
        constants=constants,
        module=live,
        only={each.name: ("view", _ONLY[each.name]) for each in controls if each.name in _ONLY},
    )


def _live(fitted: Any, sound: Heard, values: Any) -> tuple[LiveReservoir, str]:
    """The live module, and what kind of answers it has; none where some units are not run."""
    network = fitted.module_
    given = (network, sound, values, _DRAWN)
    live = LiveReservoir(*given)
    if live.n_units < network.reservoir.n_units:
        return live.eval(), ""
    if isinstance(network, EchoStateForecastModule):
        return ForecastReservoir(*given).eval(), "series"
    if isinstance(network, PooledEchoStateModule):
        return PooledReservoir(*given).eval(), "votes" if isinstance(fitted, Classifier) else "ends"
    return StepReservoir(*given).eval(), "steps"


def _numbers(
    fitted: Any, sound: Heard, live: LiveReservoir, rows: Shown
) -> tuple[dict[str, Any], dict[str, list[str | Text]]]:
    """Constants and lists."""
    angle = np.linspace(0, 2 * np.pi, 73)
    remembered = memories(fitted)
    delays = remembered["memory"].shape[1]
    n_answers = fitted.module_.read_out.out_features
    constants = {
        "samples": sound.samples.numpy(),
        "sample_steps": sound.steps.numpy(),
        "circle_x": np.cos(angle)[None],
        "circle_y": np.sin(angle)[None],
        "delays": np.arange(1, delays + 1),
        "delays_count": np.array(delays),
        "n_units": np.array(fitted.module_.reservoir.n_units),
        "race": np.array(len(live.drive)),
        "fit_radius": np.array(float(fitted.spectral_radius_)),
        "fit_leak": np.array(float(fitted.leak_)),
        **remembered,
        **fading(live, float(fitted.leak_), float(fitted.input_scaling_)),
    }
    if len(sound.names) == 1:
        constants["sample"] = np.array(0)
    if len(sound.columns) == 1 and sound.series is not None:
        constants["feature"] = np.array(0)
    lists: dict[str, list[str | Text]] = {
        "rows": [*sound.names],
        "columns": [*sound.columns],
        "classes": [*rows.classes],
        "outputs": [str(number + 1) for number in range(n_answers)],
        "fading_words": [
            Text("the echo has not faded", "el eco no se ha apagado"),
            Text("the echo has faded", "el eco se ha apagado"),
        ],
    }
    return constants, lists


def _controls(fitted: Any, sound: Heard, live: LiveReservoir, runs: bool) -> list[Control]:
    radius, strength = float(fitted.spectral_radius_), float(fitted.input_scaling_)
    controls: list[Control] = [
        Choice("view", Text("look at", "mirar"), VIEWS[: 4 if runs else 3], tabs=True),
        Number("radius", Text("spectral radius r", "radio espectral r"), radius, 0, max(_HIGHEST, radius), 0.01),
        Number("leak", Text("leak a", "fuga a"), float(fitted.leak_), 0.01, 1, 0.01),
        Number(
            "strength", Text("strength of the input", "fuerza de la entrada"), strength, 0, max(2.0, 2 * strength), 0.01
        ),
    ]
    if len(sound.names) > 1:
        controls.append(Choice("sample", Text("Row", "Fila"), "rows"))
    if len(sound.columns) > 1 and sound.series is not None:
        controls.append(Choice("feature", Text("column", "columna"), "columns"))
    last = sound.samples.shape[1] - 1
    controls += [
        Number("t", Text("step t", "paso t"), int(sound.steps[0]) - 1, 0, last, whole=True, plays=True),
        Number("unit", Text("unit", "unidad"), 0, 0, live.drawn - 1, whole=True),
        Noise("noise", Text("two other starts", "otros dos inicios"), (2, live.n_units)),
    ]
    if runs:
        controls.append(Choice("origin", Text("free run from step", "marcha libre desde el paso"), "origins"))
    return controls


def _sentence(kind: str, n_units: int, run: int) -> Text:
    english = (
        f"A reservoir of {n_units} units with radius {{radius:.2f}} and leak {{leak:.2f}}: of the distance between two "
        "starts that hear the same, 10^{power:.1f} is left after {race} steps; {fades|fading_words}. "
    )
    spanish = (
        f"Un depósito de {n_units} unidades con radio {{radius:.2f}} y fuga {{leak:.2f}}: de la distancia entre dos "
        "inicios que oyen lo mismo queda 10^{power:.1f} tras {race} pasos; {fades|fading_words}. "
    )
    told = {
        "votes": Text(
            "At the end most votes go to {winner|classes} ({winner_score:.2f}).",
            "Al final, la mayoría de los votos es para {winner|classes} ({winner_score:.2f}).",
        ),
        "ends": Text("At the end it answers {end:.3f}.", "Al final responde {end:.3f}."),
        "steps": Text("At t = {now} it answers {said_now:.3f}.", "En t = {now} responde {said_now:.3f}."),
        "series": Text(
            "A step ahead it is wrong by {error:.4f} deviations.",
            "A un paso se equivoca en {error:.4f} desviaciones.",
        ),
        "": Text(
            f"The first {run} units run here, their links scaled to the same radius; the read-out needs all {n_units}.",
            f"Aquí funcionan las primeras {run} unidades, con los enlaces escalados al mismo radio; la lectura "
            f"necesita las {n_units}.",
        ),
    }[kind]
    return Text(english + told.en, spanish + told.es)
