"""neurarium export: a fitted network as source code that needs no torch."""

from pathlib import Path

import click

from neurarium.cli.output import check_folder
from neurarium.core.messages import say

_ENDINGS = {"numpy": ".py", "c99": ".c"}


@click.command("export")
@click.argument("file")
@click.option("--to", "language", required=True, type=click.Choice(list(_ENDINGS)), help="The language to print.")
@click.option("--out", required=True, metavar="PATH", help="Where to: a .py file, or a .c file, which brings its .h.")
def export(file: str, language: str, out: str) -> None:
    """Print the fitted network in FILE as source code, with 100 rows to check it by.

    Running the file checks it: python net.py, or cc -DNET_CHECK net.c -lm && ./a.out
    """
    from neurarium import catalogue

    path = Path(out)
    if path.suffix != _ENDINGS[language]:
        raise click.UsageError(say("export.ending", language=language, ending=_ENDINGS[language], path=out))
    check_folder(out)
    model = catalogue.load(file)
    model.export(path)
    check = {"numpy": f"python {path.name}", "c99": f"cc -DNET_CHECK {path.name} -lm && ./a.out"}[language]
    click.echo(say("export.done", kind=type(model).__name__, path=out, check=check), err=True)


COMMAND = export
