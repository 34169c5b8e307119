"""What the look "reservoir" works out once: eigenvalues, memory by the radius, where echoes fade, free runs."""

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import eigs

from neurarium.core.devices import Threads
from neurarium.core.randomness import Randomness
from neurarium.networks._reservoir import ReservoirModule, memory_curve
from neurarium.page.noise import uniform
from neurarium.rules.reservoir import Settings
from neurarium.views.reservoir_live import FADED, LiveReservoir

_ALL_EIGENVALUES = 600  # units up to which all of them are found, in about a second
_RADII = (0.3, 0.6, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5)
_ASKED = 200  # units of the reservoir whose memory is asked, at most: a second for each radius
_DELAYS = 100
_HIGHEST = 2.0
_AHEAD, _ORIGINS = 300, 3
_TOLERATED = 0.4  # deviations by which a forecast may be wrong while it counts as valid, as is usual


def eigenvalues(reservoir: ReservoirModule) -> NDArray[np.complex128]:
    """The eigenvalues of the links at radius 1; of a large reservoir the 60 largest."""
    n = reservoir.n_units
    whole = np.zeros((n, n))
    sources, weight = reservoir.sources.long().numpy(force=True), reservoir.link_weight.numpy(force=True)
    np.put_along_axis(whole, sources, weight.astype(float), 1)
    if n <= _ALL_EIGENVALUES:
        return np.linalg.eigvals(whole).astype(complex)
    return np.asarray(eigs(whole, k=60, ncv=200, v0=np.ones(n), return_eigenvectors=False))


def memories(fitted: Any) -> dict[str, NDArray[Any]]:
    """The memory curve at the radius of the fit and at some others, everything else as it was fitted.

    It is that of the network, or where this would take minutes of a smaller reservoir drawn like it.

    Returns:
        asked: Its units.
        memory_radii: (radii,), rising.
        memory: (radii, delays) squared correlation with what was heard so many steps ago.
        capacity: (radii,) their sums.
    """
    reservoir, own = copy.deepcopy(fitted.module_.reservoir), float(fitted.spectral_radius_)
    if reservoir.n_units > _ASKED:
        with Randomness(fitted.seed_):
            reservoir = fitted._trial(fitted.module_, _ASKED)
    radii = sorted({own, *_RADII})
    delays = min(2 * reservoir.n_units, _DELAYS)
    curves = []
    with torch.inference_mode(), Threads(0.0):
        for radius in radii:
            reservoir.set(Settings(radius, float(fitted.leak_), float(fitted.input_scaling_)))
            with Randomness(fitted.seed_):
                curves.append(memory_curve(reservoir, delays).numpy(force=True))
    memory = np.stack(curves)
    return {
        "asked": np.array(reservoir.n_units),
        "memory_radii": np.array(radii),
        "memory": memory,
        "capacity": memory.sum(1),
    }


def fading(live: LiveReservoir, leak: float, strength: float) -> dict[str, NDArray[Any]]:
    """How much of the distance of two starts is left at the end, by the radius, and the radius where that fails.

    Args:
        live: The module of the scene.
        leak, strength: As fitted.
    """
    noise = torch.from_numpy(uniform(0, (2, live.n_units)))
    radii = np.linspace(0, _HIGHEST, 21)
    left = []
    with torch.inference_mode(), Threads(0.0):
        for radius in radii:
            given = (torch.tensor(each, dtype=torch.float64) for each in (radius, leak, strength))
            left.append(10 ** float(live.two(noise, *given)["power"]))
    fails = [radius for radius, each in zip(radii, left, strict=True) if each >= FADED]
    edge = fails[0] if fails else _HIGHEST
    return {"fading_radii": radii, "fading": np.array(left), "edge": np.array(edge)}


def free_runs(fitted: Any, series: NDArray[Any]) -> tuple[dict[str, NDArray[Any]], dict[str, list[str]]] | None:
    """Free runs from some places of a series beside what came, as the estimator forecasts; None for a short one.

    Args:
        fitted: A forecaster.
        series: (time, features) in its units.

    Returns:
        run_said, run_low, run_high, (origins, features, steps); run_both, (origins, features, 2, steps), said and come;
        and how many steps that is. For each origin what it is called, and the steps until the mean error first exceeds
        0.4 deviations.
    """
    ahead = min(_AHEAD, len(series) // 4)
    origins = [len(series) - ahead * (1 + number) for number in range(_ORIGINS)]
    origins = [each for each in reversed(origins) if each >= max(2 * ahead, 4)]
    if ahead < 5 or not origins:
        return None
    found: dict[str, list[NDArray[Any]]] = {name: [] for name in ("run_said", "run_low", "run_high", "run_both")}
    valid = []
    for origin in origins:
        history = series[:origin, 0] if fitted.one_number_ else series[:origin]
        low, high = fitted.forecast_interval(ahead, history=history)
        runs = (fitted.forecast(ahead, history=history), low, high)
        truth = series[origin : origin + ahead]
        said, low, high = (np.reshape(each, (ahead, -1)) for each in runs)
        both = np.stack([said.T, truth.T], 1)
        for name, each in zip(found, (said.T, low.T, high.T, both), strict=True):
            found[name].append(each)
        wrong = np.sqrt(np.mean(((said - truth) / fitted.module_.scaling.scale.numpy(force=True)) ** 2, axis=1))
        valid.append(int(np.argmax(wrong > _TOLERATED)) if (wrong > _TOLERATED).any() else ahead)
    # A free run can run away to any number: then it leaves the picture.
    width = np.ptp(series, axis=0)[:, None]
    edges = series.min(0)[:, None] - width, series.max(0)[:, None] + width
    constants = {
        name: np.clip(np.stack(each), *(edge[:, None] if name == "run_both" else edge for edge in edges))
        for name, each in found.items()
    }
    return {**constants, "ahead": np.array(ahead)}, {
        "origins": list(map(str, origins)),
        "valids": list(map(str, valid)),
    }
