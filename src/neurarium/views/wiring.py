"""The wiring of a network: which units add up what, read from the network itself.

Any module that `torch.export` can trace is a graph of operations. Those that add up numbers times learnt weights
(linear maps, products with a matrix, convolutions) are its layers; sums that are added to each other are one layer. A
unit's sum is linear in what comes in, so its weights are the gradient of the sum, whatever the operation is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any, cast

import torch
from torch import Tensor, fx, nn

_SUMS = {
    "linear.default": (0, 1),
    "matmul.default": (0, 1),
    "mm.default": (0, 1),
    "addmm.default": (1, 2),
    "conv1d.default": (0, 1),
    "conv2d.default": (0, 1),
    "conv_transpose1d.default": (0, 1),
    "conv_transpose2d.input": (0, 1),
}
"""Operations that are sums, and where among their arguments what comes in and the weights stand."""

ACTIVATIONS = {
    "tanh": "tanh",
    "relu": "relu",
    "sigmoid": "σ",
    "softmax": "softmax",
    "leaky_relu": "leaky relu",
    "gelu": "gelu",
    "elu": "elu",
    "silu": "silu",
    "softplus": "softplus",
    "exp": "exp",
}
"""Operations that make a unit's answer from its sum, and what they are called."""

_PASSING = ("dropout", "clone", "contiguous", "to", "alias", "flatten", "unflatten", "reshape", "view", "squeeze")


@dataclass(eq=False)
class Layer:
    """Units whose sums are made in one place.

    Attributes:
        name: Where in the module, "x" and the like for what comes in.
        enters: The nodes that the sums add up, none for what comes in.
        total: The node of the sums; of what comes in, itself.
        active: The node of the units' answers.
        activation: What makes them, "" for nothing.
        shape: Of one row of the sums: (units,) or (channels, height, width).
        depth: The longest way from what comes in.
        sources: The layers that what enters comes from.
    """

    name: str
    enters: tuple[fx.Node, ...]
    total: fx.Node
    active: fx.Node
    activation: str
    shape: tuple[int, ...]
    depth: int = 0
    sources: list["Layer"] = field(default_factory=list)

    @property
    def units(self) -> int:
        """How many units: of pictures the maps."""
        return self.shape[0] if self.shape else 1

    @property
    def middle(self) -> int:
        """The place of a map by which it is shown: the middle one, as a flat index."""
        inner = self.shape[1:]
        return sum(size // 2 * prod(inner[place + 1 :]) for place, size in enumerate(inner))


class Wiring:
    """The layers of a module.

    Args:
        module: In eval mode.
        inputs: An example of one row, `(1, ...)` each, as the module takes them.
        names: What the inputs are called.

    Example:
        >>> network = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)).eval()
        >>> [(each.name, each.units, each.activation) for each in Wiring(network, (torch.zeros(1, 4),), ["x"]).layers]
        [('x', 4, ''), ('0', 3, 'tanh'), ('2', 2, '')]
    """

    def __init__(self, module: nn.Module, inputs: tuple[Tensor, ...], names: Sequence[str]) -> None:
        self.inputs = inputs
        self.graph: fx.GraphModule = torch.export.export(module, inputs).module()
        placeholders = [node for node in self.graph.graph.nodes if node.op == "placeholder"]
        self._known = dict(zip(placeholders, names, strict=False))
        self.heard_at = next((place for place, name in enumerate(names) if not name.startswith("state")), 0)
        """Which of the inputs is the row, and not a state from the step before."""
        self._live = self._depending(placeholders)
        self._needed = self._answering()
        self.layers = self._found(placeholders)
        self._join()

    def _depending(self, placeholders: list[fx.Node]) -> set[fx.Node]:
        """The nodes that depend on what comes in."""
        live = set(placeholders)
        for node in self.graph.graph.nodes:
            if any(each in live for each in node.all_input_nodes):
                live.add(node)
        return live

    def _answering(self) -> set[fx.Node]:
        """The nodes that the answer depends on; the others are there to be looked at."""
        needed: set[fx.Node] = set()
        waiting = [node for node in self.graph.graph.nodes if node.op == "output"]
        while waiting:
            node = waiting.pop()
            if node not in needed:
                needed.add(node)
                waiting += node.all_input_nodes
        return needed

    def _found(self, placeholders: list[fx.Node]) -> list[Layer]:
        layers = []
        done: set[fx.Node] = set()
        for node in self.graph.graph.nodes:
            if node in placeholders and _size(node).is_floating_point() and node in self._needed:
                layers.append(Layer(self._known.get(node, node.name), (), node, node, "", (_size(node).numel(),)))
            if self._is_sum(node) and node not in done:
                total, enters, sums = self._total(node)
                done.update(sums)
                active, activation = _active(total)
                shape = tuple(_size(total).shape[1:])
                layers.append(Layer(_name(sums), tuple(enters), total, active, activation, shape))
        return layers

    def _is_sum(self, node: fx.Node) -> bool:
        places = _SUMS.get(_called(node))
        if places is None:
            return False
        enters, weight = (node.args[place] for place in places)
        shifts = [user for user in node.users if _called(user) == "addmm.default" and user.args[0] is node]
        counts = node in self._needed and not shifts
        return counts and enters in self._live and weight not in self._live and _size(node).dim() > 1

    def _total(self, node: fx.Node) -> tuple[fx.Node, list[fx.Node], list[fx.Node]]:
        """Where a sum is complete: with constants and other sums added to it."""
        sums, enters = [node], [self._entering(node)]
        total = node
        while len(total.users) == 1:
            (user,) = total.users
            if _called(user) != "add.Tensor" or _size(user).shape != _size(total).shape:
                break
            others = [each for each in user.all_input_nodes if each is not total and each in self._live]
            more = [each for each in others if self._is_sum(each)]
            if others and not more:
                inner = [self._is_sum(each) for other in others for each in other.all_input_nodes]
                if not any(inner):
                    break
                more = [each for other in others for each in other.all_input_nodes if self._is_sum(each)]
            sums += more
            enters += [self._entering(each) for each in more]
            total = user
        return total, enters, sums

    def _entering(self, node: fx.Node) -> fx.Node:
        return cast(fx.Node, node.args[_SUMS[_called(node)][0]])

    def _join(self) -> None:
        """Which layer each layer hears, and how deep it lies."""
        for layer in self.layers:
            found = [source for node in layer.enters for source in self.heard(node)]
            layer.sources = list(dict.fromkeys(source for source in found if source is not layer))
            layer.depth = 1 + max((source.depth for source in layer.sources), default=-1)

    @property
    def answer(self) -> fx.Node:
        """The node of what comes out, of several the first."""
        output = next(node for node in self.graph.graph.nodes if node.op == "output")
        return output.all_input_nodes[0]

    def heard(self, node: fx.Node) -> list[Layer]:
        """The layers whose answers a node comes from, with no other layer between."""
        by_node = {node: layer for layer in self.layers for node in (layer.total, layer.active)}
        found: list[Layer] = []
        waiting, seen = [node], set()
        while waiting:
            each = waiting.pop()
            if each in by_node:
                found.append(by_node[each])
            elif each in self._live and each not in seen:
                seen.add(each)
                waiting += each.all_input_nodes
        return list(dict.fromkeys(found))

    # Numbers.

    def watch(self, inputs: Sequence[Tensor]) -> dict[fx.Node, Any]:
        """What every node says to inputs: traces as the module itself does."""
        interpreter = _Watching(self.graph)
        interpreter.run(*inputs)
        return interpreter.seen

    @cached_property
    def _example(self) -> dict[fx.Node, Any]:
        return self.watch(self.inputs)

    def weights(self, layer: Layer, units: Sequence[int]) -> Tensor:
        """The weights of units' sums: (units, entering), over all that enters, flat and one after the other.

        Of a map it is the sum at its middle.
        """
        entering = [self._example[node].detach().clone().requires_grad_() for node in layer.enters]
        seen = self._replayed(layer, entering)
        flat = seen.reshape(1, layer.units, -1)[0, :, layer.middle]
        rows = []
        for unit in units:
            gradients = torch.autograd.grad(flat[unit], entering, retain_graph=True)
            rows.append(torch.cat([each.reshape(-1) for each in gradients]))
        return torch.stack(rows).detach()

    def _replayed(self, layer: Layer, entering: list[Tensor]) -> Tensor:
        """The sums once more, from what enters."""
        known = dict(self._example)
        known.update(zip(layer.enters, entering, strict=True))
        between = self._between(layer)
        for node in self.graph.graph.nodes:
            if node in between:
                known[node] = _run(self.graph, node, known)
        total: Tensor = known[layer.total]
        return total

    def _between(self, layer: Layer) -> set[fx.Node]:
        """The nodes from what enters to the sums."""
        found: set[fx.Node] = set()

        def reaches(node: fx.Node) -> bool:
            if node in layer.enters:
                return True
            if node not in self._live:
                return False
            reached = [reaches(each) for each in node.all_input_nodes]
            if any(reached):
                found.add(node)
            return any(reached)

        reaches(layer.total)
        return found


class _Watching(fx.Interpreter):
    """Runs a graph and keeps what every node said."""

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph, garbage_collect_values=False)
        self.seen: dict[fx.Node, Any] = {}

    def run_node(self, node: fx.Node) -> Any:
        """What a node says."""
        answer = super().run_node(node)
        self.seen[node] = answer
        return answer


