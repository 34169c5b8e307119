"""The variational bound as a rule: what it drives down, what it tells, and how rows are counted."""

import pytest
import torch
from torch import nn

from neurarium.core.batches import Batch
from neurarium.rules.optimisers import Descent
from neurarium.rules.variational import VariationalBound


class Terms(nn.Module):
    """Reconstruction -(x - a)², divergence a², of which the bound's slope is known."""

    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(0.5).double())

    def forward(self, x):
        return -(x[:, 0] - self.a).square(), self.a.square().expand(len(x))


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("weights", [None, [1.5, 0.5, 1.0]])
def test_a_step_goes_up_the_slope_of_the_bound_and_tells_both_terms(beta, weights):
    module, x = Terms(), torch.tensor([[1.0], [2.0], [4.0]]).double()
    w = torch.ones(3).double() if weights is None else torch.tensor(weights).double()
    rule = VariationalBound(module, Descent(module, 0.1), beta=beta)
    told = rule.step(Batch(x, weights=None if weights is None else w))
    reconstruction, divergence = -(w * (x[:, 0] - 0.5) ** 2).mean(), 0.25
    assert float(told["reconstruction"]) == pytest.approx(float(reconstruction))
    assert float(told["divergence"]) == pytest.approx(divergence)
    assert next(iter(told)) == "loss"
    assert float(told["loss"]) == pytest.approx(beta * divergence - float(reconstruction))
    slope = float((w * 2 * (x[:, 0] - 0.5)).mean()) - 2 * beta * 0.5
    assert float(module.a.detach()) == pytest.approx(0.5 + 0.1 * slope)


def test_rows_held_out_are_judged_by_the_same_loss():
    module = Terms()
    rule = VariationalBound(module, Descent(module, 0.1), beta=2.0)
    batch = Batch(torch.tensor([[1.0], [2.0]]).double())
    assert float(rule.evaluate(batch)) == pytest.approx(2 * 0.25 + (0.25 + 2.25) / 2)
