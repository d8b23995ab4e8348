"""The writer appends whole frames to a journal of its own, and says so only when they are kept."""

import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.ids import SessionId
from agentreplay.store.journal import writer as module
from agentreplay.store.journal.deletions import Deletions
from agentreplay.store.journal.packing import JOURNAL_FOLDER
from agentreplay.store.journal.reader import claim, journals_in
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.testing import Maker, batch_of
from tests.store.journal.disk import Disk
from tests.store.journal.written import OpenWriter, frames, written


def contents_written(folder: Path) -> list[Content]:
    return [content for batch in written(folder) for content in batch.contents]


def test_what_was_appended_stands_in_the_journal_in_order(open_writer: OpenWriter, make: Maker, tmp_path: Path) -> None:
    batches = [batch_of(make.session(), make.span(), make.content()) for _ in range(3)]
    writer = open_writer()

    for batch in batches:
        writer.append(batch)

    assert written(tmp_path) == batches
    assert len(journals_in(tmp_path)) == 1


def test_an_empty_batch_leaves_no_trace(open_writer: OpenWriter, tmp_path: Path) -> None:
    open_writer().append(Batch())

    assert list(tmp_path.iterdir()) == []


def test_a_journal_gets_its_name_when_it_is_locked_and_has_its_header(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    """Otherwise an indexer might take it for the journal of a writer that is gone."""
    open_writer().append(batch_of(make.span()))

    assert disk.calls == ["create", "write", "rename", "write"]
    with claim(journals_in(tmp_path)[0]) as is_free:
        assert not is_free


def test_a_journal_is_free_when_its_writer_closed_it(open_writer: OpenWriter, make: Maker, tmp_path: Path) -> None:
    writer = open_writer()
    writer.append(batch_of(make.span()))

    writer.close()
    writer.close()

    with claim(journals_in(tmp_path)[0]) as is_free:
        assert is_free


def test_a_closed_writer_goes_on_in_another_journal(open_writer: OpenWriter, make: Maker, tmp_path: Path) -> None:
    writer = open_writer()
    writer.append(batch_of(make.span()))
    writer.close()

    writer.append(batch_of(make.span()))

    assert len(journals_in(tmp_path)) == len(written(tmp_path)) == 2


def test_a_journal_that_grew_long_is_followed_by_another(
    open_writer: OpenWriter, make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ROLL_AT", 2_000)
    batches = [batch_of(make.span(), make.content("x" * 1_000)) for _ in range(9)]
    writer = open_writer()

    for batch in batches:
        writer.append(batch)

    assert [batch.spans for batch in written(tmp_path)] == [batch.spans for batch in batches]
    assert len(journals_in(tmp_path)) > 1
    with claim(journals_in(tmp_path)[0]) as is_free:
        assert is_free, "what is drained of the first one can go"


def test_a_content_is_written_once_in_a_session(open_writer: OpenWriter, make: Maker, tmp_path: Path) -> None:
    writer, again, other = open_writer(), make.content(), make.content()

    writer.append(batch_of(make.span(), again))
    writer.append(batch_of(make.span(), again, other))
    writer.append(batch_of(make.span(), again, other))

    assert contents_written(tmp_path) == [again, other]
    assert [len(batch.spans) for batch in written(tmp_path)] == [1, 1, 1]


def test_a_content_is_written_again_in_another_session_project_or_tenant(
    open_writer: OpenWriter, make: Maker, tmp_path: Path
) -> None:
    """The session that held it first may be deleted at any time."""
    writer, content = open_writer(), make.content()
    elsewhere = Maker(1, tenant="other")

    writer.append(batch_of(make.span(), content))
    writer.append(batch_of(make.span(session=SessionId("another")), content))
    writer.append(batch_of(make.span(project="another"), content))
    writer.append(batch_of(elsewhere.span(session=make.session_id), content))
    writer.append(batch_of(make.span(), make.span(session=SessionId("another")), content))

    assert contents_written(tmp_path) == [content] * 5


def test_a_content_is_written_again_after_a_deletion(open_writer: OpenWriter, make: Maker, tmp_path: Path) -> None:
    writer, content = open_writer(), make.content()
    writer.append(batch_of(make.span(), content))

    Deletions(tmp_path / JOURNAL_FOLDER).tell()
    writer.append(batch_of(make.span(), content))
    writer.append(batch_of(make.span(), content))

    assert contents_written(tmp_path) == [content, content]


def test_a_deletion_in_the_middle_of_an_append_takes_nothing_from_it(
    open_writer: OpenWriter, disk: Disk, make: Maker, tmp_path: Path
) -> None:
    writer, content = open_writer(), make.content()
    batch = batch_of(make.span(), content)
    writer.append(batch)
    disk.after_write = Deletions(tmp_path / JOURNAL_FOLDER).tell

    writer.append(batch)

    assert written(tmp_path)[-1] == batch


def test_sessions_beyond_those_remembered_are_written_whole(
    open_writer: OpenWriter, make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REMEMBERED_SESSIONS", 1)
    monkeypatch.setattr(module, "_REMEMBERED_CONTENTS", 1)
    writer, content, other = open_writer(), make.content(), make.content()

    for session in ("a", "b", "a"):
        writer.append(batch_of(make.span(session=SessionId(session)), content))
    for _ in range(2):
        writer.append(batch_of(make.span(session=SessionId("a")), other, content))

    assert contents_written(tmp_path) == [content, content, content, other, other, content]


def test_a_process_that_forks_has_two_journals(tmp_path: Path) -> None:
    """The child must neither write into the frames of its parent nor leave its lock behind."""
    program = """
import os, sys
from pathlib import Path
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.testing import Maker, batch_of

writer, make = JournalWriter(Path(sys.argv[1])), Maker()
content = make.content("said by both")
writer.append(batch_of(make.span(name="before"), content))
child = os.fork()
name = "parent" if child else "child"
for _ in range(50):
    writer.append(batch_of(make.span(name=name), content))
if child:
    sys.exit(os.waitpid(child, 0)[1])
"""

    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)

    names = [[batch.spans[0].name for batch in frames(path)] for path in journals_in(tmp_path)]
    assert names == [["before"] + 50 * ["parent"], 50 * ["child"]]
    assert len(contents_written(tmp_path)) == 2


def test_threads_write_whole_frames(make: Maker, tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    batches = [batch_of(make.span(), make.content()) for _ in range(400)]
    threads = [Thread(target=append_all, args=(writer, batches[start::4])) for start in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(written(tmp_path), key=starts) == batches


def append_all(writer: JournalWriter, batches: list[Batch]) -> None:
    for batch in batches:
        writer.append(batch)


def starts(batch: Batch) -> int:
    return batch.spans[0].start
