"""The live module of a game of pictures: a walk through the noise, a new picture with the nearest row, a quiz."""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neurarium.views.numbers import picked

STATIONS, CHOICES = 9, 4
_WORK = 5_000_000  # multiplications of a redraw, at most


class GamePictures(nn.Module):
    """What a game of pictures shows.

    Args:
        module: The fitted players.
        shape: (height, width) or (height, width, 3) of a picture.
        low, high: What is paper and ink.
        cost: Multiplications that make one picture.
    """

    def __init__(self, module: Any, shape: tuple[int, ...], low: float, high: float, cost: int) -> None:
        super().__init__()
        self.players, self.shape, self.low, self.high = module, shape, low, high
        self.stations = max(1, min(STATIONS, _WORK // max(1, cost) - 2))

    def pictures(self, rows: Tensor) -> Tensor:
        """Rows as pictures from 0 to 1: (n, h, w) or (n, h, w, 3)."""
        ink = ((rows - self.low) / (self.high - self.low)).clamp(0, 1)
        if len(self.shape) == 2:
            return ink.flatten(1).unflatten(1, self.shape)
        return ink.movedim(1, -1)

    def forward(
        self, ends: Tensor, way: Tensor, fresh: Tensor, stock: Tensor, quiz: Tensor, asked: Tensor, right: Tensor,
        judged: Tensor, last: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        """Everything shown."""
        dtype = self.players.low.dtype
        stock = stock.to(dtype)
        start, end = normal(ends.to(dtype)).unbind()
        angle = 0.5 * math.pi * torch.linspace(0, 1, self.stations).to(dtype)[:, None]
        here = 0.5 * math.pi * way.to(dtype)
        noises = [angle.cos() * start + angle.sin() * end, (here.cos() * start + here.sin() * end)[None]]
        walk = self.players.generate(torch.cat(noises))
        new = self.players.generate(normal(fresh.to(dtype))[None])
        away = (stock - new).flatten(1).square().sum(1)
        nearest = away.argmin()
        pair = torch.cat([new, picked(stock, nearest)[None]])
        return {
            "stations": self.pictures(walk[: self.stations]),
            "station": (way * (self.stations - 1) + 0.5).floor().to(torch.int64),
            "walked": self.pictures(walk[self.stations :]),
            "walked_said": self.players(walk[self.stations :])[0],
            "pair": self.pictures(pair),
            "nearest": nearest + 1,
            "distance": away.min().sqrt(),
            "new_said": self.players(new)[0],
            **self._quiz(quiz.to(dtype), stock, asked, right, judged, last),
        }

    def _quiz(
        self, quiz: Tensor, stock: Tensor, asked: Tensor, right: Tensor, judged: Tensor, last: Tensor
    ) -> dict[str, Tensor]:
        """Four pictures, one of them made, and the scores after each answer; a question counts once."""
        made = self.players.generate(normal(quiz[1 + CHOICES :].reshape(2, -1))[None])
        place = (CHOICES * quiz[0]).floor().to(torch.int64)
        chosen = (len(stock) * quiz[1 : 1 + CHOICES]).floor().clamp(max=len(stock) - 1).to(torch.int64)
        number = torch.arange(CHOICES)
        is_made = (number == place).reshape(-1, *[1] * (stock.dim() - 1))
        shown = torch.where(is_made, made, stock.index_select(0, chosen))
        guess = self.players(shown).argmin()  # D's own answer: what it takes for the least real
        answered = last == quiz[0].to(last.dtype)
        counts = torch.where(answered, 0, 1)
        answers = {f"right_{each}": right + counts * (place == each) for each in range(CHOICES)}
        return {
            "asked_pictures": self.pictures(shown),
            "told_place": (number == place) & answered,
            "place": place + 1,
            "guess": guess + 1,
            "next_asked": asked + counts,
            "next_judged": judged + counts * (guess == place),
            "this": quiz[0].to(last.dtype),
            "answered": answered.to(torch.int64),
            **answers,
        }


def normal(uniform: Float[Tensor, "*n 2 noise"]) -> Float[Tensor, "*n noise"]:
    """Normal numbers, each from two uniform ones (Box and Muller)."""
    a, b = uniform.unbind(-2)
    return (-2 * (1 - a).log()).sqrt() * (2 * math.pi * b).cos()
