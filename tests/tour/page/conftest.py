"""The chart with every network alive, made once with tiny fits."""

import warnings

import pytest

from neurarium import catalogue
from neurarium.page.html import Part
from neurarium.page.words import Text
from neurarium.tour.figures import Figures, Result
from neurarium.tour.inside import Inside, of_lab
from neurarium.tour.page.page import page_of
from neurarium.views.examples import example
from neurarium.views.looking import look, looks

LAB = "convolution"
LIGHT = ("map", "plane", "heatmap", "energy")
ROWS = 60


def tiny(card):
    """A network as a tour leaves it, fitted on few rows in two passes, with figures that nobody reads."""
    estimator, X, y = example(card.code)
    if hasattr(estimator, "epochs"):
        estimator.epochs = 2
    X = X[:ROWS]
    y = None if y is None else y[:ROWS]
    fitted = estimator.fit(X) if y is None else estimator.fit(X, y)
    shown = {"fitted": fitted, "rows": (X, y)}
    figures = Figures("accuracy", 0.1, 0.9, 0.8, "a rival", 1.0, 0.01, 1, notes={"note.codes": 8.0}, **shown)
    return Result(card, (0,), (figures,))


@pytest.fixture(scope="session")
def toured():
    """Every network of the catalogue."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on fits that are too short
        return [tiny(card) for card in catalogue.cards().values()]


@pytest.fixture(scope="session")
def opened_insides(toured):
    """One look of each network, of those that are traced soonest, and one lab."""
    return [*(one_look(result) for result in toured), of_lab(LAB)]


def one_look(result):
    code, run = result.card.code, result.runs[0]
    has = looks(run.fitted)
    view = next((view for view in LIGHT if view in has), has[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Inside("net", code, Text(code, code), {view: Part.of(look(run.fitted, view, *run.rows))})


@pytest.fixture(scope="session")
def file(toured, opened_insides, tmp_path_factory):
    """The page."""
    path = tmp_path_factory.mktemp("a page") / "the tour.html"
    path.write_text(page_of(toured, "en", built=list(catalogue.cards()), insides=opened_insides), encoding="utf-8")
    return path
