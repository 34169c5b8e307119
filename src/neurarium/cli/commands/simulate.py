"""neurarium simulate: a walk from state to state."""

import click

from neurarium.cli.asking import load_for
from neurarium.cli.output import check_out, put


@click.command("simulate")
@click.argument("file")
@click.option("--steps", default=1, show_default=True, type=click.IntRange(min=1), help="How many.")
@click.option("--seed", type=int, help="A whole number for the same walk each time.")
@click.option("--out", metavar="FILE", help="A .csv, .tsv or .npy file; stdout unless given.")
def simulate(file: str, steps: int, seed: int | None, out: str | None) -> None:
    """Walk from state to state as the fitted network in FILE has learnt to."""
    check_out(out)
    put(load_for("simulate", file).simulate(steps, random_state=seed), out, ["state"])


COMMAND = simulate
