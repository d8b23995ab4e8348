"""`agentreplay run`: record an unchanged program."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import LABEL
from agentreplay.core.launch import Ended, Streams
from agentreplay.core.outside import is_known
from agentreplay.core.record import Wish, record
from agentreplay.core.workspace_record import KeptFiles
from agentreplay.model.ids import SessionId
from agentreplay.model.session import Session
from agentreplay.sdk.sender import ship

__all__ = ["own_streams", "run", "tell_files", "tell_missing"]

_SHOWN = 10


@click.command(cls=Command, context_settings={"allow_interspersed_args": False})
@click.option("--name", metavar="TEXT", default="", help="What the session is called.")
@click.option("--agent", metavar="NAME", help="The agent that runs.")
@click.option("--label", type=LABEL, metavar="KEY=VALUE", multiple=True, help="A label; may be given several times.")
@click.option(
    "--env", "declared", metavar="PATTERN", multiple=True, help="Keep the values of these variables: 'SHOP_*'."
)
@click.option(
    "--gateway/--no-gateway",
    default=None,
    help="Record what it asks models, in any language; by default for claude, codex, gemini, opencode and the like.",
)
@click.option("--workspace", metavar="FOLDER", help="Keep the files of this folder after each step that changed one.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@with_invocation
def run(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    command: Sequence[str],
    name: str,
    agent: str | None,
    label: Sequence[Any],
    declared: Sequence[str],
    gateway: bool | None,
    workspace: str | None,
) -> int:
    """Record an unchanged program.

    Give the program as in a shell, after two dashes: agentreplay run -- python agent.py. Its child processes in
    Python are recorded too. It reads, writes and exits as it does by itself; only with --json, before the two dashes,
    what it writes goes to stderr, and stdout tells of the recording.

    A program that is no Python is recorded by what it asks models: with --gateway it is told, by ANTHROPIC_BASE_URL,
    OPENAI_BASE_URL and GOOGLE_GEMINI_BASE_URL, to ask a gateway that is there as long as it runs.
    """
    if is_known(command) if gateway is None else gateway:
        from agentreplay.cli.through import record_through  # start-up

        wanted = Session(
            tenant=invocation.tenant, project=invocation.project, id=SessionId("new"), name=name, agent=agent,
            labels=dict(label),
        )  # fmt: skip
        return record_through(invocation, command, wanted)
    wish = Wish(
        name=name,
        agent=agent,
        labels=dict(label),
        declared=tuple(declared),
        workspace=None if workspace is None else Path(workspace).absolute(),
    )
    ship(invocation.settings)
    done = record(command, invocation.settings, wish, own_streams(invocation))
    tell_missing(done.ended)
    tell_files(done.files)
    if invocation.wants_json:
        output.document({"session": done.key.session, "exit_code": done.ended.code, "signal": done.ended.signal})
        return done.ended.code
    output.note(f"recorded as {done.key.session}")
    output.hint(f"`agentreplay replay {done.key.session}` runs it again from the recording")
    return done.ended.code


def own_streams(invocation: Invocation) -> Streams:
    """Our own streams, for a program to use. Where a program reads ours, only the document goes to stdout."""
    return Streams(stdin=0, stdout=2 if invocation.wants_json else 1, stderr=2)


def tell_files(files: KeptFiles | None) -> None:
    """Say which files of the workspace were not kept, and why."""
    if files is None:
        return
    for path, why in files.left_out[:_SHOWN]:
        output.warn(output.clean(f"{path} was not kept: {why}"))
    if len(files.left_out) > _SHOWN:
        output.warn(f"{human.noun(len(files.left_out) - _SHOWN, 'file')} more were not kept")
    if files.trouble:
        output.warn(output.clean(f"not every change of the files could be kept: {files.trouble}"))


def tell_missing(ended: Ended) -> None:
    """Warn when something could not be recorded or served, and say why."""
    for stream in ended.cut:
        output.warn(f"only the beginning of {stream} was kept, so the rest of it is not compared on replay")
    if ended.missing:
        output.warn(f"the program's Python cannot import agentreplay, so its calls were not seen: {ended.missing}")
        output.hint("install agentreplay where the program runs, or run it with the Python agentreplay lives in")
    elif not ended.processes:
        output.warn("no Python was started, or one that ignores PYTHONPATH, so only the streams were recorded")
