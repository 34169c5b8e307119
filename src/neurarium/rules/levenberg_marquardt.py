"""Levenberg-Marquardt: Newton's step with the curvature of the linearised network, damped as far as needed to go down.

Each row's loss is brought to the form ½ ‖r‖² near the present parameters θ. With the residuals r of all rows and their
Jacobian J by the P parameters the step is

    (Jᵀ J + α + λ) δ = -(Jᵀ r + α θ),        θ ← θ + δ if that lowers the loss,

with weight decay α (on weights, not on biases) and damping λ, which falls after a step that was good and grows until
one is. Squared error is Marquardt's own case. Cross-entropy after a softmax p has slope p - t and curvature
H = diag p - p pᵀ by the scores; with B = diag √p - p √pᵀ, B Bᵀ = H, its residuals are (p - t) / √p and its rows of J
are Bᵀ times those of the scores: the generalised Gauss-Newton step. With fewer residuals than parameters the system is
solved in their space, with D = α + λ:

    δ = -D⁻¹(α θ + Jᵀ u),        (1 + J D⁻¹ Jᵀ) u = r - J D⁻¹ α θ.

It computes in float64, whatever the module has: Jᵀ J has the square of J's condition number.
"""

import copy
import itertools
from collections.abc import Iterable
from typing import Any, Protocol

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot
from torch.nn.utils import parameters_to_vector

from neurarium.core.batches import Batch
from neurarium.core.learning import Metrics, Rule
from neurarium.rules.gradient import mean_loss, put
from neurarium.rules.optimisers import is_decayed

_CHUNK = 2**20  # numbers of a Jacobian that are worked on at once
_FLAT = 1e-10  # a slope, of the mean loss by a weight, that is a bottom
_MOST_DAMPED = 1e12  # damping, relative to the curvature, at which a step is too short to matter


class ResidualLoss(Protocol):
    """A loss that is half a squared length near every answer."""

    def __call__(self, answer: Tensor, batch: Batch) -> Float[Tensor, "batch"]:
        """What each row costs."""

    def residuals(
        self, answer: Tensor, jacobian: Float[Tensor, "batch k parameters"], batch: Batch
    ) -> tuple[Float[Tensor, "batch k"], Float[Tensor, "batch k parameters"]]:
        """The residuals of each row, and their Jacobian, given that of the answers."""


class SquaredError:
    """½ ‖(answer - target) / scale‖².

    Args:
        scale: (k,) the unit in which an error of each output is measured: the spread of its targets.
    """

    def __init__(self, scale: Tensor) -> None:
        self.scale = scale

    def __call__(self, answer: Tensor, batch: Batch) -> Float[Tensor, "batch"]:
        """What each row costs."""
        return 0.5 * ((answer - asked(batch)) / self.scale).square().sum(-1)

    def residuals(
        self, answer: Tensor, jacobian: Float[Tensor, "batch k parameters"], batch: Batch
    ) -> tuple[Float[Tensor, "batch k"], Float[Tensor, "batch k parameters"]]:
        """(answer - target) / scale, and J / scale."""
        return (answer - asked(batch)) / self.scale, jacobian / self.scale[:, None]


class CrossEntropy:
    """-log softmax(answer)[target], the target being the number of a class."""

    def __call__(self, answer: Tensor, batch: Batch) -> Float[Tensor, "batch"]:
        """What each row costs."""
        return cross_entropy(answer, asked(batch), reduction="none")

    def residuals(
        self, answer: Tensor, jacobian: Float[Tensor, "batch k parameters"], batch: Batch
    ) -> tuple[Float[Tensor, "batch k"], Float[Tensor, "batch k parameters"]]:
        """(p - t) / √p, and Bᵀ J."""
        p = answer.softmax(-1).clamp(min=torch.finfo(answer.dtype).tiny)
        target = one_hot(asked(batch), answer.shape[-1])
        mean = torch.einsum("nk,nkp->np", p, jacobian)
        return (p - target) / p.sqrt(), p.sqrt()[..., None] * (jacobian - mean[:, None])


