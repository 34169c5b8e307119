"""Parameters with their bounds: the bound stands beside the default, and is checked before a fit begins.

n_hidden: Annotated[int, at_least(1)] = 100
start: Literal["pca", "random"] = "pca"
ridge: Literal["auto"] | Annotated[float, at_least(0)] = "auto"
"""

import dataclasses
import math
import numbers
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np


@dataclasses.dataclass(frozen=True)
class Bound:
    """An interval of numbers, each end open or closed."""

    lowest: float = -math.inf
    highest: float = math.inf
    lowest_open: bool = False
    highest_open: bool = False

    def holds(self, value: float) -> bool:
        """Whether `value` lies in the interval; NaN never does."""
        above = value > self.lowest if self.lowest_open else value >= self.lowest
        below = value < self.highest if self.highest_open else value <= self.highest
        return above and below

    def __str__(self) -> str:
        low = "" if self.lowest == -math.inf else f"{'above' if self.lowest_open else 'at least'} {self.lowest:g}"
        high = "" if self.highest == math.inf else f"{'below' if self.highest_open else 'at most'} {self.highest:g}"
        return " and ".join(end for end in (low, high) if end)


def at_least(lowest: float) -> Bound:
    """Numbers from `lowest` on."""
    return Bound(lowest=lowest)


def above(lowest: float) -> Bound:
    """Numbers greater than `lowest`."""
    return Bound(lowest=lowest, lowest_open=True)


def between(lowest: float, highest: float) -> Bound:
    """Numbers from `lowest` to `highest`, both included."""
    return Bound(lowest=lowest, highest=highest)


def inside(lowest: float, highest: float) -> Bound:
    """Numbers greater than `lowest` and less than `highest`."""
    return Bound(lowest, highest, lowest_open=True, highest_open=True)


_WORDS = {int: "a whole number", float: "a number", bool: "True or False", str: "a text", type(None): "None"}


def _is_number(value: object, kind: type) -> bool:
    """numpy's numbers count, True and False do not, and a whole number is a number."""
    if isinstance(value, bool | np.bool_):
        return False
    return isinstance(value, numbers.Integral if kind is int else numbers.Real)


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        kind, *bounds = arguments
        inner = value if typing.get_origin(kind) is tuple else (value,)
        return _fits(value, kind) and all(bound.holds(each) for bound in bounds for each in inner)
    if origin is Literal:
        return any(type(value) is type(choice) and value == choice for choice in arguments)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, choice) for choice in arguments)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return all(_fits(each, arguments[0]) for each in value)
        return len(value) == len(arguments) and all(map(_fits, value, arguments))
    if hint in (int, float):
        return _is_number(value, hint)
    if hint is bool:
        return isinstance(value, bool | np.bool_)
    return isinstance(value, hint)


def _describe(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return " ".join([_describe(arguments[0]), *map(str, arguments[1:])])
    if origin is Literal:
        return " or ".join(repr(choice) for choice in arguments)
    if origin in (typing.Union, types.UnionType):
        return ", or ".join(_describe(choice) for choice in arguments)
    if origin is tuple:
        return "a tuple of " + ", ".join(_describe(each) for each in arguments if each is not Ellipsis)
    return _WORDS.get(hint, f"a {getattr(hint, '__name__', hint)}")


def check_parameters(estimator: object) -> None:
    """Check every field of a dataclass against its annotation.

    Args:
        estimator: A dataclass instance whose fields are annotated with their types and bounds.

    Raises:
        ValueError: A field does not lie in its bounds; the message names it, what it needs and what it got.
    """
    hints = typing.get_type_hints(type(estimator), include_extras=True)
    for field in dataclasses.fields(estimator):  # type: ignore[arg-type]  # a dataclass by contract
        value = getattr(estimator, field.name)
        if not _fits(value, hints[field.name]):
            needs = _describe(hints[field.name])
            raise ValueError(f"{type(estimator).__name__}: {field.name} must be {needs}; got {value!r}.")


def parameter_table(kind: type) -> Mapping[str, str]:
    """What each parameter of a dataclass may be, in words, by name."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {field.name: _describe(hints[field.name]) for field in dataclasses.fields(kind)}
