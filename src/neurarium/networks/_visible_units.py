"""Visible layers of a restricted Boltzmann machine: what kind of number a visible unit can show.

Each kind is an exponential family: given the field f = b + h·W that the hidden units cause,

    p(v | f) = base(v) exp(v·f - A(f)),

with its own base measure and log-normaliser A. Everything else in the machine - its energy, its gradient, its partition
function - is the same for all kinds.
"""

from abc import ABC, abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pad, softplus

from neurarium.core.scaling import Standardise


class VisibleUnits(nn.Module, ABC):
    """One kind of visible unit. Its parameters, if any, are learnt from `statistics`.

    Args:
        n_units: Columns of a row.
    """

    def __init__(self, n_units: int) -> None:
        super().__init__()
        self.n_units = n_units

    @property
    def is_grey(self) -> bool:
        """Whether the rows it was fitted on held probabilities rather than states."""
        return False

    def fit(self, rows: Float[Tensor, "n visible"], weights: Float[Tensor, " n"] | None = None) -> None:
        """Learn the scaling from rows in the caller's units."""

    def scale(self, rows: Float[Tensor, "n visible"]) -> Float[Tensor, "n visible"]:
        """From the caller's units to what the units show."""
        return rows

    def unscale(self, visible: Float[Tensor, "n visible"]) -> Float[Tensor, "n visible"]:
        """Back to the caller's units."""
        return visible

    def log_stretch(self) -> Tensor | float:
        """log |dv/dx| of the scaling, which a density in the caller's units carries."""
        return 0.0

    @abstractmethod
    def base_field(
        self, visible: Float[Tensor, "n visible"], weights: Float[Tensor, " n"] | None
    ) -> Float[Tensor, " visible"]:
        """The field under which independent units show these means: the base-rate model."""

    def log_base(self, visible: Float[Tensor, "n visible"]) -> Float[Tensor, " n"]:
        """log base(v)."""
        return visible.new_zeros(len(visible))

    @abstractmethod
    def log_normaliser(self, field: Float[Tensor, "n visible"]) -> Float[Tensor, " n"]:
        """A(f) = log of the sum, or the integral, of base(v) exp(v·f)."""

    @abstractmethod
    def mean(self, field: Float[Tensor, "n visible"]) -> Float[Tensor, "n visible"]:
        """The mean of v given f."""

    @abstractmethod
    def noise(self, field: Tensor) -> Tensor:
        """What `draw` needs, from torch's current stream."""

    @abstractmethod
    def draw(self, field: Float[Tensor, "n visible"], noise: Tensor) -> Float[Tensor, "n visible"]:
        """v drawn from p(v | f): the same noise gives the same v."""

    def sample(self, field: Float[Tensor, "n visible"]) -> Float[Tensor, "n visible"]:
        """v drawn from p(v | f) with torch's current stream."""
        return self.draw(field, self.noise(field))

    def hold(self, visible: Float[Tensor, "n visible"], given: Float[Tensor, " visible"]) -> Float[Tensor, "n visible"]:
        """`visible` with the units that are given, those not NaN, set to what they are given."""
        return torch.where(given.isnan(), visible, given)

    def statistics(self, visible: Float[Tensor, "n visible"]) -> tuple[Tensor, ...]:
        """d log base(v) / d parameter for each parameter of the units."""
        return ()

    @abstractmethod
    def surprise(
        self, visible: Float[Tensor, "n visible"], weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor
    ) -> Float[Tensor, " n"]:
        """How badly the machine predicts each row, by a proper score that needs no partition function."""


def softplus_sum(x: Float[Tensor, "n m"]) -> Float[Tensor, " n"]:
    """The sum of log(1 + exp(x)) over the last axis: one logarithm for many factors, each between 1 and 2."""
    room = 1000 if x.dtype == torch.float64 else 100  # 2^1024 and 2^128 are the largest numbers
    factors = x.abs().neg().exp() + 1
    return x.clamp_min(0).sum(-1) + torch.stack([part.prod(-1).log() for part in factors.split(room, -1)]).sum(0)


def _means(rows: Tensor, weights: Tensor | None) -> Tensor:
    return rows.mean(0) if weights is None else weights @ rows / weights.sum()


def _some(n: int) -> list[int]:
    """At most 64 of n places, evenly spread: enough to compare passes by, and cheap."""
    return sorted(set(torch.linspace(0, n - 1, min(n, 64)).round().int().tolist()))


