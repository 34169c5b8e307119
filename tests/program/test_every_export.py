"""Every estimator of the catalogue, printed as NumPy and as C: both say what torch says, and what the verbs say."""

import io
import subprocess
import sys
import warnings
from contextlib import redirect_stdout
from dataclasses import fields

import numpy as np
import pytest

from found import FOUND, NAMES, rows_for
from neurarium.catalogue import cards
from neurarium.program.export import write
from program.printing import built_and_run, loaded, needs_gcc

_SMALL = {"n_units": 12, "n_hidden": 10, "n_neurons": 12, "epochs": 3}
_FIRST = {card.estimators[0].__name__ for card in cards().values()}
_EACH = [pytest.param(name, marks=() if name in _FIRST else pytest.mark.slow) for name in NAMES]
"""The first estimator of each card, and the others of the same network, which are slow only for being many."""
_VERBS = ("predict", "predict_proba", "transform", "inverse_transform", "forecast")
_SANITISED = ("FeedForwardClassifier", "HopfieldNetwork", "ConvolutionalClassifier", "LSTMClassifier")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Each estimator, small, fitted once and printed in both languages."""
    folder, known = tmp_path_factory.mktemp("exported"), {}

    def export(name):
        if name not in known:
            kind = FOUND[name]
            X, y = rows_for(kind)
            names = {field.name for field in fields(kind)}
            small = {key: value for key, value in _SMALL.items() if key in names}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                estimator = kind(random_state=0, **small).fit(X, y)
            sheet = estimator._printable()
            for ending in (".py", ".c"):
                write(folder / f"{name}{ending}", sheet)
            known[name] = estimator, X, folder / name
        return known[name]

    return export


@pytest.mark.parametrize("name", _EACH)
def test_the_numpy_file_says_what_torch_says(name, exported):
    _, _, path = exported(name)
    told = io.StringIO()
    with redirect_stdout(told):
        good = loaded(path.with_suffix(".py"))["check"]()
    assert good, told.getvalue()
    assert "all 100 agree" in told.getvalue()


@needs_gcc
@pytest.mark.parametrize("name", _EACH)
def test_the_c_file_builds_without_a_warning_and_says_what_torch_says(name, exported):
    _, _, path = exported(name)
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover"] if name in _SANITISED else []
    done = built_and_run(path.with_suffix(".c"), *flags)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 100 agree" in done.stdout


@pytest.mark.parametrize("name", _EACH)
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


@pytest.mark.parametrize("name", _EACH)
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
