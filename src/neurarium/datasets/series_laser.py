"""The Santa Fe laser: a chaotic infrared laser, data set A of the forecasting competition of 1991."""

from io import BytesIO

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Intensity of the laser. The competition gave the first 1,000 values and asked for the next 100.

    Returns:
        `data` (10093, 1) float64, whole numbers 0 ... 255.

    Raises:
        ValueError: If the file is damaged.
    """
    values = np.load(BytesIO(files.read("santafe_laser.npy")), allow_pickle=False)
    return Dataset("series_laser", values.astype(np.float64), feature_names=("intensity",))


CARD = DatasetCard(
    name="series_laser",
    title="Santa Fe laser (series A with its continuation)",
    kind="real",
    task=("forecasting", "chaos"),
    shape="10,093 values of one variable",
    address="http://web.cecs.pdx.edu/mcnames/DataSets/index.html",
    licence="none stated",
    citation="A. S. Weigend and N. A. Gershenfeld, Time Series Prediction, Addison-Wesley, 1993.",
    folder="series",
    note="its numbers as one array in numpy's format",
    files=(
        RemoteFile("santafe_laser.npy", "8c07281200935596f8e28bc94e1bb25e9964ab7d7f63c5e27ac87b810ac3b33a", 80_872),
    ),
)
