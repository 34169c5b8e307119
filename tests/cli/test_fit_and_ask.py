"""fit, predict, transform, sample, recall, forecast: from a file to a network to an answer."""

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neurarium
from neurarium.core.estimator import Estimator


def test_a_table_becomes_a_network_and_the_network_answers(run: Any, table: Path) -> None:
    fitted = run("fit", "LineClassifier", table, "--target", "kind", "--set", "random_state=0", "--out", "net")
    assert fitted.exit_code == 0
    assert fitted.stdout == ""
    assert "LineClassifier learnt from 60 rows of 2 numbers" in fitted.stderr
    asked = run("predict", "net", table, "--target", "kind")
    assert asked.exit_code == 0
    assert asked.stdout.splitlines()[0] == "answer"
    assert set(asked.stdout.split()) == {"answer", "rose", "tulip"}
    assert "of 60 right" in asked.stderr


def test_a_networks_code_means_the_estimator_that_goes_on_tour(run: Any, table: Path) -> None:
    assert "LineClassifier learnt" in run("fit", "ln", table, "--target", "2", "--out", "net").stderr


def test_answers_go_to_csv_tsv_and_npy_files(run: Any, table: Path) -> None:
    run("fit", "LineClassifier", table, "--target", "kind", "--set", "random_state=0", "--out", "net")
    for name in ("a.csv", "a.tsv", "a.npy"):
        done = run("predict", "net", table, "--target", "kind", "--proba", "--out", name)
        assert (done.exit_code, done.stdout) == (0, "")
    shares = np.load("a.npy")
    assert shares.shape == (60, 2)
    csv = np.loadtxt("a.csv", delimiter=",", skiprows=1)
    assert np.abs(csv - shares).max() < 1e-6
    assert Path("a.csv").read_text().splitlines()[0] == "rose,tulip"
    assert np.array_equal(np.loadtxt("a.tsv", delimiter="\t", skiprows=1), csv)


def test_codes_samples_recollections_and_forecasts_come_out_as_tables(run: Any, tmp_path: Path) -> None:
    np.save("rows.npy", np.arange(12.0).reshape(6, 2))
    assert run("fit", "LineEncoder", "rows.npy", "--set", "epochs=1", "--out", "encoder").exit_code == 0
    assert run("fit", "MN", "rows.npy", "--out", "mean").exit_code == 0
    codes = run("transform", "encoder", "rows.npy").stdout.splitlines()
    assert codes[0] == "code_0,code_1"
    assert len(codes) == 7
    drawn = [run("sample", "mean", "--rows", 3, "--seed", 1).stdout for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(drawn[0].splitlines()) == 4
    assert run("recall", "mean", "rows.npy").stdout.splitlines()[1] == "5,6"
    assert run("forecast", "mean", "--steps", 2).stdout.splitlines() == ["value_0,value_1", "5,6", "5,6"]
    assert run("forecast", "mean", "rows.npy", "--level", 0.5).stdout.splitlines()[1] == "5,6,4.5,5.5,5.5,6.5"


def test_a_network_that_cannot_do_a_verb_says_what_it_can(run: Any, table: Path) -> None:
    run("fit", "LineClassifier", table, "--target", "kind", "--out", "net")
    done = run("sample", "net")
    assert done.exit_code == 2
    assert done.stderr == "neurarium: LineClassifier cannot sample; it can predict.\n"


def test_settings_are_read_as_their_annotation_says(run: Any) -> None:
    np.save("rows.npy", np.ones((4, 2)))
    texts = ("size=3", "view=8x8", "careful=yes", "random_state=none", "device=cpu")
    assert run("fit", "MN", "rows.npy", *(w for t in texts for w in ("--set", t)), "--out", "net").exit_code == 0
    model = neurarium.load("net")
    assert (model.size, model.view, model.careful, model.random_state, model.device) == (3, (8, 8), True, None, "cpu")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("siez=3", "MeanEstimator has no parameter 'siez'. Did you mean size?"),
        ("size=many", "MeanEstimator: size must be 'auto', or a whole number at least 1; got 'many'."),
        ("size=0", "MeanEstimator: size must be 'auto', or a whole number at least 1; got 0."),
        ("view=8", "MeanEstimator: view must be a tuple of a whole number, a whole number, or None; got '8'."),
        ("size", "--set wants name=value; got 'size'."),
    ],
)
def test_a_wrong_setting_is_a_wrong_call_with_a_way_out(run: Any, text: str, complaint: str) -> None:
    np.save("rows.npy", np.ones((4, 2)))
    done = run("fit", "MeanEstimator", "rows.npy", "--set", text, "--out", "net")
    assert done.exit_code == 2
    assert done.stderr == f"neurarium: {complaint}\n"
    assert not Path("net").exists()


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (
            ("fit", "LineClasifier", "t.csv", "--out", "n"),
            2,
            "no estimator 'LineClasifier'. Did you mean LineClassifier",
        ),
        (("fit", "LN", "t.csv", "--out", "n"), 2, "--target COLUMN says which column holds them. Columns: a, b"),
        (("fit", "LN", "t.csv", "--target", "c", "--out", "n"), 2, "t.csv has no column 'c'. Columns: a, b"),
        (("fit", "LN", "digts", "--out", "n"), 2, "nor a folder. Did you mean digits"),
        (("fit", "LN", "t.csv", "--target", "b", "--out", "no/such/n"), 1, "there is no folder"),
        (("fit", "LN", "t.csv"), 2, "Missing option '--out'"),
        (("predict", "no.file", "t.csv"), 1, "no.file"),
        (("predict", "t.csv", "t.csv"), 1, "t.csv"),
        (("predict", "t.csv", "t.csv", "--out", "x.doc"), 2, "--out must end in .csv, .tsv or .npy"),
        (("frobnicate",), 2, "No such command 'frobnicate'"),
    ],
)
def test_errors_are_one_line_on_stderr(run: Any, words: tuple[str, ...], code: int, complaint: str) -> None:
    Path("t.csv").write_text("a,b\n1,2\n3,4\n")
    done = run(*words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_ctrl_c_keeps_what_was_learnt_and_says_so(run: Any, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def press(*_: Any) -> float:
        os.kill(os.getpid(), signal.SIGINT)
        return 1.0

    monkeypatch.setattr("tiny.Descent.step", _then(press, "tiny.Descent.step"))
    done = run("fit", "LineClassifier", table, "--target", "kind", "--out", "net")
    assert done.exit_code == 130
    assert "what LineClassifier had learnt until then is written to net" in done.stderr
    assert isinstance(neurarium.load("net"), Estimator)


def _then(first: Any, name: str) -> Any:
    from tiny import Descent

    learn = Descent.step

    def step(rule: Any, batch: Any) -> Any:
        first()
        return learn(rule, batch)

    return step


def test_a_fault_of_ours_is_told_as_one(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save("rows.npy", np.ones((4, 2)))
    monkeypatch.setattr(Estimator, "save", lambda self, path: 1 / 0)
    done = run("fit", "MN", "rows.npy", "--out", "net")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("neurarium: ZeroDivisionError")
