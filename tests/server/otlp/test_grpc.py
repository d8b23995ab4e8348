"""OTLP over gRPC, and the official exporters with the settings they come with."""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from tests.server.requests import trace_request
from tests.server.running import Running, running, spans_of

pytestmark = pytest.mark.slow

METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

# A program as a user writes it: everything about the export comes from the environment.
PROGRAM = """
import logging
from opentelemetry import metrics, trace
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.{protocol}.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.otlp.proto.{protocol}._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.{protocol}.metric_exporter import OTLPMetricExporter

tracing = TracerProvider()
tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
tracer = tracing.get_tracer("program", "1.0")
logging_provider = LoggerProvider()
logging_provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
for number in range(500):
    with tracer.start_as_current_span(f"outer {{number}}") as span:
        span.set_attribute("list", [1, 2]); span.set_attribute("text", "x" * 500)
        span.add_event("happened", {{"a": True}})
        with tracer.start_as_current_span(f"inner {{number}}"):
            pass
with tracer.start_as_current_span("with a log"):
    log = logging.getLogger("program"); log.addHandler(LoggingHandler(logger_provider=logging_provider))
    log.error("a log record")
meters.get_meter("program").create_counter("cost").add(3, {{"session.id": "the session"}})
tracing.shutdown(); logging_provider.shutdown(); meters.shutdown()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("server"), "--max-body", "1") as started:
        yield started


def call(server: Running, body: bytes, **options: Any) -> bytes:
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc[0]}") as channel:
        answer = channel.unary_unary(METHOD, bytes, bytes)(body, timeout=20, **options)
        assert isinstance(answer, bytes)
        return answer


def failed(server: Running, body: bytes, **options: Any) -> Any:
    with pytest.raises(grpc.RpcError) as info:
        call(server, body, **options)
    return info.value


def test_what_comes_by_grpc_is_kept(server: Running) -> None:
    request = trace_request(2, first=10)
    request.resource_spans[0].scope_spans[0].spans.add(name="without ids")

    answer = call(server, request.SerializeToString(), metadata=(("x-project-name", "shop"),))
    packed = call(server, trace_request(1, first=20).SerializeToString(), compression=grpc.Compression.Gzip)

    partial = trace_service_pb2.ExportTraceServiceResponse.FromString(answer).partial_success
    assert partial.rejected_spans == 1
    assert packed == b""
    found = {(span.name, span.project) for span in spans_of(server.folder)}
    assert {("span 10", "shop"), ("span 11", "shop"), ("span 20", "default")} <= found


def test_what_makes_no_sense_is_refused(server: Running) -> None:
    assert failed(server, b"nonsense").code() is grpc.StatusCode.INVALID_ARGUMENT
    assert failed(server, bytes(2_000_000)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_bomb_is_not_undone(server: Running) -> None:
    error = failed(server, bytes(50_000_000), compression=grpc.Compression.Gzip)

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(gzip.compress(bytes(50_000_000))) < 1_000_000, "it is small on the wire"


def test_with_a_key_only_its_holders_may_send_and_waiting_is_asked_for(tmp_path: Path) -> None:
    body = trace_request(60_000).SerializeToString()
    with running(tmp_path, "--rate", "1000", AGENTREPLAY_KEY="the key") as server:
        key = (("authorization", "Bearer the key"),)

        assert failed(server, b"").code() is grpc.StatusCode.UNAUTHENTICATED
        assert call(server, body, metadata=key) == b""
        error = failed(server, trace_request(100).SerializeToString(), metadata=key)

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    trailing = dict(error.trailing_metadata())
    assert b"google.rpc.RetryInfo" in trailing["grpc-status-details-bin"]


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_the_official_exporters_deliver_everything(protocol: str, tmp_path: Path) -> None:
    with running(tmp_path) as server:
        endpoint = server.address if protocol == "http" else f"http://127.0.0.1:{server.grpc[0]}"
        environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
        program = PROGRAM.format(protocol=protocol)

        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            env=environment,
            capture_output=True,
            timeout=60,
            check=True,
        )

    assert b"ailed to export" not in done.stderr
    found = {span.name: span for span in spans_of(tmp_path)}
    wanted = {f"{kind} {number}" for kind in ("outer", "inner") for number in range(500)}
    assert wanted <= found.keys()
    outer, record, point = found["outer 7"], found["a log record"], found["cost"]
    assert (outer.attributes["list"], outer.events[0].attributes) == ([1, 2], {"a": True})
    assert found["inner 7"].parent_id == outer.span_id
    assert record.parent_id == found["with a log"].span_id
    assert (record.status, point.session) == ("error", "the session")
    assert point.attributes["otel.metric"]["value"] == 3
