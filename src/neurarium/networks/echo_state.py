"""Echo state network: a large random recurrent network is left as it is, and only what reads it out is learnt.

The units of the reservoir are linked at random. What they hear keeps echoing among them, mixed and bent:

    x(t) = (1 - a) x(t - 1) + a tanh(s W_in u(t) + r W x(t - 1) + b),        y(t) = W_out [x(t), u(t)] + c

with the leak a, the input scaling s and the spectral radius r. As long as the echo fades (Jaeger's echo state
property), x(t) is a function of the recent inputs alone, and so rich a one that a linear read-out does the rest: least
squares, solved in closed form. To continue a series, its own last value is the input, u(t) = y(t - 1): the true one
while learning (teacher forcing), later the network's own answer (output feedback).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import r2_score
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.devices import Threads
from neurarium.core.estimator import Estimator
from neurarium.core.parameters import Bound, above, at_least
from neurarium.core.randomness import Randomness
from neurarium.core.roles import Forecaster, ProbabilisticClassifier, Regressor, Weighted
from neurarium.core.rows import is_ragged, read_ragged, read_table, to_array, to_tensor
from neurarium.core.sequences import SequenceEstimator
from neurarium.networks._echo_state import (
    AnswerStepModule,
    EchoStateForecastModule,
    EchoStateModule,
    ForecastStepModule,
    PooledEchoStateModule,
    PooledStepModule,
    PooledWholeModule,
    WholeModule,
)
from neurarium.networks._futures import N_PATHS, check_futures, check_level, ends, stationary_bootstrap
from neurarium.networks._reservoir import ReservoirModule, StepModule, memory_curve
from neurarium.rules.reservoir import ForecastReadout, Grid, ReservoirReadout, SeriesReadout
from neurarium.rules.ridge import onto_simplex, ridge_grid

_RADII, _LEAKS, _SCALINGS = (0.5, 0.9, 1.25), (0.3, 0.65, 1.0), (0.03, 0.1, 0.3, 1.0)
_TRIAL_UNITS = 100  # of the reservoir on which the choices are tried; twice as many for free runs
_PANEL = 64  # columns that a decomposition does at once, between which threads wait for each other
_NUMBERS_AT_ONCE = 2**25  # numbers of states that an answer may hold: 256 MB


@dataclass(eq=False, repr=False, kw_only=True)
class EchoStateBase(Estimator):
    """What all echo state networks share.

    Args:
        n_units: Units of the reservoir.
        n_links: Units that each unit hears; n_units or more for a dense reservoir.
        spectral_radius: How long the echo lasts: the modulus of the largest eigenvalue of the links; near 1 for long.
        leak: How fast the units are, above 0 and up to 1: the share of its state that a unit changes in a step.
        input_scaling: How strongly the inputs, scaled to variance 1, drive the units; more is less linear.
        bias: Largest of the units' constant inputs.
        ridge: Penalty on the read-out's weights, as a share of the features' mean eigenvalue.

    "auto" chooses the value for which the rows would be answered best by a read-out that has not seen them
    (leave-one-out in closed form).

    Attributes:
        spectral_radius_, leak_, input_scaling_, ridge_: The values used.
        error_: Mean squared error on rows left out, as a share of the targets' variance (of classes: of 0 and 1).
        tried_: (choices, 4) spectral radius, leak, input scaling and error of each choice on a small reservoir.
    """

    n_units: Annotated[int, at_least(1)] = 500
    n_links: Annotated[int, at_least(1)] = 10
    spectral_radius: Literal["auto"] | Annotated[float, at_least(0)] = "auto"
    leak: Literal["auto"] | Annotated[float, Bound(0, 1, lowest_open=True)] = "auto"
    input_scaling: Literal["auto"] | Annotated[float, above(0)] = "auto"
    bias: Annotated[float, at_least(0)] = 0.5
    ridge: Literal["auto"] | Annotated[float, at_least(0)] = "auto"

    def _grid(self, dtype: torch.dtype) -> Grid:
        def values(given: str | float, else_these: tuple[float, ...]) -> tuple[float, ...]:
            return else_these if isinstance(given, str) else (float(given),)

        return Grid(
            values(self.spectral_radius, _RADII),
            values(self.leak, _LEAKS),
            values(self.input_scaling, _SCALINGS),
            values(self.ridge, tuple(ridge_grid(dtype).tolist())),
        )

    def _trial(self, module: EchoStateModule, units: int) -> ReservoirModule:
        """A reservoir like the module's, but of so many units at most, to try the choices on."""
        like = module.reservoir.input_weight
        trial = ReservoirModule(like.shape[1], min(int(self.n_units), units), int(self.n_links))
        trial.draw(float(self.bias))
        return trial.to(like.device, like.dtype)

    def _finish(self, module: nn.Module, rule: Any) -> None:
        self.spectral_radius_, self.leak_, self.input_scaling_ = rule.chosen
        self.ridge_, self.error_ = rule.ridge, rule.error
        self.tried_ = rule.tried.numpy(force=True)

    def memory_curve(self, max_delay: int | None = None) -> NDArray[np.float64]:
        """How well the states still tell what was heard some steps ago.

        The reservoir hears random numbers, uniform and of variance 1 in its own units, all inputs the same one; for
        each delay a linear read-out is fitted on one stretch and judged on another.

        Args:
            max_delay: Steps to go back; None for twice as many as there are units, at most 1,000.

        Returns:
            (max_delay,) squared correlation of the read-out with the number heard 1, 2, ... steps ago.
        """
        self._check_fitted()
        module: Any = self.module_
        delays = max_delay or min(2 * int(self.n_units), 1000)
        if delays < 1:
            raise ValueError(f"{type(self).__name__}: max_delay must be at least 1; got {max_delay!r}.")
        with torch.inference_mode(), Randomness(self.seed_), Threads(0.0):
            return memory_curve(module.reservoir, delays).numpy(force=True)

    def memory_capacity(self, max_delay: int | None = None) -> float:
        """How many steps of a random input the reservoir holds: the sum of `memory_curve`, at most n_units.

        Source: Jaeger, Short term memory in echo state networks, GMD report 152, 2001.
        """
        return float(self.memory_curve(max_delay).sum())


