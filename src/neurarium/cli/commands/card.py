"""neurarium card: what a network is."""

import textwrap

import click

from neurarium.cli.words import complete_card, find_card
from neurarium.core.messages import say


@click.command("card")
@click.argument("code", shell_complete=complete_card)
def show_card(code: str) -> None:
    """Show the card of the network CODE, such as RBM."""
    card = find_card(code)
    click.echo(f"{card.code}  {card.name}, {card.papers[0].year}  ({card.family}, tier {card.tier})\n")
    for text in (card.claim, f"Best when: {card.best_when}", f"Do not use when: {card.do_not_use_when}"):
        click.echo(textwrap.fill(text, 100))
    drawn = ", ".join(f"{number} {kind}" for kind, number in card.layers)
    rows = {
        "card.verb": card.verb,
        "card.layers": f"{drawn} ({card.links})",
        "card.departs": card.departs,
        "card.estimators": ", ".join(kind.__name__ for kind in card.estimators),
    }
    click.echo()
    for key, text in rows.items():
        if text:
            click.echo(f"{say(key):16}{text}")
    for number, paper in enumerate(card.papers):
        start = say("card.papers") if number == 0 else ""
        click.echo(f"{start:16}{paper.authors} ({paper.year}). {paper.title}. {paper.venue} {paper.link}".rstrip())


COMMAND = show_card
