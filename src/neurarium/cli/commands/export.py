"""neurarium export: a fitted network as source code, or as ONNX, that needs no torch."""

from pathlib import Path

import click

from neurarium.cli.output import check_folder
from neurarium.core.messages import say

_ENDINGS = {"numpy": ".py", "c99": ".c", "onnx": ".onnx"}


@click.command("export")
@click.argument("file")
@click.option("--to", "language", required=True, type=click.Choice(list(_ENDINGS)), help="The language to print.")
@click.option("--out", required=True, metavar="PATH", help="Where to: a .py, .c or .onnx file.")
def export(file: str, language: str, out: str) -> None:
    """Print the fitted network in FILE as source code or as ONNX, with 100 rows to check it by.

    net.c brings its header, net.h. net.onnx brings net_check.py, and net.NAME.onnx for each further function of the
    network; it needs: pip install 'neurarium[onnx]'. What is printed checks itself: python net.py, cc -DNET_CHECK net.c
    -lm && ./a.out, or python net_check.py (which needs onnxruntime).
    """
    from neurarium import catalogue

    path = Path(out)
    if path.suffix != _ENDINGS[language]:
        raise click.UsageError(say("export.ending", language=language, ending=_ENDINGS[language], path=out))
    check_folder(out)
    model = catalogue.load(file)
    model.export(path)
    check = {
        "numpy": f"python {path.name}",
        "c99": f"cc -DNET_CHECK {path.name} -lm && ./a.out",
        "onnx": f"python {path.stem}_check.py",
    }[language]
    click.echo(say("export.done", kind=type(model).__name__, path=out, check=check), err=True)


COMMAND = export
