"""What can be seen of a network while it learns, by what it can do."""

from typing import Any

import numpy as np

from neurarium.core.roles import Classifier, Forecaster, LanguageModel, Regressor, Sampler
from neurarium.views.shown import Shown
from neurarium.views.training_answers import Against, Border, Confusion, Curve
from neurarium.views.training_makings import AHEAD, Ahead, Back, Drawn, Net, Written
from neurarium.views.training_sight import Sight

_MOST_CLASSES = 20


def sight_of(fitted: Any, rows: Shown, picture: tuple[int, ...]) -> Sight | None:
    """What can be seen of a network; None where this house knows nothing to show.

    Args:
        fitted: The estimator.
        rows: The rows of the fit.
        picture: (height, width) of a row that is one, else ().
    """
    columns = np.shape(rows.X)[1] if np.ndim(rows.X) == 2 else 0
    if isinstance(fitted, LanguageModel):
        return Written()
    if isinstance(fitted, Forecaster):
        return Ahead(rows) if len(rows.X) > 2 * AHEAD else None
    if all(hasattr(fitted, each) for each in ("codebook_", "links")):
        return Net(fitted, rows)
    if isinstance(fitted, Classifier | Regressor):
        classes = isinstance(fitted, Classifier)
        if columns == 2:
            return Border(rows, classes=classes)
        if not classes:
            return Curve(rows) if columns == 1 else Against(rows)
        return Confusion(rows) if len(np.unique(np.asarray(rows.y))) <= _MOST_CLASSES else None
    if hasattr(fitted, "inverse_transform"):
        return Back(rows, picture)
    if isinstance(fitted, Sampler):
        return Drawn(rows, picture)
    return None
