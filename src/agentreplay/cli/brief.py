"""`agentreplay brief`: what somebody needs to know who goes on with a session."""

import click

from agentreplay.cli import output
from agentreplay.cli.brief_page import brief as written
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.progress import shown
from agentreplay.core.account import account
from agentreplay.core.policy import redactor_of
from agentreplay.core.sessions import resolve

__all__ = ["brief"]


@click.command(cls=Command)
@click.argument("session")
@click.option("--tokens", type=click.IntRange(50), default=2_000, show_default=True, metavar="COUNT", help="At most.")
@click.option("--until", type=click.IntRange(1), metavar="STEP", help="As it was after this step.")
@with_invocation
def brief(invocation: Invocation, /, *, session: str, tokens: int, until: int | None) -> None:
    """Print a compact text of a session, to go on from.

    It tells what was asked, what was done, which files, what is open, and what it cost.

    It follows from the recording alone and has no secrets in it. A token is taken to be four letters.
    """
    with invocation.reading() as store, shown("reading the session"):
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        redactor = redactor_of(invocation.settings, row.session.id.encode(), "redacted")
        told = account(store, row.session.key, redactor, until)
    text = written(told, tokens)
    if invocation.wants_json:
        output.document({"session": row.session.id, "brief": text})
    else:
        output.data(text.rstrip("\n"))
