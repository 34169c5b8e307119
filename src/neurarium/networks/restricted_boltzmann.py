"""Restricted Boltzmann machine: a visible layer and a hidden layer of binary units, no links inside a layer.

The probability of a pair is exp(-E(v, h)) / Z with the energy

    E(v, h) = - log base(v) - b·v - c·h - h·W v,

so that given one layer the units of the other are independent, and dreaming is going back and forth between the two:

    p(h = 1 | v) = sigmoid(W v + c),      v given h has the field f = b + h·W.

What a visible unit does with its field is its kind: Bernoulli units are 1 with probability sigmoid(f); of a softmax
group one unit is 1, unit k with probability proportional to exp(f_k); a Gaussian unit is normal with mean σ²f and
learnt variance σ² (log base(v) = - v² / 2σ², and 0 for the other kinds). With the hidden units summed out,

    log p(v) = - F(v) - log Z,      F(v) = - log base(v) - b·v - sum_j log(1 + exp(W v + c)_j).

Z takes a sum over all states of one layer, and is estimated where there are too many (`_partition.py`).
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, cast

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array
from torch import Tensor, nn
from torch.nn.functional import linear

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.devices import Threads
from neurarium.core.estimator import IterativeEstimator
from neurarium.core.parameters import Bound, above, at_least
from neurarium.core.randomness import Randomness, RandomState, seed_from
from neurarium.core.roles import Continuing, Encoder, Sampler, Weighted
from neurarium.core.rows import to_tensor
from neurarium.core.stages import Stage
from neurarium.networks._partition import LogPartition, annealed_states, log_partition
from neurarium.networks._visible_units import BernoulliUnits, GaussianUnits, SoftmaxUnits, VisibleUnits, softplus_sum
from neurarium.rules.contrastive_divergence import ContrastiveDivergence, PersistentContrastiveDivergence

_SAMPLING_STEPS = 1000
_RATES = {"cd": 0.2, "pcd": 0.02}
_GAUSSIAN_RATE = 0.001  # Hinton 2010, section 13.2: one or two orders of magnitude smaller


class RBMModule(nn.Module):
    """The machine itself. Rows are in the caller's units; `visible` is what the units show.

    Args:
        units: The visible layer.
        n_hidden: Units that explain it.
    """

    base_field: Tensor

    def __init__(self, units: VisibleUnits, n_hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_hidden, units.n_units))
        self.visible_bias = nn.Parameter(torch.zeros(units.n_units))
        self.hidden_bias = nn.Parameter(torch.zeros(n_hidden))
        self.register_buffer("base_field", torch.zeros(units.n_units))
        self.units = units
        self.field, self.hidden, self.free_energy, self.reconstruction = Stage(), Stage(), Stage(), Stage()

    @torch.no_grad()
    def start(self, rows: Float[Tensor, "n visible"], weights: Float[Tensor, " n"] | None = None) -> None:
        """Scale to rows; set out from units almost independent (Hinton 2010, section 8: small random weights)."""
        self.units.fit(rows, weights)
        self.base_field.copy_(self.units.base_field(self.units.scale(rows), weights))
        self.visible_bias.copy_(self.base_field)
        nn.init.normal_(self.weight, std=0.01)

    def forward(self, rows: Float[Tensor, "n visible"]) -> Float[Tensor, "n hidden"]:
        """p(h = 1 | v); what else there is to see passes the stages."""
        visible = self.units.scale(rows)
        field = self.field(linear(visible, self.weight, self.hidden_bias))
        hidden: Tensor = self.hidden(field.sigmoid())
        self.free_energy(-self._log_weight(visible, field))
        self.reconstruction(self.reconstruct(hidden))
        return hidden

    def features(self, visible: Float[Tensor, "n visible"]) -> Float[Tensor, "n hidden"]:
        """p(h = 1 | v)."""
        return linear(visible, self.weight, self.hidden_bias).sigmoid_()

    def visible_field(self, hidden: Float[Tensor, "n hidden"]) -> Float[Tensor, "n visible"]:
        """b + h·W."""
        return torch.addmm(self.visible_bias, hidden, self.weight)

    def reconstruct(self, hidden: Float[Tensor, "n hidden"]) -> Float[Tensor, "n visible"]:
        """The mean of the rows given h."""
        return self.units.unscale(self.units.mean(self.visible_field(hidden)))

    def log_weight(self, visible: Float[Tensor, "n visible"]) -> Float[Tensor, " n"]:
        """- F(v): the log-probability but for log Z."""
        return self._log_weight(visible, linear(visible, self.weight, self.hidden_bias))

    def _log_weight(self, visible: Tensor, field: Tensor) -> Tensor:
        return self.units.log_base(visible) + visible @ self.visible_bias + softplus_sum(field)


class ReconstructionModule(nn.Module):
    """From hidden probabilities to the mean of the rows."""

    def __init__(self, machine: RBMModule) -> None:
        super().__init__()
        self.machine = machine

    def forward(self, hidden: Float[Tensor, "n hidden"]) -> Float[Tensor, "n visible"]:
        """The mean of the rows given h."""
        return self.machine.reconstruct(hidden)


class GibbsModule(nn.Module):
    """One turn of the dream, up and down again, with its noise from outside."""

    def __init__(self, machine: RBMModule) -> None:
        super().__init__()
        self.machine = machine

    def forward(
        self,
        rows: Float[Tensor, "n visible"],
        hidden_noise: Float[Tensor, "n hidden"],
        visible_noise: Float[Tensor, "n visible"],
    ) -> Float[Tensor, "n visible"]:
        """The next rows: `hidden_noise` is uniform, `visible_noise` as the units' `noise` draws it."""
        units = self.machine.units
        p = linear(units.scale(rows), self.machine.weight, self.machine.hidden_bias).sigmoid()
        hidden = (hidden_noise < p).to(p.dtype)
        return units.unscale(units.draw(self.machine.visible_field(hidden), visible_noise))


