"""The estimator: scikit-learn's manners for any network, written once.

A network file gives its estimator two methods, `_build` (the module) and `_rule` (how it learns), and takes the rest
from here: checking what comes in, the fit with its progress bar, Ctrl-C and checkpoints, saving, and looking inside.
The verbs - predict, transform, sample, recall - come from the roles.
"""

import contextlib
import copy
import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import _check_sample_weight
from torch import Tensor, nn

from neurarium.core import persistence
from neurarium.core.batches import Batch, Batches
from neurarium.core.checkpoints import Checkpoint
from neurarium.core.devices import Threads, place
from neurarium.core.interruption import FitInterrupted, FitStopped, Interruption
from neurarium.core.learning import Learning, Patience, Report, Rule
from neurarium.core.parameters import at_least, check_parameters, inside
from neurarium.core.progress import ProgressBar
from neurarium.core.randomness import Randomness, RandomState, draw_seed, seed_from
from neurarium.core.rows import read_table, to_tensor
from neurarium.core.stages import Staged
from neurarium.program.examples import Example
from neurarium.program.precision import near
from neurarium.program.sheet import Sheet, Symbols

_CHUNK = 2**22  # numbers that pass a network at once when it answers: bounds the memory of a big table

Programs = dict[str, tuple[nn.Module, tuple[Tensor, ...]]]
"""Modules that run straight through, each with example inputs, by name."""


