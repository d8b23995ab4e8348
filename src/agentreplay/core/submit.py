"""Takes in sessions and spans as anybody can write them in JSON, without our SDK and without OpenTelemetry.

Each item is looked at by itself: one that makes no sense is rejected and told, and the others are kept.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from blake3 import blake3

from agentreplay.contents.messages import split
from agentreplay.core.inputs import whole_number
from agentreplay.core.redact import Redactor, read_rules
from agentreplay.core.redact_span import SpanRedactor
from agentreplay.errors import AgentReplayError, RequestMalformed, ValueInvalid
from agentreplay.intake import prices
from agentreplay.intake.dialects.plain import content_of
from agentreplay.intake.normalise import normalise
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.session import Session, SessionStatus
from agentreplay.model.span import Event, Link, Span, Status
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import Value
from agentreplay.settings import ContentPolicy, Settings

__all__ = [
    "SOURCE",
    "Moment",
    "Rejection",
    "Submission",
    "Submitted",
    "SubmittedEvent",
    "SubmittedSession",
    "SubmittedSpan",
    "read_submission",
    "submit",
]

SOURCE = "api"
"""What sessions that came this way name as their source, where they name none."""

Moment = int | str
"""Nanoseconds since 1970, as a number or in digits, or a time as in RFC 3339: `2026-01-31T12:00:00.123456Z`."""

T = TypeVar("T", bound=msgspec.Struct)
U = TypeVar("U")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRACE_BYTES = 16
_PLAIN = ("agent", "iteration", "model", "provider", "tool")
_NO_KIND = "custom"


class SubmittedSession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told of a session. Telling it again replaces what was told before."""

    id: SessionId
    project: ProjectId | None = None
    name: str = ""
    agent: str | None = None
    status: SessionStatus | None = None
    """Left out, it follows from the spans."""
    source: str = SOURCE
    started: Moment | None = None
    ended: Moment | None = None
    labels: dict[str, str] = {}


class SubmittedEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happened at one moment of a span."""

    name: str
    time: Moment
    attributes: dict[str, Any] = {}


class SubmittedSpan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A span. Without an end it is open, and sending it again with one closes it."""

    session: SessionId
    span_id: SpanId
    trace_id: TraceId | None = None
    """Left out, it is made of the project and the session, so that all spans of a session find each other."""
    parent_id: SpanId | None = None
    project: ProjectId | None = None
    kind: str = _NO_KIND
    name: str = ""
    start: Moment
    end: Moment | None = None
    seq: int = 0
    status: Status = "unset"
    status_message: str = ""
    agent: str | None = None
    iteration: int | None = None
    model: str | None = None
    provider: str | None = None
    tool: str | None = None
    usage: Usage = NO_USAGE
    cost: int | None = None
    """In nano-dollars; left out, it follows from the list prices where provider, model and usage are known."""
    messages: list[Any] = []
    """What a model saw, the first message first."""
    input: Any = None
    """What was asked: any JSON; kept as the content `request`."""
    output: Any = None
    """What came of it; kept as the content `answer`."""
    contents: dict[str, Any] = {}
    """Other contents by their roles."""
    attributes: dict[str, Any] = {}
    events: tuple[SubmittedEvent, ...] = ()
    links: tuple[Link, ...] = ()
    resource: dict[str, Any] = {}


class Submission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a request: items that are looked at one by one."""

    project: ProjectId | None = None
    """Of the items that name none."""
    sessions: list[msgspec.Raw] = []
    spans: list[msgspec.Raw] = []


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was not kept."""

    what: str
    """`sessions` or `spans`."""
    index: int
    problem: str


class Submitted(NamedTuple):
    """What is to be kept of a submission, and what cannot be."""

    batch: Batch
    rejected: tuple[Rejection, ...]


class _Told(NamedTuple):
    span: Span
    contents: tuple[Content, ...]
    links: tuple[ContextLink, ...]


def read_submission(body: bytes) -> Submission:
    """The body as a submission. Raises RequestMalformed."""
    try:
        return msgspec.json.decode(body, type=Submission)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RequestMalformed(problem=str(error)) from error


def submit(submission: Submission, settings: Settings, now: Clock) -> Submitted:
    """Everything of the submission as a batch, without secrets and understood as what others report is."""
    tenant, project = TenantId(settings.tenant), submission.project or ProjectId(settings.project)
    rejected: list[Rejection] = []

    def session(told: SubmittedSession) -> Session:
        return _session(told, tenant, project, settings, Nanoseconds(now()))

    def span(told: SubmittedSpan) -> _Told:
        return _span(told, tenant, project, settings)

    sessions = list(_each("sessions", submission.sessions, SubmittedSession, session, rejected))
    spans = list(_each("spans", submission.spans, SubmittedSpan, span, rejected))
    batch = Batch(
        tenant=tenant,
        sessions=tuple(sessions),
        spans=tuple(told.span for told in spans),
        contents=tuple(content for told in spans for content in told.contents),
        links=tuple(link for told in spans for link in told.links),
    )
    return Submitted(batch, tuple(rejected))


