"""The frames a journal is made of, byte by byte as docs/format/journal.md draws them.

A journal begins with a header of 16 bytes and goes on with frames. A frame is whole or it is not there:
whoever reads checks its length and its checksum.
"""

import zlib
from struct import Struct
from typing import NamedTuple

from agentreplay.errors import BatchInvalid, FormatTooNew, NotAStore

__all__ = [
    "BATCH",
    "FORMAT",
    "FRAME_HEADER",
    "HEADER_SIZE",
    "MAGIC",
    "Frame",
    "check_header",
    "file_header",
    "pack",
    "unpack",
]

MAGIC = b"ARJOURN\n"
FORMAT = 1
HEADER_SIZE = 16
_HEADER = Struct("<8sHHI")
FRAME_HEADER = Struct("<IBBHI")
_COVERED = Struct("<IBBH")
_LARGEST = (1 << 30) - 1

BATCH = 1
"""The kind of a frame that holds one encoded Batch."""

_FIRST_WITH_FORMAT = {1: "0.1.0"}


class Frame(NamedTuple):
    """A whole frame, and where the next one begins."""

    kind: int
    version: int
    payload: bytes
    end: int


def file_header() -> bytes:
    """The first bytes of a journal."""
    return _HEADER.pack(MAGIC, FORMAT, 0, 0)


def check_header(data: bytes, path: str) -> None:
    """Raise NotAStore or FormatTooNew unless the bytes begin a journal that we can read."""
    if len(data) < HEADER_SIZE or not data.startswith(MAGIC):
        raise NotAStore(path=path, problem="the file does not begin as a journal does")
    found = _HEADER.unpack_from(data)[1]
    if found > FORMAT:
        raise FormatTooNew(
            path=path, found=found, known=FORMAT, version=_FIRST_WITH_FORMAT.get(found, "a version")
        )


def pack(kind: int, version: int, payload: bytes) -> bytes:
    """One frame, ready to be written in one piece."""
    size = len(payload)
    if size > _LARGEST:
        raise BatchInvalid(
            problem=f"it takes {size} bytes, and at most {_LARGEST} go into one batch; split it"
        )
    checksum = zlib.crc32(payload, zlib.crc32(_COVERED.pack(size, kind, version, 0)))
    return FRAME_HEADER.pack(size, kind, version, 0, checksum) + payload


def unpack(data: bytes, start: int, base: int = 0) -> Frame | None:
    """The frame at `start`, or None when no whole frame stands there.

    `base` is the place of `data` in the file and only shifts `end`.
    """
    body = start + FRAME_HEADER.size
    if body > len(data):
        return None
    size, kind, version, flags, checksum = FRAME_HEADER.unpack_from(data, start)
    end = body + size
    if size > _LARGEST or end > len(data):
        return None
    payload = data[body:end]
    if zlib.crc32(payload, zlib.crc32(_COVERED.pack(size, kind, version, flags))) != checksum:
        return None
    return Frame(kind, version, payload, base + end)
