"""What the look "training" sees of a network's weights: by layer, how they are spread, how steep the loss is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

MOST_LAYERS = 6
MOST_SHOWN = 3
QUANTILES = 65
BINS = 32
_NUMBERS = 100_000  # of a layer whose spread is told; of more, evenly some
_SHOWN = 576  # numbers of pictures
CORNER = 16  # of a matrix, rows and columns
_TAIL = 0.002  # of the weights that may lie outside the bins on each side


class Layers:
    """The layers of a network: the parameters that are learnt, by the part of the network that holds them.

    Parts without a matrix are left out, and of many some that lie evenly between the first and the last.

    Args:
        module: The network.

    Attributes:
        names: What the parts are called.
        shown: The largest parameters of some of them, by name: of the first, of the last, and of one between.

    Example:
        >>> Layers(nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2))).names
        ['0', '2']
    """

    def __init__(self, module: nn.Module) -> None:
        named = {name: each for name, each in module.named_parameters() if each.numel()}
        learnt = {name: each for name, each in named.items() if each.requires_grad} or named
        parts: dict[str, dict[str, Tensor]] = {}
        for name, parameter in learnt.items():
            parts.setdefault(name.rpartition(".")[0], {})[name] = parameter
        holding = {part: each for part, each in parts.items() if any(p.dim() > 1 for p in each.values())} or parts
        kept = np.unique(np.linspace(0, len(holding) - 1, min(MOST_LAYERS, len(holding))).round().astype(int))
        chosen = [list(holding.items())[each] for each in kept]
        self.names = [part or _widest(parameters) for part, parameters in chosen]
        self._parameters = [list(parameters.values()) for _, parameters in chosen]
        self._matrices: list[list[Tensor]] = [
            [each for each in parameters if each.dim() > 1] or parameters for parameters in self._parameters
        ]
        few = np.unique(np.linspace(0, len(chosen) - 1, min(MOST_SHOWN, len(chosen))).round().astype(int))
        widest = [_widest(chosen[each][1]) for each in few]
        self.shown = {name: learnt[name] for name in widest}

    def slopes(self) -> NDArray[np.float64]:
        """The length of each layer's gradient of the last step; NaN where the rule takes none."""
        return np.array([_length([p.grad for p in each]) for each in self._parameters])

    def held(self) -> list[Tensor]:
        """A copy of each layer's parameters, as one vector."""
        return [torch.cat([p.detach().reshape(-1) for p in each]).clone() for each in self._parameters]

    def spread(self) -> NDArray[np.float64]:
        """(layers, quantiles) of each layer's weights."""
        return np.stack([_quantiles(each) for each in self._matrices])


def _widest(parameters: dict[str, Tensor]) -> str:
    """The name of the largest parameter."""
    return max(parameters, key=lambda name: parameters[name].numel())


def _length(gradients: Sequence[Tensor | None]) -> float:
    there = [each.detach().double() for each in gradients if each is not None]
    if not there:
        return float("nan")
    return float(torch.stack([each.square().sum() for each in there]).sum().sqrt())


def _quantiles(matrices: Sequence[Tensor]) -> NDArray[np.float64]:
    values = np.concatenate([each.detach().double().numpy(force=True).ravel() for each in matrices])
    return np.quantile(values[:: -(-len(values) // _NUMBERS)], np.linspace(0, 1, QUANTILES))


def histograms(spread: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The weights in bins that are the same for all layers and all frames.

    Args:
        spread: (frames, layers, quantiles).

    Returns:
        (bins,) their middles, and (frames, layers, bins) the share of a layer's weights in each.
    """
    shares = np.linspace(0, 1, spread.shape[-1])
    ends = [np.interp(share, shares, each) for each in spread.reshape(-1, len(shares)) for share in (_TAIL, 1 - _TAIL)]
    reach = max(float(np.abs(ends).max()), 1e-12)
    edges = np.linspace(-reach, reach, BINS + 1)
    below = np.stack([_share_below(edges, each, shares) for each in spread.reshape(-1, len(shares))])
    return (edges[1:] + edges[:-1]) / 2, np.diff(below, axis=1).reshape(*spread.shape[:2], BINS)


def _share_below(
    edges: NDArray[np.float64], quantiles: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[Any]:
    """The share of the weights below each edge; of equal quantiles (weights all alike) the last one counts."""
    found = np.interp(edges, quantiles, shares, left=0, right=1)
    found[edges >= quantiles[-1]] = 1.0
    found[0], found[-1] = 0.0, 1.0  # what lies outside counts to the outermost bins
    return found


def pictured(weights: Tensor, picture: tuple[int, ...]) -> tuple[NDArray[np.float32], bool]:
    """What is drawn of weights: of each unit its own as a picture, or a corner of the matrix.

    Args:
        weights: (units, ...) numbers.
        picture: (height, width) of a row that is a picture, () for other rows.

    Returns:
        (units, height, width) pictures or (rows, columns), and whether they are pictures.
    """
    values = weights.detach().float().numpy(force=True)
    if values.ndim == 4:
        return _some(values.mean(1), 32), True
    values = values.reshape(len(values), -1)
    if picture and values.shape[1] == picture[0] * picture[1]:
        return _some(smaller(values.reshape(-1, *picture)), 24), True
    return values[:CORNER, :CORNER], False


def _some(pictures: NDArray[Any], most: int) -> NDArray[Any]:
    """As many as there is room for, evenly from all."""
    n = min(len(pictures), most, max(1, _SHOWN // pictures[0].size))
    return pictures[np.linspace(0, len(pictures) - 1, n).round().astype(int)]


def smaller(pictures: NDArray[Any]) -> NDArray[Any]:
    """Pictures of at most 16 pixels a side: means of squares of pixels."""
    factor = -(-max(pictures.shape[1:]) // 16)
    height, width = (size // factor for size in pictures.shape[1:])
    cut = pictures[:, : height * factor, : width * factor]
    return cut.reshape(len(cut), height, factor, width, factor).mean((2, 4))
