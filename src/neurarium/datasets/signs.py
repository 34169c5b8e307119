"""SIGNS: photographs of hands that show the numbers 0 to 5."""

import numpy as np

from neurarium.datasets.archives import read_tar
from neurarium.datasets.card import Array, Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.pictures import read_jpeg, unit
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Hands showing a number, with the course's split. Needs pillow (`neurarium[images]`).

    Returns:
        `data` (864, 64, 64, 3) float32 in [0, 1], `target` the number; `valid_data` (216, ...), `test_data` (120,
        ...) and their targets.

    Raises:
        ImportError: If pillow is not installed.
        ValueError: If the file is damaged.
    """
    members = read_tar(files.read("64x64_SIGNS.tar"), r"data/64x64_SIGNS/\w+/\d_IMG_\d+( \(1\))?\.jpg", CARD.limits)
    data, target = _part(members, "train_signs")
    valid_data, valid_target = _part(members, "val_signs")
    test_data, test_target = _part(members, "test_signs")
    return Dataset(
        "signs",
        data,
        target,
        tuple("012345"),
        valid_data=valid_data,
        valid_target=valid_target,
        test_data=test_data,
        test_target=test_target,
    )


def _part(members: dict[str, bytes], folder: str) -> tuple[Array, Array]:
    chosen = {name.split("/")[-1]: picture for name, picture in members.items() if f"/{folder}/" in name}
    images = np.stack([read_jpeg(picture, 64, 64) for picture in chosen.values()])
    return unit(images), np.array([int(name[0]) for name in chosen])


CARD = DatasetCard(
    name="signs",
    title="SIGNS, hands showing 0 to 5",
    kind="real",
    task=("classification", "images"),
    shape="864 + 216 validation + 120 test images of 64 x 64 x 3 colour values, 6 classes",
    address="https://cs230-stanford.github.io/pytorch-vision.html",
    licence="none stated; published for a university course",
    citation="CS230 Deep Learning, Stanford University, SIGNS data set.",
    note="its 64 x 64 version, in one tar archive",
    limits=Limits(members=1_300, member_bytes=20_000, total_bytes=5_000_000),
    files=(
        RemoteFile("64x64_SIGNS.tar", "cd8962c7561729fbdda9c00e8405fcdc4d3482537bc71fcc817d354c7aee1a96", 2_467_840),
    ),
)
