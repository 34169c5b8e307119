"""Roles: each gives an estimator the verbs of its task, once for all networks.

Supervised: `Classifier` (predict, decision_function), `ProbabilisticClassifier` (and predict_proba), `Regressor`.
Unsupervised: `Encoder` (transform), `Sampler` (sample), `Memory` (recall). In time: `Forecaster` (forecast). Of text:
`LanguageModel` (sample, bits_per_character).
`Weighted` and `Continuing` are manners that go with any of them.
"""

import os
from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, ClassNamePrefixFeaturesOutMixin, RegressorMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y
from torch import Tensor, nn

from neurarium.core.estimator import Estimator, Programs
from neurarium.core.randomness import Randomness, RandomState, seed_from
from neurarium.program.examples import Example
from neurarium.program.sheet import Sheet

_FAR = 100  # steps of a forecast by which it is judged whether float32 is enough
_HEARD, _AHEAD = 20, 10  # steps of one by which a printed file is checked

Path = str | os.PathLike[str]


@dataclass(eq=False, repr=False, kw_only=True)
class Weighted(Estimator):
    """Rows may count unequally."""

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, *, checkpoint: Path | None = None) -> Self:
        """Learn from rows.

        Args:
            X: (n, features) rows, or rows of more axes.
            y: (n,) targets, ignored where nothing is asked.
            sample_weight: (n,) how much each row counts, at least 0; None for all alike.
            checkpoint: A folder in which the fit keeps its place. The same call after an interruption, even
                kill -9, goes on there and ends with the same bytes as a fit that was never disturbed.

        Raises:
            ValueError: The rows or the parameters cannot be used; nothing learnt before is touched.
        """
        return self._fit(X, y, sample_weight, checkpoint)


@dataclass(eq=False, repr=False, kw_only=True)
class Continuing(Estimator):
    """The rule can go on with new rows."""

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Make one pass over these rows, in the order given, from where the last call ended.

        Args:
            X: (n, features) rows.
            y: (n,) targets, ignored where nothing is asked.
        """
        return self._partial_fit(X, y, None)


@dataclass(eq=False, repr=False, kw_only=True)
class Classifier(ClassifierMixin, Estimator):
    """Answers with a class. The module gives one score a class, also when there are two.

    Attributes:
        classes_: The labels, sorted.
    """

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        name = type(self).__name__
        if y is None:
            raise ValueError(f"{name} requires y to be passed, but the target y is None: one label for each row.")
        y = _labels(self, y, n_rows)
        if reset:
            self.classes_ = np.unique(y)
        codes = np.searchsorted(self.classes_, y).clip(max=len(self.classes_) - 1)
        if not np.array_equal(self.classes_[codes], y):
            strangers = sorted(set(y.tolist()) - set(self.classes_.tolist()))
            raise ValueError(f"{name}: y holds labels {strangers[:5]} that are not among the classes it knows.")
        if len(self.classes_) < 2:
            raise ValueError(f"{name} needs rows of at least 2 classes; y holds 1 class, {self.classes_[0]!r}.")
        return torch.from_numpy(codes), (len(self.classes_),)

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """The score of each class, (n, classes); with two classes that of the second over the first, (n,)."""
        scores = self._answer(X).numpy(force=True)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def _labelled(self, module: nn.Module) -> nn.Module:
        return _LabelModule(module)

    def _verbs(self) -> Programs:
        return _called(super()._verbs(), "classify", forward=self._labelled)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The label with the highest score, (n,)."""
        scores = self._answer(X).numpy(force=True)
        if scores.shape[1] == 2:  # by the sign of what decision_function says, to the bit
            return self.classes_[(scores[:, 1] - scores[:, 0] > 0).astype(int)]
        return self.classes_[scores.argmax(1)]


@dataclass(eq=False, repr=False, kw_only=True)
class ProbabilisticClassifier(Classifier):
    """Answers with a class, and with how likely each is."""

    def _probabilities(self, scores: Tensor) -> Tensor:
        """Scores to shares that sum to 1: here by the softmax."""
        return scores.softmax(-1)

    def _labelled(self, module: nn.Module) -> nn.Module:
        return _LabelModule(module, lambda scores: self._probabilities(scores))

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """How likely each class is, (n, classes); rows sum to 1."""
        return self._probabilities(self._answer(X)).numpy(force=True)


