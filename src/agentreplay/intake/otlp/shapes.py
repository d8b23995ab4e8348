"""The messages of OTLP/JSON, with the names that the classes of protobuf have, so that one reader fits both.

As in every JSON made from protobuf, what is left out or null has its default, 64-bit integers may be text, and
fields nobody knows are passed over. Ids are hexadecimal, which is where OTLP departs from it.
"""

import msgspec

__all__ = [
    "AnyValue",
    "ArrayValue",
    "Attributes",
    "Buckets",
    "DataPoint",
    "Exemplar",
    "ExportLogsServiceRequest",
    "ExportMetricsServiceRequest",
    "ExportTraceServiceRequest",
    "Integer",
    "Integers",
    "KeyValue",
    "KeyValueList",
    "LogRecord",
    "Metric",
    "Number",
    "OtlpSpan",
    "Points",
    "Quantile",
    "Resource",
    "ResourceLogs",
    "ResourceMetrics",
    "ResourceSpans",
    "Scope",
    "ScopeLogs",
    "ScopeMetrics",
    "ScopeSpans",
    "SpanEvent",
    "SpanLink",
    "SpanStatus",
]

Integer = int | str | None
Number = float | int | str | None
Integers = list[int | str] | None


class _Message(msgspec.Struct, rename="camel"):
    """What is not given is None, and counts as the default of its type."""


class AnyValue(_Message):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Integer = None
    double_value: Number = None
    array_value: "ArrayValue | None" = None
    kvlist_value: "KeyValueList | None" = None
    bytes_value: str | None = None


class ArrayValue(_Message):
    values: list[AnyValue] | None = None


class KeyValue(_Message):
    key: str = ""
    value: AnyValue | None = None


class KeyValueList(_Message):
    values: list[KeyValue] | None = None


Attributes = list[KeyValue] | None


class Resource(_Message):
    attributes: Attributes = None
    dropped_attributes_count: Integer = None


class Scope(_Message):
    name: str | None = None
    version: str | None = None
    attributes: Attributes = None
    dropped_attributes_count: Integer = None


class SpanEvent(_Message):
    time_unix_nano: Integer = None
    name: str | None = None
    attributes: Attributes = None
    dropped_attributes_count: Integer = None


class SpanLink(_Message):
    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    flags: Integer = None
    attributes: Attributes = None
    dropped_attributes_count: Integer = None


class SpanStatus(_Message):
    message: str | None = None
    code: Integer = None


class OtlpSpan(_Message):
    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    parent_span_id: str | None = None
    flags: Integer = None
    name: str | None = None
    kind: Integer = None
    start_time_unix_nano: Integer = None
    end_time_unix_nano: Integer = None
    attributes: Attributes = None
    dropped_attributes_count: Integer = None
    events: list[SpanEvent] | None = None
    dropped_events_count: Integer = None
    links: list[SpanLink] | None = None
    dropped_links_count: Integer = None
    status: SpanStatus | None = None


class ScopeSpans(_Message):
    scope: Scope | None = None
    spans: list[OtlpSpan] | None = None
    schema_url: str | None = None


class ResourceSpans(_Message):
    resource: Resource | None = None
    scope_spans: list[ScopeSpans] | None = None
    schema_url: str | None = None


class ExportTraceServiceRequest(_Message):
    resource_spans: list[ResourceSpans] | None = None


class LogRecord(_Message):
    time_unix_nano: Integer = None
    observed_time_unix_nano: Integer = None
    severity_number: Integer = None
    severity_text: str | None = None
    body: AnyValue | None = None
    attributes: Attributes = None
    dropped_attributes_count: Integer = None
    flags: Integer = None
    trace_id: str | None = None
    span_id: str | None = None
    event_name: str | None = None


class ScopeLogs(_Message):
    scope: Scope | None = None
    log_records: list[LogRecord] | None = None
    schema_url: str | None = None


class ResourceLogs(_Message):
    resource: Resource | None = None
    scope_logs: list[ScopeLogs] | None = None
    schema_url: str | None = None


class ExportLogsServiceRequest(_Message):
    resource_logs: list[ResourceLogs] | None = None


class Exemplar(_Message):
    filtered_attributes: Attributes = None
    time_unix_nano: Integer = None
    as_double: Number = None
    as_int: Integer = None
    span_id: str | None = None
    trace_id: str | None = None


class Buckets(_Message):
    offset: Integer = None
    bucket_counts: Integers = None


class Quantile(_Message):
    quantile: Number = None
    value: Number = None


class DataPoint(_Message):
    """A point of any kind of metric; a kind uses some of the fields."""

    attributes: Attributes = None
    start_time_unix_nano: Integer = None
    time_unix_nano: Integer = None
    flags: Integer = None
    exemplars: list[Exemplar] | None = None
    as_double: Number = None
    as_int: Integer = None
    count: Integer = None
    sum: Number = None
    min: Number = None
    max: Number = None
    bucket_counts: Integers = None
    explicit_bounds: list[float | int | str] | None = None
    scale: Integer = None
    zero_count: Integer = None
    zero_threshold: Number = None
    positive: Buckets | None = None
    negative: Buckets | None = None
    quantile_values: list[Quantile] | None = None


class Points(_Message):
    data_points: list[DataPoint] | None = None
    aggregation_temporality: Integer = None
    is_monotonic: bool | None = None


class Metric(_Message):
    name: str | None = None
    description: str | None = None
    unit: str | None = None
    metadata: Attributes = None
    gauge: Points | None = None
    sum: Points | None = None
    histogram: Points | None = None
    exponential_histogram: Points | None = None
    summary: Points | None = None


class ScopeMetrics(_Message):
    scope: Scope | None = None
    metrics: list[Metric] | None = None
    schema_url: str | None = None


class ResourceMetrics(_Message):
    resource: Resource | None = None
    scope_metrics: list[ScopeMetrics] | None = None
    schema_url: str | None = None


class ExportMetricsServiceRequest(_Message):
    resource_metrics: list[ResourceMetrics] | None = None
