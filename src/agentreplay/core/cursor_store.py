"""Takes the conversation out of a store of Cursor's command line: blobs under their hash, and a root that names them.

The root of a conversation, and what stands between it and the messages, is protocol buffers of which no description is
published. What is needed of it are the hashes in it, which are known by being those of blobs that are there.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import apsw

from agentreplay.core.foreign_database import opened_copy
from agentreplay.intake.providers.wire import mapping, parse, text, to_json
from agentreplay.model.values import Value

__all__ = ["STORE", "conversation"]

STORE = "store.db"
_HASH = 32
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_DEEPEST = 16


def conversation(path: Path) -> Iterator[tuple[str, int, bytes]]:
    """The one conversation in a store: its id, when it was changed last, and all of it as one document.

    Nothing where the command line writes it down line by line too, which can be followed. Raises TranscriptUnreadable
    when the store cannot be copied or read.
    """
    name = path.parent.name
    if any(_root_of(path).glob(f"projects/*/agent-transcripts/{name}/{name}.jsonl")):
        return
    with opened_copy(path) as connection:
        meta = _meta(connection)
        rows = cast("list[tuple[object, object]]", connection.execute("SELECT id, data FROM blobs").fetchall())
    blobs = {str(key).lower(): data for key, data in rows if isinstance(data, bytes)}
    reached = list(dict.fromkeys(_reached(blobs, text(meta.get("latestRootBlobId")).lower(), set())))
    messages = [parse(blobs[key]) for key in reached if _is_message(blobs[key])]
    elsewhere = [parse(data) for key, data in sorted(blobs.items()) if key not in reached and _is_message(data)]
    if messages or elsewhere:
        document: Value = {"meta": meta, "messages": messages, "elsewhere": elsewhere}
        yield name, _changed(path), to_json(document)


def _root_of(path: Path) -> Path:
    """Cursor's own folder, of a store that lies where the command line puts it."""
    return path.parent.parent.parent.parent


def _changed(path: Path) -> int:
    """When it was written last: what is new may be in its log alone."""
    times = [path.stat().st_mtime_ns]
    with suppress(FileNotFoundError):
        times.append(path.with_name(f"{path.name}-wal").stat().st_mtime_ns)
    return max(times)


def _meta(connection: apsw.Connection) -> dict[str, Value]:
    """What is told of the conversation: JSON, spelled in hexadecimal digits by the versions that were seen."""
    for (value,) in connection.execute("SELECT value FROM meta ORDER BY key"):
        told = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        with suppress(ValueError):
            told = bytes.fromhex(told.decode("ascii"))
        if found := mapping(parse(told)):
            return found
    return {}


def _is_message(data: bytes) -> bool:
    return data[:1] == b"{" and "role" in mapping(parse(data))


def _reached(blobs: dict[str, bytes], key: str, met: set[str]) -> Iterator[str]:
    """The blobs below one of them, in the order in which they are named there."""
    waiting = [key]
    while waiting:
        key = waiting.pop()
        if key not in blobs or key in met:
            continue
        met.add(key)
        yield key
        if not _is_message(blobs[key]):
            waiting += reversed([found for found in _hashes(blobs[key], 0) if found in blobs])


def _hashes(data: bytes, depth: int) -> list[str]:
    """What may be a hash in a message of protocol buffers, or in those inside of it; none where it is none."""
    found: list[str] = []
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            _, at = _varint(data, at)
        elif kind == _BYTES:
            size, at = _varint(data, at)
            part = data[at : at + size]
            at += size
            if size == _HASH:
                found.append(part.hex())
            elif depth < _DEEPEST:
                found += _hashes(part, depth + 1)
        elif kind in {_FIXED_64, _FIXED_32}:
            at += 8 if kind == _FIXED_64 else 4
        else:
            return []
    return found if at == len(data) else []


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and the place behind it; behind the end where it is cut."""
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    return value, len(data) + 1
