"""neurarium predict: the answer to each row."""

from typing import Any

import click

from neurarium.cli.asking import load_for, names, read_for
from neurarium.cli.output import check_out, put
from neurarium.cli.words import complete_data
from neurarium.core.messages import say, share


@click.command("predict")
@click.argument("file")
@click.argument("data", shell_complete=complete_data)
@click.option("--target", metavar="COLUMN", help="A column to leave out of the rows, and to compare the answers with.")
@click.option("--proba", is_flag=True, help="How likely each class is, in place of the class.")
@click.option("--out", metavar="FILE", help="A .csv, .tsv or .npy file; stdout unless given.")
def predict(file: str, data: str, target: str | None, proba: bool, out: str | None) -> None:
    """Ask the fitted network in FILE about the rows of DATA."""
    check_out(out)
    model = load_for("predict", file)
    rows = read_for(model, data, target)
    if proba:
        if not callable(getattr(model, "predict_proba", None)):
            raise click.UsageError(say("cannot", kind=type(model).__name__, verb="predict --proba", can="predict"))
        shares = model.predict_proba(rows.X)
        put(shares, out, [str(label) for label in model.classes_])
        return
    answers = model.predict(rows.X)
    put(answers, out, names("answer", answers))
    _compare(model, answers, rows.y)


def _compare(model: Any, answers: Any, truth: Any) -> None:
    """Where the right labels are known, say how many were found."""
    if truth is not None and hasattr(model, "classes_") and len(truth) == len(answers):
        right = int((answers == truth).sum())
        click.echo(say("predict.right", right=right, rows=len(answers), share=share(right / len(answers))), err=True)


COMMAND = predict
