"""Energy: a memory rolls into a valley, a machine dreams along one; drawn or damaged patterns, step by step."""

from typing import Any

import numpy as np

from neurarium.core.roles import Memory, Sampler
from neurarium.networks._visible_units import BernoulliUnits, SoftmaxUnits
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views.energy_machine import scene_of as machine_scene
from neurarium.views.energy_memory import scene_of as memory_scene
from neurarium.views.shown import Shown

NAME = "energy"
TITLE = Text("Energy", "Energía")
ORDER = 70

_MEMORY = ("patterns", "coding", "energies", "overlaps")
_MACHINE = ("weight", "visible_bias", "hidden_bias", "log_weight")


def can(fitted: Any) -> bool:
    """Whether it is a memory with an energy, or a machine of visible and hidden units that are on or off."""
    return _is_memory(fitted) or _is_machine(fitted)


def _is_memory(fitted: Any) -> bool:
    module = getattr(fitted, "module_", None)
    return isinstance(fitted, Memory) and all(hasattr(module, name) for name in _MEMORY)


def _is_machine(fitted: Any) -> bool:
    module = getattr(fitted, "module_", None)
    binary = isinstance(getattr(module, "units", None), BernoulliUnits | SoftmaxUnits)
    return isinstance(fitted, Sampler) and binary and all(hasattr(module, name) for name in _MACHINE)


def example(code: str) -> Any:
    """Linked units that hold ten digits; a machine that has seen them all."""
    from neurarium.datasets import shelf
    from neurarium.networks.hopfield import HopfieldNetwork
    from neurarium.networks.restricted_boltzmann import RestrictedBoltzmannMachine

    if code not in ("HN", "RBM"):
        return None
    digits = shelf.load("digits")
    X = np.asarray(digits.data, np.float32).reshape(len(digits.data), -1)
    y = np.asarray(digits.target)
    if code == "HN":
        chosen = np.unique(y, return_index=True)[1]
        return HopfieldNetwork(rule="projection", random_state=0), (X[chosen] >= 0.5).astype(np.float32), y[chosen]
    return RestrictedBoltzmannMachine(n_hidden=64, epochs=20, random_state=0), X, y


def scene(fitted: Any, rows: Shown) -> Scene:
    """The energy of a network at work.

    Args:
        fitted: A memory, or a machine of visible and hidden units.
        rows: Rows to choose from.
    """
    return (memory_scene if _is_memory(fitted) else machine_scene)(fitted, rows, NAME)
