"""Which folders were touched."""

import ctypes
import errno
import sys
from pathlib import Path

import pytest

from agentreplay.core import folder_watch
from agentreplay.core.folder_watch import FolderWatch

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other kernels are not asked")


@pytest.fixture
def watch(tmp_path: Path) -> FolderWatch:
    (tmp_path / "sub").mkdir()
    found = FolderWatch(tmp_path)
    found.watch(["", "sub/"])
    return found


@on_linux
def test_what_was_touched_is_told_once(tmp_path: Path, watch: FolderWatch) -> None:
    assert watch.touched() == set()

    (tmp_path / "sub" / "a").write_text("a", encoding="utf-8")
    assert watch.touched() == {"sub/"}
    (tmp_path / "sub" / "a").rename(tmp_path / "b")
    assert watch.touched() == {"", "sub/"}
    (tmp_path / "b").chmod(0o600)
    assert watch.touched() == {""}
    assert watch.touched() == set()
    watch.close()


@on_linux
def test_a_folder_that_was_renamed_is_known_by_its_new_name(tmp_path: Path, watch: FolderWatch) -> None:
    (tmp_path / "sub").rename(tmp_path / "other")
    watch.touched()
    watch.watch(["other/"])

    (tmp_path / "other" / "a").touch()

    assert watch.touched() == {"other/"}
    (tmp_path / "sub").mkdir()
    watch.watch(["sub/"])
    watch.touched()
    (tmp_path / "sub" / "new").touch()
    assert watch.touched() == {"sub/"}
    watch.close()


@on_linux
def test_when_too_much_happened_anything_may_have_been_touched(watch: FolderWatch) -> None:
    watch._read(folder_watch._EVENT.pack(-1, folder_watch._Q_OVERFLOW, 0, 0), set())

    assert watch.touched() is None
    assert watch.touched() == set()
    watch.close()


def test_where_the_kernel_does_not_tell_everything_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    watch = FolderWatch(tmp_path)
    watch.watch([""])

    assert watch.descriptor is None
    assert watch.touched() is None
    watch.close()


@on_linux
def test_where_no_more_folders_may_be_watched_everything_is_looked_at(tmp_path: Path, watch: FolderWatch) -> None:
    class Full:
        @staticmethod
        def inotify_add_watch(*_: object) -> int:
            ctypes.set_errno(errno.ENOSPC)
            return -1

    (tmp_path / "more").mkdir()
    watch._library = Full()  # type: ignore[assignment]  # it stands for a kernel
    watch.watch(["more/"])

    assert watch.touched() is None
