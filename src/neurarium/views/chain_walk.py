"""The live module of the look "chain": a walk, and what is seen where the walker stands."""

import torch
from torch import Tensor, nn

from neurarium.program.loop import Loop
from neurarium.views.chain_tables import Tables
from neurarium.views.gates_cells import likely
from neurarium.views.numbers import picked

_GRID = 8_000  # steps times contexts, up to which all steps from all contexts are taken at once
_LONG, _SHORT, _LEAST = 400, 100, 150
_CANDIDATES = 10
_SMALLEST = 1e-12


def walk_length(tables: Tables) -> int:
    """Steps of a walk: more in a small chain, where every step from everywhere is worked out beforehand."""
    steps = min(_LONG, _GRID // tables.n_contexts)
    return steps if steps >= _LEAST else _SHORT


class Step(nn.Module):
    """One step.

    Args:
        tables: Of the chain.
        tempered: Whether there is a temperature.
    """

    def __init__(self, tables: Tables, *, tempered: bool) -> None:
        super().__init__()
        self.tables, self.is_tempered = tables, tempered

    def forward(self, context: Tensor, u: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The contexts after it, twice, and the symbols, from (n,) contexts and (n,) uniform numbers."""
        symbol = self.tables.draw(context, u.expand(len(context)))
        if self.is_tempered:
            total = self.tables.tempered(context, temperature).cumsum(1)
            daring = (total[:, :-1] <= u.reshape(-1, 1) * total[:, -1:]).sum(1)
            symbol = torch.where(temperature == 1, symbol, daring)
        lead = self.tables.enter(context, symbol)
        return lead, lead, symbol


class Follow(nn.Module):
    """One step that was worked out for every context."""

    def forward(self, context: Tensor, leads: Tensor, symbols: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same, from (1,) context and what it would be from each."""
        lead = leads.index_select(0, context)
        return lead, lead, symbols.index_select(0, context)


class WalkModule(nn.Module):
    """A walk of a chain.

    Args:
        tables: Of the chain.
        kept: (drawn,) symbols that are drawn as states.
        window: Steps that are written out, around the one that is looked at.
        tempered: Whether there is a temperature.
    """

    kept: Tensor

    def __init__(self, tables: Tables, kept: list[int], window: int, *, tempered: bool) -> None:
        super().__init__()
        self.tables, self.turns = tables, walk_length(tables)
        self.window = min(window, self.turns)
        self.at_once = self.turns > _SHORT
        self.step = Step(tables, tempered=tempered)
        self.follow = Loop(Follow(), states=1, sequences=2, turns=self.turns)
        self.walk = Loop(self.step, states=1, sequences=1, turns=self.turns)
        self.candidates = min(_CANDIDATES, tables.n_symbols)
        self.register_buffer("kept", torch.tensor(kept))

    def paths(self, begin: Tensor, noise: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        """(steps,) the contexts after each step, and the symbols."""
        u = noise.double()
        if not self.at_once:
            _, leads, symbols = self.walk(begin.reshape(1), u[:, None], temperature)
            return leads[:, 0], symbols[:, 0]
        n = self.tables.n_contexts
        from_all = torch.arange(n).expand(self.turns, n).reshape(-1)
        leads, _, symbols = self.step(from_all, u[:, None].expand(self.turns, n).reshape(-1), temperature)
        _, path, walked = self.follow(begin.reshape(1), leads.reshape(-1, n), symbols.reshape(-1, n))
        return path[:, 0], walked[:, 0]

    def forward(
        self,
        noise: Tensor,
        start: Tensor,
        starts: Tensor,
        t: Tensor,
        temperature: Tensor,
        law: Tensor,
    ) -> dict[str, Tensor]:
        """Everything shown; `starts` are contexts, `law` (starts, states drawn) the long run from each, or (1, 0)."""
        begin = picked(starts, start)
        temperature = temperature.double()
        path, walked = self.paths(begin, noise, temperature)
        before = torch.cat([begin.reshape(1), path[:-1]])
        now, chosen = picked(before, t), picked(walked, t)
        first = (t - self.window // 2).clamp(0, self.turns - self.window)
        return {
            "walked": walked,
            "written": walked.index_select(0, first + torch.arange(self.window)),
            "written_now": t - first,
            "chosen": chosen,
            "u": picked(noise, t),
            **self.place(now.reshape(1), chosen, temperature),
            **self.occupied(walked, t, start, law),
        }

    def place(self, now: Tensor, chosen: Tensor, temperature: Tensor) -> dict[str, Tensor]:
        """What could follow, and what did."""
        chance = self.tables.likely(now)[0]
        told = torch.where(temperature == 1, chance, self.tables.tempered(now, temperature)[0])
        used = self.tables.used(now)
        counts = self.tables.counted(used)[0]
        best, codes = likely(told, self.candidates)
        flow = told.index_select(0, self.kept)
        last = torch.where(now[0] > 0, self.tables.symbol.index_select(0, now)[0], -1)
        found = {
            "best_shares": best,
            "best_codes": codes,
            "best_counts": counts.index_select(0, codes),
            "chosen_place": torch.where(codes == chosen, torch.arange(self.candidates), -1).amax(),
            "chosen_share": picked(told, chosen),
            "chosen_count": picked(counts, chosen),
            "counted": counts.sum(),
            "standing": (self.kept == last).to(torch.float64),
            "flow": torch.where((self.kept == last)[:, None], flow, 0.0).reshape(-1),
        }
        if self.tables.order:
            found["spelled"] = self.tables.spelled(used)[0]
        return found

    def occupied(self, walked: Tensor, t: Tensor, start: Tensor, law: Tensor) -> dict[str, Tensor]:
        """The share of the steps so far in each state, and how far that is from the long run."""
        visits = (walked[:, None] == self.kept).to(torch.float64).cumsum(0)
        steps = torch.arange(1, self.turns + 1)
        shares = visits / steps[:, None]
        occupancy = picked(shares, t)
        if not law.shape[1]:
            return {"occupancy": occupancy}
        long_run = picked(law, torch.minimum(start, torch.tensor(len(law) - 1)))
        apart = (shares - long_run).abs().sum(1) + (1 - shares.sum(1) - (1 - long_run.sum())).abs()
        return {
            "occupancy": occupancy,
            "both": torch.stack([occupancy, long_run]),
            "gap": (apart / 2).clamp(min=_SMALLEST),
            "gap_now": picked(apart, t) / 2,
        }
