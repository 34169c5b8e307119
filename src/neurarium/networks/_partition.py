"""The partition function of a restricted Boltzmann machine: exactly by enumeration, or by annealed importance sampling.

Exactly: with the states of one layer listed, the other layer sums itself out,

    Z = sum over h of exp(c·h + A(b + h·W)) = sum over v of exp(b·v + sum_j softplus(c + W v)_j)  (binary v),

2^n terms, in float64. Beyond, the machine is reached from the base-rate model (W = 0, visible field b0, log Z known)
through machines that lie between,

    p_beta(v) proportional to base(v) exp(((1 - beta) b0 + beta b)·v) prod_j (1 + exp(beta (c + W v)_j)),

with beta from 0 to 1; the ratios met on the way multiply to an unbiased estimate of Z / Z_0, whose logarithm lies too
low on average. The way back, from the machine to the base, gives log Z too high on average when it starts from the
machine's own law, so the two enclose it.

Sources: Salakhutdinov, R. and Murray, I. On the quantitative analysis of deep belief networks. ICML 2008.
Grosse, R., Ghahramani, Z. and Adams, R. Sandwiching the marginal likelihood using bidirectional Monte Carlo. 2015.
"""

import copy
import itertools
import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import linear

from neurarium.networks._visible_units import BernoulliUnits, VisibleUnits, softplus_sum

EXACT_UNITS = 25
"""Units of the smaller layer up to which all states are listed."""

_LOW_BITS = 9  # states whose fields are worked out together: 512 rows stay in the cache


@dataclass(frozen=True)
class LogPartition:
    """log Z, and how it was found.

    Attributes:
        value: log Z, or its estimate.
        low, high: Where it lies: both `value` where exact; else from the forward estimate less three standard errors to
            the forward or the backward one, whichever is greater, plus three.
        method: "exact" or "annealed importance sampling".
        forward, backward: The two estimates of log Z; both `value` where exact.
    """

    value: float
    low: float
    high: float
    method: Literal["exact", "annealed importance sampling"]
    forward: float
    backward: float


def log_partition(machine: Any, *, chains: int, steps: int) -> LogPartition:
    """log Z of a machine, exactly where a layer has at most 25 binary units; draws from torch's current stream."""
    if _smaller_layer(machine) <= EXACT_UNITS:
        value = enumerated(machine)
        return LogPartition(value, value, value, "exact", value, value)
    return annealed(machine, chains=chains, steps=steps)


def _smaller_layer(machine: Any) -> int:
    n_hidden, n_visible = machine.weight.shape
    return min(n_hidden, n_visible) if isinstance(machine.units, BernoulliUnits) else n_hidden


@torch.no_grad()
def enumerated(machine: Any, *, over: Literal["smaller", "hidden", "visible"] = "smaller") -> float:
    """log Z by listing all states of one layer, in float64."""
    weight, b, c = (each.double() for each in (machine.weight, machine.visible_bias, machine.hidden_bias))
    units = copy.deepcopy(machine.units).double()
    if over == "smaller":
        visible = isinstance(units, BernoulliUnits) and weight.shape[1] < weight.shape[0]
        over = "visible" if visible else "hidden"
    if over == "visible":
        return _log_sum(weight.T, b, c, softplus_sum)
    return _log_sum(weight, c, b, units.log_normaliser)


def _log_sum(weight: Tensor, bias: Tensor, other_bias: Tensor, log_normaliser: Any) -> float:
    """log sum over binary s of exp(bias·s + log_normaliser(other_bias + s·weight)), block by block."""
    n = len(bias)
    low = min(n, _LOW_BITS)
    states = _all_states(low, bias)
    fields, energies = other_bias + states @ weight[:low], states @ bias[:low]
    total = bias.new_full((), -torch.inf)
    for block in range(2 ** (n - low)):
        bits = bias.new_tensor([block >> i & 1 for i in range(n - low)])
        terms = energies + bits @ bias[low:] + log_normaliser(fields + bits @ weight[low:])
        total = torch.logaddexp(total, terms.logsumexp(0))
    return float(total)


