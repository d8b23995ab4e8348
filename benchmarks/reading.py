"""How long the store takes to answer, asked in process by somebody who just opened it."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from agentreplay.model.measure import MeasureQuery
from agentreplay.model.page import Cursor, PageRequest
from agentreplay.model.query import Attribute, SessionFilter, SpanFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.time import DAY, MINUTE, Nanoseconds
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store
from benchmarks.corpus import PROJECT, START, Probe, grouped, one_session
from benchmarks.figures import Budget, Report, at_most
from benchmarks.latency import Latency, measure_latency
from benchmarks.processes import apart
from benchmarks.source import TENANT

__all__ = ["ask_all", "measure_tree", "report_growth", "report_latencies"]

_PROBES = 2_000
_FEWER = 300
_PREFIX = 20
"""As many letters of an id as somebody may copy."""
_COMMON_WORDS = ("the", "file", "use", "test", "you", "project", "value", "this")
_TREE_SPANS = 100_000

_BUDGETS: dict[str, Budget] = {
    "span": at_most(0.05),
    "newest_100": at_most(0.5),
    "sessions_50": at_most(0.3),
    "children": at_most(0.1),
    "ancestors": at_most(0.1),
    "day_p95_by_model": at_most(5),
}
"""The questions with a budget for their median, in milliseconds; they may not grow with the store either."""

_GROWTH = at_most(1.5)

Calls = Iterator[Callable[[], object]]


def ask_all(folder: Path, probes: list[Probe], spans: int) -> dict[str, Latency]:
    """Put all questions to a store of so many spans, in a fresh process."""
    return apart(_ask_all, folder, probes, spans)


def report_latencies(report: Report, rounds: Sequence[dict[str, Latency]]) -> None:
    """Report what is usual of each question in several rounds, those with a budget first."""
    for name in (*_BUDGETS, *(name for name in rounds[0] if name not in _BUDGETS)):
        report.add(f"store.read.{name}.p50", median(found[name].p50 for found in rounds), "ms", _BUDGETS.get(name))
        report.add(f"store.read.{name}.p99", median(found[name].p99 for found in rounds), "ms")


def report_growth(report: Report, rounds: Sequence[tuple[dict[str, Latency], dict[str, Latency]]]) -> None:
    """Report how many times longer a question takes in a store ten times as large, of which each round asks both."""
    for name in _BUDGETS:
        growth = median(large[name].p50 / small[name].p50 for small, large in rounds)
        report.add(f"store.growth.{name}", growth, "x", _GROWTH)


def measure_tree(folder: Path, report: Report, spans: int = _TREE_SPANS) -> None:
    """Report how long a session of so many spans takes to read as light rows."""
    key = apart(_write_tree, folder, spans)
    seconds = apart(_read_tree, folder, key, spans)
    report.add("store.tree_100k", seconds * 1e3, "ms", at_most(400))


def _ask_all(folder: Path, probes: list[Probe], spans: int) -> dict[str, Latency]:
    _bring_to_memory(folder)
    store = open_store(str(folder))
    try:
        return {name: measure_latency(calls) for name, calls in _questions(store, probes, spans).items()}
    finally:
        store.close()


def _bring_to_memory(folder: Path) -> None:
    """Read what was written a moment ago, as some machines take files out of memory when they rest.

    How far the questions reach into the disk is the store's, how long a disk takes is not.
    """
    for path in folder.iterdir():
        if path.is_file():
            with path.open("rb") as file:
                while file.read(1 << 20):
                    pass


def _questions(store: Store, probes: list[Probe], spans: int) -> dict[str, Calls]:
    here = SpanFilter(tenant=TENANT, project=PROJECT)
    fifty, hundred = PageRequest(limit=50), PageRequest(limit=100)
    sessions = SessionFilter(tenant=TENANT, project=PROJECT)
    find = store.spans.find
    some = partial(islice, probes)

    narrowed = partial(replace, here)
    return {
        "span": (partial(store.spans.get, probe.key) for probe in some(_PROBES)),
        "newest_100": (partial(find, here, hundred) for _ in range(_PROBES)),
        "sessions_50": (partial(store.sessions.find, sessions, fifty) for _ in range(_PROBES)),
        "children": (
            partial(store.spans.children, probe.key)
            for probe in islice((probe for probe in probes if probe.kind in {"agent", "step"}), _PROBES)
        ),
        "ancestors": (
            partial(store.spans.ancestors, probe.key)
            for probe in islice((probe for probe in probes if probe.kind != "agent"), _PROBES)
        ),
        "day_p95_by_model": _days(store, spans),
        "day_p95_by_model_and_hour": _hours(store, spans),
        "any_24_hours_by_model": (
            partial(store.measure, _measures(_minute(probe.start) - DAY)) for probe in some(_FEWER)
        ),
        "newest_100_before": (partial(find, narrowed(until=probe.start), hundred) for probe in some(_PROBES)),
        "newest_100_of_tenant": (partial(find, SpanFilter(tenant=TENANT), hundred) for _ in range(_FEWER)),
        "sessions_50_page_by_page": _pages(store, sessions),
        "sessions_50_of_tenant": (
            partial(store.sessions.find, SessionFilter(tenant=TENANT), fifty) for _ in range(_FEWER)
        ),
        "sessions_50_by_tool": (
            partial(store.sessions.find, replace(sessions, tool=probe.tool), fifty)
            for probe in islice((probe for probe in probes if probe.tool), _FEWER)
        ),
        "session_by_prefix": (
            partial(store.sessions.find, replace(sessions, prefix=probe.session.session[:_PREFIX].lower()), fifty)
            for probe in some(_FEWER)
        ),
        "forks": (
            partial(store.sessions.find, replace(sessions, origin=probe.session.session), fifty)
            for probe in some(_FEWER)
        ),
        "session": (partial(store.sessions.get, probe.session) for probe in some(_PROBES)),
        "spans_of_session": (partial(store.spans.read, probe.session) for probe in some(_PROBES)),
        "descendants": (
            partial(store.spans.descendants, probe.key)
            for probe in islice((probe for probe in probes if probe.kind == "agent"), _FEWER)
        ),
        "content": _contents(store, probes),
        "context": _contexts(store, probes),
        "by_tool": (
            partial(find, narrowed(tool=probe.tool), fifty)
            for probe in islice((probe for probe in probes if probe.tool), _FEWER)
        ),
        "by_name": (partial(find, narrowed(name=probe.name), fifty) for probe in some(_FEWER)),
        "by_kind_and_status": (
            partial(find, narrowed(kind=probe.kind, status="error"), fifty) for probe in some(_FEWER)
        ),
        "by_attribute": (
            partial(find, narrowed(attribute=Attribute(*probe.attribute)), fifty)
            for probe in some(_FEWER)
            if probe.attribute
        ),
        "search_rare": (
            partial(store.spans.search, word, here)
            for word in islice((probe.word for probe in probes if probe.word), _FEWER)
        ),
        "search_common": (partial(store.spans.search, word, here) for word in _COMMON_WORDS * 5),
    }


def _measures(since: int, until: int | None = None) -> MeasureQuery:
    end = Nanoseconds(since + DAY if until is None else until)
    return MeasureQuery(tenant=TENANT, project=PROJECT, since=Nanoseconds(since), until=end, by=("model",))


def _minute(time_: int) -> int:
    return time_ // MINUTE * MINUTE


def _days(store: Store, spans: int) -> Calls:
    days = _whole_days(spans)
    return (partial(store.measure, _measures(START + number % days * DAY)) for number in range(_PROBES))


def _hours(store: Store, spans: int) -> Calls:
    days = _whole_days(spans)
    for number in range(_FEWER):
        since = Nanoseconds(START + number % days * DAY)
        until = Nanoseconds(since + DAY)
        query = MeasureQuery(tenant=TENANT, project=PROJECT, since=since, until=until, grain="hour", by=("model",))
        yield partial(store.measure, query)


def _whole_days(spans: int) -> int:
    return max(1, spans // 333_000)


def _pages(store: Store, where: SessionFilter) -> Calls:
    """From the newest to the oldest."""
    after: list[Cursor | None] = [None]

    def turn() -> object:
        page = store.sessions.find(where, PageRequest(limit=50, after=after[0]))
        after[0] = page.next
        return page

    return (turn for _ in range(_PROBES))


def _contents(store: Store, probes: list[Probe]) -> Calls:
    for probe in islice(probes, _FEWER):
        span = store.spans.get(probe.key)
        if span is not None and span.kept:
            yield partial(store.contents.get, TENANT, span.kept[-1].hash)


def _contexts(store: Store, probes: list[Probe]) -> Calls:
    for probe in islice((probe for probe in probes if probe.kind == "llm"), _FEWER):
        span = store.spans.get(probe.key)
        if span is not None and span.context is not None:
            yield partial(store.contexts.read, TENANT, span.context.id)


def _write_tree(folder: Path, spans: int) -> SessionKey:
    writer = JournalWriter(folder)
    key = None
    for batch in grouped(one_session(spans), 500):
        (span, *_) = batch.spans
        key = SessionKey(span.tenant, span.project, span.session)
        writer.append(batch)
    writer.close()
    store = open_store(str(folder))
    while store.drain().bytes:
        pass
    store.close()
    assert key is not None
    return key


def _read_tree(folder: Path, key: SessionKey, spans: int) -> float:
    store = open_store(str(folder))
    times = []
    for _ in range(5):
        before = time.perf_counter()
        rows = store.spans.read(key)
        times.append(time.perf_counter() - before)
        assert len(rows) == spans
        del rows
    store.close()
    return median(times)
