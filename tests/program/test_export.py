"""What is printed is safe whatever the labels and names are, checks itself, and says in words what it cannot do."""

import ast
import io
import subprocess
from contextlib import redirect_stdout

import numpy as np
import pytest
import torch
from torch import nn

import neurarium
from neurarium.cli.main import main
from neurarium.core.stages import Stage
from neurarium.networks.feed_forward import FeedForwardClassifier
from neurarium.networks.perceptron import PerceptronClassifier
from neurarium.program.building import UnsupportedOperation
from neurarium.program.trace import trace
from program.printing import STRICT, built_and_run, loaded, needs_gcc, part, printed

HOSTILE = [
    '"""); import os; os.abort(); ("""',
    "'; raise SystemExit(3) #",
    "*/ #error no */",
    "??/\n??)trigraph",
    "\\",
    "\\x41\\",
    "line\nbreak\r\0 nothing",
    "quote \" and ' both",
    "ñandú 漢字 \u202e",
    "%s %n {0} {x}",
    "1",
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A classifier of hostile labels, printed."""
    folder = tmp_path_factory.mktemp("hostile")
    X = np.arange(4.0 * len(HOSTILE)).reshape(-1, 2)
    y = np.repeat(np.array(HOSTILE, dtype=object), 2)
    estimator = PerceptronClassifier(random_state=0, epochs=3).fit(X, y)
    for ending in (".py", ".c"):
        estimator.export(folder / f"net{ending}")
    return estimator, X, folder


def test_no_label_becomes_code_in_python(hostile):
    estimator, X, folder = hostile
    text = (folder / "net.py").read_text()
    assert text.isascii()
    called = {node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
    names = {function.id for function in called if isinstance(function, ast.Name)}
    assert not names & {"eval", "exec", "__import__", "SystemExit"}
    functions = loaded(folder / "net.py")
    assert functions["CLASSES"].tolist() == sorted(HOSTILE)
    assert functions["predict"](X).tolist() == estimator.predict(X).tolist()


@needs_gcc
def test_no_label_becomes_code_in_c(hostile, tmp_path):
    _, _, folder = hostile
    assert (folder / "net.c").read_text().isascii()
    assert built_and_run(folder / "net.c", "-trigraphs").returncode == 0
    asks = tmp_path / "asks.c"
    asks.write_text(
        '#include <stdio.h>\n#include "net.h"\n'
        "int main(void) { for (int i = 0; i < NET_N_CLASSES; i++) puts(net_classes[i]); return 0; }"
    )
    program = tmp_path / "asks"
    strict = [flag for flag in STRICT if flag != "-DNET_CHECK"]
    subprocess.run([*strict, "-trigraphs", f"-I{folder}", asks, folder / "net.c", "-lm", "-o", program], check=True)
    said = subprocess.run([program], capture_output=True).stdout
    for label in HOSTILE:
        assert label.split("\0")[0].encode() in said


@pytest.mark.parametrize("labels", [[3, 1, 2], [-3, 0, 7], [True, False, True], ["a", "b", "c"]])
def test_labels_keep_their_kind(labels, tmp_path):
    X = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    estimator = PerceptronClassifier(random_state=0).fit(X, labels)
    estimator.export(tmp_path / "net.py")
    answers = loaded(tmp_path / "net.py")["predict"](X)
    assert answers.dtype.kind == np.array(labels).dtype.kind
    assert answers.tolist() == labels


class Awkward(nn.Module):
    """Stages and inputs with names that mean something else to Python, NumPy and C."""

    def __init__(self):
        super().__init__()
        self.names = [
            "K_x",
            "Max_float",
            "step",
            "WORK_float32",
            "np",
            "lambda",
            "exp",
            "total",
            "*/ x",
            '"""',
            "n",
            "i0",
            "work_float32",
            "X",
            "é",
            "class",
        ]
        for name in self.names:
            self.add_module(name, Stage())

    def forward(self, np, x):
        for name in self.names:
            x = getattr(self, name)(x.tanh() * 1.5 + np.sum(1, keepdim=True))
        return {"x": x, "len": x.tanh(), "int": x.argmax(1), "answers": np}


