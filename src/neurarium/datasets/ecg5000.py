"""ECG5000: single heartbeats, healthy ones and four kinds of sick ones."""

import numpy as np

from neurarium.datasets import tables
from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Heartbeats of one patient, each stretched to 140 steps: the training part only.

    Returns:
        `data` (500, 140) float64, each row with mean 0 and standard deviation 1; `target` 0 ... 4 for the classes 1
        to 5 of the file, of which 1 (292 beats) is the healthy one.

    Raises:
        ValueError: If the file is damaged.
    """
    table = tables.numbers([line.split() for line in files.text("ECG5000_TRAIN.txt").splitlines()])
    return Dataset("ecg5000", table[:, 1:], table[:, 0].astype(np.int64) - 1, tuple("12345"))


CARD = DatasetCard(
    name="ecg5000",
    title="ECG5000, training part",
    kind="real",
    task=("classification of sequences", "anomalies"),
    shape="500 heartbeats of 140 steps, 5 classes",
    address="https://www.timeseriesclassification.com/description.php?Dataset=ECG5000",
    licence="none stated by the UCR archive; recordings from PhysioNet",
    citation="A. L. Goldberger et al., PhysioBank, PhysioToolkit, and PhysioNet, Circulation 101, 2000.",
    folder="ecg",
    note="one file of its zip archive",
    files=(
        RemoteFile("ECG5000_TRAIN.txt", "0d96aff193311a6dc6111bf0dbd2f7d2313987fbf7a1da4a383d92563876057b", 1_128_500),
    ),
)
