"""`agentreplay hook`: keep what a coding agent tells. Run as a hook it is `hook_entry`; this shows its help."""

import os
import sys

import click

from agentreplay.cli import hook_entry, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation

__all__ = ["hook"]


@click.command(cls=Command)
@click.option("--agent", metavar="NAME", default="", help="Which agent tells; by default its event says so.")
@click.argument("event", default="")
@with_invocation
def hook(invocation: Invocation, /, *, agent: str, event: str) -> None:
    """Keep what a coding agent tells one of its hooks.

    It reads the JSON of the event from stdin, appends it to a journal in the data folder, and exits with 0 whatever
    happens; a server need not run. `agentreplay connect` tells an agent to run it.
    """
    if output.is_terminal(sys.stdin):
        raise click.UsageError("there is no event on stdin; `agentreplay connect` tells an agent to run this")
    settings = invocation.settings
    told = {"--agent": agent, "--db-path": str(settings.db_path)}
    told |= {"--project": settings.project, "--tenant": settings.tenant}
    words = [word for name, value in told.items() if value for word in (name, value)]
    sys.stdout.write(hook_entry.main([*words, *([event] if event else [])], os.environ, sys.stdin.fileno()))