def _all_states(n: int, like: Tensor) -> Tensor:
    """(2^n, n) all rows of zeros and ones."""
    return (torch.arange(2**n, device=like.device)[:, None] >> torch.arange(n, device=like.device) & 1).to(like.dtype)


class _Ladder:
    """The machines between the base-rate model and the machine, and the ratios of their unnormalised probabilities."""

    def __init__(self, machine: Any) -> None:
        self.units: VisibleUnits = machine.units
        self.weight, self.b, self.c = machine.weight, machine.visible_bias, machine.hidden_bias
        self.base = machine.base_field
        self.log_z_base = float(self.units.log_normaliser(self.base[None])) + len(self.c) * math.log(2)

    def hidden_field(self, visible: Tensor) -> Tensor:
        return linear(visible, self.weight, self.c)

    def log_ratio(self, visible: Tensor, field: Tensor, at: float, to: float) -> Tensor:
        """log of how much likelier, before normalising, `visible` is at beta = `to` than at `at`."""
        moved = (to - at) * (visible @ (self.b - self.base)) + softplus_sum(to * field) - softplus_sum(at * field)
        return moved.double()

    def turn(self, field: Tensor, beta: float) -> Tensor:
        """One Gibbs step at beta from the hidden field of the visible state."""
        p = (beta * field).sigmoid()
        hidden = torch.rand_like(p).lt_(p)
        return self.units.sample(torch.lerp(self.base, self.b + hidden @ self.weight, beta))

    def climb(self, visible: Tensor, betas: list[float]) -> tuple[Tensor, Tensor]:
        """Walk along `betas` from states drawn at the first: the last states, and log weights."""
        total = visible.new_zeros(len(visible), dtype=torch.float64)
        for at, to in itertools.pairwise(betas):
            field = self.hidden_field(visible)
            total += self.log_ratio(visible, field, at, to)
            visible = self.turn(field, to)
        return visible, total


def _betas(steps: int) -> list[float]:
    """From 0 to 1, closer together towards both ends, where the ratios change fastest."""
    return [t * t * (3 - 2 * t) for t in (i / steps for i in range(steps + 1))]


@torch.no_grad()
def annealed(machine: Any, *, chains: int, steps: int) -> LogPartition:
    """log Z by annealed importance sampling, there and back, from torch's current stream.

    The way back starts from the ends of the way there, drawn by their weights and moved on at beta = 1 for a tenth of
    the steps: as near to the machine's own law as can be had without knowing it.
    """
    ladder = _Ladder(machine)
    betas = _betas(steps)
    start = ladder.units.sample(ladder.base.repeat(chains, 1))
    ends, up = ladder.climb(start, betas)
    ends = ends[torch.multinomial((up - up.max()).exp(), chains, replacement=True)]
    for _ in range(max(1, steps // 10)):
        ends = ladder.turn(ladder.hidden_field(ends), 1.0)
    _, down = ladder.climb(ends, betas[::-1])
    forward, spread = _log_mean(up)
    backward, spread_back = _log_mean(down)
    forward, backward = ladder.log_z_base + forward, ladder.log_z_base - backward
    high = max(forward + 3 * spread, backward + 3 * spread_back)
    return LogPartition(forward, forward - 3 * spread, high, "annealed importance sampling", forward, backward)


def _log_mean(log_weights: Tensor) -> tuple[float, float]:
    """log of the mean of the weights, and its standard error."""
    top = log_weights.max()
    weights = (log_weights - top).exp()
    mean = weights.mean()
    error = weights.std() / mean / math.sqrt(len(weights))
    return float(top + mean.log()), float(error)


@torch.no_grad()
def annealed_states(machine: Any, n: int, steps: int, given: Tensor | None) -> Tensor:
    """States of the visible layer: up the ladder from the base-rate model for half of the steps, then at beta = 1.

    Climbing finds the valleys of the energy more evenly than a chain that starts from noise.
    """
    ladder = _Ladder(machine)

    def held(visible: Tensor) -> Tensor:
        return visible if given is None else ladder.units.hold(visible, given)

    visible = held(ladder.units.sample(ladder.base.repeat(n, 1)))
    for step in range(steps):
        visible = held(ladder.turn(ladder.hidden_field(visible), min(1.0, 2 * (step + 1) / steps)))
    return visible
