"""UCI letters: printed capitals in twenty distorted founts, told from sixteen counted features."""

from string import ascii_uppercase

from neurarium.datasets import tables
from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files

FEATURES = (
    "x-box",
    "y-box",
    "width",
    "high",
    "onpix",
    "x-bar",
    "y-bar",
    "x2bar",
    "y2bar",
    "xybar",
    "x2ybr",
    "xy2br",
    "x-ege",
    "xegvy",
    "y-ege",
    "yegvx",
)


def load(files: Files) -> Dataset:
    """Letters. By custom the first 16,000 rows are for training, the last 4,000 for testing.

    Returns:
        `data` (20000, 16) float64 with whole numbers 0 ... 15, `target` 0 ... 25 for A ... Z.

    Raises:
        ValueError: If the file is damaged.
    """
    table = tables.rows(files.text("letter-recognition.data"))
    data = tables.numbers([row[1:] for row in table])
    target = tables.codes([row[0] for row in table], ascii_uppercase)
    return Dataset("uci_letter", data, target, tuple(ascii_uppercase), FEATURES)


CARD = DatasetCard(
    name="uci_letter",
    title="Letter recognition",
    kind="real",
    task=("classification", "table"),
    shape="20,000 rows of 16 numbers, 26 classes",
    address="https://archive.ics.uci.edu/dataset/59",
    licence="CC BY 4.0",
    citation="P. W. Frey and D. J. Slate, Letter recognition using Holland-style adaptive classifiers, Machine "
    "Learning 6, 1991.",
    folder="uci",
    files=(
        RemoteFile(
            "letter-recognition.data",
            "2b89f3602cf768d3c8355267d2f13f2417809e101fc2b5ceee10db19a60de6e2",
            712_565,
            "https://archive.ics.uci.edu/ml/machine-learning-databases/letter-recognition/letter-recognition.data",
        ),
    ),
)
