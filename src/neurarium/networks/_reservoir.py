"""A reservoir: units linked at random once and for all, which echo what they hear.

    x(t) = (1 - a) x(t - 1) + a tanh(s W_in u(t) + r W x(t - 1) + b)

with the leak a, the input scaling s, and the spectral radius r: the largest eigenvalue of W has modulus 1.
"""

import math
import warnings
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import ArpackError, eigs
from torch import Tensor, nn

from neurarium.rules.reservoir import Settings

_SPARSE_UP_TO = 0.25
"""Share of links up to which the sparse product was the faster one: at a tenth 2 to 4 times, for 1 to 256 columns."""

_PIECES = 8
"""Pieces of a long series that are run side by side."""

_ARNOLDI_FROM = 200
"""Units from which ARPACK is faster than all eigenvalues (14 times at 1,000)."""


class ReservoirModule(nn.Module):
    """Random links of radius 1, and the three numbers that make a reservoir of them.

    Args:
        n_inputs: Numbers it hears at each step.
        n_units: Units.
        n_links: Units that each unit hears; n_units makes the reservoir dense.
    """

    sources: Tensor
    link_weight: Tensor
    input_weight: Tensor
    bias: Tensor
    spectral_radius: Tensor
    leak: Tensor
    input_scaling: Tensor

    def __init__(self, n_inputs: int, n_units: int, n_links: int) -> None:
        super().__init__()
        self.n_units = n_units
        n_links = min(n_links, n_units)
        self.register_buffer("link_weight", torch.zeros(n_units, n_links))
        self.register_buffer("sources", torch.zeros(n_units, n_links, dtype=torch.int32))
        self.register_buffer("input_weight", torch.zeros(n_units, n_inputs))
        self.register_buffer("bias", torch.zeros(n_units))
        for name in Settings._fields:
            self.register_buffer(name, torch.ones(()))

    @torch.no_grad()
    def draw(self, bias: float) -> None:
        """Draw the links, the input weights and the biases (uniform, these up to `bias`), all in float64."""
        n, k = self.link_weight.shape
        order = torch.rand(n, n, dtype=torch.float64).argsort(1)[:, :k] if k < n else torch.arange(n).expand(n, n)
        sources, weight = order.sort(1).values, _uniform(n, k)
        self.sources.copy_(sources)
        self.link_weight.copy_(weight / _largest_eigenvalue(sources, weight))
        # So the mixture of inputs of variance 1 that a unit hears has variance 1 / 3, whatever their number.
        self.input_weight.copy_(_uniform(*self.input_weight.shape) / math.sqrt(self.input_weight.shape[1]))
        self.bias.copy_(bias * _uniform(n))

    @torch.no_grad()
    def set(self, settings: Settings) -> None:
        """Be the reservoir of these settings."""
        for name, value in settings._asdict().items():
            getattr(self, name).fill_(value)

    def matrix(self) -> Float[Tensor, "units units"]:
        """The weights of the links, r W, as a dense matrix: row i is what unit i hears."""
        square = self.link_weight.new_zeros(self.n_units, self.n_units)
        return square.scatter(1, self.sources.long(), self.spectral_radius * self.link_weight)

    def operator(self, radius: Tensor) -> Float[Tensor, "units units"]:
        """radius * W in the form whose product with states is fastest here."""
        n, k = self.link_weight.shape
        weight = radius * self.link_weight
        if k > _SPARSE_UP_TO * n or weight.device.type != "cpu" or not torch.backends.mkl.is_available():
            return weight.new_zeros(n, n).scatter(1, self.sources.long(), weight)
        starts = torch.arange(0, n * k + 1, k, dtype=torch.int32)  # twice as fast as with 64 bits
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta state")
            return torch.sparse_csr_tensor(
                starts, self.sources.flatten(), weight.flatten(), (n, n), check_invariants=False
            )

    def forward(
        self, inputs: Float[Tensor, "batch time inputs"], start: Float[Tensor, "batch units"] | None = None
    ) -> Float[Tensor, "batch time units"]:
        """The states x(1), x(2), ... from `start`, or from silence.

        Units come first inside: that is how sparse products want their columns.
        """
        drive = self.drive(inputs)
        if start is None:
            states = self._in_pieces(drive)
            if states is not None:
                return states.movedim(-1, 0)
            start = drive.new_zeros(drive.shape[2], drive.shape[1])
        return self._run(drive, start.mT.contiguous()).movedim(-1, 0)  # (time, units, batch) to (batch, time, units)

    def _run(self, drive: Float[Tensor, "time units batch"], x: Float[Tensor, "units batch"]) -> Tensor:
        """The states in time, units first."""
        operator, a = self.operator(self.spectral_radius), self.leak
        states = []
        for t in range(len(drive)):
            x = torch.lerp(x, torch.addmm(drive[t], operator, x).tanh_(), a)
            states.append(x)
        return torch.stack(states)

    def _in_pieces(self, drive: Float[Tensor, "time units batch"]) -> Tensor | None:
        """The states of one long series, run as pieces side by side; None where that cannot be done to the last digits.

        Each piece first hears so much of what went before that the echo of its silent start has faded below rounding;
        whether it has is seen where the pieces meet. Eight columns take a product little longer than one.
        """
        time, n, batch = drive.shape
        length = -(-time // _PIECES)
        rate = 1 - float(self.leak) * (1 - float(self.spectral_radius))  # of the echo, at the slowest
        if batch > 1 or torch.is_grad_enabled() or not rate < 1 or time < 100 * _PIECES:
            return None
        eps = torch.finfo(drive.dtype).eps
        warm = math.ceil(math.log(eps / 10) / math.log(max(rate, 0.5)))
        if warm > length:
            return None
        first = length * torch.arange(_PIECES, device=drive.device)
        steps = torch.arange(-warm, length, device=drive.device)[:, None] + first
        pieces = drive[steps.clamp(0, time - 1), :, 0].mT  # (warm + length, units, pieces)
        before = self._run(pieces[:warm], drive.new_zeros(n, _PIECES))[-1]
        before[:, 0] = 0  # the first piece has nothing before it
        states = self._run(pieces[warm:], before)
        if not bool((states[-1, :, :-1] - before[:, 1:]).abs().max() <= 100 * eps):
            return None
        return states.movedim(-1, 0).flatten(0, 1)[:time, :, None]

    def drive(self, inputs: Float[Tensor, "batch time inputs"]) -> Float[Tensor, "time units batch"]:
        """What reaches the units from outside at each step: s W_in u(t) + b."""
        heard = (self.input_scaling * self.input_weight) @ inputs.permute(1, 2, 0)
        return heard.add_(self.bias[:, None])

    def run_freely(
        self,
        state: Float[Tensor, "batch units"],
        value: Float[Tensor, "batch inputs"],
        answer: Callable[[Tensor], Tensor],
        steps: int,
        errors: Float[Tensor, "time batch inputs"] | None = None,
    ) -> Float[Tensor, "batch time inputs"]:
        """What it answers when it hears its own answers.

        Args:
            state: Before the last value is heard.
            value: The last value.
            answer: From states and inputs, (batch, units + inputs), to the next value.
            steps: Values to come.
            errors: Added to the answers.
        """
        operator, x, v = self.operator(self.spectral_radius), state.mT.contiguous(), value
        values = []
        for t in range(steps):
            heard = torch.addmm(self.drive(v[:, None])[0], operator, x)
            x = torch.lerp(x, heard.tanh_(), self.leak)
            v = answer(torch.cat([x.mT, v], -1))
            v = v if errors is None else v + errors[t]
            values.append(v)
        return torch.stack(values, 1)

    @torch.no_grad()
    def each(
        self, inputs: Float[Tensor, "batch time inputs"], settings: list[Settings]
    ) -> Float[Tensor, "kinds batch time units"]:
        """The states under each of several settings, all advanced by one product a step."""
        r, a, s = inputs.new_tensor(settings).T[..., None]  # each (kinds, 1), beside (units, kinds, batch)
        kinds, (batch, time, _) = len(r), inputs.shape
        operator = self.operator(torch.ones_like(self.spectral_radius))
        outside = self.input_weight @ inputs.permute(1, 2, 0)
        bias = self.bias[:, None, None]
        states = inputs.new_empty(time, self.n_units, kinds, batch)
        x = inputs.new_zeros(self.n_units, kinds, batch)
        for t, heard in enumerate(outside):
            z = (operator @ x.flatten(1)).unflatten(1, (kinds, batch))
            z.mul_(r).addcmul_(heard[:, None], s).add_(bias).tanh_()
            x = torch.lerp(x, z, a.expand_as(x), out=states[t])
        return states.permute(2, 3, 0, 1)


class StepModule(nn.Module):
    """One step of a reservoir: the state before and the input, in the caller's units, to the state after.

    Args:
        reservoir: Whose step.
        scaling: From the caller's units to those of the reservoir.
    """

    links: Tensor
    sources: Tensor
    input_weight: Tensor
    bias: Tensor
    leak: Tensor

    def __init__(self, reservoir: ReservoirModule, scaling: nn.Module) -> None:
        super().__init__()
        self.scaling = scaling
        n, k = reservoir.link_weight.shape
        self.sparse = k <= _SPARSE_UP_TO * n
        self.register_buffer("sources", reservoir.sources.long() if self.sparse else None)
        links = reservoir.spectral_radius * reservoir.link_weight if self.sparse else reservoir.matrix()
        self.register_buffer("links", links)
        self.register_buffer("input_weight", reservoir.input_scaling * reservoir.input_weight)
        self.register_buffer("bias", reservoir.bias)
        self.register_buffer("leak", reservoir.leak)

    def forward(
        self, state: Float[Tensor, "batch units"], inputs: Float[Tensor, "batch inputs"]
    ) -> Float[Tensor, "batch units"]:
        """x(t) from x(t - 1) and u(t)."""
        heard = self.scaling(inputs) @ self.input_weight.T + self.bias
        echo = (state[:, self.sources] * self.links).sum(-1) if self.sparse else state @ self.links.T
        return (1 - self.leak) * state + self.leak * torch.tanh(heard + echo)


def segment_means(
    values: Float[Tensor, "*stack batch time numbers"],
    lengths: Int[Tensor, "batch"] | None,
    n_segments: int,
    washout: int,
) -> Float[Tensor, "*stack batch segments numbers"]:
    """The mean over each of so many equal segments of the time after the washout, padding never counted.

    Segments overlap by a step where the time cannot be divided, as in torch's adaptive_avg_pool1d.
    """
    number = torch.arange(n_segments, device=values.device)
    time = values.shape[-2]
    length = (torch.tensor([time], device=values.device) if lengths is None else lengths)[:, None] - washout
    first = washout + number * length // n_segments
    behind = washout - -(number + 1) * length // n_segments
    if lengths is None:
        edges = zip(first[0].tolist(), behind[0].tolist(), strict=True)
        return torch.stack([values[..., start:end, :].mean(-2) for start, end in edges], -2)
    t = torch.arange(time, device=values.device)
    inside = (t >= first[..., None]) & (t < behind[..., None])  # (batch, segments, time)
    return (inside.to(values.dtype) / (behind - first)[..., None]) @ values


def _uniform(*shape: int) -> Tensor:
    return torch.rand(*shape, dtype=torch.float64) * 2 - 1


def _largest_eigenvalue(sources: Tensor, weight: Tensor) -> float:
    """The modulus of the largest eigenvalue, to 1e-10.

    The eigenvalues of a random matrix fill a disc, so that many are nearly as large as the largest; ARPACK's own basis
    of 20 vectors then now and then takes one for it that is 2 % smaller. A basis of 60 for the six largest did not.
    """
    n, k = weight.shape
    if n >= _ARNOLDI_FROM and k < n:
        parts = weight.flatten().numpy(), sources.flatten().numpy(), np.arange(0, n * k + 1, k)
        matrix = csr_matrix(parts, shape=(n, n))
        try:
            found = eigs(matrix, k=6, ncv=60, v0=np.ones(n), tol=1e-12, maxiter=1000, return_eigenvectors=False)
            return float(np.abs(found).max())
        except ArpackError:  # no convergence: all eigenvalues then
            pass
    dense = weight.new_zeros(n, n).scatter(1, sources, weight)
    return float(torch.linalg.eigvals(dense).abs().max())


def memory_curve(reservoir: ReservoirModule, max_delay: int) -> Float[Tensor, "delays"]:
    """Squared correlation of a linear read-out with the input of 1, 2, ... steps ago, on a stretch it has not seen."""
    n = reservoir.n_units
    stretch = 2000 + 10 * n  # ten steps for each number that is fitted
    heard = math.sqrt(3) * _uniform(max_delay + 2 * stretch, 1)
    weight = reservoir.input_weight
    states = reservoir(heard.to(weight).expand(-1, weight.shape[1])[None])[0].double()
    past = heard[:, 0].to(weight.device).unfold(0, max_delay + 1, 1)[:, :-1].flip(1)  # column d - 1: d steps before
    states = states[max_delay:]
    learnt, judged = slice(0, stretch), slice(stretch, 2 * stretch)
    level, mean = states[learnt].mean(0), past[learnt].mean(0)
    U, s, Vh = torch.linalg.svd(states[learnt] - level, full_matrices=False)
    kept = s > s[0] * torch.finfo(s.dtype).eps * stretch
    answers = (states[judged] - level) @ (Vh[kept].mT @ ((U[:, kept].mT @ (past[learnt] - mean)) / s[kept, None]))
    truth = past[judged] - past[judged].mean(0)
    answers = answers - answers.mean(0)
    covariance = (answers * truth).sum(0)
    return covariance.square() / (answers.square().sum(0) * truth.square().sum(0)).clamp(min=1e-300)
