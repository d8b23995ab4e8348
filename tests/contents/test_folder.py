"""Folders: what the system refuses, and what is left by a writer that was killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agentreplay.contents.folder import Folder
from agentreplay.errors import PlaceDenied, PlaceFailing, PlaceUnknown, SnapshotMissing


@pytest.mark.parametrize("name", ["../it", "/it", "a//b", "a/../../it", "", ".", "a\0b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(PlaceUnknown):
        Folder(tmp_path).write(name, [b""])


def test_a_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    Folder(tmp_path).write("it", [b"secret"])

    assert (tmp_path / "it").stat().st_mode & 0o077 == 0


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    folder = Folder(tmp_path)

    def full() -> None:
        with open("/dev/full", "wb", buffering=0) as nothing:  # noqa: PTH123
            nothing.write(b"x")

    def pieces() -> object:
        yield b"x"
        full()

    with pytest.raises(PlaceFailing, match="No space left"):
        folder.write("it", pieces())  # type: ignore[arg-type]

    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_a_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "it").mkdir()

    for ask in (Folder(tmp_path).stat, Folder(tmp_path).delete, lambda name: list(Folder(tmp_path).read(name))):
        with pytest.raises((SnapshotMissing, PlaceDenied)):
            ask("it")


def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raised by hand: who runs the tests may be allowed everything."""

    def refused(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)

    with pytest.raises(PlaceDenied, match="Permission denied") as caught:
        list(Folder(tmp_path).read("it"))

    assert isinstance(caught.value, PermissionError)


_ENDLESS = """
import sys, time
from pathlib import Path
from agentreplay.contents.folder import Folder

def endless():
    while True:
        yield b"y" * 65536
        print(flush=True)
        time.sleep(0.005)

Folder(Path(sys.argv[1])).write("it", endless())
"""


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("it", [b"before"])

    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", _ENDLESS, str(tmp_path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.02)
            os.kill(writer.pid, signal.SIGKILL)

        assert b"".join(folder.read("it")) == b"before"
        assert [found.name for found in folder.files()] == ["it"]
