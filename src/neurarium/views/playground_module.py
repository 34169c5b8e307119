"""The playground as a live module: the points, the network on the plane, and its next steps."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.views.levels import DO, FORMULA
from neurarium.views.numbers import picked
from neurarium.views.playground_data import EDGE, FEATURE_SETS, OWN, ROWS, SLOPE, Example, features
from neurarium.views.playground_learning import Points, Step, lesson, losses_of, right_of
from neurarium.views.trained_here import Network, Room, shares

LAYERS, WIDTH = 4, 8
MANY = 10
"""Steps of one press of the button that trains."""
PRESSES = 200
"""Presses whose losses are kept."""
SIDE = 32
"""Places of the field along each axis; the units' own maps have half as many."""
STATE = ["parameters", "first", "second", "steps"]
"""What is learnt, and what the rule remembers."""
_HIDDEN = LAYERS * WIDTH**2


class Playground(nn.Module):
    """All that the lab shows.

    Args:
        examples: Of each seed the points.
        chance: (seeds, size) uniform numbers of the weights at the start.
        testing: (ROWS,) a point is for testing where this is below the share.
    """

    places: Tensor
    targets: Tensor
    offsets: Tensor
    chance: Tensor
    testing: Tensor
    grid: Tensor
    disc: Tensor
    sets: Tensor
    ends: Tensor

    def __init__(self, examples: Sequence[Example], chance: Tensor, testing: Tensor) -> None:
        super().__init__()
        for name in ("places", "targets", "offsets"):
            self.register_buffer(name, torch.stack([getattr(each, name) for each in examples]))
        middles = (torch.arange(SIDE) + 0.5) / SIDE * 2 * EDGE - EDGE
        y, x = torch.meshgrid(middles, middles, indexing="ij")
        disc = torch.where(x * x + y * y < EDGE * EDGE, 0.0, torch.nan)[::2, ::2]
        for name, array in (("chance", chance), ("testing", testing)):
            self.register_buffer(name, array)
        self.register_buffer("grid", torch.stack([x, y], -1).flatten(0, 1))
        self.register_buffer("disc", disc.contiguous())
        counts = torch.tensor(FEATURE_SETS)
        self.register_buffer("sets", (torch.arange(WIDTH) < counts[:, None]).float())
        self.register_buffer("ends", _ends())
        self.room = Room(LAYERS, WIDTH, outputs=1)
        self.learn = Loop(Step(self.room), states=4, sequences=0, turns=MANY)

    def forward(
        self,
        level: Tensor,
        data: Tensor,
        seed: Tensor,
        noise: Tensor,
        share: Tensor,
        inputs: Tensor,
        layers: Tensor,
        units_1: Tensor,
        units_2: Tensor,
        units_3: Tensor,
        units_4: Tensor,
        function: Tensor,
        rule: Tensor,
        rate: Tensor,
        decay_1: Tensor,
        decay_2: Tensor,
        batch: Tensor,
        points_xy: Tensor,
        points_group: Tensor,
        points_used: Tensor,
        place: Tensor,
        link: Tensor,
        parameters: Tensor,
        first: Tensor,
        second: Tensor,
        steps: Tensor,
        curve: Tensor,
        trained_for: Tensor,
    ) -> dict[str, Tensor]:
        """Everything, by name."""
        widths = torch.stack([units_1, units_2, units_3, units_4])
        network = self._network(inputs, layers, widths, function)
        points = self._points(data, seed, noise, share, points_xy, points_group, points_used)

        # A network of another shape, or for other data, starts afresh; the one before waits for its own to come back.
        now = torch.cat([torch.stack([data, seed, inputs, layers]), widths])
        fresh = (trained_for != now).any()
        state = self._begun(fresh, network, seed, parameters, first, second, steps)

        known, here = features(points.places, network.inputs), features(place[None], network.inputs)
        given = lesson(network, points, known, rule, rate, decay_1, decay_2, batch)
        (of_grid, on_grid), (_, said), (of_place, at_place) = self._forward(network, state[0], known, here)
        losses = losses_of(said, points, state[3])
        kept = torch.cat([torch.where(fresh, -1.0, curve[:, 1:]), losses[:, None]], 1)
        learnt = self.learn(*state, *given)
        right = right_of(said, points)
        return {
            "picture": torch.where(level == FORMULA, 3, torch.where(level == DO, 1 + points.own.long(), 0)),
            "update": torch.where(level == FORMULA, 1 + rule, 0),
            **_shown_points(points),
            **self._plane(network, of_grid, _shown(on_grid, points.numbers)),
            **_diagram(network, state[0]),
            **self._formula(network, state[0], of_place[:, 0], at_place, link, learnt),
            "place_x": place[0],
            "place_y": place[1],
            "loss": losses[1],
            "test_loss": losses[2],
            "trained": state[3],
            "hidden": torch.where(network.there, widths, 0).sum(),
            "count": network.used()[1].sum(),
            "right": right.sum(),
            "asked": points.used.sum(),
            **_curves(kept),
            "next_curve": kept,
            "weights": state[0],
            **{f"many_{name}": array for name, array in zip(STATE, learnt[:4], strict=True)},
            **{f"once_{name}": array[0] for name, array in zip(STATE, learnt[4:8], strict=True)},
            "now": now,
            "nobody": 0 * now - 1,
        }

    def _network(self, inputs: Tensor, layers: Tensor, widths: Tensor, function: Tensor) -> Network:
        units = (torch.arange(WIDTH) < widths[:, None]).float()
        return Network(self.room, picked(self.sets, inputs), units, layers, function.expand(LAYERS))

    def _points(
        self, data: Tensor, seed: Tensor, noise: Tensor, share: Tensor, xy: Tensor, group: Tensor, there: Tensor
    ) -> Points:
        """The points of an example, moved by noise, or one's own; a share of them is kept for testing."""
        own, numbers = data == OWN, data == SLOPE
        kind = torch.where(own, 0, data)
        places = picked(picked(self.places, seed), kind) + noise * picked(self.offsets, seed)
        target = torch.where(own, group.float(), picked(picked(self.targets, seed), kind))
        places, used = torch.where(own, xy, places), torch.where(own, there, 1.0)
        test = (self.testing < share) & (used > 0)
        return Points(places, target, used, test, (used > 0) & ~test, own, numbers)

    def _begun(
        self,
        fresh: Tensor,
        network: Network,
        seed: Tensor,
        parameters: Tensor,
        first: Tensor,
        second: Tensor,
        steps: Tensor,
    ) -> list[Tensor]:
        """What was learnt, or the start where it is to be begun afresh."""
        parameters = torch.where(fresh, network.start(picked(self.chance, seed)), parameters)
        first, second = torch.where(fresh, 0.0, first), torch.where(fresh, 0.0, second)
        return [parameters, first, second, torch.where(fresh, 0, steps)]

    def _forward(
        self, network: Network, parameters: Tensor, known: Tensor, here: Tensor
    ) -> list[tuple[Tensor, Tensor]]:
        """What the units and the output say of the places of the field, of the points, and of the place pointed at."""
        seen, answer = network.layers(parameters, torch.cat([features(self.grid, network.inputs), known, here]))
        parts = [SIDE * SIDE, ROWS, 1]
        return list(zip(seen.split(parts, 1), answer[:, 0].split(parts), strict=True))

    def _plane(self, network: Network, layers: Tensor, said: Tensor) -> dict[str, Tensor]:
        """What the network says all over the plane, and each of its cells, each on a scale of its own."""
        field = said.reshape(SIDE, SIDE)
        maps = layers.permute(0, 2, 1).reshape(-1, SIDE, SIDE)[:, ::2, ::2]
        reach = maps.abs().flatten(1).amax(1).clamp(min=1e-6)
        there = torch.where(_there(network) > 0, 0.0, torch.nan)
        pictures = torch.cat([maps / reach[:, None, None], field[None, ::2, ::2]])
        return {"field": field, "maps": pictures + there[:, None, None] + self.disc}

    def _formula(
        self, network: Network, parameters: Tensor, layers: Tensor, said: Tensor, link: Tensor,
        learnt: tuple[Tensor, ...],
    ) -> dict[str, Tensor]:  # fmt: skip
        """The sum that the chosen link goes into, at the place, and what the next step does to its weight."""
        there = _diagram(network, parameters)["links"]
        link = torch.where(picked(there, link).isnan(), torch.where(network.there[0], 0, _HIDDEN), link)
        index, start, end = picked(self.ends, link)
        W, b, _, c = self.room.parts(parameters)
        bias, units = torch.cat([b.flatten(), c]), torch.cat([layers.flatten(), said])
        sums = torch.cat([((W * layers[:-1, None]).sum(2) + b).flatten(), said])
        a, w, z = picked(units, start), picked(parameters, index), picked(sums, end)
        after, first, second, count, gradient = (each[0] for each in learnt[4:])
        known, known_squares = shares(count.float())
        return {
            "from_a": a,
            "w": w,
            "b": picked(bias, end),
            "z": z,
            "rest": z - picked(bias, end) - w * a,
            "a": picked(units[WIDTH:], end),
            "g": picked(gradient, index),
            "m": picked(first, index),
            "v": picked(second, index),
            "known": known,
            "known_squares": known_squares,
            "step": w - picked(after, index),
            "next_w": picked(after, index),
            "chosen": link,
            "at_place": _cells(network, units),
        }


