"""Four-part chorales, a chord a step: gated cells foretell the next chord alike (Chung and others 2014, table 2)."""

import statistics
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from neurarium.core.batches import Batch, Batches
from neurarium.core.learning import Learning, Patience
from neurarium.core.randomness import Randomness
from neurarium.core.sequences import is_real
from neurarium.datasets import shelf
from neurarium.networks._recurrent import RecurrentModule
from neurarium.networks._recurrent_cells import GRUCell, LSTMCell, RecurrentCell
from neurarium.rules.gradient import Gradient
from neurarium.rules.optimisers import Adam

SHARED = Path(__file__).parents[3] / "shared" / "data"
UNITS = {GRUCell: 46, LSTMCell: 36}  # the paper's: about as many weights


class Pianist(nn.Module):
    """From the chords so far to the scores of the 88 keys of the next."""

    def __init__(self, cell: RecurrentCell, n_units: int) -> None:
        super().__init__()
        self.recurrent = RecurrentModule(cell, 88, n_units)
        self.read_out = nn.Linear(n_units, 88)

    def forward(self, chords, lengths):
        return self.read_out(self.recurrent.run(chords, lengths=lengths)[0])


def costs(scores, batch):
    """Nats of each sequence: the sum over keys and over its steps."""
    each = binary_cross_entropy_with_logits(scores, batch.targets, reduction="none").sum(2)
    return (each * is_real(batch.lengths, each.shape[1])).sum(1)


def pairs(rolls):
    """Each chord beside the one that follows it."""
    rolls = [torch.from_numpy(roll) for roll in rolls]
    known = nn.utils.rnn.pad_sequence([roll[:-1] for roll in rolls], batch_first=True)
    coming = nn.utils.rnn.pad_sequence([roll[1:] for roll in rolls], batch_first=True)
    return Batch(known, coming, lengths=torch.tensor([len(roll) - 1 for roll in rolls]))


def nats_a_step(cell, seed, *, shuffled=False):
    """On the test part, by the weights of the best pass on the validation part."""
    music = shelf.load("jsb_chorales")
    learn, judge, ask = (pairs(part) for part in (music.data, music.valid_data, music.test_data))
    if shuffled:  # the control: each chord beside one from anywhere
        rows = torch.randperm(learn.n_rows, generator=torch.Generator().manual_seed(seed))
        learn = learn._replace(inputs=learn.inputs[rows])
    with Randomness(seed):
        module = Pianist(cell, UNITS[type(cell)])
        module.recurrent.start()
    rule = Gradient(module, lambda scores, batch: costs(scores, batch) / 60, Adam(module, 5e-3), clip=1.0)
    learning = Learning(module, rule, Batches(learn, 8), 100, Randomness(seed), patience=Patience(judge, 8, 0.0))
    for _ in learning:
        pass
    learning.finish()
    with torch.no_grad():
        return float(costs(module(ask.inputs, ask.lengths), ask).sum() / ask.lengths.sum())


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "jsb_chorales").exists(), reason="the chorales are not there")
def test_gated_cells_foretell_chorales_alike_and_not_when_the_chords_are_mixed_up(monkeypatch):
    monkeypatch.setenv("NEURARIUM_DATA", str(SHARED))
    gru, lstm = ([nats_a_step(cell, seed) for seed in range(5)] for cell in (GRUCell(), LSTMCell()))
    assert sum(nats <= 9.0 for nats in gru) >= 4
    assert sum(abs(one - other) <= 0.4 for one, other in zip(gru, lstm, strict=True)) >= 4
    assert nats_a_step(GRUCell(), 0, shuffled=True) > statistics.median(gru) + 0.5
