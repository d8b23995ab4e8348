"""Single files, read for keeping."""

import os
import time
from pathlib import Path

from agentreplay.core.redact import Redactor
from agentreplay.core.workspace_files import Limits, Reader, Taken, stamp_of
from agentreplay.model.content import Content

LATER = time.time_ns() + 10**12


def take(path: Path, *, now: int = LATER, limits: Limits = Limits()) -> Taken:  # noqa: B008  # it never changes
    given: list[Content] = []

    def give(content: Content) -> bool:
        given.append(content)
        return True

    return Reader(Redactor(), limits, give, lambda: now).take(path, stamp_of(path.lstat()))


def test_a_file_that_was_changed_just_now_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a", encoding="utf-8")
    changed = path.stat().st_ctime_ns

    assert take(path, now=changed + 10_000_000).is_racy
    assert not take(path, now=changed + 10_000_000_000).is_racy


def test_where_times_are_whole_seconds_one_waits_longer(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a", encoding="utf-8")
    whole = path.stat().st_ctime_ns // 10**9 * 10**9
    os.utime(path, ns=(whole, whole))

    assert take(path, now=path.stat().st_ctime_ns + 10**9).is_racy


def test_what_cannot_be_read_is_left_out_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a", encoding="utf-8")
    stamp = stamp_of(path.lstat())
    path.unlink()

    taken = Reader(Redactor(), Limits(), lambda _: True).take(path, stamp)

    assert taken.entry.why == "it cannot be read: No such file or directory"
    assert taken.is_racy


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    path, outside = tmp_path / "a", tmp_path / "outside"
    outside.write_text("not ours", encoding="utf-8")
    path.write_text("a", encoding="utf-8")
    stamp = stamp_of(path.lstat())
    path.unlink()
    path.symlink_to(outside)

    taken = Reader(Redactor(), Limits(), lambda _: True).take(path, stamp)

    assert taken.entry.kind == "left out"


def test_there_may_be_only_so_many_files(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a", encoding="utf-8")
    reader = Reader(Redactor(), Limits(files=5), lambda _: True)
    reader.files = 6

    assert reader.take(path, stamp_of(path.lstat())).entry.why == "there are more than 5 files"
