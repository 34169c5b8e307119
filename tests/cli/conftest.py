"""A catalogue of throw-away networks for the command line, one for each verb."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from torch import Tensor, nn

from neurarium import catalogue
from neurarium.cli.main import main
from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.estimator import Estimator
from neurarium.core.learning import Metrics, Rule
from neurarium.core.parameters import at_least
from neurarium.core.roles import Forecaster, Memory, Sampler
from tiny import LineClassifier, LineEncoder, LineRegressor


class MeanModule(nn.Module):
    """The mean of what was seen."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(n))

    def forward(self, x: Tensor) -> Tensor:
        return self.mean.expand(len(x), -1)


class Averaging(Rule):
    def __init__(self, module: MeanModule) -> None:
        self.module = module

    def step(self, batch: Batch) -> Metrics:
        with torch.no_grad():
            self.module.mean.copy_(batch.inputs.mean(0))
        return {"loss": self.module.mean.detach().sum()}


@dataclass(eq=False, repr=False, kw_only=True)
class MeanEstimator(Sampler, Memory, Forecaster):
    """Says the mean, whatever it is asked."""

    size: Literal["auto"] | Annotated[int, at_least(1)] = "auto"
    view: tuple[int, int] | None = None
    careful: bool = False

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> nn.Module:
        return MeanModule(shape_in[0])

    def _rule(self, module: Any) -> Rule:
        return Averaging(module)

    def _draw(self, n_samples: int, given: Tensor | None) -> Tensor:
        return self.module_.mean + torch.rand(n_samples, len(self.module_.mean))

    def recall(self, X: Any) -> Any:
        return self._answer(X).numpy(force=True)

    def forecast(self, steps: int, *, history: Any = None) -> Any:
        mean = self.module_.mean.numpy(force=True) if history is None else np.mean(history, axis=0)
        return np.tile(mean, (steps, 1))

    def forecast_interval(self, steps: int, *, level: float = 0.9, history: Any = None) -> Any:
        middle = self.forecast(steps, history=history)
        return middle - level, middle + level


def _card(code: str, *kinds: type[Estimator]) -> Card:
    return Card(
        code=code,
        name=f"Network {code}",
        family="feed-forward",
        tier="C",
        layers=((Cell.INPUT, 2), (Cell.OUTPUT, 1)),
        links="forward",
        papers=(Paper("Nobody, N.", "Nothing", "Nowhere", 1999, "https://example.org"),),
        claim="It claims little.",
        best_when="It is tested.",
        do_not_use_when="It matters.",
        verb="classify",
        estimators=kinds,
    )


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command line among the throw-away networks, in an empty folder."""
    cards = {
        "LN": _card("LN", LineClassifier, LineRegressor, LineEncoder),
        "MN": _card("MN", MeanEstimator),
    }
    monkeypatch.setattr(catalogue, "cards", lambda: cards)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NEURARIUM_LANG", raising=False)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Sixty flowers of two kinds."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(60, 2)) + 4 * (np.arange(60) % 2)[:, None]
    lines = [f"{a:.3f},{b:.3f},{'rose' if i % 2 else 'tulip'}" for i, (a, b) in enumerate(X)]
    file = tmp_path / "flowers.csv"
    file.write_text("length,width,kind\n" + "\n".join(lines) + "\n")
    return file
