"""Competitive learning on a lattice: the unit nearest to a row wins, and it learns together with its neighbours.

Let m_i be the units, c(x) the winner of row x, the unit with the smallest |x - m_i|, and h_ci the neighbourhood, 1 at
the winner and falling off with the distance on the lattice. Kohonen's rule moves the map with every row,

    m_i <- m_i + rate h_ci (x - m_i),

and his batch rule jumps to where that has no drift, given the winners of all rows and their weights w,

    m_i = sum_x w h_ci x / sum_x w h_ci = sum_j h_ji S_j / sum_j h_ji N_j,

with S_j the sum of the rows that j has won and N_j their number: one pass over the rows for S and N, and one small
product for the neighbourhood. Radius and rate fall as the fit goes on.

Values that are missing (NaN) take no part: a row is compared, and a unit moved, in the coordinates that are there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule

Neighbourhood = Literal["gaussian", "cut gaussian", "bubble"]

_BLOCK = 2**21  # numbers of a block of rows, or of its scores: near the cache, and few steps for threads to wait at
_TOGETHER = 32  # online updates that are carried out together
_ROUNDING = 1e-9  # distances on a hexagonal lattice are whole numbers but for rounding
_LEFT_OUT = 1e-6  # of the longest unit: a product of some hundred terms in single precision rounds away as much
_TINY = torch.finfo(torch.float64).tiny


class Map(Protocol):
    """What a rule needs of a map."""

    @property
    def codebook(self) -> Tensor:
        """(units, features) the units, in the rows' own numbers."""

    @property
    def centre(self) -> Tensor:
        """(features,) about the middle of the rows: differences to it keep their digits in inner products."""

    @property
    def spread(self) -> Tensor:
        """() the mean square of the distance from a row to its winner."""

    @property
    def known(self) -> Tensor:
        """(features,) 1 for a column that has ever held a value, 0 for others."""


@dataclass(frozen=True)
class Falling:
    """A number on its way from its first to its last value: by equal factors in equal times, evenly when one is 0."""

    first: float
    last: float

    def at(self, share: Tensor | float) -> Tensor:
        """Its value when this share of the time, 0 to 1, has passed."""
        share = torch.as_tensor(share, dtype=torch.float64).clamp(0, 1)
        if min(self.first, self.last) <= 0:
            return self.first + (self.last - self.first) * share
        return self.first * (self.last / self.first) ** share


def influence(kind: Neighbourhood, distance: Float[Tensor, "..."], radius: Tensor) -> Float[Tensor, "..."]:
    """How much a unit learns, for each distance from the winner: 1 at distance 0; the winner alone with radius 0.

    Args:
        kind: "gaussian" exp(-d² / 2 r²), "bubble" 1 up to the radius and 0 beyond, "cut gaussian" their product.
        distance: On the lattice.
        radius: 0-d, or of a shape that goes with `distance`.
    """
    inside = (distance <= radius + _ROUNDING).to(distance.dtype)
    if kind == "bubble":
        return inside
    gaussian = torch.exp(-0.5 * (distance / radius.clamp(min=_ROUNDING)) ** 2)
    return gaussian * inside if kind == "cut gaussian" else gaussian


def centred(
    rows: Float[Tensor, "batch features"], centre: Float[Tensor, "features"]
) -> tuple[Float[Tensor, "batch features"], Bool[Tensor, "batch features"] | None]:
    """Rows as differences to the centre, 0 where a value is missing; and which values are there, None for all."""
    rows = rows - centre
    if not torch.isnan(rows.sum()):
        return rows, None
    return rows.nan_to_num(0.0), ~torch.isnan(rows)


class Search:
    """Looks for the nearest units: |x - m|² - |x|² = |m|² - 2 x·m for all of them by one matrix product.

    While the neighbourhood is wide, units differ little from their neighbours and lie near a subspace of far fewer
    dimensions than there are units (47 for a map of 400 with radius 5). The product may then go through that subspace,
    where what this leaves out is less than single precision rounds away.

    Args:
        codebook: Units as differences to the centre.
        smooth: Whether to look for such a subspace.
    """

    def __init__(self, codebook: Float[Tensor, "units features"], *, smooth: bool = False) -> None:
        self._squares = codebook.square()
        self._bias = self._squares.sum(1)
        self._factors = _factors(codebook) if smooth else [codebook.T]

    def scores(
        self, rows: Float[Tensor, "batch features"], present: Bool[Tensor, "batch features"] | None
    ) -> Float[Tensor, "batch units"]:
        """|x - m|² - |x|², over the values that are there, of rows as differences to the centre."""
        *first, last = self._factors
        bias = self._bias if present is None else present.to(rows.dtype) @ self._squares.T
        for factor in first:
            rows = rows @ factor
        return torch.addmm(bias, rows, last, alpha=-2)


