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
@click.argument("given", metavar="FILE|CODE|lab... [VIEW]", nargs=-1, required=True, shell_complete=complete_card)
@click.option("-o", "--out", required=True, metavar="PATH", help="A .html page; a .svg, .png, .pdf picture; a .json.")
@click.option("--data", metavar="DATA", shell_complete=complete_data, help="The rows to look at, for a FILE.")
@click.option("--target", metavar="COLUMN", help="The column of DATA that holds the answers, by name or number.")
@click.option("--set", "texts", multiple=True, metavar="NAME=VALUE", help="An option of the look; may be given again.")
def look(given: tuple[str, ...], out: str, data: str | None, target: str | None, texts: tuple[str, ...]) -> None:
    """Look inside the fitted network in FILE, or inside a network of the chart fitted on data that neurarium brings.

    VIEW is one look (network, margin, features, heatmap, gates, plane, map, energy, memory, game, reservoir, chain,
    compare, training); without it the page holds all that the network has. `neurarium look lab NAME` is a lab of the
    lectures instead (universal, convolution, gradients, lstm, minimax, autoencoder, manifold, recurrence, directions,
    cells, playground); without NAME the page holds them all. `neurarium look A.net B.net compare` shows several
    networks side by side. The page is one file that opens by double click and needs no server.
    """
    from neurarium.page.saving import check_ending, save
    from neurarium.views.looking import found_looks

    check_ending(out)
    check_folder(out)
    options = _options(texts)
    networks, view = (given[:-1], given[-1]) if len(given) > 1 else (given, None)
    network = networks[0]
    if view is not None and Path(view).is_file() and view not in found_looks():
        raise click.UsageError(say("look.several", view=view))
    if len(networks) > 1:
        scenes = [_several(networks, str(view), data, target, options)]
    elif network == "lab":
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


def _several(
    given: tuple[str, ...], view: str, data: str | None, target: str | None, options: dict[str, Any]
) -> "Scene":
    """A look at several networks: of files, on DATA, or of the chart, on the digits."""
    from neurarium import catalogue
    from neurarium.views.examples import fitted_alike
    from neurarium.views.looking import look as look_inside

    files = [each for each in given if Path(each).is_file()]
    if files and len(files) < len(given):
        raise click.UsageError(say("look.mixed", network=next(each for each in given if each not in files)))
    if files:
        models = [catalogue.load(path) for path in files]
        X, y, names = _rows(models[0], data, target)
        return look_inside(models, view, X, y, **names, **options)
    if data is not None:
        raise click.UsageError(say("look.file", network=given[0]))
    models, X, y = fitted_alike([find_card(each).code for each in given], fitting=_told)
    return look_inside(models, view, X, y, **options)


def _rows(model: Any, data: str | None, target: str | None) -> tuple[Any, Any, dict[str, Any]]:
    """The rows of DATA, their answers, and what they are called."""
    from neurarium.cli.asking import read_for

    if data is None:
        return None, None, {}
    rows = read_for(model, data, target)
    return rows.X, rows.y, {"data": data, "columns": rows.features}


def _told(estimator: Any) -> None:
    click.echo(say("look.fitting", kind=type(estimator).__name__), err=True)


def _of_file(
    path: str, view: str | None, data: str | None, target: str | None, options: dict[str, Any]
) -> "list[Scene]":
    from neurarium import catalogue
    from neurarium.views.looking import CannotLook, looks
    from neurarium.views.looking import look as look_inside

    model = catalogue.load(path)
    X, y, names = _rows(model, data, target)
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

    made = list(scenes(code, None if view is None else [view], fitting=_told))
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
