"""Variational autoencoder: a code that is drawn, not computed, so that codes drawn at random are rows too.

Rows are taken to come from a code z, normal and of few numbers, through a decoder h:

    p(z) = N(0, I),        p(x | z) = N(h(z), σ² I)   or   Bernoulli(sigmoid h(z)).

The coder says where the code of a row may lie, q(z | x) = N(μ(x), diag s²(x)), and both learn by raising

    L(x) = E_q[log p(x | z)] - KL(q(z | x) ‖ p(z)),        KL = ½ Σ (μ² + s² - 1 - log s²),

which is never above log p(x), the gap being how far q is from the true p(z | x). The mean over q is told by a single
draw z = μ + s ε, ε normal, through which slopes pass (Kingma and Welling 2013). The gap closes with the number of
draws when they are weighed by how well they do (Burda, Grosse and Salakhutdinov 2016):

    log p(x) ≈ log 1/K Σ_k p(x | z_k) p(z_k) / q(z_k | x),        z_k from q.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, cast

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.devices import Threads
from neurarium.core.learning import Rule
from neurarium.core.parameters import at_least
from neurarium.core.randomness import Randomness, RandomState, seed_from
from neurarium.core.roles import Continuing, Sampler, Weighted
from neurarium.core.rows import to_array
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.networks._autoencoder import AutoencoderBase, Part
from neurarium.networks._autoencoder_layers import Activation, Architecture, Coder, Decoder, start, start_at
from neurarium.rules.optimisers import Adam
from neurarium.rules.schedules import Cycle
from neurarium.rules.variational import VariationalBound

Likelihood = Literal["gaussian", "bernoulli"]

_SWIFTNESS = 10.0  # steps of log σ², in steps of Adam: in a few hundred of them it has decades to go
_START_NOISE = 0.1  # σ² at the start, as a share of the rows' variance; with more, codes would look useless at first
_LOG_2PI = math.log(2 * math.pi)
_NUMBERS_AT_ONCE = 2**22  # decoded values that lie in memory: 32 MB
_DRAWS = 64  # a row of score_samples


class Bound(NamedTuple):
    """The two terms of the bound, (n,) each, in nats: their difference is never above log p(x) on average.

    Attributes:
        reconstruction: E_q[log p(x | z)]: how likely the row is, drawn from its own code.
        divergence: KL(q(z | x) ‖ p(z)): what the code tells about the row.
    """

    reconstruction: Any
    divergence: Any


class VariationalAutoencoderModule(nn.Module):
    """Coder to a mean and a variance, a draw, decoder.

    Args:
        shape: Of a row: (features,) or (channels, height, width).
        hidden: Units, or channels, of the coder's hidden layers.
        n_codes: Numbers of the code.
        architecture, activation, batch_norm: See `Coder`.
        likelihood: What a value of a row is, given the code.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        hidden: Sequence[int],
        n_codes: int,
        *,
        architecture: Architecture = "dense",
        activation: Activation = "relu",
        batch_norm: bool = False,
        likelihood: Likelihood = "gaussian",
    ) -> None:
        super().__init__()
        self.likelihood = likelihood
        self.n_codes = n_codes
        self.scaling = Standardise(shape)
        self.encoder = Coder(
            shape, hidden, 2 * n_codes, architecture=architecture, activation=activation, batch_norm=batch_norm
        )
        self.mean, self.log_variance, self.code = Stage(), Stage(), Stage()
        self.decoder = Decoder(self.encoder, n_codes, tied=False, batch_norm=batch_norm)
        self.reconstruction = Stage()
        self.noise = nn.Parameter(torch.zeros(())) if likelihood == "gaussian" else None

    def forward(self, inputs: Float[Tensor, "batch *shape"]) -> Float[Tensor, "batch *shape"]:
        """The rows as they come back from the means of their codes, in the caller's units."""
        return self.reconstruction(self.decode(self.code(self.posterior(inputs)[0])))

    def posterior(
        self, inputs: Float[Tensor, "batch *shape"]
    ) -> tuple[Float[Tensor, "batch codes"], Float[Tensor, "batch codes"]]:
        """μ and log s² of q(z | x)."""
        mean, log_variance = self.encoder(self.scaling(inputs)).chunk(2, 1)
        return self.mean(mean), self.log_variance(log_variance)

    def encode(self, inputs: Float[Tensor, "batch *shape"]) -> Float[Tensor, "batch codes"]:
        """μ."""
        return self.code(self.posterior(inputs)[0])

    def decode(self, code: Float[Tensor, "batch codes"]) -> Float[Tensor, "batch *shape"]:
        """The mean of p(x | z), in the caller's units."""
        outputs = self._outputs(code)
        return outputs.sigmoid() if self.likelihood == "bernoulli" else self.scaling.inverse(outputs)

    def draw(
        self, inputs: Float[Tensor, "batch *shape"], noise: Float[Tensor, "batch codes"]
    ) -> Float[Tensor, "batch *shape"]:
        """The rows as they come back from a draw of their codes, z = μ + s ε."""
        mean, log_variance = self.posterior(inputs)
        return self.decode(self.code(mean + (0.5 * log_variance).exp() * noise))

    def bound(self, inputs: Float[Tensor, "batch *shape"], noise: Float[Tensor, "batch codes"] | None = None) -> Bound:
        """The terms of L(x), with one draw; `noise` is ε, drawn here where it is not given."""
        mean, log_variance = self.posterior(inputs)
        noise = torch.randn_like(mean) if noise is None else noise
        code = self.code(mean + (0.5 * log_variance).exp() * noise)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
        return Bound(self.log_likelihood(inputs, code), divergence)

    def log_likelihood(
        self, inputs: Float[Tensor, "batch *shape"], code: Float[Tensor, "batch codes"]
    ) -> Float[Tensor, "batch"]:
        """log p(x | z), of a density where the likelihood is Gaussian, in the caller's units."""
        outputs = self._outputs(code)
        if self.noise is None:
            return -binary_cross_entropy_with_logits(outputs, inputs, reduction="none").flatten(1).sum(1)
        log_noise = self.log_noise()
        squares = (outputs - self.scaling(inputs)).square().flatten(1).sum(1)
        volume = self.scaling.scale.numel() * (log_noise + _LOG_2PI) + 2 * self.scaling.scale.log().sum()
        return -0.5 * (squares * (-log_noise).exp() + volume)

    def log_weights(
        self, inputs: Float[Tensor, "batch *shape"], noise: Float[Tensor, "batch draws codes"]
    ) -> Float[Tensor, "batch draws"]:
        """log p(x | z) p(z) / q(z | x) of each draw z = μ + s ε."""
        mean, log_variance = (each[:, None] for each in self.posterior(inputs))
        code = mean + (0.5 * log_variance).exp() * noise
        ratios = 0.5 * (noise.square() + log_variance - code.square()).sum(2)
        repeated = inputs.repeat_interleave(noise.shape[1], 0)
        return self.log_likelihood(repeated, code.flatten(0, 1)).unflatten(0, ratios.shape) + ratios

    def log_noise(self) -> Float[Tensor, ""]:
        """log σ², in units of the scaling."""
        return _SWIFTNESS * cast(Tensor, self.noise)

    def _outputs(self, code: Tensor) -> Tensor:
        return self.decoder(code, [None] * len(self.decoder.maps))


