"""The command `agentreplay`: which commands there are, loaded when asked for."""

import importlib
import keyword
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from agentreplay import __version__
from agentreplay.cli import failure
from agentreplay.cli.command import Group

__all__ = ["COMMANDS", "program"]

COMMANDS = {
    "up": "Start the server, and take in what agents tell.",
    "demo": "Record, replay and fork a small agent, offline and in seconds.",
    "run": "Record an unchanged program.",
    "replay": "Run a recorded program again, offline, and prove that it came out the same.",
    "fork": "Run a recorded program again with one step changed, and record where it goes from there.",
    "at": "Show a session as it was at one of its steps, or list its checkpoints.",
    "mcp": "Let other agents look into what was recorded, over the Model Context Protocol.",
    "mcp-proxy": "Record what passes between a client and any MCP server, or stand for the server.",
    "gateway": "Replay and fork programs in any language through the gateway of the server.",
    "check": "Replay every recorded program against today's code, offline.",
    "promote": "Make a regression test of a session.",
    "diff": "Align the calls of two sessions, and show the first difference and all others.",
    "retrievals": "Look again for what a session found with its retrievers, and compare it by ids, order and scores.",
    "tree": "Show what a session was forked from, and what was forked from it.",
    "import": "Take in sessions that were recorded elsewhere: by coding agents, or on a tape.",
    "watch": "Take in all transcripts of coding agents on this machine, and follow them as they are written.",
    "sessions": "List, show, delete and retain what was recorded.",
    "projects": "List the projects of the store, each with when its newest session began.",
    "export": "Write a session to one portable file: a tape, a page, or what other tools write.",
    "brief": "Print a compact text of a session, to go on from.",
    "state": "Read, write and follow what agents hold to be so, now and at any past moment.",
    "memory": "Remember, find, and look back at what agents know.",
    "score": "Score sessions and spans, and list what they were scored.",
    "snapshot": "Save, list, verify, compare and copy states of agents as files.",
    "search": "Find words in messages, tool calls, results, names and errors.",
    "stats": "Measure spans, tokens, cost and durations.",
    "explain": "Say how the cost of a session or of a span came about.",
    "prices": "Look up what models cost, and set prices of your own.",
    "embeddings": "Install, list and try what finds memories by their meaning.",
    "policy": "Show or choose what may be kept in a project: full, redacted, structure or default.",
    "connect": "Tell a coding agent to run our hook, or where our MCP server is.",
    "disconnect": "Take our hook or server out of a coding agent's configuration.",
    "hook": "Keep what a coding agent tells one of its hooks.",
    "backup": "Copy the whole data folder, also while a server and recorders use it.",
    "doctor": "Examine the store, and mend it; or a session, for what varies from run to run.",
    "completion": "Print the completion script of a shell.",
}
"""Each command with its first line of help, which is asked for more often than the command itself."""


@contextmanager
def _a_closed_pipe_is_no_failure() -> Generator[None, None, None]:
    """Whoever read the output has seen enough. Click would take it for a failure."""
    try:
        yield
    except BrokenPipeError as error:
        raise click.exceptions.Exit(failure.tell(error)) from error


class _Program(Group):
    """The outermost command; turns every failure into two lines and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # as above
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"agentreplay.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # as above
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name in COMMANDS or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        import difflib  # start-up

        near = difflib.get_close_matches(name, COMMANDS)
        guess = f". Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise click.UsageError(f"No such command {name!r}{guess}", ctx)

    def make_context(self, *arguments: Any, **attributes: Any) -> click.Context:
        with _a_closed_pipe_is_no_failure():
            return super().make_context(*arguments, **attributes)

    def invoke(self, ctx: click.Context) -> Any:
        with _a_closed_pipe_is_no_failure():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002  # click's signature
        **extra: Any,
    ) -> Any:
        """Run, and return the exit code; in standalone mode exit with it."""
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra) or 0
            sys.stdout.flush()
        except Exception as error:  # noqa: BLE001  # this is where every error ends
            code = failure.tell(error)
        if standalone_mode:
            sys.exit(code)
        return int(code)


@click.command("agentreplay", cls=_Program)
@click.version_option(version=__version__, message="agentreplay %(version)s")
def program() -> None:
    """A flight recorder for AI agents: record, replay, look, learn."""
