"""One thing done in a session.

A `SpanRow` is what lists, trees and timelines need; a `Span` is the whole. A span is open until it has an
end. A span with contents in the roles `request` and `answer` is a call: it can be served again.
"""

import re
from collections.abc import Iterable
from operator import attrgetter
from typing import Literal, NamedTuple, cast

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.content import Kept
from agentreplay.model.context import ContextRef
from agentreplay.model.ids import (
    USUAL_NAMES,
    ProjectId,
    SessionId,
    SpanId,
    TenantId,
    TraceId,
    check_name,
    check_span_id,
    check_trace_id,
)
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import Value, spelled_out

__all__ = [
    "EARLIEST",
    "FINAL",
    "KINDS",
    "LATEST",
    "MOST",
    "PROVISIONAL",
    "STATUSES",
    "Event",
    "Link",
    "Span",
    "SpanKey",
    "SpanRow",
    "Status",
    "are_halves",
    "check_usage",
    "error_text",
    "narrow",
    "renews",
    "weight_of",
]

Status = Literal["unset", "ok", "error"]
STATUSES: tuple[Status, ...] = ("unset", "ok", "error")

KINDS = (
    "session agent step planning reasoning llm tool retrieval embedding rerank memory mcp http database "
    "guardrail evaluation human parsing function error custom checkpoint workspace"
).split()
"""The kinds we know. Another one is kept as it came."""

_USUAL_IDS = re.compile("[0-9a-f]{32} [0-9a-f]{16} [0-9a-f]{16}").fullmatch
_MOST_TOKENS = 1 << 40
"""Of one span, so that the sums over any number of spans stay within 64 bits."""

EARLIEST = -(1 << 63)
"""The first time that nanoseconds in 64 bits reach."""
LATEST = (1 << 63) - 1
"""The last such time."""
MOST = (1 << 53) - 1
"""What a span may cost, and the highest place a writer may give it."""


PROVISIONAL = "agentreplay.provisional"
"""The attribute of a span that is told for the time being, piece by piece, by somebody who does not see all of it.

Whoever does tells it finally, under the same id, and that takes its place, closed or not. Where what is told finally
never ends, as in a session that is killed, the end is believed, and the span holds what both tellings hold."""


class SpanKey(NamedTuple):
    """What names a span everywhere: whose it is, and its OpenTelemetry ids."""

    tenant: TenantId
    project: ProjectId
    trace_id: TraceId
    span_id: SpanId


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Something that happened at one moment of a span."""

    name: str
    time: Nanoseconds
    attributes: dict[str, Value] = {}
    dropped_attributes: int = 0


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A pointer from a span to another one, perhaps in another trace."""

    trace_id: TraceId
    span_id: SpanId
    trace_state: str = ""
    flags: int = 0
    attributes: dict[str, Value] = {}
    dropped_attributes: int = 0


