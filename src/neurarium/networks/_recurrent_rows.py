"""Recurrent networks that answer sequences: one answer from the last state, or one at every step."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score, r2_score
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from neurarium.core.batches import Batch
from neurarium.core.devices import Threads
from neurarium.core.roles import ProbabilisticClassifier, Regressor, Weighted
from neurarium.core.rows import is_ragged, read_ragged, to_array
from neurarium.core.scaling import Standardise
from neurarium.core.sequences import SequenceEstimator, is_real, real_steps
from neurarium.core.stages import Stage
from neurarium.networks._recurrent import SCHEDULE, RecurrentBase, RecurrentModule
from neurarium.networks._recurrent_cells import State
from neurarium.networks._recurrent_whole import WholeModule
from neurarium.rules.gradient import Gradient, answer
from neurarium.rules.optimisers import Adam

Output = Literal["last", "every"]

_CLIP = 1.0  # longest gradient of a step
_AT_ONCE = 2**23  # numbers of states that an answer may hold: 32 MB in float32


class RecurrentAnswerModule(nn.Module):
    """Recurrent layers, and a linear read-out of the last one.

    Args:
        recurrent: The layers.
        n_in: Numbers that come in at a step.
        n_outputs: Numbers of an answer.
        output: Whether it answers from the "last" state of a sequence or at "every" step.
    """

    def __init__(self, recurrent: RecurrentModule, n_in: int, n_outputs: int, output: Output = "last") -> None:
        super().__init__()
        self.answers_at = output
        self.scaling = Standardise((n_in,))
        self.recurrent = recurrent
        self.read_out = nn.Linear(recurrent.n_units, n_outputs)
        self.scaled = Stage()
        for name in recurrent.seen_names():
            self.add_module(name, Stage())

    def forward(
        self, inputs: Float[Tensor, "batch time features"], lengths: Int[Tensor, "batch"] | None = None
    ) -> Float[Tensor, "batch ..."]:
        """The answers; with one at every step, those after the end of a sequence mean nothing."""
        h, layers = self.recurrent.look(self.scaled(self.scaling(inputs)), whole=not self.training)
        if not self.training:
            for name, part in self.recurrent.named(layers).items():
                self.get_submodule(name)(part)
        if self.answers_at == "last":
            h = h[:, -1] if lengths is None else h[torch.arange(len(h), device=h.device), lengths - 1]
        return self.say(h)

    def say(self, hidden: Float[Tensor, "*batch units"]) -> Float[Tensor, "*batch k"]:
        """What the read-out makes of the outputs of the last layer."""
        return self.read_out(hidden)


class RecurrentClassifierModule(RecurrentAnswerModule):
    """Answers with one score a class; the stage "probability" is what softmax makes of them."""

    def __init__(self, recurrent: RecurrentModule, n_in: int, n_outputs: int, output: Output = "last") -> None:
        super().__init__(recurrent, n_in, n_outputs, output)
        self.probability = Stage()

    def say(self, hidden: Float[Tensor, "*batch units"]) -> Float[Tensor, "*batch classes"]:
        """The scores."""
        y = super().say(hidden)
        if not self.training:
            self.probability(y.softmax(-1))
        return y


class RecurrentRegressorModule(RecurrentAnswerModule):
    """Answers in the targets' own units."""

    def __init__(self, recurrent: RecurrentModule, n_in: int, n_outputs: int, output: Output = "last") -> None:
        super().__init__(recurrent, n_in, n_outputs, output)
        self.units = Standardise((n_outputs,))

    def say(self, hidden: Float[Tensor, "*batch units"]) -> Float[Tensor, "*batch k"]:
        """The numbers."""
        return self.units.inverse(super().say(hidden))


class AnswerStepModule(nn.Module):
    """One step of such a network: from an input and a state, the answer and the state after it.

    Args:
        module: Whose step.
    """

    def __init__(self, module: RecurrentAnswerModule) -> None:
        super().__init__()
        self.scaling, self.recurrent, self.read_out = module.scaling, module.recurrent, module.read_out
        self.units = module.units if isinstance(module, RecurrentRegressorModule) else None

    def forward(
        self, inputs: Float[Tensor, "batch features"], *state: Float[Tensor, "layers batch units"]
    ) -> tuple[Tensor, State]:
        """y(t) and the state at t, from x(t) and the state at t - 1."""
        h, after = self.recurrent.step(self.scaling(inputs), state)
        y = self.read_out(h)
        return (y if self.units is None else self.units.inverse(y)), after


