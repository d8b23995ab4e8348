"""`agentreplay sessions`: list, show, delete and retain what was recorded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from agentreplay.cli import human, output
from agentreplay.cli.agreement import YES, agrees
from agentreplay.cli.command import Group, with_invocation
from agentreplay.cli.filter_completion import filter_words
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.options import (
    COUNT,
    DURATION,
    LABEL,
    MONEY,
    all_projects,
    paged,
    period,
    typed,
)
from agentreplay.cli.output import BOLD, Cell, Column
from agentreplay.cli.progress import shown
from agentreplay.cli.session_page import STATUS_STYLES, describe, tree
from agentreplay.core import scores
from agentreplay.core.filter import session_filter
from agentreplay.core.outside import same_run
from agentreplay.core.plain import plain, plain_session, plain_span
from agentreplay.core.retain import Policy, due
from agentreplay.core.sessions import delete_all, outline, resolve
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.query import Bounds, SessionFilter
from agentreplay.model.receipt import Receipt
from agentreplay.model.session import SESSION_STATUSES, SessionKey, SessionRow
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["sessions"]

_COLUMNS = (
    Column("SESSION"),
    Column("STARTED"),
    Column("AGENT", elastic=True),
    Column("STATUS"),
    Column("SPANS", right=True),
    Column("TOKENS", right=True),
    Column("COST", right=True),
    Column("DURATION", right=True),
    Column("NAME", elastic=True),
)


class _Sessions(Group):
    """Options without a command are those of the list, as in `agentreplay sessions --here`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Name the command that is meant."""
        told = self.commands.keys() | ctx.help_option_names
        if args and args[0].startswith("-") and told.isdisjoint(args):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Sessions)
def sessions() -> None:
    """List, show, delete and retain what was recorded.

    Options without a command are those of the list: `agentreplay sessions --here`.
    """


@sessions.command("list")
@click.argument("wanted", metavar="[FILTER]...", nargs=-1, shell_complete=filter_words("sessions"))
@click.option("--agent", metavar="NAME", help="Of this agent.")
@click.option("--status", type=click.Choice(SESSION_STATUSES), help="In this status.")
@click.option("--source", metavar="NAME", help="Recorded by this source.")
@click.option("--label", type=LABEL, metavar="KEY=VALUE", help="With this label.")
@period
@click.option("--model", metavar="NAME", help="That called this model.")
@click.option("--tool", metavar="NAME", help="That called this tool.")
@click.option("--min-cost", type=MONEY, metavar="DOLLARS", help="That cost so much or more.")
@click.option("--min-tokens", type=COUNT, metavar="COUNT", help="That used so many tokens or more: 1500, 10k.")
@click.option("--min-duration", type=DURATION, metavar="DURATION", help="That took so long or longer: 1.5s, 1h30m.")
@click.option("--text", metavar="WORDS", help="In which all these words stand.")
@click.option("--here", is_flag=True, help="At work in this folder, whichever agent.")
@paged(default=50)
@all_projects
@with_invocation
def _list(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    wanted: Sequence[str],
    limit: int,
    after: str | None,
    all_projects: bool,
    here: bool,
    **options: Any,
) -> None:
    """List sessions, the newest first.

    FILTER is what docs/filters.md explains: status:failed 'cost>0.5' model:gpt-5* label:env=prod words
    """
    within = SessionFilter(
        tenant=invocation.tenant,
        project=None if all_projects else invocation.project,
        folder=str(Path.cwd()) if here else None,
        cost=_at_least(options.pop("min_cost")),
        tokens=_at_least(options.pop("min_tokens")),
        duration=_at_least(options.pop("min_duration")),
        **options,
    )
    where = session_filter(typed(wanted), within, invocation.now)
    with invocation.reading() as store, shown("looking for sessions"):
        page = store.sessions.find(where, PageRequest(limit=limit, after=Cursor(after) if after else None))
    if invocation.wants_json:
        output.items([plain_session(row) for row in page.items], page.next)
    else:
        _print_list(page, invocation, where)


@sessions.command("show")
@click.argument("session", metavar="SESSION")
@with_invocation
def _show(invocation: Invocation, /, session: str) -> None:
    """Show what a session adds up to, and its spans as a tree.

    SESSION is the id of a session, a beginning of it that no other has, or `last`, the newest of the project.
    """
    with invocation.reading() as store, shown("reading the session"):
        row = _resolve(store, invocation, session)
        branches = list(outline(store.spans.read(row.session.key)))
        others = same_run(store, row.session)
        given = scores.of(store, row.session.key)
    if invocation.wants_json:
        spans = [{"depth": branch.depth, **plain_span(branch.span)} for branch in branches]
        told = [plain(scores.tell(one)) for one in given]
        output.document({"session": plain_session(row), "scores": told, "spans": spans})
        return
    for line in describe(row, invocation.now(), others, given):
        output.data(line)
    if branches:
        output.data("")
    for line in tree(branches):
        output.data(line)


@sessions.command("delete")
@click.argument("names", metavar="SESSION...", nargs=-1, required=True)
@YES
@with_invocation
def _delete(invocation: Invocation, /, *, names: Sequence[str], yes: bool) -> None:
    """Delete sessions with all that only they hold, and print what went.

    SESSION is the id of a session, a beginning of it that no other has, or `last`. Nothing is deleted unless all
    are found.
    """
    with invocation.reading() as store:
        found = {row.session.key: row for row in (_resolve(store, invocation, name) for name in names)}
        if not yes and not _agrees(list(found.values()), invocation):
            output.note("nothing was deleted")
            raise click.exceptions.Exit(1)
    _delete_all(invocation, list(found))


@sessions.command("retain")
@click.option("--age", type=DURATION, metavar="DURATION", help="Keep those in which something happened since: 30d.")
@click.option("--last", "sessions", type=COUNT, metavar="COUNT", help="Keep the newest so many.")
@click.option(
    "--bytes", type=COUNT, metavar="COUNT", help="Keep the newest whose contents fit, uncompressed: 500m, 2g."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@YES
@with_invocation
def _retain(invocation: Invocation, /, *, dry_run: bool, yes: bool, **limits: Any) -> None:
    """Delete all sessions of the project but those to keep, and print what went.

    With several limits a session goes as soon as one of them says so. What still runs goes by its age alone.
    """
    if all(limit is None for limit in limits.values()):
        raise click.UsageError("it is not said what to keep; give --age, --last or --bytes")
    now = Nanoseconds(invocation.now())
    with invocation.reading() as store, shown("looking for sessions"):
        going = due(store, invocation.tenant, invocation.project, Policy(**limits), now)
    if dry_run:
        _tell_due(invocation, going)
        return
    if going and not yes and not _agrees(going, invocation):
        output.note("nothing was deleted")
        raise click.exceptions.Exit(1)
    _delete_all(invocation, [row.session.key for row in reversed(going)])


def _delete_all(invocation: Invocation, keys: Sequence[SessionKey]) -> None:
    with invocation.reading() as store, shown("deleting") as report:
        receipts = delete_all(store, keys, report)
    if invocation.wants_json:
        output.items([plain(receipt) for receipt in receipts])
        return
    for receipt in receipts:
        output.data(_receipt(receipt))
    if not receipts:
        output.note("there was nothing to delete")


def _tell_due(invocation: Invocation, going: Sequence[SessionRow]) -> None:
    if invocation.wants_json:
        output.items([plain_session(row) for row in going])
        return
    output.note(f"{human.noun(len(going), 'session')} would be deleted")
    for row in going:
        output.data(row.session.id)


def _at_least(number: int | None) -> Bounds | None:
    return None if number is None else Bounds(least=number)


def _resolve(store: Store, invocation: Invocation, name: str) -> SessionRow:
    return resolve(store.sessions, invocation.tenant, invocation.project, name)


def _print_list(page: Page[SessionRow], invocation: Invocation, where: SessionFilter) -> None:
    if not page.items:
        place = "any project" if where.project is None else f"project {where.project!r}"
        output.note(f"there is no such session in {place}")
        if where.project is not None:
            output.hint("--all-projects looks into all of them")
        return
    now = invocation.now()
    for line in output.table(_COLUMNS, [_cells(row, now) for row in page.items]):
        output.data(line)
    if page.next is not None:
        output.hint(f"there are more: the same with --after {page.next}")


def _cells(row: SessionRow, now: int) -> list[Cell | str]:
    session, summary = row.session, row.summary
    agents = [session.agent] if session.agent else list(summary.agents)
    return [
        Cell(session.id, BOLD),
        human.relative(row.started, now),
        ", ".join(agents),
        Cell(row.status, STATUS_STYLES[row.status]),
        human.count(summary.spans),
        human.count(summary.usage.total),
        human.money(summary.cost),
        human.duration(summary.duration),
        session.name,
    ]


def _agrees(rows: Sequence[SessionRow], invocation: Invocation) -> bool:
    """Show what would go, and ask."""
    for row in rows:
        started = human.relative(row.started, invocation.now())
        name = f" {row.session.name!r}" if row.session.name else ""
        output.note(f"{row.session.id}{name}: {human.noun(row.summary.spans, 'span')}, started {started}")
    return agrees(f"Delete {'it' if len(rows) == 1 else f'these {len(rows)} sessions'} for good?", "delete")


def _receipt(receipt: Receipt) -> str:
    return (
        f"deleted {receipt.target.session}: {human.noun(receipt.spans, 'span')}, "
        f"{human.noun(receipt.contents, 'content')} ({human.size(receipt.content_bytes)})"
    )
