"""Retention: which sessions of a project have to go."""

import msgspec

from agentreplay.contents.messages import join
from agentreplay.core.sessions import each
from agentreplay.errors import ValueInvalid
from agentreplay.model.context import ContextRef
from agentreplay.model.ids import ContentHash, ContextId, ProjectId, TenantId
from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["Policy", "due"]


class Policy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a project keeps. A session has to go as soon as one of the limits says so; None is no limit.

    Sessions that still run go by age alone, so that a recording is not cut while it grows.
    """

    age: Nanoseconds | None = None
    """Since the last thing that happened in the session."""
    sessions: int | None = None
    """The newest so many."""
    bytes: int | None = None
    """The newest that fit: the distinct contents they hold, uncompressed."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            limit = getattr(self, name)
            if limit is not None and limit < 0:
                raise ValueInvalid(what=f"the retention limit {name!r}", problem=f"{limit} is negative")


def due(store: Store, tenant: TenantId, project: ProjectId, policy: Policy, now: Nanoseconds) -> tuple[SessionRow, ...]:
    """The sessions that have to go, newest first.

    Costs a look at every session of the project, and with a limit of bytes one at each content that is kept.
    """
    weigher = _Weigher(store, tenant)
    room = policy.bytes
    going: list[SessionRow] = []
    for place, row in enumerate(each(store.sessions, SessionFilter(tenant=tenant, project=project))):
        runs = row.status == "running"
        is_old = policy.age is not None and _last_sign(row) < now - policy.age
        is_surplus = policy.sessions is not None and place >= policy.sessions
        if room is not None and room >= 0 and not is_old:
            room -= weigher.weigh(row.session.key)
        is_heavy = room is not None and room < 0
        if is_old or (not runs and (is_surplus or is_heavy)):
            going.append(row)
    return tuple(going)


def _last_sign(row: SessionRow) -> int:
    return max(row.started, row.ended or row.started, row.summary.last or row.started)


class _Weigher:
    """Adds up contents, each counted once however many sessions hold it."""

    def __init__(self, store: Store, tenant: TenantId) -> None:
        self._store = store
        self._tenant = tenant
        self._contents: set[ContentHash] = set()
        self._contexts: set[ContextId] = set()
        self._bytes = 0

    def weigh(self, session: SessionKey) -> int:
        """The bytes of the session's contents that were not counted yet."""
        before = self._bytes
        for row in self._store.spans.read(session):
            span = self._store.spans.get(row.key)
            if span is not None:
                self._weigh_span(span)
        return self._bytes - before

    def _weigh_span(self, span: Span) -> None:
        for kept in span.kept:
            if kept.hash not in self._contents:
                self._read(kept.hash)
        if span.context is None or span.context.id in self._contexts:
            return
        for link in self._store.contexts.read(self._tenant, span.context.id):
            if link.id not in self._contexts:
                self._contexts.add(link.id)
                # Put together for what it asks for: the message, and the media that were taken out of it.
                join(ContextRef(id=link.id), [link], self._read)

    def _read(self, content_hash: ContentHash) -> bytes:
        content = self._store.contents.get(self._tenant, content_hash)
        if content is None:
            return b"null"
        if content_hash not in self._contents:
            self._contents.add(content_hash)
            self._bytes += len(content.data)
        return content.data
