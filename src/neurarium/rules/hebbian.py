"""Storing patterns xi in the weights of a Hopfield network of N units, by four rules.

    Hebb        w_ij = sum over patterns of xi_i xi_j
    Storkey     w_ij += (xi_i xi_j - xi_i h_ji - h_ij xi_j) / N,    h_ij = sum over k other than i, j of w_ik xi_k
    projection  W = pinv(Xi) Xi, the projection on the space that the patterns span
    dense       nothing but the patterns themselves; the weights are those of a softmax over them

All weights are symmetric, and no unit is linked to itself. Hebb's are left as whole numbers (the paper of 1982 does not
divide by N either): sums of whole numbers are exact, so a unit whose field is 0 is seen to be undecided.
"""

import math
from abc import abstractmethod
from typing import Protocol

import torch
from jaxtyping import Float
from torch import Tensor

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule

_TRIED = 4096  # patterns that are put to the test, or compared with each other, at most


class _Memory(Protocol):
    """What the rules write in."""

    patterns: Tensor
    strength: Tensor

    def code(self, rows: Tensor) -> Tensor: ...
    def once(self, state: Tensor) -> Tensor: ...


class _Linked(_Memory, Protocol):
    """What the rules of linked units write in."""

    weight: Tensor
    bias: Tensor
    slack: Tensor


class _Dense(_Memory, Protocol):
    """What dense storage writes in."""

    beta: Tensor


