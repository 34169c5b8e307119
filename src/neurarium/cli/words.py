"""What the commands have in common: near words, and the catalogue asked by name."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NoReturn

import click

from neurarium.core.messages import say


def unknown(message: str, wrong: str, right: Iterable[str]) -> NoReturn:
    """Complain about a word that is not known, and offer those near it.

    Raises:
        click.UsageError: Always.
    """
    words = sorted(right)
    by_lower = {word.lower(): word for word in words}
    close = [by_lower[word] for word in get_close_matches(wrong.lower(), by_lower, cutoff=0.6)]
    if close:
        message += say("near", words=say("or").join(close))
    elif words:
        message += say("are", words=", ".join(words))
    raise click.UsageError(message)


def find_card(code: str) -> Any:
    """The card of a code, in capitals or not.

    Raises:
        click.UsageError: There is none.
    """
    from neurarium import catalogue
    from neurarium.chart import CHART

    cards = {name.lower(): card for name, card in catalogue.cards().items()}
    if code.lower() in cards:
        return cards[code.lower()]
    for place in CHART.values():
        if place.code.lower() == code.lower():
            raise click.UsageError(say("unbuilt", name=place.name, code=place.code))
    return unknown(say("unknown.card", name=code), code, catalogue.cards())


def find_estimator(name: str) -> type[Any]:
    """The estimator of a name, or the one that goes on tour for a network's code.

    Raises:
        click.UsageError: There is none.
    """
    from neurarium import catalogue

    kinds = {kind.lower(): estimator for kind, estimator in catalogue.estimators().items()}
    codes = {code.lower(): card.estimators[0] for code, card in catalogue.cards().items() if card.estimators}
    found = kinds.get(name.lower()) or codes.get(name.lower())
    return found or unknown(say("unknown.estimator", name=name), name, catalogue.estimators())


def complete_estimator(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """For the shell: estimators that begin so."""
    from neurarium import catalogue

    return [name for name in sorted(catalogue.estimators()) if name.lower().startswith(incomplete.lower())]


def complete_data(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    """For the shell: data sets and files that begin so."""
    from click.shell_completion import CompletionItem

    from neurarium.datasets import shelf

    names = [name for name in shelf.names() if name.startswith(incomplete)]
    return [*map(CompletionItem, names), CompletionItem(incomplete, type="file")]


def complete_card(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """For the shell: codes that begin so."""
    from neurarium import catalogue

    return [code for code in catalogue.cards() if code.lower().startswith(incomplete.lower())]
