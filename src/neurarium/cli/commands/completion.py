"""neurarium completion: the script that makes a shell complete our words."""

import click
from click.shell_completion import BashComplete, ZshComplete

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completions for SHELL: eval "$(neurarium completion bash)"."""
    script = _SHELLS[shell](context.find_root().command, {}, "neurarium", "_NEURARIUM_COMPLETE")
    click.echo(script.source_template % script.source_vars())


COMMAND = completion
