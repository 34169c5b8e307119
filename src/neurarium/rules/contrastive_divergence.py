"""Contrastive divergence: raise the probability of what was seen, lower that of what the machine dreams instead.

The slope of the log-likelihood of a machine with energy E(v, h) = - log base(v) - b·v - c·h - h·W v is

    d log p / dW = <h v>_seen - <h v>_dreamt,
    d log p / db = <v>_seen - <v>_dreamt,      d log p / dc = <h>_seen - <h>_dreamt,

where a dream is drawn from the machine's own law. That takes a long chain of Gibbs steps; k steps from the data (CD-k)
or from where the last step's chains ended (persistent, PCD) stand in for it.

Sources: Hinton, G. E. Training products of experts by minimizing contrastive divergence. Neural Computation 14, 2002.
Tieleman, T. Training restricted Boltzmann machines using approximations to the likelihood gradient. ICML 2008.
Hinton, G. E. A practical guide to training restricted Boltzmann machines. UTML TR 2010-003.
"""

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule


class Units(Protocol):
    """What the rule asks of a visible layer."""

    @property
    def is_grey(self) -> bool: ...
    def scale(self, rows: Tensor) -> Tensor: ...
    def mean(self, field: Tensor) -> Tensor: ...
    def sample(self, field: Tensor) -> Tensor: ...
    def statistics(self, visible: Tensor) -> tuple[Tensor, ...]: ...
    def parameters(self) -> Any: ...
    def surprise(self, visible: Tensor, weight: Tensor, visible_bias: Tensor, hidden_bias: Tensor) -> Tensor: ...


class Machine(Protocol):
    """What the rule asks of a machine with one visible and one hidden layer."""

    weight: nn.Parameter
    visible_bias: nn.Parameter
    hidden_bias: nn.Parameter

    @property
    def units(self) -> Units: ...
    def features(self, visible: Tensor) -> Tensor: ...
    def visible_field(self, hidden: Tensor) -> Tensor: ...