class LevenbergMarquardt(Rule):
    """Learn by Levenberg and Marquardt's method: one step that lowers the loss a pass, all rows in each.

    Args:
        module: What learns. `module.linearise(inputs)` gives its (batch, k) answers and their (batch, k, parameters)
            Jacobian, in the order of `module.parameters()`.
        loss: What an answer costs; a row of weight two counts as two rows.
        weight_decay: α: adds ½ weight_decay ‖W‖² to the mean loss; biases are left alone.
        tolerance: Learning ends when three steps in a row lower the loss by no more than this share of it.

    Source: "An algorithm for least-squares estimation of nonlinear parameters" (Marquardt, 1963),
    https://doi.org/10.1137/0111030; "Training feedforward networks with the Marquardt algorithm" (Hagan and Menhaj,
    1994), https://doi.org/10.1109/72.329697; beyond squared error: "Fast curvature matrix-vector products for
    second-order gradient descent" (Schraudolph, 2002), https://doi.org/10.1162/08997660260028683.
    """

    def __init__(
        self, module: nn.Module, loss: ResidualLoss, *, weight_decay: float = 0.0, tolerance: float = 1e-5
    ) -> None:
        self.module = module
        self.loss = loss
        self.tolerance = tolerance
        parameters = list(module.parameters())
        double = all(tensor.dtype == torch.float64 for tensor in itertools.chain(parameters, module.buffers()))
        self._exact: Any = module if double else copy.deepcopy(module).double()
        kinds = [torch.full((each.numel(),), float(is_decayed(each))) for each in parameters]
        self._decay = weight_decay * torch.cat(kinds).to(parameters[0].device, torch.float64)
        self._damping: float | None = None
        self._fall = 1.0
        self._calm = 0
        self._resting = False

    @torch.no_grad()
    def step(self, batch: Batch) -> Metrics:
        """Solve with more and more damping until the loss is lower."""
        batch = _in_full(batch)
        theta = parameters_to_vector(self._exact.parameters())
        system = self._linearised(batch, theta)
        self._weigh(system, batch)
        loss = before = self._objective(batch)
        curvature = max(system.curvature(), 1e-100)
        self._damping = 1e-3 * curvature if self._damping is None else self._damping
        self._resting = float(system.gradient(self._decay).abs().max()) <= _FLAT
        while not self._resting:
            put(self._exact.parameters(), theta + system.solve(self._decay, self._damping))
            loss = self._objective(batch)
            if loss < before:
                # Up by less than it goes down: Marquardt asks for a factor above 1, and small steps up waste fewer.
                self._damping = max(self._damping / 5, 1e-15 * curvature)
                break
            put(self._exact.parameters(), theta)
            self._damping *= 3
            loss, self._resting = before, self._damping > _MOST_DAMPED * curvature
        self._fall = float(before - loss) / max(float(before), 1e-300)
        self._calm = self._calm + 1 if self._fall <= self.tolerance else 0
        self._resting = self._resting or self._calm >= 3
        self._move(parameters_to_vector(self._exact.parameters()))
        return {"loss": loss}

    def _move(self, theta: Tensor) -> None:
        """The module, and what is known of it in full precision, to these parameters."""
        put(self._exact.parameters(), theta)
        put(self.module.parameters(), theta)

    def _weigh(self, system: "System", batch: Batch) -> None:
        """Change the weight decay before a step; here it stays."""

    def _objective(self, batch: Batch) -> Tensor:
        """The mean loss and the decay."""
        theta = parameters_to_vector(self._exact.parameters())
        return self._mean_loss(batch) + 0.5 * (self._decay * theta.square()).sum()

    def _mean_loss(self, batch: Batch) -> Tensor:
        losses = self.loss(self._exact(batch.inputs), batch)
        return losses.mean() if batch.weights is None else (losses * batch.weights).sum() / batch.weights.sum()

    def _linearised(self, batch: Batch, theta: Tensor) -> "System":
        """Residuals and Jacobian of all rows, put together a block of rows at a time."""
        outputs = self._exact(batch.inputs[:1]).shape[-1]
        blocks = torch.arange(batch.n_rows, device=theta.device).split(max(1, _CHUNK // (outputs * len(theta))))
        kind = _Few if batch.n_rows * outputs < len(theta) else _Many
        total = float(batch.n_rows if batch.weights is None else batch.weights.sum())
        return kind(theta, (self._block(batch.select(rows), total) for rows in blocks))

    def _block(
        self, batch: Batch, total: float
    ) -> tuple[Float[Tensor, "residuals"], Float[Tensor, "residuals parameters"]]:
        """Residuals and Jacobian of some rows, scaled so that half the squares of all of them sum to the mean loss."""
        answer, jacobian = self._exact.linearise(batch.inputs)
        residuals, jacobian = self.loss.residuals(answer, jacobian, batch)
        weights = torch.ones_like(residuals[:, 0]) if batch.weights is None else batch.weights
        share = (weights / total).sqrt()[:, None]
        return (residuals * share).flatten(), (jacobian * share[..., None]).flatten(0, 1)

    def end_pass(self) -> bool:
        """True at the bottom: steps have hardly gone lower for a while, or none does."""
        return self._resting

    def evaluate(self, batch: Batch) -> Tensor:
        """The mean loss over rows that are not learnt from."""
        return mean_loss(self.module, self.loss, batch)

    def state_dict(self) -> dict[str, Any]:
        """The damping, and decay and parameters in full precision."""
        exact = parameters_to_vector(self._exact.parameters()).detach()
        return {
            "damping": self._damping,
            "fall": self._fall,
            "calm": self._calm,
            "resting": self._resting,
            "decay": self._decay,
            "exact": exact,
        }

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._damping, self._fall = state["damping"], state["fall"]
        self._calm, self._resting = state["calm"], state["resting"]
        self._decay = state["decay"].to(self._decay.device, copy=True)
        put(self._exact.parameters(), state["exact"])


def asked(batch: Batch) -> Tensor:
    """The targets of a batch that has some."""
    if batch.targets is None:
        raise ValueError("this loss compares answers with targets; the batch has none.")
    return batch.targets


def _in_full(batch: Batch) -> Batch:
    """The batch in float64, classes as they are."""
    targets, weights = batch.targets, batch.weights
    if targets is not None and targets.is_floating_point():
        targets = targets.double()
    return Batch(batch.inputs.double(), targets, None if weights is None else weights.double())


Blocks = Iterable[tuple[Float[Tensor, "residuals"], Float[Tensor, "residuals parameters"]]]


class _Many:
    """The system of a step, parameters by parameters: for more residuals than parameters."""

    def __init__(self, theta: Tensor, blocks: Blocks) -> None:
        self.theta = theta
        self._products = theta.new_zeros(len(theta), len(theta))
        self._slopes = torch.zeros_like(theta)
        for residuals, jacobian in blocks:
            self._products.addmm_(jacobian.T, jacobian)
            self._slopes.addmv_(jacobian.T, residuals)

    def curvature(self) -> float:
        """The greatest by any parameter."""
        return float(self._products.diagonal().max())

    def gradient(self, decay: Tensor) -> Tensor:
        """Jᵀ r + α θ."""
        return self._slopes + decay * self.theta

    def solve(self, decay: Tensor, damping: float) -> Tensor:
        """The step δ; NaN where the system is singular."""
        return -_solve(self._damped(decay + damping), self.gradient(decay))

    def spread(self, d: Tensor) -> Tensor:
        """The diagonal of (Jᵀ J + d)⁻¹."""
        factor, _ = torch.linalg.cholesky_ex(self._damped(d))
        return torch.cholesky_inverse(factor).diagonal()

    def _damped(self, d: Tensor) -> Tensor:
        return self._products + torch.diag(d)


class _Few:
    """The same system, residuals by residuals."""

    def __init__(self, theta: Tensor, blocks: Blocks) -> None:
        self.theta = theta
        residuals, jacobians = zip(*blocks, strict=True)
        self._residuals, self._jacobian = torch.cat(residuals), torch.cat(jacobians)

    def curvature(self) -> float:
        """The greatest by any parameter."""
        return float(self._jacobian.square().sum(0).max())

    def gradient(self, decay: Tensor) -> Tensor:
        """Jᵀ r + α θ."""
        return self._jacobian.T @ self._residuals + decay * self.theta

    def solve(self, decay: Tensor, damping: float) -> Tensor:
        """The step δ; NaN where the system is singular."""
        d, J, pull = decay + damping, self._jacobian, decay * self.theta
        u = _solve(self._damped(d), self._residuals - J @ (pull / d))
        return -(pull + J.T @ u) / d

    def spread(self, d: Tensor) -> Tensor:
        """The diagonal of (Jᵀ J + d)⁻¹ = D⁻¹ - D⁻¹ Jᵀ (1 + J D⁻¹ Jᵀ)⁻¹ J D⁻¹."""
        factor, _ = torch.linalg.cholesky_ex(self._damped(d))
        return 1 / d - torch.linalg.solve_triangular(factor, self._jacobian / d, upper=False).square().sum(0)

    def _damped(self, d: Tensor) -> Tensor:
        damped = (self._jacobian / d) @ self._jacobian.T
        damped.diagonal().add_(1)
        return damped


System = _Many | _Few


def _solve(matrix: Tensor, vector: Tensor) -> Tensor:
    """For a symmetric positive definite matrix; NaN where rounding has made it none."""
    factor, failed = torch.linalg.cholesky_ex(matrix)
    solution = torch.cholesky_solve(vector[:, None], factor)[:, 0]
    return torch.where(failed == 0, solution, torch.nan)
