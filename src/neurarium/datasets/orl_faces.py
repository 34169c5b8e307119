"""The ORL faces: 39 people, ten photographs of each."""

import numpy as np

from neurarium.datasets.archives import read_tar
from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.pictures import read_pnm, unit
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Faces of subjects s2 to s40, ordered by subject and number.

    Returns:
        `data` (390, 112, 92) float32 in [0, 1], `target` 0 ... 38 with the subject's folder in `target_names`.

    Raises:
        ValueError: If the file is damaged.
    """
    members = read_tar(files.read("att_faces_s2-s40.tar"), r"s\d+/\d+\.pgm", CARD.limits)
    faces = sorted(
        (int(person[1:]), int(number[:-4]), picture)
        for name, picture in members.items()
        for person, number in [name.split("/")]
    )
    people = sorted({person for person, _, _ in faces})
    data = unit(np.stack([read_pnm(picture) for _, _, picture in faces]))
    target = np.searchsorted(people, [person for person, _, _ in faces])
    return Dataset("orl_faces", data, target, tuple(f"s{person}" for person in people))


CARD = DatasetCard(
    name="orl_faces",
    title="ORL (AT&T, Olivetti) faces, 39 of 40 people",
    kind="real",
    task=("classification", "images", "faces"),
    shape="390 images of 112 x 92 grey values, 39 people",
    address="https://cam-orl.co.uk/facedatabase.html",
    licence="free use with credit to Olivetti Research Laboratory; no formal licence",
    citation="F. Samaria and A. Harter, Parameterisation of a stochastic model for human face identification, "
    "IEEE Workshop on Applications of Computer Vision, 1994.",
    note="a part of it, in one tar archive: subject s1 is missing",
    limits=Limits(members=500, member_bytes=20_000, total_bytes=5_000_000),
    files=(
        RemoteFile(
            "att_faces_s2-s40.tar", "f1059ea9b23fbc8452b7021584d3bc0f74577b0f597406f89f383b2ca803a29c", 4_423_680
        ),
    ),
)