def _run(graph: fx.GraphModule, node: fx.Node, known: dict[fx.Node, Any]) -> Any:
    arguments = fx.node.map_arg(node.args, known.__getitem__)
    options = fx.node.map_arg(node.kwargs, known.__getitem__)
    return node.target(*arguments, **options)  # type: ignore[operator]


def _size(node: fx.Node) -> Tensor:
    value = node.meta.get("val")
    return value if isinstance(value, Tensor) else torch.zeros(0)


def _called(node: fx.Node) -> str:
    return str(node.target).removeprefix("aten.") if node.op == "call_function" else ""


def _active(total: fx.Node) -> tuple[fx.Node, str]:
    """The units' answers: what the next activation makes of their sums, however they are shaped on the way."""
    node = total
    while True:
        for user in node.users:
            name = _called(user).split(".")[0]
            if name in ACTIVATIONS and _size(user).shape == _size(total).shape:
                return user, ACTIVATIONS[name]
        following = [user for user in node.users if _called(user).split(".")[0] in _PASSING]
        if len(node.users) != 1 or not following or _size(following[0]).numel() != _size(total).numel():
            return total, ""
        node = following[0]


def _name(sums: Sequence[fx.Node]) -> str:
    """What the module calls the weights of a sum, or the part of it that holds them."""
    node = sums[0].args[_SUMS[_called(sums[0])][1]]
    while isinstance(node, fx.Node) and node.op != "get_attr" and node.all_input_nodes:
        node = node.all_input_nodes[0]
    path = str(node.target).split(".") if isinstance(node, fx.Node) else [str(node)]
    said = len(sums) > 1 or path[-1] == "weight"
    return ".".join(path[:-1] if said and len(path) > 1 else path)
