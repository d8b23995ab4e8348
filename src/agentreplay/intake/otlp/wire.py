"""The two encodings of OTLP, and how what they have in different shapes is read: values, ids and optional fields."""

import base64
import binascii
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec
from google.protobuf.message import DecodeError, Message

from agentreplay.errors import RequestMalformed
from agentreplay.intake.otlp import shapes
from agentreplay.model.values import Value

__all__ = ["ENCODINGS", "SIGNALS", "Encoding", "Signal", "Wire", "parse"]

Signal = Literal["traces", "logs", "metrics"]
Encoding = Literal["protobuf", "json"]
SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")
ENCODINGS: tuple[Encoding, ...] = ("protobuf", "json")

_SHAPES: dict[Signal, type] = {
    "traces": shapes.ExportTraceServiceRequest,
    "logs": shapes.ExportLogsServiceRequest,
    "metrics": shapes.ExportMetricsServiceRequest,
}


class Wire(NamedTuple):
    """How messages of one encoding are read."""

    value: Callable[[Any], Value]
    """An AnyValue as what it holds."""
    identifier: Callable[[Any], str]
    """The id of a trace or a span in hexadecimal; empty where there is none."""
    has: Callable[[Any, str], bool]
    """Whether an optional field was given."""

    def attributes(self, pairs: "Iterable[Any] | None") -> dict[str, Value]:
        """Pairs of keys and values as a map; of a key that comes twice the last one counts."""
        value = self.value
        return {pair.key: value(pair.value) for pair in pairs or ()}


def parse(signal: Signal, encoding: Encoding, body: bytes) -> tuple[Any, Wire]:
    """The message in a request, and how to read it. Raises RequestMalformed."""
    try:
        if encoding == "json":
            return _json_decoder(signal).decode(body), _JSON
        message = _protobuf_message(signal)()
        message.ParseFromString(body)
    except DecodeError as error:
        raise RequestMalformed(problem=f"it is no protobuf message of its kind ({error})") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RequestMalformed(problem=str(error)) from error
    except RecursionError:
        raise RequestMalformed(problem="it is nested too deeply") from None
    return message, _PROTOBUF


@cache
def _protobuf_message(signal: Signal) -> Callable[[], Message]:
    """Loaded with the first request: a server is up before one comes."""
    match signal:
        case "traces":
            from opentelemetry.proto.collector.trace.v1 import trace_service_pb2  # start-up

            return trace_service_pb2.ExportTraceServiceRequest
        case "logs":
            from opentelemetry.proto.collector.logs.v1 import (  # pyright: ignore[reportMissingTypeStubs]  # start-up
                logs_service_pb2,
            )

            return logs_service_pb2.ExportLogsServiceRequest
        case "metrics":
            from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2  # start-up

            return metrics_service_pb2.ExportMetricsServiceRequest


@cache
def _json_decoder(signal: Signal) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(_SHAPES[signal])


def _value_of_protobuf(message: Any) -> Value:
    # Nearly all are texts and numbers, and a field that is not empty is the one that was given.
    return message.string_value or message.int_value or _rare_value_of_protobuf(message)


def _rare_value_of_protobuf(message: Any) -> Value:  # noqa: PLR0911  # a closed choice
    match message.WhichOneof("value"):
        case "string_value":
            return message.string_value
        case "int_value":
            return message.int_value
        case "double_value":
            return message.double_value
        case "bool_value":
            return message.bool_value
        case "array_value":
            return [_value_of_protobuf(item) for item in message.array_value.values]
        case "kvlist_value":
            return {pair.key: _value_of_protobuf(pair.value) for pair in message.kvlist_value.values}
        case "bytes_value":
            return message.bytes_value
        case _:
            return None


def _value_of_json(message: shapes.AnyValue | None) -> Value:  # noqa: PLR0911  # a closed choice
    if message is None:
        return None
    if message.string_value is not None:
        return message.string_value
    if message.int_value is not None:
        return int(message.int_value)
    if message.double_value is not None:
        return float(message.double_value)
    if message.bool_value is not None:
        return message.bool_value
    if message.array_value is not None:
        return [_value_of_json(item) for item in message.array_value.values or ()]
    if message.kvlist_value is not None:
        return {pair.key: _value_of_json(pair.value) for pair in message.kvlist_value.values or ()}
    if message.bytes_value is not None:
        return _unbase64(message.bytes_value)
    return None


def _unbase64(text: str) -> bytes:
    """Both alphabets, with and without padding, as readers of JSON made from protobuf must take them."""
    try:
        plain = text.translate(_URL_SAFE)
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestMalformed(problem=f"{text[:40]!r} is not base64") from error


_URL_SAFE: dict[int, int] = str.maketrans("-_", "+/")


def _has_in_json(message: Any, name: str) -> bool:
    return getattr(message, name) is not None


def _has_in_protobuf(message: Any, name: str) -> bool:
    return bool(message.HasField(name))


def _identifier_in_json(text: str | None) -> str:
    return (text or "").lower()


def _identifier_in_protobuf(data: bytes) -> str:
    return data.hex()


_PROTOBUF = Wire(_value_of_protobuf, _identifier_in_protobuf, _has_in_protobuf)
_JSON = Wire(_value_of_json, _identifier_in_json, _has_in_json)
