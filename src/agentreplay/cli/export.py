"""`agentreplay export`: write a session to a tape file."""

from pathlib import Path

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.core.sessions import resolve
from agentreplay.core.transfer import export_tape

__all__ = ["export"]


@click.command(cls=Command)
@click.argument("session")
@click.option("-o", "--output", "target", required=True, metavar="FILE", help="The file to write.")
@with_invocation
def export(invocation: Invocation, /, *, session: str, target: str) -> None:
    """Write a session, with what it was forked from, to one portable file.

    The same session gives the same bytes.
    """
    path = Path(target).expanduser()
    with invocation.reading() as store:
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        size = export_tape(store, row.session.key, path)
    if invocation.wants_json:
        output.document({"session": row.session.id, "file": str(path), "bytes": size, "status": row.status})
        return
    unfinished = "" if row.status in {"completed", "failed"} else f" ({row.status}, so it is not whole)"
    output.note(f"wrote {path}, {size} bytes{unfinished}")
