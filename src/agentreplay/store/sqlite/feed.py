"""The change feed over SQLite: spans, sessions and deletions share one counter of positions."""

import heapq
from collections.abc import Iterator

from agentreplay.model.change import Change, Changes
from agentreplay.model.ids import Position, ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Reader
from agentreplay.store.sqlite.rows import span_id_of

__all__ = ["changes"]

_SQL = queries("feed")


def changes(reader: Reader, after: Position, limit: int) -> Changes:
    """See Store.changes. Writers take turns and count on from each other, so nothing comes late."""
    streams = (
        _spans(reader, after, limit),
        _sessions(reader, after, limit),
        _deletions(reader, after, limit),
    )
    merged = heapq.merge(*streams, key=lambda change: change.position)
    items = tuple(change for change, _ in zip(merged, range(limit), strict=False))
    return Changes(items=items, position=items[-1].position if items else after)


def _spans(reader: Reader, after: Position, limit: int) -> Iterator[Change]:
    names = reader.names
    for number, project, session, trace, span_id in reader.connection.execute(_SQL["spans"], (after, limit)):
        tenant, name = names.projects[project]
        yield Change(
            position=Position(number),
            what="span",
            session=SessionKey(TenantId(tenant), ProjectId(name), SessionId(names.sessions[session])),
            span=SpanKey(TenantId(tenant), ProjectId(name), names.traces[trace], span_id_of(span_id)),
        )


def _sessions(reader: Reader, after: Position, limit: int) -> Iterator[Change]:
    for position, project, key in reader.connection.execute(_SQL["sessions"], (after, limit)):
        tenant, name = reader.names.projects[project]
        session = SessionKey(TenantId(tenant), ProjectId(name), SessionId(key))
        yield Change(position=Position(position), what="session", session=session)


def _deletions(reader: Reader, after: Position, limit: int) -> Iterator[Change]:
    for position, tenant, project, session in reader.connection.execute(_SQL["deletions"], (after, limit)):
        yield Change(
            position=Position(position),
            what="project deleted" if session is None else "session deleted",
            session=SessionKey(TenantId(tenant), ProjectId(project), SessionId(session or "")),
        )
