"""Systems of equations are solved in a program as torch solves them, so that a fit in closed form is a program."""

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.program.building import UnsupportedOperation
from neurarium.program.trace import trace
from program.computing import computed
from program.printing import built_and_run, loaded, needs_gcc, printed


class Ridge(nn.Module):
    """Ridge regression from rows to answers, fitted again for every question."""

    def forward(self, rows, answers, penalty):
        gram = rows.mT @ rows + penalty * torch.eye(rows.shape[1])
        return torch.linalg.solve(gram, rows.mT @ answers)


def kinds():
    return {
        "solve": lambda a, b: torch.linalg.solve(a, b),
        "one_column": lambda a, b: torch.linalg.solve(a, b[:, 0]),
        "inverse": lambda a, b: torch.linalg.inv(a) @ b,
        "cholesky": lambda a, b: torch.cholesky_solve(b, torch.linalg.cholesky(a)),
        "upper": lambda a, b: torch.cholesky_solve(b, torch.linalg.cholesky(a, upper=True), upper=True),
    }


class Each(nn.Module):
    """Every way to solve for what rows are multiplied with."""

    def forward(self, rows, square, b):
        a = square.mT @ square + 0.1 * torch.eye(len(square))
        return {name: rows @ kind(a, b) for name, kind in kinds().items()}


@needs_gcc
def test_each_way_to_solve_is_printed_in_both_languages(tmp_path):
    inputs = torch.zeros(2, 5), torch.eye(5), torch.zeros(5, 3)
    for ending in (".py", ".c"):
        printed(tmp_path / f"net{ending}", Each(), *inputs)
    assert loaded(tmp_path / "net.py")["check"]()
    done = built_and_run(tmp_path / "net.c", "-fsanitize=address,undefined", "-fno-sanitize-recover")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_fit_in_closed_form_is_a_program_that_fits_again():
    chance = torch.Generator().manual_seed(0)
    rows, answers = torch.randn(30, 4, generator=chance), torch.randn(30, 2, generator=chance)
    program = trace(Ridge(), (rows, answers, torch.ones(())), fixed=True).pruned()
    assert "solve" in [step.operation for step in program.steps]
    for penalty in (torch.tensor(0.01), torch.tensor(10.0)):
        said = computed(program, rows, answers, penalty)["answer"]
        np.testing.assert_allclose(said, Ridge()(rows, answers, penalty), rtol=1e-4, atol=1e-5)


class Singular(nn.Module):
    def forward(self, rows, flat):
        return rows @ torch.linalg.solve_ex(flat - flat, flat)[0]


@needs_gcc
def test_where_there_is_no_answer_it_is_not_a_number(tmp_path):
    program = trace(Singular(), (torch.zeros(2, 3), torch.eye(3)), fixed=True)
    assert np.isnan(computed(program, torch.ones(2, 3), torch.eye(3))["answer"]).all()
    printed(tmp_path / "net.c", Singular(), torch.zeros(2, 3), torch.eye(3))
    done = built_and_run(tmp_path / "net.c", "-fsanitize=address,undefined", "-fno-sanitize-recover")
    assert "says nan" in done.stdout or done.returncode == 0
    assert not done.stderr


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (lambda x: torch.linalg.cholesky(x).sum(0), "a Cholesky factor is known only to torch.cholesky_solve"),
        (lambda x: torch.linalg.solve(x, x, left=False), "left=True"),
        (lambda x: torch.linalg.solve(x.expand(2, 3, 3), x.expand(2, 3, 3)), "one system of equations"),
        (lambda x: torch.cholesky_solve(x, x), "torch.linalg.cholesky gives alone"),
    ],
)
def test_what_cannot_be_solved_is_refused_with_what_to_do(module, message):
    class Asked(nn.Module):
        def forward(self, x):
            return module(x)

    with pytest.raises(UnsupportedOperation, match=message):
        trace(Asked(), (torch.eye(3),), fixed=True)
