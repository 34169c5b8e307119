"""Controls: what a person can set, and the arrays that a scene's module is given for it.

Each control says with `inputs()` which arrays it stands for, by the names of the module's arguments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neurarium.page.noise import uniform
from neurarium.page.words import Text

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Number:
    """A slider: one number, `()`.

    Args:
        low, high, step: Its range.
        whole: Whether it is a whole number (int64), else float32.
        plays: Whether a button lets it run from low to high.
    """

    name: str
    label: Text
    value: float
    low: float
    high: float
    step: float = 1
    whole: bool = False
    plays: bool = False

    def inputs(self) -> Arrays:
        """Its number."""
        return {self.name: np.array(self.value, np.int64 if self.whole else np.float32)}


@dataclass(frozen=True)
class Choice:
    """One of several: the number of the chosen, `()` int64.

    Args:
        options: What they are called, or the name of a list of the scene.
        tabs: Whether it is drawn as tabs above the panels: for what is looked at.
    """

    name: str
    label: Text
    options: str | Sequence[str | Text]
    value: int = 0
    tabs: bool = False

    def inputs(self) -> Arrays:
        """The number of the chosen."""
        return {self.name: np.array(self.value, np.int64)}


@dataclass(frozen=True)
class Toggle:
    """On or off: `()` bool."""

    name: str
    label: Text
    value: bool = False

    def inputs(self) -> Arrays:
        """Whether it is on."""
        return {self.name: np.array(self.value)}


@dataclass(frozen=True)
class Picture:
    """A picture to draw, to erase, to choose from samples or to read from a file: (h, w) or (channels, h, w) float32.

    Args:
        value: What is there at first.
        low, high: What erasing and drawing leave.
        samples: The name of a constant of the scene: (n, ...) pictures to choose from; None for none.
        sample_labels: What they are called.
        file: Whether a file may be taken.
    """

    name: str
    label: Text
    value: NDArray[Any]
    low: float = 0.0
    high: float = 1.0
    samples: str | None = None
    sample_labels: str | Sequence[str] | None = None
    file: bool = True

    def inputs(self) -> Arrays:
        """Its pixels."""
        return {self.name: np.asarray(self.value, np.float32)}


@dataclass(frozen=True)
class Grid:
    """A table of numbers to set cell by cell: (h, w) float32.

    Args:
        value: What stands there at first.
        low, high, step: The range of each; what is typed goes to the nearest step.
        samples: The name of a constant of the scene: (n, h, w) tables to choose from; None for none.
        sample_labels: What they are called.
    """

    name: str
    label: Text
    value: NDArray[Any]
    low: float
    high: float
    step: float = 1
    samples: str | None = None
    sample_labels: str | Sequence[str | Text] | None = None

    def inputs(self) -> Arrays:
        """Its numbers."""
        return {self.name: np.asarray(self.value, np.float32)}


@dataclass(frozen=True)
class PointSet:
    """Points with classes, which can be added, moved and taken away.

    It stands for three arrays of `capacity` places: NAME_xy (capacity, 2) float32, NAME_group (capacity,) int64, and
    NAME_used (capacity,) float32, 1 for a point that is there and 0 for a free place.

    Args:
        xy: (n, 2) those at first.
        group: (n,) their classes.
        groups: What the classes are called, or the name of a list of the scene.
        capacity: At most.
    """

    name: str
    label: Text
    xy: NDArray[Any]
    group: NDArray[Any]
    groups: str | Sequence[str]
    capacity: int = 256

    def inputs(self) -> Arrays:
        """Its points, and the free places as zeros."""
        free = self.capacity - len(self.xy)
        if free < 0:
            raise ValueError(f"{self.name}: {len(self.xy)} points do not go into {self.capacity} places.")
        xy = np.pad(np.asarray(self.xy, np.float32), ((0, free), (0, 0)))
        group = np.pad(np.asarray(self.group, np.int64), (0, free))
        used = np.pad(np.ones(len(self.xy), np.float32), (0, free))
        return {f"{self.name}_xy": xy, f"{self.name}_group": group, f"{self.name}_used": used}


@dataclass(frozen=True)
class Pad:
    """A place in a plane, dragged with the pointer or moved with the arrow keys: (2,) float32.

    Args:
        low, high: Its range along both axes.
    """

    name: str
    label: Text
    value: tuple[float, float]
    low: tuple[float, float]
    high: tuple[float, float]

    def inputs(self) -> Arrays:
        """Its coordinates."""
        return {self.name: np.array(self.value, np.float32)}


@dataclass(frozen=True)
class Typed:
    """A text to type: NAME (length,) int64 codes from the left, 0 behind its end, and NAME_length `()` int64.

    Args:
        value: The text at first.
        vocabulary: The name of a list of the scene: the pieces by their codes; code 0 stands for every other piece.
        length: Pieces at most; of a longer text the last are taken.
        split: Whether pieces are characters or words.
    """

    name: str
    label: Text
    value: Sequence[int]
    vocabulary: str
    length: int
    split: Literal["characters", "words"] = "characters"

    def inputs(self) -> Arrays:
        """Its codes and how many there are."""
        codes = np.asarray(self.value, np.int64)[-self.length :]
        padded = np.pad(codes, (0, self.length - len(codes)))
        return {self.name: padded, f"{self.name}_length": np.array(len(codes), np.int64)}


@dataclass(frozen=True)
class Noise:
    """Uniform numbers in [0, 1) that a button draws anew: `shape` float32, the same on a page and in Python."""

    name: str
    label: Text
    shape: tuple[int, ...]
    seed: int = 0

    def inputs(self) -> Arrays:
        """The numbers of its seed."""
        return {self.name: uniform(self.seed, self.shape)}


@dataclass(frozen=True)
class State:
    """An array that nobody sets but a `Button`."""

    name: str
    value: NDArray[Any]

    def inputs(self) -> Arrays:
        """The array."""
        return {self.name: np.asarray(self.value)}


@dataclass(frozen=True)
class Button:
    """One step: takes what the module computes over into states, or into any other control of the same shape.

    Args:
        sets: By the name of a state (or control) the name of the array that it becomes.
        plays: Whether it can be kept going.
        until: The name of an array of one number that ends the going on when it is not 0.
    """

    name: str
    label: Text
    sets: Mapping[str, str] = field(default_factory=dict)
    plays: bool = False
    until: str | None = None

    def inputs(self) -> Arrays:
        """Nothing."""
        return {}


Control = Number | Choice | Toggle | Picture | Grid | PointSet | Pad | Typed | Noise | State | Button
