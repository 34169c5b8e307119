"""Perceptron: one layer of weights, learnt from mistakes.

Each class has its weights, and the class with the highest score is the answer:

    s = W z + b,        z = (x - mean) / scale,        answer = argmax s.

A row that is answered rightly changes nothing. At a mistake its own class is drawn towards it, and the class that was
answered is pushed away:

    w_y <- w_y + z,     w_answer <- w_answer - z,     b_y <- b_y + 1,     b_answer <- b_answer - 1.

With two classes that is Rosenblatt's rule for w = w_1 - w_0. If some weights of length 1 give every row the right
class by a margin gamma, and no row is longer than R, then there are at most (R / gamma)² mistakes, in whatever order
and however often the rows come (2 R² / gamma² with a margin between classes); if there are none, as with XOR, the
mistakes never end, and the weights come back to where they were.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.estimator import IterativeEstimator
from neurarium.core.learning import Rule
from neurarium.core.parameters import at_least
from neurarium.core.roles import ContinuingClassifier, Weighted
from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.rules.perceptron import Perceptron


class PerceptronModule(nn.Module):
    """One layer of weights, and their average over all presentations.

    Args:
        n_inputs: Numbers of a row.
        n_classes: Classes.
        averaged: Whether the averages answer, or the weights as the last row has left them.
    """

    mean_weight: Tensor
    mean_bias: Tensor

    def __init__(self, n_inputs: int, n_classes: int, *, averaged: bool = True) -> None:
        super().__init__()
        self.averaged = averaged
        self.scale = Standardise((n_inputs,))
        self.weight = nn.Parameter(torch.zeros(n_classes, n_inputs), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(n_classes), requires_grad=False)
        self.register_buffer("mean_weight", torch.zeros(n_classes, n_inputs))
        self.register_buffer("mean_bias", torch.zeros(n_classes))
        self.scaled = Stage()
        self.score = Stage()

    def forward(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch classes"]:
        """The score of each class."""
        weight, bias = (self.mean_weight, self.mean_bias) if self.averaged else (self.weight, self.bias)
        scores: Tensor = self.score(linear(self.scaled(self.scale(x)), weight, bias))
        return scores


@dataclass(eq=False, repr=False, kw_only=True)
class PerceptronClassifier(Weighted, ContinuingClassifier, IterativeEstimator):
    """Tell classes apart by one layer of weights, learning from mistakes alone.

    s = W z + b, answer = argmax s; at a mistake w_y <- w_y + z, w_answer <- w_answer - z, where z is the row with each
    column scaled to mean 0 and variance 1.

    Rows come one at a time in a random order, drawn anew for each pass, and the fit ends with the first pass that makes
    no mistake. `partial_fit` takes rows in the order given. A row's `sample_weight` is the size of its step, so a row
    of weight 0 is absent; a weight of 2 is one long step and not the same as the row twice.

    Args:
        answer: "averaged": answer with the average of the weights over all presentations, which is steadier and errs
            less. "last": with the weights as they stand at the end; once a pass was free of mistakes they are right
            on every row learnt from, which the average need not be yet.
        epochs: Passes at most.
        batch_size: Rows in memory at a time, at least 1. The rows still count one after the other: it changes how
            often there is a report, not what is learnt.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`; judged by the share of
            held-out rows answered wrongly.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        classes_: The labels, sorted.
        mistakes_: Mistakes made while learning.
        bound_: What the theorem allows at most, 2 R² / gamma² by the margin of the weights that were found; None when
            no pass was free of mistakes, rows were weighted, or `partial_fit` has mixed rows. A better margin (that of
            a support vector machine) gives a lower bound.
        presented_: Presentations so far, each counted by its weight.
        module_: `weight` and `bias` are the last weights, `mean_weight` and `mean_bias` the averages; stages "scaled"
            and "score".

    Source: F. Rosenblatt, The perceptron: a probabilistic model for information storage and organization in the brain,
    Psychological Review 65, 1958. A. Novikoff, On convergence proofs on perceptrons, 1962. Y. Freund and R. Schapire,
    Large margin classification using the perceptron algorithm, Machine Learning 37, 1999 (averages).

    Best when: a line nearly separates the classes, there are many columns, and rows keep coming.
    Do not use when: the classes need a curve between them (XOR, a ring), or probabilities are wanted.

    Example:
        >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
        >>> both = PerceptronClassifier(answer="last", random_state=0).fit(X, [0, 0, 0, 1])
        >>> both.predict(X).tolist()
        [0, 0, 0, 1]
        >>> both.mistakes_ <= both.bound_
        True
    """

    answer: Literal["averaged", "last"] = "averaged"
    batch_size: Annotated[int, at_least(1)] = 1024

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> PerceptronModule:
        return PerceptronModule(shape_in[0], shape_out[0], averaged=self.answer == "averaged")

    def _start(self, module: nn.Module, data: Batch) -> None:
        if isinstance(module, PerceptronModule):
            module.scale.fit(data.inputs, data.weights)

    def _rule(self, module: nn.Module) -> Rule:
        return Perceptron(module, getattr(self, "presented_", 0.0), getattr(self, "mistakes_", 0))  # type: ignore[arg-type]

    def _finish(self, module: nn.Module, rule: Rule) -> None:
        if isinstance(rule, Perceptron):
            self.mistakes_, self.presented_ = rule.mistakes, rule.presented
            # The theorem speaks of mistakes made on the very rows that the margin was measured on.
            proved = rule.margin > 0 and rule.provable and getattr(self, "_ongoing", None) is None
            self.bound_ = 2 * (rule.radius / rule.margin) ** 2 if proved else None

    def _batch_size(self, n_rows: int) -> int:
        # Fewer than all rows: a batch of all of them would come in the given order.
        return min(int(self.batch_size), max(1, -(-n_rows // 2)))

    def _data(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Batch:
        data = super()._data(X, y, sample_weight, reset=reset)
        return data if data.weights is None else data.select(data.weights.nonzero().squeeze(1))


CARD = Card(
    code="P",
    name="Perceptron",
    family="feed-forward",
    tier="B",
    layers=((Cell.INPUT, 2), (Cell.OUTPUT, 1)),
    links="forward",
    papers=(
        Paper(
            "Rosenblatt, F.",
            "The perceptron: a probabilistic model for information storage and organization in the brain",
            "Psychological Review 65, 386-408",
            1958,
        ),
        Paper(
            "Novikoff, A. B. J.",
            "On convergence proofs on perceptrons",
            "Symposium on the Mathematical Theory of Automata 12",
            1962,
        ),
        Paper("Minsky, M. and Papert, S.", "Perceptrons", "MIT Press", 1969),
        Paper(
            "Freund, Y. and Schapire, R. E.",
            "Large margin classification using the perceptron algorithm",
            "Machine Learning 37, 277-296",
            1999,
        ),
    ),
    claim="If a line can separate the classes, it finds one in a bounded number of mistakes; XOR it never learns.",
    best_when="A line nearly separates the classes, there are many columns, and rows keep coming.",
    do_not_use_when="The classes need a curve between them (XOR, a ring), or probabilities are wanted.",
    verb="classify",
    estimators=(PerceptronClassifier,),
)
