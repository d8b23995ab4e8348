"""How long the server takes to answer over HTTP when its store holds a million spans.

The corpus of the store's benchmark is drained into a store, a server is started over it, and one client asks it one
question after the other over one connection: what a page of the web UI asks for.
"""

import http.client
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from agentreplay.model.time import DAY
from benchmarks.corpus import PROJECT, SPANS_A_DAY, START, STREAMS, Corpus, Probe
from benchmarks.figures import Budget, Report, at_most
from benchmarks.indexing import fill
from benchmarks.latency import measure_latency
from benchmarks.otlp import Server, running
from benchmarks.processes import apart

__all__ = ["measure_answers"]

_ASKED = 500
_BUDGETS: dict[str, Budget] = {
    "trace": at_most(3),
    "newest_100": at_most(5),
    "sessions_50": at_most(5),
    "children": at_most(3),
    "by_attribute": at_most(20),
    "p95_by_model": at_most(10),
}
"""For the median of each question, in milliseconds."""

_Calls = Iterator[Callable[[], object]]


def measure_answers(folder: Path, spans: int, report: Report) -> None:
    """Report how long each question takes; the folder is empty again when this returns."""
    corpus = Corpus.make(folder / "corpus", spans)
    fill(folder / "asked", corpus.streams, spans // STREAMS)
    with running(folder / "asked") as server:
        found = apart(_ask_all, server, corpus.probes(spans), spans)
    for name, (p50, p99) in found.items():
        report.add(f"answers.{name}.p50", p50, "ms", _BUDGETS[name])
        report.add(f"answers.{name}.p99", p99, "ms")
    for name in ("corpus", "asked"):
        shutil.rmtree(folder / name)


def _ask_all(server: Server, probes: list[Probe], spans: int) -> dict[str, tuple[float, float]]:
    client = http.client.HTTPConnection("127.0.0.1", server.http, timeout=60)
    found: dict[str, tuple[float, float]] = {}
    for name, calls in _questions(partial(_ask, client), probes, spans).items():
        latency = measure_latency(calls)
        assert latency.items >= 1, f"nothing was found by {name}"
        found[name] = (latency.p50, latency.p99)
    client.close()
    return found


def _questions(ask: Callable[..., list[Any]], probes: list[Probe], spans: int) -> dict[str, _Calls]:
    some = partial(islice, probes, _ASKED)
    parents = [probe for probe in probes if probe.kind in {"agent", "step"}]
    named = [probe.attribute for probe in probes if probe.attribute is not None]
    days = max(1, spans // SPANS_A_DAY)
    return {
        "trace": (partial(ask, f"traces/{probe.key.trace_id}") for probe in some()),
        "newest_100": (partial(ask, "spans", limit=100) for _ in range(_ASKED)),
        "sessions_50": (partial(ask, "sessions", limit=50) for _ in range(_ASKED)),
        "children": (
            partial(ask, f"spans/{probe.key.trace_id}/{probe.key.span_id}/children")
            for probe in islice(parents, _ASKED)
        ),
        "by_attribute": (
            partial(ask, "spans", limit=100, q=f"attr.{key}={json.dumps(value)}")
            for key, value in islice(named, _ASKED)
        ),
        "p95_by_model": (
            partial(ask, "measures", since=START + day * DAY, until=START + (day + 1) * DAY, by="model")
            for day in [number % days for number in range(_ASKED)]
        ),
    }


def _ask(client: http.client.HTTPConnection, path: str, **query: object) -> list[Any]:
    client.request("GET", f"/api/v1/{path}?{urlencode({'project': PROJECT, **query})}")
    answer = client.getresponse()
    body = msgspec.json.decode(answer.read())
    assert answer.status == 200, body
    items: list[Any] = body["items"]
    return items
