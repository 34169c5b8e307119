"""What the sets of stroke drawings share: three parts of drawings in a zip archive of arrays of arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.datasets.archives import read_zip
from neurarium.datasets.card import Dataset, DatasetCard
from neurarium.datasets.object_arrays import read_object_array
from neurarium.datasets.places import Files


def load_sketches(files: Files, card: DatasetCard) -> Dataset:
    """The drawings of a set: each (points, 3), steps to the right and down, and whether the pen lifts after them."""
    parts = read_zip(files.read(card.files[0].path), r"(train|valid|test)\.npy", card.limits)
    drawings: dict[str, list[NDArray[Any]]] = {
        name.removesuffix(".npy"): [each.astype(np.float32) for each in read_object_array(content)]
        for name, content in parts.items()
    }
    return Dataset(
        card.name,
        drawings["train"],
        feature_names=("right", "down", "lift"),
        valid_data=drawings["valid"],
        test_data=drawings["test"],
    )
