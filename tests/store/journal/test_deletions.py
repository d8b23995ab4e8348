"""Every writer learns of every deletion, also of those in other processes, and pays next to nothing for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentreplay.store.journal.deletions import Deletions


def test_who_asks_for_the_first_time_cannot_know_what_was(tmp_path: Path) -> None:
    assert Deletions(tmp_path).has_changed()


def test_a_deletion_is_told_once_to_everybody(tmp_path: Path) -> None:
    one, other = Deletions(tmp_path), Deletions(tmp_path)
    for each in (one, other):
        each.has_changed()

    Deletions(tmp_path).tell()

    for each in (one, other):
        assert each.has_changed()
        assert not each.has_changed()


def test_two_that_delete_at_once_are_both_told(tmp_path: Path) -> None:
    """With a counter, the second of two that read the same number would write what is there already."""
    writer, one, other = Deletions(tmp_path), Deletions(tmp_path), Deletions(tmp_path)
    for each in (writer, one, other):
        each.has_changed()

    one.tell()
    assert writer.has_changed()
    other.tell()

    assert writer.has_changed()


def test_a_deletion_in_another_process_is_told(tmp_path: Path) -> None:
    here = Deletions(tmp_path)
    here.has_changed()
    program = (
        "import sys, pathlib; from agentreplay.store.journal.deletions import Deletions as D; "
        "D(pathlib.Path(sys.argv[1])).tell()"
    )

    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)

    assert here.has_changed()


def test_where_no_file_can_be_made_nothing_is_ever_deleted(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    deletions = Deletions(tmp_path / "file" / "journals")

    deletions.tell()

    assert not deletions.has_changed()


def test_a_disk_without_room_for_the_file_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mapped file with a hole in it would kill the process at the first touch instead."""

    def fail(*_: object) -> int:
        raise OSError(28, "no room")

    deletions = Deletions(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail)
        assert not deletions.has_changed()
        assert (tmp_path / "deletions").stat().st_size == 0

    assert deletions.has_changed()
    assert (tmp_path / "deletions").stat().st_size == 16


def test_a_file_made_by_half_is_completed_without_undoing_what_was_told(tmp_path: Path) -> None:
    other = Deletions(tmp_path)
    other.tell()
    told = (tmp_path / "deletions").read_bytes()[:8]
    os.truncate(tmp_path / "deletions", 8)

    Deletions(tmp_path).has_changed()

    assert (tmp_path / "deletions").read_bytes() == told + bytes(8)
