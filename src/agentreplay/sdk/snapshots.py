"""Snapshots of agents, from inside the program: taken, restored, looked at.

The first arguments of each function are those that Persist's users know, by the same names and in the same order.
"""

import json
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from agentreplay.contents.shelf import Located, locate, open_shelf
from agentreplay.core import snapshots as core
from agentreplay.core.snapshot_file import LIMIT
from agentreplay.core.snapshot_seal import Key
from agentreplay.errors import PlaceUnknown, SnapshotUnreadable, StateForeign, StateUnkept
from agentreplay.model.snapshot import Compression, Keep, SnapshotId, SnapshotMetadata, new_snapshot_id
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.sdk import serialisers
from agentreplay.sdk.plain import NotPlain, json_bytes
from agentreplay.sdk.recorder import Recorder
from agentreplay.sdk.scope import scope
from agentreplay.sdk.serialisers import Wanted, allowed
from agentreplay.sdk.silence import silence

__all__ = [
    "Address",
    "Told",
    "copy_snapshot",
    "delete_snapshot",
    "diff_snapshots",
    "get_metadata",
    "list_snapshots",
    "new_id",
    "now",
    "restore",
    "retain_snapshots",
    "snapshot",
    "snapshot_exists",
    "snapshot_history",
    "snapshot_lineage",
    "take",
    "told",
    "verify_snapshot",
]

Address = str | Path
"""A path, or a URL: s3://, gs://, az:// or file://."""

Told = dict[str, Any]
"""What is told of a snapshot: the fields of SnapshotMetadata, `timestamp` in whole seconds as Persist tells it, and
`timestamp_ns`."""

_MODES = {"s3": "s3", "gcs": "gs", "gs": "gs", "azure": "az", "az": "az"}
_PIECE = 1 << 20

_last: dict[str, SnapshotId] = {}
"""The snapshot that each agent of this process was taken to or restored from last."""


def snapshot(  # noqa: PLR0913, PLR0917  # Persist's arguments, in Persist's order
    agent: object,
    path: Address,
    agent_id: str | None = None,
    session_id: str | None = None,
    snapshot_index: int = 0,
    description: str | None = None,
    storage_mode: str | None = None,
    s3_bucket: str | None = None,
    s3_region: str | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    key: Key | None = None,
    allow: Iterable[type[Any]] = (),
    compression: Compression = "zstd",
    replace: bool = True,
) -> Told:
    """Keep the state of an agent in a file, and tell of it what `get_metadata` does.

    The file is there whole or not at all. A path that ends in .json.gz makes a file that Persist reads. Within a
    recording, the agent and the session are the recorded ones unless they are given. With a `key`, a passphrase or
    32 bytes, the state is encrypted. What `allow` names is kept by its `__getstate__`.

    Raises StateUnkept when a part of the state cannot be kept, and the errors of where it is to lie.
    """
    at = _located(path, storage_mode, s3_bucket, s3_region)
    who, where = _recorded()
    metadata = SnapshotMetadata(
        agent_id=agent_id or who or "default_agent",
        session_id=session_id or where or "default_session",
        snapshot_id=new_id(),
        timestamp=now(),
        snapshot_index=snapshot_index,
        description=description,
        labels=dict(labels or {}),
        compression_algorithm=compression,
    )
    return told(take(agent, at, metadata, key=key, allow=allow, replace=replace))


def new_id() -> SnapshotId:
    """An id that no other snapshot has."""
    with silence():
        return new_snapshot_id(secrets.token_bytes(16))


def now() -> Nanoseconds:
    """The time, which is none that a recorded program reads."""
    with silence():
        return Nanoseconds(time.time_ns())


def take(  # noqa: PLR0913  # what is taken, and how
    agent: object,
    at: Located,
    metadata: SnapshotMetadata,
    *,
    key: Key | None = None,
    allow: Iterable[type[Any]] = (),
    replace: bool = True,
) -> SnapshotMetadata:
    """Take a snapshot of which all is told but who serialises it and which one it follows."""
    classes = allowed(allow)
    name, serialiser = serialisers.find(agent, classes)
    try:
        state = json_bytes(serialiser.freeze(agent, classes))
    except NotPlain as error:
        raise StateUnkept(problem=str(error)) from error
    parent = metadata.parent or _last.get(metadata.agent_id)
    begun = msgspec.structs.replace(metadata, serialiser=name, parent=parent)
    pieces = (state[start : start + _PIECE] for start in range(0, len(state), _PIECE))
    # What chance there is in a key is none that a replay may serve again.
    with silence():
        saved = core.save(at, pieces, begun, key=key, replace=replace)
    _last[saved.agent_id] = saved.snapshot_id
    return saved


