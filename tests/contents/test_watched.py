"""A watched shelf tells of every operation, of those that failed too."""

from pathlib import Path

import pytest

from agentreplay.contents.folder import Folder
from agentreplay.contents.watched import Watched, Went
from agentreplay.errors import SnapshotMissing


def test_every_operation_is_told_when_it_is_over(tmp_path: Path) -> None:
    told: list[Went] = []
    shelf = Watched(Folder(tmp_path), told.append)

    shelf.write("a", [b"one", b"two"])
    assert b"".join(shelf.read("a")) == b"onetwo"
    shelf.stat("a")
    assert [file.name for file in shelf.files()] == ["a"]
    shelf.delete("a")

    assert [(went.operation, went.backend, went.outcome, went.bytes) for went in told] == [
        ("write", "folder", "ok", 6),
        ("read", "folder", "ok", 6),
        ("stat", "folder", "ok", 0),
        ("list", "folder", "ok", 0),
        ("delete", "folder", "ok", 0),
    ]
    assert all(went.seconds >= 0 for went in told)
    assert shelf.place("a") == str(tmp_path / "a")


def test_a_failure_is_told_by_its_name_and_raised(tmp_path: Path) -> None:
    told: list[Went] = []

    with pytest.raises(SnapshotMissing):
        Watched(Folder(tmp_path), told.append).stat("a")

    assert [went.outcome for went in told] == ["SnapshotMissing"]


def test_whoever_stops_reading_had_enough(tmp_path: Path) -> None:
    told: list[Went] = []
    shelf = Watched(Folder(tmp_path), told.append)
    shelf.write("a", [b"x" * 3_000_000])

    pieces = shelf.read("a")
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]

    assert (told[-1].outcome, told[-1].bytes) == ("ok", 1 << 20)
