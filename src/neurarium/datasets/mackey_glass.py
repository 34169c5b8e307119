"""The Mackey-Glass series: a chaotic chemical oscillator with a delay.

    dy/dt = 0.2 y(t - tau) / (1 + y(t - tau)^10) - 0.1 y(t)

chaotic for tau > 16.8. As in Jaeger's report it is integrated by Euler steps of 0.1, of which every tenth is kept.
"""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard

STEPS = 10  # Euler steps between two values that are kept, each of length 1 / STEPS
WASHOUT = 1000  # values thrown away, so that the series has reached its attractor


def load(n_steps: int = 4000, tau: float = 17, random_state: int | None = None) -> Dataset:
    """The Mackey-Glass series.

    Args:
        n_steps: Length of the series.
        tau: The delay, a multiple of 0.1: 17 is mildly chaotic, 30 wildly.
        random_state: Seed of the history that the series starts from: 1.2 +- 0.1.

    Returns:
        `data` (n_steps, 1) float64. Echo state papers use tanh(y - 1).

    Raises:
        ValueError: If `n_steps` or `tau` is not positive, or `tau` is not a multiple of 0.1.

    References:
        Oscillation and chaos in physiological control systems (Mackey and Glass, 1977).
        The "echo state" approach (Jaeger, 2001), GMD report 148, section 6.

    Example:
        >>> load(1000, random_state=0)
        Dataset('mackey_glass', data=float64(1000, 1))
    """
    delay = round(tau * STEPS)
    if n_steps < 1 or delay < 1 or abs(delay - tau * STEPS) > 1e-9:
        raise ValueError(f"Expected n_steps >= 1 and tau a positive multiple of 0.1; got {n_steps} and {tau}.")
    y = (1.2 + np.random.default_rng(random_state).uniform(-0.1, 0.1, delay + 1)).tolist()
    for _ in range((n_steps + WASHOUT) * STEPS):
        late = y[-1 - delay]
        y.append(y[-1] + (0.2 * late / (1 + late**10) - 0.1 * y[-1]) / STEPS)
    return Dataset("mackey_glass", np.array(y[-n_steps * STEPS :: STEPS])[:, None], feature_names=("y",))


CARD = DatasetCard(
    name="mackey_glass",
    title="Mackey-Glass delay equation",
    kind="generated",
    task=("forecasting", "chaos"),
    shape="4,000 values of one variable (n_steps)",
    licence="none needed",
    citation="M. C. Mackey and L. Glass, Oscillation and chaos in physiological control systems, Science 197, 1977.",
    address="https://doi.org/10.1126/science.267326",
)
