"""A reservoir of a thousand units on Mackey-Glass with given settings: 10,000 steps to fit, 84 to continue."""

import numpy as np
from common import timed

WORKLOAD = (
    "Mackey-Glass (tau 17), 1,000 units, 10 % connected, radius 0.85, bias 0.2, 10,000 steps to fit, 84 to continue"
)
RIVAL = "reservoirpy"
FIT, AHEAD, WARM = 10_000, 84, 100


def series() -> np.ndarray:
    from neurarium.datasets import shelf

    return np.tanh(shelf.load("mackey_glass", n_steps=FIT + AHEAD, random_state=0).data - 1)


def error(said: np.ndarray, y: np.ndarray) -> float:
    """Root mean square error over the 84 steps, in standard deviations of the series."""
    return float(np.sqrt(((said.reshape(-1, 1) - y[FIT:]) ** 2).mean() / y.var()))


def rival() -> dict:
    from reservoirpy.nodes import Reservoir, Ridge

    y = series()
    model = Reservoir(1000, lr=1.0, sr=0.85, bias=0.2, rc_connectivity=0.1, seed=0) >> Ridge(ridge=1e-8)
    seconds, _ = timed(lambda: model.fit(y[: FIT - 1], y[1:FIT], warmup=WARM))
    model.run(y[: FIT - 1])
    now, said = y[FIT - 1], []
    for _ in range(AHEAD):
        now = np.asarray(model(now)).ravel()
        said.append(now)
    return {"seconds": seconds, "free_run_nrmse": error(np.array(said), y)}


def ours() -> dict:
    import neurarium as nr

    y = series()
    network = nr.EchoStateForecaster(
        n_units=1000,
        n_links=100,
        spectral_radius=0.85,
        leak=1.0,
        input_scaling=0.3,
        bias=0.2,
        ridge=1e-12,
        random_state=0,
    )
    seconds, network = timed(lambda: network.fit(y[:FIT]))
    return {"seconds": seconds, "free_run_nrmse": error(network.forecast(AHEAD), y)}
