"""tour.html: one file, no script, nothing loaded from anywhere."""

import base64
import hashlib
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import sklearn
import torch

import neurarium
from neurarium.core.card import Cell
from neurarium.core.messages import say, seconds, share
from neurarium.program.files import write_whole
from neurarium.tour import page
from neurarium.tour.chart import CHART
from neurarium.tour.digits import split
from neurarium.tour.figures import Result
from neurarium.tour.page.drawing import definitions, one_cell
from neurarium.tour.page.markup import Markup, element, join
from neurarium.tour.page.texts import text, text_or
from neurarium.tour.page.tile import grey_tile, tile
from neurarium.tour.summary import place_name, summary, surprises

_MEASURES = ("floor", "ours", "rival")


def write_page(results: Sequence[Result], path: Path, speech: str, *, built: Sequence[str], fast: bool = False) -> Path:
    """Write the page, all of it or nothing.

    Args:
        results: Of the tour.
        path: Where to.
        speech: The language.
        built: Codes of the networks that exist; those of the chart that do not are shown as grey tiles.
        fast: Whether it was the fast run, which the page then says.
    """
    write_whole(path, page_of(results, speech, built=built, fast=fast).encode())
    return path


def page_of(results: Sequence[Result], speech: str, *, built: Sequence[str], fast: bool = False) -> str:
    """The page as text; the arguments are those of `write_page`."""
    body = element(
        "body",
        element("a", text("skip", speech), href="#networks", class_="skip"),
        definitions(),
        _top(results, speech, fast=fast),
        element(
            "main",
            element("h2", text("networks", speech)),
            element("div", *(tile(result, speech) for result in results), class_="tiles"),
            _unbuilt(built, speech),
            _cells(speech),
            _table(results, speech),
            id="networks",
        ),
        _foot(results, speech),
    )
    bound = Markup(re.sub(r"(?<=\d) (?=%|s\b)", "\N{NO-BREAK SPACE}", body))  # a number and its unit stay together
    return f"<!DOCTYPE html>\n{element('html', _head(speech), bound, lang=speech)}\n"


def _head(speech: str) -> Markup:
    style = resources.files(page).joinpath("style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", text("title", speech)),
        element("style", Markup(style)),
    )


def _top(results: Sequence[Result], speech: str, *, fast: bool) -> Markup:
    told, rows = surprises(results, speech), split(0, fast=fast)
    return element(
        "header",
        element("h1", text("title", speech)),
        element("p", summary(results, speech), class_="lead"),
        element("p", text("lead.fast", speech), class_="fast") if fast else None,
        element(
            "section",
            element("h2", text("surprises", speech)),
            element("ul", *(element("li", sentence) for sentence in told)),
            element("p", text("surprises.how", speech), class_="quiet"),
            class_="surprises",
        )
        if told
        else None,
        element("p", text("how", speech, seen=len(rows.seen), asked=len(rows.held_out)), class_="how"),
        class_="top",
    )


def _unbuilt(built: Sequence[str], speech: str) -> Markup | None:
    missing = [place for code, place in CHART.items() if code not in built]
    if not missing:
        return None
    return element(
        "section",
        element("h2", f"{text('unbuilt', speech)} ({len(missing)})"),
        element("p", text("unbuilt.how", speech), class_="quiet"),
        element("ul", *(grey_tile(place, speech) for place in missing), class_="chart"),
    )


def _cells(speech: str) -> Markup:
    items = (element("li", one_cell(kind), element("span", text(f"cell.{kind}", speech))) for kind in Cell)
    return element(
        "section",
        element("h2", text("cells", speech)),
        element("p", text("cells.how", speech), class_="quiet"),
        element("ul", *items, class_="cells"),
    )


def _table(results: Sequence[Result], speech: str) -> Markup:
    """Every figure in a table, for those who read and for those who listen."""
    columns = ("network", "verb", "floor", "ours", "rival", "seconds", "verdict")
    titles = [say(f"tour.{column}", speech) for column in columns]
    titles[2:2] = [text("metric", speech)]
    head = element("tr", *(element("th", title, scope="col") for title in [*titles, say("tour.against", speech)]))
    rows = [row for result in results for row in _rows(result, speech)]
    table = element(
        "table",
        element("caption", text("numbers.caption", speech)),
        element("thead", head),
        element("tbody", *rows),
    )
    scroll = element("div", table, class_="scroll", tabindex=0, role="region", aria_label=text("numbers", speech))
    return element("section", element("h2", text("numbers", speech)), scroll)


def _rows(result: Result, speech: str) -> list[Markup]:
    verdict = say(f"verdict.{result.verdict}", speech)
    start = [say(f"verb.{result.card.verb}", speech)]
    if not result.runs:
        return [_row(place_name(result, speech), [*start, "", "", "", "", "", verdict, ""])]
    metric = text_or(f"metric.{result.runs[0].metric}", result.runs[0].metric, speech)
    figures = [share(result.median(part), speech) for part in _MEASURES]
    took = seconds(result.median("seconds"), speech)
    rows = [
        _row(
            place_name(result, speech),
            [*start, metric, *figures, took, verdict, result.runs[0].rival_name],
        )
    ]
    if len(result.runs) > 1:
        for seed, run in zip(result.seeds, result.runs, strict=True):
            figures = [share(getattr(run, part), speech) for part in _MEASURES]
            rows.append(_row(f"{result.card.code}, {seed}", ["", "", *figures, seconds(run.seconds, speech), "", ""]))
    return rows


def _row(head: str, cells: list[str]) -> Markup:
    return element("tr", element("th", head, scope="row"), *(element("td", cell) for cell in cells))


def _foot(results: Sequence[Result], speech: str) -> Markup:
    seeds = sorted({seed for result in results for seed in result.seeds})
    versions = {
        "version": neurarium.__version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "sklearn": sklearn.__version__,
    }
    made = text("made", speech, seeds=", ".join(map(str, seeds)) or "-", **versions)
    return element("footer", element("p", join(made)))
