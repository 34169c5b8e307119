"""Every look of every network, found by crawling, as a page in a browser.

A page is opened from its file, as by a double click. What it computes has to be what Python computes, at the start and
after every control was moved; nothing may be asked of the network, nobody may be shut out.
"""

import warnings

import pytest

from found import rows_for
from neurarium import catalogue
from neurarium.views.examples import scenes
from neurarium.views.looking import found_looks, looks
from paging import check_page


def quick(estimator):
    """Few passes: what is looked at need not be good."""
    if hasattr(estimator, "epochs"):
        estimator.epochs = 2
    return estimator


@pytest.mark.parametrize("code", list(catalogue.cards()))
def test_looks_are_the_same_in_python_and_on_the_page_and_shut_nobody_out(code, browser, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on fits that are too short
        made = list(scenes(code, fitting=quick))
    check_page(made, tmp_path / f"{code}.html", browser)


def test_there_is_a_network_for_every_look():
    seen = set()
    for card in catalogue.cards().values():
        estimator = quick(card.estimators[0](random_state=0))
        X, y = rows_for(type(estimator))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seen |= set(looks(estimator.fit(X) if y is None else estimator.fit(X, y)))
    assert seen == set(found_looks())
