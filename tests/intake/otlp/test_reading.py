"""What stands in a request of OTLP stands in the spans, in whichever encoding it came."""

import base64
import json
from typing import Any

import msgspec
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA
from opentelemetry.proto.trace.v1.trace_pb2 import Span as OtlpSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from agentreplay.errors import RequestMalformed
from agentreplay.intake.otlp.reading import Checked, check, read
from agentreplay.intake.otlp.sources import Origin
from agentreplay.intake.otlp.spans import SPAN_KIND
from agentreplay.intake.otlp.wire import Encoding, Signal
from agentreplay.intake.records import LOG, METRIC
from agentreplay.model.batch import Batch
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import encode
from tests.server.requests import START, any_value, key_values, trace_request

ORIGIN = Origin(TenantId("local"), ProjectId("default"), is_told=False)
NOW = Nanoseconds(START + 10**9)
VALUES = {
    "text": "Grüße 🦊",
    "yes": True,
    "large": 2**63 - 1,
    "small": -(2**63),
    "ratio": 0.1,
    "raw": b"\x00\xff",
    "list": ["a", 1, [True, None], {"deep": [b"x"]}],
    "map": {"key": {"inner": 1.5}},
    "nothing": None,
    "empty": "",
    "zero": 0,
}


def body_in(encoding: Encoding, message: Any) -> bytes:
    """The message encoded; in JSON as OTLP wants it, with ids in hexadecimal."""
    if encoding == "protobuf":
        return bytes(message.SerializeToString())
    return json.dumps(_with_hexadecimal(MessageToDict(message))).encode()


def _with_hexadecimal(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: base64.b64decode(item).hex()
            if key in {"traceId", "spanId", "parentSpanId"}
            else _with_hexadecimal(item)
            for key, item in value.items()
        }
    return [_with_hexadecimal(item) for item in value] if isinstance(value, list) else value


def read_one(signal: Signal, encoding: Encoding, message: Any, origin: Origin = ORIGIN) -> Span:
    (span,) = read_all(signal, encoding, message, origin).spans
    return span


def read_all(signal: Signal, encoding: Encoding, message: Any, origin: Origin = ORIGIN) -> Batch:
    body = body_in(encoding, message)
    batch = read(signal, encoding, body, origin, NOW)
    assert check(signal, encoding, body).kept == len(batch.spans), "what is acknowledged is what is kept"
    return batch


both = pytest.mark.parametrize("encoding", ["protobuf", "json"])


@both
def test_nothing_of_a_span_is_lost(encoding: Encoding) -> None:
    request = trace_request(1)
    group = request.resource_spans[0]
    group.schema_url = "https://example.org/resource"
    group.resource.attributes.extend(key_values({"service.name": "shop", **VALUES}))
    group.resource.dropped_attributes_count = 4
    scope = group.scope_spans[0]
    scope.schema_url = "https://example.org/scope"
    scope.scope.name, scope.scope.version = "lib", "1.2"
    scope.scope.attributes.extend(key_values({"scoped": True}))
    scope.scope.dropped_attributes_count = 5
    span = scope.spans[0]
    span.parent_span_id = (9).to_bytes(8)
    span.kind, span.trace_state, span.flags = OtlpSpan.SPAN_KIND_CLIENT, "a=b", 257
    del span.attributes[:]
    span.attributes.extend(key_values(VALUES))
    span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count = 1, 2, 3
    span.status.code, span.status.message = Status.STATUS_CODE_ERROR, "no"
    span.events.add(name="e", time_unix_nano=START, attributes=key_values(VALUES), dropped_attributes_count=6)
    span.links.add(
        trace_id=(7).to_bytes(16),
        span_id=(8).to_bytes(8),
        trace_state="c=d",
        flags=1,
        attributes=key_values(VALUES),
        dropped_attributes_count=7,
    )

    got = read_one("traces", encoding, request)

    assert got.attributes == {**VALUES, SPAN_KIND: "client"}
    assert (got.trace_id, got.span_id, got.parent_id) == (f"{1:032x}", f"{1:016x}", f"{9:016x}")
    assert (got.start, got.end, got.status, got.status_message) == (START + 1, START + 1001, "error", "no")
    assert (got.trace_state, got.flags) == ("a=b", 257)
    assert (got.dropped_attributes, got.dropped_events, got.dropped_links) == (1, 2, 3)
    assert got.resource == {
        "service.name": "shop",
        **VALUES,
        "otel.resource.dropped_attributes": 4,
        "otel.resource.schema_url": "https://example.org/resource",
    }
    assert got.scope == {
        "scoped": True,
        "otel.scope.name": "lib",
        "otel.scope.version": "1.2",
        "otel.scope.dropped_attributes": 5,
        "otel.scope.schema_url": "https://example.org/scope",
    }
    (event,), (link,) = got.events, got.links
    assert (event.name, event.time, event.attributes, event.dropped_attributes) == ("e", START, VALUES, 6)
    assert (link.trace_id, link.span_id) == (f"{7:032x}", f"{8:016x}")
    assert (link.trace_state, link.flags, link.attributes, link.dropped_attributes) == ("c=d", 1, VALUES, 7)


