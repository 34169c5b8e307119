"""What an estimator's own verb says, where the verb is more than to call a function once: files are checked by it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_TEMPERATURE, _PROMPT, _LENGTH = 0.5, 10, 100


@dataclass(frozen=True)
class Example:
    """What a verb was asked, and what the estimator said.

    Args:
        verb: Which.
        function: The function of the sheet that it asks turn after turn.
        given: What comes in, by name.
        wanted: What the estimator says to that, by name.
        every: Whether an answer is asked for at every step of a sequence.
    """

    verb: Literal["forecast", "classify", "predict", "sample", "simulate"]
    function: str
    given: Mapping[str, NDArray[Any]]
    wanted: Mapping[str, NDArray[Any]]
    every: bool = False


def drawn(
    verb: Literal["sample", "simulate"], function: str, hear: Callable[[int], NDArray[Any]], n: int, first: int
) -> Example:
    """Symbols that go on from others, each drawn by a number of noise.

    Args:
        verb: "sample" for a text, whose symbol 0 stands for unknown ones and is never drawn; "simulate" for states.
        function: As in `Example`.
        hear: Takes the numbers of symbols, one after the other, and says how likely each of them is to come next.
        n: How many symbols there are.
        first: The number that stands before all symbols.
    """
    written = verb == "sample"
    chance = np.random.default_rng(0)
    before = chance.integers(int(written), n, _PROMPT)
    for number in (first, *before.tolist()):
        likely = hear(number)
    numbers, noise = [], []
    for _ in range(_LENGTH):
        weights = likely.astype(float) ** (1 / _TEMPERATURE if written else 1)
        weights[: int(written)] = 0
        ends = np.cumsum(weights) / weights.sum()
        numbers.append(int(np.searchsorted(ends, chance.random() * ends[-1], side="right")))
        begin = ends[numbers[-1] - 1] if numbers[-1] else 0.0
        noise.append((begin + ends[numbers[-1]]) / 2)  # the middle of a piece: no rounding of its ends draws another
        likely = hear(numbers[-1])
    more = {"temperature": np.array(_TEMPERATURE)} if written else {}
    given = {"prompt" if written else "start": before, **more, "noise": np.array(noise)}
    return Example(verb, function, given, {"numbers": np.array(numbers)})
