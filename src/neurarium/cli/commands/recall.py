"""neurarium recall: the stored pattern that each row leads to."""

import click

from neurarium.cli.asking import load_for, names, read_for
from neurarium.cli.output import check_out, put
from neurarium.cli.words import complete_data


@click.command("recall")
@click.argument("file")
@click.argument("data", shell_complete=complete_data)
@click.option("--target", metavar="COLUMN", help="A column to leave out of the rows.")
@click.option("--out", metavar="FILE", help="A .csv, .tsv or .npy file; stdout unless given.")
def recall(file: str, data: str, target: str | None, out: str | None) -> None:
    """Complete the damaged rows of DATA by the memory in FILE."""
    check_out(out)
    model = load_for("recall", file)
    patterns = model.recall(read_for(model, data, target).X)
    put(patterns, out, names("value", patterns))


COMMAND = recall