@both
def test_a_span_without_an_end_is_open(encoding: Encoding) -> None:
    request = trace_request(1)
    request.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano = 0

    assert read_one("traces", encoding, request).end is None


@both
def test_spans_without_usable_ids_or_times_are_told_and_the_others_kept(encoding: Encoding) -> None:
    request = trace_request(5)
    spans = request.resource_spans[0].scope_spans[0].spans
    spans[0].trace_id = bytes(16)
    spans[1].span_id = b"\x01\x02"
    spans[2].end_time_unix_nano = 2**64 - 1

    checked = check("traces", encoding, body_in(encoding, request))

    assert (checked.kept, checked.rejected) == (2, 3)
    assert "trace id" in checked.problem
    assert "span id" in checked.problem
    assert "end time" in checked.problem
    assert [span.name for span in read_all("traces", encoding, request).spans] == ["span 4", "span 5"]


@both
def test_a_span_that_names_no_session_is_given_that_of_its_trace(encoding: Encoding) -> None:
    """The store lets it follow what other spans name, whenever these come."""
    request = trace_request(3)
    spans = request.resource_spans[0].scope_spans[0].spans
    spans[1].attributes.extend(key_values({"session.id": "mine"}))

    batch = read_all("traces", encoding, request)

    assert [span.session for span in batch.spans] == [f"{1:032x}", "mine", f"{1:032x}"]
    assert {(session.id, session.source) for session in batch.sessions} == {("mine", "otlp"), (f"{1:032x}", "otlp")}


def test_a_session_that_cannot_be_named_so_is_named_by_a_digest() -> None:
    request = trace_request(1, {"session.id": "two\nlines"})

    span = read_one("traces", "protobuf", request)

    assert len(span.session) == 32
    assert span.attributes["session.id"] == "two\nlines"


@pytest.mark.parametrize(
    ("resource", "is_told", "project"),
    [
        ({}, False, "default"),
        ({"openinference.project.name": "shop"}, False, "shop"),
        ({"openinference.project.name": "shop", "agentreplay.project": "bank"}, False, "bank"),
        ({"openinference.project.name": "shop"}, True, "default"),
        ({"openinference.project.name": "a\nb"}, False, "default"),
        ({"service.namespace": "shop"}, False, "default"),
    ],
)
def test_the_project_is_that_of_the_header_and_else_of_the_resource(
    resource: dict[str, Any], *, is_told: bool, project: str
) -> None:
    span = read_one("traces", "protobuf", trace_request(1, resource=resource), ORIGIN._replace(is_told=is_told))

    assert span.project == project


def log_request(**fields: Any) -> logs_service_pb2.ExportLogsServiceRequest:
    request = logs_service_pb2.ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(**fields)
    return request


