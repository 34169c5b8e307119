"""500 hidden units on binarised MNIST by one-step persistent chains, five passes."""

import numpy as np
from common import mnist, timed

WORKLOAD = "MNIST 60k binarised once, 784-500, persistent chains of one step, batch 100, rate 0.05, 5 passes"
RIVAL = "scikit-learn BernoulliRBM"


def binary_digits() -> tuple[np.ndarray, np.ndarray]:
    X, _, X_test, _ = mnist()
    draw = np.random.RandomState(0)
    return tuple((draw.rand(*part.shape) < part).astype(np.float32) for part in (X, X_test))


def rival() -> dict:
    from sklearn.neural_network import BernoulliRBM

    X, _ = binary_digits()
    model = BernoulliRBM(500, learning_rate=0.05, momentum=0.0, batch_size=100, n_iter=5, random_state=0)
    return {"seconds": timed(lambda: model.fit(X))[0]}


def ours() -> dict:
    import neurarium as nr

    X, X_test = binary_digits()
    machine = nr.RestrictedBoltzmannMachine(
        n_hidden=500, method="pcd", learning_rate=0.05, momentum=0.0, batch_size=100, epochs=5, random_state=0
    )
    seconds, machine = timed(lambda: machine.fit(X))
    return {"seconds": seconds, "log_likelihood_of_a_digit": float(machine.log_likelihood(X_test, random_state=0).mean)}
