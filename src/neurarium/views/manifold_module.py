"""A denoising autoencoder beside a sheet: where it takes what lies beside it, and where the sheet is nearest."""

import math

import torch
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.views.numbers import picked
from neurarium.views.projections import Leading, arc
from neurarium.views.trained_here import ADAM, TANH, Network, Room, around, fitted, taken

LAYERS, WIDTH, OUTPUTS = 2, 16, 3
MANY = 20
"""Steps of one press of the button that trains."""
RATE = 0.01
ROWS = 64
STATE = ["parameters", "first", "second", "steps"]
REACH = 1.8
"""How far the picture of the section goes."""
_NEAR = 361  # places of the sheet that are asked which is nearest
_ACROSS, _DEEP = 25, 9  # lines that the sheet is drawn with
_FIELD = 11
_TILT = 0.45


class Projecting(nn.Module):
    """All that the lab shows.

    Args:
        places: (seeds, ROWS, 2) where points lie on the sheet, along it and in its depth, from -1 to 1.
        chance: (noises, 3) normal numbers: what is added to points while the network learns, and to those shown.
        trained: (size,) the parameters that the network has before the page is opened.
    """

    places: Tensor
    chance: Tensor
    trained: Tensor
    field: Tensor

    def __init__(self, places: Tensor, chance: Tensor, trained: Tensor) -> None:
        super().__init__()
        self.register_buffer("places", places)
        self.register_buffer("chance", chance)
        self.register_buffer("trained", trained)
        middles = torch.linspace(-0.9 * REACH, 0.9 * REACH, _FIELD)
        z, x = torch.meshgrid(middles, middles, indexing="ij")
        self.register_buffer("field", torch.stack([x.flatten(), z.flatten()], 1))
        self.room = Room(LAYERS, WIDTH, OUTPUTS)
        self.learn = Loop(Step(self.room), states=4, sequences=0, turns=MANY)
        self.leading = Leading()

    def forward(
        self,
        seed: Tensor,
        bend: Tensor,
        noise: Tensor,
        turn: Tensor,
        deep: Tensor,
        linear: Tensor,
        place: Tensor,
        parameters: Tensor,
        first: Tensor,
        second: Tensor,
        steps: Tensor,
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        clean = sheet(picked(self.places, seed), bend)
        begun = steps > 0
        parameters = torch.where(begun, parameters, self.trained)
        learnt = self.learn(parameters, first, second, steps, clean, noise, self.chance)

        noisy = clean + noise * self.chance[:ROWS]
        here = torch.stack([place[0], deep, place[1]])[None]
        field = torch.stack([self.field[:, 0], deep.expand(len(self.field)), self.field[:, 1]], 1)
        asked = torch.cat([noisy, here, field])
        by_network = denoiser(self.room).layers(parameters, padded(asked))[1]
        middle = noisy.mean(0)
        by_plane = middle + (asked - middle) @ self.leading.all_but_least(noisy - middle)
        taken_to = torch.where(linear, by_plane, by_network)
        both = torch.cat([asked[: ROWS + 1], by_network[: ROWS + 1], by_plane[: ROWS + 1]])
        nearest = closest(both, bend)
        off = ((both - nearest) ** 2).sum(1).sqrt().reshape(3, ROWS + 1)
        true = nearest[ROWS]
        landed = by_network[ROWS]
        return {
            **_section(field, taken_to[ROWS + 1 :], bend),
            **_landings(here[0], landed, by_plane[ROWS], true),
            **_view(noisy, taken_to[:ROWS], bend, turn),
            "before": off[0, :ROWS].mean(),
            "after": off[1, :ROWS].mean(),
            "after_plane": off[2, :ROWS].mean(),
            "off": off[0, ROWS],
            "off_after": off[1, ROWS],
            "off_plane": off[2, ROWS],
            "missed": ((landed - true) ** 2).sum().sqrt(),
            "missed_plane": ((by_plane[ROWS] - true) ** 2).sum().sqrt(),
            "offs": torch.stack([off[0, :ROWS].mean(), off[2, :ROWS].mean(), off[1, :ROWS].mean()]),
            "trained_steps": steps,
            **{f"next_{name}": array for name, array in zip(STATE, learnt, strict=True)},
            "zero": 0 * steps,
            "nothing": 0 * first,
        }


class Step(nn.Module):
    """One step of Adam on points to which fresh noise was added."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.room = room

    def forward(
        self, parameters: Tensor, first: Tensor, second: Tensor, steps: Tensor, clean: Tensor, noise: Tensor,
        chance: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """The parameters, the means of Adam and the number of steps after it."""
        network = denoiser(self.room)
        layers, answer = network.layers(parameters, padded(clean + noise * fresh(chance, steps)))
        gradient = network.gradient(parameters, layers, 2 * (answer - clean) / clean.numel())
        after = taken(torch.tensor(ADAM), torch.tensor(RATE), steps.float(), parameters, gradient, first, second)
        return after.parameters, after.first, after.second, steps + 1


def fresh(chance: Tensor, steps: Tensor) -> Tensor:
    """(ROWS, 3) the noise of a step: rows of the table from another place on, for as many steps as it has rows."""
    return chance.index_select(0, around(37 * (steps + 1) + torch.arange(ROWS), torch.tensor(len(chance))))


def denoiser(room: Room) -> Network:
    """The network as a form: nothing of its room is left out but inputs."""
    units = torch.ones(room.layers, room.width)
    inputs = (torch.arange(room.width) < OUTPUTS).float()
    return Network(room, inputs, units, torch.tensor(room.layers), torch.full((room.layers,), TANH))


def padded(x: Tensor) -> Tensor:
    """Rows as the network takes them."""
    return torch.cat([x, x.new_zeros(len(x), WIDTH - x.shape[1])], 1)


def trained(clean: Tensor, noise: float, chance: Tensor, start: Tensor) -> Tensor:
    """The parameters that L-BFGS finds for many noisy copies of the points."""
    many = clean.repeat(len(chance) // len(clean), 1)
    return fitted(denoiser(Room(LAYERS, WIDTH, OUTPUTS)), start, padded(many + noise * chance[: len(many)]), many)


def sheet(places: Tensor, bend: Tensor) -> Tensor:
    """(n, 3) across, in depth and up, of (n, 2) places on the sheet."""
    bent = arc(places[:, 0], bend)
    return torch.stack([bent[:, 0], places[:, 1], bent[:, 1]], 1)


def closest(points: Tensor, bend: Tensor) -> Tensor:
    """(n, 3) the nearest places of the sheet, by asking many of them."""
    curve = arc(torch.linspace(-1, 1, _NEAR), bend)
    away = (points[:, :1] - curve[:, 0]) ** 2 + (points[:, 2:] - curve[:, 1]) ** 2
    found = curve.index_select(0, (-away).argmax(1))
    return torch.stack([found[:, 0], points[:, 1].clamp(-1, 1), found[:, 1]], 1)


def _section(field: Tensor, taken_to: Tensor, bend: Tensor) -> dict[str, Tensor]:
    """The sheet from its side, and an arrow from each place of a grid a third of the way to where it is taken."""
    curve = arc(torch.linspace(-1, 1, 61), bend)
    way = (taken_to - field) / 3
    return {
        "sheet_x": curve[None, :, 0],
        "sheet_z": curve[None, :, 1],
        "field_x": field[:, 0],
        "field_z": field[:, 2],
        "tip_x": field[:, 0] + way[:, 0],
        "tip_z": field[:, 2] + way[:, 2],
        "way": (way * way).sum(1).sqrt(),
    }


def _landings(here: Tensor, landed: Tensor, plane: Tensor, true: Tensor) -> dict[str, Tensor]:
    ends = torch.stack([landed, plane, true])
    start = here.expand(3, 3)
    return {
        "from_x": start[:, 0], "from_z": start[:, 2], "to_x": ends[:, 0], "to_z": ends[:, 2],
        "place_x": here[0], "place_y": here[1], "place_z": here[2],
        "landed_x": landed[0], "landed_y": landed[1], "landed_z": landed[2],
        "true_x": true[0], "true_y": true[1], "true_z": true[2],
        "gone_x": landed[0] - here[0], "gone_y": landed[1] - here[1], "gone_z": landed[2] - here[2],
    }  # fmt: skip


def _view(noisy: Tensor, taken_to: Tensor, bend: Tensor, turn: Tensor) -> dict[str, Tensor]:
    """The sheet as a net of lines, the points and where they are taken, as seen from a side."""
    along, across = torch.linspace(-1, 1, _ACROSS), torch.linspace(-1, 1, _DEEP)
    deep = torch.stack([along.repeat(_DEEP), across.repeat_interleave(_ACROSS)], 1)
    net = _seen(sheet(deep, bend), turn).reshape(_DEEP, _ACROSS, 2)
    rungs = net[:, ::3].transpose(0, 1)
    start, end = _seen(noisy, turn), _seen(taken_to, turn)
    return {
        "net_x": net[..., 0], "net_y": net[..., 1], "rung_x": rungs[..., 0], "rung_y": rungs[..., 1],
        "noisy_x": start[:, 0], "noisy_y": start[:, 1], "back_x": end[:, 0], "back_y": end[:, 1],
        "length": ((taken_to - noisy) ** 2).sum(1).sqrt(),
    }  # fmt: skip


def _seen(points: Tensor, turn: Tensor) -> Tensor:
    """(n, 2) places of a picture, seen from a little above after a turn by so many degrees."""
    angle = turn * (math.pi / 180)
    right = points[:, 0] * angle.cos() - points[:, 1] * angle.sin()
    away = points[:, 0] * angle.sin() + points[:, 1] * angle.cos()
    return torch.stack([right, points[:, 2] * math.cos(_TILT) + away * math.sin(_TILT)], 1)
