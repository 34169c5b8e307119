"""The perceptron on MNIST, ten passes: scikit-learn keeps ten one-against-all perceptrons, ours one rule for all."""

from common import accuracy, mnist, timed

WORKLOAD = "MNIST 60k x 784, 10 classes, 10 passes in shuffled order"
RIVAL = "scikit-learn Perceptron"


def rival() -> dict:
    from sklearn.linear_model import Perceptron

    X, y, X_test, y_test = mnist()
    seconds, model = timed(lambda: Perceptron(max_iter=10, tol=None, random_state=0, n_jobs=2).fit(X, y))
    return {"seconds": seconds, "accuracy": accuracy(model, X_test, y_test)}


def ours() -> dict:
    import neurarium as nr

    kind = nr.PerceptronClassifier
    X, y, X_test, y_test = mnist()
    seconds, model = timed(lambda: kind(epochs=10, random_state=0).fit(X, y))
    return {"seconds": seconds, "accuracy": accuracy(model, X_test, y_test)}
