"""Whatever bytes come, they are refused with a clear error or can be read; and what is acknowledged is what is kept."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2

from agentreplay.errors import RequestMalformed
from agentreplay.intake.otlp.reading import check, read
from agentreplay.intake.otlp.sources import Origin
from agentreplay.intake.otlp.wire import ENCODINGS, SIGNALS, Encoding, Signal, parse
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import encode
from tests.server.requests import START, key_values, trace_request

ORIGIN = Origin(TenantId("local"), ProjectId("default"), is_told=False)
VALUES = {"text": "Grüße", "large": 2**63 - 1, "list": [1, [True, {"deep": b"x"}]], "map": {"a": 0.5}, "none": None}


def traces() -> bytes:
    request = trace_request(3, VALUES, resource=VALUES)
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.events.add(name="event", attributes=key_values(VALUES))
    span.links.add(trace_id=bytes(range(16)), attributes=key_values(VALUES))
    return request.SerializeToString()


def logs() -> bytes:
    request = logs_service_pb2.ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=START, severity_number=17)
    record.body.string_value = "said"
    record.attributes.extend(key_values({"session.id": "one", **VALUES}))
    return request.SerializeToString()


def metrics() -> bytes:
    request = metrics_service_pb2.ExportMetricsServiceRequest()
    found = request.resource_metrics.add().scope_metrics.add().metrics
    session = key_values({"session.id": "one"})
    found.add(name="cost").sum.data_points.add(as_double=0.5, time_unix_nano=START, attributes=session)
    found.add(name="time").histogram.data_points.add(count=2, bucket_counts=[1, 1], attributes=session)
    return request.SerializeToString()


BODIES: dict[Signal, bytes] = {"traces": traces(), "logs": logs(), "metrics": metrics()}
NAMES = (
    "resourceSpans scopeSpans spans traceId spanId startTimeUnixNano endTimeUnixNano attributes key value stringValue"
    " intValue arrayValue kvlistValue bytesValue values events links status code kind resourceLogs scopeLogs logRecords"
    " body severityNumber resourceMetrics scopeMetrics metrics sum gauge histogram dataPoints asInt asDouble scope"
).split()
HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["1", "-1", str(2**63), "NaN", "1e999", f"{1:032x}", f"{1:016x}", "AA==", "SPAN_KIND_x"]),
)
DOCUMENTS = st.recursive(
    HOSTILE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
)


def judge(signal: Signal, encoding: Encoding, body: bytes) -> None:
    """The promise: refused, or as many spans as were acknowledged, which can be kept."""
    try:
        checked = check(signal, encoding, body)
    except RequestMalformed:
        return

    spans = read(signal, encoding, body, ORIGIN, Nanoseconds(START)).spans
    assert len(spans) == checked.kept
    encode(spans)


@given(st.sampled_from(SIGNALS), st.sampled_from(ENCODINGS), st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(signal: Signal, encoding: Encoding, body: bytes) -> None:
    judge(signal, encoding, body)


@given(
    st.sampled_from(SIGNALS),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 2_000),
)
def test_a_request_with_wrong_bytes_is_refused_or_read(
    signal: Signal, changes: list[tuple[int, int]], cut: int
) -> None:
    body = bytearray(BODIES[signal])
    for place, byte in changes:
        body[place % len(body)] = byte

    judge(signal, "protobuf", bytes(body[: len(body) - cut % 7]))


@given(st.sampled_from(SIGNALS), DOCUMENTS)
def test_json_of_wrong_types_is_refused_or_read(signal: Signal, document: Any) -> None:
    root = {"traces": "resourceSpans", "logs": "resourceLogs", "metrics": "resourceMetrics"}[signal]

    judge(signal, "json", json.dumps(document).encode())
    judge(signal, "json", json.dumps({root: document}).encode())
    judge(signal, "json", json.dumps({root: [document]}).encode())


@given(DOCUMENTS)
def test_an_attribute_of_any_shape_is_refused_or_read(value: Any) -> None:
    span = {"traceId": f"{1:032x}", "spanId": f"{1:016x}", "attributes": [{"key": "a", "value": value}]}

    judge("traces", "json", json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode())


@pytest.mark.parametrize("depth", [1, 90, 10_000, 200_000])
def test_depth_is_refused_or_read(depth: int) -> None:
    """An array in an array, again and again: in protobuf each is its tag, its length and what is in it."""
    value = b'{"arrayValue":{"values":[' * depth + b"]}}" * depth
    span = b'{"traceId":"%032x","spanId":"%016x","attributes":[{"key":"a","value":%s}]}' % (1, 1, value)
    judge("traces", "json", b'{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}' % span)

    body = b""
    for _ in range(min(depth, 3_000)):
        body = nested(0x0A, nested(0x2A, body))
    attribute = nested(0x4A, nested(0x0A, b"a") + nested(0x12, body))
    ids = nested(0x0A, bytes([1] * 16)) + nested(0x12, bytes([1] * 8))
    judge("traces", "protobuf", nested(0x0A, nested(0x12, nested(0x12, ids + attribute))))


def nested(tag: int, body: bytes) -> bytes:
    """A field of protobuf that holds bytes."""
    size, length = len(body), bytearray([tag])
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    return bytes(length) + body


@pytest.mark.parametrize(("value", "expected"), [("", ""), (0, 0), (0.0, 0.0), (False, False), ([], []), ({}, {})])
def test_what_is_empty_keeps_its_type(value: Any, expected: Any) -> None:
    """What is usual is looked for first, and an empty field looks like none."""
    message, wire = parse("traces", "protobuf", trace_request(1, {"a": value}).SerializeToString())

    found = wire.attributes(message.resource_spans[0].scope_spans[0].spans[0].attributes)["a"]

    assert (found, type(found)) == (expected, type(expected))
