"""Spans of telemetry say what of a recording they tell again."""

import gc

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import Span, TracerProvider

from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.witness import RECORDED, RECORDED_CALL, RECORDED_SPAN
from agentreplay.sdk import telemetry
from agentreplay.sdk.recorder import Place

PLACE = Place(
    tenant=TenantId("local"), project=ProjectId("my shop"), session=SessionId("one"), trace_id=TraceId("a" * 32)
)
WITHIN, CALL = SpanId("b" * 16), SpanId("c" * 16)


def begun(within: SpanId = WITHIN) -> Span:
    span = TracerProvider().get_tracer("test").start_span("chat")
    assert isinstance(span, Span)
    telemetry.mark(span, PLACE, within)
    return span


def told(span: Span, name: str) -> object:
    return (span.attributes or {}).get(name)


def test_a_span_names_its_recording_and_the_span_that_tells_the_same() -> None:
    span = begun()

    telemetry.mark_span(span, WITHIN)

    assert told(span, RECORDED) == f"one {'a' * 32} my shop"
    assert told(span, RECORDED_SPAN) == WITHIN


def test_a_call_is_named_by_the_current_span_and_by_those_under_way_where_it_is_made() -> None:
    """Callbacks of a framework cannot make theirs the current one."""
    current, beside, elsewhere, over = begun(SpanId("d" * 16)), begun(), begun(SpanId("e" * 16)), begun()
    over.end()

    with trace.use_span(current):
        telemetry.mark_call(CALL, WITHIN)

    assert [told(span, RECORDED_CALL) for span in (current, beside, elsewhere, over)] == [CALL, CALL, None, None]


def test_spans_that_nobody_holds_are_let_go() -> None:
    span = begun()
    del span
    gc.collect()

    telemetry.mark_call(CALL, WITHIN)

    assert all(reference() is None for reference in telemetry._begun[WITHIN])  # pyright: ignore[reportPrivateUsage] - it shows nowhere else


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("POST", "/v1/traces", {"Content-Type": "application/x-protobuf"}, True),
        ("POST", "/otlp/v1/logs", {"User-Agent": "OTel-OTLP-Exporter-Python/1.45.2"}, True),
        ("POST", "/v1/metrics", {"Content-Type": "application/json"}, False),
        ("GET", "/v1/traces", {"Content-Type": "application/x-protobuf"}, False),
        ("POST", "/v1/responses", {"Content-Type": "application/x-protobuf"}, False),
    ],
    ids=["protobuf", "an exporter", "an API with such a path", "read back", "another path"],
)
def test_what_exporters_send_is_known(method: str, path: str, headers: dict[str, str], *, expected: bool) -> None:
    assert telemetry.is_export(method, f"http://127.0.0.1:4318{path}", headers.items()) is expected
