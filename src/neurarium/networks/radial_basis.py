"""Radial basis function network: local bumps, and one linear solve.

    φ_j(x) = exp(-|x - c_j|² / (2 σ²)),
    y = B φ(x) + b,    B, b from  min sum_i |y_i - t_i|² + ridge · |B|².

The centres c_j are found without looking at the targets, as the means of k-means clusters (Moody and Darken 1989), or
by looking at them, as those rows that explain most of the targets (orthogonal least squares; Chen, Cowan and Grant
1991). The width σ is the mean distance of a centre to its nearest neighbour times a factor. With every row as a centre
and no ridge the network passes through all targets (Broomhead and Lowe 1988). Factor and ridge are chosen by the error
on rows left out one by one, which one decomposition gives in closed form.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, cast

import numpy as np
import torch
from jaxtyping import Float
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.estimator import Estimator
from neurarium.core.parameters import above, at_least
from neurarium.core.randomness import draw_seed
from neurarium.core.roles import ProbabilisticClassifier, Regressor, Weighted
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.rules.orthogonal_least_squares import pick
from neurarium.rules.ridge import Ridge, least_wrong, onto_simplex, ridge_grid, targets_of

_CENTRES = 500  # of k-means, unless told otherwise
_PICKS = 200  # of orthogonal least squares, at most, unless told otherwise
_ROUNDS = 10  # of k-means
_CAREFUL = 1e9  # operations that a careful start of k-means may cost; beyond, any rows will do
_POOL = 2048  # rows that may be picked as a centre
_FACTORS = tuple(0.5 * 2**power for power in range(9))  # rough, on a small network
_AROUND = (0.5, 2**-0.5, 1.0, 2**0.5)  # fine, with the centres in place
_PILOT_ROWS, _PILOT_CENTRES = 4096, 128


class RadialBasisModule(nn.Module):
    """Gaussian units and a linear read-out.

    Args:
        n_inputs: Numbers of a row.
        n_centers: Units.
        n_outputs: Numbers of an answer.
    """

    centers: Tensor
    width: Tensor

    def __init__(self, n_inputs: int, n_centers: int, n_outputs: int) -> None:
        super().__init__()
        self.scale = Standardise((n_inputs,))
        self.register_buffer("centers", torch.zeros(n_centers, n_inputs))
        self.register_buffer("width", torch.ones(()))
        self.distances = Stage()
        self.activations = Stage()
        self.shares = Stage()
        self.read_out = nn.Linear(n_centers, n_outputs)
        self.output = Stage()

    def squared_distances(self, inputs: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch centers"]:
        """|x - c|² of each row and centre, in scaled units."""
        return squared_distances(self.scale(inputs), self.centers)

    def features(self, inputs: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch centers"]:
        """How much each unit answers to each row, 1 at its centre."""
        return bumps(self.squared_distances(inputs), self.width)

    def forward(self, inputs: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch outputs"]:
        """The answer to each row."""
        d2 = self.squared_distances(inputs)
        self.distances(d2.sqrt())
        self.shares((-d2 / (2 * self.width**2)).softmax(-1))
        return self.output(self.read_out(self.activations(bumps(d2, self.width))))

    def place(self, centers: Float[Tensor, "centers inputs"]) -> None:
        """Take other centres, as many as there are, with a read-out of zeros."""
        self.centers = centers.to(self.centers)
        n_outputs = self.read_out.out_features
        self.read_out = nn.utils.skip_init(nn.Linear, len(centers), n_outputs).to(self.centers)
        nn.init.zeros_(self.read_out.weight)
        nn.init.zeros_(self.read_out.bias)


def squared_distances(rows: Float[Tensor, "n inputs"], others: Float[Tensor, "m inputs"]) -> Float[Tensor, "n m"]:
    """|x - c|² as |x|² - 2 x·c + |c|², one matrix product."""
    lengths = rows.square().sum(-1, keepdim=True) + others.square().sum(-1)
    return torch.addmm(lengths, rows, others.mT, alpha=-2).clamp(min=0)


def bumps(d2: Float[Tensor, "n m"], width: Tensor | float) -> Float[Tensor, "n m"]:
    """exp(-d² / (2 σ²)), never below e⁻⁶⁰: as good as 0, yet no denormal number, which slows a processor."""
    return torch.exp((d2 / (-2 * width**2)).clamp(min=-60))


def spacing(centers: Float[Tensor, "centers inputs"], rows: Float[Tensor, "n inputs"]) -> float:
    """Mean distance of a centre to its nearest neighbour; of a lone centre, root mean square distance of the rows."""
    C = centers.double()
    if len(C) == 1:
        mean = float((rows.double() - C).square().sum(-1).mean().sqrt())
    else:
        d2 = squared_distances(C, C).fill_diagonal_(torch.inf)
        mean = float(d2.min(-1).values.sqrt().mean())
    return mean or 1.0


@dataclass(eq=False, repr=False, kw_only=True)
class RadialBasisBase(Weighted, Estimator):
    """What the classifier and the regressor share: where the bumps lie, and what leave-one-out chooses.

    Args:
        n_centers: Units, at least 1; as many as there are distinct rows, or more, make every row a centre. "auto": 500
            of k-means; of orthogonal least squares as many as leave-one-out finds useful, up to 200.
        centers: "k-means", the means of clusters, found without the targets; "orthogonal", those rows that explain most
            of the targets, fewer for the same error.
        width_factor: Width of the bumps, in mean distances of a centre to its nearest neighbour, above 0; "auto" tries
            from 1/2 up.
        ridge: Penalty on the read-out, as a share of the mean eigenvalue of the units' Gram matrix, 0 for plain least
            squares of least norm; "auto" tries powers of ten.
        scaling: Of the inputs: "columns", each to variance 1; "common", all by one factor, for columns of one unit such
            as pixels; "none", as they come; "auto" tries the first two.
        device, random_state, verbose: See `Estimator`.
    """

    n_centers: Literal["auto"] | Annotated[int, at_least(1)] = "auto"
    centers: Literal["k-means", "orthogonal"] = "k-means"
    width_factor: Literal["auto"] | Annotated[float, above(0)] = "auto"
    ridge: Literal["auto"] | Annotated[float, at_least(0)] = "auto"
    scaling: Literal["auto", "columns", "common", "none"] = "auto"

    _numpy_too: ClassVar[bool] = True

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> RadialBasisModule:
        return RadialBasisModule(shape_in[0], getattr(self, "n_centers_", 1), shape_out[0])

    def _n_classes(self) -> int | None:
        """How many classes the targets stand for, None where they are numbers."""
        return None

    def _most(self) -> int:
        """Centres at most."""
        default = _CENTRES if self.centers == "k-means" else _PICKS
        return default if self.n_centers == "auto" else int(self.n_centers)

    def _start(self, module: nn.Module, data: Batch) -> None:
        module = cast(RadialBasisModule, module)
        rows = _distinct(data)
        self.scaling_, width = self._judge(module.scale, data, rows)
        if self.scaling_ != "none":
            module.scale.fit(data.inputs, data.weights, alike=self.scaling_ == "common")
        X = module.scale(data.inputs)
        if self.centers == "orthogonal":
            module.place(self._picked(X, data, rows, width))
        elif self._most() >= len(rows):
            module.place(X[rows])
        else:
            module.place(_means(X, data.weights, self._most()))
        self.n_centers_ = len(module.centers)
        self._set_width(module, data, X, width)

    def _judge(self, scale: Standardise, data: Batch, rows: Tensor) -> tuple[str, float]:
        """The scaling of the inputs and the width with the least leave-one-out error of a small network."""
        few = _some(rows, min(_PILOT_CENTRES, self._most()))
        centers = data.inputs[few]
        if data.n_rows > _PILOT_ROWS:
            data = data.select(_some(torch.arange(data.n_rows, device=rows.device), _PILOT_ROWS))
        scalings = ("columns", "common") if self.scaling == "auto" else (self.scaling,)
        factors = _FACTORS if self.width_factor == "auto" else (float(self.width_factor),)

        def designs() -> Iterator[tuple[tuple[str, float], Tensor]]:
            for scaling in scalings:
                if scaling != "none":
                    scale.fit(data.inputs, data.weights, alike=scaling == "common")
                X, C = scale(data.inputs), scale(centers)
                d2, apart = squared_distances(X, C), spacing(C, X)
                for width in (factor * apart for factor in factors):
                    yield (scaling, width), bumps(d2, width)

        if len(scalings) == len(factors) == 1:
            return next(designs())[0]
        return least_wrong(designs(), targets_of(data, self._n_classes())[0], data.weights)

    def _picked(self, X: Tensor, data: Batch, rows: Tensor, width: float) -> Tensor:
        """Rows that explain the targets best, one after another."""
        if data.n_rows > _PILOT_ROWS:
            some = _some(torch.arange(data.n_rows, device=X.device), _PILOT_ROWS)
        else:
            some = torch.arange(data.n_rows, device=X.device)
        pool = X[_some(rows, _POOL)]
        candidates = bumps(squared_distances(X[some], pool), width)
        part = data.select(some)
        picked = pick(candidates, targets_of(part, self._n_classes())[0], self._most(), part.weights)
        return pool[picked.columns[: picked.n_best] if self.n_centers == "auto" else picked.columns]

    def _set_width(self, module: RadialBasisModule, data: Batch, X: Tensor, rough: float) -> None:
        """The width with the centres in place: as told, or the best of some around the rough one."""
        apart = spacing(module.centers, X)
        width = apart * float(self.width_factor) if self.width_factor != "auto" else rough
        if self.width_factor == "auto":
            some = _some(torch.arange(data.n_rows, device=X.device), max(_PILOT_ROWS, 2 * len(module.centers)))
            d2, part = squared_distances(X[some], module.centers), data.select(some)
            trials = ((rough * step, bumps(d2, rough * step)) for step in _AROUND)
            width = least_wrong(trials, targets_of(part, self._n_classes())[0], part.weights)
        module.width.fill_(width)
        self.width_, self.width_factor_ = width, width / apart

    def _rule(self, module: nn.Module) -> Ridge:
        module = cast(RadialBasisModule, module)
        ridges = ridge_grid(module.centers.dtype) if self.ridge == "auto" else torch.tensor([self.ridge])
        return Ridge(module, ridges.double(), n_classes=self._n_classes())

    def _finish(self, module: nn.Module, rule: Any) -> None:
        self.ridge_, self.leave_one_out_error_ = rule.ridge, rule.error

    def _work(self, module: nn.Module, rows: int) -> float:
        # The largest single product decides whether threads pay: the many small ones of the choosing do not.
        n_inputs = cast(RadialBasisModule, module).centers.shape[1]
        if hasattr(self, "module_"):
            return 2.0 * rows * n_inputs * self.n_centers_
        n_centers = min(self._most(), rows)
        return 2.0 * rows * n_centers * max(n_inputs, n_centers)


def _some(rows: Tensor, most: int) -> Tensor:
    """At most so many of these rows, drawn at random and in their order."""
    if len(rows) <= most:
        return rows
    return rows[torch.randperm(len(rows))[:most].sort().values.to(rows.device)]


def _distinct(data: Batch) -> Tensor:
    """The numbers of rows that carry weight, one of each set of equal ones, in an order of their own."""
    inputs = np.ascontiguousarray(data.inputs.numpy(force=True) + 0.0)  # minus zero is zero
    carries = np.arange(len(inputs)) if data.weights is None else np.flatnonzero(data.weights.numpy(force=True) > 0)
    bytes_of_row = inputs[carries].view(np.dtype((np.void, inputs.itemsize * inputs.shape[1])))[:, 0]
    _, first = np.unique(bytes_of_row, return_index=True)
    return torch.from_numpy(carries[first]).to(data.inputs.device)


def _means(X: Tensor, weights: Tensor | None, n_centers: int) -> Tensor:
    """The means of clusters of the rows."""
    start = "k-means++" if 2.0 * X.numel() * n_centers < _CAREFUL else "random"
    method = KMeans(n_centers, init=start, n_init=1, max_iter=_ROUNDS, random_state=draw_seed())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer clusters than asked are as good
        method.fit(X.numpy(force=True), sample_weight=None if weights is None else weights.numpy(force=True))
    return torch.from_numpy(method.cluster_centers_)


@dataclass(eq=False, repr=False, kw_only=True)
class RadialBasisClassifier(ProbabilisticClassifier, RadialBasisBase):
    """Classify by local bumps and one linear solve.

        φ_j(x) = exp(-|x - c_j|² / (2 σ²)),  scores = B φ(x) + b,  fitted to 1 for a row's class and 0 for the others.

    Width, ridge and scaling are chosen by the error on rows left out, in closed form, unless they are given. The
    probabilities are the point of the simplex nearest to the scores.

    Args:
        n_centers, centers, width_factor, ridge, scaling: See `RadialBasisBase`; the defaults choose by themselves.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        n_centers_: Units.
        width_, width_factor_: Width of the bumps, in scaled units and in distances between neighbours.
        ridge_: Ridge used.
        scaling_: As used.
        leave_one_out_error_: Mean squared error of rows left out of the 0s and 1s; NaN where the ridge is given.
        module_: The network: `scale`, `centers`, `width`, `read_out`; stages "distances", "activations", "shares" (of
            each bump in the sum of all), "output".

    Best when: near rows have the same label, and which bump speaks for a row should be seen.
    Do not use when: many columns have nothing to do with the labels - every column counts in a distance - or rows far
    from all that was seen must be answered: there all bumps are silent and the answer is the bias.

    Source: Broomhead and Lowe, Multivariable functional interpolation and adaptive networks, Complex Systems 2, 1988;
    Moody and Darken, Fast learning in networks of locally-tuned processing units, Neural Computation 1, 1989; Chen,
    Cowan and Grant, Orthogonal least squares learning algorithm for radial basis function networks, IEEE Transactions
    on Neural Networks 2, 1991.

    Example:
        >>> corners, xor = [[0, 0], [0, 1], [1, 0], [1, 1]] * 10, [0, 1, 1, 0] * 10
        >>> network = RadialBasisClassifier(random_state=0).fit(corners, xor)
        >>> network.predict([[0, 0], [0, 1], [1, 0], [1, 1]]), network.n_centers_
        (array([0, 1, 1, 0]), 4)
    """

    def _n_classes(self) -> int:
        return len(self.classes_)

    def _probabilities(self, scores: Tensor) -> Tensor:
        return onto_simplex(scores)


@dataclass(eq=False, repr=False, kw_only=True)
class RadialBasisRegressor(Regressor, RadialBasisBase):
    """Fit numbers by local bumps and one linear solve.

        φ_j(x) = exp(-|x - c_j|² / (2 σ²)),  y = B φ(x) + b.

    Width, ridge and scaling are chosen by the error on rows left out, in closed form, unless they are given. With every
    row as a centre and `ridge=0` the network passes through all targets.

    Args:
        n_centers, centers, width_factor, ridge, scaling: See `RadialBasisBase`; the defaults choose by themselves.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        n_centers_: Units.
        width_, width_factor_: Width of the bumps, in scaled units and in distances between neighbours.
        ridge_: Ridge used.
        scaling_: As used.
        leave_one_out_error_: Mean squared error of rows left out, as a share of the targets' variance; NaN where the
            ridge is given.
        module_: The network: `scale`, `centers`, `width`, `read_out`; stages "distances", "activations", "shares" (of
            each bump in the sum of all), "output".

    Best when: a smooth function of a few columns.
    Do not use when: many columns have nothing to do with the target - every column counts in a distance - or answers
    are
    wanted outside the rows: there all bumps are silent and the answer is the bias, where a line would go on.

    Source: Broomhead and Lowe, Multivariable functional interpolation and adaptive networks, Complex Systems 2, 1988;
    Moody and Darken, Fast learning in networks of locally-tuned processing units, Neural Computation 1, 1989; Chen,
    Cowan and Grant, Orthogonal least squares learning algorithm for radial basis function networks, IEEE Transactions
    on Neural Networks 2, 1991.

    Example:
        >>> import numpy as np
        >>> x = np.linspace(0, 1, 20)[:, None]
        >>> network = RadialBasisRegressor(width_factor=1.0, ridge=0.0).fit(x, np.sin(7 * x[:, 0]))
        >>> bool(np.abs(network.predict(x) - np.sin(7 * x[:, 0])).max() < 1e-8)
        True
    """


CARD = Card(
    code="RBF",
    name="Radial basis network",
    family="feed-forward",
    tier="A",
    layers=((Cell.INPUT, 2), (Cell.HIDDEN, 2), (Cell.OUTPUT, 1)),
    links="forward",
    papers=(
        Paper(
            "Broomhead, D. S. and Lowe, D.",
            "Multivariable functional interpolation and adaptive networks",
            "Complex Systems 2, 321-355",
            1988,
            "https://www.complex-systems.com/abstracts/v02_i03_a05/",
        ),
        Paper(
            "Moody, J. and Darken, C. J.",
            "Fast learning in networks of locally-tuned processing units",
            "Neural Computation 1, 281-294",
            1989,
        ),
        Paper(
            "Chen, S., Cowan, C. F. N. and Grant, P. M.",
            "Orthogonal least squares learning algorithm for radial basis function networks",
            "IEEE Transactions on Neural Networks 2, 302-309",
            1991,
        ),
    ),
    claim="Local bumps plus one linear solve fit any smooth function, no backprop.",
    best_when="Near rows have near answers, and which bump speaks for a row should be seen.",
    do_not_use_when="Many columns have nothing to do with the answer, or answers are wanted outside the rows.",
    verb="classify",
    estimators=(RadialBasisClassifier, RadialBasisRegressor),
    departs="The chart draws plain hidden cells; the paper's are bumps around centres.",
)
