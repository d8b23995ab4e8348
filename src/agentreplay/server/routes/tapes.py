"""Tapes: a session as one portable file, out of the store and into it."""

from agentreplay.core import sessions
from agentreplay.core.transfer import add_tape, tape_of
from agentreplay.model.content import OCTETS, Content
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.server.asking import Body, Headers, Place
from agentreplay.server.files import PARTS, served
from agentreplay.server.reply import Reply
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "export_session", "import_session"]

_MOST_BYTES = 1 << 30


@reads(
    "/sessions/{session_id}/export",
    tag="sessions",
    summary="A session as a tape file",
    media=OCTETS,
    answers=PARTS,
)
def export_session(service: Service, session: SessionKey, headers: Headers) -> Reply[bytes]:
    """With what it was forked from. The same session gives the same bytes."""
    tape = Content.of(tape_of(service.store, session), OCTETS)
    return served(tape, headers, f"{session.session}.tape", is_final=False)


@writes(
    "POST",
    "/import",
    tag="sessions",
    summary="Add a tape file to the store",
    most_bytes=_MOST_BYTES,
    takes="The tape.",
)
def import_session(service: Service, place: Place, body: Body) -> SessionRow:
    """It becomes the caller's own, and keeps its project unless one is named. Adding it again changes nothing."""
    key = add_tape(body, service.store, place.tenant, place.project)
    service.store.drain()
    return sessions.get(service.store.sessions, key)


HANDLERS = (export_session, import_session)
