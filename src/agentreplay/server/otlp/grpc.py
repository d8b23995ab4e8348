"""OTLP over gRPC: the three services, on the event loop of the server."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import grpc
import grpc.aio

from agentreplay.errors import AgentReplayError, KeyWrong
from agentreplay.intake.otlp.coding import IDENTITY
from agentreplay.intake.otlp.wire import Signal
from agentreplay.server.arriving import in_time
from agentreplay.server.keys import KeyCheck
from agentreplay.server.otlp.http import response_of
from agentreplay.server.otlp.receive import Arrived, Receiver
from agentreplay.server.otlp.status import code_of, status_message
from agentreplay.server.reply import failure_of, wait_of

__all__ = ["SERVICES", "grpc_server"]

SERVICES: dict[str, Signal] = {
    "opentelemetry.proto.collector.trace.v1.TraceService": "traces",
    "opentelemetry.proto.collector.logs.v1.LogsService": "logs",
    "opentelemetry.proto.collector.metrics.v1.MetricsService": "metrics",
}
_CODES = {code.value[0]: code for code in grpc.StatusCode}
_DETAILS = "grpc-status-details-bin"

_Export = Callable[[bytes, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes]]


def grpc_server(receiver: Receiver, keys: KeyCheck, *others: "grpc.GenericRpcHandler[Any, Any]") -> grpc.aio.Server:
    """A server with the services, and with others, and without a port."""
    options = [
        ("grpc.max_receive_message_length", receiver.max_body),
        # What one transaction did to a state is one message.
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 32 << 10),
        ("grpc.max_concurrent_streams", 100),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.server_handshake_timeout_ms", 10_000),
        # Two servers on one port would each get a part of what comes.
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.aio.server(options=options, maximum_concurrent_rpcs=1000)
    server.add_generic_rpc_handlers(others)
    for name, signal in SERVICES.items():
        make = cast("Any", grpc.unary_unary_rpc_method_handler)
        method: Any = in_time(make(_export(signal, receiver, keys)))
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, {"Export": method}),))
    return server


def _export(signal: Signal, receiver: Receiver, keys: KeyCheck) -> _Export:
    async def export(body: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        headers = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        try:
            if not keys.fits(headers):
                receiver.count_refusal(KeyWrong(), "grpc")
                raise KeyWrong
            checked = await receiver.take_in(Arrived(signal, "protobuf", IDENTITY, headers, body, "grpc"))
        except AgentReplayError as error:
            failure = failure_of(error)
            code = code_of(failure.status)
            details = status_message(code, failure.message, wait_of(failure.status))
            await context.abort(_CODES[code], failure.message, ((_DETAILS, details),))
        return response_of(signal, "protobuf", checked)

    return export
