"""What stands beside the steps in a printed file: texts, walks and forecasts, as the estimator's own verbs do."""

import subprocess

import numpy as np
import pytest
import torch

from neurarium.networks.gru import GRULanguageModel
from neurarium.networks.hopfield import HopfieldNetwork
from neurarium.networks.lstm import LSTMForecaster
from neurarium.networks.markov_chain import MarkovChain
from neurarium.networks.recurrent import RNNForecaster, RNNLanguageModel
from neurarium.program.export import write
from program.printing import STRICT, loaded, needs_gcc

TEXT = "the ñandú sat on the mat, and the dog - it's late - sat on the ñandú.\n" * 12
SLOW = pytest.param("chain_of_words", marks=pytest.mark.slow)
NOISE = np.random.default_rng(0).random(30).astype(np.float32)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """An estimator printed in both languages, each only once."""
    known = {}

    def export(name):
        if name not in known:
            estimator, folder = MAKERS[name](), tmp_path_factory.mktemp(name)
            sheet = estimator._printable()
            for ending in (".py", ".c"):
                write(folder / f"net{ending}", sheet)
            known[name] = estimator, folder
        return known[name]

    return export


def series(n):
    return np.sin(0.3 * np.arange(n)) + 0.1 * np.cos(np.arange(n))


def two_series(n):
    return np.stack([series(n), np.cos(0.2 * np.arange(n))], 1)


def control(n):
    return np.sin(0.11 * np.arange(n)[:, None] + [0, 1])


PATTERNS = np.where(np.random.default_rng(1).random((2, 24)) < 0.5, -1.0, 1.0)
MAKERS = {
    "characters": lambda: GRULanguageModel(n_units=6, epochs=3, random_state=0).fit(TEXT),
    "words": lambda: RNNLanguageModel(n_units=6, epochs=3, unit="word", random_state=0).fit(TEXT),
    "chain": lambda: MarkovChain(order=3).fit(TEXT),
    "chain_of_words": lambda: MarkovChain(order=2, unit="word").fit(TEXT),
    "weather": lambda: MarkovChain(order=2).fit(["sun", "rain", "rain", "sun", "sun", "fog", "rain"] * 8),
    "memory": lambda: HopfieldNetwork(random_state=0).fit(PATTERNS),
    "series": lambda: RNNForecaster(n_units=5, epochs=3, random_state=0).fit(series(150)),
    "two_series": lambda: LSTMForecaster(n_units=5, epochs=3, random_state=0).fit(
        two_series(150), control=control(150)
    ),
}


def answers_of_c(folder, source):
    """What a program says that calls a printed file."""
    (folder / "asks.c").write_text(f'#include <stdio.h>\n#include "net.h"\nint main(void) {{\n{source}\nreturn 0; }}\n')
    strict = [flag for flag in STRICT if flag != "-DNET_CHECK"]
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover"]
    files = [folder / "asks.c", folder / "net.c", "-lm", "-o", folder / "asks"]
    subprocess.run([*strict, *flags, *files], check=True)
    return subprocess.run([folder / "asks"], capture_output=True, text=True, check=True).stdout


def table(kind, name, array):
    numbers = ", ".join(f"{each:.9g}{'f' * ('.' in f'{each:.9g}')}" for each in np.ravel(array).tolist())
    return f"static const {kind} {name}[] = {{{numbers}}};\n"


# Text.


@pytest.mark.parametrize("name", ["characters", "words"])
def test_a_prompt_is_read_and_a_text_written_as_the_estimator_does(name, exported):
    estimator, folder = exported(name)
    printed, vocabulary = loaded(folder / "net.py"), estimator._vocabulary()
    for text in ("the ñandú sat, (late) - it's\nZ", ""):
        assert printed["encode"](text) == vocabulary.encode(text).tolist()
    numbers = list(range(1, len(vocabulary))) * 2
    assert printed["decode"](numbers) == vocabulary.decode(numbers)


def drawn(likely, u):
    """The number of the symbol that a number in [0, 1) draws."""
    return int(np.searchsorted(np.cumsum(likely), u * np.sum(likely), side="right"))


@pytest.mark.parametrize("name", ["characters", "words"])
@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_a_text_is_drawn_from_the_probabilities_that_the_estimator_has(name, temperature, exported):
    estimator, folder = exported(name)
    vocabulary = estimator._vocabulary()
    text = loaded(folder / "net.py")["sample"](12, "the mat", temperature, NOISE[:12])
    heard, wanted = [0, *vocabulary.encode("the mat")], []
    for u in NOISE[:12]:
        scores = estimator.module_(torch.tensor([heard + wanted]))[0, -1].detach().numpy()
        likely = np.exp(scores / temperature)
        likely[0] = 0  # what stands for unknown symbols is not written
        wanted.append(drawn(likely, u))
    assert text == vocabulary.decode(wanted)


@needs_gcc
@pytest.mark.parametrize("name", ["characters", "words"])
def test_c_draws_the_same_text(name, exported):
    estimator, folder = exported(name)
    wanted = loaded(folder / "net.py")["sample"](30, "the mat", 0.7, NOISE)
    prompt = estimator._vocabulary().encode("the mat")
    source = (
        f"{table('int32_t', 'prompt', prompt)}{table('float', 'noise', NOISE)}int32_t numbers[30];\n"
        f"net_sample(prompt, {len(prompt)}, 30, 0.7f, noise, numbers);\n"
        'for (int i = 0; i < 30; i++) printf("%d ", (int)numbers[i]);'
    )
    numbers = list(map(int, answers_of_c(folder, source).split()))
    assert estimator._vocabulary().decode(numbers) == wanted


