"""Jester: how funny people found a hundred jokes, as far as they heard them."""

import numpy as np

from neurarium.datasets.archives import read_zip
from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.places import Files

NOT_RATED = 99


def load(files: Files) -> Dataset:
    """Ratings of jokes, data set 1.

    Returns:
        `data` (24983, 100) float32 in [-10, 10], one row a person, NaN where a joke was not rated.

    Raises:
        ValueError: If the file is damaged.
    """
    (table,) = read_zip(files.read("jester-data-1.zip"), r"jester-data-1\.csv", CARD.limits).values()
    ratings = np.loadtxt(table.decode("ascii").splitlines(), np.float32, delimiter=",", usecols=range(1, 101))
    return Dataset("jester", np.where(ratings == NOT_RATED, np.float32(np.nan), ratings))


CARD = DatasetCard(
    name="jester",
    title="Jester joke ratings, data set 1",
    kind="real",
    task=("recommendation", "missing values"),
    shape="24,983 people x 100 jokes, 1,810,455 ratings",
    address="https://eigentaste.berkeley.edu/dataset/",
    licence="free for research, to be cited",
    citation="K. Goldberg, T. Roeder, D. Gupta and C. Perkins, Eigentaste: a constant time collaborative "
    "filtering algorithm, Information Retrieval 4, 2001.",
    note="the table of its .xls file as .csv, in a zip archive",
    limits=Limits(members=1, member_bytes=11_712_553, total_bytes=11_712_553),
    files=(
        RemoteFile("jester-data-1.zip", "4adf783a1e03bd3be063315cb6e0a064fe63e983fd289d01b8e401a8e6c41e5f", 3_400_621),
    ),
)
