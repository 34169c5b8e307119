"""Hopfield network: every unit linked to every other; memories are valleys of an energy, recall rolls downhill.

Units are s_i = -1 or 1, with symmetric links, none from a unit to itself:

    field   h = W s + b                       a unit asked in turn takes the sign of its field, and stays where it is 0
    energy  E = -1/2 s·W s - b·s              which no such turn raises, so that asking in turn always comes to rest

Asked all together, the units may swing for ever between two states. Units of 0 and 1, as in the paper of 1982, are the
same network with b_i = sum_j w_ij. The modern (dense) network keeps its M patterns and lets them vote,

    s <- sum_m p_m xi_m,      p = softmax over m of  beta (xi_m·s - |xi_m|² / 2),
    energy  E = -1/beta ln sum_m exp(beta (xi_m·s - |xi_m|² / 2)) + |s|² / 2,

one step of which usually ends at the nearest of exponentially many patterns. For patterns of one length, such as -1 and
1, this is Ramsauer's update to the letter; |xi_m|² / 2 keeps a long grey pattern from winning everywhere.
"""

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.card import Card, Cell, Paper
from neurarium.core.devices import Threads
from neurarium.core.learning import Rule
from neurarium.core.parameters import above, at_least
from neurarium.core.randomness import Randomness, RandomState, seed_from
from neurarium.core.roles import Continuing, Memory, Weighted
from neurarium.networks._hopfield_units import DenseHopfieldModule, HopfieldModule, OneUnitModule, Update
from neurarium.rules.hebbian import DenseStorage, Hebb, Projection, Storkey

_NUMBERS = 2**23  # of a state or a path held at once

RuleName = Literal["modern", "hebb", "storkey", "projection"]


class OverloadWarning(UserWarning):
    """More, or more alike, patterns are stored than the rule can hold."""


