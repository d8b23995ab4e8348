"""Processes that use one store at the same time: some write, some read, some drain until they are killed."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from agentreplay.model.ids import Position, SpanId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite import indexer
from agentreplay.store.sqlite.store import SqliteStore
from tests.evidence import TENANT, Story
from tests.store.observation import measures

__all__ = ["Report", "drain", "read", "record", "write"]

PAUSE = 0.03
LONGEST = 240.0


class Report(msgspec.Struct):
    """What a process has to say at its end."""

    problem: str = ""
    batches: int = 0
    """Acknowledged."""
    seen: set[SpanId] = set()
    """The spans of the change feed up to a position."""
    position: Position = Position(0)
    rounds: int = 0


def write(pipe: Connection, folder: Path, seed: int, over: Path) -> None:
    """Append through a store, and see what was appended after draining."""
    with told(pipe) as report, closing(SqliteStore(folder)) as store:
        story, random = Story(seed), Random(seed)
        for number in until(over):
            store.append(story.batch(number))
            report.batches += 1
            if random.randrange(10) == 0:
                store.drain()
                marker = story.marker(random.randrange(number + 1))
                assert store.spans.get(marker.key) is not None, "what was drained can be seen"
            pause(random)


def record(pipe: Connection, folder: Path, seed: int, over: Path) -> None:
    """Append as a recorder does, which never opens the database; a journal ends now and then."""
    with told(pipe) as report, closing(JournalWriter(folder, "power" if seed % 2 else "process")) as journal:
        story, random = Story(seed), Random(seed)
        for number in until(over):
            journal.append(story.batch(number))
            report.batches += 1
            if random.randrange(20) == 0:
                journal.close()
            pause(random)


def read(pipe: Connection, folder: Path, seed: int, over: Path) -> None:
    """Ask whatever can be asked, and follow the changes."""
    with told(pipe) as report, closing(SqliteStore(folder)) as store:
        random = Random(seed)
        for _ in until(over):
            report.rounds += 1
            if random.randrange(3) == 0:
                store.drain()
            changes = store.changes(report.position, 500)
            report.seen |= {change.span.span_id for change in changes.items if change.span is not None}
            report.position = changes.position
            sessions = store.sessions.find(SessionFilter(tenant=TENANT), PageRequest(limit=5)).items
            for row in sessions:
                spans = store.spans.read(row.session.key)
                assert [span.seq for span in spans] == list(range(1, len(spans) + 1))
                assert len(spans) >= row.summary.spans, "a session never shrinks here"
            for span in store.spans.find(SpanFilter(tenant=TENANT, kind="llm"), PageRequest(limit=3)).items:
                whole = store.spans.get(span.key)
                assert whole is not None
                assert all(store.contents.get(TENANT, kept.hash) is not None for kept in whole.kept)
            found = measures(store, TENANT)
            assert sum(measure.spans for measure in found) <= store.statistics().spans
            store.spans.search("question", SpanFilter(tenant=TENANT), PageRequest(limit=3))
            pause(random)


def drain(pipe: Connection, folder: Path, seed: int, over: Path) -> None:
    """Drain, now and then with a second process, until killed."""
    with told(pipe) as report, closing(SqliteStore(folder)) as store:
        for _ in until(over):
            indexer._WORTH_A_PROCESS = 0 if seed % 4 == 0 else 1 << 40
            store.drain()
            report.rounds += 1
            time.sleep(0.001)


@contextmanager
def told(pipe: Connection) -> Any:
    report = Report()
    try:
        yield report
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test must hear of it
        report.problem = f"{type(error).__name__}: {error}"
    pipe.send_bytes(msgspec.msgpack.encode(report))


def until(over: Path) -> Iterator[int]:
    """Counts, at least once, until this file is there or nobody can be waiting any more.

    A file, because a lock that processes share stays locked when its holder is killed.
    """
    end = time.monotonic() + LONGEST
    for number in count():
        yield number
        if over.exists() or time.monotonic() > end:
            return


def pause(random: Random) -> None:
    time.sleep(random.uniform(0, 2 * PAUSE))


Role = Callable[[Connection, Path, int, Path], None]
