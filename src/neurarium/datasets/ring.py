"""A ring of Gaussians: the test of whether a generator invents everything or only some of it."""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard


def load(
    n_samples: int = 2000,
    n_modes: int = 8,
    radius: float = 2.0,
    std: float = 0.02,
    random_state: int | None = None,
) -> Dataset:
    """Points around equally distant centres on a circle.

    Args:
        n_samples: Points.
        n_modes: Centres; the first lies at angle 0, the others follow counter-clockwise.
        radius: Of the circle.
        std: Standard deviation of a point from its centre, in each direction.
        random_state: Seed.

    Returns:
        `data` (n_samples, 2) float32, `target` the number of the centre, each drawn with the same probability.

    Raises:
        ValueError: If there is no mode.

    References:
        Unrolled generative adversarial networks (Metz, Poole, Pfau and Sohl-Dickstein, 2016), section 3.1,
        https://arxiv.org/abs/1611.02163

    Example:
        >>> load(100, random_state=0)
        Dataset('ring', data=float32(100, 2), target=int64(100,))
    """
    if n_modes < 1:
        raise ValueError(f"Expected at least one mode; got {n_modes}.")
    generator = np.random.default_rng(random_state)
    mode = generator.integers(0, n_modes, n_samples)
    angle = 2 * np.pi * mode / n_modes
    centre = radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    points = generator.normal(centre, std).astype(np.float32)
    return Dataset("ring", points, mode, feature_names=("x", "y"))


CARD = DatasetCard(
    name="ring",
    title="Ring of Gaussians",
    kind="generated",
    task=("sampling", "mode collapse"),
    shape="2,000 points in the plane around 8 centres (n_samples, n_modes)",
    licence="none needed",
    citation="L. Metz, B. Poole, D. Pfau and J. Sohl-Dickstein, Unrolled generative adversarial networks, 2016.",
    address="https://arxiv.org/abs/1611.02163",
)
