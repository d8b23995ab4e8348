"""A transaction is whole or nothing, and what SQLite and the system complain about becomes one of our errors."""

import contextlib
import errno
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from agentreplay.errors import (
    AgentReplayError,
    DiskFailing,
    NotAStore,
    StoreBusy,
    StoreDamaged,
    StoreFull,
    StoreReadOnly,
)
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite import chunks, indexer
from agentreplay.store.sqlite.apply import Applier
from agentreplay.store.sqlite.connection import connect, create
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.transactions import DATABASE, explained, translated, writing
from agentreplay.store.sqlite.worker import Worker
from agentreplay.testing import Maker, batch_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create(tmp_path)
    return tmp_path


@pytest.fixture
def connection(folder: Path) -> Iterator[apsw.Connection]:
    with closing(connect(folder)) as opened:
        yield opened


def put(connection: apsw.Connection, key: str) -> None:
    connection.execute("INSERT INTO meta (key, value) VALUES (?, 1)", (key,))


def has(connection: apsw.Connection, key: str) -> bool:
    return connection.execute("SELECT 1 FROM meta WHERE key = ?", (key,)).get is not None


def test_what_is_written_together_is_kept_together(connection: apsw.Connection, folder: Path) -> None:
    with writing(connection, folder):
        put(connection, "one")
        put(connection, "other")

    assert has(connection, "one")
    assert has(connection, "other")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_fails_in_the_middle_leaves_nothing(
    error: type[BaseException], connection: apsw.Connection, folder: Path
) -> None:
    def fail_in_the_middle() -> None:
        with writing(connection, folder):
            put(connection, "one")
            raise error

    with pytest.raises(error):
        fail_in_the_middle()

    assert not has(connection, "one")
    assert not connection.in_transaction


def test_a_durable_transaction_is_synced_and_the_next_one_need_not_be(
    connection: apsw.Connection, folder: Path
) -> None:
    full, normal = 2, 1

    with writing(connection, folder, durable=True):
        assert connection.pragma("synchronous") == full
    assert connection.pragma("synchronous") == normal

    with contextlib.suppress(ValueError), writing(connection, folder, durable=True):
        raise ValueError
    assert connection.pragma("synchronous") == normal


def test_a_durable_transaction_that_changes_nothing_makes_durable_what_came_before(
    connection: apsw.Connection, folder: Path
) -> None:
    """SQLite syncs its log when it writes to it, and only then."""
    log = folder / f"{DATABASE}-wal"
    put(connection, "before")
    size = log.stat().st_size

    with writing(connection, folder, durable=True):
        pass

    assert log.stat().st_size > size


def test_a_second_writer_waits_and_then_gives_up(connection: apsw.Connection, folder: Path) -> None:
    with closing(connect(folder)) as other:
        other.set_busy_timeout(20)

        with writing(connection, folder), pytest.raises(StoreBusy, match=r"agentreplay\.db"), writing(other, folder):
            pass


def test_a_database_without_room_says_so_and_goes_on_when_there_is_room(
    connection: apsw.Connection, folder: Path
) -> None:
    pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages)

    with pytest.raises(StoreFull), writing(connection, folder):
        connection.execute("INSERT INTO body (id, data) VALUES (1, zeroblob(100000))")

    connection.pragma("max_page_count", pages + 100)
    with writing(connection, folder):
        connection.execute("INSERT INTO body (id, data) VALUES (1, zeroblob(100000))")
    assert connection.pragma("integrity_check") == "ok"


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (apsw.FullError, StoreFull),
        (apsw.BusyError, StoreBusy),
        (apsw.LockedError, StoreBusy),
        (apsw.ReadOnlyError, StoreReadOnly),
        (apsw.CantOpenError, StoreReadOnly),
        (apsw.PermissionsError, StoreReadOnly),
        (apsw.NotADBError, NotAStore),
        (apsw.CorruptError, StoreDamaged),
        (apsw.IOError, DiskFailing),
        (apsw.SQLError, StoreDamaged),
    ],
)
def test_an_error_of_sqlite_becomes_ours_and_keeps_its_cause(
    foreign: type[apsw.Error], ours: type[AgentReplayError], tmp_path: Path
) -> None:
    with pytest.raises(ours) as caught, translated(tmp_path):
        raise foreign("what happened")

    assert isinstance(caught.value.__cause__, foreign)
    assert str(tmp_path) in caught.value.message


@pytest.mark.parametrize(
    ("number", "ours"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EROFS, StoreReadOnly),
        (errno.EACCES, StoreReadOnly),
        (errno.EIO, DiskFailing),
    ],
)
def test_an_error_of_the_disk_becomes_ours(number: int, ours: type[AgentReplayError], tmp_path: Path) -> None:
    with pytest.raises(ours) as caught, translated(tmp_path):
        raise OSError(number, os.strerror(number))

    assert str(tmp_path) in caught.value.message


def test_an_error_that_has_nothing_to_do_with_the_disk_stays_what_it_is(tmp_path: Path) -> None:
    assert explained(OSError(errno.ECONNRESET, "elsewhere"), tmp_path) is None
    with pytest.raises(BrokenPipeError), translated(tmp_path):
        raise BrokenPipeError(errno.EPIPE, "the progress was told to nobody")


@pytest.mark.parametrize(
    ("longest", "are_there", "commits"),
    [(60.0, True, 1), (0.0, True, 6), (60.0, False, 6)],
    ids=["all there", "for no longer", "each to be made"],
)
def test_some_chunks_share_a_transaction(
    folder: Path, make: Maker, monkeypatch: pytest.MonkeyPatch, *, longest: float, are_there: bool, commits: int
) -> None:
    """What is written again and again is written once for all of them; but nobody is kept out for long."""
    monkeypatch.setattr(Worker, "is_ready", are_there)
    monkeypatch.setattr(indexer, "_LONGEST", longest)
    monkeypatch.setattr(chunks, "_SPANS", 1)
    begun: list[object] = []

    def counted(*given: Any, **named: Any) -> Any:
        if not named:
            begun.append(given)
        return writing(*given, **named)

    with closing(JournalWriter(folder)) as writer:
        for _ in range(6):
            writer.append(batch_of(make.span()))
        with closing(SqliteStore(folder)) as store:
            monkeypatch.setattr(indexer, "writing", counted)
            seen: list[tuple[int, int]] = []
            store.drain(lambda done, total: seen.append((done, total)))

            assert store.statistics().spans == 6
    assert len(begun) == commits
    assert len(seen) == 6
    assert seen == sorted(seen)


def test_a_chunk_that_fails_takes_none_before_it_along_for_good(
    folder: Path, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of its transaction are indexed by the next drain."""
    monkeypatch.setattr(chunks, "_SPANS", 1)
    monkeypatch.setattr(Worker, "is_ready", True)
    apply, applied = Applier.apply, list[object]()

    def third_fails(applier: Applier, prepared: Any) -> None:
        applied.append(prepared)
        if len(applied) == 3:
            raise MemoryError
        apply(applier, prepared)

    monkeypatch.setattr(Applier, "apply", third_fails)
    with closing(JournalWriter(folder)) as writer:
        for _ in range(5):
            writer.append(batch_of(make.span()))
        with closing(SqliteStore(folder)) as store:
            with pytest.raises(MemoryError):
                store.drain()
            assert store.statistics().spans == 0

            store.drain()

            assert store.statistics().spans == 5
