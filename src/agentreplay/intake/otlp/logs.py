"""Log records of OTLP become spans of a moment: coding agents tell of their sessions by nothing else.

A record has no id, so it gets one that follows from all it says: sent again, it is the same span. Where it has the
context of a trace it stands below the span it was written in; else it belongs to the session it names, and else to
one that gathers what its service wrote.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from blake3 import blake3

from agentreplay.intake.otlp.sources import Origin, Source
from agentreplay.intake.otlp.spans import is_span_id, is_trace_id
from agentreplay.intake.otlp.wire import Wire
from agentreplay.intake.records import LOG
from agentreplay.intake.sessions import trace_of_session
from agentreplay.model.ids import SessionId, SpanId, TraceId
from agentreplay.model.span import Span, Status
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, encode

__all__ = ["Ids", "logs_in", "problem_of_log", "read_logs", "session_of_service"]

_ERROR = 17
"""From this severity on a record tells of an error."""

_SEVERITY = "SEVERITY_NUMBER_"
_SEVERITIES = {"UNSPECIFIED": 0, "TRACE": 1, "DEBUG": 5, "INFO": 9, "WARN": 13, "ERROR": 17, "FATAL": 21}
_LATEST = (1 << 63) - 1
_LONGEST_NAME = 200


class Ids:
    """Gives ids to what has none. What says the same in one request is told apart by its place among its likes."""

    def __init__(self) -> None:
        self._met: dict[bytes, int] = {}

    def of(self, *parts: Value) -> SpanId:
        """The id that follows from these parts."""
        digest = blake3(encode(parts)).digest()
        met = self._met[digest] = self._met.get(digest, -1) + 1
        return SpanId(blake3(digest + met.to_bytes(8)).hexdigest()[:16])


def logs_in(message: Any) -> Iterator[Any]:
    """Every record of a request."""
    for group in message.resource_logs or ():
        for within in group.scope_logs or ():
            yield from within.log_records or ()


def problem_of_log(record: Any) -> str:
    """Why a record cannot be kept, or nothing."""
    times = (record.time_unix_nano, record.observed_time_unix_nano)
    return "" if all(0 <= int(time or 0) <= _LATEST for time in times) else "a time does not fit 63 bits"


def read_logs(message: Any, wire: Wire, origin: Origin, received: Nanoseconds) -> list[Span]:
    """The records of a request as spans. One without any time gets that at which it was received."""
    ids = Ids()
    return [
        _span(source, record, wire, ids, received)
        for source, record in _read_all(message, wire, origin)
        if not problem_of_log(record)
    ]


def session_of_service(source: Source) -> SessionId:
    """The session for what names none: one for each instance of a service."""
    resource = source.resource
    named = [resource.get(key) for key in ("service.namespace", "service.name", "service.instance.id", "process.pid")]
    return SessionId(f"service-{blake3(encode(named)).hexdigest()[:16]}")


def _read_all(message: Any, wire: Wire, origin: Origin) -> Iterator[tuple[Source, Any]]:
    for group in message.resource_logs or ():
        for within in group.scope_logs or ():
            source = Source.of(origin, wire, group, within)
            for record in within.log_records or ():
                yield source, record


def _span(source: Source, record: Any, wire: Wire, ids: Ids, received: Nanoseconds) -> Span:
    attributes = wire.attributes(record.attributes)
    trace_id, parent = wire.identifier(record.trace_id), wire.identifier(record.span_id)
    session = source.session(attributes)
    if not is_trace_id(trace_id):
        session = session or session_of_service(source)
        trace_id, parent = trace_of_session(session), ""
    time, observed = int(record.time_unix_nano or 0), int(record.observed_time_unix_nano or 0)
    body = wire.value(record.body) if wire.has(record, "body") else None
    told = _told(record, body, observed)
    name = _name(record, attributes, body)
    status: Status = "error" if told.get("severity_number", 0) >= _ERROR else "unset"
    moment = Nanoseconds(time or observed or received)
    return Span(
        tenant=source.origin.tenant,
        project=source.project,
        session=session or SessionId(trace_id),
        trace_id=TraceId(trace_id),
        span_id=ids.of(trace_id, parent, time, observed, source.resource, source.scope, attributes, told),
        parent_id=SpanId(parent) if is_span_id(parent) else None,
        name=name,
        start=moment,
        end=moment,
        status=status,
        status_message=body if status == "error" and isinstance(body, str) else "",
        attributes={**attributes, LOG: told},
        flags=int(record.flags or 0),
        resource=source.resource,
        scope=source.scope,
        dropped_attributes=int(record.dropped_attributes_count or 0),
    )


def _told(record: Any, body: Value, observed: int) -> dict[str, Value]:
    """What of the record is no attribute."""
    told: dict[str, Value] = {}
    if record.severity_number:
        told["severity_number"] = _severity(record.severity_number)
    if record.severity_text:
        told["severity_text"] = record.severity_text
    if record.event_name:
        told["event_name"] = record.event_name
    if observed:
        told["observed"] = observed
    if body is not None:
        told["body"] = body
    return told


def _severity(told: int | str) -> int:
    """JSON may name the severity instead of giving its number."""
    if isinstance(told, str) and told.startswith(_SEVERITY):
        name = told.removeprefix(_SEVERITY)
        if name.rstrip("234") in _SEVERITIES:
            return _SEVERITIES[name.rstrip("234")] + (int(name[-1]) - 1 if name[-1].isdecimal() else 0)
    return int(told)


def _name(record: Any, attributes: Mapping[str, Value], body: Value) -> str:
    for name in (record.event_name, attributes.get("event.name"), body):
        if isinstance(name, str) and name and len(name) <= _LONGEST_NAME:
            return name
    return "log"
