"""What the gateway adds to a call: until the first chunk of its answer, and until all of it is there.

A model server answers from memory, with a stream in twenty chunks or with one JSON body; the gateway is the real
server, which records every call durably. The same client asks directly and through the gateway in turn, round by round,
so that whatever else the machine does befalls both. What is reported is the median over the rounds of the difference of
their medians.
"""

import asyncio
import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.figures import Report, at_most
from benchmarks.latency import quantile
from benchmarks.otlp import processor_seconds

__all__ = ["measure_gateway"]

_ROUNDS, _CALLS = 11, 40
_CHUNKS = 20
_MODELS = "from benchmarks.gateway import serve_models; serve_models()"
_MESSAGES = [{"role": "user", "content": "how does a gateway add so little? " * 60}]
_STREAM = b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

Times = tuple[int, int]
"""Nanoseconds until the first chunk and until the end."""


def measure_gateway(folder: Path, report: Report) -> None:
    """A stream and a whole answer, directly and through the gateway."""
    with _models() as direct, _gateway(folder, direct) as (through, pid):
        for kind, streams in (("stream", True), ("whole", False)):
            body = json.dumps({"model": "m", "stream": streams, "messages": _MESSAGES}).encode()
            added: list[tuple[float, float]] = []
            before = processor_seconds(pid)
            for _ in range(_ROUNDS):
                sides = [_medians(url, body) for url in (direct, through)]
                added.append((sides[1][0] - sides[0][0], sides[1][1] - sides[0][1]))
            used = processor_seconds(pid) - before
            first, whole = (statistics.median(values) for values in zip(*added, strict=True))
            report.add(f"gateway.{kind}.first_chunk.added.p50", first, "ms", at_most(5))
            report.add(f"gateway.{kind}.end.added.p50", whole, "ms", at_most(5))
            # Indexing is part of it, which another process does.
            report.add(f"gateway.{kind}.processor", used / (_ROUNDS * _CALLS) * 1e3, "ms/call")


def _medians(url: str, body: bytes) -> tuple[float, float]:
    """In milliseconds, over one connection that is open already."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    _ask(connection, parts.path, body)
    times = [_ask(connection, parts.path, body) for _ in range(_CALLS)]
    connection.close()
    first, whole = (quantile(sorted(values), 0.5) / 1e6 for values in zip(*times, strict=True))
    return first, whole


def _ask(connection: http.client.HTTPConnection, path: str, body: bytes) -> Times:
    began = time.perf_counter_ns()
    connection.request("POST", f"{path}/chat/completions", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.read1(1)
    first = time.perf_counter_ns() - began
    answer.read()
    assert answer.status == 200
    return first, time.perf_counter_ns() - began


@contextlib.contextmanager
def _models() -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-c", _MODELS], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().decode().strip()
        finally:
            process.kill()


@contextlib.contextmanager
def _gateway(folder: Path, upstream: str) -> Iterator[tuple[str, int]]:
    options = ["--port", "0", "--no-otlp-ports", "--no-grpc", "--upstream", f"openai={upstream}"]
    command = [sys.executable, "-m", "agentreplay.cli", "--db-path", str(folder / "gateway"), "--json", "up", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["address"]
            yield f"{address}/gateway/session/benchmark/openai/v1", process.pid
        finally:
            process.terminate()
            process.wait(20)


def serve_models() -> None:
    """Answer every request at once, until killed; prints the address first."""
    event = b'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'
    chunk = b"%x\r\n%b\r\n" % (len(event), event)
    last = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"
    text = json.dumps(
        {"id": "c", "object": "chat.completion", "choices": [{"message": {"content": "word " * _CHUNKS}}]}
    )
    whole = f"content-type: application/json\r\ncontent-length: {len(text)}\r\n\r\n{text}".encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                body = await reader.readexactly(size)
                if b'"stream": true' not in body:
                    writer.write(b"HTTP/1.1 200 OK\r\n" + whole)
                    continue
                writer.write(b"HTTP/1.1 200 OK\r\n" + _STREAM)
                for _ in range(_CHUNKS):
                    writer.write(chunk)
                    await asyncio.sleep(0)
                writer.write(last)

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
        await server.serve_forever()

    asyncio.run(serve())
