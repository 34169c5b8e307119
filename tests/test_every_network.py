"""The contract, held for every estimator that the catalogue finds: nothing here knows a network by name."""

import copy
import pickle
import random
import signal
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from beartype import beartype
from jaxtyping import jaxtyped
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

import neurarium
from found import FOUND, NAMES, OF_TABLES, answers, checked, expected_failures, rows_for, score
from kill import killed_and_resumed
from mutants import mutations
from neurarium.core.interruption import FitStopped
from neurarium.core.learning import Learning
from neurarium.core.persistence import DamagedFile
from neurarium.core.roles import Classifier, Encoder, Forecaster, Regressor, Weighted
from neurarium.core.stages import Stage, Staged, stage_names

every = pytest.mark.parametrize("name", NAMES)
every_of_tables = pytest.mark.parametrize("name", OF_TABLES)


@pytest.fixture(scope="module")
def fitted():
    """Each estimator fitted once, with its rows."""
    made = {}

    def give(name):
        if name not in made:
            X, y = rows_for(FOUND[name])
            made[name] = (quiet(FOUND[name](random_state=0).fit, X, y), X, y)
        return made[name]

    return give


def quiet(act, *arguments, **named):
    """A fit whose advice (a load too high, a small sample) is not what the test is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return act(*arguments, **named)


def state(estimator):
    return {name: tensor.numpy(force=True).tobytes() for name, tensor in estimator.module_.state_dict().items()}


@parametrize_with_checks([checked(FOUND[name]) for name in OF_TABLES], expected_failed_checks=expected_failures)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_contract_holds(estimator, check):
    asks_for_a_good_fit = any(name in repr(check) for name in ("check_classifiers_train", "check_regressors_train"))
    if hasattr(estimator, "epochs") and not asks_for_a_good_fit:
        estimator = clone(estimator).set_params(epochs=min(estimator.epochs, 4))  # the other checks have the same one
    check(estimator)


def test_there_are_at_most_three_kinds_of_expected_failures():
    reasons = {reason for name in NAMES for reason in expected_failures(FOUND[name]()).values()}
    assert len(reasons) <= 3


@every
def test_a_seed_decides_the_bytes_whatever_the_callers_streams_and_threads_are(name):
    X, y = rows_for(FOUND[name])
    first = quiet(FOUND[name](random_state=5).fit, X, y)
    torch.manual_seed(123)
    np.random.seed(123)
    random.seed(123)
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        second = quiet(FOUND[name](random_state=5).fit, X, y)
        quiet(answers, second, X)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert state(first) == state(second)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])
    assert random.getstate() == before[2]


@every
def test_a_saved_network_answers_with_the_same_bytes_and_is_an_estimator_again(name, fitted, tmp_path):
    estimator, X, _ = fitted(name)
    estimator.save(tmp_path / "net")
    loaded = neurarium.load(tmp_path / "net")
    assert type(loaded) is type(estimator)
    assert {k: repr(v) for k, v in loaded.get_params().items()} == {
        k: repr(v) for k, v in estimator.get_params().items()
    }
    assert answers(loaded, X).tobytes() == answers(estimator, X).tobytes()
    learnt = {key for key in vars(estimator) if key.endswith("_") and not key.startswith("_")}
    assert learnt == {key for key in vars(loaded) if key.endswith("_") and not key.startswith("_")}
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "net").read_bytes()
    clone(loaded)


@every
def test_a_mutated_file_is_refused_or_unharmed(name, fitted, tmp_path):
    estimator, X, _ = fitted(name)
    path = tmp_path / "net"
    estimator.save(path)
    said = answers(estimator, X)
    for mutant in mutations(path.read_bytes(), 40):
        path.write_bytes(mutant)
        try:
            loaded = neurarium.load(path)
        except DamagedFile:
            continue
        assert np.array_equal(answers(loaded, X), said)


@every
def test_joblib_and_pickle_keep_a_network_for_scikit_learns_own_use(name, fitted, tmp_path):
    estimator, X, _ = fitted(name)
    joblib.dump(estimator, tmp_path / "net.joblib")
    for back in (joblib.load(tmp_path / "net.joblib"), pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator)):
        assert answers(back, X).tobytes() == answers(estimator, X).tobytes()


@every
def test_a_checkpointed_fit_cut_short_at_any_report_ends_with_the_same_bytes(name, tmp_path, monkeypatch):
    X, y = rows_for(FOUND[name])
    whole = quiet(FOUND[name](random_state=0).fit, X, y)
    plain, lives = Learning.__iter__, iter([1, 2, 5, 1, 3])

    def dying(self):
        life = next(lives, None)
        for number, report in enumerate(plain(self), 1):
            yield report
            if number == life:
                raise MemoryError  # as abrupt as a kill, once the checkpoint of this step is written

    monkeypatch.setattr(Learning, "__iter__", dying)
    monkeypatch.setattr("neurarium.core.checkpoints._SHARE", 1e9)  # a checkpoint at every step
    deaths = 0
    while True:
        try:
            resumed = quiet(FOUND[name](random_state=0).fit, X, y, checkpoint=tmp_path)
            break
        except MemoryError:
            deaths += 1
    assert deaths >= 1
    assert state(resumed) == state(whole)
    assert resumed.history_ == whole.history_


@pytest.mark.slow
@every
def test_a_fit_killed_at_random_moments_ends_with_the_same_bytes(name, tmp_path):
    script = tmp_path / "make.py"
    script.write_text(
        "import warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from found import FOUND, rows_for\n"
        f"def make():\n    return FOUND[{name!r}](random_state=0), *rows_for(FOUND[{name!r}], n=600)\n"
    )
    killed_and_resumed(script, tmp_path, kills=5)
    assert (tmp_path / "disturbed").read_bytes() == (tmp_path / "undisturbed").read_bytes()


@every
def test_ctrl_c_keeps_a_usable_model_or_raises_when_there_is_none_yet(name, monkeypatch):
    X, y = rows_for(FOUND[name])
    plain = Learning.__iter__

    def interrupted(self):
        for report in plain(self):
            signal.raise_signal(signal.SIGINT)
            yield report

    monkeypatch.setattr(Learning, "__iter__", interrupted)
    estimator = FOUND[name](random_state=0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            estimator.fit(X, y)
        except KeyboardInterrupt:
            assert not hasattr(estimator, "module_")
            return
    assert any(issubclass(each.category, FitStopped) and "interrupted" in str(each.message) for each in said)
    answers(estimator, X)


BAD = {
    "NaN": (lambda X: with_entry(X, np.nan), "NaN"),
    "infinity": (lambda X: with_entry(X, np.inf), "infinity"),
    "no rows": (lambda X: X[:0], "0 sample"),
    "no columns": (lambda X: X[:, :0], "0 feature"),
    "text": (
        lambda X: X.astype(object) + np.array([["x"]], dtype=object) if False else texts(X),
        "could not convert|numbers",
    ),
}


def with_entry(X, value):
    X = X.copy()
    X[3, 1] = value
    return X


def texts(X):
    X = X.astype(object)
    X[2, 0] = "cat"
    return X


@every_of_tables
@pytest.mark.parametrize("kind", BAD)
def test_rows_that_cannot_be_used_are_refused_in_words_and_nothing_learnt_is_touched(name, kind, fitted):
    estimator, X, y = fitted(name)
    spoil, words = BAD[kind]
    if kind == "NaN" and FOUND[name]._allow_nan:
        return  # a missing value is something this network has a place for; its own test says what it does
    before, module, said = dict(vars(estimator)), state(estimator), answers(estimator, X)
    bad = spoil(X)
    with pytest.raises(ValueError, match=words) as error:
        estimator.fit(bad, None if y is None else y[: len(bad)])
    assert "size mismatch" not in str(error.value)
    assert "mat1" not in str(error.value)
    assert vars(estimator) == before
    assert state(estimator) == module
    assert np.array_equal(answers(estimator, X), said)


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(OF_TABLES)))
@pytest.mark.parametrize("bad", [None, 3.5, b"bytes", "", [], [None, "a"], {"a": 1}], ids=repr)
def test_what_is_no_sequence_or_text_is_refused_in_words_and_nothing_learnt_is_touched(name, bad, fitted):
    estimator, X, _ = fitted(name)
    before, module, said = dict(vars(estimator)), state(estimator), answers(estimator, X)
    with pytest.raises(ValueError, match=name):
        estimator.fit(bad)
    assert vars(estimator) == before
    assert state(estimator) == module
    assert np.array_equal(answers(estimator, X), said)


@every_of_tables
def test_rows_of_another_width_are_refused_by_every_verb(name, fitted):
    estimator, X, _ = fitted(name)
    verbs = [
        verb
        for verb in ("predict", "decision_function", "predict_proba", "transform", "recall")
        if hasattr(estimator, verb)
    ]
    for verb in verbs:
        with pytest.raises(ValueError, match=r"X has 3 features, but .* is expecting 4 features"):
            getattr(estimator, verb)(X[:, :3])
    if isinstance(estimator, Forecaster):
        with pytest.raises(ValueError, match="feature"):
            estimator.forecast(3, history=X[:, :3])


@every
def test_targets_that_cannot_be_used_are_refused_in_words(name, fitted):
    estimator, X, y = fitted(name)
    if y is None:
        return
    before = state(estimator)
    with pytest.raises(ValueError, match=r"inconsistent|60 rows but 59 targets"):
        estimator.fit(X, y[:-1])
    with pytest.raises(ValueError, match="y"):
        estimator.fit(X)
    if isinstance(estimator, Classifier):
        with pytest.raises(ValueError, match="at least 2 classes; y holds 1 class"):
            estimator.fit(X, ["one"] * 60)
    if isinstance(estimator, Regressor):
        with pytest.raises(ValueError, match="could not convert|numeric"):
            estimator.fit(X, ["text"] * 60)
    assert state(estimator) == before


@every
def test_every_program_of_a_fitted_network_can_be_traced_and_computes_the_same(name, fitted):
    estimator, _, _ = fitted(name)
    programs = estimator._programs()
    assert programs
    for module, inputs in programs.values():
        module.eval()
        traced = torch.export.export(module, inputs)
        with torch.no_grad():
            wanted, got = module(*inputs), traced.module()(*inputs)
        for one, other in zip(flat(wanted), flat(got), strict=True):
            # To rounding alone: a traced program may fuse a product and a sum.
            torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def flat(value):
    return torch.utils._pytree.tree_leaves(value)


@every
def test_every_stage_is_read_by_name_from_one_run_and_can_be_traced_by_name(name, fitted, monkeypatch):
    estimator, X, _ = fitted(name)
    names = stage_names(estimator.module_)
    assert names, "a network that nobody can look into"
    runs = 0

    def count(module, inputs, answer):
        nonlocal runs
        runs += 1

    handle = estimator.module_.register_forward_hook(count)
    seen = estimator.stages(X[:7])
    handle.remove()
    assert runs == 1
    assert set(names) | {"answer"} == set(seen), "a stage that the network's answer does not pass"
    module, inputs = estimator._programs().get("forward") or next(iter(estimator._programs().values()))
    if any(isinstance(part, Stage) for part in module.modules()):
        traced = torch.export.export(Staged(module.eval()), inputs)
        assert set(traced.module()(*inputs)) == {*stage_names(module), "answer"}


@every_of_tables
def test_the_network_is_at_home_in_a_pipeline_a_data_frame_and_a_notebook(name, fitted):
    kind = FOUND[name]
    _, X, y = fitted(name)
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    pipeline = quiet(make_pipeline(FunctionTransformer(), kind(random_state=0)).fit, frame, y)
    assert pipeline[-1].n_features_in_ == 4
    assert name in pipeline._repr_html_() or name in repr(pipeline)
    assert kind()._repr_html_()
    if issubclass(kind, Encoder):
        frame_out = quiet(kind(random_state=0).set_output(transform="pandas").fit, frame, y).transform(frame)
        assert isinstance(frame_out, pd.DataFrame)
        assert len(set(frame_out.columns)) == frame_out.shape[1]


@every_of_tables
def test_a_torch_tensor_and_an_array_are_the_same_rows(name, fitted):
    estimator, X, y = fitted(name)
    again = quiet(FOUND[name](random_state=0).fit, torch.from_numpy(X), y)
    assert state(again) == state(estimator)


@every_of_tables
def test_float32_rows_are_computed_and_answered_in_float32(name):
    X, y = rows_for(FOUND[name], dtype=np.float32)
    estimator = quiet(FOUND[name](random_state=0).fit, X, y)
    assert all(t.dtype != torch.float64 for t in estimator.module_.state_dict().values())
    assert answers(estimator, X).dtype == np.float32


@every
def test_nothing_is_printed_unless_asked_for(name, capfd):
    X, y = rows_for(FOUND[name])
    quiet(FOUND[name](random_state=0).fit, X, y)
    assert capfd.readouterr() == ("", "")


@every_of_tables
def test_weights_go_in_where_the_mathematics_has_a_place_for_them_and_bad_ones_are_refused(name):
    kind = FOUND[name]
    if not issubclass(kind, Weighted):
        return
    X, y = rows_for(kind)
    quiet(kind(random_state=0).fit, X, y, sample_weight=np.r_[np.ones(30), np.zeros(30)] if y is None else np.ones(60))
    with pytest.raises(ValueError, match="zero"):
        kind().fit(X, y, sample_weight=np.zeros(60))
    with pytest.raises(ValueError, match="[Nn]egative"):
        kind().fit(X, y, sample_weight=np.r_[-1.0, np.ones(59)])


def test_a_grid_search_over_every_network_runs_two_at_a_time():
    for name in OF_TABLES:
        kind = FOUND[name]
        X, y = rows_for(kind)
        search = GridSearchCV(
            kind(), {"random_state": [0, 1]}, cv=2, n_jobs=2, scoring=score, error_score="raise", refit=False
        )
        quiet(search.fit, X, y)
        assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@every
def test_an_unknown_parameter_and_one_out_of_bounds_fail_by_name(name):
    kind = FOUND[name]
    X, y = rows_for(kind)
    with pytest.raises(TypeError, match="no_such_parameter"):
        kind(no_such_parameter=1)
    with pytest.raises(ValueError, match="verbose must be"):
        kind(verbose="loud").fit(X, y)
    with pytest.raises(ValueError, match="device 'abacus' cannot be used here"):
        kind(device="abacus").fit(X, y)


@every
def test_the_shapes_in_the_signatures_are_the_shapes_that_pass(name, fitted, monkeypatch):
    estimator, X, _ = fitted(name)
    checked = 0
    for kind in {type(part) for part in estimator.module_.modules()}:
        if not kind.__module__.startswith("neurarium.networks"):
            continue
        for method, function in list(vars(kind).items()):
            hints = getattr(function, "__annotations__", {})
            if any(hasattr(hint, "dim_str") for hint in hints.values()):
                monkeypatch.setattr(kind, method, jaxtyped(typechecker=beartype)(function))
                checked += 1
    assert checked, "no shape stands in a signature"
    estimator.stages(X)
    answers(estimator, X)
