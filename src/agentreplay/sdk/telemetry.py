"""Telemetry of a program that is recorded: its spans say what they tell again, so that nothing is told twice.

What the program itself sends to whoever collects it is no part of what it does, so it is neither recorded nor compared.
"""

import sys
import weakref
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import urlsplit

from agentreplay.model.ids import SpanId
from agentreplay.model.witness import RECORDED, RECORDED_CALL, RECORDED_SPAN
from agentreplay.sdk.keeping import Whose

__all__ = ["is_export", "mark", "mark_call", "mark_span"]

_SIGNALS = ("/v1/traces", "/v1/logs", "/v1/metrics")
_EXPORTER = "otel-otlp-exporter"
_PROTOBUF = "application/x-protobuf"
_MOST = 1_000

_begun: dict[SpanId | None, list["weakref.ref[Any]"]] = {}
"""Spans of telemetry by the recorded span that they began in, the newest last. Those that ended are let go."""


def is_export(method: str, url: str, headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a request brings telemetry to a collector, as every exporter of OTLP over HTTP does."""
    if method != "POST" or not urlsplit(url).path.endswith(_SIGNALS):
        return False
    told = {name.lower(): value.lower() for name, value in headers}
    return told.get("content-type") == _PROTOBUF or told.get("user-agent", "").startswith(_EXPORTER)


def mark(span: Any, place: Whose, within: SpanId | None) -> None:
    """A span of telemetry begins within this one of ours: it says in which recording."""
    span.set_attribute(RECORDED, f"{place.session} {place.trace_id} {place.project}")
    _begun[within] = [*_under_way(within), weakref.ref(span)]
    if len(_begun) > _MOST:
        _begun.pop(next(iter(_begun)), None)


def mark_span(span: Any, span_id: SpanId) -> None:
    """A span of telemetry tells of the same as this one of ours."""
    span.set_attribute(RECORDED_SPAN, span_id)


def mark_call(span_id: SpanId, within: SpanId | None) -> None:
    """A call begins within this span of ours: what telemetry has under way there says that it may tell of it.

    Some of it is no current span of OpenTelemetry, which callbacks of a framework cannot make one.
    """
    # What does not fit was said when it was looked at.
    find = getattr(sys.modules.get("opentelemetry.trace"), "get_current_span", None) if _begun else None
    if find is None:
        return
    current: Any = find()
    if current.is_recording() and not getattr(cast("object", type(current)), "is_ours", False):
        current.set_attribute(RECORDED_CALL, span_id)
    for reference in _under_way(within):
        span = reference()
        if span is not None and span is not current:
            span.set_attribute(RECORDED_CALL, span_id)


def _under_way(within: SpanId | None) -> list["weakref.ref[Any]"]:
    known = _begun.get(within)
    return [one for one in known if (span := one()) is not None and span.is_recording()][-_MOST:] if known else []
