"""The snapshots benchmark: what saving and reading a state costs, beside JSON under gzip as Persist has it.

The state is the conversations of many sessions. Both sides begin with the same object in memory and end with a file
that is on the disk (`fsync`), and back; both prove the file they read: ours all of it, the peer the hash of the state.
CPU time is that of the process; the two take turns, and the median counts. The peer is written here as Persist's
engine does it: JSON with its fields sorted, SHA-256 of the state, gzip at level 6, a temporary file and a rename.

Memory is that of a process of its own at its highest. It saves and verifies a state of 2 GiB that comes in pieces; the
peer, which has no pieces, has one of 64 MiB.
"""

import gzip
import hashlib
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agentreplay.contents.shelf import locate
from agentreplay.core import snapshots
from agentreplay.core.snapshot_file import SnapshotReader
from agentreplay.model.snapshot import SnapshotId, SnapshotMetadata
from agentreplay.model.time import Nanoseconds
from agentreplay.sdk.plain import json_bytes, to_json
from benchmarks.conversation import Conversation
from benchmarks.figures import Report, at_least, at_most
from benchmarks.processes import apart
from benchmarks.source import Source

__all__ = ["measure_snapshots"]

_ROUNDS = 9
_PIECE = 1 << 20
_LARGE = 2 << 30
_LARGE_FOR_PEER = 64 << 20
_MEMORY = 64
_ABOUT = SnapshotMetadata(
    agent_id="coder", session_id="1", snapshot_id=SnapshotId("1"), timestamp=Nanoseconds(1_800_000_000_000_000_000)
)


def measure_snapshots(folder: Path, report: Report) -> None:
    """Measure and report."""
    for name, conversations in (("small", 1), ("large", 12)):
        _compare(name, _state(conversations), folder, report)
    memory = apart(_peak_of_ours, folder)
    report.add("snapshots.memory.2_gib", memory, "MiB", at_most(_MEMORY))
    report.add("snapshots.memory.64_mib.gzip_json", apart(_peak_of_peer, folder), "MiB")


def _compare(name: str, state: Any, folder: Path, report: Report) -> None:
    ours, peers = folder / "it.snapshot", folder / "it.json.gz"
    steps: dict[str, Callable[[], object]] = {
        "save": lambda: _save(state, ours),
        "read": lambda: _read(ours),
        "save.gzip_json": lambda: _save_as_peer(state, peers),
        "read.gzip_json": lambda: _read_as_peer(peers),
    }
    taken: dict[str, list[float]] = {step: [] for step in steps}
    for _ in range(_ROUNDS):
        for step, perform in steps.items():
            before = time.process_time()
            perform()
            taken[step].append(time.process_time() - before)
    assert _read(ours) == _read_as_peer(peers) == state, "a state came back changed"
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


def _save_as_peer(state: Any, path: Path) -> None:
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    metadata = {"agent_id": "coder", "content_hash": hashlib.sha256(text.encode()).hexdigest(), "format_version": 1}
    whole = json.dumps({"metadata": metadata, "agent_state": state}, sort_keys=True, separators=(",", ":"))
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(gzip.compress(whole.encode(), 6))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read_as_peer(path: Path) -> Any:
    envelope = json.loads(gzip.decompress(path.read_bytes()))
    state = envelope["agent_state"]
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == envelope["metadata"]["content_hash"]
    return state


def _pieces(size: int) -> Iterator[bytes]:
    """Prose of which no two pieces are the same."""
    source = Source(1, 20_000)
    prose = json.dumps([source.prose.passage(400) for _ in range(2_000)]).encode()
    for number in range(size // _PIECE):
        turn = number * 7_919 % len(prose)
        piece = b"%012d" % number + prose[turn:] + prose[:turn]
        yield (piece * (_PIECE // len(piece) + 1))[:_PIECE]


def _peak_of_ours(folder: Path) -> float:
    at = locate(folder / "large.snapshot")
    saved = snapshots.save(at, _pieces(_LARGE), _ABOUT)
    reader = SnapshotReader(at.shelf.read(at.name), at.place, limit=_LARGE)
    assert sum(len(piece) for piece in reader.state()) == saved.uncompressed_size == _LARGE
    snapshots.delete(at)
    return _peak()


def _peak_of_peer(folder: Path) -> float:
    path = folder / "large.json.gz"
    _save_as_peer([piece.decode("latin-1") for piece in _pieces(_LARGE_FOR_PEER)], path)
    _read_as_peer(path)
    path.unlink()
    return _peak()


def _peak() -> float:
    """The most memory this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
