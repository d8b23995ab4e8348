"""How fast what comes by OTLP becomes durable and readable, with the real server and a sender in another process.

A request is a session of 20 spans of 2.5 KB each, mostly the text of messages, the same for the same seed. The clock
runs from the first byte sent until the last span can be read from the store; the sender encodes before that. Sending
and serving share the machine, as they do on a laptop.
"""

import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from agentreplay.store.registry import open_store
from benchmarks.corpus import START
from benchmarks.figures import Report, at_least, at_most
from benchmarks.latency import quantile
from benchmarks.processes import apart

__all__ = [
    "SPANS",
    "Sender",
    "Sent",
    "Server",
    "bodies",
    "measure_otlp",
    "memory",
    "processor_seconds",
    "running",
    "send_all",
    "send_http",
]

SPANS = 20
_INPUT, _OUTPUT = 1_400, 700
_CONNECTIONS = 4
_SINGLE = 300
_STARTS = 7
_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_PATIENCE = 600.0


class Server(NamedTuple):
    """A server that runs."""

    pid: int
    http: int
    grpc: int
    started: float
    """Seconds from starting the process to its first answer about what is stored."""
    start_used: float = 0.0
    """Seconds of a processor that this took."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent with each request over HTTP."""


class Sent(NamedTuple):
    """What the sender saw."""

    begun: float
    ended: float
    spans: int
    used: float
    """Seconds of a processor that sending took."""


def bodies(seed: int, spans: int = SPANS) -> Iterator[bytes]:
    """Encoded requests without end, each a session."""
    random = Random(seed)
    words = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(2, 9))) for _ in range(5_000)]
    moment = int(START)
    while True:
        request = trace_service_pb2.ExportTraceServiceRequest()
        group = request.resource_spans.add()
        _put(group.resource.attributes, "service.name", "benchmark")
        scope = group.scope_spans.add()
        trace = random.randbytes(16)
        for place in range(spans):
            moment += random.randrange(1, 10**9)
            span = scope.spans.add(
                trace_id=trace,
                span_id=random.randbytes(8),
                name="chat gpt-5-mini",
                kind=3,
                start_time_unix_nano=moment,
                end_time_unix_nano=moment + 10**9,
            )
            for key, value in _attributes(random, words, place):
                _put(span.attributes, key, value)
        yield request.SerializeToString()


def measure_otlp(folder: Path, requests: int, report: Report) -> None:
    """Both transports, each with a server and a store of its own."""
    _measure_start(folder / "start", report)
    for transport, send in (("http", send_http), ("grpc", _send_grpc)):
        with running(folder / transport) as server:
            if transport == "http":
                time.sleep(2)
                report.add("otlp.idle", memory(server.pid, "Pss") / 1e6, "MB", at_most(150))
            before, indexed_before = processor_seconds(server.pid), _indexing_seconds(server.pid)
            sent = apart(send_all, send, server, requests)
            visible = _wait_until_readable(folder / transport, sent.spans)
            report.add(f"otlp.{transport}.acknowledged", sent.spans / (sent.ended - sent.begun), "spans/s")
            report.add(f"otlp.{transport}", sent.spans / (visible - sent.begun), "spans/s", at_least(10_000))
            used = processor_seconds(server.pid) - before
            indexed = _indexing_seconds(server.pid) - indexed_before
            # What wall-clock time says only on a machine with nothing else to do.
            report.add(f"otlp.{transport}.processor.sending", sent.used / sent.spans * 1e6, "us/span")
            report.add(f"otlp.{transport}.processor", used / sent.spans * 1e6, "us/span")
            report.add(f"otlp.{transport}.processor.receiving", (used - indexed) / sent.spans * 1e6, "us/span")
            report.add(f"otlp.{transport}.processor.indexing", indexed / sent.spans * 1e6, "us/span")
            singles = apart(_send_singly, send, server)
            report.add(f"otlp.{transport}.single.p50", quantile(singles, 0.5) / 1e6, "ms", at_most(5))
            report.add(f"otlp.{transport}.single.p99", quantile(singles, 0.99) / 1e6, "ms", at_most(25))
            report.add(f"otlp.{transport}.memory", memory(server.pid, "VmHWM") / 1e6, "MB", at_most(400))


