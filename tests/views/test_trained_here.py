"""Networks trained in the page: the masked arrays are the plain network, its gradient autograd's, its steps torch's."""

import pytest
import torch
from torch import nn

from neurarium.views.trained_here import ADAM, DESCENT, LINEAR, RELU, SIGMOID, TANH, Network, Room, around, taken

FUNCTIONS = {TANH: nn.Tanh, RELU: nn.ReLU, SIGMOID: nn.Sigmoid, LINEAR: nn.Identity}


def network(widths, function, inputs=3, outputs=2, layers=3, width=6):
    """A network of a room that is larger than it, its parameters, and the same in plain torch."""
    room = Room(layers, width, outputs)
    units = torch.zeros(layers, width)
    for layer, count in enumerate(widths):
        units[layer, :count] = 1
    there = (torch.arange(width) < inputs).float()
    functions = torch.full((layers,), function)
    made = Network(room, there, units, torch.tensor(len(widths)), functions)
    parameters = made.start(torch.rand(room.size, generator=torch.manual_seed(4)))
    W, b, V, c = room.parts(parameters)
    sizes = [inputs, *widths]
    plain = nn.Sequential()
    for layer, (below, count) in enumerate(zip(sizes, widths, strict=False)):
        dense = nn.Linear(below, count)
        dense.weight.data, dense.bias.data = W[layer, :count, :below].clone(), b[layer, :count].clone()
        plain.extend([dense, FUNCTIONS[function]()])
    last = nn.Linear(sizes[-1], outputs)
    last.weight.data, last.bias.data = V[:, : sizes[-1]].clone(), c.clone()
    return made, parameters, plain.append(last)


def padded(x, width=6):
    return torch.nn.functional.pad(x, (0, width - x.shape[1]))


def flat(plain, made, gradients):
    """The plain network's arrays where the room has them."""
    room = made.room
    parts = [torch.zeros_like(each) for each in room.parts(torch.zeros(room.size))]
    arrays = [each.grad if gradients else each.data for each in plain.parameters()]
    for layer in range(len(arrays) // 2 - 1):
        weight, bias = arrays[2 * layer : 2 * layer + 2]
        parts[0][layer, : weight.shape[0], : weight.shape[1]] = weight
        parts[1][layer, : len(bias)] = bias
    parts[2][:, : arrays[-2].shape[1]], parts[3][:] = arrays[-2], arrays[-1]
    return torch.cat([each.flatten() for each in parts])


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("widths", [(), (4,), (6, 1), (2, 5, 3)])
def test_the_masked_network_and_its_gradient_are_those_of_the_plain_one(widths, function):
    made, parameters, plain = network(widths, function)
    x, target = torch.randn(7, 3, generator=torch.manual_seed(1)), torch.randn(7, 2)
    a, answer = made.layers(parameters, padded(x))
    torch.testing.assert_close(answer, plain(x))
    ((plain(x) - target) ** 2).mean().backward()
    gradient = made.gradient(parameters, a, 2 * (answer - target) / answer.numel())
    torch.testing.assert_close(gradient, flat(plain, made, gradients=True))
    assert gradient.abs().max() > 0.01


def test_what_is_there_is_counted_and_begins_as_linear_layers_do():
    made, parameters, plain = network((4, 5), TANH)
    weights, used = made.used()
    assert used.sum() == sum(each.numel() for each in plain.parameters())
    assert weights.sum() == sum(each.numel() for each in plain.parameters() if each.dim() == 2)
    assert (parameters[used == 0] == 0).all()
    for dense in (each for each in plain if isinstance(each, nn.Linear)):
        bound = dense.in_features**-0.5
        assert 0.5 * bound < dense.weight.abs().max() <= bound


@pytest.mark.parametrize("rule", [DESCENT, ADAM])
def test_a_hundred_steps_end_where_those_of_torch_do(rule):
    made, parameters, plain = network((5, 4), TANH)
    x = torch.randn(20, 3, generator=torch.manual_seed(1))
    target = torch.stack([x[:, 0] * x[:, 1], x[:, 2].abs()], 1)
    kind = torch.optim.Adam if rule == ADAM else torch.optim.SGD
    optimiser = kind(plain.parameters(), lr=0.05)
    first, second, losses = torch.zeros(2, made.room.size), None, []
    first, second = first
    for step in range(100):
        optimiser.zero_grad()
        ((plain(x) - target) ** 2).mean().backward()
        optimiser.step()
        a, answer = made.layers(parameters, padded(x))
        losses.append(float(((answer - target) ** 2).mean()))
        gradient = made.gradient(parameters, a, 2 * (answer - target) / answer.numel())
        number, rate = torch.tensor(float(step)), torch.tensor(0.05)
        after = taken(torch.tensor(rule), rate, number, parameters, gradient, first, second)
        parameters, first, second = after.parameters, after.first, after.second
    torch.testing.assert_close(parameters, flat(plain, made, gradients=False), atol=1e-4, rtol=0)
    assert losses[-1] < 0.9 * losses[0]


def test_rounds_are_taken_away_as_remainders_are():
    number = torch.arange(1000)
    assert (around(number, torch.tensor(37)) == number % 37).all()
