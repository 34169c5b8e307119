"""Generative adversarial network: a forger G and a detective D that learn from each other.

G turns noise z into samples G(z); D says of a row how likely it is to be real. They play for

    V(D, G) = E_x log D(x) + E_z log(1 - D(G(z))),

which D drives up and G down. For a fixed G the best D is p / (p + q), p the law of the rows and q that of the samples,
and V = -log 4 + 2 JSD(p, q); so at the end q = p, D = ½ everywhere and V = -log 4 = -1.386. The games and the rule are
in `rules/adversarial.py`, the players in `_players.py`.

G learns of the rows only what D finds missing, and may leave out whole kinds of them: that is collapse, and no number
of the game shows it. So the rows are divided into regions (`_regions.py`), and the share of the rows that lies in
regions which samples visit as well, the reach, is watched from step to step.
"""

import copy
import warnings
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.images import ImageEstimator
from neurarium.core.parameters import above, at_least
from neurarium.core.randomness import Randomness, RandomState, seed_from
from neurarium.core.roles import Sampler
from neurarium.core.rows import to_array
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.networks._players import (
    ConvolutionalDiscriminator,
    ConvolutionalGenerator,
    DenseDiscriminator,
    DenseGenerator,
    Discriminator,
    Generator,
    channels,
    draw_weights,
)
from neurarium.networks._regions import Regions
from neurarium.rules.adversarial import Adversarial, Game, NonSaturating, Saturating, Wasserstein
from neurarium.rules.optimisers import Adam

_GAMES: dict[str, type[Game]] = {"saturating": Saturating, "non-saturating": NonSaturating, "wasserstein": Wasserstein}
_CRITIC_PENALTY = 10.0  # Gulrajani and others 2017
_NUMBERS = 16
_DENSE = (128, 128)
_CHANNELS = 32

_JUDGED = 1000  # samples by which the end of a fit is judged
_LEAST_REACH = 0.75
_LEAST_SPREAD = 0.25
_MOST_VALUE = -0.3  # of the games of 2014; D is right with a probability of 0.86 then
_CHUNK = 2**22  # numbers that are generated at once


class GeneratorFailed(UserWarning):
    """Samples are not like the rows: the generator has collapsed, or the discriminator has run away from it."""


class GANModule(nn.Module):
    """The two players, and the scale on which they see rows.

    Args:
        generator: Noise to rows.
        discriminator: Rows to scores.
        n_noise: Numbers of noise a sample.
        shape: Shape of a row.
        probability: Whether the answer is D(x), the probability that a row is real, or a critic's bare score.
    """

    averaged: Generator
    """The mean of the generators of late, which samples come from."""
    low: Tensor
    high: Tensor

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        *,
        n_noise: int,
        shape: tuple[int, ...],
        probability: bool,
    ) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.averaged = copy.deepcopy(generator).requires_grad_(False)
        self.n_noise = n_noise
        self.probability = probability
        self.units = Standardise(shape)
        self.register_buffer("low", torch.full(shape, -torch.inf))
        self.register_buffer("high", torch.full(shape, torch.inf))
        self.regions = Regions(int(np.prod(shape)))
        self.hidden, self.score, self.belief = Stage(), Stage(), Stage()

    @torch.no_grad()
    def start(self, rows: Float[Tensor, "n ..."], *, alike: bool) -> None:
        """Scale and regions of the rows, walls where several rows stand at a column's end, and random weights."""
        self.units.fit(rows, alike=alike)
        low, high = rows.amin(0), rows.amax(0)
        self.low.copy_(torch.where((rows == low).sum(0) > 1, low, -torch.inf))
        self.high.copy_(torch.where((rows == high).sum(0) > 1, high, torch.inf))
        self.regions.fit(self.scale(rows).flatten(1))
        draw_weights(self.generator)
        draw_weights(self.discriminator)
        self.averaged.load_state_dict(self.generator.state_dict())

    def forward(self, rows: Float[Tensor, "n ..."]) -> Float[Tensor, " n"]:
        """What the discriminator thinks of rows."""
        features = self.hidden(self.discriminator.features(self.units(rows)))
        score = self.score(self.discriminator.score(features))
        answer: Tensor = self.belief(score.sigmoid() if self.probability else score)
        return answer

    def generate(self, noise: Float[Tensor, "n noise"]) -> Float[Tensor, "n ..."]:
        """Samples, in the units of the rows."""
        return self.finish(self.averaged(noise))

    def finish(self, scaled: Float[Tensor, "n ..."]) -> Float[Tensor, "n ..."]:
        """What a generator has made, in the units of the rows and inside their walls."""
        return torch.minimum(torch.maximum(self.units.inverse(scaled), self.low), self.high)

    # What the rule asks.

    def scale(self, rows: Float[Tensor, "n ..."]) -> Float[Tensor, "n ..."]:
        """Rows as the players see them."""
        scaled: Tensor = self.units(rows)
        return scaled

    def noise(self, n: int) -> Float[Tensor, "n noise"]:
        """What samples are made of: normal numbers."""
        return torch.randn(n, self.n_noise, dtype=self.low.dtype, device=self.low.device)

    def visits(self, scaled: Float[Tensor, "n ..."]) -> Float[Tensor, " regions"]:
        """The share of these rows in each region."""
        return self.regions.visits(scaled.flatten(1))

    def reach(self, visits: Float[Tensor, " regions"]) -> Tensor:
        """The share of the fitted rows that lies in regions which are visited."""
        return self.regions.reach(visits)


