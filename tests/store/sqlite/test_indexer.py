"""One process at a time drains; whatever happens to it or to a journal, all is indexed once and nothing is hidden."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import apsw
import pytest

from agentreplay.errors import IndexerBusy
from agentreplay.model.content import Kept
from agentreplay.model.receipt import Lag, Target
from agentreplay.model.values import encode
from agentreplay.store.journal.frame import BATCH, pack
from agentreplay.store.journal.packing import JOURNAL_FOLDER
from agentreplay.store.journal.reader import journals_in, sizes_in
from agentreplay.store.journal.writer import BATCH_VERSION, JournalWriter
from agentreplay.store.sqlite import chunks
from agentreplay.store.sqlite import indexer as module
from agentreplay.store.sqlite.apply import Applier
from agentreplay.store.sqlite.indexer import Indexer, Loss, losses_of
from agentreplay.store.sqlite.lock import locked
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing import Maker, batch_of
from tests.evidence import Story, assert_holds
from tests.store.journal.damage import Spoilt, cut, flipped, header_of, journal_of, small_batches
from tests.store.observation import append


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(folder)) as opened:
        yield opened


def losses(store: SqliteStore) -> list[Loss]:
    with store._readers.reading() as reader:
        return losses_of(reader.connection)


def put_journal(folder: Path, number: int, data: bytes) -> Path:
    """A journal whose writer is gone."""
    path = folder / JOURNAL_FOLDER / f"{number:020d}-1-aa.journal"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


class PowerLost(BaseException):
    """Ends whatever is going on."""


def pull_the_plug(*_: object, **__: object) -> Any:
    raise PowerLost


def test_the_journal_of_a_writer_that_is_gone_vanishes(store: SqliteStore, folder: Path, make: Maker) -> None:
    writer = JournalWriter(folder)
    writer.append(batch_of(make.span()))
    writer.close()

    store.drain()

    assert journals_in(folder) == []
    assert store.statistics().spans == 1


def test_the_journal_of_a_writer_that_lives_stays_until_it_is_gone(
    store: SqliteStore, folder: Path, make: Maker
) -> None:
    writer = JournalWriter(folder)
    for _ in range(3):
        writer.append(batch_of(make.span()))
        store.drain()
        assert len(journals_in(folder)) == 1
    writer.close()

    store.drain()

    assert journals_in(folder) == []
    assert store.statistics().spans == 3


def test_a_transaction_that_fails_is_made_good_by_the_next_drain(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(1)
    for batch in story.batches(10):
        append(store, batch)
    for number in range(10, 20):
        store.append(story.batch(number))

    with monkeypatch.context() as patch:
        patch.setattr(Applier, "_derive", pull_the_plug)
        with pytest.raises(PowerLost):
            store.drain()
    assert store.lag().bytes > 0
    store.drain()

    assert_holds(store, [(story, range(20), 20)])


def test_a_death_before_the_journal_is_removed_counts_nothing_twice(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(1)
    for batch in story.batches(10):
        store.append(batch)
    store._journal.close()

    with monkeypatch.context() as patch:
        patch.setattr(Indexer, "_remove_drained", pull_the_plug)
        with pytest.raises(PowerLost):
            store.drain()
    assert len(journals_in(store.folder)) == 1
    store.drain()

    assert journals_in(store.folder) == []
    assert_holds(store, [(story, range(10), 10)])


def test_a_journal_that_comes_back_with_the_power_brings_nothing_back(
    store: SqliteStore, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a file is removed survives the loss of power only once its folder is synced."""
    secret = make.content("a secret")
    store.append(batch_of(make.span(kept=(Kept(role="answer", hash=secret.hash),)), secret))
    store._journal.close()
    (path,) = journals_in(store.folder)
    data = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(module, "sync_folder", pull_the_plug)
        with pytest.raises(PowerLost):
            store.drain()
    assert not path.exists()
    store.delete(Target(tenant=make.tenant, project=make.project, session=make.session_id))

    path.write_bytes(data)
    store.drain()

    assert store.statistics().spans == store.statistics().contents == 0
    assert not path.exists()


