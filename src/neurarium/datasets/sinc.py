"""The sinc function with noise: the toy regression of the extreme learning machine."""

import numpy as np

from neurarium.datasets.card import Array, Dataset, DatasetCard


def load(n_samples: int = 5000, noise: float = 0.2, random_state: int | None = None) -> Dataset:
    """sin(x) / x at random places of [-10, 10]: noisy to learn from, clean to be tested on.

    Args:
        n_samples: Training points, and as many test points.
        noise: The training targets are off by U[-noise, noise], a root mean square of noise / sqrt(3).
        random_state: Seed.

    Returns:
        `data` (n_samples, 1) and `target` (n_samples,) float64; `test_data`, `test_target` likewise, without noise.

    References:
        Extreme learning machine: theory and applications (Huang, Zhu and Siew, 2006), section 4.1,
        https://doi.org/10.1016/j.neucom.2005.12.126

    Example:
        >>> load(9, random_state=0)
        Dataset('sinc', data=float64(9, 1), target=float64(9,), test_data=float64(9, 1), test_target=float64(9,))
    """
    generator = np.random.default_rng(random_state)
    x, unseen = generator.uniform(-10, 10, (2, n_samples, 1))
    wrong = generator.uniform(-noise, noise, n_samples)
    return Dataset("sinc", x, _sinc(x) + wrong, test_data=unseen, test_target=_sinc(unseen), feature_names=("x",))


def _sinc(x: Array) -> Array:
    return np.asarray(np.sinc(x[:, 0] / np.pi))  # numpy's sinc(z) is sin(pi z) / (pi z)


CARD = DatasetCard(
    name="sinc",
    title="sin(x) / x with noise",
    kind="generated",
    task=("regression",),
    shape="5,000 + 5,000 test points of one variable (n_samples)",
    licence="none needed",
    citation="G.-B. Huang, Q.-Y. Zhu and C.-K. Siew, Extreme learning machine, Neurocomputing 70, 2006.",
    address="https://doi.org/10.1016/j.neucom.2005.12.126",
)
