"""A write that fails leaves no half frame, says why, and lets the next one succeed."""

import errno
from pathlib import Path

import pytest

from agentreplay.errors import JournalBroken, StoreFull, StoreReadOnly
from agentreplay.store.journal.packing import HEADER_SIZE, JOURNAL_FOLDER
from agentreplay.store.journal.reader import journals_in
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.testing import Maker, batch_of
from tests.store.journal.disk import Disk
from tests.store.journal.written import OpenWriter, frames, written


@pytest.mark.parametrize("room", range(HEADER_SIZE, 900, 97))
def test_a_full_disk_refuses_the_batch_and_leaves_no_part_of_it(
    room: int, open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    batches = [batch_of(make.span(), make.content()) for _ in range(9)]
    writer, kept = open_writer(), []
    disk.room = room

    def append_all() -> None:
        for batch in batches:
            writer.append(batch)
            kept.append(batch)

    with pytest.raises(StoreFull) as caught:
        append_all()
    disk.room = None
    writer.append(batches[-1])

    assert "make room" in caught.value.advice
    assert written(tmp_path) == [*kept, batches[-1]]
    assert len(journals_in(tmp_path)) == 1


def test_a_content_of_a_refused_batch_is_written_with_the_next_one(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    writer, batch = open_writer(), batch_of(make.span(), make.content())
    writer.append(batch_of(make.span()))
    disk.room = 10
    with pytest.raises(StoreFull):
        writer.append(batch)

    disk.room = None
    writer.append(batch)

    assert written(tmp_path)[-1] == batch


def test_nothing_follows_half_a_frame_that_cannot_be_taken_back(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    writer, batch = open_writer(), batch_of(make.span())
    writer.append(batch)
    disk.room, disk.failures["truncate"] = 10, errno.EIO
    with pytest.raises(StoreFull):
        writer.append(batch)

    disk.room = None
    writer.append(batch)

    first, second = journals_in(tmp_path)
    assert frames(first) == [batch]
    assert frames(second) == [batch]


def test_nothing_follows_a_frame_at_which_the_writer_was_interrupted(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    """A signal handler may raise anywhere, also between two parts of a write."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    writer, batch = open_writer(), batch_of(make.span())
    writer.append(batch)
    disk.room, disk.after_write = 10, interrupt
    with pytest.raises(KeyboardInterrupt):
        writer.append(batch)

    disk.room, disk.after_write = None, lambda: None
    writer.append(batch)

    first, second = journals_in(tmp_path)
    assert frames(first) == [batch]
    assert frames(second) == [batch]


TOLD_AS = {
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
    errno.EFBIG: StoreFull,
    errno.EROFS: StoreReadOnly,
    errno.EACCES: StoreReadOnly,
    errno.EIO: JournalBroken,
}


@pytest.mark.parametrize("number", TOLD_AS)
@pytest.mark.parametrize("operation", ["create", "write", "rename", "sync", "sync_folder"])
def test_a_journal_that_cannot_be_begun_says_why_and_leaves_nothing(
    number: int, operation: str, make: Maker, tmp_path: Path
) -> None:
    disk, batch = Disk(), batch_of(make.span())
    writer = JournalWriter(tmp_path, "power", disk)
    disk.failures[operation] = number

    with pytest.raises(TOLD_AS[number]) as caught:
        writer.append(batch)

    assert str(tmp_path) in caught.value.message
    assert caught.value.advice
    assert list((tmp_path / JOURNAL_FOLDER).glob("*.new")) == []
    assert written(tmp_path) == []
    assert disk.calls.count("close") == (operation != "create")

    disk.failures.clear()
    writer.append(batch)
    assert written(tmp_path) == [batch]


def test_a_header_that_is_written_by_half_is_no_journal(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    disk.room = HEADER_SIZE - 1

    with pytest.raises(StoreFull):
        open_writer().append(batch_of(make.span()))

    assert journals_in(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_said_to_be_read_only(make: Maker, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreReadOnly, match="cannot be written"):
        JournalWriter(tmp_path / "file" / "store").append(batch_of(make.span()))