class BernoulliUnits(VisibleUnits):
    """Units that are 0 or 1; numbers between are read as the probability of a 1.

    Each column is brought to [0, 1] by its least and its greatest value; what lies outside later is clipped, and a
    constant column is always 0.

    Args:
        n_units: Columns of a row.
    """

    grey: Tensor
    minimum: Tensor
    range: Tensor
    divisor: Tensor

    def __init__(self, n_units: int) -> None:
        super().__init__(n_units)
        self.register_buffer("minimum", torch.zeros(n_units))
        self.register_buffer("range", torch.ones(n_units))
        self.register_buffer("divisor", torch.ones(n_units))
        self.register_buffer("grey", torch.zeros((), dtype=torch.bool))

    @property
    def is_grey(self) -> bool:
        """Whether a value lay between the ends of its column."""
        return bool(self.grey)

    @torch.no_grad()
    def fit(self, rows: Tensor, weights: Tensor | None = None) -> None:
        """Take the range, and whether there is anything between its ends, from rows."""
        rows = rows if weights is None else rows[weights > 0]
        self.minimum.copy_(rows.amin(0))
        self.range.copy_(rows.amax(0) - self.minimum)
        self.divisor.copy_(torch.where(self.range > 0, self.range, 1))
        self.grey.copy_(((rows != self.minimum) & (rows != self.minimum + self.range)).any())

    def scale(self, rows: Tensor) -> Tensor:
        """To [0, 1]."""
        return (rows - self.minimum).div_(self.divisor).clamp_(0, 1)

    def unscale(self, visible: Tensor) -> Tensor:
        """Back to the caller's range."""
        return visible * self.range + self.minimum

    def base_field(self, visible: Tensor, weights: Tensor | None) -> Tensor:
        """log odds of the means, half a row of each kind added so that they stay finite."""
        mean, n = _means(visible, weights), len(visible)
        return torch.logit((mean * n + 0.5) / (n + 1))

    def log_normaliser(self, field: Tensor) -> Tensor:
        """Sum of log(1 + exp(f))."""
        return softplus_sum(field)

    def mean(self, field: Tensor) -> Tensor:
        """sigmoid(f)."""
        return field.sigmoid()

    def noise(self, field: Tensor) -> Tensor:
        """Uniform."""
        return torch.rand_like(field)

    def draw(self, field: Tensor, noise: Tensor) -> Tensor:
        """1 where the noise is below the probability."""
        return (noise < field.sigmoid()).to(field.dtype)

    def sample(self, field: Tensor) -> Tensor:
        """As `draw`, without a copy."""
        return torch.rand_like(field).lt_(field.sigmoid())

    def surprise(self, visible: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
        """- log pseudo-likelihood: each unit predicted from all others, summed; of 64 columns where there are more."""
        a = visible @ weight.T + hidden_bias
        columns = _some(self.n_units)
        total = visible.new_zeros(len(visible))
        for i in columns:
            v, without = visible[:, i], a - visible[:, i, None] * weight[:, i]
            log_odds = visible_bias[i] + softplus_sum(without + weight[:, i]) - softplus_sum(without)
            total += softplus(log_odds) - v * log_odds
        return total * (self.n_units / len(columns))


class GaussianUnits(VisibleUnits):
    """Real numbers: v given f is normal with mean σ²f and variance σ², learnt for each column.

    Rows are standardised by column; log σ² is the parameter.

    Args:
        n_units: Columns of a row.
    """

    def __init__(self, n_units: int) -> None:
        super().__init__(n_units)
        self.standardise = Standardise((n_units,))
        self.log_variance = nn.Parameter(torch.zeros(n_units))

    def fit(self, rows: Tensor, weights: Tensor | None = None) -> None:
        """Take mean and deviation of each column."""
        self.standardise.fit(rows, weights)

    def scale(self, rows: Tensor) -> Tensor:
        """To mean 0 and variance 1."""
        return self.standardise(rows)

    def unscale(self, visible: Tensor) -> Tensor:
        """Back to the caller's units."""
        return self.standardise.inverse(visible)

    def log_stretch(self) -> Tensor:
        """- sum of the logs of the deviations."""
        return -self.standardise.scale.log().sum()

    def base_field(self, visible: Tensor, weights: Tensor | None) -> Tensor:
        """Standardised rows have mean 0."""
        return torch.zeros_like(visible[0])

    def log_base(self, visible: Tensor) -> Tensor:
        """- v² / 2σ², summed."""
        return -0.5 * (visible**2 @ (-self.log_variance).exp())

    def log_normaliser(self, field: Tensor) -> Tensor:
        """σ²f² / 2 + log(2πσ²) / 2, summed."""
        return 0.5 * (field**2 @ self.log_variance.exp() + (self.log_variance + torch.tensor(2 * torch.pi).log()).sum())

    def mean(self, field: Tensor) -> Tensor:
        """σ²f."""
        return field * self.log_variance.exp()

    def noise(self, field: Tensor) -> Tensor:
        """Normal."""
        return torch.randn_like(field)

    def draw(self, field: Tensor, noise: Tensor) -> Tensor:
        """σ²f + σ noise."""
        return self.mean(field) + noise * (0.5 * self.log_variance).exp()

    def statistics(self, visible: Tensor) -> tuple[Tensor, ...]:
        """d(- v² / 2σ²) / d log σ² = v² / 2σ²."""
        return (0.5 * visible**2 * (-self.log_variance).exp(),)

    def surprise(self, visible: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
        """Score matching (Hyvärinen 2005): half the squared slope of log p(v), plus its curvature, summed."""
        h = (visible @ weight.T + hidden_bias).sigmoid()
        precision = (-self.log_variance).exp()
        slope = h @ weight + visible_bias - visible * precision
        return 0.5 * (slope**2).sum(-1) + (h * (1 - h)) @ (weight**2).sum(-1) - precision.sum()


class SoftmaxUnits(VisibleUnits):
    """Units with several values, one of them shown: each is a group of columns, 1 for the value and 0 for the rest.

    Args:
        sizes: Columns of each group, in order.
    """

    columns: Tensor
    places: Tensor

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__(sum(sizes))
        self.sizes = sizes
        widest, first = max(sizes), [sum(sizes[:g]) for g in range(len(sizes))]
        # Groups as rows of one array; short ones end in column number n_units, which is always -inf.
        columns = [
            [at + k if k < size else self.n_units for k in range(widest)] for at, size in zip(first, sizes, strict=True)
        ]
        places = [g * widest + k for g, size in enumerate(sizes) for k in range(size)]
        self.register_buffer("columns", torch.tensor(columns))
        self.register_buffer("places", torch.tensor(places))

    def _grouped(self, field: Tensor, fill: float = -torch.inf) -> Tensor:  # (n, groups, widest)
        return pad(field, (0, 1), value=fill)[..., self.columns]

    def _flat(self, grouped: Tensor) -> Tensor:
        return grouped.flatten(-2)[..., self.places]

    def totals(self, rows: Tensor) -> Tensor:
        """The sum of each group, which is 1 for a row that can be shown, (n, groups)."""
        return self._grouped(rows, 0.0).sum(-1)

    def base_field(self, visible: Tensor, weights: Tensor | None) -> Tensor:
        """log shares of the values, one row of equal shares added so that they stay finite."""
        mean, n = _means(visible, weights), len(visible)
        even = self.mean(torch.zeros_like(visible[0]))
        return ((mean * n + even) / (n + 1)).log()

    def log_normaliser(self, field: Tensor) -> Tensor:
        """log of the sum of exp(f) in each group, summed."""
        return self._grouped(field).logsumexp(-1).sum(-1)

    def mean(self, field: Tensor) -> Tensor:
        """The softmax of each group."""
        return self._flat(self._grouped(field).softmax(-1))

    def noise(self, field: Tensor) -> Tensor:
        """Gumbel."""
        return -torch.empty_like(field).exponential_().log()

    def draw(self, field: Tensor, noise: Tensor) -> Tensor:
        """The value whose field and Gumbel noise together are greatest is drawn with its softmax probability."""
        tops = self._grouped(field + noise)
        return self._flat((tops == tops.amax(-1, keepdim=True)).to(field.dtype))

    def hold(self, visible: Tensor, given: Tensor) -> Tensor:
        """A group is held when one of its columns is given as 1, or all are given."""
        groups = self._grouped(given, 0.0)
        shown = (groups == 1).any(-1, keepdim=True)
        held = self._flat(torch.where(shown & groups.isnan(), 0, groups))
        return super().hold(visible, held)

    def surprise(self, visible: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor:
        """- log pseudo-likelihood: each unit's value predicted from all other units, summed, of 64 units at most."""
        a = visible @ weight.T + hidden_bias
        groups = _some(len(self.sizes))
        total = visible.new_zeros(len(visible))
        for g in groups:
            here = self.columns[g, : self.sizes[g]]
            without = a - visible[:, here] @ weight[:, here].T
            field = torch.stack([visible_bias[k] + softplus_sum(without + weight[:, k]) for k in here.tolist()], -1)
            total += field.logsumexp(-1) - (visible[:, here] * field).sum(-1)
        return total * (len(self.sizes) / len(groups))
