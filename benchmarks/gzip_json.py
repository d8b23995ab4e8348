"""The peer of snapshots: JSON under gzip, as Persist's engine keeps a state.

Fields sorted, SHA-256 of the state, gzip at level 6, a temporary file that is synced and renamed; when it is read, the
hash of the state is made anew.
"""

import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import Any

__all__ = ["read_as_peer", "save_as_peer"]


def save_as_peer(state: Any, path: Path) -> None:
    """Keep a state."""
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    metadata = {"agent_id": "coder", "content_hash": hashlib.sha256(text.encode()).hexdigest(), "format_version": 1}
    whole = json.dumps({"metadata": metadata, "agent_state": state}, sort_keys=True, separators=(",", ":"))
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(gzip.compress(whole.encode(), 6))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_as_peer(path: Path) -> Any:
    """Read and prove it."""
    envelope = json.loads(gzip.decompress(path.read_bytes()))
    state = envelope["agent_state"]
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == envelope["metadata"]["content_hash"]
    return state
