"""What predict, transform, sample, recall and forecast have in common: a fitted network, asked to do its verb."""

from typing import Any

import click

from neurarium.core.messages import say

VERBS = ("predict", "transform", "sample", "recall", "forecast")


def load_for(verb: str, path: str) -> Any:
    """The fitted network of a file that can do a verb.

    Raises:
        click.UsageError: It cannot; the message says what it can.
    """
    from neurarium import catalogue

    model = catalogue.load(path)
    if not callable(getattr(model, verb, None)):
        can = [name for name in VERBS if callable(getattr(model, name, None))]
        raise click.UsageError(say("cannot", kind=type(model).__name__, verb=verb, can=", ".join(can)))
    return model


def read_for(model: Any, data: str, target: str | None = None) -> Any:
    """Rows that a network is asked about."""
    from neurarium.cli.reading import read, refuse_text

    rows = read(data, target)
    refuse_text(rows.X, type(model).__name__, data)
    return rows


def names(stem: str, array: Any) -> list[str]:
    """Names for the columns of an answer: the stem alone, or the stem and a number.

    Example:
        >>> import numpy as np
        >>> names("code", np.zeros((5, 2)))
        ['code_0', 'code_1']
    """
    width = int(array.size // max(1, len(array)))
    return [stem] if array.ndim == 1 else [f"{stem}_{number}" for number in range(width)]
