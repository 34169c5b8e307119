"""Readers of tables in text form."""

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np

from neurarium.datasets.card import Array


def rows(text: str) -> list[list[str]]:
    """The rows of a comma-separated text, without blanks around the values and without empty lines.

    Example:
        >>> rows("a, 1\\n\\nb, 2\\n")
        [['a', '1'], ['b', '2']]
    """
    return [[value.strip() for value in row] for row in csv.reader(StringIO(text)) if row]


def numbers(table: Sequence[Sequence[str]]) -> Array:
    """Rows of numbers as a float64 array.

    Example:
        >>> numbers([["1", "2.5"]]).tolist()
        [[1.0, 2.5]]
    """
    return np.array(table, dtype=np.float64)


def codes(words: Sequence[str], names: Sequence[str]) -> Array:
    """The place of each word among `names`.

    Example:
        >>> codes(["no", "yes", "no"], names=("no", "yes")).tolist()
        [0, 1, 0]
    """
    place = {name: code for code, name in enumerate(names)}
    return np.array([place[word] for word in words], np.int64)


def strings(words: Sequence[str]) -> Array:
    """Texts of different lengths as an object array, one text an element.

    Example:
        >>> strings(["a", "bcd"]).tolist()
        ['a', 'bcd']
    """
    array = np.empty(len(words), object)
    array[:] = words
    return array
