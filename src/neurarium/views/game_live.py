"""The live module of a game on a plane: the field, the samples, what is learnt by pressing, and the alarm."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.rules.adversarial import Adversarial, NonSaturating, Wasserstein
from neurarium.views.explaining import straight
from neurarium.views.game_modes import Clusters, covered
from neurarium.views.game_round import BOTH, FORGER, GAMES, JUDGE, Pace, Player, Round
from neurarium.views.numbers import picked

SAMPLES = 256
ARROWS = 40
SEEN = 256
BINS = 20
LINES, CORNERS = 13, 41
_REACH = 0.1  # of the longest arrow, as a share of the plane's width
_FINE, _COARSE = 36, 16
_FIELD = 3_000_000  # multiplications for the field, at most
_PRESS = 8_000_000  # and for the rounds of one press
MOST_ROUNDS = 10
STATES = "judge", "forger", "turns", "curves"
WHO = {"both": BOTH, "d": JUDGE, "g": FORGER}


class _Slopes(nn.Module):
    """How D's score changes with each number of a row.

    Args:
        judge: D.
    """

    def __init__(self, judge: Player) -> None:
        super().__init__()
        self.judge = judge

    def forward(self, weights: Tensor, rows: Tensor) -> Tensor:
        """∂s/∂x of each row."""
        with torch.enable_grad():
            rows = rows.detach().requires_grad_()
            return torch.autograd.grad(self.judge.play(self.judge.parts(weights), rows).sum(), rows)[0]


class GamePlane(nn.Module):
    """What the plane shows, from the states of the game.

    Args:
        module: The fitted players, in double precision.
        rule: The estimator's rule over them.
        pace: What the fit goes by.
        extent: Left, right, bottom and top edge of the plane.
        found: Clusters of the rows.
        given: The constants that rounds take, by name.
    """

    places: Tensor
    centres: Tensor
    radius: Tensor
    due: Tensor
    lines: Tensor
    ends: Tensor

    def __init__(
        self,
        module: Any,
        rule: Adversarial,
        pace: Pace,
        extent: tuple[float, float, float, float],
        found: Clusters,
        given: Mapping[str, NDArray[Any]],
    ) -> None:
        super().__init__()
        self.judge, self.forger = Player(module.discriminator), Player(module.generator)
        self.units: Any = module.units
        self.low, self.high = module.low, module.high
        self.critic = isinstance(rule.game, Wasserstein)
        self.wide = extent[1] - extent[0]
        self.side = int(min(_FINE, max(_COARSE, math.sqrt(_FIELD / self.judge.size))))
        cost = pace.batch * (16 * self.judge.size + 4 * self.forger.size)
        self.most = max(1, min(MOST_ROUNDS, _PRESS // cost))
        self.register_buffer("places", torch.from_numpy(_middles(extent, self.side)))
        for name in ("centres", "radius", "due"):
            self.register_buffer(name, torch.from_numpy(getattr(found, name)))
        untold = [[math.log(4), float(each(0).cost(torch.zeros(1)))] for each in GAMES]  # where D is ½ throughout
        self.register_buffer("ends", torch.tensor([[0.0, torch.nan]] if self.critic else untold).double())
        n_noise = given["noises"].shape[1]
        self.register_buffer("lines", torch.from_numpy(noise_lines(n_noise)))
        self._slopes = (straight(_Slopes(self.judge), self.judge.weights(), self._shaped(self.places[:ARROWS])),)
        examples = (
            torch.zeros(2, self.judge.size).double(), torch.zeros(3, self.forger.size).double(),
            torch.zeros(3, dtype=torch.int64), torch.zeros(2, len(given["marks"])).double(), torch.tensor(0),
            torch.zeros(given["rows"].shape).double(), torch.zeros(given["noises"].shape).double(),
            torch.zeros(len(given["shares"])).double(), torch.from_numpy(given["marks"]),
            torch.tensor(0.0).double(), torch.tensor(0), torch.tensor(1), torch.tensor(BOTH),
        )  # fmt: skip
        one = straight(Round(self.judge, self.forger, rule, pace), *examples)
        self.rounds = Loop(one, states=4, sequences=1, turns=self.most)
        self.last = pace.passes * pace.steps

    def _shaped(self, rows: Tensor) -> Tensor:
        """Rows of the plane in the shape that the players know."""
        return rows.reshape(-1, *self.low.shape)

    def forward(
        self, judge: Tensor, forger: Tensor, turns: Tensor, curves: Tensor, rows: Tensor, noises: Tensor,
        shares: Tensor, marks: Tensor, penalty: Tensor, game: Tensor, steps: Tensor, averaged: Tensor,
        own_judge: Tensor, own_forger: Tensor, new_judge: Tensor, new_forger: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        """Everything shown, and the states after a press of each button."""
        scaled = self.units(rows.double())
        given = (scaled, noises.double(), shares.double(), marks, penalty.double(), game, steps)
        after: dict[str, Tensor] = {}
        for name, who in WHO.items():
            states = self.rounds(judge, forger, turns, curves, torch.arange(self.most), *given, torch.tensor(who))
            after |= dict(zip((f"{name}_{each}" for each in STATES), states[:4], strict=True))
        weights = torch.where(averaged, forger[2], forger[0])
        made = self._made(weights, noises[:SAMPLES].double())
        samples = made.flatten(1)
        parts = self.judge.parts(judge[0])
        real, fake = self.judge.play(parts, scaled[:SEEN]), self.judge.play(parts, self.units(made))
        return {
            **after,
            **self._starts(own_judge, own_forger, new_judge, new_forger),
            "samples_x": samples[:, 0],
            "samples_y": samples[:, 1],
            "field": self._field(parts),
            **self._arrows(judge[0], samples[:ARROWS]),
            **self._weave(weights),
            **self._told(real, fake),
            **self._shown(turns, curves, marks, self._now(real, fake, game), game),
            **covered(samples, self.centres, self.radius, self.due, rows[:SAMPLES].double().flatten(1)),
        }

    def _made(self, weights: Tensor, noise: Tensor) -> Tensor:
        """Samples, in the units of the rows and inside their walls."""
        made = self.units.inverse(self.forger.play(self.forger.parts(weights), noise))
        return torch.minimum(torch.maximum(made, self.low), self.high)

    def _starts(
        self, own_judge: Tensor, own_forger: Tensor, new_judge: Tensor, new_forger: Tensor
    ) -> dict[str, Tensor]:
        """The states of the fitted network, and those of one that has learnt nothing."""
        starts = {}
        for name, judge, forger in (("own", own_judge, own_forger), ("new", new_judge, new_forger)):
            d, g = judge.double(), forger.double()
            starts[f"{name}_d"] = torch.stack([d, torch.zeros_like(d)])
            starts[f"{name}_g"] = torch.stack([g[0], torch.zeros_like(g[0]), g[1]])
        return starts

    def _field(self, parts: list[Tensor]) -> Tensor:
        """What D says all over the plane: how far from ½, or a critic's score from their middle."""
        scores = self.judge.play(parts, self.units(self._shaped(self.places)))
        said = scores - scores.mean() if self.critic else scores.sigmoid() - 0.5
        return said.reshape(self.side, self.side)

    def _arrows(self, weights: Tensor, samples: Tensor) -> dict[str, Tensor]:
        """Where D wants samples to go: the slope of its score."""
        (slopes,) = self._slopes
        slope = slopes(weights, self.units(self._shaped(samples))).flatten(1) / self.units.scale.flatten()
        steep = slope.square().sum(1).sqrt()
        end = samples + _REACH * self.wide * slope / steep.max().clamp(min=1e-12)
        return {
            "arrow_x": samples[:, 0],
            "arrow_y": samples[:, 1],
            "arrow_to_x": end[:, 0],
            "arrow_to_y": end[:, 1],
            "steep": steep,
        }

    def _weave(self, weights: Tensor) -> dict[str, Tensor]:
        """Straight lines of the noise, as the generator bends them."""
        bent = self._made(weights, self.lines.flatten(0, 1)).flatten(1).reshape(2 * LINES, CORNERS, 2)
        return {"weave_x": bent[:, :, 0], "weave_y": bent[:, :, 1]}

    def _told(self, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """The value of the game on the rows and the samples that are drawn, and a histogram of what D says of them."""
        both = torch.cat([real, fake])
        if self.critic:
            value, low, high = Wasserstein(0).value(real, fake), both.min(), both.max()
        else:
            value, real, fake = NonSaturating(0).value(real, fake), real.sigmoid(), fake.sigmoid()
            low, high = torch.zeros_like(value), torch.ones_like(value)
        wide = (high - low).clamp(min=1e-12) / BINS
        number = torch.arange(BINS)
        counts = [
            (((each - low) / wide).floor().clamp(0, BINS - 1)[:, None] == number).to(each.dtype).mean(0)
            for each in (real, fake)
        ]
        return {
            "value": value,
            "said": torch.stack(counts),
            "bins": low + (number + 0.5) * wide,
            "real_mean": real.mean(),
            "fake_mean": fake.mean(),
            "mean_log_real": real.log().mean() if not self.critic else real.mean(),
            "mean_log_fake": (1 - fake).log().mean() if not self.critic else fake.mean(),
        }

    def _now(self, real: Tensor, fake: Tensor, game: Tensor) -> Tensor:
        """-V and G's cost on the rows and the samples that are drawn: where nothing was played yet."""
        kinds = (Wasserstein,) if self.critic else GAMES
        costs = torch.stack([each(0).cost(fake) for each in kinds])
        return torch.stack([-kinds[0](0).value(real, fake), picked(costs, game)])

    def _shown(self, turns: Tensor, curves: Tensor, marks: Tensor, now: Tensor, game: Tensor) -> dict[str, Tensor]:
        """The curves as far as they have come, with where they end when nothing can be told apart."""
        turn = turns[0]
        come = (torch.arange(marks.shape[0]) <= torch.searchsorted(marks, turn)) & (turn > 0)
        flat = picked(self.ends, game)[:, None].expand(2, marks.shape[0])
        last = torch.searchsorted(marks, turn).clamp(max=marks.shape[0] - 1)
        now = torch.where(turn > 0, curves.index_select(1, last.reshape(1))[:, 0], now)
        return {
            "losses": torch.cat([torch.where(come, curves, torch.nan), flat]),
            "until": turn.clamp(min=50),
            "turn": turn,
            "d_steps": turns[1],
            "g_steps": turns[2],
            "d_loss": now[0],
            "g_cost": now[1],
            "over": turn >= self.last,
        }


def noise_lines(n_noise: int) -> NDArray[np.float64]:
    """(2 LINES, CORNERS, noise) straight lines along the first two numbers of noise, all others 0.

    They lie so that equally much noise falls between each two of them.
    """
    from scipy.special import ndtri

    at, along = ndtri(np.linspace(0.02, 0.98, LINES)), ndtri(np.linspace(0.01, 0.99, CORNERS))
    lines = np.zeros((2, LINES, CORNERS, n_noise))
    lines[0, :, :, 0], lines[1, :, :, 0] = at[:, None], along[None]
    if n_noise > 1:
        lines[0, :, :, 1], lines[1, :, :, 1] = along[None], at[:, None]
    return lines.reshape(2 * LINES, CORNERS, n_noise)


def _middles(extent: tuple[float, float, float, float], n: int) -> NDArray[np.float64]:
    """(n n, 2) the middles of the cells of the plane, the lowest row first."""
    left, right, low, high = extent
    places = (np.arange(n) + 0.5) / n
    x, y = np.meshgrid(left + places * (right - left), low + places * (high - low))
    return np.column_stack([x.ravel(), y.ravel()])
