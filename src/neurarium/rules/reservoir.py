"""Choosing a reservoir and its read-out by leave-one-out, in closed form.

Only the read-out of a reservoir is learnt, and that by linear least squares; so what each choice of spectral radius,
leak, input scaling and ridge would do on rows left out is known exactly, without a second fit (`rules.ridge`). All
choices on a grid are tried on a small reservoir, in which they advance together, one product a step; the best few then
meet again at full size, where the ridge is chosen too.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.devices import Threads
from neurarium.core.learning import Metrics, Rule
from neurarium.rules.ridge import RidgePath, search, targets_of

_NUMBERS_AT_ONCE = 2**25
"""Numbers of states that are held at once while features are made of them: 256 MB."""

_NUMBERS_A_STEP = 2**18
"""Numbers of states that a step computes at once: more would leave the cache between one operation and the next."""


_CORRECTABLE, _CORRECTIONS = 1e-14, 3
"""Ridge, for each column, from which corrections of a Cholesky solution shrink its error 45 times or more; how many."""

_TRIAL_STEPS = 2000
"""Steps of a long series on which the grid is tried."""

_FREE_RUNS, _FREE_STEPS = 50, 100
"""Free runs by which the reservoir of a forecaster is chosen, and steps of each."""


class Settings(NamedTuple):
    """What makes a reservoir of random links of radius 1."""

    spectral_radius: float
    leak: float
    input_scaling: float


@dataclass(frozen=True)
class Grid:
    """What there is to choose from.

    Attributes:
        spectral_radius, leak, input_scaling: Values to try.
        ridge: Ridges to try, as shares: see `rules.ridge`.
    """

    spectral_radius: tuple[float, ...]
    leak: tuple[float, ...]
    input_scaling: tuple[float, ...]
    ridge: tuple[float, ...]

    def settings(self) -> list[Settings]:
        """Every combination of the first three."""
        return list(itertools.starmap(Settings, itertools.product(self.spectral_radius, self.leak, self.input_scaling)))


class Reservoir(Protocol):
    """Random links."""

    n_units: int

    def set(self, settings: Settings) -> None:
        """Be this reservoir from now on."""

    def __call__(self, inputs: Float[Tensor, "batch time inputs"]) -> Float[Tensor, "batch time units"]:
        """The states."""

    def each(
        self, inputs: Float[Tensor, "batch time inputs"], settings: list[Settings]
    ) -> Float[Tensor, "kinds batch time units"]:
        """The states of several reservoirs on the same links."""

    def run_freely(self, state: Tensor, value: Tensor, answer: Callable[[Tensor], Tensor], steps: int) -> Tensor:
        """(batch, steps, features) what it answers when it hears its own answers."""


class Echoes(Protocol):
    """A module whose answer is linear in features of the states of a reservoir."""

    read_out: nn.Linear
    reservoir: Any

    def scaling(self, inputs: Tensor) -> Tensor:
        """Inputs in the units of the reservoir."""

    def see(self, states: Tensor, inputs: Tensor, lengths: Tensor | None) -> Tensor:
        """(kinds, batch, ..., features) what the read-out sees."""


class ReservoirReadout(Rule):
    """Choose by leave-one-out, then solve: one answer a sequence.

    Args:
        module: What has the reservoir and the read-out.
        trial: A smaller reservoir of the same kind, to try the grid on.
        grid: What to choose from.
        n_classes: Targets are classes numbered from 0, of so many; None where they are numbers.

    Attributes:
        chosen: The settings chosen.
        ridge: The ridge chosen.
        error: Mean squared error of the choice on rows left out, as in `rules.ridge.Ridge`.
        tried: (choices, 4) the three numbers of each choice, and its error on the trial reservoir.
        n_finalists: Choices that meet again at full size.
    """

    usable_early = False
    n_finalists = 2

    def __init__(self, module: Any, trial: Any, grid: Grid, n_classes: int | None = None) -> None:
        self.module: Echoes = module
        self.trial: Reservoir = trial
        self.grid = grid
        self.n_classes = n_classes
        self.chosen = Settings(0.0, 0.0, 0.0)
        self.ridge, self.error = float("nan"), float("nan")
        self.tried = torch.zeros(0, 4, dtype=torch.float64)

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Choose, and solve for all rows at once."""
        self._learn(batch)
        return {"loss": torch.tensor(self.error, dtype=torch.float64)}

    def _learn(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The features of the last row, and the answers to all of a read-out that has not seen them."""
        rows = self._rows(batch)
        targets, unit = self._in_units(rows)
        reservoir = self.module.reservoir
        best: tuple[float, Settings, RidgePath, Tensor] | None = None
        for settings in self._finalists(batch):
            reservoir.set(settings)
            (design,) = self._designs(batch, None)
            path = self._solve(design, targets, rows.weights)
            judged = self._judge(reservoir, design, targets, path)
            if best is None or judged < best[0]:
                best = judged, settings, path, design[-1].clone()
        if best is None:
            raise ValueError("there is nothing to choose from: the grid is empty.")
        _, self.chosen, path, last = best
        reservoir.set(self.chosen)
        self.ridge, self.error = float(path.ridge), least(path)
        self.module.read_out.weight.copy_((path.coefficients * unit).mT)
        self.module.read_out.bias.copy_(path.intercept * unit)
        return last, path.predictions * unit

    def _judge(self, reservoir: Reservoir, design: Tensor, targets: Tensor, path: RidgePath) -> float:
        """How wrong a reservoir is with its read-out."""
        return least(path)

    def end_pass(self) -> bool:
        """One pass is all."""
        return True

    def state_dict(self) -> dict[str, Any]:
        """What has been chosen."""
        return {"chosen": tuple(self.chosen), "ridge": self.ridge, "error": self.error, "tried": self.tried}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.chosen = Settings(*state["chosen"])
        self.ridge, self.error, self.tried = state["ridge"], state["error"], state["tried"]

    def _rows(self, batch: Batch) -> Batch:
        """What the read-out learns from, a row for each of the features'."""
        return batch

    def _enough_for_trial(self, batch: Batch) -> Batch:
        """The part of the batch that the grid is tried on."""
        return batch

    def _in_units(self, rows: Batch) -> tuple[Tensor, Tensor]:
        """The targets in the units in which errors count, and these."""
        return targets_of(rows, self.n_classes)

    def _pick(self, seen: Tensor, lengths: Tensor | None) -> Float[Tensor, "kinds rows features"]:
        """Those of the features that count."""
        return seen

    def _solve(self, design: Tensor, targets: Tensor, weights: Tensor | None) -> RidgePath:
        return search(design, targets, torch.tensor(self.grid.ridge, dtype=torch.float64), weights)

    def _finalists(self, batch: Batch) -> list[Settings]:
        """The choices that did best on the trial reservoir."""
        settings = self.grid.settings()
        if len(settings) == 1:
            return settings
        batch = self._enough_for_trial(batch)
        rows = self._rows(batch)
        targets, weights = self._in_units(rows)[0], rows.weights
        ridges = torch.tensor(self.grid.ridge, dtype=torch.float64)
        errors = []
        for each, design in zip(settings, self._designs(batch, settings), strict=True):
            self.trial.set(each)
            errors.append(self._judge(self.trial, design, targets, search(design, targets, ridges, weights)))
        judged = torch.tensor(errors, dtype=torch.float64)
        self.tried = torch.cat([torch.tensor(settings, dtype=torch.float64), judged[:, None]], 1)
        return [settings[number] for number in judged.argsort(stable=True)[: self.n_finalists].tolist()]

    def _designs(self, batch: Batch, settings: list[Settings] | None) -> Iterator[Float[Tensor, "rows features"]]:
        """The features of the module's reservoir as it is, or of the trial reservoir under each of the settings."""
        reservoir = self.module.reservoir if settings is None else self.trial
        n, time = batch.inputs.shape[:2]
        kinds = 1 if settings is None else len(settings)
        together = max(1, min(kinds, _NUMBERS_AT_ONCE // (n * time * reservoir.n_units)))
        columns = min(_NUMBERS_AT_ONCE // time, _NUMBERS_A_STEP) // reservoir.n_units
        size = max(1, columns // together)
        for first in range(0, kinds, together):
            seen = []
            for row in range(0, n, size):
                rows = torch.arange(row, min(row + size, n), device=batch.inputs.device)
                part = batch.select(rows) if size < n else batch
                inputs = self.module.scaling(part.inputs)
                # A step of a few columns is too small to be shared among threads.
                with Threads(20.0 * len(inputs) * together * reservoir.n_units):
                    group = None if settings is None else settings[first : first + together]
                    states = reservoir(inputs)[None] if group is None else reservoir.each(inputs, group)
                    seen.append(self._pick(self.module.see(states, inputs, part.lengths), part.lengths))
            yield from seen[0] if len(seen) == 1 else torch.cat(seen, 1)


class SeriesReadout(ReservoirReadout):
    """The same with one answer a step.

    A ridge that is given is used without leaving out every step in turn. What a step left out would have got is then
    estimated with the mean leverage in place of its own (generalised cross-validation: Golub, Heath and Wahba,
    Technometrics 21, 1979); the read-out is the same.

    Args:
        module, trial, grid: As there.
        washout: First steps of each sequence that are not learnt from.
    """

    def __init__(self, module: Any, trial: Any, grid: Grid, washout: int) -> None:
        super().__init__(module, trial, grid)
        self.washout = washout

    def _rows(self, batch: Batch) -> Batch:
        if batch.targets is None:
            raise ValueError("a read-out learns from targets; the batch has none.")
        n, time = batch.targets.shape[:2]
        weights = batch.weights
        if weights is not None:
            weights = self._pick(weights[None, :, None, None].expand(1, n, time, 1), batch.lengths)[0, :, 0]
        targets = self._pick(batch.targets[None], batch.lengths)[0]
        return Batch(targets, targets, weights)

    def _enough_for_trial(self, batch: Batch) -> Batch:
        """The end of one long series."""
        longest = _TRIAL_STEPS + self.washout
        if batch.n_rows > 1 or batch.targets is None or batch.inputs.shape[1] <= longest:
            return batch
        return batch._replace(inputs=batch.inputs[:, -longest:], targets=batch.targets[:, -longest:], lengths=None)

    def _pick(self, seen: Tensor, lengths: Tensor | None) -> Tensor:
        seen = seen[:, :, self.washout :]
        if lengths is None:
            return seen.flatten(1, 2)
        return seen[:, torch.arange(seen.shape[2], device=seen.device) < (lengths - self.washout)[:, None]]

    def _solve(self, design: Tensor, targets: Tensor, weights: Tensor | None) -> RidgePath:
        if len(self.grid.ridge) > 1:
            return super()._solve(design, targets, weights)
        return at_one_ridge(design, targets, self.grid.ridge[0], weights)


class ForecastReadout(SeriesReadout):
    """The same for one series (time, features), whose own next value is the answer.

    The ridge is chosen by leave-one-out, a step ahead, but the reservoir by free runs from places in the series: what
    is best a step ahead may run away when it hears itself (on the Mackey-Glass series the best of 27 did, with 300
    units). The module keeps where the series ended, and the last errors of a step ahead.
    """

    n_finalists = 5

    def _in_units(self, rows: Batch) -> tuple[Tensor, Tensor]:
        """Those of the reservoir, which hears them."""
        return rows.inputs.double(), rows.inputs.new_ones(())

    def _judge(self, reservoir: Reservoir, design: Tensor, targets: Tensor, path: RidgePath) -> float:
        """The mean squared error of free runs, in the geometric mean over their steps: all scales of error count."""
        steps = max(1, min(_FREE_STEPS, len(targets) // 4))
        starts = torch.linspace(0, len(targets) - steps - 1, min(_FREE_RUNS, len(targets) - steps)).long()
        starts = starts.to(targets.device)
        coefficients, intercept = path.coefficients.to(design), path.intercept.to(design)
        state, value = design[starts, : reservoir.n_units], targets[starts].to(design)
        runs = reservoir.run_freely(state, value, lambda seen: seen @ coefficients + intercept, steps)
        truths = targets[starts[:, None] + torch.arange(1, steps + 1, device=starts.device)]
        wrong = (runs - truths).square().mean((0, 2)).double()
        return float(wrong.clamp(min=1e-30).log().mean().exp())

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Choose, solve, and remember."""
        series = self.module.scaling(batch.inputs)
        last, answers = self._learn(Batch(batch.inputs[None, :-1], series[None, 1:]))
        module: Any = self.module
        module.last_state.copy_(last[: module.reservoir.n_units])
        module.last_value.copy_(batch.inputs[-1])
        errors = series[1 + self.washout :] - answers
        last_ones = errors[-len(module.errors) :]
        module.errors.copy_(last_ones[torch.arange(len(module.errors)) % len(last_ones)])
        return {"loss": torch.tensor(self.error, dtype=torch.float64)}


def at_one_ridge(
    design: Float[Tensor, "rows columns"],
    targets: Float[Tensor, "rows outputs"],
    ridge: float,
    weights: Float[Tensor, "rows"] | None = None,
) -> RidgePath:
    """The read-out at one ridge.

    The Cholesky factor R of the penalised Gram matrix knows the solution only to the condition of the design squared;
    but corrected by what the answers it gives leave over (Björck, Linear Algebra and its Applications 88/89, 1987), the
    solution is as exact as from an orthogonal triangle, at half the cost. Below the ridges where that converges, the
    triangle itself is taken: the read-outs of chaotic series live on their last digits.
    """
    X, Y = design.double(), targets.double()
    w = X.new_ones(len(X), 1) if weights is None else weights.double()[:, None]
    mean, level = (w * X).sum(0) / w.sum(), (w * Y).sum(0) / w.sum()
    X, Y = (X - mean, Y - level) if weights is None else (w.sqrt() * (X - mean), w.sqrt() * (Y - level))
    solve = _corrected if ridge >= _CORRECTABLE * X.shape[1] else _triangular
    coefficients, freedom = solve(X, Y, ridge * X.square().sum() / X.shape[1])
    intercept = level - mean @ coefficients
    wrong = (Y - X @ coefficients) / (1 - (1 + freedom) / len(X)).clamp(min=1 / len(X))
    error = wrong.square().sum(0).mean() / w.sum()
    answers = targets.double() - wrong / torch.where(w > 0, w, 1.0).sqrt()
    return RidgePath(X.new_tensor(ridge), coefficients, intercept, error[None], answers)


def _corrected(X: Tensor, Y: Tensor, penalty: Tensor) -> tuple[Tensor, Tensor]:
    """Coefficients and degrees of freedom from the Gram matrix, the coefficients corrected."""
    h = X.shape[1]
    gram = X.new_empty(h, h)
    for columns in torch.arange(h).split(-(-h // 4)):  # the lower triangle, in strips
        first, behind = int(columns[0]), int(columns[-1]) + 1
        torch.mm(X[:, first:].mT, X[:, first:behind], out=gram[first:, first:behind])
    gram.diagonal().add_(torch.where(penalty > 0, penalty, 1.0))
    L = torch.linalg.cholesky(gram)  # reads the lower triangle only
    coefficients = torch.cholesky_solve(X.mT @ Y, L)
    for _ in range(_CORRECTIONS):
        left = X.mT @ (Y - X @ coefficients) - penalty * coefficients
        coefficients = coefficients + torch.cholesky_solve(left, L)
    inverse = torch.linalg.solve_triangular(L, torch.eye(h).to(X), upper=False)
    return coefficients, h - penalty * inverse.square().sum()


def _triangular(X: Tensor, Y: Tensor, penalty: Tensor) -> tuple[Tensor, Tensor]:
    """The same from X = Q R: with the singular values of R, those that are rounding left out as in numpy's lstsq."""
    h = X.shape[1]
    triangle = torch.linalg.qr(torch.cat([X, Y], 1), mode="r")[1]
    U, s, Vh = torch.linalg.svd(triangle[:, :h], full_matrices=False)
    kept = s > s[0] * torch.finfo(s.dtype).eps * len(X)
    U, s, V = U[:, kept], s[kept, None], Vh[kept].mT
    gain = s / (s.square() + penalty)
    return V @ (gain * (U.mT @ triangle[:, h:])), (gain * s).sum()


def least(path: RidgePath) -> float:
    """The least error of the ridges tried."""
    return float(path.errors.nan_to_num(torch.inf).min())
