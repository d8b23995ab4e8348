"""One process at a time holds the lock of a data folder, and a dead one holds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentreplay.errors import StoreReadOnly
from agentreplay.store.sqlite.lock import LOCK, holder_of, locked

HOLD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from agentreplay.store.sqlite.lock import locked

with locked(Path(sys.argv[1])) as ours:
    print(os.getpid() if ours else 0, flush=True)
    sys.stdin.read(1)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_only_one_holds_it(tmp_path: Path) -> None:
    with locked(tmp_path) as first, locked(tmp_path) as second:
        assert (first, second) == (True, False)

    with locked(tmp_path) as third:
        assert third


def test_it_says_who_holds_it(tmp_path: Path) -> None:
    assert holder_of(tmp_path) is None
    with locked(tmp_path), locked(tmp_path):
        assert holder_of(tmp_path) == os.getpid()
    assert holder_of(tmp_path) is None


def test_whoever_only_tried_does_not_say_that_nobody_holds_it(tmp_path: Path) -> None:
    with locked(tmp_path):
        with locked(tmp_path):
            pass

        assert holder_of(tmp_path) == os.getpid()


def test_asking_who_holds_it_does_not_take_it(tmp_path: Path) -> None:
    with locked(tmp_path):
        pass

    assert holder_of(tmp_path) is None
    with locked(tmp_path) as ours:
        assert ours


def test_a_process_that_is_killed_gives_it_back(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD_AND_DIE, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        with locked(tmp_path) as during:
            holder = holder_of(tmp_path)
        process.stdin.write("x")
        process.stdin.close()
        assert process.wait() == -9

    assert (during, holder) == (False, process.pid)
    assert holder_of(tmp_path) is None
    with locked(tmp_path) as ours:
        assert ours


def test_a_name_that_makes_no_sense_is_nobody(tmp_path: Path) -> None:
    with locked(tmp_path):
        (tmp_path / LOCK).write_text("somebody")

        assert holder_of(tmp_path) is None


def test_a_disk_without_room_for_a_name_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, "no room")

    monkeypatch.setattr(os, "pwrite", fail)

    with locked(tmp_path) as ours:
        assert ours


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(StoreReadOnly, match="No such file"), locked(tmp_path / "nowhere"):
        pass
