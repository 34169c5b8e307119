"""Layer-wise relevance propagation: a score, handed back from layer to layer to what it was made of.

A unit with the relevance R, of its sum z = Σ w a + b, gives to each input a its part of the sum,

    epsilon:        R_a = a w R / (z + ε sign z),
    alpha-beta:     R_a = (α (a w)+ / z+ - β (a w)- / z-) R,      α - β = 1,

(a w)+ and (a w)- the positive and the negative parts, z+ and z- their sums with that of b. So the relevance of a layer
sums up to that of the layer above, less what biases and ε have taken. A bent function hands on what it gets, the
largest of a window gets all of it, and numbers that are only put elsewhere take theirs along.
Whatever rescales the input itself, (x - mean) / scale, hands on all of it too: each result stands on one number.

It walks the graph of operations that `torch.export` finds, so that the layers may be linked in any way.

Source: "On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation" (Bach,
Binder, Montavon, Klauschen, Müller and Samek, 2015), https://doi.org/10.1371/journal.pone.0130140; ε as a share of a
layer's root mean square: "Layer-wise relevance propagation: an overview" (Montavon et al., 2019).
"""

import operator
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from neurarium.views.numbers import layer_name

_MOVED = frozenset(
    "view _unsafe_view reshape permute transpose squeeze unsqueeze expand slice select clone alias _to_copy detach cat "  # noqa: SIM905
    "flip unbind split_with_sizes constant_pad_nd repeat upsample_nearest2d getitem".split()
)
_BENT = frozenset(
    ["relu", "tanh", "sigmoid", "gelu", "elu", "leaky_relu", "hardtanh", "clamp", "clamp_min", "softplus", "silu"]
)
_LARGEST = frozenset(["max_pool2d_with_indices", "amax", "max"])
_WEIGHTED = frozenset(["mm", "addmm", "convolution"])
_SUMMED = frozenset(["avg_pool2d", "_adaptive_avg_pool2d", "mean", "sum", "add", "sub"])
_SCALED = frozenset(["add", "sub", "rsub", "mul", "div", "neg", "_native_batch_norm_legit_no_training"])
_TINY = 1e-12

Rule = Callable[["_Step"], list[Tensor]]


class UnknownLayer(ValueError):
    """No rule says how relevance passes a layer.

    Attributes:
        layer: What the network calls it.
        operation: What it computes.
    """

    def __init__(self, layer: str, operation: str) -> None:
        super().__init__(f"relevance propagation knows no rule for {operation} in the layer {layer}.")
        self.layer, self.operation = layer, operation


@dataclass(frozen=True)
class Passed:
    """What has come back.

    Attributes:
        relevance: Of each number of the input.
        layers: (layers + 1,) how much there was: of the score, and below each layer, from the last to the first.
    """

    relevance: Tensor
    layers: Tensor


