"""The snapshots benchmark: what saving and reading a state costs, beside JSON under gzip as Persist has it.

The state is the conversations of many sessions. Both sides begin with the same object in memory and end with a file
that is on the disk (`fsync`), and back; both prove the file they read: ours all of it, the peer the hash of the state.
CPU time is that of the process; the two take turns, and the median counts. The peer is in benchmarks/gzip_json.py.

Memory is that of a process of its own at its highest. It saves and verifies a state of 2 GiB that comes in pieces; the
peer, which has no pieces, has one of 64 MiB.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentreplay.contents.shelf import locate
from agentreplay.core import snapshots
from agentreplay.model.snapshot import SnapshotId, SnapshotMetadata
from agentreplay.model.time import Nanoseconds
from agentreplay.sdk.plain import json_bytes, to_json
from benchmarks.conversation import Conversation
from benchmarks.figures import Report, at_least, at_most
from benchmarks.gzip_json import read_as_peer, save_as_peer
from benchmarks.source import Source

__all__ = ["measure_snapshots"]

_ROUNDS = 9
_PIECE = 1 << 20
_LARGE, _LARGE_FOR_PEER = 2_048, 64
_MEMORY = 64
_ABOUT = SnapshotMetadata(
    agent_id="coder", session_id="1", snapshot_id=SnapshotId("1"), timestamp=Nanoseconds(1_800_000_000_000_000_000)
)


def measure_snapshots(folder: Path, report: Report) -> None:
    """Measure and report."""
    for name, conversations in (("small", 1), ("large", 12)):
        _compare(name, _state(conversations), folder, report)
    report.add("snapshots.memory.2_gib", _peak("ours", _LARGE, folder), "MiB", at_most(_MEMORY))
    report.add("snapshots.memory.64_mib.gzip_json", _peak("peer", _LARGE_FOR_PEER, folder), "MiB")


def _compare(name: str, state: Any, folder: Path, report: Report) -> None:
    ours, peers = folder / "it.snapshot", folder / "it.json.gz"
    steps: dict[str, Callable[[], object]] = {
        "save": lambda: _save(state, ours),
        "read": lambda: _read(ours),
        "save.gzip_json": lambda: save_as_peer(state, peers),
        "read.gzip_json": lambda: read_as_peer(peers),
    }
    taken: dict[str, list[float]] = {step: [] for step in steps}
    for _ in range(_ROUNDS):
        for step, perform in steps.items():
            before = time.process_time()
            perform()
            taken[step].append(time.process_time() - before)
    assert _read(ours) == read_as_peer(peers) == state, "a state came back changed"
    size = len(json_bytes(state))
    report.add(f"snapshots.{name}.state", size, "bytes")
    for step, seconds in taken.items():
        report.add(f"snapshots.{name}.{step}", statistics.median(seconds) * 1e3, "ms of CPU")
    for step, bound in (("save", 2), ("read", 1)):
        ratio = statistics.median(taken[f"{step}.gzip_json"]) / statistics.median(taken[step])
        report.add(f"snapshots.{name}.{step}.faster", ratio, "x", at_least(bound))
    report.add(f"snapshots.{name}.file", ours.stat().st_size, "bytes")
    report.add(f"snapshots.{name}.file.gzip_json", peers.stat().st_size, "bytes")
    for path in (ours, peers):
        path.unlink()


def _state(conversations: int) -> Any:
    def messages(number: int) -> list[Any]:
        *_, last = Conversation(Source(number, 20_000), "You are a careful coder.").calls()
        return [*last.messages, last.answer]

    return {"agents": [{"name": f"coder {number}", "messages": messages(number)} for number in range(conversations)]}


def _save(state: Any, path: Path) -> None:
    data = json_bytes(to_json(state))
    snapshots.save(locate(path), (data[at : at + _PIECE] for at in range(0, len(data), _PIECE)), _ABOUT)


def _read(path: Path) -> Any:
    return json.loads(snapshots.read(locate(path)).state)


def _peak(side: str, mebibytes: int, folder: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.snapshot_memory", side, str(mebibytes), str(folder)]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    return float(done.stdout)
