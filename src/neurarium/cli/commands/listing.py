"""neurarium list: which networks there are, and what each still lacks."""

import json
from typing import Any

import click

from neurarium.core.messages import say


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option("--all", "everything", is_flag=True, help="List those of the chart that are not built yet as well.")
def list_networks(as_json: bool, everything: bool) -> None:
    """List the networks: code, name, family, tier, estimators, and what is missing."""
    from neurarium import catalogue
    from neurarium.chart import CHART

    entries = [_entry(card) for card in catalogue.cards().values()]
    unbuilt = [place for code, place in CHART.items() if code not in catalogue.cards()]
    if everything:
        entries += [
            {
                "code": place.code,
                "name": place.name,
                "family": place.family,
                "tier": place.tier,
                "estimators": [],
                "missing": [say("list.missing.all")],
            }
            for place in unbuilt
        ]
    if as_json:
        click.echo(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    widths = {key: max((len(entry[key]) for entry in entries), default=0) for key in ("code", "name", "family")}
    for entry in entries:
        start = "  ".join(entry[key].ljust(width) for key, width in widths.items())
        click.echo(f"{start}  {entry['tier']}  {', '.join(entry['estimators']) or entry['missing'][0]}")
    if unbuilt and not everything:
        click.echo(say("list.more", number=len(unbuilt)), err=True)


def _entry(card: Any) -> dict[str, Any]:
    return {
        "code": card.code,
        "name": card.name,
        "family": card.family,
        "tier": card.tier,
        "estimators": [kind.__name__ for kind in card.estimators],
        "missing": _missing(card),
    }


def _missing(card: Any) -> list[str]:
    """What a network needs before it counts as done, as far as the house itself can tell."""
    from importlib.util import find_spec

    from neurarium.tour.found_verbs import found_verbs

    lacks = {
        "list.missing.verb": card.verb not in found_verbs(),
        "list.missing.views": find_spec("neurarium.views") is None,
        "list.missing.program": find_spec("neurarium.program.onnx_file") is None,
    }
    return [say(key) for key, lacking in lacks.items() if lacking]


COMMAND = list_networks
