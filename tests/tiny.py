"""A small network for the tests of the core: a line fitted by gradient descent, with nothing hidden in it."""

from dataclasses import dataclass
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.estimator import IterativeEstimator
from neurarium.core.learning import Metrics, Rule
from neurarium.core.parameters import above
from neurarium.core.roles import (
    Continuing,
    ContinuingClassifier,
    Encoder,
    ProbabilisticClassifier,
    Regressor,
    Weighted,
)
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage


class LineModule(nn.Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.scale = Standardise((n_in,))
        self.weight = nn.Parameter(torch.zeros(n_out, n_in))
        self.scaled = Stage()

    def forward(self, x: Tensor) -> Tensor:
        return self.scaled(self.scale(x)) @ self.weight.T


class Descent(Rule):
    def __init__(self, module: nn.Module, rate: float, loss: Any) -> None:
        self.module, self.loss = module, loss
        self.optimiser = torch.optim.Adam(module.parameters(), lr=rate)

    def step(self, batch: Batch) -> Metrics:
        self.optimiser.zero_grad()
        # The noise makes every step depend on the stream, which a resumed fit must find where it was.
        noisy = batch.inputs + 0.01 * torch.randn_like(batch.inputs)
        loss = self.loss(self.module(noisy), batch.targets)
        loss.backward()
        self.optimiser.step()
        return {"loss": loss.detach()}

    def evaluate(self, batch: Batch) -> Tensor:
        return self.loss(self.module(batch.inputs), batch.targets)

    def state_dict(self) -> dict[str, Any]:
        return self.optimiser.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.optimiser.load_state_dict(state)


@dataclass(eq=False, repr=False, kw_only=True)
class Line(IterativeEstimator):
    rate: Annotated[float, above(0)] = 0.01

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> nn.Module:
        return LineModule(shape_in[0], shape_out[0] if shape_out else 2)

    def _start(self, module: Any, data: Batch) -> None:
        module.scale.fit(data.inputs, data.weights)
        nn.init.normal_(module.weight)

    def _rule(self, module: nn.Module) -> Rule:
        loss = nn.functional.mse_loss if isinstance(self, Regressor) else nn.functional.cross_entropy
        return Descent(module, self.rate, loss)


@dataclass(eq=False, repr=False, kw_only=True)
class LineClassifier(ContinuingClassifier, ProbabilisticClassifier, Line):
    """A line between classes."""


@dataclass(eq=False, repr=False, kw_only=True)
class LineRegressor(Weighted, Continuing, Regressor, Line):
    """A line through points."""


class Squeeze(Descent):
    def step(self, batch: Batch) -> Metrics:
        return super().step(batch._replace(targets=batch.inputs[:, :1].expand(-1, 2)))


@dataclass(eq=False, repr=False, kw_only=True)
class LineEncoder(Encoder, Line):
    """Two numbers for a row."""

    def _rule(self, module: nn.Module) -> Rule:
        return Squeeze(module, self.rate, nn.functional.mse_loss)

    @property
    def _n_features_out(self) -> int:
        return 2