@dataclass(frozen=True)
class LogLikelihood:
    """The log-likelihood of rows, and how sure it is.

    Attributes:
        mean: Log-probability (log-density, for Gaussian units) of a row, in nats, averaged.
        low, high: Where `mean` lies, log Z lying in its own interval; both `mean` where log Z is exact.
        rows: (n,) log-probability of each row.
        log_partition: log Z, and the method that found it.
    """

    mean: float
    low: float
    high: float
    rows: NDArray[np.float64]
    log_partition: LogPartition

    @property
    def method(self) -> str:
        """How log Z was found: "exact" or "annealed importance sampling"."""
        return self.log_partition.method


@dataclass(eq=False, repr=False, kw_only=True)
class RestrictedBoltzmannMachine(Weighted, Continuing, Sampler, Encoder, IterativeEstimator):
    """Learn features of rows without being told what they are for, and dream new rows.

    p(v, h) = exp(b·v + c·h + h·W v) base(v) / Z; the features of a row are p(h = 1 | v) = sigmoid(W v + c).

    Bernoulli units (the default) read each column from its least value, 0, to its greatest, 1; what lies outside later
    is clipped. Values between are probabilities: contrastive divergence ("cd") uses them, and its reconstructions, as
    they are, which gives the better features; persistent chains ("pcd") draw them anew in each step, which gives the
    better law. Where columns have two values only, states are drawn under both. The scaling is a part of the network:
    samples and reconstructions come back in the caller's units. `partial_fit` keeps the scaling of its first rows.

    Early stopping watches the pseudo-likelihood of the held-out rows (Gaussian units: score matching), proper scores
    that need no Z. The reconstruction error is no such score; it can fall while the likelihood falls.

    Args:
        visible: Kind of the visible units: "bernoulli" (0 or 1, or probabilities), "gaussian" (real numbers),
            "softmax" (one of several values, as a group of columns with a single 1).
        categories: Columns of each softmax unit, in order; None takes all columns as one unit.
        n_hidden: Features to learn.
        method: "cd", chains that begin at the rows (better features), or "pcd", chains that go on from step to step
            (better likelihood and samples).
        gibbs_steps: Gibbs steps of a chain before each update: the k of CD-k.
        learning_rate: Step of the update, falling linearly over the epochs; "auto" is 0.2 for "cd", 0.02 for "pcd", and
            0.001 for Gaussian units, where a few hidden units bear more (0.03 for 8) and many do not.
        momentum: Share of the last step that is taken again, at least 0 and below 1.
        weight_decay: Pull of the weights towards 0.
        epochs, batch_size, early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        module_: The machine; `module_.weight` is (hidden, visible).
        history_: "loss" is the mean gap between the columns' means in the rows and in the dreams, which goes to 0.

    Source: Smolensky, P. Information processing in dynamical systems: foundations of harmony theory. In Parallel
        Distributed Processing 1, MIT Press, 1986. Hinton, G. E. Neural Computation 14, 2002; A practical guide to
        training restricted Boltzmann machines, UTML TR 2010-003.

    Best when: there are many rows without labels, binary or nearly so, and few with; or the law of binary rows itself,
        with clamped parts, is wanted.
    Do not use when: the columns are few real numbers, or labels abound: classify or regress directly.

    Example:
        >>> stripes = [[0, 1, 0, 1], [1, 0, 1, 0]] * 50
        >>> rbm = RestrictedBoltzmannMachine(n_hidden=4, random_state=0).fit(stripes)
        >>> bool(rbm.log_likelihood([[0, 1, 0, 1]]).mean > rbm.log_likelihood([[1, 1, 1, 1]]).mean)
        True
        >>> rbm.sample(1, given=[0, 1, np.nan, np.nan], random_state=0)
        array([[0., 1., 0., 1.]])
    """

    visible: Literal["bernoulli", "gaussian", "softmax"] = "bernoulli"
    categories: Annotated[tuple[int, ...], at_least(1)] | None = None
    n_hidden: Annotated[int, at_least(1)] = 256
    method: Literal["cd", "pcd"] = "cd"
    gibbs_steps: Annotated[int, at_least(1)] = 1
    learning_rate: Literal["auto"] | Annotated[float, above(0)] = "auto"
    momentum: Annotated[float, Bound(0, 1, highest_open=True)] = 0.9
    weight_decay: Annotated[float, at_least(0)] = 0.0
    epochs: Annotated[int, at_least(1)] = 100
    batch_size: Annotated[int, at_least(1)] = 32

    _mean_weight_one: ClassVar[bool] = True

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> RBMModule:
        n = shape_in[0]
        if self.visible == "softmax":
            return RBMModule(SoftmaxUnits(self._sizes(n)), self.n_hidden)
        if self.visible == "gaussian":
            return RBMModule(GaussianUnits(n), self.n_hidden)
        return RBMModule(BernoulliUnits(n), self.n_hidden)

    def _sizes(self, n_columns: int) -> tuple[int, ...]:
        sizes = self.categories or (n_columns,)
        if sum(sizes) != n_columns:
            name = type(self).__name__
            raise ValueError(f"{name}: categories={sizes} needs {sum(sizes)} columns; the rows have {n_columns}.")
        return tuple(int(size) for size in sizes)

    @property
    def _machine(self) -> RBMModule:
        self._check_fitted()
        return cast(RBMModule, self.module_)

    def _start(self, module: nn.Module, data: Batch) -> None:
        cast(RBMModule, module).start(data.inputs, data.weights)

    def _rule(self, module: nn.Module) -> ContrastiveDivergence:
        rate = _GAUSSIAN_RATE if self.visible == "gaussian" else _RATES[self.method]
        settings: dict[str, Any] = {
            "learning_rate": rate if self.learning_rate == "auto" else float(self.learning_rate),
            "momentum": float(self.momentum),
            "weight_decay": float(self.weight_decay),
            "gibbs_steps": int(self.gibbs_steps),
            "passes": int(self.epochs),
        }
        if self.method == "pcd":
            return PersistentContrastiveDivergence(cast(RBMModule, module), n_chains=int(self.batch_size), **settings)
        return ContrastiveDivergence(cast(RBMModule, module), **settings)

    def _work(self, module: nn.Module, rows: int) -> float:
        return 2.0 * (3 + 2 * self.gibbs_steps) * rows * cast(RBMModule, module).weight.numel()

    def _read(self, X: Any, *, reset: bool) -> Batch:
        data = super()._read(X, reset=reset)
        if self.visible == "softmax":
            units = SoftmaxUnits(self._sizes(data.inputs.shape[1]))
            totals = units.totals(data.inputs.cpu())
            if bool((data.inputs < 0).any()) or not torch.allclose(totals, torch.ones_like(totals), atol=1e-4):
                raise ValueError(
                    f"{type(self).__name__}: with visible='softmax' each group of columns in a row must hold a "
                    f"single 1, or shares that sum to 1; categories={units.sizes}."
                )
        return data

    @property
    def _n_features_out(self) -> int:
        return int(self._machine.weight.shape[0])

    def _codes(self, X: Any) -> Tensor:
        machine = self._machine
        return self._run(_Part(lambda rows: machine.features(machine.units.scale(rows))), self._read(X, reset=False))

    def inverse_transform(self, X: ArrayLike) -> NDArray[Any]:
        """The mean of the rows given codes: p(v = 1 | h), in the units of the rows.

        Args:
            X: (n, n_hidden) codes, as `transform` gives them, or states.
        """
        self._check_fitted()
        codes = check_array(X, dtype=[np.float64, np.float32], input_name="X", estimator=self)
        if codes.shape[1] != self._n_features_out:
            name = type(self).__name__
            raise ValueError(f"{name}: a code has {self._n_features_out} numbers; these have {codes.shape[1]}.")
        answer: NDArray[Any] = self._run(
            ReconstructionModule(self._machine), Batch(to_tensor(codes, self._like))
        ).numpy(force=True)
        return answer

    def score_samples(self, X: ArrayLike) -> NDArray[Any]:
        """- F(v), the log-probability of each row up to a constant common to all rows, log Z; (n,).

        `log_likelihood` takes log Z off.
        """
        machine = self._machine
        stretch = machine.units.log_stretch()
        part = _Part(lambda rows: machine.log_weight(machine.units.scale(rows)) + stretch)
        scores: NDArray[Any] = self._run(part, self._read(X, reset=False)).numpy(force=True)
        return scores

    def log_partition(self, *, chains: int = 100, steps: int = 1000, random_state: RandomState = None) -> LogPartition:
        """log Z: exact where either layer has at most 25 binary units, else by annealed importance sampling.

        Args:
            chains: Chains side by side, where it is estimated.
            steps: Temperatures on the way there, and on the way back.
            random_state: A whole number for the same estimate at each call.

        Returns:
            The value, the interval in which it lies, and the method.
        """
        self._check_fitted()
        if chains < 2 or steps < 1:
            name = type(self).__name__
            raise ValueError(f"{name}: log Z takes at least 2 chains and 1 step; got chains={chains}, steps={steps}.")
        with Randomness(seed_from(random_state)), Threads(self._work(self._machine, 512)):
            return log_partition(self._machine, chains=chains, steps=steps)

    def log_likelihood(
        self, X: ArrayLike, *, chains: int = 100, steps: int = 1000, random_state: RandomState = None
    ) -> LogLikelihood:
        """The log-probability of rows in nats, log Z taken off, and the method that found log Z.

        Grey values count as they are; binarise test rows as the training rows were.

        Args:
            X: (n, features) rows.
            chains, steps, random_state: See `log_partition`.
        """
        scores = self.score_samples(X).astype(np.float64)
        log_z = self.log_partition(chains=chains, steps=steps, random_state=random_state)
        rows, mean = scores - log_z.value, float(scores.mean())
        return LogLikelihood(mean - log_z.value, mean - log_z.high, mean - log_z.low, rows, log_z)

    @torch.inference_mode()
    def gibbs(self, X: ArrayLike, steps: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Dream on from rows: up to the hidden layer and back, `steps` times.

        Args:
            X: (n, features) rows.
            steps: How many times, at least 1.
            random_state: A whole number for the same dream at each call.

        Returns:
            (n, features) states of the visible units, in the units of the rows.
        """
        self._check_fitted()
        if steps < 1:
            raise ValueError(f"{type(self).__name__}: steps must be at least 1; got {steps!r}.")
        machine, rows = self._machine, self._read(X, reset=False).inputs
        with Randomness(seed_from(random_state)), Threads(self._work(machine, len(rows))):
            visible = machine.units.scale(rows)
            for _ in range(steps):
                p = machine.features(visible)
                visible = machine.units.sample(machine.visible_field(torch.rand_like(p).lt_(p)))
            dreamt: NDArray[Any] = machine.units.unscale(visible).numpy(force=True)
        return dreamt

    def _draw(self, n_samples: int, given: Tensor | None) -> Tensor:
        machine = self._machine
        held = None if given is None else machine.units.scale(given[None])[0]
        with Threads(self._work(machine, n_samples)):
            states = annealed_states(machine, n_samples, _SAMPLING_STEPS, held)
            rows: Tensor = machine.units.unscale(states)
        return rows if given is None else torch.where(given.isnan(), rows, given)

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        machine, n_hidden = self._machine, self._n_features_out
        rows, hidden = self._like.new_zeros(2, *self.shape_in_), self._like.new_full((2, n_hidden), 0.5)
        uniform = torch.linspace(0, 1, 2 * n_hidden, dtype=rows.dtype, device=rows.device).reshape(2, n_hidden)
        return {
            "forward": (machine, (rows,)),
            "reconstruct": (ReconstructionModule(machine), (hidden,)),
            "gibbs": (GibbsModule(machine), (rows, uniform, torch.full_like(rows, 0.5))),
        }


class _Part(nn.Module):
    """A function of the machine, run over rows block by block as the machine itself would be."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, rows: Tensor) -> Tensor:
        answer: Tensor = self.function(rows)
        return answer


CARD = Card(
    code="RBM",
    name="Restricted Boltzmann machine",
    family="energy",
    tier="A",
    layers=((Cell.BACKFED_INPUT, 4), (Cell.PROBABILISTIC_HIDDEN, 3)),
    links="forward",
    papers=(
        Paper(
            "Smolensky, P.",
            "Information processing in dynamical systems: foundations of harmony theory",
            "Parallel Distributed Processing 1, 194-281, MIT Press",
            1986,
        ),
        Paper(
            "Hinton, G. E.",
            "Training products of experts by minimizing contrastive divergence",
            "Neural Computation 14, 1771-1800",
            2002,
        ),
        Paper(
            "Salakhutdinov, R. and Murray, I.",
            "On the quantitative analysis of deep belief networks",
            "International Conference on Machine Learning, 872-879",
            2008,
        ),
    ),
    claim="Cut the side links: one step each way is enough to learn.",
    best_when="Many rows without labels, binary or nearly so, or the law of binary rows itself is wanted.",
    do_not_use_when="The columns are few real numbers, or labels abound.",
    verb="features",
    estimators=(RestrictedBoltzmannMachine,),
)
