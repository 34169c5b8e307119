"""The tour: what it finds out about networks that are right, wrong, broken, or ahead of their time."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from neurarium import catalogue
from neurarium.cli.main import main
from neurarium.tour import inside
from neurarium.tour.digits import split
from neurarium.tour.figures import Result, paired_chance
from neurarium.tour.found_verbs import found_verbs
from neurarium.tour.run import run
from neurarium.tour.summary import summary, surprises
from tour.fakes import (
    AboveCounter,
    Broken,
    Collapsed,
    Copier,
    Halver,
    ListMemory,
    NearestMean,
    Squares,
    Stubborn,
    TinyMap,
    card,
    every_verb,
)


def only(kind: type[Any], verb: str, seeds: tuple[int, ...] = (0,)) -> Result:
    (result,) = [event for event in run([card("X", kind, verb)], seeds) if isinstance(event, Result)]
    return result


def test_a_split_is_stratified_and_decided_by_its_seed() -> None:
    one, again, other = split(0), split.__wrapped__(0), split(1)
    assert np.array_equal(one.held_out, again.held_out)
    assert not np.array_equal(one.held_out, other.held_out)
    assert np.ptp(np.bincount(one.held_out_labels)) <= 2
    rows = {row.tobytes() for row in one.seen} & {row.tobytes() for row in one.held_out}
    assert len(rows) < 3  # nobody is asked about what was learnt, but for true duplicates
    assert one.seen.min() == 0
    assert one.seen.max() == 1


def test_a_fast_split_asks_about_the_same_digits() -> None:
    assert np.array_equal(split(3, fast=True).held_out, split(3).held_out)
    assert len(split(3, fast=True).seen) == len(split(3).seen) // 2


def test_every_verb_is_found_by_its_file() -> None:
    assert set(found_verbs()) >= {
        "classify",
        "classify rows",
        "map",
        "recall",
        "features",
        "compress",
        "sample",
        "simulate",
    }


def test_a_classifier_is_counted_as_scikit_learn_counts_it(results: list[Result]) -> None:
    rows = split(0)
    mean = NearestMean().fit(rows.seen, rows.seen_labels)
    found = results[0].runs[0]
    assert found.ours == np.mean(mean.predict(rows.held_out) == rows.held_out_labels)
    assert found.rival == SVC().fit(rows.seen, rows.seen_labels).score(rows.held_out, rows.held_out_labels)
    assert found.floor == pytest.approx(0.1, abs=0.003)
    assert results[1].runs[0].rival == found.rival


def test_the_floor_of_features_is_the_same_classifier_on_the_pixels() -> None:
    rows, found = split(0), only(Squares, "features").runs[0]
    plain = LogisticRegression(max_iter=2000).fit(rows.seen, rows.seen_labels)
    assert found.floor == plain.score(rows.held_out, rows.held_out_labels)
    assert found.rival_name in ("PCA (scikit-learn)", "BernoulliRBM-127 (scikit-learn)")


def test_a_memory_that_looks_patterns_up_is_level_with_its_rival_and_the_damage_is_the_floor() -> None:
    result = only(ListMemory, "recall")
    found = result.runs[0]
    assert (found.floor, found.ours, found.rival) == (0.0, 1.0, 1.0)
    assert found.notes["note.load"] == 20 / 64
    assert result.verdict == "level"
    truth, damaged, _ = found.pictures[0].tiles.reshape(3, 8, 64)
    assert (np.abs(truth - damaged).sum(1) == 6).all()  # a tenth of 64 bits


def test_a_map_is_judged_by_the_labels_of_its_cells() -> None:
    rows = split(0)
    grid = TinyMap(random_state=0).fit(rows.seen)
    seen, asked = grid.winners(rows.seen), grid.winners(rows.held_out)
    mode = {cell: np.bincount(rows.seen_labels[seen == cell]).argmax() for cell in set(seen)}
    right = np.mean([mode.get(cell) == label for cell, label in zip(asked, rows.held_out_labels, strict=True)])
    found = only(TinyMap, "map").runs[0]
    assert found.ours == pytest.approx(right)
    assert found.rival_name == "KMeans-12 (scikit-learn)"
    assert found.notes["note.topographic"] == 0.25


def test_a_coder_is_judged_by_the_variance_that_comes_back() -> None:
    rows, found = split(0), only(Halver, "compress").runs[0]
    coder = Halver(n_components=8).fit(rows.seen)
    lost = (coder.inverse_transform(coder.transform(rows.held_out)) - rows.held_out) ** 2
    assert found.ours == pytest.approx(1 - lost.sum() / ((rows.held_out - rows.held_out.mean(0)) ** 2).sum(), rel=1e-5)
    assert abs(found.floor) < 0.02
    kept = PCA(8).fit(rows.seen).explained_variance_ratio_.sum()
    assert found.rival == pytest.approx(kept, abs=0.02)
    assert found.floor < found.ours < found.rival


def test_a_forger_that_copies_covers_all_digits_and_one_that_has_collapsed_a_single_one() -> None:
    copier, collapsed = only(Copier, "sample").runs[0], only(Collapsed, "sample").runs[0]
    assert (copier.floor, copier.ours, copier.rival) == (0.0, 1.0, 1.0)
    assert copier.notes["note.real"] == collapsed.notes["note.real"] == 1.0
    assert collapsed.ours == 0.1
    assert collapsed.notes["note.reached"] < 0.1 < 0.85 < copier.notes["note.reached"]


def test_a_chain_is_judged_by_the_likelihood_it_gave_to_the_pixels() -> None:
    found = only(AboveCounter, "simulate").runs[0]
    held_out = (split(0).held_out >= 0.5).astype(int)
    ink = (split(0).seen >= 0.5).mean()
    counter = AboveCounter(order=9).fit((split(0).seen >= 0.5).astype(int))
    assert found.ours == pytest.approx(np.exp(np.mean([counter.score(digit) for digit in held_out])))
    assert found.floor == pytest.approx(np.exp(np.where(held_out, np.log(ink), np.log(1 - ink)).mean()))
    # The rival on every pixel by itself, without counting equal contexts.
    seen = (split(0).seen >= 0.5).astype(int)
    rows, asked = (
        np.concatenate([np.pad(part, ((0, 0), (9, 0)))[:, t : t + 9] for t in range(64)]) for part in (seen, held_out)
    )
    plain = LogisticRegression().fit(rows, seen.T.ravel())
    answers = plain.predict_log_proba(asked)[np.arange(asked.shape[0]), held_out.T.ravel()]
    assert found.rival == pytest.approx(np.exp(answers.mean()), abs=1e-3)
    assert found.floor < found.ours < found.rival


def test_a_network_that_fails_does_not_stop_the_tour_and_counts_as_below_its_floor() -> None:
    cards = [card("X", Broken, "classify"), card("Y", Stubborn, "classify"), card("Z", NearestMean, "classify")]
    found = [event for event in run(cards, [0]) if isinstance(event, Result)]
    assert [result.verdict for result in found] == ["failed", "below floor", "behind"]
    assert [result.above_floor for result in found] == [False, False, True]
    assert "flux" in found[0].trouble


def test_a_network_that_lacks_what_its_verb_needs_says_so() -> None:
    assert "NearestMean cannot recall" in only(NearestMean, "recall").trouble
    assert "NearestMean has no parameter view" in only(NearestMean, "classify rows").trouble


def test_a_verb_without_a_file_is_listed_and_not_crashed_on() -> None:
    result = only(NearestMean, "copy")
    assert result.verdict == "no verb yet"
    assert result.above_floor is None
    assert result.as_json()["ours"] is None


def test_ctrl_c_ends_the_tour_and_not_only_a_fit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def press(self: Any, X: Any, y: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(NearestMean, "fit", press)
    monkeypatch.setattr(catalogue, "cards", lambda: {"X": card("X", NearestMean, "classify")})
    done = CliRunner().invoke(main, ["tour", "--out", str(tmp_path)])
    assert done.exit_code == 130
    assert "interrupted" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_medians_over_seeds_are_printed_with_every_seeds_figures() -> None:
    entry = only(NearestMean, "classify", (0, 1, 2)).as_json()
    assert [each["seed"] for each in entry["seeds"]] == [0, 1, 2]
    for part in ("floor", "ours", "rival", "seconds"):
        assert entry[part] == pytest.approx(np.median([each[part] for each in entry["seeds"]]), abs=1e-6)


def test_chance_is_two_standard_errors_of_the_paired_difference() -> None:
    draw = np.random.default_rng(0)
    one, other = draw.random((2, 5000, 360)) < 0.9
    differences = one.mean(1) - other.mean(1)
    expected = np.mean([paired_chance(a, b) for a, b in zip(one[:200], other[:200], strict=True)])
    assert expected == pytest.approx(2 * differences.std(), rel=0.05)


def _faked(result: Result, **figures: Any) -> Result:
    return replace(result, runs=(replace(result.runs[0], **figures),))


def test_surprises_are_computed_and_vanish_when_the_figures_do_not_show_them(results: list[Result]) -> None:
    quick = _faked(results[0], ours=0.99, seconds=0.02, passes=1, chance=0.01)
    slow = _faked(results[1], ours=0.97, seconds=2.0, passes=40, chance=0.01)
    told = surprises([quick, slow], "en")
    assert told[0].startswith("FF learnt in 0.020 s and names 99.0 % of the digits: level with or above ESN (97.0 %)")
    assert "100 times" in told[0]
    assert any("a single pass over the digits: FF" in sentence for sentence in told)
    slower = _faked(quick, ours=0.9, seconds=3.0)
    assert not any("learnt in" in sentence or "single pass" in sentence for sentence in surprises([slower, slow], "en"))
    assert surprises([], "en") == []


def test_the_summary_counts(results: list[Result]) -> None:
    text = summary([*results, only(Stubborn, "classify"), only(NearestMean, "copy")], "en")
    assert text.startswith("8 of 9 networks do better than their floor")
    assert text.endswith("Not above their floor: X.")
    assert "semilla 0" in summary(results, "es")


@pytest.fixture
def tour(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setattr(catalogue, "cards", lambda: {**every_verb(), "BAD": card("BAD", Stubborn, "classify")})
    monkeypatch.setattr(inside, "found_looks", dict)
    return lambda *words: CliRunner().invoke(main, ["tour", "--out", str(tmp_path), *words])


def test_json_is_all_that_stdout_holds(tour: Any, tmp_path: Path) -> None:
    done = tour("--json", "--only", "ff,HN")
    entries = json.loads(done.stdout)
    assert [entry["code"] for entry in entries] == ["FF", "HN"]
    wanted = {"code", "verb", "metric", "floor", "ours", "rival", "rival_name", "seconds", "above_floor"}
    assert all(wanted <= set(entry) for entry in entries)
    assert done.exit_code == 0
    assert (tmp_path / "tour.html").stat().st_size < 5_000_000


def test_a_network_below_its_floor_makes_the_exit_code_1(tour: Any) -> None:
    done = tour("--only", "FF,BAD", "--lang", "es")
    assert done.exit_code == 1
    assert "BAJO SU SUELO" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_an_unknown_code_is_a_wrong_call(tour: Any) -> None:
    done = tour("--only", "RMB")
    assert done.exit_code == 2
    assert "Did you mean RBM" in done.stderr


def test_fast_means_one_seed(tour: Any) -> None:
    done = tour("--fast", "--seeds", "3", "--only", "FF")
    assert done.exit_code == 2
    assert "--fast" in done.stderr