@dataclass(eq=False, repr=False, kw_only=True)
class HopfieldNetwork(Weighted, Continuing, Memory):
    """Store patterns, and complete damaged ones.

    h = W s + b, s_i <- sign h_i, E = -1/2 s·W s - b·s; the modern network s <- softmax(beta Xi s) Xi.

    Rows may be written in any two numbers (0 and 1, -1 and 1, False and True, 0 and 16), and answers are written in the
    same. Grey rows are cut in two at `threshold`; under the rule "modern" they stay grey.

    How many patterns of N units a rule holds, if they are random: "hebb" N / (2 ln N) to the bit, 0.138 N nearly;
    "storkey" some more; "projection" up to N, with little room for damage beyond N / 2; "modern" exponentially many.
    Rows that look alike, such as digits, are much harder for the first two: the fit warns when what it stored would not
    stay. At 16 digits of 8 x 8 pixels with 10 % of the bits flipped, "modern" gives back more than 98 % to the bit,
    "projection" about 87 %, "storkey" 12 % and "hebb" none.

    Args:
        rule: How patterns are stored. "modern": kept as they are, and voting. "projection": as the pseudo-inverse, for
            a network of linked units that holds patterns that are alike. "hebb": as in 1982, for learning about the
            brain and about capacity. "storkey": Hebb's rule improved, still local and one pattern at a time.
        update: "random": units are asked in turn, in an order drawn anew for each sweep. "fixed": from first to last.
            "synchronous": all together, which may end in swinging between two states. "modern" has one way only.
        units: "-1/1", or "0/1" as in the paper of 1982, which recalls less well. "modern" has -1 and 1 only.
        beta: Sharpness of the vote of "modern", above 0: the larger, the nearer to choosing the nearest pattern; None
            takes it from the distance of the two nearest patterns.
        threshold: A number above it is on; None takes the middle between the lowest and the highest number of the
            table. Columns in different units should be scaled first. A number makes "modern" two-valued as well.
        max_sweeps: Sweeps over the units at most, at least 1; asking in turn comes to rest long before.
        device, random_state, verbose: See `Estimator`.

    Attributes:
        n_patterns_: Patterns stored.
        load_: Different patterns a unit.
        stable_: The share of the stored patterns that stay as they are.
        module_: `patterns`, `strength`, and `weight` and `bias`, or `beta`; stages "state", "field", "energy",
            "overlap" and, under "modern", "attention".

    Source: J. J. Hopfield, Neural networks and physical systems with emergent collective computational abilities, PNAS
    79, 1982. D. J. Amit, H. Gutfreund and H. Sompolinsky, Storing infinite numbers of patterns in a spin-glass model of
    neural networks, Physical Review Letters 55, 1985. H. Ramsauer et al., Hopfield networks is all you need, ICLR 2021.

    Best when: few patterns are to be completed from damaged or partial ones, and the energy is to be seen.
    Do not use when: new rows are to be told apart rather than known ones found, or columns are numbers in different
    units.

    Example:
        >>> letters = [[1, 1, 1, 0, 1, 0, 0, 1, 0], [1, 0, 0, 1, 0, 0, 1, 1, 1]]  # T and L
        >>> memory = HopfieldNetwork(random_state=0).fit(letters)
        >>> memory.recall([[1, 1, 1, 0, 1, 0, 0, 0, 0]]).tolist()
        [[1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]]
    """

    rule: RuleName = "modern"
    update: Update = "random"
    units: Literal["-1/1", "0/1"] = "-1/1"
    beta: Annotated[float, above(0)] | None = None
    threshold: float | None = None
    max_sweeps: Annotated[int, at_least(1)] = 100

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> nn.Module:
        kind = DenseHopfieldModule if self.rule == "modern" else HopfieldModule
        return kind(shape_in[0], self.n_patterns_)

    def _begin(self, data: Batch) -> Any:
        self.n_patterns_ = data.n_rows
        return super()._begin(data)

    def _start(self, module: Any, data: Batch) -> None:
        if self.rule == "modern" and self.units == "0/1":
            raise ValueError(
                "HopfieldNetwork: units='0/1' needs linked units: set rule='hebb', 'storkey' or 'projection'."
            )
        coding = module.coding
        coding.learn(data.inputs, self.threshold)
        if self.rule == "modern" and self.threshold is None:
            between = (data.inputs != coding.low) & (data.inputs != coding.high)
            module.grey.copy_(between.any())

    def _rule(self, module: Any) -> Rule:
        if self.rule == "modern":
            return DenseStorage(module, beta=self.beta)
        zero_one = self.units == "0/1"
        if self.rule == "hebb":
            return Hebb(module, zero_one=zero_one)
        return Storkey(module, zero_one=zero_one) if self.rule == "storkey" else Projection(module, zero_one=zero_one)

    def _finish(self, module: Any, rule: Rule) -> None:
        self.n_patterns_ = len(module.patterns)
        self.load_ = len(module.patterns.unique(dim=0)) / module.patterns.shape[1]
        some = module.patterns[:4096]
        with torch.no_grad():
            moved = (module.once(some) - some).abs().amax(1)
        self.stable_ = float((moved < 0.02).double().mean())  # 1 % of the way from off to on
        self._advise(module.patterns.shape[1])

    def _advise(self, n_units: int) -> None:
        """Say when more is stored than the rule can hold."""
        logarithm = 2 * math.log(max(2, n_units))
        limits = {"hebb": 0.138, "storkey": 1 / math.sqrt(logarithm), "projection": 1.0, "modern": math.inf}
        limit = limits[self.rule]
        if self.stable_ == 1 and (self.load_ <= limit or self.n_patterns_ == 1):
            return
        told = f"HopfieldNetwork: {self.load_ * n_units:.0f} different patterns in {n_units} units"
        if self.load_ > limit:
            told += f" are more than the rule {self.rule!r} can hold, about {limit * n_units:.0f} random ones"
        elif self.rule == "hebb" and self.load_ > 1 / logarithm:
            told += f" are more than Hebb's rule holds to the bit, about {n_units / logarithm:.0f} random ones"
        else:
            told += f" are too much alike for the rule {self.rule!r}"
        told += f"; {self.stable_:.0%} of those stored stay as they are."
        cure = "raise beta" if self.rule == "modern" else "store fewer, or set rule='modern'"
        warnings.warn(f"{told} To recall more, {cure}.", OverloadWarning, stacklevel=2)

    def _work(self, module: Any, rows: int) -> float:
        n_patterns, n_units = module.patterns.shape
        return 2.0 * rows * n_units * (2 * n_patterns if self.rule == "modern" else n_units)

    def _read(self, X: Any, *, reset: bool) -> Batch:
        data = super()._read(X, reset=reset)
        if reset:
            kind = getattr(X, "dtype", None)
            self.kind_ = kind.name if isinstance(kind, np.dtype) and kind.kind in "biu" else ""
        return data

    def _data(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Batch:
        data = super()._data(X, y, sample_weight, reset=reset)
        return data if data.weights is None else data.select(data.weights.nonzero().squeeze(1))

    def recall(self, X: ArrayLike) -> NDArray[Any]:
        """The valley that each row rolls into, (n, features), in the numbers the patterns were written in.

        The same rows give the same answer at each call: the order in which units are asked follows the fit's seed.

        Args:
            X: (n, features) damaged patterns; a number that is lost may be anything.
        """
        return self._written(torch.cat([path[-1] for path in self._paths(X)]))

    def trajectory(self, X: ArrayLike) -> NDArray[Any]:
        """Every state on the way, (sweeps + 1, n, features): the rows as they are read first, what `recall` says last.

        Args:
            X: (n, features) damaged patterns.
        """
        paths = list(self._paths(X))
        longest = max(map(len, paths))
        whole = [torch.stack([*path, *[path[-1]] * (longest - len(path))]) for path in paths]
        return self._written(torch.cat(whole, 1).flatten(0, 1)).reshape(longest, -1, self.n_features_in_)

    def energy(self, X: ArrayLike) -> NDArray[Any]:
        """The energy of each row as it is, (n,); by Hebb's rule in units in which one link of one pattern is 1."""
        module = self._network()
        return self._each(X, lambda rows: module.energies(module.code(rows)))

    def overlap(self, X: ArrayLike) -> NDArray[Any]:
        """How much each row as it is agrees with each pattern, (n, patterns): 1 for the same, -1 for the reverse.

        `overlap(X).max(1)` is the overlap with the nearest pattern, `overlap(X).argmax(1)` its number.
        """
        module = self._network()
        return self._each(X, lambda rows: module.overlaps(module.code(rows)))

    def spurious(self, X: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row rolls into a valley where no pattern was stored, nor the reverse of one: (n,)."""
        module = self._network()
        settled = torch.cat([path[-1] for path in self._paths(X)])
        with torch.inference_mode():
            ends = module.code(module.answer(settled))
            nearest = module.overlaps(ends).abs().amax(1)
        return (nearest < 1 - 1e-3).numpy(force=True)

    def _network(self) -> Any:
        self._check_fitted()
        return self.module_

    def _blocks(self, X: Any) -> Iterator[Tensor]:
        rows = self._read(X, reset=False).inputs
        size = max(1, _NUMBERS // max(self._network().patterns.shape))
        yield from rows.split(size)

    def _each(self, X: Any, ask: Any) -> NDArray[Any]:
        with torch.inference_mode():
            return torch.cat([ask(rows) for rows in self._blocks(X)]).numpy(force=True)

    def _paths(self, X: Any) -> Iterator[list[Tensor]]:
        """The states on the way to rest, for one block of rows after the other."""
        module = self._network()
        for rows in self._blocks(X):
            # Each block draws anew from the same seed: a row's answer does not depend on the rows beside it.
            with torch.inference_mode(), Randomness(self.seed_), Threads(self._work(module, len(rows))):
                start = module.code(rows)
                yield [start, *module.settle(start, self.update, int(self.max_sweeps))]

    def _written(self, states: Tensor) -> NDArray[Any]:
        """States in the caller's numbers, and in their kind where those were whole."""
        with torch.inference_mode():
            written: NDArray[Any] = self._network().answer(states).numpy(force=True)
        grey = self.rule == "modern" and bool(self._network().grey)
        return written.astype(self.kind_) if self.kind_ and not grey else written

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        module, like = self._network(), self._like
        states = torch.ones(2, *self.shape_in_, dtype=like.dtype, device=like.device)
        programs: dict[str, tuple[nn.Module, tuple[Tensor, ...]]] = {"forward": (module, (states,))}
        if isinstance(module, HopfieldModule):
            programs["one unit"] = (
                OneUnitModule(module),
                (states, torch.zeros(1, dtype=torch.long, device=like.device)),
            )
        return programs


class LoadCurve(NamedTuple):
    """What is recalled as more and more is stored.

    Attributes:
        load: Patterns a unit.
        overlap: Mean overlap of what is recalled with the pattern meant.
        exact: Share of patterns recalled to the bit.
    """

    load: NDArray[np.float64]
    overlap: NDArray[np.float64]
    exact: NDArray[np.float64]


def recall_against_load(
    loads: Sequence[float],
    *,
    n_units: int = 500,
    flipped: float = 0.0,
    random_state: RandomState = None,
    **parameters: Any,
) -> LoadCurve:
    """Store random patterns at each load, start at every one of them, and see what is left.

    Args:
        loads: Patterns a unit, each above 0.
        n_units: Units of the network.
        flipped: Share of the bits flipped at the start, 0 to 1.
        random_state: A whole number for the same curve at each call.
        parameters: Those of `HopfieldNetwork`; the rule is "hebb" unless they say otherwise.

    Example:
        >>> curve = recall_against_load([0.05, 0.3], n_units=200, random_state=0)
        >>> bool(curve.overlap[0] > 0.99 > 0.6 > curve.overlap[1])
        True
    """
    chance = np.random.default_rng(seed_from(random_state))
    overlap, exact, load = [], [], []
    for wanted in loads:
        n_patterns = max(1, round(wanted * n_units))
        patterns = np.where(chance.random((n_patterns, n_units)) < 0.5, -1.0, 1.0).astype(np.float32)
        probes = np.where(chance.random(patterns.shape) < flipped, -patterns, patterns)
        network = HopfieldNetwork(**{"rule": "hebb", **parameters}, random_state=int(chance.integers(2**31)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OverloadWarning)  # too high a load is what the experiment is about
            recalled = network.fit(patterns).recall(probes)
        overlap.append(float((recalled * patterns).mean()))
        exact.append(float((recalled == patterns).all(1).mean()))
        load.append(n_patterns / n_units)
    return LoadCurve(np.array(load), np.array(overlap), np.array(exact))


CARD = Card(
    code="HN",
    name="Hopfield network",
    family="energy",
    tier="A",
    layers=((Cell.BACKFED_INPUT, 12),),
    links="complete",
    papers=(
        Paper(
            "Hopfield, J. J.",
            "Neural networks and physical systems with emergent collective computational abilities",
            "Proceedings of the National Academy of Sciences 79, 2554-2558",
            1982,
        ),
        Paper(
            "Amit, D. J., Gutfreund, H. and Sompolinsky, H.",
            "Storing infinite numbers of patterns in a spin-glass model of neural networks",
            "Physical Review Letters 55, 1530-1533",
            1985,
        ),
        Paper(
            "Ramsauer, H. et al.",
            "Hopfield networks is all you need",
            "International Conference on Learning Representations",
            2021,
            "https://arxiv.org/abs/2008.02217",
        ),
    ),
    claim="Memories are valleys of an energy; recall is rolling downhill; too many and they drown.",
    best_when="Few patterns are to be completed from damaged or partial ones, and the energy is to be seen.",
    do_not_use_when="New rows are to be told apart rather than known ones found, or columns are in different units.",
    verb="recall",
    estimators=(HopfieldNetwork,),
    departs="The chart draws linked units; the default stores by the modern rule, whose patterns vote.",
)
