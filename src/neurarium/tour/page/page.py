"""tour.html: the chart as one file that needs no server and asks for nothing, with every network alive inside it."""

import functools
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path

import numpy as np
import sklearn
import torch

import neurarium
from neurarium import chart
from neurarium.chart import Place
from neurarium.core.messages import language
from neurarium.page.html import page_script, policy, static
from neurarium.program.files import write_whole
from neurarium.tour import page
from neurarium.tour.digits import split
from neurarium.tour.figures import Result
from neurarium.tour.inside import Inside
from neurarium.tour.page.drawing import definitions
from neurarium.tour.page.front import filters, labs, legend, ways
from neurarium.tour.page.markup import Markup, element
from neurarium.tour.page.numbers import numbers
from neurarium.tour.page.payloads import packed
from neurarium.tour.page.sheet import lab_sheet, sheet
from neurarium.tour.page.texts import text
from neurarium.tour.page.tile import plain_tile, tile
from neurarium.tour.page.tongue import both, option, said, turned
from neurarium.tour.summary import summary, surprises

LARGEST = 5_000_000
"""Bytes of the whole file."""
_ON_THE_CHART = 27
_LANGUAGES = {"en": "English", "es": "Español"}
_THEMES = ("system", "light", "dark")
_BEGIN = 'document.documentElement.classList.add("js")'


def write_page(
    results: Sequence[Result],
    path: Path,
    speech: str,
    *,
    built: Sequence[str],
    insides: Sequence[Inside] = (),
    fast: bool = False,
) -> Path:
    """Write the page, all of it or nothing.

    Args:
        results: Of the tour.
        path: Where to.
        speech: The language that it begins in; it holds both.
        built: Codes of the networks that exist; those of the chart that do not are shown in grey.
        insides: What can be opened; what there is no room for is named with the command that makes it.
        fast: Whether it was the fast run, which the page then says.
    """
    write_whole(path, page_of(results, speech, built=built, insides=insides, fast=fast).encode())
    return path


def page_of(
    results: Sequence[Result], speech: str, *, built: Sequence[str], insides: Sequence[Inside] = (), fast: bool = False
) -> str:
    """The page as text; the arguments are those of `write_page`."""
    spare = LARGEST - len(_written(results, speech, built, insides, [], fast=fast).encode())
    names = sum(len(_payload(inside, "")) for inside in insides)
    kept = packed(insides, spare - names - 200 * sum(len(inside.parts) for inside in insides))
    return _written(results, speech, built, [inside for inside, _ in kept], kept, fast=fast)


def _written(
    results: Sequence[Result],
    speech: str,
    built: Sequence[str],
    insides: Sequence[Inside],
    payloads: Sequence[tuple[Inside, str]],
    *,
    fast: bool,
) -> str:
    script = static("chart.js")
    body = element(
        "body",
        element("a", said("skip"), href="#networks", class_="skip"),
        definitions(),
        _top(),
        element("main", _front(results, built, insides, fast=fast), *_sheets(results, insides)),
        _foot(results),
    )
    bound = Markup(re.sub(r"(?<=\d) (?=%|s\b)", "\N{NO-BREAK SPACE}", body))  # a number and its unit stay together
    begun = turned(bound) if language(speech) == "es" else bound
    loose = "".join(_payload(inside, content) for inside, content in payloads if content)
    runtime = f'<script type="text/plain" id="script">{page_script()}</script>'
    end = f"<script>{script}</script>\n{runtime}\n{loose}</body>"
    whole = f'<html lang="{language(speech)}">{_head(speech, script)}{begun.removesuffix("</body>")}{end}</html>'
    return f"<!DOCTYPE html>\n{whole}\n"


def _payload(inside: Inside, content: str) -> str:
    name = escape(f"{inside.kind}-{inside.name}")
    return f'<script type="text/plain" id="{name}">{content}</script>\n'


def _head(speech: str, script: str) -> Markup:
    style = static("page.css") + resources.files(page).joinpath("style.css").read_text(encoding="utf-8")
    allowed = policy([_BEGIN, script, static("page.js")], [style])
    other = "es" if language(speech) == "en" else "en"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=allowed),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", text("title", speech), data_text=text("title", other)),
        element("link", rel="icon", href="data:,"),
        element("style", Markup(style)),
        element("script", Markup(_BEGIN)),
    )


def _top() -> Markup:
    languages = [element("option", word, value=code, lang=code) for code, word in _LANGUAGES.items()]
    themes = [option(functools.partial(text, f"theme.{theme}"), value=theme) for theme in _THEMES]
    return element(
        "header",
        element("p", element("a", "neurarium", href="#/"), class_="brand"),
        element(
            "div",
            element("label", said("language"), element("select", *languages, id="language")),
            element("label", said("theme"), element("select", *themes, id="theme")),
            class_="switches",
        ),
        class_="top",
    )


def _front(results: Sequence[Result], built: Sequence[str], insides: Sequence[Inside], *, fast: bool) -> Markup:
    places = chart.places({result.card.code: result.card for result in results})
    live = sum(inside.kind == "net" and bool(inside.parts) for inside in insides)
    return element(
        "div",
        element("h1", said("title")),
        element("p", said("lead", all=len(places), live=live), class_="lead"),
        element("p", said("lead.fast"), class_="fast") if fast else None,
        ways(places),
        element("h2", said("networks"), id="networks"),
        filters(places),
        legend(),
        *_chart(results, built, insides, places),
        labs(insides),
        _told(results, fast=fast),
        numbers(results),
        class_="front",
    )


def _chart(
    results: Sequence[Result], built: Sequence[str], insides: Sequence[Inside], places: Sequence[Place]
) -> list[Markup]:
    by_code = {result.card.code: result for result in results}
    opened: Mapping[str, Inside] = {inside.name: inside for inside in insides if inside.kind == "net"}

    def drawn(place: Place) -> Markup:
        if place.code in by_code:
            return tile(by_code[place.code], opened.get(place.code))
        return plain_tile(place, built=place.code in built)

    on, around = places[:_ON_THE_CHART], places[_ON_THE_CHART:]
    return [
        element("ul", *map(drawn, on), class_="tiles"),
        element("h2", said("around"), class_="around"),
        element("ul", *map(drawn, around), class_="tiles"),
        element("p", said("filter.none"), class_="none", hidden="hidden"),
    ]


def _sheets(results: Sequence[Result], insides: Sequence[Inside]) -> list[Markup]:
    opened = {inside.name: inside for inside in insides if inside.kind == "net"}
    nets = [sheet(result, opened.get(result.card.code)) for result in results]
    return nets + [lab_sheet(inside) for inside in insides if inside.kind == "lab"]


def _told(results: Sequence[Result], *, fast: bool) -> Markup:
    rows = split(0, fast=fast)
    told = [surprises(results, speech) for speech in ("en", "es")]
    items = [both({"en": english, "es": spanish}.__getitem__) for english, spanish in zip(*told, strict=True)]
    return element(
        "section",
        element("h2", said("surprises")),
        element("p", both(lambda speech: summary(results, speech)), class_="sum"),
        element("ul", *(element("li", item) for item in items)) if items else None,
        element("p", said("how", seen=len(rows.seen), asked=len(rows.held_out)), class_="quiet"),
        class_="surprises",
    )


def _foot(results: Sequence[Result]) -> Markup:
    seeds = sorted({seed for result in results for seed in result.seeds})
    versions = {
        "version": neurarium.__version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "sklearn": sklearn.__version__,
    }
    return element("footer", element("p", said("made", seeds=", ".join(map(str, seeds)) or "-", **versions)))
