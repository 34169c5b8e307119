"""Markov chain: what comes next depends on the last few symbols alone, and all that is learnt is counts.

    P(x_1, ..., x_n) = product over t of p(x_t | x_{t-k}, ..., x_{t-1}),        p(s | h) = c(h s) / c(h .)

with the order k and c(h s) how often s has followed h. Where a context h was never seen, the chain backs off to what it
knows of a shorter one; smoothed, it does so a little everywhere, and nothing is impossible (see `_markov_tables`).
Averages over a chain still settle, although its steps depend on each other: that was Markov's point in 1913. The share
of time in each state is the stationary law, pi = pi P.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import chi2
from torch import Tensor, nn

from neurarium.core import persistence
from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.devices import Threads
from neurarium.core.estimator import Estimator
from neurarium.core.parameters import at_least
from neurarium.core.randomness import Randomness, RandomState, seed_from
from neurarium.core.text import join_text, split_text
from neurarium.networks import _markov_law as laws
from neurarium.networks._markov_module import MarkovChainModule
from neurarium.networks._markov_reading import Codes, kind_of, read_states, read_text
from neurarium.networks._markov_tables import Smoothing, tabulate
from neurarium.networks._markov_walk import Walker
from neurarium.program.examples import Example, drawn
from neurarium.program.sheet import Sheet
from neurarium.rules.counting import BREAK, Counting

_LARGEST = 2048  # contexts whose matrix of transitions is still written out
_AT_ONCE = 2**20  # symbols whose likelihood is asked at once


class Independence(NamedTuple):
    """Whether the next state depends on the last one at all.

    Attributes:
        chi2: Pearson's statistic of the table of pairs.
        degrees: Its degrees of freedom.
        p: How likely so large a one is without any dependence.
    """

    chi2: float
    degrees: int
    p: float


class StateClass(NamedTuple):
    """States that lead to each other.

    Attributes:
        states: Which; for orders above 1, tuples of states.
        closed: Whether the chain, once in, stays.
        period: Every how many steps it can be back; 0 for a state that it never returns to.
    """

    states: list[Any]
    closed: bool
    period: int


@dataclass(eq=False, repr=False, kw_only=True)
class MarkovChain(Estimator):
    """Count what follows what, in numbers, symbols, characters or words, and walk on by these counts.

        p(x_t = s | x_{t-k}, ..., x_{t-1} = h) = c(h s) / c(h .)

    It reads a sequence, a list of sequences (also the rows of an array), a text, or the lines of an open file, which
    may be longer than the memory. The first symbols of a sequence, which have fewer than `order` before them, are
    counted in shorter contexts; a state that was never followed goes on as any state comes.

    Args:
        order: How many of the last symbols the next one depends on, at least 0.
        unit: What the symbols are: "character" or "word" of a text, "symbol" for the states of a sequence; "auto" takes
            a text, a file and a generator as characters and all else as states.
        smoothing: "none" for the counts as they are, "witten-bell" or "kneser-ney" for adding what shorter contexts
            say; "auto" is none for states at orders 0 and 1 and Witten-Bell at higher ones, Kneser-Ney for texts.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        states_: (n_states,) the symbols; of texts the first one stands for all that were never seen.
        unit_: "symbol", "character" or "word".
        smoothing_: How it backs off.
        n_runs_: How many different runs of 0, 1, ..., order + 1 symbols there are.
        n_seen_: Symbols counted.
        transition_matrix_: (n_states, n_states) p(column | row), at orders 0 and 1.
        counts_: (n_states, n_states) how often each state followed each.
        stationary_: (n_states,) the share of time in each state.

    Best when: what comes next hangs on the last few symbols, states are few or texts are long, and the model is to be
        read, simulated and calculated with.
    Do not use when: what decides lies further back than `order`, as in brackets that must balance, or states are
        continuous numbers.

    Source: A. A. Markov, An example of statistical investigation of the text Eugene Onegin concerning the connection of
    samples in chains, lecture of 23 January 1913, translated in Science in Context 19, 2006.

    Example:
        >>> weather = ["sun", "sun", "rain", "rain", "sun", "sun", "sun", "rain"]
        >>> chain = MarkovChain().fit(weather)
        >>> chain.transition_matrix_.round(2)
        array([[0.5, 0.5],
               [0.4, 0.6]])
        >>> chain.simulate(4, start="rain", random_state=0).shape
        (4,)
    """

    order: Annotated[int, at_least(0)] = 1
    unit: Literal["auto", "symbol", "character", "word"] = "auto"
    smoothing: Literal["auto", "none", "witten-bell", "kneser-ney"] = "auto"

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> MarkovChainModule:
        return MarkovChainModule(shape_out[0], int(self.order), getattr(self, "n_runs_", None))

    def _rule(self, module: Any) -> Counting:
        return Counting(module.order, module.n_symbols)

    def _finish(self, module: Any, rule: Any) -> None:
        table = tabulate(rule.runs(), module.n_symbols, self.smoothing_)
        module.take(table)
        self.n_runs_, self.n_seen_ = table.sizes, rule.n_seen

    def _work(self, module: Any, rows: int) -> float:
        return 0.0  # sorting: never worth a GPU

    def _batch_size(self, n_rows: int) -> int:
        return 1

    # Sequences in.

    def _data(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Batch:
        if y is not None:
            raise ValueError(
                f"{type(self).__name__} takes the sequence alone, fit(sequence), without targets beside it."
            )
        self.unit_ = kind_of(type(self).__name__, X, self.unit)
        self.smoothing_ = self._smoothing()
        codes = self._codes(X, None)
        self.states_ = codes.symbols
        self.shape_in_, self.shape_out_ = (max(1, int(self.order)),), (len(codes.symbols),)
        names = "\0".join(map(str, codes.symbols.tolist())).encode("utf-8", "surrogatepass")
        hashed = {
            "inputs": torch.from_numpy(codes.codes),
            "names": torch.frombuffer(bytearray(names), dtype=torch.uint8),
        }
        self.data_hash_ = persistence.data_hash(hashed)
        return Batch(torch.from_numpy(codes.rows))

    def _smoothing(self) -> Smoothing:
        if self.smoothing != "auto":
            return self.smoothing
        if self.unit_ != "symbol":
            return "kneser-ney"
        return "none" if self.order < 2 else "witten-bell"

    def _codes(self, X: Any, known: NDArray[Any] | None) -> Codes:
        name = type(self).__name__
        if self.unit_ == "symbol":
            return read_states(name, X, int(self.order), known)
        return read_text(name, X, self.unit_, int(self.order), known)

    def _known_codes(self, X: Any) -> Codes:
        self._check_fitted()
        kind_of(type(self).__name__, X, self.unit)
        return self._codes(X, self.states_)

    def _read(self, X: Any, *, reset: bool) -> Batch:
        """What the chain sees at each place of a sequence: the symbols just before it, `BREAK` where there are none."""
        codes = self._known_codes(X).codes.astype(np.int64)
        width = self.shape_in_[0]
        padded = np.concatenate((np.full(width, BREAK), codes))
        recent = np.lib.stride_tricks.sliding_window_view(padded, width)[:-1][codes != BREAK]
        return Batch(torch.from_numpy(recent.copy()))

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        recent = torch.zeros(2, self.shape_in_[0], dtype=torch.long, device=self._like.device)
        return {"forward": (self.module_, (recent,))}

    def _alphabet(self) -> tuple[tuple[Any, ...], str]:
        return tuple(self.states_.tolist()), self.unit_

    def _examples(self, sheet: Sheet) -> Iterable[Example]:
        heard = [BREAK] * self.shape_in_[0]

        def hear(number: int) -> NDArray[Any]:
            heard.append(number)
            return self._following(heard)

        verb: Literal["sample", "simulate"] = "simulate" if self.unit_ == "symbol" else "sample"
        return [drawn(verb, sheet.functions[0].name, hear, len(self.states_), first=BREAK)]

    def _recent(self, start: Any) -> list[int]:
        """The numbers of a state, or of several that have just been."""
        if start is None:
            return []
        if self.unit_ == "symbol":
            several = isinstance(start, Iterable) and not isinstance(start, str)
            if several and not len(start := list(start)):
                return []
            return self._known_codes(start if several else [start]).codes.tolist()
        if not isinstance(start, str):
            start = join_text(start, self.unit_)
        numbers = {symbol: number for number, symbol in enumerate(self.states_.tolist())}
        last = split_text(start, self.unit_)[-int(self.order) :] if self.order else []
        return [numbers.get(symbol, 0) for symbol in last]

    # How likely.

    def log_likelihood(self, X: Any) -> float:
        """The log-likelihood (natural logarithm) of sequences or texts, -inf where a step is impossible.

        Args:
            X: As in `fit`.
        """
        return self._log_likelihood(self._known_codes(X))

    def _log_likelihood(self, codes: Codes) -> float:
        module: Any = self.module_
        total, order = 0.0, int(self.order)
        with torch.inference_mode(), Threads(0.0):
            for first in range(0, len(codes.codes), _AT_ONCE):
                begin = max(0, first - order)
                part = torch.from_numpy(codes.codes[begin : first + _AT_ONCE].astype(np.int64)).to(module.key.device)
                total += float(module.log_likelihoods(part)[first - begin :].sum())
        return total

    def score(self, X: Any, y: Any = None) -> float:
        """The log-likelihood per symbol; larger is better, and -score / log(2) are bits per symbol."""
        codes = self._known_codes(X)
        return self._log_likelihood(codes) / max(1, int((codes.codes != BREAK).sum()))

    def bits_per_character(self, X: Any) -> float:
        """What a text costs: -log2 of its likelihood, divided by its characters; less is better, whatever the unit.

        Args:
            X: One str, or a list or file of them.
        """
        self._check_fitted()
        if self.unit_ == "symbol":
            raise ValueError("MarkovChain was fitted on states, which have no characters; ask score(X).")
        codes = self._known_codes(X)
        return -self._log_likelihood(codes) / math.log(2) / codes.n_characters

    def next_probabilities(self, recent: Any = None) -> NDArray[np.float64]:
        """How likely each state is to come next, (n_states,).

        Args:
            recent: The last state, several states (the oldest first), or a text; None for nothing known.
        """
        self._check_fitted()
        return self._following([*[BREAK] * self.shape_in_[0], *self._recent(recent)])

    def _following(self, codes: list[int]) -> NDArray[np.float64]:
        module: Any = self.module_
        with torch.inference_mode():
            recent = torch.tensor([codes[-self.shape_in_[0] :]], device=module.key.device)
            likely: NDArray[np.float64] = module(recent)[0].numpy(force=True)
        return likely

    def count(self, run: Any) -> int:
        """How often a run of up to order + 1 states, or a piece of text, has been counted."""
        self._check_fitted()
        module: Any = self.module_
        codes = self._known_codes(run).codes if self.unit_ != "symbol" else np.array(self._recent(run))
        if len(codes) > self.order + 1:
            raise ValueError(
                f"MarkovChain of order {self.order} counts runs of up to {self.order + 1}; got {len(codes)}."
            )
        with torch.inference_mode():
            place = torch.zeros(1, dtype=torch.long)
            for code in codes.tolist():
                place = module.after(place, torch.tensor([code]))
        return 0 if place < 0 else int(module.counts[place])

    @property
    def counts_(self) -> NDArray[np.int64]:
        """How often each state (column) followed each (row)."""
        self._check_fitted()
        n, module = self._few(1), self.module_
        if self.order == 0:
            raise ValueError("MarkovChain of order 0 counts no pairs; fit one of order 1.")
        counts = np.zeros((n, n), np.int64)
        key, count = (getattr(module, name).numpy(force=True) for name in ("key", "counts"))
        begin = 1 + self.n_runs_[1]
        first, second = np.divmod(key[begin : begin + self.n_runs_[2]], n)
        # A run of two symbols knows that of its first by number; the key of a run of one is its symbol.
        counts[key[first], second] = count[begin : begin + self.n_runs_[2]]
        return counts

    # What follows from the probabilities.

    def _few(self, order: int) -> int:
        n = len(self.states_) ** max(1, order)
        if n > _LARGEST:
            raise ValueError(
                f"MarkovChain: {len(self.states_)} states at order {order} make {n:,} contexts; their matrix is "
                f"written out up to {_LARGEST:,}. Use a lower order or fewer states, or simulate."
            )
        return n

    def _matrix(self) -> NDArray[np.float64]:
        """The transitions between all contexts of max(1, order) symbols, the newest symbol running fastest."""
        self._check_fitted()
        module: Any = self.module_
        n, n_symbols, width = self._few(int(self.order)), len(self.states_), self.shape_in_[0]
        contexts = torch.cartesian_prod(*[torch.arange(n_symbols)] * width).reshape(n, width)
        with torch.inference_mode(), Threads(0.0):
            following = module(contexts.to(module.key.device)).numpy(force=True)
        P = np.zeros((n, n))
        leads = (np.arange(n) % n_symbols ** (width - 1))[:, None] * n_symbols + np.arange(n_symbols)
        np.put_along_axis(P, leads, following, 1)
        return P

    @property
    def transition_matrix_(self) -> NDArray[np.float64]:
        """p(column | row)."""
        if self.order > 1:
            raise ValueError(
                f"MarkovChain of order {self.order} has contexts, no matrix of states; see next_probabilities."
            )
        return self._matrix()

    @property
    def stationary_(self) -> NDArray[np.float64]:
        """The share of time in each state in the long run, wherever the chain starts."""
        closed = [each for each in self.classes() if each.closed]
        if len(closed) > 1:
            raise ValueError(
                f"MarkovChain: the stationary law depends on the start: there are {len(closed)} classes of states that "
                f"the chain never leaves, such as {closed[0].states[:3]} and {closed[1].states[:3]}. "
                "Ask stationary(start)."
            )
        return self.stationary()

    def stationary(self, start: Any = None) -> NDArray[np.float64]:
        """The share of time in each state in the long run, (n_states,).

        Args:
            start: The state, or the last `order` of them, to start from; None for any, by how often they occur.
        """
        P = self._matrix()
        first = np.zeros(len(P))
        if start is None:
            first[:] = 1 / len(P)
        else:
            first[self._context(start)] = 1
        return self._by_state(laws.long_run(P, first))

    def _context(self, start: Any) -> int:
        codes, width = self._recent(start), self.shape_in_[0]
        if len(codes) != width:
            raise ValueError(f"MarkovChain of order {self.order} starts from {width} states; got {len(codes)}.")
        return int(np.ravel_multi_index(codes, (len(self.states_),) * width))

    def _by_state(self, law: NDArray[np.float64]) -> NDArray[np.float64]:
        return law.reshape(-1, len(self.states_)).sum(0)

    def classes(self) -> list[StateClass]:
        """The classes of states that lead to each other; the chain ends in a closed one."""
        found = laws.classes(self._matrix())
        names = list(product(self.states_.tolist(), repeat=self.shape_in_[0]))
        single = self.shape_in_[0] == 1
        return [
            StateClass([names[i][0] if single else names[i] for i in each.members], each.closed, each.period)
            for each in found
        ]

    def mixing_time(self, epsilon: float = 0.25) -> float:
        """Steps after which, from any start, each event is as likely as in the long run, up to `epsilon`.

        Infinite where that never comes: the chain has several closed classes, or a period.

        Args:
            epsilon: Total variation, above 0 and below 1.
        """
        if not 0 < epsilon < 1:
            raise ValueError(f"MarkovChain: epsilon must be above 0 and below 1; got {epsilon!r}.")
        P = self._matrix()
        closed = [each for each in laws.classes(P) if each.closed]
        if len(closed) > 1 or closed[0].period != 1:
            return math.inf
        return laws.mixing_time(P, laws.long_run(P, np.full(len(P), 1 / len(P))), epsilon)

    def second_eigenvalue(self) -> float:
        """The second largest modulus of an eigenvalue: how much a start matters fades like its t-th power."""
        moduli = np.sort(np.abs(np.linalg.eigvals(self._matrix())))
        return float(moduli[-2]) if len(moduli) > 1 else 0.0

    def hitting_times(self, target: Any) -> NDArray[np.float64]:
        """Mean number of steps until the chain is in a state; infinite from where it may never come there.

        Args:
            target: A state, or a list of them.

        Returns:
            (n_states,) by the state it starts in, 0 for the target; at higher orders an axis for each last state.
        """
        self._check_fitted()
        wanted = self._recent(target)
        is_target = np.zeros(len(self.states_), bool)
        is_target[wanted] = True
        times = laws.hitting_times(self._matrix(), np.tile(is_target, self._few(int(self.order)) // len(is_target)))
        return times.reshape((len(self.states_),) * self.shape_in_[0])

    def dispersion(self) -> NDArray[np.float64]:
        """How much more the number of visits to each state varies than with independent draws, (n_states,).

        Markov's coefficient: 1 without dependence, below 1 where states alternate, above 1 where they cling.
        """
        P = self._matrix()
        law = laws.long_run(P, np.full(len(P), 1 / len(P)))
        return laws.dispersion(P, law, np.tile(np.eye(len(self.states_)), (len(P) // len(self.states_), 1)))

    def independence_test(self) -> Independence:
        """Pearson's test of the pairs that were counted: does the next state depend on the last one?"""
        pairs = self.counts_
        pairs = pairs[pairs.sum(1) > 0][:, pairs.sum(0) > 0]
        expected = np.outer(pairs.sum(1), pairs.sum(0)) / pairs.sum()
        statistic = float(((pairs - expected) ** 2 / expected).sum())
        degrees = (pairs.shape[0] - 1) * (pairs.shape[1] - 1)
        return Independence(statistic, degrees, float(chi2.sf(statistic, degrees)) if degrees else 1.0)

    # Walking on.

    def simulate(
        self, n_steps: int, start: Any = None, n_chains: int = 1, random_state: RandomState = None
    ) -> NDArray[Any]:
        """States drawn one after the other from the chain.

        Args:
            n_steps: How many, at least 1.
            start: The state just before the first step, or several; None begins as a sequence without a past.
            n_chains: Walks side by side, at least 1.
            random_state: A whole number for the same states at each call.

        Returns:
            (n_steps,) states, or (n_chains, n_steps) of more than one chain.
        """
        self._check_fitted()
        for name, number in (("n_steps", n_steps), ("n_chains", n_chains)):
            if number < 1:
                raise ValueError(f"MarkovChain: {name} must be at least 1; got {number!r}.")
        walker = Walker(self.module_, silent=int(self.unit_ != "symbol"))
        begin = walker.context_of(self._recent(start))
        with Randomness(seed_from(random_state)), Threads(0.0):
            walked = self.states_[walker.walk(begin, int(n_chains), int(n_steps))]
        return walked[0] if n_chains == 1 else walked

    def sample(
        self, length: int = 200, *, prompt: str = "", temperature: float = 1.0, random_state: RandomState = None
    ) -> str:
        """A text drawn from the model, the prompt not included.

        Args:
            length: Characters or words to draw, at least 1.
            prompt: What it goes on from.
            temperature: Above 0; below 1 likelier, above 1 more daring: probabilities are raised to 1 / temperature.
            random_state: A whole number for the same text at each call.
        """
        self._check_fitted()
        if self.unit_ == "symbol":
            raise ValueError("MarkovChain was fitted on states, which make no text; ask simulate(n_steps).")
        if not temperature > 0:
            raise ValueError(f"MarkovChain: temperature must be above 0; got {temperature!r}.")
        if temperature == 1:
            drawn = self.simulate(length, start=prompt, random_state=random_state).tolist()
        else:
            drawn = self._daring(length, prompt, 1 / temperature, random_state)
        return join_text(drawn, self.unit_)

    def _daring(self, length: int, prompt: str, power: float, random_state: RandomState) -> list[str]:
        if length < 1:
            raise ValueError(f"MarkovChain: length must be at least 1; got {length!r}.")
        module: Any = self.module_
        width, drawn = self.shape_in_[0], []
        recent = torch.tensor([[BREAK] * width + self._recent(prompt)], device=module.key.device)
        with torch.inference_mode(), Randomness(seed_from(random_state)), Threads(0.0):
            for _ in range(length):
                likely = module(recent[:, -width:])[0].log().mul(power)
                likely[0] = -math.inf  # what stands for unknown symbols is none that could be written
                code = torch.multinomial(likely.softmax(0), 1)
                drawn.append(self.states_[int(code)])
                recent = torch.cat((recent, code[None]), 1)[:, -width:]
        return drawn

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = tags.input_tags.three_d_array = False
        tags.input_tags.one_d_array = tags.input_tags.string = True
        return tags


CARD = Card(
    code="MC",
    name="Markov chain",
    family="chain",
    tier="B",
    layers=((Cell.PROBABILISTIC_HIDDEN, 6),),
    links="complete",
    papers=(
        Paper(
            "Markov, A. A.",
            "An example of statistical investigation of the text Eugene Onegin concerning the connection of samples in "
            "chains",
            "Bulletin of the Imperial Academy of Sciences of St. Petersburg 7, 153-162; in English: Science in "
            "Context 19, 591-600, 2006",
            1913,
            "https://doi.org/10.1017/S0269889706001074",
        ),
        Paper(
            "Hayes, B.",
            "First links in the Markov chain",
            "American Scientist 101, 92-97",
            2013,
        ),
        Paper(
            "Chen, S. F. and Goodman, J.",
            "An empirical study of smoothing techniques for language modeling",
            "Computer Speech and Language 13, 359-394",
            1999,
        ),
    ),
    claim="The next step depends only on the last few, and averages still settle.",
    best_when="What comes next hangs on the last few symbols, and the model is to be read and calculated with.",
    do_not_use_when="What decides lies further back than the order, or states are continuous numbers.",
    verb="simulate",
    estimators=(MarkovChain,),
)
