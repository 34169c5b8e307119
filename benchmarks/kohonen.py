"""A 20 x 20 map of MNIST, five passes, radius from 5 to 0.5."""

import numpy as np
from common import mnist, timed

WORKLOAD = "MNIST 60k x 784, 20 x 20 rectangular map, Gaussian neighbourhood from 5 to 0.5, 5 passes"
RIVAL = "fastersom"


def quality(units: np.ndarray, X: np.ndarray) -> dict:
    """Mean distance to the nearest unit, and how often the second nearest is no neighbour of it (8-neighbourhood)."""
    squares = (X**2).sum(1)[:, None] - 2 * X @ units.T + (units**2).sum(1)
    first, second = np.argsort(squares, 1)[:, :2].T
    apart = np.abs(np.stack(np.divmod(first, 20)) - np.stack(np.divmod(second, 20))).max(0)
    distance = np.sqrt(np.maximum(squares.min(1), 0)).mean()
    return {"quantisation_error": float(distance), "topographic_error": float((apart > 1).mean())}


def rival() -> dict:
    from fastersom import SOM

    X, _, X_test, _ = mnist()
    som = SOM(20, 20, n_epochs=5, sigma_initial=5, sigma_final=0.5, init="sample", random_state=0, device="cpu")
    seconds, _ = timed(lambda: som.fit(X))
    return {"seconds": seconds, **quality(np.asarray(som.weights_, np.float32).reshape(400, -1), X_test)}


def ours() -> dict:
    import neurarium as nr

    kind = nr.KohonenMap
    X, _, X_test, _ = mnist()
    som = kind(size=(20, 20), lattice="rectangular", radius=(5, 0.5), epochs=5, random_state=0)
    seconds, som = timed(lambda: som.fit(X))
    return {"seconds": seconds, **quality(som.module_.codebook.detach().numpy(), X_test)}
