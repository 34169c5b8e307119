"""Gradients as programs against torch's own: what convolutions, poolings and bent functions send back."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn import functional as F  # noqa: N812

from neurarium.program.trace import trace
from program.running import run

torch.manual_seed(0)

LAYERS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "convolution": (nn.Conv2d(2, 3, (3, 2)), (2, 2, 6, 5)),
    "strided_convolution": (nn.Conv2d(2, 3, 3, stride=2, padding=1), (2, 2, 6, 7)),
    "dilated_groups": (nn.Conv2d(4, 6, 2, dilation=2, groups=2), (2, 4, 6, 6)),
    "transposed_convolution": (nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1), (2, 3, 4, 3)),
    "convolution_of_a_line": (nn.Conv1d(2, 3, 4, stride=2, padding=1), (2, 2, 9)),
    "max_pool": (nn.MaxPool2d(2), (2, 3, 6, 4)),
    "max_pool_that_leaves_an_edge": (nn.MaxPool2d(2), (2, 3, 7, 5)),
    "overlapping_max_pool": (nn.MaxPool2d(3, stride=2, padding=1), (2, 2, 7, 6)),
    "dilated_max_pool": (nn.MaxPool2d(2, stride=1, dilation=2), (1, 2, 5, 6)),
    "max_pool_that_sticks_out": (nn.MaxPool2d(3, stride=2, ceil_mode=True), (1, 2, 6, 6)),
    "max_pool_without_rows": (nn.MaxPool2d(2), (3, 4, 4)),
    "average_pool": (nn.AvgPool2d(2), (2, 3, 6, 4)),
    "overlapping_average_pool": (nn.AvgPool2d(3, stride=2, padding=1), (2, 2, 7, 6)),
    "average_pool_without_the_frame": (nn.AvgPool2d(3, 2, 1, count_include_pad=False), (2, 2, 7, 6)),
    "adaptive_pool": (nn.AdaptiveAvgPool2d((2, 1)), (2, 3, 4, 5)),
    "linear": (nn.Linear(4, 3), (2, 4)),
    "batch_norm": (nn.BatchNorm2d(3), (2, 3, 2, 2)),
    "layer_norm": (nn.LayerNorm(5), (2, 5)),
    "relu": (nn.ReLU(), (2, 5)),
    "tanh": (nn.Tanh(), (2, 5)),
    "sigmoid": (nn.Sigmoid(), (2, 5)),
    "gelu": (nn.GELU(), (2, 5)),
    "elu": (nn.ELU(), (2, 5)),
    "silu": (nn.SiLU(), (2, 5)),
    "leaky_relu": (nn.LeakyReLU(0.1), (2, 5)),
    "hardtanh": (nn.Hardtanh(), (2, 5)),
    "softplus": (nn.Softplus(), (2, 5)),
    "softmax": (nn.Softmax(-1), (2, 5)),
    "log_softmax": (nn.LogSoftmax(-1), (2, 5)),
    "upsample": (nn.Upsample(scale_factor=2), (1, 2, 3, 3)),
}


class _Function(nn.Module):
    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


FUNCTIONS = {
    "picking": lambda x: torch.cat([x[:, 1:3], x[:, 2].unsqueeze(1) * x[:, -1:]], 1),
    "a_step_of_time": lambda x: torch.stack([x[:, t] * x[:, t + 1] for t in range(4)], 1),
    "broadcasting": lambda x: (x[:, :, None] * x[:, None, :]).sum(1),
    "gaussians": lambda x: (-((x[:, None] - x[0].detach() / 2) ** 2).sum(-1)).exp(),
    "largest": lambda x: x.amax(1) + x.max(1).values,
    "padding": lambda x: F.pad(x, (1, 2)) ** 3,
    "mean_and_spread": lambda x: (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True),
}
CASES = {**LAYERS, **{name: (_Function(each), (2, 5)) for name, each in FUNCTIONS.items()}}


def gradient_of(module: nn.Module) -> Any:
    """A function that gives what passes back through a module."""

    def gradient(x: Tensor, sent: Tensor) -> Tensor:
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            (back,) = torch.autograd.grad(module(x), x, sent)
        return back

    return gradient


@pytest.mark.parametrize("name", CASES)
def test_what_passes_back_is_what_torch_sends_back(name: str) -> None:
    module, shape = CASES[name]
    module.eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(shape, generator=generator)
    sent = torch.randn(module(x).shape, generator=generator)
    gradient = gradient_of(module)
    traced = make_fx(gradient)(x, sent)
    program = trace(traced, (x, sent), ["x", "sent"], fixed=True)
    found = run(program, {"x": x.numpy(), "sent": sent.numpy()})["answer"]
    np.testing.assert_allclose(found, gradient(x, sent).numpy(), rtol=1e-5, atol=1e-5)


def test_of_equal_numbers_in_a_window_the_first_is_sent_the_gradient() -> None:
    x, sent = torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 1, 1)
    program = trace(make_fx(gradient_of(nn.MaxPool2d(2)))(x, sent), (x, sent), ["x", "sent"], fixed=True)
    found = run(program, {"x": x.numpy(), "sent": sent.numpy()})["answer"]
    assert found.tolist() == [[[[1, 0], [0, 0]]]]
