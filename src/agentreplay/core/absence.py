"""Marks the sessions of which nothing is heard any more, and takes it back when they are heard of again.

A process that dies tells nobody, and its session would run forever. On this machine a lock tells whether a writer
lives (see `live`); of what comes from elsewhere it is only known when it was heard of last, so what is marked is
since when it is silent, and any later span counts more.
"""

from collections.abc import Iterable

import msgspec

from agentreplay.core.hooks import SOURCE as HOOKS
from agentreplay.intake.otlp.reading import SOURCE as OTLP
from agentreplay.model.batch import Batch
from agentreplay.model.ids import TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import Session, SessionKey, SessionRow
from agentreplay.model.time import HOUR, Nanoseconds
from agentreplay.store.protocol import Sessions

__all__ = ["PATIENCE", "forgotten", "heard", "silent"]

PATIENCE = HOUR
"""So long a session that came by OpenTelemetry or hooks may be silent with spans open: these give no sign of life."""
_SOURCES = (OTLP, HOOKS)


def silent(sessions: Sessions, keys: Iterable[SessionKey]) -> Batch:
    """What marks those of the sessions that are unfinished; append it."""
    rows = [row for row in _rows(sessions, keys) if row.status == "running"]
    return Batch(sessions=tuple(_retold(row.session, row.summary.last or Nanoseconds(0)) for row in rows))


def heard(sessions: Sessions, keys: Iterable[SessionKey]) -> Batch:
    """What takes the mark from those that have it; append it."""
    rows = [row for row in _rows(sessions, keys) if row.session.silent_since is not None]
    return Batch(sessions=tuple(_retold(row.session, None) for row in rows))


def forgotten(sessions: Sessions, tenant: TenantId, now: Nanoseconds) -> list[SessionKey]:
    """The sessions of which only senders tell that have spans open, and were silent for longer than anybody waits."""
    before = Nanoseconds(now - PATIENCE)
    return [key for source in _SOURCES for key in _forgotten(sessions, tenant, source, before)]


def _forgotten(sessions: Sessions, tenant: TenantId, source: str, before: Nanoseconds) -> list[SessionKey]:
    where = SessionFilter(tenant=tenant, status="running", source=source, until=before)
    found: list[SessionKey] = []
    request: PageRequest | None = PageRequest(limit=200)
    while request is not None:
        page = sessions.find(where, request)
        found += [row.session.key for row in page.items if row.summary.open and (row.summary.last or 0) < before]
        request = None if page.next is None else PageRequest(limit=200, after=page.next)
    return found


def _rows(sessions: Sessions, keys: Iterable[SessionKey]) -> list[SessionRow]:
    return [row for key in keys if (row := sessions.get(key)) is not None]


def _retold(session: Session, silent_since: Nanoseconds | None) -> Session:
    # By the writer's own clock and not by ours: whatever it tells when it returns must count for more.
    return msgspec.structs.replace(session, silent_since=silent_since, revision=session.revision + 1)
