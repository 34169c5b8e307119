"""Kohonen network: a sheet of units that unfolds over the data, so that units side by side answer to rows alike.

Each unit i of a lattice holds a point m_i of the rows' space. A row x is answered by the unit nearest to it,

    c(x) = argmin_i |x - m_i|,

and learning draws the winner and, less and less far, its neighbours on the lattice towards the row
(`rules/competitive.py`). Two errors tell what came of it, and belong together: the quantisation error, the mean
distance from a row to its winner, and the topographic error, the share of rows whose two nearest units do not touch.
The first alone rewards a folded map: one that follows the data by crumpling has the lower quantisation error.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.estimator import IterativeEstimator
from neurarium.core.learning import Learning, Rule
from neurarium.core.parameters import at_least, between
from neurarium.core.roles import Continuing, Encoder, Weighted
from neurarium.core.stages import Stage
from neurarium.networks._lattice import Lattice, Principal, principal, sides
from neurarium.rules.competitive import BatchMap, Falling, MapRule, Neighbourhood, OnlineMap, block_size, nearest_two


class KohonenModule(nn.Module):
    """The map itself: answers with the distance from each row to each unit.

    Values of a row that are missing (NaN) take no part in its distances.

    Args:
        n_features: Numbers of a row.
        lattice: How the units lie.
    """

    codebook: nn.Parameter
    where: Tensor
    centre: Tensor
    spread: Tensor
    known: Tensor

    def __init__(self, n_features: int, lattice: Lattice) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(n_features))
        self.register_buffer("spread", torch.ones(()))
        self.register_buffer("known", torch.ones(n_features))
        self.lay_out(lattice)
        self.distances = Stage()
        self.winner = Stage()
        self.position = Stage()
        self.activity = Stage()

    def lay_out(self, lattice: Lattice) -> None:
        """Make room for the units of a lattice, all at 0."""
        self.lattice = lattice
        self.codebook = nn.Parameter(self.centre.new_zeros(lattice.n_units, len(self.centre)))
        self.register_buffer("where", lattice.positions().to(self.centre))

    def squares(self, rows: Float[Tensor, "batch features"]) -> Float[Tensor, "batch units"]:
        """The squared distances, of differences to the centre: |x|² - 2 x·m + |m|² cancels where numbers are large."""
        rows, codebook = (rows - self.centre) * self.known, self.codebook - self.centre
        bias = codebook.square().sum(1)
        if torch.compiler.is_exporting() or torch.isnan(rows.sum()):
            present = (~torch.isnan(rows)).to(rows.dtype)
            bias = present @ codebook.square().T
            rows = torch.where(torch.isnan(rows), torch.zeros_like(rows), rows)
        scores = torch.addmm(bias, rows, codebook.T, alpha=-2)
        return (scores + rows.square().sum(1, keepdim=True)).clamp(min=0)

    def forward(self, rows: Float[Tensor, "batch features"]) -> Float[Tensor, "batch units"]:
        """|x - m_i|."""
        squares = self.squares(rows)
        winner = self.winner(squares.argmin(1))
        self.position(self.where[winner])
        self.activity(torch.exp((squares.amin(1, keepdim=True) - squares) / (2 * self.spread)))
        return self.distances(squares.sqrt())


class _NearestModule(nn.Module):
    """The number of the nearest unit, of the next, and the distance to the nearest, computed without cancelling.

    Args:
        map: The map.
    """

    def __init__(self, map: KohonenModule) -> None:
        super().__init__()
        self.map = map

    def forward(self, rows: Float[Tensor, "batch features"]) -> Float[Tensor, "batch 3"]:
        """One double-precision row of three for each."""
        found = []
        for block in rows.split(block_size(len(self.map.codebook), rows.shape[1])):
            _, best = nearest_two(self.map.squares(block))
            away = ((block - self.map.codebook[best[:, 0]]) * self.map.known).nan_to_num(0.0)
            distance = torch.linalg.vector_norm(away, dim=1, keepdim=True)
            found.append(torch.cat([best.double(), distance.double()], 1))
        return torch.cat(found)


class MapErrors(NamedTuple):
    """The two errors of a map, which say little one without the other.

    Attributes:
        quantisation: The mean distance from a row to its winner.
        topographic: The share of rows whose two nearest units do not touch.
    """

    quantisation: float
    topographic: float


@dataclass(eq=False, repr=False, kw_only=True)
class KohonenMap(Weighted, Continuing, Encoder, IterativeEstimator):
    """Lay a table out on a map, on which rows that are alike lie side by side.

        c(x) = argmin_i |x - m_i|,   m_i <- sum_x h_c(x)i x / sum_x h_c(x)i   (batch)
                                     m_i <- m_i + rate h_c(x)i (x - m_i)      (online)

    Columns are compared as they are: scale them first (StandardScaler) where their units differ. NaN is a value that is
    missing, and takes no part. `transform` gives the distances to the units, as KMeans does; `winners`, `positions` and
    `hits` place rows on the map; `errors` gives both errors, since the quantisation error alone rewards a folded map.

    Batch training is the default: it has no rate to choose, depends on the order of the rows in nothing, is exact in
    weights, and is matrix products, ten times as fast and more. `partial_fit` always learns online, where it stands in
    its schedule, because a batch step on the new rows alone would forget the old; the schedule then runs over `epochs`
    times the rows of the first call.

    Args:
        size: "auto" for about 5 sqrt(n) units, with sides as the two largest deviations of the data; a whole number for
            about so many; (rows, columns) for just these.
        lattice: "hexagonal" (six neighbours) or "rectangular".
        torus: Whether opposite edges are joined, so that the map has no border.
        neighbourhood: "gaussian", "cut gaussian" (0 beyond the radius) or "bubble" (1 up to the radius, 0 beyond).
        radius: (first, last) width of the neighbourhood in steps of the lattice; "auto" for half the longer side, and
            0.5. It falls by equal factors, pass by pass (batch) or row by row (online).
        start: "pca", a sheet in the plane of the two main axes (a torus in four), or "sample", rows drawn at random.
        training: "batch" or "online".
        learning_rate: (first, last) share of the way that the winner goes to a row, 0 to 1; online only.
        epochs: Passes over the rows.
        batch_size: Rows of a step, after which a fit reports and can be interrupted; it changes no result but for
            rounding. "auto" for all rows in batch training and 256 online.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`; the quantisation error of
            the held-out rows is watched.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        rows_, columns_: Sides of the map; unit i lies in row i // columns_ and column i % columns_.
        progress_: How much of the schedule has passed, 0 to 1.
        codebook_: (rows, columns, features) the points that the units hold.
        component_planes_: (features, rows, columns) the same, a map for each feature.
        positions_: (units, 2) where each unit lies, x to the right and y down, in steps of the lattice.
        history_: One entry a pass: "loss", the quantisation error, and "topographic_error", of the map before it moved.

    Source: Kohonen, T.: Self-organized formation of topologically correct feature maps, Biological Cybernetics 43,
        1982; Self-Organizing Maps, third edition, Springer, 2001.

    Best when: a table is to be seen at a glance: which rows are alike, where groups lie, how columns go together.
    Do not use when: classes are to be predicted, or a plain partition is wanted: k-means with as many centres has the
        lower quantisation error.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> rows = load_iris().data
        >>> flowers = KohonenMap(random_state=0).fit(rows)
        >>> flowers.rows_, flowers.columns_
        (4, 15)
        >>> hits = flowers.hits(rows)
        >>> hits.shape, int(hits.sum())
        ((4, 15), 150)
        >>> errors = flowers.errors(rows)
        >>> errors.quantisation < 0.4 and errors.topographic < 0.2
        True
    """

    size: Literal["auto"] | Annotated[int, at_least(1)] | Annotated[tuple[int, int], at_least(1)] = "auto"
    lattice: Literal["hexagonal", "rectangular"] = "hexagonal"
    torus: bool = False
    neighbourhood: Neighbourhood = "gaussian"
    radius: Literal["auto"] | Annotated[tuple[float, float], at_least(0)] = "auto"
    start: Literal["pca", "sample"] = "pca"
    training: Literal["batch", "online"] = "batch"
    learning_rate: Annotated[tuple[float, float], between(0, 1)] = (0.5, 0.01)
    epochs: Annotated[int, at_least(1)] = 20
    batch_size: Literal["auto"] | Annotated[int, at_least(1)] = "auto"  # type: ignore[assignment]

    _allow_nan: ClassVar[bool] = True

    # Fitting.

    def _read(self, X: Any, *, reset: bool) -> Batch:
        data = super()._read(X, reset=reset)
        if torch.isnan(data.inputs.sum()):
            empty = torch.isnan(data.inputs).all(1).nonzero()[:, 0]
            if len(empty):
                raise ValueError(
                    f"{type(self).__name__} needs at least one value in every row; {len(empty)} have none, the first "
                    f"of them is row {int(empty[0])}. Leave them out."
                )
        return data

    def _layout(self) -> Lattice:
        return Lattice(getattr(self, "rows_", 1), getattr(self, "columns_", 1), self.lattice == "hexagonal", self.torus)

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> KohonenModule:
        return KohonenModule(shape_in[0], self._layout())

    @torch.no_grad()
    def _start(self, module: nn.Module, data: Batch) -> None:
        layout = self._known(module)
        where = principal(data)
        self.rows_, self.columns_ = self._sides(data, where)
        self.progress_, self._rows_a_pass = 0.0, data.n_rows
        layout.lay_out(self._layout())
        layout.centre.copy_(where.mean)
        layout.known.copy_(where.known)
        begin = self._sheet if self.start == "pca" else self._sample
        layout.codebook.copy_(begin(layout.lattice, data, where))

    def _sides(self, data: Batch, where: Principal) -> tuple[int, int]:
        hexagonal = self.lattice == "hexagonal"
        if isinstance(self.size, tuple):
            if hexagonal and self.torus and self.size[0] % 2:
                raise ValueError(
                    f"{type(self).__name__}: a hexagonal torus needs an even number of rows, or its last row does not "
                    f"fit its first; got size={self.size}."
                )
            return int(self.size[0]), int(self.size[1])
        # A row of weight two counts as two.
        n = data.n_rows if data.weights is None else float(data.weights.sum())
        units = max(1, round(5 * math.sqrt(n))) if isinstance(self.size, str) else int(self.size)
        return sides(units, where.deviations, hexagonal=hexagonal, torus=self.torus)

    @staticmethod
    def _sheet(lattice: Lattice, data: Batch, where: Principal) -> Tensor:
        """One deviation to each side of the mean along the main axes."""
        figure = lattice.spread_out(len(where.axes)).to(where.axes)
        axes = where.axes[: figure.shape[1]] * where.deviations[: figure.shape[1], None]
        return where.mean + figure @ axes

    @staticmethod
    def _sample(lattice: Lattice, data: Batch, where: Principal) -> Tensor:
        """Rows drawn at random, each once as long as there are enough, their gaps filled with the mean."""
        weights = torch.ones(data.n_rows) if data.weights is None else data.weights.cpu()
        some = int((weights > 0).sum()) < lattice.n_units
        chosen = weights.double().multinomial(lattice.n_units, replacement=some).to(data.inputs.device)
        rows = data.inputs[chosen]
        return torch.where(torch.isnan(rows), where.mean, rows)

    def _rule(self, module: nn.Module) -> Rule:
        layout = self._known(module)
        lattice, device = layout.lattice, layout.centre.device
        radius = (max(lattice.rows, lattice.columns, 1) / 2, 0.5) if isinstance(self.radius, str) else self.radius
        shared: dict[str, Any] = {
            "distances": lattice.distances().to(device),
            "touching": lattice.touching().to(device),
            "neighbourhood": self.neighbourhood,
            "radius": Falling(*radius),
            "progress": self.progress_,
        }
        if self._online:
            updates = int(self.epochs) * self._rows_a_pass
            return OnlineMap(layout, rate=Falling(*self.learning_rate), updates=updates, **shared)
        return BatchMap(layout, passes=int(self.epochs), **shared)

    def _finish(self, module: nn.Module, rule: Rule) -> None:
        if isinstance(rule, MapRule):
            self.progress_ = rule.progress

    @property
    def _online(self) -> bool:
        return self.training == "online" or getattr(self, "_goes_on", False)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> "KohonenMap":
        self._goes_on = True
        try:
            return super()._partial_fit(X, y, sample_weight)
        finally:
            self._goes_on = False

    def _go_on(self, data: Batch) -> Learning:
        self._rows_a_pass = data.n_rows
        return super()._go_on(data)

    def _batch_size(self, n_rows: int) -> int:
        if not isinstance(self.batch_size, str):
            return min(int(self.batch_size), n_rows)
        # Fewer than all rows, so that every pass brings them in another order.
        return max(1, min(256, n_rows - 1)) if self._online else n_rows

    def _work(self, module: nn.Module, rows: int) -> float:
        layout = self._known(module)
        units = layout.lattice.n_units if hasattr(self, "rows_") else self._units_at_most(rows)
        return 2.0 * (32 if self._online else rows) * units * len(layout.centre)

    def _units_at_most(self, rows: int) -> float:
        if isinstance(self.size, str):
            return 5 * math.sqrt(rows)
        return float(np.prod(self.size))

    @staticmethod
    def _known(module: nn.Module) -> KohonenModule:
        """The module as what `_build` made it."""
        if not isinstance(module, KohonenModule):
            raise TypeError(f"a KohonenModule is needed here; got a {type(module).__name__}.")
        return module

    # Answering.

    @property
    def _n_features_out(self) -> int:
        return self.rows_ * self.columns_

    @property
    def _map(self) -> KohonenModule:
        self._check_fitted()
        return self._known(self.module_)

    @property
    def codebook_(self) -> NDArray[Any]:
        """(rows, columns, features) the points that the units hold."""
        points: NDArray[Any] = self._map.codebook.numpy(force=True)
        return points.reshape(self.rows_, self.columns_, -1)

    @property
    def component_planes_(self) -> NDArray[Any]:
        """(features, rows, columns) the value of each feature over the map."""
        return np.moveaxis(self.codebook_, -1, 0)

    @property
    def positions_(self) -> NDArray[Any]:
        """(units, 2) where each unit lies: x to the right, y down, in steps of the lattice."""
        positions: NDArray[Any] = self._map.lattice.positions().numpy()
        return positions

    def _nearest(self, X: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(n, 2) numbers of the nearest two units, and (n,) distances to the nearest."""
        found = self._run(_NearestModule(self._map), self._read(X, reset=False)).numpy(force=True)
        return found[:, :2].astype(np.int64), found[:, 2]

    def winners(self, X: ArrayLike) -> NDArray[np.int64]:
        """(n,) the number of the unit nearest to each row."""
        return self._nearest(X)[0][:, 0]

    def positions(self, X: ArrayLike) -> NDArray[Any]:
        """(n, 2) where on the map each row lies: the position of its winner, x to the right and y down."""
        return self.positions_[self.winners(X)]

    def quantise(self, X: ArrayLike) -> NDArray[Any]:
        """(n, features) the point of each row's winner: the row as the map has it, without gaps."""
        points: NDArray[Any] = self._map.codebook.numpy(force=True)
        return points[self.winners(X)]

    def hits(self, X: ArrayLike) -> NDArray[np.int64]:
        """(rows, columns) how many rows each unit wins."""
        return np.bincount(self.winners(X), minlength=self._n_features_out).reshape(self.rows_, self.columns_)

    def members(self, X: ArrayLike, unit: int) -> NDArray[np.int64]:
        """The numbers of the rows that a unit wins, the nearest first.

        Args:
            X: Rows.
            unit: The number of the unit: row * columns_ + column.
        """
        best, distances = self._nearest(X)
        if not 0 <= unit < self._n_features_out:
            raise ValueError(f"{type(self).__name__}: unit must be 0 to {self._n_features_out - 1}; got {unit!r}.")
        mine = np.flatnonzero(best[:, 0] == unit)
        return mine[np.argsort(distances[mine], kind="stable")]

    # How good the map is.

    def errors(self, X: ArrayLike) -> MapErrors:
        """Both errors over rows, from one look at them."""
        return MapErrors(*self._errors(X, None))

    def quantisation_error(self, X: ArrayLike) -> float:
        """The mean distance from a row to its winner; see `errors` for why it is not enough."""
        return self._errors(X, None)[0]

    def topographic_error(self, X: ArrayLike, *, neighbours: Literal[4, 6, 8] | None = None) -> float:
        """The share of rows whose two nearest units do not touch.

        Args:
            X: Rows.
            neighbours: How many units touch one inside: 6 on the hexagonal lattice, 8 or 4 on the rectangular one;
                None for 6 or 8.
        """
        return self._errors(X, neighbours)[1]

    def _errors(self, X: ArrayLike, neighbours: int | None) -> tuple[float, float]:
        lattice = self._map.lattice
        if neighbours is not None and neighbours not in lattice.neighbours:
            raise ValueError(
                f"{type(self).__name__}: neighbours must be {' or '.join(map(str, lattice.neighbours))} on the "
                f"{self.lattice} lattice; got {neighbours!r}."
            )
        best, distances = self._nearest(X)
        touch = lattice.touching(neighbours).numpy()
        return float(distances.mean()), float(1 - touch[best[:, 0], best[:, 1]].mean())

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Minus the mean length of the way from a row to its winner and on, over the map, to the second nearest unit.

        Folds make the way over the map long: unlike the quantisation error, this compares maps of one size fairly.

        Source: Kaski, S. and Lagus, K.: Comparing self-organizing maps, ICANN 1996.
        """
        best, distances = self._nearest(X)
        lattice = self._map.lattice
        pairs, points = lattice.touching().triu(1).nonzero().numpy(), self._map.codebook.numpy(force=True)
        lengths = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1).clip(np.finfo(np.float32).tiny)
        graph = csr_array((lengths.astype(float), (pairs[:, 0], pairs[:, 1])), shape=[lattice.n_units] * 2)
        ways = shortest_path(graph, directed=False)
        return -float((distances + ways[best[:, 0], best[:, 1]]).mean())

    def links(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """The walls of the map.

        Returns:
            (links, 2) every two units side by side, and (links,) the distance between the points they hold.
        """
        pairs, points = self._map.lattice.links().numpy(), self._map.codebook.numpy(force=True)
        return pairs, np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)

    def u_matrix(self) -> NDArray[Any]:
        """(rows, columns) the mean distance from each unit's point to those of the units beside it: valleys are groups.

        Source: Ultsch, A. and Siemon, H. P.: Kohonen's self organizing feature maps for exploratory data analysis,
            INNC 1990.
        """
        pairs, lengths = self.links()
        both, n = pairs.T.ravel(), self._n_features_out
        total = np.bincount(both, np.tile(lengths, 2), minlength=n)
        number = np.bincount(both, minlength=n).clip(1)
        return (total / number).reshape(self.rows_, self.columns_).astype(lengths.dtype)


CARD = Card(
    code="KN",
    name="Kohonen network",
    family="map",
    tier="A",
    layers=((Cell.INPUT, 3), (Cell.HIDDEN, 9)),
    links="forward",
    papers=(
        Paper(
            "Kohonen, T.",
            "Self-organized formation of topologically correct feature maps",
            "Biological Cybernetics 43, 59-69",
            1982,
            "https://doi.org/10.1007/BF00337288",
        ),
        Paper("Kohonen, T.", "Self-Organizing Maps, third edition", "Springer", 2001),
        Paper(
            "Ritter, H.",
            "Asymptotic level density for a class of vector quantization processes",
            "IEEE Transactions on Neural Networks 2, 173-175",
            1991,
        ),
    ),
    claim="Neighbours on the map learn together, so the map unfolds.",
    best_when="a table is to be seen at a glance: which rows are alike, where groups lie, how columns go together.",
    do_not_use_when="classes are to be predicted, or a plain partition is wanted (k-means is nearer to the rows).",
    verb="map",
    estimators=(KohonenMap,),
    departs="The drawing shows units and inputs; the lattice that makes the units neighbours is not in it.",
)