@needs_gcc
def test_no_name_of_a_stage_an_input_or_an_output_becomes_code(tmp_path):
    module = Awkward()
    for ending in (".py", ".c"):
        printed(tmp_path / f"2 Net's; é-{ending}", module, torch.zeros(2, 3), torch.zeros(2, 3))
    functions = loaded(tmp_path / "2 Net's; é-.py")
    with redirect_stdout(io.StringIO()):
        assert functions["check"]()
    assert built_and_run(tmp_path / "2 Net's; é-.c").returncode == 0


def test_a_file_of_c_whose_name_cannot_be_included_is_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot be called"):
        printed(tmp_path / 'a"b.c', nn.Tanh(), torch.zeros(2, 3))
    assert not list(tmp_path.iterdir())


# The check checks.


@pytest.fixture(scope="module")
def fitted():
    X = np.random.default_rng(0).normal(size=(60, 3))
    return FeedForwardClassifier(n_hidden=4, epochs=3, random_state=0).fit(X, X[:, 0] > 0), X


def test_a_changed_number_is_noticed_by_the_files_own_check(fitted, tmp_path):
    fitted[0].export(tmp_path / "net.py")
    text = (tmp_path / "net.py").read_text()
    line = next(line for line in text.splitlines() if line.startswith("OUTER_BIAS = "))
    changed = text.replace(line, line.replace("np.array([", "np.array([0.001 + "))
    assert changed != text
    (tmp_path / "bad.py").write_text(changed)
    told = io.StringIO()
    with redirect_stdout(told):
        assert not loaded(tmp_path / "bad.py")["check"]()
    assert "DO NOT AGREE" in told.getvalue()


@needs_gcc
def test_a_changed_number_is_noticed_by_the_check_in_c(fitted, tmp_path):
    fitted[0].export(tmp_path / "net.c")
    path = tmp_path / "net.c"
    text = path.read_text()
    start = text.index("K_outer_bias[2] = {") + len("K_outer_bias[2] = {")
    path.write_text(text[:start] + " 0.001f +" + text[start:])
    done = built_and_run(path)
    assert done.returncode == 1
    assert "where the network said" in done.stdout


def test_rows_of_ones_own_are_what_the_file_is_checked_by(fitted, tmp_path):
    estimator, X = fitted
    estimator.export(tmp_path / "net.py", X)
    given = loaded(tmp_path / "net.py")["CHECKS"]["classify"][1]["rows"]
    assert np.array_equal(given[:60], X.astype(np.float32))
    assert len(given) == 100


@needs_gcc
def test_the_header_states_bytes_and_operations(fitted, tmp_path):
    fitted[0].export(tmp_path / "net.c")
    header = (tmp_path / "net.h").read_text()
    constants = 4 * (3 + 3 + 4 * 3 + 4 + 2 * 4 + 2)  # scaling, weights, biases
    assert f"constants: {constants} bytes" in header
    assert "working memory: " in header
    assert "operations (multiply-adds) a call" in header
    assert "malloc" not in (tmp_path / "net.c").read_text()
    compiled = subprocess.run(["gcc", "-std=c99", "-c", tmp_path / "net.c", "-o", tmp_path / "net.o"], check=False)
    sizes = subprocess.run(["size", "-A", tmp_path / "net.o"], capture_output=True, text=True).stdout
    assert compiled.returncode == 0
    work = int(header.split("working memory: ")[1].split(" bytes")[0].replace(",", ""))
    static = sum(int(line.split()[1]) for line in sizes.splitlines() if line.startswith(".bss"))
    assert work <= static <= work + 64


class Cancelling(nn.Module):
    def forward(self, x):
        return (x + 1e6) - 1e6


