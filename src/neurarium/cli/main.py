"""The command line: finds its verbs in commands/, one file each, and speaks to people when something goes wrong.

Nothing heavy is loaded here or at the top of a command's file: `neurarium --help` answers at once, and a command
imports what it works with when it runs. That is why imports stand inside the functions of this room.
"""

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

import neurarium
from neurarium.cli import commands
from neurarium.core.messages import say

_OURS = (ValueError, TypeError, OSError, ImportError, RuntimeError)
"""What the library raises with a sentence in the user's words; anything else is a fault of ours."""


class House(click.Group):
    """All verbs. Errors are one line on stderr; 2 for a wrong call, 1 for anything else, 130 for Ctrl-C."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run, and leave with the exit code."""
        sys.exit(self._run(args, prog_name or "neurarium", extra))

    def _run(self, args: Sequence[str] | None, prog_name: str, extra: dict[str, Any]) -> int:
        try:
            code = super().main(args, prog_name, **{**extra, "standalone_mode": False})
            return code if isinstance(code, int) else 0
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            return 2
        except click.ClickException as error:
            _complain(error.format_message())
            return error.exit_code
        except (click.Abort, KeyboardInterrupt):
            _complain(say("interrupted"))
            return 130
        except BrokenPipeError:  # whoever read our answer has heard enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception as error:
            if os.environ.get("NEURARIUM_TRACEBACK"):
                raise
            known = isinstance(error, _OURS) and str(error)
            _complain(str(error) if known else say("bug", kind=type(error).__name__, text=error))
            return 1


def _complain(text: str) -> None:
    click.echo(say("error", text=text.strip()), err=True)


@click.group(cls=House, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(neurarium.__version__, prog_name="neurarium", message="%(prog)s %(version)s")
def main() -> None:
    """Every network of the mostly complete chart, working.

    Data go to stdout, talk to stderr. DATA is a data set's name, a .csv, .tsv, .parquet, .npy, .npz or .txt file, or a
    folder of images whose sub-folders are the classes.
    """


for _file in pkgutil.iter_modules(commands.__path__):
    main.add_command(importlib.import_module(f"{commands.__name__}.{_file.name}").COMMAND)
