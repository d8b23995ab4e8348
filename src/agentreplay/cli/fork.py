"""`agentreplay fork`: run a recorded program again, change one step, and record where it goes from there."""

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.replay import divergence_lines
from agentreplay.cli.run import own_streams, tell_missing
from agentreplay.cli.told import PROGRESS, written
from agentreplay.core.fork import Change, Forked
from agentreplay.core.fork import fork as branch
from agentreplay.core.sessions import resolve
from agentreplay.errors import ValueInvalid
from agentreplay.playback.patch import read_patches
from agentreplay.sdk.sender import ship

__all__ = ["fork"]


@click.command(cls=Command)
@click.argument("session")
@click.option("--at", required=True, metavar="STEP", help="The step of the call or tool, `last`, or a checkpoint.")
@click.option("--set", "sets", metavar="PATH=VALUE", multiple=True, help="What is otherwise there.")
@click.option("--patch", metavar="FILE", help="A JSON file of paths and values.")
@click.option("--live", "tail", flag_value="live", default="live", help="Perform what follows (this is the default).")
@click.option("--hybrid", "tail", flag_value="hybrid", help="Serve what follows for as long as it still matches.")
@click.option("--script", metavar="FILE", help="Answer what models are asked from this JSON list of replies.")
@click.option("--workspace", metavar="FOLDER", help="Run in this new folder, with the files as they were at the step.")
@PROGRESS
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@with_invocation
def fork(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    session: str,
    at: str,
    sets: Sequence[str],
    patch: str | None,
    tail: str,
    script: str | None,
    workspace: str | None,
    progress: Path | None,
    command: Sequence[str],
) -> int:
    """Run a recorded program again with one step changed, and record where it goes from there.

    What lies before the step is served from the recording and costs nothing; the step is changed as --set says
    (request…, answer…, or prompt, system, model, arguments, result, text, error); what follows is performed. The
    fork is a session of its own that shares its past; the recording never changes. Exits as the program does, and
    with 3 when it parts from its recording before it reaches the step.
    """
    if script is not None and tail == "hybrid":
        raise click.UsageError("--script and --hybrid both say what answers behind the step; give one of them.")
    patches = [] if patch is None else read_patches(_read(patch))
    change = Change(
        at=at,
        patches=(*sets, *map(str, patches)),
        tail="script" if script else tail,  # type: ignore[arg-type]  # one of the three
        script=None if script is None else str(Path(script).absolute()),
        command=tuple(command),
        workspace=None if workspace is None else Path(workspace).absolute(),
    )
    with invocation.reading() as store, written(progress) as tell:
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        ship(invocation.settings)
        done = branch(store, row.session.key, change, invocation.settings, own_streams(invocation), tell)
    tell_missing(done.ended)
    if invocation.wants_json:
        output.document(_plain(done))
        return done.exit_code
    for divergence in done.parted[:1]:
        output.fail(f"the program parted from its recording before it reached step {done.at}")
        for line in divergence_lines(divergence):
            output.note(line)
    if done.is_missed and not done.parted:
        output.fail(f"the tool of step {done.at} was not changed: it did not run, or is of a kind that cannot be")
        output.hint("fork at the call of the model behind it, and change what the model is told of it")
    output.note(f"forked as {done.key.session}")
    output.hint(f"`agentreplay diff {row.session.id} {done.key.session}` shows what became of it")
    return done.exit_code


def _plain(done: Forked) -> dict[str, object]:
    return {
        "session": done.key.session,
        "at": done.at,
        "exit_code": done.exit_code,
        "divergences": msgspec.to_builtins(done.parted),
        "missed": done.is_missed,
    }


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise ValueInvalid(what=f"the patch file {path}", problem=error.strerror or str(error)) from error
