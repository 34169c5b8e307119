"""Each operation against torch: odd shapes, strides, broadcasting, no numbers at all, in NumPy, in C and in ONNX."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from neurarium.program.building import identifier
from neurarium.program.export import prepare, write
from neurarium.program.loop import Loop
from neurarium.program.operations import OTHERS, POINTWISE
from program.printing import built_and_run, checked, needs_gcc, part

SHAPES = {"kernel": (6, 2, 3, 2), "bias": (6,), "grouped": (6, 1, 2, 3), "up": (2, 3, 3, 2), "line": (4, 3, 5)}
SHAPES |= {"grouped_up": (2, 2, 3, 3), "weight": (5, 4)}

# x: (n, 3, 4), y: (n, 1, 4), image: (n, 2, 7, 6), k: (n, 3) numbers from 0 to 3, w: the module's buffers.
CASES = {
    "neg": lambda x, y, image, k, w: -x,
    "abs": lambda x, y, image, k, w: x.abs(),
    "exp": lambda x, y, image, k, w: x.exp(),
    "expm1": lambda x, y, image, k, w: x.expm1(),
    "log": lambda x, y, image, k, w: (x.abs() + 0.1).log(),
    "log1p": lambda x, y, image, k, w: x.abs().log1p(),
    "sqrt": lambda x, y, image, k, w: x.abs().sqrt(),
    "rsqrt": lambda x, y, image, k, w: (x.abs() + 0.1).rsqrt(),
    "sine": lambda x, y, image, k, w: x.sin() + x.cos(),
    "tanh": lambda x, y, image, k, w: x.tanh(),
    "sigmoid": lambda x, y, image, k, w: (30 * x).sigmoid(),
    "erf": lambda x, y, image, k, w: x.erf(),
    "floor": lambda x, y, image, k, w: (5 * x).floor(),
    "isnan": lambda x, y, image, k, w: torch.where(x > 0, x, torch.nan).isnan(),
    "not_and_or": lambda x, y, image, k, w: ~((x > 0) & (y > 0)) | (x > 1),
    "broadcast_sum": lambda x, y, image, k, w: x + y,
    "scaled_sum": lambda x, y, image, k, w: torch.add(x, y, alpha=-2.5),
    "difference_from_one": lambda x, y, image, k, w: 1 - x,
    "product_with_a_row": lambda x, y, image, k, w: x * w.weight[0],
    "product_with_a_column": lambda x, y, image, k, w: x * w.weight[:3, :1],
    "quotient": lambda x, y, image, k, w: x / (y.abs() + 0.5),
    "floored_quotient": lambda x, y, image, k, w: torch.div(x, y.abs() + 0.5, rounding_mode="floor"),
    "square": lambda x, y, image, k, w: x**2,
    "power": lambda x, y, image, k, w: x.abs() ** 1.7,
    "two_to_the": lambda x, y, image, k, w: 2**x,
    "maximum": lambda x, y, image, k, w: torch.maximum(x, y),
    "minimum": lambda x, y, image, k, w: torch.minimum(x, y),
    "maximum_of_no_number": lambda x, y, image, k, w: torch.maximum(torch.where(x > 0, x, torch.nan), y),
    "clamp": lambda x, y, image, k, w: x.clamp(-0.5, 0.7),
    "comparisons": lambda x, y, image, k, w: torch.stack([x < y, x <= y, x > y, x >= y, x == y, x != y]),
    "where": lambda x, y, image, k, w: torch.where(x > y, x, y),
    "where_of_numbers": lambda x, y, image, k, w: torch.where(x > 0, 1.0, -1.0),
    "cast": lambda x, y, image, k, w: (5 * x).long(),
    "cast_to_truth": lambda x, y, image, k, w: k.bool(),
    "whole_and_real": lambda x, y, image, k, w: k * 0.5 + k,
    "relu": lambda x, y, image, k, w: x.relu(),
    "gelu": lambda x, y, image, k, w: F.gelu(x) + F.gelu(x, approximate="tanh"),
    "elu": lambda x, y, image, k, w: F.elu(x, 0.7),
    "leaky_relu": lambda x, y, image, k, w: F.leaky_relu(x, 0.2),
    "softplus": lambda x, y, image, k, w: F.softplus(x),
    "silu": lambda x, y, image, k, w: F.silu(x),
    "sign": lambda x, y, image, k, w: (5 * x).long().float().sign(),
    "copysign": lambda x, y, image, k, w: torch.copysign(x, y),
    "sum": lambda x, y, image, k, w: x.sum((1, 2)),
    "sum_kept": lambda x, y, image, k, w: image.sum((1, 3), keepdim=True),
    "mean": lambda x, y, image, k, w: image.mean((2, 3)),
    "variance": lambda x, y, image, k, w: image.var((1, 2, 3)),
    "product": lambda x, y, image, k, w: x.prod(1),
    "norm": lambda x, y, image, k, w: x.norm(dim=2),
    "largest": lambda x, y, image, k, w: x.amax(1),
    "smallest": lambda x, y, image, k, w: image.amin((1, 2), keepdim=True),
    "max_and_where": lambda x, y, image, k, w: torch.stack([x.max(2)[0], x.max(2)[1].float()]),
    "min_and_where": lambda x, y, image, k, w: torch.stack([x.min(1)[0], x.min(1)[1].float()]),
    "argmax": lambda x, y, image, k, w: x.argmax(1),
    "argmax_of_equals": lambda x, y, image, k, w: (x > 0).long().argmax(2, keepdim=True),
    "argmin": lambda x, y, image, k, w: x.argmin(2),
    "any_all": lambda x, y, image, k, w: torch.stack([(x > 1).any(2), (x > -1).all(2)]),
    "cumsum": lambda x, y, image, k, w: image.cumsum(2),
    "sort": lambda x, y, image, k, w: x.sort(1)[0],
    "sort_down": lambda x, y, image, k, w: x.sort(2, descending=True)[0],
    "softmax": lambda x, y, image, k, w: (20 * x).softmax(1),
    "log_softmax": lambda x, y, image, k, w: x.log_softmax(2),
    "logsumexp": lambda x, y, image, k, w: x.logsumexp(2),
    "matmul": lambda x, y, image, k, w: x @ y.mT,
    "matmul_with_constant": lambda x, y, image, k, w: x @ w.weight.T,
    "linear": lambda x, y, image, k, w: F.linear(x, w.weight, w.weight[:, 0]),
    "linear_rows": lambda x, y, image, k, w: F.linear(x[:, 1], w.weight, w.weight[:, 0]),
    "addmm": lambda x, y, image, k, w: torch.addmm(x[:, 0], x[:, 1], w.weight[:4, :], alpha=-2, beta=0.5),
    "outer": lambda x, y, image, k, w: x[:, :, None, :] * x[:, None, :, :],
    "einsum": lambda x, y, image, k, w: torch.einsum("nij,nkj->nik", x, x),
    "reshape": lambda x, y, image, k, w: image.flatten(1).unflatten(1, (6, 14)),
    "transpose": lambda x, y, image, k, w: image.permute(0, 3, 1, 2),
    "expand": lambda x, y, image, k, w: y.expand(-1, 3, 4),
    "repeat": lambda x, y, image, k, w: y.repeat(1, 2, 3),
    "slice": lambda x, y, image, k, w: image[:, :, 1:6:2, -3:],
    "select": lambda x, y, image, k, w: image[:, -1, :, 2],
    "split": lambda x, y, image, k, w: torch.cat(image.split([1, 4, 2], 2)[::-1], 2),
    "chunk": lambda x, y, image, k, w: image.chunk(3, 3)[1],
    "unbind": lambda x, y, image, k, w: x.unbind(1)[2],
    "cat": lambda x, y, image, k, w: torch.cat([x, y, 2 * x], 1),
    "stack": lambda x, y, image, k, w: torch.stack([x, y.expand_as(x)], 2),
    "flip": lambda x, y, image, k, w: image.flip((1, 3)),
    "roll": lambda x, y, image, k, w: x.roll(1, 1),
    "pad": lambda x, y, image, k, w: F.pad(image, (1, 2, 0, 3), value=0.5),
    "crop": lambda x, y, image, k, w: F.pad(image, (-1, 2, 1, -2)),
    "full": lambda x, y, image, k, w: torch.full_like(x, 2.5),
    "take": lambda x, y, image, k, w: x[:, :, [3, 0, 0, -1]],
    "embedding": lambda x, y, image, k, w: F.embedding(k, w.weight),
    "gather": lambda x, y, image, k, w: x.gather(2, k[:, :, None]),
    "one_hot": lambda x, y, image, k, w: F.one_hot(k, 4),
    "searchsorted": lambda x, y, image, k, w: torch.searchsorted(w.table, x.contiguous()),
    "put_place": lambda x, y, image, k, w: _put(x),
    "put_slice": lambda x, y, image, k, w: _put_slice(x, y),
    "loop": lambda x, y, image, k, w: torch.stack(w.turns(x[:, 0], y[:, 0], image[:, 0].movedim(1, 0)[..., :4])[:2]),
    "loop_of_loops": lambda x, y, image, k, w: w.nested(x[:, 0], image[:, 1].movedim(1, 0)[..., :4], k)[1].movedim(
        1, 0
    ),
    "nothing": lambda x, y, image, k, w: x[:, :0].sum(1) + x[:, 3:].sum(1),
    "nothing_at_all": lambda x, y, image, k, w: x[:, :0] * 2,
    "conv2d": lambda x, y, image, k, w: F.conv2d(
        image, w.kernel, w.bias, stride=(2, 1), padding=(1, 2), dilation=(2, 1)
    ),
    "conv2d_plain": lambda x, y, image, k, w: F.conv2d(image, w.kernel),
    "conv2d_grouped": lambda x, y, image, k, w: F.conv2d(image, w.grouped, w.bias, groups=2, padding=1),
    "conv1d": lambda x, y, image, k, w: F.conv1d(x, w.line, stride=2, padding=2),
    "conv_transpose2d": lambda x, y, image, k, w: F.conv_transpose2d(
        image, w.up, torch.ones(3), stride=(3, 2), padding=(1, 0), output_padding=(2, 1), dilation=(1, 2)
    ),
    "conv_transpose2d_grouped": lambda x, y, image, k, w: F.conv_transpose2d(image, w.grouped_up, stride=2, groups=2),
    "max_pool2d": lambda x, y, image, k, w: F.max_pool2d(image, (3, 2), stride=(2, 1), padding=(1, 1)),
    "max_pool2d_out": lambda x, y, image, k, w: F.max_pool2d(image, 3, stride=2, ceil_mode=True),
    "max_pool2d_wide": lambda x, y, image, k, w: F.max_pool2d(image, 2, stride=1, dilation=2),
    "max_pool1d": lambda x, y, image, k, w: F.max_pool1d(x, 2),
    "avg_pool2d": lambda x, y, image, k, w: F.avg_pool2d(image, 3, stride=2, padding=1),
    "avg_pool2d_without_padding": lambda x, y, image, k, w: F.avg_pool2d(
        image, 3, 2, padding=1, count_include_pad=False
    ),
    "global_average": lambda x, y, image, k, w: F.adaptive_avg_pool2d(image, 1),
    "adaptive_average": lambda x, y, image, k, w: F.adaptive_avg_pool2d(image, (7, 3)),
    "upsample": lambda x, y, image, k, w: F.interpolate(image, scale_factor=2),
    "upsample_odd": lambda x, y, image, k, w: F.interpolate(image, size=(10, 9)),
    "batch_norm": lambda x, y, image, k, w: F.batch_norm(image, w.bias[:2], w.bias[2:4] ** 2, w.bias[4:], w.bias[:2]),
    "layer_norm": lambda x, y, image, k, w: F.layer_norm(image, (7, 6)) + F.layer_norm(image, (6,), w.bias, w.bias),
    "group_norm": lambda x, y, image, k, w: F.group_norm(x.mT, 2, w.bias[:4], w.bias[2:]),
    "instance_norm": lambda x, y, image, k, w: F.instance_norm(image, weight=w.bias[:2], bias=w.bias[2:4]),
}


def _put(x):
    x = x.clone()
    x[:, 1] = 5.0
    x[:, [0, 2]] = x[:, [2, 0]]
    return x


def _put_slice(x, y):
    x = x.clone()
    x[:, :, 1:4:2] = y[:, :, :2] * 2
    return x


class Crossing(nn.Module):
    """Each of two states becomes the other one, one of them changed by what comes in."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.eye(4) * 0.5 + 0.1)

    def forward(self, one, other, entry):
        return other, one @ self.weight + entry, one - other


