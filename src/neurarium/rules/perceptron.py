"""Rosenblatt's rule: nothing to learn from a row that is answered rightly, one step from a row that is not.

    predicted = argmax W x          mistake:  w_y <- w_y + x,   w_predicted <- w_predicted - x

Row after row as it is written, this is slow in any language that pays for a call. But inside a block of rows the
scores before row j are known as soon as the mistakes before it are:

    S = S_0 + L D,        L_ji = x_j·x_i for i < j, else 0,        D_i = step made at row i,

and D_j depends on S_j alone. L is strictly triangular, so the equation has one solution, the row-by-row run; and
putting D into S and S into D makes at least one more row final each time. Some three rounds are enough for a block of
MNIST, and only the columns of L that belong to mistakes are ever computed.
"""

import math
from typing import Any, Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule

_BLOCK = 128  # rows solved together: speed alone depends on it; 64 and 256 were measured slower on MNIST


class _Scorer(Protocol):
    """What the rule teaches: weights, their averages, and the scaling before them."""

    scale: nn.Module
    weight: Tensor
    bias: Tensor
    mean_weight: Tensor
    mean_bias: Tensor

    def __call__(self, rows: Tensor) -> Tensor: ...


class Perceptron(Rule):
    """Online mistakes and steps, and the average of the weights over all presentations.

    The average takes the weights after each presentation, and the bias with them. A row of weight w makes a step of
    w and counts as w presentations in the average.

    Args:
        module: Holds `weight`, `bias`, their averages `mean_weight`, `mean_bias`, and `scale`, which comes before.
        presented: Presentations that the averages already hold.
        mistakes: Mistakes made for them.

    Attributes:
        presented: Presentations so far, as the sum of their weights.
        mistakes: Mistakes so far.
        radius: The longest row seen in the first pass, the constant 1 of the bias included.
        margin: The smallest lead of a right class in the last pass, in units of the length of all weights; 0 while
            passes make mistakes.
        provable: Whether mistakes, radius and margin belong together: no weights, and nothing learnt before.

    Source: F. Rosenblatt, The perceptron, Psychological Review 65, 1958; for more than two classes K. Crammer and
    Y. Singer, Ultraconservative online algorithms, JMLR 3, 2003; the average: Y. Freund and R. Schapire, Large margin
    classification using the perceptron algorithm, Machine Learning 37, 1999.
    """

    def __init__(self, module: _Scorer, presented: float = 0.0, mistakes: int = 0) -> None:
        self.module = module
        self.presented = presented
        self.mistakes = mistakes
        self.radius = 0.0
        self.margin = 0.0
        self.provable = presented == 0
        self._mistakes_this_pass = 0
        self._lead = math.inf
        self._first_pass = True

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Present the rows one after the other."""
        self.provable = self.provable and batch.weights is None
        weights = torch.ones_like(batch.inputs[:, 0]) if batch.weights is None else batch.weights
        before = self._mistakes_this_pass
        blocks = zip(*(part.split(_BLOCK) for part in (batch.inputs, _classes(batch), weights)), strict=True)
        for inputs, targets, each in blocks:
            self._present(self.module.scale(inputs), targets, each)
        wrong = self._mistakes_this_pass - before
        return {"loss": weights.new_tensor(wrong / batch.n_rows)}

    def end_pass(self) -> bool:
        """Done when the pass was free of mistakes: the weights would never change again."""
        clean = self._mistakes_this_pass == 0
        self.margin = self._lead / self._length() if clean and self._length() > 0 else 0.0
        self._mistakes_this_pass, self._lead, self._first_pass = 0, math.inf, False
        return clean

    def evaluate(self, batch: Batch) -> Tensor:
        """The share of rows answered wrongly, by the weights that the module answers with."""
        wrong = self.module(batch.inputs).argmax(1).ne(_classes(batch)).to(batch.inputs.dtype)
        return wrong.mean() if batch.weights is None else (wrong * batch.weights).sum() / batch.weights.sum()

    def _length(self) -> float:
        return math.hypot(float(self.module.weight.norm()), float(self.module.bias.norm()))

    def _present(self, x: Float[Tensor, "block inputs"], y: Int[Tensor, "block"], w: Float[Tensor, "block"]) -> None:
        scores = torch.addmm(self.module.bias, x, self.module.weight.T)
        rows, steps = solve_block(x, y, w, scores)
        if self._first_pass:
            self.radius = max(self.radius, math.sqrt(float(x.square().sum(1).max()) + 1))
        mistakes = int((steps != 0).any(1).sum())
        self.mistakes += mistakes
        self._mistakes_this_pass += mistakes
        if self._mistakes_this_pass == 0:
            self._lead = min(self._lead, float(_leads(scores, y).min()))
        self._average_and_move(x[rows], steps, w.flip(0).cumsum(0).flip(0)[rows], float(w.sum()))

    def _average_and_move(self, x: Tensor, steps: Tensor, remaining: Tensor, shown: float) -> None:
        """Mean and weights after a block: a step at row j is part of the weights from there to the block's end."""
        module = self.module
        self.presented += shown
        module.mean_weight.lerp_(module.weight, shown / self.presented)
        module.mean_bias.lerp_(module.bias, shown / self.presented)
        if len(x):
            lasting = steps * (remaining / self.presented)[:, None]
            module.mean_weight.addmm_(lasting.T, x)
            module.mean_bias.add_(lasting.sum(0))
            module.weight.addmm_(steps.T, x)
            module.bias.add_(steps.sum(0))

    def state_dict(self) -> dict[str, Any]:
        """Counts and what the pass has shown so far."""
        return {name: value for name, value in vars(self).items() if name != "module"}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from those."""
        vars(self).update(state)


def solve_block(
    x: Float[Tensor, "block inputs"],
    y: Int[Tensor, "block"],
    w: Float[Tensor, "block"],
    scores: Float[Tensor, "block classes"],
) -> tuple[Int[Tensor, "steps"], Float[Tensor, "steps classes"]]:
    """The steps that a row-by-row run over a block makes.

    Args:
        x: Rows, in the order of presentation.
        y: Their classes.
        w: Their weights.
        scores: What the weights from before the block say to each row.

    Returns:
        Numbers of rows, and what each adds to every class, in units of the row; rows of zeros made no mistake.
    """
    order = torch.arange(len(x), device=x.device)
    towards = torch.zeros_like(scores).scatter_(1, y[:, None], w[:, None])
    away = -w[:, None]
    answer = scores.argmax(1)
    rows, seen = order[:0], torch.zeros_like(y, dtype=torch.bool)
    links = scores[:, :0]  # the columns of L that belong to `rows`
    while True:
        wrong = answer != y
        new = (wrong & ~seen).nonzero().squeeze(1)
        if len(new):
            seen |= wrong
            products = (x @ x.index_select(0, new).T).add_(1)  # 1: the bias is a weight whose input is always 1
            links = torch.cat((links, products.mul_(order[:, None] > new)), 1)
            rows = torch.cat((rows, new))
        steps = towards.scatter_add(1, answer[:, None], away).index_select(0, rows)
        previous, answer = answer, torch.addmm(scores, links, steps).argmax(1)
        if torch.equal(answer, previous):
            return rows, steps


def _leads(scores: Tensor, y: Tensor) -> Tensor:
    """By how much the right class leads the best of the others."""
    right = scores.gather(1, y[:, None]).squeeze(1)
    return right - scores.scatter(1, y[:, None], -math.inf).amax(1)


def _classes(batch: Batch) -> Tensor:
    if batch.targets is None:
        raise ValueError("the perceptron's rule needs a class for each row.")
    return batch.targets
