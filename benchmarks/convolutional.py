"""Two convolutions on MNIST by Adam, the same layers, passes and batches on both sides."""

from common import accuracy, mnist, timed

WORKLOAD = "MNIST 60k, conv 32 and 64 (3 x 3), max pooling, dropout 0.5, Adam 1e-3, batch 128, 2 passes"
RIVAL = "plain torch loop"


def rival() -> dict:
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    X, y, X_test, y_test = (torch.from_numpy(each) for each in mnist())
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)),
    )

    def fit() -> nn.Module:
        optimiser = torch.optim.Adam(net.parameters(), 1e-3)
        for _ in range(2):
            for rows, classes in DataLoader(TensorDataset(X, y.long()), 128, shuffle=True):
                optimiser.zero_grad()
                nn.functional.cross_entropy(net(rows), classes).backward()
                optimiser.step()
        return net.eval()

    seconds, _ = timed(fit)
    with torch.no_grad():
        said = torch.cat([net(rows).argmax(1) for rows in X_test.split(1000)])
    return {"seconds": seconds, "accuracy": float((said == y_test).float().mean())}


def ours() -> dict:
    import neurarium as nr

    kind = nr.ConvolutionalClassifier
    X, y, X_test, y_test = mnist()
    layers = ("conv 32 3x3", "relu", "max pool 2x2", "conv 64 3x3", "relu", "max pool 2x2")
    model = kind(
        layers=layers, dropout=0.5, learning_rate=1e-3, weight_decay=0.0, batch_size=128, epochs=2, random_state=0
    )
    seconds, model = timed(lambda: model.fit(X, y))
    return {"seconds": seconds, "accuracy": accuracy(model, X_test, y_test)}
