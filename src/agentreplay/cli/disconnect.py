"""`agentreplay disconnect`: take our hook or server out of a coding agent's configuration."""

import click

from agentreplay.cli import output
from agentreplay.cli.agreement import YES
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.connect import HERE, carry_out, configuration
from agentreplay.cli.invocation import Invocation
from agentreplay.core.agents import AGENTS
from agentreplay.core.connect import disconnection

__all__ = ["disconnect"]


@click.command(cls=Command)
@click.argument("agent", type=click.Choice(tuple(AGENTS)))
@HERE
@YES
@with_invocation
def disconnect(invocation: Invocation, /, *, agent: str, here: bool, yes: bool) -> None:
    """Take our hook or server out of a coding agent's configuration.

    Where nobody changed it since `agentreplay connect`, the file is what it was before, byte for byte; else only what
    is ours goes. What was recorded stays.
    """
    found = AGENTS[agent]
    alteration = disconnection(found, configuration(found, here=here), invocation.settings.db_path)
    if carry_out(invocation, alteration, is_agreed=yes, connects=False) and not invocation.wants_json:
        output.note(f"{found.title} is not connected any more")
