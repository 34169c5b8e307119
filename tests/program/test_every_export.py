"""Every estimator of the catalogue, printed as NumPy and as C: both say what torch says, and what the verbs say."""

import subprocess
import sys

import numpy as np
import pytest

from found import FOUND
from program.printing import EACH, built_and_run, checked, loaded, needs_gcc

_VERBS = ("predict", "predict_proba", "transform", "inverse_transform", "forecast")
_SANITISED = ("FeedForwardClassifier", "HopfieldNetwork", "ConvolutionalClassifier", "LSTMClassifier")


@pytest.mark.parametrize("name", EACH)
def test_the_numpy_file_says_what_torch_says(name, exported):
    _, _, path = exported(name)
    told = checked(path.with_suffix(".py"))
    assert "all 100 agree" in told
    assert "DO NOT AGREE" not in told


@needs_gcc
@pytest.mark.parametrize("name", EACH)
def test_the_c_file_builds_without_a_warning_and_says_what_torch_says(name, exported):
    _, _, path = exported(name)
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover"] if name in _SANITISED else []
    done = built_and_run(path.with_suffix(".c"), *flags)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 100 agree" in done.stdout


@pytest.mark.parametrize("name", EACH)
def test_a_verb_of_the_numpy_file_takes_and_gives_what_the_estimators_does(name, exported):
    estimator, X, path = exported(name)
    functions = loaded(path.with_suffix(".py"))
    verbs = [verb for verb in _VERBS if verb in functions]
    if not verbs:
        pytest.skip("its functions are steps, which no verb is alone")
    for verb in verbs:
        if verb == "forecast":
            wanted, got = estimator.forecast(5, history=X), functions["forecast"](5, X)
        else:
            given = estimator.transform(X) if verb == "inverse_transform" else X
            wanted, got = getattr(estimator, verb)(given), functions[verb](given)
        got = np.reshape(got, wanted.shape)
        if wanted.dtype.kind == "f":
            assert np.abs(got - wanted).max() <= 1e-4 * np.abs(wanted).max(), verb
        else:
            assert (got == wanted).all(), verb


@pytest.mark.parametrize(
    "name", [name for name in ("GRUClassifier", "LSTMClassifier", "RNNClassifier") if name in FOUND]
)
def test_a_step_over_a_whole_sequence_ends_with_the_label_that_predict_gives(name, exported):
    estimator, X, path = exported(name)
    label_after = loaded(path.with_suffix(".py"))["label_after"]
    assert (label_after(X.T[:, :, None]) == estimator.predict(X)).all()


def test_a_numpy_file_runs_where_there_is_no_torch(exported):
    _, _, path = exported("FeedForwardClassifier")
    script = (
        "import sys, runpy; sys.modules.update(torch=None, sklearn=None, scipy=None, neurarium=None);"
        f"runpy.run_path({str(path.with_suffix('.py'))!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("all 100 agree") == 3


@pytest.mark.parametrize("name", EACH)
def test_any_number_of_rows_goes_through_none_too(name, exported):
    _, _, path = exported(name)
    functions = loaded(path.with_suffix(".py"))
    for function, given, wanted in functions["CHECKS"].values():
        if any(len(values) != 100 for values in given.values()):
            continue
        for n in (0, 1, 7):
            answers = function(**{key: values[:n] for key, values in given.items()})
            answers = answers if isinstance(answers, tuple) else (answers,)
            for answer, right in zip(answers, wanted.values(), strict=True):
                assert answer.shape == (n, *right.shape[1:])
                assert n == 0 or np.allclose(answer, right[:n], rtol=1e-4, atol=1e-5 * (np.abs(right).max() or 1))
