"""ETTh1: the oil temperature of a power transformer, and the six loads that drive it, hour by hour."""

from neurarium.datasets import tables
from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """The first transformer, hourly, July 2016 to June 2018. By custom 12 months train, 4 validate, 4 test.

    Returns:
        `data` (17420, 7) float64; the last column, OT, is the oil temperature.

    Raises:
        ValueError: If the file is damaged.
    """
    header, *table = tables.rows(files.text("ETT-small/ETTh1.csv"))
    return Dataset("ett", tables.numbers([row[1:] for row in table]), feature_names=tuple(header[1:]))


CARD = DatasetCard(
    name="ett",
    title="Electricity transformer temperature (ETTh1)",
    kind="real",
    task=("forecasting",),
    shape="17,420 hours of 7 variables",
    address="https://github.com/zhouhaoyi/ETDataset",
    licence="CC BY-ND 4.0",
    citation="H. Zhou et al., Informer: beyond efficient transformer for long sequence time-series forecasting, "
    "AAAI 2021.",
    files=(
        RemoteFile(
            "ETT-small/ETTh1.csv",
            "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
            2_589_657,
            "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/ETTh1.csv",
        ),
    ),
)