def _each(
    what: str, items: Iterable[msgspec.Raw], kind: type[T], make: Callable[[T], U], rejected: list[Rejection]
) -> Iterator[U]:
    for index, item in enumerate(items):
        try:
            yield make(msgspec.json.decode(item, type=kind))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            rejected.append(Rejection(what=what, index=index, problem=str(error)))
        except AgentReplayError as error:
            rejected.append(Rejection(what=what, index=index, problem=error.message))


def _session(
    told: SubmittedSession, tenant: TenantId, project: ProjectId, settings: Settings, revision: Nanoseconds
) -> Session:
    own = told.project or project
    redactor = _redactor(settings, own)
    return Session(
        tenant=tenant,
        project=own,
        id=told.id,
        revision=revision,
        name=redactor.text(told.name),
        agent=told.agent,
        status=told.status,
        source=told.source,
        started=None if told.started is None else _time(told.started),
        ended=None if told.ended is None else _time(told.ended),
        labels={key: redactor.text(value) for key, value in told.labels.items()},
    )


def _span(told: SubmittedSpan, tenant: TenantId, project: ProjectId, settings: Settings) -> _Told:
    own = told.project or project
    redactor = _redactor(settings, own)
    bare = _bare(told, tenant, own)
    # First, because what is understood of a span repeats what stands in it.
    understood = normalise(SpanRedactor(redactor).spans((bare,))[0])
    # What is told in a field of its own counts more than what attributes and names suggest.
    said = {name: getattr(told, name) for name in _PLAIN if getattr(told, name) is not None}
    if told.kind != _NO_KIND:
        said["kind"] = told.kind
    if told.usage.total:
        said["usage"] = told.usage
    span = msgspec.structs.replace(understood.span, session=told.session, **said)
    contents, links = list(understood.contents), list(understood.links)
    conversation = split(redactor.value(told.messages))
    contents += conversation.contents
    links += conversation.links
    kept = {one.role: one for one in (*span.kept, *conversation.kept)}
    for role, value in _contents(told).items():
        content = content_of(redactor.text(value) if isinstance(value, str) else redactor.value(value))
        contents.append(content)
        kept[role] = Kept(role=role, hash=content.hash)
    cost = span.cost
    if cost is None and span.provider and span.model and span.usage.total:
        cost = prices.cost(span.provider, span.model, span.usage, span.start)
    span = msgspec.structs.replace(span, cost=cost, kept=tuple(kept.values()), context=conversation.ref or span.context)
    return _Told(span, tuple(contents), tuple(links))


def _contents(told: SubmittedSpan) -> dict[str, Value]:
    named = {"request": told.input, "answer": told.output}
    return {**told.contents, **{role: value for role, value in named.items() if value is not None}}


def _bare(told: SubmittedSpan, tenant: TenantId, project: ProjectId) -> Span:
    """The span with what stands in fields of its own."""
    return Span(
        tenant=tenant,
        project=project,
        session=told.session,
        trace_id=told.trace_id or _trace_of(project, told.session),
        span_id=told.span_id,
        parent_id=told.parent_id,
        kind=told.kind,
        name=told.name,
        start=_time(told.start),
        end=None if told.end is None else _time(told.end),
        seq=told.seq,
        status=told.status,
        status_message=told.status_message,
        agent=told.agent,
        iteration=told.iteration,
        model=told.model,
        provider=told.provider,
        tool=told.tool,
        usage=told.usage,
        cost=None if told.cost is None else NanoDollars(told.cost),
        attributes=told.attributes,
        events=tuple(
            Event(name=event.name, time=_time(event.time), attributes=event.attributes) for event in told.events
        ),
        links=told.links,
        resource=told.resource,
    )


def _trace_of(project: ProjectId, session: SessionId) -> TraceId:
    return TraceId(blake3(f"{project}\0{session}".encode("utf-8", "surrogatepass")).hexdigest(_TRACE_BYTES))


def _time(told: Moment) -> Nanoseconds:
    if isinstance(told, int):
        return Nanoseconds(told)
    number = whole_number(told.removeprefix("-"))
    if number is not None:
        return Nanoseconds(-number if told.startswith("-") else number)
    try:
        found = datetime.fromisoformat(told)
    except ValueError as error:
        raise ValueInvalid(what=f"the time {told[:60]!r}", problem=str(error)) from error
    if found.tzinfo is None:
        raise ValueInvalid(what=f"the time {told!r}", problem="it does not tell its zone; end it with Z")
    past = found - _EPOCH
    return Nanoseconds(((past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds) * 1_000)


def _redactor(settings: Settings, project: ProjectId) -> Redactor:
    return _redactor_of(settings.content, settings.redact, project)


@lru_cache(maxsize=64)
def _redactor_of(content: ContentPolicy, rules: Path | None, project: ProjectId) -> Redactor:
    # One secret has one placeholder in a project, whoever reports it and however often it is sent.
    return Redactor(content, () if rules is None else read_rules(rules), salt=f"otlp {project}".encode())
