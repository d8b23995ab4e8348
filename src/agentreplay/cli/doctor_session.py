"""The part of `agentreplay doctor` that examines a session: what varies although everything is served."""

from collections.abc import Iterator

import msgspec

from agentreplay.cli import human, output
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.output import BOLD, DIM
from agentreplay.cli.progress import shown
from agentreplay.core.replay import Manner
from agentreplay.core.sessions import resolve
from agentreplay.core.steadiness import Steadiness, Wavering, examine

__all__ = ["examine_session"]


def examine_session(invocation: Invocation, session: str) -> int:
    """Replay the session twice, say what differs, and return the exit code."""
    with invocation.reading() as store:
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        with shown("replaying twice"):
            manner = Manner(on_divergence="serve", home=invocation.settings.db_path)
            steadiness = examine(store, row.session.key, manner)
    if invocation.wants_json:
        told = {
            "session": row.session.id,
            "verdicts": [verdict.status for verdict in steadiness.verdicts],
            "why": steadiness.why_unreplayable,
            "items": [msgspec.to_builtins(item) for item in steadiness.found],
            "exit_code": steadiness.exit_code,
        }
        output.document(told)
        return steadiness.exit_code
    for line in _lines(steadiness):
        output.data(line)
    _advise(steadiness, row.session.id)
    return steadiness.exit_code


def _lines(steadiness: Steadiness) -> Iterator[str]:
    if steadiness.why_unreplayable:
        yield output.paint("unreplayable", {"fg": "red", "bold": True}) + output.clean(
            f": {steadiness.why_unreplayable}"
        )
        return
    if not steadiness.found:
        yield output.paint("steady", {"fg": "green", "bold": True}) + ": both runs did and wrote the same"
        return
    title = output.paint("unsteady", {"fg": "red", "bold": True})
    yield f"{title}: {human.noun(len(steadiness.found), 'thing')} differed between two runs from the same tape"
    for item in steadiness.found:
        yield from _told(item)


def _told(item: Wavering) -> Iterator[str]:
    yield output.paint(output.clean(f"{item.kind} {item.what}"), BOLD)
    if item.where:
        yield output.clean(f"  at {item.where}")
    path = f"{item.path}  " if item.path else ""
    yield output.clean(f"  first   {path}{item.first}")
    yield output.clean(f"  second  {path}{item.second}")
    yield output.paint(output.clean(f"  {item.hint}"), DIM)


def _advise(steadiness: Steadiness, session: str) -> None:
    """A program that parts from its tape in the same way each time is steady; it was changed."""
    if not steadiness.found and all(verdict.status == "diverged" for verdict in steadiness.verdicts):
        output.note("both part from the recording in the same way, so it is the code that changed")
        output.hint(f"`agentreplay replay {session}` shows where")
