"""A frame that is posted lies in a journal of its own, whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from agentreplay.store.journal.packing import HOOK, HOOK_VERSION, JOURNAL_FOLDER
from agentreplay.store.journal.posting import post
from agentreplay.store.journal.reader import journals_in, read_frames


@pytest.mark.parametrize("durable", [False, True])
def test_each_frame_gets_a_journal(tmp_path: Path, *, durable: bool) -> None:
    post(str(tmp_path / "data"), HOOK, HOOK_VERSION, b"one", durable=durable)
    post(str(tmp_path / "data"), HOOK, HOOK_VERSION, b"two", durable=durable)

    journals = list(journals_in(tmp_path / "data"))
    frames = [frame for journal in journals for frame in read_frames(journal, 0)]
    assert [(frame.kind, frame.payload) for frame in frames] == [(HOOK, b"one"), (HOOK, b"two")]
    assert all(path.stat().st_mode & 0o077 == 0 for path in journals), "what lies there is nobody else's business"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "write", full)

    with pytest.raises(OSError, match="no room"):
        post(str(tmp_path), HOOK, HOOK_VERSION, b"one")

    assert list((tmp_path / JOURNAL_FOLDER).iterdir()) == []


def test_a_write_that_takes_a_part_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:5]))

    post(str(tmp_path), HOOK, HOOK_VERSION, b"x" * 100)

    (journal,) = journals_in(tmp_path)
    assert [frame.payload for frame in read_frames(journal, 0)] == [b"x" * 100]
