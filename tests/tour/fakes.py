"""Throw-away networks: one for each verb, right or wrong on purpose, so that the tour is tested without real ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurarium.core.card import Card, Cell, Paper

LAYERS = ((Cell.INPUT, 2), (Cell.HIDDEN, 3), (Cell.OUTPUT, 1))


@dataclass(kw_only=True)
class NearestMean:
    """Names the class whose mean is nearest: a classifier that is above its floor and behind its rival."""

    random_state: int | None = None

    def fit(self, X: Any, y: Any) -> "NearestMean":
        X = np.asarray(X).reshape(len(X), -1)
        self.labels_ = np.unique(y)
        self.means_ = np.stack([X[y == label].mean(0) for label in self.labels_])
        self.n_iter_ = 1
        return self

    def predict(self, X: Any) -> Any:
        X = np.asarray(X).reshape(len(X), -1)
        return self.labels_[((X[:, None] - self.means_) ** 2).sum(2).argmin(1)]


@dataclass(kw_only=True)
class RowReader(NearestMean):
    """The same, told how to see its rows."""

    view: tuple[int, int] | None = None

    def fit(self, X: Any, y: Any) -> "RowReader":
        if self.view != (8, 8):
            raise ValueError("nobody said that a row is 8 x 8")
        super().fit(X, y)
        self.n_iter_ = 7
        return self


@dataclass(kw_only=True)
class Stubborn(NearestMean):
    """Always wrong."""

    def predict(self, X: Any) -> Any:
        return np.full(len(X), -1)


@dataclass(kw_only=True)
class Broken(NearestMean):
    """Cannot be fitted."""

    def fit(self, X: Any, y: Any) -> "Broken":
        raise RuntimeError("the <b>flux</b> & the capacitor are missing")


@dataclass(kw_only=True)
class TinyMap:
    """A map of 3 x 4 cells that are digits it has seen."""

    random_state: int | None = None

    def fit(self, X: Any) -> "TinyMap":
        draw = np.random.default_rng(self.random_state)
        self.codebook_ = X[draw.choice(len(X), 12, replace=False)].reshape(3, 4, -1)
        return self

    def winners(self, X: Any) -> Any:
        flat = self.codebook_.reshape(12, -1)
        return ((np.asarray(X)[:, None] - flat) ** 2).sum(2).argmin(1)

    def topographic_error(self, X: Any) -> float:
        return 0.25


@dataclass(kw_only=True)
class ListMemory:
    """Remembers by looking the pattern up."""

    def fit(self, X: Any) -> "ListMemory":
        self.patterns_ = np.asarray(X)
        return self

    def recall(self, X: Any) -> Any:
        return self.patterns_[(np.asarray(X)[:, None] != self.patterns_).sum(2).argmin(1)]


@dataclass(kw_only=True)
class Squares:
    """Features: pixels and products of neighbours."""

    random_state: int | None = None

    def fit(self, X: Any) -> "Squares":
        import torch

        self.module_ = torch.nn.Linear(64, 127)
        return self

    def transform(self, X: Any) -> Any:
        return np.concatenate([X, X[:, 1:] * X[:, :-1]], axis=1)


@dataclass(kw_only=True)
class Halver:
    """Keeps the mean of the left and of the right half of every row of pixels, as many as it is asked for."""

    n_components: int
    random_state: int | None = None

    def fit(self, X: Any) -> "Halver":
        self.mean_ = np.asarray(X).mean(0)
        return self

    def transform(self, X: Any) -> Any:
        return (X - self.mean_).reshape(len(X), 16, 4).mean(2)[:, : self.n_components]

    def inverse_transform(self, codes: Any) -> Any:
        full = np.zeros((len(codes), 16))
        full[:, : self.n_components] = codes
        return self.mean_ + np.repeat(full, 4, axis=1)


@dataclass(kw_only=True)
class Copier:
    """Draws digits that it has seen, the first so many."""

    random_state: int | None = None
    first: int = 2000

    def fit(self, X: Any) -> "Copier":
        self.seen_ = np.asarray(X)[: self.first]
        return self

    def sample(self, n_samples: int = 1, *, random_state: int | None = None) -> Any:
        return self.seen_[np.random.default_rng(random_state).integers(len(self.seen_), size=n_samples)]


@dataclass(kw_only=True)
class Collapsed(Copier):
    """Draws one digit again and again."""

    first: int = 1


@dataclass(kw_only=True)
class AboveCounter:
    """Knows how often ink follows ink, and none follows none, in the row below."""

    order: int
    random_state: int | None = None

    def fit(self, X: Any) -> "AboveCounter":
        above, below = X[:, :-8], X[:, 8:]
        self.ink_ = np.array([below[above == pixel].mean() for pixel in (0, 1)])
        return self

    def score(self, X: Any) -> float:
        ink = self.ink_[np.concatenate([np.zeros(8, int), X[:-8]])]
        return float(np.log(np.where(X == 1, ink, 1 - ink)).mean())

    def simulate(self, n_steps: int, *, n_chains: int = 1, random_state: int | None = None) -> Any:
        return np.random.default_rng(random_state).integers(0, 2, (n_chains, n_steps))


def card(code: str, kind: type[Any], verb: str, **other: Any) -> Card:
    """A card for a throw-away network."""
    fields: dict[str, Any] = {
        "code": code,
        "name": f"{kind.__name__} network",
        "family": "feed-forward",
        "tier": "C",
        "layers": LAYERS,
        "links": "forward",
        "papers": (Paper("Nobody, N.", "Nothing", "Nowhere", 1999),),
        "claim": "It claims little.",
        "best_when": "it is tested.",
        "do_not_use_when": "it matters.",
        "verb": verb,
        "estimators": (kind,),
    }
    return Card(**{**fields, **other})


def every_verb() -> dict[str, Card]:
    """A network for each verb, by code."""
    cards = [
        card("FF", NearestMean, "classify"),
        card("ESN", RowReader, "classify rows"),
        card("KN", TinyMap, "map", links="random"),
        card("HN", ListMemory, "recall", links="complete", layers=((Cell.BACKFED_INPUT, 6),)),
        card("RBM", Squares, "features", links="direct"),
        card("AE", Halver, "compress"),
        card("GAN", Copier, "sample"),
        card("MC", AboveCounter, "simulate"),
    ]
    return {each.code: each for each in cards}
