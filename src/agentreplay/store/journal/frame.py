"""The frames a journal is made of, byte by byte as docs/format/journal.md draws them.

A journal begins with a header of 16 bytes and goes on with frames. A frame is whole or it is not there:
whoever reads checks its length and its checksums. The header looks the same in every format: it names the
format, the first version of agentreplay that reads it, and has a checksum of its own, so that what is newer
can be told from what is damaged. So has the head of a frame, so that a cut can be told from damage.
"""

import zlib
from typing import NamedTuple

from agentreplay.errors import BatchInvalid, FormatTooNew, NotAStore
from agentreplay.store.journal.packing import (
    FORMAT,
    FRAME_HEADER,
    HEAD,
    HEADER,
    HEADER_COVERED,
    HEADER_SIZE,
    MAGIC,
    packed,
)

__all__ = [
    "BATCH",
    "CALL",
    "CALL_VERSION",
    "REQUEST",
    "Frame",
    "check_format",
    "check_header",
    "is_sealed",
    "missing",
    "pack",
    "unpack",
]

_LARGEST = 900_000_000
"""SQLite takes a content of up to a billion bytes."""

BATCH = 1
"""The kind of a frame that holds one encoded Batch."""

REQUEST = 2
"""The kind of a frame that holds a request as it came from outside, to be read as a Batch later."""

CALL = 3
"""The kind of a frame that holds a call as the program's process wrote it down, to be read as a Batch later."""

CALL_VERSION = 1


class Frame(NamedTuple):
    """A whole frame, and where the next one begins."""

    kind: int
    version: int
    payload: bytes
    end: int


def is_sealed(data: bytes) -> bool:
    """Whether the header of a file of frames is as it was written."""
    return len(data) >= HEADER_SIZE and zlib.crc32(data[:HEADER_COVERED]) == HEADER.unpack_from(data)[-1]


def check_format(data: bytes, path: str, known: int = FORMAT) -> None:
    """Raise FormatTooNew when a sealed header tells of a format we do not know yet."""
    _, found, major, minor, _ = HEADER.unpack_from(data)
    if found > known:
        raise FormatTooNew(path=path, found=found, known=known, version=f"{major}.{minor}")


def check_header(data: bytes, path: str) -> None:
    """Raise NotAStore or FormatTooNew unless the bytes begin a journal that we can read."""
    if len(data) < HEADER_SIZE or not data.startswith(MAGIC):
        raise NotAStore(path=path, problem="the file does not begin as a journal does")
    if not is_sealed(data):
        raise NotAStore(path=path, problem="the checksum of its header is wrong")
    check_format(data, path)


def pack(kind: int, version: int, payload: bytes) -> bytes:
    """One frame, ready to be written in one piece."""
    size = len(payload)
    if size > _LARGEST:
        raise BatchInvalid(problem=f"it takes {size} bytes, and at most {_LARGEST} go into one batch; split it")
    return packed(kind, version, payload)


def unpack(data: bytes, start: int, base: int = 0) -> Frame | None:
    """The frame at `start`, or None when no whole frame stands there.

    `base` is the place of `data` in the file and only shifts `end`.
    """
    body = start + FRAME_HEADER.size
    if body > len(data):
        return None
    size, kind, version, short, checksum = FRAME_HEADER.unpack_from(data, start)
    end = body + size
    if end > len(data):
        return None
    head = zlib.crc32(data[start : start + HEAD.size])
    payload = data[body:end]
    if head & 0xFFFF != short or zlib.crc32(payload, head) != checksum:
        return None
    return Frame(kind, version, payload, base + end)


def missing(data: bytes, start: int) -> int | None:
    """How many bytes the frame at `start` lacks; None where its head is whole and makes no sense."""
    there = len(data) - start
    if there < FRAME_HEADER.size:
        return FRAME_HEADER.size - there
    size, _, _, short, _ = FRAME_HEADER.unpack_from(data, start)
    if zlib.crc32(data[start : start + HEAD.size]) & 0xFFFF != short:
        return None
    lacking: int = FRAME_HEADER.size + size - there
    return max(0, lacking)
