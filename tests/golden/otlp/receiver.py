"""Receives OTLP over HTTP and keeps the requests as they came."""

import gzip

from agentreplay.testing.loopback import Loopback, Request, Response

__all__ = ["otlp_requests", "receiver"]

_SIGNALS = ("traces", "logs", "metrics")


def receiver() -> Loopback:
    """Says yes to everything; what it was sent stands in its `requests`."""
    return Loopback(lambda _: Response(headers={"content-type": "application/x-protobuf"}, chunks=(b"",)))


def otlp_requests(requests: list[Request]) -> list[tuple[str, bytes]]:
    """The signal and the bytes of each request that holds what we take in, without their compression."""
    found: list[tuple[str, bytes]] = []
    for request in requests:
        signal = request.path.partition("?")[0].rstrip("/").rpartition("/v1/")[2]
        if request.method == "POST" and signal in _SIGNALS and request.content:
            packed = request.headers.get("content-encoding") == "gzip"
            found.append((signal, gzip.decompress(request.content) if packed else request.content))
    return found
