"""`agentreplay completion`: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from agentreplay.cli import output
from agentreplay.cli.command import Command
from agentreplay.cli.filter_completion import VARIABLE

__all__ = ["completion"]

_SHELLS = ("bash", "zsh", "fish")
_DONE = "    return 0\n}"
_GOES_ON = r"""    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:=.\'] ]] && compopt -o nospace
"""
"""In bash: behind a field of a filter comes its value, and no space."""


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash  eval "$(agentreplay completion bash)"      in ~/.bashrc
    zsh   eval "$(agentreplay completion zsh)"       in ~/.zshrc
    fish  agentreplay completion fish | source       in ~/.config/fish/config.fish
    """  # noqa: D301  # click keeps the lines below this mark as they are
    root = ctx.find_root()
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion is known for {shell}")
    script = found(root.command, {}, "agentreplay", VARIABLE)
    # Not script.source(), which for bash first starts one to ask how old it is.
    text = script.source_template % script.source_vars()
    output.data(text.replace(_DONE, _GOES_ON + _DONE) if shell == "bash" else text)
