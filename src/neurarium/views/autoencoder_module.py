"""An autoencoder beside principal components, on a line and on a curve, trained in the page."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from neurarium.program.loop import Loop
from neurarium.views.numbers import picked
from neurarium.views.projections import Leading, arc
from neurarium.views.trained_here import ADAM, LINEAR, TANH, Network, Room, fitted, taken

LAYERS, WIDTH, OUTPUTS = 3, 8, 2
"""Encoder, code and decoder."""
LINE, CURVE = range(2)
MANY = 25
"""Steps of one press of the button that trains."""
RATE = 0.02
ROWS = 80
STATE = ["parameters", "first", "second", "steps"]
_ALONG = 61
_SIZE = 1.3
_FAR, _HIGH = 0.9, 0.19**0.5
"""The line rises by half of what it goes across."""


class Coding(nn.Module):
    """All that the lab shows.

    Args:
        along: (seeds, ROWS) where the points lie along the curve, from -1 to 1.
        offsets: (seeds, ROWS, 2) what noise of the deviation 1 adds.
        chance: (size,) uniform numbers of the weights at the start.
        trained: (2, 2, size) the parameters that a trained network has, by example and size of the code.
    """

    along: Tensor
    offsets: Tensor
    chance: Tensor
    trained: Tensor

    def __init__(self, along: Tensor, offsets: Tensor, chance: Tensor, trained: Tensor) -> None:
        super().__init__()
        for name, array in (("along", along), ("offsets", offsets), ("chance", chance), ("trained", trained)):
            self.register_buffer(name, array)
        self.room = Room(LAYERS, WIDTH, OUTPUTS)
        self.learn = Loop(Step(self.room), states=4, sequences=0, turns=MANY)
        self.leading = Leading()

    def forward(
        self,
        example: Tensor,
        seed: Tensor,
        bend: Tensor,
        noise: Tensor,
        code: Tensor,
        point: Tensor,
        parameters: Tensor,
        first: Tensor,
        second: Tensor,
        steps: Tensor,
        trained_for: Tensor,
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        along, x = self.points(example, seed, bend, noise)
        now = torch.stack([example, code])
        known = (trained_for == now).all()
        network = coder(self.room, code)
        parameters = torch.where(known, parameters, picked(picked(self.trained, example), code - 1))
        first, second = torch.where(known, first, 0.0), torch.where(known, second, 0.0)
        steps = torch.where(known, steps, 0)
        learnt = self.learn(parameters, first, second, steps, x, code)

        middle = x.mean(0)
        onto = torch.where(code > 1, torch.eye(2), self.leading(x - middle))
        by_line = middle + (x - middle) @ onto
        seen, by_network = network.layers(parameters, padded(x))
        codes, line = seen[2, :, 0], self._line(middle, onto, code)
        lost, missed = ((x - by_line) ** 2).sum(1), ((x - by_network) ** 2).sum(1)
        scatter = ((x - middle) ** 2).sum(1).mean()
        return {
            **_drawn(x, by_line, by_network, lost, missed),
            **line,
            **self._curve(parameters, codes, code),
            "errors": torch.stack([lost.mean(), missed.mean()]),
            "lost": lost.mean(),
            "missed": missed.mean(),
            "kept": 1 - lost.mean() / scatter,
            "learnt": 1 - missed.mean() / scatter,
            "better": _verdict(lost.mean(), missed.mean()),
            "along": along,
            "codes": codes,
            "trained": steps,
            **{f"next_{name}": array for name, array in zip(STATE, learnt, strict=True)},
            "begin": network.start(self.chance),
            "nothing": 0 * first,
            "zero": 0 * steps,
            "now": now,
            "nobody": 0 * now - 1,
            **_told(point, x, middle, onto, by_line, by_network, codes, lost, missed),
        }

    def points(self, example: Tensor, seed: Tensor, bend: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Where the points lie along the curve, and (ROWS, 2) where in the plane."""
        along = picked(self.along, seed)
        bent = arc(along, torch.where(example == CURVE, bend, 0.0))
        return along, _SIZE * bent @ torch.tensor([[_FAR, _HIGH], [-_HIGH, _FAR]]) + noise * picked(self.offsets, seed)

    def _line(self, middle: Tensor, onto: Tensor, code: Tensor) -> dict[str, Tensor]:
        """The line of all that principal components can give back; nothing where that is the plane."""
        way = torch.where(onto[0, 0] > onto[1, 1], onto[0], onto[1])  # each row is the direction, but for its length
        way = way / (way * way).sum().sqrt()
        ends = middle + torch.tensor([[-3.0], [3.0]]) * way
        ends = torch.where(code > 1, torch.nan, ends)
        return {"line_x": ends[None, :, 0], "line_y": ends[None, :, 1]}

    def _curve(self, parameters: Tensor, codes: Tensor, code: Tensor) -> dict[str, Tensor]:
        """The curve of all that the decoder can give back of the codes that there are."""
        W, b, V, c = self.room.parts(parameters)
        low, high = codes.amin(), codes.amax()
        swept = low + (high - low) * torch.linspace(0, 1, _ALONG)
        curve = linear((swept[:, None] * W[2, :, 0] + b[2]).tanh(), V, c)
        curve = torch.where(code > 1, torch.nan, curve)
        return {"curve_x": curve[None, :, 0], "curve_y": curve[None, :, 1]}


