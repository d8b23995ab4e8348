"""A store of an older format is brought up to ours by all steps together, once, or not at all."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import apsw
import pytest

from agentreplay.errors import FormatTooNew, StoreDamaged
from agentreplay.store.sqlite import connection as module
from agentreplay.store.sqlite.connection import FORMAT, connect, create
from agentreplay.store.sqlite.migrate import migrate, migrations
from agentreplay.store.sqlite.transactions import database_of, writing

STEPS = {
    FORMAT + 1: "CREATE TABLE first (a); INSERT INTO first VALUES (1) RETURNING a; INSERT INTO first VALUES (2)",
    FORMAT + 2: "CREATE TABLE second AS SELECT a + 1 AS a FROM first",
}
NEWEST = FORMAT + 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create(tmp_path)
    return tmp_path


@contextmanager
def opened(folder: Path) -> Iterator[apsw.Connection]:
    with closing(apsw.Connection(str(database_of(folder)))) as connection:
        connection.set_busy_timeout(10_000)
        yield connection


def tables(folder: Path) -> set[str]:
    with opened(folder) as connection:
        rows = connection.execute("SELECT name FROM sqlite_schema WHERE name IN ('first', 'second')")
        return {str(name) for (name,) in rows}


def format_of(folder: Path) -> int:
    with opened(folder) as connection:
        return int(connection.pragma("user_version"))


def test_all_steps_are_taken_in_order(folder: Path) -> None:
    with opened(folder) as connection:
        migrate(connection, folder, NEWEST, STEPS)

        assert connection.execute("SELECT a FROM second ORDER BY a").fetchall() == [(2,), (3,)]
    assert format_of(folder) == NEWEST


def test_a_step_that_fails_takes_the_others_back(folder: Path) -> None:
    broken = STEPS | {NEWEST: "CREATE TABLE second (a); INSERT INTO nowhere VALUES (1)"}

    with opened(folder) as connection, pytest.raises(StoreDamaged, match="nowhere"):
        migrate(connection, folder, NEWEST, broken)

    assert (format_of(folder), tables(folder)) == (FORMAT, set())


def test_a_process_that_dies_in_the_middle_changes_nothing(folder: Path) -> None:
    with opened(folder) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(STEPS[FORMAT + 1]).fetchall()
        connection.cache_flush()

    with opened(folder) as connection:
        migrate(connection, folder, NEWEST, STEPS)
    assert format_of(folder) == NEWEST


def test_of_two_that_try_at_once_one_does_it(folder: Path) -> None:
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            with opened(folder) as connection:
                migrate(connection, folder, NEWEST, STEPS)
        except BaseException as error:  # noqa: BLE001 - told by the test
            errors.append(error)

    threads = [Thread(target=attempt) for _ in range(4)]
    with opened(folder) as connection, writing(connection, folder):
        for thread in threads:
            thread.start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()

    assert errors == []
    assert format_of(folder) == NEWEST


def test_what_a_newer_version_did_meanwhile_is_not_taken_back(folder: Path) -> None:
    with opened(folder) as connection:
        connection.pragma("user_version", NEWEST + 5)

        migrate(connection, folder, NEWEST, STEPS)

    assert (format_of(folder), tables(folder)) == (NEWEST + 5, set())


def test_opening_a_store_brings_it_up_to_date(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORMAT", NEWEST)
    monkeypatch.setattr(module, "migrations", lambda: STEPS)

    connect(folder).close()

    assert format_of(folder) == NEWEST
    assert tables(folder) == {"first", "second"}


def test_opening_a_store_that_became_too_new_meanwhile_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(connection: apsw.Connection, *_: object) -> None:
        connection.pragma("user_version", NEWEST + 5)

    monkeypatch.setattr(module, "FORMAT", NEWEST)
    monkeypatch.setattr(module, "migrate", overtaken)

    with pytest.raises(FormatTooNew):
        connect(folder)


def test_there_is_a_step_to_each_format_but_the_first() -> None:
    assert sorted(migrations()) == list(range(2, FORMAT + 1))
