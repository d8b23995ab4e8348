"""With durability `power` a batch is acknowledged when it is synced, and threads share a sync."""

import errno
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, sleep

import pytest

from agentreplay.errors import AgentReplayError, JournalBroken, StoreFull
from agentreplay.model.batch import Batch
from agentreplay.store.journal import writer as module
from agentreplay.store.journal.reader import journals_in
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.testing import Maker, batch_of
from tests.store.journal.disk import Disk
from tests.store.journal.written import OpenWriter, frames, written


class Appending:
    """Threads that append one batch each, and how it ended for them."""

    def __init__(self, writer: JournalWriter, batches: list[Batch]) -> None:
        self._writer = writer
        self._lock = Lock()
        self.acknowledged: list[Batch] = []
        self.errors: list[AgentReplayError] = []
        self._threads = [Thread(target=self._append, args=(batch,)) for batch in batches]
        for thread in self._threads:
            thread.start()

    def _append(self, batch: Batch) -> None:
        try:
            self._writer.append(batch)
        except AgentReplayError as error:
            with self._lock:
                self.errors.append(error)
        else:
            with self._lock:
                self.acknowledged.append(batch)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=30)
            assert not thread.is_alive()


def wait(event: Event) -> None:
    assert event.wait(timeout=30)


def wait_for_frames(writer: JournalWriter, count: int) -> None:
    """Until so many were written to the journal, synced or not."""
    deadline = monotonic() + 30
    while writer._journal is None or writer._journal.frames < count:
        assert monotonic() < deadline
        sleep(0.001)


@pytest.mark.parametrize(("durability", "syncs"), [("process", 0), ("power", 3)])
def test_each_append_is_synced_only_with_durability_power(
    durability: str, syncs: int, open_writer: OpenWriter, disk: Disk, make: Maker
) -> None:
    writer = open_writer(durability)
    writer.append(batch_of(make.span()))
    disk.calls.clear()

    for _ in range(3):
        writer.append(batch_of(make.span()))

    assert disk.calls.count("sync") == syncs


def test_the_names_of_a_new_journal_and_its_folders_are_synced(
    open_writer: OpenWriter, disk: Disk, make: Maker
) -> None:
    open_writer("power").append(batch_of(make.span()))

    assert disk.calls.index("rename") < disk.calls.index("sync_folder")
    assert disk.calls.count("sync_folder") == 3
    assert disk.calls[-1] == "sync"


def test_a_folder_above_that_may_not_be_opened_is_let_be(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk()

    def refuse(folder: Path) -> None:
        if folder == tmp_path.parent:
            raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(disk, "sync_folder", refuse)

    JournalWriter(tmp_path, "power", disk).append(batch_of(make.span()))

    assert len(written(tmp_path)) == 1


def test_threads_that_append_at_the_same_time_share_a_sync(open_writer: OpenWriter, disk: Disk, make: Maker) -> None:
    writer, batches = open_writer("power"), [batch_of(make.span()) for _ in range(9)]
    writer.append(batches[0])
    disk.calls.clear()
    all_written = Event()
    disk.before_sync = lambda: wait(all_written)

    appending = Appending(writer, batches[1:])
    wait_for_frames(writer, 9)
    all_written.set()
    appending.join()

    assert len(appending.acknowledged) == 8
    assert disk.calls.count("sync") <= 2


def test_a_sync_that_fails_is_told_to_everybody_who_waits_for_it(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    writer, batches = open_writer("power"), [batch_of(make.span()) for _ in range(9)]
    writer.append(batches[0])
    disk.calls.clear()
    all_written = Event()
    disk.before_sync = lambda: wait(all_written)
    disk.failures["sync"] = errno.EIO

    appending = Appending(writer, batches[1:])
    wait_for_frames(writer, 9)
    all_written.set()
    appending.join()

    assert appending.acknowledged == []
    assert [type(error) for error in appending.errors] == [JournalBroken] * 8
    assert all("append it again" in error.advice for error in appending.errors)


def test_after_a_failed_sync_everything_goes_to_a_new_journal(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    """What the old one has of it, nobody knows; a second sync of it may succeed and mean nothing."""
    writer, content = open_writer("power"), make.content()
    writer.append(batch_of(make.span()))
    disk.failures["sync"] = errno.EIO
    with pytest.raises(JournalBroken):
        writer.append(batch_of(make.span(), content))

    disk.failures.clear()
    batch = batch_of(make.span(), content)
    writer.append(batch)

    first, second = journals_in(tmp_path)
    assert len(frames(first)) == 2
    assert frames(second) == [batch]


def test_a_journal_is_synced_before_it_is_followed_by_another(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_writer("power")
    writer.append(batch_of(make.span()))
    waiting = Event()
    disk.before_sync = lambda: wait(waiting)
    appending = Appending(writer, [batch_of(make.span())])
    wait_for_frames(writer, 2)
    monkeypatch.setattr(module, "_ROLL_AT", 1)

    follower = Appending(writer, [batch_of(make.span())])
    waiting.set()
    appending.join()
    follower.join()

    assert len(appending.acknowledged) == len(follower.acknowledged) == 1
    assert len(journals_in(tmp_path)) == 2


def test_a_journal_that_cannot_be_synced_is_not_followed_in_silence(
    open_writer: OpenWriter, disk: Disk, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_writer("power")
    writer.append(batch_of(make.span()))
    monkeypatch.setattr(module, "_ROLL_AT", 1)
    waiting = Event()
    disk.before_sync = lambda: wait(waiting)
    disk.failures["sync"] = errno.ENOSPC

    appending = Appending(writer, [batch_of(make.span()), batch_of(make.span())])
    waiting.set()
    appending.join()

    assert appending.acknowledged == []
    assert {type(error) for error in appending.errors} <= {StoreFull, JournalBroken}


def test_a_writer_that_is_closed_meanwhile_acknowledges_only_what_is_synced(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    writer = open_writer("power")
    writer.append(batch_of(make.span()))
    disk.calls.clear()
    waiting = Event()
    disk.before_sync = lambda: wait(waiting)

    appending = Appending(writer, [batch_of(make.span())])
    wait_for_frames(writer, 2)
    closing = Thread(target=writer.close)
    closing.start()
    waiting.set()
    closing.join()
    appending.join()

    assert len(appending.acknowledged) == 1
    assert disk.calls.index("sync") < disk.calls.index("close")
