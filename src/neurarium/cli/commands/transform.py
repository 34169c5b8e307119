"""neurarium transform: the code of each row."""

import click

from neurarium.cli.asking import load_for, names, read_for
from neurarium.cli.output import check_out, put
from neurarium.cli.words import complete_data


@click.command("transform")
@click.argument("file")
@click.argument("data", shell_complete=complete_data)
@click.option("--target", metavar="COLUMN", help="A column to leave out of the rows.")
@click.option("--out", metavar="FILE", help="A .csv, .tsv or .npy file; stdout unless given.")
def transform(file: str, data: str, target: str | None, out: str | None) -> None:
    """Turn the rows of DATA into codes by the fitted network in FILE."""
    check_out(out)
    model = load_for("transform", file)
    codes = model.transform(read_for(model, data, target).X)
    put(codes, out, names("code", codes))


COMMAND = transform
