"""A data folder is copied while it is used, and the copy has all that was acknowledged before."""

from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from agentreplay.errors import NotAStore, ValueInvalid
from agentreplay.model.ids import ProjectId
from agentreplay.model.receipt import Target
from agentreplay.store.journal.reader import journals_in
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.memory import MemoryStore
from agentreplay.store.sqlite.backup import Backup, back_up
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.upkeep import examine
from tests.evidence import TENANT, Story, assert_holds, assert_same_store

BATCHES = 20
_MOST = 300


def copied(folder: Path, without: tuple[str, ...] = ()) -> Backup:
    return back_up(folder, folder.with_name("copy"), lambda _done, _total: None, without=without)


def used(folder: Path, story: Story) -> SqliteStore:
    store = SqliteStore(folder)
    for number in range(BATCHES):
        store.append(story.batch(number))
    return store


def test_the_copy_holds_what_the_first_one_does(tmp_path: Path) -> None:
    story = Story(1)
    with closing(used(tmp_path / "data", story)):
        (tmp_path / "data" / "part").mkdir()
        (tmp_path / "data" / "part" / "a file").write_bytes(b"whatever")
        (tmp_path / "data" / "made anew").mkdir()
        (tmp_path / "data" / "made anew" / "large").write_bytes(b"x")

        made = copied(tmp_path / "data", without=("made anew",))

    there = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    assert (made.files, made.bytes) == (len(there), sum(path.stat().st_size for path in there))
    assert (tmp_path / "copy" / "part" / "a file").read_bytes() == b"whatever"
    assert not (tmp_path / "copy" / "made anew").exists()
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    with closing(SqliteStore(tmp_path / "copy")) as store:
        store.drain()
        assert_holds(store, [(story, range(BATCHES), BATCHES)])
    assert examine(tmp_path / "copy").problems == ()


def test_what_is_acknowledged_before_is_in_it_while_others_go_on(tmp_path: Path) -> None:
    story, other = Story(1), Story(2)
    begun, stop, tried = Event(), Event(), 0

    def go_on() -> None:
        nonlocal tried
        writer = JournalWriter(tmp_path / "data")
        while tried < BATCHES or not (stop.is_set() or tried == _MOST):
            writer.append(other.batch(tried))
            tried += 1
            begun.set()
        writer.close()

    with closing(used(tmp_path / "data", story)):
        writing = Thread(target=go_on)
        writing.start()
        begun.wait()
        before = tried
        copied(tmp_path / "data")
        stop.set()
        writing.join()

    assert examine(tmp_path / "copy").problems == ()
    with closing(SqliteStore(tmp_path / "copy")) as store:
        store.drain()
        assert_holds(store, [(story, range(BATCHES), BATCHES), (other, range(before), tried)])


def test_a_frame_that_is_being_written_is_not_torn_from_the_copy(tmp_path: Path) -> None:
    story = Story(1)
    with closing(used(tmp_path / "data", story)):
        (journal,) = journals_in(tmp_path / "data")
        whole = journal.read_bytes()
        with journal.open("ab") as file:
            file.write(whole[16:200])

        copied(tmp_path / "data")

    with closing(SqliteStore(tmp_path / "copy")) as store:
        store.drain()
        assert_holds(store, [(story, range(BATCHES), BATCHES)])
    assert examine(tmp_path / "copy").problems == ()


def test_what_was_acknowledged_behind_something_deleted_is_in_it(tmp_path: Path) -> None:
    """Then the journal begins with zeros."""
    kept, doomed = Story(1), Story(2)
    indexed: list[bool] = []

    with closing(SqliteStore(tmp_path / "data")) as store:
        store.append(doomed.batch(0))
        store.append(kept.batch(0))
        store.delete(Target(tenant=TENANT, project=ProjectId("demo"), session=doomed.marker(0).session))

        def acknowledged_meanwhile(_done: int, _total: int) -> None:
            # The database has been drained, and nobody indexes what comes now.
            if not indexed:
                indexed.append(True)
                store.append(kept.batch(1))

        back_up(tmp_path / "data", tmp_path / "copy", acknowledged_meanwhile)

    expected = MemoryStore()
    for number in range(2):
        expected.append(kept.batch(number))
    with closing(SqliteStore(tmp_path / "copy")) as store:
        store.drain()
        assert_same_store(store, expected, [*kept.batches(2), doomed.batch(0)])


def test_what_nobody_has_read_yet_is_in_it(tmp_path: Path) -> None:
    """Who only records makes no database."""
    story = Story(1)
    with closing(JournalWriter(tmp_path / "data")) as writer:
        for number in range(BATCHES):
            writer.append(story.batch(number))

        copied(tmp_path / "data")

    with closing(SqliteStore(tmp_path / "copy")) as store:
        assert_holds(store, [(story, range(BATCHES), BATCHES)])


def test_a_copy_that_fails_is_not_there(tmp_path: Path) -> None:
    used(tmp_path / "data", Story(1)).close()

    def fail(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(tmp_path / "data", tmp_path / "copy", fail)

    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    used(tmp_path / "data", Story(1)).close()
    (tmp_path / "copy").mkdir()
    copied(tmp_path / "data")

    with pytest.raises(ValueInvalid, match="not empty"):
        copied(tmp_path / "data")
    with pytest.raises(ValueInvalid, match="lies in what is copied"):
        back_up(tmp_path / "data", tmp_path / "data" / "copy", lambda _done, _total: None)
    with pytest.raises(NotAStore):
        back_up(tmp_path / "nothing", tmp_path / "elsewhere", lambda _done, _total: None)
