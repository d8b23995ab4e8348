"""Snapshots over HTTP: those in the folder of the server, and what that costs, in its figures."""

from pathlib import Path

import pytest

from agentreplay.contents.shelf import locate
from agentreplay.core import snapshots
from agentreplay.model.snapshot import SnapshotId, SnapshotMetadata
from agentreplay.model.time import Nanoseconds
from tests.server.running import Running


@pytest.fixture(scope="module")
def folder(anybody: Running) -> Path:
    folder = anybody.folder / "snapshots"
    for number, city in ((1, "Oslo"), (2, "Rome")):
        metadata = SnapshotMetadata(
            agent_id="ann",
            session_id="s",
            snapshot_id=SnapshotId(str(number)),
            snapshot_index=3 - number,
            timestamp=Nanoseconds(1_800_000_000_000_000_000 - number),
        )
        snapshots.save(locate(folder / "deep" / f"{number}.snapshot"), [b'{"city":"%b"}' % city.encode()], metadata)
    (folder / "3.snapshot").write_bytes((folder / "deep" / "1.snapshot").read_bytes()[:-1])
    return folder


def test_they_are_listed_and_looked_at(anybody: Running, folder: Path) -> None:
    listed = anybody.ask("/api/v1/snapshots").json["items"]
    by_time = anybody.ask("/api/v1/snapshots?agent=ann").json["items"]
    of_session = [anybody.ask(f"/api/v1/snapshots?session={session}").json["items"] for session in ("s", "t")]
    one = anybody.ask("/api/v1/snapshots/metadata?name=deep/1.snapshot").json

    assert [len(each) for each in of_session] == [2, 0]
    assert [each["name"] for each in listed] == ["3.snapshot", "deep/1.snapshot", "deep/2.snapshot"]
    assert "is damaged" in listed[0]["problem"]
    assert [each["metadata"]["snapshot_id"] for each in by_time] == ["2", "1"]
    assert (one["agent_id"], one["timestamp"]) == ("ann", "1799999999999999999")


def test_they_are_proven_and_compared(anybody: Running, folder: Path) -> None:
    assert anybody.ask("/api/v1/snapshots/verification?name=deep/1.snapshot").status == 200
    told = anybody.ask("/api/v1/snapshots/difference?one=deep/1.snapshot&other=deep/2.snapshot").json

    assert told == {"items": [{"path": "city", "expected": "Oslo", "got": "Rome"}]}


@pytest.mark.parametrize("name", ["../agentreplay.db", "/etc/passwd", "deep/../../x", "deep"])
def test_no_name_leads_out_of_the_folder(anybody: Running, folder: Path, name: str) -> None:
    assert anybody.ask(f"/api/v1/snapshots/metadata?name={name}").status in {400, 404}


def test_what_was_done_is_in_the_figures(anybody: Running, folder: Path) -> None:
    anybody.ask("/api/v1/snapshots/metadata?name=nothing")
    anybody.ask("/api/v1/snapshots/verification?name=deep/1.snapshot")

    told = anybody.ask("/metrics").body.decode()

    counted = "agentreplay_snapshot_operations_total"
    assert f'{counted}{{operation="stat",backend="folder",outcome="SnapshotMissing"}}' in told
    assert 'agentreplay_snapshot_seconds_bucket{operation="read",backend="folder",le="+Inf"}' in told
    assert 'agentreplay_snapshot_bytes_total{operation="read",backend="folder"}' in told
