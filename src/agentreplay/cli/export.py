"""`agentreplay export`: write a session to a tape file."""

from pathlib import Path

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.core.policy import redactor_of
from agentreplay.core.redact_tape import redacted_copy
from agentreplay.core.sessions import resolve
from agentreplay.core.transfer import export_tape
from agentreplay.settings import ContentPolicy
from agentreplay.store.protocol import Store

__all__ = ["export"]


@click.command(cls=Command)
@click.argument("session")
@click.option("-o", "--output", "target", required=True, metavar="FILE", help="The file to write.")
@click.option("--redact", is_flag=True, help="Without the secrets in it; it still replays.")
@click.option("--structure", is_flag=True, help="Without any text: roles, names and numbers only.")
@with_invocation
def export(invocation: Invocation, /, *, session: str, target: str, redact: bool, structure: bool) -> None:
    """Write a session, with what it was forked from, to one portable file.

    The same session gives the same bytes. With --redact, what was recorded with secrets in it, or before there was a
    rule for them, is written as if it had been recorded without. With --structure it can be replayed only as far as
    the program does nothing with what it is told.
    """
    settings = invocation.settings
    policy: ContentPolicy | None = "structure" if structure else "redacted" if redact else None
    path = Path(target).expanduser()
    with invocation.reading() as store:
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        key = row.session.key
        source: Store = store
        if policy is not None:
            source = redacted_copy(store, key, policy, lambda salt, kept: redactor_of(settings, salt, kept))
        size = export_tape(source, key, path)
    if invocation.wants_json:
        output.document({"session": row.session.id, "file": str(path), "bytes": size, "status": row.status})
        return
    unfinished = "" if row.status in {"completed", "failed"} else f" ({row.status}, so it is not whole)"
    output.note(f"wrote {path}, {size} bytes{unfinished}")
