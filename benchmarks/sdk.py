"""The SDK benchmark: what recording costs the program's own thread, beside what others take for the like.

Processor time of the calling thread is measured, in many short rounds in which each takes its turn. A processor that is
shared goes at two speeds, which change from second to second, so two figures are reported: what a round takes that
nobody disturbs, for which the quickest tenth of the rounds stands; and how much of an OpenTelemetry span of the same
turn it is, in the median. That stays the same whatever others do, and so has the budget: 15 µs for a span and 50 µs for
a call, set where OpenTelemetry's span takes 43 µs. What threads in the background use is reported beside it, as the
processor time of the whole process.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import vcr  # type: ignore[import-untyped]  # it comes without types
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

import agentreplay
from agentreplay.sdk.seams import SEAMS
from agentreplay.settings import Durability
from benchmarks.figures import Report, at_most

__all__ = ["cost", "measure_sdk"]

_ROUNDS = 60
_CALLS = 50
_TURNS = 600
_IN_TURN = 64
"""So many calls are one turn: as many spans are written together, so that each turn pays for what it leaves behind."""
_PAUSE = 0.005
_PEER = 43
"""Microseconds of an OpenTelemetry span where the budgets were set."""
_MANY = 2_000
"""So many spans that it does not show where the last of them are written."""
_STARTS = 15
_BODY = b'{"answer": "Order 7 ships on Friday."}'


def cost(call: Callable[[int], object], *, calls: int = _CALLS, rounds: int = _ROUNDS) -> float:
    """The processor time of this thread for one call, in microseconds: the median over the rounds."""
    found: list[float] = []
    for number in range(rounds + 2):
        before = time.thread_time_ns()
        for place in range(calls):
            call(number * calls + place)
        found.append((time.thread_time_ns() - before) / calls / 1e3)
    # The first rounds open files and fill caches.
    return statistics.median(found[2:])


def _cost_in_all(
    call: Callable[[int], object], finish: Callable[[], object] = lambda: None, *, rounds: int = 15
) -> float:
    """The processor time of all threads for one call until nothing is left to do, in microseconds: the median."""
    found: list[float] = []
    for _ in range(rounds):
        before = time.process_time_ns()
        for place in range(_MANY):
            call(place)
        finish()
        found.append((time.process_time_ns() - before) / _MANY / 1e3)
    return statistics.median(found)


def measure_sdk(folder: Path, report: Report) -> None:
    """Measure everything and report it."""
    _measure_import(report)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(_Nowhere()))
    peer = _opentelemetry(provider)
    with _recording(folder / "process", "process"):
        _report_turns(report, _in_turns(peer, _span, _call))
        report.add("sdk.span.every_thread", _cost_in_all(_span), "us")
    every_thread = _cost_in_all(peer, provider.force_flush)
    report.add("sdk.span.opentelemetry.every_thread", every_thread, "us")
    with _recording(folder / "power", "power"):
        _measure_power(report)
    _measure_http(folder, report)


def _in_turns(*calls: Callable[[int], object]) -> list[list[float]]:
    """What each of the calls takes, turn by turn, in microseconds."""
    turns: list[list[float]] = []
    for _ in range(_TURNS):
        time.sleep(_PAUSE)
        turns.append([_one_round(call) for call in calls])
    return turns


def _one_round(call: Callable[[int], object]) -> float:
    before = time.thread_time_ns()
    for place in range(_IN_TURN):
        call(place)
    return (time.thread_time_ns() - before) / _IN_TURN / 1e3


def _report_turns(report: Report, turns: list[list[float]]) -> None:
    # Where the peer takes longer than where the budgets were set, we may take as much longer.
    slower = max(1.0, statistics.median(turn[0] for turn in turns) / _PEER)
    for place, (name, most) in enumerate((("span.opentelemetry", None), ("span", 15), ("call.process", 50))):
        taken = sorted(turn[place] for turn in turns)
        report.add(f"sdk.{name}", taken[len(taken) // 10], "us")
        budget = at_most(round(most * slower, 1)) if most else None
        report.add(f"sdk.{name}.median", statistics.median(taken), "us", budget)
        if most:
            ratio = statistics.median(turn[place] / turn[0] for turn in turns)
            report.add(f"sdk.{name}.in_opentelemetry_spans", ratio, "x")


def _measure_import(report: Report) -> None:
    base = _start_up("pass")
    report.add("sdk.import", _start_up("import agentreplay") - base, "ms", at_most(40))
    report.add("sdk.import.first_use", _start_up("import agentreplay; agentreplay.session") - base, "ms")


def _start_up(program: str) -> float:
    """The processor time of a process, in milliseconds; the least of many, because nothing makes it less.

    Modules are compiled already, as where they were installed.
    """
    least = float("inf")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    told = f"{program}\nimport time; print(time.process_time_ns())"
    for _ in range(_STARTS):
        done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, env=environment)
        least = min(least, int(done.stdout) / 1e6)
    return least


@contextmanager
def _recording(folder: Path, durability: Durability) -> Iterator[None]:
    agentreplay.init(db_path=folder, durability=durability)
    with agentreplay.session("benchmark"):
        yield


def _measure_power(report: Report) -> None:
    """Whoever waits for a disk uses no processor, so here the time on the wall counts."""
    taken: list[int] = []
    for number in range(400):
        before = time.perf_counter_ns()
        _call(number)
        taken.append(time.perf_counter_ns() - before)
    report.add("sdk.call.power", statistics.median(taken) / 1e3, "us", at_most(1_000))


def _bare(number: int) -> dict[str, str]:
    return {"order": str(number), "status": "shipped"}


_call = agentreplay.tool("lookup_order")(_bare)


def _span(number: int) -> None:
    with agentreplay.span("plan", iteration=number, goal="answer"):
        pass


class _Nowhere(SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        del spans
        return SpanExportResult.SUCCESS


def _opentelemetry(provider: TracerProvider) -> Callable[[int], None]:
    tracer = provider.get_tracer("benchmark")

    def span(number: int) -> None:
        with tracer.start_as_current_span("plan", attributes={"iteration": number, "goal": "answer"}):
            pass

    return span


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the base class calls it so
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(_BODY)))
        self.end_headers()
        self.wfile.write(_BODY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class calls it so
        """Say nothing."""


def _measure_http(folder: Path, report: Report) -> None:
    """One request over the loopback: bare, recorded by us, recorded by vcrpy."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"

    def ask(number: int) -> bytes:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        connection.request("GET", f"/orders/{number}")
        found = connection.getresponse().read()
        connection.close()
        return found

    bare = cost(ask, calls=10, rounds=20)
    report.add("sdk.http.bare", bare, "us")
    with tempfile.TemporaryDirectory(dir=folder) as place, vcr.use_cassette(f"{place}/tape.yaml", record_mode="all"):
        report.add("sdk.http.vcrpy", cost(ask, calls=10, rounds=20) - bare, "us")
    if (Path(agentreplay.__file__).parent / "sdk" / "seams" / f"{SEAMS['http.client']}.py").exists():
        with _recording(folder / "http", "process"):
            report.add("sdk.http.agentreplay", cost(ask, calls=10, rounds=20) - bare, "us")
    server.shutdown()
