"""A database is made whole or not at all, and what is not ours, too new or damaged is refused and left alone."""

import stat
from collections.abc import Iterable
from contextlib import closing
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Thread

import apsw
import pytest

from agentreplay.errors import AgentReplayError, FormatTooNew, NotAStore, StoreBusy, StoreDamaged, StoreReadOnly
from agentreplay.store.registry import open_store
from agentreplay.store.sqlite import connection as module
from agentreplay.store.sqlite.connection import FORMAT, connect, create
from agentreplay.store.sqlite.lock import LOCK, locked
from agentreplay.store.sqlite.transactions import DATABASE, database_of
from agentreplay.testing import Maker, batch_of
from tests.doomed import context
from tests.store.observation import append


def listing(folder: Path) -> dict[str, bytes]:
    """All files with what is in them, except for the lock and for the index of the log, which is no data."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and path.name != LOCK and not path.name.endswith("-shm")
    }


def change(folder: Path, statement: str) -> None:
    with closing(apsw.Connection(str(database_of(folder)))) as connection:
        connection.execute(statement).fetchall()


def test_a_new_store_is_private_and_alone_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"

    create(folder)

    assert set(listing(folder)) == {DATABASE}
    assert stat.S_IMODE(database_of(folder).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_store_is_made_once(tmp_path: Path) -> None:
    create(tmp_path)
    before = listing(tmp_path)

    create(tmp_path)

    assert listing(tmp_path) == before


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    database_of(tmp_path).touch()

    create(tmp_path)

    connect(tmp_path).close()


def test_a_process_that_died_while_making_a_store_leaves_nothing_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "_APPLICATION_ID", b"not a number")
        with pytest.raises(AgentReplayError):
            create(tmp_path)
    (tmp_path / "agentreplay.new").write_bytes(b"half a database")
    (tmp_path / "agentreplay.new-journal").write_bytes(b"half a journal")
    assert not database_of(tmp_path).exists()

    create(tmp_path)

    connect(tmp_path).close()
    assert set(listing(tmp_path)) == {DATABASE}


def test_a_log_left_behind_by_a_database_that_was_removed_is_not_taken_over(make: Maker, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    append(store, batch_of(make.span()))
    log = tmp_path / f"{DATABASE}-wal"
    left_behind = log.read_bytes()
    store.close()
    assert left_behind
    database_of(tmp_path).unlink()
    log.write_bytes(left_behind)

    with closing(open_store(tmp_path)) as fresh:
        assert fresh.statistics().spans == 0


def test_threads_that_make_a_store_at_once_make_one(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            create(tmp_path)
            connect(tmp_path).close()
        except BaseException as error:  # noqa: BLE001 - told by the test
            errors.append(error)

    threads = [Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []


def open_and_say(folder: Path, barrier: Barrier, said: "Queue[str]") -> None:
    barrier.wait()
    try:
        open_store(folder).close()
    except BaseException as error:  # noqa: BLE001 - told by the test
        said.put(repr(error))
    else:
        said.put("")


def test_processes_that_open_a_new_store_at_once_all_succeed(tmp_path: Path) -> None:
    methods = context()
    barrier, said = methods.Barrier(6), methods.Queue()
    processes = [methods.Process(target=open_and_say, args=(tmp_path, barrier, said)) for _ in range(6)]

    for process in processes:
        process.start()
    answers = [said.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()

    assert answers == [""] * 6


def test_a_store_is_not_made_while_another_process_is_at_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.02)

    with locked(tmp_path), pytest.raises(StoreBusy):
        create(tmp_path)

    create(tmp_path)


def test_a_store_cannot_be_made_where_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreReadOnly):
        create(tmp_path / "file" / "store")


def test_a_store_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreReadOnly):
        connect(tmp_path)
    assert listing(tmp_path) == {}


def test_a_store_of_a_newer_format_is_refused_with_the_version_that_reads_it(tmp_path: Path) -> None:
    create(tmp_path)
    change(tmp_path, f"PRAGMA user_version = {FORMAT + 1}; UPDATE meta SET value = '7.5' WHERE key = 'readable from'")
    before = listing(tmp_path)

    with pytest.raises(FormatTooNew) as caught:
        open_store(tmp_path)

    assert f"format {FORMAT + 1}" in caught.value.message
    assert "update agentreplay to 7.5 or newer" in caught.value.advice
    assert listing(tmp_path) == before


def test_a_newer_format_that_does_not_say_who_reads_it_is_refused_all_the_same(tmp_path: Path) -> None:
    create(tmp_path)
    change(tmp_path, f"PRAGMA user_version = {FORMAT + 1}; DROP TABLE meta")

    with pytest.raises(FormatTooNew, match=f"format {FORMAT + 1}"):
        open_store(tmp_path)


def test_the_log_of_a_newer_store_is_left_to_the_newer_version(tmp_path: Path) -> None:
    """Whoever closes a database last moves the log into the file, unless told otherwise."""
    create(tmp_path)
    newer = apsw.Connection(str(database_of(tmp_path)))
    newer.execute(f"PRAGMA user_version = {FORMAT + 1}")
    before = listing(tmp_path)
    newer.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    newer.close()
    assert before[f"{DATABASE}-wal"]

    with pytest.raises(FormatTooNew):
        open_store(tmp_path)

    assert listing(tmp_path) == before


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_database_of_another_program_is_refused_and_not_touched(mode: str, tmp_path: Path) -> None:
    change(tmp_path, f"PRAGMA journal_mode = {mode}; CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
    before = listing(tmp_path)

    with pytest.raises(NotAStore, match="another program"):
        open_store(tmp_path)

    assert listing(tmp_path) == before


@pytest.mark.parametrize("data", [b"a", b"just some text\n" * 500, bytes(8192), b"SQLite format 3\0" + b"?" * 84])
def test_a_file_that_is_no_database_is_refused_and_not_touched(data: bytes, tmp_path: Path) -> None:
    database_of(tmp_path).write_bytes(data)

    with pytest.raises(NotAStore) as caught:
        open_store(tmp_path)

    assert "--db-path" in caught.value.advice
    assert listing(tmp_path) == {DATABASE: data}


def test_a_folder_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    database_of(tmp_path).mkdir()

    with pytest.raises(AgentReplayError):
        open_store(tmp_path)


def filled(folder: Path) -> Maker:
    make = Maker()
    with closing(open_store(folder)) as store:
        for _ in range(30):
            append(store, batch_of(make.session(), make.span(), make.content()))
    return make


def overwrite(folder: Path, pages: Iterable[int]) -> None:
    """Fill these pages, so far as there are so many, with nonsense, as a failing disk would."""
    path = database_of(folder)
    data = bytearray(path.read_bytes())
    for page in set(pages) & set(range(len(data) // 8192)):
        data[page * 8192 : (page + 1) * 8192] = b"\xff" * 8192
    path.write_bytes(data)


def test_a_damaged_store_is_refused_with_the_way_to_save_what_is_left(tmp_path: Path) -> None:
    filled(tmp_path)
    overwrite(tmp_path, range(1, 1_000))

    with pytest.raises(StoreDamaged) as caught, closing(open_store(tmp_path)) as store:
        store.statistics()

    assert str(tmp_path) in caught.value.message
    assert "doctor --salvage NEW" in caught.value.advice
    assert str(tmp_path) in caught.value.advice


def test_every_damaged_page_is_noticed_or_does_not_matter(tmp_path: Path) -> None:
    make = filled(tmp_path / "sound")
    pages = (tmp_path / "sound" / DATABASE).stat().st_size // 8192
    noticed = 0

    for number in range(1, pages):
        folder = tmp_path / str(number)
        folder.mkdir()
        database_of(folder).write_bytes(database_of(tmp_path / "sound").read_bytes())
        overwrite(folder, [number])
        try:
            with closing(open_store(folder)) as store:
                append(store, batch_of(make.session(), make.span(), make.content()))
                store.statistics(deep=True)
        except StoreDamaged:
            noticed += 1

    assert noticed > pages // 4


def test_a_connection_may_use_another_file_layer(tmp_path: Path) -> None:
    create(tmp_path)

    with pytest.raises(AgentReplayError, match="no such vfs"):
        connect(tmp_path, vfs="nowhere")
