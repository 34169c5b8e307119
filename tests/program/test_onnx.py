"""ONNX files: whole by themselves, run by onnxruntime as torch would, for any number of rows."""

import json
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from neurarium.networks.feed_forward import FeedForwardClassifier
from neurarium.networks.perceptron import PerceptronClassifier
from neurarium.networks.recurrent import RNNClassifier
from neurarium.program.export import write
from neurarium.program.onnx_file import OPSET
from neurarium.program.sheet import Function, Sheet
from neurarium.program.trace import trace
from program.printing import EACH, checked, loaded, printed
from program.test_operations import EveryCase, inputs

_VERBS = {
    "classify": "predict",
    "predict": "predict",
    "transform": "transform",
    "inverse_transform": "inverse_transform",
}


def session(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def files(path):
    """Each function of a printed network, and its file."""
    found = loaded(path.with_name(f"{path.name}_check.py"))["FILES"]
    return {name: path.with_name(file) for name, file in found.items()}


# Every estimator.


@pytest.mark.parametrize("name", EACH)
def test_onnxruntime_says_what_torch_says(name, exported):
    _, _, path = exported(name)
    told = checked(path.with_suffix(".onnx"))
    assert "all 100 agree" in told
    assert "DO NOT AGREE" not in told


@pytest.mark.parametrize("name", EACH)
def test_a_file_is_whole_and_what_it_needs_is_inside(name, exported):
    _, _, path = exported(name)
    for function, file in files(path).items():
        onnx.checker.check_model(str(file), full_check=True)
        model = onnx.load(file, load_external_data=False)
        assert model.graph.name == function
        assert [(each.domain, each.version) for each in model.opset_import] == [("", OPSET)]
        assert not any(onnx.external_data_helper.uses_external_data(each) for each in model.graph.initializer)


@pytest.mark.parametrize("name", EACH)
def test_a_file_takes_and_gives_what_the_verb_does(name, exported):
    estimator, X, path = exported(name)
    asked = [(_VERBS[function], session(file)) for function, file in files(path).items() if function in _VERBS]
    if not asked:
        pytest.skip("its functions are steps, which no verb is alone")
    for verb, runner in asked:
        given = estimator.transform(X) if verb == "inverse_transform" else X
        (wants,) = runner.get_inputs()
        rows = np.asarray(given, {"float": np.float32, "double": float, "int64": int}[wants.type[7:-1]])
        answers = runner.run(None, {wants.name: rows.reshape(len(rows), *wants.shape[1:])})
        wanted = getattr(estimator, verb)(given)
        if wanted.dtype.kind == "f":
            assert np.abs(answers[0].reshape(wanted.shape) - wanted).max() <= 1e-4 * np.abs(wanted).max(), verb
        else:
            assert answers[0].tolist() == wanted.tolist(), verb


@pytest.mark.parametrize("name", EACH)
def test_any_number_of_rows_goes_through_none_too(name, exported):
    _, _, path = exported(name)
    check = loaded(path.with_name(f"{path.name}_check.py"))
    for function, file in files(path).items():
        runner = session(file)
        given = check["numbers"](function, "given")
        wanted = check["numbers"](function, "wanted")
        if any(values.shape[:1] != (100,) for values in given.values()):
            continue
        for n in (0, 1, 7):
            answers = runner.run(list(wanted), {key: values[:n] for key, values in given.items()})
            for answer, right in zip(answers, wanted.values(), strict=True):
                assert answer.shape == (n, *right.shape[1:])
                if answer.dtype.kind == "f" and n:
                    assert np.allclose(answer, right[:n], rtol=1e-4, atol=1e-5 * (np.abs(right).max() or 1))


# Operations.


def test_every_operation_stays_in_float64_where_the_network_has_to(tmp_path):
    torch.manual_seed(0)
    module = EveryCase().double().eval()
    examples = [each.double() if each.is_floating_point() else each for each in inputs()]
    program = trace(module, tuple(examples)).pruned()
    wide = [value.shape_of(10) for value in program.inputs]
    given = [torch.randn(shape).double() for shape in wide[:-1]] + [torch.randint(4, wide[-1])]
    with torch.no_grad():
        right = [each.numpy() for each in module(*given).values()]
    rows = {value.name: each.numpy() for value, each in zip(program.inputs, given, strict=True)}
    function = Function("cases", program, rows, dict(zip(program.outputs, right, strict=True)), {})
    write(tmp_path / "net.onnx", Sheet("Test", (function,), None, 10, "float64"))
    told = checked(tmp_path / "net.onnx").splitlines()
    away = {line.split(": all")[0]: float(line.split("difference ")[1].split()[0]) for line in told}
    assert len(away) == len(right)
    assert {name: share for name, share in away.items() if not share < 1e-13} == {}


class OfTruths(nn.Module):
    def forward(self, x, y):
        above, below = x > 0, y < 0.5
        return torch.where(x > 1, above, below), above * below, torch.maximum(above, below), above <= below


def test_truths_are_combined_and_compared(tmp_path):
    assert checked(printed(tmp_path / "net.onnx", OfTruths(), torch.zeros(2, 3), torch.zeros(2, 3))).count("agree") == 4


class AtTheEdges(nn.Module):
    """Numbers where a function that is made of others could go wrong."""

    def __init__(self):
        super().__init__()
        ends = [0.0, -0.0, 1e-30, -1e-9, 1e-4, -0.5, 1.0, 30.0, 80.0, 1e30, torch.inf]
        self.register_buffer("ends", torch.tensor(ends))

    def forward(self, x):
        ends = self.ends * (x[:, :1] * 0 + 1)
        return {
            "log1p": ends.abs().log1p(),
            "expm1": ends.expm1(),
            "sign": torch.copysign(x[:, :1] * 0 + 3, ends),
            "sign_of_opposite": torch.copysign(x[:, :1] * 0 + 3, -ends),
            "log1p_below": (-ends.clamp(0, 1)).log1p(),
            "erf": ends.erf(),
        }


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_functions_made_of_others_are_right_at_the_edges(precision, tmp_path, monkeypatch):
    monkeypatch.setattr("neurarium.program.export.near", lambda quick, precise: precision == "float32")
    printed(tmp_path / "net.onnx", AtTheEdges(), torch.zeros(2, 3))
    given = np.zeros((1, 3), precision)
    got = session(tmp_path / "net.onnx").run(None, {"x": given})
    right = AtTheEdges().to(getattr(torch, precision))(torch.from_numpy(given))
    for (name, wanted), answer in zip(right.items(), got, strict=True):
        assert np.allclose(answer, wanted.numpy(), rtol=1e-6, atol=0), name


class Solving(nn.Module):
    def forward(self, x, matrix):
        return x @ torch.linalg.solve(matrix, matrix.T), torch.linalg.solve(matrix, matrix[0])


def test_equations_are_solved_and_those_without_an_answer_give_no_number(tmp_path):
    printed(tmp_path / "net.onnx", Solving(), torch.zeros(2, 4), torch.eye(4))
    assert checked(tmp_path / "net.onnx").count("all 100 agree") == 2
    runner = session(tmp_path / "net.onnx")
    matrix = np.diag([2.0, 4, 5, 8]).astype(np.float32)[[2, 0, 3, 1]]  # no turn finds its pivot where it stands
    products, answers = runner.run(None, {"x": np.eye(4, dtype=np.float32), "matrix": matrix})
    assert np.allclose(products, np.linalg.solve(matrix, matrix.T))
    assert np.allclose(answers, np.linalg.solve(matrix, matrix[0]))
    _, answers = runner.run(None, {"x": np.eye(4, dtype=np.float32), "matrix": np.ones((4, 4), np.float32)})
    assert np.isnan(answers).all()


# Files.


@pytest.fixture(scope="module")
def fitted():
    X = np.random.default_rng(0).normal(size=(60, 3))
    return FeedForwardClassifier(n_hidden=4, epochs=3, random_state=0).fit(X, np.where(X[:, 0] > 0, "up", "down")), X


def test_a_file_says_labels_by_name_and_lists_them(fitted, tmp_path):
    estimator, X = fitted
    estimator.export(tmp_path / "net.onnx")
    runner = session(tmp_path / "net.onnx")
    assert [each.name for each in runner.get_outputs()] == ["label", "scores", "probabilities"]
    label, _, probabilities = runner.run(None, {"rows": X.astype(np.float32)})
    assert label.tolist() == estimator.predict(X).tolist()
    assert np.allclose(probabilities, estimator.predict_proba(X), atol=1e-6)
    assert json.loads(runner.get_modelmeta().custom_metadata_map["classes"]) == ["down", "up"]


@pytest.mark.parametrize("labels", [[3, 1, 2], [-3, 0, 7], [True, False, True], [1.0, 2.0, 4.0], ["é", "*/", "a\nb"]])
def test_labels_keep_their_kind(labels, tmp_path):
    X = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    estimator = PerceptronClassifier(random_state=0).fit(X, labels)
    estimator.export(tmp_path / "net.onnx")
    assert "classify, label: all 100 agree" in checked(tmp_path / "net.onnx")
    label, _ = session(tmp_path / "net.onnx").run(None, {"rows": X.astype(np.float32)})
    assert label.tolist() == labels


def test_a_step_says_the_label_of_what_was_heard_so_far(tmp_path):
    chance = np.random.default_rng(0)
    X = [
        chance.normal(size=(length, 1)).astype(np.float32) for length in (2, 3, 4) * 4
    ]  # no length that a loop could have
    y = np.array(["low", "high"])[[int(each.sum() > 0) for each in X]]
    estimator = RNNClassifier(n_units=3, epochs=3, random_state=0).fit(X, y)
    estimator.export(tmp_path / "net.onnx")
    assert "step, label: all 100 agree" in checked(tmp_path / "net.onnx")
    runner, state = session(tmp_path / "net.step.onnx"), np.zeros((1, 1, 3), np.float32)
    for value in X[0]:
        label, _, state = runner.run(["label", "answer", "new_state"], {"inputs": value[None], "state": state})
    assert label.tolist() == estimator.predict(X[:1]).tolist()


def test_labels_at_every_step_are_said_by_name(tmp_path):
    X = np.random.default_rng(0).normal(size=(20, 4, 1)).astype(np.float32)
    y = np.array(["low", "high"])[(X.cumsum(1)[..., 0] > 0).astype(int)]
    estimator = RNNClassifier(n_units=3, epochs=3, output="every", random_state=0).fit(X, y)
    estimator.export(tmp_path / "net.onnx")
    assert "classify, label: all 100 agree" in checked(tmp_path / "net.onnx")
    label, *_ = (runner := session(tmp_path / "net.onnx")).run(None, {runner.get_inputs()[0].name: X})
    assert label.tolist() == estimator.predict(X).tolist()


def test_the_check_runs_where_there_is_no_torch_and_notices_a_changed_number(fitted, tmp_path):
    fitted[0].export(tmp_path / "net.onnx")
    run = [sys.executable, "-I", "-c"]
    script = "import sys, runpy; sys.modules.update(torch=None, onnx=None, neurarium=None);"
    script += f"runpy.run_path({str(tmp_path / 'net_check.py')!r}, run_name='__main__')"
    done = subprocess.run([*run, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("all 100 agree") == 3
    model = onnx.load(tmp_path / "net.onnx")
    (bias,) = [each for each in model.graph.initializer if each.name == "outer_bias"]
    bias.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias) + np.float32([0.001, 0]), bias.name))
    onnx.save(model, tmp_path / "net.onnx")
    done = subprocess.run([*run, script], capture_output=True, text=True)
    assert done.returncode == 1
    assert "scores: all 100 DO NOT AGREE" in done.stdout


def test_the_same_network_is_printed_as_the_same_bytes(fitted, tmp_path):
    for name in ("one.onnx", "two.onnx"):
        fitted[0].export(tmp_path / name)
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()


def test_without_the_package_onnx_the_error_says_what_to_install(fitted, tmp_path, monkeypatch):
    monkeypatch.setattr("neurarium.program.export.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'neurarium\[onnx\]'"):
        fitted[0].export(tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())
