"""Persist's own files, read and written: gzip of JSON, whole in memory, as docs/format/snapshot.md says."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from agentreplay.errors import (
    AgentReplayError,
    SnapshotDamaged,
    SnapshotTooLarge,
    SnapshotUnreadable,
    ValueInvalid,
)
from agentreplay.model.snapshot import SnapshotId, SnapshotMetadata
from agentreplay.model.time import SECOND, Nanoseconds

__all__ = ["ENDING", "PersistFile", "canonical_json", "is_persist", "read_persist", "write_persist"]

ENDING = ".json.gz"
"""What the names of Persist's files end in."""

_AT_ONCE = 1 << 18
_FORMAT = 1
_GZIP = 31
_LANGCHAIN = "langchain"
_encode = msgspec.json.Encoder(order="deterministic").encode


class _Envelope(msgspec.Struct):
    metadata: dict[str, Any]
    agent_state: msgspec.Raw


class PersistFile(NamedTuple):
    """What was read: what is told of the state, and the state as JSON."""

    metadata: SnapshotMetadata
    state: bytes


def is_persist(name: str) -> bool:
    """Whether a file of this name is one of Persist's."""
    return name.endswith(ENDING)


def canonical_json(value: object) -> bytes:
    """The value as JSON without blanks, fields sorted by name: what Persist hashes, and what we keep."""
    try:
        return _encode(value)
    except (OverflowError, UnicodeEncodeError):  # a whole number beyond 64 bits, half a character
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def write_persist(metadata: SnapshotMetadata, state: bytes) -> tuple[SnapshotMetadata, bytes]:
    """A state as a file of Persist's, and what can be told of it now. The state MUST be JSON."""
    try:
        text = canonical_json(json.loads(state))
    except ValueError as error:
        raise ValueInvalid(what="a state for a file of Persist's", problem="it is no JSON") from error
    told = msgspec.structs.replace(
        metadata,
        format_version=_FORMAT,
        compression_algorithm="gzip",
        content_hash=hashlib.sha256(text).hexdigest(),
        uncompressed_size=len(text),
    )
    fields: dict[str, Any] = {
        "agent_id": told.agent_id,
        "session_id": told.session_id,
        "snapshot_index": told.snapshot_index,
        "timestamp": _time_of(told.timestamp),
        "content_hash": told.content_hash,
        "format_version": told.format_version,
        "snapshot_id": told.snapshot_id,
        "description": told.description,
        "uncompressed_size": told.uncompressed_size,
        "compressed_size": None,
        "compression_algorithm": told.compression_algorithm,
    }
    if told.serialiser != _LANGCHAIN:
        fields["serialiser"] = told.serialiser
    data = gzip.compress(b'{"metadata":%b,"agent_state":%b}' % (_encode(fields), text), compresslevel=6, mtime=0)
    return msgspec.structs.replace(told, compressed_size=len(data), file_size=len(data)), data


def read_persist(pieces: Iterable[bytes], place: str, limit: int) -> PersistFile:
    """Read and prove a file. Raises SnapshotUnreadable, SnapshotDamaged and SnapshotTooLarge."""
    text, size = _unpacked(pieces, place, limit)
    try:
        envelope = msgspec.json.decode(text, type=_Envelope)
        metadata = _metadata_of(envelope.metadata)
    except msgspec.ValidationError as error:
        raise SnapshotUnreadable(place=place, problem=f"it is none of Persist's files: {error}") from error
    except (msgspec.DecodeError, AgentReplayError, KeyError, TypeError, ValueError) as error:
        problem = error.message if isinstance(error, AgentReplayError) else str(error)
        raise SnapshotDamaged(place=place, problem=f"its JSON makes no sense: {problem}") from error
    if metadata.format_version > _FORMAT:
        raise SnapshotUnreadable(place=place, problem=f"format {metadata.format_version} of Persist is not known")
    state = bytes(envelope.agent_state)
    # As it stands there is how Persist hashed it; from elsewhere it may have come with blanks, or in another order.
    if metadata.content_hash not in {_hash(state), _hash(canonical_json(json.loads(state)))}:
        raise SnapshotDamaged(place=place, problem="its state does not have the hash it is told to have")
    sizes = {"uncompressed_size": len(state), "compressed_size": size, "file_size": size}
    return PersistFile(msgspec.structs.replace(metadata, **sizes), state)


def _metadata_of(told: dict[str, Any]) -> SnapshotMetadata:
    return SnapshotMetadata(
        agent_id=told["agent_id"],
        session_id=told["session_id"],
        snapshot_id=SnapshotId(told["snapshot_id"]),
        snapshot_index=told["snapshot_index"],
        timestamp=_nanoseconds(told["timestamp"]),
        description=told.get("description"),
        format_version=told["format_version"],
        compression_algorithm=told.get("compression_algorithm", "gzip"),
        content_hash=told["content_hash"],
        serialiser=told.get("serialiser", _LANGCHAIN),
    )


def _unpacked(pieces: Iterable[bytes], place: str, limit: int) -> tuple[bytes, int]:
    decompressor = zlib.decompressobj(_GZIP)
    text = bytearray()
    size = 0
    try:
        for piece in pieces:
            if not size and not piece.startswith(b"\x1f\x8b"[: len(piece)]):
                raise SnapshotUnreadable(place=place, problem="it is not compressed with gzip")
            size += len(piece)
            waiting = piece
            while waiting and not decompressor.eof:
                text += decompressor.decompress(waiting, _AT_ONCE)
                waiting = decompressor.unconsumed_tail
                if len(text) > limit:
                    raise SnapshotTooLarge(place=place, limit=limit)
            if decompressor.unused_data or waiting:
                raise SnapshotDamaged(place=place, problem="something stands behind its end")
        text += decompressor.flush()
    except zlib.error as error:
        raise SnapshotDamaged(place=place, problem=f"it cannot be unpacked: {error}") from error
    if not decompressor.eof:
        raise SnapshotDamaged(place=place, problem="it is cut short")
    return bytes(text), size


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _time_of(moment: Nanoseconds) -> str:
    seconds, rest = divmod(moment, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


def _nanoseconds(told: str | int) -> Nanoseconds:
    """From a number of seconds, or from a text with any number of digits behind the second."""
    if isinstance(told, int):
        return Nanoseconds(told * SECOND)
    whole, point, rest = told.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    moment = datetime.fromisoformat(whole + rest[len(digits) :] if point else told)
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return Nanoseconds(int(moment.timestamp()) * SECOND + int(digits[:9].ljust(9, "0")))
