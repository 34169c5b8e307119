"""A parameter out of bounds is named, with what it needs and what it got."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurarium.core.parameters import above, at_least, between, check_parameters, inside, parameter_table


@dataclass
class Settings:
    count: Annotated[int, at_least(1)] = 1
    rate: Annotated[float, above(0)] | None = None
    share: Annotated[float, inside(0, 1)] = 0.5
    angle: Annotated[float, between(-1, 1)] = 0.0
    start: Literal["pca", "random"] = "pca"
    shape: Annotated[tuple[int, int], at_least(1)] | None = None
    widths: tuple[int, ...] = ()
    loud: bool = False


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("count", 0, "count must be a whole number at least 1; got 0"),
        ("count", 1.5, "a whole number"),
        ("count", True, "a whole number"),
        ("count", "3", "got '3'"),
        ("rate", 0, "a number above 0, or None; got 0"),
        ("rate", float("nan"), "got nan"),
        ("share", 1, "above 0 and below 1"),
        ("angle", 1.01, "at least -1 and at most 1"),
        ("start", "PCA", "'pca' or 'random'; got 'PCA'"),
        ("shape", (0, 2), "a tuple of a whole number, a whole number at least 1, or None"),
        ("shape", (1, 2, 3), r"got \(1, 2, 3\)"),
        ("shape", [1, 2], r"got \[1, 2\]"),
        ("widths", (1, "2"), "widths"),
        ("loud", 1, "True or False"),
    ],
)
def test_what_does_not_lie_in_its_bounds_is_refused_by_name(name, value, words):
    with pytest.raises(ValueError, match=f"Settings: .*{words}"):
        check_parameters(Settings(**{name: value}))


@given(st.integers(1), st.floats(0, exclude_min=True, allow_infinity=False), st.floats(-1, 1))
def test_what_lies_in_its_bounds_is_accepted(count, rate, angle):
    check_parameters(Settings(count=count, rate=rate, angle=angle, shape=(1, count), widths=(count,) * 3))


def test_numpys_numbers_are_numbers():
    check_parameters(Settings(count=np.int64(3), rate=np.float32(0.5), loud=np.bool_(True)))


def test_a_table_tells_what_each_may_be():
    assert parameter_table(Settings)["start"] == "'pca' or 'random'"
