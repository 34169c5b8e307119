"""Layer-wise relevance propagation: a score, handed back from layer to layer to what it was made of.

A unit with the relevance R, of its sum z = Σ w a + b, gives to each input a its part of the sum,

    epsilon:        R_a = a w R / (z + ε sign z),
    alpha-beta:     R_a = (α (a w)+ / z+ - β (a w)- / z-) R,      α - β = 1,

(a w)+ and (a w)- the positive and the negative parts, z+ and z- their sums with that of b. So the relevance of a layer
sums up to that of the layer above, less what biases and ε have taken. A bent function hands on what it gets, the
largest of a window gets all of it, and numbers that are only put elsewhere take theirs along.
Whatever rescales the input itself, (x - mean) / scale, hands on all of it too: each result stands on one number.
Of a product with a gate, a number from 0 to 1 that says how much of a signal passes, the signal takes all and the gate
nothing; a sum of several signals is a sum as any other. Those are the rules for LSTM and GRU, and `relevance_time.py`
goes with them from step to step; `relevance_bumps.py` has the rule for Gaussian units.

It walks the graph of operations that `torch.export` finds, so that the layers may be linked in any way.

Source: "On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation" (Bach,
Binder, Montavon, Klauschen, Müller and Samek, 2015), https://doi.org/10.1371/journal.pone.0130140; ε as a share of a
layer's root mean square: "Layer-wise relevance propagation: an overview" (Montavon et al., 2019); gates: "Explaining
recurrent neural network predictions in sentiment analysis" (Arras, Montavon, Müller and Samek, 2017),
https://arxiv.org/abs/1706.07206.
"""

import operator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from neurarium.program.aten import exported
from neurarium.views.relevance_bumps import Bumps
from neurarium.views.relevance_rules import (
    RESCALING,
    Operation,
    Results,
    Rule,
    UnknownLayer,
    by_epsilon,
    by_signs,
    call,
    kind_of,
    name_of,
    short,
)


@dataclass(frozen=True)
class Passed:
    """What has come back.

    Attributes:
        relevance: Of each number of the input.
        layers: (layers + 1,) how much there was: of the score, and below each layer, from the last to the first.
    """

    relevance: Tensor
    layers: Tensor


class Graph:
    """The operations of a network, forth with numbers and back with relevance.

    Args:
        module: In eval mode.
        examples: What it is given, in the shapes that it always has; Gaussian units take them for what says nothing.
        carrying: How many of the inputs relevance goes to; the others are given, as weights are.

    Attributes:
        layers: Those that share relevance out, from the last to the first.
        bumps: Whether Gaussian units are among them.

    Raises:
        UnknownLayer: The network has a layer that no rule is known for.
    """

    def __init__(self, module: nn.Module, *examples: Tensor, carrying: int = 1) -> None:
        found = exported(module, examples)
        self._known: Results = {node: tensor for node, (_, tensor) in found.constants.items()}
        self._inputs = list(found.inputs)
        self._carrying = carrying
        self._raw, self._given = set(self._inputs[:carrying]), set(self._inputs[carrying:])
        self._steps: dict[fx.Node, tuple[list[fx.Node], str | Bumps | None]] = {}
        for node in found.calls:
            self._add(node, examples)
        self._outputs: list[fx.Node] = list(found.outputs)
        for node, (_, kind) in self._steps.items():
            if kind is None:
                raise UnknownLayer(name_of(node), short(node))
        shared = [(node, kind) for node, (_, kind) in reversed(self._steps.items()) if _shares(kind)]
        self.layers = [name_of(node) for node, _ in shared]
        self.bumps = any(isinstance(kind, Bumps) for _, kind in shared)

    def _add(self, node: fx.Node, examples: tuple[Tensor, ...]) -> None:
        heard = [each for each in node.all_input_nodes if each not in self._known and each not in self._given]
        if set(node.all_input_nodes) <= self._known.keys():
            self._known[node] = call(node, self._known)
            return
        kind: str | Bumps | None = kind_of(node, heard) if heard else "given"
        if not heard:
            self._given.add(node)
        elif set(heard) <= self._raw and kind == "moved":
            self._raw.add(node)
        elif set(heard) <= self._raw and kind in ("shifted", "bent") and short(node) in RESCALING:
            kind = "bent"  # each result stands on one number
            self._raw.add(node)
        elif short(node) == "exp":
            between = {each: of for each, (of, _) in self._steps.items() if each not in self._raw}
            kind = Bumps.found(node, between, self.run(*examples))
            for each in kind.inside if kind is not None else ():
                del self._steps[each]
        self._steps[node] = (heard if not isinstance(kind, Bumps) else [kind.source], kind)

    def run(self, *inputs: Tensor) -> Results:
        """What every operation makes of inputs."""
        values: Results = {**self._known, **dict(zip(self._inputs, inputs, strict=True))}
        for node, (_, kind) in self._steps.items():
            for each in [*kind.inside, node] if isinstance(kind, Bumps) else [node]:
                values[each] = call(each, values)
        return values

    def answers(self, values: Results) -> list[Tensor]:
        """What the network answers."""
        return [values[node] for node in self._outputs]

    def back(
        self, values: Results, relevance: list[Tensor | None], rule: Rule, sums: list[Tensor] | None = None
    ) -> list[Tensor]:
        """The relevance of the inputs that carry some.

        Args:
            values: What everything is.
            relevance: Of each answer, None for none.
            rule: For sums.
            sums: Takes up what there is above all layers, and below each of them.
        """
        held: dict[fx.Node, Any] = {}
        for node, part in zip(self._outputs, relevance, strict=True):
            _put(held, node, part)
        if sums is not None:
            sums.append(_sum(held))
        for node, (heard, kind) in reversed(self._steps.items()):
            if node not in held:
                continue
            if node.target is operator.getitem:  # one of several results of what it names
                held.setdefault(heard[0], {})[node.args[1]] = held.pop(node)
                continue
            if isinstance(kind, Bumps):
                parts: list[Tensor | None] = [kind.handed(values, held.pop(node))]
            else:
                parts = Operation(node, heard, values, held.pop(node)).handed(str(kind), rule)
            for each, part in zip(heard, parts, strict=True):
                _put(held, each, part)
            if sums is not None and _shares(kind):
                sums.append(_sum(held))
        inputs = self._inputs[: self._carrying]
        return [held[node] if node in held else torch.zeros_like(values[node]) for node in inputs]