class ContrastiveDivergence(Rule):
    """CD-k: the dream begins at the data.

    Grey rows, which hold probabilities, are used as they are, and so are the probabilities of the reconstruction
    (Hinton 2010, section 3.2: less noise, better features); where rows hold states, states are drawn.

    Args:
        machine: What learns.
        learning_rate: Step of the update; it falls linearly over `passes` passes, to learning_rate / passes.
        momentum: Share of the last step that is taken again, in [0, 1).
        weight_decay: Pull of the weights towards 0, beside the slope.
        gibbs_steps: k.
        passes: Passes over which the rate falls.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        learning_rate: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        gibbs_steps: int = 1,
        passes: int = 1,
    ) -> None:
        self.machine, self._units = machine, machine.units
        self.learning_rate, self.momentum, self.weight_decay = learning_rate, momentum, weight_decay
        self.gibbs_steps, self.passes = gibbs_steps, passes
        self._pass = 0
        self._parameters = [machine.weight, machine.visible_bias, machine.hidden_bias, *self._units.parameters()]
        # Without momentum the statistics go straight into the parameters, which saves a pass over the weights.
        self._steps = [torch.zeros_like(p) for p in self._parameters] if momentum else self._parameters
        self._grey = self._units.is_grey

    @property
    def rate(self) -> float:
        """The step of this pass."""
        return self.learning_rate * max(1 - self._pass / self.passes, 1 / self.passes)

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Climb the estimated slope once."""
        share = _shares(batch)
        seen = self._see(self._units.scale(batch.inputs))
        awake = self.machine.features(seen)
        asleep, dream_share = self._begin(awake, share)
        for _ in range(self.gibbs_steps):
            hidden = torch.rand_like(asleep).lt_(asleep)
            dreamt = self._show(self.machine.visible_field(hidden))
            asleep = self.machine.features(dreamt)
        self._end(asleep)
        gap = self._climb((awake, seen, share), (asleep, dreamt, dream_share))
        return {"loss": gap.abs().mean()}

    def _climb(self, waking: tuple[Tensor, Tensor, Tensor], dreaming: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Take the step; each side is hidden probabilities, visible units, share of each row.

        Returns:
            <v>_seen - <v>_dreamt.
        """
        rate, momentum = self.rate, self.momentum
        weight, visible_bias, hidden_bias, *others = self._steps
        if momentum:
            torch._foreach_mul_(self._steps, momentum)
        if self.weight_decay:
            weight.add_(self._parameters[0], alpha=-rate * self.weight_decay)
        gaps = []
        for sign, (hidden, visible, share) in ((1, waking), (-1, dreaming)):
            weight.addmm_((hidden * share[:, None]).T, visible, alpha=sign * rate)
            statistics = (visible, hidden, *self._units.statistics(visible))
            gaps.append([share @ statistic for statistic in statistics])
        torch._foreach_sub_(gaps[0], gaps[1])
        torch._foreach_add_([visible_bias, hidden_bias, *others], gaps[0], alpha=rate)
        if momentum:
            torch._foreach_add_(self._parameters, self._steps)
        return gaps[0][0]

    def _see(self, visible: Tensor) -> Tensor:
        return visible

    def _show(self, field: Tensor) -> Tensor:
        return self._units.mean(field) if self._grey else self._units.sample(field)

    def _begin(self, awake: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
        """p(h = 1) from which the dream sets out, and how much each dream counts."""
        return awake, share

    def _end(self, asleep: Tensor) -> None:
        """Take note of where the dreams ended."""

    def end_pass(self) -> bool:
        """Let the rate fall."""
        self._pass += 1
        return False

    @torch.no_grad()
    def evaluate(self, batch: Batch) -> Tensor:
        """How badly held-out rows are predicted, by a proper score without the partition function.

        - log pseudo-likelihood for units with finitely many values, score matching for Gaussian ones. Not the
        reconstruction error: it can fall while the likelihood falls.
        """
        machine = self.machine
        visible = machine.units.scale(batch.inputs)
        surprise = machine.units.surprise(visible, machine.weight, machine.visible_bias, machine.hidden_bias)
        share = _shares(batch)
        return share @ surprise / share.sum()

    def state_dict(self) -> dict[str, Any]:
        """The pass, and the step before."""
        return {"pass": self._pass, "steps": list(self._steps) if self.momentum else []}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._pass = state["pass"]
        for ours, theirs in zip(self._steps if self.momentum else [], state["steps"], strict=True):
            ours.copy_(theirs)


class PersistentContrastiveDivergence(ContrastiveDivergence):
    """PCD-k: the dream goes on where the last one ended, so that in time it visits all that the machine believes.

    Grey rows are drawn anew in each step: what the machine dreams must be a Gibbs chain, in states.

    Args:
        n_chains: Dreams side by side.
        machine, learning_rate, momentum, weight_decay, gibbs_steps, passes: See `ContrastiveDivergence`.
    """

    def __init__(self, machine: Machine, *, n_chains: int, **settings: Any) -> None:
        super().__init__(machine, **settings)
        # With small weights at the start, independent hidden units are what the machine believes.
        self._chains = machine.hidden_bias.detach().sigmoid().repeat(n_chains, 1)
        self._chain_share = torch.full_like(self._chains[:, 0], 1 / n_chains)

    def _begin(self, awake: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
        return self._chains, self._chain_share * share.sum()

    def _end(self, asleep: Tensor) -> None:
        self._chains = asleep

    def _see(self, visible: Tensor) -> Tensor:
        return torch.rand_like(visible).lt_(visible) if self._grey else visible

    def _show(self, field: Tensor) -> Tensor:
        return self._units.sample(field)

    def state_dict(self) -> dict[str, Any]:
        """The chains too."""
        return {**super().state_dict(), "chains": self._chains}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        super().load_state_dict(state)
        self._chains = state["chains"].to(self._chains)


def _shares(batch: Batch) -> Tensor:
    """How much each row counts in the mean over the batch; weights have mean 1 over all rows."""
    if batch.weights is None:
        return batch.inputs.new_full((batch.n_rows,), 1 / batch.n_rows)
    return batch.weights / batch.n_rows
