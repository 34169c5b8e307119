"""Gated recurrent unit: two gates do what three do.

With the inputs x standardised, σ the logistic function and ⊙ the product element by element,

    r = σ(W_r x(t) + U_r h(t-1) + b_r)                       what of the past a new idea sees,
    z = σ(W_z x(t) + U_z h(t-1) + b_z)                       what of the past is kept,
    h̃ = tanh(W_h x(t) + r ⊙ (U_h h(t-1) + d) + b_h)          the new idea, or, in Cho's order,
    h̃ = tanh(W_h x(t) + U_h (r ⊙ h(t-1)) + b_h),
    h(t) = z ⊙ h(t-1) + (1 - z) ⊙ h̃,                         y(t) = V h(t) + c.

Where z is 1 a unit keeps its state, and its error goes back unchanged, as in a cell of the LSTM; but writing and
forgetting are one gate, nothing is hidden from the other units, and a quarter of the weights is saved.
"""

from dataclasses import dataclass
from typing import Literal

from neurarium.core.card import Card, Cell, Paper
from neurarium.networks._recurrent import RecurrentBase
from neurarium.networks._recurrent_cells import GRUCell
from neurarium.networks._recurrent_rows import RecurrentClassifierBase, RecurrentRegressorBase
from neurarium.networks._recurrent_series import RecurrentForecasterBase
from neurarium.networks._recurrent_text import RecurrentTextBase


@dataclass(eq=False, repr=False, kw_only=True)
class GRUBase(RecurrentBase):
    """What all networks of this kind share.

    Args:
        reset: When the reset gate works: after the product with U, or before it.
    """

    reset: Literal["after", "before"] = "after"

    def _cell(self) -> GRUCell:
        return GRUCell(self.reset)


@dataclass(eq=False, repr=False, kw_only=True)
class GRUClassifier(RecurrentClassifierBase, GRUBase):
    """Tell sequences apart by units that keep their state or take a new one, as one gate says.

        r, z = σ(W x(t) + U h(t-1) + b), each with its own,    h̃ = tanh(W_h x(t) + r ⊙ (U_h h(t-1) + d) + b_h)
        h(t) = z ⊙ h(t-1) + (1 - z) ⊙ h̃,    p(class) = softmax(V h(last) + c)

    x standardised; learning lowers the mean of -log p(own class).

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        reset: Whether the reset gate works "after" the product with U, as in cuDNN and Keras, or "before" it, as in the
            paper.
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
        module_: Stages "scaled" (x), "reset", "update", "candidate" and "hidden" (r, z, h̃ and h at every step;
            "reset_2" is of the second layer) and "probability".

    Source: K. Cho and others, Learning phrase representations using RNN encoder-decoder for statistical machine
    translation, EMNLP 2014; J. Chung, C. Gulcehre, K. Cho and Y. Bengio, Empirical evaluation of gated recurrent neural
    networks on sequence modeling, 2014, where z and 1 - z have changed places.

    Best when: rows are sequences, some hundred or more of them, short or long: the first of the three to try.
    Do not use when: the order of the steps says nothing, or steps must be counted exactly (an LSTM counts).

    Example:
        >>> rising, falling = [[0.0, 0.3, 0.6, 0.9]] * 20, [[0.9, 0.6, 0.3, 0.0]] * 20
        >>> network = GRUClassifier(random_state=0).fit(rising + falling, ["up"] * 20 + ["down"] * 20)
        >>> network.predict([[0.1, 0.4, 0.7, 0.8]]).tolist()
        ['up']
    """


@dataclass(eq=False, repr=False, kw_only=True)
class GRURegressor(RecurrentRegressorBase, GRUBase):
    """Answer sequences with numbers by units that keep their state or take a new one, as one gate says.

        r, z = σ(W x(t) + U h(t-1) + b), each with its own,    h̃ = tanh(W_h x(t) + r ⊙ (U_h h(t-1) + d) + b_h)
        h(t) = z ⊙ h(t-1) + (1 - z) ⊙ h̃,    y(t) = V h(t) + c

    x and y standardised; learning lowers the mean squared error.

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        reset: Whether the reset gate works "after" the product with U, as in cuDNN and Keras, or "before" it, as in the
            paper.
        output: "last" for one answer a sequence, read from the last state; "every" for one at every step: y is then
            (n, time) or (n, time, outputs), or a list of (time,) or (time, outputs) arrays where the sequences are one.
        learning_rate: Largest step of Adam, above 0; it rises over the first tenth of the fit and falls to 0.
        epochs: Passes over the sequences.
        batch_size: Sequences of a step; those of a batch are of nearly one length.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        view: (time, features) that the columns of a table stand for; None takes them as single numbers in time.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        module_: Stages "scaled" (x), "reset", "update", "candidate" and "hidden" (r, z, h̃ and h at every step;
            "reset_2" is of the second layer).

    Source: K. Cho and others, Learning phrase representations using RNN encoder-decoder for statistical machine
    translation, EMNLP 2014; J. Chung, C. Gulcehre, K. Cho and Y. Bengio, Empirical evaluation of gated recurrent neural
    networks on sequence modeling, 2014, where z and 1 - z have changed places.

    Best when: the answer hangs on the order of the steps, near ones or far ones: the first of the three to try.
    Do not use when: the answer is linear in the inputs, or a number that grows without bound (an LSTM's cells count).

    Example:
        >>> network = GRURegressor(n_units=8, random_state=0).fit([[0.0, 1.0], [1.0, 0.0]] * 20, [1.0, 0.0] * 20)
        >>> network.stages([[0.0, 1.0]])["update"].shape
        (1, 2, 8)
    """


