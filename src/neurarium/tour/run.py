"""The tour itself: every network in turn, reported as it goes."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from neurarium.core.card import Card
from neurarium.tour.digits import split
from neurarium.tour.figures import Figures, Result
from neurarium.tour.found_verbs import Show, found_verbs


@dataclass(frozen=True)
class Started:
    """A network begins, with a seed.

    Attributes:
        card: Which.
        number, total: The how many-th of how many fits.
        seed: Of the split.
    """

    card: Card
    number: int
    total: int
    seed: int


def run(
    cards: Iterable[Card], seeds: Sequence[int], verbs: Mapping[str, Show] | None = None, *, fast: bool = False
) -> Iterator[Started | Result]:
    """Take networks on tour, one after the other.

    Args:
        cards: Which networks.
        seeds: The seeds of the splits, and of the fits.
        verbs: How each verb is shown; those that are found unless given.
        fast: Whether all learn from half of the digits, rivals too, and networks make half of their passes.

    Yields:
        `Started` before each fit and a `Result` after the last fit of each network. A network that fails or has no
        verb yet yields a result that says so.
    """
    chosen = list(cards)
    shows = found_verbs() if verbs is None else verbs
    _warm_up()
    for place, card in enumerate(chosen):
        show = shows.get(card.verb)
        if show is None or not card.estimators:
            yield Result(card)
            continue
        runs: list[Figures] = []
        trouble = ""
        for turn, seed in enumerate(seeds):
            yield Started(card, place * len(seeds) + turn + 1, len(chosen) * len(seeds), seed)
            try:
                runs.append(show(card.estimators[0], split(seed, fast=fast)))
            except Exception as error:  # whatever it is, the other networks shall have their turn
                trouble = f"{type(error).__name__}: {error}"
                break
        yield Result(card, tuple(seeds[: len(runs)]), tuple(runs), trouble)


@functools.cache
def _warm_up() -> None:
    """Let torch set up its linear algebra before the first network is timed."""
    matrix = torch.eye(64, requires_grad=True)
    torch.linalg.solve(matrix + torch.ones(64, 64), matrix).sum().backward()
