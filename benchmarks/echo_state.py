"""A reservoir of a thousand units on Mackey-Glass with given settings: 10,000 steps to fit, 2,000 to say one step ahead."""

import numpy as np
from common import timed

WORKLOAD = "Mackey-Glass (tau 17), 1,000 units, 10 % connected, radius 0.85, bias 0.2, ridge 1e-8, 10,000 steps"
RIVAL = "reservoirpy"
FIT, ASK, WARM = 10_000, 2_000, 100


def series() -> np.ndarray:
    from neurarium.datasets import shelf

    return np.tanh(shelf.load("mackey_glass", n_steps=FIT + ASK + 1, random_state=0).data - 1)


def one_step_error(said: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(((said - truth)[WARM:] ** 2).mean() / truth.var()))


def rival() -> dict:
    from reservoirpy.nodes import Reservoir, Ridge

    y = series()
    model = Reservoir(1000, lr=1.0, sr=0.85, bias=0.2, rc_connectivity=0.1, seed=0) >> Ridge(ridge=1e-8)
    seconds, _ = timed(lambda: model.fit(y[:FIT], y[1 : FIT + 1], warmup=WARM))
    said = np.asarray(model.run(y[FIT:-1])).reshape(-1, 1)
    return {"seconds": seconds, "one_step_nrmse": one_step_error(said, y[FIT + 1 :])}