class Storage(Rule):
    """Rows in, patterns stored: what the rules have in common.

    Args:
        memory: The network.
    """

    usable_early = False

    def __init__(self, memory: _Memory) -> None:
        self.memory = memory

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Store the rows; say which share of the stored numbers would not stay as it is."""
        patterns = self.memory.code(batch.inputs)
        weights = torch.ones_like(patterns[:, 0]) if batch.weights is None else batch.weights
        self._keep(patterns, weights)
        self.store(patterns, weights)
        few = self.memory.patterns[:_TRIED]
        return {"loss": (self.memory.once(few) - few).square().mean() / 4}

    def end_pass(self) -> bool:
        """One pass stores everything."""
        return True

    @abstractmethod
    def store(self, patterns: Float[Tensor, "new units"], weights: Float[Tensor, "new"]) -> None:
        """Make the patterns, which are kept already, part of the weights."""

    def _keep(self, patterns: Tensor, weights: Tensor) -> None:
        """Fill rows of strength 0, which are empty, and add rows where there are too few."""
        memory = self.memory
        used = int((memory.strength > 0).sum())
        memory.patterns = torch.cat((memory.patterns[:used], patterns))
        memory.strength = torch.cat((memory.strength[:used], weights))


class _Links(Storage):
    """Rules that store in links between units.

    Args:
        memory: The network.
        zero_one: Whether units are 0 or 1, as in 1982, and not -1 or 1: sum_j w_ij V_j with V = (s + 1) / 2 is half of
            sum_j w_ij s_j + b_i with b_i = sum_j w_ij.
    """

    memory: _Linked

    def __init__(self, memory: _Linked, *, zero_one: bool = False) -> None:
        super().__init__(memory)
        self.zero_one = zero_one

    def _set(self, weight: Tensor) -> None:
        memory = self.memory
        weight = weight.to(memory.weight.dtype)
        memory.weight.copy_((weight + weight.T) / 2).fill_diagonal_(0)  # symmetric to the bit
        if self.zero_one:
            memory.bias.copy_(memory.weight.sum(1))
        # Fields below this are rounding: the unit is undecided and stays as it is.
        largest = memory.weight.abs().sum(1) + memory.bias.abs()
        memory.slack.copy_(largest.max() * torch.finfo(weight.dtype).eps * 4 + torch.finfo(weight.dtype).tiny)


class Hebb(_Links):
    """w_ij = sum xi_i xi_j: what is on together, links together; a pattern of weight 2 counts as two.

    Source: J. J. Hopfield, Neural networks and physical systems with emergent collective computational abilities,
    PNAS 79, 1982.
    """

    def store(self, patterns: Tensor, weights: Tensor) -> None:
        """Add the outer product of each pattern with itself."""
        self._set(self.memory.weight + (patterns * weights[:, None]).T @ patterns)


class Storkey(_Links):
    """Hebb's rule less what the network already says: local, one pattern at a time, and holding more.

    With w_ii = 0 and the fields f = W xi, h_ij = f_i - w_ij xi_j, so that one pattern changes the weights by
    (xi xi' - xi f' - f xi' + 2 W) / N. A weight is the size of the change.

    Source: A. Storkey, Increasing the capacity of a Hopfield network without sacrificing functionality, ICANN 1997.
    """

    def store(self, patterns: Tensor, weights: Tensor) -> None:
        """Change the weights by one pattern after the other."""
        weight, n_units = self.memory.weight.double(), patterns.shape[1]
        for pattern, size in zip(patterns.double(), (weights.double() / n_units).tolist(), strict=True):
            fields = torch.mv(weight, pattern)
            # xi xi' - xi f' - f xi' = (xi - f)(xi - f)' - f f'
            rest = pattern - fields
            weight.mul_(1 + 2 * size).addr_(rest, rest, alpha=size).addr_(fields, fields, alpha=-size).fill_diagonal_(0)
        self._set(weight)


class Projection(_Links):
    """The pseudo-inverse: each stored pattern is exactly its own field, however alike the patterns are.

    A weight above 0 stores a pattern, whatever its size.

    Source: L. Personnaz, I. Guyon and G. Dreyfus, Collective computational properties of neural networks: new learning
    mechanisms, Physical Review A 34, 1986; without links to itself: I. Kanter and H. Sompolinsky, Associative recall of
    memory without errors, Physical Review A 35, 1987.
    """

    def store(self, patterns: Tensor, weights: Tensor) -> None:
        """Project on all that is stored, this and what came before."""
        stored = self.memory.patterns.double()
        _, sizes, axes = torch.linalg.svd(stored.unique(dim=0), full_matrices=False)
        axes = axes[sizes > sizes[0] * max(stored.shape) * torch.finfo(torch.float64).eps]
        weight = axes.T @ axes
        # A unit that depends on no other has no links; what rounding leaves of them would be taken for some.
        self._set(torch.where(weight.abs() > 1e-12, weight, torch.zeros_like(weight)))


class DenseStorage(Storage):
    """The patterns as they are, and a beta at which each is told from its neighbours.

    Args:
        memory: The network.
        beta: Sharpness of the softmax; None takes it from the closest pair of different patterns. At their distance d
            the neighbours together weigh 1 % of a pattern for beta = ln(200 M) / (d² / 2); twice that leaves room for
            damage.

    Source: H. Ramsauer et al., Hopfield networks is all you need, ICLR 2021.
    """

    memory: _Dense

    def __init__(self, memory: _Dense, *, beta: float | None = None) -> None:
        super().__init__(memory)
        self.beta = beta

    def store(self, patterns: Tensor, weights: Tensor) -> None:
        """Choose beta; the patterns are kept already."""
        self.memory.beta.fill_(self._beta() if self.beta is None else self.beta)

    def _beta(self) -> float:
        stored = self.memory.patterns
        few = stored[:: -(-len(stored) // _TRIED)].double().unique(dim=0)
        gap = _least_gap(few)
        n_patterns = len(stored) if len(stored) > _TRIED else len(few)
        return 2 * math.log(200 * n_patterns) / gap if gap > 0 else 1.0


def _least_gap(patterns: Float[Tensor, "patterns units"]) -> float:
    """Half the squared distance of the closest two that differ; 0 where all are the same."""
    lengths = patterns.square().sum(1)
    least = math.inf
    for first in range(0, len(patterns), 512):
        some = slice(first, first + 512)
        gaps = (lengths[some, None] + lengths - 2 * patterns[some] @ patterns.T) / 2
        apart = gaps > 1e-9 * lengths.max()
        if bool(apart.any()):
            least = min(least, float(gaps[apart].min()))
    return least if math.isfinite(least) else 0.0
