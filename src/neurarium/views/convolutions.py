"""The layers of a network that keep a picture's form: what each makes of a picture, and how far each sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from neurarium.views.numbers import layer_name

Pair = tuple[int, int]
_PASSING = (nn.Dropout, nn.Dropout2d, nn.Identity)


@dataclass(frozen=True, eq=False)
class MapLayer:
    """A layer that gives maps.

    Attributes:
        path: Where in the network it is.
        name: What the network calls it.
        module: The layer.
        maps: How many maps it gives.
        sides: (height, width) of each.
        inputs: How many maps it takes.
        seen: (height, width) of the patch of the picture that one of its numbers sees.
        step: Pixels between the patches of neighbours.
        before: Pixels by which the first patch begins before the picture.
    """

    path: str
    name: str
    module: nn.Module
    maps: int
    sides: Pair
    inputs: int
    seen: Pair
    step: Pair
    before: Pair


def map_layers(module: nn.Module, example: Tensor) -> list[MapLayer]:
    """The layers that give maps, in the order in which they run.

    How far they see is reckoned from layer to layer, as if each took what the one before it gives; where the sides do
    not come out like that, a number is said to see the whole picture.

    Args:
        module: In eval mode.
        example: (1, channels, height, width) a picture.
    """
    with torch.no_grad(), watched(module) as seen:
        module(example)
    layers: list[MapLayer] = []
    whole: Pair = (int(example.shape[2]), int(example.shape[3]))
    field, step, before, sides = (1, 1), (1, 1), (0, 0), whole
    for path, (part, given, answer) in seen.items():
        kernel, stride, padding = _window(part)
        reach = [a + (k - 1) * s for a, k, s in zip(field, kernel, step, strict=True)]
        before = _pair(b + p * s for b, p, s in zip(before, padding, step, strict=True))
        step = _pair(a * s for a, s in zip(step, stride, strict=True))
        wanted = _pair((n + 2 * p - k) // s + 1 for n, p, k, s in zip(sides, padding, kernel, stride, strict=True))
        sides = _pair(answer.shape[2:])
        field = _pair(reach)
        if wanted != sides or _pair(given.shape[2:]) != (layers[-1].sides if layers else whole):
            field, step, before = whole, (0, 0), (0, 0)
        name = layer_name(path, type(part).__name__)
        layers.append(MapLayer(path, name, part, answer.shape[1], sides, given.shape[1], field, step, before))
    return layers


@contextmanager
def watched(module: nn.Module) -> Iterator[dict[str, tuple[nn.Module, Tensor, Tensor]]]:
    """What goes into and comes out of the layers that give maps, filled in by running the network."""
    seen: dict[str, tuple[nn.Module, Tensor, Tensor]] = {}
    hooks = []
    for path, part in module.named_modules():
        if any(True for _ in part.children()) or isinstance(part, _PASSING) or not _computes(part):
            continue

        def record(part: nn.Module, given: Any, answer: Any, path: str = path) -> None:
            if isinstance(answer, Tensor) and answer.dim() == 4 and given and given[0].dim() == 4:
                seen[path] = (part, given[0], answer)

        hooks.append(part.register_forward_hook(record))
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _computes(part: nn.Module) -> bool:
    """Whether it is a layer of torch, and no stage and no scaling, which have nothing of their own to show."""
    return type(part).__module__.startswith("torch.nn")


def _window(part: nn.Module) -> tuple[Pair, Pair, Pair]:
    """How far it reaches, how far it moves, and the frame around."""
    if not isinstance(part, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        return (1, 1), (1, 1), (0, 0)
    kernel, stride = _both(part.kernel_size), _both(part.stride)
    dilation = _both(getattr(part, "dilation", 1))
    padding = (0, 0) if isinstance(part.padding, str) else _both(part.padding)
    if part.padding == "same":
        padding = _pair((k - 1) * d // 2 for k, d in zip(kernel, dilation, strict=True))
    return _pair((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)), stride, padding


def _both(value: Any) -> Pair:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _pair(values: Any) -> Pair:
    first, second = values
    return int(first), int(second)


def top_patches(layer: MapLayer, maps: Tensor, pictures: Tensor, count: int, ground: float) -> Tensor:
    """The patches of pictures that move each map of a layer most, at most one from each: (maps, count, channels, h, w).

    Args:
        layer: The layer.
        maps: (pictures, maps, height, width) what it made of them.
        pictures: (pictures, channels, height, width).
        count: How many for each map; at most the number of pictures.
        ground: What lies around a picture.
    """
    wide = maps.shape[3]
    largest, place = maps.flatten(2).max(2)  # (pictures, maps)
    best = largest.topk(count, dim=0).indices  # (count, maps)
    (high, across), (top, left) = layer.seen, layer.before
    framed = nn.functional.pad(pictures, (left, across, top, high), value=ground)
    found = []
    for unit in range(maps.shape[1]):
        for picture in best[:, unit].tolist():
            row, column = divmod(int(place[picture, unit]), wide)
            i, j = row * layer.step[0], column * layer.step[1]
            found.append(framed[picture, ..., i : i + high, j : j + across])
    return torch.stack(found).unflatten(0, (maps.shape[1], count))


def maximised(
    module: nn.Module, layer: MapLayer, shape: tuple[int, ...], low: float, high: float, turns: int, seed: int = 0
) -> Tensor:
    """For each map of a layer a picture that moves it as far as possible: (maps, ...) found by climbing its gradient.

    It starts from faint noise; each step moves the picture by a pixel at random, so that no single place is served,
    climbs, and lets the picture fade a little towards its middle grey, so that what does not matter stays grey.

    Args:
        module: In eval mode.
        layer: One of its layers.
        shape: (channels, height, width) of a picture.
        low, high: The range of its pixels.
        turns: Steps.
        seed: Decides noise and moves.

    Source: "Visualizing higher-layer features of a deep network" (Erhan et al., 2009); jitter as in "Inceptionism"
    (Mordvintsev, Olah and Tyka, 2015).
    """
    chance = torch.Generator().manual_seed(seed)
    middle, half = (low + high) / 2, (high - low) / 2
    dtype = next((each.dtype for each in module.state_dict().values() if each.is_floating_point()), torch.float32)
    x = middle + 0.1 * half * torch.randn(layer.maps, *shape, generator=chance).to(dtype)
    moves = torch.randint(-1, 2, (turns, 2), generator=chance).tolist()
    for down, right in moves:
        x = x.roll((down, right), (-2, -1)).detach().requires_grad_()
        with torch.enable_grad(), watched(module) as seen:
            module(x)
            own = seen[layer.path][2].diagonal().mean((0, 1))  # of picture k the map k
            (slope,) = torch.autograd.grad(own.sum(), x)
        size = slope.flatten(1).square().mean(1).sqrt().clamp(min=1e-12).reshape(-1, 1, 1, 1)
        climbed = x.detach() + 0.15 * half * slope / size
        x = (middle + 0.98 * (climbed - middle)).clamp(low, high).roll((-down, -right), (-2, -1))
    return x.detach()
