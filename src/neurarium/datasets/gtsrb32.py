"""GTSRB at 32 x 32: photographs of German traffic signs."""

import numpy as np

from neurarium.datasets import tables
from neurarium.datasets.archives import read_tar
from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.pictures import read_pnm, unit
from neurarium.datasets.places import Files

TRAINING = r"GTSRB/Final_Training/Images/\d{5}/\d{5}_\d{5}\.ppm"
TEST = r"GTSRB/Final_Test/Images/\d{5}\.ppm"
ANSWERS = r"GTSRB/Final_Test/GT-final_test\.csv"


def load(files: Files) -> Dataset:
    """Traffic signs, a part of the benchmark, resized to one size.

    Training holds three frames of every track, so that neighbours show the same sign on the same street.

    Returns:
        `data` (3920, 32, 32, 3) float32 in [0, 1], `target` 0 ... 42; `test_data` (2105, 32, 32, 3), `test_target`.
        Error rates are not comparable with those published for the whole benchmark.

    Raises:
        ValueError: If the file is damaged.
    """
    archive = files.read("gtsrb32_subset.tar")
    training = read_tar(archive, TRAINING, CARD.limits)
    test = read_tar(archive, TEST, CARD.limits)
    (answers,) = read_tar(archive, ANSWERS, CARD.limits).values()
    lines = tables.rows(answers.decode("ascii").replace(";", ","))[1:]
    classes = {line[0]: int(line[-1]) for line in lines}
    return Dataset(
        "gtsrb32",
        unit(np.stack([read_pnm(picture) for picture in training.values()])),
        np.array([int(name.split("/")[-2]) for name in training]),
        test_data=unit(np.stack([read_pnm(picture) for picture in test.values()])),
        test_target=np.array([classes[name.split("/")[-1]] for name in test]),
    )


CARD = DatasetCard(
    name="gtsrb32",
    title="German traffic signs (GTSRB) at 32 x 32, a part",
    kind="real",
    task=("classification", "images"),
    shape="3,920 + 2,105 test images of 32 x 32 x 3 colour values, 43 classes",
    address="https://benchmark.ini.rub.de/gtsrb_dataset.html",
    licence="none found; a benchmark published for free use, to be cited",
    citation="J. Stallkamp, M. Schlipsing, J. Salmen and C. Igel, Man vs. computer, Neural Networks 32, 2012.",
    note="a part of it, resized, in one tar archive: frames 9, 19 and 29 of every track, and every sixth test image",
    limits=Limits(members=7_000, member_bytes=1_000_000, total_bytes=30_000_000),
    files=(
        RemoteFile(
            "gtsrb32_subset.tar", "33263c2b85839be34aa05f7b8e7c0d753b6af815a81f4391ab7f3f1246e1efef", 26_501_120
        ),
    ),
)
