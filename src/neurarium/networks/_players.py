"""The players of an adversarial game, dense and convolutional.

A generator turns noise into rows in steps that grow: a dense one in layers, a convolutional one by doubling a small map
until it is as large as the image. A discriminator goes the other way, to one number. Both see rows as they are scaled.
"""

from itertools import pairwise
from math import ceil, prod

import torch
from jaxtyping import Float
from torch import Tensor, nn

_LEAK = 0.2
_MOST_CHANNELS = 256
_SMALLEST_MAP = 7  # maps are halved at least twice, and until they are no larger: 8 to 2, 28 to 7, 64 to 4


def _dense(sizes: tuple[int, ...], activation: nn.Module) -> nn.Sequential:
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), activation)]
    return nn.Sequential(*layers)


class DenseGenerator(nn.Module):
    """Noise to rows, layer by layer: rectified units, then the rows as a linear function of the last of them.

    Args:
        n_noise: Numbers of noise a sample.
        hidden: Units of each hidden layer.
        shape: Shape of a row.
    """

    def __init__(self, n_noise: int, hidden: tuple[int, ...], shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape
        self.features = _dense((n_noise, *hidden), nn.ReLU())
        self.out = nn.Linear(hidden[-1], prod(shape))

    def forward(self, noise: Float[Tensor, "n noise"]) -> Float[Tensor, "n ..."]:
        """A row for each noise."""
        return self.show(self.features(noise))

    def show(self, features: Float[Tensor, "n hidden"]) -> Float[Tensor, "n ..."]:
        """A row for what the last hidden layer holds."""
        return self.out(features).unflatten(1, self.shape)


class DenseDiscriminator(nn.Module):
    """Rows to scores, layer by layer: leaky rectified units.

    Args:
        hidden: Units of each hidden layer.
        shape: Shape of a row.
    """

    def __init__(self, hidden: tuple[int, ...], shape: tuple[int, ...]) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Flatten(), *_dense((prod(shape), *hidden), nn.LeakyReLU(_LEAK)))
        self.out = nn.Linear(hidden[-1], 1)

    def forward(self, rows: Float[Tensor, "n ..."]) -> Float[Tensor, " n"]:
        """How sure it is that each row is real."""
        return self.score(self.features(rows))

    def score(self, features: Float[Tensor, "n hidden"]) -> Float[Tensor, " n"]:
        """How sure it is, by what the last hidden layer holds."""
        return self.out(features).squeeze(1)


def channels(shape: tuple[int, ...], hidden: tuple[int, ...] | None, first: int) -> tuple[int, ...]:
    """Channels of each level from the image inwards: as told, or doubling until the maps are small."""
    if hidden is not None:
        return hidden
    side, levels = max(shape[1:]), 2
    while ceil(side / 2**levels) > _SMALLEST_MAP:
        levels += 1
    return tuple(min(_MOST_CHANNELS, first * 2**level) for level in range(levels))


def _inner(shape: tuple[int, ...], levels: int) -> tuple[int, int]:
    height, width = (ceil(side / 2**levels) for side in shape[1:])
    return height, width


class ConvolutionalGenerator(nn.Module):
    """Noise to images: a small map, doubled in size by transposed convolutions, cropped to the image.

    Args:
        n_noise: Numbers of noise a sample.
        widths: Channels of each level, from the image inwards.
        shape: (channels, height, width) of an image.

    Source: "Unsupervised representation learning with deep convolutional generative adversarial networks" (Radford,
    Metz and Chintala, 2016), https://arxiv.org/abs/1511.06434; without its batch normalisation, and with kernels of 4,
    which a stride of 2 divides, so that all pixels are made of equally many weights: no checkerboard.
    """

    def __init__(self, n_noise: int, widths: tuple[int, ...], shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape
        inner = (widths[-1], *_inner(shape, len(widths)))
        layers: list[nn.Module] = [nn.Linear(n_noise, prod(inner)), nn.ReLU(), nn.Unflatten(1, inner)]
        for a, b in pairwise(reversed(widths)):
            layers += [nn.ConvTranspose2d(a, b, 4, stride=2, padding=1), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.out = nn.ConvTranspose2d(widths[0], shape[0], 4, stride=2, padding=1)

    def forward(self, noise: Float[Tensor, "n noise"]) -> Float[Tensor, "n channels height width"]:
        """An image for each noise."""
        return self.show(self.features(noise))

    def show(self, features: Float[Tensor, "n maps h w"]) -> Float[Tensor, "n channels height width"]:
        """An image for what the last hidden maps hold."""
        return self.out(features)[..., : self.shape[1], : self.shape[2]]


class ConvolutionalDiscriminator(nn.Module):
    """Images to scores: convolutions that halve the maps, then one number of what is left.

    Args:
        widths: Channels of each level, from the image inwards.
        shape: (channels, height, width) of an image.
    """

    def __init__(self, widths: tuple[int, ...], shape: tuple[int, ...]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for a, b in pairwise((shape[0], *widths)):
            layers += [nn.Conv2d(a, b, 3, stride=2, padding=1), nn.LeakyReLU(_LEAK)]
        self.features = nn.Sequential(*layers)
        self.out = nn.Linear(widths[-1] * prod(_inner(shape, len(widths))), 1)

    def forward(self, images: Float[Tensor, "n channels height width"]) -> Float[Tensor, " n"]:
        """How sure it is that each image is real."""
        return self.score(self.features(images))

    def score(self, features: Float[Tensor, "n maps h w"]) -> Float[Tensor, " n"]:
        """How sure it is, by what the last maps hold."""
        return self.out(features.flatten(1)).squeeze(1)


Generator = DenseGenerator | ConvolutionalGenerator
Discriminator = DenseDiscriminator | ConvolutionalDiscriminator


@torch.no_grad()
def draw_weights(player: Generator | Discriminator) -> None:
    """A start from which signals keep their size (He and others 2015), kinks lie apart, and answers are small."""
    for layer in player.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.init.normal_(layer.weight, std=(2 / layer.weight[0].numel()) ** 0.5)
        elif isinstance(layer, nn.ConvTranspose2d):
            # Of the 4 x 4 places of a kernel 2 x 2 meet in a pixel.
            nn.init.normal_(layer.weight, std=(2 / (layer.weight[:, 0].numel() / 4)) ** 0.5)
        else:
            continue
        if layer.bias is not None:
            nn.init.uniform_(layer.bias, -0.5, 0.5)
    for parameter in player.out.parameters():
        parameter.mul_(0.5 if parameter.dim() > 1 else 0.0)