class Relevance:
    """Hands relevance back through a network.

    Args:
        module: In eval mode.
        example: (1, ...) one row.

    Attributes:
        layers: Those that share relevance out, from the last to the first.

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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's own, about torch's own
            exported = torch.export.export(module, (example,)).run_decompositions()
        self._known: dict[fx.Node, Any] = {}
        self._raw: set[fx.Node] = set()
        self._steps: list[tuple[fx.Node, list[fx.Node], str]] = []
        self._input: fx.Node | None = None
        for node, spec in zip(
            exported.graph.find_nodes(op="placeholder"), exported.graph_signature.input_specs, strict=True
        ):
            target = str(spec.target)
            if spec.kind.name == "USER_INPUT":
                self._input = node
                self._raw.add(node)
            else:
                table = exported.constants if target in exported.constants else exported.state_dict
                self._known[node] = table[target].detach()
        for node in exported.graph.nodes:
            if node.op == "call_function":
                self._add(node)
        (out,) = exported.graph.find_nodes(op="output")
        self._output: fx.Node = out.args[0][0]
        self.layers = [_name(node) for node, _, kind in reversed(self._steps) if kind in ("weighted", "summed")]

    def _add(self, node: fx.Node) -> None:
        heard = [each for each in node.all_input_nodes if each not in self._known]
        if not heard:
            self._known[node] = _call(node, self._known)
            return
        kind = _kind(node, heard)
        if kind == "scaled" and heard[0] in self._raw:
            kind = "bent"  # hands on all of it
            self._raw.add(node)
        elif kind == "moved" and set(heard) <= self._raw:
            self._raw.add(node)
        self._steps.append((node, heard, kind))

    def epsilon(self, x: Tensor, start: Tensor, epsilon: Tensor | float) -> Passed:
        """By the epsilon rule.

        Args:
            x: (1, ...) the row.
            start: (1, answers) whose score is explained, 1 for it and 0 for the others.
            epsilon: As a share of the root mean square of a layer's sums, at least 0.
        """
        return self._passed(x, start, lambda step: _by_epsilon(step, epsilon))

    def alpha_beta(self, x: Tensor, start: Tensor, alpha: Tensor | float) -> Passed:
        """By the alpha-beta rule, β = α - 1.

        Args:
            x, start: As there.
            alpha: At least 1.
        """
        return self._passed(x, start, lambda step: _by_signs(step, alpha))

    def _passed(self, x: Tensor, start: Tensor, rule: Rule) -> Passed:
        values: dict[fx.Node, Any] = {**self._known}
        if self._input is None:
            raise ValueError("the network takes no input.")
        values[self._input] = x
        for node, _, _ in self._steps:
            values[node] = _call(node, values)
        relevance: dict[fx.Node, Any] = {self._output: values[self._output] * start}
        held = [relevance[self._output].sum()]
        for node, heard, kind in reversed(self._steps):
            if node not in relevance:
                continue
            if node.target is operator.getitem:  # one of several results of what it names
                relevance.setdefault(heard[0], {})[node.args[1]] = relevance.pop(node)
                continue
            step = _Step(node, heard, values, relevance.pop(node))
            for each, part in zip(heard, step.handed(kind, rule), strict=True):
                relevance[each] = relevance[each] + part if each in relevance else part
            if kind in ("weighted", "summed"):
                held.append(torch.stack([part.sum() for part in relevance.values()]).sum())
        return Passed(relevance[self._input], torch.stack(held))


@dataclass(frozen=True)
class _Step:
    """One operation, what went through it, and the relevance that it holds: by number where it has several results."""

    node: fx.Node
    heard: list[fx.Node]
    values: dict[fx.Node, Any]
    held: Any

    def handed(self, kind: str, rule: Rule) -> list[Tensor]:
        """The relevance of each of its inputs."""
        if kind == "bent":
            return [self.relevance]
        if kind == "gated":  # the gate lets through, it says nothing itself
            return [torch.zeros_like(self.values[each]) if _is_gate(each) else self.relevance for each in self.heard]
        if kind in ("moved", "largest"):
            return self._moved_back()
        return rule(self)

    @property
    def relevance(self) -> Tensor:
        """What its first result holds."""
        return self.held[0] if isinstance(self.held, dict) else self.held

    def _moved_back(self) -> list[Tensor]:
        """Each number's relevance, at the place that it came from."""
        held = self.held if isinstance(self.held, dict) else {None: self.held}
        with torch.enable_grad():
            leaves = [each.detach().requires_grad_() for each in self.inputs]
            results = _call(self.node, {**self.values, **dict(zip(self.heard, leaves, strict=True))})
            came = [results if number is None else results[number] for number in held]
            return list(torch.autograd.grad(came, leaves, list(held.values()), materialize_grads=True))

    @property
    def inputs(self) -> list[Tensor]:
        """What came in."""
        return [self.values[each] for each in self.heard]

    def run(self, inputs: Sequence[Tensor], *, sizes: bool = False) -> Tensor:
        """What it makes of other inputs; with weights by their size, and without a bias, where wanted."""
        values = {**self.values, **dict(zip(self.heard, inputs, strict=True))}
        if not sizes:
            return _first(_call(self.node, values))
        name = _short(self.node)
        if name in _SCALED and len(self.heard) == 1:
            one, zero = ([make(each) for each in inputs] for make in (torch.ones_like, torch.zeros_like))
            return (self.run(one) - self.run(zero)).abs() * inputs[0]
        if name == "sub":
            return inputs[0] + inputs[1]
        for each in self.node.all_input_nodes:
            if each not in self.heard:
                values[each] = values[each].abs()
        without = {node: torch.zeros_like(each) for node, each in zip(self.heard, inputs, strict=True)}
        return _first(_call(self.node, values)) - _first(_call(self.node, {**values, **without}))

    def back(self, sent: Tensor, *, sizes: bool = False) -> list[Tensor]:
        """What its transpose makes of numbers at its result."""
        with torch.enable_grad():
            leaves = [each.detach().requires_grad_() for each in self.inputs]
            return list(torch.autograd.grad(self.run(leaves, sizes=sizes), leaves, sent, materialize_grads=True))


