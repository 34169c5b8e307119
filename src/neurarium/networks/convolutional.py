"""Deep convolutional network: small kernels slide over the image, so that what is learnt at one place serves at all.

A layer holds maps x_c, a kernel w_kc and a bias b_k for each map a_k it makes, and moves them s pixels a step over the
image with a frame of p zeros around it; a bent function f follows, and a window W of each map is put into one number:

    a_k(i, j) = b_k + Σ_c Σ_u Σ_v w_kc(u, v) x_c(s i + u - p, s j + v - p),      h = f(a),
    pool(i, j) = max or mean of h over W(i, j).

Fully connected layers end it, y = V h + c, and softmax(y) tells the classes. The layers are a list of texts: see
`_convolutional.py`.
"""

from abc import abstractmethod
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any, ClassVar, Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.estimator import IterativeEstimator
from neurarium.core.images import ImageEstimator
from neurarium.core.learning import Rule
from neurarium.core.parameters import above, at_least, between
from neurarium.core.roles import Continuing, ContinuingClassifier, ProbabilisticClassifier, Regressor, Weighted
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.networks._convolutional import Bend, Convolution, Full, Layer, Pooling, Shape, architecture, plan
from neurarium.rules.gradient import Gradient, Loss
from neurarium.rules.levenberg_marquardt import CrossEntropy, SquaredError
from neurarium.rules.optimisers import Adam
from neurarium.rules.schedules import Cycle

_AT_ONCE = 256  # images that pass the network together when it answers: more would leave the cache, and fill the memory

_FUNCTIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class ConvolutionalModule(nn.Module):
    """Convolutions, bent functions, pooling and fully connected layers, one after the other.

    Args:
        shape_in: (channels, height, width) of an image.
        layers: A text for each layer, the last one, which answers, left out.
        n_outputs: Numbers of an answer.
        dropout: Share of the numbers before each fully connected layer that is left out while learning.

    Attributes:
        multiplications: What it multiplies for one image.
    """

    def __init__(self, shape_in: Shape, layers: tuple[str, ...], n_outputs: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.scaling = Standardise((shape_in[0], 1, 1))
        self.scaled = Stage()
        self.layers = nn.ModuleDict()
        self.multiplications = 0
        shape, counts = shape_in, dict[str, int]()
        for layer, leaving in [*plan(layers, shape_in), (Full(n_outputs), (n_outputs,))]:
            kind, made = _made(layer, shape, dropout)
            counts[kind] = counts.get(kind, 0) + 1
            self.layers[f"{kind}{counts[kind]}"] = made
            self.add_module(f"{kind}{counts[kind]}", Stage())
            if isinstance(layer, Convolution | Full):
                weights = next(each for each in made.parameters() if each.dim() > 1)
                self.multiplications += weights.numel() * prod(leaving[1:])
            shape = leaving

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch k"]:
        """What the last layer says."""
        x = self.scaled(self.scaling(images))
        for name, layer in self.layers.items():
            x = self.get_submodule(name)(layer(x))
        return x


class ConvolutionalClassifierModule(ConvolutionalModule):
    """Answers with one score a class; the stage "softmax" is what the softmax makes of them."""

    def __init__(self, shape_in: Shape, layers: tuple[str, ...], n_outputs: int, *, dropout: float = 0.0) -> None:
        super().__init__(shape_in, layers, n_outputs, dropout=dropout)
        self.softmax = Stage()

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch classes"]:
        """The scores."""
        y = super().forward(images)
        if not self.training:
            self.softmax(y.softmax(-1))
        return y


class ConvolutionalRegressorModule(ConvolutionalModule):
    """Answers in the targets' own units."""

    def __init__(self, shape_in: Shape, layers: tuple[str, ...], n_outputs: int, *, dropout: float = 0.0) -> None:
        super().__init__(shape_in, layers, n_outputs, dropout=dropout)
        self.units = Standardise((n_outputs,))

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch k"]:
        """The numbers."""
        return self.units.inverse(super().forward(images))


def _made(layer: Layer, shape: Shape, dropout: float) -> tuple[str, nn.Module]:
    """A layer for maps of that shape, and the name of its kind."""
    if isinstance(layer, Convolution):
        return "conv", nn.Conv2d(shape[0], layer.maps, layer.kernel, layer.stride, layer.padding)
    if isinstance(layer, Pooling):
        kind = nn.MaxPool2d if layer.kind == "max" else nn.AvgPool2d
        return "pool", kind(layer.window, layer.stride)
    if isinstance(layer, Bend):
        return layer.function, _FUNCTIONS[layer.function]()
    parts = [nn.Flatten()] if len(shape) > 1 else []
    return "full", nn.Sequential(*parts, nn.Dropout(dropout), nn.Linear(prod(shape), layer.units))


@dataclass(eq=False, repr=False, kw_only=True)
class ConvolutionalBase(ImageEstimator, IterativeEstimator):
    """What both convolutional estimators share."""

    layers: Literal["lenet-5", "vgg"] | tuple[str, ...] = "vgg"
    dropout: Annotated[float, between(0, 0.95)] = 0.25
    learning_rate: Annotated[float, above(0)] = 7e-3
    weight_decay: Annotated[float, at_least(0)] = 0.03
    epochs: Annotated[int, at_least(1)] = 20
    batch_size: Annotated[int, at_least(1)] = 32

    _module: ClassVar[type[ConvolutionalModule]]
    _mean_weight_one: ClassVar[bool] = True

    def _build(self, shape_in: Shape, shape_out: Shape) -> ConvolutionalModule:
        try:
            layers = architecture(self.layers, shape_in)
            return self._module(shape_in, layers, shape_out[0], dropout=float(self.dropout))
        except ValueError as error:
            raise ValueError(f"{type(self).__name__}: {error}") from error

    def _start(self, module: Any, data: Batch) -> None:
        _fit_channels(module.scaling, data)
        if isinstance(module, ConvolutionalRegressorModule) and data.targets is not None:
            module.units.fit(data.targets, data.weights)
        for layer, following in zip(module.layers.values(), [*list(module.layers)[1:], "answer"], strict=True):
            for parameter in layer.parameters():
                if parameter.dim() == 1:
                    nn.init.zeros_(parameter)
                elif following.startswith("relu"):  # He et al. 2015: half of what passes is cut off
                    nn.init.kaiming_normal_(parameter, nonlinearity="relu")
                else:
                    nn.init.xavier_uniform_(parameter)

    @abstractmethod
    def _loss(self, module: Any) -> Loss:
        """What an answer costs."""

    def _rule(self, module: nn.Module) -> Rule:
        optimiser = Adam(module, self.learning_rate, weight_decay=self.weight_decay, decoupled=True)
        return Gradient(module, self._loss(module), optimiser, schedule=Cycle(rise=0.25))

    def _run(self, module: nn.Module, data: Batch) -> Tensor:
        blocks = [data._replace(inputs=images) for images in data.inputs.split(_AT_ONCE)]
        return torch.cat([super(ConvolutionalBase, self)._run(module, block) for block in blocks])

    def _work(self, module: nn.Module, rows: int) -> float:
        return 6.0 * rows * cast(ConvolutionalModule, module).multiplications


def _fit_channels(scaling: Standardise, data: Batch) -> None:
    """One mean and one scale a channel, taken from all pixels of all images: the places of an image are alike."""
    _, channels, height, width = data.inputs.shape
    pixels = data.inputs.movedim(1, -1).reshape(-1, channels, 1, 1)
    scaling.fit(pixels, None if data.weights is None else data.weights.repeat_interleave(height * width))


@dataclass(eq=False, repr=False, kw_only=True)
class ConvolutionalClassifier(Weighted, ProbabilisticClassifier, ContinuingClassifier, ConvolutionalBase):
    """Tell images apart by kernels that slide over them.

    a_k = b_k + Σ_c w_kc * x_c, h = f(a), pooled by windows, and so on; then y = V h + c and p(class) = softmax(y), x
    standardised by channel; learning lowers the mean of -log p(own class).

    Args:
        layers: "vgg" (pairs of 3 x 3 kernels with ReLU, of 16 maps, then 32, 64 and 128; the image is halved after each
            pair until two or three pixels are left, five times at most; then 128 units), "lenet-5" (LeCun's: 6 and 16
            maps of 5 x 5 kernels, means of 2 x 2, 120 and 84 units, tanh), or a tuple of texts, one a layer:
            "conv 6 5x5", "conv 32 3x3 stride 2 padding 1", "max pool 2x2", "average pool 2x2", "relu", "tanh",
            "sigmoid", "full 120". The layer that answers is added to them. Where a map is smaller than a kernel it is
            framed with zeros up to the kernel's size, and a window is cut to its map: images may have any size.
        dropout: Share of the numbers before each fully connected layer that is left out while learning, 0 to 0.95.
        learning_rate: The highest of Adam, above 0: it rises in the first quarter of the steps and falls to 0 in the
            rest; `partial_fit` stays at it.
        weight_decay: At least 0: what kernels and weights lose in a step, in units of the learning rate (AdamW).
        epochs: Passes.
        batch_size: Images of a step.
        view: (height, width) or (channels, height, width) that the columns of a table stand for; None reads them as a
            square image where their number is a square, else as one line of pixels.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        device, random_state, verbose: See `Estimator`.

    Rows are images (n, height, width) or (n, height, width, channels), or a table.

    Attributes:
        classes_: The labels, sorted.
        module_: Stages "scaled", "conv1", "relu1", "pool1", "conv2" ... "full1" ..., each kind counted by itself, and
            "softmax", the probabilities.

    A `sample_weight` of 2 counts as two rows, and one of 0 as none.

    Source: "Gradient-based learning applied to document recognition" (LeCun, Bottou, Bengio and Haffner, 1998),
    https://doi.org/10.1109/5.726791; "Very deep convolutional networks for large-scale image recognition" (Simonyan
    and Zisserman, 2015), https://arxiv.org/abs/1409.1556.

    Best when: the rows are images, or lines of measurements, in which neighbours belong together and a thing may lie
    anywhere.
    Do not use when: the columns have no neighbours (a table, pixels in shuffled order): sharing weights then only
    takes away, and `FeedForwardClassifier` does better.

    Example:
        >>> import numpy as np
        >>> bars = np.zeros((40, 8, 8))
        >>> for i in range(20):
        ...     bars[i, i % 8] = bars[20 + i, :, i % 8] = 1
        >>> network = ConvolutionalClassifier(layers=("conv 2 3x3", "relu", "max pool 6x6"), random_state=0)
        >>> network.fit(bars, ["lying"] * 20 + ["standing"] * 20).predict(bars[[3, 33]]).tolist()
        ['lying', 'standing']
        >>> network.stages(bars[:1])["conv1"].shape
        (1, 2, 6, 6)
    """

    _module: ClassVar[type[ConvolutionalModule]] = ConvolutionalClassifierModule

    def _loss(self, module: Any) -> Loss:
        return CrossEntropy()


@dataclass(eq=False, repr=False, kw_only=True)
class ConvolutionalRegressor(Weighted, Regressor, Continuing, ConvolutionalBase):
    """Answer images with one number, or several, by kernels that slide over them.

    a_k = b_k + Σ_c w_kc * x_c, h = f(a), pooled by windows, and so on; then y = V h + c, x standardised by channel and
    y by output; learning lowers the mean of half the squared error.

    Args:
        layers: "vgg" (pairs of 3 x 3 kernels with ReLU, of 16 maps, then 32, 64 and 128; the image is halved after each
            pair until two or three pixels are left, five times at most; then 128 units), "lenet-5" (LeCun's: 6 and 16
            maps of 5 x 5 kernels, means of 2 x 2, 120 and 84 units, tanh), or a tuple of texts, one a layer:
            "conv 6 5x5", "conv 32 3x3 stride 2 padding 1", "max pool 2x2", "average pool 2x2", "relu", "tanh",
            "sigmoid", "full 120". The layer that answers is added to them. Where a map is smaller than a kernel it is
            framed with zeros up to the kernel's size, and a window is cut to its map: images may have any size.
        dropout: Share of the numbers before each fully connected layer that is left out while learning, 0 to 0.95.
        learning_rate: The highest of Adam, above 0: it rises in the first quarter of the steps and falls to 0 in the
            rest; `partial_fit` stays at it.
        weight_decay: At least 0: what kernels and weights lose in a step, in units of the learning rate (AdamW).
        epochs: Passes.
        batch_size: Images of a step.
        view: (height, width) or (channels, height, width) that the columns of a table stand for; None reads them as a
            square image where their number is a square, else as one line of pixels.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        device, random_state, verbose: See `Estimator`.

    Rows are images (n, height, width) or (n, height, width, channels), or a table.

    Attributes:
        module_: Stages "scaled", "conv1", "relu1", "pool1", "conv2" ... "full1" ..., each kind counted by itself; the
            last "full" is y, standardised.

    A `sample_weight` of 2 counts as two rows, and one of 0 as none.

    Source: "Gradient-based learning applied to document recognition" (LeCun, Bottou, Bengio and Haffner, 1998),
    https://doi.org/10.1109/5.726791; "Very deep convolutional networks for large-scale image recognition" (Simonyan
    and Zisserman, 2015), https://arxiv.org/abs/1409.1556.

    Best when: the rows are images, or lines of measurements, and the number sought does not hang on single pixels.
    Do not use when: the columns have no neighbours (a table, pixels in shuffled order): sharing weights then only
    takes away, and `FeedForwardRegressor` does better.

    Example:
        >>> import numpy as np
        >>> dots = np.zeros((64, 8, 8))
        >>> dots[np.arange(64), np.arange(64) // 8, np.arange(64) % 8] = 1
        >>> heights = np.arange(64) // 8
        >>> where = ConvolutionalRegressor(layers=(), epochs=300, learning_rate=0.05, random_state=0)
        >>> round(where.fit(dots, heights).score(dots, heights), 1)
        1.0
    """

    dropout: Annotated[float, between(0, 0.95)] = 0.0  # what is left out makes sums waver: scores bear it, numbers less

    _module: ClassVar[type[ConvolutionalModule]] = ConvolutionalRegressorModule

    def _loss(self, module: Any) -> Loss:
        return SquaredError(module.units.scale)


CARD = Card(
    code="DCN",
    name="Deep convolutional network",
    family="convolutional",
    tier="B",
    layers=(
        (Cell.KERNEL, 4),
        (Cell.CONVOLUTION_OR_POOL, 3),
        (Cell.CONVOLUTION_OR_POOL, 3),
        (Cell.HIDDEN, 3),
        (Cell.OUTPUT, 2),
    ),
    links="forward",
    papers=(
        Paper(
            "LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P.",
            "Gradient-based learning applied to document recognition",
            "Proceedings of the IEEE 86, 2278-2324",
            1998,
            "https://doi.org/10.1109/5.726791",
        ),
        Paper(
            "Simonyan, K. and Zisserman, A.",
            "Very deep convolutional networks for large-scale image recognition",
            "International Conference on Learning Representations",
            2015,
            "https://arxiv.org/abs/1409.1556",
        ),
        Paper(
            "Fukushima, K.",
            "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition unaffected by "
            "shift in position",
            "Biological Cybernetics 36, 193-202",
            1980,
            "https://doi.org/10.1007/BF00344251",
        ),
    ),
    claim="A kernel that is learnt once serves at every place of the image: fewer weights, fewer errors.",
    best_when="The rows are images, or lines of measurements, in which neighbours belong together and a thing may lie "
    "anywhere.",
    do_not_use_when="The columns have no neighbours (a table, shuffled pixels): sharing weights then only takes away.",
    verb="classify",
    estimators=(ConvolutionalClassifier, ConvolutionalRegressor),
    departs="The chart draws single cells; each stands for a map whose cells share one kernel. LeNet-5 here has plain "
    "averages, full links between its maps and a softmax where the paper has learnt sub-sampling, a table of links and "
    "distances to drawn letters.",
)
