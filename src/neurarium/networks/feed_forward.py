"""Feed-forward network: one hidden layer between what is seen and what is said.

With the inputs x standardised, W and V the weights, b and c the biases and f a bent function,

    a = W x + b,        h = f(a),        y = V h + c  (+ D x with direct links).

Classes are told by softmax(y), and numbers by y in units of the targets' own spread. The hidden layer is what
back-propagation invented a use for: its error is the outputs' error sent back through V, δ = (Vᵀ ε) f'(a).
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

import torch
from jaxtyping import Float
from numpy.typing import ArrayLike
from sklearn.utils.metaestimators import available_if
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.estimator import IterativeEstimator
from neurarium.core.learning import Learning, Rule
from neurarium.core.parameters import above, at_least
from neurarium.core.roles import Continuing, ContinuingClassifier, ProbabilisticClassifier, Regressor, Weighted
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.rules.evidence import EvidenceLevenbergMarquardt
from neurarium.rules.gradient import Gradient
from neurarium.rules.levenberg_marquardt import CrossEntropy, LevenbergMarquardt, ResidualLoss, SquaredError
from neurarium.rules.optimisers import Adam
from neurarium.rules.quasi_newton import QuasiNewton

Activation = Literal["tanh", "sigmoid", "relu"]
Trainer = Literal["auto", "levenberg-marquardt", "lbfgs", "adam"]

_DECAY = 3e-4
_WORTH_CURVATURE = 5e8  # multiplications of a Levenberg-Marquardt step, about 0.05 s of a core
_WORTH_ALL_ROWS = 3e8  # rows x parameters of a step over all rows, likewise

_FUNCTIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}
_SLOPES = {  # of the function, told by its value
    "tanh": lambda h: 1 - h * h,
    "sigmoid": lambda h: h * (1 - h),
    "relu": lambda h: (h > 0).to(h.dtype),
}


class FeedForwardModule(nn.Module):
    """One hidden layer.

    Args:
        n_inputs: Numbers of a row.
        n_hidden: Hidden units.
        n_outputs: Numbers of an answer.
        activation: What a hidden unit does with its net input.
        direct_links: Whether the inputs are linked to the outputs as well.
    """

    def __init__(
        self,
        n_inputs: int,
        n_hidden: int,
        n_outputs: int,
        *,
        activation: Activation = "tanh",
        direct_links: bool = False,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.scaling = Standardise((n_inputs,))
        self.inner = nn.Linear(n_inputs, n_hidden)
        self.outer = nn.Linear(n_hidden, n_outputs)
        self.direct = nn.Linear(n_inputs, n_outputs, bias=False) if direct_links else None
        self.scaled, self.sum, self.hidden, self.output = Stage(), Stage(), Stage(), Stage()

    def forward(self, inputs: Float[Tensor, "batch features"]) -> Float[Tensor, "batch k"]:
        """V f(W x + b) + c + D x."""
        return self._run(inputs)[2]

    def _run(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.scaled(self.scaling(inputs))
        h = self.hidden(_FUNCTIONS[self.activation](self.sum(self.inner(x))))
        y = self.outer(h) if self.direct is None else self.outer(h) + self.direct(x)
        return x, h, self.output(y)

    def linearise(self, inputs: Float[Tensor, "batch features"]) -> tuple[Tensor, Float[Tensor, "batch k parameters"]]:
        """The answers and their Jacobian by the parameters, in closed form: V f'(a) ⊗ (x, 1), 1 ⊗ (h, 1), 1 ⊗ x."""
        x, h, y = self._run(inputs)
        back = self.outer.weight * _SLOPES[self.activation](h)[:, None]  # (batch, k, hidden)
        unit = torch.eye(y.shape[-1], dtype=y.dtype, device=y.device).expand(len(y), -1, -1)
        parts = [_outer(back, x), back, _outer(unit, h), unit]
        return y, torch.cat([*parts, _outer(unit, x)] if self.direct is not None else parts, dim=-1)