@dataclass(eq=False, repr=False, kw_only=True)
class Estimator(BaseEstimator, ABC):
    """What every estimator can do.

    Args:
        device: Where to compute: "auto" (a GPU where there is one and the work is worth it), "cpu", "cuda" ...
        random_state: A whole number for the same fit each time, a numpy RandomState, or None for a fresh seed.
        verbose: Whether a long fit shows a progress bar on a terminal.

    Attributes:
        module_: The fitted network, a plain torch module; all that was learnt is in its parameters and buffers.
        n_features_in_: Columns of the rows it was fitted on.
        history_: One entry a pass: the mean of each metric.
        n_iter_: Passes over the rows.
        seed_: The whole number that decided the fit.
        data_hash_: sha256 of the rows it was fitted on.
    """

    device: str = "auto"
    random_state: RandomState = None
    verbose: bool | int = False

    _allow_nan: ClassVar[bool] = False
    """Whether NaN in a row means that a value is missing."""
    _mean_weight_one: ClassVar[bool] = False
    """Whether weights come to the rule with mean 1, so that means over random batches are means over all rows."""
    _numpy_too: ClassVar[bool] = False
    """Whether the rule computes with numpy, SciPy or scikit-learn as well, whose threads then are limited too."""

    # What a network file writes.

    @abstractmethod
    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> nn.Module:
        """The network for rows of `shape_in`, answering `shape_out` numbers a row, with all of its tensors allocated.

        It draws nothing and reads no data: loading a file builds it without memory ("meta" device) and puts the
        file's tensors in. Random starts and whatever depends on data belong in `_start`. A size that was learnt
        (units chosen by the fit) is read from the attribute that holds it (`self.n_hidden_`), when there is one.
        """

    @abstractmethod
    def _rule(self, module: nn.Module) -> Rule:
        """The way of learning."""

    def _start(self, module: nn.Module, data: Batch) -> None:
        """Set what is drawn or taken from the data before the first step: weights, scaling, centres."""

    def _finish(self, module: nn.Module, rule: Rule) -> None:
        """Note what the rule has chosen, as attributes that end in an underscore."""

    def _epochs(self) -> int:
        """Passes at most."""
        return 1

    def _batch_size(self, n_rows: int) -> int:
        """Rows of a step; all of them unless the network says otherwise."""
        return n_rows

    def _work(self, module: nn.Module, rows: int) -> float:
        """Floating-point operations of a step: forward, backward, update."""
        return 6.0 * rows * sum(parameter.numel() for parameter in module.parameters())

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        """What of the fitted network can be printed: by name, a module that runs straight through, and example inputs.

        A network that goes on as long as it is asked to, or that draws, gives one step, with the noise as an input;
        where the number of steps is known, a `Loop` holds them all.
        """
        example = torch.zeros(2, *self.shape_in_, dtype=self._like.dtype, device=self._like.device)
        return {"forward": (self.module_, (example,))}

    def _verbs(self) -> Programs:
        """What `export` prints: `_programs`, under the names of the verbs that they answer.

        A role whose verb says more than the module does puts that into the program; a "step" gives its state back.
        """
        return self._programs()

    def _alphabet(self) -> tuple[tuple[Any, ...], Any] | None:
        """What the whole numbers that come in stand for, and whether that is a "character", "word" or "symbol"."""
        return None

    def _long_run(self) -> dict[str, NDArray[Any]]:
        """What small errors may grow in, because the network hears its own answers."""
        return {}

    def _examples(self, sheet: Sheet) -> Iterable[Example]:
        """What the verbs say that ask a printed function turn after turn."""
        return ()

    # Rows in and out. Roles and kinds of rows override these.

    def _read(self, X: Any, *, reset: bool) -> Batch:
        """The caller's rows as tensors: here each row as one vector, whatever its shape."""
        shape = None if reset else self.shape_in_
        array = read_table(self, X, reset=reset, allow_nan=self._allow_nan)
        array = array.reshape(len(array), -1)
        if shape is not None and array.shape[1:] != shape:
            wanted = " x ".join(map(str, shape))
            raise ValueError(
                f"{type(self).__name__} was fitted on rows of {wanted} numbers; these have {array.shape[1]}."
            )
        return Batch(to_tensor(array, None if reset else self._like))

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[Tensor | None, tuple[int, ...]]:
        """The targets as a tensor, and the shape of an answer; `reset` as in `_read`."""
        return None, ()

    def _weights(self, sample_weight: Any, inputs: Tensor) -> Tensor | None:
        """The weights of the rows as a tensor."""
        if sample_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, inputs.numpy(), dtype=np.float64, ensure_non_negative=True)
        if not weights.sum() > 0:
            raise ValueError(f"{type(self).__name__}: sample_weight is zero for every row; nothing would be learnt.")
        weights = to_tensor(weights).to(inputs.dtype)
        return weights / weights.mean() if self._mean_weight_one else weights

    # Fitting.

    def fit(self, X: Any, y: Any = None, *, checkpoint: str | os.PathLike[str] | None = None) -> Self:
        """Learn from rows.

        Args:
            X: (n, features) rows, or rows of more axes.
            y: Ignored where nothing is asked.
            checkpoint: A folder in which the fit keeps its place. The same call after an interruption, even
                kill -9, goes on there and ends with the same bytes as a fit that was never disturbed.

        Raises:
            ValueError: The rows or the parameters cannot be used; nothing learnt before is touched.
        """
        return self._fit(X, y, None, checkpoint)

    def fit_steps(self, X: Any, y: Any = None) -> Iterator[Report]:
        """Learn as `fit` does, stopping after every step to report: to draw, to pause, or to end early by leaving.

        Example:
            >>> from neurarium.networks.kohonen import KohonenMap
            >>> reports = list(KohonenMap(random_state=0).fit_steps([[0.0, 1.0], [1.0, 0.0]] * 10))
        """
        learning, _ = self._learning(X, y, None, None)
        self._adopt(learning)
        try:
            yield from learning
        finally:
            self._conclude(learning)

    def _fit(self, X: Any, y: Any, sample_weight: Any, checkpoint: str | os.PathLike[str] | None) -> Self:
        name = type(self).__name__
        with self._unchanged_on_error():
            learning, folder = self._learning(X, y, sample_weight, checkpoint)
            with Interruption() as interruption, ProgressBar(name, learning.epochs, shown=bool(self.verbose)) as bar:
                for report in learning:
                    bar.show(report)
                    if folder is not None:
                        folder.keep(learning)
                    if interruption.asked:
                        break
            if folder is not None:
                folder.keep(learning, now=True)
            if learning.ending is None and not learning.rule.usable_early:
                raise KeyboardInterrupt  # nothing has been learnt yet that could answer
            self._adopt(learning)
            self._conclude(learning)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        """One more pass, over these rows in the order given, from where the last one ended."""
        check_parameters(self)
        with self._unchanged_on_error():
            first = not hasattr(self, "module_")
            data = self._data(X, y, sample_weight, reset=first)
            learning = self._begin(data) if first else self.__dict__.get("_ongoing") or self._go_on(data)
            learning.batches = Batches(data.to(self._device_of(learning)), self._batch_size(data.n_rows), shuffle=False)
            learning.patience, learning.ending, learning.epochs = None, None, learning.epoch + 1
            learning.module.train()
            for _ in learning:
                pass
            self._adopt(learning)
            self._conclude(learning)
            self._ongoing = learning
        return self

    def _learning(
        self, X: Any, y: Any, sample_weight: Any, checkpoint: str | os.PathLike[str] | None
    ) -> tuple[Learning, Checkpoint | None]:
        """Everything a fit needs, checked, before its first step, and where it keeps its place."""
        check_parameters(self)
        self._forget()
        learning = self._begin(self._data(X, y, sample_weight, reset=True))
        learning.rule.plan(learning.epochs * len(learning.batches))
        if checkpoint is None:
            return learning, None
        folder = Checkpoint(checkpoint, self._identity())
        if folder.resume(learning):
            self.seed_ = learning.randomness.state_dict()["seed"]
        return learning, folder

    def _data(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Batch:
        """The caller's rows, targets and weights, checked."""
        data = self._read(X, reset=reset)
        targets, shape_out = self._target(y, data.n_rows, reset=reset)
        if targets is not None and targets.is_floating_point():
            targets = targets.to(data.inputs.dtype)
        data = data._replace(targets=targets, weights=self._weights(sample_weight, data.inputs))
        if reset:
            self.shape_in_, self.shape_out_ = tuple(data.inputs.shape[1:]), shape_out
        self.data_hash_ = persistence.data_hash(data._asdict())
        return data

    def _begin(self, data: Batch) -> Learning:
        """A new network at its start, and its way to learn from these rows."""
        self.seed_ = seed_from(self.random_state)
        randomness = Randomness(self.seed_)
        with randomness:
            data, patience = self._hold_out(data)
            module = self._build(self.shape_in_, self.shape_out_)  # torch's own layers draw when they are made
        work = self._work(module, self._batch_size(data.n_rows))
        device = place(self.device, work)
        dtype = data.inputs.dtype if data.inputs.is_floating_point() else torch.float32  # whole numbers name things
        module, data = module.to(device, dtype), data.to(device)
        if patience is not None:
            patience.held_out = patience.held_out.to(device)
        with randomness, Threads(work, numpy_too=self._numpy_too):
            self._start(module, data)
            rule = self._rule(module)
        batches = Batches(data, self._batch_size(data.n_rows))
        return Learning(module.train(), rule, batches, self._epochs(), randomness, work, self._numpy_too, patience)

    def _go_on(self, data: Batch) -> Learning:
        """The fitted network, and a fresh rule to take it further."""
        work = self._work(self.module_, self._batch_size(data.n_rows))
        batches = Batches(data, self._batch_size(data.n_rows))
        randomness = Randomness(seed_from(self.random_state))
        with randomness:
            rule = self._rule(self.module_)
        return Learning(self.module_, rule, batches, 1, randomness, work, self._numpy_too)

    @staticmethod
    def _device_of(learning: Learning) -> torch.device:
        return next(iter(learning.module.state_dict().values())).device

    def _hold_out(self, data: Batch) -> tuple[Batch, Patience | None]:
        """Rows to learn from, and rows to judge by; all are learnt from unless the network iterates."""
        return data, None

    def _identity(self) -> dict[str, Any]:
        """What makes two fits the same one."""
        parameters = {key: repr(value) for key, value in self.get_params().items() if key not in ("verbose", "device")}
        return {"class": type(self).__name__, "parameters": parameters, "data": self.data_hash_}

    def _adopt(self, learning: Learning) -> None:
        self.module_ = learning.module
        self.history_ = learning.history

    def _conclude(self, learning: Learning) -> None:
        learning.finish()
        self.n_iter_ = max(1, learning.epoch)
        with learning.workspace():
            self._finish(learning.module, learning.rule)
        name = type(self).__name__
        if learning.ending == "diverged":
            warnings.warn(
                f"{name}: the loss became infinite or no number in pass {learning.epoch + 1}; the fit ended with the "
                "last good weights. Try a smaller learning_rate, or look for extreme values in the data.",
                FitStopped,
                stacklevel=4,
            )
        elif learning.ending == "interrupted":
            warnings.warn(
                f"{name}: interrupted in pass {learning.epoch + 1} of {learning.epochs}; it keeps what it had learnt.",
                FitInterrupted,
                stacklevel=4,
            )

    def _forget(self) -> None:
        """Drop what an earlier fit has learnt."""
        for name in [name for name in vars(self) if name.endswith("_") and not name.startswith("_")]:
            delattr(self, name)
        self.__dict__.pop("_ongoing", None)

    @contextlib.contextmanager
    def _unchanged_on_error(self) -> Iterator[None]:
        """Whatever goes wrong inside leaves the estimator as it was before."""
        before = dict(self.__dict__)
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    # Answering.

    @property
    def _like(self) -> Tensor:
        """A tensor with the device and the precision of the fitted network."""
        state = self.module_.state_dict()
        return next(tensor for tensor in state.values() if tensor.is_floating_point())

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "module_")

    def _check_fitted(self) -> None:
        if not hasattr(self, "module_"):
            name = type(self).__name__
            raise NotFittedError(f"This {name} instance is not fitted yet. Call 'fit' with rows to learn from first.")

    def _answer(self, X: Any) -> Tensor:
        """What the network says to each row, a block of rows at a time."""
        self._check_fitted()
        return self._run(self.module_, self._read(X, reset=False))

    def _run(self, module: nn.Module, data: Batch) -> Tensor:
        """Run a module over rows."""
        rows = max(1, _CHUNK // max(1, data.inputs[0].numel()))
        with torch.inference_mode(), Threads(self._work(self.module_, min(rows, data.n_rows))):
            blocks = [
                module(data.inputs[first : first + rows])
                if data.lengths is None
                else module(data.inputs[first : first + rows], data.lengths[first : first + rows])
                for first in range(0, data.n_rows, rows)
            ]
            return blocks[0] if len(blocks) == 1 else torch.cat(blocks)

    def stages(self, X: Any) -> dict[str, NDArray[Any]]:
        """What passes through the named places of the network for each row, from one run.

        Args:
            X: Rows.

        Returns:
            An array by the name of each stage, and the network's own answer under "answer".
        """
        self._check_fitted()
        data = self._read(X, reset=False)
        inputs = (data.inputs,) if data.lengths is None else (data.inputs, data.lengths)
        with torch.inference_mode(), Threads(self._work(self.module_, data.n_rows)):
            return {name: tensor.numpy(force=True) for name, tensor in Staged(self.module_)(*inputs).items()}

    # Keeping.

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted network to one file: safetensors with a JSON header, no code in it.

        Args:
            path: Where to; an older file there is replaced in one step. `neurarium.load` reads it.

        Raises:
            NotFittedError: There is nothing to save yet.
            OSError: The file cannot be written; an older one stays as it was.
        """
        self._check_fitted()
        parameters = dict(self.get_params(deep=False))
        if isinstance(parameters["random_state"], np.random.RandomState):
            parameters["random_state"] = self.seed_
        learnt = {name: value for name, value in vars(self).items() if _is_learnt(name) and name != "module_"}
        tensors, learnt_json = persistence.pack(learnt)
        _, parameters_json = persistence.pack(parameters)
        header = {
            "class": type(self).__name__,
            "parameters": parameters_json,
            "learnt": learnt_json,
            "versions": {"torch": torch.__version__, "numpy": np.__version__},
        }
        weights = {f"module.{name}": tensor for name, tensor in self.module_.state_dict().items()}
        persistence.write(path, {**weights, **{f"learnt.{name}": tensor for name, tensor in tensors.items()}}, header)

    def export(self, path: str | os.PathLike[str], X: Any = None) -> None:
        """Write the fitted network as source code, or as ONNX, that needs no torch, with 100 rows to check it by.

        Running the file compares its answers with the network's: `python net.py`,
        `cc -DNET_CHECK net.c -lm && ./a.out`, or `python net_check.py`, which needs onnxruntime.

        Args:
            path: "net.py" for NumPy; "net.c" for C99, which writes net.h beside it; "net.onnx" for ONNX, which writes
                net_check.py beside it, and net.NAME.onnx for each further function of the network.
            X: Rows to check it by; None draws some, scaled as those it was fitted on where the network scales its rows.

        Raises:
            NotFittedError: There is nothing to export yet.
            ValueError: The path ends in something else.
            ImportError: ONNX is asked for, and the package onnx is not installed.
            NotImplementedError: The network does what cannot be printed; the message says what, and where.
        """
        self._check_fitted()
        from neurarium.program.export import check_ending, write  # slow to load: it brings torch.export

        check_ending(path)
        write(path, self._printable(X))

    def _printable(self, X: Any = None) -> Any:
        """What `export` prints."""
        from neurarium.program.export import Part, prepare

        alphabet = self._alphabet()
        rows = None if X is None else self._read(X, reset=False).inputs
        parts = {name: Part(module, inputs, Staged(module)) for name, (module, inputs) in self._verbs().items()}
        quick, precise = (self._in(dtype)._long_run() for dtype in ("float32", "float64"))
        sheet = prepare(
            parts,
            title=type(self).__name__,
            classes=getattr(self, "classes_", None),
            symbols=alphabet and Symbols(*alphabet),
            rows=rows,
            single=near(quick, precise),
        )
        return replace(sheet, examples=tuple(self._in(sheet.precision)._examples(sheet)))

    def _in(self, precision: str) -> Self:
        """The same on the CPU, in a precision."""
        other = copy.copy(self)
        other.module_ = copy.deepcopy(self.module_).cpu().to(getattr(torch, precision))
        return other

    @classmethod
    def _restore(cls, tensors: dict[str, Tensor], header: dict[str, Any]) -> Self:
        """The fitted estimator of a file's tensors and header; the caller has chosen the class."""
        parameters = persistence.unpack({}, header["parameters"])
        learnt = persistence.unpack(_below("learnt.", tensors), header["learnt"])
        unknown = set(parameters) - {field.name for field in fields(cls)}
        if unknown or not all(_is_learnt(name) and not hasattr(cls, name) for name in learnt):
            raise persistence.DamagedFile(f"the file names things that {cls.__name__} does not have.")
        estimator = cls(**parameters)
        check_parameters(estimator)
        for name, value in learnt.items():
            setattr(estimator, name, value)
        with torch.device("meta"):  # no memory for what a header promises, only for what the file holds
            module = estimator._build(tuple(estimator.shape_in_), tuple(estimator.shape_out_))
        weights = _below("module.", tensors)
        for name, tensor in module.state_dict().items():
            if name in weights and weights[name].is_floating_point() != tensor.is_floating_point():
                raise persistence.DamagedFile(f"the file's {name} are no weights.")
        module.load_state_dict(weights, strict=True, assign=True)
        estimator.module_ = module.eval()
        return estimator

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._allow_nan
        tags.input_tags.three_d_array = True
        return tags


@dataclass(eq=False, repr=False, kw_only=True)
class IterativeEstimator(Estimator):
    """An estimator whose rule goes over the rows many times.

    Args:
        epochs: Passes over the rows at most.
        batch_size: Rows of a step.
        early_stopping: Whether to hold out a share of the rows, and to stop when they are answered no better.
        validation_fraction: The share held out.
        n_iter_no_change: Passes to wait for an improvement.
        tol: Improvement that counts.
        device, random_state, verbose: See `Estimator`.
    """

    epochs: Annotated[int, at_least(1)] = 50
    batch_size: Annotated[int, at_least(1)] = 64
    early_stopping: bool = False
    validation_fraction: Annotated[float, inside(0, 1)] = 0.1
    n_iter_no_change: Annotated[int, at_least(1)] = 10
    tol: Annotated[float, at_least(0)] = 1e-4

    def _epochs(self) -> int:
        return int(self.epochs)

    def _batch_size(self, n_rows: int) -> int:
        return min(int(self.batch_size), n_rows)

    def _hold_out(self, data: Batch) -> tuple[Batch, Patience | None]:
        if not self.early_stopping:
            return data, None
        whole = data.targets is not None and not data.targets.is_floating_point()
        classes = data.targets.numpy() if whole and data.targets is not None else None
        # Each class on both sides where every class has two rows; else as it comes.
        stratify = classes if classes is not None and np.bincount(classes).min() >= 2 else None
        seed, rows = draw_seed(), np.arange(data.n_rows)
        try:
            split = train_test_split(rows, test_size=self.validation_fraction, random_state=seed, stratify=stratify)
        except ValueError:
            try:
                split = train_test_split(rows, test_size=self.validation_fraction, random_state=seed)
            except ValueError as error:
                raise ValueError(
                    f"{type(self).__name__}: early_stopping holds out {self.validation_fraction:.0%} of the rows, and "
                    f"{data.n_rows} are too few for that; give more, or set early_stopping=False."
                ) from error
        learn, judge = (data.select(torch.from_numpy(np.sort(part))) for part in split)
        return learn, Patience(judge, int(self.n_iter_no_change), float(self.tol))


def _is_learnt(name: str) -> bool:
    return name.isidentifier() and name.endswith("_") and not name.startswith("_")


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
