"""neurarium sample: new rows like those learnt from, or a text that goes on."""

from pathlib import Path

import click

from neurarium.cli.asking import load_for, names, writes_text
from neurarium.cli.output import check_folder, check_out, put, put_text


@click.command("sample")
@click.argument("file")
@click.option("--rows", default=1, show_default=True, type=click.IntRange(min=1), help="How many.")
@click.option(
    "--length", default=200, show_default=True, type=click.IntRange(min=1), help="Characters or words of a text."
)
@click.option("--prompt", default="", help="What a text goes on from.")
@click.option(
    "--temperature",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="Below 1 likelier, above 1 more daring, for a text.",
)
@click.option("--seed", type=int, help="A whole number for the same rows or text each time.")
@click.option("--out", metavar="FILE", help="A .csv, .tsv or .npy file, or any file for a text; stdout unless given.")
def sample(
    file: str, rows: int, length: int, prompt: str, temperature: float, seed: int | None, out: str | None
) -> None:
    """Draw new rows, or a text, from the fitted network in FILE."""
    check_folder(out)
    model = load_for("sample", file)
    if writes_text(model):
        text = prompt + model.sample(length, prompt=prompt, temperature=temperature, random_state=seed)
        put_text(text, None if out is None else Path(out))
        return
    check_out(out)
    drawn = model.sample(rows, random_state=seed)
    put(drawn, out, names("value", drawn))


COMMAND = sample