def test_a_journal_cut_at_any_length_or_damaged_in_any_byte_gives_all_before_and_says_so(
    store: SqliteStore, folder: Path, make: Maker
) -> None:
    size = len(journal_of(small_batches(0)[:2]))
    spoilt: dict[str, Spoilt] = {}
    stories = {}
    for number in range(size + 1 + size):
        batches = small_batches(number)[:2]
        accident = cut(batches, number) if number <= size else flipped(batches, number - size - 1)
        name = put_journal(folder, number, accident.data).name
        spoilt[name], stories[name] = accident, batches

    lag = store.drain()

    for name, accident in spoilt.items():
        there = [store.spans.get(batch.spans[0].key) is not None for batch in stories[name]]
        assert there == [place < accident.whole for place in range(2)], name
    damaged = {name for name, accident in spoilt.items() if not accident.is_cut}
    assert lag == Lag(
        journals=0, bytes=0, damaged=tuple(sorted(name.replace(".journal", ".damaged") for name in damaged))
    )
    assert {(loss.journal, loss.offset, loss.bytes) for loss in losses(store)} == {
        (name, accident.end, len(accident.data) - accident.end)
        for name, accident in spoilt.items()
        if len(accident.data) > accident.end
    }
    assert journals_in(folder) == []
    append(store, batch_of(make.span()))
    assert store.statistics().spans == sum(accident.whole for accident in spoilt.values()) + 1


def test_a_journal_set_aside_keeps_its_bytes_and_is_not_looked_at_again(store: SqliteStore, folder: Path) -> None:
    data = flipped(small_batches(1), 300).data
    path = put_journal(folder, 1, data)

    first, second = store.drain(), store.drain()

    assert first == second == Lag(journals=0, bytes=0, damaged=(f"{path.stem}.damaged",))
    assert path.with_suffix(".damaged").read_bytes() == data
    assert len(losses(store)) == 1


def test_what_was_drained_of_a_damaged_journal_can_still_be_deleted(store: SqliteStore, folder: Path) -> None:
    batches = small_batches(1)
    put_journal(folder, 1, flipped(batches, len(journal_of(batches)) - 1).data)
    (name,) = store.drain().damaged
    span = batches[0].spans[0]

    store.delete(Target(tenant=span.tenant, project=span.project, session=span.session))

    assert batches[0].spans[0].trace_id.encode() not in (folder / JOURNAL_FOLDER / name).read_bytes()


def test_a_journal_of_a_newer_format_is_left_alone(store: SqliteStore, folder: Path, make: Maker) -> None:
    data = header_of(2, 0, 9) + b"something new"
    path = put_journal(folder, 1, data)

    append(store, batch_of(make.span()))

    assert path.read_bytes() == data
    assert store.lag() == Lag(journals=0, bytes=0)
    assert losses(store) == []
    assert store.statistics().spans == 1


def test_a_frame_of_a_newer_version_is_kept_and_counted_as_waiting(
    store: SqliteStore, folder: Path, make: Maker
) -> None:
    known, following = batch_of(make.span()), batch_of(make.span())
    frames = [
        pack(BATCH, BATCH_VERSION, encode(known)),
        pack(BATCH, BATCH_VERSION + 1, b"something new"),
        pack(BATCH, BATCH_VERSION, encode(following)),
    ]
    path = put_journal(folder, 1, header_of(1) + b"".join(frames))

    append(store, batch_of(make.span()))
    store.drain()

    assert store.statistics().spans == 2
    assert store.lag() == Lag(journals=1, bytes=len(frames[1]) + len(frames[2]))
    assert path.read_bytes().endswith(frames[2])
    assert losses(store) == []


def test_what_cannot_be_opened_is_left_to_its_owner(store: SqliteStore, folder: Path, make: Maker) -> None:
    stranger = folder / JOURNAL_FOLDER / "00000000000000000001-1-aa.journal"
    stranger.mkdir(parents=True)

    append(store, batch_of(make.span()))

    assert stranger.is_dir()
    assert store.statistics().spans == 1


def test_whoever_waits_returns_when_another_has_drained(folder: Path, make: Maker) -> None:
    with closing(SqliteStore(folder)) as one, closing(SqliteStore(folder)) as other:
        one.append(batch_of(make.span()))
        with locked(folder) as ours:
            assert ours
            waiting = Thread(target=other.drain)
            waiting.start()
            sleep(0.05)
            assert waiting.is_alive()

            one._indexer._index(sizes_in(folder))
            waiting.join(timeout=10)

            assert not waiting.is_alive(), "although the lock is still taken"
        assert other.statistics().spans == 1


