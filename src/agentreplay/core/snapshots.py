"""Snapshots: saved, read, proven, found, compared, copied and thrown away, wherever they lie."""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from agentreplay.contents.shelf import Located, Shelf, Stored
from agentreplay.core.persist_file import is_persist, read_persist, write_persist
from agentreplay.core.snapshot_file import (
    END_SIZE,
    HEAD_SIZE,
    LIMIT,
    SnapshotReader,
    SnapshotWriter,
    read_metadata,
)
from agentreplay.core.snapshot_seal import OPEN, Chance, Key, new_seal
from agentreplay.errors import (
    AgentReplayError,
    Damaged,
    SnapshotKeyNeeded,
    SnapshotMissing,
    SnapshotUnreadable,
    ValueInvalid,
)
from agentreplay.model.snapshot import Keep, SnapshotId, SnapshotMetadata, chosen
from agentreplay.playback.difference import Difference, compare

__all__ = [
    "Found",
    "Snapshot",
    "copy",
    "delete",
    "diff",
    "exists",
    "find",
    "history",
    "lineage",
    "metadata_of",
    "open_state",
    "read",
    "retain",
    "save",
    "verify",
]

_LARGEST_HEAD = (1 << 20) + HEAD_SIZE


class Snapshot(NamedTuple):
    """A snapshot as it was read, proven as a whole."""

    metadata: SnapshotMetadata
    state: bytes


class Found(NamedTuple):
    """A file on a shelf that is a snapshot, or a damaged one."""

    name: str
    place: str
    metadata: SnapshotMetadata | None
    problem: str = ""


def save(  # noqa: PLR0913  # what is saved, and how
    at: Located,
    state: Iterable[bytes],
    metadata: SnapshotMetadata,
    *,
    key: Key | None = None,
    replace: bool = True,
    chance: Chance = secrets.token_bytes,
) -> SnapshotMetadata:
    """Write a snapshot, and return what is told of it now. It is there whole, or not at all.

    The state is taken piece by piece and may be larger than the memory, but for a name of Persist's.
    """
    if is_persist(at.name):
        if key is not None:
            raise ValueInvalid(what=f"the name {at.name}", problem="files of Persist's are never encrypted")
        told, data = write_persist(metadata, b"".join(state))
        at.shelf.write(at.name, [data], replace=replace)
        return told
    writer = SnapshotWriter(metadata, OPEN if key is None else new_seal(key, chance))
    at.shelf.write(at.name, writer.bytes_of(state), replace=replace)
    return writer.metadata


def metadata_of(at: Located, *, key: Key | None = None) -> SnapshotMetadata:
    """What is told of a snapshot, without reading its state, but for one of Persist's."""
    if is_persist(at.name):
        return read_persist(at.shelf.read(at.name), at.place, LIMIT).metadata
    return _metadata_of(at, at.shelf.stat(at.name).size, key)


def open_state(at: Located, *, key: Key | None = None, limit: int = LIMIT) -> tuple[SnapshotMetadata, Iterator[bytes]]:
    """The metadata, and the state piece by piece. It is proven when the last piece was taken, and not before."""
    if is_persist(at.name):
        found = read_persist(at.shelf.read(at.name), at.place, limit)
        return found.metadata, iter([found.state])
    reader = SnapshotReader(at.shelf.read(at.name), at.place, key=key, limit=limit)
    return reader.metadata, reader.state()


def read(at: Located, *, key: Key | None = None, limit: int = LIMIT) -> Snapshot:
    """The snapshot whole, after all of it was proven."""
    if is_persist(at.name):
        return Snapshot(*read_persist(at.shelf.read(at.name), at.place, limit))
    reader = SnapshotReader(at.shelf.read(at.name), at.place, key=key, limit=limit)
    state = b"".join(reader.state())
    return Snapshot(reader.metadata, state)


def verify(at: Located, *, key: Key | None = None, limit: int | None = None) -> SnapshotMetadata:
    """Prove every byte of a snapshot, in little memory. Raises SnapshotDamaged where one is not as it was written."""
    if is_persist(at.name):
        return read_persist(at.shelf.read(at.name), at.place, LIMIT if limit is None else limit).metadata
    reader = SnapshotReader(at.shelf.read(at.name), at.place, key=key, limit=limit if limit is not None else 1 << 62)
    for _ in reader.state():
        pass
    return reader.metadata


def exists(at: Located) -> bool:
    """Whether there is a file of that name. Other failures than that are raised: they say nothing about it."""
    try:
        at.shelf.stat(at.name)
    except SnapshotMissing:
        return False
    return True


def delete(at: Located) -> None:
    """Delete a snapshot. Raises SnapshotMissing where there is none."""
    at.shelf.delete(at.name)


def find(shelf: Shelf, agent: str | None = None) -> Iterator[Found]:
    """The snapshots on a shelf by name, those that are damaged too; other files are passed over."""
    for file in shelf.files():
        found = _look(shelf, file)
        if found is not None and (agent is None or found.metadata is None or found.metadata.agent_id == agent):
            yield found


