"""neurarium sample: new rows like those learnt from."""

import click

from neurarium.cli.asking import load_for, names
from neurarium.cli.output import check_out, put


@click.command("sample")
@click.argument("file")
@click.option("--rows", default=1, show_default=True, type=click.IntRange(min=1), help="How many.")
@click.option("--seed", type=int, help="A whole number for the same rows each time.")
@click.option("--out", metavar="FILE", help="A .csv, .tsv or .npy file; stdout unless given.")
def sample(file: str, rows: int, seed: int | None, out: str | None) -> None:
    """Draw new rows from the fitted network in FILE."""
    check_out(out)
    drawn = load_for("sample", file).sample(rows, random_state=seed)
    put(drawn, out, names("value", drawn))


COMMAND = sample
