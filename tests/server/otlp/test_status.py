"""What is written byte by byte is what the library would write."""

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from agentreplay.server.otlp.status import partial_success

ANSWERS = {
    "rejected_spans": trace_service_pb2.ExportTraceServiceResponse,
    "rejected_log_records": logs_service_pb2.ExportLogsServiceResponse,
    "rejected_data_points": metrics_service_pb2.ExportMetricsServiceResponse,
}


@pytest.mark.parametrize("rejected", [1, 127, 128, 1 << 40])
@pytest.mark.parametrize("field", ANSWERS)
def test_the_answer_of_each_signal_tells_how_much_was_not_kept(field: str, rejected: int) -> None:
    answer: Any = ANSWERS[field]()
    setattr(answer.partial_success, field, rejected)
    answer.partial_success.error_message = "an id is none; und Übles"

    assert partial_success(rejected, "an id is none; und Übles") == answer.SerializeToString()
