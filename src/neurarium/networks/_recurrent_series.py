"""Recurrent networks that continue a series: y(t) = f(y(t-1), w(t)), what has been and what is done to it.

With y the series, w the control inputs where there are any, both scaled to variance 1, and h(t) the outputs of the last
recurrent layer,

    x(t) = [y(t-1), w(t)],    h(t) = recurrent(x(t), h(t-1)),    y(t) = A x(t) + V h(t) + c + e(t).

A and c are the least-squares line through the steps learnt from, and stay that; V starts at zero, so that what is
learnt is what a line misses. The end of the series is held out: learning ends when it is foretold no better, one step
ahead, and the errors made there say how wide an interval has to be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple, Self

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.devices import Threads
from neurarium.core.learning import Learning, Report, Rule
from neurarium.core.parameters import above, at_least
from neurarium.core.randomness import Randomness
from neurarium.core.roles import Forecaster, Path
from neurarium.core.rows import read_table, to_array, to_tensor, wanted_dtypes
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.networks._futures import N_PATHS, check_futures, check_level, ends, stationary_bootstrap
from neurarium.networks._recurrent import RecurrentModule
from neurarium.networks._recurrent_cells import State
from neurarium.networks._recurrent_windows import WindowsBase
from neurarium.rules.gradient import Loss

_N_ERRORS = 1000  # errors of a step ahead that are remembered


class RecurrentSeriesModule(nn.Module):
    """Recurrent layers that hear a series and its controls, and answer with what comes next, in the series' own units.

    Args:
        recurrent: The layers.
        n_features: Numbers of the series at a step.
        n_controls: Control inputs.
    """

    last_value: Tensor
    errors: Tensor

    def __init__(self, recurrent: RecurrentModule, n_features: int, n_controls: int) -> None:
        super().__init__()
        self.n_features, self.n_controls = n_features, n_controls
        self.scaling = Standardise((n_features + n_controls,))
        self.recurrent = recurrent
        self.direct = nn.Linear(n_features + n_controls, n_features).requires_grad_(False)
        self.read_out = nn.Linear(recurrent.n_units, n_features, bias=False)
        self.scaled = Stage()
        for name in recurrent.seen_names():
            self.add_module(name, Stage())
        self.register_buffer("last_value", torch.zeros(n_features))
        self.register_buffer("errors", torch.zeros(_N_ERRORS, n_features))
        for number, part in enumerate(recurrent.initial(1, self.last_value)):
            self.register_buffer(f"last_state_{number}", part)

    @property
    def last_state(self) -> State:
        """The state before the last value is heard."""
        return tuple(part for name, part in self.named_buffers() if name.startswith("last_state_"))

    def initial(self, n_rows: int, like: Tensor) -> State:
        """The state before the first step."""
        return self.recurrent.initial(n_rows, like)

    def run(
        self, inputs: Float[Tensor, "batch time inputs"], state: State
    ) -> tuple[Float[Tensor, "batch time features"], State]:
        """What is expected at each step, from the value before it and the controls at it, and the state after all."""
        x = self.scaling(inputs)
        h, state = self.recurrent.run(x, state)
        return self._say(x, h), state

    def step(
        self, inputs: Float[Tensor, "batch inputs"], state: State
    ) -> tuple[Float[Tensor, "batch features"], State]:
        """The same for one step."""
        x = self.scaling(inputs)
        h, state = self.recurrent.step(x, state)
        return self._say(x, h), state

    def _say(self, x: Tensor, h: Tensor) -> Tensor:
        return self.units(self.direct(x) + self.read_out(h))

    def units(self, y: Float[Tensor, "*batch features"]) -> Float[Tensor, "*batch features"]:
        """From variance 1 to the series' own units."""
        return y * self.scaling.scale[: self.n_features] + self.scaling.mean[: self.n_features]

    @torch.no_grad()
    def fit_line(self, inputs: Float[Tensor, "pairs inputs"], targets: Float[Tensor, "pairs features"]) -> None:
        """A and c by least squares, in double precision; V to zero."""
        nn.init.zeros_(self.read_out.weight)
        mean, scale = self.scaling.mean[: self.n_features], self.scaling.scale[: self.n_features]
        x = self.scaling(inputs).double()
        x = torch.cat([x, torch.ones_like(x[:, :1])], 1)
        gram = x.T @ x
        gram.diagonal().add_(1e-8 * len(x))  # columns may be constant or alike
        line = torch.linalg.solve(gram, x.T @ ((targets - mean) / scale).double()).T
        self.direct.weight.copy_(line[:, :-1])
        self.direct.bias.copy_(line[:, -1])

    @torch.no_grad()
    def remember(self, last: Float[Tensor, "inputs"], state: State, errors: Float[Tensor, "pairs features"]) -> None:
        """Where the series ended, and the last errors of a step ahead; fewer than there is place for are repeated."""
        self.last_value.copy_(last[: self.n_features])
        for ours, theirs in zip(self.last_state, state, strict=True):
            ours.copy_(theirs)
        errors = errors[-_N_ERRORS:]
        self.errors.copy_(errors[torch.arange(_N_ERRORS, device=errors.device) % len(errors)])

    def forward(self, series: Float[Tensor, "time inputs"]) -> Float[Tensor, "pairs features"]:
        """What is expected after each value, every part of the cells passing its stage on the way."""
        inputs = driven_pairs(series, self.n_controls)[0] if self.n_controls else series
        x = self.scaled(self.scaling(inputs))
        h, layers = self.recurrent.look(x[None])
        for name, part in self.recurrent.named(layers).items():
            self.get_submodule(name)(part[0])
        return self._say(x, h[0])

    def go_on(
        self,
        state: State,
        value: Float[Tensor, "batch features"],
        controls: Float[Tensor, "batch time controls"],
        errors: Float[Tensor, "time batch features"] | None,
    ) -> Float[Tensor, "batch time features"]:
        """Run freely: each answer, with its error if there are any, is heard as the next value.

        Args:
            state: Before the last value is heard.
            value: The last value.
            controls: Of the steps to come, of which there are as many.
            errors: Added to the answers.
        """
        values = []
        for t in range(controls.shape[1]):
            value, state = self.step(torch.cat([value, controls[:, t]], -1), state)
            value = value if errors is None else value + errors[t]
            values.append(value)
        return torch.stack(values, 1)


