"""The layers of a network of tables: which units it has, who reads them, and the plane as each layer bends it."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.core.estimator import Estimator
from neurarium.core.stages import Stage, Staged
from neurarium.views.margin_plane import Plane

_LINES = 13  # of the warped grid, each way
_PLACES = 25  # along such a line
MOST_UNITS = 48


class Placed(nn.Module):
    """The network on the plane: from places to whole rows, and what passes its stages.

    Args:
        fitted: The estimator.
        plane: Where.
    """

    base: Tensor
    onto: Tensor

    def __init__(self, fitted: Estimator, plane: Plane) -> None:
        super().__init__()
        like = fitted._like.cpu()
        self.staged = Staged(copy.deepcopy(fitted.module_).cpu().eval().requires_grad_(False))
        base, onto = plane.base.copy(), np.zeros((len(plane.features), len(plane.base)))
        base[list(plane.features)] = 0
        onto[range(len(plane.features)), plane.features] = 1
        self.register_buffer("base", torch.from_numpy(base).to(like.dtype))
        self.register_buffer("onto", torch.from_numpy(onto).to(like.dtype))

    @property
    def network(self) -> Any:
        """The network itself."""
        return self.staged.module

    def rows(self, places: Tensor) -> Tensor:
        """(n, features) rows at (n, shown) places."""
        return self.base + places.to(self.base.dtype) @ self.onto

    def forward(self, places: Tensor) -> dict[str, Tensor]:
        """What passes the stages for (n, shown) places, and the network's answer under "answer"."""
        return self.staged(self.rows(places))


@dataclass(frozen=True, eq=False)
class Layers:
    """What a network's run over a few rows has shown.

    Attributes:
        names: The stages that hold a row of real numbers for each row, in the order in which they are passed.
        read: The widest stage that a linear layer turns into the answer; None where there is none.
        reader: That layer's path in the network.
        before: The stages that are passed before it is.
    """

    names: tuple[str, ...]
    read: str | None = None
    reader: str | None = None
    before: tuple[str, ...] = ()


def layers(placed: Placed, rows: Tensor) -> Layers:
    """Find a network's layers by running it."""
    passed: list[tuple[str, Tensor]] = []
    readers: list[tuple[str, Tensor, int]] = []
    hooks = []
    for name, part in placed.network.named_modules():

        def note(_: nn.Module, taken: tuple[Tensor, ...], value: Tensor, name: str = name) -> None:
            passed.append((name, value))

        def note_reader(_: nn.Module, taken: tuple[Tensor, ...], value: Tensor, name: str = name) -> None:
            readers.append((name, taken[0], len(passed)))

        if isinstance(part, Stage | nn.Linear):
            hooks.append(part.register_forward_hook(note if isinstance(part, Stage) else note_reader))
    try:
        with torch.no_grad():
            width = placed.network(rows).shape[-1]
    finally:
        for hook in hooks:
            hook.remove()
    shown = [name for name, value in passed if value.dim() == 2 and value.is_floating_point()]
    found, widest = Layers(tuple(shown)), 0
    for reader, taken, before in readers:
        weight: Tensor = placed.network.get_submodule(reader).weight
        for name, value in passed:  # a stage gives on what it gets, so the reader has the very same tensor
            if value is taken and name in shown and len(weight) == width and value.shape[1] >= widest:
                names = tuple(each for each, _ in passed[:before] if each in shown)
                found, widest = Layers(tuple(shown), name, reader, names), value.shape[1]
    return found


class Warp(nn.Module):
    """The plane in each layer's own space, seen along the two axes in which the layer spreads it most.

    Each layer's picture is turned so that it lies as like the one before as it can, and has the same size.

    Args:
        placed: The network on the plane.
        names: The layers to show, after the plane itself.
        plane: Where.
    """

    lines: Tensor

    def __init__(self, placed: Placed, names: tuple[str, ...], plane: Plane) -> None:
        super().__init__()
        self.names = names
        grid = _grid_lines(plane)
        with torch.no_grad():
            seen = placed(torch.from_numpy(grid.reshape(-1, grid.shape[-1])).to(placed.base))
        before, pictures = None, []
        layers = [grid.reshape(-1, grid.shape[-1]), *(seen[each].double().numpy() for each in names)]
        for number, values in enumerate(layers):
            mean, axes = _view(values, before)
            before = (values - mean) @ axes
            pictures.append(before.reshape(*grid.shape[:2], 2))
            self.register_buffer(f"mean_{number}", torch.from_numpy(mean).to(placed.base))
            self.register_buffer(f"axes_{number}", torch.from_numpy(axes).to(placed.base))
        self.register_buffer("lines", torch.from_numpy(np.stack(pictures)).to(placed.base))

    @property
    def reach(self) -> float:
        """How far from the middle the pictures go."""
        return 1.1 * float(self.lines.abs().max())

    def _share(self, layer: Tensor) -> Tensor:
        """How much each picture counts at a place between layers: those beside it, by nearness."""
        places = torch.arange(len(self.lines), dtype=self.lines.dtype)
        return (1 - (places - layer).abs()).clamp(min=0)

    def bent(self, layer: Tensor) -> Tensor:
        """(lines, places, 2) the grid at a layer, or between two."""
        return (self.lines * self._share(layer)[:, None, None, None]).sum(0)

    def points(self, places: Tensor, seen: dict[str, Tensor], layer: Tensor) -> Tensor:
        """(n, 2) points of the plane there."""
        share, total = self._share(layer), torch.zeros_like(places[:, :1], dtype=self.lines.dtype)
        for number, values in enumerate([places.to(self.lines.dtype), *(seen[name] for name in self.names)]):
            mean, axes = getattr(self, f"mean_{number}"), getattr(self, f"axes_{number}")
            total = total + share[number] * ((values - mean) @ axes)
        return total


def _grid_lines(plane: Plane) -> NDArray[np.float64]:
    """(lines, places, shown) lines of the plane each way; for a single column the one line that there is."""
    if len(plane.features) == 1:
        return np.linspace(plane.low, plane.high, 4 * _PLACES)[None]
    along, across = np.linspace(0, 1, _PLACES), np.linspace(0, 1, _LINES)
    one = np.stack(np.broadcast_arrays(along[None], across[:, None]), -1)
    lines = np.concatenate([one, one[..., ::-1]])
    return plane.low + lines * (plane.high - plane.low)


def _view(values: NDArray[np.float64], before: NDArray[np.float64] | None) -> tuple[NDArray[np.float64], ...]:
    """The mean of a layer's values, and two axes to see them along, with the size of the picture in them."""
    mean = values.mean(0)
    away = values - mean
    if before is None:  # the plane itself: its own axes, each to the same width
        axes = np.eye(values.shape[1], 2) / np.maximum(np.abs(away).max(0), 1e-30)[:, None]
        return mean, axes
    axes = np.linalg.svd(away, full_matrices=False)[2][:2].T
    axes = np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))
    seen = away @ axes
    size = np.sqrt((before**2).sum() / max((seen**2).sum(), 1e-30))
    U, _, Vh = np.linalg.svd(seen.T @ before)
    return mean, size * axes @ U @ Vh


def kept_units(values: Tensor, weight: Tensor | None) -> NDArray[np.int64]:
    """The units to show, in their order: all, or those with the largest part in the answer.

    Args:
        values: (n, units) over the plane.
        weight: (outputs, units) of the layer that reads them, or None.
    """
    spread = values.std(0)
    part = spread if weight is None else spread * weight.norm(dim=0)
    return np.sort(part.argsort(descending=True)[:MOST_UNITS].numpy(force=True))
