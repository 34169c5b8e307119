"""Sign Language Digits: pupils' hands that show the ten digits, under a clear licence."""

import numpy as np

from neurarium.datasets.archives import read_tar
from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.pictures import read_jpeg, unit
from neurarium.datasets.places import Files

ARCHIVE = "Sign-Language-Digits-Dataset_subset.tar"


def load(files: Files) -> Dataset:
    """Hands showing a digit: the first 40 photographs of each. Needs pillow (`neurarium[images]`).

    Returns:
        `data` (400, 100, 100, 3) float32 in [0, 1], `target` the digit, in the order of the digits.

    Raises:
        ImportError: If pillow is not installed.
        ValueError: If the file is damaged.
    """
    members = read_tar(files.read(ARCHIVE), r"Dataset/\d/IMG_\d+\.JPG", CARD.limits)
    images = np.stack([read_jpeg(picture, 100, 100) for picture in members.values()])
    target = np.array([int(name.split("/")[1]) for name in members])
    return Dataset("sign_language_digits", unit(images), target, tuple("0123456789"))


CARD = DatasetCard(
    name="sign_language_digits",
    title="Sign Language Digits, 40 photographs of each",
    kind="real",
    task=("classification", "images"),
    shape="400 images of 100 x 100 x 3 colour values, 10 classes",
    address="https://github.com/ardamavi/Sign-Language-Digits-Dataset",
    licence="Apache-2.0",
    citation="A. Mavi, A new dataset and proposed convolutional neural network architecture for classification "
    "of American sign language digits, arXiv:2011.08927, 2020.",
    note="a part of it, in one tar archive: the first 40 of 204 to 208 files of each digit by name",
    limits=Limits(members=500, member_bytes=50_000, total_bytes=5_000_000),
    files=(RemoteFile(ARCHIVE, "38f6758d8dc60ec67506dffd6ea4daeba67c0a8eb5d92ee73f57e7fc098f4e6f", 3_993_600),),
)
