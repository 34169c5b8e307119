"""Melbourne temperatures: a season under much noise."""

from neurarium.datasets import tables
from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Lowest temperature of each day in Melbourne in degrees Celsius, 1981 to 1990, without leap days.

    Returns:
        `data` (3650, 1) float64.

    Raises:
        ValueError: If the file is damaged.
    """
    values = tables.numbers([row[1:] for row in tables.rows(files.text("daily-min-temperatures.csv"))[1:]])
    return Dataset("series_temperatures", values, feature_names=("temperature",))


CARD = DatasetCard(
    name="series_temperatures",
    title="Melbourne minimum temperatures, daily",
    kind="real",
    task=("forecasting",),
    shape="3,650 values of one variable",
    address="https://github.com/jbrownlee/Datasets",
    licence="none stated; facts published for decades",
    citation="Australian Bureau of Meteorology, in: Time Series Data Library.",
    folder="series",
    files=(
        RemoteFile(
            "daily-min-temperatures.csv",
            "8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da",
            67_921,
            "https://raw.githubusercontent.com/jbrownlee/Datasets/master/daily-min-temperatures.csv",
        ),
    ),
)
