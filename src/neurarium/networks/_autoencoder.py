"""What the autoencoders share as estimators: rows in and out of codes, the way of learning, and alarms."""

import math
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.estimator import Estimator, IterativeEstimator
from neurarium.core.images import ImageEstimator
from neurarium.core.parameters import above, at_least
from neurarium.core.roles import Encoder
from neurarium.core.rows import to_array, to_tensor
from neurarium.networks._autoencoder_layers import Activation, Architecture

_HIDDEN = {"dense": (256, 128), "convolutional": (32, 64)}
_NUMBERS_AT_ONCE = 2**24  # decoded values that lie in memory: 128 MB


class Part(nn.Module):
    """One method of a module as a module, to be learnt by or traced.

    Args:
        module: The whole.
        method: Which of its methods.
    """

    def __init__(self, module: nn.Module, method: str) -> None:
        super().__init__()
        self.module = module
        self.method = method

    def forward(self, *inputs: Tensor) -> Any:
        """What the method says."""
        return getattr(self.module, self.method)(*inputs)


@dataclass(eq=False, repr=False, kw_only=True)
class AutoencoderBase(Encoder, ImageEstimator, IterativeEstimator):
    """What all autoencoders share.

    Args:
        n_components: Numbers of a code, at least 1.
        hidden: Units of each hidden layer of the coder, from the rows inwards, or channels of each convolution; the
            decoder has them in reverse. () for none; "auto" is (256, 128) units, or (32, 64) channels.
        architecture: "dense", or "convolutional": 3 x 3 with stride 2, for images.
        activation: Of the hidden layers.
        scaling: Of the inputs, all centred: "common", by one factor, for columns of one unit such as pixels, as in
            PCA; "columns", each to variance 1, so that all count alike whatever their units.
        learning_rate: Of Adam at the first step; it falls to 0 along half a cosine. `partial_fit` keeps it.

    Attributes:
        row_shape_: Shape of the rows it was fitted on.
        threshold_: Score below which a row is an anomaly, once `set_threshold` was called.
    """

    n_components: Annotated[int, at_least(1)] = 8
    hidden: Literal["auto"] | Annotated[tuple[int, ...], at_least(1)] = "auto"
    architecture: Architecture = "dense"
    activation: Activation = "relu"
    scaling: Literal["common", "columns"] = "common"
    learning_rate: Annotated[float, above(0)] = 2e-3
    epochs: Annotated[int, at_least(1)] = 50
    batch_size: Annotated[int, at_least(1)] = 32

    _mean_weight_one: ClassVar[bool] = True

    # Rows and codes.

    def _read(self, X: Any, *, reset: bool) -> Batch:
        of_images = self.architecture == "convolutional"
        data = super()._read(X, reset=reset) if of_images else Estimator._read(self, X, reset=reset)
        if reset:
            rows = to_array(X)
            shape = rows.shape if hasattr(rows, "shape") else np.asarray(rows).shape
            self.row_shape_ = [int(size) for size in shape[1:]]
        self._check_range(data.inputs)
        return data

    def _check_range(self, inputs: Tensor) -> None:
        """Refuse values that the loss has no place for."""

    def _refuse_beyond_unit(self, inputs: Tensor, option: str, other: str) -> None:
        low, high = float(inputs.min()), float(inputs.max())
        if low < 0 or high > 1:
            raise ValueError(
                f"{type(self).__name__}: {option} reads shares and probabilities, from 0 to 1; these values go from "
                f"{low:g} to {high:g}. Bring them there, with scikit-learn's MinMaxScaler(clip=True) for one, or use "
                f"{other}."
            )

    def _as_rows(self, values: Tensor) -> Tensor:
        """Decoded values in the form of the rows it was fitted on."""
        shape: list[int] = self.row_shape_
        if self.architecture == "convolutional" and len(shape) == 3:  # channels last
            values = values.movedim(1, -1)
        return values.reshape(-1, *shape)

    def _read_codes(self, codes: ArrayLike) -> Tensor:
        self._check_fitted()
        name = type(self).__name__
        array = check_array(to_array(codes), dtype=[np.float64, np.float32], estimator=self, input_name="codes")
        if array.shape[1] != self.n_components:
            raise ValueError(f"{name}: a code has {self.n_components} numbers; got {array.shape[1]}.")
        return to_tensor(array, self._like)

    def _decode(self, codes: Tensor) -> Tensor:
        part, rows = Part(self.module_, "decode"), max(1, _NUMBERS_AT_ONCE // math.prod(self.shape_in_))
        with torch.inference_mode():
            return torch.cat([self._run(part, Batch(block)) for block in codes.split(rows)])

    def _codes(self, X: Any) -> Tensor:
        self._check_fitted()
        return self._run(Part(self.module_, "encode"), self._read(X, reset=False))

    @property
    def _n_features_out(self) -> int:
        return int(self.n_components)

    def inverse_transform(self, codes: ArrayLike) -> NDArray[Any]:
        """The rows that codes stand for, in the form of those it was fitted on.

        Args:
            codes: (n, n_components).
        """
        return self._as_rows(self._decode(self._read_codes(codes))).numpy(force=True)

    def reconstruct(self, X: ArrayLike) -> NDArray[Any]:
        """What comes back of each row: `inverse_transform` of `transform`, in one run."""
        return self._as_rows(self._answer(X)).numpy(force=True)

    # Learning.

    def _sizes(self) -> tuple[int, ...]:
        return _HIDDEN[self.architecture] if self.hidden == "auto" else tuple(map(int, self.hidden))

    def _work(self, module: Any, rows: int) -> float:
        return 12.0 * rows * float(module.encoder.multiplications)

    # Anomalies.

    def score_samples(self, X: ArrayLike) -> NDArray[Any]:
        """How much each row is like those it has learnt from, (n,); more is more alike."""
        raise NotImplementedError

    def set_threshold(self, X: ArrayLike, false_alarm_rate: float = 0.05) -> Self:
        """Choose the score below which `is_anomaly` gives alarm.

        A normal row that comes later is then taken for an anomaly with a probability of at most `false_alarm_rate`,
        and more than that less 1 / (n + 1), whatever the network and the distribution (split conformal prediction):
        n rows and one more lie in any order with the same probability.

        Args:
            X: (n, ...) normal rows that it has not learnt from: those it knows come back too well.
            false_alarm_rate: Above 0 and below 1.

        Raises:
            ValueError: There are too few rows for so small a rate, which takes 1 / rate - 1 of them.

        Source: V. Vovk, A. Gammerman and G. Shafer, Algorithmic learning in a random world, 2005, chapter 2.
        """
        if not 0 < false_alarm_rate < 1:
            raise ValueError(
                f"{type(self).__name__}: false_alarm_rate must be above 0 and below 1; got {false_alarm_rate!r}."
            )
        scores = np.sort(self.score_samples(X))
        place = math.floor(false_alarm_rate * (len(scores) + 1) + 1e-9)
        if place < 1:
            needed = math.ceil(1 / false_alarm_rate - 1e-9) - 1
            raise ValueError(
                f"{type(self).__name__}: a false-alarm rate of {false_alarm_rate:g} can be told from {needed} normal "
                f"rows or more; got {len(scores)}."
            )
        self.threshold_ = float(scores[place - 1])
        return self

    def is_anomaly(self, X: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row scores below the threshold, (n,)."""
        self._check_fitted()
        if not hasattr(self, "threshold_"):
            raise ValueError(
                f"{type(self).__name__}: call set_threshold(normal_rows, false_alarm_rate) before is_anomaly."
            )
        return np.asarray(self.score_samples(X) < self.threshold_)
