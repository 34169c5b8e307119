"""Long short-term memory: cells that keep what they hold, and gates that say when to write, to forget and to tell.

With the inputs x standardised, σ the logistic function and ⊙ the product element by element,

    i = σ(W_i x(t) + U_i h(t-1) + b_i)            what is written,
    f = σ(W_f x(t) + U_f h(t-1) + b_f)            what is kept,
    c̃ = tanh(W_c x(t) + U_c h(t-1) + b_c)         what would be written,
    c(t) = f ⊙ c(t-1) + i ⊙ c̃                     what is held,
    o = σ(W_o x(t) + U_o h(t-1) + b_o)            what is told,
    h(t) = o ⊙ tanh(c(t)),                        y(t) = V h(t) + c.

The error of a cell goes back in time through f alone. Where f is 1 it goes back unchanged, over hundreds of steps: in
1997 there was no f, and the cell was called a constant error carousel.
"""

from dataclasses import dataclass
from typing import Literal

from neurarium.core.card import Card, Cell, Paper
from neurarium.networks._recurrent import RecurrentBase
from neurarium.networks._recurrent_cells import LSTMCell
from neurarium.networks._recurrent_rows import RecurrentClassifierBase, RecurrentRegressorBase
from neurarium.networks._recurrent_series import RecurrentForecasterBase
from neurarium.networks._recurrent_text import RecurrentTextBase


@dataclass(eq=False, repr=False, kw_only=True)
class LSTMBase(RecurrentBase):
    """What all networks of this kind share.

    Args:
        variant: Which gates there are, and what they see.
    """

    variant: Literal["forget", "1997", "peephole"] = "forget"

    def _cell(self) -> LSTMCell:
        return LSTMCell(self.variant)


@dataclass(eq=False, repr=False, kw_only=True)
class LSTMClassifier(RecurrentClassifierBase, LSTMBase):
    """Tell sequences apart by cells that can hold on to something for hundreds of steps.

        i, f, o = σ(W x(t) + U h(t-1) + b), each with its own,    c̃ = tanh(W_c x(t) + U_c h(t-1) + b_c)
        c(t) = f ⊙ c(t-1) + i ⊙ c̃,    h(t) = o ⊙ tanh(c(t)),    p(class) = softmax(V h(last) + c)

    x standardised; learning lowers the mean of -log p(own class).

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        variant: "forget" has forget gates, whose bias starts at 1; "1997" is the first one, without (f = 1); in
            "peephole" the gates see the cells too.
        output: "last" for one label a sequence, told from the last state; "every" for a label at every step: y is then
            (n, time), or a list of (time,) arrays where the sequences are such a list.
        learning_rate: Largest step of Adam, above 0; it rises over the first tenth of the fit and falls to 0.
        epochs: Passes over the sequences.
        batch_size: Sequences of a step; those of a batch are of nearly one length.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        view: (time, features) that the columns of a table stand for; None takes them as single numbers in time.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        classes_: The labels, sorted.
        module_: Stages "scaled" (x), "input", "forget", "candidate", "cell", "output" and "hidden" (i, f, c̃, c, o and h
            at every step; "input_2" is of the second layer) and "probability".

    Source: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9, 1997; forget gate: F. Gers,
    J. Schmidhuber and F. Cummins, Learning to forget, Neural Computation 12, 2000.

    Best when: rows are sequences of a hundred or more, and something early in them decides.
    Do not use when: rows are few, or the order of the steps says nothing: a linear model on sums is better and faster.

    Example:
        >>> rising, falling = [[0.0, 0.3, 0.6, 0.9]] * 20, [[0.9, 0.6, 0.3, 0.0]] * 20
        >>> network = LSTMClassifier(random_state=0).fit(rising + falling, ["up"] * 20 + ["down"] * 20)
        >>> network.predict([[0.1, 0.4, 0.7, 0.8]]).tolist()
        ['up']
    """


