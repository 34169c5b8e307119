"""The Markov chain as a module: the table of runs, and how likely each symbol is to come next."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from neurarium.core.stages import Stage
from neurarium.networks._markov_tables import Table
from neurarium.rules.counting import BREAK


class MarkovChainModule(nn.Module):
    """p(next symbol | the last `order` symbols), from the longest context that has been seen.

    Args:
        n_symbols: How many different symbols there are.
        order: Symbols that the next one depends on.
        sizes: Runs of each length, from 0 to order + 1; None before anything has been counted.
    """

    key: Tensor
    suffix: Tensor
    counts: Tensor
    probability: Tensor
    direct: Tensor
    back_off: Tensor
    first: Tensor

    def __init__(self, n_symbols: int, order: int, sizes: tuple[int, ...] | None = None) -> None:
        super().__init__()
        self.n_symbols = n_symbols
        self.order = order
        self.sizes = (1, *[0] * (order + 1)) if sizes is None else tuple(sizes)
        n_runs, n_contexts = sum(self.sizes), sum(self.sizes[:-1])
        for name in ("key", "suffix", "counts"):
            self.register_buffer(name, torch.zeros(n_runs, dtype=torch.long))
        for name in ("probability", "direct"):
            self.register_buffer(name, torch.zeros(n_runs, dtype=torch.double))
        self.register_buffer("back_off", torch.ones(n_contexts, dtype=torch.double))
        self.register_buffer("first", torch.zeros(n_contexts + 1, dtype=torch.long))
        self.context = Stage()
        self.memory = Stage()
        self.probabilities = Stage()

    def take(self, table: Table) -> None:
        """Hold what was counted."""
        self.sizes = table.sizes
        for name, old in list(self.named_buffers()):
            setattr(self, name, torch.from_numpy(getattr(table, name)).to(old.device))

    def forward(self, recent: Int[Tensor, "batch recent"]) -> Float[Tensor, "batch symbols"]:
        """The probability of each symbol after some recent ones, oldest first; -1 where there was none."""
        known = [runs[:, -1] for runs in self.runs(recent, self.order)]
        context, memory = known[0], torch.zeros_like(known[0])
        for run in known[1:]:
            followed = (run != BREAK) & (self.first[run + 1] > self.first[run])
            context, memory = torch.where(followed, run, context), memory + followed
        context, _ = self.context(context), self.memory(memory)
        symbols = torch.arange(self.n_symbols, device=recent.device)
        # From no context at all to the longest: each adds its own share to what it backs off to.
        answer = self.probability.new_full((len(recent), self.n_symbols), 1 / self.n_symbols)
        for run in known:
            found = self.after(run[:, None], symbols)
            back_off = torch.where(run == BREAK, 1.0, self.back_off[run.clamp(min=0)])
            answer = torch.where(found == BREAK, back_off[:, None] * answer, self.probability[found.clamp(min=0)])
        return self.probabilities(answer)

    def after(self, run: Tensor, symbol: Tensor) -> Tensor:
        """Where the run stands that is `run` and then `symbol`; -1 where it was never seen."""
        wanted = run * self.n_symbols + symbol
        place = torch.searchsorted(self.key, wanted).clamp(max=len(self.key) - 1)
        return torch.where((self.key[place] == wanted) & (run != BREAK) & (symbol != BREAK), place, BREAK)

    def runs(self, codes: Int[Tensor, "batch time"], longest: int) -> list[Tensor]:
        """Which run of each length, from 0 to `longest`, ends at each place: a list of (batch, time)."""
        ends = [torch.zeros_like(codes)]
        for length in range(1, longest + 1):
            before = torch.roll(ends[-1], 1, 1)
            before[:, 0] = 0 if length == 1 else BREAK
            ends.append(self.after(before, codes))
        return ends

    def log_likelihoods(self, codes: Int[Tensor, "time"]) -> Float[Tensor, "time"]:
        """log p of each symbol after those before it; 0 at a `BREAK`, which stands between sequences."""
        ends = [runs[0] for runs in self.runs(codes[None], self.order + 1)]
        answer = self.back_off.new_full(codes.shape, 1 / self.n_symbols)
        for length in range(self.order + 1):
            context = torch.roll(ends[length], 1)
            context[0] = 0 if length == 0 else BREAK
            back_off = torch.where(context == BREAK, 1.0, self.back_off[context.clamp(min=0)])
            found = ends[length + 1]
            answer = torch.where(found == BREAK, back_off * answer, self.probability[found.clamp(min=0)])
        return torch.where(codes == BREAK, 0.0, answer.log())
