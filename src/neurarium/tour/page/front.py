"""The front of the page: the four families as the way in, what the chart can be filtered by, the timeline, the labs."""

import functools
from collections.abc import Iterable, Sequence
from typing import get_args

from neurarium.chart import Place, cells
from neurarium.core.card import Cell, Family
from neurarium.core.messages import say
from neurarium.page.words import Text
from neurarium.tour.inside import Inside
from neurarium.tour.page.drawing import drawing, one_cell, word
from neurarium.tour.page.markup import Markup, element
from neurarium.tour.page.sheet import worded
from neurarium.tour.page.texts import text
from neurarium.tour.page.tongue import label, option, said
from neurarium.views.laboratory import found_labs

WAYS = {
    "feed-forward": ("i2 h3 o2", "forward"),
    "encoder-decoder": ("i4 h2 mio4", "forward"),
    "convolutional": ("k3 cp3 h2 o1", "forward"),
    "recurrent": ("i2 r3 o2", "self"),
}
"""The families of the lecture, in its order, as a drawing that all of their networks have in common."""
_LETTER, _LEVEL, _TOP = 0.6, 13, 4
"""Of the timeline: how many years a letter is wide where it is narrowest, and the pixels of a level and above it."""


def ways(places: Sequence[Place]) -> Markup:
    """The four families, each with a sentence and how many networks it has."""
    items = []
    for family, (notation, links) in WAYS.items():
        number = sum(place.family == family for place in places)
        items.append(
            element(
                "a",
                drawing(cells(notation), links),  # type: ignore[arg-type]
                element("span", element("b", said(f"family.{family}")), said(f"way.{family}"), class_="words"),
                element("span", said("way.number", number=number), class_="code"),
                href=f"#/?family={family}",
            )
        )
    return element("nav", *items, class_="ways", **label(functools.partial(text, "ways")))


def filters(places: Sequence[Place]) -> Markup:
    """Menus for family and task, the range of years with the timeline above it, and how many networks are shown."""
    families = [family for family in get_args(Family) if any(place.family == family for place in places)]
    verbs = sorted({place.verb for place in places})
    years = [place.year for place in places]
    first, last = min(years), max(years)
    return element(
        "form",
        element(
            "div",
            _menu("family", [(each, f"family.{each}") for each in families]),
            _menu("verb", [(each, f"verb.{each}") for each in verbs]),
            element("output", class_="count", aria_live="polite"),
            element("button", said("filter.reset"), type="reset"),
            class_="menus",
        ),
        timeline(places, first, last),
        element(
            "div",
            _year("from", first, first, last),
            _year("to", last, first, last),
            class_="years",
        ),
        class_="filters",
        id="filters",
        **label(functools.partial(text, "filter")),
    )


def _menu(named: str, entries: Iterable[tuple[str, str]]) -> Markup:
    every = option(functools.partial(text, "filter.all"), value="")
    options = [option(functools.partial(_entry, key), value=value) for value, key in entries]
    return element("label", said(f"filter.{named}"), element("select", every, *options, name=named))


def _entry(key: str, speech: str) -> str:
    return say(key, speech) if key.startswith("verb.") else text(key, speech)


def _year(named: str, value: int, first: int, last: int) -> Markup:
    slider = element("input", type="range", name=named, min=first, max=last, value=value)
    return element("label", said(f"filter.{named}"), slider, element("output", str(value)))


def timeline(places: Sequence[Place], first: int, last: int) -> Markup:
    """Every network at its year; near ones stand one above the other."""

    def x(year: float) -> str:
        return f"{100 * (year - first + 3) / (last - first + 10):.2f}%"

    free: list[float] = []  # from which year on there is room, level by level
    dots = []
    for place in sorted(places, key=lambda place: place.year):
        level = next((level for level, year in enumerate(free) if year <= place.year), len(free))
        free[level : level + 1] = [place.year + 3 + _LETTER * len(place.code)]
        dots.append((place, level))
    ground = _TOP + _LEVEL * len(free)
    years = [first, *(year for year in range(first - first % 10 + 10, last + 1, 10) if year > first + 5)]
    ticks = (
        element(
            "text",
            str(year),
            x=x(year),
            y=ground + 14,
            class_="tick" if year == first or (year % 20 == 0 and year > first + 10) else "tick odd",
        )
        for year in years
    )
    return element(
        "svg",
        element("line", x1="0", x2="100%", y1=ground, y2=ground),
        *ticks,
        *(_dot(place, x(place.year), ground - 8 - _LEVEL * level) for place, level in dots),
        height=ground + 18,
        width="100%",
        class_="timeline",
        role="img",
        **label(functools.partial(text, "timeline", number=len(places), first=first, last=last)),
    )


def _dot(place: Place, x: str, y: float) -> Markup:
    return element(
        "g",
        element("circle", cx=x, cy=y, r=4.5),
        element("text", place.code, x=x, dx=8, y=y + 4),
        data_code=place.code,
    )


def legend() -> Markup:
    """The thirteen kinds of cell; each is a switch that lights the networks that have it."""
    items = (
        element(
            "li",
            element(
                "button",
                one_cell(kind),
                said(f"cell.{kind}"),
                type="button",
                aria_pressed="false",
                data_cell=word(kind),
            ),
        )
        for kind in Cell
    )
    return element(
        "section",
        element("p", element("b", said("cells")), " ", said("cells.how"), class_="quiet"),
        element("ul", *items, class_="cells"),
        element("p", class_="lit", aria_live="polite"),
        class_="legend",
        **label(functools.partial(text, "cells")),
    )


def labs(insides: Sequence[Inside]) -> Markup:
    """The labs: those that can be opened with what they say at first, the others with the command that makes them."""
    opened = {inside.name: inside for inside in insides if inside.kind == "lab"}
    items = (_lab(name, file.TITLE, opened.get(name)) for name, file in found_labs().items())
    return element(
        "section",
        element("h2", said("labs")),
        element("p", said("labs.how"), class_="quiet"),
        element("ul", *items, class_="labs"),
        id="labs",
    )


def _lab(name: str, title: Text, inside: Inside | None) -> Markup:
    if inside is None or inside.sentence is None:
        command = element("code", f"neurarium look lab {name} -o {name}.html")
        return element("li", element("h3", worded(title)), element("p", command))
    link = element("a", worded(title), href=f"#/lab/{name}")
    return element("li", element("h3", link), element("p", worded(inside.sentence)))
