"""Spans of OTLP become spans of ours. Attributes stay as they came, under their own names."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from agentreplay.intake.otlp.sources import Origin, Source
from agentreplay.intake.otlp.wire import Wire
from agentreplay.model.ids import SessionId, SpanId, TraceId
from agentreplay.model.span import Event, Link, Span, Status
from agentreplay.model.time import Nanoseconds

__all__ = ["SPAN_KIND", "is_span_id", "is_trace_id", "problem_of_span", "read_spans", "spans_in"]

SPAN_KIND = "otel.span.kind"
"""The attribute that keeps what OpenTelemetry calls the kind of a span, which is another thing than ours."""

_KINDS = ("", "internal", "server", "client", "producer", "consumer")
_KIND_NAMES = {f"SPAN_KIND_{name.upper() or 'UNSPECIFIED'}": place for place, name in enumerate(_KINDS)}
_STATUSES: tuple[Status, ...] = ("unset", "ok", "error")
_STATUS_NAMES = {f"STATUS_CODE_{name.upper()}": place for place, name in enumerate(_STATUSES)}
_LATEST = (1 << 63) - 1

is_trace_id = re.compile("(?!0+$)[0-9a-f]{32}").fullmatch
is_span_id = re.compile("(?!0+$)[0-9a-f]{16}").fullmatch


class _Read(NamedTuple):
    """A span that was read, but for the session it belongs to."""

    source: Source
    message: Any
    trace_id: str
    span_id: str
    attributes: dict[str, Any]
    session: SessionId | None


def spans_in(message: Any) -> Iterator[Any]:
    """Every span of a request."""
    for group in message.resource_spans or ():
        for within in group.scope_spans or ():
            yield from within.spans or ()


def read_spans(message: Any, wire: Wire, origin: Origin) -> list[Span]:
    """The spans of a request; those without usable ids or times are left out, as `problem_of_span` says.

    One that names no session is given that which bears the id of its trace: there the store lets it follow what
    other spans of the trace name, now or later.
    """
    found = list(_read_all(message, wire, origin))
    return [_span(one, wire, one.session or SessionId(one.trace_id)) for one in found]


def problem_of_span(message: Any, wire: Wire) -> str:
    """Why a span cannot be kept, or nothing."""
    return _problem(wire.identifier(message.trace_id), wire.identifier(message.span_id), message)


def _problem(trace_id: str, span_id: str, message: Any) -> str:
    if not is_trace_id(trace_id):
        return "a trace id is not 16 bytes that are not all zero"
    if not is_span_id(span_id):
        return "a span id is not 8 bytes that are not all zero"
    if not 0 <= int(message.start_time_unix_nano or 0) <= _LATEST:
        return "a start time does not fit 63 bits"
    if not 0 <= int(message.end_time_unix_nano or 0) <= _LATEST:
        return "an end time does not fit 63 bits"
    return ""


def _read_all(message: Any, wire: Wire, origin: Origin) -> Iterator[_Read]:
    for group in message.resource_spans or ():
        for within in group.scope_spans or ():
            source = Source.of(origin, wire, group, within)
            named = [
                (wire.identifier(span.trace_id), wire.identifier(span.span_id), span) for span in within.spans or ()
            ]
            usable = [one for one in named if not _problem(*one)]
            attributes = [wire.attributes(span.attributes) for _, _, span in usable]
            for (trace_id, span_id, span), said in zip(usable, attributes, strict=True):
                yield _Read(source, span, trace_id, span_id, said, source.session(said))


def _span(read: _Read, wire: Wire, session: SessionId) -> Span:
    message, source = read.message, read.source
    parent = wire.identifier(message.parent_span_id)
    attributes = read.attributes
    if kind := _kind(message.kind):
        attributes.setdefault(SPAN_KIND, kind)
    end = int(message.end_time_unix_nano or 0)
    status = message.status
    return Span(
        tenant=source.origin.tenant,
        project=source.project,
        session=session,
        trace_id=TraceId(read.trace_id),
        span_id=SpanId(read.span_id),
        parent_id=SpanId(parent) if is_span_id(parent) else None,
        name=message.name or "",
        start=Nanoseconds(int(message.start_time_unix_nano or 0)),
        end=Nanoseconds(end) if end else None,
        status="unset" if status is None else _status(status.code),
        status_message="" if status is None else status.message or "",
        attributes=attributes,
        events=tuple(_events(message.events or (), wire)) if message.events else (),
        links=tuple(_links(message.links or (), wire)) if message.links else (),
        trace_state=message.trace_state or "",
        flags=int(message.flags or 0),
        resource=source.resource,
        scope=source.scope,
        dropped_attributes=int(message.dropped_attributes_count or 0),
        dropped_events=int(message.dropped_events_count or 0),
        dropped_links=int(message.dropped_links_count or 0),
    )


def _events(messages: Iterable[Any], wire: Wire) -> Iterator[Event]:
    for event in messages:
        yield Event(
            name=event.name or "",
            time=Nanoseconds(max(0, min(int(event.time_unix_nano or 0), _LATEST))),
            attributes=wire.attributes(event.attributes),
            dropped_attributes=int(event.dropped_attributes_count or 0),
        )


def _links(messages: Iterable[Any], wire: Wire) -> Iterator[Link]:
    for link in messages:
        yield Link(
            trace_id=TraceId(wire.identifier(link.trace_id)),
            span_id=SpanId(wire.identifier(link.span_id)),
            trace_state=link.trace_state or "",
            flags=int(link.flags or 0),
            attributes=wire.attributes(link.attributes),
            dropped_attributes=int(link.dropped_attributes_count or 0),
        )


def _kind(told: int | str | None) -> str:
    place = _KIND_NAMES[told] if told in _KIND_NAMES else int(told or 0)
    return _KINDS[place] if 0 <= place < len(_KINDS) else str(place)


def _status(told: int | str | None) -> Status:
    place = _STATUS_NAMES[told] if told in _STATUS_NAMES else int(told or 0)
    return _STATUSES[place] if 0 <= place < len(_STATUSES) else "unset"
