"""Data points of OTLP metrics become spans of a moment, where they tell of an agent's session.

Metrics of whole services are another kind of thing: they belong to no session, and every service reports hundreds of
points a minute. Those are not kept, and the sender is told how many in the partial success of the answer.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from agentreplay.intake.otlp.logs import Ids
from agentreplay.intake.otlp.sources import Origin, Source
from agentreplay.intake.otlp.wire import Wire
from agentreplay.intake.records import METRIC
from agentreplay.intake.sessions import session_in, trace_of_session
from agentreplay.model.ids import SessionId
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value

__all__ = ["points_in", "problem_of_point", "read_metrics"]

_LATEST = (1 << 63) - 1
_TYPES = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
_TEMPORALITIES = ("unspecified", "delta", "cumulative")
_INTEGERS = ("count", "scale", "zero_count")
_NUMBERS = ("sum", "min", "max", "zero_threshold")
_OPTIONAL = ("sum", "min", "max")
_BUCKETS = ("positive", "negative")


class _Point(NamedTuple):
    """A data point and what it belongs to."""

    group: Any
    within: Any
    metric: Any
    type: str
    point: Any


def points_in(message: Any, wire: Wire) -> Iterator[tuple[Any, Any]]:
    """Every data point of a request, with its resource."""
    for found in _all_points(message, wire):
        yield found.point, found.group.resource


def problem_of_point(point: Any, resource: Any, wire: Wire) -> str:
    """Why a data point cannot be kept, or nothing."""
    times = (point.time_unix_nano, point.start_time_unix_nano)
    if not all(0 <= int(time or 0) <= _LATEST for time in times):
        return "a time does not fit 63 bits"
    if session_in(wire.attributes(point.attributes)) is None and (
        resource is None or session_in(wire.attributes(resource.attributes)) is None
    ):
        return "data points that name no session, as with session.id, are not kept"
    return ""


def read_metrics(message: Any, wire: Wire, origin: Origin, received: Nanoseconds) -> list[Span]:
    """The data points of a request that tell of a session, as spans."""
    ids = Ids()
    spans: list[Span] = []
    source, group, within = None, None, None
    for found in _all_points(message, wire):
        if problem_of_point(found.point, found.group.resource, wire):
            continue
        if source is None or found.within is not within or found.group is not group:
            source, group, within = Source.of(origin, wire, found.group, found.within), found.group, found.within
        spans.append(_span(source, found, wire, ids, received))
    return spans


def _all_points(message: Any, wire: Wire) -> Iterator[_Point]:
    for group in message.resource_metrics or ():
        for within in group.scope_metrics or ():
            for metric in within.metrics or ():
                for name in _TYPES:
                    if wire.has(metric, name):
                        for point in getattr(metric, name).data_points or ():
                            yield _Point(group, within, metric, name, point)


def _span(source: Source, found: _Point, wire: Wire, ids: Ids, received: Nanoseconds) -> Span:
    attributes = wire.attributes(found.point.attributes)
    session = source.session(attributes) or SessionId("unknown")
    trace_id = trace_of_session(session)
    told = _told(found, wire)
    time = int(found.point.time_unix_nano or 0)
    moment = Nanoseconds(time or received)
    return Span(
        tenant=source.origin.tenant,
        project=source.project,
        session=session,
        trace_id=trace_id,
        span_id=ids.of(trace_id, time, source.resource, source.scope, attributes, told),
        name=found.metric.name or "",
        start=moment,
        end=moment,
        attributes={**attributes, METRIC: told},
        flags=int(found.point.flags or 0),
        resource=source.resource,
        scope=source.scope,
    )


def _told(found: _Point, wire: Wire) -> dict[str, Value]:
    metric, point = found.metric, found.point
    told: dict[str, Value] = {"name": metric.name or "", "type": found.type}
    for name in ("unit", "description"):
        if text := getattr(metric, name):
            told[name] = text
    if metadata := wire.attributes(metric.metadata):
        told["metadata"] = metadata
    points = getattr(metric, found.type)
    if temporality := getattr(points, "aggregation_temporality", None):
        told["temporality"] = _temporality(temporality)
    if getattr(points, "is_monotonic", None):
        told["is_monotonic"] = True
    if started := int(point.start_time_unix_nano or 0):
        told["started"] = started
    told.update(_number(point, wire) if found.type in {"gauge", "sum"} else _distribution(found.type, point, wire))
    if exemplars := getattr(point, "exemplars", None):
        told["exemplars"] = [_exemplar(exemplar, wire) for exemplar in exemplars]
    return told


def _temporality(told: int | str) -> str:
    """JSON may name it instead of giving its number."""
    name = str(told).removeprefix("AGGREGATION_TEMPORALITY_").lower()
    if name in _TEMPORALITIES:
        return name
    place = int(told)
    return _TEMPORALITIES[place] if 0 <= place < len(_TEMPORALITIES) else str(place)


def _number(point: Any, wire: Wire) -> dict[str, Value]:
    if wire.has(point, "as_int"):
        return {"value": int(point.as_int)}
    return {"value": float(point.as_double)} if wire.has(point, "as_double") else {}


def _distribution(kind: str, point: Any, wire: Wire) -> dict[str, Value]:
    told: dict[str, Value] = {}
    for name in _INTEGERS:
        if value := getattr(point, name, None):
            told[name] = int(value)
    for name in _NUMBERS:
        value = getattr(point, name, None)
        # Of a summary the sum is no optional field.
        if value if name not in _OPTIONAL or kind == "summary" else wire.has(point, name):
            told[name] = float(value or 0)
    if counts := getattr(point, "bucket_counts", None):
        told["bucket_counts"] = [int(count) for count in counts]
    if bounds := getattr(point, "explicit_bounds", None):
        told["explicit_bounds"] = [float(bound) for bound in bounds]
    for name in _BUCKETS:
        if kind == "exponential_histogram" and wire.has(point, name):
            buckets = getattr(point, name)
            counts = [int(count) for count in buckets.bucket_counts or ()]
            told[name] = {"offset": int(buckets.offset or 0), "bucket_counts": counts}
    if kind == "summary":
        quantiles = point.quantile_values or ()
        told["quantiles"] = [[float(one.quantile or 0), float(one.value or 0)] for one in quantiles]
    return told


def _exemplar(exemplar: Any, wire: Wire) -> dict[str, Value]:
    return {
        **_number(exemplar, wire),
        "time": int(exemplar.time_unix_nano or 0),
        "trace_id": wire.identifier(exemplar.trace_id),
        "span_id": wire.identifier(exemplar.span_id),
        "attributes": wire.attributes(exemplar.filtered_attributes),
    }
