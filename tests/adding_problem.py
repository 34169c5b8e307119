"""The adding problem as a question to any regressor of sequences, and the plain network that fails at it."""

from typing import Any

from torch import nn

from neurarium.core.batches import Batch
from neurarium.datasets import adding
from neurarium.networks.recurrent import RNNRegressor

CHANCE = 1 / 6
"""Mean squared error of always answering 1."""


class TorchStartRNN(RNNRegressor):
    """A plain tanh RNN as torch starts it, all weights from ±1/√units; scaling, Adam, schedule and clip as ever."""

    def _start(self, module: Any, data: Batch) -> None:
        super()._start(module, data)
        for parameter in module.recurrent.parameters():
            nn.init.uniform_(parameter, -(self.n_units**-0.5), self.n_units**-0.5)


def error_at_adding(kind: type, seed: int, n_sequences: int = 50_000, length: int = 100, **options: Any) -> float:
    """Mean squared error on 2,000 new sequences after one look at each of so many."""
    learn, ask = (
        adding.load(n_sequences, length, random_state=seed),
        adding.load(2000, length, random_state=1000 + seed),
    )
    settings = {"n_units": 32, "batch_size": 50, "epochs": 1, "learning_rate": 0.01, "random_state": seed}
    network = kind(**settings, **options).fit(learn.data, learn.target)
    return float(((network.predict(ask.data) - ask.target) ** 2).mean())
