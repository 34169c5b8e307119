"""How far a step goes, once the slope is known.

    Rumelhart, Hinton and Williams 1986    Δw(t) = -η ∂E/∂w + α Δw(t - 1)
    Kingma and Ba 2015 (Adam)              Δw(t) = -η m / (√v + ε),  m and v the means of ∂E/∂w and (∂E/∂w)² of late

torch.optim has both. These are its own kernels without its classes: making the first of those imports torch's compiler,
which takes longer than most fits in this house.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


def is_decayed(parameter: Tensor) -> bool:
    """Whether weight decay is meant for it: matrices and kernels, not biases and other vectors."""
    return parameter.dim() > 1


class Optimiser(ABC):
    """Moves parameters against their gradients.

    Args:
        module: Whose parameters; or some of them.
        learning_rate: η.
        weight_decay: Of the parameters that have more than one axis.
    """

    def __init__(self, module: nn.Module | Iterable[Tensor], learning_rate: float, weight_decay: float) -> None:
        of = module.parameters() if isinstance(module, nn.Module) else module
        self.parameters = [parameter for parameter in of if parameter.requires_grad]
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay

    def zero_grad(self) -> None:
        """Gradients to 0, in the memory they have."""
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        if gradients:
            torch._foreach_zero_(gradients)

    @abstractmethod
    def step(self, factor: float = 1.0) -> None:
        """One step, at `factor` times the learning rate; parameters without a gradient stay where they are."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """What is remembered from step to step."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from that memory."""


class Descent(Optimiser):
    """Plain gradient descent with momentum.

    Args:
        module: What learns.
        learning_rate: η, the step for a slope of 1.
        momentum: α, how much of the last step is made again; 0 for none.
        weight_decay: Adds ½ weight_decay ‖W‖² to the loss; biases and other vectors are left alone.

    Source: "Learning representations by back-propagating errors" (Rumelhart, Hinton and Williams, 1986), equation 9,
    https://doi.org/10.1038/323533a0.
    """

    def __init__(
        self,
        module: nn.Module | Iterable[Tensor],
        learning_rate: float,
        *,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(module, learning_rate, weight_decay)
        self.momentum = momentum
        self._moves = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, factor: float = 1.0) -> None:
        """Δw(t) = -η ∂E/∂w + α Δw(t - 1)."""
        for w, move in zip(self.parameters, self._moves, strict=True):
            if w.grad is not None:
                slope = w.grad + self.weight_decay * w if self.weight_decay and is_decayed(w) else w.grad
                w.add_(move.mul_(self.momentum).sub_(slope, alpha=self.learning_rate * factor))

    def state_dict(self) -> dict[str, Any]:
        """The last moves."""
        return {"moves": self._moves}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from those moves."""
        _refill(self._moves, state["moves"])


class Adam(Optimiser):
    """Steps of about the learning rate in every parameter, however steep its slope.

    Args:
        module: What learns.
        learning_rate: η.
        betas: How much of the running means of the slope and of its square is kept in a step.
        epsilon: ε.
        weight_decay: Pulls weights towards 0; biases and other vectors are left alone.
        decoupled: Whether weights decay by themselves (AdamW), and not as a part of the loss, ½ weight_decay ‖W‖².

    Source: "Adam: a method for stochastic optimization" (Kingma and Ba, 2015), https://arxiv.org/abs/1412.6980;
    AdamW: "Decoupled weight decay regularization" (Loshchilov and Hutter, 2019), https://arxiv.org/abs/1711.05101.
    """

    def __init__(
        self,
        module: nn.Module | Iterable[Tensor],
        learning_rate: float,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ) -> None:
        super().__init__(module, learning_rate, weight_decay)
        self.betas = betas
        self.epsilon = epsilon
        self._kernel = torch._fused_adamw_ if decoupled else torch._fused_adam_
        self._means = [torch.zeros_like(parameter) for parameter in self.parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in self.parameters]
        self._steps = [torch.zeros((), device=parameter.device) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, factor: float = 1.0) -> None:
        """All parameters in one go, or in two where some decay and some do not."""
        given = [i for i, parameter in enumerate(self.parameters) if parameter.grad is not None]
        decayed = [i for i in given if self.weight_decay and is_decayed(self.parameters[i])]
        others = [i for i in given if i not in decayed] if decayed else given
        for group, weight_decay in ((decayed, self.weight_decay), (others, 0.0)):
            if not group:
                continue
            steps = [self._steps[i] for i in group]
            torch._foreach_add_(steps, 1)
            self._kernel(
                [self.parameters[i] for i in group],
                [gradient for i in group if (gradient := self.parameters[i].grad) is not None],
                [self._means[i] for i in group],
                [self._squares[i] for i in group],
                [],
                steps,
                lr=self.learning_rate * factor,
                beta1=self.betas[0],
                beta2=self.betas[1],
                weight_decay=weight_decay,
                eps=self.epsilon,
                amsgrad=False,
                maximize=False,
            )

    def state_dict(self) -> dict[str, Any]:
        """The running means, and the steps they were taken over."""
        return {"means": self._means, "squares": self._squares, "steps": self._steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from those means."""
        _refill(self._means, state["means"])
        _refill(self._squares, state["squares"])
        _refill(self._steps, state["steps"])


@torch.no_grad()
def _refill(ours: list[Tensor], theirs: list[Tensor]) -> None:
    for our, their in zip(ours, theirs, strict=True):
        our.copy_(their)
