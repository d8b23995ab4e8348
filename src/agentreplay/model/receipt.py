"""What is deleted, what went, and what a store says of itself."""

from typing import Literal

import msgspec

from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.time import Nanoseconds

__all__ = ["Lag", "Receipt", "Statistics", "Target"]


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to delete: the most exact field that is given.

    A project; a session in it; a trace in it; the payload of one span of a trace, which is what it held and saw and
    the attributes that say the same. The row of the span and its measures then stay.
    """

    tenant: TenantId
    project: ProjectId
    session: SessionId | None = None
    trace_id: TraceId | None = None
    span_id: SpanId | None = None

    @property
    def what(self) -> Literal["project", "session", "trace", "payload"]:
        """Which kind of thing is meant."""
        if self.span_id is not None:
            return "payload"
        if self.trace_id is not None:
            return "trace"
        return "session" if self.session is not None else "project"


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a deletion removed."""

    target: Target
    sessions: int = 0
    spans: int = 0
    contents: int = 0
    """Only those that nobody else holds."""
    content_bytes: int = 0
    links: int = 0
    facts: int = 0
    """Versions of facts."""
    memories: int = 0
    """Versions of records."""
    scores: int = 0
    """Versions of scores."""


class Lag(msgspec.Struct, frozen=True, kw_only=True):
    """How far the index is behind the journals."""

    journals: int
    bytes: int
    """Acknowledged and not yet visible."""
    damaged: tuple[str, ...] = ()
    """Journals set aside because a frame in them could not be read."""


class Statistics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a store says of itself."""

    sessions: int
    spans: int
    contents: int
    links: int
    bytes: int = 0
    """The file, without its log."""
    table_bytes: dict[str, int] = {}
    """By table and index; deep only."""
    free_bytes: int = 0
    wal_bytes: int = 0
    content_bytes: int = 0
    """The distinct contents as they came."""
    stored_bytes: int = 0
    """The same, as they lie on disk; with the texts of failures, which lie among them."""
    held_bytes: int = 0
    """What they would take if every holder had a copy of its own; deep only."""
    conflicts: int = 0
    """Spans that contradicted a closed one; the first telling was kept."""
    oldest: Nanoseconds | None = None
    newest: Nanoseconds | None = None

    @property
    def reuse(self) -> float:
        """How many times each content is held, by bytes."""
        return self.held_bytes / self.content_bytes if self.content_bytes else 1.0
