"""`agentreplay doctor`: examine the store, and mend it."""

import platform
from collections.abc import Iterator
from pathlib import Path

import click

from agentreplay import __version__
from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.doctor_session import examine_session
from agentreplay.cli.invocation import Invocation, is_recorded
from agentreplay.cli.progress import shown
from agentreplay.core.doctor import Finding, findings, recorders_told
from agentreplay.core.plain import plain
from agentreplay.core.starting import hand_over
from agentreplay.errors import Damaged, NotAStore
from agentreplay.settings import SETTINGS, SPOOL
from agentreplay.store.sqlite import upkeep
from agentreplay.store.sqlite.salvage import salvage as rescue
from agentreplay.store.sqlite.upkeep import Examination

__all__ = ["doctor"]

_MENDING = "--rebuild, --renormalise, --salvage and --vacuum"
_STYLES: dict[str, output.Style] = {
    "fine": {"fg": "green"},
    "warning": {"fg": "yellow"},
    "problem": {"fg": "red", "bold": True},
}


@click.command(cls=Command)
@click.argument("session", required=False)
@click.option("--rebuild", is_flag=True, help="Make full text, measures and summaries anew.")
@click.option(
    "--renormalise", is_flag=True, help="Understand anew what was imported, by the dialects and prices of today."
)
@click.option("--salvage", metavar="NEW", help="Write all that can still be read to a new folder.")
@click.option("--vacuum", is_flag=True, help="Give room that is free inside the file back to the disk.")
@with_invocation
def doctor(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    session: str | None,
    rebuild: bool,
    renormalise: bool,
    salvage: str | None,
    vacuum: bool,
) -> int | None:
    """Examine the store, and mend it; or a session, for what varies from run to run.

    Without an option nothing is changed. Exits with 8 when there is a problem.

    With SESSION its program is replayed twice, and what differs between the two runs is named: something that no
    seam records went into it. Then it exits with 3, and with 4 when the session cannot be replayed.
    """
    folder = invocation.settings.db_path
    asked = rebuild + renormalise + vacuum + (salvage is not None)
    if session is not None:
        if asked:
            raise click.UsageError(f"{_MENDING} are about the store, not about a session")
        return examine_session(invocation, session)
    if asked > 1:
        raise click.UsageError(f"{_MENDING} are done one at a time")
    if asked and not is_recorded(folder):
        raise NotAStore(path=str(folder), problem="nothing is recorded there")
    if rebuild:
        _rebuild(invocation, folder)
    elif renormalise:
        _renormalise(invocation, folder)
    elif salvage is not None:
        _salvage(invocation, folder, Path(salvage).expanduser())
    elif vacuum:
        _vacuum(invocation, folder)
    else:
        _examine(invocation, folder)
    return None


def _rebuild(invocation: Invocation, folder: Path) -> None:
    with shown("rebuilding") as report:
        upkeep.rebuild(folder, report)
    if invocation.wants_json:
        output.document({"action": "rebuild", "folder": str(folder)})
    else:
        output.data("full text, measures and summaries are made anew")


def _renormalise(invocation: Invocation, folder: Path) -> None:
    from agentreplay.core.renormalise import renormalise as understand_anew  # start-up: decoders of OpenTelemetry

    with shown("reading what was imported") as report:
        renewed = understand_anew(folder, __version__, report)
    if invocation.wants_json:
        output.document({"action": "renormalise", "folder": str(folder), **plain(renewed)})
    else:
        output.data(f"{human.noun(renewed.changed, 'span')} of {renewed.spans:,} came out otherwise than before")


def _salvage(invocation: Invocation, folder: Path, target: Path) -> None:
    with shown("salvaging") as report:
        salvaged = rescue(folder, target, report)
        hand_over(folder, target)
    if invocation.wants_json:
        figures = {"target": str(target), **plain(salvaged)}
        output.document({"action": "salvage", "folder": str(folder), **figures})
        return
    sessions, spans = human.noun(salvaged.sessions, "session"), human.noun(salvaged.spans, "span")
    output.data(f"salvaged {sessions}, {spans} and {human.noun(salvaged.contents, 'content')} to {target}")
    if salvaged.lost:
        output.warn(f"{human.noun(salvaged.lost, 'row')} could not be read")


def _vacuum(invocation: Invocation, folder: Path) -> None:
    with shown("vacuuming") as report:
        before, after = upkeep.vacuum(folder, report)
    if invocation.wants_json:
        figures = {"bytes_before": before, "bytes_after": after}
        output.document({"action": "vacuum", "folder": str(folder), **figures})
    else:
        output.data(f"the file went from {human.size(before)} to {human.size(after)}")


def _examine(invocation: Invocation, folder: Path) -> None:
    with shown("examining the store"):
        examination = upkeep.examine(folder)
    found = findings(examination, _recorders_told(invocation, examination))
    if invocation.wants_json:
        said = [plain(finding) for finding in found]
        output.document({"version": __version__, **plain(examination), "findings": said})
    else:
        for line in (*_surroundings(invocation, examination), "", *_holdings(examination), *_said(found)):
            output.data(line)
    if any(finding.level == "problem" for finding in found):
        raise click.exceptions.Exit(Damaged.exit_code)


def _recorders_told(invocation: Invocation, examination: Examination) -> tuple[Finding, ...]:
    """What can be asked of the store without changing it, where it is whole."""
    settings = invocation.settings
    store = invocation.opener(settings) if examination.statistics is not None and not examination.problems else None
    try:
        return recorders_told(store, invocation.tenant, invocation.project, settings.db_path / SPOOL)
    finally:
        if store is not None:
            store.close()


def _surroundings(invocation: Invocation, examination: Examination) -> Iterator[str]:
    python = f"Python {platform.python_version()}"
    yield f"agentreplay {__version__}, {python}, SQLite {examination.sqlite_version}, {platform.platform()}"
    settings = invocation.settings
    width = max(len(setting.name) for setting in SETTINGS)
    for setting in SETTINGS:
        value = getattr(settings, setting.name) or "none"
        if setting.is_secret and value != "none":
            value = "set"
        yield output.clean(f"  {setting.name:<{width}} {value}  ({settings.sources[setting.name]})")


def _holdings(examination: Examination) -> Iterator[str]:
    statistics = examination.statistics
    if statistics is None:
        return
    parts = [
        human.noun(statistics.sessions, "session"),
        human.noun(statistics.spans, "span"),
        human.noun(statistics.contents, "content"),
        human.size(statistics.bytes + statistics.wal_bytes),
    ]
    if examination.format is not None:
        parts.append(f"format {examination.format}")
    yield ", ".join(parts)


def _said(found: tuple[Finding, ...]) -> Iterator[str]:
    for finding in found:
        yield output.paint(f"{finding.level}:", _STYLES[finding.level]) + " " + output.clean(finding.text)
        if finding.hint:
            yield "  " + output.clean(finding.hint)
