"""Which kinds of rows a generator reaches: clusters of the rows, and whether samples lie in them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

_MOST_CLUSTERS = 12
_ROWS = 400
_APART = 0.5  # mean silhouette from which clusters count as clusters
_REGIONS = 8
_WITHIN = 0.98  # share of a cluster's rows that lie in its circle
REACHED = 0.2
"""A cluster is reached when it gets this share of the samples that are its due."""
LEAST_REACH = 0.75
LEAST_SPREAD = 0.25
"""Below these the alarm goes off, as a fit's own warning does."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of rows.

    Attributes:
        centres: (k, numbers) their middles.
        radius: (k,) of the circles that hold nearly all of their rows.
        due: (k,) the share of the rows in each.
        found: Whether the rows lie in clusters; else they are only divided into regions.
    """

    centres: NDArray[np.float64]
    radius: NDArray[np.float64]
    due: NDArray[np.float64]
    found: bool


def clusters(rows: NDArray[Any]) -> Clusters:
    """Clusters by k-means, as many as the mean silhouette is best with; regions where there are none.

    Args:
        rows: (n, numbers) rows.

    Source: "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis" (Rousseeuw, 1987).

    Example:
        >>> corners = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 20, axis=0)
        >>> len(clusters(corners + np.random.default_rng(0).normal(size=(60, 2))).centres)
        3
    """
    from sklearn.cluster import KMeans  # not at the top: listing the looks stays cheap
    from sklearn.metrics import silhouette_score

    rows = np.asarray(rows, np.float64)
    few = rows[np.linspace(0, len(rows) - 1, min(len(rows), _ROWS)).astype(int)]
    different = len(np.unique(few, axis=0))
    scores = {}
    for k in range(2, min(_MOST_CLUSTERS, different - 1) + 1):
        codes = KMeans(k, n_init=4, random_state=0).fit(few).labels_
        scores[k] = float(silhouette_score(few, codes)) if len(np.unique(codes)) > 1 else -1.0
    best = max(scores, key=lambda k: scores[k], default=1)
    found = scores.get(best, 0) >= _APART
    k = best if found else min(_REGIONS, different)
    means = KMeans(k, n_init=4, random_state=0).fit(rows)
    away = np.linalg.norm(rows - means.cluster_centers_[means.labels_], axis=1)
    radius = np.array([np.quantile(away[means.labels_ == each], _WITHIN) for each in range(k)])
    due = np.bincount(means.labels_, minlength=k) / len(rows)
    order = _turn(means.cluster_centers_)
    return Clusters(means.cluster_centers_[order], np.maximum(radius, 1e-9)[order], due[order], found)


def _turn(centres: NDArray[Any]) -> NDArray[Any]:
    """An order a person can follow: counter-clockwise around their middle."""
    away = centres - centres.mean(0)
    angle = np.arctan2(away[:, 1], away[:, 0]) if centres.shape[1] == 2 else away[:, 0]
    return np.argsort(np.round(angle % (2 * np.pi), 3), kind="stable")


def squares(a: Float[Tensor, "n numbers"], b: Float[Tensor, "m numbers"]) -> Float[Tensor, "n m"]:
    """Squared distances from each to each."""
    return (a[:, None] - b[None]).square().sum(2)


def gap(rows: Float[Tensor, "n numbers"]) -> Tensor:
    """The mean distance from a row to the nearest other one."""
    number = torch.arange(rows.shape[0])
    itself = number[:, None] == number
    return torch.where(itself, torch.inf, squares(rows, rows)).amin(1).sqrt().mean()


def covered(
    samples: Float[Tensor, "n numbers"], centres: Tensor, radius: Tensor, due: Tensor, rows: Tensor
) -> dict[str, Tensor]:
    """Which clusters samples reach, how near they lie to rows, and whether the alarm goes off.

    Args:
        samples: Of the generator.
        centres, radius, due: The clusters.
        rows: (n, numbers) as many rows as there are samples, to compare with.
    """
    far = squares(samples, centres)
    hit = (far.argmin(1)[:, None] == torch.arange(centres.shape[0])) & (far <= radius.square())
    share = hit.to(samples.dtype).mean(0)
    reached = share >= REACHED * due
    reach = torch.where(reached, due, 0.0).sum()
    spread = gap(samples) / gap(rows)
    return {
        "share": share,
        "of_due": share / due,
        "reached": reached,
        "n_reached": reached.sum(),
        "reach": reach,
        "missed": 1 - reach,
        "inside": share.sum(),
        "spread": spread,
        "nearest": squares(samples, rows).amin(1).sqrt().mean(),
        "alarm": torch.where(reach < LEAST_REACH, 1, torch.where(spread < LEAST_SPREAD, 2, 0)),
    }