@dataclass(eq=False, repr=False, kw_only=True)
class RecurrentRowsBase(SequenceEstimator, RecurrentBase):
    """What all recurrent networks share that answer sequences.

    Args:
        output: Whether it answers from the "last" state of a sequence or at "every" step.
    """

    output: Output = "last"

    _module: ClassVar[type[RecurrentAnswerModule]]

    @abstractmethod
    def _cost(self, module: Any, said: Tensor, targets: Any) -> Tensor:
        """What each answer costs; all axes but the last one stay."""

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> RecurrentAnswerModule:
        return self._module(self._recurrent(shape_in[-1]), shape_in[-1], shape_out[0], self.output)

    def _start(self, module: Any, data: Batch) -> None:
        module.scaling.fit(*real_steps(data, data.inputs))
        if isinstance(module, RecurrentRegressorModule) and data.targets is not None:
            every = self.output == "every"
            module.units.fit(*(real_steps(data, data.targets) if every else (data.targets, data.weights)))
        module.recurrent.start(self._start_of_links())
        nn.init.xavier_uniform_(module.read_out.weight)
        nn.init.zeros_(module.read_out.bias)
        self._mean_length = float(data.inputs.shape[1] if data.lengths is None else data.lengths.double().mean())

    def _rule(self, module: Any) -> Gradient:
        mean_length = self._mean_length

        def loss(said: Tensor, batch: Batch) -> Tensor:
            costs = self._cost(module, said, batch.targets)
            if costs.dim() == 1:
                return costs
            if batch.lengths is not None:
                costs = costs * is_real(batch.lengths, costs.shape[1])
            return costs.sum(1) / mean_length  # every step counts alike, in long sequences and in short ones

        optimiser = Adam(module, float(self.learning_rate))
        return Gradient(module, loss, optimiser, schedule=SCHEDULE, clip=_CLIP)

    def _data(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Batch:
        data = super()._data(X, y, sample_weight, reset=reset)
        if self.output == "every":
            have = [data.inputs.shape[1]] * data.n_rows if data.lengths is None else data.lengths.tolist()
            given = [len(each) for each in y]
            wrong = next(
                (number for number, pair in enumerate(zip(have, given, strict=True)) if len({*pair}) > 1), None
            )
            if wrong is not None:
                raise ValueError(
                    f"{type(self).__name__}: sequence {wrong} has {have[wrong]} steps but {given[wrong]} answers; "
                    "with output='every' each step needs one."
                )
        return data

    def _of_steps(self, y: Any, n_rows: int) -> list[NDArray[Any]]:
        """Targets at every step as one array a sequence."""
        rows = list(map(to_array, y)) if is_ragged(y) else list(np.asarray(to_array(y)))
        name = type(self).__name__
        if not rows or rows[0].ndim == 0:
            raise ValueError(
                f"{name}: with output='every' y needs an answer for each step: (n, time, ...), or a list of "
                f"(time, ...) arrays; got y of shape {np.shape(y)}."
            )
        if len(rows) != n_rows:
            raise ValueError(f"{name}: there are {n_rows} rows but {len(rows)} targets; each row needs one.")
        return rows

    def _run(self, module: nn.Module, data: Batch) -> Tensor:
        """Run a module over rows, sequences of nearly one length together."""
        time = data.inputs.shape[1]
        a_row = time * int(self.n_units) * int(self.n_layers) * len(self._cell().seen)
        order = torch.arange(data.n_rows) if data.lengths is None else data.lengths.cpu().argsort()
        answers = []
        with torch.inference_mode(), Threads(self._work(self.module_, min(data.n_rows, max(1, _AT_ONCE // a_row)))):
            for rows in order.split(max(1, _AT_ONCE // a_row)):
                block = data.select(rows.to(data.inputs.device))
                if block.lengths is not None:
                    block = block.trimmed(int(block.lengths.max()))
                said = answer(module, block)
                if self.output == "every":
                    said = pad(said, (0, 0, 0, time - said.shape[1]))
                answers.append(said)
            return torch.cat(answers)[order.argsort()]

    def _as_sequences(self, values: NDArray[Any], X: Any) -> Any:
        """Answers at every step in the form of the rows: an array, or a list of arrays."""
        return [each[: len(steps)] for each, steps in zip(values, X, strict=True)] if is_ragged(X) else values

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        module: Any = self.module_
        inputs = self._like.new_zeros(2, *self.shape_in_)
        step = (AnswerStepModule(module), (inputs[:, 0], *module.recurrent.initial(2, inputs)))
        if not self.one_length_:
            return {"step": step}
        return {"forward": (self._whole(self.shape_in_[0]), (inputs,)), "step": step}

    def _whole(self, time: int) -> WholeModule:
        """The network for sequences of so many steps, as a loop of steps."""
        return WholeModule(self.module_, time)


@dataclass(eq=False, repr=False, kw_only=True)
class RecurrentClassifierBase(Weighted, ProbabilisticClassifier, RecurrentRowsBase):
    """What all recurrent classifiers share."""

    _module: ClassVar[type[RecurrentAnswerModule]] = RecurrentClassifierModule

    def _cost(self, module: Any, said: Tensor, targets: Any) -> Tensor:
        if self.output == "last":
            return cross_entropy(said, targets, reduction="none")
        return cross_entropy(said.movedim(-1, 1), targets[..., 0], reduction="none")

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        if self.output == "last" or y is None:
            return super()._target(y, n_rows, reset=reset)
        rows = self._of_steps(y, n_rows)
        lengths = [len(row) for row in rows]
        codes, shape_out = super()._target(np.concatenate(rows), sum(lengths), reset=reset)
        padded = nn.utils.rnn.pad_sequence(list(torch.as_tensor(codes).split(lengths)), batch_first=True)
        return padded[..., None], shape_out

    def decision_function(self, X: ArrayLike) -> Any:
        """The score of each class, (n, classes), with two classes that of the second over the first, (n,).

        With output="every", (n, time, classes) or a list of (time, classes) arrays, also with two classes.
        """
        if self.output == "last":
            return super().decision_function(X)
        return self._as_sequences(self._answer(X).numpy(force=True), X)

    def predict_proba(self, X: ArrayLike) -> Any:
        """How likely each class is, (n, classes); with output="every", of each step, as in `decision_function`."""
        return self._as_sequences(super().predict_proba(X), X) if self.output == "every" else super().predict_proba(X)

    def predict(self, X: ArrayLike) -> Any:
        """The label with the highest score, (n,); with output="every", (n, time) or a list of (time,) arrays."""
        if self.output == "last":
            return super().predict(X)
        return self._as_sequences(self.classes_[self._answer(X).argmax(-1).numpy(force=True)], X)

    def score(self, X: ArrayLike, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """The share of right labels; with output="every", of all steps."""
        if self.output == "last":
            return float(super().score(X, y, sample_weight))
        truths, answers, weights = _one_below_the_other(y, self.predict(X), sample_weight)
        return float(accuracy_score(truths, answers, sample_weight=weights))


@dataclass(eq=False, repr=False, kw_only=True)
class RecurrentRegressorBase(Weighted, Regressor, RecurrentRowsBase):
    """What all recurrent regressors share."""

    _module: ClassVar[type[RecurrentAnswerModule]] = RecurrentRegressorModule

    def _cost(self, module: Any, said: Tensor, targets: Any) -> Tensor:
        return ((said - targets) / module.units.scale).square().mean(-1)

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        if self.output == "last" or y is None:
            if is_ragged(y) or getattr(y, "ndim", 0) == 3:
                raise ValueError(
                    f"{type(self).__name__}: y holds answers at every step, for which output='every' asks."
                )
            return super()._target(y, n_rows, reset=reset)
        rows = self._of_steps(y, n_rows)
        if reset:
            self.one_number_ = rows[0].ndim == 1
        answers = read_ragged(self, rows, None if reset else self.shape_out_[0])[0]
        return torch.from_numpy(answers), answers.shape[2:]

    def predict(self, X: ArrayLike) -> Any:
        """The answers, (n,) or (n, outputs) as y was; with output="every", (n, time, ...) or a list, as y was."""
        if self.output == "last":
            return super().predict(X)
        answers = self._answer(X).numpy(force=True)
        return self._as_sequences(answers[..., 0] if self.one_number_ else answers, X)

    def score(self, X: ArrayLike, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """R² of the answers; with output="every", over all steps."""
        if self.output == "last":
            return float(super().score(X, y, sample_weight))
        truths, answers, weights = _one_below_the_other(y, self.predict(X), sample_weight)
        return float(r2_score(truths, answers, sample_weight=weights))


def _one_below_the_other(y: Any, answers: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
    """The steps of all sequences: what is true, what was answered, and the weights of the sequences."""
    truths = [np.asarray(to_array(each)) for each in y]
    lengths = [len(each) for each in truths]
    weights = None if sample_weight is None else np.repeat(np.asarray(sample_weight), lengths)
    return np.concatenate(truths), np.concatenate(list(answers)), weights
