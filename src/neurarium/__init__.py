"""Every neural network of the mostly complete chart, working, on PyTorch, with scikit-learn's manners.

Importing this package loads neither torch nor scikit-learn; touching a network does.
"""

import importlib
from typing import Any

__version__ = "0.1.0.dev0"

_FUNCTIONS = {
    "cards": "neurarium.catalogue",
    "estimators": "neurarium.catalogue",
    "export": "neurarium.program.export",
    "lab": "neurarium.views.laboratory",
    "labs": "neurarium.views.laboratory",
    "load": "neurarium.catalogue",
    "look": "neurarium.views.looking",
    "looks": "neurarium.views.looking",
}
"""Which room has the function of a name."""


def __getattr__(name: str) -> Any:
    # Estimators begin with a capital; everything else that is asked for here is a room of the house, and Python
    # itself asks before it imports one: answering "no" at once keeps torch out of `from neurarium import datasets`.
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(_FUNCTIONS[name]), name)
    if name[:1].isupper() and name in (kinds := importlib.import_module("neurarium.catalogue").estimators()):
        return kinds[name]
    raise AttributeError(f"module 'neurarium' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(["__version__", *_FUNCTIONS, *importlib.import_module("neurarium.catalogue").estimators()])
