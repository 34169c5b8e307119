"""A network on a plane: its units, its layers, and which of its ways to learn a page can repeat."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.core.estimator import Estimator
from neurarium.core.roles import Regressor
from neurarium.page.controls import Choice, Control, Number
from neurarium.page.words import Text
from neurarium.rules.leave_one_out import SAFE_IN_GRAM
from neurarium.views.margin_layers import Placed, Warp, kept_units, layers
from neurarium.views.margin_modules import Margin
from neurarium.views.margin_plane import Plane
from neurarium.views.margin_words import LAYERS, NAMES
from neurarium.views.shown import Shown

UNITS, BENT = 0, 1
"""What the tabs below the plane show."""
CURVE = 200
"""Places along a curve."""
FINE, _WORK = 64, 3e6  # sides of the surface, and multiplications that it may cost where it changes
_SMALL = 24  # sides of a unit's map
_SOLVABLE = 160  # units at most that the page solves for while a point is dragged


class Seen:
    """A network on a plane, with what all scenes need of it.

    Args:
        fitted: The estimator.
        rows: The rows, with their names.
        shown: The plane.

    Attributes:
        teaches: Whether its rule is the perceptron's, which the page can go on with.
        solves: Whether its read-out is one ridge solve, which the page can do again.
        kept: The numbers of the units that are shown.
        signed: Whether these can be below 0.
        warp: The plane as the layers bend it, or None.
    """

    def __init__(self, fitted: Estimator, rows: Shown, shown: Plane) -> None:
        self.fitted, self.rows, self.plane = fitted, rows, shown
        self.placed = Placed(fitted, shown)
        places = torch.from_numpy(shown.xy if len(shown.xy) > 1 else np.repeat(shown.xy, 2, 0))
        with torch.no_grad():
            self.layers = layers(self.placed, self.placed.rows(places))
        network = self.placed.network
        self.teaches = all(hasattr(network, each) for each in ("scale", "weight", "bias", "mean_weight", "mean_bias"))
        self.solves = shown.whole and _can_be_solved(fitted)
        self.constants: dict[str, NDArray[Any]] = {}
        self._look_at_units()
        self.warp = self._warp()

    @torch.no_grad()
    def _look_at_units(self) -> None:
        """Which units are shown, and whether what they say can be below 0."""
        self.kept, self.signed = np.arange(0), False
        if self.layers.read is None:
            return
        there = [torch.from_numpy(each) for each in self.plane.lines(CURVE if self.curve else _SMALL)]
        values = self.placed(grid(*there))[self.layers.read]
        self.kept = kept_units(values, self.reader.weight if self.reader is not None else None)
        self.signed = bool(values.min() < 0)

    def _warp(self) -> Warp | None:
        # What comes after a read-out that can be solved again would change with it.
        names = self.layers.before if self.solves and self.layers.before else self.layers.names
        return None if self.teaches or not names else Warp(self.placed, names, self.plane)

    @property
    def reader(self) -> nn.Linear | None:
        """The layer that reads the units."""
        path = self.layers.reader
        return None if path is None else self.placed.network.get_submodule(path)

    @property
    def curve(self) -> bool:
        """Whether a single column is shown."""
        return len(self.plane.features) == 1

    def side(self, *, changes: bool) -> int:
        """How many places the surface has along each side."""
        if not changes:
            return FINE
        return int(np.clip(np.sqrt(_WORK / max(1, 4 * self.placed_units())), 24, FINE))

    @property
    def placed_count(self) -> int:
        """How many units the last layer reads."""
        return self.reader.in_features if self.reader is not None else len(self.kept)

    def placed_units(self) -> int:
        """Numbers that read-out weights are multiplied with for each place."""
        return self.reader.weight.numel() if self.reader is not None else 4

    def margin(self, kind: type[Margin]) -> Margin:
        """The live module."""
        kept = torch.from_numpy(self.kept)
        return kind(self.fitted, self.plane, self.placed, self.layers, kept, self.warp).eval()

    def lists(self) -> dict[str, Any]:
        """Names: the user's own, and those of layers and units."""
        layer_names = [LAYERS.get(name.split(".")[-1], name.split(".")[-1]) for name in self.warp_names]
        return {
            "columns": list(self.rows.columns),
            "classes": list(self.rows.classes),
            "data": [self.rows.data],
            "units": [str(each) for each in self.kept],
            "layers": [Text("the plane itself", "el plano mismo"), *layer_names],
        }

    @property
    def warp_names(self) -> tuple[str, ...]:
        """The layers that the warped grid shows."""
        return () if self.warp is None else self.warp.names

    def base_constants(self) -> dict[str, NDArray[Any]]:
        """Numbers that texts count by."""
        features = [*self.plane.features, self.plane.features[-1]]
        small = {} if self.curve else dict(zip(("small_x", "small_y"), self.plane.lines(_SMALL), strict=True))
        return {
            **self.constants,
            **small,
            "first": np.array(features[0], np.int64),
            "second": np.array(features[1], np.int64),
            "zero": np.array(0, np.int64),
            "one": np.array(1, np.int64),
        }

    def looking_controls(self) -> list[Control]:
        """What chooses a unit, a layer, and which of the lower panels are there."""
        controls: list[Control] = []
        parts = [each for each, there in ((UNITS, len(self.kept) > 0), (BENT, self.warp)) if there]
        if len(parts) > 1:
            controls.append(Choice("inside", Text("inside", "por dentro"), [NAMES[each] for each in parts], 0, True))
        if len(self.kept):
            controls.append(Number("unit", Text("unit", "unidad"), 0, 0, len(self.kept) - 1, 1, whole=True))
        if self.warp is not None:
            last = len(self.warp.names)
            start = self.layer_at_first()
            controls.append(Number("layer", Text("layer", "capa"), start, 0, last, 0.1, plays=True))
        return controls

    def layer_at_first(self) -> int:
        """The layer that is shown at first: the units', else the last."""
        names = self.warp_names
        return names.index(self.layers.read) + 1 if self.layers.read in names else len(names)


def _can_be_solved(fitted: Any) -> bool:
    """Whether the read-out is one ridge solve, small enough for a page, and of a ridge that one solve is right for."""
    network = fitted.module_
    if not all(hasattr(network, each) for each in ("features", "read_out")) or not hasattr(fitted, "ridge_"):
        return False
    single = not isinstance(fitted, Regressor) or network.read_out.out_features == 1
    return bool(single and fitted.ridge_ >= SAFE_IN_GRAM and network.read_out.in_features <= _SOLVABLE)


def grid(*lines: Tensor) -> Tensor:
    """(places, shown) of a field; the first row is the lowest."""
    if len(lines) == 1:
        return lines[0][:, None]
    x, y = lines
    return torch.stack([x[None].expand(len(y), -1), y[:, None].expand(-1, len(x))], -1).flatten(0, 1)