def restore(  # noqa: PLR0913  # as `snapshot`
    path: Address,
    secrets_map: Mapping[str, str] | None = None,
    storage_mode: str | None = None,
    s3_bucket: str | None = None,
    s3_region: str | None = None,
    *,
    into: Any = None,
    key: Key | None = None,
    allow: Iterable[type[Any]] = (),
    limit: int = LIMIT,
) -> Any:
    """The agent of a snapshot, or its state; put `into` something where that is given.

    All of the file is proven before anything is made of it. Only plain data and classes of modules that the program
    has imported are made, by no constructor; LangChain's objects beyond messages, and what says its state by
    `__getstate__`, only when `allow` names their classes. A state of more than `limit` bytes is not read.

    Raises SnapshotMissing, SnapshotDamaged, SnapshotKeyNeeded, SnapshotKeyWrong, SnapshotTooLarge, StateForeign and
    ClassForbidden.
    """
    at = _located(path, storage_mode, s3_bucket, s3_region)
    found = core.read(at, key=key, limit=limit)
    wanted = Wanted(at.place, into, dict(secrets_map or {}), allowed(allow))
    try:
        state = json.loads(found.state)
    except (ValueError, RecursionError) as error:
        media = found.metadata.media
        raise SnapshotUnreadable(place=at.place, problem=f"its state is {media}; extract it to a file") from error
    try:
        agent = serialisers.named(found.metadata.serialiser, at.place).thaw(state, wanted)
    except (NotPlain, RecursionError) as error:
        raise StateForeign(place=at.place, problem=str(error)) from error
    _last[found.metadata.agent_id] = found.metadata.snapshot_id
    return agent


def get_metadata(
    path: Address,
    storage_mode: str | None = None,
    s3_bucket: str | None = None,
    s3_region: str | None = None,
    *,
    key: Key | None = None,
) -> Told:
    """What is told of a snapshot, without reading its state."""
    return told(core.metadata_of(_located(path, storage_mode, s3_bucket, s3_region), key=key))


def verify_snapshot(
    path: Address,
    storage_mode: str | None = None,
    s3_bucket: str | None = None,
    s3_region: str | None = None,
    *,
    key: Key | None = None,
) -> Told:
    """Prove every byte of a snapshot, and tell of it. Raises SnapshotDamaged unless all is as it was written."""
    return told(core.verify(_located(path, storage_mode, s3_bucket, s3_region), key=key))


def snapshot_exists(
    path: Address, storage_mode: str | None = None, s3_bucket: str | None = None, s3_region: str | None = None
) -> bool:
    """Whether there is a file of that name. What else goes wrong is raised, for it says nothing about that."""
    return core.exists(_located(path, storage_mode, s3_bucket, s3_region))


def delete_snapshot(
    path: Address, storage_mode: str | None = None, s3_bucket: str | None = None, s3_region: str | None = None
) -> None:
    """Delete a snapshot. Raises SnapshotMissing where there is none."""
    core.delete(_located(path, storage_mode, s3_bucket, s3_region))


def list_snapshots(folder: Address, agent_id: str | None = None) -> list[Told]:
    """The snapshots in a folder or a bucket by name. Of a damaged one `problem` tells what is wrong with it."""
    return [_listed(found) for found in core.find(open_shelf(folder), agent_id)]


def snapshot_history(folder: Address, agent_id: str) -> list[Told]:
    """The snapshots of an agent in the order in which they were taken."""
    return [_listed(found) for found in core.history(core.find(open_shelf(folder)), agent_id)]


def snapshot_lineage(folder: Address, snapshot_id: str) -> list[Told]:
    """A snapshot, the one it followed or was restored from, and so on as far back as they are there."""
    return [_listed(found) for found in core.lineage(core.find(open_shelf(folder)), SnapshotId(snapshot_id))]


def diff_snapshots(one: Address, other: Address, *, key: Key | None = None) -> list[Told]:
    """Where the states of two snapshots differ: `path`, and `expected` and `got` where that side has something."""
    return [difference.told for difference in core.diff(locate(one), locate(other), key=key)]


def copy_snapshot(source: Address, target: Address, *, key: Key | None = None, replace: bool = False) -> Told:
    """Copy a snapshot to another folder or bucket, proven on its way."""
    return told(core.copy(locate(source), locate(target), key=key, replace=replace))


def retain_snapshots(  # noqa: PLR0913  # what stays, and of whom
    folder: Address,
    *,
    last: int = 0,
    daily: int = 0,
    weekly: int = 0,
    agent_id: str | None = None,
    only_tell: bool = False,
) -> list[Told]:
    """Delete all but the last snapshots of each agent, and the last of so many days and weeks; tell what went."""
    keep = Keep(last=last, daily=daily, weekly=weekly)
    return [_listed(found) for found in core.retain(open_shelf(folder), keep, agent=agent_id, only_tell=only_tell)]


def told(metadata: SnapshotMetadata) -> Told:
    """The metadata as Persist tells them."""
    fields = msgspec.structs.asdict(metadata)
    return {**fields, "timestamp": metadata.timestamp // SECOND, "timestamp_ns": int(metadata.timestamp)}


def _listed(found: core.Found) -> Told:
    about = {} if found.metadata is None else told(found.metadata)
    return {"name": found.name, "place": found.place, **about, "problem": found.problem}


def _recorded() -> tuple[str | None, str | None]:
    """The agent and the session that are being recorded here."""
    here = scope()
    recorder = None if here.boundary is None else here.boundary.recorder
    return here.agent, recorder.place.session if isinstance(recorder, Recorder) else None


def _located(path: Address, mode: str | None, bucket: str | None, region: str | None) -> Located:
    """The file that Persist's arguments mean; a URL says all that they do."""
    if mode in {None, "local", "disk"}:
        return locate(path, region=region)
    scheme = _MODES.get(str(mode))
    if scheme is None:
        raise PlaceUnknown(address=str(path), problem=f"storage_mode={mode!r} is unknown", known=", ".join(_MODES))
    if not bucket:
        raise PlaceUnknown(address=str(path), problem="s3_bucket= is missing", known=f"{scheme}://BUCKET/NAME")
    return locate(f"{scheme}://{bucket}/{str(path).lstrip('/')}", region=region)
