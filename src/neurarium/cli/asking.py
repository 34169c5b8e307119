"""What the asking verbs, predict to simulate, have in common: a fitted network, asked to do its verb."""

import inspect
from typing import Any

import click

from neurarium.core.messages import say

VERBS = ("predict", "transform", "sample", "recall", "forecast", "simulate")


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


def reads_text(kind: type[Any]) -> bool:
    """Whether an estimator can learn from a text."""
    return bool(kind().__sklearn_tags__().input_tags.string)


def writes_text(model: Any) -> bool:
    """Whether what a fitted network draws is a text that goes on from a prompt."""
    return "prompt" in inspect.signature(model.sample).parameters


def read_for(model: Any, data: str, target: str | None = None) -> Any:
    """Rows that a network is asked about."""
    from neurarium.cli.reading import read, refuse_text

    rows = read(data, target)
    if not reads_text(type(model)):
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