class Relevance(Graph):
    """Hands relevance back through a network.

    Args:
        module: In eval mode.
        example: (1, ...) a row, that which says nothing where there are Gaussian units.

    Raises:
        UnknownLayer: The network has a layer that no rule is known for.

    Example:
        >>> network = nn.Sequential(nn.Linear(2, 1, bias=False)).eval()
        >>> _ = network[0].weight.data.copy_(torch.tensor([[2.0, -1.0]]))
        >>> passed = Relevance(network, torch.zeros(1, 2)).epsilon(torch.tensor([[3.0, 1.0]]), torch.ones(1, 1), 0.0)
        >>> passed.relevance.tolist()
        [[6.0, -1.0]]
    """

    def __init__(self, module: nn.Module, example: Tensor) -> None:
        super().__init__(module, example)

    def epsilon(self, x: Tensor, start: Tensor, epsilon: Tensor | float) -> Passed:
        """By the epsilon rule.

        Args:
            x: (1, ...) the row.
            start: (1, answers) whose score is explained, 1 for it and 0 for the others.
            epsilon: As a share of the root mean square of a layer's sums, at least 0.
        """
        return self._passed(x, start, lambda step: by_epsilon(step, epsilon))

    def alpha_beta(self, x: Tensor, start: Tensor, alpha: Tensor | float) -> Passed:
        """By the alpha-beta rule, β = α - 1.

        Args:
            x, start: As there.
            alpha: At least 1.
        """
        return self._passed(x, start, lambda step: by_signs(step, alpha))

    def _passed(self, x: Tensor, start: Tensor, rule: Rule) -> Passed:
        values, sums = self.run(x), list[Tensor]()
        (score,) = self.answers(values)
        (relevance,) = self.back(values, [score * start], rule, sums)
        return Passed(relevance, torch.stack(sums))


def _shares(kind: str | Bumps | None) -> bool:
    return kind in ("weighted", "summed") or isinstance(kind, Bumps)


def _put(held: dict[fx.Node, Any], node: fx.Node, part: Tensor | None) -> None:
    """More relevance for a result."""
    if part is not None:
        held[node] = held[node] + part if node in held else part


def _sum(held: dict[fx.Node, Any]) -> Tensor:
    parts = [part for each in held.values() for part in (each.values() if isinstance(each, dict) else [each])]
    return torch.stack([part.sum() for part in parts]).sum()
