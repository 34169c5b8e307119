"""A network's sheet, and a lab's: what opens when its tile is chosen, with the living looks in the middle."""

import functools
from collections.abc import Sequence

from neurarium.chart import Place, place_of
from neurarium.core.card import Card, Paper
from neurarium.core.messages import decimals, say, seconds, share
from neurarium.page.words import Text
from neurarium.tour.figures import Picture, Result
from neurarium.tour.inside import Inside
from neurarium.tour.page.bars import axis, bars
from neurarium.tour.page.drawing import drawing
from neurarium.tour.page.markup import Markup, element, join
from neurarium.tour.page.pictures import picture
from neurarium.tour.page.texts import text, text_or
from neurarium.tour.page.tile import layers, name, rows, sentence, task, verdict
from neurarium.tour.page.tongue import both, label, said
from neurarium.views.looking import found_looks


def sheet(result: Result, inside: Inside | None) -> Markup:
    """A network that was on tour."""
    place, card = place_of(result.card), result.card
    return element(
        "article",
        _way(),
        element("header", _draw(place), _who(place, card, result), *_numbers(result), class_="who"),
        _inside("net", place.code, inside),
        _did(result),
        _use(card),
        class_=f"sheet {result.verdict.replace(' ', '-')}",
        id=f"/net/{place.code}",
    )


def lab_sheet(inside: Inside) -> Markup:
    """A lab."""
    return element(
        "article",
        _way(),
        element("header", element("h1", worded(inside.title), tabindex=-1)),
        _inside("lab", inside.name, inside),
        class_="sheet",
        id=f"/lab/{inside.name}",
    )


def worded(told: Text) -> Markup:
    """A text of a scene that has no numbers to fill in."""
    return both(lambda speech: told.es if speech == "es" else told.en)


def _way() -> Markup:
    back = element("a", element("span", "← ", aria_hidden="true"), said("back"), href="#/", class_="back")
    return element("nav", back, **label(lambda speech: text("way", speech)))


def _draw(place: Place) -> Markup:
    def told(speech: str) -> str:
        called = place.spanish if speech == "es" else place.name
        return text("drawn", speech, name=called, layers=layers(place, speech))

    return drawing(place.layers, place.links, **label(told))


def _who(place: Place, card: Card, result: Result) -> Markup:
    return element(
        "div",
        element("h1", name(place), tabindex=-1),
        element("p", f"{place.code} · {place.year} · ", task(place), class_="code"),
        element("p", sentence(card.claim), class_="claim"),
        element("p", verdict(result), class_="verdict"),
    )


def _numbers(result: Result) -> list[Markup]:
    if not result.runs:
        return []
    first, floor = result.runs[0], result.median("floor")
    ends = axis(floor)
    low, high = (both(functools.partial(share, end), "tspan") for end in ends)

    def metric(speech: str) -> str:
        return text_or(f"metric.{first.metric}", first.metric, speech)

    def told(speech: str) -> str:
        parts = ("ours", "rival", "floor")
        return f"{metric(speech)}: " + ", ".join(
            f"{say(f'tour.{part}', speech)} {share(result.median(part), speech)}" for part in parts
        )

    return [
        element(
            "div",
            element("p", both(lambda speech: metric(speech)[:1].upper() + metric(speech)[1:]), class_="metric"),
            bars(rows(result), ends, (low, high), **label(told)),
            element("p", both(lambda speech: _against(result, speech)), class_="against"),
        )
    ]


def _against(result: Result, speech: str) -> str:
    first = result.runs[0]
    return text("rival", speech, name=first.rival_name, floor=text_or(f"floor.{first.metric}", "", speech))


def _inside(kind: str, called: str, inside: Inside | None) -> Markup:
    """Where the script opens the living looks; without it, the commands that make them."""
    live = inside is not None and bool(inside.parts)
    whole = f"neurarium look {'lab ' if kind == 'lab' else ''}{called} -o {called.lower()}.html"
    command = element("p", said("inside.command"), " ", element("code", whole), class_="still" if live else None)
    return element(
        "section",
        element("h2", said("inside")) if kind == "net" else None,
        element("div", class_="live", data_open=f"{kind}-{called}") if live else None,
        command,
        _left_out(called, inside.left_out) if inside and inside.left_out else None,
        class_="inside",
    )


def _left_out(called: str, views: Sequence[str]) -> Markup:
    """Looks that are not in the page, and what makes them."""
    items = [
        element(
            "li", worded(found_looks()[view].TITLE), ": ", element("code", f"neurarium look {called} {view} -o x.html")
        )
        for view in views
        if view in found_looks()
    ]
    return element("div", element("p", said("inside.more")), element("ul", *items), class_="more")


def _did(result: Result) -> Markup:
    """What it did on tour, or why nothing is shown."""
    if result.trouble:
        told = [element("p", said("trouble"), " ", result.trouble, class_="trouble")]
    elif not result.runs:
        verb = result.card.verb
        told = [element("p", both(lambda speech: text("noverb", speech, verb=say(f"verb.{verb}", speech))))]
    else:
        told = [element("div", *map(_figure, result.runs[0].pictures), class_="figures"), _notes(result)]
    command = element("code", f"neurarium tour --only {result.card.code}")
    alone = element("p", said("alone"), " ", command, class_="alone")
    return element("section", element("h2", said("did")), *told, alone, class_="did")


def _figure(shown: Picture) -> Markup:
    key = "picture.allright" if shown.caption == "picture.answers" and not shown.marked else shown.caption

    def caption(speech: str) -> str:
        return text(key, speech, **shown.values)

    return element("figure", picture(shown, **label(caption)), element("figcaption", both(caption)))


def _notes(result: Result) -> Markup:
    took = both(lambda speech: text("learnt", speech, seconds=seconds(result.median("seconds"), speech)))
    notes = [both(functools.partial(_note, key, value)) for key, value in result.runs[0].notes.items()]
    return element("p", join(*(element("b", note) for note in [took, *notes])), class_="notes")


def _note(key: str, value: float, speech: str) -> str:
    return text(key, speech, value=value, share=share(value, speech), decimals=decimals(value, 3, speech))


def _use(card: Card) -> Markup:
    """When it helps, when it does not, where it is from, and where the chart draws something else."""
    told = {"best": card.best_when, "avoid": card.do_not_use_when, "departs": card.departs}
    pairs = [join(element("dt", said(key)), element("dd", sentence(words))) for key, words in told.items() if words]
    papers = element("dd", *(element("cite", _source(paper), lang="en") for paper in card.papers))
    return element(
        "section",
        element("h2", said("more")),
        element("dl", *pairs, element("dt", said("paper")), papers),
        class_="use",
    )


def _source(paper: Paper) -> str:
    return f"{paper.authors} ({paper.year}). {paper.title}. {paper.venue}".strip()
