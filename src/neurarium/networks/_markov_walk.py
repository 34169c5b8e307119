"""Long walks along a Markov chain, exact all the same.

In a chain of few contexts a walk is cut into blocks that are walked side by side, x(t + 1) = f(x(t), u(t)) with uniform
numbers u, each block from a guess of where it begins: millions of steps take some thousand lines of Python. Then every
block whose true beginning, the end of the block before, was another is walked again with the same numbers until it
meets its earlier path: from there on the two are the same. Once no beginning changes any more, this is to the bit the
walk that one step after the other makes.

Walks with the same numbers meet soon in a chain that mixes. Where they do not (a chain with a period), and where
contexts are many (a text at high order), steps are taken one after the other, each a search among the few successors.

Source: the coupling is that of J. Propp and D. Wilson, Exact sampling with coupled Markov chains, Random Structures and
Algorithms 9, 1996.
"""

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray

_BLOCK, _LONG_BLOCK = 360, 2520  # steps: multiples of many small periods, so that a guess is in the right phase
_LONG = 2**18  # steps from which on blocks are long
_LANES = 2048  # blocks side by side
_ROUNDS = 6  # of walking blocks again, before steps are taken one by one instead
_FEW = 4096  # contexts of a chain whose walks are likely to meet
_CELLS = 2**20  # of the guide to where a draw falls
_AT_ONCE = 2**16  # uniform numbers drawn at once