def driven_pairs(
    series: Float[Tensor, "*batch time inputs"], n_controls: int
) -> tuple[Float[Tensor, "*batch pairs inputs"], Float[Tensor, "*batch pairs features"]]:
    """Each value beside the controls of the step after it, and the value of that step."""
    n = series.shape[-1] - n_controls
    now, after = series[..., :-1, :], series[..., 1:, :]
    return torch.cat([now[..., :n], after[..., n:]], -1), after[..., :n]


class SeriesStepModule(nn.Module):
    """One step of a free run: from the last value, the controls and a state, the next value and the state after it.

    Args:
        module: Whose step.
    """

    def __init__(self, module: RecurrentSeriesModule) -> None:
        super().__init__()
        self.scaling, self.recurrent = module.scaling, module.recurrent
        self.direct, self.read_out = module.direct, module.read_out

    def forward(
        self, inputs: Float[Tensor, "batch inputs"], *state: Float[Tensor, "layers batch units"]
    ) -> tuple[Float[Tensor, "batch features"], State]:
        """y(t) and the state at t, from [y(t-1), w(t)] and the state at t - 1."""
        x = self.scaling(inputs)
        h, after = self.recurrent.step(x, state)
        y = self.direct(x) + self.read_out(h)
        return y * self.scaling.scale[: y.shape[-1]] + self.scaling.mean[: y.shape[-1]], after


class Driven(NamedTuple):
    """A series, and what it is driven by."""

    series: Any
    control: Any


