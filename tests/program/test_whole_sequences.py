"""Networks that read sequences of one length are printed from the first step to the last, all others by the step."""

import numpy as np
import pytest

from neurarium.networks.echo_state import EchoStateClassifier, EchoStateRegressor
from neurarium.networks.gru import GRURegressor
from neurarium.networks.lstm import LSTMClassifier
from neurarium.networks.recurrent import RNNClassifier
from neurarium.program.export import write
from program.printing import built_and_run, loaded, needs_gcc

chance = np.random.default_rng(0)
SEQUENCES = chance.normal(3, 2, (40, 7, 2))
LABELS = np.array(["low", "high"])[(SEQUENCES.sum((1, 2)) > 42).astype(int)]
AT_EACH = SEQUENCES.cumsum(1).sum(2)

CASES = {
    "table": lambda: (LSTMClassifier(n_units=5, n_layers=2, epochs=2, view=(7, 2)), SEQUENCES.reshape(40, 14), LABELS),
    "labels at every step": lambda: (RNNClassifier(n_units=5, epochs=2, output="every"), SEQUENCES, AT_EACH > 20),
    "numbers at every step": lambda: (GRURegressor(n_units=5, epochs=2, output="every"), SEQUENCES, AT_EACH),
    "two numbers at every step": lambda: (GRURegressor(n_units=5, epochs=2, output="every"), SEQUENCES, SEQUENCES + 1),
    "echo": lambda: (EchoStateClassifier(n_units=50, segments=3, washout=1), SEQUENCES, LABELS),
    "dense echo": lambda: (EchoStateRegressor(n_units=8, ridge=0.01), SEQUENCES, AT_EACH[:, -1]),
    "echo at every step": lambda: (EchoStateRegressor(n_units=50, ridge=0.01), SEQUENCES, AT_EACH[..., None]),
}


def printed(folder, estimator):
    sheet = estimator._printable()
    for ending in (".py", ".c"):
        write(folder / f"net{ending}", sheet)
    return loaded(folder / "net.py")


@needs_gcc
@pytest.mark.parametrize("name", CASES)
def test_what_goes_in_and_comes_out_is_what_predict_takes_and_gives(name, tmp_path):
    estimator, X, y = CASES[name]()
    estimator.set_params(random_state=0).fit(X, y)
    functions, wanted = printed(tmp_path, estimator), estimator.predict(X)
    got = functions["predict"](X)
    assert got.shape == wanted.shape
    if wanted.dtype.kind == "f":
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())
    else:
        assert (got == wanted).all()
    if "predict_proba" in functions:
        np.testing.assert_allclose(functions["predict_proba"](X), estimator.predict_proba(X), atol=1e-5)
    assert functions["check"]()
    done = built_and_run(tmp_path / "net.c", "-fsanitize=address,undefined", "-fno-sanitize-recover")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "net.c").read_text().count("for (int turn = 0; turn < 7; turn++)") == 1


@pytest.mark.parametrize("kind", [LSTMClassifier, EchoStateClassifier])
def test_of_sequences_of_many_lengths_the_step_alone_is_printed(kind, tmp_path):
    ragged = [each[: 3 + number % 5] for number, each in enumerate(SEQUENCES)]
    few = {"n_units": 5} if kind is EchoStateClassifier else {"n_units": 5, "epochs": 2}
    estimator = kind(random_state=0, **few).fit(ragged, LABELS)
    assert not estimator.one_length_
    functions = printed(tmp_path, estimator)
    assert "step" in functions["CHECKS"]
    assert "predict" not in functions


def test_the_links_of_a_sparse_reservoir_are_printed_as_such(tmp_path):
    estimator = EchoStateClassifier(n_units=400, n_links=5, random_state=0).fit(SEQUENCES, LABELS)
    printed(tmp_path, estimator)
    stated = int((tmp_path / "net.h").read_text().split("constants: ")[1].split(" bytes")[0].replace(",", ""))
    links = 400 * 5 * (4 + 4)
    assert stated < 2 * (links + 4 * 400 * 8)  # the square of them would be 640,000 bytes, or twice that
