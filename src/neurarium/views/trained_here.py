"""Networks that are trained where they are looked at: forward, backward and the step of the rule, by hand.

One program has to serve every shape, so that the arrays have a fixed capacity and what is not there is masked:

    z_l = W_l a_l-1 + b_l,    a_l = u_l f_l(z_l)  where layer l is there, else a_l-1,    y = V a_L + c,

u_l being 1 for units that are there. The error goes back the same way, d_l = (W_l+1ᵀ d_l+1) f'(z_l) u_l, and a masked
unit has neither a slope nor a step. The steps are those of `torch.optim.SGD` and `torch.optim.Adam`.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from neurarium.page.words import Text
from neurarium.program.loop import Loop
from neurarium.views.numbers import picked

FUNCTIONS = [Text("tanh", "tanh"), Text("ReLU", "ReLU"), Text("sigmoid", "sigmoide"), Text("linear", "lineal")]
TANH, RELU, SIGMOID, LINEAR = range(4)
RULES = [Text("gradient descent", "descenso de gradiente"), Text("Adam", "Adam")]
DESCENT, ADAM = range(2)
FIRST, SECOND, SMALL = 0.9, 0.999, 1e-8
"""Of Adam: how slowly the two means forget, and what keeps the ratio finite."""
_ITERATIONS = 150


class Layer(nn.Module):
    """One layer forward."""

    def forward(
        self, a: Tensor, W: Tensor, b: Tensor, units: Tensor, there: Tensor, function: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What passes on, twice."""
        z = linear(a, W, b)
        smooth = torch.where(function == TANH, z.tanh(), z.sigmoid())
        bent = torch.where(function == LINEAR, z, torch.where(function == RELU, z.clamp(min=0), smooth))
        after = torch.where(there, bent * units, a)
        return after, after