@dataclass(eq=False, repr=False, kw_only=True)
class ContinuingClassifier(Classifier):
    """A classifier whose rule can go on with new rows."""

    def partial_fit(self, X: Any, y: Any, classes: ArrayLike | None = None) -> Self:
        """Make one pass over these rows, in the order given, from where the last call ended.

        Args:
            X: (n, features) rows.
            y: (n,) labels.
            classes: All labels that will ever come; needed at the first call when its y does not hold them all.
        """
        if classes is not None and not hasattr(self, "module_"):
            self._classes_to_come: NDArray[Any] | None = np.unique(classes)
        try:
            return self._partial_fit(X, y, None)
        finally:
            self._classes_to_come = None

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        to_come = getattr(self, "_classes_to_come", None)
        if reset and to_come is not None:
            self.classes_, reset = to_come, False
        return super()._target(y, n_rows, reset=reset)


@dataclass(eq=False, repr=False, kw_only=True)
class Regressor(RegressorMixin, Estimator):
    """Answers with one number a row, or several.

    Attributes:
        one_number_: Whether y was (n,), so that the answers are too.
    """

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        name = type(self).__name__
        if y is None:
            raise ValueError(f"{name} requires y to be passed, but the target y is None: one number for each row.")
        y = y.numpy(force=True) if isinstance(y, Tensor) else y
        y = _check_y(y, multi_output=True, y_numeric=True, estimator=self)
        _same_length(name, y, n_rows)
        if reset:
            self.one_number_ = y.ndim == 1
        elif self.one_number_ != (y.ndim == 1) or (y.ndim > 1 and y.shape[1:] != self.shape_out_):
            raise ValueError(f"{name}: y has shape {y.shape}, another form than the targets it was fitted on.")
        y = y.reshape(n_rows, -1).astype(np.float64)
        return torch.from_numpy(y), y.shape[1:]

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The answer to each row, (n,) or (n, outputs) as y was."""
        answer = self._answer(X).numpy(force=True)
        return answer[:, 0] if self.one_number_ else answer

    def _verbs(self) -> Programs:
        return _called(super()._verbs(), "predict", forward=_OneNumberModule if self.one_number_ else None)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


@dataclass(eq=False, repr=False, kw_only=True)
class Encoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Estimator):
    """Turns rows into codes."""

    def _codes(self, X: Any) -> Tensor:
        """(n, codes); the network's answer unless its file says otherwise."""
        return self._answer(X)

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """The code of each row, (n, codes)."""
        codes: NDArray[Any] = self._codes(X).numpy(force=True)
        return codes

    @property
    @abstractmethod
    def _n_features_out(self) -> int:
        """How many numbers a code has."""

    def _verbs(self) -> Programs:
        verbs = super()._verbs()
        if "encode" in verbs:
            names = {"encode": "transform", "decode": "inverse_transform", "forward": "reconstruct"}
            return {names.get(name, name): verb for name, verb in verbs.items()}
        return _called(verbs, "transform")


@dataclass(eq=False, repr=False, kw_only=True)
class Sampler(Estimator):
    """Draws new rows like those it has learnt from."""

    @abstractmethod
    def _draw(self, n_samples: int, given: Tensor | None) -> Tensor:
        """New rows, drawn from torch's current stream; `given` holds clamped values, NaN where free."""

    def sample(
        self, n_samples: int = 1, *, given: ArrayLike | None = None, random_state: RandomState = None
    ) -> NDArray[Any]:
        """New rows.

        Args:
            n_samples: How many, at least 1.
            given: (features,) values to hold fast, NaN where the network is free; None for all free.
            random_state: A whole number for the same rows at each call.

        Returns:
            (n_samples, features).
        """
        self._check_fitted()
        if n_samples < 1:
            raise ValueError(f"{type(self).__name__}: n_samples must be at least 1; got {n_samples!r}.")
        clamped = None if given is None else self._clamped(given)
        with torch.inference_mode(), Randomness(seed_from(random_state)):
            return self._draw(n_samples, clamped).numpy(force=True)

    def _clamped(self, given: ArrayLike) -> Tensor:
        values = np.asarray(given, dtype=float).reshape(-1)
        if values.shape != (self.n_features_in_,):
            name = type(self).__name__
            raise ValueError(
                f"{name}: given must hold {self.n_features_in_} values, NaN where free; got {len(values)}."
            )
        return torch.from_numpy(values).to(self._like.device, self._like.dtype)


@dataclass(eq=False, repr=False, kw_only=True)
class Memory(Estimator):
    """Stores patterns and completes damaged ones."""

    @abstractmethod
    def recall(self, X: ArrayLike) -> NDArray[Any]:
        """The stored pattern that each row leads to, (n, features)."""

    def _verbs(self) -> Programs:
        return _called(super()._verbs(), "recall_step")


