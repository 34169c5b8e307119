"""UCI adult: who earns more than 50,000 dollars a year, from the American census of 1994."""

import numpy as np

from neurarium.datasets import tables
from neurarium.datasets.card import Array, Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files

FEATURES = (
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education-num",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital-gain",
    "capital-loss",
    "hours-per-week",
    "native-country",
)
NUMERIC = ("age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week")
INCOMES = ("<=50K", ">50K")
HOME = "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/"


def load(files: Files) -> Dataset:
    """People, described by numbers and words.

    Returns:
        `data` (32561, 14) objects: floats in the columns `age`, `fnlwgt`, `education-num`, `capital-gain`,
        `capital-loss` and `hours-per-week`, words elsewhere, "?" where a word is not known (scikit-learn's
        `OneHotEncoder` takes them as they are); `target` 0 or 1; `test_data` (16281, 14) and `test_target`, the
        official test part.

    Raises:
        ValueError: If a file is damaged.
    """
    data, target = _part(tables.rows(files.text("adult.data")))
    test_data, test_target = _part(tables.rows(files.text("adult.test"))[1:])  # its first line is a remark
    return Dataset("uci_adult", data, target, INCOMES, FEATURES, test_data, test_target)


def _part(table: list[list[str]]) -> tuple[Array, Array]:
    data = np.array([row[:-1] for row in table], object)
    for name in NUMERIC:
        column = FEATURES.index(name)
        data[:, column] = data[:, column].astype(np.float64)
    return data, tables.codes(
        [row[-1].rstrip(".") for row in table], INCOMES
    )  # the test file ends its lines with a dot


CARD = DatasetCard(
    name="uci_adult",
    title="Adult (census income)",
    kind="real",
    task=("classification", "table"),
    shape="32,561 + 16,281 test rows of 14 numbers and words, 2 classes",
    address="https://archive.ics.uci.edu/dataset/2",
    licence="CC BY 4.0",
    citation="R. Kohavi, Scaling up the accuracy of naive-Bayes classifiers: a decision-tree hybrid, KDD 1996.",
    folder="uci",
    files=(
        RemoteFile(
            "adult.data",
            "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
            3_974_305,
            HOME + "adult.data",
        ),
        RemoteFile(
            "adult.test",
            "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
            2_003_153,
            HOME + "adult.test",
        ),
    ),
)
