"""`agentreplay projects`: which there are."""

import click

from agentreplay.cli import human, output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import Column
from agentreplay.core.plain import plain
from agentreplay.core.projects import projects as found_in

__all__ = ["projects"]

_COLUMNS = (Column("PROJECT", elastic=True), Column("NEWEST SESSION"))


@click.command(cls=Command)
@with_invocation
def projects(invocation: Invocation, /) -> None:
    """List the projects of the store, each with when its newest session began.

    A project that only holds facts or memories has no session yet. --project, or AGENTREPLAY_PROJECT, chooses one for
    every other command.
    """
    with invocation.reading() as store:
        found = list(found_in(store.sessions, invocation.tenant))
    if invocation.wants_json:
        output.items([plain(project) for project in found])
        return
    if not found:
        output.note("there is no project yet: one begins with the first thing that is recorded or remembered in it")
        return
    now = invocation.now()
    rows = [
        [output.clean(one.name), "none" if one.newest is None else human.relative(one.newest, now)] for one in found
    ]
    for line in output.table(_COLUMNS, rows):
        output.data(line)
