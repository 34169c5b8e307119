"""What the map look computes while a person moves things: a cell and its rows, and a row's distance to all cells."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.views.map_lattice import Sheet
from neurarium.views.numbers import picked


class Unfolding(nn.Module):
    """A map on a plane through its rows, and its cells one by one.

    Args:
        sheet: The map.
        frames: (frames, units, 2) where its units are seen, pass by pass.
        pairs: (links, 2) units side by side.
        spread: (features,) means and deviations of the columns, to compare columns of different units.
    """

    codebook: Tensor
    frames: Tensor
    pairs: Tensor
    members: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(
        self, sheet: Sheet, frames: NDArray[np.float64], pairs: NDArray[np.int64], spread: NDArray[np.float64]
    ) -> None:
        super().__init__()
        self.shape = sheet.picture or (1, sheet.codebook.shape[1])
        for name, array in (("codebook", sheet.codebook), ("frames", frames), ("mean", spread[0]),
                            ("deviation", spread[1])):  # fmt: skip
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(array, np.float32)))
        self.register_buffer("pairs", torch.from_numpy(pairs))
        self.register_buffer("members", torch.from_numpy(sheet.members))

    def net(self, frame: Tensor) -> dict[str, Tensor]:
        """The units and the lines between them at a pass."""
        there = picked(self.frames, frame)
        one, other = there.index_select(0, self.pairs[:, 0]), there.index_select(0, self.pairs[:, 1])
        lines = torch.stack([one, other], 1)
        return {"net_x": lines[..., 0], "net_y": lines[..., 1], "knot_x": there[:, 0], "knot_y": there[:, 1]}

    def cell(self, unit: Tensor, rows: Tensor, row_classes: Tensor) -> dict[str, Tensor]:
        """What a unit holds, and the rows that are its own; behind the last one rows of zeros."""
        held, numbers = picked(self.codebook, unit), picked(self.members, unit)
        there = (numbers >= 0).to(rows.dtype)
        own = rows.index_select(0, numbers.clamp(min=0))
        classes = torch.where(numbers >= 0, row_classes.index_select(0, numbers.clamp(min=0)), -1)
        standing = torch.cat([held[None], own])
        away = (standing - self.mean) / self.deviation
        return {
            "held": held,
            "held_picture": held.reshape(1, *self.shape),
            "own": (own * there[:, None]).reshape(-1, *self.shape),
            "own_classes": classes,
            "own_away": torch.cat([away[:1], away[1:] * there[:, None]]),
        }

    def answer(self, row: Tensor) -> dict[str, Tensor]:
        """The distances of a row to all units, and its winner."""
        distances = (self.codebook - row.reshape(-1)).square().sum(1).sqrt()
        winner = distances.argmin()
        held = picked(self.codebook, winner)
        both = torch.stack([row.reshape(-1), held])
        return {
            "distances": distances,
            "winner": winner,
            "nearest": distances.amin(),
            "winner_picture": held.reshape(1, *self.shape),
            "both_away": (both - self.mean) / self.deviation,
        }

    def column(self, column: Tensor) -> dict[str, Tensor]:
        """The map of one column."""
        return {"component": self.codebook.index_select(1, column.reshape(1))[:, 0]}


class OfPictures(Unfolding):
    """Whose rows are pictures, one of which is drawn."""

    def forward(
        self, unit: Tensor, frame: Tensor, column: Tensor, picture: Tensor, rows: Tensor, row_classes: Tensor
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        flat = rows.flatten(1)
        return {**self.net(frame), **self.cell(unit, flat, row_classes), **self.column(column), **self.answer(picture)}


class OfTables(Unfolding):
    """Whose rows are those of a table, one of which is chosen."""

    def forward(
        self, unit: Tensor, frame: Tensor, column: Tensor, row: Tensor, rows: Tensor, row_classes: Tensor
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        chosen = picked(rows, row)
        cell = {**self.cell(unit, rows, row_classes), **self.column(column)}
        return {**self.net(frame), **cell, **self.answer(chosen)}
