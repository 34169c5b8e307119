"""Cards and docstrings say what a teacher, a student and a printer of charts need."""

import inspect
import re

import pytest

from found import FOUND, NAMES
from neurarium.catalogue import cards
from neurarium.core.card import Cell
from neurarium.core.parameters import parameter_table

each_card = pytest.mark.parametrize("code", sorted(cards()))


@each_card
def test_a_card_is_whole(code):
    card = cards()[code]
    for text in (card.name, card.claim, card.best_when, card.do_not_use_when):
        assert text.strip() == text
        assert text
    assert card.claim.endswith(".")
    assert card.papers
    assert all(1900 < paper.year <= 2026 and paper.authors and paper.title and paper.venue for paper in card.papers)
    assert len(card.layers) >= 1
    assert all(isinstance(cell, Cell) and number >= 1 for cell, number in card.layers)
    assert card.estimators


@each_card
def test_every_estimator_of_a_network_file_is_on_its_card(code):
    card = cards()[code]
    module = inspect.getmodule(card.estimators[0])
    public = {
        kind
        for kind in vars(module).values()
        if inspect.isclass(kind)
        and kind.__module__ == module.__name__
        and hasattr(kind, "fit")
        and not inspect.isabstract(kind)
    }
    concrete = {kind for kind in public if not kind.__name__.endswith(("Base", "Estimator"))}
    assert concrete == set(card.estimators)


@pytest.mark.parametrize("name", NAMES)
def test_a_docstring_says_when_to_use_it_when_not_where_it_comes_from_and_runs(name):
    text = inspect.getdoc(FOUND[name]) or ""
    for part in ("Best when", "Do not use when", "Source", ">>>", "Args"):
        assert part in text, f"{name} lacks {part!r}"
    for parameter in vars(FOUND[name]).get("__annotations__", ()):
        if not parameter.startswith("_"):
            assert re.search(rf"\b{parameter}\b", text), f"{name} does not explain {parameter}"


@pytest.mark.parametrize("name", NAMES)
def test_a_network_is_told_in_about_eight_parameters_of_its_own(name):
    common = {"device", "random_state", "verbose", "epochs", "batch_size", "early_stopping", "validation_fraction"}
    common |= {"n_iter_no_change", "tol", "view"}
    own = set(parameter_table(FOUND[name])) - common
    assert len(own) <= 12
