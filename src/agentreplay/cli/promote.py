"""`agentreplay promote`: make a regression test of a session."""

from pathlib import Path

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.progress import shown
from agentreplay.core.promote import promote as write_test
from agentreplay.core.sessions import resolve

__all__ = ["promote"]


@click.command(cls=Command)
@click.argument("session")
@click.option(
    "-o", "--output", "target", required=True, metavar="FILE", help="The test to write: tests/test_refund.py."
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
@with_invocation
def promote(invocation: Invocation, /, *, session: str, target: str, force: bool) -> None:
    """Make a regression test of a session.

    It is written with its tape beside it, in tapes/. A recorded program is run again by the test, a function that
    was decorated with agentreplay.session is called again. What would not pass is not written.
    """
    with invocation.reading() as store:
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        with shown("replaying"):
            done = write_test(
                store, row.session.key, Path(target).expanduser(), force=force, home=invocation.settings.db_path
            )
    if invocation.wants_json:
        output.document({"session": row.session.id, "test": str(done.test), "tape": str(done.tape)})
        return
    output.note(f"wrote {target} and {done.tape.relative_to(done.test.parent)} beside it")
    output.hint(f"`pytest {target}` runs it")
