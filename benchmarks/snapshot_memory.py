"""`python -m benchmarks.snapshot_memory ours|peer MIB FOLDER`: the most memory that saving and reading a state takes.

A process of its own, which imports nothing else, so that its memory is that of the work: the whole process, Python
included. The state comes in pieces of a mebibyte, of which no two are the same.
"""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from agentreplay.contents.shelf import locate
from agentreplay.core import snapshots
from agentreplay.core.snapshot_file import SnapshotReader
from agentreplay.model.snapshot import SnapshotId, SnapshotMetadata
from agentreplay.model.time import Nanoseconds
from benchmarks.gzip_json import read_as_peer, save_as_peer

__all__ = ["main"]

_PIECE = 1 << 20
_STATUS = Path("/proc/self/status")


def main(side: str, mebibytes: int, folder: Path) -> float:
    """Save and read a state of that size; returns the peak in MiB."""
    if side == "peer":
        path = folder / "memory.json.gz"
        save_as_peer([piece.decode() for piece in _pieces(mebibytes)], path)
        read_as_peer(path)
        path.unlink()
        return _peak()
    at = locate(folder / "memory.snapshot")
    metadata = SnapshotMetadata(
        agent_id="a", session_id="s", snapshot_id=SnapshotId("1"), timestamp=Nanoseconds(1_800_000_000_000_000_000)
    )
    saved = snapshots.save(at, _pieces(mebibytes), metadata)
    reader = SnapshotReader(at.shelf.read(at.name), at.place, limit=mebibytes * _PIECE)
    assert sum(len(piece) for piece in reader.state()) == saved.uncompressed_size == mebibytes * _PIECE
    snapshots.delete(at)
    return _peak()


def _pieces(count: int) -> Iterator[bytes]:
    letters = bytes(Random(1).choices(b"abcdefghijklmnopqrstuvwxyz \n", k=_PIECE))
    for number in range(count):
        turn = number * 7_919 % _PIECE
        yield (b"%012d" % number + letters[turn:] + letters[:turn])[:_PIECE]


def _peak() -> float:
    if _STATUS.exists():
        # What `getrusage` tells includes the process that started this one.
        line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
