"""The learning rate over a fit: up in a line, down along half a cosine, and never beyond what was asked for."""

import numpy as np
import pytest

from neurarium.rules.schedules import Cycle


@pytest.mark.parametrize("rise", [0.0, 0.1, 0.25])
def test_the_rate_rises_for_its_share_and_then_falls_to_nothing(rise):
    done = np.linspace(0, 1, 1001)
    factors = np.array([Cycle(rise=rise)(share) for share in done])
    top = factors.argmax()
    assert done[top] == pytest.approx(rise, abs=1e-3)
    assert factors[top] == pytest.approx(1)
    assert (np.diff(factors[: top + 1]) > 0).all()
    assert (np.diff(factors[top:]) < 0).all()
    assert factors[-1] == pytest.approx(0, abs=1e-12)
    assert np.interp((1 + rise) / 2, done, factors) == pytest.approx(0.5, abs=1e-3)  # half-way down


def test_beyond_the_planned_steps_nothing_moves():
    assert Cycle(rise=0.1)(1.5) == pytest.approx(0, abs=1e-12)