def _shown(said: Tensor, numbers: Tensor) -> Tensor:
    """Blue above 0: the number, or how much likelier the first class is."""
    return torch.where(numbers, said, 1 - 2 * said.sigmoid())


def _shown_points(points: Points) -> dict[str, Tensor]:
    classes = ~points.numbers
    return {
        "x": points.places[:, 0],
        "y": points.places[:, 1],
        "target": points.target,
        "group": torch.where(points.numbers, 0, points.target.long()),
        "classes": points.used * classes,
        "values": points.used * points.numbers,
        "test": points.test,
        "tests": points.test.sum(),
        "trains": points.used.sum() - points.test.sum(),
    }


def _curves(kept: Tensor) -> dict[str, Tensor]:
    """The losses of training and test, and after which step they were; at step -1 nothing was there yet."""
    there = kept[0] >= 0
    since = torch.where(there, kept[0], torch.inf).amin()
    return {
        "curves": torch.where(there, kept[1:], torch.nan),
        "at": torch.where(there, kept[0], since),
        "since": since,
        "until": kept[0, -1].clamp(min=10 * MANY),
    }


def _diagram(network: Network, parameters: Tensor) -> dict[str, Tensor]:
    """Weights of the links as the diagram has them, no number where there is none."""
    weights, _ = network.used()
    own = torch.where(weights > 0, parameters, torch.nan)
    last = torch.arange(LAYERS + 1) == network.depth
    out = torch.where(last[:, None], own[_HIDDEN + LAYERS * WIDTH :][:WIDTH], torch.nan).flatten()
    return {"links": torch.cat([own[:_HIDDEN], out])}


def _there(network: Network) -> Tensor:
    """1 for the cells that are there: the inputs, the units layer by layer, the output."""
    return torch.cat([network.inputs, (network.units * network.there[:, None]).flatten(), torch.ones(1)])


def _cells(network: Network, values: Tensor) -> Tensor:
    """Numbers of the diagram's cells, no number where there is none."""
    known = torch.where(_there(network) > 0, values, torch.nan)
    return torch.cat([known[: FEATURE_SETS[-1]], known[WIDTH:]])


def _ends() -> Tensor:
    """(links, 3) of each link the number of its weight among the parameters, and of the cells that it joins."""
    layer, unit, below = torch.meshgrid(*map(torch.arange, (LAYERS, WIDTH, WIDTH)), indexing="ij")
    start, end = layer * WIDTH + below, layer * WIDTH + unit
    within = torch.stack([torch.arange(_HIDDEN), start.flatten(), end.flatten()], 1)
    below = torch.arange(WIDTH).repeat(LAYERS + 1)
    last = LAYERS * WIDTH
    return torch.cat([within, torch.stack([_HIDDEN + last + below, last + below, 0 * below + last], 1)])