@dataclass(eq=False, repr=False, kw_only=True)
class VariationalAutoencoder(Weighted, Continuing, Sampler, AutoencoderBase):
    """Learn a code in which every point is a row, so that rows can be drawn, mixed, and judged by how likely they are.

    z from N(0, I), x from p(x | z) about h(z); learning raises the mean of E_q[log p(x | z)] - β KL(q(z | x) ‖ p(z))
    with q(z | x) = N(μ(x), diag s²(x)) told by the coder. σ² of a Gaussian p(x | z) is learnt as well.

    Args:
        n_components: Numbers of a code, at least 1; those that say nothing are left at N(0, 1).
        hidden: Units of each hidden layer of the coder, from the rows inwards, or channels of each convolution; the
            decoder has them in reverse. () for none, which makes it probabilistic PCA; "auto" is (256, 128) units, or
            (32, 64) channels.
        architecture: "dense", or "convolutional" for images: 3 x 3 with stride 2, so that each layer halves them.
        activation: "relu", "elu", "tanh" or "sigmoid"; codes and outputs are straight.
        batch_norm: Whether each hidden layer is normalised over the batch.
        likelihood: "gaussian" for numbers of any kind, or "bernoulli" for zeros and ones; shares between them are read
            as such, but their likelihoods compare with nothing.
        beta: β, at least 0; above 1 for simpler codes and blunter reconstructions. With 1 the bound is one.
        scaling: Of the inputs, all centred: "common", by one factor, for columns of one unit such as pixels;
            "columns", each to variance 1. The noise σ is as large in all columns so scaled.
        learning_rate: Of Adam at the first step, above 0; it falls to 0 along half a cosine. `partial_fit` keeps it.
        view: (height, width) or (channels, height, width) of an image that a row stands for; see `ImageEstimator`.
        epochs, batch_size, early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        history_: For each pass "loss", and the mean "reconstruction" and "divergence" it is made of, in nats a row.
        module_: Stages "encoder.hidden.0" ..., "mean" (μ), "log_variance" (log s²), "code" (μ, where it only answers),
            "decoder.hidden.0" ... and "reconstruction".
        row_shape_: Shape of the rows it was fitted on.
        threshold_: The score below which `is_anomaly` gives alarm, once `set_threshold` was called.

    `transform` gives μ, `sample` whole draws, noise and all; `inverse_transform` of codes drawn from N(0, I) gives rows
    without the noise. With a `sample_weight` of 2 a row counts as two, with 0 not at all.

    Source: D. Kingma and M. Welling, Auto-encoding variational Bayes, ICLR 2014; learnt σ²: O. Rybkin, K. Daniilidis
    and S. Levine, Simple and effective VAE training with calibrated decoders, ICML 2021.

    Best when: new rows are wanted that are like the old ones, a smooth path between two rows, or a likelihood.
    Do not use when: only sharp reconstructions count: an autoencoder of the same code size comes nearer to the rows.

    Example:
        >>> angle = np.linspace(0, 3, 200)
        >>> arc = np.c_[np.cos(angle), np.sin(angle)]
        >>> settings = {"hidden": (64,), "learning_rate": 0.02, "epochs": 150, "batch_size": 100}
        >>> vae = VariationalAutoencoder(n_components=1, random_state=0, **settings).fit(arc)
        >>> new = vae.sample(100, random_state=0)
        >>> bool(np.abs(np.hypot(*new.T) - 1).mean() < 0.1)
        True
        >>> on, off = vae.score_samples([[0.0, 1.0], [0.0, 0.0]])
        >>> bool(on > off)
        True
    """

    likelihood: Likelihood = "gaussian"
    beta: Annotated[float, at_least(0)] = 1.0
    batch_norm: bool = False

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> VariationalAutoencoderModule:
        return VariationalAutoencoderModule(
            shape_in,
            self._sizes(),
            int(self.n_components),
            architecture=self.architecture,
            activation=self.activation,
            batch_norm=self.batch_norm,
            likelihood=self.likelihood,
        )

    def _start(self, module: Any, data: Batch) -> None:
        module.scaling.fit(data.inputs, data.weights, alike=self.scaling == "common")
        start(module.encoder, module.decoder)
        if self.likelihood == "bernoulli":
            start_at(module.scaling.mean, module.decoder)
        if module.noise is not None:
            nn.init.constant_(module.noise, math.log(_START_NOISE) / _SWIFTNESS)

    def _rule(self, module: nn.Module) -> Rule:
        optimiser = Adam(module, self.learning_rate)
        return VariationalBound(Part(module, "bound"), optimiser, beta=float(self.beta), schedule=Cycle())

    def _check_range(self, inputs: Tensor) -> None:
        if self.likelihood == "bernoulli":
            self._refuse_beyond_unit(inputs, "likelihood='bernoulli'", "likelihood='gaussian'")

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        (rows,) = super()._programs()["forward"][1]
        codes = rows.new_zeros(len(rows), int(self.n_components))
        return {
            "forward": (self.module_, (rows,)),
            "encode": (Part(self.module_, "encode"), (rows,)),
            "posterior": (Part(self.module_, "posterior"), (rows,)),
            "draw": (Part(self.module_, "draw"), (rows, codes)),
            "decode": (Part(self.module_, "decode"), (codes,)),
        }

    # Drawing.

    def _clamped(self, given: ArrayLike) -> Tensor:
        raise ValueError(
            f"{type(self).__name__} draws whole rows: its codes have no place for values held fast; leave `given` out."
        )

    def _draw(self, n_samples: int, given: Tensor | None) -> Tensor:
        module = cast(VariationalAutoencoderModule, self.module_)
        means = self._decode(torch.randn(n_samples, module.n_codes, dtype=self._like.dtype, device=self._like.device))
        if self.likelihood == "bernoulli":
            return self._as_rows(torch.bernoulli(means))
        deviation = (0.5 * module.log_noise()).exp() * module.scaling.scale
        return self._as_rows(means + deviation * torch.randn_like(means))

    def interpolate(self, start: ArrayLike, end: ArrayLike, steps: int = 10) -> NDArray[Any]:
        """The rows on the straight line between the codes of two rows.

        Args:
            start, end: A row each.
            steps: Rows to give, both ends among them, at least 2.
        """
        if steps < 2:
            raise ValueError(f"{type(self).__name__}: steps must be at least 2; got {steps!r}.")
        self._check_fitted()
        first, last = self._codes(np.stack([to_array(start), to_array(end)]))
        share = torch.linspace(0, 1, steps, dtype=first.dtype, device=first.device)[:, None]
        return self._as_rows(self._decode(torch.lerp(first, last, share))).numpy(force=True)

    # Likelihoods.

    def bound(self, X: ArrayLike, n_samples: int = 1, *, random_state: RandomState = None) -> Bound:
        """The terms of the bound for each row; their difference is, on average over draws, at most log p(x).

        Args:
            X: Rows.
            n_samples: Draws to take the mean over, at least 1.
            random_state: A whole number for the same draws at each call.

        Returns:
            `reconstruction` and `divergence`, (n,) each, in nats.
        """
        module = cast(VariationalAutoencoderModule, self.module_)

        def terms(rows: Tensor, draws: int) -> Tensor:
            noise = torch.randn(draws, len(rows), module.n_codes, dtype=rows.dtype, device=rows.device)
            bounds = [module.bound(rows, each) for each in noise]
            reconstruction = torch.stack([each.reconstruction for each in bounds]).mean(0)
            return torch.stack([reconstruction, bounds[0].divergence], 1)

        reconstruction, divergence = self._by_draws(X, n_samples, seed_from(random_state), terms).T
        return Bound(reconstruction, divergence)

    def log_likelihood(
        self, X: ArrayLike, n_samples: int = 100, *, random_state: RandomState = None
    ) -> NDArray[np.float64]:
        """log p(x) of each row, by importance sampling from q: below it on average, and the nearer the more draws.

        Args:
            X: Rows.
            n_samples: Draws a row, at least 1; with 1 its mean is that of the bound.
            random_state: A whole number for the same draws at each call.

        Returns:
            (n,), in nats.

        Source: Y. Burda, R. Grosse and R. Salakhutdinov, Importance weighted autoencoders, ICLR 2016.
        """
        module = cast(VariationalAutoencoderModule, self.module_)

        def estimate(rows: Tensor, draws: int) -> Tensor:
            noise = torch.randn(len(rows), draws, module.n_codes, dtype=rows.dtype, device=rows.device)
            return log_mean_exp(module.log_weights(rows, noise))

        return self._by_draws(X, n_samples, seed_from(random_state), estimate)

    def score_samples(self, X: ArrayLike) -> NDArray[Any]:
        """log p(x) of each row, (n,), as `log_likelihood` of 64 draws, but with the same noise for every row.

        So a row has one score, whatever rows it is asked together with.
        """
        self._check_fitted()
        module = cast(VariationalAutoencoderModule, self.module_)
        with Randomness(self.seed_):
            noise = torch.randn(_DRAWS, module.n_codes, dtype=self._like.dtype).to(self._like.device)

        def estimate(rows: Tensor, draws: int) -> Tensor:
            return log_mean_exp(module.log_weights(rows, noise.expand(len(rows), -1, -1)))

        return self._by_draws(X, _DRAWS, self.seed_, estimate)

    def _by_draws(
        self, X: ArrayLike, n_samples: int, seed: int, estimate: Callable[[Tensor, int], Tensor]
    ) -> NDArray[Any]:
        """An estimate for each row, as many rows at a time as their draws leave room for."""
        self._check_fitted()
        if n_samples < 1:
            raise ValueError(f"{type(self).__name__}: n_samples must be at least 1; got {n_samples!r}.")
        inputs = self._read(X, reset=False).inputs
        rows = max(1, _NUMBERS_AT_ONCE // (inputs[0].numel() * n_samples))
        work = self._work(self.module_, n_samples * min(rows, len(inputs)))
        with torch.inference_mode(), Randomness(seed), Threads(work):
            return torch.cat([estimate(block, n_samples) for block in inputs.split(rows)]).numpy(force=True)


def log_mean_exp(log_weights: Float[Tensor, "batch draws"]) -> Float[Tensor, "batch"]:
    """log 1/K Σ_k exp(log w_k), in float64: weights of one row lie hundreds of nats apart."""
    return log_weights.double().logsumexp(1) - math.log(log_weights.shape[1])


CARD = Card(
    code="VAE",
    name="Variational autoencoder",
    family="encoder-decoder",
    tier="A",
    layers=((Cell.INPUT, 4), (Cell.PROBABILISTIC_HIDDEN, 2), (Cell.MATCH_INPUT_OUTPUT, 4)),
    links="forward",
    papers=(
        Paper(
            "Kingma, D. P. and Welling, M.",
            "Auto-encoding variational Bayes",
            "International Conference on Learning Representations (2014)",
            2013,
            "https://arxiv.org/abs/1312.6114",
        ),
        Paper(
            "Rezende, D. J., Mohamed, S. and Wierstra, D.",
            "Stochastic backpropagation and approximate inference in deep generative models",
            "International Conference on Machine Learning",
            2014,
            "https://arxiv.org/abs/1401.4082",
        ),
        Paper(
            "Burda, Y., Grosse, R. and Salakhutdinov, R.",
            "Importance weighted autoencoders",
            "International Conference on Learning Representations",
            2016,
            "https://arxiv.org/abs/1509.00519",
        ),
    ),
    claim="A code that is drawn with noise makes one network that tells how likely a row is, and draws new ones.",
    best_when="New rows are wanted that are like the old ones, a smooth path between two rows, or a likelihood.",
    do_not_use_when="Only sharp reconstructions count: an autoencoder of the same code size comes nearer to the rows.",
    verb="compress",
    estimators=(VariationalAutoencoder,),
)
