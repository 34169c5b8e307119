"""The Free Spoken Digit Dataset: six people say the ten digits, fifty times each."""

from io import BytesIO
from typing import Literal

import numpy as np

from neurarium.datasets.archives import read_tar
from neurarium.datasets.card import Array, Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.places import Files

SAMPLE_RATE = 8000  # in Hz, of every recording


def load(files: Files, tag: Literal["digit", "speaker"] = "digit") -> Dataset:
    """Recordings of spoken digits, 8,000 samples a second. Takes 0 to 4 of each are the official test part.

    Args:
        tag: What `target` tells: what was said, or who said it.

    Returns:
        `data` a list of 2,700 float32 arrays in [-1, 1), one a recording; `target` (2700,); `test_data` a list of 300,
        `test_target` (300,).

    Raises:
        ValueError: If `tag` is neither, or the file is damaged.
    """
    if tag not in ("digit", "speaker"):
        raise ValueError(f"Expected tag 'digit' or 'speaker'; got {tag!r}.")
    members = read_tar(files.read("recordings.tar"), r"recordings/\d_[a-z]+_\d+\.wav", CARD.limits)
    labels = [name.removeprefix("recordings/").removesuffix(".wav").split("_") for name in members]
    tags = [digit if tag == "digit" else speaker for digit, speaker, _ in labels]
    names, target = np.unique(tags, return_inverse=True)
    takes = np.array([int(take) for _, _, take in labels])
    waves = [_wave(recording) for recording in members.values()]
    return Dataset(
        "fsdd",
        [wave for wave, take in zip(waves, takes, strict=True) if take >= 5],
        target[takes >= 5],
        tuple(names.tolist()),
        test_data=[wave for wave, take in zip(waves, takes, strict=True) if take < 5],
        test_target=target[takes < 5],
    )


def _wave(recording: bytes) -> Array:
    from scipy.io import wavfile  # not at the top: listing the shelf must stay cheap

    _, samples = wavfile.read(BytesIO(recording))
    return np.asarray(samples / np.float32(32768), np.float32)  # 16-bit sound


CARD = DatasetCard(
    name="fsdd",
    title="Free Spoken Digit Dataset",
    kind="real",
    task=("classification of sequences", "sound"),
    shape="2,700 + 300 test recordings of about 0.44 s at 8 kHz, 10 digits, 6 speakers",
    address="https://github.com/Jakobovski/free-spoken-digit-dataset",
    licence="CC BY-SA 4.0",
    citation="Z. Jackson et al., Free Spoken Digit Dataset, https://doi.org/10.5281/zenodo.1342401, 2018.",
    note="its folder `recordings`, in one tar archive",
    limits=Limits(members=3_001, member_bytes=100_000, total_bytes=25_000_000),
    files=(
        RemoteFile("recordings.tar", "c7febd3af82872742076137222b8fd21702406e0be08481dc3b1e10b93d23bd1", 23_429_120),
    ),
)
