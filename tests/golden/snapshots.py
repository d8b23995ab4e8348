"""What lies in the golden snapshots, and what must be read from them for ever."""

from pathlib import Path

import agentreplay
from agentreplay.contents.shelf import locate
from agentreplay.core import snapshots
from agentreplay.model.snapshot import Compression, SnapshotId, SnapshotMetadata
from agentreplay.model.time import Nanoseconds
from agentreplay.sdk.plain import freeze

__all__ = ["KEYS", "SNAPSHOTS", "STATE", "restored", "write_snapshots"]

SNAPSHOTS = Path(__file__).parent / "snapshots"
STATE = {"b": [1, 2.5, 10**30, None, True], "a": ("Grüße", b"\0\xff", {1, 2}), "$type": {"x": float("inf")}}
KEYS: dict[str, str | bytes | None] = {
    "zstd.snapshot": None,
    "gzip.snapshot": None,
    "none.snapshot": None,
    "passphrase.snapshot": "open sesame",
    "key.snapshot": bytes(range(32)),
    "persist.json.gz": None,
}
"""The files of each version, and what opens them."""


def write_snapshots(folder: Path) -> None:
    """One of each kind."""
    state = freeze(STATE)
    for name, key in KEYS.items():
        how: dict[str, Compression] = {"gzip": "gzip", "none": "none"}
        metadata = SnapshotMetadata(
            agent_id="forecaster",
            session_id="01",
            snapshot_id=SnapshotId(f"golden-{name}"),
            timestamp=Nanoseconds(1_800_000_000_123_456_789),
            snapshot_index=7,
            parent=SnapshotId("golden"),
            description="as it was",
            labels={"env": "test"},
            compression_algorithm=how.get(name.partition(".")[0], "zstd"),
        )
        snapshots.save(locate(folder / name), [state], metadata, key=key, chance=lambda size: b"g" * size)


def restored(path: Path) -> object:
    """The state in one of them."""
    return agentreplay.restore(path, key=KEYS[path.name])