@dataclass(eq=False, repr=False, kw_only=True)
class GRUForecaster(RecurrentForecasterBase, GRUBase):
    """Continue a series, with control inputs where there are some.

        y(t) = f(y(t-1), w(t)):    h(t) = GRU([y(t-1), w(t)], h(t-1)),    y(t) = A [y(t-1), w(t)] + V h(t) + c

    y and w standardised, and the cells keep their state or take a new one. A and c are the least-squares line;
    what it misses a step ahead is learnt by truncated back-propagation with carried state. A forecast hears its own
    answers. An interval comes from a thousand futures, in each of which errors made a step ahead are added and heard.

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        reset: Whether the reset gate works "after" the product with U, as in cuDNN and Keras, or "before" it, as in the
            paper.
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
        module_: Stages "scaled" and "reset", "update", "candidate", "hidden",
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
        >>> tank = GRUForecaster(epochs=20, random_state=0).fit(level[:300], control=valve[:300])
        >>> bool(abs(tank.forecast(1, control=valve[300:])[0] - level[300]) < 0.1)
        True
    """


@dataclass(eq=False, repr=False, kw_only=True)
class GRULanguageModel(RecurrentTextBase, GRUBase):
    """Read a text, character by character or word by word, say how likely it is, and write on.

        h(t) = GRU(e(s(t-1)), h(t-1)),    p(s(t) = k | all before) = softmax(V h(t) + c)_k

    e(s) the embedding of a symbol, and the cells keep their state or take a new one; learning lowers the mean
    of -log p by truncated back-propagation with carried state.

    Args:
        unit: "character", or "word": words, marks and line ends. From a thousand words on, those that occur once are
            taken as unknown.
        n_embedding: Numbers that stand for a symbol, at least 1; "auto" is 64, or one for each symbol if fewer.
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        reset: Whether the reset gate works "after" the product with U, as in cuDNN and Keras, or "before" it, as in the
            paper.
        window: Steps that the slope of the loss goes back through, at least 1; the state is carried on beyond them.
        learning_rate: Largest step of Adam, above 0; it rises over the first tenth of the fit and falls to 0.
        epochs: Passes over the text.
        batch_size: Pieces of the text that are learnt side by side, fewer where it is short.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`; held out is the end of the
            text.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        vocabulary_: The symbols in the order of their numbers, the first one standing for all unknown ones.
        module_: Stages "embedding", "probability" and "reset", "update", "candidate", "hidden",
            at every step; those of a second layer end in "_2".

    Source: T. Mikolov and others, Recurrent neural network based language model, Interspeech 2010; by characters:
    I. Sutskever, J. Martens and G. Hinton, Generating text with recurrent neural networks, ICML 2011.

    Best when: there are some hundred thousand characters or more; of the three the first to try.
    Do not use when: the text is shorter than some ten thousand characters: counting (a Markov chain) is as good.

    Example:
        >>> verse = GRULanguageModel(random_state=0).fit("the cat sat on the mat, the dog sat on the cat. " * 20)
        >>> verse.bits_per_character("the dog sat on the mat") < verse.bits_per_character("tam eht no tas god eht")
        True
        >>> len(verse.sample(20, prompt="the ", random_state=0))
        20
    """


CARD = Card(
    code="GRU",
    name="Gated recurrent unit",
    family="recurrent",
    tier="B",
    layers=((Cell.INPUT, 3), (Cell.DIFFERENT_MEMORY, 3), (Cell.DIFFERENT_MEMORY, 3), (Cell.OUTPUT, 2)),
    links="self",
    papers=(
        Paper(
            "Cho, K., van Merriënboer, B., Gulcehre, C., Bahdanau, D., Bougares, F., Schwenk, H. and Bengio, Y.",
            "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
            "Empirical Methods in Natural Language Processing",
            2014,
            "https://arxiv.org/abs/1406.1078",
        ),
        Paper(
            "Chung, J., Gulcehre, C., Cho, K. and Bengio, Y.",
            "Empirical evaluation of gated recurrent neural networks on sequence modeling",
            "NIPS workshop on deep learning",
            2014,
            "https://arxiv.org/abs/1412.3555",
        ),
    ),
    claim="Two gates do what three do: as good as an LSTM, better than a plain RNN, with fewer weights.",
    best_when="The rows are sequences, some hundred or more of them: the first of the three to try.",
    do_not_use_when="The order of the steps says nothing, or something must be counted without bound.",
    verb="classify rows",
    estimators=(GRUClassifier, GRURegressor, GRUForecaster, GRULanguageModel),
    departs="In Cho's paper the reset gate works before the product with U; by default it works after it, as in cuDNN.",
)
