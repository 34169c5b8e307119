"""Airline passengers: a growing series with a growing season."""

from neurarium.datasets import tables
from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Passengers of international flights in thousands, monthly, 1949 to 1960.

    Returns:
        `data` (144, 1) float64.

    Raises:
        ValueError: If the file is damaged.
    """
    values = tables.numbers([row[1:] for row in tables.rows(files.text("airline-passengers.csv"))[1:]])
    return Dataset("series_airline", values, feature_names=("passengers",))


CARD = DatasetCard(
    name="series_airline",
    title="Airline passengers, monthly",
    kind="real",
    task=("forecasting",),
    shape="144 values of one variable",
    address="https://github.com/jbrownlee/Datasets",
    licence="none stated; facts published for decades",
    citation="G. E. P. Box and G. M. Jenkins, Time Series Analysis: Forecasting and Control, series G, Holden- "
    "Day, 1976.",
    folder="series",
    files=(
        RemoteFile(
            "airline-passengers.csv",
            "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621",
            2_180,
            "https://raw.githubusercontent.com/jbrownlee/Datasets/master/airline-passengers.csv",
        ),
    ),
)
