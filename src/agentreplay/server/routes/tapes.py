"""Tapes: a session as one portable file, out of the store and into it."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import RawBody

from agentreplay.core import sessions
from agentreplay.core.transfer import add_tape, tape_of
from agentreplay.model.content import OCTETS, Content
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.server.asking import Place
from agentreplay.server.files import PARTS, served
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service

__all__ = ["HANDLERS", "export_session", "import_session"]

_MOST_BYTES = 1 << 30


@dataclass
class _TakesTape(Operation):
    """An operation whose body is a file."""

    def __post_init__(self) -> None:
        file = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        self.request_body = RequestBody(content={OCTETS: file}, description="The tape.", required=True)


@reads(
    "/sessions/{session_id:str}/export",
    tag="sessions",
    summary="A session as a tape file",
    media_type=OCTETS,
    responses=PARTS,
)
def export_session(service: Service, session: SessionKey, request: Request[Any, Any, Any]) -> Response[bytes]:
    """With what it was forked from. The same session gives the same bytes."""
    tape = Content.of(tape_of(service.store, session), OCTETS)
    return served(tape, request.headers, f"{session.session}.tape", is_final=False)


@writes(
    "post",
    "/import",
    tag="sessions",
    summary="Add a tape file to the store",
    request_max_body_size=_MOST_BYTES,
    operation_class=_TakesTape,
)
def import_session(service: Service, place: Place, body: RawBody) -> SessionRow:
    """It becomes the caller's own, and keeps its project unless one is named. Adding it again changes nothing."""
    key = add_tape(body, service.store, place.tenant, place.project)
    service.store.drain()
    return sessions.get(service.store.sessions, key)


HANDLERS = (export_session, import_session)
