"""neurarium fit: teach a network from a data set or a file, and keep it in a file."""

import sys
import time
import warnings
from typing import Any

import click

from neurarium.cli.output import check_folder
from neurarium.cli.words import complete_data, complete_estimator, find_estimator
from neurarium.core.messages import say, seconds


@click.command("fit")
@click.argument("estimator", shell_complete=complete_estimator)
@click.argument("data", shell_complete=complete_data)
@click.option("--set", "texts", multiple=True, metavar="NAME=VALUE", help="A parameter; may be given again.")
@click.option("--target", metavar="COLUMN", help="The column that holds the answers, by name or number.")
@click.option("--out", required=True, metavar="FILE", help="Where to keep the fitted network (safetensors).")
def fit(estimator: str, data: str, texts: tuple[str, ...], target: str | None, out: str) -> None:
    """Teach ESTIMATOR (its name, or a network's code) from DATA.

    Ctrl-C ends the fit and keeps what it has learnt so far.
    """
    from neurarium.cli.asking import reads_text
    from neurarium.cli.reading import read, refuse_text
    from neurarium.cli.settings import settings

    kind = find_estimator(estimator)
    chosen = {"verbose": sys.stderr.isatty(), **settings(kind, texts)}
    check_folder(out)
    model = kind(**chosen)
    _check(model)
    rows = read(data, target)
    if not reads_text(kind):
        refuse_text(rows.X, kind.__name__, data)
    answers = _answers(kind, rows, target)
    start = time.perf_counter()
    interrupted = _fit(model, rows.X, answers)
    took = time.perf_counter() - start
    model.save(out)
    name, passes = kind.__name__, getattr(model, "n_iter_", 1)
    if interrupted:
        click.echo(say("fit.kept", kind=name, passes=passes, path=out), err=True)
        sys.exit(130)
    told = {"kind": name, "rows": len(rows.X), "seconds": seconds(took), "passes": passes, "path": out}
    shape = " x ".join(map(str, model.shape_in_)) or "1"
    done = say("fit.text", None, **told) if isinstance(rows.X, str) else say("fit.done", None, shape=shape, **told)
    click.echo(done, err=True)


def _check(model: Any) -> None:
    """A parameter out of its bounds is a wrong call, not a failed fit."""
    from neurarium.core.parameters import check_parameters

    try:
        check_parameters(model)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _answers(kind: type[Any], rows: Any, target: str | None) -> Any:
    """The answers where the estimator learns from some."""
    from neurarium.core.roles import Classifier, Regressor

    if not issubclass(kind, Classifier | Regressor):
        return None
    if rows.y is None and rows.columns and target is None:
        raise click.UsageError(say("target.needed", kind=kind.__name__, columns=", ".join(rows.columns)))
    if rows.y is None:
        raise click.UsageError(say("target.none", kind=kind.__name__, data=rows.name))
    return rows.y


def _fit(model: Any, X: Any, y: Any) -> bool:
    """Whether Ctrl-C ended it; other warnings are told in a line each."""
    from neurarium.core.interruption import FitInterrupted

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            model.fit(X, y)
        except KeyboardInterrupt:
            click.echo(say("fit.nothing", kind=type(model).__name__), err=True)
            sys.exit(130)
    for warning in heard:
        if not issubclass(warning.category, FitInterrupted | DeprecationWarning):
            click.echo(str(warning.message), err=True)
    return any(issubclass(warning.category, FitInterrupted) for warning in heard)


COMMAND = fit