@both
def test_a_log_record_in_a_trace_stands_below_its_span(encoding: Encoding) -> None:
    request = log_request(
        time_unix_nano=START,
        observed_time_unix_nano=START + 1,
        severity_number=17,
        severity_text="ERROR",
        body=any_value({"message": "no"}),
        attributes=key_values({"a": [1]}),
        dropped_attributes_count=2,
        flags=1,
        trace_id=(1).to_bytes(16),
        span_id=(2).to_bytes(8),
        event_name="tool.failed",
    )

    span = read_one("logs", encoding, request)

    assert (span.name, span.kind, span.status, span.start, span.end) == ("tool.failed", "custom", "error", START, START)
    assert (span.trace_id, span.parent_id, span.session) == (f"{1:032x}", f"{2:016x}", f"{1:032x}")
    assert (span.flags, span.dropped_attributes) == (1, 2)
    told = span.attributes[LOG]
    assert told["severity_text"] == "ERROR"
    assert (told["body"], told["observed"], told["event_name"]) == ({"message": "no"}, START + 1, "tool.failed")
    assert span.attributes["a"] == [1]


@both
def test_log_records_of_coding_agents_belong_to_the_session_they_name(encoding: Encoding) -> None:
    request = log_request(body=any_value("claude_code.tool_result"), attributes=key_values({"session.id": "s1"}))

    span = read_one("logs", encoding, request)

    assert (span.session, span.name, span.parent_id, span.start) == ("s1", "claude_code.tool_result", None, NOW)


def test_log_records_that_name_nothing_are_gathered_by_service() -> None:
    one, two = (read_one("logs", "protobuf", log_request(body=any_value(text))) for text in ("a", "b"))

    assert one.session == two.session
    assert one.session.startswith("service-")
    assert one.span_id != two.span_id


def test_the_same_records_get_the_same_ids_when_they_are_sent_again() -> None:
    request = log_request(time_unix_nano=START, body=any_value("twice"))
    records = request.resource_logs[0].scope_logs[0].log_records
    records.append(records[0])

    first, again = read_all("logs", "protobuf", request), read_all("logs", "protobuf", request)

    assert first == again
    assert len({span.span_id for span in first.spans}) == 2, "said twice is two records"


def metric_request(**attributes: Any) -> metrics_service_pb2.ExportMetricsServiceRequest:
    request = metrics_service_pb2.ExportMetricsServiceRequest()
    metrics = request.resource_metrics.add().scope_metrics.add().metrics
    common = {"time_unix_nano": START, "start_time_unix_nano": START - 5, "attributes": key_values(attributes)}
    metric = metrics.add(name="cost", unit="USD", description="d")
    metric.sum.aggregation_temporality, metric.sum.is_monotonic = AGGREGATION_TEMPORALITY_DELTA, True
    point = metric.sum.data_points.add(as_double=0.25, **common)
    point.exemplars.add(as_int=3, trace_id=(1).to_bytes(16), span_id=(2).to_bytes(8), time_unix_nano=START)
    metrics.add(name="level").gauge.data_points.add(as_int=0, **common)
    metrics.add(name="h").histogram.data_points.add(
        count=3, sum=6.0, min=0.0, bucket_counts=[1, 2], explicit_bounds=[2.5], **common
    )
    spread = metrics.add(name="e").exponential_histogram.data_points.add(count=2, scale=3, zero_count=1, **common)
    spread.positive.offset = 4
    spread.positive.bucket_counts.extend([1])
    summed = metrics.add(name="s").summary.data_points.add(count=2, sum=3.0, **common)
    summed.quantile_values.add(quantile=0.5, value=1.5)
    return request


