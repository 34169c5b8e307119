"""Principal directions by squaring, and the sheet that a dial bends."""

import numpy as np
import pytest
import torch

from neurarium.views.projections import Leading, arc


def test_projections_are_those_of_the_singular_value_decomposition():
    rows = (
        np.random.default_rng(0).normal(size=(50, 3))
        @ np.diag([2.0, 1.0, 0.4])
        @ np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    )
    rows -= rows.mean(0)
    _, _, directions = np.linalg.svd(rows)
    given = torch.from_numpy(rows.astype(np.float32))
    leading = Leading()
    np.testing.assert_allclose(leading(given), np.outer(directions[0], directions[0]), atol=1e-6)
    np.testing.assert_allclose(leading.all_but_least(given), directions[:2].T @ directions[:2], atol=1e-6)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(leading(given), np.outer(directions[1], directions[1]), atol=0.1)


def test_the_arc_is_a_line_that_becomes_a_circle_around_the_middle():
    along = torch.linspace(-1, 1, 2001)
    line = arc(along, torch.tensor(0.0))
    np.testing.assert_allclose(line, torch.stack([along, 0 * along], 1), atol=1e-3)
    for bend in (0.5, 1.6, 3.0):
        across, up = arc(along, torch.tensor(bend)).numpy().T
        radius = (1 + bend / 3) / bend
        top = up.min() + radius
        np.testing.assert_allclose(np.hypot(across, up - top), radius, atol=1e-5)
        steps = np.hypot(np.diff(across), np.diff(up))
        np.testing.assert_allclose(steps, steps[0], rtol=1e-2)
        assert steps.sum() == pytest.approx(2 * (1 + bend / 3), rel=1e-4)
        assert up.max() == pytest.approx(-up.min(), abs=1e-5)
