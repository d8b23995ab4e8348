"""`agentreplay connect` and what it shares with `agentreplay disconnect`: show the change, ask, do it."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from agentreplay.cli import output
from agentreplay.cli.agreement import YES, agrees
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import Style
from agentreplay.cli.plugins import PLUGINS
from agentreplay.core.agents import AGENTS, Agent
from agentreplay.core.connect import Alteration, alter, connection

__all__ = ["HERE", "carry_out", "configuration", "connect"]

HERE = click.option("--here", is_flag=True, help="In this folder only, and not wherever you work.")
_PAINTED: dict[str, Style] = {"+": {"fg": "green"}, "-": {"fg": "red"}, "@": {"fg": "cyan"}}


@click.command(cls=Command)
@click.argument("agent", type=click.Choice(tuple(AGENTS)))
@HERE
@YES
@with_invocation
def connect(invocation: Invocation, /, *, agent: str, here: bool, yes: bool) -> None:
    """Tell a coding agent to run our hook, or where our MCP server is.

    By a hook its sessions are recorded; by the server it can look into recordings, and remember.

    The change of its configuration is shown first. What you wrote there stays, and `agentreplay disconnect` brings
    back what was there before. With --project and --db-path, before or after, that is where its sessions go.
    """
    found = AGENTS[agent]
    chosen = [word for name in ("db_path", "project", "tenant") for word in _chosen(invocation, name)]
    alteration = connection(found, configuration(found, here=here), invocation.settings.db_path, chosen)
    if carry_out(invocation, alteration, is_agreed=yes, connects=True) and not invocation.wants_json:
        what = "it can look into recordings" if found.servers else "it is recorded"
        output.note(f"{found.title} is connected; {what} from its next session on")
        for line in _advice(found):
            output.hint(line)


def configuration(agent: Agent, *, here: bool) -> Path:
    """The file that says which hooks the agent runs, or which servers it asks."""
    if not here:
        return agent.file(os.environ)
    if agent.here is None:
        raise click.UsageError(f"{agent.title} has no configuration for one folder; leave out --here")
    return Path.cwd() / agent.here


def carry_out(invocation: Invocation, alteration: Alteration, *, is_agreed: bool, connects: bool) -> bool:
    """Show what is to change, ask, and do it; says whether it is done."""
    is_done = False
    if alteration.is_needed:
        if not is_agreed:
            _show(alteration)
            is_agreed = agrees(f"Change {alteration.path}?", "change it")
        if is_agreed:
            alter(alteration, connects=connects)
            is_done = True
    if invocation.wants_json:
        told = {"agent": alteration.agent.name, "file": str(alteration.path), "changed": is_done}
        output.document({**told, "difference": alteration.difference})
    elif not alteration.is_needed:
        output.note(f"{alteration.path} needs no change")
    elif not is_done:
        output.note("nothing was changed")
        raise click.exceptions.Exit(1)
    return is_done


def _chosen(invocation: Invocation, name: str) -> Sequence[str]:
    """An option that was given, for the hook to be given it too."""
    if name not in invocation.chosen:
        return ()
    value = invocation.settings.db_path.absolute() if name == "db_path" else invocation.chosen[name]
    return (f"--{name.replace('_', '-')}", str(value))


def _show(alteration: Alteration) -> None:
    for line in alteration.difference.splitlines():
        output.note(output.paint(line.expandtabs(), _PAINTED.get(line[:1], {}), sys.stderr))


def _advice(agent: Agent) -> Sequence[str]:
    if agent.name == "claude-code" and (PLUGINS / agent.name).is_dir():
        return [f"commands and a skill for it come as a plugin: /plugin marketplace add {PLUGINS}, after disconnecting"]
    return [agent.advice] if agent.advice else []
