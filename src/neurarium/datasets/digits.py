"""Handwritten digits of 8 x 8 pixels, which scikit-learn carries along."""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard


def load() -> Dataset:
    """Digits from 43 writers as grey images.

    Returns:
        `data` (1797, 8, 8) float32 in [0, 1], `target` the digit.

    Example:
        >>> load()
        Dataset('digits', data=float32(1797, 8, 8), target=int64(1797,))
    """
    from sklearn.datasets import load_digits  # not at the top: listing the shelf must stay cheap

    bunch = load_digits()
    images = (bunch.images / 16).astype(np.float32)  # ink is counted in 0 ... 16
    return Dataset("digits", images, bunch.target.astype(np.int64), tuple("0123456789"))


CARD = DatasetCard(
    name="digits",
    title="Optical recognition of handwritten digits",
    kind="embedded",
    task=("classification", "images", "reconstruction"),
    shape="1,797 images of 8 x 8 grey values, 10 classes",
    address="https://archive.ics.uci.edu/dataset/80",
    licence="CC BY 4.0 (UCI repository); comes with scikit-learn",
    citation="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning "
    "Repository, 1998.",
)
