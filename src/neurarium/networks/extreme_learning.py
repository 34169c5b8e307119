"""Extreme learning machine: a hidden layer drawn at random, and one least-squares solve for the read-out.

    h = g(W x + b),    W, b drawn once and never learnt,
    y = B [x,] h + c,  B, c from  min sum_i |y_i - t_i|² + ridge · |B|².

Nothing iterates. What is left to choose - how many units, which ridge, how steep the units - is chosen by the error on
rows left out one by one, which one decomposition gives in closed form (`rules.leave_one_out`).

Whose it is has been disputed, and a user of the name should know. Schmidt, Kraaijveld and Duin (1992) trained a random
hidden layer by one least-squares solve and reported it as a baseline. Pao and Takefuji (1992), Pao, Park and Sobajic
(1994) and Igelnik and Pao (1995) developed the random vector functional link net, RVFL: the same with direct links from
the input to the output (`direct_links=True`), and proved that it approximates. Huang, Zhu and Siew (2004, 2006)
proposed it without these links as the "extreme learning machine". Wang and Wan (2008) objected that the idea was known;
Huang (2008) replied that the earlier nets have direct links or an output bias and that the theory is new. An anonymous
letter of 2015 accused the name's inventors of renaming; Huang (2015) answered. Our reading: idea and solve are of 1992;
the name, its wide use and much of the later theory are Huang's. The chart cites the name, and so do we.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.estimator import Estimator
from neurarium.core.parameters import above, at_least
from neurarium.core.roles import ProbabilisticClassifier, Regressor, Weighted
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.rules.ridge import Ridge, least_wrong, onto_simplex, ridge_grid, targets_of

Activation = Literal["sigmoid", "tanh", "relu", "sine"]
_FUNCTIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "sine": torch.sin}

_SIZES = (16, 32, 64, 128, 256, 512, 1024)
_SCALES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
_PILOT_ROWS, _PILOT_UNITS = 4096, 256  # what scaling and steepness are judged on: a tenth of a second


class ExtremeLearningModule(nn.Module):
    """Random hidden units and a linear read-out.

    Args:
        n_inputs: Numbers of a row.
        n_hidden: Random units.
        n_outputs: Numbers of an answer.
        activation: What a unit does with its sum.
        direct_links: Whether the read-out sees the inputs beside the units.
        bias: Whether the read-out has a bias.
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self, n_inputs: int, n_hidden: int, n_outputs: int, *, activation: Activation, direct_links: bool, bias: bool
    ) -> None:
        super().__init__()
        self.activation = activation
        self.direct_links = direct_links
        self.scale = Standardise((n_inputs,))
        self.register_buffer("weight", torch.zeros(n_hidden, n_inputs))
        self.register_buffer("bias", torch.zeros(n_hidden))
        self.hidden = Stage()
        self.read_out = nn.Linear(n_hidden + n_inputs * direct_links, n_outputs, bias=bias)
        self.output = Stage()

    def features(self, inputs: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch features"]:
        """What the read-out sees: direct links first, so that any number of leading features is a smaller network."""
        x = self.scale(inputs)
        h = self.hidden(_FUNCTIONS[self.activation](nn.functional.linear(x, self.weight, self.bias)))
        return torch.cat([x, h], -1) if self.direct_links else h

    def forward(self, inputs: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch outputs"]:
        """The answer to each row."""
        return self.output(self.read_out(self.features(inputs)))

    def cut(self, n_hidden: int) -> "ExtremeLearningModule":
        """The same network with its first units alone."""
        n_inputs, (n_outputs, _) = self.weight.shape[1], self.read_out.weight.shape
        bias = self.read_out.bias is not None
        small = ExtremeLearningModule(
            n_inputs, n_hidden, n_outputs, activation=self.activation, direct_links=self.direct_links, bias=bias
        ).to(self.weight)
        state, n_seen = self.state_dict(), small.read_out.in_features
        state.update(weight=self.weight[:n_hidden], bias=self.bias[:n_hidden])
        state["read_out.weight"] = self.read_out.weight[:, :n_seen]
        small.load_state_dict(state)
        return small.train(self.training)


@dataclass(eq=False, repr=False, kw_only=True)
class ExtremeLearningBase(Weighted, Estimator):
    """What the classifier and the regressor share: how the units are drawn, and what leave-one-out chooses.

    Args:
        n_hidden: Random units, at least 1; "auto" tries the first 16, 32, ... 1,024 of one draw and keeps the best
            number.
        activation: What a unit does with its sum: "tanh", "sigmoid", "relu" or "sine".
        ridge: Penalty on the read-out, as a share of the mean eigenvalue of the units' Gram matrix, 0 for plain least
            squares of least norm; "auto" tries powers of ten.
        scaling: Of the inputs: "columns", each to variance 1; "common", all by one factor, for columns of one unit such
            as pixels; "none", as they come; "auto" tries the first two.
        input_scale: Steepness of the units: what the drawn weights and biases are multiplied by, above 0; small ones
            make nearly linear units. "auto" tries 1/8, 1/4, ... 4.
        weights: The draw: "normal", weights of variance 1 / inputs, biases of variance 1; "uniform", weights in [-1,
            1], biases in [0, 1], as in Huang, Zhu and Siew.
        direct_links: Whether the read-out sees the inputs too, as in Pao's RVFL; for targets with a linear part.
        output_bias: Whether the read-out has a bias.
        device, random_state, verbose: See `Estimator`.
    """

    n_hidden: Literal["auto"] | Annotated[int, at_least(1)] = "auto"
    activation: Activation = "tanh"
    ridge: Literal["auto"] | Annotated[float, at_least(0)] = "auto"
    scaling: Literal["auto", "columns", "common", "none"] = "auto"
    input_scale: Literal["auto"] | Annotated[float, above(0)] = "auto"
    weights: Literal["normal", "uniform"] = "normal"
    direct_links: bool = False
    output_bias: bool = True

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> ExtremeLearningModule:
        asked = max(_SIZES) if self.n_hidden == "auto" else self.n_hidden
        return ExtremeLearningModule(
            shape_in[0],
            getattr(self, "n_hidden_", asked),
            shape_out[0],
            activation=self.activation,
            direct_links=self.direct_links,
            bias=self.output_bias,
        )

    def _n_classes(self) -> int | None:
        """How many classes the targets stand for, None where they are numbers."""
        return None

    def _start(self, module: nn.Module, data: Batch) -> None:
        module = cast(ExtremeLearningModule, module)
        if self.weights == "normal":
            torch.nn.init.normal_(module.weight, std=module.weight.shape[1] ** -0.5)
            torch.nn.init.normal_(module.bias)
        else:  # as in Huang, Zhu and Siew 2006
            torch.nn.init.uniform_(module.weight, -1, 1)
            torch.nn.init.uniform_(module.bias, 0, 1)
        scalings = ("columns", "common") if self.scaling == "auto" else (self.scaling,)
        scales = _SCALES if self.input_scale == "auto" else (float(self.input_scale),)
        trials = [(scaling, scale) for scaling in scalings for scale in scales]
        self.scaling_, self.input_scale_ = trials[0] if len(trials) == 1 else self._judge(module, data, trials)
        _fit_scaling(module.scale, data, self.scaling_)
        module.weight *= self.input_scale_
        module.bias *= self.input_scale_

    def _judge(self, module: ExtremeLearningModule, data: Batch, trials: list[tuple[str, float]]) -> tuple[str, float]:
        """The scaling of the inputs and the steepness with the least leave-one-out error of a small network."""
        if data.n_rows > _PILOT_ROWS:
            data = data.select(torch.randperm(data.n_rows)[:_PILOT_ROWS].to(data.inputs.device))
        units = min(_PILOT_UNITS, len(module.weight))
        pilot = module.cut(units)

        def designs() -> Iterator[tuple[tuple[str, float], Tensor]]:
            for scaling, scale in trials:
                _fit_scaling(pilot.scale, data, scaling)
                pilot.weight.copy_(scale * module.weight[:units])
                pilot.bias.copy_(scale * module.bias[:units])
                yield (scaling, scale), pilot.features(data.inputs)

        targets, _ = targets_of(data, self._n_classes())
        return least_wrong(designs(), targets, data.weights, intercept=self.output_bias)

    def _rule(self, module: nn.Module) -> Ridge:
        module = cast(ExtremeLearningModule, module)
        if self.ridge == "auto":
            ridges = ridge_grid(module.weight.dtype)
        else:
            ridges = torch.tensor([self.ridge], dtype=torch.float64)
        direct = module.read_out.in_features - len(module.weight)
        widths = [direct + size for size in _SIZES] if self.n_hidden == "auto" else None
        return Ridge(module, ridges, n_classes=self._n_classes(), widths=widths)

    def _finish(self, module: nn.Module, rule: Any) -> None:
        module = cast(ExtremeLearningModule, module)
        if not rule.width:  # left before the solve
            return
        direct = module.read_out.in_features - len(module.weight)
        self.ridge_, self.leave_one_out_error_ = rule.ridge, rule.error
        self.tried_ = [[width - direct, error] for width, error in rule.tried.items()]
        self.n_hidden_ = rule.width - direct
        if self.n_hidden_ < len(module.weight):
            self.module_ = module.cut(self.n_hidden_).eval()

    def _work(self, module: nn.Module, rows: int) -> float:
        module = cast(ExtremeLearningModule, module)
        n_seen, n_inputs = module.read_out.in_features, module.weight.shape[1]
        if hasattr(self, "module_"):
            return 2.0 * rows * n_inputs * n_seen
        # Threads hardly help the eigenvalues, which take their share of the time: worth less than the products say.
        return 0.5 * rows * n_seen * max(n_inputs, min(n_seen, rows))


def _fit_scaling(scale: Standardise, data: Batch, scaling: str) -> None:
    if scaling == "none":
        scale.mean.zero_()
        scale.scale.fill_(1)
    else:
        scale.fit(data.inputs, data.weights, alike=scaling == "common")


@dataclass(eq=False, repr=False, kw_only=True)
class ExtremeLearningClassifier(ProbabilisticClassifier, ExtremeLearningBase):
    """Classify with random hidden units and one least-squares solve.

        h = g(W x + b),  scores = B h + c,  B and c fitted to 1 for a row's class and 0 for the others.

    Units, ridge, scaling and steepness are chosen by the error on rows left out, in closed form, unless they are given.
    The probabilities are the point of the simplex nearest to the scores.

    Args:
        n_hidden, activation, ridge, scaling, input_scale, weights, direct_links, output_bias: See
            `ExtremeLearningBase`; the defaults choose by themselves.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        n_hidden_: Units kept.
        ridge_: Ridge used.
        scaling_, input_scale_: As used.
        leave_one_out_error_: Mean squared error of rows left out of the 0s and 1s; NaN where ridge and n_hidden are
            given.
        tried_: Number of units and that error, for each number tried.
        module_: The network: `scale`, `weight`, `bias`, `read_out`; stages "hidden", "output".

    Best when: some hundreds to tens of thousands of rows of up to some hundreds of columns, and an answer within a
    second.
    Do not use when: most columns are noise - random units mix them all in, where a tree or a lasso leaves them out - or
    pictures are large and shifted.

    Source: Huang, Zhu and Siew, Extreme learning machine, Neurocomputing 70, 2006; Pao, Park and Sobajic, Learning and
    generalization characteristics of the random vector functional-link net, Neurocomputing 6, 1994; Schmidt, Kraaijveld
    and Duin, Feedforward neural networks with random weights, ICPR 1992.

    Example:
        >>> corners, xor = [[0, 0], [0, 1], [1, 0], [1, 1]] * 10, [0, 1, 1, 0] * 10
        >>> machine = ExtremeLearningClassifier(random_state=0).fit(corners, xor)
        >>> machine.predict([[0, 0], [0, 1], [1, 0], [1, 1]])
        array([0, 1, 1, 0])
    """

    def _n_classes(self) -> int:
        return len(self.classes_)

    def _probabilities(self, scores: Tensor) -> Tensor:
        return onto_simplex(scores)


@dataclass(eq=False, repr=False, kw_only=True)
class ExtremeLearningRegressor(Regressor, ExtremeLearningBase):
    """Fit numbers with random hidden units and one least-squares solve.

        h = g(W x + b),  y = B h + c.

    Units, ridge, scaling and steepness are chosen by the error on rows left out, in closed form, unless they are given.

    Args:
        n_hidden, activation, ridge, scaling, input_scale, weights, direct_links, output_bias: See
            `ExtremeLearningBase`; the defaults choose by themselves.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        n_hidden_: Units kept.
        ridge_: Ridge used.
        scaling_, input_scale_: As used.
        leave_one_out_error_: Mean squared error of rows left out, as a share of the targets' variance; NaN where ridge
            and n_hidden are given.
        tried_: Number of units and that error, for each number tried.
        module_: The network: `scale`, `weight`, `bias`, `read_out`; stages "hidden", "output".

    Best when: a smooth function of a few columns, up to tens of thousands of rows, and an answer within a second.
    Do not use when: most columns are noise - random units mix them all in, where a tree or a lasso leaves them out - or
    answers are wanted far outside the rows.

    Source: Huang, Zhu and Siew, Extreme learning machine, Neurocomputing 70, 2006; Pao, Park and Sobajic, Learning and
    generalization characteristics of the random vector functional-link net, Neurocomputing 6, 1994; Schmidt, Kraaijveld
    and Duin, Feedforward neural networks with random weights, ICPR 1992.

    Example:
        >>> import numpy as np
        >>> x = np.linspace(-10, 10, 200)[:, None]
        >>> machine = ExtremeLearningRegressor(random_state=0).fit(x, np.sinc(x[:, 0] / np.pi))
        >>> machine.score(x, np.sinc(x[:, 0] / np.pi)) > 0.999
        True
    """


CARD = Card(
    code="ELM",
    name="Extreme learning machine",
    family="reservoir",
    tier="A",
    layers=((Cell.INPUT, 3), (Cell.HIDDEN, 6), (Cell.OUTPUT, 3)),
    links="random",
    papers=(
        Paper(
            "Huang, G.-B., Zhu, Q.-Y. and Siew, C.-K.",
            "Extreme learning machine: theory and applications",
            "Neurocomputing 70, 489-501",
            2006,
            "https://doi.org/10.1016/j.neucom.2005.12.126",
        ),
        Paper(
            "Pao, Y.-H., Park, G.-H. and Sobajic, D. J.",
            "Learning and generalization characteristics of the random vector functional-link net",
            "Neurocomputing 6, 163-180",
            1994,
        ),
        Paper(
            "Schmidt, W. F., Kraaijveld, M. A. and Duin, R. P. W.",
            "Feedforward neural networks with random weights",
            "11th IAPR International Conference on Pattern Recognition, volume II",
            1992,
        ),
    ),
    claim="Random hidden layer, one least-squares solve: trained in milliseconds.",
    best_when="A smooth function of up to some hundreds of columns, and an answer within a second.",
    do_not_use_when="Most columns are noise: random units mix them all in.",
    verb="classify",
    estimators=(ExtremeLearningClassifier, ExtremeLearningRegressor),
    departs="The chart draws links at random inside the hidden layer; the papers' units are not joined to each other, "
    "and what is random are the weights from the input, to all units.",
)
