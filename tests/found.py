"""Every estimator of the catalogue, with rows it can be asked about: found by crawling, told apart by role."""

import numpy as np

from neurarium.catalogue import estimators
from neurarium.core.estimator import Estimator, IterativeEstimator
from neurarium.core.roles import Classifier, Forecaster, LanguageModel, Regressor, Weighted

FOUND = estimators()
NAMES = sorted(FOUND)
OF_TABLES = [name for name in NAMES if FOUND[name]().__sklearn_tags__().input_tags.two_d_array]
"""Those that read tables; the others read one long sequence or a text."""


def expected_failures(estimator: Estimator) -> dict[str, str]:
    """The checks of scikit-learn that an estimator fails on purpose: all of them, each with its reason."""
    failures: dict[str, str] = {}
    if isinstance(estimator, Weighted) and draws_rows(estimator):
        reason = "rows are drawn one by one or in random batches: a row of weight two is not drawn as two rows are"
        failures["check_sample_weight_equivalence_on_dense_data"] = reason
    elif (
        isinstance(estimator, Weighted)
        and isinstance(estimator, IterativeEstimator)
        and isinstance(estimator, Regressor)
    ):
        reason = "a search ends within its tolerance of a bottom; rounding, which weights change, decides where"
        failures["check_sample_weight_equivalence_on_dense_data"] = reason
    return failures


def checked(kind: type[Estimator]) -> Estimator:
    """An estimator for scikit-learn's checks, which fit it a hundred times on few rows: with half of its passes.

    Regressors keep all of theirs: the checks ask of them to fit their rows closely.
    """
    epochs = None if issubclass(kind, Regressor) else getattr(kind(), "epochs", None)
    return kind(random_state=0) if epochs is None else kind(random_state=0, epochs=epochs // 2)


def draws_rows(estimator: Estimator) -> bool:
    """Whether the order of the rows, or a drawing among them, decides the fit."""
    return isinstance(estimator, IterativeEstimator) and estimator._batch_size(10**9) < 10**9


def rows_for(kind: type[Estimator], n: int = 60, dtype: type = np.float64) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows of four columns that have something to learn, and targets where the kind wants some.

    A network of text gets a text, and one of a single sequence `n` whole numbers, each near the one before.
    """
    if issubclass(kind, LanguageModel):
        return "the cat sat on the mat, and the dog sat on the cat.\n" * max(1, n // 6), None
    if kind.__name__ not in OF_TABLES:
        return np.random.default_rng(0).integers(-1, 2, n).cumsum() % 5, None
    chance = np.random.default_rng(0)
    X = chance.normal(size=(n, 4)).astype(dtype)
    X[::3] += 2
    if issubclass(kind, Classifier):
        return X, np.array(["left", "middle", "right"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 1)]
    if issubclass(kind, Regressor):
        return X, X @ np.array([1.0, -2.0, 0.5, 0.0])
    return X, None


def answers(estimator: Estimator, X: np.ndarray) -> np.ndarray:
    """What a fitted estimator says, by the verb of its role."""
    if isinstance(estimator, Forecaster):
        return estimator.forecast(5)
    if isinstance(estimator, LanguageModel):
        return np.array([estimator.bits_per_character(X), *map(ord, estimator.sample(20, random_state=0))])
    if hasattr(estimator, "simulate"):
        return np.asarray(estimator.simulate(50, random_state=0))
    for verb in ("decision_function", "predict", "transform", "recall"):
        if hasattr(estimator, verb):
            return np.asarray(getattr(estimator, verb)(X))
    if hasattr(estimator, "sample"):
        return np.asarray(estimator.sample(5, random_state=0))
    raise TypeError(f"{type(estimator).__name__} has no verb that this test knows")


def score(estimator: Estimator, X: np.ndarray, y: np.ndarray | None = None) -> float:
    """Something to search a grid by, for estimators that have no score of their own; here, so that workers find it."""
    return float(np.mean(answers(estimator, X) == 0))
