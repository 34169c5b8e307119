"""Both languages at once: each sentence stands in the page twice, and the style shows the one that the page is in."""

import re
from collections.abc import Callable

from neurarium.tour.page.markup import Markup, element, join
from neurarium.tour.page.texts import text

Tell = Callable[[str], str]
"""A sentence, given the language."""


def both(tell: Tell, name: str = "span") -> Markup:
    """A sentence in both languages, once where they agree.

    Args:
        tell: The sentence.
        name: Of the elements that hold it; "tspan" inside a drawing.

    Example:
        >>> both(lambda speech: {"en": "red", "es": "rojo"}[speech])
        '<span lang="en">red</span><span lang="es">rojo</span>'
    """
    english, spanish = tell("en"), tell("es")
    if english == spanish:
        return join(english)
    return join(element(name, english, lang="en"), element(name, spanish, lang="es"))


def said(key: str, **values: object) -> Markup:
    """A sentence of the page."""
    return both(lambda speech: text(key, speech, **values))


def label(tell: Tell) -> dict[str, str | None]:
    """The attributes of an element that a screen reader calls by a sentence."""
    return _pair("aria_label", "data_label", tell)


def option(tell: Tell, **attributes: object) -> Markup:
    """An entry of a menu, in which no element can stand."""
    words = _pair("english", "data_text", tell)
    return element("option", words["english"], data_text=words["data_text"], **attributes)


def _pair(name: str, other: str, tell: Tell) -> dict[str, str | None]:
    english, spanish = tell("en"), tell("es")
    return {name: english, other: None if english == spanish else spanish}


def turned(page: str) -> str:
    """A page that begins in Spanish: where there is room for one language, the two change places.

    Example:
        >>> turned('<p aria-label="red" data-label="rojo"></p><option data-text="rojo">red</option>')
        '<p aria-label="rojo" data-label="red"></p><option data-text="red">rojo</option>'
    """
    page = re.sub(r'aria-label="([^"]*)" data-label="([^"]*)"', r'aria-label="\2" data-label="\1"', page)
    return re.sub(r'data-text="([^"]*)"([^>]*)>([^<]*)<', r'data-text="\3"\2>\1<', page)
