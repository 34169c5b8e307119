"""Cards: what a network is, in the chart's terms, as data that every other room can read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal


class Cell(StrEnum):
    """The thirteen kinds of cell in the chart."""

    BACKFED_INPUT = "backfed input"
    INPUT = "input"
    NOISY_INPUT = "noisy input"
    HIDDEN = "hidden"
    PROBABILISTIC_HIDDEN = "probabilistic hidden"
    SPIKING_HIDDEN = "spiking hidden"
    OUTPUT = "output"
    MATCH_INPUT_OUTPUT = "match input output"
    RECURRENT = "recurrent"
    MEMORY = "memory"
    DIFFERENT_MEMORY = "different memory"
    KERNEL = "kernel"
    CONVOLUTION_OR_POOL = "convolution or pool"


Family = Literal[
    "feed-forward",
    "recurrent",
    "encoder-decoder",
    "convolutional",
    "energy",
    "reservoir",
    "map",
    "adversarial",
    "chain",
]
Tier = Literal["A", "B", "C"]
Links = Literal["forward", "complete", "self", "random", "direct"]
Verb = Literal[
    "classify", "classify rows", "map", "recall", "features", "compress", "sample", "forecast", "copy", "simulate"
]


@dataclass(frozen=True)
class Paper:
    """A source.

    Attributes:
        authors: As printed: "Rosenblatt, F."
        title: In full.
        venue: Journal or conference, volume, pages.
        year: Of publication.
        link: Where it can be read, or "" where no address is certain.
    """

    authors: str
    title: str
    venue: str
    year: int
    link: str = ""


@dataclass(frozen=True)
class Card:
    """The label at the foot of a network file.

    Attributes:
        code: The chart's letters: "RBM".
        name: As people say it: "Restricted Boltzmann machine".
        family: Which way in of the chart page leads to it.
        tier: Depth of treatment (mission).
        layers: How the chart draws it, from left to right: kind and number of cells of each column.
        links: How the columns are joined: "forward" (each to the next), "complete" (all to all), "self" (forward, and
            the middle ones to themselves), "random" (forward, and the middle ones at random), "direct" (forward, and
            input to output).
        papers: Sources, the founding one first.
        claim: What a teacher says is the point, in one sentence.
        best_when, do_not_use_when: One sentence each.
        verb: What it does in the tour.
        estimators: Its estimators, the one that goes on tour first.
        departs: Where the chart's drawing departs from the paper; "" where it does not.
    """

    code: str
    name: str
    family: Family
    tier: Tier
    layers: tuple[tuple[Cell, int], ...]
    links: Links
    papers: tuple[Paper, ...]
    claim: str
    best_when: str
    do_not_use_when: str
    verb: Verb
    estimators: tuple[type[Any], ...]
    departs: str = ""
