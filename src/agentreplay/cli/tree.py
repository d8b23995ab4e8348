"""`agentreplay tree`: the family of a session."""

from collections.abc import Sequence

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import BOLD
from agentreplay.core.family import family
from agentreplay.core.plain import plain_session
from agentreplay.core.sessions import resolve

__all__ = ["tree"]


@click.command(cls=Command)
@click.argument("session")
@with_invocation
def tree(invocation: Invocation, /, *, session: str) -> None:
    """Show what a session was forked from, and what was forked from it."""
    with invocation.reading() as store:
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        members = list(family(store.sessions, row.session.key))
    if invocation.wants_json:
        output.items([{"depth": member.depth, "row": plain_session(member.row)} for member in members])
        return
    branches = _branches([member.depth for member in members])
    for member, branch in zip(members, branches, strict=True):
        told = member.row.session
        at = f" from step {told.origin.seq}" if told.origin is not None else ""
        line = output.clean(f"{told.id}  {member.row.status}{at}  {told.name}")
        output.data(branch + (output.paint(line, BOLD) if told.id == row.session.id else line))


def _branches(depths: Sequence[int]) -> list[str]:
    """What stands before each line: how it hangs below its parent, and what goes on past it."""
    told: list[str] = []
    more: set[int] = set()
    for depth in reversed(depths):
        past = ("│ " if level in more else "  " for level in range(1, depth))
        last = "├ " if depth in more else "└ "
        told.append("".join(past) + last if depth else "")
        more = {level for level in more if level < depth} | {depth}
    return told[::-1]
