"""Recurrent neural network: the memory is the hidden state of a step ago.

With the inputs x standardised, a step makes of the input and of what it was itself

    h(t) = f(W x(t) + U h(t-1) + b),        y(t) = V h(t) + c,

in each layer anew where there are several, the outputs h of one being the inputs of the next. Learning is
back-propagation through time: the steps are taken for layers that share their weights. The error that goes back from t
to s passes U and f' t - s times, so that it dies or bursts unless U neither shrinks nor stretches: that is how it
starts here, and gradients longer than 1 are shortened to 1.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from neurarium.core.card import Card, Cell, Paper
from neurarium.core.parameters import above
from neurarium.networks._recurrent import RecurrentBase, Start
from neurarium.networks._recurrent_cells import SimpleCell
from neurarium.networks._recurrent_rows import RecurrentClassifierBase, RecurrentRegressorBase
from neurarium.networks._recurrent_series import RecurrentForecasterBase
from neurarium.networks._recurrent_text import RecurrentTextBase


@dataclass(eq=False, repr=False, kw_only=True)
class RNNBase(RecurrentBase):
    """What all simple recurrent networks share.

    Args:
        activation: f.
        start: How the weights U start.
    """

    activation: Literal["tanh", "relu"] = "tanh"
    start: Start = "orthogonal"

    def _cell(self) -> SimpleCell:
        return SimpleCell(self.activation)

    def _start_of_links(self) -> Start:
        return self.start


@dataclass(eq=False, repr=False, kw_only=True)
class RNNClassifier(RecurrentClassifierBase, RNNBase):
    """Tell sequences apart by a network that hears its own last state beside each input.

        h(t) = f(W x(t) + U h(t-1) + b),        p(class) = softmax(V h(last) + c)

    x standardised; learning lowers the mean of -log p(own class).

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        activation: f: "tanh" or "relu".
        start: "orthogonal" starts with a U that turns and does not stretch; "identity", with activation "relu", with
            units that hold what they have (IRNN).
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
        module_: Stages "scaled" (x), "hidden" (h at every step; "hidden_2" is of the second layer) and "probability".

    Source: J. Elman, Finding structure in time, Cognitive Science 14, 1990; identity start: Q. Le, N. Jaitly and
    G. Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015.

    Best when: what decides lies in the last ten or twenty steps, and the network is to be small and fast.
    Do not use when: what decides lies many steps back (take a GRU or an LSTM), or the order of the steps says nothing.

    Example:
        >>> rising, falling = [[0.0, 0.3, 0.6, 0.9]] * 20, [[0.9, 0.6, 0.3, 0.0]] * 20
        >>> network = RNNClassifier(random_state=0).fit(rising + falling, ["up"] * 20 + ["down"] * 20)
        >>> network.predict([[0.1, 0.4, 0.7, 0.8]]).tolist()
        ['up']
    """

    learning_rate: Annotated[float, above(0)] = 5e-3


@dataclass(eq=False, repr=False, kw_only=True)
class RNNRegressor(RecurrentRegressorBase, RNNBase):
    """Answer sequences with numbers by a network that hears its own last state beside each input.

        h(t) = f(W x(t) + U h(t-1) + b),        y(t) = V h(t) + c

    x and y standardised; learning lowers the mean squared error.

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        activation: f: "tanh" or "relu".
        start: "orthogonal" starts with a U that turns and does not stretch; "identity", with activation "relu", with
            units that hold what they have (IRNN).
        output: "last" for one answer a sequence, read from the last state; "every" for one at every step: y is then
            (n, time) or (n, time, outputs), or a list of (time,) or (time, outputs) arrays where the sequences are one.
        learning_rate: Largest step of Adam, above 0; it rises over the first tenth of the fit and falls to 0.
        epochs: Passes over the sequences.
        batch_size: Sequences of a step; those of a batch are of nearly one length.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`.
        view: (time, features) that the columns of a table stand for; None takes them as single numbers in time.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        module_: Stages "scaled" (x) and "hidden" (h at every step; "hidden_2" is of the second layer).

    Source: J. Elman, Finding structure in time, Cognitive Science 14, 1990; identity start: Q. Le, N. Jaitly and
    G. Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015.

    Best when: the answer hangs on the last ten or twenty steps, and the network is to be small and fast.
    Do not use when: it hangs on what lies many steps back (take a GRU or an LSTM), or is linear in the inputs.

    Example:
        >>> import numpy as np
        >>> inputs = np.random.default_rng(0).uniform(size=(50, 10, 1))
        >>> products = inputs * np.roll(inputs, 1, axis=1)  # of each number and the one before
        >>> network = RNNRegressor(output="every", random_state=0).fit(inputs[:, 1:], products[:, 1:])
        >>> network.predict(inputs[:5]).shape
        (5, 10, 1)
    """

    learning_rate: Annotated[float, above(0)] = 5e-3


@dataclass(eq=False, repr=False, kw_only=True)
class RNNForecaster(RecurrentForecasterBase, RNNBase):
    """Continue a series, with control inputs where there are some.

        y(t) = f(y(t-1), w(t)):    h(t) = f([y(t-1), w(t)], h(t-1)),    y(t) = A [y(t-1), w(t)] + V h(t) + c

    y and w standardised, and the cells hear their own last outputs. A and c are the least-squares line;
    what it misses a step ahead is learnt by truncated back-propagation with carried state. A forecast hears its own
    answers. An interval comes from a thousand futures, in each of which errors made a step ahead are added and heard.

    Args:
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        activation: f: "tanh" or "relu".
        start: Start of U: "orthogonal", or "identity" for U = 1 (Le, Jaitly and Hinton 2015).
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
        module_: Stages "scaled" and "hidden",
            at every step; those of a second layer end in "_2".

    Source: R. Williams and J. Peng, An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories, Neural Computation 2, 1990; futures: D. Politis and J. Romano, The stationary bootstrap, 1994.

    Best when: what comes next hangs on the last few steps, the series is long, and seconds count.
    Do not use when: the series drifts to where it never was, or what decides lies more than some ten steps back.

    Example:
        >>> valve = [t * t % 7 - 3.0 for t in range(301)]
        >>> level = [0.0]
        >>> for opened in valve[1:]:
        ...     level.append(0.8 * level[-1] + opened)
        >>> tank = RNNForecaster(epochs=20, random_state=0).fit(level[:300], control=valve[:300])
        >>> bool(abs(tank.forecast(1, control=valve[300:])[0] - level[300]) < 0.1)
        True
    """


@dataclass(eq=False, repr=False, kw_only=True)
class RNNLanguageModel(RecurrentTextBase, RNNBase):
    """Read a text, character by character or word by word, say how likely it is, and write on.

        h(t) = f(e(s(t-1)), h(t-1)),    p(s(t) = k | all before) = softmax(V h(t) + c)_k

    e(s) the embedding of a symbol, and the cells hear their own last outputs; learning lowers the mean
    of -log p by truncated back-propagation with carried state.

    Args:
        unit: "character", or "word": words, marks and line ends. From a thousand words on, those that occur once are
            taken as unknown.
        n_embedding: Numbers that stand for a symbol, at least 1; "auto" is 64, or one for each symbol if fewer.
        n_units: Cells of each layer, at least 1.
        n_layers: Layers, at least 1; each sees the outputs of the one below.
        dropout: Share of each layer's outputs that is dropped on the way up while learning, at least 0 and below 1.
        activation: f: "tanh" or "relu".
        start: Start of U: "orthogonal", or "identity" for U = 1 (Le, Jaitly and Hinton 2015).
        window: Steps that the slope of the loss goes back through, at least 1; the state is carried on beyond them.
        learning_rate: Largest step of Adam, above 0; it rises over the first tenth of the fit and falls to 0.
        epochs: Passes over the text.
        batch_size: Pieces of the text that are learnt side by side, fewer where it is short.
        early_stopping, validation_fraction, n_iter_no_change, tol: See `IterativeEstimator`; held out is the end of the
            text.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        vocabulary_: The symbols in the order of their numbers, the first one standing for all unknown ones.
        module_: Stages "embedding", "probability" and "hidden",
            at every step; those of a second layer end in "_2".

    Source: T. Mikolov and others, Recurrent neural network based language model, Interspeech 2010; by characters:
    I. Sutskever, J. Martens and G. Hinton, Generating text with recurrent neural networks, ICML 2011.

    Best when: a small model and a quick fit matter more than the last tenth of a bit.
    Do not use when: the text is shorter than some ten thousand characters: counting (a Markov chain) is as good.

    Example:
        >>> verse = RNNLanguageModel(random_state=0).fit("the cat sat on the mat, the dog sat on the cat. " * 20)
        >>> verse.bits_per_character("the dog sat on the mat") < verse.bits_per_character("tam eht no tas god eht")
        True
        >>> len(verse.sample(20, prompt="the ", random_state=0))
        20
    """


CARD = Card(
    code="RNN",
    name="Recurrent neural network",
    family="recurrent",
    tier="B",
    layers=((Cell.INPUT, 3), (Cell.RECURRENT, 3), (Cell.RECURRENT, 3), (Cell.OUTPUT, 2)),
    links="self",
    papers=(
        Paper(
            "Elman, J. L.",
            "Finding structure in time",
            "Cognitive Science 14, 179-211",
            1990,
            "https://doi.org/10.1207/s15516709cog1402_1",
        ),
        Paper(
            "Werbos, P. J.",
            "Backpropagation through time: what it does and how to do it",
            "Proceedings of the IEEE 78, 1550-1560",
            1990,
            "https://doi.org/10.1109/5.58337",
        ),
        Paper(
            "Pascanu, R., Mikolov, T. and Bengio, Y.",
            "On the difficulty of training recurrent neural networks",
            "International Conference on Machine Learning 30",
            2013,
            "https://arxiv.org/abs/1211.5063",
        ),
        Paper(
            "Le, Q. V., Jaitly, N. and Hinton, G. E.",
            "A simple way to initialize recurrent networks of rectified linear units",
            "arXiv 1504.00941",
            2015,
            "https://arxiv.org/abs/1504.00941",
        ),
    ),
    claim="The memory is the hidden state of a step ago: so structure in time can be learnt.",
    best_when="The rows are sequences, what decides lies in their last ten or twenty steps, and speed counts.",
    do_not_use_when="What decides lies many steps back, or the order of the steps says nothing.",
    verb="classify rows",
    estimators=(RNNClassifier, RNNRegressor, RNNForecaster, RNNLanguageModel),
    departs="Elman copied the state and sent no error back through the copy; here it goes back through all steps.",
)
