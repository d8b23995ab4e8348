"""What was drained is overwritten in journals that stay, and what was not drained stays readable."""

from pathlib import Path

from agentreplay.store.journal.erase import erase_drained
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.writer import DAMAGED_SUFFIX, JournalWriter
from agentreplay.testing import Maker, batch_of
from tests.store.journal.written import written


def test_only_what_was_drained_is_gone(make: Maker, tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    for word in ("secret", "public"):
        writer.append(batch_of(make.span(), make.content(word)))
    (path,) = journals_in(tmp_path)
    first, second = list(read_frames(path))
    size = path.stat().st_size

    erase_drained(tmp_path, {path.name: first.end})

    data = path.read_bytes()
    assert b"secret" not in data
    assert len(data) == size
    assert list(read_frames(path, first.end)) == [second]


def test_a_writer_goes_on_behind_what_was_erased(make: Maker, tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.append(batch_of(make.span()))
    (path,) = journals_in(tmp_path)
    drained = path.stat().st_size
    erase_drained(tmp_path, {path.name: drained})

    writer.append(batch_of(make.span()))

    assert len(list(read_frames(path, drained))) == 1


def test_a_journal_that_was_set_aside_is_erased_too(make: Maker, tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    writer.append(batch_of(make.span(), make.content("secret")))
    writer.close()
    (path,) = journals_in(tmp_path)
    aside = path.rename(path.with_suffix(DAMAGED_SUFFIX))

    erase_drained(tmp_path, {path.name: aside.stat().st_size})

    assert b"secret" not in aside.read_bytes()


def test_a_journal_that_is_gone_needs_no_erasing(make: Maker, tmp_path: Path) -> None:
    erase_drained(tmp_path, {"00000000000000000001-1-aa.journal": 100})

    assert written(tmp_path) == []
