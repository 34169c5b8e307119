"""Spanish is a whole language: every text that a lab or a look can show, those put together at run time included."""

import dataclasses
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from found import rows_for
from neurarium import catalogue
from neurarium.page.marks import Formula
from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Text
from neurarium.views.laboratory import lab, labs
from neurarium.views.looking import look, looks
from spanish import MISTAKE, untranslated

MATHEMATICS = {"tanh", "diag", "argmin", "JSD", "softmax", "log", "exp", "max", "min", "sin"}
"""Letters of formulas that are no words of a language."""
QUOTED = {"I", "like", "icecream", "Watashi wa", "aisukurīmu ga", "suki"}
"""The lecture's own sentence, which is in two other languages."""


def texts(thing: Any, place: str = "") -> Iterator[tuple[str, Text]]:
    """Every text in a scene with its place; of formulas none."""
    if isinstance(thing, Text):
        yield place, thing
    elif isinstance(thing, Mapping):
        for name, each in thing.items():
            yield from texts(each, f"{place} {name}")
    elif isinstance(thing, list | tuple):
        for number, each in enumerate(thing):
            yield from texts(each, f"{place} {number}")
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, Formula):
        name = getattr(thing, "name", None) or (thing.title.en if isinstance(thing, Panel) else "")
        for field in dataclasses.fields(thing):
            yield from texts(getattr(thing, field.name), f"{place} {name} {field.name}")


def letters(scene: Scene) -> Iterator[str]:
    """The words of its formulas; code is code in every language."""
    for panel in scene.panels:
        for mark in panel.marks:
            if isinstance(mark, Formula) and "code" not in panel.title.en:
                yield from re.findall(r"[^\W\d_]{3,}", re.sub(r"\{[^}]*\}", "", mark.plain.en.replace("_", " ")))


def bare(scene: Scene) -> Iterator[str]:
    """What stands in its lists and menus as it is in every language."""
    menus = [getattr(control, "options", ()) for control in scene.controls]
    for entries in (*scene.lists.values(), *(each for each in menus if not isinstance(each, str))):
        yield from (each for each in entries if isinstance(each, str))


def in_english_alone(scene: Scene) -> list[tuple[str, str]]:
    """The texts that are not there in Spanish."""
    return [(place, text.en) for place, text in texts(scene) if untranslated(text.en, text.es)]


@pytest.mark.parametrize("name", labs())
def test_every_text_of_a_lab_is_there_in_spanish(name: str) -> None:
    scene = lab(name)
    assert len(list(texts(scene))) > 20
    assert in_english_alone(scene) == []
    assert set(letters(scene)) <= MATHEMATICS
    assert [text.es for _, text in texts(scene) if MISTAKE.search(text.es)] == []


@pytest.mark.parametrize("name", [name for name in labs() if name != "lstm"])
def test_what_a_lab_shows_in_every_language_is_no_word_of_one(name: str) -> None:
    """The lab "lstm" speaks: its words are in two lists, one a language."""
    assert [each for each in bare(lab(name)) if untranslated(each, each) and each not in QUOTED] == []


LIGHT = {
    "P": ["margin", "training", "compare"],
    "HN": ["energy"],
    "KN": ["network", "plane", "map"],
    "MC": ["chain"],
    "GRU": ["gates", "memory"],
    "GAN": ["game"],
}
"""Looks that take no time; the slow test sees to all of them."""


def untranslated_of(code: str, views: list[str] | None = None) -> list[tuple[str, str]]:
    """What looks of a network of the chart, fitted for a moment on a few rows, say in English alone."""
    estimator = catalogue.cards()[code].estimators[0](random_state=0)
    if hasattr(estimator, "epochs"):
        estimator.epochs = 1
    X, y = rows_for(type(estimator))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on fits that are too short
        network = estimator.fit(X) if y is None else estimator.fit(X, y)
        return [
            found
            for view in views or looks(network)
            for found in in_english_alone(look([network] * 2 if view == "compare" else network, view, X, y))
        ]


@pytest.mark.parametrize("code", LIGHT)
def test_every_text_of_a_light_look_is_there_in_spanish(code: str) -> None:
    assert untranslated_of(code, LIGHT[code]) == []


@pytest.mark.slow
@pytest.mark.parametrize("code", list(catalogue.cards()))
def test_every_text_of_every_look_is_there_in_spanish(code: str) -> None:
    assert untranslated_of(code) == []


def test_a_text_in_english_alone_would_be_found() -> None:
    scene = lab("gradients")
    panel = dataclasses.replace(scene.panels[0], note=Text("the same note", "the same note"))
    spoilt = dataclasses.replace(scene, panels=[panel, *scene.panels[1:]], tries=[Text("try this", " ")])
    assert [english for _, english in in_english_alone(spoilt)] == ["the same note", "try this"]
    assert list(bare(dataclasses.replace(scene, lists={"verdicts": ["lasts"] * 3})))[:1] == ["lasts"]
