"""Snapshots of every released version open, and hold what they always held."""

from pathlib import Path

import pytest

import agentreplay
from agentreplay import __version__
from tests.golden.snapshots import KEYS, SNAPSHOTS, STATE, restored, write_snapshots

FILES = sorted(path.relative_to(SNAPSHOTS).as_posix() for path in SNAPSHOTS.glob("*/*"))


@pytest.mark.parametrize("file", FILES)
def test_it_holds_what_it_always_held(file: str) -> None:
    path = SNAPSHOTS / file

    told = agentreplay.get_metadata(path, key=KEYS[path.name])

    assert restored(path) == STATE
    assert (told["agent_id"], told["session_id"], told["snapshot_index"]) == ("forecaster", "01", 7)
    assert (told["timestamp_ns"], told["description"]) == (1_800_000_000_123_456_789, "as it was")
    assert told["file_size"] == path.stat().st_size


def test_this_version_writes_the_snapshot_that_lies_here(tmp_path: Path) -> None:
    """Another form is another format, with files of its own. What is compressed depends on the compressor's release."""
    write_snapshots(tmp_path)

    assert (tmp_path / "none.snapshot").read_bytes() == (SNAPSHOTS / __version__ / "none.snapshot").read_bytes()