@dataclass(eq=False, repr=False, kw_only=True)
class LSTMRegressor(RecurrentRegressorBase, LSTMBase):
    """Answer sequences with numbers by cells that can hold on to something for hundreds of steps.

        i, f, o = σ(W x(t) + U h(t-1) + b), each with its own,    c̃ = tanh(W_c x(t) + U_c h(t-1) + b_c)
        c(t) = f ⊙ c(t-1) + i ⊙ c̃,    h(t) = o ⊙ tanh(c(t)),    y(t) = V h(t) + c

    x and y standardised; learning lowers the mean squared error.

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        variant: "forget" has forget gates, whose bias starts at 1; "1997" is the first one, without (f = 1); in
            "peephole" the gates see the cells too.
        output: "last" for one answer a sequence, read from the last state; "every" for one at every step: y is then
            (n, time) or (n, time, outputs), or a list of (time,) or (time, outputs) arrays where the sequences are one.
        learning_rate: Largest step of Adam, above 0; it rises over the first tenth of the fit and falls to 0.
        epochs: Passes over the sequences.
        batch_size: Sequences of a step; those of a batch are of nearly one length.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        view: (time, features) that the columns of a table stand for; None takes them as single numbers in time.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        module_: Stages "scaled" (x), "input", "forget", "candidate", "cell", "output" and "hidden" (i, f, c̃, c, o and h
            at every step; "input_2" is of the second layer).

    Source: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9, 1997; forget gate: F. Gers,
    J. Schmidhuber and F. Cummins, Learning to forget, Neural Computation 12, 2000.

    Best when: the answer hangs on something many steps back, and there are thousands of sequences.
    Do not use when: rows are few, or the answer is linear in the inputs.

    Example:
        >>> network = LSTMRegressor(n_units=8, random_state=0).fit([[0.0, 1.0], [1.0, 0.0]] * 20, [1.0, 0.0] * 20)
        >>> network.stages([[0.0, 1.0]])["forget"].shape
        (1, 2, 8)
    """


@dataclass(eq=False, repr=False, kw_only=True)
class LSTMForecaster(RecurrentForecasterBase, LSTMBase):
    """Continue a series, with control inputs where there are some.

        y(t) = f(y(t-1), w(t)):    h(t) = LSTM([y(t-1), w(t)], h(t-1)),    y(t) = A [y(t-1), w(t)] + V h(t) + c

    y and w standardised, and the cells hold on to what they have heard. A and c are the least-squares line;
    what it misses a step ahead is learnt by truncated back-propagation with carried state. A forecast hears its own
    answers. An interval comes from a thousand futures, in each of which errors made a step ahead are added and heard.

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        variant: "forget" has forget gates, whose bias starts at 1; "1997" is the first one, without (f = 1); in
            "peephole" the gates see the cells too.
        window: Steps that the slope of the loss goes back through, at least 1; the state is carried on beyond them.
        learning_rate: Largest step of Adam, above 0; it rises over the first tenth of the fit and falls to 0.
        epochs: Passes over the series at most.
        batch_size: Pieces of the series that are learnt side by side, fewer where it is short.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`; held out is the end of the
            series. Without it a short or noisy series is learnt by heart, and intervals are too narrow.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        one_number_: Whether the series was (time,), so that forecasts are (steps,).
        n_controls_: Control inputs.
        module_: Stages "scaled" and "input", "forget", "candidate", "cell", "output", "hidden",
            at every step; those of a second layer end in "_2".

    Source: R. Williams and J. Peng, An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories, Neural Computation 2, 1990; futures: D. Politis and J. Romano, The stationary bootstrap, 1994.

    Best when: there are some thousand steps, what comes next is far from linear in them, and known inputs drive it.
    Do not use when: the series is short, drifts or grows, or repeats itself exactly: last year's value is hard to beat.

    Example:
        >>> valve = [t * t % 7 - 3.0 for t in range(301)]
        >>> level = [0.0]
        >>> for opened in valve[1:]:
        ...     level.append(0.8 * level[-1] + opened)
        >>> tank = LSTMForecaster(epochs=20, random_state=0).fit(level[:300], control=valve[:300])
        >>> bool(abs(tank.forecast(1, control=valve[300:])[0] - level[300]) < 0.1)
        True
    """


