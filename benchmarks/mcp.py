"""How soon the MCP server on standard input and output is ready, and how long its tools take.

It is started again and again, in turn with a Python that does nothing, so that whatever else the machine does befalls
both. It is ready when it has answered the handshake; the first list of tools, which loads what they are made of, is
measured by itself. What each process used of the processor says more than the clock where others run beside it.
"""

import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.corpus import PROJECT, STREAMS, Corpus
from benchmarks.figures import Report, at_most
from benchmarks.indexing import fill
from benchmarks.latency import measure_latency

__all__ = ["measure_mcp"]

_ROUNDS = 15
_CALLS = 200
_HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "benchmark", "version": "1"}}

Ask = Callable[[str, Mapping[str, Any]], Any]


class _Start(NamedTuple):
    ready: float
    listed: float
    processor: float
    """Seconds, all of them; of the processor until the end."""


def measure_mcp(folder: Path, spans: int, report: Report) -> None:
    """Report the start and each tool; the folder is empty again when this returns."""
    nothing: list[_Start] = []
    starts: list[_Start] = []
    for _ in range(_ROUNDS):
        nothing.append(_nothing())
        starts.append(_start(folder / "empty"))
    ready = statistics.median(start.ready for start in starts)
    processor = statistics.median(start.processor for start in starts)
    bare = statistics.median(start.processor for start in nothing)
    report.add("mcp.ready.p50", ready * 1e3, "ms", at_most(300))
    report.add("mcp.ready.least", min(start.ready for start in starts) * 1e3, "ms")
    report.add("mcp.listed.p50", statistics.median(start.listed for start in starts) * 1e3, "ms")
    report.add("mcp.start.processor", processor * 1e3, "ms", at_most(300))
    report.add("mcp.start.processor.of_pass", processor / bare, "times")
    _measure_tools(folder, spans, report)


def _measure_tools(folder: Path, spans: int, report: Report) -> None:
    corpus = Corpus.make(folder / "corpus", spans)
    fill(folder / "asked", corpus.streams, spans // STREAMS)
    with _running(folder / "asked") as ask:
        found = _tool(ask, "search_sessions", limit=500, budget=100_000)["items"]
        sessions = [item["session"] for item in found]
        models = [
            item["span"]
            for session in sessions[:20]
            for item in _tool(ask, "get_session", session=session)["items"]
            if item["kind"] == "llm"
        ]
        questions: dict[str, list[dict[str, Any]]] = {
            "search_sessions": [{}],
            "get_session": [{"session": session} for session in sessions],
            "session_summary": [{"session": session} for session in sessions],
            "get_span": [{"span": span} for span in models],
            "get_context": [{"span": span} for span in models],
            "related_spans": [{"span": span, "relation": "siblings"} for span in models],
            "measures": [{"since": "2000-01-01", "by": ["model"]}],
        }
        for name, asked in questions.items():
            latency = measure_latency(_calls(ask, name, asked))
            report.add(f"mcp.{name}.p50", latency.p50, "ms")
            report.add(f"mcp.{name}.p99", latency.p99, "ms")
    for name in ("corpus", "asked"):
        shutil.rmtree(folder / name)


def _calls(ask: Ask, name: str, asked: list[dict[str, Any]]) -> Iterator[Callable[[], object]]:
    for number in range(_CALLS):
        arguments = asked[number % len(asked)]
        yield lambda arguments=arguments: _tool(ask, name, **arguments)  # type: ignore[misc]


def _tool(ask: Ask, name: str, **arguments: Any) -> Any:
    result = ask("tools/call", {"name": name, "arguments": {"project": PROJECT, **arguments}})
    text = result["content"][0]["text"]
    assert not result.get("isError"), text
    return json.loads(text)


def _nothing() -> _Start:
    before, began = _processor(), time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    took = time.perf_counter() - began
    return _Start(took, took, _processor() - before)


def _start(folder: Path) -> _Start:
    before, began = _processor(), time.perf_counter()
    with _running(folder) as ask:
        ask("initialize", _HANDSHAKE)
        ready = time.perf_counter() - began
    # Once more for the list of tools: what it takes is no part of being ready.
    used, again = _processor() - before, time.perf_counter()
    with _running(folder) as ask:
        ask("initialize", _HANDSHAKE)
        ask("tools/list", {})
        listed = time.perf_counter() - again
    return _Start(ready, listed, used)


@contextlib.contextmanager
def _running(folder: Path) -> Iterator[Ask]:
    command = [sys.executable, "-m", "agentreplay.cli", f"--db-path={folder}", "mcp"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=_variables()) as process:
        source, sink = process.stdout, process.stdin
        assert source is not None
        assert sink is not None

        def ask(method: str, params: Mapping[str, Any]) -> Any:
            sink.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
            sink.flush()
            return json.loads(source.readline())["result"]

        yield ask


def _variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AGENTREPLAY_")}


def _processor() -> float:
    """What the processes that ended used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
