"""The gradient rule takes the steps its papers write down, and an interruption does not change them."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.core.batches import Batch
from neurarium.core.persistence import pack, unpack
from neurarium.rules.gradient import Gradient, mean_loss
from neurarium.rules.optimisers import Adam, Descent


def module(seed=0, dtype=torch.float64):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).to(dtype)


def batch(seed=1, n=20, dtype=torch.float64, weights=None):
    torch.manual_seed(seed)
    return Batch(torch.randn(n, 3, dtype=dtype), torch.randn(n, 2, dtype=dtype), weights)


def squares(answer, batch):
    return (answer - batch.targets).square().sum(-1)


def weights_of(net):
    return torch.cat([parameter.detach().flatten() for parameter in net.parameters()])


def torchs_groups(net, weight_decay):
    matrices = [each for each in net.parameters() if each.dim() > 1]
    vectors = [each for each in net.parameters() if each.dim() == 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_adam_takes_the_steps_of_torchs_adam_and_spares_biases_from_decay(decoupled, weight_decay):
    ours, theirs = module(), module()
    rule = Gradient(ours, squares, Adam(ours, 0.01, weight_decay=weight_decay, decoupled=decoupled))
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    oracle = kind(torchs_groups(theirs, weight_decay), lr=0.01)
    for number in range(20):
        rows = batch(number)
        rule.step(rows)
        oracle.zero_grad()
        squares(theirs(rows.inputs), rows).mean().backward()
        oracle.step()
    torch.testing.assert_close(weights_of(ours), weights_of(theirs), rtol=1e-12, atol=1e-12)


def test_adam_is_the_papers_algorithm_written_in_numpy():
    w = nn.Parameter(torch.tensor([[1.0, -2.0]], dtype=torch.float64))
    optimiser, by_hand, m, v = Adam([w], 0.1), np.array([[1.0, -2.0]]), 0.0, 0.0
    for t in range(1, 11):
        w.grad = w.detach() ** 3
        optimiser.step()
        g = by_hand**3
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        by_hand = by_hand - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(w.detach().numpy(), by_hand, rtol=1e-12)


def test_descent_is_equation_nine_of_rumelhart_hinton_and_williams():
    w = nn.Parameter(torch.tensor([[1.0, -2.0]], dtype=torch.float64))
    optimiser, by_hand, last = Descent([w], 0.1, momentum=0.9, weight_decay=0.5), np.array([[1.0, -2.0]]), 0.0
    for _ in range(10):
        w.grad = w.detach() ** 3
        optimiser.step()
        last = -0.1 * (by_hand**3 + 0.5 * by_hand) + 0.9 * last
        by_hand = by_hand + last
    np.testing.assert_allclose(w.detach().numpy(), by_hand, rtol=1e-12)


def test_weights_of_mean_one_count_rows_as_often_as_they_say():
    weighted, repeated = module(), module()
    rows = batch(n=4)
    counts = torch.tensor([2.0, 0.0, 1.0, 1.0], dtype=torch.float64)
    Gradient(weighted, squares, Descent(weighted, 0.1)).step(rows._replace(weights=counts / counts.mean()))
    Gradient(repeated, squares, Descent(repeated, 0.1)).step(rows.select(torch.tensor([0, 0, 2, 3])))
    torch.testing.assert_close(weights_of(weighted), weights_of(repeated))


@pytest.mark.parametrize("planned", [True, False])
def test_the_schedule_multiplies_the_learning_rate_where_it_is_known_how_many_steps_will_come(planned):
    net, asked = module(), []

    def schedule(done):
        asked.append(done)
        return 1 - done

    rule = Gradient(net, squares, Descent(net, 0.1), schedule=schedule)
    if planned:
        rule.plan(3)
    moves = []
    for _ in range(3):
        before = weights_of(net)
        rule.step(batch())
        slope = torch.cat([each.grad.flatten() for each in net.parameters()])
        moves.append(float(((before - weights_of(net)) / slope).mean()))
    assert asked == ([0.25, 0.5, 0.75] if planned else [])
    assert moves == pytest.approx([0.075, 0.05, 0.025] if planned else [0.1] * 3)


def test_a_gradient_longer_than_the_clip_is_shortened_to_it_and_a_shorter_one_left_alone():
    for clip, length in ((1e-3, 1e-3), (1e9, None)):
        net = module()
        rule = Gradient(net, squares, Descent(net, 1.0), clip=clip)
        before = weights_of(net)
        rule.step(batch())
        free = module()
        squares(free(batch().inputs), batch()).mean().backward()
        norm = float(torch.cat([each.grad.flatten() for each in free.parameters()]).norm())
        assert float((weights_of(net) - before).norm()) == pytest.approx(length or norm, rel=1e-5)


@pytest.mark.parametrize(
    "make", [lambda net: Adam(net, 0.01, weight_decay=0.1), lambda net: Descent(net, 0.01, momentum=0.9)]
)
def test_a_state_put_away_and_fetched_goes_on_bit_for_bit(make):
    def rule_of(net):
        rule = Gradient(net, squares, make(net), schedule=lambda done: 1 - done, wait=3)
        rule.plan(20)
        return rule

    whole = module()
    rule = rule_of(whole)
    for number in range(3):
        rule.step(batch(number))
    rule.end_pass()
    rule.step(batch(3))
    kept, weights = unpack(*pack(rule.state_dict())), {name: each.clone() for name, each in whole.state_dict().items()}
    kept = unpack(*pack(kept))
    resumed = module(seed=5)
    resumed.load_state_dict(weights)
    fetched = rule_of(resumed)
    fetched.load_state_dict({**kept})
    ended = []
    for each in (rule, fetched):
        for number in range(4, 8):
            each.step(batch(number))
        ended.append(each.end_pass())
    assert torch.equal(weights_of(whole), weights_of(resumed))
    assert ended[0] == ended[1]
    assert str(rule.state_dict()) == str(fetched.state_dict())


def test_it_rests_when_the_loss_of_a_pass_has_not_fallen_for_a_while():
    net = module()
    rule = Gradient(net, squares, Descent(net, 1e-12), wait=3, tolerance=1e-6)
    ends = []
    for _ in range(5):
        rule.step(batch())
        ends.append(rule.end_pass())
    assert ends == [False, False, False, True, True]


def test_padded_rows_come_to_the_module_with_their_lengths():
    class Sums(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.ones(1))

        def forward(self, inputs, lengths):
            return self.w * inputs.sum(1) / lengths

    net = Sums()
    rows = Batch(torch.tensor([[1.0, 2.0], [3.0, 0.0]]), torch.zeros(2), None, torch.tensor([2, 1]))
    loss = Gradient(net, lambda answer, batch: answer, Descent(net, 0.0)).step(rows)["loss"]
    assert float(loss) == pytest.approx((1.5 + 3) / 2)


def test_judging_goes_without_dropout_counts_weights_and_leaves_the_module_learning(monkeypatch):
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2)).double().train()
    rows = batch(weights=torch.rand(20, dtype=torch.float64))
    expected = (squares(net[1](rows.inputs), rows) * rows.weights).sum() / rows.weights.sum()
    monkeypatch.setattr("neurarium.rules.gradient._CHUNK", 21)
    torch.testing.assert_close(mean_loss(net, squares, rows), expected.detach())
    assert net.training


def test_a_parameter_that_the_loss_does_not_touch_stays_where_it_is():
    net = nn.ModuleList([nn.Linear(3, 2), nn.Linear(3, 2)]).double()
    net.forward = net[0].forward
    before = net[1].weight.clone()
    for optimiser in (Adam(net, 0.1, weight_decay=0.1), Descent(net, 0.1, weight_decay=0.1)):
        Gradient(net, squares, optimiser).step(batch())
    assert torch.equal(net[1].weight, before)


def test_learning_does_not_import_torchs_compiler():
    code = (
        "import sys, torch\n"
        "from neurarium.core.batches import Batch\n"
        "from neurarium.rules.gradient import Gradient\n"
        "from neurarium.rules.optimisers import Adam\n"
        "net = torch.nn.Linear(2, 1)\n"
        "Gradient(net, lambda answer, batch: answer[:, 0], Adam(net, 0.1), clip=1.0).step(Batch(torch.ones(3, 2)))\n"
        "sys.exit('torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
