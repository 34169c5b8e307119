"""The playground as a live module: the points, the network on the plane, and its next steps."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from neurarium.program.loop import Loop
from neurarium.views.levels import DO, FORMULA
from neurarium.views.numbers import picked
from neurarium.views.playground_data import EDGE, FEATURE_SETS, OWN, ROWS, SLOPE, Example, features
from neurarium.views.trained_here import Network, Room, around, shares, taken

LAYERS, WIDTH = 4, 8
BATCH = 32
"""Rows of a batch at most."""
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
        own, numbers = data == OWN, data == SLOPE
        rows, target, used = self._rows(data, own, seed, noise, points_xy, points_group, points_used)
        test = (self.testing < share) & (used > 0)
        train = (used > 0) & ~test

        # A network of another shape, or for other data, starts afresh; the one before waits for its own to come back.
        now = torch.cat([torch.stack([data, seed, inputs, layers]), widths])
        fresh = (trained_for != now).any()
        parameters = torch.where(fresh, network.start(picked(self.chance, seed)), parameters)
        first, second = torch.where(fresh, 0.0, first), torch.where(fresh, 0.0, second)
        steps = torch.where(fresh, 0, steps)

        known, here = features(rows, network.inputs), features(place[None], network.inputs)
        weights, _ = network.used()
        learning = torch.stack([rule.float(), rate, decay_1, decay_2])
        order, count = _order(train)
        shape = [network.inputs, network.units, network.depth, network.function]
        given = [*shape, weights, learning, known, target, order, count, torch.minimum(batch, count), numbers]
        state = [parameters, first, second, steps]

        # One way forward for the places of the field, the points and the place that is pointed at.
        seen, answer = network.layers(parameters, torch.cat([features(self.grid, network.inputs), known, here]))
        parts = [SIDE * SIDE, ROWS, 1]
        (of_grid, _, of_place), (on_grid, said, at_place) = seen.split(parts, 1), answer[:, 0].split(parts)
        cost = _cost(said, target, numbers)
        losses = torch.stack([steps.float(), _mean(cost, train), _mean(cost, test)])
        kept = torch.cat([torch.where(fresh, -1.0, curve[:, 1:]), losses[:, None]], 1)
        learnt = self.learn(*state, *given)
        right = ((said > 0) == (target > torch.where(numbers, 0.0, 0.5))) & (used > 0)
        return {
            "picture": torch.where(level == FORMULA, 3, torch.where(level == DO, 1 + own.long(), 0)),
            "update": torch.where(level == FORMULA, 1 + rule, 0),
            **_points(rows, target, used, numbers, test),
            **self._plane(network, of_grid, _shown(on_grid, numbers)),
            **_diagram(network, parameters),
            **self._formula(network, parameters, of_place[:, 0], at_place, link, learnt),
            "place_x": place[0],
            "place_y": place[1],
            "loss": losses[1],
            "test_loss": losses[2],
            "trained": steps,
            "hidden": torch.where(network.there, widths, 0).sum(),
            "count": network.used()[1].sum(),
            "right": right.sum(),
            "asked": used.sum(),
            **_curves(kept),
            "next_curve": kept,
            "weights": parameters,
            **{f"many_{name}": array for name, array in zip(STATE, learnt[:4], strict=True)},
            **{f"once_{name}": array[0] for name, array in zip(STATE, learnt[4:8], strict=True)},
            "now": now,
            "nobody": 0 * now - 1,
        }

    def _network(self, inputs: Tensor, layers: Tensor, widths: Tensor, function: Tensor) -> Network:
        units = (torch.arange(WIDTH) < widths[:, None]).float()
        return Network(self.room, picked(self.sets, inputs), units, layers, function.expand(LAYERS))

    def _rows(
        self, data: Tensor, own: Tensor, seed: Tensor, noise: Tensor, xy: Tensor, group: Tensor, used: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        kind = torch.where(own, 0, data)
        places = picked(picked(self.places, seed), kind) + noise * picked(self.offsets, seed)
        target = torch.where(own, group.float(), picked(picked(self.targets, seed), kind))
        return torch.where(own, xy, places), target, torch.where(own, used, 1.0)

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


class Step(nn.Module):
    """One step of training."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.room = room

    def forward(
        self, parameters: Tensor, first: Tensor, second: Tensor, steps: Tensor, *given: Tensor
    ) -> tuple[Tensor, ...]:
        """The parameters, the means of Adam and the number of steps after it; all of them again, and the gradient."""
        rule, rate = given[5][0], given[5][1]
        gradient = self.slope(parameters, first, second, steps, *given)
        after = taken(rule, rate, steps.float(), parameters, gradient, first, second)
        new = after.parameters, after.first, after.second, steps + 1
        return *new, *new, gradient

    def slope(
        self, parameters: Tensor, first: Tensor, second: Tensor, steps: Tensor, inputs: Tensor, units: Tensor,
        depth: Tensor, function: Tensor, weights: Tensor, learning: Tensor, known: Tensor, target: Tensor,
        order: Tensor, count: Tensor, batch: Tensor, numbers: Tensor,
    ) -> Tensor:  # fmt: skip
        """The gradient of the loss of the next batch: the rows in their order, round and round."""
        place = torch.arange(BATCH)
        rows = order.index_select(0, around(steps * batch + place, count.clamp(min=1)))
        x, t = known.index_select(0, rows), target.index_select(0, rows)
        network = Network(self.room, inputs, units, depth, function)
        layers, answer = network.layers(parameters, x)
        y = answer[:, 0]
        error = torch.where(numbers, 2 * (y - t), y.sigmoid() - t)
        error = torch.where(place < batch, error, 0.0) / batch.clamp(min=1)
        pull = learning[2] * torch.sign(parameters) + learning[3] * parameters
        return network.gradient(parameters, layers, error[:, None]) + weights * pull


def _order(train: Tensor) -> tuple[Tensor, Tensor]:
    """The numbers of the training rows, before those of the others, and how many there are."""
    number = torch.arange(ROWS)
    order = torch.where(train, number, number + ROWS).sort().values
    return torch.where(order < ROWS, order, order - ROWS), train.sum()


def _cost(said: Tensor, target: Tensor, numbers: Tensor) -> Tensor:
    """(n,) cross-entropy of a class, square of what misses a number."""
    return torch.where(numbers, (said - target) ** 2, softplus(said) - target * said)


def _mean(cost: Tensor, some: Tensor) -> Tensor:
    return torch.where(some, cost, 0.0).sum() / some.sum()


def _shown(said: Tensor, numbers: Tensor) -> Tensor:
    """Blue above 0: the number, or how much likelier the first class is."""
    return torch.where(numbers, said, 1 - 2 * said.sigmoid())


def _points(rows: Tensor, target: Tensor, used: Tensor, numbers: Tensor, test: Tensor) -> dict[str, Tensor]:
    classes = ~numbers
    return {
        "x": rows[:, 0],
        "y": rows[:, 1],
        "target": target,
        "group": torch.where(numbers, 0, target.long()),
        "classes": used * classes,
        "values": used * numbers,
        "test": test,
        "tests": test.sum(),
        "trains": used.sum() - test.sum(),
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
