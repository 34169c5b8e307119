"""The verbs: finds the files in verbs/, so that adding one is adding a file."""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

from neurarium.tour import verbs
from neurarium.tour.digits import Split
from neurarium.tour.figures import Figures

Show = Callable[[type[Any], Split], Figures]
"""What a verb file offers as `show`: an estimator's class, the rows, and what was found."""


@functools.cache
def found_verbs() -> Mapping[str, Show]:
    """How each verb is shown, by the word that stands on the cards.

    Example:
        >>> "classify" in found_verbs()
        True
    """
    files = [importlib.import_module(f"{verbs.__name__}.{file.name}") for file in pkgutil.iter_modules(verbs.__path__)]
    return {file.VERB: file.show for file in files}
