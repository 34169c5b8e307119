"""The game on a line: the law p of the data, the law q of the samples, a detective D, and what they play for.

With densities instead of samples nothing is left to chance:

    V(D, G) = ∫ p log D + ∫ q log(1 - D),

best for D at D* = p / (p + q), where V(D*, G) = -log 4 + 2 JSD(p, q): -log 4 if the laws are equal, 0 if they lie
apart. Integrals are sums over a fine grid, which for laws as smooth as these are right to 1e-9.

Source: "Generative adversarial nets" (Goodfellow and others, 2014), section 4.1.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from neurarium.program.loop import Loop
from neurarium.views.numbers import picked

END, STEP = 14.0, 0.025
SEEN = 6.0
LOW, HIGH = (-4.0, 0.3), (4.0, 1.5)
"""Of G's mean and spread."""
STEEP, FAR = 6.0, 12.0
"""Of D's slope and offset, on both sides of 0."""
PATH = 80
_TURNS = 40
_RIDGE = 1e-6
_MEANS = 61

Grid = Float[Tensor, " n"]


def bell(x: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
    """The logarithm of the density of a Gaussian."""
    return -0.5 * ((x - mean) / spread).square() - spread.log() - 0.5 * math.log(2 * math.pi)


class _Newton(nn.Module):
    """A step of Newton's towards the line that V is highest with; a small ridge holds it where the laws lie apart."""

    def forward(self, here: Tensor, p: Tensor, q: Tensor, x: Tensor) -> tuple[Tensor]:
        """The next slope and offset."""
        line = here[0] * x + here[1]
        bend = STEP * (p + q) * line.sigmoid() * (-line).sigmoid()
        a, b, c = (bend * x.square()).sum() + _RIDGE, (bend * x).sum(), bend.sum() + _RIDGE
        u, v = (climb(p, q, x, line) - _RIDGE * here).unbind()
        step = torch.stack([c * u - b * v, a * v - b * u]) / (a * c - b * b)
        return (here + step.clamp(-1, 1),)


class Minimax(nn.Module):
    """The game on a line.

    Args:
        laws: (examples, 5) of the data: weight of the first bump, means and spreads of both.
    """

    laws: Tensor
    x: Tensor
    means: Tensor

    def __init__(self, laws: Tensor) -> None:
        super().__init__()
        n = round(END / STEP)
        self.register_buffer("laws", laws.double())
        self.register_buffer("x", STEP * torch.arange(-n, n + 1).double())
        self.register_buffer("means", torch.linspace(LOW[0], HIGH[0], _MEANS, dtype=torch.float64))
        m = round(SEEN / STEP)
        self._best_line = Loop(_Newton(), states=1, sequences=0, turns=_TURNS)
        self.window = slice(n - m, n + m + 1, 2)

    def forward(
        self, seed: Tensor, mean: Tensor, spread: Tensor, slope: Tensor, offset: Tensor, cost: Tensor, rate: Tensor,
        path: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        """Everything shown, and where the players go when they answer."""
        mean, spread, slope, offset, rate = (each.double() for each in (mean, spread, slope, offset, rate))
        log_p = self.log_p(seed)
        log_q = bell(self.x, mean, spread)
        p, q, best = log_p.exp(), log_q.exp(), log_p - log_q
        line = slope * self.x + offset
        real, fake = value(p, q, line)
        best_real, best_fake = value(p, q, best)
        won = best_real + best_fake
        above = (won + math.log(4)).clamp(min=0)
        fall = self._fall(q, line, slope, mean, spread)
        d = torch.stack([slope, offset]) + rate * climb(p, q, self.x, line)
        g = torch.stack([mean, spread]) - rate * picked(fall, cost)
        slopes = self._slopes(slope, offset, spread)
        return {
            "x": self.x[self.window],
            "curves": torch.stack([p, q, best.sigmoid()])[:, self.window],
            "with_line": torch.stack([p, q, best.sigmoid(), line.sigmoid()])[:, self.window],
            "real": real, "fake": fake, "value": real + fake,
            "best_real": best_real, "best_fake": best_fake, "best": won,
            "divergence": 0.5 * above, "above": above, "short": won - real - fake,
            "values": torch.stack([real + fake, won, torch.full_like(won, -math.log(4))]),
            "means": self.means, "valley": self._valley(log_p, spread),
            "slopes": slopes, "steepest": slopes.amax().clamp(min=1),
            "now_x": mean[None], "now_y": slope[None], "fall_game": fall[0, 0], "fall_other": fall[1, 0],
            **self._moved(d, g, self._best_line(torch.stack([slope, offset]), p, q, self.x)[0], path, mean, slope),
        }  # fmt: skip

    def log_p(self, seed: Tensor) -> Grid:
        """The logarithm of the data's density."""
        weight, *numbers = picked(self.laws, seed).unbind()
        a = weight.log() + bell(self.x, numbers[0], numbers[2])
        b = torch.log1p(-weight) + bell(self.x, numbers[1], numbers[3])
        return torch.maximum(a, b) + torch.log1p((-(a - b).abs()).exp())

    def _fall(self, q: Grid, line: Grid, slope: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
        """(costs, 2) ∂/∂(mean, spread) of E log(1 - D) and of -E log D: samples are mean + spread times noise."""
        pulls = torch.stack([-line.sigmoid(), -(-line).sigmoid()]) * slope * q
        noise = (self.x - mean) / spread
        return STEP * torch.stack([pulls.sum(1), (pulls * noise).sum(1)], 1)

    def _valley(self, log_p: Grid, spread: Tensor) -> Tensor:
        """V(D*, G) over G's means."""
        log_q = bell(self.x[::2], self.means[:, None], spread)
        real, fake = value(log_p[::2].exp(), log_q.exp(), log_p[::2] - log_q)
        return 2 * (real + fake)

    def _slopes(self, slope: Tensor, offset: Tensor, spread: Tensor) -> Tensor:
        """(costs, means) how steeply each cost falls with G's mean, D staying as it is."""
        x = self.x[::2]
        q = bell(x, self.means[:, None], spread).exp()
        line = slope * x + offset
        pulls = torch.stack([line.sigmoid(), (-line).sigmoid()])
        return (2 * STEP * slope.abs() * (pulls[:, None] * q).sum(2)).float()

    def _moved(
        self, d: Tensor, g: Tensor, best: Tensor, path: Tensor, mean: Tensor, slope: Tensor
    ) -> dict[str, Tensor]:
        """Where each answer leads, within what the controls take, and the path with it."""
        steep, far = torch.tensor([STEEP, FAR]).double(), torch.tensor([LOW, HIGH]).double()
        d, best = (torch.minimum(torch.maximum(each, -steep), steep) for each in (d, best))
        g = torch.minimum(torch.maximum(g, far[0]), far[1])
        ends = {"d": (mean, d[0]), "g": (g[0], slope), "both": (g[0], d[0]), "best": (mean, best[0])}
        paths = {f"{name}_path": torch.cat([path[1:], torch.stack(each)[None].float()]) for name, each in ends.items()}
        moved = {"next_slope": d[0], "next_offset": d[1], "next_mean": g[0], "next_spread": g[1],
                 "best_slope": best[0], "best_offset": best[1]}  # fmt: skip
        walked = {"path_x": path[None, :, 0], "path_y": path[None, :, 1]}
        return {name: each.float() for name, each in {**moved, **paths, **walked}.items()}


def climb(p: Grid, q: Grid, x: Grid, line: Grid) -> Float[Tensor, " 2"]:
    """∂V/∂(slope, offset) of D = σ(slope x + offset)."""
    pull = p * (-line).sigmoid() - q * line.sigmoid()
    return STEP * torch.stack([(pull * x).sum(), pull.sum()])


def value(p: Tensor, q: Tensor, score: Tensor) -> tuple[Tensor, Tensor]:
    """The two halves of V: ∫ p log D and ∫ q log(1 - D), of D's score on the grid, whose last axis is summed."""
    return -STEP * (p * softplus(-score)).sum(-1), -STEP * (q * softplus(score)).sum(-1)
