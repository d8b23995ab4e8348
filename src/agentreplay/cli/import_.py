"""`agentreplay import`: add a tape file to the store."""

from contextlib import closing
from pathlib import Path

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.core.transfer import import_tape
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["import_"]


@click.command("import", cls=Command)
@click.argument("file")
@with_invocation
def import_(invocation: Invocation, /, *, file: str) -> None:
    """Add the sessions of a tape file to the store.

    They keep their tenant, project and ids; adding them again changes nothing.
    """
    path = Path(file).expanduser()
    with closing(JournalWriter(invocation.settings.db_path, invocation.settings.durability)) as writer:
        key = import_tape(path, writer)
    if invocation.wants_json:
        output.document({"session": key.session, "project": key.project, "tenant": key.tenant})
        return
    output.data(key.session)
    output.hint(f"`agentreplay --project {key.project} sessions show {key.session}` shows it")
