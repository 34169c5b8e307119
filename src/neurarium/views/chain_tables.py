"""A fitted chain as a page walks it: the tables of the fit, and the steps of `Walker` as operations on arrays.

With the same uniform numbers the walk is bit for bit the one of `networks/_markov_walk.py`: the same line of edges, in
which context i draws from [i, i + 1), and the same backing off.
"""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from neurarium.networks._markov_module import MarkovChainModule
from neurarium.networks._markov_walk import Walker

_RUNS = 20_000
"""Of a chain that a page walks: a megabyte."""


def within_reach(module: MarkovChainModule) -> MarkovChainModule | None:
    """The chain with the longest contexts whose table a page has room for; None where single symbols are too many."""
    order = module.order
    while order >= 0 and sum(module.sizes[: order + 2]) > _RUNS:
        order -= 1
    if order < 0:
        return None
    sizes = module.sizes[: order + 2]
    shorter = MarkovChainModule(module.n_symbols, order, sizes)
    n_runs, n_contexts = sum(sizes), sum(sizes[:-1])
    for name, each in module.named_buffers():
        length = {"back_off": n_contexts, "first": n_contexts + 1}.get(name, n_runs)
        setattr(shorter, name, each[:length].cpu())
    return shorter


class Tables(nn.Module):
    """The tables of a chain.

    Args:
        module: The chain.
        silent: The first so many symbols are never drawn where nothing was counted.
    """

    falling: Tensor
    drawn: Tensor
    key: Tensor
    next: Tensor
    symbol: Tensor
    suffix: Tensor
    prefix: Tensor
    own: Tensor
    followed: Tensor
    back_off: Tensor
    probability: Tensor
    counts: Tensor

    def __init__(self, module: MarkovChainModule, silent: int) -> None:
        super().__init__()
        walker = Walker(module, silent)
        self.order, self.n_symbols, self.silent, self.most = module.order, module.n_symbols, silent, walker.most
        self.n_contexts = len(walker.back_off)
        followed = walker.first[1:] > walker.first[:-1]
        for name, each in (
            ("falling", -walker.edges[::-1]),
            ("drawn", walker.drawn),
            ("key", walker.key),
            ("next", walker.next),
            ("symbol", walker.symbol),
            ("suffix", walker.suffix[: self.n_contexts]),
            ("prefix", np.maximum(walker.key - walker.symbol, 0)[: self.n_contexts] // self.n_symbols),
            ("own", walker.own),
            ("back_off", walker.back_off),
            ("followed", followed),
        ):
            self.register_buffer(name, torch.from_numpy(each.copy()))
        for name in ("probability", "counts"):
            self.register_buffer(name, getattr(module, name).clone())

    def draw(self, context: Int[Tensor, "n"], u: Float[Tensor, "n"]) -> Int[Tensor, "n"]:
        """The symbols that uniform numbers choose."""
        u = u.clamp(max=self.most)
        symbol, done = torch.zeros_like(context), torch.zeros_like(context, dtype=torch.bool)
        for _ in range(self.order + 1):
            piece = len(self.falling) - torch.searchsorted(self.falling, -(context + u))
            run = _at(self.drawn, piece.clamp(max=len(self.drawn) - 1))
            symbol = torch.where(~done & (run > 0), _at(self.symbol, run), symbol)
            done = done | (run > 0)
            own = _at(self.own, context)
            left = ((u - own) / torch.where(own < 1, 1 - own, 1.0)).clamp(max=self.most)
            u = torch.where(done, u, left)
            free = self.silent + (u * (self.n_symbols - self.silent)).long()
            symbol = torch.where(~done & (context == 0), free, symbol)
            done = done | (context == 0)
            context = _at(self.suffix, context)
        return symbol

    def enter(self, context: Int[Tensor, "n"], symbol: Int[Tensor, "n"]) -> Int[Tensor, "n"]:
        """The longest context that is known after one more symbol."""
        lead, done = torch.zeros_like(context), torch.zeros_like(context, dtype=torch.bool)
        for _ in range(self.order + 1):
            place, found = self._place(context, symbol)
            lead = torch.where(found & ~done, _at(self.next, place), lead)
            done = done | found | (context == 0)
            context = _at(self.suffix, context)
        return lead

    def _place(self, context: Tensor, symbol: Tensor) -> tuple[Tensor, Tensor]:
        """Where the run stands that is a context and then a symbol, and whether there is one."""
        wanted = context * self.n_symbols + symbol
        place = torch.searchsorted(self.key, wanted).clamp(max=len(self.key) - 1)
        return place, _at(self.key, place) == wanted

    def likely(self, context: Int[Tensor, "n"]) -> Float[Tensor, "n symbols"]:
        """How likely each symbol is to come next, from no context at all to the longest."""
        runs = [context]
        for _ in range(self.order):
            runs.append(_at(self.suffix, runs[-1]))
        answer = torch.full((len(context), self.n_symbols), 1 / self.n_symbols, dtype=torch.float64)
        before = torch.full_like(context, -1)
        for run in reversed(runs):
            place, found = self._place(run[:, None], torch.arange(self.n_symbols))
            added = torch.where(found, _at(self.probability, place), _at(self.back_off, run)[:, None] * answer)
            answer = torch.where((run != before)[:, None], added, answer)
            before = run
        return answer

    def tempered(self, context: Int[Tensor, "n"], temperature: Tensor) -> Float[Tensor, "n symbols"]:
        """The same raised to 1 / temperature; symbols that cannot be written are left out, as `sample` does."""
        raised = self.likely(context).log() / temperature
        return torch.where(torch.arange(self.n_symbols) < self.silent, -torch.inf, raised).softmax(1)

    def used(self, context: Int[Tensor, "n"]) -> Int[Tensor, "n"]:
        """The longest context that was ever followed by something: the one whose counts decide."""
        for _ in range(self.order):
            context = torch.where(_at(self.followed, context), context, _at(self.suffix, context))
        return context

    def counted(self, context: Int[Tensor, "n"]) -> Int[Tensor, "n symbols"]:
        """How often each symbol followed."""
        place, found = self._place(context[:, None], torch.arange(self.n_symbols))
        return torch.where(found, _at(self.counts, place), 0)

    def spelled(self, context: Int[Tensor, "n"]) -> Int[Tensor, "n order"]:
        """The symbols of contexts, the oldest first; -1 where they are shorter."""
        symbols = []
        for _ in range(self.order):
            symbols.append(torch.where(context > 0, _at(self.symbol, context), -1))
            context = _at(self.prefix, context)
        return torch.stack(symbols[::-1], 1)


def _at(table: Tensor, places: Tensor) -> Tensor:
    """Entries of a table; `table[places]` would count negative places from the end, which costs a page three more."""
    return table.index_select(0, places.reshape(-1)).reshape(places.shape)
