"""OTLP requests for tests."""

from typing import Any

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

__all__ = ["START", "any_value", "key_values", "trace_request"]

START = 1_750_000_000_000_000_000


def any_value(value: Any) -> AnyValue:  # noqa: PLR0911  # a closed choice
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=key_values(value)))
        case _:
            return AnyValue()


def key_values(values: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def trace_request(
    count: int = 3, attributes: dict[str, Any] | None = None, *, first: int = 1, resource: dict[str, Any] | None = None
) -> trace_service_pb2.ExportTraceServiceRequest:
    """Spans of one trace, numbered from `first` on."""
    request = trace_service_pb2.ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(key_values(resource or {}))
    scope = group.scope_spans.add()
    for number in range(first, first + count):
        scope.spans.add(
            trace_id=first.to_bytes(16),
            span_id=number.to_bytes(8),
            name=f"span {number}",
            start_time_unix_nano=START + number,
            end_time_unix_nano=START + number + 1000,
            attributes=key_values({"number": number, **(attributes or {})}),
        )
    return request
