"""Every neural network of the mostly complete chart, working, on PyTorch, with scikit-learn's manners.

Importing this package loads neither torch nor scikit-learn; touching a network does.
"""

from typing import Any

__version__ = "0.1.0.dev0"

_FUNCTIONS = ("cards", "estimators", "load")


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        from neurarium import catalogue

        if name in _FUNCTIONS:
            return getattr(catalogue, name)
        if name in (kinds := catalogue.estimators()):
            return kinds[name]
    raise AttributeError(f"module 'neurarium' has no attribute {name!r}")


def __dir__() -> list[str]:
    from neurarium import catalogue

    return sorted(["__version__", *_FUNCTIONS, *catalogue.estimators()])
