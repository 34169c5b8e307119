"""What is printed is safe whatever the labels and names are, checks itself, and says in words what it cannot do."""

import ast
import copy
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
from program.printing import STRICT, built_and_run, checked, loaded, needs_gcc, part, printed

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


class Deciding(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x  # the line to find


class Picking(nn.Module):
    def forward(self, x):
        return x[x > 0].sum() * x  # the line to find


class Ordering(nn.Module):
    def forward(self, x):
        return x.argsort(1)  # the line to find


class Leaving(nn.Module):
    def forward(self, x):
        return torch.from_numpy(x.numpy())  # the line to find


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (Deciding(), "whatever the numbers are"),
        (Picking(), "depends on the numbers"),
        (Ordering(), "do not compute this result"),
        (Leaving(), "torch cannot trace it"),
    ],
)
def test_what_no_program_can_do_is_refused_with_the_line(module, words):
    with pytest.raises(UnsupportedOperation, match=r"(?s)test_export.py.*the line to find") as refused:
        trace(module.eval(), (torch.zeros(2, 4),))
    assert words in str(refused.value)


def test_among_layers_of_torch_the_one_that_is_refused_is_named():
    with pytest.raises(UnsupportedOperation, match=r'(?s)one or two axes.*the layer "1", Conv3d'):
        trace(nn.Sequential(nn.Tanh(), nn.Conv3d(1, 1, 2)).eval(), (torch.zeros(2, 1, 3, 3, 3),))


def test_random_numbers_and_sums_over_rows_are_refused_with_what_to_do():
    with pytest.raises(UnsupportedOperation, match="give the noise as an input"):
        trace(Dice().eval(), (torch.zeros(2, 8),))
    with pytest.raises(UnsupportedOperation, match="rows of a program do not see each other"):
        trace(Mean().eval(), (torch.zeros(2, 8),))


@pytest.mark.parametrize("name", ["net.pt", "net.txt", "net", "net.h"])
def test_other_endings_are_refused_before_anything_is_traced(name, fitted, tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.py.*ends in \.c.*ends in \.onnx"):
        fitted[0].export(tmp_path / name)
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


# Modules of one's own.


class Photographs(nn.Module):
    """Scores for three classes, from a picture and a number of its own."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.GroupNorm(2, 4),
            nn.PReLU(),
            nn.InstanceNorm2d(4, affine=True),
            nn.MaxPool2d(2),
            nn.Dropout(0.5),
            nn.Flatten(),
            nn.Linear(64, 3),
        )

    def forward(self, picture, brightness):
        return self.layers(picture * brightness[:, :, None, None])


@pytest.fixture(scope="module")
def photographs():
    torch.manual_seed(0)
    return Photographs(), (torch.rand(5, 1, 8, 8), torch.rand(5, 1))


@needs_gcc
def test_a_module_of_ones_own_is_printed_in_every_language_and_stays_as_it_was(photographs, tmp_path):
    module, inputs = photographs
    written = [neurarium.export(module, tmp_path / f"net{ending}", inputs) for ending in (".py", ".c", ".onnx")]
    names = [[file.name for file in files] for files in written]
    assert names == [["net.py"], ["net.c", "net.h"], ["net.onnx", "net_check.py"]]
    assert module.training
    assert "all 100 agree" in checked(tmp_path / "net.py")
    assert "all 100 agree" in checked(tmp_path / "net.onnx")
    assert built_and_run(tmp_path / "net.c").returncode == 0
    function, given, _ = loaded(tmp_path / "net.py")["CHECKS"]["forward"]
    assert np.array_equal(given["picture"][:5], inputs[0].numpy())  # the rows that were given
    with torch.no_grad():
        right = copy.deepcopy(module).eval()(*inputs).numpy()
    assert np.allclose(function(*(each.numpy() for each in inputs)), right, atol=1e-5)


def test_a_module_of_ones_own_says_labels_where_its_classes_have_names(photographs, tmp_path):
    module, inputs = photographs
    neurarium.export(module, tmp_path / "net.py", inputs, classes=["cat", "dog", "*/"])
    label, scores = (functions := loaded(tmp_path / "net.py"))["classify"](*(each.numpy() for each in inputs))
    assert functions["CLASSES"].tolist() == ["cat", "dog", "*/"]
    assert label.tolist() == scores.argmax(1).tolist()
    with pytest.raises(ValueError, match=r"with 2 classes.*\(5, 2\) scores to 5 rows; Photographs answers \(5, 3\)"):
        neurarium.export(module, tmp_path / "net.py", inputs, classes=["cat", "dog"])


@pytest.mark.parametrize("module", [nn.Embedding(7, 2), nn.Linear(4, 2).half()])
def test_a_module_of_ones_own_may_take_whole_numbers_or_be_of_half_precision(module, tmp_path):
    example = torch.arange(6).reshape(3, 2) if isinstance(module, nn.Embedding) else torch.randn(3, 4).half()
    neurarium.export(module, tmp_path / "net.py", example)
    assert "all 100 agree" in checked(tmp_path / "net.py")


class OnlyFloat32(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x):
        return self.layer(x.to(torch.float32))


def test_a_module_that_asks_for_float32_by_name_is_compared_in_float32(tmp_path):
    neurarium.export(OnlyFloat32(), tmp_path / "net.py", torch.randn(3, 4))
    assert "all 100 agree" in checked(tmp_path / "net.py")


def test_what_goes_in_must_be_a_module_and_tensors(tmp_path):
    for module, example in ((nn.Tanh(), [[0.0, 1.0]]), (nn.Tanh(), []), (torch.tanh, torch.zeros(2, 3))):
        with pytest.raises(TypeError, match="export needs a torch module and tensors to show what goes in"):
            neurarium.export(module, tmp_path / "net.py", example)


def test_a_module_of_ones_own_that_cannot_be_printed_is_refused_with_the_line(tmp_path):
    with pytest.raises(NotImplementedError, match=r"(?s)fft_r2c.*test_export.py.*the line to find"):
        neurarium.export(Fourier(), tmp_path / "net.onnx", torch.randn(3, 8))
    assert not list(tmp_path.iterdir())


# The command line.


@needs_gcc
def test_the_command_line_prints_a_file_and_says_how_to_check_it(fitted, tmp_path, capsys):
    saved = tmp_path / "net.safetensors"
    fitted[0].save(saved)
    for language, name, check in (
        ("numpy", "net.py", "python net.py"),
        ("c99", "net.c", "-lm && ./a.out"),
        ("onnx", "net.onnx", "python net_check.py"),
    ):
        with pytest.raises(SystemExit) as left:
            main(["export", str(saved), "--to", language, "--out", str(tmp_path / name)])
        assert left.value.code == 0
        told = capsys.readouterr().err
        assert name in told
        assert check in told
    assert (tmp_path / "net.h").exists()
    assert neurarium.load(saved).predict(np.zeros((1, 3))) == loaded(tmp_path / "net.py")["predict"](np.zeros((1, 3)))


def test_the_command_line_wants_an_ending_that_fits_the_language(fitted, tmp_path, capsys):
    fitted[0].save(tmp_path / "net")
    with pytest.raises(SystemExit) as left:
        main(["export", str(tmp_path / "net"), "--to", "c99", "--out", str(tmp_path / "net.py")])
    assert left.value.code == 2
    assert "--to c99 writes a file that ends in .c" in capsys.readouterr().err
