"""The adding problem as it is posed today: add the two marked numbers of a long sequence."""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard


def load(n_samples: int = 1000, length: int = 100, random_state: int | None = None) -> Dataset:
    """Sequences of numbers, two of them marked, and the sum of those two.

    One number of each half is marked. Always answering 1 gives a mean squared error of 1/6.

    Args:
        n_samples: Sequences.
        length: Steps of each, at least 2.
        random_state: Seed.

    Returns:
        `data` (n_samples, length, 2) float32: a number of U[0, 1] and its mark, 0 or 1; `target` (n_samples,) float32.

    Raises:
        ValueError: If `length` is less than 2.

    References:
        A simple way to initialize recurrent networks of rectified linear units (Le, Jaitly and Hinton, 2015),
        https://arxiv.org/abs/1504.00941. The original problem is the data set `adding_1997`.

    Example:
        >>> load(n_samples=10, length=50, random_state=0)
        Dataset('adding', data=float32(10, 50, 2), target=float32(10,))
    """
    if length < 2:
        raise ValueError(f"Expected a length of at least 2, for two marks; got {length}.")
    generator = np.random.default_rng(random_state)
    numbers = generator.uniform(0, 1, (n_samples, length)).astype(np.float32)
    marks = np.zeros_like(numbers)
    rows = np.arange(n_samples)
    marks[rows, generator.integers(0, length // 2, n_samples)] = 1
    marks[rows, generator.integers(length // 2, length, n_samples)] = 1
    data = np.stack([numbers, marks], axis=-1)
    return Dataset("adding", data, (numbers * marks).sum(1), feature_names=("number", "mark"))


CARD = DatasetCard(
    name="adding",
    title="Adding problem, as posed today",
    kind="generated",
    task=("regression on sequences", "long memory"),
    shape="1,000 sequences of 100 steps of (number, mark) (n_samples, length)",
    licence="none needed",
    citation="Q. V. Le, N. Jaitly and G. E. Hinton, A simple way to initialize recurrent networks of rectified "
    "linear units, 2015.",
    address="https://arxiv.org/abs/1504.00941",
)
