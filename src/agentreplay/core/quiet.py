"""Marks as interrupted what others left open: a process that died told nobody, and its spans would run forever."""

import msgspec

from agentreplay.intake.otlp.reading import SOURCE
from agentreplay.model.batch import Batch
from agentreplay.model.ids import TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.time import HOUR, Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["QUIET", "give_up"]

QUIET = HOUR
"""A session with open spans of which nothing was heard for so long is taken for interrupted."""


def give_up(store: Store, tenant: TenantId, now: Nanoseconds) -> list[SessionKey]:
    """Mark the sessions that came by OTLP and have been quiet for too long; what is heard later counts again."""
    before = Nanoseconds(now - QUIET)
    where = SessionFilter(tenant=tenant, status="running", source=SOURCE, until=before)
    found: list[SessionRow] = []
    request: PageRequest | None = PageRequest(limit=200)
    while request is not None:
        page = store.sessions.find(where, request)
        found += [row for row in page.items if row.summary.open and (row.summary.last or 0) < before]
        request = None if page.next is None else PageRequest(limit=200, after=page.next)
    told = tuple(
        msgspec.structs.replace(
            row.session,
            silent_since=row.summary.last,
            revision=max(now, row.session.revision + 1),
        )
        for row in found
    )
    if told:
        store.append(Batch(sessions=told))
    return [session.key for session in told]
