"""Texts of a scene: places, languages and names."""

import numpy as np
import pytest

from neurarium.page.words import Text, entry

VALUES = {"x": np.array(0.125), "n": np.array([7]), "share": np.array(0.5), "none": np.array(np.nan), "k": np.array(1)}
LISTS = {"names": ["{x}", "<i>"], "both": [Text("one", "uno"), "two"]}


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("{x:.2f}", "0.12"),
        ("{x:+.1f}", "+0.1"),
        ("{n}", "7"),
        ("{n:d}", "7"),
        ("{n:+d}", "+7"),
        ("{x}", "0"),
        ("{share:.0%}", "50 %"),
        ("{share:+.1%}", "+50.0 %"),
        ("{none}", "nan"),
        ("{none:.2f}", "nan"),
        ("{k|names}", "<i>"),
        ("no place", "no place"),
    ],
)
def test_a_place_is_filled_as_it_says(place, shown):
    assert Text(f"a {place}.", f"b {place}.").filled("en", VALUES, LISTS) == f"a {shown}."
    assert Text(f"a {place}.", f"b {place}.").filled("es", VALUES, LISTS) == f"b {shown}."


def test_a_name_with_braces_is_shown_and_not_filled():
    assert Text("{n|names}", "{n|names}").filled("en", {"n": np.array(0)}, LISTS) == "{x}"


def test_entries_are_in_the_language_and_nothing_where_the_list_has_none():
    assert [entry(LISTS["both"], number, "es") for number in (0, 1, 2, -1)] == ["uno", "two", "", ""]


def test_places_may_stand_in_another_order_but_not_in_one_language_alone():
    assert Text("{a} of {b}", "de {b}, {a}").names() == [("a", None), ("b", None)]
    with pytest.raises(ValueError, match="differ"):
        Text("{a}", "a")
    with pytest.raises(ValueError, match="differ"):
        Text("{a:.1f}", "{a:.2f}")


@pytest.mark.parametrize("text", ["{", "{a b}", "{a:.2}", "{a!r}", "set {1, 2}"])
def test_a_brace_that_opens_no_place_is_refused(text):
    with pytest.raises(ValueError, match="opens no place"):
        Text(text, text)
