"""Bach's chorales as sets of keys pressed together, step by step."""

import json
from typing import Literal

import numpy as np

from neurarium.datasets.card import Array, Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files

LOWEST, KEYS = 21, 88  # the piano's keys in MIDI numbers
HOME = "https://raw.githubusercontent.com/czhuang/JSB-Chorales-dataset/9a7f733ddb4ed91f48da64ac7f0f621c34aadd4d/"


def load(files: Files, step: Literal["quarter", "16th"] = "quarter") -> Dataset:
    """Chorales as piano rolls, with the split of Boulanger-Lewandowski et al.

    Args:
        step: How long a step is: a quarter note, as in the papers' tables, or a sixteenth. The first version
            is transposed to C, the second is not, and their chorales stand in different orders.

    Returns:
        `data` a list of 229 (steps, 88) float32 arrays of 0 and 1, key 0 being MIDI number 21; `valid_data` a list of
        76, `test_data` a list of 77. `feature_names` are the MIDI numbers.

    Raises:
        ValueError: If `step` is neither, or the file is damaged.
    """
    if step not in ("quarter", "16th"):
        raise ValueError(f"Expected step 'quarter' or '16th'; got {step!r}.")
    parts = json.loads(files.text(f"jsb-chorales-{step}.json"))
    training, validation, test = ([_roll(chorale) for chorale in parts[part]] for part in ("train", "valid", "test"))
    keys = tuple(str(LOWEST + key) for key in range(KEYS))
    return Dataset("jsb_chorales", training, feature_names=keys, valid_data=validation, test_data=test)


def _roll(chorale: list[list[float]]) -> Array:
    roll = np.zeros((len(chorale), KEYS), np.float32)
    for time, notes in enumerate(chorale):
        roll[time, [int(note) - LOWEST for note in notes]] = 1  # the 16th version has them as floats
    return roll


CARD = DatasetCard(
    name="jsb_chorales",
    title="JSB chorales",
    kind="real",
    task=("density of sequences", "music"),
    shape="229 + 76 validation + 77 test chorales, piano rolls of 88 keys",
    address="https://github.com/czhuang/JSB-Chorales-dataset",
    licence="the music is in the public domain; its repository states none",
    citation="N. Boulanger-Lewandowski, Y. Bengio and P. Vincent, Modeling temporal dependencies in high- "
    "dimensional sequences, ICML 2012.",
    files=(
        RemoteFile(
            "jsb-chorales-quarter.json",
            "2db9329f1881a1d3f49703ec556bf1d6f84b4f6c1d702c156536e93cf31e1c91",
            407_200,
            HOME + "jsb-chorales-quarter.json",
        ),
        RemoteFile(
            "jsb-chorales-16th.json",
            "8730aca7b64e7d29493733d1cf19fad4a5b351d8f1845e57dac27728104fd39f",
            1_741_172,
            HOME + "jsb-chorales-16th.json",
        ),
    ),
)
