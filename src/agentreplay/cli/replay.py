"""`agentreplay replay`: run a recorded program again from its recording, and prove that it came out the same."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import BOLD, Style
from agentreplay.cli.told import PROGRESS, written
from agentreplay.core.outside import SOURCE
from agentreplay.core.replay import Manner
from agentreplay.core.replay import replay as play
from agentreplay.core.sessions import resolve
from agentreplay.playback.divergence import Divergence, describe
from agentreplay.playback.verdict import Status, Verdict

__all__ = ["divergence_lines", "hint_lines", "replay", "verdict_lines"]

_STYLES: dict[Status, Style] = {
    "identical": {"fg": "green", "bold": True},
    "drift": {"fg": "yellow", "bold": True},
    "diverged": {"fg": "red", "bold": True},
    "hung": {"fg": "red", "bold": True},
    "unreplayable": {"fg": "red", "bold": True},
}
_MOST_NOTES = 5


@click.command(cls=Command)
@click.argument("session")
@click.option(
    "--on-divergence",
    type=click.Choice(["stop", "serve", "live", "ask"]),
    default="stop",
    help="What to do where the program parts from the tape.",
)
@click.option("--speed", type=click.Choice(["instant", "recorded"]), default="instant", help="How fast to serve.")
@click.option("--allow", metavar="HOST", multiple=True, help="A host that may be connected to all the same.")
@PROGRESS
@click.option("--show", is_flag=True, help="Show what the program writes.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@with_invocation
def replay(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    session: str,
    on_divergence: str,
    speed: str,
    allow: Sequence[str],
    progress: Path | None,
    show: bool,
    command: Sequence[str],
) -> int:
    """Run a recorded program again, offline, and prove that it came out the same.

    Exits with 0 when it did, with 3 where it diverged, with 4 when it cannot be replayed. The recorded program is
    run in the recorded folder; another one can be given after two dashes. One that was recorded through the gateway
    is answered by a gateway, and nothing else of it is served or compared.
    """
    manner = Manner(
        on_divergence=on_divergence,  # type: ignore[arg-type]  # click has checked the choice
        at_recorded_speed=speed == "recorded",
        allow=tuple(allow),
        command=tuple(command),
        is_quiet=not show,
        home=invocation.settings.db_path,
    )
    with invocation.reading() as store, written(progress) as tell:
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        verdict = play(store, row.session.key, manner, tell) if row.session.source != SOURCE else None
    if verdict is None:
        if on_divergence == "ask":
            raise click.UsageError("nobody can be asked through the gateway; --on-divergence takes stop, serve or live")
        from agentreplay.cli.through import replay_through  # start-up

        verdict = replay_through(invocation, row, manner)
    if invocation.wants_json:
        output.document({**msgspec.to_builtins(verdict), "exit_code": verdict.exit_code})
        return verdict.exit_code
    for line in verdict_lines(verdict):
        output.data(line)
    for line in hint_lines(verdict):
        output.hint(line)
    return verdict.exit_code


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """The verdict for a person."""
    title = output.paint(verdict.status, _STYLES[verdict.status])
    where = f" at {verdict.diverged_at}" if verdict.diverged_at is not None else ""
    why = f": {verdict.why}" if verdict.why else ""
    live = f", {verdict.live} performed" if verdict.live else ""
    yield f"{title}{where}{why}  {verdict.served} of {verdict.calls} calls served{live}"
    for divergence in verdict.divergences[:1]:
        yield from divergence_lines(divergence)
    if len(verdict.divergences) > 1:
        yield f"  and {len(verdict.divergences) - 1} more behind it"
    for note in verdict.notes[:_MOST_NOTES]:
        yield f"note: {output.clean(note)}"
    if verdict.status == "identical":
        yield f"proof {verdict.replayed_proof}"


def divergence_lines(divergence: Divergence) -> Iterator[str]:
    """Where the program and the tape part, for a person."""
    first, *rest = describe(divergence)
    yield output.paint(output.clean(first), BOLD)
    yield from (f"  {output.clean(line)}" for line in rest)


def hint_lines(verdict: Verdict) -> Iterator[str]:
    """What can be done next."""
    at = next((item.fork_at for item in verdict.divergences[:1]), None)
    if at is not None:
        yield f"`agentreplay fork {verdict.session} --at {at}` goes on from there with today's code"
