"""An upload whose process is killed goes on in another process; until it is done nothing is visible."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import agentreplay
from agentreplay.contents.shelf import open_shelf
from agentreplay.errors import SnapshotMissing
from tests.contents.buckets import BUCKET, Buckets, buckets

pytestmark = pytest.mark.slow

_PIECE = 1 << 20
_PIECES = 32
_WRITER = f"""
import sys
from agentreplay.contents.shelf import open_shelf

def pieces():
    for number in range({_PIECES}):
        if number == int(sys.argv[1]):
            print("waiting", flush=True)
            sys.stdin.read()
        yield bytes([number]) * {_PIECE}

open_shelf("s3://{BUCKET}/folder").write("large", pieces(), replace=sys.argv[2] == "replace")
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Buckets]:
    with buckets() as started:
        yield started


@pytest.mark.parametrize("how", ["replace", "keep"])
def test_an_upload_that_was_killed_goes_on(
    server: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("AGENTREPLAY_DB", str(tmp_path))
    shelf = open_shelf(f"s3://{BUCKET}/folder")
    del server.asked[:]

    for until in (12, 23):
        _write_and_kill(until, how)
        assert list(shelf.files()) == []
        with pytest.raises(SnapshotMissing):
            shelf.stat("large")
    shelf.write("large", (bytes([number]) * _PIECE for number in range(_PIECES)), replace=how == "replace")

    assert b"".join(shelf.read("large")) == b"".join(bytes([number]) * _PIECE for number in range(_PIECES))
    sent = [line for line in server.asked if line.startswith("PUT") and "partNumber" in line and "/large?" in line]
    drafts = [line for line in server.asked if line.startswith("PUT") and "partNumber" in line and "/.drafts/" in line]
    assert len(sent if how == "replace" else drafts) == 7  # each of the seven parts once
    assert "<Upload>" not in server.uploads()
    assert list((tmp_path / "unfinished").iterdir()) == []
    shelf.delete("large")


def test_a_snapshot_that_is_copied_goes_on(server: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second copy has the very bytes of the first one."""
    monkeypatch.setenv("AGENTREPLAY_DB", str(tmp_path / "data"))
    place = tmp_path / "large.snapshot"
    agentreplay.snapshot({"noise": os.urandom(16 << 20).hex()}, place)
    command = [sys.executable, "-m", "agentreplay.cli", "snapshot", "copy", str(place), f"s3://{BUCKET}/large.snapshot"]
    del server.asked[:]

    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not any("partNumber=2" in line for line in server.asked):
        pass
    process.kill()
    process.wait()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    numbers = [line.partition("partNumber=")[2] for line in server.asked if "partNumber=" in line]
    assert len(numbers) <= len(set(numbers)) + 1  # the one that was on its way when it was killed
    assert agentreplay.verify_snapshot(f"s3://{BUCKET}/large.snapshot")


def _write_and_kill(until: int, how: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(until), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"waiting\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
