"""The adding problem of the paper that introduced LSTM."""

import numpy as np

from neurarium.datasets.card import Array, Dataset, DatasetCard


def load(n_samples: int = 1000, length: int = 100, random_state: int | None = None) -> Dataset:
    """Sequences of numbers, two of them marked, and 0.5 + (X1 + X2) / 4 of those two.

    Marked are one of the first ten numbers, then one of the first length / 2 - 1 that is still unmarked. The mark of
    the first and of the last number is always -1; if the first is drawn, it stays -1 and its number counts as X = 0.
    A sequence is solved when the error is below 0.04 (not the squared error).

    Args:
        n_samples: Sequences.
        length: Shortest length T, at least 10; each is drawn from T ... T + T / 10.
        random_state: Seed.

    Returns:
        `data` a list of (steps, 2) float32: a number of U[-1, 1] and its mark, -1, 0 or 1; `target` (n_samples,)
        float32.

    Raises:
        ValueError: If `length` is less than 10.

    References:
        Long short-term memory (Hochreiter and Schmidhuber, 1997), experiment 4,
        https://doi.org/10.1162/neco.1997.9.8.1735

    Example:
        >>> load(n_samples=10, random_state=0)
        Dataset('adding_1997', data=10 arrays, target=float32(10,))
    """
    if length < 10:
        raise ValueError(f"Expected a length of at least 10, as the paper marks one of the first ten; got {length}.")
    generator = np.random.default_rng(random_state)
    sequences = [_sequence(generator, length) for _ in range(n_samples)]
    sums = [(x[:, 0] * (x[:, 1] == 1)).sum() for x in sequences]
    target = (0.5 + np.array(sums) / 4).astype(np.float32)
    return Dataset("adding_1997", sequences, target, feature_names=("number", "mark"))


def _sequence(generator: np.random.Generator, length: int) -> Array:
    steps = int(generator.integers(length, length + length // 10 + 1))
    first = int(generator.integers(0, 10))
    second = int(generator.integers(0, length // 2 - 2))
    second += second >= first  # skips the one that is taken
    marks = np.zeros(steps)
    marks[[first, second]] = 1
    marks[[0, -1]] = -1
    return np.stack([generator.uniform(-1, 1, steps), marks], axis=-1).astype(np.float32)


CARD = DatasetCard(
    name="adding_1997",
    title="Adding problem of the LSTM paper",
    kind="generated",
    task=("regression on sequences", "long memory"),
    shape="1,000 sequences of 100 to 110 steps of (number, mark) (n_samples, length)",
    licence="none needed",
    citation="S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9, 1997.",
    address="https://doi.org/10.1162/neco.1997.9.8.1735",
)
