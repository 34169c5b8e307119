"""A tile of the page: one network, what it did, and how that compares."""

from neurarium.core.card import Card
from neurarium.core.messages import decimals, say, seconds, share
from neurarium.tour.chart import Place, place_of
from neurarium.tour.figures import Picture, Result, Verdict
from neurarium.tour.page.bars import axis, bars
from neurarium.tour.page.drawing import drawing
from neurarium.tour.page.markup import Markup, element, join
from neurarium.tour.page.pictures import picture
from neurarium.tour.page.spanish import in_spanish
from neurarium.tour.page.texts import text, text_or

_SIGNS: dict[Verdict, str] = {
    "ahead": "▲",
    "level": "=",
    "behind": "△",
    "below floor": "▼",
    "failed": "✗",
    "no verb yet": "…",
}


def tile(result: Result, speech: str) -> Markup:
    """A network that is built."""
    place, card = place_of(result.card), result.card
    claim, tongue = _said(card.claim, speech)
    return element(
        "article",
        _head(place, result, speech),
        element("p", claim, class_="claim", lang=tongue),
        *_middle(result, speech),
        element(
            "p", text("alone", speech), " ", element("code", f"neurarium tour --only {place.code}"), class_="alone"
        ),
        _more(card, speech),
        class_=f"tile {result.verdict.replace(' ', '-')}",
        id=f"net-{place.code}",
    )


def grey_tile(place: Place, speech: str) -> Markup:
    """A network of the chart that is not built yet."""
    return element(
        "li",
        _draw(place, speech),
        element("strong", _name(place, speech)),
        element("span", f"{place.code} · {place.year}", class_="code"),
        element("span", text("unbuilt.one", speech), class_="yet"),
        class_="unbuilt",
    )


def _said(sentence: str, speech: str) -> tuple[str, str | None]:
    """A sentence of a card, and the language it is in if that is not the page's."""
    if speech == "en":
        return sentence, None
    spanish = in_spanish(sentence)
    return (spanish, None) if spanish else (sentence, "en")


def _name(place: Place, speech: str) -> str:
    return place.spanish if speech == "es" else place.name


def _draw(place: Place, speech: str) -> Markup:
    layers = ", ".join(f"{number} {text(f'cell.{kind}', speech)}" for kind, number in place.layers)
    return drawing(place.layers, place.links, text("drawn", speech, name=_name(place, speech), layers=layers))


def _head(place: Place, result: Result, speech: str) -> Markup:
    verdict = element(
        "p",
        element("span", _SIGNS[result.verdict], aria_hidden="true"),
        " " + say(f"verdict.{result.verdict}", speech),
        class_="verdict",
    )
    words = element(
        "div",
        element("h3", _name(place, speech)),
        element("p", f"{place.code} · {place.year} · {say(f'verb.{result.card.verb}', speech)}", class_="code"),
        verdict,
    )
    return element("header", _draw(place, speech), words)


def _middle(result: Result, speech: str) -> list[Markup]:
    """What it did, or why nothing is shown."""
    if result.trouble:
        return [element("p", text("trouble", speech), " ", result.trouble, class_="trouble")]
    if not result.runs:
        return [element("p", text("noverb", speech, verb=say(f"verb.{result.card.verb}", speech)))]
    return [*(_figure(shown, speech) for shown in result.runs[0].pictures), *_numbers(result, speech)]


def _figure(shown: Picture, speech: str) -> Markup:
    key = shown.caption
    if key == "picture.answers" and not shown.marked:
        key = "picture.allright"
    caption = text(key, speech, **shown.values)
    return element("figure", picture(shown, caption), element("figcaption", caption))


def _numbers(result: Result, speech: str) -> list[Markup]:
    first = result.runs[0]
    metric = text_or(f"metric.{first.metric}", first.metric, speech)
    floor = text_or(f"floor.{first.metric}", "", speech)
    shares = {part: result.median(part) for part in ("ours", "rival", "floor")}
    rows = [(part, say(f"tour.{part}", speech), value, share(value, speech)) for part, value in shares.items()]
    ends = axis(shares["floor"])
    label = f"{metric}: " + ", ".join(f"{word} {written}" for _, word, _, written in rows)
    end_texts = (share(ends[0], speech), share(ends[1], speech))
    notes = [
        text("learnt", speech, seconds=seconds(result.median("seconds"), speech)),
        *(_note(key, value, speech) for key, value in first.notes.items()),
    ]
    return [
        element("p", metric[:1].upper() + metric[1:], class_="metric"),
        bars(rows, label, ends, end_texts),
        element("p", text("rival", speech, name=first.rival_name, floor=floor), class_="against"),
        element("p", join(*(element("span", note) for note in notes)), class_="notes"),
    ]


def _note(key: str, value: float, speech: str) -> str:
    return text(key, speech, value=value, share=share(value, speech), decimals=decimals(value, 3, speech))


def _more(card: Card, speech: str) -> Markup:
    paper = card.papers[0]
    source = f"{paper.authors} ({paper.year}). {paper.title}. {paper.venue}".strip()
    english = None if speech == "en" else "en"
    rows = {
        "best": _said(card.best_when, speech),
        "avoid": _said(card.do_not_use_when, speech),
        "paper": (source, english),
        "departs": _said(card.departs, speech),
    }
    pairs = [
        join(element("dt", text(key, speech)), element("dd", words, lang=tongue))
        for key, (words, tongue) in rows.items()
        if words
    ]
    return element("details", element("summary", text("more", speech)), element("dl", *pairs))
