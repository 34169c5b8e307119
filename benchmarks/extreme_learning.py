"""The sinc of the founding paper: one least-squares solve against back-propagation to the same error."""

import numpy as np
from common import timed

from neurarium.datasets import shelf

WORKLOAD = (
    "sinc, 5,000 noisy rows, 20 hidden units; back-propagation until its test error is that of the solve (or 60 s)"
)
RIVAL = "back-propagation (FeedForwardRegressor, Adam)"


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    train, test = shelf.load("sinc", random_state=0), shelf.load("sinc", noise=0.0, random_state=1)
    return train.data, train.target, test.data, test.target


def solved() -> tuple[float, float]:
    import neurarium as nr

    X, y, X_test, y_test = data()
    model = nr.ExtremeLearningRegressor(n_hidden=20, random_state=0)
    model.fit(X, y)  # the first fit of a process also loads libraries
    seconds, model = timed(lambda: model.fit(X, y))
    return seconds, rmse(model, X_test, y_test)


def rmse(model, X: np.ndarray, y: np.ndarray) -> float:
    return float(np.sqrt(np.mean((model.predict(X) - y) ** 2)))


def ours() -> dict:
    seconds, error = solved()
    return {"seconds": seconds, "rmse": error}


def rival() -> dict:
    import time

    import neurarium as nr

    X, y, X_test, y_test = data()
    _, wanted = solved()
    model = nr.FeedForwardRegressor(
        n_hidden=20, trainer="adam", epochs=100_000, n_iter_no_change=100_000, random_state=0
    )
    begun, asking, error, looked = time.perf_counter(), 0.0, float("inf"), -1
    for report in model.fit_steps(X, y):
        if report.epoch > looked:  # a look at the test rows after each pass, not counted
            stopped, looked = time.perf_counter(), report.epoch
            error = rmse(model, X_test, y_test)
            asking += time.perf_counter() - stopped
            if error <= wanted or stopped - begun - asking > 60:
                break
    return {"seconds": time.perf_counter() - begun - asking, "rmse": error, "passes": looked}