class FeedForwardClassifierModule(FeedForwardModule):
    """Answers with one score a class; the stage "probability" is what softmax makes of them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.probability = Stage()

    def forward(self, inputs: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        """The scores."""
        y = super().forward(inputs)
        if not self.training:
            self.probability(y.softmax(-1))
        return y


class FeedForwardRegressorModule(FeedForwardModule):
    """Answers in the targets' own units."""

    def __init__(self, n_inputs: int, n_hidden: int, n_outputs: int, **options: Any) -> None:
        super().__init__(n_inputs, n_hidden, n_outputs, **options)
        self.units = Standardise((n_outputs,))

    def forward(self, inputs: Float[Tensor, "batch features"]) -> Float[Tensor, "batch k"]:
        """The numbers."""
        return self.units.inverse(super().forward(inputs))

    def linearise(self, inputs: Float[Tensor, "batch features"]) -> tuple[Tensor, Float[Tensor, "batch k parameters"]]:
        """The numbers and their Jacobian."""
        y, jacobian = super().linearise(inputs)
        return self.units.inverse(y), jacobian * self.units.scale[:, None]


def _outer(left: Float[Tensor, "batch k m"], right: Float[Tensor, "batch d"]) -> Float[Tensor, "batch k m*d"]:
    return (left[..., None] * right[:, None, None]).flatten(2)


@dataclass(eq=False, repr=False, kw_only=True)
class FeedForwardBase(IterativeEstimator):
    """What both feed-forward estimators share."""

    n_hidden: Annotated[int, at_least(1)] = 30
    activation: Activation = "tanh"
    direct_links: bool = False
    trainer: Trainer = "auto"
    learning_rate: Annotated[float, above(0)] = 1e-3
    weight_decay: Literal["auto"] | Annotated[float, at_least(0)] = "auto"
    epochs: Annotated[int, at_least(1)] = 200
    batch_size: Annotated[int, at_least(1)] = 200

    _module: ClassVar[type[FeedForwardModule]]
    _in_parts: ClassVar[bool] = False

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> FeedForwardModule:
        sizes = shape_in[0], int(self.n_hidden), shape_out[0]
        return self._module(*sizes, activation=self.activation, direct_links=self.direct_links)

    def _start(self, module: Any, data: Batch) -> None:
        module.scaling.fit(data.inputs, data.weights)
        if isinstance(module, FeedForwardRegressorModule) and data.targets is not None:
            module.units.fit(data.targets, data.weights)
        # Glorot and Bengio's start: the spread of what passes a layer is about kept.
        for layer in (module.inner, module.outer, module.direct):
            if layer is not None:
                nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(module.inner.bias)
        nn.init.zeros_(module.outer.bias)

    @abstractmethod
    def _loss(self, module: Any) -> ResidualLoss:
        """What an answer costs."""

    def _rule(self, module: nn.Module) -> Rule:
        loss = self._loss(module)
        chosen = self.weight_decay == "auto"
        self.weight_decay_: float | list[float] = _DECAY if self.weight_decay == "auto" else float(self.weight_decay)
        if self.trainer_ == "levenberg-marquardt":
            if chosen and isinstance(loss, SquaredError):
                return EvidenceLevenbergMarquardt(module, loss)
            return LevenbergMarquardt(module, loss, weight_decay=self.weight_decay_)
        if self.trainer_ == "lbfgs":
            return QuasiNewton(module, loss, weight_decay=self.weight_decay_)
        optimiser = Adam(module, self.learning_rate, weight_decay=self.weight_decay_)
        wait = None if self.early_stopping else int(self.n_iter_no_change)
        return Gradient(module, loss, optimiser, wait=wait, tolerance=self.tol)

    def _finish(self, module: nn.Module, rule: Rule) -> None:
        if isinstance(rule, EvidenceLevenbergMarquardt):
            self.weight_decay_ = rule.weight_decay

    def _begin(self, data: Batch) -> Learning:
        self.trainer_ = "adam" if self._in_parts else self._trainer(data.n_rows)
        if self.trainer_ == "adam" and data.weights is not None:
            data = data._replace(weights=data.weights / data.weights.mean())
        return super()._begin(data)

    def _go_on(self, data: Batch) -> Learning:
        self.trainer_ = "adam"
        return super()._go_on(data)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        self._in_parts = True  # type: ignore[misc]  # for this call
        try:
            return super()._partial_fit(X, y, sample_weight)
        finally:
            del self._in_parts

    def _goes_on(self) -> bool:
        if self.trainer in ("auto", "adam"):
            return True
        raise AttributeError(
            f"{type(self).__name__}: partial_fit needs trainer 'adam' or 'auto', which goes on with new rows; trainer "
            f"{self.trainer!r} looks at all rows in each step."
        )

    def _trainer(self, n_rows: int) -> str:
        """The fastest trainer, by the multiplications of its step."""
        if self.trainer != "auto":
            return self.trainer
        residuals, parameters = n_rows * self.shape_out_[0], self._parameters()
        if _curved(residuals, parameters) <= _WORTH_CURVATURE:
            return "levenberg-marquardt"
        return "lbfgs" if n_rows * parameters <= _WORTH_ALL_ROWS else "adam"

    def _parameters(self) -> int:
        inputs, outputs, hidden = self.shape_in_[0], self.shape_out_[0], int(self.n_hidden)
        return hidden * (inputs + 1) + outputs * (hidden + 1) + outputs * inputs * self.direct_links

    def _work(self, module: nn.Module, rows: int) -> float:
        if module.training and self.trainer_ == "levenberg-marquardt":
            return 2.0 * _curved(rows * self.shape_out_[0], self._parameters())
        return super()._work(module, rows)

    def _batch_size(self, n_rows: int) -> int:
        trainer = getattr(self, "trainer_", self.trainer)
        return super()._batch_size(n_rows) if trainer == "adam" else n_rows


