"""Turns captured OTLP requests into spans, for as long as a test needs no more of a receiver than that."""

from collections.abc import Iterable
from typing import Any

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.span import Event, Link, Span, Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value

__all__ = ["decode"]

_STATUSES: dict[int, Status] = {0: "unset", 1: "ok", 2: "error"}


def decode(requests: Iterable[tuple[str, bytes]]) -> list[Span]:
    """The spans of all requests in the order of their start, each with the log records that name it as its events."""
    spans: dict[tuple[str, str], Span] = {}
    events: dict[tuple[str, str], list[Event]] = {}
    for signal, data in requests:
        if signal == "traces":
            for span in _spans(data):
                spans[span.trace_id, span.span_id] = span
        else:
            for key, event in _records(data):
                events.setdefault(key, []).append(event)
    told = [msgspec.structs.replace(span, events=(*span.events, *events.get(key, ()))) for key, span in spans.items()]
    return sorted(told, key=lambda span: (span.start, span.span_id))


def _spans(data: bytes) -> Iterable[Span]:
    for resource in ExportTraceServiceRequest.FromString(data).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    tenant=TenantId("local"),
                    project=ProjectId("default"),
                    # The session that nobody names is the trace.
                    session=SessionId(span.trace_id.hex()),
                    trace_id=TraceId(span.trace_id.hex()),
                    span_id=SpanId(span.span_id.hex()),
                    parent_id=SpanId(span.parent_span_id.hex()) if span.parent_span_id else None,
                    name=span.name,
                    start=Nanoseconds(span.start_time_unix_nano),
                    end=Nanoseconds(span.end_time_unix_nano) if span.end_time_unix_nano else None,
                    status=_STATUSES[span.status.code],
                    status_message=span.status.message,
                    attributes=_attributes(span.attributes),
                    events=tuple(
                        Event(
                            name=event.name,
                            time=Nanoseconds(event.time_unix_nano),
                            attributes=_attributes(event.attributes),
                        )
                        for event in span.events
                    ),
                    links=tuple(
                        Link(trace_id=TraceId(link.trace_id.hex()), span_id=SpanId(link.span_id.hex()))
                        for link in span.links
                    ),
                    resource=_attributes(resource.resource.attributes),
                    scope={"name": scope.scope.name, "version": scope.scope.version},
                )


def _records(data: bytes) -> Iterable[tuple[tuple[str, str], Event]]:
    for resource in ExportLogsServiceRequest.FromString(data).resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                attributes = _attributes(record.attributes)
                if record.HasField("body"):
                    attributes["body"] = _value(record.body)
                name = record.event_name or str(attributes.get("event.name", "log"))
                time = Nanoseconds(record.time_unix_nano or record.observed_time_unix_nano)
                key = (record.trace_id.hex(), record.span_id.hex())
                yield key, Event(name=name, time=time, attributes=attributes)


def _attributes(pairs: Iterable[Any]) -> dict[str, Value]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: Any) -> Value:
    kind = value.WhichOneof("value")
    match kind:
        case None:
            return None
        case "array_value":
            return [_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case _:
            return getattr(value, kind)