@dataclass(eq=False, repr=False, kw_only=True)
class Forecaster(Estimator):
    """Continues a series. `fit` takes the series: (time,) or (time, features), one row a step."""

    @abstractmethod
    def forecast(self, steps: int, *, history: ArrayLike | None = None) -> NDArray[Any]:
        """What comes next.

        Args:
            steps: How many steps ahead, at least 1.
            history: The steps to go on from; None for those it was fitted on.

        Returns:
            (steps,) or (steps, features), as the series was.
        """

    @abstractmethod
    def forecast_interval(
        self, steps: int, *, level: float = 0.9, history: ArrayLike | None = None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Where each coming step lies with probability `level`: lower and upper ends, each as `forecast`."""

    def _verbs(self) -> Programs:
        return {"forecast_step" if name == "step" else name: verb for name, verb in super()._verbs().items()}

    def _long_run(self) -> dict[str, NDArray[Any]]:
        return {"forecast": self.forecast(_FAR)}

    def _examples(self, sheet: Sheet) -> Iterable[Example]:
        (step,) = sheet.functions
        rows, n_answers = step.rows(), step.wanted[step.answers()[0]].shape[1]
        history = np.nan_to_num(self._long_run()["forecast"].reshape(_FAR, n_answers)[:_HEARD].astype(np.float32))
        control = rows[: _HEARD + _AHEAD, n_answers:]
        given = {"history": history, "control": control} if control.size else {"history": history}
        said = self.forecast(_AHEAD, **given).reshape(_AHEAD, n_answers)
        return [Example("forecast", step.name, {**given, "steps": np.array(_AHEAD)}, {"answer": said})]


@dataclass(eq=False, repr=False, kw_only=True)
class LanguageModel(Estimator):
    """Says how likely a text is, and writes on. `fit` takes text: one str, or a list or file of them."""

    @abstractmethod
    def bits_per_character(self, X: Any) -> float:
        """What a text costs: -log2 of its likelihood, divided by its characters; less is better, whatever the unit.

        Args:
            X: One str, or a list or file of them.
        """

    @abstractmethod
    def sample(
        self, length: int = 200, *, prompt: str = "", temperature: float = 1.0, random_state: RandomState = None
    ) -> str:
        """A text drawn from the model, the prompt not included.

        Args:
            length: Characters or words to draw, at least 1.
            prompt: What it goes on from.
            temperature: Above 0; below 1 likelier, above 1 more daring: probabilities are raised to 1 / temperature.
            random_state: A whole number for the same text at each call.
        """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = tags.input_tags.three_d_array = False
        tags.input_tags.string = True
        return tags


class _LabelModule(nn.Module):
    """A classifier's answers in full: the number of the label, the scores, and what share each class has.

    Args:
        scorer: The network.
        shares: From scores to shares, where it has some.
    """

    def __init__(self, scorer: nn.Module, shares: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.scorer, self.shares = scorer, shares

    def forward(self, rows: Tensor) -> dict[str, Tensor]:
        """Everything, by name."""
        scores = self.scorer(rows)
        answers = {"label": scores.argmax(-1), "scores": scores}
        return answers if self.shares is None else {**answers, "probabilities": self.shares(scores)}


class _OneNumberModule(nn.Module):
    """A regressor's answers as y was: one number a row, or at a step."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, rows: Tensor) -> Tensor:
        """(n,) or (n, time) numbers."""
        numbers: Tensor = self.network(rows)[..., 0]
        return numbers


def _called(verbs: Programs, name: str, forward: Callable[[nn.Module], nn.Module] | None = None) -> Programs:
    """Programs with "forward", where it is among them, called otherwise, and inside another module if one is given."""
    known: Programs = {}
    for each, (module, inputs) in verbs.items():
        if each == "forward":
            known[name] = (module if forward is None else forward(module), inputs)
        else:
            known[each] = (module, inputs)
    return known


def _same_length(name: str, y: NDArray[Any], n_rows: int) -> None:
    if len(y) != n_rows:
        raise ValueError(f"{name}: there are {n_rows} rows but {len(y)} targets; each row needs one.")


def _labels(estimator: Estimator, y: Any, n_rows: int) -> NDArray[Any]:
    y = y.numpy(force=True) if isinstance(y, Tensor) else y
    y = _check_y(y, multi_output=False, estimator=estimator)
    check_classification_targets(y)
    _same_length(type(estimator).__name__, y, n_rows)
    return y
