"""Parity: is the number of ones odd? Any two neighbouring patterns have different answers."""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard


def load(n_bits: int = 4) -> Dataset:
    """All patterns of some bits, and whether they hold an odd number of ones; with 2 bits this is XOR.

    Args:
        n_bits: Length of a pattern, 1 to 16.

    Returns:
        `data` (2^n_bits, n_bits) float32 of 0 and 1, counting upwards; `target` 0 (even) or 1 (odd).

    Raises:
        ValueError: If `n_bits` is not in 1 ... 16.

    References:
        Learning internal representations by error propagation (Rumelhart, Hinton and Williams, 1986), in: Parallel
        Distributed Processing, volume 1, chapter 8.

    Example:
        >>> load(n_bits=2).target.tolist()
        [0, 1, 1, 0]
    """
    if not 1 <= n_bits <= 16:
        raise ValueError(f"Expected n_bits in 1 ... 16, as there are 2^n_bits patterns; got {n_bits}.")
    bits = np.arange(2**n_bits)[:, None] >> np.arange(n_bits)[::-1] & 1
    return Dataset("parity", bits.astype(np.float32), bits.sum(1) % 2, target_names=("even", "odd"))


CARD = DatasetCard(
    name="parity",
    title="Parity (XOR with 2 bits)",
    kind="generated",
    task=("classification", "not linearly separable"),
    shape="all 16 patterns of 4 bits (n_bits)",
    licence="none needed",
    citation="M. Minsky and S. Papert, Perceptrons, MIT Press, 1969.",
    address="https://mitpress.mit.edu/9780262630221/perceptrons/",
)