class LayerBack(nn.Module):
    """One layer backward; the slope of its function is told by the value."""

    def forward(
        self, error: Tensor, before: Tensor, a: Tensor, W: Tensor, units: Tensor, there: Tensor, function: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The error of the layer below, and the slopes along the weights and the biases."""
        smooth = torch.where(function == TANH, 1 - a * a, a * (1 - a))
        bent = torch.where(function == RELU, (a > 0).to(a.dtype), smooth)
        d = error * torch.where(function == LINEAR, 1.0, bent) * (units * there)
        return torch.where(there, d @ W, error), d.mT @ before, d.sum(0)


class Room(nn.Module):
    """How large a network can become.

    Args:
        layers: Hidden layers at most.
        width: Units of a layer, and inputs, at most.
        outputs: Numbers of an answer.
    """

    def __init__(self, layers: int, width: int, outputs: int) -> None:
        super().__init__()
        self.layers, self.width, self.outputs = layers, width, outputs
        self.forth = Loop(Layer(), states=1, sequences=5, turns=layers)
        self.back = Loop(LayerBack(), states=1, sequences=6, turns=layers)

    @property
    def out(self) -> int:
        """Where the weights of the answer begin among all parameters."""
        return self.layers * self.width * (self.width + 1)

    @property
    def size(self) -> int:
        """How many parameters there is room for."""
        return self.out + self.outputs * (self.width + 1)

    def parts(self, parameters: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """W (layers, width, width), b (layers, width), V (outputs, width) and c (outputs,) of a row of all of them."""
        L, w, k = self.layers, self.width, self.outputs
        W, b, V, c = parameters.split([L * w * w, L * w, k * w, k])
        return W.reshape(L, w, w), b.reshape(L, w), V.reshape(k, w), c


@dataclass(frozen=True)
class Network:
    """A network as it stands: what of the room is there.

    Args:
        room: Its arrays.
        inputs: (width,) 1 for inputs that are there.
        units: (layers, width) 1 for units that are there.
        depth: () how many layers are there, the first ones.
        function: (layers,) the number of each layer's function in `FUNCTIONS`.
    """

    room: Room
    inputs: Tensor
    units: Tensor
    depth: Tensor
    function: Tensor

    @property
    def there(self) -> Tensor:
        """(layers,) whether the layer is there."""
        return torch.arange(self.room.layers) < self.depth

    def layers(self, parameters: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """(layers + 1, n, width) what passes from layer to layer, the inputs first, and (n, outputs) the answer."""
        W, b, V, c = self.room.parts(parameters)
        last, all_of_them = self.room.forth(x, W, b, self.units, self.there, self.function)
        return torch.cat([x[None], all_of_them]), linear(last, V, c)

    def gradient(self, parameters: Tensor, a: Tensor, error: Tensor) -> Tensor:
        """The slope of a loss along all parameters.

        Args:
            parameters: (size,).
            a: What `layers` gave.
            error: (n, outputs) the slope along the answers.
        """
        W, _, V, _ = self.room.parts(parameters)
        downwards = [each.flip(0) for each in (a[:-1], a[1:], W, self.units, self.there, self.function)]
        _, weights, biases = self.room.back(error @ V, *downwards)
        hidden = [weights.flip(0).flatten(), biases.flip(0).flatten()]
        return torch.cat([*hidden, (error.mT @ a[-1]).flatten(), error.sum(0)])

    def used(self) -> tuple[Tensor, Tensor]:
        """(size,) 1 for weights that are there, without the biases, and 1 for all parameters that are."""
        before, units, last = self._joined()
        weights, out = (units[:, :, None] * before[:, None]).flatten(), last.repeat(self.room.outputs)
        one = torch.ones(self.room.outputs)
        biases = units.flatten()
        return torch.cat([weights, 0 * biases, out, 0 * one]), torch.cat([weights, biases, out, one])

    def start(self, chance: Tensor) -> Tensor:
        """The parameters that `torch.nn.Linear` begins with, from uniform numbers in [0, 1).

        Args:
            chance: (size,).
        """
        room = self.room
        before, _, last = self._joined()
        reach = before.sum(1).rsqrt()
        reaches = [reach.repeat_interleave(room.width**2), reach.repeat_interleave(room.width)]
        out = last.sum().rsqrt().expand(room.outputs * (room.width + 1))
        return torch.cat([*reaches, out]) * (2 * chance - 1) * self.used()[1]

    def _joined(self) -> tuple[Tensor, Tensor, Tensor]:
        """What is there below each layer, in each layer, and below the answer."""
        all_of_them = torch.cat([self.inputs[None], self.units])
        return all_of_them[:-1], self.units * self.there[:, None], picked(all_of_them, self.depth)


@dataclass(frozen=True)
class Taken:
    """What a step leaves: the parameters, and the means of Adam."""

    parameters: Tensor
    first: Tensor
    second: Tensor


def taken(
    rule: Tensor, rate: Tensor, number: Tensor, parameters: Tensor, gradient: Tensor, first: Tensor, second: Tensor
) -> Taken:
    """One step of a rule.

    Args:
        rule: () its number in `RULES`.
        rate: () the learning rate.
        number: () how many steps were taken before, float32.
        parameters, gradient: (size,).
        first, second: (size,) the means of the gradient and of its square, which Adam alone uses.
    """
    first = first + (1 - FIRST) * (gradient - first)
    second = SECOND * second + (1 - SECOND) * gradient * gradient
    count = number + 1
    known, known_squares = shares(count)
    adam = rate / known * first / (second.sqrt() / known_squares.sqrt() + SMALL)
    return Taken(parameters - torch.where(rule == ADAM, adam, rate * gradient), first, second)


def shares(count: Tensor) -> tuple[Tensor, Tensor]:
    """How much of themselves the means of Adam know after so many steps: 1 - 0.9^t and 1 - 0.999^t."""
    return -torch.expm1(math.log(FIRST) * count), -torch.expm1(math.log(SECOND) * count)


def fitted(network: Network, chance: Tensor, x: Tensor, wanted: Tensor) -> Tensor:
    """The parameters of least squared error that L-BFGS finds: what was trained before a page is opened.

    Args:
        network: Its form.
        chance: (size,) uniform numbers of its start.
        x: (n, width) rows.
        wanted: (n, outputs) what it should answer.
    """
    parameters = network.start(chance).requires_grad_()
    optimiser = torch.optim.LBFGS([parameters], max_iter=_ITERATIONS, history_size=30, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        with torch.no_grad():
            layers, answer = network.layers(parameters, x)
            parameters.grad = network.gradient(parameters, layers, 2 * (answer - wanted) / wanted.numel())
            return ((answer - wanted) ** 2).mean()

    optimiser.step(closure)
    return parameters.detach()


def around(number: Tensor, count: Tensor) -> Tensor:
    """What is left of whole numbers when rounds of `count` are taken away.

    Example:
        >>> around(torch.tensor([5, 6, 7]), torch.tensor(6))
        tensor([5, 0, 1])
    """
    return number - count * (number.double() / count).floor().long()
