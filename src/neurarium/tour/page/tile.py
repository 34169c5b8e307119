"""A tile of the chart: one network, drawn in cells, with its point and how it did; the whole of it opens its sheet."""

from neurarium.chart import Place, place_of
from neurarium.core.messages import say, share
from neurarium.tour.figures import Result, Verdict
from neurarium.tour.inside import Inside
from neurarium.tour.page.bars import Row, axis, strip
from neurarium.tour.page.drawing import drawing, word
from neurarium.tour.page.markup import Markup, element, join
from neurarium.tour.page.spanish import in_spanish
from neurarium.tour.page.texts import text
from neurarium.tour.page.tongue import both, said

_SIGNS: dict[Verdict, str] = {
    "ahead": "▲",
    "level": "=",
    "behind": "△",
    "below floor": "▼",
    "failed": "✗",
    "no verb yet": "…",
}


def tile(result: Result, inside: Inside | None) -> Markup:
    """A network that was on tour."""
    place = place_of(result.card)
    live = len(inside.parts) if inside else 0
    return element(
        "li",
        *_head(place, link=True),
        element("p", sentence(result.card.claim), class_="claim"),
        element("p", verdict(result), class_="verdict"),
        strip(rows(result), axis(result.median("floor"))) if result.runs else None,
        element("p", said("live.one" if live == 1 else "live", number=live), class_="live-mark") if live else None,
        _departs(place),
        class_=f"tile {result.verdict.replace(' ', '-')}",
        **_facts(place, "live" if live else "built"),
    )


def plain_tile(place: Place, *, built: bool) -> Markup:
    """A network that was not on this tour, or that is not built yet."""
    command = element("code", f"neurarium tour --only {place.code}")
    return element(
        "li",
        *_head(place, link=False),
        element("p", said("alone") if built else said("unbuilt.one"), " ", command if built else None, class_="yet"),
        _departs(place),
        class_="tile untoured" if built else "tile unbuilt",
        **_facts(place, "built" if built else "unbuilt"),
    )


def name(place: Place) -> Markup:
    """A network's name."""
    return both(lambda speech: place.spanish if speech == "es" else place.name)


def task(place: Place) -> Markup:
    """What it does."""
    return both(lambda speech: say(f"verb.{place.verb}", speech))


def sentence(english: str) -> Markup:
    """A sentence of a card or of the chart; one that nobody has translated stays English and says so."""
    spanish = in_spanish(english)
    if spanish is None:
        return element("i", english, lang="en")
    return both(lambda speech: spanish if speech == "es" else english)


def layers(place: Place, speech: str) -> str:
    """How it is drawn, in words."""
    return ", ".join(f"{number} {text(f'cell.{kind}', speech)}" for kind, number in place.layers)


def verdict(result: Result) -> Markup:
    """How it did, in a word and a number."""
    sign = element("span", _SIGNS[result.verdict], aria_hidden="true")
    ours = both(lambda speech: share(result.median("ours"), speech)) if result.runs else None
    words = both(lambda speech: say(f"verdict.{result.verdict}", speech))
    return join(sign, " ", element("b", ours) if ours else None, " " if ours else None, words)


def rows(result: Result) -> list[Row]:
    """Ours, rival and floor as bars show them."""

    def row(part: str) -> Row:
        value = result.median(part)
        return part, both(lambda s: say(f"tour.{part}", s), "tspan"), value, both(lambda s: share(value, s), "tspan")

    return [row(part) for part in ("ours", "rival", "floor")] if result.runs else []


def _head(place: Place, *, link: bool) -> list[Markup]:
    title = element("a", name(place), href=f"#/net/{place.code}") if link else name(place)
    return [
        drawing(place.layers, place.links),
        element("h3", title),
        element("p", f"{place.code} · {place.year} · ", task(place), class_="code"),
    ]


def _departs(place: Place) -> Markup | None:
    if not place.departs:
        return None
    mark = element("span", "≠ ", aria_hidden="true")
    return element("details", element("summary", mark, said("departs")), element("p", sentence(place.departs)))


def _facts(place: Place, state: str) -> dict[str, object]:
    """What the page's script chooses by."""
    return {
        "data_code": place.code,
        "data_family": place.family,
        "data_verb": place.verb,
        "data_year": place.year,
        "data_cells": " ".join(dict.fromkeys(word(kind) for kind, _ in place.layers)),
        "data_state": state,
    }