@needs_gcc
def test_c_reads_a_text_in_utf_8_as_the_estimator_does(exported):
    estimator, folder = exported("characters")
    text = "ñandú 漢, Z"
    escaped = "".join(f"\\{each:03o}" for each in text.encode())
    source = (
        f'int32_t numbers[50]; int n = net_encode("{escaped}", numbers, 50);\n'
        'for (int i = 0; i < n; i++) printf("%d ", (int)numbers[i]);\nprintf("%d", net_encode("abc", numbers, 2));'
    )
    *numbers, at_most = map(int, answers_of_c(folder, source).split())
    assert numbers == estimator._vocabulary().encode(text).tolist()
    assert at_most == 2


# Chains.


@pytest.mark.parametrize(
    ("name", "recent"),
    [
        ("chain", "the ñ"),
        pytest.param("chain_of_words", "sat on", marks=pytest.mark.slow),
        ("weather", ["fog", "rain"]),
        ("chain", ""),
    ],
)
def test_the_next_state_of_a_chain_is_as_likely_as_the_estimator_says(name, recent, exported):
    estimator, folder = exported(name)
    printed = loaded(folder / "net.py")
    np.testing.assert_allclose(printed["next_probabilities"](recent), estimator.next_probabilities(recent), atol=1e-6)
    assert printed["SYMBOLS"] == estimator.states_.tolist()


@pytest.mark.parametrize("name", ["chain", SLOW, "weather"])
def test_a_walk_follows_the_probabilities_that_the_estimator_has(name, exported):
    estimator, folder = exported(name)
    printed = loaded(folder / "net.py")
    states = name == "weather"
    start = ["fog", "rain"] if states else "sat on the "
    walked = printed["simulate"](30, start, NOISE) if states else printed["sample"](30, start, 0.8, NOISE)
    numbers = printed["encode"](start)
    for u in NOISE:
        likely = estimator.next_probabilities([printed["SYMBOLS"][number] for number in numbers[-3:]])
        if not states:
            likely = likely ** (1 / 0.8)
            likely[0] = 0
        numbers.append(drawn(likely, u))
    assert walked == printed["decode"](numbers[-30:])


@needs_gcc
@pytest.mark.parametrize("name", ["chain", "weather"])
def test_c_walks_the_same_way(name, exported):
    _, folder = exported(name)
    printed = loaded(folder / "net.py")
    states = name == "weather"
    start = ["fog"] if states else "sat on the "
    wanted = printed["simulate"](30, start, NOISE) if states else printed["sample"](30, start, 0.8, NOISE)
    call = "net_simulate(start, N, 30," if states else "net_sample(start, N, 30, 0.8f,"
    numbers = printed["encode"](start)
    source = (
        f"{table('int32_t', 'start', numbers)}{table('float', 'noise', NOISE)}int32_t walked[30];\n"
        f"{call.replace('N', str(len(numbers)))} noise, walked);\n"
        'for (int i = 0; i < 30; i++) printf("%d ", (int)walked[i]);'
    )
    assert printed["decode"](list(map(int, answers_of_c(folder, source).split()))) == wanted


# Memories.


@needs_gcc
def test_c_settles_where_numpy_does(exported):
    _, folder = exported("memory")
    damaged = PATTERNS[0] * np.where(np.arange(24) % 5, 1, -1)
    wanted = loaded(folder / "net.py")["settle"](damaged[None])[0]
    source = (
        f"{table('float', 'damaged', damaged).replace('const ', '')}int sweeps = net_settle(damaged, 100);\n"
        'for (int i = 0; i < 24; i++) printf("%g ", damaged[i]);\nprintf("%d", sweeps);'
    )
    *pattern, sweeps = map(float, answers_of_c(folder, source).split())
    assert pattern == wanted.tolist()
    assert 1 <= sweeps < 100


# Series.


@pytest.mark.parametrize("length", [1, 40])
@needs_gcc
@pytest.mark.parametrize("name", ["series", "two_series"])
def test_a_forecast_is_the_estimators_own_in_both_languages(name, length, exported):
    estimator, folder = exported(name)
    driven = name == "two_series"
    history = (two_series if driven else series)(length)
    drive = control(length + 9)
    wanted = estimator.forecast(9, history=history, **({"control": drive} if driven else {}))
    got = loaded(folder / "net.py")["forecast"](9, history, *([drive] if driven else []))
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)
    source = (
        f"{table('float', 'history', history)}{table('float', 'control', drive) if driven else ''}"
        f"static float answers[{wanted.size}];\n"
        f"net_forecast(history, {length}, {'control, ' * driven}9, answers);\n"
        f'for (int i = 0; i < {wanted.size}; i++) printf("%.9g ", answers[i]);'
    )
    said = np.array(list(map(float, answers_of_c(folder, source).split()))).reshape(wanted.shape)
    np.testing.assert_allclose(said, wanted, rtol=1e-4, atol=1e-5)


@needs_gcc
@pytest.mark.parametrize("name", ["characters", "weather", "two_series"])
def test_the_working_memory_in_the_header_is_all_there_is(name, exported):
    _, folder = exported(name)
    subprocess.run(["gcc", "-std=c99", "-c", folder / "net.c", "-o", folder / "net.o"], check=True)
    told = subprocess.run(["size", "-A", folder / "net.o"], capture_output=True, text=True).stdout
    static = sum(int(line.split()[1]) for line in told.splitlines() if line.startswith(".bss"))
    stated = int((folder / "net.h").read_text().split("working memory: ")[1].split(" bytes")[0].replace(",", ""))
    assert stated <= static <= stated + 128
