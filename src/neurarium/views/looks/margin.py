"""Margin: where on a plane of two columns the network answers what, through which units, and fitted again by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from neurarium.core.estimator import Estimator
from neurarium.core.roles import Classifier, Regressor
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views import margin_scene
from neurarium.views.margin_plane import plane
from neurarium.views.shown import Shown
from neurarium.views.tables import table

NAME = "margin"
TITLE = Text("Margin", "Margen")
ORDER = 10


def can(fitted: Any) -> bool:
    """Whether it is a classifier or regressor of tables: rows of two columns or more, or numbers by one."""
    if not (isinstance(fitted, Classifier | Regressor) and isinstance(fitted, Estimator)):
        return False
    shape: tuple[int, ...] = getattr(fitted, "shape_in_", ())
    return len(shape) == 1 and shape[0] >= (2 if isinstance(fitted, Classifier) else 1)


def scene(fitted: Any, rows: Shown, *, features: Sequence[str | int] | None = None) -> Scene:
    """The network on a plane.

    Args:
        fitted: A fitted classifier or regressor of tables.
        rows: Rows and their answers.
        features: Names or numbers of the two columns to show, the others held at their median; of one column for a
            regressor's curve. None: those two that move the answer most.

    Raises:
        CannotLook: There are no rows, or they are not of the network's columns or classes.
        ValueError: `features` names no such columns.
    """
    shown = plane(fitted, rows, features)
    if isinstance(fitted, Classifier):
        return margin_scene.of_classes(fitted, rows, shown)
    if len(shown.features) == 1:
        return margin_scene.of_a_curve(fitted, rows, shown)
    return margin_scene.of_numbers(fitted, rows, shown)


def example(code: str) -> tuple[Any, Any, Any] | None:
    """Two columns on which the network's border is best seen, for the networks of tables."""
    if code not in ("P", "FF", "RBF", "ELM"):
        return None
    from sklearn.datasets import load_iris, load_wine, make_moons  # not at the top: listing the looks stays cheap

    from neurarium.catalogue import cards

    kind = cards()[code].estimators[0]
    if code == "P":
        iris = load_iris()
        few = iris.target < 2
        X = table(iris.data[few, :2], iris.feature_names[:2])
        return kind(answer="last", random_state=0, epochs=1000), X, iris.target_names[iris.target[few]]
    if code == "RBF":
        wine = load_wine()
        columns = [wine.feature_names.index(each) for each in ("flavanoids", "color_intensity")]
        X = table(wine.data[:, columns], ["flavanoids", "colour intensity"])
        return kind(n_centers=16, random_state=0), X, wine.target_names[wine.target]
    X, y = make_moons(120, noise=0.2, random_state=0)
    units = {"n_hidden": 8} if code == "FF" else {"n_hidden": 24}
    return kind(**units, random_state=0), X, np.array(["upper moon", "lower moon"])[y]
