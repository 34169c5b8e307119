"""The layers of a convolutional network, written as texts: what each says, and what an image becomes in it.

    "conv 6 5x5"                         6 kernels of 5 rows and 5 columns, and so 6 maps
    "conv 32 3x3 stride 2 padding 1"     each step 2 pixels further, a frame of 1 zero around
    "max pool 2x2", "average pool 2x2"   one number for each window; windows lie side by side unless "stride" says so
    "relu", "tanh", "sigmoid"            the bent function
    "full 120"                           120 units that see all numbers there are

A map smaller than a kernel is framed with zeros up to the kernel's size, and a window is cut to the map it lies on: so
every list of layers takes images of every size.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

Pair = tuple[int, int]

BENT = ("relu", "tanh", "sigmoid")

LENET = (
    *("conv 6 5x5 padding 2", "tanh", "average pool 2x2"),
    *("conv 16 5x5", "tanh", "average pool 2x2"),
    *("full 120", "tanh", "full 84", "tanh"),
)
"""LeNet-5 for the 28 x 28 pixels of MNIST, which LeCun et al. set into 32 x 32: 61,706 weights with 10 classes."""

_LARGE = r"(?P<rows>[1-9]\d*)x(?P<columns>[1-9]\d*)"
_STRIDE = r"(?: stride (?P<stride>[1-9]\d*))?"
_NOTATION = {
    "conv": re.compile(rf"conv (?P<maps>[1-9]\d*) {_LARGE}{_STRIDE}(?: padding (?P<padding>\d+))?"),
    "pool": re.compile(rf"(?P<kind>max|average) pool {_LARGE}{_STRIDE}"),
    "full": re.compile(r"full (?P<units>[1-9]\d*)"),
    "bent": re.compile("|".join(BENT)),
}
_HELP = (
    "it needs 'conv MAPS ROWSxCOLUMNS', with 'stride N' and 'padding N' where wanted ('conv 6 5x5', 'conv 32 3x3 "
    "padding 1'), 'max pool 2x2', 'average pool 2x2', 'relu', 'tanh', 'sigmoid' or 'full UNITS'"
)


@dataclass(frozen=True)
class Convolution:
    """Kernels that slide over the maps: `shape` (maps, height, width) becomes another such."""

    maps: int
    kernel: Pair
    stride: int
    padding: Pair


@dataclass(frozen=True)
class Pooling:
    """One number for each window of a map: its largest, or its mean."""

    kind: str
    window: Pair
    stride: Pair


@dataclass(frozen=True)
class Full:
    """Units that see every number there is."""

    units: int


@dataclass(frozen=True)
class Bend:
    """The bent function, by name."""

    function: str


Layer = Convolution | Pooling | Full | Bend
Shape = tuple[int, ...]


def architecture(layers: str | tuple[str, ...], shape: Shape) -> tuple[str, ...]:
    """The layers that a name stands for, for images of (channels, height, width); a list of layers is its own."""
    if isinstance(layers, tuple):
        return layers
    return LENET if layers == "lenet-5" else vgg(shape)


def vgg(shape: Shape) -> tuple[str, ...]:
    """A small VGG for images of (channels, height, width): pairs of 3 x 3 kernels, the image halved after each pair.

    Source: "Very deep convolutional networks for large-scale image recognition" (Simonyan and Zisserman, 2015).
    """
    blocks = max(1, min(5, (max(shape[1:]) // 2).bit_length() - 1))
    layers: list[str] = []
    for maps in [min(16 * 2**block, 128) for block in range(blocks)]:
        layers += [f"conv {maps} 3x3 padding 1", "relu"] * 2 + ["max pool 2x2"]
    return (*layers, "full 128", "relu")


def plan(texts: Sequence[str], shape: Shape) -> list[tuple[Layer, Shape]]:
    """Each layer, fitted to the maps that reach it, with the shape of what leaves it.

    Args:
        texts: The layers, one text each.
        shape: (channels, height, width) of an image.

    Raises:
        ValueError: A text is no layer, or stands where it cannot; the message says which and what is possible.
    """
    planned: list[tuple[Layer, Shape]] = []
    for place, text in enumerate(texts, 1):
        kind, parts = _read(text, place)
        if kind in ("conv", "pool") and len(shape) == 1:
            raise ValueError(
                f"layers: {text!r} (layer {place}) needs maps, but after 'full' there are none; put it before 'full'."
            )
        layer, shape = _fitted(kind, parts, shape)
        planned.append((layer, shape))
    return planned


def _read(text: str, place: int) -> tuple[str, dict[str, str]]:
    words = " ".join(text.split())
    for kind, pattern in _NOTATION.items():
        if found := pattern.fullmatch(words):
            return kind, {"text": words, **{name: each for name, each in found.groupdict().items() if each is not None}}
    raise ValueError(f"layers: {text!r} (layer {place}) is not understood; {_HELP}.")


def _fitted(kind: str, parts: dict[str, str], shape: Shape) -> tuple[Layer, Shape]:
    if kind == "bent":
        return Bend(parts["text"]), shape
    if kind == "full":
        return Full(int(parts["units"])), (int(parts["units"]),)
    window = int(parts["rows"]), int(parts["columns"])
    _, *sides = shape
    if kind == "pool":
        window = min(window[0], sides[0]), min(window[1], sides[1])
        steps = window if "stride" not in parts else (int(parts["stride"]),) * 2
        left = [(side - wide) // step + 1 for side, wide, step in zip(sides, window, steps, strict=True)]
        return Pooling(parts["kind"], window, (steps[0], steps[1])), (shape[0], *left)
    stride, least, maps = int(parts.get("stride", 1)), int(parts.get("padding", 0)), int(parts["maps"])
    frame = [max(least, ceil((wide - side) / 2)) for side, wide in zip(sides, window, strict=True)]
    left = [(side + 2 * p - wide) // stride + 1 for side, wide, p in zip(sides, window, frame, strict=True)]
    return Convolution(maps, window, stride, (frame[0], frame[1])), (maps, *left)
