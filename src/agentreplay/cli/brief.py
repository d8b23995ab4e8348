"""`agentreplay brief`: what somebody needs to know who goes on with a session."""

import click

from agentreplay.cli import output
from agentreplay.cli.brief_page import brief as written
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.progress import shown
from agentreplay.core.account import Account, account
from agentreplay.core.memory_block import Recalled, bearing_on, collections_for
from agentreplay.core.memory_meaning import meaning_of
from agentreplay.core.policy import redactor_of
from agentreplay.core.sessions import resolve
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["brief"]

_REMEMBERED = 5


@click.command(cls=Command)
@click.argument("session")
@click.option("--tokens", type=click.IntRange(50), default=2_000, show_default=True, metavar="COUNT", help="At most.")
@click.option("--until", type=click.IntRange(1), metavar="STEP", help="As it was after this step.")
@with_invocation
def brief(invocation: Invocation, /, *, session: str, tokens: int, until: int | None) -> None:
    """Print a compact text of a session, to go on from.

    It tells what was asked, what was done, which files, what is open, what it cost, and what is remembered that bears
    on what was asked last.

    It has no secrets in it. A token is taken to be four letters.
    """
    with invocation.reading() as store, shown("reading the session"):
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        redactor = redactor_of(invocation.settings, row.session.id.encode(), "redacted")
        told = account(store, row.session.key, redactor, until)
        remembered = _remembered(invocation, store, told)
    text = written(told, tokens, remembered)
    if invocation.wants_json:
        output.document({"session": row.session.id, "brief": text})
    else:
        output.data(text.rstrip("\n"))


def _remembered(invocation: Invocation, store: Store, told: Account) -> tuple[Recalled, ...]:
    """What the project, the agent and the folder of the session remember of what was asked last."""
    session = told.row.session
    asked = next((entry.text for entry in reversed(told.entries) if entry.kind == "prompt"), "")
    folder = session.program.cwd if session.program is not None else None
    keys = collections_for(store, session.tenant, session.project, workspace=folder, agent=session.agent)
    if not keys or not asked:
        return ()
    meaning = meaning_of(store, invocation.settings)
    return bearing_on(store, keys, asked, Nanoseconds(invocation.now()), _REMEMBERED, meaning)
