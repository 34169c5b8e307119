"""map: lay the digits out on a map, so that neighbours on it are alike, without being told which digit is which."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from neurarium.tour.digits import Split, as_images
from neurarium.tour.figures import Figures, Picture, paired_chance
from neurarium.tour.making import make, need, passes, timed_fit

VERB = "map"


def show(kind: type[Any], rows: Split) -> Figures:
    """A map: the share of held-out digits that fall on a cell whose seen digits mostly bear their label.

    The floor always says the most frequent digit. The rival is scikit-learn's KMeans with as many cells, which may
    place each one freely because it need not lie beside its neighbours.
    """
    grid = make(kind, rows)
    need(grid, "winners")
    seconds = timed_fit(grid, rows.seen)
    prototypes = np.asarray(grid.codebook_)
    n_cells = prototypes.shape[0] * prototypes.shape[1]
    right = _named_by_majority(grid.winners(rows.seen), grid.winners(rows.held_out), n_cells, rows)
    rival = KMeans(n_cells, n_init=1, random_state=rows.seed).fit(rows.seen)
    rival_right = _named_by_majority(rival.labels_, rival.predict(rows.held_out), n_cells, rows)
    notes = {"note.cells": float(n_cells)}
    if callable(getattr(grid, "topographic_error", None)):
        notes["note.topographic"] = float(grid.topographic_error(rows.held_out))
    return Figures(
        metric="majority label of the cell",
        floor=rows.most_frequent(),
        ours=float(right.mean()),
        rival=float(rival_right.mean()),
        rival_name=f"KMeans-{n_cells} (scikit-learn)",
        seconds=seconds,
        chance=paired_chance(right, rival_right),
        passes=passes(grid),
        notes=notes,
        pictures=(_picture(grid, prototypes),),
        fitted=grid,
        rows=(rows.held_out, rows.held_out_labels),
    )


def _named_by_majority(seen: NDArray[Any], held_out: NDArray[Any], n_cells: int, rows: Split) -> NDArray[np.bool_]:
    """Which held-out rows bear the most frequent label of the seen rows of their cell; an empty cell names nothing."""
    labels, codes = np.unique(rows.seen_labels, return_inverse=True)
    votes = np.zeros((n_cells, len(labels)))
    np.add.at(votes, (seen, codes), 1)
    answers = labels[votes.argmax(1)][held_out]
    return np.asarray((answers == rows.held_out_labels) & (votes[held_out].sum(1) > 0))


def _picture(grid: Any, prototypes: NDArray[Any]) -> Picture:
    """The prototypes where they lie: on a hexagonal lattice every other row is half a cell further."""
    height, width = prototypes.shape[:2]
    tiles = as_images(prototypes.reshape(height * width, -1)).clip(0, 1)
    places = np.stack(np.divmod(np.arange(height * width), width)[::-1], axis=1).astype(float)
    if hasattr(grid, "positions_"):
        places[:, 0] = np.asarray(grid.positions_)[:, 0]
    return Picture("picture.map", tiles, columns=width, places=places, values={"height": height, "width": width})
