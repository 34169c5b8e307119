"""neurarium data: the data sets, where they lie, and how to get them."""

import json
import sys

import click

from neurarium.cli.words import complete_data, unknown
from neurarium.core.messages import say


@click.group("data")
def data_sets() -> None:
    """List the data sets, get one, or say where it lies."""


@data_sets.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_them(as_json: bool) -> None:
    """List every data set by name."""
    from neurarium.datasets import shelf

    cards = [shelf.describe(name) for name in shelf.names()]
    if as_json:
        entries = [
            {"name": card.name, "title": card.title, "kind": card.kind, "shape": card.shape, "licence": card.licence}
            for card in cards
        ]
        click.echo(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    width = max(len(card.name) for card in cards)
    for card in cards:
        click.echo(f"{card.name:{width}}  {card.kind:9}  {card.title}: {card.shape}")


@data_sets.command("get")
@click.argument("name", shell_complete=complete_data)
def get(name: str) -> None:
    """Download the data set NAME, unless it is there, and check it; print its folder."""
    from neurarium.datasets import shelf

    _known(name)
    card = shelf.describe(name)
    if not card.files:
        click.echo(say("data.needless", name=name, kind=card.kind), err=True)
        return
    click.echo(shelf.fetch(name))


@data_sets.command("where")
@click.argument("name", shell_complete=complete_data)
def where(name: str) -> None:
    """Print the folder in which the data set NAME lies."""
    from neurarium.datasets import shelf

    _known(name)
    card = shelf.describe(name)
    if not card.files:
        click.echo(say("data.needless", name=name, kind=card.kind), err=True)
        return
    folder = shelf.where(name)
    if folder is None:
        click.echo(say("error", text=say("data.absent", name=name)), err=True)
        sys.exit(1)
    click.echo(folder)


def _known(name: str) -> None:
    from neurarium.datasets import shelf

    if name not in shelf.names():
        unknown(say("unknown.data", name=name), name, shelf.names())


COMMAND = data_sets
