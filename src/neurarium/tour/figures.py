"""What the tour finds out: the figures of one fit, and of one network over all seeds."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neurarium.core.card import Card

Verdict = Literal["ahead", "level", "behind", "below floor", "failed", "no verb yet"]


@dataclass(frozen=True)
class Picture:
    """What a network did, as small grey or signed images.

    Attributes:
        caption: A message key, and what to fill into it.
        tiles: (n, height, width) values; ink lies in 0 ... 1, signed values in -1 ... 1.
        columns: Tiles in a row.
        signed: Whether the values have a sign.
        labels: A text under each tile, or none.
        marked: Numbers of the tiles to mark as wrong.
        places: (n, 2) where each tile lies, x to the right and y down, in tiles; row after row unless given.
    """

    caption: str
    tiles: NDArray[Any]
    columns: int
    signed: bool = False
    labels: tuple[str, ...] = ()
    marked: frozenset[int] = frozenset()
    places: NDArray[Any] | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """One network on one split.

    Attributes:
        metric: What is counted, the same for floor, ours and rival: shares from 0 to 1, larger is better.
        floor: The trivial answer.
        ours: The network.
        rival: A well-known method on the same split.
        rival_name: Which.
        seconds: The fit of the network.
        chance: The difference between ours and rival that chance explains: two standard errors, the rows being paired.
        passes: Passes over the rows that the fit made.
        notes: Further measures, by message key.
        pictures: What it did.
        fitted: The network as it was fitted, for those who want to look inside.
        rows: What to show it then: rows, and their answers or None.
    """

    metric: str
    floor: float
    ours: float
    rival: float
    rival_name: str
    seconds: float
    chance: float
    passes: int
    notes: Mapping[str, float] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    fitted: Any = None
    rows: tuple[Any, Any] = (None, None)


@dataclass(frozen=True)
class Result:
    """One network's part of the tour.

    Attributes:
        card: Which network.
        seeds: The seeds of the splits, one for each of `runs`.
        runs: What was found with each.
        trouble: What went wrong, "" when nothing did.
    """

    card: Card
    seeds: tuple[int, ...] = ()
    runs: tuple[Figures, ...] = ()
    trouble: str = ""

    def median(self, measure: str) -> float:
        """The median over the seeds of "floor", "ours", "rival", "seconds" or "chance"."""
        return float(statistics.median(getattr(run, measure) for run in self.runs))

    @property
    def above_floor(self) -> bool | None:
        """Whether it did better than the trivial answer; None where nothing could be asked yet."""
        if self.trouble:
            return False
        return self.median("ours") > self.median("floor") if self.runs else None

    @property
    def verdict(self) -> Verdict:
        """In a word."""
        if self.trouble:
            return "failed"
        if not self.runs:
            return "no verb yet"
        if not self.above_floor:
            return "below floor"
        lead = self.median("ours") - self.median("rival")
        if abs(lead) <= self.median("chance"):
            return "level"
        return "ahead" if lead > 0 else "behind"

    def as_json(self) -> dict[str, Any]:
        """The object that `neurarium tour --json` prints for this network."""
        first = self.runs[0] if self.runs else None
        measures = ("floor", "ours", "rival", "seconds")
        entry: dict[str, Any] = {
            "code": self.card.code,
            "verb": self.card.verb,
            "metric": first.metric if first else None,
            **{measure: round(self.median(measure), 6) if first else None for measure in measures},
            "rival_name": first.rival_name if first else None,
            "above_floor": self.above_floor,
            "verdict": self.verdict,
            "notes": {key.removeprefix("note."): round(value, 6) for key, value in first.notes.items()}
            if first
            else {},
        }
        if self.trouble:
            entry["error"] = self.trouble
        if len(self.seeds) > 1:
            entry["seeds"] = [
                {
                    "seed": seed,
                    **{measure: round(getattr(run, measure), 6) for measure in measures},
                    "above_floor": run.ours > run.floor,
                }
                for seed, run in zip(self.seeds, self.runs, strict=False)
            ]
        return entry


def paired_chance(ours_right: NDArray[np.bool_], rival_right: NDArray[np.bool_]) -> float:
    """Two standard errors of the difference between two shares that were counted on the same rows.

    Example:
        >>> paired_chance(np.array([True, True, False, True]), np.array([True, True, True, False]))
        0.70...
    """
    difference = ours_right.astype(float) - rival_right.astype(float)
    return 2.0 * float(difference.std()) / float(np.sqrt(len(difference)))
