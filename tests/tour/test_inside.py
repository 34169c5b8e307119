"""What of a tour can be opened: the looks of its networks, and the labs."""

import pytest

from neurarium.page.html import Part
from neurarium.tour import inside
from neurarium.tour.figures import Figures, Result
from neurarium.tour.inside import insides, of_lab
from neurarium.views.labs import convolution
from tour.fakes import NearestMean, card


def result(code, fitted):
    figures = Figures("accuracy", 0.1, 0.9, 0.8, "a rival", 1.0, 0.0, 1, fitted=fitted, rows=([[0.0]], None))
    return Result(card(code, NearestMean, "classify"), (0,), (figures,))


class Look:
    """A look for those who have a word for it."""

    def __init__(self, *codes):
        self.codes = codes

    def can(self, fitted):
        return fitted in self.codes


@pytest.fixture
def looks(monkeypatch):
    """Three looks: all have one, two have another, one fails."""
    files = {"all": Look("P", "HN", "KN"), "two": Look("P", "HN"), "one": Look("HN"), "bad": Look("KN")}
    monkeypatch.setattr(inside, "found_looks", lambda: files)

    def made(fitted, view, X, y):
        if view == "bad":
            raise ValueError("it is bad")
        return fitted, view

    monkeypatch.setattr(inside, "look", made)
    monkeypatch.setattr(Part, "of", lambda scene: scene)
    return files


def test_every_look_that_a_network_has_is_made(looks):
    heard = []
    made = insides(
        [result(code, code) for code in ("P", "HN", "KN")],
        labs=False,
        workers=1,
        heard=lambda *told: heard.append(told),
    )
    assert {each.name: list(each.parts) for each in made} == {
        "P": ["all", "two"],
        "HN": ["all", "two", "one"],
        "KN": ["all"],
    }
    assert [each.left_out for each in made] == [(), (), ("bad",)]
    assert made[0].parts["two"] == ("P", "two")
    assert heard == [("P", 1, 3), ("HN", 2, 3), ("KN", 3, 3)]


def test_the_fast_one_makes_the_first_look_of_each(looks):
    made = insides([result(code, code) for code in ("P", "HN", "KN")], fast=True, labs=False, workers=1)
    assert {each.name: list(each.parts) for each in made} == {"P": ["all"], "HN": ["all"], "KN": ["all"]}


def test_networks_that_failed_or_have_no_verb_are_passed_over(looks):
    failed = Result(card("P", NearestMean, "classify"), trouble="it failed")
    assert insides([failed, Result(card("HN", NearestMean, "copy"))], labs=False, workers=1) == []


@pytest.mark.slow
def test_a_network_that_no_other_process_can_read_is_done_here(monkeypatch):
    monkeypatch.setattr(inside, "found_looks", lambda: {})
    strangers = [result("P", lambda: None), result("HN", lambda: None)]
    assert [each.name for each in insides(strangers, labs=False, workers=2)] == ["P", "HN"]


def test_a_lab_says_what_it_opens_on(monkeypatch):
    monkeypatch.setattr(Part, "of", lambda scene: scene)
    made = of_lab("convolution")
    assert made.title == convolution.TITLE
    assert made.sentence is not None
    assert "429" in made.sentence.en
    assert "429" in made.sentence.es
    assert list(made.parts) == ["convolution"]
