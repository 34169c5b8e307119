"""Every figure of the tour in a table, for those who read and for those who listen."""

import functools
from collections.abc import Sequence

from neurarium.chart import place_of
from neurarium.core.messages import say, seconds, share
from neurarium.tour.figures import Figures, Result
from neurarium.tour.page.markup import Markup, element
from neurarium.tour.page.texts import text, text_or
from neurarium.tour.page.tile import name, task
from neurarium.tour.page.tongue import both, label, said

_COLUMNS = ("network", "verb", "metric", "floor", "ours", "rival", "seconds", "verdict", "against")
_MEASURES = ("floor", "ours", "rival")


def numbers(results: Sequence[Result]) -> Markup:
    """The table.

    Args:
        results: Of the tour.
    """
    titles = (
        said("metric") if column == "metric" else both(functools.partial(say, f"tour.{column}")) for column in _COLUMNS
    )
    table = element(
        "table",
        element("caption", said("numbers.caption")),
        element("thead", element("tr", *(element("th", title, scope="col") for title in titles))),
        element("tbody", *(row for result in results for row in _rows(result))),
    )
    scroll = element(
        "div", table, class_="sideways", tabindex=0, role="region", **label(functools.partial(text, "numbers"))
    )
    return element("section", element("h2", said("numbers")), scroll, class_="numbers")


def _rows(result: Result) -> list[Markup]:
    place = place_of(result.card)
    verdict = both(lambda speech: say(f"verdict.{result.verdict}", speech))
    if not result.runs:
        return [_row(name(place), [task(place), *[""] * 5, verdict, ""])]
    first = result.runs[0]
    metric = both(lambda speech: text_or(f"metric.{first.metric}", first.metric, speech))
    middle = [*(_share(result.median(part)) for part in _MEASURES), _seconds(result.median("seconds"))]
    rows = [_row(name(place), [task(place), metric, *middle, verdict, first.rival_name])]
    if len(result.runs) > 1:
        rows += [_of_one(f"{place.code}, {seed}", run) for seed, run in zip(result.seeds, result.runs, strict=True)]
    return rows


def _of_one(head: str, run: Figures) -> Markup:
    middle = [*(_share(getattr(run, part)) for part in _MEASURES), _seconds(run.seconds)]
    return _row(head, ["", "", *middle, "", ""])


def _share(value: float) -> Markup:
    return both(lambda speech: share(value, speech))


def _seconds(value: float) -> Markup:
    return both(lambda speech: seconds(value, speech))


def _row(head: str, cells: list[str]) -> Markup:
    return element("tr", element("th", head, scope="row"), *(element("td", cell) for cell in cells))
