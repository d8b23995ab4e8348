"""`agentreplay watch`: follow the transcripts of coding agents."""

import os
import signal
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import Column
from agentreplay.cli.progress import shown
from agentreplay.core.cleanup import losses
from agentreplay.core.plain import plain
from agentreplay.intake.transcripts.readers import READERS
from agentreplay.model.time import Nanoseconds
from agentreplay.store.journal.writer import JournalWriter

if TYPE_CHECKING:
    from agentreplay.core.transcripts import Importer, Outcome
    from agentreplay.core.watch import Watch

__all__ = ["watch"]

_COLUMNS = (
    Column("AGENT"),
    Column("KEPT HERE", right=True),
    Column("DELETED SOON", right=True),
    Column("DELETED ALREADY", right=True),
    Column("THE AGENT KEEPS THEM"),
)


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="Take in what is there, and end.")
@click.option("--status", is_flag=True, help="Only tell what is kept, and what the agents have deleted or soon will.")
@with_invocation
def watch(invocation: Invocation, /, *, once: bool, status: bool) -> None:
    """Take in all transcripts of coding agents on this machine, and follow them as they are written.

    It runs until Ctrl-C; begun again, it goes on where it was. Claude Code deletes a session 30 days after it was
    written to last, unless `cleanupPeriodDays` in its settings says otherwise: what was taken in here stays.
    """
    from agentreplay.core.transcripts import Importer  # start-up
    from agentreplay.core.watch import Watch  # start-up

    settings = invocation.settings
    with closing(JournalWriter(settings.db_path, settings.durability)) as writer:
        importer = Importer(settings, writer, invocation.now)
        with closing(importer):
            follower = Watch(importer, READERS, Path.home(), os.environ, invocation.now)
            if not status:
                _sweep(follower)
            importer.notice_gone()
            _tell_losses(invocation, importer)
            if not (status or once):
                _follow(follower)


def _sweep(follower: "Watch") -> None:
    total, done = sum(found.size for found in follower.find()), 0
    with shown("reading transcripts") as report:

        def progress(count: int) -> None:
            nonlocal done
            done += count
            report(done, total)

        outcomes = follower.sweep(progress)
    new = sum(outcome.lines for outcome in outcomes)
    output.note(f"{human.noun(len(outcomes), 'transcript')}, {human.noun(new, 'new line')}")


def _follow(follower: "Watch") -> None:
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    folders = follower.folders()
    output.note(f"following {', '.join(map(str, folders)) or 'no folder yet'}; Ctrl-C ends it")
    follower.run(stop, _tell)


def _tell(outcome: "Outcome") -> None:
    if outcome.is_rewritten:
        output.warn(f"{outcome.path} was written anew; what it said before is kept")
    if outcome.lines:
        output.note(f"{outcome.reader} {outcome.session}: {human.noun(outcome.lines, 'line')}")


def _tell_losses(invocation: Invocation, importer: "Importer") -> None:
    told = losses(importer.ledger.files(), Path.home(), os.environ, Nanoseconds(invocation.now()))
    if invocation.wants_json:
        output.items([plain(one) for one in told])
        return
    if not told:
        output.note("no transcript of a coding agent was ever read here")
        return
    rows: list[Sequence[str]] = [
        (
            one.agent,
            human.count(one.kept),
            human.count(len(one.soon)),
            human.count(len(one.gone)),
            "for good" if one.days is None else human.noun(one.days, "day"),
        )
        for one in told
    ]
    for line in output.table(_COLUMNS, rows):
        output.data(line)
    soon, gone = sum(len(one.soon) for one in told), sum(len(one.gone) for one in told)
    if soon:
        output.warn(f"{human.noun(soon, 'session')} will be deleted by the agent within a week; here they stay")
    if gone:
        output.note(f"{human.noun(gone, 'session')} would be lost but for this store")
