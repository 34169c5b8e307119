"""CIFAR-10, the first part: small colour photographs of ten kinds of things."""

import numpy as np

from neurarium.datasets.card import Array, Dataset, DatasetCard, RemoteFile
from neurarium.datasets.pictures import unit
from neurarium.datasets.places import Files

RECORD = 1 + 3 * 32 * 32  # the label, then the red, green and blue plane


def load(files: Files) -> Dataset:
    """Colour photographs: the first of five training batches and the first 1,000 test images.

    Returns:
        `data` (10000, 32, 32, 3) float32 in [0, 1], `target` the class; `test_data` (1000, 32, 32, 3), `test_target`.
        Error rates are not comparable with those published for the whole set.

    Raises:
        ValueError: If a file is damaged.
    """
    names = files.text("cifar-10-batches-bin/batches.meta.txt").split()
    data, target = _records(files.read("cifar-10-batches-bin/data_batch_1.bin"))
    test_data, test_target = _records(files.read("cifar-10-batches-bin/test_batch_first1000.bin"))
    return Dataset("cifar10", data, target, tuple(names), test_data=test_data, test_target=test_target)


def _records(content: bytes) -> tuple[Array, Array]:
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    planes = records[:, 1:].reshape(-1, 3, 32, 32)
    return unit(np.moveaxis(planes, 1, -1)), records[:, 0].astype(np.int64)


CARD = DatasetCard(
    name="cifar10",
    title="CIFAR-10, first training batch and 1,000 test images",
    kind="real",
    task=("classification", "images", "colouring"),
    shape="10,000 + 1,000 test images of 32 x 32 x 3 colour values",
    address="https://www.cs.toronto.edu/~kriz/cifar.html",
    licence="none stated; the authors ask to be cited",
    citation="A. Krizhevsky, Learning multiple layers of features from tiny images, University of Toronto, 2009.",
    note="a part of it: unpack cifar-10-binary.tar.gz, and cut test_batch.bin after 3,073,000 bytes",
    files=(
        RemoteFile(
            "cifar-10-batches-bin/data_batch_1.bin",
            "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
            30_730_000,
        ),
        RemoteFile(
            "cifar-10-batches-bin/test_batch_first1000.bin",
            "8314c96d7cd65618193bab23acdd5d4c4af15bf6dd00a1781d55beedf3be1ef5",
            3_073_000,
        ),
        RemoteFile(
            "cifar-10-batches-bin/batches.meta.txt",
            "558e74b5e208382e186da55784b4bac2cd52e558448e1b5800990fdb28ed8033",
            61,
        ),
    ),
)
