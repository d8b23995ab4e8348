"""The questions a store answers about spans and sessions. Every question carries the tenant."""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from agentreplay.model.ids import ProjectId, SessionId, TenantId, TraceId
from agentreplay.model.session import SessionStatus
from agentreplay.model.span import Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, encode

__all__ = [
    "Attribute",
    "AttributeMatch",
    "Bounds",
    "Comparison",
    "Match",
    "ScoreMatch",
    "SessionField",
    "SessionFilter",
    "SpanField",
    "SpanFilter",
]


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


SpanField = Literal["kind", "name", "status", "agent", "model", "provider", "tool", "label"]
SessionField = Literal["agent", "status", "source", "model", "tool", "label"]


class Match(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A condition on the values of one field: one of them is one of these words, or begins with one of these."""

    field: SpanField | SessionField
    words: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    """The empty one fits any value, so that it asks whether there is one."""
    label: str = ""
    """Which label, where the field is `label`."""
    negated: bool = False
    """Whether no value may fit. Where there is no value, none fits."""

    def holds(self, values: Iterable[str | None]) -> bool:
        """Whether these are values that satisfy the condition."""
        return any(value is not None and self.fits(value) for value in values) is not self.negated

    def fits(self, value: str) -> bool:
        """Whether it is one of the words or begins as one has to."""
        return value in self.words or value.startswith(self.beginnings)


class AttributeMatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A condition on an attribute: it is one of these values, of the same type; without any, it is there at all."""

    key: str
    values: tuple[Value, ...] = ()
    negated: bool = False

    def holds(self, attributes: Mapping[str, Value]) -> bool:
        """Whether these attributes satisfy the condition."""
        if self.key not in attributes:
            return self.negated
        # Encodings are compared, because 1, 1.0 and True are equal and not the same.
        value = encode(attributes[self.key])
        return (not self.values or value in map(encode, self.values)) is not self.negated


Comparison = Literal[">", ">=", "<", "<=", "="]

_COMPARED: Mapping[Comparison, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


class ScoreMatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A condition on the scores of one name: one of them compares so with a number; without one, there is any."""

    name: str
    comparison: Comparison = "="
    value: float | None = None
    negated: bool = False
    """Whether none may."""

    def holds(self, values: Iterable[float]) -> bool:
        """Whether these are values of the name that satisfy the condition."""
        compared, wanted = _COMPARED[self.comparison], self.value
        return any(wanted is None or compared(value, wanted) for value in values) is not self.negated


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
    matches: tuple[Match, ...] = ()
    attributes: tuple[AttributeMatch, ...] = ()
    scores: tuple[ScoreMatch, ...] = ()
    """Of its own scores."""
    cost: Bounds | None = None
    """In nano-dollars."""
    tokens: Bounds | None = None
    """All buckets together."""
    duration: Bounds | None = None
    """Of finished spans."""

    @property
    def attribute_matches(self) -> tuple[AttributeMatch, ...]:
        """All that is asked of attributes."""
        if self.attribute is None:
            return self.attributes
        return (AttributeMatch(key=self.attribute.key, values=(self.attribute.value,)), *self.attributes)


class SessionFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which sessions. Fields that are None let everything through; all others must hold."""

    tenant: TenantId
    project: ProjectId | None = None
    prefix: str | None = None
    """What the id begins with; letters of ASCII in either case."""
    origin: SessionId | None = None
    """The session it was forked from."""
    folder: str | None = None
    """Where its program was at work."""
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
    matches: tuple[Match, ...] = ()
    scores: tuple[ScoreMatch, ...] = ()
    """Of the scores of the session as a whole and of its spans."""
    text: str | None = None
    """Words that stand in the session's messages, calls, results, names or errors."""