def _factors(codebook: Float[Tensor, "units features"]) -> list[Tensor]:
    """One or two matrices whose product is the transposed codebook, whichever is cheaper to multiply by."""
    exact = codebook.double()
    values, vectors = torch.linalg.eigh(exact @ exact.T)  # rising
    without = (vectors.square() * values.clamp(min=0)).cumsum(1).amax(0)  # what the worst unit loses with the first k
    rank = int((without > _LEFT_OUT**2 * exact.square().sum(1).max()).sum())
    units, features = codebook.shape
    if rank * (units + features) > 0.8 * units * features:
        return [codebook.T]
    basis = vectors[:, units - max(1, rank) :]
    return [(exact.T @ basis).to(codebook.dtype), basis.T.to(codebook.dtype).contiguous()]


def nearest_two(scores: Float[Tensor, "... units"]) -> tuple[Float[Tensor, "... 2"], Int[Tensor, "... 2"]]:
    """The smallest two scores and whose they are; the only unit twice where there is no other."""
    if scores.shape[-1] == 1:
        twice = scores.expand(*scores.shape[:-1], 2)
        return twice, torch.zeros_like(twice, dtype=torch.long)
    values, best = scores.topk(2, largest=False)
    return values, best


def block_size(n_units: int, n_features: int) -> int:
    """Rows to compare with the map at once."""
    return max(16, _BLOCK // max(n_units, n_features))


class MapRule(Rule):
    """What both ways of learning share: the neighbourhood, how much of the schedule has passed, and the two errors.

    The errors of a step are those of the map that its rows met, before they moved it.

    Args:
        module: The map.
        distances: Between the units, on the lattice.
        touching: Which units are neighbours.
        neighbourhood: Its form.
        radius: Its width on the lattice.
        progress: How much of the schedule has passed already, 0 to 1.
    """

    def __init__(
        self,
        module: Map,
        *,
        distances: Float[Tensor, "units units"],
        touching: Bool[Tensor, "units units"],
        neighbourhood: Neighbourhood,
        radius: Falling,
        progress: float = 0.0,
    ) -> None:
        self.module = module
        self.distances = distances
        self.touching = touching
        self.neighbourhood = neighbourhood
        self.radius = radius
        self.progress = progress
        self._tally = distances.new_zeros(4)

    def _errors(self, square: Tensor, best: Int[Tensor, "batch 2"], weights: Tensor | None) -> Float[Tensor, "4"]:
        """Sums over rows, from their squared distance to the winner: distance, its square, folds, weight."""
        square = square.double().clamp(min=0)
        fold = ~self.touching[best[:, 0], best[:, 1]]
        each = torch.stack([square.sqrt(), square, fold.double(), torch.ones_like(square)])
        return each.sum(1) if weights is None else each @ weights.double()

    def _report(self, errors: Float[Tensor, "4"]) -> Metrics:
        self._tally += errors
        weight = errors[3].clamp(min=_TINY)
        return {"loss": errors[0] / weight, "topographic_error": errors[2] / weight}

    def end_pass(self) -> bool:
        """Note how far rows lie from their winners."""
        self.module.spread.copy_(self._tally[1] / self._tally[3].clamp(min=_TINY))
        self._tally.zero_()
        return False

    @torch.no_grad()
    def evaluate(self, batch: Batch) -> Tensor:
        """The quantisation error: the mean distance from a row to its winner."""
        centre, total = self.module.centre, torch.zeros_like(self._tally)
        search = Search(self.module.codebook - centre)
        for inputs, weights in _blocks(batch, len(self.distances)):
            rows, present = centred(inputs, centre)
            rows = rows * self.module.known
            values, best = nearest_two(search.scores(rows, present))
            total += self._errors(values[:, 0] + rows.square().sum(1), best, weights)
        return total[0] / total[3].clamp(min=_TINY)

    def state_dict(self) -> dict[str, Any]:
        """How much of the schedule has passed, and the errors of this pass."""
        return {"progress": self.progress, "tally": self._tally}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.progress = state["progress"]
        self._tally = state["tally"].to(self._tally.device)


class BatchMap(MapRule):
    """Kohonen's batch rule: all rows find their winners, then each unit becomes the mean of its neighbourhood's rows.

    Steps gather sums, in double precision, and the map moves at the end of a pass: the size of the steps changes no
    result. There is no rate. A unit in whose neighbourhood no row lies stays where it is.

    Args:
        passes: Passes over the rows in which the radius falls: pass p of P, from 0 on, has that of the share p / P.
        module, distances, touching, neighbourhood, radius, progress: See `MapRule`.

    Source: Kohonen, T.: Self-Organizing Maps, third edition, Springer, 2001, section 3.6.
    """

    def __init__(self, module: Map, *, passes: int, **shared: Any) -> None:
        super().__init__(module, **shared)
        self._passes = passes
        self._passed = round(self.progress * passes)
        self._sums = torch.zeros_like(module.codebook, dtype=torch.float64, requires_grad=False)
        self._counts = torch.zeros_like(self._sums[:, :1])  # (units, features) once a value was missing
        self._search: Search | None = None

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Let rows find their winners, and add them up there."""
        centre, search = self.module.centre, self._search or self._begin_pass(batch.n_rows)
        errors, part = torch.zeros_like(self._tally), torch.zeros_like(self.module.codebook)
        for number, (inputs, weights) in enumerate(_blocks(batch, len(part)), 1):
            rows, present = centred(inputs, centre)
            values, best = nearest_two(search.scores(rows, present))
            square = values[:, 0] + torch.linalg.vector_norm(rows, dim=1).square()
            errors += self._errors(square, best, weights)
            part.index_add_(0, best[:, 0], rows if weights is None else rows * weights[:, None])
            self._count(best[:, 0], present, weights)
            if number % 8 == 0:  # few enough terms for single precision
                self._sums += part
                part.zero_()
        self._sums += part
        return self._report(errors)

    def _begin_pass(self, n_rows: int) -> Search:
        codebook = self.module.codebook - self.module.centre
        units, features = codebook.shape
        last = float(self.radius.at((self._passed - 1) / self._passes)) if self._passed else torch.inf
        # The subspace is worth its eigenvalues where these are few beside the rows, and the units were made smooth.
        few = units**2 < n_rows * features / 200 and min(units, features) > 16
        self._search = Search(codebook, smooth=codebook.dtype == torch.float32 and few and last > 1.5)
        return self._search

    def _count(self, winners: Int[Tensor, "batch"], present: Tensor | None, weights: Tensor | None) -> None:
        if present is None:
            self._counts = self._counts + torch.bincount(winners, weights, minlength=len(self._sums))[:, None]
            return
        there = present.double() if weights is None else present * weights.double()[:, None]
        self._counts = (self._counts + torch.zeros_like(self._sums)).index_add_(0, winners, there)

    @torch.no_grad()
    def end_pass(self) -> bool:
        """Move the map."""
        radius = self.radius.at(self._passed / self._passes).to(self.distances.device)
        h = influence(self.neighbourhood, self.distances, radius)
        sums, counts = h @ self._sums, h @ self._counts
        reached = counts > 0
        means = sums / counts.where(reached, torch.ones_like(counts)) + self.module.centre
        codebook = self.module.codebook
        codebook.copy_(torch.where(reached, means.to(codebook.dtype), codebook))
        self._sums.zero_()
        self._counts = torch.zeros_like(self._sums[:, :1])
        self._search = None
        self._passed += 1
        self.progress = min(1.0, self._passed / self._passes)
        return super().end_pass()

    def state_dict(self) -> dict[str, Any]:
        """The schedule, and what this pass has gathered."""
        return {**super().state_dict(), "passed": self._passed, "sums": self._sums, "counts": self._counts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        super().load_state_dict(state)
        self._passed, device = state["passed"], self._sums.device
        self._sums, self._counts = state["sums"].to(device), state["counts"].to(device)
        self._search = None


class OnlineMap(MapRule):
    """Kohonen's first rule: every row, as it comes, draws its winner and the winner's neighbours a little nearer.

    m_i <- m_i + rate h_ci (x - m_i), and a row of weight w as if it came w times in a row.

    The updates of some rows are carried out together, with the same result as one after the other: an update mixes
    each unit with one row, m_i <- (1 - a_i) m_i + a_i x_k, so that its inner products with the rows to come can be
    mixed in its place, m_i·x_l <- (1 - a_i) m_i·x_l + a_i x_k·x_l, and the units are moved once, by a matrix product.

    Args:
        rate: How far the winner goes towards a row, 0 to 1.
        updates: Rows over which radius and rate fall.
        module, distances, touching, neighbourhood, radius, progress: See `MapRule`.

    Source: Kohonen, T.: Self-organized formation of topologically correct feature maps, Biological Cybernetics 43,
        1982.
    """

    def __init__(self, module: Map, *, rate: Falling, updates: int, **shared: Any) -> None:
        super().__init__(module, **shared)
        self._rate = rate
        self._updates = updates
        # A lattice has few different distances: the neighbourhood is computed for those, and looked up for the units.
        rounded, which = self.distances.round(decimals=9).unique(return_inverse=True)
        self._different = torch.zeros_like(rounded).scatter_reduce_(
            0, which.flatten(), self.distances.flatten(), "amax"
        )
        self._which = which.int()
        self._all_known = bool(module.known.all())

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Learn from the rows, one after the other."""
        self._meet_new_columns(batch.inputs)
        centre, errors = self.module.centre, torch.zeros_like(self._tally)
        codebook = self.module.codebook - centre
        for first in range(0, batch.n_rows, _TOGETHER):
            rows, present = centred(batch.inputs[first : first + _TOGETHER], centre)
            weights = None if batch.weights is None else batch.weights[first : first + _TOGETHER]
            pulls = self._pulls(len(rows), weights).to(codebook.dtype)
            if present is None:
                square, best = self._together(codebook, rows, pulls)
            else:
                square, best = self._one_by_one(codebook, rows, present, pulls)
            errors += self._errors(square, best, weights)
        self.module.codebook.copy_(codebook + centre)
        return self._report(errors)

    def _pulls(self, n_rows: int, weights: Tensor | None) -> Float[Tensor, "batch different"]:
        """rate h, for each of the coming rows and each distance on the lattice."""
        share = self.progress + torch.arange(n_rows, dtype=torch.float64) / self._updates
        self.progress = min(1.0, self.progress + n_rows / self._updates)
        rate, radius = (falling.at(share).to(self._different.device)[:, None] for falling in (self._rate, self.radius))
        pulls = rate * influence(self.neighbourhood, self._different, radius)
        return pulls if weights is None else 1 - (1 - pulls) ** weights.double()[:, None]

    def _together(
        self, codebook: Float[Tensor, "units features"], rows: Float[Tensor, "batch features"], pulls: Tensor
    ) -> tuple[Float[Tensor, "batch"], Int[Tensor, "batch 2"]]:
        """Updates by these rows that leave the units alone until the last; squared distances met, nearest two."""
        n, gram, one = len(rows), rows @ rows.T, rows.new_ones(1)
        squares = gram.diagonal()
        # Row l of the state: m·x_l until x_l has come, then the share of x_l in m; row n: |m|²; row n + 1: the share
        # of the first m. An update mixes each with a target: x_k·x_l for those to come, 1 for x_k, 0 for the past.
        state = torch.cat([rows @ codebook.T, codebook.square().sum(1)[None], one.expand(1, len(codebook))])
        target = torch.cat([gram.triu(1) + one.expand(n).diag(), squares[:, None], torch.zeros_like(rows[:, :1])], 1)
        norms, met, winners = state[n], [], []
        for inner, square, goal, pull in zip(
            state[:n].unbind(), squares.unbind(), target[:, :, None].unbind(), pulls.unbind(), strict=True
        ):
            score = torch.sub(norms, inner, alpha=2)
            values, best = nearest_two(score)
            a = pull.index_select(0, self._which.index_select(0, best[:1])[0])
            inner.zero_()
            state.lerp_(goal, a)
            # |(1-a) m + a x|² = (1-a) |m|² + a |x|² - a (1-a) |x - m|², of which the last term is still to come
            norms.addcmul_(score.add_(square), torch.addcmul(a, a, a, value=-1), value=-1)
            met.append(values)
            winners.append(best)
        codebook.mul_(state[n + 1][:, None]).addmm_(state[:n].T, rows)
        return torch.stack(met)[:, 0] + squares, torch.stack(winners)

    def _one_by_one(
        self, codebook: Float[Tensor, "units features"], rows: Tensor, present: Tensor, pulls: Tensor
    ) -> tuple[Float[Tensor, "batch"], Int[Tensor, "batch 2"]]:
        """The same where values are missing: each update in the coordinates that are there."""
        met, winners = [], []
        for row, there, pull in zip(rows, present, pulls, strict=True):
            away = (row - codebook) * there
            values, best = nearest_two(away.square().sum(1))
            a = pull.index_select(0, self._which.index_select(0, best[:1])[0])
            codebook.addcmul_(away, a[:, None])
            met.append(values)
            winners.append(best)
        return torch.stack(met)[:, 0], torch.stack(winners)

    def _meet_new_columns(self, rows: Tensor) -> None:
        """A column that holds its first values ever starts at their mean, in all units."""
        if self._all_known:
            return
        fresh = (self.module.known == 0) & ~torch.isnan(rows).all(0)
        mean = rows.nanmean(0).nan_to_num(0.0)
        self.module.centre.copy_(torch.where(fresh, mean, self.module.centre))
        self.module.codebook.copy_(torch.where(fresh, mean, self.module.codebook))
        self.module.known.masked_fill_(fresh, 1)


def _blocks(batch: Batch, n_units: int) -> Iterator[tuple[Tensor, Tensor | None]]:
    """The rows and their weights, in blocks that stay in the processor's cache together with their scores."""
    size = block_size(n_units, batch.inputs[0].numel())
    for first in range(0, batch.n_rows, size):
        weights = None if batch.weights is None else batch.weights[first : first + size]
        yield batch.inputs[first : first + size], weights
