"""The questions a store answers about spans and sessions. Every question carries the tenant."""

import msgspec

from agentreplay.model.ids import ProjectId, SessionId, TenantId, TraceId
from agentreplay.model.session import SessionStatus
from agentreplay.model.span import Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value

__all__ = ["Attribute", "Bounds", "SessionFilter", "SpanFilter"]


class Bounds(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A range of integers, both ends included; None leaves an end open."""

    least: int | None = None
    most: int | None = None

    def holds(self, value: int | None) -> bool:
        """Whether the value lies inside. An absent value does not."""
        if value is None:
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class Attribute(msgspec.Struct, frozen=True):
    """An attribute and the value it must have, of the same type."""

    key: str
    value: Value


class SpanFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which spans. Fields that are None let everything through; all others must hold."""

    tenant: TenantId
    project: ProjectId | None = None
    session: SessionId | None = None
    trace_id: TraceId | None = None
    since: Nanoseconds | None = None
    """Started at this time or later."""
    until: Nanoseconds | None = None
    """Started before this time."""
    kind: str | None = None
    name: str | None = None
    status: Status | None = None
    agent: str | None = None
    model: str | None = None
    provider: str | None = None
    tool: str | None = None
    label: tuple[str, str] | None = None
    """A label of the session the span belongs to."""
    attribute: Attribute | None = None


class SessionFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which sessions. Fields that are None let everything through; all others must hold."""

    tenant: TenantId
    project: ProjectId | None = None
    prefix: str | None = None
    """What the id begins with; letters of ASCII in either case."""
    origin: SessionId | None = None
    """The session it was forked from."""
    agent: str | None = None
    status: SessionStatus | None = None
    source: str | None = None
    label: tuple[str, str] | None = None
    since: Nanoseconds | None = None
    until: Nanoseconds | None = None
    model: str | None = None
    tool: str | None = None
    cost: Bounds | None = None
    """In nano-dollars."""
    tokens: Bounds | None = None
    duration: Bounds | None = None
    spans: Bounds | None = None
    text: str | None = None
    """Words that stand in the session's messages, calls, results, names or errors."""
