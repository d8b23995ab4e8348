"""`agentreplay check`: replay everything that was recorded against today's code."""

from collections.abc import Sequence
from pathlib import Path

import click

from agentreplay.cli import human, output
from agentreplay.cli.check_junit import junit
from agentreplay.cli.check_page import page
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import LABEL, period
from agentreplay.cli.output import BOLD, Cell, Column, Style
from agentreplay.cli.progress import Report, shown
from agentreplay.cli.told import PROGRESS, written
from agentreplay.core.check import Checked, Wanted, counts, exit_code, select
from agentreplay.core.check import check as check_all
from agentreplay.core.plain import plain
from agentreplay.core.replay import Manner
from agentreplay.errors import ValueInvalid
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.verdict import Status

__all__ = ["check"]

_STYLES: dict[Status, Style] = {
    "identical": {"fg": "green"},
    "drift": {"fg": "yellow"},
    "diverged": {"fg": "red", "bold": True},
    "hung": {"fg": "red", "bold": True},
    "unreplayable": {"fg": "red"},
}
_COLUMNS = (
    Column("SESSION"),
    Column("STARTED"),
    Column("VERDICT"),
    Column("SERVED", right=True),
    Column("TOOK", right=True),
    Column("NAME", elastic=True),
)
_MOST_JOBS = 64


@click.command(cls=Command)
@click.option("--label", type=LABEL, metavar="KEY=VALUE", multiple=True, help="With this label; several must all hold.")
@period
@click.option("--sample", type=click.IntRange(1), metavar="COUNT", help="So many at most, the same ones every time.")
@click.option("--jobs", type=click.IntRange(1, _MOST_JOBS), default=1, metavar="COUNT", help="So many at a time.")
@click.option(
    "--on-divergence",
    type=click.Choice(["stop", "serve", "live"]),
    default="stop",
    help="What to do where a program parts from its tape.",
)
@click.option("--allow", metavar="HOST", multiple=True, help="A host that may be connected to all the same.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="End a program that takes longer, and call it hung.",
)
@PROGRESS
@click.option("--junit", "junit_file", metavar="FILE", help="Write a JUnit report for a CI system.")
@click.option("--html", "html_file", metavar="FILE", help="Write a page to look at.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@with_invocation
def check(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    label: Sequence[tuple[str, str]],
    since: int | None,
    until: int | None,
    sample: int | None,
    jobs: int,
    on_divergence: str,
    allow: Sequence[str],
    timeout: float,
    progress: Path | None,
    junit_file: str | None,
    html_file: str | None,
    command: Sequence[str],
) -> int:
    """Replay every recorded program against today's code, offline.

    Exits with 0 when all came out the same, with 3 when one diverged or hung, else with 4 when one cannot be replayed.
    Another command line can be given after two dashes, for all of them.
    """
    reports = [(_target(name), write) for name, write in ((junit_file, junit), (html_file, page)) if name is not None]
    wanted = Wanted(
        tenant=invocation.tenant,
        project=invocation.project,
        labels=dict(label),
        since=None if since is None else Nanoseconds(since),
        until=None if until is None else Nanoseconds(until),
        sample=sample,
    )
    manner = Manner(
        on_divergence=on_divergence,  # type: ignore[arg-type]  # click has checked the choice
        allow=tuple(allow),
        command=tuple(command),
        patience=timeout,
        home=invocation.settings.db_path,
    )
    with invocation.reading() as store, written(progress) as tell, shown("replaying") as report:
        checked = check_all(store, select(store, wanted), manner, jobs=jobs, report=_both(report, tell))
    for path, write in reports:
        _write(path, write(checked, invocation.project, invocation.now()))
    _print(checked, invocation)
    return exit_code(checked)


def _both(report: Report, tell: Report | None) -> Report:
    """Tells a person and, where one asked for it, a program."""

    def told(done: int, total: int) -> None:
        report(done, total)
        if tell is not None:
            tell(done, total)

    return told


def _print(checked: Sequence[Checked], invocation: Invocation) -> None:
    if invocation.wants_json:
        items = [plain(item) for item in checked]
        output.document({"items": items, "next": None, "counts": counts(checked), "exit_code": exit_code(checked)})
        return
    if not checked:
        output.note(f"project {invocation.project!r} has no such recording of a program")
        output.hint("`agentreplay run -- python agent.py` makes one")
        return
    for line in output.table(_COLUMNS, [_cells(item, invocation.now()) for item in checked]):
        output.data(line)
    for item in checked:
        if item.status != "identical":
            output.data("")
            output.data(output.paint(output.clean(f"{item.session} {item.name}"), BOLD))
            for line in item.told:
                output.data(f"  {_indented(line)}")
    found = counts(checked)
    said = ", ".join(f"{count} {status}" for status, count in found.items() if count)
    output.note(f"{human.noun(len(checked), 'session')}: {said}")
    if found["diverged"]:
        first = next(item for item in checked if item.status == "diverged")
        output.hint(f"`agentreplay replay {first.session}` runs one of them again")


def _cells(item: Checked, now: int) -> list[Cell | str]:
    at = f" at {item.diverged_at}" if item.diverged_at is not None else ""
    return [
        Cell(item.session, BOLD),
        human.relative(item.started, now),
        Cell(item.status + at, _STYLES[item.status]),
        f"{human.count(item.served)}/{human.count(item.calls)}",
        human.duration(item.took),
        item.name,
    ]


def _indented(line: str) -> str:
    text = output.clean(line)
    return " " * (len(line) - len(line.lstrip())) + text.lstrip()


def _target(name: str) -> Path:
    """The file to write, made sure of before anything takes long."""
    path = Path(name).expanduser()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueInvalid(what=f"the file {name}", problem=error.strerror or str(error)) from error
    if path.is_dir():
        raise ValueInvalid(what=f"the file {name}", problem="it is a folder")
    return path


def _write(path: Path, text: str) -> None:
    scratch = path.with_name(path.name + ".new")
    try:
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        raise ValueInvalid(what=f"the file {path}", problem=error.strerror or str(error)) from error
    output.note(f"wrote {path}")