@needs_gcc
def test_a_network_that_float32_would_spoil_is_computed_in_double(tmp_path):
    for ending in (".py", ".c"):
        printed(tmp_path / f"net{ending}", Cancelling(), torch.zeros(2, 3))
    assert "computed in double" in (tmp_path / "net.h").read_text()
    assert "NumPy alone, float64" in (tmp_path / "net.py").read_text()
    assert built_and_run(tmp_path / "net.c").returncode == 0


# What cannot be printed.


class Fourier(nn.Module):
    def forward(self, x):
        return torch.fft.rfft(x).abs()  # the line to find


class Dice(nn.Module):
    def forward(self, x):
        return x + torch.randn_like(x)


class Mean(nn.Module):
    def forward(self, x):
        return x - x.mean(0)


def test_an_unsupported_operation_is_named_with_the_line_it_comes_from():
    with pytest.raises(UnsupportedOperation, match=r"(?s)fft_r2c.*test_export.py.*the line to find") as refused:
        trace(Fourier().eval(), (torch.zeros(2, 8),))
    assert "/torch/" not in str(refused.value)


def test_random_numbers_and_sums_over_rows_are_refused_with_what_to_do():
    with pytest.raises(UnsupportedOperation, match="give the noise as an input"):
        trace(Dice().eval(), (torch.zeros(2, 8),))
    with pytest.raises(UnsupportedOperation, match="rows of a program do not see each other"):
        trace(Mean().eval(), (torch.zeros(2, 8),))


@pytest.mark.parametrize("name", ["net.onnx", "net.txt", "net", "net.h"])
def test_other_endings_are_refused_before_anything_is_traced(name, fitted, tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.py.*ends in \.c") as refused:
        fitted[0].export(tmp_path / name)
    assert ("ONNX is not there yet" in str(refused.value)) == name.endswith("onnx")
    assert not list(tmp_path.iterdir())


def test_a_failed_export_leaves_an_older_file_as_it_was(fitted, tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text("old")
    monkeypatch.setattr("neurarium.program.export.numpy_source", lambda sheet: "\ud800")
    with pytest.raises(UnicodeEncodeError):
        fitted[0].export(tmp_path / "net.py")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_nothing_is_exported_before_a_fit(tmp_path):
    with pytest.raises(ValueError, match="not fitted yet"):
        FeedForwardClassifier().export(tmp_path / "net.py")


def test_a_module_of_ones_own_is_traced_with_its_stages_and_any_input_names():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)).eval()
    program = trace(module, (torch.zeros(2, 1, 4, 4),))
    assert [step.operation for step in program.steps] == ["conv2d", "maximum", "reshape", "linear"]
    assert program.operations() == 2 * 4 * 9 + 8 + 8 * 3
    staged = part(Awkward(), torch.zeros(2, 3), torch.zeros(2, 3))
    assert len(trace(staged.staged, staged.inputs).stages) == len(Awkward().names)


# The command line.


@needs_gcc
def test_the_command_line_prints_a_file_and_says_how_to_check_it(fitted, tmp_path, capsys):
    saved = tmp_path / "net.safetensors"
    fitted[0].save(saved)
    for language, name in (("numpy", "net.py"), ("c99", "net.c")):
        with pytest.raises(SystemExit) as left:
            main(["export", str(saved), "--to", language, "--out", str(tmp_path / name)])
        assert left.value.code == 0
        assert name in capsys.readouterr().err
    assert (tmp_path / "net.h").exists()
    assert neurarium.load(saved).predict(np.zeros((1, 3))) == loaded(tmp_path / "net.py")["predict"](np.zeros((1, 3)))


def test_the_command_line_wants_an_ending_that_fits_the_language(fitted, tmp_path, capsys):
    fitted[0].save(tmp_path / "net")
    with pytest.raises(SystemExit) as left:
        main(["export", str(tmp_path / "net"), "--to", "c99", "--out", str(tmp_path / "net.py")])
    assert left.value.code == 2
    assert "--to c99 writes a file that ends in .c" in capsys.readouterr().err
