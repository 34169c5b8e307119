"""The chart: 37 places, of which those of built networks are told by their own cards."""

import dataclasses

from neurarium import catalogue
from neurarium.chart import CHART, place_of, places


def test_places_stand_in_the_charts_order_and_a_built_network_by_its_own_card():
    cards = catalogue.cards()
    found = places(cards)
    assert [place.code for place in found] == list(CHART)
    assert len(found) == 37
    for place in found:
        assert place == (place_of(cards[place.code]) if place.code in cards else CHART[place.code])


def test_without_any_card_the_chart_tells_of_every_place_itself():
    assert places({}) == list(CHART.values())


def test_a_network_that_is_not_on_the_chart_stands_behind_it():
    own = dataclasses.replace(catalogue.cards()["P"], code="OWN")
    assert [place.code for place in places({"OWN": own})] == [*CHART, "OWN"]