def test_whoever_waits_for_the_end_of_a_long_journal_waits_until_it_is_there(
    store: SqliteStore, folder: Path, make: Maker
) -> None:
    for _ in range(50):
        append(store, batch_of(make.span()))
    store.append(batch_of(make.span()))
    with locked(folder):
        waiting = Thread(target=store.drain)
        waiting.start()
        sleep(0.1)
        assert waiting.is_alive()
    waiting.join(timeout=10)

    assert store.statistics().spans == 51


def test_whoever_waits_takes_over_when_the_indexer_is_gone(store: SqliteStore, folder: Path, make: Maker) -> None:
    store.append(batch_of(make.span()))
    with locked(folder):
        waiting = Thread(target=store.drain)
        waiting.start()
        sleep(0.05)
        assert waiting.is_alive()
    waiting.join(timeout=10)

    assert not waiting.is_alive()
    assert store.statistics().spans == 1


@pytest.mark.parametrize("action", ["drain", "delete"])
def test_whoever_waits_too_long_is_told_how_much_is_left(
    action: str, store: SqliteStore, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    store.append(batch_of(make.span()))
    target = Target(tenant=make.tenant, project=make.project)

    with locked(store.folder), pytest.raises(IndexerBusy) as caught:
        store.drain() if action == "drain" else store.delete(target)

    assert "nothing is lost" in caught.value.advice
    assert action == "delete" or f"{store.lag().bytes} bytes wait" in caught.value.message


def test_there_is_nothing_to_wait_for_where_nothing_was_written(store: SqliteStore, folder: Path) -> None:
    with locked(folder):
        assert store.drain() == Lag(journals=0, bytes=0)


@pytest.mark.parametrize("worth", [0, 1 << 40], ids=["in another process", "in this process"])
def test_the_store_is_the_same_wherever_it_is_prepared(
    worth: int, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WORTH_A_PROCESS", worth)
    stories = [Story(1), Story(2)]
    for story in stories:
        for batch in story.batches(15):
            store.append(batch)
        store._journal.close()

    store.drain()

    assert_holds(store, [(story, range(15), 15) for story in stories])
    assert journals_in(store.folder) == []


def test_indexers_that_take_turns_add_to_what_the_other_counted(folder: Path) -> None:
    """Each remembers what it stored, and must notice that this is not all any more."""
    story = Story(1)
    with closing(SqliteStore(folder)) as one, closing(SqliteStore(folder)) as other:
        for number in range(30):
            (one, other)[number % 2].append(story.batch(number))
            (one, other)[number // 2 % 2].drain()

        assert_holds(one, [(story, range(30), 30)])


def test_progress_is_told_up_to_the_end(store: SqliteStore, make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(chunks, "_SPANS", 1)
    for _ in range(5):
        store.append(batch_of(make.span()))

    store.drain(lambda done, total: told.append((done, total)))

    [total] = {total for _, total in told}
    steps = [after - before for before, after in pairwise([0, *[done for done, _ in told]])]
    assert len(steps) == 5
    assert sum(steps) == total
    assert min(steps) > total / 10, "each chunk is told once, and all are as large"


def test_many_journals_are_drained_with_few_open_files(folder: Path) -> None:
    """Every hook is a process with a journal of its own, and a process may open only 256 files on some systems."""
    SqliteStore(folder).close()
    for number in range(300):
        put_journal(folder, number, journal_of(small_batches(number)))
    program = """
import resource, sys
from agentreplay.store.registry import open_store

resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
store = open_store(sys.argv[1])
store.drain()
print(store.statistics().spans)
"""

    done = subprocess.run([sys.executable, "-c", program, str(folder)], check=True, capture_output=True, text=True)

    assert int(done.stdout) == 900
    assert journals_in(folder) == []


@pytest.mark.usefixtures("store")
def test_pages_are_let_go_now_and_then(folder: Path, make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that goes on for days does not keep ever more of a database that grows."""

    def kept_after(pause: float) -> int:
        monkeypatch.setattr(module, "GIVE_BACK_PAUSE", pause)
        indexer = Indexer(folder)
        with closing(JournalWriter(folder)) as writer, closing(indexer):
            writer.append(batch_of(*(make.span() for _ in range(200))))
            indexer.drain()
            with indexer._open() as database:
                return int(database.connection.status(apsw.SQLITE_DBSTATUS_CACHE_USED)[0])

    assert kept_after(-1.0) < kept_after(60.0) / 4