@dataclass(eq=False, repr=False, kw_only=True)
class RecurrentForecasterBase(Forecaster, WindowsBase):
    """What all recurrent forecasters share."""

    n_units: Annotated[int, at_least(1)] = 32
    window: Annotated[int, at_least(1)] = 25
    learning_rate: Annotated[float, above(0)] = 1e-2
    epochs: Annotated[int, at_least(1)] = 100
    batch_size: Annotated[int, at_least(1)] = 32
    early_stopping: bool = True
    n_iter_no_change: Annotated[int, at_least(1)] = 30
    tol: Annotated[float, at_least(0)] = 0.0

    _windows: ClassVar[int] = 8
    _pieces: ClassVar[int] = 4

    # Series in.

    def fit(self, X: Any, y: Any = None, *, control: ArrayLike | None = None, checkpoint: Path | None = None) -> Self:
        """Learn to continue a series.

        Args:
            X: (time,) or (time, features) series, one row a step.
            y: Ignored.
            control: (time,) or (time, controls) what the series is driven by: row t acts on row t of the series.
            checkpoint: A folder in which the fit keeps its place. The same call after an interruption, even
                kill -9, goes on there and ends with the same bytes as a fit that was never disturbed.

        Raises:
            ValueError: The rows or the parameters cannot be used; nothing learnt before is touched.
        """
        return self._fit(X if control is None else Driven(X, control), y, None, checkpoint)

    def fit_steps(self, X: Any, y: Any = None, *, control: ArrayLike | None = None) -> Iterator[Report]:
        """Learn as `fit` does, stopping after every step to report."""
        return super().fit_steps(X if control is None else Driven(X, control), y)

    def stages(self, X: Any, *, control: ArrayLike | None = None) -> dict[str, NDArray[Any]]:
        """What passes through the named places of the network while it hears a series; see `Estimator.stages`."""
        return super().stages(X if control is None else Driven(X, control))

    def _read(self, X: Any, *, reset: bool) -> Batch:
        name = type(self).__name__
        X, control = X if isinstance(X, Driven) else (X, None)
        X = to_array(X)
        if flat := np.ndim(X) == 1:
            X = np.asarray(X)[:, None]
        series = read_table(self, X, reset=reset)
        if series.ndim > 2:
            raise ValueError(
                f"{name} takes one series, (time,) or (time, features); got an array of shape {series.shape}."
            )
        driven = self._controls(control, None if reset else self.n_controls_, len(series))
        if reset:
            self.one_number_: bool = flat
            self.n_controls_: int = driven.shape[1]
            if len(series) < 3:
                raise ValueError(f"{name} needs at least 3 steps to learn from; n_samples = {len(series)}.")
        steps = np.concatenate([series, driven.astype(series.dtype)], 1)
        return Batch(to_tensor(steps, None if reset else self._like))

    def _controls(self, control: Any, n_controls: int | None, n_steps: int) -> NDArray[Any]:
        """The controls of so many steps, (steps, controls)."""
        name = type(self).__name__
        if control is None:
            if n_controls:
                raise ValueError(
                    f"{name} was fitted with {n_controls} controls; control must give {n_steps} rows of them."
                )
            return np.zeros((n_steps, 0))
        control = to_array(control)
        control = np.asarray(control)[:, None] if np.ndim(control) == 1 else control
        control = check_array(control, dtype=wanted_dtypes(control), input_name="control", estimator=name)
        if len(control) != n_steps:
            raise ValueError(f"{name}: control has {len(control)} rows where {n_steps} are needed, one for each step.")
        if n_controls is not None and control.shape[1] != n_controls:
            raise ValueError(f"{name} was fitted with {n_controls} controls; control has {control.shape[1]} columns.")
        return control

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        if y is not None and self.one_number_:
            raise ValueError(
                f"{type(self).__name__} takes the series alone, fit(series, control=...), without times or targets "
                "beside it."
            )
        return None, ()

    # Learning.

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> RecurrentSeriesModule:
        n_in = shape_in[0]
        return RecurrentSeriesModule(self._recurrent(n_in), n_in - self.n_controls_, self.n_controls_)

    def _begin(self, data: Batch) -> Learning:
        self._heard = data.inputs
        return super()._begin(data)

    def _pairs(self, data: Batch) -> tuple[Tensor, Tensor]:
        return driven_pairs(data.inputs, self.n_controls_)

    def _start(self, module: Any, data: Batch) -> None:
        super()._start(module, data)
        series = self._heard.to(module.errors.device)
        module.scaling.fit(series)
        inputs, targets = driven_pairs(series, self.n_controls_)
        module.fit_line(inputs[: self._n_learnt], targets[: self._n_learnt])

    def _loss(self, module: Any) -> Loss:
        scale = module.scaling.scale[: module.n_features]
        return lambda answers, batch: (((answers - batch.targets) / scale) ** 2).mean(-1)

    def _finish(self, module: Any, rule: Rule) -> None:
        series = self.__dict__.pop("_heard").to(module.errors.device)
        inputs, targets = driven_pairs(series, self.n_controls_)
        with torch.no_grad():
            answers, state = module.run(inputs[None], module.initial(1, inputs))
            errors, n = targets - answers[0], self._n_learnt
            if n < len(errors):
                # Steps that were learnt from are answered too well: their errors are made as large as the others.
                learnt, held_out = (part.square().mean(0).sqrt() for part in (errors[:n], errors[n:]))
                errors[:n] *= (held_out / learnt.clamp(min=torch.finfo(learnt.dtype).tiny)).clamp(min=1)
            module.remember(series[-1], state, errors)

    # Continuing.

    def forecast(
        self, steps: int, *, control: ArrayLike | None = None, history: ArrayLike | None = None
    ) -> NDArray[Any]:
        """What comes next, by a free run.

        Args:
            steps: How many steps ahead, at least 1.
            control: (steps,) or (steps, controls) of the steps to come; with a history, first those of its steps.
            history: The steps to go on from, (time,) or (time, features); None for those it was fitted on. Or several
                histories at once, (n, time, features), with controls (n, time + steps, controls).

        Returns:
            (steps,) or (steps, features), as the series was; (n, steps, features) for several histories.
        """
        state, value, controls = self._now(steps, control, history)
        module: Any = self.module_
        with torch.inference_mode(), Threads(0.0):
            answer = module.go_on(state, value, controls, None).numpy(force=True)
        if history is not None and np.ndim(to_array(history)) == 3:
            return answer
        return answer[0, :, 0] if self.one_number_ else answer[0]

    def forecast_interval(
        self,
        steps: int,
        *,
        level: float = 0.9,
        control: ArrayLike | None = None,
        history: ArrayLike | None = None,
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Where each coming step lies with probability `level`, from a thousand futures.

        Args:
            steps: How many steps ahead, at least 1.
            level: Above 0 and below 1.
            control, history: As in `forecast`, one history.

        Returns:
            Lower and upper ends, each (steps,) or (steps, features).
        """
        check_level(self, level)
        return ends(self.sample_futures(N_PATHS, steps, control=control, history=history), level)

    def sample_futures(
        self, n_samples: int, steps: int, *, control: ArrayLike | None = None, history: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Possible futures, each with errors of its own; the same ones at each call.

        Args:
            n_samples: How many, at least 1.
            steps, control, history: As in `forecast_interval`.

        Returns:
            (n_samples, steps) or (n_samples, steps, features).
        """
        state, value, controls = self._now(steps, control, history)
        check_futures(self, len(value), n_samples)
        module: Any = self.module_
        with torch.inference_mode(), Randomness(self.seed_), Threads(0.0):
            errors = module.errors[stationary_bootstrap(len(module.errors), steps, n_samples)]
            state = tuple(part.expand(-1, n_samples, -1) for part in state)
            value, controls = value.expand(n_samples, -1), controls.expand(n_samples, -1, -1)
            paths: NDArray[Any] = module.go_on(state, value, controls, errors).numpy(force=True)
        return paths[..., 0] if self.one_number_ else paths

    def _now(self, steps: int, control: ArrayLike | None, history: ArrayLike | None) -> tuple[State, Tensor, Tensor]:
        """The states before the last values are heard, these values, and the controls of the steps to come."""
        self._check_fitted()
        if steps < 1:
            raise ValueError(f"{type(self).__name__}: steps must be at least 1; got {steps!r}.")
        module: Any = self.module_
        if history is None:
            controls = to_tensor(self._controls(control, self.n_controls_, steps), self._like)
            return module.last_state, module.last_value[None], controls[None]
        series, controls = self._heard_of(to_array(history), to_array(control), steps)
        state = module.initial(len(series), series)
        with torch.inference_mode(), Threads(0.0):
            if series.shape[1] > 1:
                state = module.run(driven_pairs(series, self.n_controls_)[0], state)[1]
        return state, series[:, -1, : module.n_features], controls

    def _heard_of(self, history: Any, control: Any, steps: int) -> tuple[Tensor, Tensor]:
        """One history or several with their controls, (n, time, inputs), and the controls of the steps to come."""
        if np.ndim(history) != 3:
            history, control = [history], [control]
        elif control is None:
            control = [None] * len(history)
        if len(control) != len(history):
            name = type(self).__name__
            raise ValueError(f"{name}: there are {len(history)} histories, but controls of {len(control)}.")
        past, to_come = [], []
        for series, driven in zip(history, control, strict=True):
            controls = self._controls(driven, self.n_controls_, len(series) + steps)
            past.append(self._read(Driven(series, controls[:-steps] if self.n_controls_ else None), reset=False).inputs)
            to_come.append(to_tensor(controls[-steps:], self._like))
        return torch.stack(past), torch.stack(to_come)

    def _long_run(self) -> dict[str, NDArray[Any]]:
        module: Any = self.module_
        usual = module.scaling.mean[module.n_features :].numpy(force=True)
        return {"forecast": self.forecast(100, control=np.tile(usual, (100, 1)) if self.n_controls_ else None)}

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        module: Any = self.module_
        inputs = self._like.new_zeros(2, self.shape_in_[0])
        return {"step": (SeriesStepModule(module), (inputs, *module.initial(2, inputs)))}
