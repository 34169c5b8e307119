"""Relevance through Gaussian units: φ(x) = exp(-e(x)) with e a polynomial of second degree, such as |x - c|² / (2 σ²).

A Gaussian unit is no sum of parts, and a distance of 0, where it answers most, leaves nothing to be shared in
proportion. But beside a row b that says nothing its answer has grown, φ(x) - φ(b), because x lies nearer to the centre,
and that is a sum: column i has taken

    s_i = ((b_i - c_i)² - (x_i - c_i)²) / (2 σ²),        Σ_i s_i = log φ(x) - log φ(b),

from the exponent. So of the relevance R of the unit, what it says to b too, R φ(b) / φ(x), is kept as biases keep
theirs, and the rest is handed on in proportion to s_i:

    R_i = R / φ(x) · s_i · (φ(x) - φ(b)) / (log φ(x) - log φ(b)).

A column that brings the row nearer to the centre of a unit that speaks for the class speaks for the class. Sharing by
(x_i - c_i)² would conserve too, but give most to the column that fits least: on digits, flipping them by this rule
leaves an area (`compare_flipping.py`) of 0.09, by that one of 0.35, in random order of 0.28. The quotient is the
logarithmic mean of both answers, so nothing is ever divided by 0. The rule is ours, in the manner of DeepLIFT's rescale
rule: "Learning important features through propagating activation differences" (Shrikumar, Greenside and Kundaje,
2017), https://arxiv.org/abs/1704.02685.

s_i comes from two gradients, s_i = ½ (x_i - b_i) (∂_i log φ(x) + ∂_i log φ(b)): of second degree that is exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, fx

from neurarium.views.relevance_rules import MOVED, Results, call, short

_BOUNDS = frozenset(["clamp", "clamp_min", "clamp_max"])
_LINEAR = MOVED | _BOUNDS | {"sum", "mean", "add", "sub", "rsub", "neg", "div", "addmm"}
_SQUARED = frozenset(["pow", "mul", "mm"])
_NEAR = 0.01
"""Difference of exponents below which their logarithmic mean comes from its series."""


@dataclass(frozen=True)
class Bumps:
    """Gaussian units of a graph.

    Attributes:
        unit: The exponential.
        inside: The operations between the input and it.
        source: The input, as far as it has been rescaled alone.
        base: What that is for the row that says nothing.
    """

    unit: fx.Node
    inside: list[fx.Node]
    source: fx.Node
    base: Tensor

    @classmethod
    def found(cls, unit: fx.Node, heard: Mapping[fx.Node, list[fx.Node]], values: Results) -> "Bumps | None":
        """Gaussian units that end in an exponential, or None where its exponent is of another kind.

        Args:
            unit: The exponential.
            heard: For each operation but those that rescale the input: which of its inputs relevance may go to.
            values: What everything is for the row that says nothing.
        """
        inside: list[fx.Node] = []
        sources: set[fx.Node] = set()
        waiting, squares = [*unit.all_input_nodes], 0
        while waiting:
            node = waiting.pop()
            if node in inside:
                continue
            if node not in heard:
                sources.add(node)
                continue
            several = len(heard[node]) > 1
            squares += short(node) == "pow" or (short(node) in ("mul", "mm") and several)
            if short(node) not in _LINEAR | _SQUARED or (short(node) == "pow" and node.args[1] != 2) or squares > 1:
                return None
            inside.append(node)
            waiting.extend(heard[node])
        if len(sources) != 1:
            return None
        (source,) = sources
        return cls(unit, [each for each in heard if each in inside], source, values[source])

    def handed(self, values: Results, relevance: Tensor) -> Tensor:
        """The relevance of the input.

        Args:
            values: What everything is for the row.
            relevance: Of the units.
        """
        x, base = values[self.source], self.base.expand_as(values[self.source])
        with torch.enable_grad():
            places = [each.detach().requires_grad_() for each in (x, base)]
            exponents = [self._exponent(values, place) for place in places]
            rise = (exponents[0] - exponents[1]).detach()
            there, here = values[self.unit], exponents[1].detach().exp()
            near = rise.abs() < _NEAR
            mean = torch.where(
                near, here * (1 + rise / 2 + rise.square() / 6), (there - here) / torch.where(near, 1.0, rise)
            )
            slopes = torch.autograd.grad(exponents, places, [relevance / there * mean] * 2)
        return (x - base) * (slopes[0] + slopes[1]) / 2

    def _exponent(self, values: Results, source: Tensor) -> Tensor:
        """The exponent without the bounds that keep it from denormal numbers."""
        values = {**values, self.source: source}
        for node in self.inside:
            values[node] = values[node.args[0]] if short(node) in _BOUNDS else call(node, values)  # type: ignore[index]
        return values[self.unit.args[0]]  # type: ignore[index]