class ForgerModule(nn.Module):
    """The way from noise to a sample, with its stages.

    Args:
        players: Whose generator.
    """

    low: Tensor
    high: Tensor

    def __init__(self, players: GANModule) -> None:
        super().__init__()
        self.generator, self.units = players.averaged, players.units
        self.register_buffer("low", players.low)
        self.register_buffer("high", players.high)
        self.hidden, self.sample = Stage(), Stage()

    def forward(self, noise: Float[Tensor, "n noise"]) -> Float[Tensor, "n ..."]:
        """Samples."""
        rows = self.units.inverse(self.generator.show(self.hidden(self.generator.features(noise))))
        sample: Tensor = self.sample(torch.minimum(torch.maximum(rows, self.low), self.high))
        return sample


@dataclass(eq=False, repr=False, kw_only=True)
class GenerativeAdversarialNetwork(Sampler, ImageEstimator):
    """Draw new rows like those it has seen, by a forger that a detective has taught.

    min over G, max over D of V(D, G) = E log D(x) + E log(1 - D(G(z))), z normal; at the end D = ½ and V = -log 4.

    Samples come from the mean of the generators of the last steps. They do not leave the range of a column where
    several rows stand at its end (pixels that are 0, say). Both players take a penalty on the slope of D, without which
    they circle round the end of the game and may lose kinds of rows on the way; `penalty=0` is the game of 2014.

    Args:
        game: "non-saturating" (G drives up log D(G(z))), "saturating" (G drives down V itself, which has no slope where
            D is sure), or "wasserstein" (D is a critic, and V the distance of the laws of rows and samples; G moves in
            each fifth step only: with these epochs it draws all digits, but does not settle on a ring of 8 Gaussians).
        architecture: "dense" for tables and tiny images, or "convolutional" for images.
        n_noise: Numbers of noise a sample is made of.
        hidden: Units of each hidden layer, the same for both players ("convolutional": channels of each level, from the
            image inwards; each level halves the sides). None is (128, 128), or 32 channels doubling until the maps are
            at most 7 wide.
        penalty: At least 0; γ of R1 = ½ γ E ‖∂D/∂x‖², or with "wasserstein" λ of λ E (‖∂D/∂x‖ - 1)², of rows scaled to
            variance 1. "auto" is γ = d / 16 for rows of d numbers, at least 1, and λ = 10.
        learning_rate: Of both players, above 0, falling to 0 by half a cosine over the epochs.
        epochs: Passes over the rows. There is no early stopping: the value of the game does not say how good samples
            are.
        batch_size: Rows of a step, and samples.
        view, device, random_state, verbose: See `ImageEstimator` and `Estimator`.

    Attributes:
        value_: V at the end of the fit, mean of the last tenth of its passes; -log 4 = -1.386 when D can tell no more.
        reach_: Share of the rows that lies in regions (of up to 20, around k-means centres) which samples visit at
            least a fifth as often as they should.
        spread_: How far samples lie from each other, nearest neighbours, over the same for the rows.
        row_shape_: Shape of a row as it came, which samples have too.
        module_: Stages "hidden", "score" and "belief", of the discriminator.
        history_: "value" V, "discriminator" and "generator" what each drives down, "reach" as above, of the last 1,000
            samples.

    Warns:
        GeneratorFailed: `reach_` is below 0.75 or `spread_` below 0.25, and the generator has collapsed; or `value_` is
            above -0.3 (not "wasserstein"), and the discriminator has run away from it.

    Source: I. Goodfellow and others, Generative adversarial nets, NIPS 2014.

    Best when: there are thousands of rows that lie near a surface - images - and samples are wanted that look sharp.
    Do not use when: how likely a row is must be told, rows are few, or a law of known form would do: a Gaussian fitted
    in closed form draws a Gaussian better.

    Example:
        >>> rows = np.random.default_rng(0).normal([3, -1], [1, 0.1], (300, 2))
        >>> gan = GenerativeAdversarialNetwork(hidden=(32, 32), epochs=50, random_state=0).fit(rows)
        >>> gan.sample(1000, random_state=0).mean(0).round(0)
        array([ 3., -1.])
        >>> round(gan.value_, 1)
        -1.4
    """

    game: Literal["non-saturating", "saturating", "wasserstein"] = "non-saturating"
    architecture: Literal["dense", "convolutional"] = "dense"
    n_noise: Annotated[int, at_least(1)] = 32
    hidden: Annotated[tuple[int, ...], at_least(1)] | None = None
    penalty: Literal["auto"] | Annotated[float, at_least(0)] = "auto"
    learning_rate: Annotated[float, above(0)] = 0.005
    epochs: Annotated[int, at_least(1)] = 100
    batch_size: Annotated[int, at_least(2)] = 64

    def _epochs(self) -> int:
        return int(self.epochs)

    def _batch_size(self, n_rows: int) -> int:
        return min(int(self.batch_size), n_rows)

    def _work(self, module: nn.Module, rows: int) -> float:
        # Of a kernel's weights each works once a place; half the image's places on average.
        places = int(np.prod(self.shape_in_[1:])) / 4
        each = sum(p.numel() * (places if p.dim() == 4 else 1) for p in cast(GANModule, module).parameters())
        return 12.0 * rows * each

    def _read(self, X: Any, *, reset: bool) -> Batch:
        data = super()._read(X, reset=reset)
        if reset:
            if data.n_rows < 2:
                raise ValueError(f"{type(self).__name__} needs at least 2 rows to learn from; got n_samples = 1.")
            self.row_shape_ = tuple(map(int, np.shape(to_array(X))[1:]))
        return data

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> GANModule:
        hidden = None if self.hidden is None else tuple(map(int, self.hidden))
        n_noise = int(self.n_noise)
        generator: Generator
        discriminator: Discriminator
        if self.architecture == "dense":
            widths = hidden or _DENSE
            generator = DenseGenerator(n_noise, widths, shape_in)
            discriminator = DenseDiscriminator(widths, shape_in)
        else:
            widths = channels(shape_in, hidden, _CHANNELS)
            generator = ConvolutionalGenerator(n_noise, widths, shape_in)
            discriminator = ConvolutionalDiscriminator(widths, shape_in)
        return GANModule(
            generator, discriminator, n_noise=n_noise, shape=shape_in, probability=self.game != "wasserstein"
        )

    def _start(self, module: nn.Module, data: Batch) -> None:
        cast(GANModule, module).start(data.inputs, alike=self.architecture == "convolutional")

    def _rule(self, module: nn.Module) -> Adversarial:
        players = cast(GANModule, module)
        rate = float(self.learning_rate)
        penalty = self._usual_penalty() if self.penalty == "auto" else float(self.penalty)
        return Adversarial(
            players,
            _GAMES[self.game](penalty),
            # No momentum: each player's slope turns as the other moves (Gulrajani and others 2017, section 4).
            discriminator=Adam(players.discriminator, rate, betas=(0.0, 0.99)),
            generator=Adam(players.generator, rate, betas=(0.0, 0.99)),
            passes=int(self.epochs),
        )

    def _usual_penalty(self) -> float:
        if self.game == "wasserstein":
            return _CRITIC_PENALTY
        # Rows of d numbers of variance 1 lie √d apart: a slope of 1 / √d parts them, and costs γ / d. So that D should
        # not run away where rows are long (measured at 784 numbers: γ = 1 ends at V = -0.6, 50 at -1.27), γ grows by d.
        return max(1.0, float(np.prod(self.shape_in_)) / _NUMBERS)

    def _finish(self, module: nn.Module, rule: Any) -> None:
        players = cast(GANModule, module)
        last = self.history_[-max(1, len(self.history_) // 10) :]
        values = [entry["value"] for entry in last] or [float(rule.latest["value"])]
        self.value_ = float(np.mean(values))
        with torch.inference_mode():
            samples = players.scale(players.generate(players.noise(_JUDGED))).flatten(1)
            self.reach_ = float(players.reach(players.visits(samples)))
            self.spread_ = float(players.regions.spread(samples))
        self._warn_of_failure()

    def _warn_of_failure(self) -> None:
        won = self.game != "wasserstein" and self.value_ > _MOST_VALUE
        if self.reach_ < _LEAST_REACH:
            what = f"has collapsed: its samples leave out regions that hold {1 - self.reach_:.0%} of the rows"
        elif self.spread_ < _LEAST_SPREAD:
            what = f"has collapsed: its samples lie {self.spread_:.2f} times as far apart as the rows"
        elif won:
            what = (
                "has lost: the discriminator tells its samples from rows nearly always "
                f"(V = {self.value_:.2f}; it would be -1.39 if it could not)"
            )
        else:
            return
        warnings.warn(
            f"{type(self).__name__}: the generator {what}. Try more epochs, a larger penalty, the non-saturating game, "
            "or another random_state.",
            GeneratorFailed,
            stacklevel=5,
        )

    # Drawing.

    @property
    def _players(self) -> GANModule:
        self._check_fitted()
        return cast(GANModule, self.module_)

    def _draw(self, n_samples: int, given: Tensor | None) -> Tensor:
        if given is not None:
            raise ValueError(
                f"{type(self).__name__} cannot hold values fast: its generator makes all of a row at once, from noise. "
                "Leave out `given`; a RestrictedBoltzmannMachine completes rows."
            )
        return self._generated(self._players.noise(n_samples))

    def _generated(self, noise: Tensor) -> Tensor:
        """Samples of these noises, in the shape rows had."""
        players = self._players
        rows = max(1, _CHUNK // int(np.prod(self.shape_in_)))
        samples = torch.cat([players.generate(block) for block in noise.split(rows)])
        if len(self.row_shape_) == 3:
            samples = samples.movedim(1, -1)
        return samples.reshape(len(noise), *self.row_shape_)

    def interpolate(self, n_samples: int = 8, *, random_state: RandomState = None) -> NDArray[Any]:
        """Samples on the way from one to another, along an arc between their noises.

        Args:
            n_samples: How many, both ends included, at least 2.
            random_state: A whole number for the same way at each call.

        Returns:
            (n_samples, features), or images as they came.
        """
        players = self._players
        if n_samples < 2:
            raise ValueError(f"{type(self).__name__}: n_samples must be at least 2, both ends; got {n_samples!r}.")
        with torch.inference_mode(), Randomness(seed_from(random_state)):
            start, end = players.noise(2)
            angle = torch.linspace(0, torch.pi / 2, n_samples, dtype=start.dtype, device=start.device)[:, None]
            return self._generated(angle.cos() * start + angle.sin() * end).numpy(force=True)

    # Judging.

    def discriminate(self, X: ArrayLike) -> NDArray[Any]:
        """D(x): how likely each row is to be real and not a sample, (n,); with "wasserstein" the critic's score.

        It knows rows and samples alone: of a row that is like neither it may think anything.

        Args:
            X: (n, features) rows.
        """
        return self._answer(X).numpy(force=True)

    def value(self, X: ArrayLike, *, random_state: RandomState = None) -> float:
        """V(D, G) on these rows and as many samples.

        Args:
            X: (n, features) rows.
            random_state: A whole number for the same samples at each call.
        """
        players = self._players
        data = self._read(X, reset=False)
        rule = self._rule(players)
        with torch.inference_mode(), Randomness(seed_from(random_state)):
            fake = players.generate(players.noise(data.n_rows))
            scores = [players.discriminator(players.scale(rows)) for rows in (data.inputs, fake)]
            return float(rule.game.value(*scores))

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        like = self._like
        rows = torch.zeros(2, *self.shape_in_, dtype=like.dtype, device=like.device)
        noise = torch.zeros(2, int(self.n_noise), dtype=like.dtype, device=like.device)
        return {"discriminate": (self.module_, (rows,)), "generate": (ForgerModule(self._players), (noise,))}


CARD = Card(
    code="GAN",
    name="Generative adversarial network",
    family="adversarial",
    tier="B",
    layers=(
        (Cell.BACKFED_INPUT, 3),
        (Cell.HIDDEN, 4),
        (Cell.MATCH_INPUT_OUTPUT, 3),
        (Cell.HIDDEN, 4),
        (Cell.MATCH_INPUT_OUTPUT, 2),
    ),
    links="forward",
    papers=(
        Paper(
            "Goodfellow, I. J., Pouget-Abadie, J., Mirza, M., Xu, B., Warde-Farley, D., Ozair, S., Courville, A. and "
            "Bengio, Y.",
            "Generative adversarial nets",
            "Advances in Neural Information Processing Systems 27",
            2014,
            "https://arxiv.org/abs/1406.2661",
        ),
        Paper(
            "Arjovsky, M., Chintala, S. and Bottou, L.",
            "Wasserstein generative adversarial networks",
            "Proceedings of the 34th International Conference on Machine Learning, 214-223",
            2017,
            "https://arxiv.org/abs/1701.07875",
        ),
        Paper(
            "Gulrajani, I., Ahmed, F., Arjovsky, M., Dumoulin, V. and Courville, A. C.",
            "Improved training of Wasserstein GANs",
            "Advances in Neural Information Processing Systems 30",
            2017,
            "https://arxiv.org/abs/1704.00028",
        ),
        Paper(
            "Radford, A., Metz, L. and Chintala, S.",
            "Unsupervised representation learning with deep convolutional generative adversarial networks",
            "International Conference on Learning Representations",
            2016,
            "https://arxiv.org/abs/1511.06434",
        ),
        Paper(
            "Mescheder, L., Geiger, A. and Nowozin, S.",
            "Which training methods for GANs do actually converge?",
            "Proceedings of the 35th International Conference on Machine Learning, 3481-3490",
            2018,
            "https://arxiv.org/abs/1801.04406",
        ),
    ),
    claim="A forger that never sees a row learns to make rows, by fooling a detective that learns to catch it.",
    best_when="There are thousands of rows that lie near a surface, such as images, and sharp samples are wanted.",
    do_not_use_when="How likely a row is must be told, rows are few, or a law of known form would do.",
    verb="sample",
    estimators=(GenerativeAdversarialNetwork,),
    departs="The chart draws noise and rows as one kind of input; the generator gets noise alone, and rows meet its "
    "samples at the discriminator, which answers with one number and not two.",
)