class Around(nn.Module):
    """A loop in each turn, which hears the same line of numbers every time, and another without sequences."""

    def __init__(self):
        super().__init__()
        self.inner = Loop(Crossing(), states=2, sequences=1, turns=3)
        self.halve = Loop(Halve(), states=1, sequences=0, turns=2)

    def forward(self, state, entry, k):
        line = torch.linspace(0, 1, 12).unflatten(0, (3, 1, 4)).expand(-1, len(entry), -1)
        last, _, away = self.inner(state, entry, line)
        return self.halve(last, k)[0], away[1]


class Halve(nn.Module):
    def forward(self, state, k):
        return (state / 2 + k[:, :1],)


class EveryCase(nn.Module):
    def __init__(self):
        super().__init__()
        chance = torch.Generator().manual_seed(0)
        for name, shape in SHAPES.items():
            self.register_buffer(name, torch.randn(shape, generator=chance))
        self.turns = Loop(Crossing(), states=2, sequences=1, turns=7)
        self.nested = Loop(Around(), states=1, sequences=1, turns=7)
        self.register_buffer("table", torch.tensor([-1.0, -0.5, 0.0, 0.25, 2.0]))

    def forward(self, x, y, image, k):
        return {name: case(x, y, image, k, self) for name, case in CASES.items()}


