"""neurarium look: the inside of a fitted network, as a page that keeps computing or as a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neurarium.cli.output import check_folder
from neurarium.cli.words import complete_card, complete_data, find_card
from neurarium.core.messages import say

if TYPE_CHECKING:
    from neurarium.page.scene import Scene


@click.command("look")
@click.argument("network", metavar="FILE|CODE|lab", shell_complete=complete_card)
@click.argument("view", required=False)
@click.option("-o", "--out", required=True, metavar="PATH", help="A .html page; a .svg, .png, .pdf picture; a .json.")
@click.option("--data", metavar="DATA", shell_complete=complete_data, help="The rows to look at, for a FILE.")
@click.option("--target", metavar="COLUMN", help="The column of DATA that holds the answers, by name or number.")
@click.option("--set", "texts", multiple=True, metavar="NAME=VALUE", help="An option of the look; may be given again.")
def look(
    network: str, view: str | None, out: str, data: str | None, target: str | None, texts: tuple[str, ...]
) -> None:
    """Look inside the fitted network in FILE, or inside a network of the chart fitted on data that neurarium brings.

    VIEW is one look (network, margin, features, heatmap, gates, plane, map, energy, memory, game, reservoir, chain,
    compare, training); without it the page holds all that the network has. `neurarium look lab NAME` is a lab of the
    lectures instead (universal, convolution, gradients, lstm, minimax, autoencoder, manifold, recurrence, directions,
    cells, playground); without NAME the page holds them all. The page is one file that opens by double click and needs
    no server.
    """
    from neurarium.page.saving import check_ending, save

    check_ending(out)
    check_folder(out)
    options = _options(texts)
    if network == "lab":
        if data is not None:
            raise click.UsageError(say("look.file", network=network))
        scenes = _labs(view, options)
    elif Path(network).is_file():
        scenes = _of_file(network, view, data, target, options)
    elif data is not None:
        raise click.UsageError(say("look.file", network=network))
    else:
        scenes = _of_chart(find_card(network).code, view, options)
    save(scenes, out)
    names = ", ".join(scene.look for scene in scenes)
    click.echo(say("look.done", looks=names, path=out), err=True)


def _labs(name: str | None, options: dict[str, Any]) -> "list[Scene]":
    from neurarium.views.laboratory import lab, labs

    return [lab(each, **options) for each in (labs() if name is None else [name])]


def _of_file(
    path: str, view: str | None, data: str | None, target: str | None, options: dict[str, Any]
) -> "list[Scene]":
    from neurarium import catalogue
    from neurarium.cli.asking import read_for
    from neurarium.views.looking import CannotLook, looks
    from neurarium.views.looking import look as look_inside

    model = catalogue.load(path)
    X, y, names = None, None, {}
    if data is not None:
        rows = read_for(model, data, target)
        X, y, names = rows.X, rows.y, {"data": data, "columns": rows.features}
    if view is not None:
        return [look_inside(model, view, X, y, **names, **options)]
    found = []
    for name in looks(model):
        try:
            found.append(look_inside(model, name, X, y, **names))
        except CannotLook as error:
            click.echo(say("look.without", look=name, why=error), err=True)
    if not found:
        raise ValueError(say("look.none", kind=type(model).__name__))
    return found


def _of_chart(code: str, view: str | None, options: dict[str, Any]) -> "list[Scene]":
    from neurarium.views.examples import scenes

    def fitting(estimator: Any) -> None:
        click.echo(say("look.fitting", kind=type(estimator).__name__), err=True)

    made = list(scenes(code, None if view is None else [view], fitting=fitting))
    return [scene.set(**options) for scene in made] if options else made


def _options(texts: tuple[str, ...]) -> dict[str, Any]:
    """Options of a look: numbers, true or false, several with commas between, else texts."""
    options: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(say("set.form", text=text))
        words = [_value(word.strip()) for word in value.split(",")]
        options[name.strip()] = words[0] if len(words) == 1 else tuple(words)
    return options


def _value(word: str) -> Any:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(word.lower(), word)


COMMAND = look
