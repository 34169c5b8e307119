"""Temporal XOR: a stream of bits in which every third is the XOR of the two before it."""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard


def load(n_triples: int = 1000, random_state: int | None = None) -> Dataset:
    """Bits, and the bit that follows each.

    Args:
        n_triples: Triples (a, b, a XOR b) in a row.
        random_state: Seed.

    Returns:
        `data` (3 n_triples - 1, 1) float32, `target` the same shape with target[t] = data[t + 1]. Foreseeable are the
        targets at t = 1, 4, 7, ...; group errors by t modulo 3.

    Raises:
        ValueError: If there is no triple.

    References:
        Finding structure in time (Elman, 1990), https://doi.org/10.1207/s15516709cog1402_1

    Example:
        >>> load(1000, random_state=0)
        Dataset('temporal_xor', data=float32(2999, 1), target=float32(2999, 1))
    """
    if n_triples < 1:
        raise ValueError(f"Expected at least one triple; got {n_triples}.")
    pairs = np.random.default_rng(random_state).integers(0, 2, (n_triples, 2))
    bits = np.column_stack([pairs, pairs[:, 0] ^ pairs[:, 1]]).reshape(-1, 1).astype(np.float32)
    return Dataset("temporal_xor", bits[:-1], bits[1:], feature_names=("bit",))


CARD = DatasetCard(
    name="temporal_xor",
    title="Temporal XOR",
    kind="generated",
    task=("next step", "structure in time"),
    shape="3,000 bits (n_triples)",
    licence="none needed",
    citation="J. L. Elman, Finding structure in time, Cognitive Science 14, 1990.",
    address="https://doi.org/10.1207/s15516709cog1402_1",
)
