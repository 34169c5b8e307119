"""neurarium tour: every network does its own verb on the digits, between a floor and a rival."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from neurarium.cli.words import complete_card, find_card
from neurarium.core.messages import LANGUAGES, language, say


@click.command("tour")
@click.option("--fast", is_flag=True, help="One split, half of the digits (for the rivals too), half of the passes.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(min=1), help="How many splits.")
@click.option("--only", metavar="CODES", shell_complete=complete_card, help="Codes with commas between: RBM,HN.")
@click.option("--out", default="tour", show_default=True, metavar="DIR", help="The folder for tour.html.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one object a network, and nothing else.")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="The language of the table, and the one that the page begins in."
)
def tour(fast: bool, seeds: int, only: str | None, out: str, as_json: bool, lang: str | None) -> None:
    """Take every network on tour and write DIR/tour.html.

    The exit code is 1 if a network does no better than its floor.
    """
    from neurarium import catalogue
    from neurarium.tour.inside import insides
    from neurarium.tour.page.page import write_page
    from neurarium.tour.telling import Teller

    if fast and seeds > 1:
        raise click.UsageError(say("tour.onlyfast"))
    speech = language(lang)
    cards = [find_card(code.strip()) for code in only.split(",") if code.strip()] if only else None
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    with Teller(speech) as teller:
        results = teller.follow(list(dict.fromkeys(cards or catalogue.cards().values())), range(seeds), fast=fast)
        opened = insides(results, fast=fast, labs=not (fast or only), heard=teller.making)
    path = write_page(results, folder / "tour.html", speech, built=list(catalogue.cards()), insides=opened, fast=fast)
    if as_json:
        click.echo(json.dumps([result.as_json() for result in results], indent=2, ensure_ascii=False))
    else:
        teller.conclude(results, path)
    sys.exit(_code(results))


def _code(results: list[Any]) -> int:
    return 1 if any(result.above_floor is False for result in results) else 0


COMMAND = tour
