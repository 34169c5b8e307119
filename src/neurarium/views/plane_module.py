"""The live modules of the look "plane": the decoder at a place, the way of a row, the draws of a posterior."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from neurarium.views.numbers import picked
from neurarium.views.plane_coding import Coding, Straight

DRAWS = 6


class PlaneModule(nn.Module):
    """What all of them share.

    Args:
        coding: The network's codes.
        straight: Principal components beside them.
        shape: (height, width) or (height, width, 3) of the pictures that rows are; () for rows of a table.
        low, high: What is paper and ink in a picture.
        spread: (columns,) standard deviations, by which the columns of a table are compared.
    """

    centre: Tensor
    axes: Tensor
    mean: Tensor
    lines: Tensor
    spread: Tensor

    def __init__(
        self, coding: Coding, straight: Straight, shape: tuple[int, ...], low: float, high: float, spread: Tensor
    ) -> None:
        super().__init__()
        self.encode, self.decode, self.posterior = coding.encode, coding.decode, coding.posterior
        self.bounded, self.shape, self.low, self.high = coding.bounded, shape, low, high
        for name, array in (("centre", coding.centre), ("axes", coding.axes), ("mean", straight.mean)):
            self.register_buffer(name, torch.from_numpy(np.asarray(array)).float())
        self.register_buffer("lines", torch.from_numpy(np.array(straight.axes)).float())
        self.n_lines = straight.n_codes
        self.register_buffer("spread", spread)

    def shown(self, rows: Tensor) -> Tensor:
        """Rows as they are drawn: as pictures, or in deviations from the mean."""
        if not self.shape:
            return ((rows - self.mean) / self.spread)[0]
        return self.pictures((rows - self.low) / (self.high - self.low))

    def pictures(self, rows: Tensor) -> Tensor:
        """(n, h, w) or (n, h, w, 3): the channels of a row come first."""
        if len(self.shape) == 2:
            return rows.unflatten(1, self.shape)
        return rows.unflatten(1, (3, *self.shape[:2])).movedim(1, -1)

    def at(self, place: Tensor) -> Tensor:
        """(1, columns) what the decoder makes of a place."""
        code = self.centre + self.axes @ place
        rows: Tensor = self.decode((code.clamp(0, 1) if self.bounded else code)[None])
        return rows

    def way(self, place: Tensor, row: Tensor, threshold: Tensor, errors: Tensor) -> dict[str, Tensor]:
        """Everything but draws, for a place and a (columns,) row."""
        rows = row[None]
        code = self.encode(rows)
        back = self.decode(code)
        spot = (code[0] - self.centre) @ self.axes
        lines = self.lines[: self.n_lines]
        along = (rows - self.mean) @ self.lines.T
        straight = self.mean + along[:, : self.n_lines] @ lines
        above = errors > threshold
        return {
            "drawn": self.shown(self.at(place)),
            "row": self.shown(rows),
            "code": code[0],
            "back": self.shown(back),
            "straight_back": self.shown(straight),
            "missed": self.pictures(rows - back) if self.shape else ((rows - back) / self.spread)[0],
            "row_error": (rows - back).square().sum(),
            "straight_error": (rows - straight).square().sum(),
            "spot_x": spot[:1],
            "spot_y": spot[1:],
            "place_x": place[:1],
            "place_y": place[1:],
            "line_x": along[0, :1],
            "line_y": along[0, 1:2] if len(self.lines) > 1 else torch.zeros(1),
            "above": above.sum(),
            "share_above": above.to(torch.float32).mean(),
        }

    def drawn_from(self, row: Tensor, noise: Tensor) -> dict[str, Tensor]:
        """Draws of the code of a row, and the rows that they stand for, from (2, draws, codes) uniform noise."""
        if self.posterior is None:
            return {}
        mean, log_variance = self.posterior(row[None])
        deviation = (0.5 * log_variance).exp()
        # Box and Muller: two uniform numbers make a normal one.
        epsilon = (-2 * (1 - noise[0]).log()).sqrt() * (2 * math.pi * noise[1]).cos()
        codes = mean + deviation * epsilon
        places = (codes - self.centre) @ self.axes
        numbers: dict[str, Tensor] = {}
        for dimension in range(min(2, mean.shape[1])):
            numbers |= {
                f"mean_{dimension}": mean[0, dimension],
                f"deviation_{dimension}": deviation[0, dimension],
                f"epsilon_{dimension}": epsilon[0, dimension],
                f"z_{dimension}": codes[0, dimension],
            }
        drawn = self.decode(codes)
        return {
            **numbers,
            "draws_x": places[:, 0],
            "draws_y": places[:, 1],
            "draws": self.shown(drawn) if self.shape else self.shown(drawn[:1]),
            "divergences": 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)[0],
        }


class PicturePlane(PlaneModule):
    """Of rows that are pictures, one of which is drawn by hand."""

    def forward(self, place: Tensor, picture: Tensor, threshold: Tensor, errors: Tensor) -> dict[str, Tensor]:
        """Everything shown."""
        return self.way(place, picture.flatten(), threshold, errors)


class TablePlane(PlaneModule):
    """Of rows of a table, one of which is chosen."""

    def forward(
        self, place: Tensor, sample: Tensor, samples: Tensor, threshold: Tensor, errors: Tensor
    ) -> dict[str, Tensor]:
        """Everything shown."""
        row = picked(samples, sample)
        return self.way(place, row, threshold, errors)


class DrawingPicturePlane(PicturePlane):
    """The same, with draws of the code."""

    def forward(  # type: ignore[override]
        self, place: Tensor, picture: Tensor, threshold: Tensor, errors: Tensor, noise: Tensor
    ) -> dict[str, Tensor]:
        """Everything shown."""
        row = picture.flatten()
        return {**self.way(place, row, threshold, errors), **self.drawn_from(row, noise)}


class DrawingTablePlane(TablePlane):
    """The same, with draws of the code."""

    def forward(  # type: ignore[override]
        self, place: Tensor, sample: Tensor, samples: Tensor, threshold: Tensor, errors: Tensor, noise: Tensor
    ) -> dict[str, Tensor]:
        """Everything shown."""
        row = picked(samples, sample)
        return {**self.way(place, row, threshold, errors), **self.drawn_from(row, noise)}
