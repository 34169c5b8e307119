"""Bars and stripes: pictures whose columns are all alike, or whose rows are."""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard


def load(size: int = 4) -> Dataset:
    """All pictures made of whole columns (bars) or of whole rows (stripes), each once.

    There are 2 * 2^size - 2 of them, as the empty and the full picture are both bars and stripes; so the entropy of the
    set is exactly log(2^(size + 1) - 2).

    Args:
        size: Rows and columns, 1 to 12.

    Returns:
        `data` (2^(size + 1) - 2, size, size) float32 of 0 and 1: first all bars, then the stripes.

    Raises:
        ValueError: If `size` is not in 1 ... 12.

    References:
        Information theory, inference, and learning algorithms (MacKay, 2003), chapter 43,
        https://www.inference.org.uk/mackay/itila/

    Example:
        >>> load(size=2).data.reshape(-1, 4).astype(int).tolist()
        [[0, 0, 0, 0], [0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0]]
    """
    if not 1 <= size <= 12:
        raise ValueError(f"Expected a size in 1 ... 12, as there are 2^(size + 1) - 2 pictures; got {size}.")
    patterns = np.arange(2**size)[:, None] >> np.arange(size)[::-1] & 1
    bars = np.repeat(patterns[:, None, :], size, axis=1)
    stripes = bars.swapaxes(1, 2)[1:-1]
    return Dataset("bars_and_stripes", np.concatenate([bars, stripes]).astype(np.float32))


CARD = DatasetCard(
    name="bars_and_stripes",
    title="Bars and stripes",
    kind="generated",
    task=("density", "sampling", "images"),
    shape="all 30 pictures of 4 x 4 black or white pixels (size)",
    licence="none needed",
    citation="D. J. C. MacKay, Information Theory, Inference, and Learning Algorithms, Cambridge University "
    "Press, 2003.",
    address="https://www.inference.org.uk/mackay/itila/",
)
