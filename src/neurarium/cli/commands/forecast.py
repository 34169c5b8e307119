"""neurarium forecast: what comes next in a series."""

import click

from neurarium.cli.asking import load_for, names, read_for
from neurarium.cli.output import check_out, put
from neurarium.cli.words import complete_data

_LEVEL = "Add the ends of the interval that holds the value with this probability."


@click.command("forecast")
@click.argument("file")
@click.argument("data", required=False, shell_complete=complete_data)
@click.option("--steps", default=1, show_default=True, type=click.IntRange(min=1), help="How many steps ahead.")
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), help=_LEVEL)
@click.option("--out", metavar="FILE", help="A .csv, .tsv or .npy file; stdout unless given.")
def forecast(file: str, data: str | None, steps: int, level: float | None, out: str | None) -> None:
    """Continue the series in DATA, or the one it was fitted on, by the fitted network in FILE."""
    import numpy as np

    check_out(out)
    model = load_for("forecast", file)
    history = None if data is None else read_for(model, data).X
    coming = model.forecast(steps, history=history)
    columns = names("value", coming)
    if level is not None:
        ends = model.forecast_interval(steps, level=level, history=history)
        columns += [f"{end}_{name}" for end in ("lower", "upper") for name in columns]
        coming = np.concatenate([np.reshape(part, (steps, -1)) for part in (coming, *ends)], axis=1)
    put(coming, out, columns)


COMMAND = forecast
