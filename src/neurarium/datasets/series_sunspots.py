"""Sunspots: a cycle of about eleven years that never repeats itself."""

from neurarium.datasets import tables
from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Zurich sunspot numbers, monthly means, 1749 to 1983.

    Returns:
        `data` (2820, 1) float64.

    Raises:
        ValueError: If the file is damaged.
    """
    values = tables.numbers([row[1:] for row in tables.rows(files.text("monthly-sunspots.csv"))[1:]])
    return Dataset("series_sunspots", values, feature_names=("sunspots",))


CARD = DatasetCard(
    name="series_sunspots",
    title="Sunspots, monthly",
    kind="real",
    task=("forecasting",),
    shape="2,820 values of one variable",
    address="https://github.com/jbrownlee/Datasets",
    licence="none stated; facts published for decades",
    citation="D. F. Andrews and A. M. Herzberg, Data, Springer, 1985.",
    folder="series",
    files=(
        RemoteFile(
            "monthly-sunspots.csv",
            "c4ec8cc57d9f6fb6ecdb3e1f37f25b6f4badd5124c55931052b0cd2fc3bc71f3",
            45_039,
            "https://raw.githubusercontent.com/jbrownlee/Datasets/master/monthly-sunspots.csv",
        ),
    ),
)