class Walker:
    """Walks along the contexts of a fitted chain; after at least one step, a context ends in the symbol just drawn.

    Args:
        module: The chain.
        silent: Symbols that are never drawn where nothing was counted: the first `silent` ones.
    """

    def __init__(self, module: Any, silent: int = 0) -> None:
        self.n_symbols, self.order, self.silent = module.n_symbols, module.order, silent
        self.key, self.suffix, self.first, self.back_off = (
            getattr(module, name).numpy(force=True) for name in ("key", "suffix", "first", "back_off")
        )
        self.symbol = np.where(self.key < 0, 0, self.key % self.n_symbols)
        n_runs, n_contexts = len(self.key), len(self.back_off)
        self.next = np.arange(n_runs)
        self.next[n_contexts:] = self.suffix[n_contexts:]
        # One line of edges: context i draws from [i, i + 1), a piece for each run, and what is left for backing off.
        context = np.repeat(np.arange(n_contexts), np.diff(self.first))
        direct = module.direct.numpy(force=True)[1:]
        total = np.cumsum(direct)
        before = np.concatenate(([0.0], total))[self.first - 1]
        ends = self.first[1:] - 1
        self.own = np.where(self.back_off > 0, 1 - self.back_off, 1.0)
        within = np.minimum(total - before[context], self.own[context])  # against rounding
        filled = self.first[1:] > self.first[:-1]
        within[ends[filled] - 1] = self.own[filled]
        self.edges = np.insert(context + within, ends, np.arange(1, n_contexts + 1))
        self.drawn = np.insert(np.arange(1, n_runs), ends, 0)  # the run of each piece, 0 for backing off
        self.most = 1 - (n_contexts + 1) * 2.0**-51  # i + u stays below i + 1
        self.fine = _CELLS // n_contexts
        if self.fine >= 16:
            self.guide = np.searchsorted(self.edges, np.arange(n_contexts * self.fine) / self.fine, side="right")

    def context_of(self, codes: list[int]) -> int:
        """The context that some recent symbols make."""
        context = np.zeros(1, np.int64)
        for code in codes:
            context = self._enter(context, np.array([code]))
        return int(context[0])

    def step(self, context: NDArray[np.int64], u: NDArray[np.float64]) -> NDArray[np.int64]:
        """The contexts that some walks come to."""
        drawn = self.drawn[self._piece(context + u)]
        lead = self.next[drawn]
        if not drawn.all():
            backed = np.flatnonzero(drawn == 0)
            lead[backed] = self._enter(context[backed], self._back_off(context[backed], u[backed]))
        return lead

    def _piece(self, point: NDArray[np.float64]) -> NDArray[np.int64]:
        """In which piece of the line a point lies."""
        if self.fine < 16:
            return np.searchsorted(self.edges, point, side="right")
        piece = self.guide[(point * self.fine).astype(np.int64)]
        beyond = np.flatnonzero(self.edges[piece] <= point)
        if len(beyond):
            piece[beyond] = np.searchsorted(self.edges, point[beyond], side="right")
        return piece

    def _back_off(self, context: NDArray[np.int64], u: NDArray[np.float64]) -> NDArray[np.int64]:
        """The symbol drawn after the suffix of each context; after nothing, any symbol alike."""
        own = self.own[context]
        u = np.minimum((u - own) / (1 - own), self.most)
        free = self.n_symbols - self.silent
        answer = self.silent + (u * free).astype(np.int64)
        rest = np.flatnonzero(context)
        if len(rest):
            shorter = self.suffix[context[rest]]
            drawn = self.drawn[self._piece(shorter + u[rest])]
            answer[rest] = self.symbol[drawn]
            again = np.flatnonzero(drawn == 0)
            answer[rest[again]] = self._back_off(shorter[again], u[rest[again]])
        return answer

    def _enter(self, context: NDArray[np.int64], symbol: NDArray[np.int64]) -> NDArray[np.int64]:
        """The longest context that is known after one more symbol, whether or not this one ever followed that one."""
        lead = np.zeros(len(context), np.int64)
        left = np.arange(len(context))
        while len(left):
            wanted = context * self.n_symbols + symbol
            place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
            found = self.key[place] == wanted
            lead[left[found]] = self.next[place[found]]
            on = ~found & (context > 0)
            left, context, symbol = left[on], self.suffix[context[on]], symbol[on]
        return lead

    # Walks.

    def walk(self, start: int, n_chains: int, n_steps: int) -> Int[NDArray[Any], "chains steps"]:
        """Symbols of some walks from one context, drawn from torch's current stream."""
        if self.order == 0:
            u = self._uniform(n_chains, n_steps)
            piece = self.drawn[self._piece(u.ravel())]
            symbols = self.symbol[piece]
            backed = np.flatnonzero(piece == 0)
            symbols[backed] = self._back_off(np.zeros(len(backed), np.int64), u.ravel()[backed])
            return symbols.reshape(n_chains, n_steps)
        begin = np.full(n_chains, start)
        if n_steps <= 2 * _BLOCK or n_chains >= _LANES:
            path, _ = self._side_by_side(begin, self._uniform(n_steps, n_chains))
            return self.symbol[path[1:]].T
        if len(self.back_off) <= _FEW and (contexts := self._coupled(begin, n_steps)) is not None:
            return self.symbol[contexts]
        return np.stack([self.symbol[self._one_by_one(start, n_steps)] for _ in range(n_chains)])

    def _uniform(self, *shape: int) -> Float[NDArray[Any], "..."]:
        return np.minimum(torch.rand(shape, dtype=torch.double).numpy(), self.most)

    def _side_by_side(
        self, begin: NDArray[np.int64], u: Float[NDArray[Any], "length lanes"]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The contexts of walks, (1 + length, lanes), and where they end."""
        path = np.empty((len(u) + 1, len(begin)), np.int32)
        path[0] = context = begin
        for t in range(len(u)):
            path[t + 1] = context = self.step(context, u[t])
        return path, context

    def _coupled(self, start: NDArray[np.int64], n_steps: int) -> NDArray[np.int32] | None:
        """Walks cut into blocks; None where walks do not meet."""
        parts = []
        length = _BLOCK if n_steps < _LONG else _LONG_BLOCK
        at_once = length * max(1, _LANES // len(start))
        for begun in range(0, n_steps, at_once):
            n_blocks = -(-min(at_once, n_steps - begun) // length)
            u = self._uniform(length, len(start) * n_blocks)
            path, _ = self._side_by_side(np.repeat(start, n_blocks), u)
            if not self._joined(path, u, start, n_blocks):
                return None
            parts.append(path[1:].T.reshape(len(start), -1))
            start = parts[-1][:, -1].astype(np.int64)
        return np.concatenate(parts, 1)[:, :n_steps]

    def _joined(self, path: NDArray[np.int32], u: NDArray[np.float64], start: NDArray[np.int64], n_blocks: int) -> bool:
        """Walk blocks again until each begins where the one before ends; False when that takes too long."""
        for _ in range(_ROUNDS):
            begin = np.roll(path[-1], 1)
            begin[::n_blocks] = start
            lanes = np.flatnonzero(begin != path[0])
            n_apart = len(lanes)
            if not n_apart:
                return True
            path[0] = begin
            context = begin[lanes].astype(np.int64)
            for t in range(len(u)):
                context = self.step(context, u[t, lanes])
                apart = context != path[t + 1, lanes]
                if not apart.all():
                    lanes, context = lanes[apart], context[apart]
                    if not len(lanes):
                        break
                path[t + 1, lanes] = context
            if len(lanes) > n_apart / 2:
                return False
        return False

    def _one_by_one(self, context: int, n_steps: int) -> NDArray[np.int64]:
        """The contexts that a walk comes to; `step` without the arrays, which for one walk cost more than they save."""
        path = np.empty(n_steps, np.int64)
        arrays: tuple[Any, ...] = (
            self.edges,
            self.drawn,
            self.next,
            self.first,
            self.key,
            self.suffix,
            self.own,
            self.symbol,
        )
        views: list[Any] = [memoryview(each) for each in arrays]  # single numbers come faster from these
        edges, drawn, lead, first, key, suffix, own, symbol = views

        def back_off(context: int, u: float) -> int:
            while True:
                u = min((u - own[context]) / (1 - own[context]), self.most)
                if context == 0:
                    return self.silent + int(u * (self.n_symbols - self.silent))
                context = suffix[context]
                if run := drawn[
                    bisect_right(edges, context + u, first[context] - 1 + context, first[context + 1] + context)
                ]:
                    return symbol[run]

        def enter(context: int, symbol: int) -> int:
            while True:
                wanted = context * self.n_symbols + symbol
                place = bisect_left(key, wanted, first[context], first[context + 1])
                if place < len(key) and key[place] == wanted:
                    return lead[place]
                if context == 0:
                    return 0
                context = suffix[context]

        for begun in range(0, n_steps, _AT_ONCE):
            part = path[begun : begun + _AT_ONCE]
            for t, u in enumerate(self._uniform(len(part)).tolist()):
                at = first[context] - 1 + context
                if run := drawn[bisect_right(edges, context + u, at, first[context + 1] + context)]:
                    context = lead[run]
                else:
                    context = enter(context, back_off(context, u))
                part[t] = context
        return path
