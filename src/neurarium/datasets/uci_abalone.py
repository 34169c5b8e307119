"""UCI abalone: the age of a shellfish from its measures, instead of counting rings under a microscope."""

import numpy as np

from neurarium.datasets import tables
from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files

SEXES = ("M", "F", "I")
MEASURES = ("length", "diameter", "height", "whole_weight", "shucked_weight", "viscera_weight", "shell_weight")


def load(files: Files) -> Dataset:
    """Abalones and their rings.

    Returns:
        `data` (4177, 10) float64: the sex (male, female, infant) as three columns of 0 and 1, then seven measures in
        the units of the file (mm and g, divided by 200); `target` (4177,) float64, the number of rings: age in years
        less 1.5.

    Raises:
        ValueError: If the file is damaged.
    """
    table = tables.rows(files.text("abalone.data"))
    sex = np.eye(len(SEXES))[tables.codes([row[0] for row in table], SEXES)]
    rest = tables.numbers([row[1:] for row in table])
    names = (*(f"sex={sex}" for sex in SEXES), *MEASURES)
    return Dataset("uci_abalone", np.hstack([sex, rest[:, :-1]]), rest[:, -1], ("rings",), names)


CARD = DatasetCard(
    name="uci_abalone",
    title="Abalone",
    kind="real",
    task=("regression", "table"),
    shape="4,177 rows of 10 numbers (the sex takes 3)",
    address="https://archive.ics.uci.edu/dataset/1",
    licence="CC BY 4.0",
    citation="W. Nash, T. Sellers, S. Talbot, A. Cawthorn and W. Ford, Abalone, UCI Machine Learning Repository, 1994.",
    folder="uci",
    files=(
        RemoteFile(
            "abalone.data",
            "de37cdcdcaaa50c309d514f248f7c2302a5f1f88c168905eba23fe2fbc78449f",
            191_873,
            "https://archive.ics.uci.edu/ml/machine-learning-databases/abalone/abalone.data",
        ),
    ),
)