@both
def test_data_points_that_name_a_session_are_kept_whole(encoding: Encoding) -> None:
    batch = read_all("metrics", encoding, metric_request(**{"session.id": "s1"}))

    told = {span.name: span.attributes[METRIC] for span in batch.spans}
    assert {span.session for span in batch.spans} == {"s1"}
    assert told["cost"] == {
        "name": "cost",
        "type": "sum",
        "unit": "USD",
        "description": "d",
        "temporality": "delta",
        "is_monotonic": True,
        "started": START - 5,
        "value": 0.25,
        "exemplars": [{"value": 3, "time": START, "trace_id": f"{1:032x}", "span_id": f"{2:016x}", "attributes": {}}],
    }
    assert told["level"]["value"] == 0
    assert (told["h"]["sum"], told["h"]["min"], "max" in told["h"]) == (6.0, 0.0, False)
    assert (told["h"]["bucket_counts"], told["h"]["explicit_bounds"]) == ([1, 2], [2.5])
    assert told["e"]["positive"] == {"offset": 4, "bucket_counts": [1]}
    assert (told["e"]["scale"], told["e"]["zero_count"]) == (3, 1)
    assert (told["s"]["quantiles"], told["s"]["sum"]) == ([[0.5, 1.5]], 3.0)


@both
def test_the_sender_is_told_of_data_points_that_are_not_kept(encoding: Encoding) -> None:
    checked = check("metrics", encoding, body_in(encoding, metric_request()))

    assert (checked.kept, checked.rejected) == (0, 5)
    assert "session" in checked.problem


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_an_empty_request_is_fine(signal: Signal) -> None:
    assert check(signal, "protobuf", b"") == check(signal, "json", b"{}") == Checked(0)


def nested(depth: int) -> bytes:
    value = b'{"arrayValue":{"values":[' * depth + b'{"stringValue":"x"}' + b"]}}" * depth
    pair = b'{"key":"deep","value":' + value + b"}"
    span = b'{"traceId":"%032x","spanId":"%016x","attributes":[%s]}' % (1, 1, pair)
    return b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + span + b"]}]}]}"


def test_whatever_depth_is_accepted_can_be_read_and_stored() -> None:
    deepest = 0
    for depth in (10, 50, 100, 200, 300, 400, 1_000, 100_000):
        body = nested(depth)
        try:
            check("traces", "json", body)
        except RequestMalformed:
            continue
        deepest = depth
        encode(read("traces", "json", body, ORIGIN, NOW))

    assert 50 <= deepest < 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"resourceSpans": 7}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 7}]}]}]}',
        b'{"resourceSpans": [{"resource": {"attributes": [{"key": "a", "value": {"intValue": "x"}}]}}]}'[:-30],
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [',
        b"\xff\xfe",
    ],
)
def test_json_that_makes_no_sense_is_refused(body: bytes) -> None:
    with pytest.raises(RequestMalformed):
        check("traces", "json", body)


def test_values_that_are_none_of_their_kind_are_refused() -> None:
    span: dict[str, Any] = {"traceId": f"{1:032x}", "spanId": f"{1:016x}", "startTimeUnixNano": "soon"}
    with pytest.raises(RequestMalformed):
        check("traces", "json", msgspec.json.encode({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    for value in ({"intValue": "x"}, {"bytesValue": "!"}, {"doubleValue": "much"}):
        span = {"traceId": f"{1:032x}", "spanId": f"{1:016x}", "attributes": [{"key": "a", "value": value}]}
        body = msgspec.json.encode({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})

        with pytest.raises(RequestMalformed):
            check("traces", "json", body)


def test_a_protobuf_that_is_cut_or_is_something_else_is_refused() -> None:
    body = trace_request(3).SerializeToString()

    for wrong in (body[:-3], b"\xff" * 50, b"<html>"):
        with pytest.raises(RequestMalformed):
            check("traces", "protobuf", wrong)


def test_names_of_choices_and_unknown_fields_do_no_harm_in_json() -> None:
    span = {
        "traceId": f"{1:032X}".replace("1", "A"),
        "spanId": "ABCDEF0123456789",
        "kind": "SPAN_KIND_SERVER",
        "status": {"code": "STATUS_CODE_OK"},
        "startTimeUnixNano": START,
        "new": {"field": 1},
        "events": None,
    }
    body = msgspec.json.encode({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})

    (got,) = read("traces", "json", body, ORIGIN, NOW).spans

    assert (got.attributes[SPAN_KIND], got.status, got.span_id) == ("server", "ok", "abcdef0123456789")
