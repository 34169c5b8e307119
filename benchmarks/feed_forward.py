"""One hidden layer on MNIST by Adam, the same passes, batches and units on both sides."""

from common import accuracy, mnist, timed

WORKLOAD = "MNIST 60k, 784-100-10 ReLU, Adam 1e-3, batch 200, 10 passes"
RIVAL = "scikit-learn MLPClassifier"


def rival() -> dict:
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")  # ten passes are what was asked for
    X, y, X_test, y_test = mnist()
    model = MLPClassifier((100,), batch_size=200, max_iter=10, random_state=0)
    seconds, model = timed(lambda: model.fit(X, y))
    return {"seconds": seconds, "accuracy": accuracy(model, X_test, y_test)}


def ours() -> dict:
    import neurarium as nr

    kind = nr.FeedForwardClassifier
    X, y, X_test, y_test = mnist()
    model = kind(
        n_hidden=100, activation="relu", trainer="adam", weight_decay=1e-4, batch_size=200, epochs=10, random_state=0
    )
    seconds, model = timed(lambda: model.fit(X, y))
    return {"seconds": seconds, "accuracy": accuracy(model, X_test, y_test)}