def _curved(residuals: int, parameters: int) -> float:
    """Multiplications of JᵀJ, or of JJᵀ where that is smaller."""
    return float(residuals) * parameters * min(residuals, parameters)


@dataclass(eq=False, repr=False, kw_only=True)
class FeedForwardClassifier(Weighted, ProbabilisticClassifier, ContinuingClassifier, FeedForwardBase):
    """Tell classes apart by one hidden layer of learnt features.

    p(class) = softmax(V f(W x + b) + c + D x), x standardised; learning lowers the mean of -log p(own class), plus
    ½ weight_decay (‖W‖² + ‖V‖² + ‖D‖²).

    Args:
        n_hidden: Hidden units, at least 1.
        activation: f: "tanh", "sigmoid" or "relu".
        direct_links: Whether the inputs are linked to the outputs as well (D).
        trainer: "levenberg-marquardt" for small tables, "lbfgs" for those of which a look at all rows is cheap, "adam"
            (in batches) for large ones. "auto" counts: with P parameters and r = rows x classes residuals it takes
            Levenberg-Marquardt up to r P min(r, P) = 5e8, then L-BFGS up to rows x P = 3e8, then Adam. `partial_fit`
            always goes on with Adam, and is there with "auto" and "adam" only.
        learning_rate: Of Adam, above 0.
        weight_decay: At least 0; "auto" is 3e-4.
        epochs: Passes at most: all trainers but Adam make one step a pass.
        batch_size: Rows of a step of Adam.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`. Without early stopping,
            Adam ends when its mean loss has not fallen by `tol` for `n_iter_no_change` passes.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        classes_: The labels, sorted.
        trainer_: Which trainer has taught it.
        weight_decay_: The decay it was taught with.
        module_: Stages "scaled" (x), "sum" (W x + b), "hidden", "output" (the scores) and "probability".

    A `sample_weight` of 2 counts as two rows, and one of 0 as none.

    Source: D. Rumelhart, G. Hinton and R. Williams, Learning representations by back-propagating errors, Nature 323,
    1986; M. Hagan and M. Menhaj, Training feedforward networks with the Marquardt algorithm, IEEE Transactions on
    Neural Networks 5, 1994.

    Best when: the rows are a table of some dozen to some ten thousand, and a smooth curve lies between the classes.
    Do not use when: the rows are pictures, sound or text, whose order says something, or the boundary winds (two
    spirals): more layers, or a network of local bumps, do better.

    Example:
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["even", "odd", "odd", "even"]
        >>> FeedForwardClassifier(random_state=0).fit(X, y).predict([[1, 0], [1, 1]]).tolist()
        ['odd', 'even']
    """

    _module: ClassVar[type[FeedForwardModule]] = FeedForwardClassifierModule

    def _loss(self, module: Any) -> ResidualLoss:
        return CrossEntropy()

    @available_if(FeedForwardBase._goes_on)
    def partial_fit(self, X: Any, y: Any, classes: ArrayLike | None = None) -> Self:
        """Make one pass of Adam over these rows, in the order given, from where the last call ended.

        Args:
            X: (n, features) rows.
            y: (n,) labels.
            classes: All labels that will ever come; needed at the first call when its y does not hold them all.
        """
        return super().partial_fit(X, y, classes)