def history(found: Iterable[Found], agent: str) -> list[Found]:
    """The snapshots of an agent in the order in which they were taken."""
    of_agent = [each for each in found if each.metadata is not None and each.metadata.agent_id == agent]
    return sorted(of_agent, key=_moment)


def lineage(found: Iterable[Found], snapshot: SnapshotId) -> list[Found]:
    """A snapshot, the one it came from, and so on as far back as they are there. Raises SnapshotMissing."""
    by_id = {each.metadata.snapshot_id: each for each in found if each.metadata is not None}
    line: list[Found] = []
    wanted: SnapshotId | None = snapshot
    while wanted is not None and (here := by_id.pop(wanted, None)) is not None:
        line.append(here)
        wanted = here.metadata.parent if here.metadata is not None else None
    if not line:
        raise SnapshotMissing(place=snapshot)
    return line


def retain(shelf: Shelf, keep: Keep, *, agent: str | None = None, only_tell: bool = False) -> list[Found]:
    """Delete the snapshots that are not to be kept, agent by agent, and return them. Damaged ones are left alone."""
    agents: defaultdict[str, list[Found]] = defaultdict(list)
    for each in find(shelf, agent):
        if each.metadata is not None:
            agents[each.metadata.agent_id].append(each)
    gone: list[Found] = []
    for found in agents.values():
        stays = chosen([each.metadata for each in found if each.metadata is not None], keep)
        gone += [
            each for each in sorted(found, key=_moment) if each.metadata and each.metadata.snapshot_id not in stays
        ]
    if not only_tell:
        for each in gone:
            shelf.delete(each.name)
    return gone


def copy(source: Located, target: Located, *, key: Key | None = None, replace: bool = False) -> SnapshotMetadata:
    """Copy a snapshot, proven on its way: of a damaged one nothing arrives.

    Between our format and Persist's it is written anew. Of an encrypted one whose key is not given, only the metadata's
    checksums are looked at; it can be verified where it arrived.
    """
    if is_persist(source.name) or is_persist(target.name):
        metadata, state = open_state(source, key=key)
        return save(target, state, metadata, key=None if is_persist(target.name) else key, replace=replace)
    try:
        target.shelf.write(target.name, _proven(source, key), replace=replace)
    except SnapshotKeyNeeded:
        target.shelf.write(target.name, source.shelf.read(source.name), replace=replace)
    return metadata_of(target, key=key)


def diff(one: Located, other: Located, *, key: Key | None = None, limit: int = LIMIT) -> list[Difference]:
    """Where the states of two snapshots differ."""
    first, second = (read(at, key=key, limit=limit) for at in (one, other))
    return list(compare(_value_of(first, one), _value_of(second, other)))


def _value_of(snapshot: Snapshot, at: Located) -> object:
    try:
        return json.loads(snapshot.state)
    except (ValueError, RecursionError) as error:
        media = snapshot.metadata.media
        raise SnapshotUnreadable(place=at.place, problem=f"its state is {media}, not JSON to compare") from error


def _proven(at: Located, key: Key | None) -> Iterator[bytes]:
    """The bytes of a snapshot; raises behind the last of them unless all were as they were written."""
    passed: list[bytes] = []

    def tapped() -> Iterator[bytes]:
        for piece in at.shelf.read(at.name):
            passed.append(piece)
            yield piece

    reader = SnapshotReader(tapped(), at.place, key=key, limit=1 << 62)
    for _ in reader.state():
        yield from passed
        passed.clear()
    yield from passed


def _look(shelf: Shelf, file: Stored) -> Found | None:
    at = Located(shelf, file.name)
    try:
        if is_persist(file.name):
            metadata = read_persist(shelf.read(file.name), at.place, LIMIT).metadata
        else:
            metadata = _metadata_of(at, file.size, None)
    except (SnapshotUnreadable, SnapshotMissing):  # no snapshot; or another has deleted it in between
        return None
    except Damaged as error:
        return Found(file.name, at.place, None, error.message)
    except AgentReplayError as error:
        if isinstance(error, OSError):
            raise
        return Found(file.name, at.place, None, error.message)
    return Found(file.name, at.place, metadata)


def _metadata_of(at: Located, size: int, key: Key | None) -> SnapshotMetadata:
    shelf, name = at
    for most in (HEAD_SIZE, _LARGEST_HEAD):
        head = b"".join(shelf.read(name, 0, most))
        end = head[-END_SIZE:] if size <= len(head) else b"".join(shelf.read(name, size - END_SIZE, END_SIZE))
        found = read_metadata(head, end, size, at.place, key)
        if found is not None:
            return found
    raise SnapshotUnreadable(place=at.place, problem="its metadata are larger than 1 MiB")


def _moment(found: Found) -> tuple[int, int, str]:
    about = found.metadata
    return (about.timestamp, about.snapshot_index, about.snapshot_id) if about is not None else (0, 0, "")
