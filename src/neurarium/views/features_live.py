"""What the look "features" computes for a picture: every map, and one window of a layer with all of its numbers."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from neurarium.views.convolutions import MapLayer, watched
from neurarium.views.explaining import straight
from neurarium.views.numbers import picked

Shares = Callable[[Tensor], Tensor]


class Features(nn.Module):
    """From a picture and a place to what the marks show.

    Args:
        module: The network.
        layers: Those that give maps, in their order.
        shape: (1, channels, height, width) of a picture.
        samples: (n, ...) pictures among which the one before is sought.
        shares: From scores to shares of the classes; None where it gives none.
        most: Maps of a layer that are shown.
    """

    def __init__(
        self,
        module: nn.Module,
        layers: list[MapLayer],
        shape: tuple[int, ...],
        samples: Tensor,
        shares: Shares | None,
        most: int,
    ) -> None:
        super().__init__()
        inner = _Inner(module, layers, samples, shares, most)
        self.shape, self.dtype = shape, samples.dtype
        places = (torch.tensor(0) for _ in range(4))
        self.operations = straight(inner, torch.zeros(shape, dtype=self.dtype), *places)

    def forward(self, picture: Tensor, unit: Tensor, channel: Tensor, row: Tensor, column: Tensor) -> dict[str, Tensor]:
        """For the layer number i: "maps_i", of the unit "map_i", its place, and what lies there."""
        found = self.operations(picture.reshape(self.shape).to(self.dtype), unit, channel, row, column)
        return {name: each.float() if each.is_floating_point() else each for name, each in found.items()}


class _Inner(nn.Module):
    def __init__(
        self, module: nn.Module, layers: list[MapLayer], samples: Tensor, shares: Shares | None, most: int
    ) -> None:
        super().__init__()
        self.network, self.layers, self.samples = module, layers, samples
        self.shares, self.most = shares, most

    def forward(self, x: Tensor, unit: Tensor, channel: Tensor, row: Tensor, column: Tensor) -> dict[str, Tensor]:
        nearest = (self.samples - x).flatten(1).square().sum(1).argmin()
        before = picked(self.samples, nearest).expand_as(x)
        with watched(self.network) as seen:
            answer = self.network(x)
        found: dict[str, Tensor] = {}
        if self.shares is not None:
            now, then = self.shares(answer)[0], self.shares(self.network(before))[0]
            said, said_before = now.argmax(), then.argmax()
            found |= {"shares": now, "shares_before": then, "said": said, "said_before": said_before}
            found |= {"share": picked(now, said), "share_of_before": picked(now, said_before)}
            found["share_before"] = picked(then, said_before)
        for number, layer in enumerate(self.layers):
            _, given, maps = seen[layer.path]
            place = _Place(layer, given[0], maps[0], unit, channel, row, column)
            parts = {"maps": maps[0, : self.most], **place.common(), **place.own()}
            found |= {f"{name}_{number}": each for name, each in parts.items()}
        return found


class _Place:
    """One number of a layer: which map, where, and what it was made of."""

    def __init__(
        self,
        layer: MapLayer,
        given: Tensor,
        maps: Tensor,
        unit: Tensor,
        channel: Tensor,
        row: Tensor,
        column: Tensor,
    ) -> None:
        self.layer, self.given, self.maps = layer, given, maps
        self.unit = unit.clamp(max=layer.maps - 1)
        self.row, self.column = row.clamp(max=layer.sides[0] - 1), column.clamp(max=layer.sides[1] - 1)
        self.channel = channel

    def common(self) -> dict[str, Tensor]:
        """The unit's map, the place in it, and the number there."""
        own = picked(self.maps, self.unit)
        number = picked(picked(own, self.row), self.column)
        return {"map": own, "unit": self.unit, "row": self.row, "column": self.column, "number": number}

    def own(self) -> dict[str, Tensor]:
        """What layers of its kind have more."""
        part = self.layer.module
        if isinstance(part, nn.Conv2d):
            return self._convolution(part)
        return self._pooling(part) if isinstance(part, nn.MaxPool2d | nn.AvgPool2d) else {}

    def _window(self, x: Tensor, kernel: list[int], stride: list[int], dilation: list[int]) -> Tensor:
        rows = self.row * stride[0] + dilation[0] * torch.arange(kernel[0])
        columns = self.column * stride[1] + dilation[1] * torch.arange(kernel[1])
        return x.index_select(0, rows).index_select(1, columns)

    def _under(self, shape: torch.Size, kernel: list[int], stride: list[int], frame: list[int]) -> Tensor:
        """1 where the window lies, dilation filled in."""
        sides = []
        for size, at, wide, step, edge in zip(shape, (self.row, self.column), kernel, stride, frame, strict=True):
            place = torch.arange(size) - (at * step - edge)
            sides.append(((place >= 0) & (place < wide)).float())
        return sides[0][:, None] * sides[1][None]

    def _convolution(self, part: nn.Conv2d) -> dict[str, Tensor]:
        kernel, stride, dilation = list(part.kernel_size), list(part.stride), list(part.dilation)
        above, across = _frame(part)
        within = self.channel.clamp(max=part.in_channels // part.groups - 1)
        first = torch.arange(part.out_channels) // (part.out_channels // part.groups)
        source = picked(first * (part.in_channels // part.groups), self.unit) + within
        below = picked(self.given, source)
        patch = self._window(pad(below, (*across, *above)), kernel, stride, dilation)
        weights = picked(picked(part.weight, self.unit), within)
        product = patch * weights
        number = picked(picked(picked(self.maps, self.unit), self.row), self.column)
        bias = torch.zeros(()) if part.bias is None else picked(part.bias, self.unit)
        wide = [(size - 1) * step + 1 for size, step in zip(kernel, dilation, strict=True)]
        return {
            "below": torch.stack([below, below * self._under(below.shape, wide, stride, [above[0], across[0]])]),
            "channel": source,
            "patch": patch,
            "kernel": weights,
            "product": product,
            "here": product.sum(),
            "bias": bias,
            "elsewhere": number - bias - product.sum(),
        }

    def _pooling(self, part: nn.MaxPool2d | nn.AvgPool2d) -> dict[str, Tensor]:
        kernel, padding = _two(part.kernel_size), _two(part.padding)
        stride, dilation = _two(part.stride or part.kernel_size), _two(getattr(part, "dilation", 1))
        below = picked(self.given, self.unit)
        largest = isinstance(part, nn.MaxPool2d)
        ground = float(torch.finfo(below.dtype).min) if largest else 0.0
        more = [k * d for k, d in zip(kernel, dilation, strict=True)]  # windows may stick out
        framed = pad(below, (padding[1], padding[1] + more[1], padding[0], padding[0] + more[0]), value=ground)
        window = self._window(framed, kernel, stride, dilation)
        wide = [(size - 1) * step + 1 for size, step in zip(kernel, dilation, strict=True)]
        under = self._under(below.shape, wide, stride, padding)
        found = {"window": window, "below": torch.stack([below, below * under])}
        if not largest:
            return found
        winner = window.flatten().argmax()
        with torch.enable_grad():
            leaf = below.detach().requires_grad_()
            (winners,) = torch.autograd.grad(part(leaf[None, None]).sum(), leaf)
        row = torch.div(winner, kernel[1], rounding_mode="floor")
        found["below"] = torch.stack([below, below * under, below * (winners > 0)])
        return {**found, "winner_row": row, "winner_column": winner - row * kernel[1]}


def _frame(part: nn.Conv2d) -> tuple[tuple[int, int], tuple[int, int]]:
    """Zeros above and below, left and right of a picture; "same" puts the odd one behind, as torch does."""
    sides = []
    for axis in (0, 1):
        if isinstance(part.padding, str):
            all_of_it = (part.kernel_size[axis] - 1) * part.dilation[axis] if part.padding == "same" else 0
            sides.append((all_of_it // 2, all_of_it - all_of_it // 2))
        else:
            sides.append((int(part.padding[axis]),) * 2)
    return sides[0], sides[1]


def _two(value: int | tuple[int, ...]) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)
