"""Of a journal cut or damaged anywhere, all whole frames before that place are read, and its ending is told."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import FormatTooNew, NotAStore
from agentreplay.model.batch import Batch
from agentreplay.store.journal import reader
from agentreplay.store.journal.frame import pack
from agentreplay.store.journal.packing import HEADER_SIZE, JOURNAL_FOLDER, file_header
from agentreplay.store.journal.reader import Ending, claim, ending_of, journals_in, read_frames, read_header
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.testing import Maker, batch_of
from tests.store.journal.damage import Spoilt, cut, flipped, header_of, journal_of, small_batches
from tests.store.journal.written import frames

BATCHES = small_batches(0)
SIZE = len(journal_of(BATCHES))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.journal"


def check(path: Path, spoilt: Spoilt) -> None:
    path.write_bytes(spoilt.data)
    size = len(spoilt.data)

    ending = ending_of(path, 0)

    assert (ending.read, ending.lost) == (spoilt.end, size - spoilt.end)
    assert bool(ending.problem) == (ending.lost > 0)
    if spoilt.end:
        assert frames(path) == BATCHES[: spoilt.whole]
    else:
        with pytest.raises(NotAStore):
            frames(path)


def test_a_journal_cut_at_any_length_gives_all_whole_frames_before(path: Path) -> None:
    for length in range(SIZE + 1):
        check(path, cut(BATCHES, length))

        assert not ending_of(path, 0).is_damaged, "nothing more than a write that was cut short"


def test_a_journal_with_any_byte_damaged_gives_all_whole_frames_before(path: Path) -> None:
    for place in range(SIZE):
        check(path, flipped(BATCHES, place))

        assert ending_of(path, 0).is_damaged


@given(noise=st.binary(max_size=300), tail=st.binary(max_size=50))
def test_noise_behind_whole_frames_does_not_hide_them(
    noise: bytes, tail: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("journals") / "some.journal"
    path.write_bytes(journal_of(BATCHES) + noise + tail)

    assert frames(path) == BATCHES
    assert ending_of(path, 0)[:2] == (SIZE, len(noise + tail))


def test_zeros_that_the_loss_of_power_left_are_told_as_damage(path: Path) -> None:
    path.write_bytes(journal_of(BATCHES) + bytes(4_096))

    assert ending_of(path, 0) == Ending(SIZE, 4_096, "the checksum of a frame is wrong", is_damaged=True)


def test_an_undamaged_journal_ends_where_its_last_frame_ends(path: Path) -> None:
    path.write_bytes(journal_of(BATCHES))

    assert ending_of(path, 0) == ending_of(path, SIZE) == Ending(SIZE)


def test_a_journal_that_lost_what_was_drained_of_it_has_lost_nothing(path: Path) -> None:
    """The database may have been faster to the disk than the journal was."""
    path.write_bytes(journal_of(BATCHES)[:40])

    assert ending_of(path, SIZE) == Ending(SIZE)


def test_frames_are_read_from_any_of_their_beginnings_up_to_a_goal(path: Path) -> None:
    path.write_bytes(journal_of(BATCHES))
    first, second, _ = list(read_frames(path))

    assert list(read_frames(path, first.end)) == list(read_frames(path))[1:]
    assert list(read_frames(path, 0, first.end)) == [first]
    assert list(read_frames(path, 0, first.end + 1)) == [first, second], "it begins before the goal"
    assert list(read_frames(path, second.end, second.end)) == []


@pytest.mark.parametrize("chunk", [1, 7, 100, 10_000])
def test_frames_are_read_however_much_is_read_at_once(chunk: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_CHUNK", chunk)
    path.write_bytes(journal_of(BATCHES))

    assert frames(path) == BATCHES


def test_a_damaged_length_does_not_make_the_reader_read_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_CHUNK", 1)
    spoilt = bytearray(journal_of(BATCHES))
    spoilt[HEADER_SIZE + 3] = 0x10
    with path.open("wb") as file:
        file.write(spoilt)
        file.truncate(1 << 40)

    assert list(read_frames(path)) == []


def test_a_newer_journal_is_refused_with_the_version_that_reads_it(path: Path) -> None:
    path.write_bytes(header_of(2, 0, 9) + pack(1, 1, b"unknown"))

    for action in (lambda: read_header(path), lambda: list(read_frames(path)), lambda: ending_of(path, 0)):
        with pytest.raises(FormatTooNew, match="format 2") as caught:
            action()
        assert "0.9 or newer" in caught.value.advice


def test_a_journal_can_be_claimed_once_its_writer_is_gone(make: Maker, tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.append(batch_of(make.span()))
    (journal,) = journals_in(tmp_path)

    with claim(journal) as during:
        pass
    writer.close()
    with claim(journal) as after, claim(journal) as twice:
        pass

    assert (during, after, twice) == (False, True, False)


def test_a_journal_that_is_gone_cannot_be_claimed(path: Path) -> None:
    with claim(path) as claimed:
        assert not claimed


def test_journals_come_oldest_first_and_without_those_being_made(tmp_path: Path) -> None:
    folder = tmp_path / JOURNAL_FOLDER
    folder.mkdir()
    names = ["0002-b.journal", "0001-a.journal", "0003-c.new", "0004-d.damaged"]
    for name in names:
        (folder / name).touch()

    assert [journal.name for journal in journals_in(tmp_path)] == ["0001-a.journal", "0002-b.journal"]
    assert journals_in(tmp_path / "elsewhere") == []


def test_what_is_written_while_it_is_read_comes_whole_or_not_yet(path: Path) -> None:
    whole = journal_of(BATCHES)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        seen: list[Batch] = []
        for byte in whole:
            os.write(descriptor, bytes([byte]))
            if path.stat().st_size >= len(file_header()):
                now = frames(path)
                assert now[: len(seen)] == seen
                seen = now
    finally:
        os.close(descriptor)
    assert seen == BATCHES
