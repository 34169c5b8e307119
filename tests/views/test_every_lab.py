"""Every lab, found by crawling, as a page in a browser, and what all labs have."""

import re

import pytest
from matplotlib.text import Text

from neurarium.page.controls import Number
from neurarium.page.marks import Formula
from neurarium.page.paper import figure
from neurarium.views.laboratory import found_labs, lab, labs
from neurarium.views.levels import DO, FORMULA, LEVEL, SEE
from paging import check_page

LECTURES = {
    "universal", "convolution", "gradients", "lstm", "minimax", "autoencoder",
    "manifold", "recurrence", "directions", "cells", "playground",
}  # fmt: skip


def test_there_is_a_lab_for_every_lesson():
    assert set(labs()) == LECTURES
    assert len({file.ORDER for file in found_labs().values()}) == len(LECTURES)


@pytest.mark.parametrize("name", labs())
def test_labs_are_the_same_in_python_and_on_the_page_and_shut_nobody_out(name, browser, tmp_path):
    scene = lab(name)
    check_page([scene], tmp_path / "see.html", browser)
    check_page([scene.set(level=DO, seed=2)], tmp_path / "do.html", browser)


@pytest.mark.parametrize("name", labs())
def test_a_lab_has_three_levels_three_steps_to_try_and_fresh_examples(name):
    scene = lab(name)
    assert scene.look == name
    assert LEVEL in scene.controls
    shown = [scene.set(level=level).shown() for level in (SEE, DO, FORMULA)]
    for panels in shown:
        assert 1 <= len(panels) <= 6
    titles = [[panel.title.en for panel in panels] for panels in shown]
    assert len({tuple(each) for each in titles}) == 3
    assert any(isinstance(mark, Formula) for panel in shown[FORMULA] for mark in panel.marks)
    assert len(scene.tries) == 3
    seeds = next(control for control in scene.controls if control.name == "seed")
    assert isinstance(seeds, Number)
    assert (seeds.value, seeds.low, seeds.whole) == (0, 0, True)
    assert seeds.high >= 3
    fresh = [scene.set(seed=seed).told() for seed in range(4)]
    assert len(set(fresh)) == 4, "another example is told in other numbers"


def test_only_labs_that_open_on_what_a_lecture_gives_say_so():
    """What it is, is asserted in each lab's own test."""
    labels = {name: next(each.label for each in lab(name).controls if each.name == "seed") for name in labs()}
    assert {name for name, label in labels.items() if "lecture" in label.en} == {
        "universal", "convolution", "lstm", "directions",
    }  # fmt: skip
    assert {name for name, label in labels.items() if "clase" in label.es} == {
        name for name, label in labels.items() if "lecture" in label.en
    }


@pytest.mark.parametrize("name", labs())
def test_every_level_of_a_lab_is_drawn_on_paper_in_both_languages(name):
    scene = lab(name)
    for level, language in ((SEE, "en"), (DO, "es"), (FORMULA, "es")):
        drawn = figure(scene.set(level=level), language=language)
        told = {text.get_text() for text in drawn.findobj(Text)}
        assert any(
            scene.fill(panel.title, language).split()[0] in each
            for panel in scene.set(level=level).shown()
            for each in told
        )


def test_an_unknown_lab_is_said_with_the_nearest_one():
    with pytest.raises(
        ValueError, match=re.escape("there is no lab called 'convolutions'; did you mean 'convolution'?")
    ):
        lab("convolutions")
