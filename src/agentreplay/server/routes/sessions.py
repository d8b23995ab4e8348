"""Sessions: found, read with their family, named and labelled, deleted."""

from typing import Annotated

import msgspec
from msgspec import Meta

from agentreplay.core import sessions
from agentreplay.core.family import Member, family
from agentreplay.core.filter import session_filter
from agentreplay.errors import Unconfirmed
from agentreplay.model.page import Page, PageRequest
from agentreplay.model.query import SessionFilter
from agentreplay.model.receipt import Receipt
from agentreplay.model.session import SessionKey, SessionRow, Summary
from agentreplay.model.time import Nanoseconds
from agentreplay.server.asking import Filter, Place
from agentreplay.server.routing import reads, writes
from agentreplay.server.service import Service

__all__ = [
    "HANDLERS",
    "Retelling",
    "delete_session",
    "find_sessions",
    "get_session",
    "get_summary",
    "read_family",
    "retell_session",
]

_ONE = "/sessions/{session_id}"


class Retelling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be told of a session from now on; what is left out stays as it is."""

    name: str | None = None
    labels: dict[str, str | None] = {}
    """By key; null takes a label away."""


@reads("/sessions", tag="sessions", summary="Find sessions, the newest first")
def find_sessions(service: Service, place: Place, page: PageRequest, q: Filter = "") -> Page[SessionRow]:
    """With their summaries, in pages."""
    within = SessionFilter(tenant=place.tenant, project=place.project)
    return service.store.sessions.find(session_filter(q, within, service.now), page)


@reads(_ONE, tag="sessions", summary="One session with its summary")
def get_session(service: Service, session: SessionKey) -> SessionRow:
    """What its writer told of it, and what its spans add up to."""
    return sessions.get(service.store.sessions, session)


@reads(f"{_ONE}/summary", tag="sessions", summary="What the spans of a session add up to")
def get_summary(service: Service, session: SessionKey) -> Summary:
    """Exact after every span that was indexed."""
    return sessions.get(service.store.sessions, session).summary


@reads(f"{_ONE}/family", tag="sessions", summary="What a session was forked from, and its forks")
def read_family(service: Service, session: SessionKey) -> Page[Member]:
    """The whole family from its first session on, each fork right below what it was forked from."""
    return Page(items=tuple(family(service.store.sessions, session)))


@writes("PATCH", _ONE, tag="sessions", summary="Name and label a session")
def retell_session(service: Service, session: SessionKey, data: Retelling) -> SessionRow:
    """Only of sessions that have ended: the recorder of one that runs would take it back."""
    return sessions.retell(service.store, session, Nanoseconds(service.now()), data.name, data.labels)


@writes("DELETE", _ONE, tag="sessions", summary="Delete a session with all that only it holds")
def delete_session(
    service: Service,
    session: SessionKey,
    confirm: Annotated[str, Meta(description="The id once more, because this is for good.")] = "",
) -> Receipt:
    """When this answers, nothing that is asked finds any of it, and its bytes are gone from the files."""
    if confirm != session.session:
        raise Unconfirmed(what=session.session)
    return sessions.delete(service.store, session)


HANDLERS = (find_sessions, get_session, get_summary, read_family, retell_session, delete_session)
