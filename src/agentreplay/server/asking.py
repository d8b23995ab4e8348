"""What requests ask with: whose data and of which project, how much of a list, and ids in their one spelling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, NewType

from msgspec import Meta

from agentreplay.core.memory_places import USUAL_COLLECTION, told_metadata
from agentreplay.model.fact import StateKey, state_key
from agentreplay.model.ids import (
    ProjectId,
    SessionId,
    TenantId,
    check_name,
    check_span_id,
    check_trace_id,
)
from agentreplay.model.memory import CollectionKey, MemoryFilter, collection_key
from agentreplay.model.page import Cursor, PageRequest
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.model.time import Nanoseconds
from agentreplay.server.service import Service
from agentreplay.server.sockets import Socket

__all__ = [
    "CAME_WITH",
    "MADE",
    "MOST_ITEMS",
    "Asked",
    "Body",
    "Count",
    "Filter",
    "Headers",
    "Instant",
    "Moment",
    "Ordinal",
    "Place",
]

MOST_ITEMS = 10_000

Headers = NewType("Headers", Mapping[str, str])
"""By their names in small letters."""
Body = NewType("Body", bytes)
"""As it came."""

# No number that is told is larger than the store can hold, or becomes so when one is added.
Count = Annotated[int, Meta(ge=0, le=1 << 62)]
Ordinal = Annotated[int, Meta(ge=1, le=1 << 62)]
Instant = Annotated[int, Meta(ge=-(1 << 62), le=1 << 62)]
"""Nanoseconds since the epoch."""

Filter = Annotated[
    str,
    Meta(description="Which: `status:error cost>0.01 agent:x word`, as docs/filters.md explains."),
]
_Limit = Annotated[int, Meta(ge=1, le=MOST_ITEMS, description="How many items at most.")]
_After = Annotated[str | None, Meta(description="The `next` of the page before, with the same question.")]
_Project = Annotated[
    str | None,
    Meta(description="Without it lists look into all projects, and ids are looked up in the usual one."),
]
_TraceId = Annotated[str, Meta(description="32 hexadecimal digits, as OpenTelemetry writes it.")]
_SpanId = Annotated[str, Meta(description="16 hexadecimal digits, as OpenTelemetry writes it.")]
_SessionId = Annotated[str, Meta(description="The whole id of the session.")]
_Agent = Annotated[str, Meta(description="Whose state.")]
_Namespace = Annotated[str, Meta(description="In which namespace.")]
_Position = Annotated[Count | None, Meta(description="As it was at this position.")]
_Time = Annotated[Instant | None, Meta(description="As it was then: nanoseconds since the epoch.")]
_Collection = Annotated[str, Meta(description="Which collection of what is remembered.")]
_Owner = Annotated[str, Meta(description="Whose it is: `agent:NAME` or `workspace:FOLDER`; the project's own without.")]
_Author = Annotated[str | None, Meta(description="Only what this agent or person said.")]
_OfSession = Annotated[str | None, Meta(description="Only what is from this session.")]
_Origin = Annotated[str | None, Meta(description="Only what is from a file or address that begins so.")]
_Share = Annotated[float, Meta(ge=0, le=1)]
_Important = Annotated[_Share | None, Meta(description="Only what is at least so important.")]
_Since = Annotated[Instant | None, Meta(description="Changed then or later: nanoseconds since the epoch.")]
_Until = Annotated[Instant | None, Meta(description="Changed before.")]
_Expired = Annotated[bool, Meta(description="Also what does not hold any more, or not yet.")]
_Metadata = Annotated[str | None, Meta(description='Only what has these values: a map, as `{"team": "x"}`.')]
_InSession = Annotated[str | None, Meta(description="As it was when this session began `step`.")]
_Step = Annotated[Ordinal | None, Meta(description="A step of `in_session`, from 1.")]


class Asked(NamedTuple):
    """A request for a route."""

    service: Service
    headers: Headers
    path: Mapping[str, str]
    """What stands where the path of the route has a name."""
    query: str
    body: Body = Body(b"")
    socket: Socket | None = None


@dataclass(frozen=True)
class Moment:
    """As of when a state is asked for; without anything it is now."""

    position: int | None
    time: int | None
    session: str | None
    step: int | None


@dataclass(frozen=True)
class Place:
    """Whose data a request may see, and where in it."""

    tenant: TenantId
    project: ProjectId | None
    """The project that was named."""
    usual: ProjectId
    """The project of things that are named without one."""

    @property
    def one(self) -> ProjectId:
        """The project in which things are looked up."""
        return self.project or self.usual

    def session(self, text: str) -> SessionKey:
        """The key of a session of this place; raises ValueInvalid for what cannot be one."""
        check_name(text, "a session id")
        return SessionKey(self.tenant, self.one, SessionId(text))

    def span(self, trace_id: str, span_id: str) -> SpanKey:
        """The key of a span of this place; raises ValueInvalid for what cannot be one."""
        return SpanKey(self.tenant, self.one, check_trace_id(trace_id), check_span_id(span_id))


def _place(service: Service, project: _Project = None) -> Place:
    """The key of the server is that of one tenant."""
    if project is not None:
        check_name(project, "a project")
    named = None if project is None else ProjectId(project)
    return Place(TenantId(service.settings.tenant), named, ProjectId(service.settings.project))


def _page(limit: _Limit = 50, cursor: _After = None) -> PageRequest:
    return PageRequest(limit=limit, after=None if cursor is None else Cursor(cursor))


def _session(place: Place, session_id: _SessionId) -> SessionKey:
    return place.session(session_id)


def _span(place: Place, trace_id: _TraceId, span_id: _SpanId) -> SpanKey:
    return place.span(trace_id, span_id)


def _whose(place: Place, agent: _Agent, namespace: _Namespace = "default") -> StateKey:
    return state_key(place.tenant, place.one, namespace, agent)


def _moment(
    position: _Position = None, time: _Time = None, in_session: _InSession = None, step: _Step = None
) -> Moment:
    return Moment(position, time, in_session, step)


def _within(place: Place, collection: _Collection = USUAL_COLLECTION, owner: _Owner = "") -> CollectionKey:
    return collection_key(place.tenant, place.one, owner, collection)


def _records(  # noqa: PLR0913, PLR0917  # each comes by its name
    service: Service,
    author: _Author = None,
    of_session: _OfSession = None,
    origin: _Origin = None,
    important: _Important = None,
    changed_since: _Since = None,
    changed_until: _Until = None,
    expired: _Expired = False,  # noqa: FBT002  # as above
    metadata: _Metadata = None,
) -> MemoryFilter:
    return MemoryFilter(
        author=author,
        session=None if of_session is None else SessionId(of_session),
        place=origin,
        importance=important,
        since=None if changed_since is None else Nanoseconds(changed_since),
        until=None if changed_until is None else Nanoseconds(changed_until),
        valid_at=None if expired else Nanoseconds(service.now()),
        metadata={} if metadata is None else told_metadata(metadata),
    )


CAME_WITH: Mapping[Any, str] = {Service: "service", Headers: "headers", Body: "body", Socket: "socket"}
"""What every request comes with, by the type an argument asks for it with."""

MADE: Mapping[Any, Callable[..., Any]] = {
    Place: _place,
    PageRequest: _page,
    SessionKey: _session,
    SpanKey: _span,
    StateKey: _whose,
    Moment: _moment,
    CollectionKey: _within,
    MemoryFilter: _records,
}
"""What is made of several parameters: the arguments of each function are found as those of a route are."""
