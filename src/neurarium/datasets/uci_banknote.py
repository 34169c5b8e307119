"""UCI banknotes: genuine or forged, told from four numbers of a photograph's wavelet transform."""

import numpy as np

from neurarium.datasets import tables
from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Banknotes, ordered by class.

    Returns:
        `data` (1372, 4) float64 in raw units, `target` 0 or 1: 762 and 610. The repository does not say which is the
        forged one.

    Raises:
        ValueError: If the file is damaged.
    """
    table = tables.numbers(tables.rows(files.text("data_banknote_authentication.txt")))
    features = ("variance", "skewness", "kurtosis", "entropy")
    return Dataset("uci_banknote", table[:, :4], table[:, 4].astype(np.int64), ("0", "1"), features)


CARD = DatasetCard(
    name="uci_banknote",
    title="Banknote authentication",
    kind="real",
    task=("classification", "table"),
    shape="1,372 rows of 4 numbers, 2 classes",
    address="https://archive.ics.uci.edu/dataset/267",
    licence="CC BY 4.0",
    citation="V. Lohweg, Banknote Authentication, UCI Machine Learning Repository, 2012.",
    folder="uci",
    files=(
        RemoteFile(
            "data_banknote_authentication.txt",
            "d0539aaed2139ba7a587b3e34fb345ce503ff7d5d33dbf9912d8e195ce425cb9",
            46_400,
            "https://archive.ics.uci.edu/ml/machine-learning-databases/00267/data_banknote_authentication.txt",
        ),
    ),
)
