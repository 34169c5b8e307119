"""The copy task: hear a random pattern, then, after a sign, say it again."""

import numpy as np

from neurarium.datasets.card import Array, Dataset, DatasetCard


def load(
    n_samples: int = 1000,
    min_length: int = 1,
    max_length: int = 20,
    n_bits: int = 8,
    random_state: int | None = None,
) -> Dataset:
    """Random bit patterns to be repeated.

    Args:
        n_samples: Sequences.
        min_length, max_length: Vectors in a pattern; each number between them is equally likely.
        n_bits: Bits in a vector.
        random_state: Seed.

    Returns:
        `data` a list of (2 L + 1, n_bits + 1) float32: L random vectors, the sign (1 in the last column), L blanks;
        `target` a list of (2 L + 1, n_bits) float32: the L vectors in the last L steps, 0 before, where nothing is
        asked.

    Raises:
        ValueError: If the lengths do not make a range, or there are no bits.

    References:
        Neural Turing machines (Graves, Wayne and Danihelka, 2014), section 4.1, https://arxiv.org/abs/1410.5401

    Example:
        >>> load(n_samples=5, random_state=0)
        Dataset('copy', data=5 arrays, target=5 arrays)
    """
    if not 1 <= min_length <= max_length or n_bits < 1:
        raise ValueError(
            f"Expected 1 <= min_length <= max_length and n_bits >= 1; got {min_length}, {max_length} and {n_bits}."
        )
    generator = np.random.default_rng(random_state)
    pairs = [_pair(generator, int(generator.integers(min_length, max_length + 1)), n_bits) for _ in range(n_samples)]
    return Dataset("copy", [heard for heard, _ in pairs], [said for _, said in pairs])


def _pair(generator: np.random.Generator, length: int, n_bits: int) -> tuple[Array, Array]:
    heard = np.zeros((2 * length + 1, n_bits + 1), np.float32)
    heard[:length, :n_bits] = generator.integers(0, 2, (length, n_bits))
    heard[length, n_bits] = 1
    said = np.zeros((2 * length + 1, n_bits), np.float32)
    said[length + 1 :] = heard[:length, :n_bits]
    return heard, said


CARD = DatasetCard(
    name="copy",
    title="Copy task",
    kind="generated",
    task=("sequence to sequence", "memory"),
    shape="1,000 sequences of 3 to 41 steps of 8 bits and a sign (n_samples, min_length, max_length, n_bits)",
    licence="none needed",
    citation="A. Graves, G. Wayne and I. Danihelka, Neural Turing Machines, 2014.",
    address="https://arxiv.org/abs/1410.5401",
)
