"""Game: a forger and a detective at work, the samples, and whether they are any good."""

from typing import Any

import numpy as np

from neurarium.core.roles import Sampler
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views.game_gallery import scene_of as gallery_scene
from neurarium.views.game_plane import scene_of as plane_scene
from neurarium.views.shown import Shown

NAME = "game"
TITLE = Text("The game", "El juego")
ORDER = 90

_PLANE = 2
_PLAYERS = ("generator", "discriminator", "averaged", "noise", "scale", "finish")


def can(fitted: Any) -> bool:
    """Whether it has a generator of rows from noise, and a discriminator that tells them from real ones."""
    module = getattr(fitted, "module_", None)
    return isinstance(fitted, Sampler) and all(hasattr(module, name) for name in _PLAYERS)


def example(code: str) -> Any:
    """A ring of eight clusters, the test of whether a forger leaves out any."""
    from neurarium.catalogue import cards
    from neurarium.datasets import shelf
    from neurarium.views.tables import table

    if code != "GAN":
        return None
    ring = shelf.load("ring", random_state=0)
    gan = cards()[code].estimators[0](
        hidden=(32, 32), n_noise=2, learning_rate=0.01, penalty=0.3, epochs=60, random_state=0
    )
    return gan, table(ring.data, ["x", "y"]), None


def scene(fitted: Any, rows: Shown) -> Scene:
    """The game of a fitted network.

    Args:
        fitted: A network of two players.
        rows: Rows to play against.
    """
    flat = int(np.prod(fitted.shape_in_)) == _PLANE
    return (plane_scene if flat else gallery_scene)(fitted, rows, NAME)