@dataclass(eq=False, repr=False, kw_only=True)
class LSTMLanguageModel(RecurrentTextBase, LSTMBase):
    """Read a text, character by character or word by word, say how likely it is, and write on.

        h(t) = LSTM(e(s(t-1)), h(t-1)),    p(s(t) = k | all before) = softmax(V h(t) + c)_k

    e(s) the embedding of a symbol, and the cells hold on to what they have heard; learning lowers the mean
    of -log p by truncated back-propagation with carried state.

    Args:
        unit: "character", or "word": words, marks and line ends. From a thousand words on, those that occur once are
            taken as unknown.
        n_embedding: Numbers that stand for a symbol, at least 1; "auto" is 64, or one for each symbol if fewer.
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        variant: "forget" has forget gates, whose bias starts at 1; "1997" is the first one, without (f = 1); in
            "peephole" the gates see the cells too.
        window: Steps that the slope of the loss goes back through, at least 1; the state is carried on beyond them.
        learning_rate: Largest step of Adam, above 0; it rises over the first tenth of the fit and falls to 0.
        epochs: Passes over the text.
        batch_size: Pieces of the text that are learnt side by side, fewer where it is short.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`; held out is the end of the
            text.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        vocabulary_: The symbols in the order of their numbers, the first one standing for all unknown ones.
        module_: Stages "embedding", "probability" and "input", "forget", "candidate", "cell", "output", "hidden",
            at every step; those of a second layer end in "_2".

    Source: T. Mikolov and others, Recurrent neural network based language model, Interspeech 2010; by characters:
    I. Sutskever, J. Martens and G. Hinton, Generating text with recurrent neural networks, ICML 2011.

    Best when: there are some hundred thousand characters or more, and what was said long before still counts.
    Do not use when: the text is shorter than some ten thousand characters: counting (a Markov chain) is as good.

    Example:
        >>> verse = LSTMLanguageModel(random_state=0).fit("the cat sat on the mat, the dog sat on the cat. " * 20)
        >>> verse.bits_per_character("the dog sat on the mat") < verse.bits_per_character("tam eht no tas god eht")
        True
        >>> len(verse.sample(20, prompt="the ", random_state=0))
        20
    """


CARD = Card(
    code="LSTM",
    name="Long short-term memory",
    family="recurrent",
    tier="B",
    layers=((Cell.INPUT, 3), (Cell.MEMORY, 3), (Cell.MEMORY, 3), (Cell.OUTPUT, 2)),
    links="self",
    papers=(
        Paper(
            "Hochreiter, S. and Schmidhuber, J.",
            "Long short-term memory",
            "Neural Computation 9, 1735-1780",
            1997,
            "https://doi.org/10.1162/neco.1997.9.8.1735",
        ),
        Paper(
            "Gers, F. A., Schmidhuber, J. and Cummins, F.",
            "Learning to forget: continual prediction with LSTM",
            "Neural Computation 12, 2451-2471",
            2000,
            "https://doi.org/10.1162/089976600300015015",
        ),
        Paper(
            "Gers, F. A., Schraudolph, N. N. and Schmidhuber, J.",
            "Learning precise timing with LSTM recurrent networks",
            "Journal of Machine Learning Research 3, 115-143",
            2002,
        ),
    ),
    claim="A cell behind gates carries its error unchanged over hundreds of steps, where that of a plain RNN dies.",
    best_when="The rows are sequences of a hundred steps or more, thousands of them, and something early decides.",
    do_not_use_when="The rows are few, or the order of the steps says nothing.",
    verb="classify rows",
    estimators=(LSTMClassifier, LSTMRegressor, LSTMForecaster, LSTMLanguageModel),
    departs='The chart writes "Long / Short Term Memory", as if there were two: it is one memory of the short-term '
    "kind that lasts long. That of 1997 has no forget gate, squashes to (-2, 2) and (-1, 1), and cuts the error at the "
    "gates; here it has one unless asked not to, squashes by tanh, and lets all errors pass.",
)