@dataclass(eq=False, repr=False, kw_only=True)
class FeedForwardRegressor(Weighted, Regressor, Continuing, FeedForwardBase):
    """Answer rows with one number, or several, through one hidden layer of learnt features.

    y = V f(W x + b) + c + D x, x and y standardised; learning lowers the mean of half the squared error, plus
    ½ weight_decay (‖W‖² + ‖V‖² + ‖D‖²).

    Args:
        n_hidden: Hidden units, at least 1.
        activation: f: "tanh", "sigmoid" or "relu".
        direct_links: Whether the inputs are linked to the outputs as well (D).
        trainer: "levenberg-marquardt" for small tables, "lbfgs" for those of which a look at all rows is cheap, "adam"
            (in batches) for large ones. "auto" counts: with P parameters and r = rows x outputs residuals it takes
            Levenberg-Marquardt up to r P min(r, P) = 5e8, then L-BFGS up to rows x P = 3e8, then Adam. `partial_fit`
            always goes on with Adam, and is there with "auto" and "adam" only.
        learning_rate: Of Adam, above 0.
        weight_decay: At least 0. "auto": with Levenberg-Marquardt, for each weight matrix the decay under which the
            rows are likeliest (MacKay's evidence), so that units too many do no harm; 3e-4 with the others.
        epochs: Passes at most: all trainers but Adam make one step a pass.
        batch_size: Rows of a step of Adam.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`. Without early stopping,
            Adam ends when its mean loss has not fallen by `tol` for `n_iter_no_change` passes.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        trainer_: Which trainer has taught it.
        weight_decay_: The decay it was taught with; a list, one for each weight matrix, where the evidence chose.
        module_: Stages "scaled" (x), "sum" (W x + b), "hidden" and "output" (y, standardised).

    A `sample_weight` of 2 counts as two rows, and one of 0 as none.

    Source: D. Rumelhart, G. Hinton and R. Williams, Learning representations by back-propagating errors, Nature 323,
    1986; M. Hagan and M. Menhaj, Training feedforward networks with the Marquardt algorithm, IEEE Transactions on
    Neural Networks 5, 1994; D. Foresee and M. Hagan, Gauss-Newton approximation to Bayesian learning, ICNN 1997.

    Best when: the rows are a table of some dozen to some thousand, and the answer is a smooth function of them.
    Do not use when: the answer jumps or the table has columns of many kinds (trees do better), or it must be told
    outside of the rows' range.

    Example:
        >>> X = [[x / 10] for x in range(-30, 31)]
        >>> wave = FeedForwardRegressor(random_state=0).fit(X, [x**3 - 4 * x for (x,) in X])
        >>> round(float(wave.predict([[1.5]])[0]), 1)
        -2.6
    """

    _module: ClassVar[type[FeedForwardModule]] = FeedForwardRegressorModule

    def _loss(self, module: Any) -> ResidualLoss:
        return SquaredError(module.units.scale)

    @available_if(FeedForwardBase._goes_on)
    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Make one pass of Adam over these rows, in the order given, from where the last call ended.

        Args:
            X: (n, features) rows.
            y: (n,) or (n, outputs) targets.
        """
        return super().partial_fit(X, y)


CARD = Card(
    code="FF",
    name="Feed-forward network",
    family="feed-forward",
    tier="A",
    layers=((Cell.INPUT, 2), (Cell.HIDDEN, 2), (Cell.OUTPUT, 1)),
    links="forward",
    papers=(
        Paper(
            "Rumelhart, D. E., Hinton, G. E. and Williams, R. J.",
            "Learning representations by back-propagating errors",
            "Nature 323, 533-536",
            1986,
            "https://doi.org/10.1038/323533a0",
        ),
        Paper(
            "Rumelhart, D. E., Hinton, G. E. and Williams, R. J.",
            "Learning internal representations by error propagation",
            "Parallel Distributed Processing, volume 1, chapter 8",
            1986,
        ),
        Paper(
            "Hagan, M. T. and Menhaj, M. B.",
            "Training feedforward networks with the Marquardt algorithm",
            "IEEE Transactions on Neural Networks 5, 989-993",
            1994,
            "https://doi.org/10.1109/72.329697",
        ),
        Paper(
            "MacKay, D. J. C.",
            "A practical Bayesian framework for backpropagation networks",
            "Neural Computation 4, 448-472",
            1992,
            "https://doi.org/10.1162/neco.1992.4.3.448",
        ),
    ),
    claim="A hidden layer trained by back-propagation invents the features that a perceptron lacks.",
    best_when="The rows are a table of some dozen to some ten thousand, and a smooth curve is wanted.",
    do_not_use_when="The rows are pictures, sound or text, whose order says something, or the boundary winds.",
    verb="classify",
    estimators=(FeedForwardClassifier, FeedForwardRegressor),
)
