"""Programs, inputs, and what torch answers, for the tests of the page's executor: `python tests/page/fixtures.py`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F  # noqa: N812

from neurarium.page.noise import uniform
from neurarium.program.loop import Loop
from neurarium.program.page_json import packed, page_json
from neurarium.program.trace import trace
from program.test_operations import EveryCase

FOLDER = Path(__file__).parents[2] / "frontend" / "tests" / "fixtures" / "programs"
ROWS = 3


class Edges(nn.Module):
    """What rows do not have: equations, single numbers, float64; and numbers that are none, or too large."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("unit", torch.eye(5))

    def forward(self, a, b, level, whole, truth, odd, exact):
        spread = a @ a.T + self.unit
        strange = torch.stack([odd, -odd, odd + level])
        return {
            "solved": torch.linalg.solve(a, b),
            "inverse": torch.linalg.inv(spread),
            "cholesky": torch.cholesky_solve(b, torch.linalg.cholesky(spread)),
            "one_number": torch.where(truth, level * whole, level - 1),
            "large_product": (a @ b).T @ b + level,
            "batches": strange[:, None, :, None] @ strange[:, None, None, :],
            "edges_of_functions": torch.stack(
                [odd.tanh(), odd.sigmoid(), odd.exp(), odd.erf(), odd.abs().log(), odd.expm1(), odd.relu(), odd.floor()]
            ),
            "powers": strange[0, :, None] ** torch.tensor([0.0, 0.5, 1.0, -1.0, 3.0, torch.inf, -torch.inf, torch.nan]),
            "maxima": torch.stack([strange.amax(0), strange.amin(0), torch.maximum(odd, level), strange.sum(0)]),
            "first_largest": strange.argmax(1),
            "softmax_of_large": (100 * strange[:, :5]).softmax(1),
            "largest_in_windows": F.max_pool2d(strange[None], (2, 3), stride=1, padding=1),
            "rounded": odd[:5].long() * whole,
            "is_none": odd.isnan() | (odd == torch.inf),
            "exact": torch.stack([exact.exp(), exact.tanh(), exact.sigmoid(), exact.erf(), exact / 3, exact.cumsum(0)]),
            "exact_product": F.linear(exact[None], exact[None].repeat(3, 1)) + exact.sum().float(),
            "picked": b.index_select(1, whole.reshape(1)),
        }


class Unrolled(nn.Module):
    """An LSTM's step in a loop that hears a line and a noise, and says what a part that all turns share makes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = Loop(Heard(), states=2, sequences=2, turns=7)

    def forward(self, line, noise, share):
        start = torch.zeros(1, 4)
        hidden, memory, answers, again = self.loop(start, start, line, noise, share * 2)
        return {"hidden": hidden, "memory": memory, "answers": answers, "again": again, "total": answers.sum(0)}


class Heard(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)

    def forward(self, hidden, memory, entry, noise, share):
        hidden, memory = self.cell(entry, (hidden, memory))
        lit = (hidden * share.exp()).sigmoid()
        return hidden, memory, lit, (noise < lit).float()


class Loops(nn.Module):
    """Loops whose states cross, stay as they were, and count in whole numbers and truths."""

    def __init__(self) -> None:
        super().__init__()
        self.cross = Loop(Cross(), states=3, sequences=0, turns=5)
        self.count = Loop(Count(), states=2, sequences=1, turns=4)

    def forward(self, one, other, rises):
        first, second, stays, seen = self.cross(one, other, one * 10)
        number, ever, so_far = self.count(torch.tensor(0) + (one > 9).long().sum(), one.sum() > 99, rises)
        return {
            "first": first,
            "second": second,
            "stays": stays,
            "seen": seen,
            "n": number,
            "ever": ever,
            "all": so_far,
        }


class Cross(nn.Module):
    def forward(self, one, other, stays):
        return other, one, stays, one - 2 * other


class Count(nn.Module):
    def forward(self, number, ever, rise):
        return number + rise, ever | (rise > 1), torch.stack([number, rise])


def inputs(shapes: list[tuple[int, ...]], seed: int) -> list[torch.Tensor]:
    """Numbers from -2 to 2 that are the same everywhere."""
    return [torch.from_numpy(uniform(seed + number, shape) * 4 - 2) for number, shape in enumerate(shapes)]


def fixture(
    module: nn.Module, given: list[torch.Tensor], *, examples: list[torch.Tensor] | None = None, **more: Any
) -> dict[str, Any]:
    """A module's program and torch's answers; with examples that have other sizes, the first axis is rows."""
    program = trace(module.eval(), tuple(examples or given), fixed=examples is None)
    page = page_json(program, **more)
    if "half" in more:  # torch must hear of the digits that the page does not have
        for parameter in module.parameters():
            parameter.data = parameter.half().float()
    with torch.no_grad():
        answers = module(*given)
    answers = answers if isinstance(answers, dict) else {"answer": answers}
    names = [value.name for value in program.inputs]
    return {
        "program": page,
        "given": packed({name: each.numpy() for name, each in zip(names, given, strict=True)}),
        "wanted": packed({name: plain(each) for name, each in zip(program.outputs, answers.values(), strict=True)}),
    }


def plain(answer: torch.Tensor) -> NDArray[Any]:
    return answer.contiguous().numpy()


def given_rows() -> list[torch.Tensor]:
    """What every case takes: x, y, image and k."""
    whole = torch.from_numpy(np.floor(uniform(9, (ROWS, 3)) * 4).astype(np.int64))
    return [*inputs([(ROWS, 3, 4), (ROWS, 1, 4), (ROWS, 2, 7, 6)], 1), whole]


def every_case() -> dict[str, Any]:
    """Each operation, with any number of rows."""
    given = given_rows()
    return fixture(EveryCase(), given, examples=[each[:2] for each in given])


def edges() -> dict[str, Any]:
    odd = torch.tensor([0.3, -0.0, 7.5, -19.0, 1e-5, 88.0, -104.0, torch.inf, -torch.inf, torch.nan])
    level, whole, truth = torch.tensor(0.75), torch.tensor(2), torch.tensor(True)
    exact = torch.linspace(-3, 3, 7, dtype=torch.float64) + 1e-9
    return fixture(Edges(), [*inputs([(5, 5), (5, 3)], 11), level, whole, truth, odd, exact])


def loops() -> dict[str, Any]:
    return fixture(Loops(), [*inputs([(3,), (3,)], 21), torch.tensor([1, 0, 3, 1])])


def unrolled() -> dict[str, Any]:
    torch.manual_seed(0)
    noise = torch.from_numpy(uniform(3, (7, 1, 4)))
    return fixture(Unrolled(), [*inputs([(7, 1, 3)], 31), noise, torch.tensor([0.1, 0.2, 0.3, 0.4])])


def half() -> dict[str, Any]:
    torch.manual_seed(0)
    layer = nn.Linear(3, 2)
    layer.weight.data *= torch.tensor([[1.0, 1e-6, 1e3], [1.0, 1e-8, 0.0]])
    return fixture(layer, inputs([(4, 3)], 41), half=["weight", "bias"])


def noise() -> dict[str, Any]:
    """Not a program: seeds, and the numbers that they give."""
    return {str(seed): uniform(seed, (2, 4)).ravel().tolist() for seed in (0, 1, 7, 2**31, 2**32 - 1)}


FIXTURES = {
    "every_case": every_case,
    "edges": edges,
    "loops": loops,
    "unrolled": unrolled,
    "half": half,
    "noise": noise,
}


def main() -> None:
    """Write all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in FIXTURES.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(make(), separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
