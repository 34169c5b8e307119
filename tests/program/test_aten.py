"""Operations of core ATen: they compute what the module does, and write into nothing."""

import operator

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.program.aten import exported
from neurarium.program.trace import trace
from program.running import run


class Writes(nn.Module):
    """Writes into a part of a copy, reads another part that holds the same numbers, and writes there too."""

    def forward(self, x):
        copy = x.clone()
        copy[:, 1:3] = copy[:, :2] * 2
        copy[:, 2].add_(1)
        return copy, copy.relu_().sum(1)


class Turns(nn.Module):
    """A line times a matrix, which torch turns round in place, and the sums of a cell, which it writes into."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(4, 4)

    def forward(self, x):
        hidden, memory = self.cell(x)
        return torch.stack([x[0] @ hidden.mT, hidden[0] @ memory.mT])


class Read(nn.Module):
    """A recurrent layer, the rows of which are steps."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x[None])[0]


MODULES = {
    "writes": Writes(),
    "turns": Turns(),
    "normalises": nn.Sequential(nn.BatchNorm1d(4), nn.InstanceNorm1d(5), nn.Linear(4, 2)),
    "LSTM": Read(nn.LSTM(4, 3, bidirectional=True, batch_first=True)),
    "GRU": Read(nn.GRU(4, 3, num_layers=2, batch_first=True)),
    "RNN": Read(nn.RNN(4, 3, batch_first=True, nonlinearity="relu")),
}


@pytest.fixture(params=MODULES)
def module(request):
    torch.manual_seed(0)
    return MODULES[request.param].eval()


X = torch.from_numpy(np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32))


def test_what_is_exported_computes_what_the_module_does(module):
    given = X.clone()
    program = trace(module, (X,), ["x"], fixed=True)
    with torch.no_grad():
        answer = module(X)
    found = run(program, {"x": X.numpy()}).values()
    for ours, theirs in zip(found, answer if isinstance(answer, tuple) else (answer,), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(X, given, rtol=0, atol=0)


def test_nothing_is_written_into_and_no_layer_is_one_operation(module):
    operations = [call.target for call in exported(module, (X,)).calls if call.target is not operator.getitem]
    assert operations
    assert not [each for each in operations if each._schema.is_mutable or "rnn" in str(each)]


def test_each_operation_knows_the_line_it_comes_from():
    calls = exported(Writes(), (X,)).calls
    assert all("copy.relu_()" in call.meta["stack_trace"] for call in calls if "relu" in str(call.target))
    assert [call for call in calls if "relu" in str(call.target)]