def inputs():
    k = torch.zeros(2, 3, dtype=torch.long)
    return torch.zeros(2, 3, 4), torch.zeros(2, 1, 4), torch.zeros(2, 2, 7, 6), k


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Of all cases from one file in each language: what its check says of each."""
    folder = tmp_path_factory.mktemp("operations")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("neurarium.program.export.N_ROWS", 10)  # sooner built
        sheet = prepare({"cases": part(EveryCase(), *inputs())}, title="Test")
    for ending in (".py", ".c", ".onnx"):
        write(folder / f"net{ending}", sheet)
    return folder, sheet


@pytest.fixture(scope="module")
def told_by_numpy(answers):
    return checked(answers[0] / "net.py")


@pytest.fixture(scope="module")
def told_by_onnx(answers):
    return checked(answers[0] / "net.onnx")


@pytest.fixture(scope="module")
def told_by_c(answers):
    done = built_and_run(answers[0] / "net.c", "-fsanitize=address,undefined")
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize("name", CASES)
def test_numpy_computes_what_torch_computes(name, told_by_numpy):
    assert f"cases, {identifier(name)}: all 10 agree" in told_by_numpy


@pytest.mark.parametrize("name", CASES)
def test_onnx_computes_what_torch_computes(name, told_by_onnx):
    assert f"cases, {identifier(name)}: all 10 agree" in told_by_onnx


@needs_gcc
@pytest.mark.parametrize("name", CASES)
def test_c_computes_what_torch_computes_and_stays_inside_its_arrays(name, told_by_c):
    assert f"cases, {identifier(name)}: row" not in told_by_c
    assert "largest difference" in told_by_c


def test_every_operation_is_among_the_cases(answers):
    (function,) = answers[1].functions
    used = {step.operation for step in function.program.steps}
    assert set(POINTWISE) | set(OTHERS) == used | {"solve"}  # which is for one matrix, not for one a row