class SpanRow(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A span without what is heavy: attributes, events, links and contents.

    Name the fields. Only stores give them by position, because a hundred thousand rows are built so in a fifth
    of the time.
    """

    tenant: TenantId
    project: ProjectId
    session: SessionId
    trace_id: TraceId
    span_id: SpanId
    start: Nanoseconds
    parent_id: SpanId | None = None
    kind: str = "custom"
    name: str = ""
    end: Nanoseconds | None = None
    """None while the span is open."""
    seq: int = 0
    """The place in the session, from 1. The store gives it by start time; a writer's own breaks ties."""
    status: Status = "unset"
    agent: str | None = None
    iteration: int | None = None
    model: str | None = None
    provider: str | None = None
    tool: str | None = None
    usage: Usage = NO_USAGE
    cost: NanoDollars | None = None
    """None where nobody knows, which is not the same as nothing."""

    @property
    def key(self) -> SpanKey:
        """What names this span."""
        return SpanKey(self.tenant, self.project, self.trace_id, self.span_id)

    @property
    def parent_key(self) -> SpanKey | None:
        """What names the parent, which need not be stored (yet)."""
        if self.parent_id is None:
            return None
        return SpanKey(self.tenant, self.project, self.trace_id, self.parent_id)

    @property
    def duration(self) -> Nanoseconds | None:
        """How long it took; None while it is open, 0 where a clock went backwards."""
        return None if self.end is None else Nanoseconds(max(0, self.end - self.start))


class Span(SpanRow, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The whole span, as it is appended and as `get` returns it."""

    status_message: str = ""
    attributes: dict[str, Value] = {}
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    kept: tuple[Kept, ...] = ()
    context: ContextRef | None = None
    trace_state: str = ""
    flags: int = 0
    resource: dict[str, Value] = {}
    scope: dict[str, Value] = {}
    dropped_attributes: int = 0
    """How many the emitter says it dropped; likewise of events and links."""
    dropped_events: int = 0
    dropped_links: int = 0

    def __post_init__(self) -> None:
        try:
            self._check()
        except (TypeError, AttributeError):
            self._check_types()
            raise

    def _check(self) -> None:
        # This runs for every span recorded and for every one read back, so what is usual is checked first.
        parent_id = self.span_id if self.parent_id is None else self.parent_id
        if _USUAL_IDS(f"{self.trace_id} {self.span_id} {parent_id}") is None:
            self._check_ids()
        tenant, project, session = self.tenant, self.project, self.session
        if (
            not (tenant.isalnum() and project.isalnum() and session.isalnum())
            or len(tenant) + len(project) + len(session) > USUAL_NAMES
        ):
            for name in (tenant, project, session):
                check_name(name, "a tenant, a project or a session id")
        end, iteration, cost = self.end, self.iteration, self.cost
        # Several together are negative if one of them is, and have as many bits as the longest one.
        times = self.start | (0 if end is None else end) | (0 if iteration is None else iteration)
        if not 0 <= times <= LATEST or not 0 <= self.seq | (0 if cost is None else cost) <= MOST:
            self._check_numbers()
        if self.usage is not NO_USAGE:
            check_usage(self.usage)
        if self.status not in STATUSES:
            raise ValueInvalid(what="the status of a span", problem=f"{self.status!r} is none of {', '.join(STATUSES)}")
        # To join them also asks whether they are text, of the names of attributes too.
        "".join(self.attributes.keys())
        agent, model, provider, tool = self.agent, self.model, self.provider, self.tool
        texts = (
            self.kind, self.name, self.status_message, self.trace_state, "" if agent is None else agent,
            "" if model is None else model, "" if provider is None else provider, "" if tool is None else tool,
        )  # fmt: skip
        if not "".join(texts).isascii():
            self._spell_out_surrogates()

    def _check_types(self) -> None:
        """Raise ValueInvalid for what is of another type than it must be."""
        for field, kinds in _TYPES.items():
            value = getattr(self, field)
            if not isinstance(value, kinds):
                wanted = " or ".join(kind.__name__ for kind in kinds)
                raise ValueInvalid(what=f"the {field} of a span", problem=f"{value!r:.60} is not of type {wanted}")
        for name in cast("Iterable[object]", self.attributes):
            if not isinstance(name, str):
                raise ValueInvalid(what="the name of an attribute", problem=f"{name!r:.60} is not of type str")

    def _check_numbers(self) -> None:
        """Raise ValueInvalid for what is out of range; what is negative may be right."""
        if not EARLIEST <= self.start <= LATEST or not EARLIEST <= (self.end or 0) <= LATEST:
            raise ValueInvalid(what="the time of a span", problem="it does not fit 64 bits of nanoseconds")
        if not 0 <= self.seq | (self.cost or 0) <= MOST:
            raise ValueInvalid(what="a span", problem="its place or its cost is out of range")
        if not EARLIEST <= (self.iteration or 0) <= LATEST:
            raise ValueInvalid(what="the iteration of a span", problem="it does not fit 64 bits")

    def _check_ids(self) -> None:
        force = msgspec.structs.force_setattr
        force(self, "trace_id", check_trace_id(self.trace_id))
        force(self, "span_id", check_span_id(self.span_id))
        if self.parent_id is not None:
            force(self, "parent_id", check_span_id(self.parent_id))

    def _spell_out_surrogates(self) -> None:
        """Names are valid Unicode. In attributes and contents surrogates are kept as they came."""
        for field in _TEXTS:
            text = getattr(self, field)
            if text is not None:
                msgspec.structs.force_setattr(self, field, spelled_out(text))

    @property
    def error_text(self) -> str:
        """What the span says of its failure, for the full text."""
        return error_text(self.status_message, self.events)

    def close(self, end: Nanoseconds, status: Status = "ok") -> "Span":
        """The same span, finished."""
        return msgspec.structs.replace(self, end=end, status=status)


_EXCEPTION = ("exception.type", "exception.message")
_TEXTS = ("kind", "name", "agent", "model", "provider", "tool", "status_message", "trace_state")
_NONE = type(None)
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("tenant", "project", "session", "trace_id", "span_id", "kind", "name"), (str,)),
    **dict.fromkeys(("status_message", "trace_state"), (str,)),
    **dict.fromkeys(("parent_id", "agent", "model", "provider", "tool"), (str, _NONE)),
    **dict.fromkeys(("start", "seq"), (int,)),
    **dict.fromkeys(("end", "iteration", "cost"), (int, _NONE)),
    "usage": (Usage,),
    "attributes": (dict,),
}
_ROW_FIELDS = attrgetter(*SpanRow.__struct_fields__)


def weight_of(*, is_closed: bool, is_provisional: bool) -> int:
    """How much a telling of a span counts: one that is closed more than any that is open, and then a final one more."""
    return 2 * is_closed + (not is_provisional)


FINAL = weight_of(is_closed=True, is_provisional=False)
"""The weight of what has nothing to be added: only here can two tellings contradict one another."""


def renews(told: int, stored: int) -> bool:
    """Whether a telling of this weight takes the place of one of that: of two open ones that count alike, the later."""
    return told > stored or told == stored < _CLOSED


def are_halves(told: int, stored: int) -> bool:
    """Whether tellings of these weights are both needed: a final one without an end, and a closed one for now.

    Together they are a closed one for now, which began when the first did and holds what both of them hold.
    """
    return {told, stored} == _HALVES


_CLOSED = weight_of(is_closed=True, is_provisional=True)
_HALVES = {_CLOSED, weight_of(is_closed=False, is_provisional=False)}


def narrow(span: SpanRow) -> SpanRow:
    """The span as a light row."""
    return SpanRow(*_ROW_FIELDS(span))


def check_usage(usage: Usage) -> None:
    """Raise ValueInvalid when this is more than one span can have used."""
    if usage.total > _MOST_TOKENS:
        raise ValueInvalid(what="the usage of a span", problem=f"{usage.total} tokens are out of range")


def error_text(status_message: str, events: Iterable[Event]) -> str:
    """What a span says of its failure: its message, and those of its exceptions."""
    told = [status_message] if status_message else []
    for event in events:
        if event.name == "exception":
            told += [str(event.attributes[key]) for key in _EXCEPTION if key in event.attributes]
    return "\n".join(told)
