"""`agentreplay backup`: the whole data folder, copied while it is used."""

from pathlib import Path

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.progress import shown
from agentreplay.core.memory_meaning import vectors_of
from agentreplay.core.plain import plain
from agentreplay.store.sqlite.backup import back_up

__all__ = ["backup"]


@click.command(cls=Command)
@click.argument("folder", type=click.Path(path_type=Path))
@with_invocation
def backup(invocation: Invocation, /, *, folder: Path) -> None:
    """Copy the whole data folder, also while a server and recorders use it.

    FOLDER is one that is not there yet, or empty. It is a data folder like the first one: --db-path opens it. It has
    all that was acknowledged before the copy began, and is there when it is whole. The index of vectors is left out,
    because it is made anew when it is asked for.
    """
    settings = invocation.settings
    with shown("copying") as report:
        made = back_up(settings.db_path, folder, report, without=[vectors_of(settings).name])
    if invocation.wants_json:
        output.document(plain(made))
        return
    output.data(f"backed up {settings.db_path} to {folder}: {human.noun(made.files, 'file')}, {human.size(made.bytes)}")
    output.hint(f"`agentreplay --db-path {folder} doctor` examines it")
