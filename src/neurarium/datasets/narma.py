"""NARMA-10: a system whose next value hangs on ten past values and on an input of ten steps ago.

y(t + 1) = 0.3 y(t) + 0.05 y(t) [y(t) + ... + y(t - 9)] + 1.5 u(t - 9) u(t) + 0.1,    u ~ U[0, 0.5]
"""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard

ORDER = 10
WASHOUT = 100  # values thrown away, so that the start at y = 0 is forgotten
ATTEMPTS = 100
RUNAWAY = 10.0  # the values stay below 1.3 or grow without end


def load(n_steps: int = 4000, random_state: int | None = None) -> Dataset:
    """Input and output of NARMA-10.

    About one input of 4,000 steps in forty drives the system to infinity; such an input is drawn anew.

    Args:
        n_steps: Length of the series.
        random_state: Seed of the input.

    Returns:
        `data` (n_steps, 1) float64, the input u; `target` (n_steps,) float64 with target[t] = y(t + 1), the value
        that u up to and including u(t) decides.

    Raises:
        ValueError: If `n_steps` is less than 1.

    References:
        New results on recurrent network training: unifying the algorithms and accelerating convergence
        (Atiya and Parlos, 2000), https://doi.org/10.1109/72.846741

    Example:
        >>> load(500, random_state=0)
        Dataset('narma', data=float64(500, 1), target=float64(500,))
    """
    if n_steps < 1:
        raise ValueError(f"Expected n_steps >= 1; got {n_steps}.")
    generator = np.random.default_rng(random_state)
    for _ in range(ATTEMPTS):
        u = generator.uniform(0, 0.5, n_steps + WASHOUT)
        y = _respond(u.tolist())
        if max(y) < RUNAWAY:
            return Dataset("narma", u[WASHOUT:, None], np.array(y[WASHOUT + 1 :]), feature_names=("u",))
    raise ValueError(f"NARMA-10 ran away {ATTEMPTS} times: n_steps={n_steps} is too long.")


def _respond(u: list[float]) -> list[float]:
    """y(0), ..., y(len(u)); what lies before time 0 is 0."""
    y = [0.0] * ORDER  # y[t + ORDER - 1] is y(t)
    u = [0.0] * (ORDER - 1) + u  # u[t + ORDER - 1] is u(t)
    for t in range(len(u) - ORDER + 1):
        now = y[-1]
        y.append(min(0.3 * now + 0.05 * now * sum(y[-ORDER:]) + 1.5 * u[t] * u[t + ORDER - 1] + 0.1, RUNAWAY))
    return y[ORDER - 1 :]


CARD = DatasetCard(
    name="narma",
    title="NARMA-10",
    kind="generated",
    task=("regression on a sequence", "memory"),
    shape="4,000 steps of one input and one output (n_steps)",
    licence="none needed",
    citation="A. F. Atiya and A. G. Parlos, New results on recurrent network training, IEEE Trans. Neural "
    "Networks 11, 2000.",
    address="https://doi.org/10.1109/72.846741",
)