def _by_epsilon(step: _Step, epsilon: Tensor | float) -> list[Tensor]:
    z = step.run(step.inputs)
    more = epsilon * z.square().mean().sqrt() + _TINY
    share = step.relevance / (z + torch.where(z < 0, -more, more))
    return [a * back for a, back in zip(step.inputs, step.back(share), strict=True)]


def _by_signs(step: _Step, alpha: Tensor | float) -> list[Tensor]:
    """Both signs from sums with weights as they are and with their sizes: (a w)± = (a w ± |a| |w|) / 2."""
    bias = step.run([torch.zeros_like(a) for a in step.inputs])
    signed, sizes = step.run(step.inputs) - bias, step.run([a.abs() for a in step.inputs], sizes=True)
    above, below = (signed + sizes) / 2 + bias.clamp(min=0), (signed - sizes) / 2 + bias.clamp(max=0)
    # A unit that has heard one sign alone hands all of its relevance to that one.
    some, none = above > _TINY, below > -_TINY
    for_above = torch.where(none, 1.0, alpha) * step.relevance / torch.where(some, above, 1.0)
    for_below = torch.where(some, 1.0 - alpha, 1.0) * step.relevance / torch.where(none, 1.0, below)
    for_above, for_below = torch.where(some, for_above, 0.0), torch.where(none, 0.0, for_below)
    pairs = zip(
        step.inputs, step.back(for_above + for_below), step.back(for_above - for_below, sizes=True), strict=True
    )
    return [(a * back + a.abs() * size) / 2 for a, back, size in pairs]


def _kind(node: fx.Node, heard: list[fx.Node]) -> str:
    name = _short(node)
    if name in _MOVED:
        return "moved"
    if name in _BENT:
        return "bent"
    if name in _LARGEST:
        return "largest"
    data = 1 if name == "addmm" else 0
    if name in _WEIGHTED and heard == [node.args[data]]:
        return "weighted"
    if name in _SCALED and len(heard) == 1 and (name != "div" or node.args[0] is heard[0]):
        return "scaled"
    if name in _SUMMED:
        return "summed"
    if name == "mul" and sum(map(_is_gate, heard)) == 1:
        return "gated"
    raise UnknownLayer(_name(node), name)


def _is_gate(node: fx.Node) -> bool:
    return _short(node) == "sigmoid"


def _short(node: fx.Node) -> str:
    return "getitem" if node.target is operator.getitem else str(node.target).removeprefix("aten.").split(".")[0]


def _name(node: fx.Node) -> str:
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    return layer_name(*map(str, stack[-1][:2])) if stack and stack[-1][0] else _short(node)


def _call(node: fx.Node, values: dict[fx.Node, Any]) -> Any:
    arguments, options = fx.node.map_arg((node.args, node.kwargs), values.__getitem__)
    return node.target(*arguments, **options)  # type: ignore[operator]


def _first(result: Any) -> Tensor:
    return result[0] if isinstance(result, tuple | list) else result
