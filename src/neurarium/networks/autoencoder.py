"""Autoencoder: a network that answers with what it was asked, through a layer too narrow to simply pass it on.

With the rows x, centred and scaled, a coder g and a decoder h,

    z = g(x) = W2 f(W1 x + b1) + b2,        x' = h(z) = V1 f(V2 z + c2) + c1,

learning lowers the mean of the squared error |x' - x|², or, for shares from 0 to 1, of the cross-entropy between x and
sigmoid(x'). What the code z keeps is what tells the rows apart. With no hidden layers the best that it can do is to
span the plane of the first principal components (Bourlard and Kamp 1988); a bent function between two layers on either
side bends the plane to the rows (Hinton and Salakhutdinov 2006).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.learning import Rule
from neurarium.core.roles import Continuing, Weighted
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.networks._autoencoder import AutoencoderBase, Part
from neurarium.networks._autoencoder_layers import Activation, Architecture, Coder, Decoder, start, start_at
from neurarium.rules.gradient import Gradient
from neurarium.rules.optimisers import Adam
from neurarium.rules.schedules import Cycle

Loss = Literal["squared", "cross-entropy"]


class AutoencoderModule(nn.Module):
    """Coder, code, decoder.

    Args:
        shape: Of a row: (features,) or (channels, height, width).
        hidden: Units, or channels, of the coder's hidden layers.
        n_codes: Numbers of the code.
        architecture, activation, batch_norm: See `Coder`.
        tied: Whether the decoder's weights are the coder's, transposed.
        loss: What an answer costs; with "cross-entropy" the outputs pass a sigmoid.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        hidden: Sequence[int],
        n_codes: int,
        *,
        architecture: Architecture = "dense",
        activation: Activation = "relu",
        tied: bool = False,
        batch_norm: bool = False,
        loss: Loss = "squared",
    ) -> None:
        super().__init__()
        self.tied = tied
        self.loss = loss
        self.scaling = Standardise(shape)
        self.encoder = Coder(
            shape, hidden, n_codes, architecture=architecture, activation=activation, batch_norm=batch_norm
        )
        self.code = Stage()
        self.decoder = Decoder(self.encoder, n_codes, tied=tied, batch_norm=batch_norm)
        self.reconstruction = Stage()

    def forward(self, inputs: Float[Tensor, "batch *shape"]) -> Float[Tensor, "batch *shape"]:
        """The rows as they come back, in the caller's units."""
        return self.reconstruction(self.decode(self.encode(inputs)))

    def encode(self, inputs: Float[Tensor, "batch *shape"]) -> Float[Tensor, "batch codes"]:
        """z = g(x)."""
        return self.code(self.encoder(self.scaling(inputs)))

    def decode(self, code: Float[Tensor, "batch codes"]) -> Float[Tensor, "batch *shape"]:
        """h(z), in the caller's units."""
        outputs = self._outputs(code)
        return outputs.sigmoid() if self.loss == "cross-entropy" else self.scaling.inverse(outputs)

    def cost(self, inputs: Float[Tensor, "batch *shape"]) -> Float[Tensor, "batch"]:
        """What the answer to each row costs: the squared error, in units of the scaling, or the cross-entropy."""
        x = self.scaling(inputs)
        outputs = self._outputs(self.code(self.encoder(x)))
        if self.loss == "cross-entropy":
            return binary_cross_entropy_with_logits(outputs, inputs, reduction="none").flatten(1).sum(1)
        return (outputs - x).square().flatten(1).sum(1)

    def _outputs(self, code: Tensor) -> Tensor:
        maps = list(self.encoder.maps)[::-1]
        return self.decoder(code, [cast(Tensor, each.weight) if self.tied else None for each in maps])