@dataclass(eq=False, repr=False, kw_only=True)
class EchoStateSequenceBase(SequenceEstimator, EchoStateBase):
    """What the networks share that read sequences.

    Args:
        segments: Equal parts of a sequence whose mean states are read, side by side; 1 for the mean over all of it.
        washout: First steps of each sequence that do not count.
    """

    segments: Annotated[int, at_least(1)] = 2
    washout: Annotated[int, at_least(0)] = 0

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> EchoStateModule:
        sizes = (shape_in[-1], int(self.n_units), int(self.n_links), shape_out[0])
        return PooledEchoStateModule(*sizes, int(self.segments), int(self.washout))

    def _start(self, module: Any, data: Batch) -> None:
        inputs, weights = data.inputs.flatten(0, 1), data.weights
        time = data.inputs.shape[1]
        if weights is not None:
            weights = weights.repeat_interleave(time)
        if data.lengths is not None:
            real = (torch.arange(time, device=inputs.device) < data.lengths[:, None]).flatten()
            inputs, weights = inputs[real], None if weights is None else weights[real]
        module.scaling.fit(inputs, weights)
        module.reservoir.draw(float(self.bias))

    def _rule(self, module: Any) -> ReservoirReadout:
        grid = self._grid(module.read_out.weight.dtype)
        return ReservoirReadout(module, self._trial(module, _TRIAL_UNITS), grid, self._n_classes())

    def _n_classes(self) -> int | None:
        return None

    def _work(self, module: Any, rows: int) -> float:
        return 2.0 * rows * module.read_out.in_features * _PANEL

    def _read(self, X: Any, *, reset: bool) -> Batch:
        data = super()._read(X, reset=reset)
        shortest = data.inputs.shape[1] if data.lengths is None else int(data.lengths.min())
        if shortest <= self.washout:
            name = type(self).__name__
            raise ValueError(f"{name}: washout={self.washout} leaves nothing of a sequence of {shortest} steps.")
        return data

    def _run(self, module: nn.Module, data: Batch) -> Tensor:
        """As everywhere, with a bound on the states that lie in memory."""
        rows = max(1, _NUMBERS_AT_ONCE // (data.inputs.shape[1] * int(self.n_units)))
        blocks = torch.arange(data.n_rows).split(rows)
        return torch.cat([super(EchoStateSequenceBase, self)._run(module, data.select(block)) for block in blocks])

    def _unread(self) -> int:
        return int(self.washout)

    def _shares(self) -> Callable[[Tensor], Tensor] | None:
        """From scores to probabilities, where it has some."""
        return None

    def _whole(self, time: int) -> PooledWholeModule:
        """The network for sequences of so many steps, as a loop of steps."""
        module: Any = self.module_
        return PooledWholeModule(module, time)

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        module: Any = self.module_
        like = self._like
        state, inputs = like.new_zeros(2, int(self.n_units)), like.new_zeros(2, self.shape_in_[-1])
        features = like.new_zeros(2, module.read_out.in_features)
        if not self.one_length_:
            means, one = features.unflatten(1, (int(self.segments), -1)), like.new_zeros(2, 1)
            return {"step": (PooledStepModule(module, self._shares()), (inputs, one, state, means, one))}
        return {
            "forward": (self._whole(self.shape_in_[0]), (like.new_zeros(2, *self.shape_in_),)),
            "step": (StepModule(module.reservoir, module.scaling), (state, inputs)),
            "read_out": (module.read_out, (features,)),
        }


@dataclass(eq=False, repr=False, kw_only=True)
class EchoStateClassifier(Weighted, ProbabilisticClassifier, EchoStateSequenceBase):
    """Tell sequences apart by the echoes they leave in a random recurrent network; no weight of it is learnt by steps.

        x(t) = (1 - a) x(t - 1) + a tanh(s W_in u(t) + r W x(t - 1) + b),    scores = W_out [means of x and u] + c

    Each sequence is read as the means of its states over `segments` equal parts of its time; the read-out is ridge
    regression on 0 and 1, and everything that is "auto" is chosen by closed-form leave-one-out.

    Args:
        n_units: Units of the reservoir, at least 1; more of them answer better and cost their square.
        n_links: Units that each unit hears, at least 1.
        spectral_radius: How long the echo lasts, at least 0; "auto" or a number, as for the next two and ridge.
        leak: Speed of the units, above 0 and at most 1; small for slow inputs.
        input_scaling: Strength of the inputs, above 0; large for decisions that are far from linear.
        bias: Largest constant input of a unit, at least 0; with 0 the states would be odd in the inputs.
        ridge: Penalty, at least 0, a share of the features' mean eigenvalue.
        segments: Parts of the time that are read side by side, at least 1.
        washout: First steps that are not read, at least 0.
        view: (time, features) that the columns of a table stand for; None takes them as single numbers in time.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        spectral_radius_, leak_, input_scaling_, ridge_: The values used.
        error_: Mean squared error of the scores on rows left out.
        tried_: (choices, 4) the three settings of the reservoir and the error that they had on a small one.

    Best when: rows are sequences, few to some ten thousand, and an answer is wanted in seconds.
    Do not use when: what decides is an order of events far apart with much in between: the echo has faded by then.

    Source: Jaeger, The "echo state" approach to analysing and training recurrent neural networks, GMD report 148, 2001;
    reading at several points of the time: Jaeger, Lukosevicius, Popovici and Siewert, Optimization and applications of
    echo state networks with leaky-integrator neurons, Neural Networks 20, 2007.

    Example:
        >>> rising, falling = [[0.0, 0.3, 0.6, 0.9]] * 5, [[0.9, 0.6, 0.3, 0.0]] * 5
        >>> network = EchoStateClassifier(n_units=20, random_state=0).fit(rising + falling, ["up"] * 5 + ["down"] * 5)
        >>> network.predict([[0.1, 0.4, 0.7, 0.8]])
        array(['up'], dtype='<U4')
    """

    def _n_classes(self) -> int | None:
        return len(self.classes_)

    def _probabilities(self, scores: Tensor) -> Tensor:
        return onto_simplex(scores)

    def _shares(self) -> Callable[[Tensor], Tensor]:
        return onto_simplex


@dataclass(eq=False, repr=False, kw_only=True)
class EchoStateRegressor(Weighted, Regressor, EchoStateSequenceBase):
    """Answer sequences with numbers, at their end or at every step, from the echoes in a random recurrent network.

        x(t) = (1 - a) x(t - 1) + a tanh(s W_in u(t) + r W x(t - 1) + b),    y(t) = W_out [x(t), u(t)] + c

    What y looks like decides: (n,) or (n, outputs) numbers are answers to whole sequences, read from the means of their
    states over `segments` equal parts of the time; (n, time, outputs) numbers, or a list of (time,) or (time, outputs)
    arrays where the sequences are such a list, are answers at every step.

    Args:
        n_units: Units of the reservoir, at least 1; more of them answer better and cost their square.
        n_links: Units that each unit hears, at least 1.
        spectral_radius: How long the echo lasts, at least 0; "auto" or a number, as for the next two and ridge.
        leak: Speed of the units, above 0 and at most 1; small for slow inputs.
        input_scaling: Strength of the inputs, above 0; large for answers that are far from linear.
        bias: Largest constant input of a unit, at least 0; with 0 the states would be odd in the inputs.
        ridge: Penalty, at least 0, a share of the features' mean eigenvalue.
        segments: Parts of the time that are read side by side, at least 1; not for answers at every step.
        washout: First steps that are not learnt from, at least 0.
        view: (time, features) that the columns of a table stand for; None takes them as single numbers in time.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        spectral_radius_, leak_, input_scaling_, ridge_: The values used.
        error_: Mean squared error on rows left out, as a share of the targets' variance.
        tried_: (choices, 4) the three settings of the reservoir and the error that they had on a small one.
        per_step_: Whether it answers at every step.

    Best when: the answer is a fading and not too simple function of the recent inputs.
    Do not use when: the answer is linear in the inputs, or hangs on what lies further back than about n_units steps.

    Source: Jaeger, Adaptive nonlinear system identification with echo state networks, NIPS 15, 2003.

    Example:
        >>> inputs = np.random.default_rng(0).uniform(size=(1, 500, 1))
        >>> products = inputs * np.roll(inputs, 1, axis=1)  # of each number and the one before
        >>> network = EchoStateRegressor(n_units=50, washout=10, random_state=0).fit(inputs, products)
        >>> bool(network.score(inputs, products) > 0.99)
        True
    """

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> EchoStateModule:
        if not self.per_step_:
            return super()._build(shape_in, shape_out)
        return EchoStateModule(shape_in[-1], int(self.n_units), int(self.n_links), shape_out[0])

    def _rule(self, module: Any) -> ReservoirReadout:
        if not self.per_step_:
            return super()._rule(module)
        grid = self._grid(module.read_out.weight.dtype)
        return SeriesReadout(module, self._trial(module, _TRIAL_UNITS), grid, int(self.washout))

    def _work(self, module: Any, rows: int) -> float:
        return super()._work(module, rows * (self.shape_in_[0] if self.per_step_ else 1))

    def _data(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Batch:
        if is_ragged(X) and is_ragged(y):
            pairs = enumerate(zip(X, y, strict=False))
            wrong = next((number for number, (steps, answers) in pairs if len(steps) != len(answers)), None)
            if wrong is not None:
                raise ValueError(
                    f"{type(self).__name__}: sequence {wrong} has {len(X[wrong])} steps but {len(y[wrong])} answers; "
                    "each step needs one."
                )
        data = super()._data(X, y, sample_weight, reset=reset)
        if self.per_step_ and data.targets is not None and data.targets.shape[1] != data.inputs.shape[1]:
            have, given = data.inputs.shape[1], data.targets.shape[1]
            raise ValueError(
                f"{type(self).__name__}: sequences of {have} steps have {given} answers; each step needs one."
            )
        return data

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        y, name = to_array(y), type(self).__name__
        ragged = is_ragged(y)
        per_step = ragged or getattr(y, "ndim", 0) == 3
        if not reset and per_step != self.per_step_:
            raise ValueError(
                f"{name}: it was fitted on answers {'at every step' if self.per_step_ else 'to whole sequences'}."
            )
        self.per_step_: bool = per_step
        if not per_step:
            return super()._target(y, n_rows, reset=reset)
        if len(y) != n_rows:
            raise ValueError(f"{name}: there are {n_rows} sequences but answers to {len(y)}.")
        if reset:
            self.one_number_ = ragged and y[0].ndim == 1
        answers = read_ragged(self, y if ragged else list(y), None)[0]
        return torch.from_numpy(answers), answers.shape[2:]

    def predict(self, X: ArrayLike) -> Any:
        """The answers: (n,) or (n, outputs) to whole sequences; at every step (n, time, outputs) or a list."""
        if not getattr(self, "per_step_", False):
            return super().predict(X)
        answers = self._answer(X).numpy(force=True)
        if not is_ragged(X):
            return answers
        answers = answers[..., 0] if self.one_number_ else answers
        return [answer[: len(steps)] for answer, steps in zip(answers, X, strict=True)]  # type: ignore[arg-type]

    def score(self, X: ArrayLike, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """R² of the answers; with answers at every step, over all steps after the washout."""
        if not getattr(self, "per_step_", False):
            return float(super().score(X, y, sample_weight))
        answers = [np.asarray(each)[int(self.washout) :] for each in self.predict(X)]
        truths = [to_array(each)[int(self.washout) :] for each in y]
        weights = (
            None if sample_weight is None else np.repeat(np.asarray(sample_weight), [len(each) for each in truths])
        )
        return float(r2_score(np.concatenate(truths), np.concatenate(answers), sample_weight=weights))

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        if not self.per_step_:
            return super()._programs()
        module: Any = self.module_
        state, inputs = self._like.new_zeros(2, int(self.n_units)), self._like.new_zeros(2, self.shape_in_[-1])
        step = (AnswerStepModule(module), (state, inputs))
        if not self.one_length_:
            return {"step": step}
        rows = self._like.new_zeros(2, *self.shape_in_)
        return {"forward": (WholeModule(module, self.shape_in_[0]), (rows,)), "step": step}


@dataclass(eq=False, repr=False, kw_only=True)
class EchoStateForecaster(Forecaster, EchoStateBase):
    """Continue a series by a random recurrent network that hears its own answers.

        x(t) = (1 - a) x(t - 1) + a tanh(s W_in y(t - 1) + r W x(t - 1) + b),    y(t) = W_out [x(t), y(t - 1)] + c

    While learning, the network hears the series (teacher forcing), and the read-out is solved for in closed form; then
    it hears its own answers. An interval comes from a thousand futures, in each of which an error one step ahead, drawn
    from the last thousand made on steps left out, is added to every answer and heard too: so it grows as errors grow in
    the series, a little in a tame one, exponentially in a chaotic one.

    Args:
        n_units: Units of the reservoir, at least 1; a few hundred for noisy series, a thousand for exact ones.
        n_links: Units that each unit hears, at least 1.
        spectral_radius: How long the echo lasts, at least 0; "auto" or a number, as for the next two and ridge.
        leak: Speed of the units, above 0 and at most 1; small for smooth series.
        input_scaling: How strongly the series drives the units, above 0; large for series that are far from linear.
        bias: Largest constant input of a unit, at least 0; with 0 the states would be odd in the series.
        ridge: Penalty, at least 0, a share of the features' mean eigenvalue. What costs little one step ahead can cost
            much in a free run: series without noise want (nearly) none.
        washout: First steps that are not learnt from, at least 0; "auto" for 100, or a tenth of a shorter series.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        spectral_radius_, leak_, input_scaling_, ridge_: The values used.
        washout_: First steps that were not learnt from.
        error_: Mean squared error a step ahead on steps left out, as a share of the series' variance.
        tried_: (choices, 4) the three settings of the reservoir and the error that they had on a small one.
        one_number_: Whether the series was (time,), so that forecasts are (steps,).

    Best when: the series is deterministic or nearly so, chaotic or not, and hundreds of steps are known.
    Do not use when: the series is short, or a random walk or drifting: it returns to where it has been.

    Source: Jaeger and Haas, Harnessing nonlinearity: predicting chaotic systems and saving energy in wireless
    communication, Science 304, 2004.

    Example:
        >>> t = np.arange(400)
        >>> network = EchoStateForecaster(n_units=50, random_state=0).fit(np.sin(0.2 * t) + 0.5 * np.sin(0.31 * t))
        >>> truth = np.sin(0.2 * 410) + 0.5 * np.sin(0.31 * 410)
        >>> bool(abs(network.forecast(11)[-1] - truth) < 0.01)
        True
    """

    washout: Literal["auto"] | Annotated[int, at_least(0)] = "auto"

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> EchoStateForecastModule:
        return EchoStateForecastModule(shape_in[0], int(self.n_units), int(self.n_links))

    def _read(self, X: Any, *, reset: bool) -> Batch:
        X = to_array(X)
        if flat := np.ndim(X) == 1:
            X = np.asarray(X)[:, None]
        series = read_table(self, X, reset=reset)
        name = type(self).__name__
        if series.ndim > 2:
            raise ValueError(
                f"{name} takes one series, (time,) or (time, features); got an array of shape {series.shape}."
            )
        if reset:
            self.one_number_ = flat
            self.washout_ = min(100, len(series) // 10) if self.washout == "auto" else int(self.washout)
            if len(series) < self.washout_ + 3:
                raise ValueError(
                    f"{name} needs at least 3 steps after the washout of {self.washout_} to learn from; "
                    f"n_samples = {len(series)}."
                )
        return Batch(to_tensor(series, None if reset else self._like))

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        if y is not None and self.one_number_:
            raise ValueError(
                f"{type(self).__name__} takes the series alone, fit(series), without times or targets beside it."
            )
        return None, ()

    def _start(self, module: Any, data: Batch) -> None:
        module.scaling.fit(data.inputs)
        module.reservoir.draw(float(self.bias))

    def _rule(self, module: Any) -> ForecastReadout:
        grid = self._grid(module.read_out.weight.dtype)
        return ForecastReadout(module, self._trial(module, 2 * _TRIAL_UNITS), grid, self.washout_)

    def _work(self, module: Any, rows: int) -> float:
        return 2.0 * rows * module.read_out.in_features * _PANEL

    def forecast(self, steps: int, *, history: ArrayLike | None = None) -> NDArray[Any]:
        """What comes next, by a free run.

        Args:
            steps: How many steps ahead, at least 1.
            history: The steps to go on from, (time,) or (time, features); None for those it was fitted on. The network
                hears them from silence, so give it at least as many as its echo lasts. Or several histories at once,
                (n, time, features).

        Returns:
            (steps,) or (steps, features), as the series was; (n, steps, features) for several histories.
        """
        state, value = self._now(steps, history)
        module: Any = self.module_
        with torch.inference_mode(), Threads(0.0):
            answer = module.go_on(state, value, None, steps).numpy(force=True)
        return self._as_the_series(answer, history)

    def forecast_interval(
        self, steps: int, *, level: float = 0.9, history: ArrayLike | None = None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Where each coming step lies with probability `level`, from a thousand futures.

        Args:
            steps: How many steps ahead, at least 1.
            level: Above 0 and below 1.
            history: One history to go on from, as in `forecast`.

        Returns:
            Lower and upper ends, each (steps,) or (steps, features).
        """
        check_level(self, level)
        return ends(self.sample_futures(N_PATHS, steps, history=history), level)

    def sample_futures(self, n_samples: int, steps: int, *, history: ArrayLike | None = None) -> NDArray[Any]:
        """Possible futures, each with errors of its own; the same ones at each call.

        Args:
            n_samples: How many, at least 1.
            steps, history: As in `forecast_interval`.

        Returns:
            (n_samples, steps) or (n_samples, steps, features).
        """
        state, value = self._now(steps, history)
        check_futures(self, len(value), n_samples)
        module: Any = self.module_
        with torch.inference_mode(), Randomness(self.seed_), Threads(20.0 * n_samples * module.reservoir.n_units):
            errors = module.errors[stationary_bootstrap(len(module.errors), steps, n_samples)]
            paths = module.go_on(state.expand(n_samples, -1), value.expand(n_samples, -1), errors, steps).numpy(
                force=True
            )
        return paths[..., 0] if self.one_number_ else paths

    def _now(self, steps: int, history: ArrayLike | None) -> tuple[Tensor, Tensor]:
        """The states before the last values are heard, and these values: (n, units) and (n, features)."""
        self._check_fitted()
        if steps < 1:
            raise ValueError(f"{type(self).__name__}: steps must be at least 1; got {steps!r}.")
        module: Any = self.module_
        if history is None:
            return module.last_state[None], module.last_value[None]
        if np.ndim(to_array(history)) == 3:
            series = torch.stack([self._read(each, reset=False).inputs for each in to_array(history)])
        else:
            series = self._read(history, reset=False).inputs[None]
        with torch.inference_mode(), Threads(0.0):
            if series.shape[1] == 1:
                return module.last_state.new_zeros(len(series), len(module.last_state)), series[:, -1]
            return module.reservoir(module.scaling(series[:, :-1]))[:, -1], series[:, -1]

    def _as_the_series(self, answer: NDArray[Any], history: ArrayLike | None) -> NDArray[Any]:
        if history is not None and np.ndim(to_array(history)) == 3:
            return answer
        return answer[0, :, 0] if self.one_number_ else answer[0]

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        module: Any = self.module_
        state, value = self._like.new_zeros(2, int(self.n_units)), self._like.new_zeros(2, self.shape_in_[0])
        return {"step": (ForecastStepModule(module), (state, value))}


CARD = Card(
    code="ESN",
    name="Echo state network",
    family="reservoir",
    tier="A",
    layers=((Cell.INPUT, 3), (Cell.RECURRENT, 6), (Cell.OUTPUT, 3)),
    links="random",
    papers=(
        Paper(
            "Jaeger, H.",
            'The "echo state" approach to analysing and training recurrent neural networks',
            "GMD Report 148, German National Research Center for Information Technology",
            2001,
        ),
        Paper(
            "Jaeger, H. and Haas, H.",
            "Harnessing nonlinearity: predicting chaotic systems and saving energy in wireless communication",
            "Science 304, 78-80",
            2004,
            "https://doi.org/10.1126/science.1091277",
        ),
    ),
    claim="Do not train the recurrence: keep a rich echo, train the read-out.",
    best_when="A series is deterministic or nearly so, or sequences are to be told apart, in seconds.",
    do_not_use_when="What decides lies further back than the echo lasts, or the series drifts to where it never was.",
    verb="classify rows",
    estimators=(EchoStateClassifier, EchoStateRegressor, EchoStateForecaster),
    departs="The chart draws an ordinary recurrent layer; here its links are random and never learnt, and the read-out "
    "sees the inputs too, as in Jaeger's report.",
)