def _measure_start(folder: Path, report: Report) -> None:
    """Again and again: the first time it is compiled, and whatever else the machine does befalls single starts."""
    starts = list[Server]()
    for _ in range(_STARTS):
        with running(folder) as server:
            starts.append(server)
    report.add("otlp.start", statistics.median(start.started for start in starts), "s", at_most(1.5))
    report.add("otlp.start.processor", statistics.median(start.start_used for start in starts), "s")


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server over this folder, on ports that are free, while the context lasts."""
    options = ["--port", "0", "--otlp-http", "0", "--otlp-grpc", "0"]
    command = [sys.executable, "-m", "agentreplay.cli", "--db-path", str(folder), "--json", "up", *options]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            connection = http.client.HTTPConnection("127.0.0.1", told["http"][0])
            while True:
                with contextlib.suppress(OSError):
                    connection.request("GET", "/api/v1/sessions")
                    connection.getresponse().read()
                    break
            started, used = time.perf_counter() - began, processor_seconds(process.pid)
            yield Server(process.pid, told["http"][0], told["grpc"][0], started, used)
        finally:
            process.terminate()
            process.wait()


def send_all(send: "Sender", server: Server, requests: int) -> Sent:
    """Send so many requests over several connections."""
    parts = [list(islice(bodies(seed), requests // _CONNECTIONS)) for seed in range(_CONNECTIONS)]
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        began, used = time.time(), time.process_time()
        for done in [pool.submit(send, server, part) for part in parts]:
            done.result()
    return Sent(began, time.time(), sum(map(len, parts)) * SPANS, time.process_time() - used)


def _send_singly(send: "Sender", server: Server) -> list[int]:
    """How long each of some single spans took to be acknowledged, in nanoseconds."""
    return sorted(send(server, list(islice(bodies(1_000, 1), _SINGLE))))


def send_http(server: Server, part: list[bytes]) -> list[int]:
    """Send requests one after the other; how long each took to be acknowledged, in nanoseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http)
    headers = {"content-type": "application/x-protobuf", **dict(server.headers)}
    times: list[int] = []
    for body in part:
        began = time.perf_counter_ns()
        connection.request("POST", "/v1/traces", body, headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter_ns() - began)
        assert answer.status == 200
    connection.close()
    return times


def _send_grpc(server: Server, part: list[bytes]) -> list[int]:
    times: list[int] = []
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc}") as channel:
        export = channel.unary_unary(_METHOD, bytes, bytes)
        for body in part:
            began = time.perf_counter_ns()
            export(body, timeout=60)
            times.append(time.perf_counter_ns() - began)
    return times


Sender = Callable[[Server, list[bytes]], list[int]]
"""Sends requests, and says how long each took."""


def _wait_until_readable(folder: Path, spans: int) -> float:
    """When so many spans could be read, in seconds since 1970."""
    store = open_store(str(folder))
    until = time.monotonic() + _PATIENCE
    try:
        # To count them takes as long as reading some hundred in: that is done when nothing is left to index.
        while store.lag().bytes or store.statistics().spans < spans:
            assert time.monotonic() < until, "not all that was acknowledged became readable"
            time.sleep(0.02)
        return time.time()
    finally:
        store.close()


def memory(pid: int, field: str) -> float:
    """Bytes of the server and the processes it started, or 0 where the system does not tell."""
    place = Path(f"/proc/{pid}")
    if not place.exists():
        return 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    name = "status" if field.startswith("Vm") else "smaps_rollup"
    lines = (place / name).read_text(encoding="ascii").splitlines()
    own = next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))
    return own + sum(memory(int(child), field) for child in children)


def processor_seconds(pid: int) -> float:
    """What the server and its processes used, those that ended included; 0 where the system does not tell."""
    place = Path(f"/proc/{pid}")
    if not place.exists():
        return 0.0
    fields = (place / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + _indexing_seconds(pid)


def _indexing_seconds(pid: int) -> float:
    """What of it the processes used that it started and that are still there."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    return sum(processor_seconds(int(child)) for child in children)


def _attributes(random: Random, words: list[str], place: int) -> Iterator[tuple[str, str | int]]:
    yield "gen_ai.operation.name", "chat"
    yield "gen_ai.provider.name", "openai"
    yield "gen_ai.request.model", "gpt-5-mini"
    yield "gen_ai.usage.input_tokens", random.randrange(100, 9_000)
    yield "gen_ai.usage.output_tokens", random.randrange(10, 900)
    yield "step", place
    yield "gen_ai.input.messages", _message("user", _text(random, words, _INPUT))
    yield "gen_ai.output.messages", _message("assistant", _text(random, words, _OUTPUT))


def _message(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


def _text(random: Random, words: list[str], size: int) -> str:
    return " ".join(random.choices(words, k=size // 6))[:size]


def _put(attributes: object, key: str, value: str | int) -> None:
    pair = attributes.add(key=key)  # type: ignore[attr-defined]
    if isinstance(value, str):
        pair.value.string_value = value
    else:
        pair.value.int_value = value
