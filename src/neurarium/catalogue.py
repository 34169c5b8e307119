"""The catalogue: finds the networks by looking into their room, so that adding one is adding a file."""

import functools
import importlib
import os
import pkgutil

import neurarium.networks as networks
from neurarium.core import persistence
from neurarium.core.card import Card
from neurarium.core.estimator import Estimator


@functools.cache
def cards() -> dict[str, Card]:
    """Every network's card, by the chart's letters, in the order of the founding papers.

    Example:
        >>> cards()["RBM"].name
        'Restricted Boltzmann machine'
    """
    found = [
        importlib.import_module(f"{networks.__name__}.{file.name}").CARD
        for file in pkgutil.iter_modules(networks.__path__)
        if not file.name.startswith("_")
    ]
    return {card.code: card for card in sorted(found, key=lambda card: (card.papers[0].year, card.code))}


def estimators() -> dict[str, type[Estimator]]:
    """Every estimator, by its name."""
    return {kind.__name__: kind for card in cards().values() for kind in card.estimators}


def load(path: str | os.PathLike[str]) -> Estimator:
    """The fitted network of a file that `save` wrote.

    Nothing in the file is run: its header names one of the estimators that neurarium has, and its tensors fill it.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: No such file.
        DamagedFile: The file is damaged, cut short, or of another kind.
    """
    tensors, header = persistence.read(path)
    kind = estimators().get(str(header.get("class")))
    if kind is None:
        raise persistence.DamagedFile(f"{path} holds a {header.get('class')!r}, which this neurarium does not know.")
    try:
        return kind._restore(tensors, header)
    except Exception as error:  # a header that was made up fails in as many ways as there are
        raise persistence.DamagedFile(f"{path} does not hold a whole {kind.__name__}: {error}") from error