@dataclass(eq=False, repr=False, kw_only=True)
class Autoencoder(Weighted, Continuing, AutoencoderBase):
    """Keep of each row a few numbers, such that the row can be drawn again from them.

    z = g(x) and x' = h(z), two chains of layers with f between them; learning lowers the mean of |x' - x|², x centred
    and scaled, or of the cross-entropy - Σ x log x' + (1 - x) log(1 - x').

    Args:
        n_components: Numbers of a code, at least 1.
        hidden: Units of each hidden layer of the coder, from the rows inwards, or channels of each convolution; the
            decoder has them in reverse. () for none, which makes it linear; "auto" is (256, 128) units, or (32, 64)
            channels.
        architecture: "dense", or "convolutional" for images: 3 x 3 with stride 2, so that each layer halves them.
        activation: f, "relu", "elu", "tanh" or "sigmoid"; the code and the outputs are straight.
        tied: Whether the decoder's weights are the coder's, transposed.
        batch_norm: Whether each hidden layer is normalised over the batch before f; learns deep ones in fewer passes.
        loss: "squared", or "cross-entropy" for rows of shares from 0 to 1.
        scaling: Of the inputs, all centred: "common", by one factor, for columns of one unit such as pixels, as in
            PCA; "columns", each to variance 1, so that all count alike whatever their units.
        learning_rate: Of Adam at the first step, above 0; it falls to 0 along half a cosine. `partial_fit` keeps it.
        view: (height, width) or (channels, height, width) of an image that a row stands for; see `ImageEstimator`.
        epochs, batch_size, early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        module_: Stages "encoder.hidden.0" ..., "code", "decoder.hidden.0" ... and "reconstruction".
        row_shape_: Shape of the rows it was fitted on.
        threshold_: The score below which `is_anomaly` gives alarm, once `set_threshold` was called.

    Rows that come back badly are unlike those it has learnt from: `score_samples` is minus the error, `set_threshold`
    takes a false-alarm rate, and `is_anomaly` tells. With a `sample_weight` of 2 a row counts as two, with 0 not at all
    (but in the means and variances of batch_norm).

    Source: H. Bourlard and Y. Kamp, Auto-association by multilayer perceptrons and singular value decomposition,
    Biological Cybernetics 59, 1988; G. Hinton and R. Salakhutdinov, Reducing the dimensionality of data with neural
    networks, Science 313, 2006.

    Best when: rows of many columns, some hundred or more of them, lie near a bent surface of few dimensions.
    Do not use when: the columns hang together linearly: principal components are as good, at once, and in order.

    Example:
        >>> import numpy as np
        >>> angle = np.linspace(0, 3, 200)
        >>> arc = np.c_[np.cos(angle), np.sin(angle)]
        >>> coder = Autoencoder(n_components=1, hidden=(32,), learning_rate=0.01, random_state=0).fit(arc)
        >>> coder.transform(arc).shape
        (200, 1)
        >>> bool(np.abs(coder.reconstruct(arc) - arc).max() < 0.1)
        True
    """

    batch_norm: bool = False
    tied: bool = False
    loss: Loss = "squared"

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> AutoencoderModule:
        return AutoencoderModule(
            shape_in,
            self._sizes(),
            int(self.n_components),
            architecture=self.architecture,
            activation=self.activation,
            tied=self.tied,
            batch_norm=self.batch_norm,
            loss=self.loss,
        )

    def _start(self, module: Any, data: Batch) -> None:
        module.scaling.fit(data.inputs, data.weights, alike=self.scaling == "common")
        start(module.encoder, module.decoder)
        if self.loss == "cross-entropy":
            start_at(module.scaling.mean, module.decoder)

    def _rule(self, module: nn.Module) -> Rule:
        return Gradient(
            Part(module, "cost"),
            lambda cost, batch: cost,
            Adam(module, self.learning_rate),
            schedule=Cycle(),
        )

    def _check_range(self, inputs: Tensor) -> None:
        if self.loss == "cross-entropy":
            self._refuse_beyond_unit(inputs, "loss='cross-entropy'", "loss='squared'")

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        codes = self._like.new_zeros(2, int(self.n_components))
        rows = super()._programs()["forward"][1]
        return {
            **super()._programs(),
            "encode": (Part(self.module_, "encode"), rows),
            "decode": (Part(self.module_, "decode"), (codes,)),
        }

    def score_samples(self, X: ArrayLike) -> NDArray[Any]:
        """Minus what each row's reconstruction costs, (n,).

        The squared error summed over the columns, in the caller's units (with scaling="columns" in units of each
        column's spread), or the cross-entropy.
        """
        self._check_fitted()
        costs = self._run(Part(self.module_, "cost"), self._read(X, reset=False))
        if self.loss == "squared" and self.scaling == "common":
            costs = costs * cast(AutoencoderModule, self.module_).scaling.scale.max() ** 2
        return (-costs).numpy(force=True)


CARD = Card(
    code="AE",
    name="Autoencoder",
    family="encoder-decoder",
    tier="A",
    layers=((Cell.INPUT, 4), (Cell.HIDDEN, 2), (Cell.MATCH_INPUT_OUTPUT, 4)),
    links="forward",
    papers=(
        Paper(
            "Bourlard, H. and Kamp, Y.",
            "Auto-association by multilayer perceptrons and singular value decomposition",
            "Biological Cybernetics 59, 291-294",
            1988,
            "https://doi.org/10.1007/BF00332918",
        ),
        Paper(
            "Hinton, G. E. and Salakhutdinov, R. R.",
            "Reducing the dimensionality of data with neural networks",
            "Science 313, 504-507",
            2006,
            "https://doi.org/10.1126/science.1127647",
        ),
    ),
    claim="With straight units the bottleneck is principal component analysis; bent ones bend its plane to the rows.",
    best_when="Rows of many columns lie near a bent surface of few dimensions, and there are some hundred or more.",
    do_not_use_when="The columns hang together linearly: principal components are as good, at once, and in order.",
    verb="compress",
    estimators=(Autoencoder,),
)