class Step(nn.Module):
    """One step of Adam on all rows."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.room = room

    def forward(
        self, parameters: Tensor, first: Tensor, second: Tensor, steps: Tensor, x: Tensor, code: Tensor
    ) -> tuple[Tensor, ...]:
        """The parameters, the means of Adam and the number of steps after it."""
        network = coder(self.room, code)
        layers, answer = network.layers(parameters, padded(x))
        gradient = network.gradient(parameters, layers, 2 * (answer - x) / x.numel())
        rule, rate = torch.tensor(ADAM), torch.tensor(RATE)
        after = taken(rule, rate, steps.float(), parameters, gradient, first, second)
        return after.parameters, after.first, after.second, steps + 1


def coder(room: Room, code: Tensor) -> Network:
    """The autoencoder with a code of so many numbers."""
    one = torch.ones(1, room.width)
    narrow = (torch.arange(room.width) < code).float()[None]
    inputs = (torch.arange(room.width) < OUTPUTS).float()
    functions = torch.tensor([TANH, LINEAR, TANH])
    return Network(room, inputs, torch.cat([one, narrow, one]), torch.tensor(LAYERS), functions)


def padded(x: Tensor) -> Tensor:
    """Rows as the network takes them."""
    return torch.cat([x, x.new_zeros(len(x), WIDTH - x.shape[1])], 1)


def trained(room: Room, examples: Sequence[Tensor], chance: Tensor) -> Tensor:
    """(examples, 2, size) the parameters that L-BFGS finds for a code of one number and of two."""
    sizes = [torch.tensor(1), torch.tensor(2)]
    found = [fitted(coder(room, code), chance, padded(x), x) for x in examples for code in sizes]
    return torch.stack(found).reshape(len(examples), len(sizes), -1)


def _verdict(lost: Tensor, missed: Tensor) -> Tensor:
    """0 where the network has not even learnt the line, 1 where it adds little, 2 where it is needed."""
    return torch.where(missed < 0.5 * lost, 2, torch.where(missed < 1.1 * lost + 5e-4, 1, 0))


def _drawn(x: Tensor, by_line: Tensor, by_network: Tensor, lost: Tensor, missed: Tensor) -> dict[str, Tensor]:
    places = {"": x, "line_": by_line, "network_": by_network}
    return {
        **{f"{name}at_{axis}": each[:, k] for name, each in places.items() for k, axis in enumerate("xy")},
        "line_miss": lost.sqrt(),
        "network_miss": missed.sqrt(),
        "most": torch.cat([lost, missed]).amax().sqrt().clamp(min=1e-6) * torch.tensor([-1.0, 1.0]),
    }


def _told(
    point: Tensor, x: Tensor, middle: Tensor, onto: Tensor, by_line: Tensor, by_network: Tensor, codes: Tensor,
    lost: Tensor, missed: Tensor,
) -> dict[str, Tensor]:  # fmt: skip
    """One point on both ways."""
    here, line, network = picked(x, point), picked(by_line, point), picked(by_network, point)
    chosen = torch.arange(ROWS) == point
    return {
        "chosen": chosen,
        "x_1": here[0], "x_2": here[1], "m_1": middle[0], "m_2": middle[1],
        "p_11": onto[0, 0], "p_12": onto[0, 1], "p_22": onto[1, 1],
        "l_1": line[0], "l_2": line[1], "n_1": network[0], "n_2": network[1],
        "h": picked(codes, point), "line_error": picked(lost, point), "network_error": picked(missed, point),
    }  # fmt: skip
