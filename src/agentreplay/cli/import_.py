"""`agentreplay import`: take in the transcripts of coding agents, or a tape file."""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import Column
from agentreplay.cli.progress import shown
from agentreplay.core.starting import vouch
from agentreplay.core.transfer import MAGIC, import_tape, load_tape
from agentreplay.errors import TranscriptUnreadable
from agentreplay.intake.transcripts.readers import NAMES, READERS, readers_named
from agentreplay.playback.tape import read_tape
from agentreplay.store.journal.writer import JournalWriter

if TYPE_CHECKING:
    from agentreplay.core.transcripts import Outcome

__all__ = ["import_"]

_AUTO, _TAPE = "auto", "tape"
_COLUMNS = (
    Column("AGENT"),
    Column("FILES", right=True),
    Column("SESSIONS", right=True),
    Column("NEW LINES", right=True),
    Column("SPANS", right=True),
    Column("NOT UNDERSTOOD", right=True),
)


@click.command("import", cls=Command)
@click.argument("what", metavar="AGENT|FILE")
@click.argument("path", required=False, metavar="[PATH]")
@click.option("--trust", is_flag=True, help="Let replays run what the tape says it ran; otherwise you name it.")
@with_invocation
def import_(invocation: Invocation, /, *, what: str, path: str | None, trust: bool) -> None:
    """Take in sessions that were recorded elsewhere: by coding agents, or on a tape.

    AGENT is auto, claude-code, codex, copilot, gemini, cursor, opencode, swe-agent, atif or tape. Without a PATH,
    everything is taken in that the agent, or with auto any of them, keeps on this machine. A FILE alone is taken for
    what it is.
    Doing it again adds only what is new, and an import that was interrupted goes on where it was.
    """
    if what not in {_AUTO, _TAPE, *NAMES}:
        if path is not None or not Path(what).expanduser().exists():
            known = ", ".join((_AUTO, *NAMES, _TAPE))
            raise click.UsageError(f"{what!r} is no agent ({known}) and no file")
        what, path = _AUTO, what
    file = None if path is None else Path(path).expanduser()
    if what == _TAPE and file is None:
        raise click.UsageError("a tape is a file; give its path")
    if file is not None and (what == _TAPE or (what == _AUTO and _is_tape(file))):
        _import_tape(invocation, file, trust=trust)
        return
    if trust:
        raise click.UsageError("--trust is for a tape; what coding agents write down is never run")
    _import_transcripts(invocation, what, None if file is None else file.resolve())


def _is_tape(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


def _import_tape(invocation: Invocation, path: Path, *, trust: bool) -> None:
    with closing(JournalWriter(invocation.settings.db_path, invocation.settings.durability)) as writer:
        key = import_tape(path, writer)
    if trust:
        tape = read_tape(*load_tape(path))
        if tape.session.program is not None:
            vouch(invocation.settings.db_path, key.session, tape.session.program, tape.environment)
    if invocation.wants_json:
        output.document({"session": key.session, "project": key.project, "tenant": key.tenant})
        return
    output.data(key.session)
    output.hint(f"`agentreplay --project {key.project} sessions show {key.session}` shows it")


def _import_transcripts(invocation: Invocation, what: str, path: Path | None) -> None:
    from agentreplay.core.transcript_files import find  # start-up
    from agentreplay.core.transcripts import Importer  # start-up

    readers = READERS if what == _AUTO else readers_named(what)
    settings = invocation.settings
    with closing(JournalWriter(settings.db_path, settings.durability)) as writer:
        importer = Importer(settings, writer, invocation.now)
        with closing(importer):
            found = list(find(readers, path, Path.home(), os.environ))
            if path is not None and path.is_file() and not found:
                raise TranscriptUnreadable(path=str(path), problem="it is in none of the formats that are read")
            total, done = sum(one.size for one in found), 0
            outcomes: list[Outcome] = []
            with shown("reading transcripts") as report:

                def progress(count: int) -> None:
                    nonlocal done
                    done += count
                    report(done, total)

                with importer.ahead(found):
                    outcomes = [importer.read(one, progress) for one in found]
    _tell(invocation, outcomes)


def _tell(invocation: Invocation, outcomes: "Sequence[Outcome]") -> None:
    unknown: Counter[str] = Counter()
    for outcome in outcomes:
        unknown.update(outcome.unknown)
    if invocation.wants_json:
        files = [
            {
                "agent": one.reader,
                "file": one.path,
                "session": one.session,
                "lines": one.lines,
                "spans": one.spans,
                "unknown": one.unknown,
                "rewritten": one.is_rewritten,
            }
            for one in outcomes
        ]
        output.items(files)
        return
    if not outcomes:
        output.note("no transcripts were found")
        output.hint("docs/coding-agents.md says where each agent keeps them; a folder can be named too")
        return
    rows: list[list[str]] = []
    for agent in dict.fromkeys(one.reader for one in outcomes):
        own = [one for one in outcomes if one.reader == agent]
        sessions = {one.session for one in own}
        sums = (
            sum(one.lines for one in own),
            sum(one.spans for one in own),
            sum(sum(one.unknown.values()) for one in own),
        )
        rows.append([agent, *map(human.count, (len(own), len(sessions), *sums))])
    for line in output.table(_COLUMNS, rows):
        output.data(line)
    if unknown:
        kinds = ", ".join(f"{name} ({count})" for name, count in unknown.most_common(5))
        output.note(f"not understood, and kept as they came: {kinds}")
    for outcome in outcomes:
        if outcome.is_rewritten:
            output.warn(f"{outcome.path} was written anew; what it said before is kept")
