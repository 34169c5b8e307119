"""How relevance passes one operation of a network's graph: the rules of `relevance.py`, operation by operation."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx

from neurarium.views.numbers import layer_name

MOVED = frozenset(
    "view _unsafe_view reshape permute transpose squeeze unsqueeze expand slice select clone alias _to_copy detach cat "  # noqa: SIM905
    "flip unbind split_with_sizes unsafe_split constant_pad_nd repeat upsample_nearest2d index index_select "
    "getitem".split()
)
_BENT = frozenset(
    ["relu", "tanh", "sigmoid", "gelu", "elu", "leaky_relu", "hardtanh", "clamp", "clamp_min", "softplus", "silu"]
)
_LARGEST = frozenset(["max_pool2d_with_indices", "amax", "max"])
_WEIGHTED = frozenset(["mm", "bmm", "addmm", "convolution"])
_SUMMED = frozenset(["avg_pool2d", "_adaptive_avg_pool2d", "mean", "sum", "add", "sub"])
_SHIFTED = frozenset(["add", "sub", "rsub", "native_batch_norm"])
_SCALED = frozenset(["mul", "div", "neg"])
RESCALING = _SHIFTED | _SCALED
"""What may rescale a network's input before anything else happens to it."""
_TINY = 1e-12

Rule = Callable[["Operation"], list[Tensor]]
Results = dict[fx.Node, Any]
"""What each operation has made."""


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
class Operation:
    """One operation, what went through it, and the relevance that it holds: by number where it has several results."""

    node: fx.Node
    heard: list[fx.Node]
    values: Results
    held: Any

    def handed(self, kind: str, rule: Rule) -> list[Tensor | None]:
        """The relevance of each of its inputs; None of what lets through and says nothing itself."""
        if kind == "bent":
            return [self.relevance.sum_to_size(self.inputs[0].shape)]
        if kind == "gated":
            return [None if _is_gate(each) else self.relevance for each in self.heard]
        if kind in ("moved", "largest"):
            return [*self._moved_back()]
        return [*rule(self)]

    @property
    def relevance(self) -> Tensor:
        """What its first result holds."""
        return self.held[0] if isinstance(self.held, dict) else self.held

    def _moved_back(self) -> list[Tensor]:
        """Each number's relevance, at the place that it came from."""
        held = self.held if isinstance(self.held, dict) else {None: self.held}
        with torch.enable_grad():
            leaves = [each.detach().requires_grad_() for each in self.inputs]
            results = call(self.node, {**self.values, **dict(zip(self.heard, leaves, strict=True))})
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
            return _first(call(self.node, values))
        name = short(self.node)
        if name in _SHIFTED and len(self.heard) == 1:
            one, zero = ([make(each) for each in inputs] for make in (torch.ones_like, torch.zeros_like))
            return (self.run(one) - self.run(zero)).abs() * inputs[0]
        if name == "sub":
            return inputs[0] + inputs[1]
        for each in self.node.all_input_nodes:
            if each not in self.heard:
                values[each] = values[each].abs()
        without = {node: torch.zeros_like(each) for node, each in zip(self.heard, inputs, strict=True)}
        return _first(call(self.node, values)) - _first(call(self.node, {**values, **without}))

    def back(self, sent: Tensor, *, sizes: bool = False) -> list[Tensor]:
        """What its transpose makes of numbers at its result."""
        with torch.enable_grad():
            leaves = [each.detach().requires_grad_() for each in self.inputs]
            return list(torch.autograd.grad(self.run(leaves, sizes=sizes), leaves, sent, materialize_grads=True))


def by_epsilon(step: Operation, epsilon: Tensor | float) -> list[Tensor]:
    """In proportion to the parts of each sum, which ε keeps from 0."""
    z = step.run(step.inputs)
    more = epsilon * z.square().mean().sqrt() + _TINY
    share = step.relevance / (z + torch.where(z < 0, -more, more))
    return [a * back for a, back in zip(step.inputs, step.back(share), strict=True)]


def by_signs(step: Operation, alpha: Tensor | float) -> list[Tensor]:
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


def kind_of(node: fx.Node, heard: list[fx.Node]) -> str | None:
    """How relevance passes an operation; None where no rule says so.

    Args:
        node: The operation.
        heard: Those of its inputs that relevance may go to.
    """
    name = short(node)
    if name in MOVED:
        return "moved"
    if name in _BENT or _scales(node, heard):
        return "bent"
    if name in _LARGEST:
        return "largest"
    data = 1 if name == "addmm" else 0
    if name in _WEIGHTED and heard == [node.args[data]]:
        return "weighted"
    if name in _SHIFTED and len(heard) == 1:
        return "shifted"
    if name in _SUMMED:
        return "summed"
    return "gated" if name == "mul" and sum(map(_is_gate, heard)) == 1 else None


def _scales(node: fx.Node, heard: list[fx.Node]) -> bool:
    """Whether it multiplies by numbers that no relevance goes to."""
    return short(node) in _SCALED and len(heard) == 1 and (short(node) != "div" or node.args[0] is heard[0])


def _is_gate(node: fx.Node) -> bool:
    """Whether it is a logistic function, a part of one, or what is missing to 1."""
    while short(node) in MOVED | {"sub", "rsub"} and len(node.all_input_nodes) == 1:
        (node,) = node.all_input_nodes
    return short(node) == "sigmoid"


def short(node: fx.Node) -> str:
    """What an operation is called."""
    return "getitem" if node.target is operator.getitem else str(node.target).removeprefix("aten.").split(".")[0]


def name_of(node: fx.Node) -> str:
    """What the network calls the layer of an operation."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    return layer_name(*map(str, stack[-1][:2])) if stack and stack[-1][0] else short(node)


def call(node: fx.Node, values: Results) -> Any:
    """What an operation makes of what its inputs have made."""
    arguments, options = fx.node.map_arg((node.args, node.kwargs), values.__getitem__)
    return node.target(*arguments, **options)  # type: ignore[operator]


def _first(result: Any) -> Tensor:
    return result[0] if isinstance(result, tuple | list) else result
